"""Leaves: what graphql-core's coercion gives, without calling it for values that are plainly right."""

from collections.abc import Callable, Iterable
from types import CoroutineType, GeneratorType, NoneType
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLString,
)
from graphql.pyutils import Undefined
from graphql.type.definition import GraphQLLeafType
from strawberry.schema.schema_converter import CustomGraphQLEnumType

Coerce = Callable[[Any], Any]
BUILT_IN = {kind.name: kind for kind in (GraphQLString, GraphQLID, GraphQLBoolean, GraphQLInt, GraphQLFloat)}
# What a value that needs no coercion is like. NaN and the infinities fail the comparison.
PLAIN = {
    "String": "{v}.__class__ is str",
    "ID": "{v}.__class__ is str",
    "Boolean": "{v} is True or {v} is False",
    "Int": "{v}.__class__ is int and -2147483648 <= {v} <= 2147483647",
    "Float": "{v}.__class__ is float and -1.7976931348623157e308 <= {v} <= 1.7976931348623157e308",
}
MOST_CLASSES = 10_000
_known: set[type] = set()


class Odd(Exception):
    """A value that the quick way does not know: its place is done anew by the slow one, which is always right."""


def known(values: Iterable[Any]) -> bool:
    """Whether these are values as they are: no errors, nothing to wait for or to call, none that are null."""
    classes = set(map(type, values))
    return classes <= _known or all(map(_admit, classes))


def _admit(kind: type) -> bool:
    if kind in _known:
        return True
    to_wait_for = kind in (CoroutineType, GeneratorType) or hasattr(kind, "__await__")
    nothing = kind is NoneType or kind is type(Undefined)
    called = any("__call__" in base.__dict__ for base in kind.__mro__)  # asked with hasattr, every class has it
    if nothing or to_wait_for or called or issubclass(kind, Exception):
        return False
    if len(_known) >= MOST_CLASSES:  # somebody makes classes as others make objects
        _known.clear()
    _known.add(kind)
    return True


def condition(kind: GraphQLLeafType) -> str | None:
    """A condition in Python, over `{v}`, under which a value is its own coercion; None if there is none."""
    built_in = BUILT_IN.get(kind.name)
    # one whose coercion was replaced is not the one that the condition is of
    if built_in is None or getattr(kind.coerce_output_value, "__func__", kind.coerce_output_value) is not getattr(
        built_in.coerce_output_value, "__func__", built_in.coerce_output_value
    ):
        return None
    return PLAIN[kind.name]


def names_of(kind: GraphQLLeafType) -> dict[Any, str] | None:
    """Of an enum: the name of each value, a Python enum's members included; None if its coercion is its own."""
    if type(kind) not in (GraphQLEnumType, CustomGraphQLEnumType):
        return None
    assert isinstance(kind, GraphQLEnumType)
    names: dict[Any, str] = {}
    for name, value in kind.values.items():
        if callable(value.value):
            return None
        try:
            names.setdefault(name if value.value is None or value.value is Undefined else value.value, name)
        except TypeError:  # not hashable
            return None
    members: Iterable[Any] = kind.wrapped_cls if isinstance(kind, CustomGraphQLEnumType) else ()
    for member in members:
        own = next((name for name, value in kind.values.items() if member.value == value.value), None)
        if own is not None:
            names[member] = own
    return names


def coercion(kind: GraphQLLeafType) -> Coerce:
    """What graphql-core makes of a value.

    Raises:
        Odd: it is no value, or there is no coercion of it.
        Exception: whatever the type raises for a value that it cannot represent.
    """
    coerce = kind.coerce_output_value

    def strictly(value: Any) -> Any:
        if value.__class__ not in _known and not _admit(type(value)):
            raise Odd
        found = coerce(value)
        if found is None or found is Undefined:
            raise Odd
        return found

    return strictly


def list_coercion(one: Coerce, nullable: bool) -> Coerce:
    """The same for a list of leaves."""

    def each(values: Any) -> list[Any]:
        if values.__class__ is not list and values.__class__ is not tuple:
            raise Odd
        if nullable:
            return [None if value is None else one(value) for value in values]
        return [one(value) for value in values]

    return each
