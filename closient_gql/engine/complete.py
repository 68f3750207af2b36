"""Values completed one by one, with every rule of the specification (6.4.3): the way that is always right.

It is taken for what the quick way does not know: null where it may not be, errors, things to wait for, interfaces and
unions, lists of lists, values of other classes than one thinks. Objects found on the way are still executed together.
"""

import asyncio
from collections.abc import Sequence
from inspect import isawaitable
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, default_type_resolver, is_object_type
from graphql.pyutils import Undefined, inspect, is_iterable

from closient_gql.engine.plan import Field
from closient_gql.engine.run import Frame, Run, Step, way

Place = tuple[int, tuple[int, ...]]


class Found:
    """Objects of one type: their places, and the boxes and keys at which their answers go."""

    def __init__(self) -> None:
        self.objects: list[Any] = []
        self.places: list[Place] = []
        self.boxes: list[tuple[Any, Any]] = []


def waits(value: Any) -> bool:
    """Whether a value is to be waited for. The class is asked: attributes of rows are made up on demand."""
    return hasattr(type(value), "__await__") or isawaitable(value)


async def settled(values: Sequence[Any]) -> list[Any]:
    """The values, waited for together where they must be; those that fail are their exceptions."""
    found = list(values)
    waiting = [place for place, value in enumerate(found) if waits(value)]
    if len(waiting) == 1:
        try:
            found[waiting[0]] = await found[waiting[0]]
        except Exception as error:
            found[waiting[0]] = error
    elif waiting:
        results = await asyncio.gather(*(found[place] for place in waiting), return_exceptions=True)
        for place, result in zip(waiting, results, strict=True):
            if isinstance(result, BaseException) and not isinstance(result, Exception):
                raise result
            found[place] = result
    return found


class Completion:
    """The values of one field, for all of its parents.

    `found`: the objects, by type, once `value` was awaited for each parent; their answers are to be put in their boxes.
    """

    def __init__(self, run: Run, frame: Frame, field: Field) -> None:
        self.run, self.frame, self.field = run, frame, field
        self.found: dict[GraphQLObjectType, Found] = {}
        self._info: tuple[int, Any] = -1, None

    async def values(self, values: Sequence[Any], out: Sequence[dict[str, Any]]) -> None:
        """Completes the value of every parent into its object."""
        for parent, (value, target) in enumerate(zip(await settled(values), out, strict=True)):
            await self.value(value, (parent, ()), target, self.field.key)

    async def value(self, value: Any, place: Place, box: Any, key: Any) -> None:
        """Puts what one value comes to into its box; an error is noted, and null put there."""
        level = len(place[1])
        box[key] = None
        try:
            if isinstance(value, Exception):
                raise value
            if value is None or value is Undefined:
                if not self.field.nullable[level]:
                    named = f"{self.field.parent}.{self.field.name}"
                    raise TypeError(f"Cannot return null for non-nullable field {named}.")
            elif level < self.field.lists:
                await self.items(value, place, box, key)
            elif self.field.leaf:
                box[key] = self.leaf(value)
            else:
                found = self.found.setdefault(await self.type_of(value, place[0]), Found())
                found.objects.append(value)
                found.places.append(place)
                found.boxes.append((box, key))
        except Exception as error:
            self.fail(error, place)

    def fail(self, error: Exception, place: Place, late: bool = False) -> None:
        self.run.fail(error, self.steps(place), self.field, late)

    def steps(self, place: Place) -> list[Step]:
        return way(self.frame.steps(place[0]), self.field, place[1])

    async def items(self, values: Any, place: Place, box: Any, key: Any) -> None:
        """Completes a list.

        Raises:
            GraphQLError: it is none.
        """
        if hasattr(type(values), "__aiter__"):
            values, error = await drained(values)
        elif not is_iterable(values):
            named = f"{self.field.parent}.{self.field.name}"
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{named}'.")
        else:
            values, error = listed(values)
        items = box[key] = [None] * len(values)
        if any(map(waits, values)):
            values = await settled(values)
        for index, item in enumerate(values):
            await self.value(item, (place[0], (*place[1], index)), items, index)
        if error is not None:  # behind the items that there were
            self.fail(error, place, late=True)

    def leaf(self, value: Any) -> Any:
        kind = self.field.leaf_type
        found = kind.coerce_output_value(value)
        if found is None or found is Undefined:
            raise TypeError(
                f"Expected `{inspect(kind)}.coerce_output_value({inspect(value)})`"
                f" to return non-nullable value, returned: {inspect(found)}"
            )
        return found

    # --- objects

    def info(self, parent: int) -> Any:
        if self._info[0] != parent:
            self._info = parent, self.run.info(self.field, self.frame.steps(parent))
        return self._info[1]

    async def type_of(self, value: Any, parent: int) -> GraphQLObjectType:
        """The type of an object.

        Raises:
            GraphQLError: it is of no type that may be here.
        """
        kind = self.field.type
        if not is_object_type(kind):
            resolve = kind.resolve_type or default_type_resolver
            name: Any = resolve(value, self.info(parent), kind)
            kind = self.valid_type(await name if waits(name) else name, value)
        if kind.is_type_of is not None:
            fits: Any = kind.is_type_of(value, self.info(parent))
            if not (await fits if waits(fits) else fits):
                raise GraphQLError(f"Expected value of type '{kind}' but got: {inspect(value)}.", self.field.nodes)
        found: GraphQLObjectType = kind
        return found

    def valid_type(self, name: Any, value: Any) -> GraphQLObjectType:
        """The object type of this name, in graphql-core's words if there is no such thing here."""
        schema, kind = self.field.plan.schema, self.field.type
        where = f"'{self.field.parent}.{self.field.name}'"
        must = f"Abstract type '{kind}' must resolve to an Object type at runtime for field {where}"
        found = schema.get_type(name) if isinstance(name, str) else None
        if name is None:
            problem = (
                f"{must}. Either the '{kind}' type should provide a 'resolve_type' function"
                " or each possible type should provide an 'is_type_of' function."
            )
        elif not isinstance(name, str):
            problem = (
                f"{must} with value {inspect(value)}, received '{inspect(name)}',"
                " which is not a valid Object type name."
            )
        elif found is None:
            problem = f"Abstract type '{kind}' was resolved to a type '{name}' that does not exist inside the schema."
        elif not is_object_type(found):
            problem = f"Abstract type '{kind}' was resolved to a non-object type '{name}'."
        elif not schema.is_sub_type(kind, found):
            problem = f"Runtime Object type '{found}' is not a possible type for '{kind}'."
        else:
            return found
        raise GraphQLError(problem, self.field.nodes)


def listed(values: Any) -> tuple[list[Any], Exception | None]:
    """The items of an iterable, and the error at which they end."""
    items: list[Any] = []
    try:
        for item in values:
            items.append(item)
    except Exception as error:
        return items, error
    return items, None


async def drained(values: Any) -> tuple[list[Any], Exception | None]:
    """The same of an asynchronous one."""
    items: list[Any] = []
    try:
        async for item in values:
            items.append(item)
    except Exception as error:
        return items, error
    finally:
        if close := getattr(values, "aclose", None):
            await close()
    return items, None
