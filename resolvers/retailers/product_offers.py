"""The offers of products: by distance or by price, for many products in one statement for each kind of offer.

By distance, an index over product and point (`ix_in_store_offers_near`) finds what is within a ring, from the inside
out, until there is enough: cost follows what is shown, not how many offers a product has. (PostGIS' own order of
nearest neighbours measures on a sphere, and fails far away: resolvers.locations.nearby.) Everybody sees the same: what
is shown to all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Annotated, Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Double,
    Text,
    bindparam,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
    tuple_,
    union_all,
)

from closient_gql.core.bounds import Doc
from closient_gql.core.db import SHAPES, Query, narrowed
from closient_gql.core.enums import Described
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.products import Product
from closient_gql.core.models.retailers import (
    InStoreOffer,
    InStorePromotion,
    OfferStatus,
    OnlineOffer,
    OnlinePromotion,
    OnlineStore,
    PhysicalStore,
    StockLevel,
)
from closient_gql.core.paging import Listing, Slice, Window
from resolvers.context import Context
from resolvers.locations.inputs import EVERYWHERE_KM, NearInput, RadiusKm
from resolvers.locations.nearby import POINT, RADIUS
from resolvers.retailers.effective import effective_sql
from resolvers.retailers.offers import IN_STORE, IN_STORE_SHOWN, ONLINE, ONLINE_SHOWN

NOWHERE = 1e9  # metres: where online offers are, in a list by distance
MOST_MERGED = 1_000  # offers of both kinds that are put together for one page
IS_ACTIVE = OfferStatus.ACTIVE.value
AVAILABLE = (StockLevel.IN_STOCK.value, StockLevel.LOW_STOCK.value)


class OfferKind(Described):
    IN_STORE = "in_store", "In a store at a place."
    ONLINE = "online", "In a store on the web."


class OfferOrder(Described):
    DISTANCE = "distance", "Nearest first, then those online. Needs `near`."
    PRICE = "price", "Cheapest first, promotions counted, of each currency by itself; unknown prices last."


Near = Annotated[NearInput | None, Doc("Where to measure from: only what is within its radius, if it has one.")]
Radius = Annotated[RadiusKm | None, Doc("Kilometres around `near`; outdoes its own radius. Online offers stay.")]
InStock = Annotated[
    bool | None, Doc("Only what is known to be in stock and can be bought; or only the rest, the unknown included.")
]
KindFilter = Annotated[OfferKind | None, Doc("Only offers of this kind.")]


@dataclass(frozen=True)
class Shape:
    """What a question looks like, without its values: a statement is made once for each."""

    kind: OfferKind | None = None
    in_stock: bool | None = None
    near: bool = False
    within: bool = False  # a radius

    @property
    def kinds(self) -> tuple[OfferKind, ...]:
        return tuple(OfferKind) if self.kind is None else (self.kind,)


@dataclass(frozen=True)
class Question:
    """A shape and its values."""

    shape: Shape
    values: dict[str, float]


def question(
    near: NearInput | None, radius_km: float | None, in_stock: bool | None, kind: OfferKind | None
) -> Question:
    """Raises:
    Invalid: a radius around nothing.
    """
    if near is None:
        if radius_km is not None:
            raise Invalid([Detail(field="near", message="is required with radiusKm: the middle of the radius")])
        return Question(Shape(kind, in_stock), {})
    values = {"near_latitude": near.latitude, "near_longitude": near.longitude}
    radius = near.radius_km if radius_km is None else radius_km
    if radius is None or radius >= EVERYWHERE_KM:
        return Question(Shape(kind, in_stock, near=True), values)
    return Question(Shape(kind, in_stock, near=True, within=True), values | {"near_metres": radius * 1000})


# --- parts of statements


def parents() -> Any:
    return func.unnest(bindparam("parents", type_=ARRAY(Text))).table_valued("id").render_derived()


def of_product(offer: Any, id: ColumnElement[str]) -> ColumnElement[bool]:
    """In the words of the index, too."""
    same: ColumnElement[bool] = offer.product_id == id
    return (hashed(offer.product_id) == hashed(id)) & same


def hashed(id: Any) -> ColumnElement[int]:
    return func.hashtextextended(id, text("0"), type_=BigInteger)


def in_stock_sql(kind: OfferKind, offer: Any) -> ColumnElement[bool]:
    """Whether it is known to be there and can be bought."""
    there = (
        offer.quantity_on_hand > 0 if kind is OfferKind.IN_STORE else or_(*(offer.stock_level == a for a in AVAILABLE))
    )
    return func.coalesce((offer.status == IS_ACTIVE) & there, false())


def conditions(kind: OfferKind, shape: Shape, offer: Any) -> list[ColumnElement[bool]]:
    found = []
    if shape.in_stock is not None:
        there = in_stock_sql(kind, offer)
        found.append(there if shape.in_stock else ~there)
    if shape.within and kind is OfferKind.IN_STORE:
        found.append(func.ST_DWithin(offer.point, POINT, RADIUS))
    return found


def in_rings(each: Any, given: Any, limit: ColumnElement[int]) -> Any:
    """The nearest of these offers, from ring to ring until there are enough. Within a ring they are sorted."""
    ends = [bindparam(name, type_=ARRAY(Double)) for name in ("rings_from", "rings_to")]
    rings = func.unnest(*ends).table_valued("begin", "end").render_derived("rings")
    point = InStoreOffer.point
    # of the first ring the inner bound is null: nothing is within that
    new = ~func.coalesce(func.ST_DWithin(point, POINT, rings.c.begin), false())
    each = each.where(func.ST_DWithin(point, POINT, rings.c.end), new)
    ordered = each.order_by(metres_of(InStoreOffer), InStoreOffer.id).limit(limit)
    ring = ordered.correlate(given, rings).lateral("ring")
    return select(ring).select_from(rings.join(ring, true())).limit(limit).correlate(given).subquery()


def rings_of(metres: float | None) -> dict[str, list[float | None]]:
    """From the inside out, up to a radius: 4 km wide, and each three times as wide as the one before."""
    furthest = EVERYWHERE_KM * 1000 if metres is None else metres
    ends = [min(4_000.0, furthest)]
    while ends[-1] < furthest:
        ends.append(min(ends[-1] * 3, furthest))
    return {"rings_from": [None, *ends[:-1]], "rings_to": [*ends]}


def metres_of(offer: Any) -> ColumnElement[float]:
    return func.ST_Distance(offer.point, POINT, type_=Double)


def price_key(price: ColumnElement[Any], currency: ColumnElement[str]) -> ColumnElement[str]:
    """Sorts by currency, then by amount, then the unknown; a text, so that a cursor can say it."""
    return (currency + func.coalesce(func.to_char(price, text("'FM000000000000.0000'")), text("'~'"))).collate("C")


SOURCES: dict[OfferKind, tuple[Any, Any, Any, ColumnElement[bool], ColumnElement[str]]] = {
    OfferKind.IN_STORE: (InStoreOffer, IN_STORE, InStorePromotion, IN_STORE_SHOWN, PhysicalStore.currency.expression),
    OfferKind.ONLINE: (OnlineOffer, ONLINE, OnlinePromotion, ONLINE_SHOWN, OnlineStore.currency.expression),
}


@lru_cache(maxsize=SHAPES)
def page(
    kind: OfferKind, shape: Shape, order: OfferOrder, seek: bool, backward: bool, columns: frozenset[str] | None = None
) -> Query[Any]:
    """Offers of one kind for every parent: `limit_` of them from `offset_` on, or behind a cursor."""
    offer, source, promotion, shown, currency = SOURCES[kind]
    if columns is not None:
        source = narrowed(source, {*columns, "id"})
    given, limit, offset = parents(), bindparam("limit_", type_=BigInteger), bindparam("offset_", type_=BigInteger)
    by_rings = rings_are_used(kind, order, seek, backward)
    sort: ColumnElement[Any]
    if order is OfferOrder.PRICE:
        sort = price_key(effective_sql(offer, promotion), currency)
    else:
        sort = metres_of(offer) if kind is OfferKind.IN_STORE else literal(NOWHERE, Double)
    asked = replace(shape, within=False) if by_rings else shape  # the rings end at the radius
    each = source.add_columns(sort.label("sort_"))
    each = each.where(of_product(offer, given.c.id), shown, *conditions(kind, asked, offer))
    key: ColumnElement[str] = offer.id
    if by_rings:
        first = in_rings(each, given, limit + offset)
        each, sort, key = select(first), first.c.sort_, first.c.id
    if seek:
        here, there = tuple_(sort, key), tuple_(bindparam("at0", type_=sort.type), bindparam("at1", type_=Text))
        each = each.where(here < there if backward else here > there)
    by = [c.desc() for c in (sort, key)] if backward else [sort, key]
    found = each.order_by(*by).limit(limit).offset(offset).lateral("each")
    return Query(offer, select(given.c.id.label("parent_"), found).join(found, true()))


def rings_are_used(kind: OfferKind, order: OfferOrder, seek: bool, backward: bool) -> bool:
    return kind is OfferKind.IN_STORE and order is OfferOrder.DISTANCE and not seek and not backward


class OffersOfProducts(Listing[Any]):
    """The list as cursors and counts see it."""

    @cache  # noqa: B019  lives as long as the process
    def counting(self, filters: Any) -> Query[Any]:
        each = []
        for kind in filters.kinds:
            offer, source, _, shown, _ = SOURCES[kind]
            where = [offer.product_id == func.any(bindparam("parents", type_=ARRAY(Text))), shown]
            counted = source.where(*where, *conditions(kind, filters, offer))
            each.append(counted.with_only_columns(offer.product_id.label("parent_")))
        both = union_all(*each).subquery()
        return Query(Product, select(both.c.parent_, func.count().label("n")).group_by(both.c.parent_))


OFFERS = OffersOfProducts(
    "productOffers",
    InStoreOffer,
    IN_STORE,
    orders={"distance": cast(literal(0), Double), "price": InStoreOffer.sku.expression},  # the types of cursors
    parent=InStoreOffer.product_id,
)


# --- lists


async def offers_of(
    ctx: Context,
    products: Sequence[Product],
    window: Window,
    *,
    near: Near = None,
    radius_km: Radius = None,
    in_stock: InStock = None,
    kind: KindFilter = None,
    order_by: Annotated[OfferOrder | None, Doc("By distance if `near` is given, else by price.")] = None,
) -> list[Slice[Any]]:
    """What products cost where. One statement for each kind of offer.

    Raises:
        Invalid: there is nothing to measure from; or the page lies too far behind in a list of both kinds.
    """
    asked = question(near, radius_km, in_stock, kind)
    order = order_by or (OfferOrder.DISTANCE if near else OfferOrder.PRICE)
    if order is OfferOrder.DISTANCE and near is None:
        raise Invalid([Detail(field="near", message="is required to sort by distance")])
    return await Lists(ctx, asked, order, window).of([product.id for product in products])


@dataclass(frozen=True)
class Lists:
    """The pages of many products, put together from both kinds of offer."""

    ctx: Context
    asked: Question
    order: OfferOrder
    window: Window

    async def of(self, ids: Sequence[str]) -> list[Slice[Any]]:
        offset, size, backward = self.offset(), self.window.size, self.window.backward
        groups: dict[str, list[Any]] = {id: [] for id in ids}
        merged = len(self.asked.shape.kinds) > 1
        for rows in [await self.rows(kind, list(groups), 0 if merged else offset) for kind in self.asked.shape.kinds]:
            for row in rows:
                groups[row.parent_].append(row)
        for found in groups.values():
            found.sort(key=lambda row: (row.sort_, row.id), reverse=backward)
        skip = offset if merged else 0
        return [self.slice(groups[id][skip : skip + size + 1], id) for id in ids]

    def offset(self) -> int:
        offset = (self.window.number - 1) * self.window.size
        if len(self.asked.shape.kinds) > 1 and offset + self.window.size > MOST_MERGED:
            message = f"goes beyond {MOST_MERGED} offers: follow cursors, or ask for one kind"
            raise Invalid([Detail(field="page", message=message)])
        return offset

    async def rows(self, kind: OfferKind, ids: list[str], offset: int) -> Sequence[Any]:
        """One more than the page has, to know whether there are more."""
        window, values = self.window, dict[str, Any](self.asked.values)
        cursor, argument = (window.before, "before") if window.backward else (window.after, "after")
        position = OFFERS.position(self.order.value, cursor, argument) if cursor is not None else None
        values |= dict(zip(("at0", "at1"), position or (), strict=False))
        limit = window.size + 1 + (self.offset() - offset)
        if rings_are_used(kind, self.order, position is not None, window.backward):
            values |= rings_of(values.get("near_metres"))
        wanted = window.columns(SOURCES[kind][0]) if window.columns else None
        query = page(kind, self.asked.shape, self.order, position is not None, window.backward, wanted)
        return await self.ctx.read.all(query, **values, parents=ids, limit_=limit, offset_=offset)

    def slice(self, rows: list[Any], id: str) -> Slice[Any]:
        size, backward = self.window.size, self.window.backward
        nodes = rows[:size][::-1] if backward else rows[:size]
        shared: Any = (self.asked.shape, self.asked.values)
        return Slice(nodes, self.window, len(rows) > size, self.order.value, OFFERS, id, shared)
