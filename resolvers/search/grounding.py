"""Whether what a language model reads in a text is there at all. Pure rules, no I/O.

A model may find a way of putting things that the rules do not know; what it says must still stand in the text, as a
number, a colour or a word of what is meant. What it makes up would narrow a search that nobody asked to be narrowed.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from resolvers.search.constraints.model import LISTS
from resolvers.search.constraints.numbers import NUMBER, amount
from resolvers.search.constraints.vocabulary import ALLERGIC, REQUIRED, SUBSTANCES
from resolvers.search.label import normal
from resolvers.search.substances import NAMES

MILE, FOOT_MINUTE = 1.609344, 0.08  # kilometres
NEAR = 0.15  # a distance is about right
SHORTEST = 4  # letters by which a word is recognised
_NUMBER = re.compile(NUMBER, re.IGNORECASE)
_SAYS = {
    "availability": re.compile(r"\b(?:stock|availab|open|now|today|tonight|right away|immediately|carr(?:y|ies))"),
    "scope": re.compile(r"\b(?:online|web|internet|deliver|ship|order|local|store|shop|near|around|here|in person)"),
}


def grounded(said: Mapping[str, Any], text: str, known: Mapping[str, Any]) -> bool:
    """Whether everything that is said stands in the text. `said`: words, and constraints by their keys; `known`: what
    the rules have read, which needs no proof."""
    plain = f" {normal(text)} "
    numbers = [amount(match[0]) for match in _NUMBER.finditer(text)]
    for key, value in said.items():
        if key in LISTS:
            if not all(slug in known.get(key, ()) or names(key, slug, plain) for slug in value):
                return False
        elif value != known.get(key) and not _PROOFS[key](value, key, plain, numbers):
            return False
    return True


def names(key: str, slug: str, plain: str) -> bool:
    """Whether the text has a name of a trait, or a word of its slug."""
    if key == "exclude_allergens":
        known: Iterable[str] = (word for word, slugs in ALLERGIC.items() if slug in slugs)
    elif key == "require_certifications":
        known = REQUIRED.get(slug, ())
    else:
        known = (*SUBSTANCES.get(slug.replace("-", "_"), ()), *NAMES.get(slug, ()))
    return any(f" {normal(name)} " in plain for name in known) or any(
        f" {word[:6]}" in plain for word in normal(slug.replace("_", " ")).split() if len(word) >= SHORTEST
    )


def _words(value: str, _key: str, plain: str, _numbers: list[float]) -> bool:
    return all(f" {word} " in plain for word in normal(value).split() if word not in ("or", "not"))


def _price(value: Any, _key: str, _plain: str, numbers: list[float]) -> bool:
    return float(value) in numbers


def _distance(value: float, _key: str, _plain: str, numbers: list[float]) -> bool:
    meant = [n * by for n in numbers for by in (1, MILE, 0.001, FOOT_MINUTE)]
    return any(abs(value - each) <= NEAR * each for each in meant)


def _hinted(_value: str, key: str, plain: str, _numbers: list[float]) -> bool:
    return bool(_SAYS[key].search(plain))


_PROOFS: Mapping[str, Callable[[Any, str, str, list[float]], bool]] = {
    "words": _words, "color": _words, "price_min": _price, "price_max": _price, "distance_km": _distance,
    "availability": _hinted, "scope": _hinted,
}  # fmt: skip
