"""One operation through both executors, and whether they say the same."""

import json
from typing import Any

from graphql import GraphQLError

from closient_gql.engine import Limits, Operation, Operations, Refused, Result
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

    Else graphql-core reports whichever of several errors below a place that became null came first, and cancels the
    rest; then each such place must have an error in both.
    """
    found = []
    if repr(ours.data) != repr(theirs.data):  # keys in order, 1 is not True
        found.append(f"data\n  ours   {ours.data!r}\n  theirs {theirs.data!r}")
    elif ordered:
        one, other = list(map(shown, ours.errors)), list(map(shown, theirs.errors))
        if one != other:
            found.append("errors\n  ours   " + "\n         ".join(one) + "\n  theirs " + "\n         ".join(other))
    else:
        places = [{nulled(ours.data, error.path) for error in result.errors} for result in (ours, theirs)]
        if places[0] != places[1]:
            found.append(f"places of errors\n  ours   {places[0]}\n  theirs {places[1]}")
        for place in places[0] & places[1]:
            at = [[e for e in r.errors if nulled(ours.data, e.path) == place] for r in (ours, theirs)]
            texts = [sorted({shown(e) for e in errors}) for errors in at]
            if texts[0] != texts[1] and all(tuple(e.path or ()) == place for errors in at for e in errors):
                found.append(f"errors\n  ours   {texts[0]}\n  theirs {texts[1]}")
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


async def check(seed: int, documents: int = 3, variants: int = 3) -> tuple[int, list[str]]:
    """How many operations of the world of a seed were compared, and what was different."""
    world = World(seed)
    both, count = Both(world.schema), 0
    for _ in range(documents):
        source = world.document()
        if (prepared := both.prepare(source)) is None:
            continue
        ours, theirs = prepared
        for _ in range(variants if "$" in source else 1):
            variables = world.variables()
            one, other = await ours.execute(variables, None), await theirs.execute(variables, None)
            count += 1
            if found := differences(one, other, ordered=not world.waiting):
                return count, [f"seed {seed}\n{source}\n{variables}", *found]
    if lost := set(both.ways) - {"compiled", "condition"}:
        return count, [f"seed {seed}: not compiled: {lost}"]
    return count, []
