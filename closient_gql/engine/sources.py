"""Where a field's value comes from: read off the schema once, so that running costs nothing to find out.

    Attribute   a plain field of a Strawberry type: an attribute of the parent
    Default     a field of graphql-core without a resolver: an item of a mapping, or an attribute
    Many        a function that answers for all parents at once
    Each        a resolver, called for every parent
    Typename    `__typename`

A field says that it has a `Many` by an entry of that name, in the metadata of a Strawberry field or in the extensions
of one of graphql-core:

    strawberry.field(resolver=..., metadata={"many": Many(friends_of)})
    schema.query_type.fields["friends"].extensions["many"] = Many(friends_of)

The resolver stays what graphql-core calls when an operation is not compiled; both must answer the same. What stands as
`check` in the extensions of a field sees the arguments of a `Many` before it is called, and may raise.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLField, GraphQLSchema, default_field_resolver
from strawberry.relay import GlobalID
from strawberry.scalars import is_scalar
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

STRAWBERRY, MANY, CHECK = "strawberry-definition", "many", "check"
Arguments = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What an operation reads of the objects that a field gives: names of attributes, and of fields with a resolver.

    Of a field with an abstract type, all that is asked of any of its types. `inner`: of attributes that are objects
    themselves, what is read of those.
    """

    attributes: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    inner: tuple[tuple[str, "Asked"], ...] = ()

    def of(self, name: str) -> "Asked":
        """What is read of the objects in an attribute."""
        found = Asked()
        for key, asked in self.inner:
            found |= asked if key == name else Asked()
        return found

    def __or__(self, other: "Asked") -> "Asked":
        return Asked(self.attributes | other.attributes, self.fields | other.fields, self.inner + other.inner)


@dataclass(frozen=True)
class Attribute:
    """`getattr(parent, name)`."""

    name: str


@dataclass(frozen=True)
class Default:
    """What graphql-core does for a field without a resolver."""

    name: str


@dataclass(frozen=True)
class Typename:
    """The name of the parent's type."""


@dataclass(frozen=True)
class Each:
    """`resolve(parent, info, **arguments)`, for each parent."""

    resolve: Callable[..., Any]


@dataclass(frozen=True)
class Many:
    """`call(context, parents, arguments, asked)`, once for all parents of one level.

    It gives one answer for each parent, in their order; an answer that is an exception is the error of that place. An
    exception that it raises is the error of all. `convert` makes its arguments of those that graphql-core coerced;
    `check` sees the latter first, and may raise.
    """

    call: Callable[[Any, Sequence[Any], Arguments, Asked], Awaitable[Sequence[Any]]]
    convert: Callable[[Arguments], Arguments] = dict
    check: Callable[[Arguments], None] | None = None


Source = Attribute | Default | Typename | Each | Many


def source_of(schema: GraphQLSchema, field: GraphQLField, name: str) -> Source:
    """Where the values of a field come from; `name` is the field's own."""
    if name == "__typename":
        return Typename()
    many = field.extensions.get(MANY)
    if isinstance(many, Many):
        return replace(many, check=field.extensions.get(CHECK, many.check))
    definition = field.extensions.get(STRAWBERRY)
    if isinstance(definition, StrawberryField):
        return _of_strawberry(schema, field, definition)
    if field.resolve is None or field.resolve is default_field_resolver:
        return Default(name)
    return Each(field.resolve)


def _of_strawberry(schema: GraphQLSchema, field: GraphQLField, definition: StrawberryField) -> Source:
    many = definition.metadata.get(MANY)
    if isinstance(many, Many):
        many = replace(many, check=field.extensions.get(CHECK, many.check))
        return replace(many, convert=_converter(schema, definition)) if definition.arguments else many
    # Strawberry names its resolver of a field that is nothing but an attribute so; a wrapped one has another name
    plain = getattr(field.resolve, "__name__", "") == "_get_basic_result" and definition.is_basic_field
    if plain and definition.default_resolver is getattr:
        return Attribute(definition.python_name)
    assert field.resolve is not None
    return Each(field.resolve)


def _converter(schema: GraphQLSchema, definition: StrawberryField) -> Callable[[Mapping[str, Any]], Arguments]:
    """From the names and values of graphql-core to those of a Strawberry resolver."""
    owner: Any = schema._strawberry_schema  # type: ignore[attr-defined]
    registry, config = owner.schema_converter.scalar_registry, owner.config
    same = {config.name_converter.from_argument(each): each.python_name for each in definition.arguments}
    leaves = {name for name, each in zip(same, definition.arguments, strict=True) if _is_leaf(each.type, registry)}
    others = [each for name, each in zip(same, definition.arguments, strict=True) if name not in leaves]

    def convert(given: Mapping[str, Any]) -> Arguments:
        found = {same[name]: value for name, value in given.items() if name in leaves}
        if len(found) < len(given):
            found |= convert_arguments(dict(given), others, registry, config)
        return found

    return convert


def _is_leaf(kind: Any, registry: Any) -> bool:
    """Whether Strawberry takes such a value as graphql-core gives it: an enum or a scalar, but its own GlobalID."""
    if isinstance(kind, StrawberryOptional) and not isinstance(kind, StrawberryMaybe):
        kind = kind.of_type
    return isinstance(kind, StrawberryEnumDefinition) or (kind is not GlobalID and is_scalar(kind, registry))
