"""Where the products of a brand are sold: stores, retailers and regions (contract: guides, brand-retail-footprint)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, Text, bindparam, func, select, true, tuple_

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.countries import Country
from closient_gql.core.db import Query
from closient_gql.core.models.brands import Brand
from closient_gql.core.models.locations import Location
from closient_gql.core.models.products import Product
from closient_gql.core.models.retailers import InStoreOffer, InventoryConfidence, PhysicalStore, Retailer
from resolvers.context import Context
from resolvers.retailers.confidence import confidence_of, confidence_sql
from resolvers.retailers.offers import IN_STORE, IN_STORE_SHOWN
from resolvers.retailers.product_offers import OfferKind, in_stock_sql, parents


@dataclass(frozen=True)
class Counts:
    """What is sold in one region, or everywhere. A store is stale if all that is known of its stock is."""

    store_count: int
    in_stock_store_count: int
    stale_store_count: int
    retailer_count: int
    product_count: int


@dataclass(frozen=True)
class FootprintRegion(Counts):
    country: str
    region: str


@dataclass(frozen=True)
class RetailFootprint(Counts):
    brand_id: str
    country: str | None  # only there
    regions: Sequence[FootprintRegion]


@dataclass(frozen=True)
class FootprintStore:
    """What one store has of a brand."""

    physical_store_id: str
    product_count: int
    in_stock_product_count: int
    last_checked_at: datetime | None
    inventory_confidence: InventoryConfidence


CountryFilter = Annotated[Country | None, Doc("Only stores in this country: ISO 3166-1 alpha-2.")]
IN_STOCK = in_stock_sql(OfferKind.IN_STORE, InStoreOffer)


def distinct(column: Any, condition: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    counted = func.count(column.distinct())
    return counted if condition is None else counted.filter(condition)


def sold(columns: Sequence[ColumnElement[Any]], country: bool) -> Select[Any]:
    """Columns of the shown offers of products."""
    found = IN_STORE.with_only_columns(*columns).join(Product, Product.id == InStoreOffer.product_id)
    found = found.where(IN_STORE_SHOWN)
    return found.where(Location.country == bindparam("country")) if country else found


@cache
def counting(country: bool) -> Query[Any]:
    """For every brand one row over all of its regions, and one for each."""
    brand, store = Product.brand_id, PhysicalStore.id
    fresh = confidence_sql(InStoreOffer.inventory_synced_at.expression) != InventoryConfidence.STALE.value
    columns: tuple[ColumnElement[Any], ...] = (
        brand.label("parent_"), Location.country.expression, Location.region.expression,
        func.grouping(Location.country).label("all_"),
        distinct(store).label("store_count"), distinct(store, IN_STOCK).label("in_stock_store_count"),
        (distinct(store) - distinct(store, fresh)).label("stale_store_count"),
        distinct(PhysicalStore.retailer_id).label("retailer_count"), distinct(Product.id).label("product_count"),
    )  # fmt: skip
    sets = func.grouping_sets(tuple_(brand), tuple_(brand, Location.country, Location.region))
    wanted = brand == func.any(bindparam("parents", type_=ARRAY(Text)))
    order = (distinct(store).desc(), Location.country, Location.region)
    return Query(InStoreOffer, sold(columns, country).where(wanted).group_by(sets).order_by(*order))


@cache
def by_store(country: bool) -> Query[Any]:
    """For every brand the stores that have most of its products."""
    given = parents()
    number = distinct(Product.id)
    columns = (
        PhysicalStore.id.label("physical_store_id"), number.label("product_count"),
        distinct(Product.id, IN_STOCK).label("in_stock_product_count"),
        func.max(InStoreOffer.inventory_synced_at).label("last_checked_at"),
    )  # fmt: skip
    stores = sold(columns, country).where(Product.brand_id == given.c.id).group_by(PhysicalStore.id)
    limited = stores.order_by(number.desc(), PhysicalStore.id).limit(bindparam("limit_", type_=BigInteger))
    found = limited.lateral("stores")
    return Query(InStoreOffer, select(given.c.id.label("parent_"), found).join(found, true()))


_lists = [bindparam(name, type_=ARRAY(Text)) for name in ("countries", "regions")]
_places = func.unnest(*_lists).table_valued("country", "region").render_derived()
STORES_BY_REGION = Query(
    Location,
    select(_places.c.country, _places.c.region, func.count().label("stores"))
    .join(Location, (Location.country == _places.c.country) & (Location.region == _places.c.region))
    .join(PhysicalStore, PhysicalStore.location_id == Location.id)
    .join(Retailer, PhysicalStore.retailer_id == Retailer.id)
    .where(Location.is_active, PhysicalStore.is_active, Retailer.is_active)
    .group_by(_places.c.country, _places.c.region),
)


async def footprints_of(
    ctx: Context, brands: Sequence[Brand], *, country: CountryFilter = None
) -> list[RetailFootprint | None]:
    """Where brands are sold, regions with most stores first. One statement."""
    ids = list({brand.id for brand in brands})
    given = {"country": country} if country else {}
    rows: Sequence[Any] = await ctx.read.all(counting(country is not None), parents=ids, **given)
    regions: dict[str, list[FootprintRegion]] = {id: [] for id in ids}
    totals = dict.fromkeys(ids, (0, 0, 0, 0, 0))
    for row in rows:
        counts = (row.store_count, row.in_stock_store_count, row.stale_store_count, row.retailer_count,
                  row.product_count)  # fmt: skip
        if row.all_:
            totals[row.parent_] = counts
        else:
            regions[row.parent_].append(FootprintRegion(*counts, country=row.country, region=row.region))
    return [RetailFootprint(*totals[b.id], brand_id=b.id, country=country, regions=regions[b.id]) for b in brands]


async def stores_of(
    ctx: Context,
    footprints: Sequence[RetailFootprint],
    *,
    limit: Annotated[int, Bounds(minimum=1, maximum=100), Doc("How many stores.")] = 20,
) -> list[list[FootprintStore]]:
    """Stores that have most products of the brand first. One statement for all brands of a country."""
    found: dict[tuple[str, str | None], list[FootprintStore]] = {}
    now = datetime.now(UTC)
    for country in {footprint.country for footprint in footprints}:
        ids = list({each.brand_id for each in footprints if each.country == country})
        given = {"country": country} if country else {}
        for row in await ctx.read.all(by_store(country is not None), parents=ids, limit_=limit, **given):
            found.setdefault((row.parent_, country), []).append(
                FootprintStore(
                    row.physical_store_id, row.product_count, row.in_stock_product_count, row.last_checked_at,
                    confidence_of(row.last_checked_at, now),
                )
            )  # fmt: skip
    return [found.get((each.brand_id, each.country), []) for each in footprints]


async def coverage_of(ctx: Context, regions: Sequence[FootprintRegion]) -> list[float]:
    """The share of all stores that are known in a region that sell the brand: 0 to 1."""
    keys = list({(each.country, each.region) for each in regions})
    rows: Sequence[Any] = await ctx.read.all(
        STORES_BY_REGION, countries=[country for country, _ in keys], regions=[region for _, region in keys]
    )
    total = {(row.country, row.region): row.stores for row in rows}
    return [round(each.store_count / max(total.get((each.country, each.region), 0), each.store_count, 1), 4)
            for each in regions]  # fmt: skip
