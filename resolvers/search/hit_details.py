"""What is shown of hits: the store, the offer, the product. Each is one statement for any number of hits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from closient_gql.core.models.retailers import InventoryConfidence, OfferStatus, StockLevel
from closient_gql.core.money import Money, money
from resolvers.context import Context
from resolvers.locations.queries import locations_by_id, open_of
from resolvers.locations.rules import one_line
from resolvers.retailers.availability import stock_level
from resolvers.retailers.confidence import confidence_of
from resolvers.retailers.offers import in_store_offers_by_id, online_offers_by_id
from resolvers.retailers.stores import online_stores_by_id, physical_stores_by_id
from resolvers.search.local import LocalHit
from resolvers.search.online import OnlineHit


@dataclass(frozen=True)
class HitStore:
    """The store of a hit: the nearest one that passes. `is_open`: now; None: not known."""

    physical_store_id: str
    location_id: str
    name: str
    address: str
    latitude: float
    longitude: float
    distance_km: float
    is_open: bool | None


@dataclass(frozen=True)
class HitOffer:
    """What a hit costs there now, promotions counted, and whether it is there."""

    offer_id: str
    price: Money | None
    stock_status: StockLevel
    inventory_confidence: InventoryConfidence
    last_checked_at: datetime | None
    aisle: str


@dataclass(frozen=True)
class OnlineHitStore:
    online_store_id: str
    name: str
    url: str


@dataclass(frozen=True)
class OnlineHitOffer:
    offer_id: str
    price: Money | None
    stock_status: StockLevel
    url: str
    last_checked_at: datetime | None


async def stores_of(ctx: Context, hits: Sequence[LocalHit]) -> list[HitStore | None]:
    """None: it went since it was found."""
    stores = await ctx.find_all(physical_stores_by_id, [hit.physical_store_id for hit in hits])
    places = await ctx.find_all(locations_by_id, [store.location_id if store else None for store in stores])
    known = [place for place in places if place]
    opened = {place.id: each for place, each in zip(known, await open_of(ctx, known), strict=True)}
    return [
        HitStore(
            store.id, place.id, store.name or place.name,
            one_line(place.street_address, place.city, place.region, place.postal_code, place.country),
            place.latitude, place.longitude, hit.distance_km, opened[place.id],
        ) if store and place else None
        for hit, store, place in zip(hits, stores, places, strict=True)
    ]  # fmt: skip


async def offers_of(ctx: Context, hits: Sequence[LocalHit]) -> list[HitOffer | None]:
    now = datetime.now(UTC)
    offers = await ctx.find_all(in_store_offers_by_id, [hit.offer_id for hit in hits])
    return [
        HitOffer(
            offer.id, money(hit.price, hit.currency),
            stock_of(offer),
            confidence_of(offer.inventory_synced_at, now), offer.inventory_synced_at, offer.aisle,
        ) if offer else None
        for hit, offer in zip(hits, offers, strict=True)
    ]  # fmt: skip


def stock_of(offer: Any) -> StockLevel:
    """What an offer at a place has."""
    quantity = offer.quantity_on_hand
    return stock_level(offer.status == OfferStatus.ACTIVE.value, quantity, quantity is None)


async def online_stores_of(ctx: Context, hits: Sequence[OnlineHit]) -> list[OnlineHitStore | None]:
    stores = await ctx.find_all(online_stores_by_id, [hit.online_store_id for hit in hits])
    return [OnlineHitStore(store.id, store.name or store.domain, store.url) if store else None for store in stores]


async def online_offers_of(ctx: Context, hits: Sequence[OnlineHit]) -> list[OnlineHitOffer | None]:
    offers = await ctx.find_all(online_offers_by_id, [hit.offer_id for hit in hits])
    return [
        OnlineHitOffer(
            offer.id, money(hit.price, hit.currency), online_stock(offer.status, offer.stock_level), offer.url,
            offer.inventory_synced_at,
        ) if offer else None
        for hit, offer in zip(hits, offers, strict=True)
    ]  # fmt: skip


def online_stock(status: str, level: str) -> StockLevel:
    """One that cannot be bought is out of stock, whatever was counted."""
    return StockLevel(level) if status == OfferStatus.ACTIVE.value else StockLevel.OUT_OF_STOCK  # type: ignore[call-arg]
