"""One operation through both executors, and whether they say the same."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random
from typing import Any

from graphql import GraphQLError

from closient_gql.engine import Limits, Operation, Operations, Refused, Result
from closient_gql.engine.operations import fresh
from tests.engine.others import Other
from tests.engine.others.vary import misfits, varied
from tests.engine.worlds import World

GENEROUS = Limits(tokens=100_000, aliases=10_000, depth=100, cost=10**12)


def shown(error: GraphQLError) -> str:
    return json.dumps(error.formatted, sort_keys=True)


def nulled(data: Any, path: list[str | int] | None) -> tuple[str | int, ...]:
    """The first place on the way to an error that is null."""
    keys = path or []
    for length, key in enumerate(keys):
        if data is None:
            return tuple(keys[:length])
        data = data[key]
    return tuple(keys)


def differences(ours: Result, theirs: Result, ordered: bool) -> list[str]:
    """What is different. Where nothing is waited for, all errors must be the same, in the same order.

    Else order says nothing, and of several errors that make the same place null graphql-core reports those that came
    before it was (specification, 6.4.4), and cancels the rest: then each such place has an error in both; places that
    are null by their own errors alone have the same ones, as often.
    """
    found = []
    if repr(ours.data) != repr(theirs.data):  # keys in order, 1 is not True
        found.append(f"data\n  ours   {ours.data!r}\n  theirs {theirs.data!r}")
    if ordered:
        one, other = map(listed, (ours.errors, theirs.errors))
    else:
        one, other = (by_place(ours.data, result.errors) for result in (ours, theirs))
        for place in one.keys() & other.keys():
            if None in (one[place], other[place]):
                one[place] = other[place] = None
    if one != other:
        found.append(f"errors\n  ours   {one}\n  theirs {other}")
    return found


def listed(errors: Sequence[GraphQLError]) -> Any:
    return [shown(error) for error in errors]


def by_place(data: Any, errors: Sequence[GraphQLError]) -> Any:
    """The places that are null, and the errors of each, in any order; None where one of them stands below."""
    found: dict[tuple[str | int, ...], list[str] | None] = {}
    for error in errors:
        place = nulled(data, error.path)
        known = found.setdefault(place, [])
        own = known is not None and place == tuple(error.path or ())
        found[place] = sorted([*known, shown(error)]) if own and known is not None else None
    return found


class Both:
    """Runs operations of one schema through both."""

    def __init__(self, schema: Any) -> None:
        self.ways: list[str] = []
        self.compiled = Operations(schema, lambda *_: None, GENEROUS, observe=self.ways.append)
        self.core = Operations(schema, lambda *_: None, GENEROUS, compiling=False)

    def prepare(self, source: str) -> tuple[Operation, Operation] | None:
        """The operation for each of them; None if the document does not fit."""
        try:
            ours = self.compiled.prepare(source)
        except Refused:
            return None
        return ours, self.core.adopt(ours.document, ours.name, trusted=True)


def quiet(schema: Any) -> Operations:
    """Operations of a schema in which nothing is waited for, run by graphql-core."""
    return Operations(schema, lambda *_: None, GENEROUS, compiling=False)


async def compared(
    prepared: tuple[Operation, Operation],
    variables: Any,
    context: Callable[[], Any],
    waiting: bool,
    calm: Operations | None,
) -> list[str]:
    """What is different when both run an operation.

    Where something is waited for, graphql-core also runs it where nothing is: that is what the compiled ones answer,
    error by error, whatever comes first.
    """
    ours, theirs = prepared
    one = await ours.execute(fresh(variables), context())  # a resolver may change what it is given
    other = await theirs.execute(variables, context())
    found = differences(one, other, ordered=not waiting)
    if waiting and calm is not None:
        third = await calm.adopt(ours.document, ours.name, trusted=True).execute(variables, context())
        found += differences(one, third, ordered=True)
    return found


async def check(seed: int, documents: int = 3, variants: int = 3) -> tuple[int, list[str]]:
    """How many operations of the world of a seed were compared, and what was different."""
    world = World(seed)
    both, count = Both(world.schema), 0
    calm = quiet(World(seed, calm=True).schema)
    for _ in range(documents):
        source = world.document()
        if (prepared := both.prepare(source)) is None:
            continue
        for _ in range(variants if "$" in source else 1):
            variables = world.variables()
            count += 1
            if found := await compared(prepared, variables, lambda: None, world.waiting, calm):
                return count, [f"seed {seed}\n{source}\n{variables}", *found]
    return count, lost(both.ways, seed)


@lru_cache(maxsize=100)
def world_of(other: Other, number: int, calm: bool) -> Any:
    """One of a few worlds of another schema: making one takes longer than comparing an operation."""
    return other.schema(number, calm)


async def check_other(other: Other, source: str, seed: int, variants: int = 5) -> tuple[int, list[str]]:
    """The same for one document of another schema, and variants of it."""
    random, number = Random(seed), seed % 20
    waiting = not other.can_be_calm or random.random() < 0.6
    both, count = Both(world_of(other, number, not waiting)), 0
    calm = quiet(world_of(other, number, True)) if other.can_be_calm else None
    for variant in range(variants + 1):
        text, variables = varied(source, both.compiled.schema, random) if variant else (source, {})
        if (prepared := both.prepare(text)) is None:
            continue
        for given in [variables, *(misfits(variables, random) for _ in range(2 if variables else 0))]:
            count += 1
            if found := await compared(prepared, given, lambda: other.context(number), waiting, calm):
                return count, [f"{other.name}, seed {seed}\n{text}\n{given}", *found]
    return count, lost(both.ways, f"{other.name}, {seed}")


def lost(ways: Sequence[str], where: object) -> list[str]:
    """Operations that should have been compiled, and were not."""
    found = set(ways) - {"compiled", "condition"}
    return [f"seed {where}: not compiled: {found}"] if found else []
