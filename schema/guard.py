"""Bounds at the door of the graph: every field whose arguments have any is checked before its resolver runs."""

from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

from closient_gql.core.bounds import NONE, Bounds, bounds_of
from closient_gql.core.errors import Detail, Invalid

OURS = "strawberry-definition"
Item = GraphQLArgument | GraphQLInputField


def limits(item: Item) -> tuple[Bounds, ...]:
    """The Bounds of an argument or input field, from its annotation: one for each level of lists."""
    if "bounds" not in item.extensions:
        definition = item.extensions.get(OURS)
        if definition is None:
            annotation: Any = str
        elif isinstance(item, GraphQLArgument):
            annotation = definition.type_annotation.raw_annotation
        else:
            annotation = get_type_hints(definition.origin, include_extras=True)[definition.python_name]
        item.extensions["bounds"] = bounds_of(annotation)
    found: tuple[Bounds, ...] = item.extensions["bounds"]
    return found


def problems(item: Item, value: Any, path: str) -> list[Detail]:
    """Everything that is wrong with a value that has the right type."""
    return [] if value is None else list(_problems(item, value, limits(item), path))


def _problems(item: Item, value: Any, bounds: tuple[Bounds, ...], path: str) -> Iterator[Detail]:
    if text := bounds[0].problem(value):
        yield Detail(field=path, message=text)
        return  # of a list that is too long not every item, too; REST says no more, either
    if isinstance(value, list):
        for place, each in enumerate(value):
            if each is not None:
                yield from _problems(item, each, bounds[1:] or (NONE,), f"{path}.{place}")
    elif isinstance(inner := get_named_type(item.type), GraphQLInputObjectType):
        for name, field in inner.fields.items():
            given = value.get(name) if isinstance(value, dict) else getattr(value, field.out_name or name, None)
            yield from problems(field, given, f"{path}.{name}")


def check_of(field: GraphQLField) -> Callable[[dict[str, Any]], None]:
    """What the arguments of a field must pass.

    It raises Invalid, with everything that is wrong.
    """

    def check(arguments: dict[str, Any]) -> None:
        found = [d for name, value in arguments.items() for d in problems(field.args[name], value, name)]
        if found:
            raise Invalid(found)

    return check


def checked(check: Callable[[dict[str, Any]], None], resolve: Callable[..., Any]) -> Callable[..., Any]:
    """The resolver behind its bounds."""

    def resolve_checked(source: Any, info: Any, **arguments: Any) -> Any:
        check(arguments)
        return resolve(source, info, **arguments)

    return resolve_checked


def guard(schema: GraphQLSchema) -> None:
    """Puts every field with arguments behind its bounds. Texts are always checked: not all can be stored.

    The engine has a door of its own, for fields that it asks for many parents at once: the extension `check`.
    """
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("_"):
            for name, field in kind.fields.items():
                if field.args and field.resolve and not name.startswith("_"):
                    check = field.extensions["check"] = check_of(field)
                    field.resolve = checked(check, field.resolve)
