"""The public catalogue of one brand: what the store locator's product filter offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import func, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Query
from closient_gql.core.models.brands import Brand
from closient_gql.core.models.products import Product
from resolvers import access
from resolvers.brands.queries import brands_by_id
from resolvers.context import Context

CATALOG = Query(
    Product,
    select(*Product.__table__.c)
    .where(Product.brand_id == func.any(KEYS))
    .order_by(func.lower(Product.product_name), Product.id),
)


@dataclass(frozen=True)
class BrandCatalog:
    """A brand, for everybody."""

    brand: Brand


@access.public
async def brand_catalog(ctx: Context, brand_id: Annotated[Id, Doc("Id of the brand.")]) -> BrandCatalog | None:
    """The catalogue of a brand; None if there is no such brand."""
    found: Brand | None = await ctx.find(brands_by_id, brand_id)
    return BrandCatalog(found) if found else None


async def products_of(ctx: Context, catalogs: Sequence[BrandCatalog]) -> list[list[Product]]:
    """All products of the brands, by name without regard to case."""
    return await ctx.read.by_parent(CATALOG, "brand_id", [catalog.brand.id for catalog in catalogs])
