"""The words the graph is declared with; the only file that knows how Strawberry builds a resolver.

    @entity(Model, keys={"id": find}, says="...")   a type with an owner: the domain of the folder it stands in
    @value(Model, says="...")                       a type without keys: the same everywhere, never extended
    @extend(Type)                                   fields that a later domain adds to an entity, Query or Mutation
    column("...")                                   a plain field: read from the row by name
    relation(batch, "...")                          found by `batch(ctx, parents, **arguments)`, for many at once
    reference("column", find, "...")                found by `find(ctx, keys)`, the key being a column of the parent
    root(function, "...")                           a root field, answered by `function(ctx, **arguments)`

Types are declarations, values are rows. A relation is written once, as a batch function; the field, its loader and
`_entities` are made from it, and the field's metadata says what a compiled executor needs: kind, function, column.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import NONE, bounds_of, doc_of
from closient_gql.core.db import Batch, Columns, Row, row_of
from closient_gql.core.paging import Window
from closient_gql.engine import Asked, Many
from resolvers import access
from resolvers.context import Context
from resolvers.views import guarded, key_of

C = TypeVar("C", bound=type)
E = TypeVar("E", bound=type[Enum])
Info = strawberry.Info[Context, Any]
ROOT = inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any)
INFO = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info)
WINDOW = [
    (f.name, inspect.get_annotations(Window, eval_str=True)[f.name], None)
    for f in dataclass_fields(Window) if f.name != "columns"
]  # fmt: skip


@dataclass(frozen=True)
class Entity:
    """What is known of a type with an owner."""

    cls: Any  # the Strawberry type
    name: str
    domain: str
    row: type  # the class of its rows: says which type a row of a union is
    keys: dict[str, Batch]  # the first is the primary key: the only one that other domains know

    @property
    def primary(self) -> str:
        return next(iter(self.keys))


ENTITIES: dict[str, Entity] = {}


@strawberry.type(description="Everything that can be asked.")
class Query: ...


@strawberry.type(description="Everything that can be changed.")
class Mutation: ...


# --- types


def entity(model: type, *, keys: dict[str, Batch], says: str) -> Callable[[C], C]:
    """A type with an owner over the rows of `model`.

    `keys` maps each key field, by its name in the graph, to the batch function that finds rows by it; federation
    enters through the same functions.

    Raises:
        TypeError: a plain field is no column of the model.
    """

    def declare(cls: C) -> C:
        declared = strawberry.federation.type(cls, keys=list(keys), description=says)
        check_columns(declared, row_of(model).columns)
        name = definition_of(declared).name
        ENTITIES[name] = Entity(declared, name, domain_of(cls), row_of(model), keys)
        return declared

    return declare


def value(source: type, *, says: str, name: str | None = None) -> Callable[[C], C]:
    """A type without keys over the rows of a model, or over a dataclass.

    Raises:
        TypeError: a plain field is neither a column of the model nor an attribute of the dataclass.
    """

    def declare(cls: C) -> C:
        declared = strawberry.type(cls, description=says, name=name)
        check_columns(declared, frozenset(dir(source)) | attributes_of(source))
        return declared

    return declare


def attributes_of(source: type) -> frozenset[str]:
    if hasattr(source, "__table__"):
        return row_of(source).columns
    return frozenset(f.name for f in dataclass_fields(source))


def check_columns(declared: type, columns: frozenset[str]) -> None:
    plain = {f.python_name for f in definition_of(declared).fields if f.base_resolver is None}
    if lost := plain - columns:
        raise TypeError(f"{declared.__name__}: {', '.join(sorted(lost))} is neither a column nor a relation")


def extend(target: Any) -> Callable[[type], type]:
    """The fields of the decorated class become fields of `target`; they belong to the domain that declares them.

    Raises:
        TypeError: the target is a value, or has a field of that name.
    """
    name = definition_of(target).name
    if name not in ENTITIES and target not in (Query, Mutation):
        raise TypeError(f"{name} has no keys: only entities, Query and Mutation can be extended")

    def declare(cls: type) -> type:
        fields = definition_of(target).fields
        taken = {field.python_name for field in fields}
        for field in definition_of(strawberry.type(cls)).fields:
            if field.python_name in taken:
                raise TypeError(f"{cls.__module__}: {name}.{field.python_name} exists already")
            if field.base_resolver is None:
                raise TypeError(f"{cls.__module__}: {name}.{field.python_name} must be a relation, not a column")
            field.metadata = MappingProxyType({**field.metadata, "domain": domain_of(cls)})
            fields.append(field)
        return cls

    return declare


def adopt_enum(stored: E, says: str, name: str | None = None) -> E:
    """A plain enum of `core.enums.Described` members as an enum of the graph."""
    adopted = strawberry.enum(stored, name=name, description=says)
    for shown, member in zip(adopted.__strawberry_definition__.values, stored, strict=True):  # type: ignore[attr-defined]
        shown.description = member.description  # type: ignore[attr-defined]
    return adopted


def adopt_input(plain: C, name: str, says: str) -> C:
    """A plain dataclass as an input type; its annotations say bounds and descriptions.

    A default of None or ABSENT makes a field optional without a default in the SDL; other defaults are shown.
    """
    hints = {name: hint for base in reversed(plain.__mro__) for name, hint in annotations_of(base).items()}
    adopted = strawberry.input(plain, name=name, description=says)
    for field in definition_of(adopted).fields:
        field.description = described(hints[field.python_name])
        if field.default is None or field.default is ABSENT:
            field.default_value = strawberry.UNSET
    return adopted


def annotations_of(cls: type) -> dict[str, Any]:
    return inspect.get_annotations(cls, eval_str=True)


# --- fields


def column(says: str) -> Any:
    """A plain field: a column of the row, or an attribute of the dataclass."""
    return strawberry.field(description=says)


def relation(
    batch: Batch,
    says: str,
    *,
    needs: Sequence[str] = (),
    reads: Sequence[str] | None = None,
    size: str | int | None = None,
) -> Any:
    """A field found by `batch(ctx, parents, **arguments)`; its arguments are the function's own.

    `needs`: what `batch` reads of a parent that another domain owns, besides its primary key, by names of the graph.
    `reads`: the columns of a parent that `batch` reads, if it says so; else every parent has all of them. One of
    another domain's parent reads the primary key and what it `needs`.
    `size`: how many items a list without paging is expected to have, or the argument that says so: for the price.
    Of a view (resolvers.views) the field is empty, unless `batch` sees views.
    """
    batch = guarded(batch)

    async def call(ctx: Context, parents: Sequence[Any], given: dict[str, Any]) -> Sequence[Any]:
        return await ctx.loads.of_parents(batch, parents, given)

    def one(ctx: Context, root: Any, given: dict[str, Any]) -> Awaitable[Any]:
        return ctx.load(batch, root, **given)

    reads = None if reads is None else tuple(reads)
    return _field(batch, 2, call, says, one, kind="batch", needs=tuple(needs), reads=reads, size=size)


def reference(column: str, find: Batch, says: str) -> Any:
    """A field found by `find(ctx, keys)`, the key being a column of the parent; federation uses the same `find`.
    Of a view (resolvers.views) it is null."""

    async def call(ctx: Context, parents: Sequence[Any], given: dict[str, Any]) -> Sequence[Any]:
        if not isinstance(parents[0], Row):  # what is put together has fields beside this one that read the same rows
            given = {}
        return await ctx.loads.of_keys(find, [key_of(parent, column) for parent in parents], **given)

    return _field(find, 2, call, says, kind="reference", column=column)


def root(function: Callable[..., Awaitable[Any]], says: str, *, size: str | int | None = None) -> Any:
    """A root field answered by `function(ctx, **arguments)`, which says who may ask (resolvers.access).

    `size`: the argument that a list's length follows, or the length that is expected of it.

    Raises:
        TypeError: the function does not say who may ask.
    """
    level = access.level_of(function)
    if level is None:
        raise TypeError(f"{function.__module__}.{function.__name__} does not say who may ask: see resolvers.access")

    async def call(ctx: Context, parents: Sequence[Any], given: dict[str, Any]) -> Sequence[Any]:
        return [await function(ctx, **given)]

    return _field(function, 1, call, says, kind="root", access=level, size=size)


class Wanted:
    """What an operation reads of rows, as Columns: plain fields, and what other fields need of their parent.

    A relation of the type's own domain that does not say what it reads needs everything.
    """

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    def __call__(self, model: type) -> frozenset[str] | None:
        return _columns(self.asked, model)


@lru_cache(maxsize=1_000)
def _wanted(asked: Asked, paged: bool) -> Wanted:
    """What is read of the rows of a field; of a connection, of its items."""
    return Wanted(asked.of("nodes") | asked.of("edges").of("node") if paged else asked)


@lru_cache(maxsize=1_000)
def _columns(asked: Asked, model: type) -> frozenset[str] | None:
    entity = next((each for each in ENTITIES.values() if each.row is row_of(model)), None)
    if entity is None:
        return None
    metadata = {field.python_name: field.metadata for field in definition_of(entity.cls).fields}
    needed = {*asked.attributes, *map(snake, entity.keys)}
    for name in asked.fields:
        reads = reads_of(metadata.get(snake(name), {}), entity)
        if reads is None:
            return None
        needed.update(reads)
    return frozenset(needed)


def reads_of(field: Mapping[Any, Any], entity: Entity) -> Sequence[str] | None:
    """The columns of its parent that a field with a resolver reads; None: nobody says it."""
    if field.get("kind") == "reference":
        return (field["column"],)
    if field.get("reads") is None and field.get("domain", entity.domain) != entity.domain:
        return [snake(name) for name in (entity.primary, *field["needs"])]  # what a gateway would give it
    reads: Sequence[str] | None = field.get("reads")
    return reads


def _shown(function: Callable[..., Any], given: int) -> tuple[inspect.Signature, str | None, str | None]:
    """The signature Strawberry sees: the function's own, less what we give it, with a Window spread out; and the names
    of the parameters for the Window and for Columns, if it has them."""
    shown, window, columns = [ROOT, INFO], None, None
    for parameter in list(inspect.signature(function, eval_str=True).parameters.values())[given:]:
        if parameter.annotation == Columns | None:
            columns, spread = parameter.name, []
        elif parameter.annotation is Window:
            window, spread = parameter.name, WINDOW
        else:
            spread = [(parameter.name, parameter.annotation, parameter.default)]
        shown += [_argument(*each) for each in spread]
    required_first = sorted(shown[2:], key=lambda p: p.default is not inspect.Parameter.empty)
    return inspect.Signature(shown[:2] + required_first), window, columns


def _argument(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    # UNSET instead of None: or the SDL says `= null` everywhere; the function's own default applies
    shown = Annotated[annotation, strawberry.argument(description=described(annotation))]
    default = strawberry.UNSET if default is None else default
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=shown, default=default)


def described(annotation: Any) -> str | None:
    """The description of an argument or input field: what it means, then its bounds."""
    words = [bounds.words() for bounds in bounds_of(annotation) if bounds is not NONE and bounds.words()]
    limits = f"({'; each: '.join(words)})" if words else ""
    return f"{doc_of(annotation) or ''} {limits}".strip() or None


def _field(
    function: Callable[..., Any],
    given: int,
    call: Callable[..., Any],
    says: str,
    one: Callable[..., Awaitable[Any]] | None = None,
    **metadata: Any,
) -> Any:
    """`call` answers for many parents at once, as the engine asks; `one` for one, as graphql-core does."""
    signature, window, columns = _shown(function, given)
    names = [name for name, *_ in WINDOW]

    def gathered(arguments: dict[str, Any], wanted: Columns | None = None) -> dict[str, Any]:
        if window:
            paging = {name: arguments.pop(name) for name in names if name in arguments}
            arguments[window] = Window(**paging, columns=wanted)
        elif columns and wanted is not None:
            arguments[columns] = wanted
        return arguments

    async def many(ctx: Context, parents: Sequence[Any], arguments: dict[str, Any], asked: Asked) -> Sequence[Any]:
        answers: Sequence[Any] = await call(ctx, parents, gathered(arguments, _wanted(asked, window is not None)))
        return answers

    async def resolve(root: Any, info: Info, **arguments: Any) -> Any:
        if one is not None:
            return await one(info.context, root, gathered(arguments))
        (answer,) = await call(info.context, [root], gathered(arguments))
        return answer  # one that is an exception is an error to graphql-core, too

    resolve.__signature__ = signature  # type: ignore[attr-defined]
    resolve.__name__ = getattr(function, "__name__", "resolve")
    metadata = {"function": function, "window": bool(window), "many": Many(many)} | metadata
    return strawberry.field(resolver=resolve, description=says, metadata=metadata)


# --- small things


def definition_of(cls: Any) -> StrawberryObjectDefinition:
    return get_object_definition(cls, strict=True)


def domain_of(cls: type) -> str:
    """`schema.products.types` is of the domain `products`."""
    return cls.__module__.split(".")[1]


def snake(name: str) -> str:
    """`netContentUom` is `net_content_uom`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
