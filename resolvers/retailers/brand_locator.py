"""The public store locator of a brand: who has its products, and how far away.

Contract: find_stores_carrying_a_brand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from sqlalchemy import BigInteger, bindparam, case, func, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query
from closient_gql.core.models.brands import Brand
from closient_gql.core.models.locations import COLUMNS, Location
from closient_gql.core.models.products import Product
from closient_gql.core.models.retailers import InStoreOffer, OfferStatus, PhysicalStore, Retailer
from resolvers import access
from resolvers.brands.queries import brands_by_id
from resolvers.context import Context
from resolvers.locations.inputs import Limit, NearInput
from resolvers.locations.nearby import DISTANCE_KM, LOCATOR_KM, METRES, WITHIN, here
from resolvers.locations.rules import one_line

SHOWN = Location.is_active & PhysicalStore.is_active & Retailer.is_active
RETAILER_NAME = case((Retailer.organization_id.is_(None), Retailer.name), else_="")  # a private one is nobody else's


@dataclass(frozen=True)
class BrandLocator:
    """A brand, and where to look for its products."""

    brand: Brand
    near: NearInput
    limit: int
    product_id: str | None


@dataclass(frozen=True)
class BrandStore:
    """A store that has products of the brand."""

    id: str
    name: str
    address: str
    latitude: float
    longitude: float
    distance_km: float
    product_count: int
    retailer_name: str
    phone: str
    website: str
    location: Location


@cache
def stores(everywhere: bool, one_product: bool) -> Query[Location]:
    """Locations of stores with at least one active offer of the brand's products, nearest first."""
    offers = (
        select(func.count(InStoreOffer.product_id.distinct()).label("product_count"))
        .join(Product, Product.id == InStoreOffer.product_id)
        .where(
            InStoreOffer.physical_store_id == PhysicalStore.id,
            InStoreOffer.status == OfferStatus.ACTIVE.value,
            Product.brand_id == bindparam("brand"),
        )
    )
    if one_product:
        offers = offers.where(InStoreOffer.product_id == bindparam("product"))
    counted = offers.lateral("offers")
    found = (
        select(
            *COLUMNS, DISTANCE_KM.label("distance_km"), PhysicalStore.id.label("store_id"),
            PhysicalStore.name.label("store_name"), RETAILER_NAME.label("retailer_name"), counted.c.product_count,
        )
        .join(PhysicalStore, PhysicalStore.location_id == Location.id)
        .join(Retailer, PhysicalStore.retailer_id == Retailer.id)
        .join(counted, counted.c.product_count > 0)
        .where(SHOWN)
        .order_by(METRES, PhysicalStore.id)
        .limit(bindparam("limit_", type_=BigInteger))
    )  # fmt: skip
    return Query(Location, found if everywhere else found.where(WITHIN))


@access.public
async def brand_locator(
    ctx: Context,
    brand_id: Annotated[Id, Doc("Id of the brand.")],
    near: Annotated[NearInput, Doc("Where; within 50 km if nothing is said.")],
    limit: Limit = 20,
    product_id: Annotated[Id | None, Doc("Only stores that have this product of the brand.")] = None,
) -> BrandLocator | None:
    """Where a brand's products are; None if there is no such brand."""
    found: Brand | None = await ctx.find(brands_by_id, brand_id)
    return BrandLocator(found, near, limit, product_id) if found else None


async def stores_of(ctx: Context, locators: Sequence[BrandLocator]) -> list[list[BrandStore]]:
    """Stores, nearest first. There is one locator in a request, or a few."""
    return [await stores_near(ctx, each) for each in locators]


async def stores_near(ctx: Context, locator: BrandLocator) -> list[BrandStore]:
    values: dict[str, Any] = here(locator.near, LOCATOR_KM) | {"brand": locator.brand.id, "limit_": locator.limit}
    query = stores("near_metres" not in values, locator.product_id is not None)
    rows: Sequence[Any] = await ctx.read.all(query, **values, product=locator.product_id)
    return [
        BrandStore(
            id=row.store_id, name=row.store_name or row.name, latitude=row.latitude, longitude=row.longitude,
            address=one_line(row.street_address, row.city, row.region, row.postal_code, row.country),
            distance_km=row.distance_km, product_count=row.product_count, retailer_name=row.retailer_name,
            phone=row.phone, website=row.website, location=row,
        )
        for row in rows
    ]  # fmt: skip
