"""What the page itself says, by language, and which languages a visitor wants."""

import gettext
import json
import pathlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pycountry

FOLDER = pathlib.Path(__file__).parent / "words"
LANGUAGES = ("en", "de", "fr", "es")
RIGHT_TO_LEFT = frozenset(("ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "ps", "sd", "ug", "ur", "yi"))


@dataclass(frozen=True)
class Words:
    """The words of one language."""

    language: str
    texts: dict[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """What is said under this key. Values are put in as they are: whoever shows it escapes it."""
        text = self.texts[key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def number(self, value: float | str) -> str:
        """An amount with the language's decimal mark: at most three decimals, none that say nothing."""
        text = value if isinstance(value, str) else f"{value:.3f}".rstrip("0").rstrip(".")
        return text.replace(".", self.texts["decimal"])

    def country(self, code: str) -> str:
        """The name of a country; its code where there is none."""
        found = pycountry.countries.get(alpha_2=code)
        if found is None:
            return code
        name: str = getattr(found, "common_name", found.name)
        return translation(self.language).gettext(name)


@cache
def translation(language: str) -> gettext.NullTranslations:
    return gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language], fallback=True)


@cache
def words_of(language: str) -> Words:
    return Words(language, json.loads((FOLDER / f"{language}.json").read_text("utf-8")))


def best_words(wanted: Sequence[str]) -> Words:
    """The words of the first language wanted that there are words of; English else."""
    known = (tag.lower().partition("-")[0] for tag in wanted)
    return words_of(next((tag for tag in known if tag in LANGUAGES), "en"))


def direction(language: str) -> str:
    """How a language is written; `auto` where it is not known."""
    if not language:
        return "auto"
    return "rtl" if language.lower().partition("-")[0] in RIGHT_TO_LEFT else "ltr"
