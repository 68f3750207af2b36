"""What there is around a place, without a question: stores, and a few things that they sell (contract: guides,
hyperlocal-nearby)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from sqlalchemy import ARRAY, BigInteger, Date, DateTime, Text, bindparam, func, select, true

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.db import KEYS, Query
from closient_gql.core.enums import Described
from closient_gql.core.models.digital_link import ScanDay
from closient_gql.core.models.locations import COLUMNS, Location
from closient_gql.core.models.retailers import InStoreOffer, InStorePromotion, PhysicalStore, Retailer
from closient_gql.core.money import Money, money
from resolvers import access
from resolvers.context import Context
from resolvers.locations.inputs import NearInput
from resolvers.locations.nearby import METRES, NEARBY_KM, WITHIN, here
from resolvers.locations.queries import open_of
from resolvers.locations.rules import one_line
from resolvers.retailers.effective import effective_sql
from resolvers.retailers.offers import IN_STORE_SHOWN
from resolvers.retailers.product_offers import OfferKind, in_stock_sql
from resolvers.search.constraints.model import MOST_KM
from resolvers.search.inputs import MOST, Slug, allergens_of
from resolvers.search.preferences import stored_constraints
from resolvers.search.session_hits import filters_of, left_of
from resolvers.search.session_inputs import distinct, trait
from resolvers.search.substances import slug_of

SAMPLE, LOOKED_AT = 5, 20
"""Offers shown of each store (contract: limit=5), out of so many of its newest ones."""
PICKS = 5
POPULAR = 10
"""So often in a week people scan what is popular."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
Stores = Annotated[int, Bounds(minimum=1, maximum=50), Doc("How many stores, nearest first.")]
Slugs = Annotated[list[Slug] | None, Bounds(max_length=MOST)]


class NearbySignal(Described):
    INDEPENDENT = "independent_store", "Its retailer has no other store here."
    SYNCED_TODAY = "inventory_synced_today", "Its stock was heard of within the last day."
    NEW_THIS_WEEK = "new_offers_this_week", "It has offers that are not older than a week."
    POPULAR = "popular_products", "It has something in stock that people scanned often within the last week."


@dataclass(frozen=True)
class NearbyOffer:
    product_id: str
    offer_id: str
    price: Money | None
    is_new: bool
    is_popular: bool = False


@dataclass(frozen=True)
class NearbyStore:
    """One store, what speaks for it, and some of what it has in stock."""

    physical_store_id: str
    location_id: str
    name: str
    address: str
    categories: Sequence[str]
    distance_km: float
    last_inventory_sync: datetime | None
    is_open: bool | None
    signals: Sequence[NearbySignal]
    offers: Sequence[NearbyOffer] = field(default_factory=list)


@dataclass(frozen=True)
class NearbyPick:
    """Something worth a look, and why."""

    product_id: str
    offer_id: str
    physical_store_id: str
    store_name: str
    distance_km: float
    price: Money | None
    reasons: Sequence[str]


@dataclass(frozen=True)
class Nearby:
    stores: Sequence[NearbyStore]
    picks: Sequence[NearbyPick]


_alone = ~select(PhysicalStore.id).where(
    PhysicalStore.retailer_id == Retailer.id, PhysicalStore.location_id != Location.id, PhysicalStore.is_active
).correlate(Retailer, Location).exists()  # fmt: skip
_synced = select(func.max(InStoreOffer.inventory_synced_at)).where(
    InStoreOffer.physical_store_id == PhysicalStore.id
).correlate(PhysicalStore).scalar_subquery()  # fmt: skip
STORES = Query(
    Location,
    select(
        *COLUMNS, PhysicalStore.id.label("physical_store_id"), PhysicalStore.name.label("store_name"),
        METRES.label("metres"), _alone.label("alone"),
        func.greatest(Location.last_inventory_sync, _synced, type_=DateTime(timezone=True)).label("synced_at"),
    )
    .join_from(Location, PhysicalStore, PhysicalStore.location_id == Location.id)
    .join(Retailer, PhysicalStore.retailer_id == Retailer.id)
    .where(Location.is_active.expression, PhysicalStore.is_active, Retailer.is_active, WITHIN)
    .order_by(METRES, PhysicalStore.id)
    .limit(bindparam("limit_", type_=BigInteger)),
)  # fmt: skip
_given = func.unnest(bindparam("stores", type_=ARRAY(Text))).table_valued("id").render_derived("given")
_passing = bindparam("passing", type_=ARRAY(Text))
_each = (
    select(
        InStoreOffer.product_id, InStoreOffer.id, InStoreOffer.created, InStoreOffer.physical_store_id,
        PhysicalStore.currency, effective_sql(InStoreOffer, InStorePromotion).label("now_price"),
    )
    .join_from(InStoreOffer, PhysicalStore, InStoreOffer.physical_store_id == PhysicalStore.id)
    .join(Retailer, PhysicalStore.retailer_id == Retailer.id)
    .join(Location, PhysicalStore.location_id == Location.id)
    .where(
        InStoreOffer.physical_store_id == _given.c.id, IN_STORE_SHOWN, in_stock_sql(OfferKind.IN_STORE, InStoreOffer),
        _passing.is_(None) | (InStoreOffer.product_id == func.any(_passing)),
    )
    .order_by(InStoreOffer.created.desc(), InStoreOffer.id)
    .limit(LOOKED_AT)
    .correlate(_given)
    .lateral("each")
)  # fmt: skip
OFFERS = Query(InStoreOffer, select(_each).select_from(_given.join(_each, true())))
SOLD = Query(
    InStoreOffer,
    select(InStoreOffer.product_id)
    .where(InStoreOffer.physical_store_id == func.any(bindparam("stores", type_=ARRAY(Text))))
    .distinct(),
)
_scans = (
    select(ScanDay.product_id)
    .where(ScanDay.product_id == func.any(KEYS), ScanDay.day >= bindparam("since", type_=Date), ~ScanDay.is_bot)
    .group_by(ScanDay.product_id)
    .having(func.sum(ScanDay.scans) >= POPULAR)
)
SCANNED = Query(ScanDay, _scans)
"""Of some products those that are popular: how often exactly is their brand's business."""


@access.public
async def nearby(
    ctx: Context,
    near: Annotated[NearInput, Doc("Where; within 2 km if nothing is said, and 50 at most.")],
    limit: Stores = 10,
    *,
    exclude_allergens: Annotated[Slugs, Doc("Only offers of products known to be free of these.")] = None,
    require_certifications: Annotated[Slugs, Doc("Only offers of products that carry all of these.")] = None,
    avoid_substances: Annotated[Slugs, Doc("Only offers of products known to be made without these.")] = None,
) -> Nearby:
    """Stores around a place, nearest first, with some of the newest things that they have in stock, what people scan
    most before the others, and a few picks. What a signed-in user avoids is left out.

    Raises:
        Invalid: an allergen is not known.
    """
    given = {
        "exclude_allergens": allergens_of(exclude_allergens or [], "exclude_allergens"),
        "require_certifications": distinct(map(trait, require_certifications or [])),
        "avoid_substances": distinct(map(slug_of, avoid_substances or [])),
    }
    stored = await stored_constraints(ctx)
    constraints = {key: distinct([*stored.get(key, []), *slugs]) for key, slugs in given.items()}
    around = NearInput(
        latitude=near.latitude, longitude=near.longitude, radius_km=min(near.radius_km or NEARBY_KM, MOST_KM)
    )
    rows: Sequence[Any] = await ctx.read.all(STORES, limit_=limit, **here(around, NEARBY_KM))
    offers = await sampled(ctx, [row.physical_store_id for row in rows], constraints)
    now = datetime.now(UTC)
    opened = await open_of(ctx, rows)
    stores = [store_of(row, offers.get(row.physical_store_id, []), is_open, now)
              for row, is_open in zip(rows, opened, strict=True)]  # fmt: skip
    return Nearby(stores, picks_of(stores))


async def sampled(
    ctx: Context, stores: Sequence[str], constraints: dict[str, Sequence[str]]
) -> dict[str, list[NearbyOffer]]:
    """Offers of each store that pass: of the newest ones those that are popular, then the others."""
    passing = None
    if any(constraints.values()):
        rows: Sequence[Any] = await ctx.read.all(SOLD, stores=list(stores))
        passing = list(await left_of(ctx, filters_of(constraints), [row.product_id for row in rows]))
    since = datetime.now(UTC) - WEEK
    rows = await ctx.read.all(OFFERS, stores=list(stores), passing=passing)
    products = sorted({row.product_id for row in rows})
    scanned: Sequence[Any] = await ctx.read.all(SCANNED, keys=products, since=since.date()) if products else ()
    popular = {row.product_id for row in scanned}
    found: dict[str, list[NearbyOffer]] = {}
    for row in sorted(rows, key=lambda row: row.product_id not in popular):  # stable: then the newest
        offer = NearbyOffer(
            row.product_id, row.id, money(row.now_price, row.currency), row.created >= since, row.product_id in popular
        )
        found.setdefault(row.physical_store_id, []).append(offer)
    return {store: offers[:SAMPLE] for store, offers in found.items()}


def store_of(row: Any, offers: Sequence[NearbyOffer], is_open: bool | None, now: datetime) -> NearbyStore:
    told = {
        NearbySignal.INDEPENDENT: row.alone,
        NearbySignal.SYNCED_TODAY: row.synced_at is not None and now - row.synced_at <= DAY,
        NearbySignal.NEW_THIS_WEEK: any(offer.is_new for offer in offers),
        NearbySignal.POPULAR: any(offer.is_popular for offer in offers),
    }
    return NearbyStore(
        row.physical_store_id, row.id, row.store_name or row.name,
        one_line(row.street_address, row.city, row.region, row.postal_code, row.country), row.categories,
        round(row.metres / 1000, 2), row.synced_at, is_open, [signal for signal, holds in told.items() if holds],
        offers,
    )  # fmt: skip


def picks_of(stores: Sequence[NearbyStore]) -> list[NearbyPick]:
    """One thing of each of the stores that most speaks for, then the next of each; no product twice."""
    order = sorted(stores, key=lambda store: (-len(store.signals), store.distance_km, store.physical_store_id))
    found: list[NearbyPick] = []
    seen: set[str] = set()
    for turn in range(SAMPLE):
        for store in order:
            for offer in store.offers[turn : turn + 1]:
                if offer.product_id not in seen and len(found) < PICKS:
                    seen.add(offer.product_id)
                    found.append(pick(store, offer))
    return found


def pick(store: NearbyStore, offer: NearbyOffer) -> NearbyPick:
    words = {
        NearbySignal.INDEPENDENT: "an independent store",
        NearbySignal.SYNCED_TODAY: "its stock was checked within a day",
    }
    reasons = [f"{store.distance_km:.2f} km away", *(words[each] for each in store.signals if each in words)]
    if offer.is_new:
        reasons.append("new this week")
    if offer.is_popular:
        reasons.append("popular this week")
    return NearbyPick(
        offer.product_id, offer.offer_id, store.physical_store_id, store.name, store.distance_km, offer.price, reasons
    )
