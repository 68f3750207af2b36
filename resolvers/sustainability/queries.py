"""What is known of what becomes of products: one statement for each kind of thing, for any number of products."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from closient_gql.core.db import KEYS, Query
from closient_gql.core.models.products import Product
from closient_gql.core.models.sustainability import (
    Circularity,
    Component,
    EndOfLife,
    EnvironmentalImpact,
    Packaging,
    ProductGrade,
    Recyclability,
)
from resolvers import access
from resolvers.context import Context
from resolvers.products.inputs import PlainGtin
from resolvers.products.queries import products_by_gtin


@dataclass(frozen=True)
class Sustainability:
    """A product, seen from what becomes of it."""

    product: Product


PACKAGING = Query(
    Packaging,
    select(*Packaging.__table__.c)
    .where(Packaging.product_id == func.any(KEYS))
    .order_by(Packaging.packaging_type, Packaging.created, Packaging.id),  # PRIMARY, SECONDARY, TERTIARY
)
COMPONENTS = Query(
    Component,
    select(*Component.__table__.c)
    .where(Component.product_id == func.any(KEYS))
    .order_by(Component.priority, Component.name, Component.id),
)
END_OF_LIFE = Query(
    EndOfLife,
    select(*EndOfLife.__table__.c)
    .where(EndOfLife.product_id == func.any(KEYS))
    .order_by(EndOfLife.priority, EndOfLife.instruction_type, EndOfLife.id),
)
IMPACTS = Query(
    EnvironmentalImpact,
    select(*EnvironmentalImpact.__table__.c)
    .where(EnvironmentalImpact.product_id == func.any(KEYS))
    .order_by(EnvironmentalImpact.impact_type, EnvironmentalImpact.created, EnvironmentalImpact.id),
)
CIRCULARITY = Query(Circularity, select(*Circularity.__table__.c).where(Circularity.product_id == func.any(KEYS)))
GRADES = Query(
    ProductGrade,
    select(*ProductGrade.__table__.c).where(ProductGrade.product_id == func.any(KEYS)).order_by(ProductGrade.scheme),
)
ASSESSMENTS = Query(
    Recyclability, select(*Recyclability.__table__.c).where(Recyclability.packaging_id == func.any(KEYS))
)
# what has run out only where nothing holds; of several equally good ones, that of the packaging that is listed first
BEST = Query(
    Recyclability,
    select(Packaging.product_id, *Recyclability.__table__.c)
    .ext(distinct_on(Packaging.product_id))
    .join_from(Recyclability, Packaging, Packaging.id == Recyclability.packaging_id)
    .where(Packaging.product_id == func.any(KEYS))
    .order_by(
        Packaging.product_id,
        func.coalesce(Recyclability.valid_until < func.current_date(), False),  # the session's zone is UTC
        Recyclability.recyclability_percentage.desc().nulls_last(),
        Packaging.packaging_type,
        Packaging.created,
        Packaging.id,
    ),
)


def ids(views: Sequence[Sustainability]) -> list[str]:
    return [view.product.id for view in views]


async def views_of(ctx: Context, products: Sequence[Product]) -> list[Sustainability | None]:
    """Always there for products: what is not known is empty inside of it. None is for views of them."""
    return [Sustainability(product) for product in products]


async def packaging_of(ctx: Context, views: Sequence[Sustainability]) -> list[list[Packaging]]:
    """Packaging, from the inside outwards."""
    return await ctx.read.by_parent(PACKAGING, "product_id", ids(views))


async def components_of(ctx: Context, views: Sequence[Sustainability]) -> list[list[Component]]:
    """Parts, by priority, then by name."""
    return await ctx.read.by_parent(COMPONENTS, "product_id", ids(views))


async def end_of_life_of(ctx: Context, views: Sequence[Sustainability]) -> list[list[EndOfLife]]:
    """Instructions, by priority, then by type."""
    return await ctx.read.by_parent(END_OF_LIFE, "product_id", ids(views))


async def impacts_of(ctx: Context, views: Sequence[Sustainability]) -> list[list[EnvironmentalImpact]]:
    return await ctx.read.by_parent(IMPACTS, "product_id", ids(views))


async def grades_of(ctx: Context, views: Sequence[Sustainability]) -> list[list[ProductGrade]]:
    return await ctx.read.by_parent(GRADES, "product_id", ids(views))


async def circularity_of(ctx: Context, views: Sequence[Sustainability]) -> list[Circularity | None]:
    return await ctx.read.by_key(CIRCULARITY, "product_id", ids(views))


async def circularity_of_products(ctx: Context, products: Sequence[Product]) -> list[Circularity | None]:
    """None: nobody has assessed it."""
    return await ctx.read.by_key(CIRCULARITY, "product_id", [product.id for product in products])


async def best_of(ctx: Context, views: Sequence[Sustainability]) -> list[Recyclability | None]:
    """The assessment with the highest percentage, of all packaging of a product; one that has run out only where no
    other is there; None: none is assessed."""
    return await ctx.read.by_key(BEST, "product_id", ids(views))


async def assessments_of(ctx: Context, packaging: Sequence[Packaging]) -> list[Recyclability | None]:
    return await ctx.read.by_key(ASSESSMENTS, "packaging_id", [each.id for each in packaging])


@access.key
async def product_sustainability(ctx: Context, gtin: PlainGtin) -> Sustainability | None:
    """All that is known of what becomes of one product; None if there is no such product."""
    found: Product | None = await ctx.find(products_by_gtin, gtin)
    return Sustainability(found) if found else None
