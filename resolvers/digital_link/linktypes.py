"""Link types: the terms of the GS1 Web Vocabulary that say what a link leads to (closient_gql/data/README.md)."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import orjson

NAMESPACE = "https://ref.gs1.org/voc/"
PREFIX = "gs1:"
# besides its own address the vocabulary declares two older ones of the same terms
_FORM = re.compile(r"(?:gs1:|https?://(?:ref\.|www\.)?gs1\.org/voc/)([A-Za-z]+)")
DEFAULT, MULTI, PIP = "defaultLink", "defaultLinkMulti", "pip"
CONTEXT = "http://www.w3.org/ns/json-ld#context"
LINKSET = frozenset(("linkset", "all"))  # all: until version 1.2 of the standard


@dataclass(frozen=True)
class LinkType:
    """One term. `curie` is how it is written in requests, `uri` in linksets."""

    name: str
    label: str
    description: str
    deprecated: bool = False

    @property
    def curie(self) -> str:
        return PREFIX + self.name

    @property
    def uri(self) -> str:
        return NAMESPACE + self.name


@cache
def link_types() -> dict[str, LinkType]:
    """All of them, by name."""
    found = orjson.loads((files("closient_gql") / "data/gs1-linktypes.json").read_bytes())
    return {
        name: LinkType(name, each["label"], each["comment"], each.get("deprecated", False))
        for name, each in found.items()
    }


def parse_link_type(text: str) -> str | None:
    """The name of a link type that is written as `gs1:pip` or as a URI of the vocabulary; None if there is none."""
    found = _FORM.fullmatch(text)
    return found[1] if found and found[1] in link_types() else None
