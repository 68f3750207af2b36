"""The graph as some domains serve it. With all domains it is the whole graph; with some it is a Federation 2 subgraph.

In a projection
- a field is there if the domain that declares it is: root fields and contributed fields come and go with their domain;
- an entity owned elsewhere is a stub: its primary key and the fields the chosen domains add to it (`resolvable: false`
  when they add none); what those fields need of it besides comes from its owner: `@external` and `@requires`;
- a value type is whole and `@shareable`;
- a type that nobody points to is not there, because nothing reaches it.
"""

import asyncio
import copy
import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

import strawberry
from graphql import GraphQLError, GraphQLInterfaceType, GraphQLUnionType, get_named_type
from strawberry.annotation import StrawberryAnnotation
from strawberry.federation.schema import FederationAny
from strawberry.federation.schema_directives import External, Key, Requires, Shareable
from strawberry.federation.types import FieldSet
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.tools import create_type
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.union import StrawberryUnion
from strawberry.types.unset import UNSET

from closient_gql.core.bounds import unstorable
from closient_gql.core.errors import Detail, DomainError, Invalid
from resolvers import access
from resolvers.context import Context
from schema.declare import ENTITIES, Entity, Mutation, Query, definition_of, snake
from schema.guard import guard
from schema.scalars import CONFIG

ROOTS = ("Query", "Mutation")
VERSION: Final = "2.9"  # the newest that both composition libraries take; Strawberry's own default is 2.11
MOST_ENTITIES = 1_000  # representations of one request; gateways send what one page needs


class Projection(strawberry.federation.Schema):
    """The graph of these domains.

    Args:
        domains: names of domains.
        detached: entities of other domains are not looked up but are what the gateway told us of them, as if their
            tables were elsewhere. Tests run so, and thus find fields that read more of a parent than they say.
    """

    def __init__(self, domains: Iterable[str], *, detached: bool = False) -> None:
        self.domains = frozenset(domains)
        self.detached = detached
        self.resolvable = {e.name: e for e in ENTITIES.values() if e.domain in self.domains or self.adds_to(e.name)}
        mutation = Mutation if self.adds_to("Mutation") else None
        super().__init__(query=self.query_type(), mutation=mutation, federation_version=VERSION, config=CONFIG)
        for type_ in self._schema.type_map.values():
            if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
                type_.resolve_type = by_row(type_.resolve_type)
        guard(self._schema)

    # --- what is in it

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Strawberry's hook. What we return decides the schema; the printer and the collector of directives look at the
        definition that the finished type points to, so that one has to be the projected one too."""
        projected = self.project(type_definition)
        name = self.config.name_converter.from_type(type_definition)
        implementation: Any = self.schema_converter.type_map[name].implementation
        implementation.extensions[GraphQLCoreConverter.DEFINITION_BACKREF] = projected
        return projected.fields

    def project(self, definition: StrawberryObjectDefinition) -> StrawberryObjectDefinition:
        name, directives = definition.name, list(definition.directives or ())
        if definition.is_input or definition.is_interface:
            return definition
        if name in ROOTS:
            unwanted = (
                () if self.resolvable else ("_entities",)
            )  # Strawberry adds it if an entity can be reached at all
            fields = [f for f in definition.fields if self.has(f) and f.graphql_name not in unwanted]
            return dataclasses.replace(definition, fields=fields)
        if name not in ENTITIES:
            shared = any(isinstance(d, Shareable) for d in directives) or name.startswith("_")
            return dataclasses.replace(definition, directives=directives + [Shareable()] * (not shared))
        entity = ENTITIES[name]
        if entity.domain in self.domains:
            return dataclasses.replace(definition, fields=[f for f in definition.fields if self.has(f)])
        return self.stub(definition, entity)

    def stub(self, definition: StrawberryObjectDefinition, entity: Entity) -> StrawberryObjectDefinition:
        """What a subgraph says of an entity that another one owns."""
        graph_name = self.config.name_converter.from_field
        added = [f for f in definition.fields if "domain" in f.metadata and self.has(f)]
        needed = {name for f in added for name in f.metadata.get("needs", ())}
        fields = []
        for field in definition.fields:
            if field in added:
                needs = field.metadata.get("needs", ())
                fields.append(with_directives(field, Requires(fields=FieldSet(" ".join(needs)))) if needs else field)
            elif graph_name(field) == entity.primary:
                fields.append(field)
            elif graph_name(field) in needed:
                fields.append(with_directives(field, External()))
        key = Key(fields=FieldSet(entity.primary), resolvable=UNSET if added else False)
        directives = [d for d in definition.directives or () if not isinstance(d, Key)]
        return dataclasses.replace(definition, fields=fields, directives=[key, *directives])

    def has(self, field: StrawberryField) -> bool:
        return field.metadata.get("domain") in (None, *self.domains)

    def adds_to(self, name: str) -> bool:
        target = {"Query": Query, "Mutation": Mutation}.get(name) or ENTITIES[name].cls
        return any(f.metadata.get("domain") in self.domains for f in definition_of(target).fields)

    # --- how a gateway enters it

    def query_type(self) -> type:
        """Query with our own `_entities`: Strawberry's names every entity that exists, looks them up one by one,
        changes the caller's variables, and fails whole lists."""
        if not self.resolvable:
            return Query
        union = StrawberryUnion("_Entity", tuple(StrawberryAnnotation(e.cls) for e in self.resolvable.values()))
        field: Any = strawberry.field(
            resolver=self.find_entities,
            name="_entities",
            graphql_type=list[union | None],  # type: ignore[valid-type]
            metadata={"kind": "entities", "size": "representations"},
        )
        return strawberry.type(
            type("Query", (create_type("Entities", [field]), Query), {}), description="Everything that can be asked."
        )

    async def find_entities(self, info: strawberry.Info, representations: list[FederationAny]) -> Any:
        """Rows for representations, in order: one call of a batch function for each type and key; a representation that
        is wrong is an error of its own place.

        Raises:
            Unauthorized: the caller has no key.
        """
        ctx: Context = info.context
        access.check(ctx, "key")
        asked = cast(list[Any], representations)
        if len(asked) > MOST_ENTITIES:
            raise Invalid([Detail(field="representations", message=f"must have at most {MOST_ENTITIES} items")])
        found: list[Any] = [None] * len(asked)
        lookups: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, given in enumerate(asked):
            try:
                where = self.entrance(given)
            except DomainError as error:
                found[place] = error
                continue
            if where is None:
                found[place] = Stub(given)
            else:
                lookups[where].append(place)
        await asyncio.gather(*(self.look_up(ctx, *where, asked, places, found) for where, places in lookups.items()))
        return found

    def entrance(self, given: Any) -> tuple[str, str] | None:
        """Type and key by which a representation is looked up; None if it is taken as it is."""
        name = given.get("__typename") if isinstance(given, dict) else None
        entity = self.resolvable.get(name) if isinstance(name, str) else None
        if entity is None:
            raise bad_representation(f"{name} cannot be looked up here")
        owned = entity.domain in self.domains
        keys = list(entity.keys) if owned else [entity.primary]  # of other owners' entities a subgraph knows no more
        key = next((k for k in keys if given.get(k) is not None), None)
        if key is None:
            raise bad_representation(f"{entity.name} needs one of {', '.join(keys)}")
        if not isinstance(given[key], str) or len(given[key]) > 100 or unstorable(given[key]):
            raise bad_representation(f"{entity.name}.{key} must be a string")
        return (entity.name, key) if owned or not self.detached else None

    def key_of(self, name: str, key: str, given: str) -> Any:
        """A key as its scalar reads it: a GTIN may come in any form. What is no key finds nothing."""
        kind: Any = self._schema.type_map[name]
        try:
            return get_named_type(kind.fields[key].type).parse_value(given)
        except (ValueError, GraphQLError):
            return None

    async def look_up(
        self, ctx: Context, name: str, key: str, asked: Sequence[Any], places: Sequence[int], found: list[Any]
    ) -> None:
        try:
            given = [self.key_of(name, key, asked[place][key]) for place in places]
            rows = await ENTITIES[name].keys[key](ctx, given)
        except Exception as error:  # one lookup that fails must not empty the others
            rows = [error] * len(places)
        for place, row in zip(places, rows, strict=True):
            found[place] = row


def bad_representation(message: str) -> Invalid:
    return Invalid([Detail(field="representations", message=message)])


class Stub:
    """A row of which only the primary key, and what added fields said they need, is known."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.__dict__ |= {snake(k): v for k, v in given.items() if k != "__typename"}
        self.typename = given["__typename"]


def by_row(otherwise: Any) -> Any:
    """Values are rows, and of a row Strawberry cannot tell which type of a union it is."""
    names = {entity.row: entity.name for entity in ENTITIES.values()}

    def resolve_type(value: Any, *rest: Any) -> Any:
        return value.typename if isinstance(value, Stub) else names.get(type(value)) or otherwise(value, *rest)

    return resolve_type


def with_directives(field: StrawberryField, *directives: object) -> StrawberryField:
    field = copy.copy(field)
    field.directives = [*field.directives, *directives]
    return field
