"""GS1 company prefixes in keys: whose a key is, and which other resolver handles it."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from closient_gql.core.gs1 import Element
from closient_gql.core.gs1.dictionary import default


@cache
def place_of_prefix(ai: str) -> int | None:
    """Where the company prefix begins in keys of an AI; None if there is none."""
    at = 0
    for component in default().entries[ai].components:
        if "gcppos1" in component.linters or "gcppos2" in component.linters:
            return at + ("gcppos2" in component.linters)
        at += component.longest
    return None


def digits_of(key: Element) -> str:
    """The key from its company prefix on; empty if it has none. A GTIN-8 has none of its own."""
    place = place_of_prefix(key.ai)
    return "" if place is None or (key.ai == "01" and key.value.startswith("000000")) else key.value[place:]


def handler_of(key: Element, prefixes: Sequence[Any]) -> str | None:
    """The root of the resolver that handles a key; None if it is this one."""
    digits = digits_of(key)
    found = [each for each in prefixes if digits.startswith(each.prefix)]
    return max(found, key=lambda each: len(each.prefix)).resolver_url if found else None


def belongs(key: Element, prefixes: Iterable[str]) -> bool:
    """Whether a key is below one of these prefixes."""
    digits = digits_of(key)
    return bool(digits) and digits.startswith(tuple(prefixes))
