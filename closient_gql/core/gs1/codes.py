"""Code lists of other standards that GS1 data refers to: `data/code-lists.txt`."""

import re
from importlib import resources


def _lists() -> dict[str, frozenset[str]]:
    text = resources.files("closient_gql.core.gs1").joinpath("data/code-lists.txt").read_text(encoding="utf-8")
    parts = re.split(r"^\[(.+)\]$", re.sub("^#.*$", "", text, flags=re.MULTILINE), flags=re.MULTILINE)
    return {name: frozenset(codes.split()) for name, codes in zip(parts[1::2], parts[2::2], strict=True)}


_ALL = _lists()
COUNTRIES = _ALL["countries"]
COUNTRY_LETTERS = _ALL["country-letters"]
CURRENCIES = _ALL["currencies"]
PACKAGE_TYPES = _ALL["package-types"]
MEDIA_TYPES = _ALL["media-types"]
