"""Schemas that are not of this project, in the ways in which others write theirs, each with data made up from a seed.

`heroes` is written in code, with resolvers; `forge` in SDL, over dataclasses and dictionaries, without; `filters` lives
of its arguments; `library` is one of Strawberry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any


@dataclass(frozen=True, eq=False)
class Other:
    """`schema` is made of a seed, and so is what an execution is given; with `calm` nothing in it is waited for.
    `scalars`: how its own ones are written."""

    name: str
    schema: Callable[[int, bool], Any]
    context: Callable[[int], Any] = lambda seed: None
    scalars: Mapping[str, Any] = field(default_factory=dict)
    can_be_calm: bool = True


class Chance:
    """What happens to a place, the same for everybody who asks: nothing is drawn twice."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.strange = Random(seed).choice([0, 0, 0.05, 0.2])

    def of(self, *place: object) -> Random:
        return Random(f"{self.seed} {place!r}")

    def value(self, value: Any, *place: object) -> Any:
        """The value most of the time; else null, or what it should not be.

        Raises:
            ValueError: sometimes.
        """
        random = self.of(*place)
        if random.random() >= self.strange:
            return value
        kind = random.randrange(4)
        if kind == 0:
            raise ValueError(f"{place} is broken.")
        return [None, ValueError("an error as a value"), object][kind - 1]


async def later(value: Any) -> Any:
    return value
