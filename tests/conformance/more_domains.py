"""Five more domains with what later ones may bring, so that the projection is tried on more than there is today.

    alpha     an entity, a value, an input, a mutation
    beta      adds fields to entities of others, which need more of them than their key; no root field
    gamma     nothing at all
    delta     a union of others' entities
    epsilon   an entity that nobody points to, and no root field; it points to an entity of another domain

Run as a program, in a process of its own because declarations are for ever: reads divisions as lists of lists of
domains, writes the SDL of every group of domains in them.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry

import schema
from closient_gql.core import models
from resolvers import access
from resolvers.brands.queries import brands_by_id
from resolvers.context import Context
from schema import declare
from schema.declare import Mutation, Query, adopt_input, column, entity, extend, reference, relation, root, value
from schema.products.types import Product
from schema.projection import Projection


@dataclass
class WidgetInput:
    name: str


@dataclass
class WidgetCreated:
    found: Any


async def batch(ctx: Context, parents: Sequence[Any]) -> list[Any]:
    return [None for _ in parents]


@access.user
async def create(ctx: Context, widget: WidgetInput) -> Any:
    return None


@access.key
async def every(ctx: Context) -> Any:
    return []


schema.graph()
current = ""
declare.domain_of = lambda cls: current  # all of this stands in one file

current = "alpha"
adopt_input(WidgetInput, "WidgetInput", "A new widget.")


@entity(models.brands.Brand, keys={"id": brands_by_id, "name": brands_by_id}, says="A widget.")
class Widget:
    id: strawberry.ID = column("Its id.")
    name: str = column("Its name.")
    website: str = column("Its site.")
    product: Product | None = relation(batch, "What it belongs to.")


@value(WidgetCreated, says="What creating a widget came to.")
class WidgetCreatedResult:
    found: Widget | None = column("It.")


@extend(Mutation)
class AlphaMutations:
    widget_create: WidgetCreatedResult | None = root(create, "Makes a widget.")


current = "beta"


@extend(Widget)
class BetaWidget:
    rating: int | None = relation(batch, "How good it is.", needs=["name", "website"])


@extend(Product)
class BetaProduct:
    widgets: list[Widget] = relation(batch, "What it is made of.", needs=["gtin", "netContent"])


current = "delta"
Hit = Annotated[Widget | Product, strawberry.union("Hit", description="Something found.")]


@extend(Query)
class DeltaQueries:
    hits: list[Hit] | None = root(every, "Everything found.")


current = "epsilon"


@entity(models.account.Organization, keys={"id": brands_by_id}, says="A gadget.")
class Gadget:
    id: strawberry.ID = column("Its id.")
    widget: Widget | None = reference("id", brands_by_id, "Its widget.")


if __name__ == "__main__":
    groups = {tuple(group) for division in json.load(sys.stdin) for group in division}
    json.dump({"-".join(group): Projection(group).as_str() for group in groups}, sys.stdout)
