"""Which stores to go to for a list of things: greedy set cover (contract: guides, plan-shopping-trip). Pure, no I/O.

Each stop is the store that has most of what is still missing; of equal ones the nearest, then the one where it costs
least. That is not always the fewest stops there could be, but never more than ln(n) + 1 times as many (Chvatal, A
Greedy Heuristic for the Set-Covering Problem, 1979).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Choice:
    """What one store has for one item. `rank`: the place of the product among those that the item may be, from 0."""

    product_id: str
    offer_id: str
    price: Decimal | None
    currency: str
    in_stock: bool
    rank: int

    @property
    def order(self) -> tuple[bool, int, bool, Decimal, str]:
        """The best first: what is there, what is meant most, what costs least."""
        return not self.in_stock, self.rank, self.price is None, self.price or Decimal(0), self.offer_id


@dataclass(frozen=True)
class Shelf:
    """One store: how far it is, and its best choice for each item that it has, by the item's place in the list."""

    store_id: str
    metres: float
    choices: Mapping[int, Choice]


@dataclass(frozen=True)
class Stop:
    shelf: Shelf
    items: Mapping[int, Choice]  # what is bought there


def plan(shelves: Sequence[Shelf], items: Sequence[int], most: int, relax: bool = True) -> tuple[list[Stop], bool]:
    """At most so many stops for these items, the nearest first, and whether things count that are not known to be in
    stock: they do only if more can be bought so."""
    sure = cover([only_in_stock(shelf) for shelf in shelves], items, most)
    if not relax or bought(sure) == len(items):
        return sure, False
    all_ = cover(shelves, items, most)
    return (all_, True) if bought(all_) > bought(sure) else (sure, False)


def only_in_stock(shelf: Shelf) -> Shelf:
    choices = {item: choice for item, choice in shelf.choices.items() if choice.in_stock}
    return Shelf(shelf.store_id, shelf.metres, choices)


def bought(stops: Sequence[Stop]) -> int:
    return sum(len(stop.items) for stop in stops)


def cover(shelves: Sequence[Shelf], items: Sequence[int], most: int) -> list[Stop]:
    missing, left, stops = set(items), list(shelves), list[Stop]()
    while missing and left and len(stops) < most:
        best = min(left, key=lambda shelf: worth(shelf, missing))
        got = {item: choice for item, choice in sorted(best.choices.items()) if item in missing}
        if not got:
            break
        stops.append(Stop(best, got))
        missing -= got.keys()
        left.remove(best)
    return sorted(stops, key=lambda stop: (stop.shelf.metres, stop.shelf.store_id))


def worth(shelf: Shelf, missing: set[int]) -> tuple[int, float, int, Decimal, str]:
    """Less is better: most of what is missing, the nearest, known prices, the least in all."""
    got = [choice for item, choice in shelf.choices.items() if item in missing]
    total = sum((choice.price for choice in got if choice.price is not None), Decimal(0))
    return -len(got), shelf.metres, sum(choice.price is None for choice in got), total, shelf.store_id
