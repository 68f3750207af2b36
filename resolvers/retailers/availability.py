"""Where a product is to be had around a place, store by store (contract: guides, check-product-availability)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from sqlalchemy import BigInteger, bindparam, case, func, select, true

from closient_gql.core.bounds import Doc
from closient_gql.core.db import Query
from closient_gql.core.models.products import Product
from closient_gql.core.models.retailers import InStoreOffer, InventoryConfidence, PhysicalStore, StockLevel
from resolvers.context import Context
from resolvers.locations.inputs import Limit, NearInput, RadiusKm
from resolvers.retailers.confidence import confidence_of
from resolvers.retailers.offers import IN_STORE, IN_STORE_SHOWN
from resolvers.retailers.product_offers import (
    IS_ACTIVE,
    OfferKind,
    Shape,
    conditions,
    metres_of,
    of_product,
    parents,
    question,
)

AROUND_KM = 25.0  # contract: the example of the guide
KIND = OfferKind.IN_STORE
LITTLE = 3
"""So many pieces are low stock."""


def stock_level(sold: bool, quantity: int | None, unknown: bool) -> StockLevel:
    """What is there: whether it can be bought at all, how many of those that were counted, whether some were not."""
    if not sold:
        return StockLevel.OUT_OF_STOCK
    if quantity:
        return StockLevel.IN_STOCK if quantity > LITTLE else StockLevel.LOW_STOCK
    return StockLevel.UNKNOWN if unknown else StockLevel.OUT_OF_STOCK


@dataclass(frozen=True)
class StoreAvailability:
    """One store's stock of a product. Several article numbers of a store are one."""

    physical_store_id: str
    distance_km: float
    stock_status: StockLevel
    quantity_on_hand: int | None
    last_checked_at: datetime | None
    inventory_confidence: InventoryConfidence


@dataclass(frozen=True)
class ProductAvailability:
    stock_status: StockLevel
    store_count: int
    in_stock_store_count: int
    stores: Sequence[StoreAvailability]


@cache
def by_store(shape: Shape) -> Query[Any]:
    """For every parent its nearest stores, and counts over all within the radius."""
    given, offer = parents(), InStoreOffer
    active = offer.status == IS_ACTIVE
    quantity = func.sum(offer.quantity_on_hand).filter(active)
    metres = func.min(metres_of(offer))
    stores = (
        IN_STORE.with_only_columns(
            PhysicalStore.id.label("physical_store_id"),
            metres.label("metres"),
            func.bool_or(active).label("sold"),
            quantity.label("quantity"),
            func.coalesce(func.bool_or(offer.quantity_on_hand.is_(None)).filter(active), False).label("unknown"),
            func.max(offer.inventory_synced_at).label("last_checked_at"),
            func.count().over().label("stores"),
            func.sum(case((quantity > 0, 1), else_=0)).over().label("having"),
            func.max(quantity).over().label("most"),
            func.bool_or(func.bool_or(active & offer.quantity_on_hand.is_(None))).over().label("any_unknown"),
        )
        .where(of_product(offer, given.c.id), IN_STORE_SHOWN, *conditions(KIND, shape, offer))
        .group_by(PhysicalStore.id)
        .order_by(metres, PhysicalStore.id)
        .limit(bindparam("limit_", type_=BigInteger))
        .lateral("stores")
    )
    return Query(InStoreOffer, select(given.c.id.label("parent_"), stores).join(stores, true()))


async def availability_of(
    ctx: Context,
    products: Sequence[Product],
    *,
    near: Annotated[NearInput, Doc("Where; within 25 km if nothing is said.")],
    radius_km: Annotated[RadiusKm | None, Doc("Kilometres around `near`; outdoes its own radius.")] = None,
    limit: Limit = 20,
) -> list[ProductAvailability | None]:
    """Stores that sell products, nearest first. One statement."""
    radius = radius_km or near.radius_km or AROUND_KM
    asked = question(near, radius, None, KIND)
    ids = list({product.id for product in products})
    rows: Sequence[Any] = await ctx.read.all(by_store(asked.shape), **asked.values, parents=ids, limit_=limit)
    groups: dict[str, list[Any]] = {id: [] for id in ids}
    for row in rows:
        groups[row.parent_].append(row)
    now = datetime.now(UTC)
    return [availability(groups[product.id], now) for product in products]


def availability(rows: Sequence[Any], now: datetime) -> ProductAvailability:
    if not rows:
        return ProductAvailability(StockLevel.UNKNOWN, 0, 0, ())
    first = rows[0]
    status = stock_level(True, first.most, first.any_unknown)
    return ProductAvailability(status, first.stores, first.having, [store(row, now) for row in rows])


def store(row: Any, now: datetime) -> StoreAvailability:
    return StoreAvailability(
        physical_store_id=row.physical_store_id,
        distance_km=round(row.metres / 1000, 2),
        stock_status=stock_level(row.sold, row.quantity, row.unknown),
        quantity_on_hand=row.quantity,
        last_checked_at=row.last_checked_at,
        inventory_confidence=confidence_of(row.last_checked_at, now),
    )
