"""What passes the gate, where it is to be had around a place: distance is the order (docs/decisions/0021).

A product's hit is its nearest offer that passes every condition; then offers that can be believed more, then cheaper
ones come first, and hits are sorted by the same. One statement finds all of them, so that what is counted, paged and
drawn up into facets is one set. It finds offers from the products (an index over product and point), or, of many
products, from the places around.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Double,
    Integer,
    Numeric,
    Text,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from closient_gql.core.db import Query
from closient_gql.core.models.locations import COLUMNS, Location
from closient_gql.core.models.retailers import (
    InStoreOffer,
    InStorePromotion,
    InventoryConfidence,
    OfferStatus,
    PhysicalStore,
    Retailer,
)
from resolvers.context import Context
from resolvers.locations import hours
from resolvers.locations.inputs import NearInput
from resolvers.locations.nearby import POINT, RADIUS, WITHIN, here
from resolvers.locations.queries import opening_hours
from resolvers.retailers.confidence import confidence_sql
from resolvers.retailers.effective import effective_sql
from resolvers.retailers.product_offers import OfferKind, in_stock_sql, metres_of, of_product, parents, price_key

MANY = 5_000
"""Of more products than these, offers are found from the places around."""
HIGHEST = Decimal(10**12)


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """A box of a map, in degrees. Where `west` is more than `east` it goes across the antimeridian."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, kw_only=True)
class Around:
    """Which offers at places pass. `currencies`: of prices; empty: any. Hashable, so that a request asks once."""

    latitude: float
    longitude: float
    radius_km: float
    in_stock: bool = False
    open_now: bool = False
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    currencies: tuple[str, ...] = ()
    bounds: Bounds | None = None

    @property
    def near(self) -> NearInput:
        return NearInput(latitude=self.latitude, longitude=self.longitude, radius_km=self.radius_km)


@dataclass(frozen=True)
class Shape:
    """What a question looks like, without its values: a statement is made once for each."""

    from_places: bool
    of_products: bool
    in_stock: bool
    open_now: bool
    priced: bool
    currency: bool
    bounds: bool


@dataclass(frozen=True, slots=True)
class LocalHit:
    """One product at its nearest passing store. `id` and `sort_` are what a list of them is paged by."""

    id: str  # of the product
    sort_: int  # its place among all hits, from 0
    offer_id: str
    physical_store_id: str
    retailer_id: str
    metres: float
    latitude: float
    longitude: float
    confidence: InventoryConfidence
    price: Decimal | None
    currency: str
    stores: int

    @property
    def distance_km(self) -> float:
        return round(self.metres / 1000, 2)

    @property
    def other_stores_count(self) -> int:
        return self.stores - 1


ORDER = list(InventoryConfidence)  # the surest first


def rank_sql(synced_at: ColumnElement[Any]) -> ColumnElement[int]:
    """The place of an offer's confidence among all levels, the surest first."""
    word = confidence_sql(synced_at)
    return case(
        *((word == level.value, literal(n, Integer)) for n, level in enumerate(ORDER)),
        else_=literal(len(ORDER), Integer),
    )


def in_box() -> ColumnElement[bool]:
    """Within the box of the map."""
    south, west, north, east = (bindparam(f"box_{side}", type_=Double) for side in ("south", "west", "north", "east"))
    longitude = Location.longitude
    across = case((west > east, or_(longitude >= west, longitude <= east)), else_=longitude.between(west, east))
    return Location.latitude.between(south, north) & across


def conditions(shape: Shape, offer: Any, price: ColumnElement[Decimal]) -> list[ColumnElement[bool]]:
    """What every offer keeps that passes; all of them are shown to everybody."""
    found: list[ColumnElement[bool]] = [
        PhysicalStore.is_active & Retailer.is_active & Location.is_active,
        offer.status != OfferStatus.DISCONTINUED.value,
    ]
    if shape.in_stock:
        found.append(in_stock_sql(OfferKind.IN_STORE, offer))
    if shape.open_now:
        found.append(Location.id == func.any(bindparam("open_", type_=ARRAY(Text))))
    if shape.priced:
        found.append(price.between(bindparam("price_min", type_=Numeric), bindparam("price_max", type_=Numeric)))
    if shape.currency:
        found.append(PhysicalStore.currency == func.any(bindparam("currencies", type_=ARRAY(Text))))
    if shape.bounds:
        found.append(in_box())
    return found


def sources(shape: Shape) -> tuple[Any, Any]:
    """Offers with their stores, retailers and places, within the radius; and the columns of the offers."""
    given, offer = parents(), InStoreOffer
    if shape.from_places:
        start = select().select_from(Location).join(PhysicalStore, PhysicalStore.location_id == Location.id)
        start = start.join(offer, offer.physical_store_id == PhysicalStore.id).where(WITHIN)
        if shape.of_products:
            start = start.join(given, given.c.id == offer.product_id)
        return start.join(Retailer, PhysicalStore.retailer_id == Retailer.id), offer
    # apart for each product (OFFSET 0): or PostgreSQL reads all offers around, whatever product they are of
    each = select(offer).where(of_product(offer, given.c.id), func.ST_DWithin(offer.point, POINT, RADIUS)).offset(0)
    its = aliased(InStoreOffer, each.correlate(given).lateral("offers"))
    start = select().select_from(given).join(its, true())
    start = start.join(PhysicalStore, its.physical_store_id == PhysicalStore.id)
    start = start.join(Location, PhysicalStore.location_id == Location.id)
    return start.join(Retailer, PhysicalStore.retailer_id == Retailer.id), its


def best_of_stores(shape: Shape) -> Any:
    """Passing offers; `k` is 1 for the best of each product at each store."""
    source, offer = sources(shape)
    price = effective_sql(offer, InStorePromotion)
    each = (
        source.add_columns(
            offer.product_id, offer.id.label("offer_id"), PhysicalStore.id.label("physical_store_id"),
            PhysicalStore.retailer_id, PhysicalStore.currency, Location.latitude, Location.longitude,
            metres_of(offer).label("metres"), rank_sql(offer.inventory_synced_at).label("rank"),
            price.label("price"), in_stock_sql(OfferKind.IN_STORE, offer).label("there"),
        )
        .where(*conditions(shape, offer, price))
        .cte("each")
    )  # fmt: skip
    of_store = (each.c.product_id, each.c.physical_store_id)
    return select(each, func.row_number().over(partition_by=of_store, order_by=order_of(each)).label("k"))


def order_of(rows: Any) -> tuple[Any, ...]:
    """Nearest first, then what can be believed more, then what is cheaper."""
    return rows.c.metres, rows.c.rank, price_key(rows.c.price, rows.c.currency), rows.c.offer_id


@cache
def nearest(shape: Shape) -> Query[Any]:
    """The best passing offer of each product, and how many stores have one; in the order of hits."""
    of_store = best_of_stores(shape).subquery("of_store")
    of_product_ = (
        select(
            of_store,
            func.row_number().over(partition_by=of_store.c.product_id, order_by=order_of(of_store)).label("n"),
            func.count().over(partition_by=of_store.c.product_id).label("stores"),
        )
        .where(of_store.c.k == 1)
        .subquery("of_product")
    )
    found = of_product_.c
    shown = [found[name] for name in (
        "product_id", "offer_id", "physical_store_id", "retailer_id", "currency", "latitude", "longitude", "metres",
        "rank", "price", "stores",
    )]  # fmt: skip
    order = (*order_of(of_product_)[:3], found.product_id)
    return Query(InStoreOffer, select(*shown).where(found.n == 1).order_by(*order))


@cache
def every_store(shape: Shape) -> Query[Any]:
    """The best passing offer of each product at each store."""
    found = best_of_stores(shape).subquery("of_store").c
    shown = [found[name] for name in (
        "product_id", "offer_id", "physical_store_id", "currency", "metres", "price", "there",
    )]  # fmt: skip
    return Query(InStoreOffer, select(*shown).where(found.k == 1))


def shape_of(ids: Sequence[str] | None, around: Around) -> Shape:
    return Shape(
        from_places=ids is None or len(ids) > MANY,
        of_products=ids is not None,
        in_stock=around.in_stock,
        open_now=around.open_now,
        priced=around.price_min is not None or around.price_max is not None,
        currency=bool(around.currencies),
        bounds=around.bounds is not None,
    )


async def local_hits(ctx: Context, ids: Sequence[str] | None, around: Around) -> Sequence[LocalHit]:
    """All hits of these products, or of all products, in their order. One statement, and one more for `open_now`."""
    if ids is not None and not ids:
        return ()
    query = nearest(shape_of(ids, around))
    rows: Sequence[Any] = await ctx.read.all(query, **await values(ctx, ids, around))
    return [
        LocalHit(
            row.product_id, n, row.offer_id, row.physical_store_id, row.retailer_id, row.metres, row.latitude,
            row.longitude, ORDER[row.rank], row.price, row.currency, row.stores,
        )
        for n, row in enumerate(rows)
    ]  # fmt: skip


async def store_offers(ctx: Context, ids: Sequence[str], around: Around) -> Sequence[Any]:
    """The best passing offer of each of these products at each store: product_id, offer_id, physical_store_id,
    currency, metres, price, there (whether it is known to be in stock)."""
    if not ids:
        return ()
    return await ctx.read.all(every_store(shape_of(ids, around)), **await values(ctx, ids, around))


async def values(ctx: Context, ids: Sequence[str] | None, around: Around) -> dict[str, Any]:
    found: dict[str, Any] = {"near_metres": around.radius_km * 1000} | here(around.near, around.radius_km)
    found |= {
        "parents": list(ids or ()),
        "price_min": around.price_min if around.price_min is not None else Decimal(0),
        "price_max": around.price_max if around.price_max is not None else HIGHEST,
        "currencies": list(around.currencies),
    }
    if around.open_now:
        found["open_"] = await open_places(ctx, around)
    if around.bounds:
        found |= {f"box_{side}": value for side, value in vars(around.bounds).items()}
    return found


PLACES = Query(
    Location,
    select(*COLUMNS).where(
        Location.is_active.expression,
        WITHIN,
        Location.opening_hours.is_not(None),
        select(PhysicalStore.id).where(PhysicalStore.location_id == Location.id).correlate(Location).exists(),
    ),
)


async def open_places(ctx: Context, around: Around) -> list[str]:
    """Ids of places with stores within the radius that are open now. Of which nothing is known are not among them."""
    now = datetime.now(UTC)
    found = []
    for place in await ctx.read.all(PLACES, near_metres=around.radius_km * 1000, **near_values(around)):
        known = opening_hours(place)
        if known and hours.is_open(known.hours, known.where, now):
            found.append(place.id)
    return found


def near_values(around: Around) -> dict[str, float]:
    return {"near_latitude": around.latitude, "near_longitude": around.longitude}
