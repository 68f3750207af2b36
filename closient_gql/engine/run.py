"""One execution: where objects stand in the answer, what went wrong, and what is null because of it.

Selections run breadth first, over all parents of a level at once, so an error does not travel up through calls. It is
noted with its place; when everything has run, the notes are gone through in the order in which depth-first execution
meets them: each one puts null at the nearest place around it that may be null, and what is noted below that place
later never happened. That is the specification's rule (6.4.4), and graphql-core's order.
"""

import asyncio
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, Protocol

from graphql import GraphQLError, GraphQLResolveInfo, located_error
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, gather_with_cancel
from graphql.pyutils.is_awaitable import is_awaitable
from graphql.type.definition import GraphQLResolveInfoHelpers

from closient_gql.engine.plan import Field, Plan

Known = OrderedDict[Field, Any]
MOST_KNOWN = 4  # answers of introspection that are kept: some megabytes each


class Step(NamedTuple):
    """One key of a path: where it stands among its siblings, whether null may be there, and the type that it is of."""

    key: str | int
    order: int
    nullable: bool
    typename: str | None


class Frame(Protocol):
    """Where the parents of one selection stand."""

    def steps(self, place: int) -> list[Step]:
        """The way to one of them, from the top."""


class Top:
    """The root object."""

    def steps(self, place: int) -> list[Step]:
        return []


class Below:
    """Objects that are the values of one field, or the items of its lists, in order; null was left out."""

    __slots__ = ("_ends", "above", "field", "values")

    def __init__(self, above: Frame, field: Field, values: Sequence[Any]) -> None:
        self.above, self.field, self.values = above, field, values
        self._ends: list[int] | None = None  # only ever asked for when a path is

    def steps(self, place: int) -> list[Step]:
        lists = self.field.lists
        if self._ends is None:
            self._ends = list(accumulate(0 if v is None else len(v) if lists else 1 for v in self.values))
        parent = bisect_right(self._ends, place)
        before = self._ends[parent - 1] if parent else 0
        return way(self.above.steps(parent), self.field, (place - before,) if lists else ())


class Anywhere(NamedTuple):
    """Objects below one field whose places were noted one by one: parent and indices."""

    above: Frame
    field: Field
    places: Sequence[tuple[int, tuple[int, ...]]]

    def steps(self, place: int) -> list[Step]:
        parent, indices = self.places[place]
        return way(self.above.steps(parent), self.field, indices)


def way(above: list[Step], field: Field, indices: Sequence[int]) -> list[Step]:
    """On through a field, and through lists in it."""
    steps = [*above, Step(field.key, field.order, field.nullable[0], field.parent.name)]
    steps += [Step(index, index, field.nullable[level], None) for level, index in enumerate(indices, 1)]
    return steps


class Failure(NamedTuple):
    """An error and the way to its place."""

    steps: list[Step]
    error: GraphQLError
    late: bool  # it was met behind everything below its place

    @property
    def order(self) -> tuple[float, ...]:
        return (*(step.order for step in self.steps), *((float("inf"),) if self.late else ()))

    def path(self, length: int) -> tuple[str | int, ...]:
        return tuple(step.key for step in self.steps[:length])

    @property
    def depth(self) -> int:
        """How many keys lead to the place that becomes null; 0 is the whole answer."""
        return next((n for n in range(len(self.steps), 0, -1) if self.steps[n - 1].nullable), 0)


class Run:
    """What one execution knows.

    `dead`: an error has made the whole answer null; nothing that has not begun need begin.
    """

    __slots__ = ("_helpers", "context", "dead", "failures", "known", "plan", "root", "variables")

    def __init__(self, plan: Plan, variables: VariableValues, context: Any, root: Any, known: Known) -> None:
        self.plan, self.variables, self.context, self.root, self.known = plan, variables, context, root, known
        self.failures: list[Failure] = []
        self.dead = False
        self._helpers: GraphQLResolveInfoHelpers | None = None

    def remember(self, field: Field, value: Any) -> None:
        """An answer that is always the same, for the next time."""
        self.known[field] = value
        self.known.move_to_end(field)
        while len(self.known) > MOST_KNOWN:
            self.known.popitem(last=False)

    def fail(self, error: Exception, steps: list[Step], field: Field, late: bool = False) -> None:
        """Notes an error at its place."""
        located = located_error(error, field.nodes, [step.key for step in steps])
        self.failures.append(Failure(steps, located, late))
        self.dead = self.dead or not any(step.nullable for step in steps)

    def finish(self, data: dict[str, Any]) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
        """The answer with its nulls, and the errors that there are then."""
        errors: list[GraphQLError] = []
        nulled: set[tuple[str | int, ...]] = set()
        for failure in sorted(self.failures, key=lambda each: each.order):
            if any(failure.path(length) in nulled for length in range(len(failure.steps) + 1)):
                continue
            errors.append(failure.error)
            place = failure.path(failure.depth)
            nulled.add(place)
            if not place:
                return None, errors
            put_null(data, place)
        return data, errors

    def info(self, field: Field, above: Sequence[Step]) -> GraphQLResolveInfo[Any]:
        """What a resolver is told."""
        path: Path | None = None
        for step in above:
            path = Path(path, step.key, step.typename)
        if self._helpers is None:
            self._helpers = GraphQLResolveInfoHelpers(gather=lambda each: gather_with_cancel(*each), track=settle)
        return GraphQLResolveInfo(
            field.name, field.nodes, field.definition.type, field.parent, Path(path, field.key, field.parent.name),
            self.plan.schema, self.plan.definitions, self.root, self.plan.operation, self.variables, self.context,
            is_awaitable, None, self._helpers,
        )  # fmt: skip


_settling: set[Any] = set()


def settle(values: Sequence[Any]) -> None:
    """Lets what nobody waits for any more come to its end, unheard."""
    waiting = [value for value in values if is_awaitable(value)]
    if waiting:
        future = asyncio.gather(*waiting, return_exceptions=True)
        _settling.add(future)
        future.add_done_callback(_settling.discard)


def put_null(data: Mapping[str, Any], place: tuple[str | int, ...]) -> None:
    target: Any = data
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = None
