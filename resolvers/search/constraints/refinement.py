"""What a text does to a search that is under way: it refines it, or begins a new one. Pure rules, no I/O.

It refines if it only narrows, says so (`but`, `make it`, `ones`), or shares a word with the search; it begins anew if
it says so (`instead`, `never mind`) and names something else, or if it does none of these (contract: search).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median_high
from typing import Any

from resolvers.products.allergens import plain
from resolvers.search.constraints.model import LISTS, MOST_KM, PRICES, ConstraintKey, Constraints, Reading, Relation
from resolvers.search.constraints.numbers import number
from resolvers.search.words import singular

WORD = re.compile(r"[^\W_]+")
LITTLE = frozenset((
    "a", "an", "and", "any", "as", "at", "but", "by", "for", "from", "in", "is", "it", "me", "my", "of", "on", "or",
    "some", "the", "to", "with", "without",
))  # fmt: skip
COST_UNIT = 0.01  # less than the middle is a cent less


@dataclass(frozen=True)
class Seen:
    """What the last answer showed: prices in its most frequent currency, and kilometres."""

    prices: Sequence[float] = ()
    currency: str = ""
    distances: Sequence[float] = ()


@dataclass(frozen=True)
class State:
    """A search: its words, its active constraints, and the currency of their prices (empty: any)."""

    base_query: str = ""
    constraints: Constraints = field(default_factory=dict)
    currency: str = ""


@dataclass(frozen=True)
class Step:
    """What became of it. `added`: what is new among the constraints. `explanation` is for people."""

    state: State
    is_refinement: bool
    added: Constraints
    explanation: str


def begin(reading: Reading, kept: Constraints) -> Step:
    """A new search. `kept` are constraints that it begins with."""
    state, notes = merged(State(reading.words, dict(kept)), reading, Seen())
    gone = removed(State("", kept), difference(kept, state.constraints), reading)
    return Step(state, False, difference({}, state.constraints), " ".join(["A new search.", *gone, *notes]))


def follow(state: State, reading: Reading, seen: Seen, kept: Constraints) -> Step:
    """The next text of a search. `kept` are constraints that a new search begins with."""
    refinement, why = classify(state, reading)
    if not refinement:
        return anew(state, reading, seen, kept, why)
    after, notes = merged(State(base_after(state, reading), state.constraints, state.currency), reading, seen)
    added = difference(state.constraints, after.constraints)
    return Step(after, True, added, " ".join([why, *said(state, added, reading, after.currency), *notes]))


def anew(state: State, reading: Reading, seen: Seen, kept: Constraints, why: str) -> Step:
    words = reading.words or ("" if reading.gtin else state.base_query)
    after, notes = merged(State(words, dict(kept)), reading, seen)
    gone = removed(State("", kept), difference(kept, after.constraints), reading)
    if not reading.resets and (forgotten := difference(after.constraints, only_traits(state.constraints))):
        gone.append("Dropped: " + ", ".join(words_for(key, value) for key, value in forgotten.items()) + ".")
    return Step(after, False, difference({}, after.constraints), " ".join([why, *gone, *notes]))


def only_traits(constraints: Constraints) -> Constraints:
    """What must or must not be in it: nobody shall believe that it still counts."""
    return {key: value for key, value in constraints.items() if key in LISTS}


def classify(state: State, reading: Reading) -> tuple[bool, str]:
    """Whether it refines the search, and why."""
    base = state.base_query
    if reading.gtin:
        return False, f"A new search: it asks for the product {reading.gtin}."
    if reading.resets:
        if reading.words:
            return (
                False,
                f"A new search, as the text says: \u201c{reading.words}\u201d. Earlier constraints were dropped.",
            )
        return False, f"The constraints of \u201c{base}\u201d were dropped, as the text says."
    if reading.words and not base:
        return True, "What is searched for is named only now; what was said before still counts."
    if not reading.words:
        return True, f"Refines \u201c{base}\u201d: the text names nothing else to search for."
    if shared := words_of(base) & words_of(reading.words):
        return True, f"Refines \u201c{base}\u201d: both speak of {' and '.join(sorted(shared))}."
    if reading.refines:
        return True, f"Refines \u201c{base}\u201d, as the text says."
    return False, f"A new search: \u201c{reading.words}\u201d has no word in common with \u201c{base}\u201d."


def words_of(text: str) -> set[str]:
    return {singular(word) for word in WORD.findall(plain(text))} - LITTLE


def base_after(state: State, reading: Reading) -> str:
    """The words of the search with those that a refinement adds."""
    if not reading.words:
        return state.base_query
    known = words_of(state.base_query)
    if known and known <= words_of(reading.words) and "-" not in reading.words:
        return reading.words
    fresh = [
        part for part in re.findall(r'-?"[^"]*"|\S+', reading.words) if not words_of(part) or words_of(part) - known
    ]
    return " ".join([state.base_query, *fresh]).strip()


def merged(state: State, reading: Reading, seen: Seen) -> tuple[State, list[str]]:
    """The constraints with what a text adds to them and takes back; the newest word counts."""
    found, notes = dict(state.constraints), list(reading.notes)
    for key, slugs in reading.drop.items():
        take_back(found, key, slugs)
    added = dict(reading.add)
    currency = reading.currency
    for relation in reading.relations:
        values, note, its_currency = relative(relation, found, seen)
        added |= {key: value for key, value in values.items() if key not in reading.add}
        currency = currency or its_currency
        notes.append(note)
    currency = settle_currency(state, found, added, currency, notes)
    for key, value in added.items():
        if key in LISTS:
            found[key] = [*found.get(key, []), *(slug for slug in value if slug not in found.get(key, []))]
        else:
            found[key] = value
    settle_prices(found, reading.add or added, notes)
    return State(state.base_query, found, currency if any(key in found for key in PRICES) else ""), notes


def take_back(found: Constraints, key: str, slugs: Sequence[str] | None) -> None:
    if slugs is None or key not in LISTS:
        found.pop(key, None)
    elif left := [slug for slug in found.get(key, []) if slug not in slugs]:
        found[key] = left
    else:
        found.pop(key, None)


def relative(relation: Relation, found: Constraints, seen: Seen) -> tuple[Constraints, str, str]:
    """What `cheaper` and its like mean now: constraints, a note, and the currency of a price."""
    if relation is Relation.FARTHER:
        wider = min(float(found.get("distance_km", 10.0)) * 2, MOST_KM)
        return {"distance_km": number(wider)}, f"Looks {number(wider)} km far now.", ""
    values = seen.distances if relation is Relation.CLOSER else seen.prices
    if not values:
        return {}, f"Nothing was seen yet that something could be {relation.value} than.", ""
    middle = median_high(values)
    if relation is Relation.CLOSER:
        return {"distance_km": number(max(middle - 0.01, 0.01))}, f"Closer than {middle:.2f} km.", ""
    if relation is Relation.CHEAPEST:
        least = min(values)
        return {"price_max": number(least)}, f"At most {least:.2f}, the least price that was shown.", seen.currency
    if relation is Relation.DEARER:
        return (
            {"price_min": number(middle + COST_UNIT)},
            f"More than {middle:.2f}, the middle of what was shown.",
            seen.currency,
        )
    limit = min(middle - COST_UNIT, float(found.get("price_max", middle)))
    note = f"Cheaper than {middle:.2f}, the middle of the prices that were shown."
    return {"price_max": number(max(limit, 0))}, note, seen.currency


def settle_currency(state: State, found: Constraints, added: Constraints, currency: str, notes: list[str]) -> str:
    """Both ends of a price are in one currency: an older end in another one goes."""
    new = [key for key in PRICES if key in added]
    if not new:
        return state.currency
    others = [key for key in PRICES if key in found and key not in added]
    if currency and state.currency and currency != state.currency:
        for key in others:
            notes.append(f"{key} {found.pop(key)} was dropped: it is in another currency.")
        return currency
    return currency or (state.currency if others else "")


def settle_prices(found: Constraints, added: Constraints, notes: list[str]) -> None:
    """A least price above the most contradicts it: the newer one stays, of two at once the most."""
    low, high = (found.get(key) for key in PRICES)
    if low is not None and high is not None and low > high:
        older = "price_max" if "price_min" in added and "price_max" not in added else "price_min"
        notes.append(f"{older} {found.pop(older)} was dropped: it contradicts what was said now.")


def difference(before: Constraints, after: Constraints) -> Constraints:
    """What is new in `after`: of lists the slugs that are."""
    found: dict[str, Any] = {}
    for key, value in after.items():
        if key in LISTS:
            if new := [slug for slug in value if slug not in before.get(key, [])]:
                found[key] = new
        elif before.get(key) != value:
            found[key] = value
    return found


def said(state: State, added: Constraints, reading: Reading, currency: str) -> list[str]:
    """What changed, in words."""
    parts = []
    if added:
        parts.append("Added: " + ", ".join(words_for(key, value, currency) for key, value in added.items()) + ".")
    return [*parts, *removed(state, added, reading)]


def removed(state: State, added: Constraints, reading: Reading) -> list[str]:
    """What was taken back, in words: of what was there."""
    gone = []
    for key, slugs in reading.drop.items():
        there = state.constraints.get(key)
        if slugs is not None and key in LISTS:
            there = [slug for slug in there or () if slug in slugs]
        if there not in (None, []) and key not in added:
            gone.append(words_for(key, there, state.currency))
    return ["Removed: " + ", ".join(gone) + "."] if gone else []


NAMES = {
    ConstraintKey.COLOR: "{}", ConstraintKey.PRICE_MAX: "at most {}", ConstraintKey.PRICE_MIN: "at least {}",
    ConstraintKey.DISTANCE_KM: "within {} km", ConstraintKey.AVAILABILITY: "{}", ConstraintKey.SCOPE: "{} only",
    ConstraintKey.EXCLUDE_ALLERGENS: "no {}", ConstraintKey.REQUIRE_CERTIFICATIONS: "{}",
    ConstraintKey.AVOID_SUBSTANCES: "without {}",
}  # fmt: skip


def words_for(key: str, value: Any, currency: str = "") -> str:
    """One constraint as people read it: `no milk, eggs`, `at most 5 USD`, `within 2 km`."""
    shown = ", ".join(value) if isinstance(value, list | tuple) else str(value)
    if key in PRICES:
        shown = f"${shown}" if currency == "$" else f"{shown} {currency}".strip()
    return NAMES[ConstraintKey(key)].format(shown.replace("_", " "))  # type: ignore[call-arg]
