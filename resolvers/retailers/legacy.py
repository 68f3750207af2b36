"""Offers of both kinds in the one form that they had once (contract: LegacyOfferOut): views, over which both can be
read and changed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, cast

from sqlalchemy import bindparam, func, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Query
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.retailers import (
    AnyOffer,
    OfferSource,
    OfferStatus,
    OnlineStore,
    PhysicalStore,
)
from closient_gql.core.money import as_written
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.context import Context
from resolvers.retailers.inputs import LegacySource, LegacyStatus, OfferPatch, OrganizationId
from resolvers.retailers.offer_changes import IN_STORE, ONLINE, apply, priority_of
from resolvers.retailers.rights import may, no_such, require
from resolvers.roles import May

# The stores are joined to the union, not inside of it: so a page of it is merged from two indexes.
SOURCE = (
    select(
        *AnyOffer.__table__.c,
        func.coalesce(PhysicalStore.retailer_id, OnlineStore.retailer_id).label("retailer_id"),
        func.coalesce(PhysicalStore.currency, OnlineStore.currency).label("currency"),
    )
    .outerjoin_from(AnyOffer, PhysicalStore, AnyOffer.physical_store_id == PhysicalStore.id)
    .outerjoin(OnlineStore, AnyOffer.online_store_id == OnlineStore.id)
)
BY_ID = Query(AnyOffer, SOURCE.where(AnyOffer.id == func.any(KEYS)))
OFFERS = Listing(
    "offers",
    AnyOffer,
    SOURCE,
    orders={"created": AnyOffer.created.expression},
    filters={"organization_id": AnyOffer.organization_id == bindparam("organization_id")},
)
SOURCES = {
    OfferSource.MANUAL: LegacySource.MANUAL,
    OfferSource.BRAND: LegacySource.MANUAL,
    OfferSource.USER_FEEDBACK: LegacySource.MANUAL,
    OfferSource.AFFILIATE_FEED: LegacySource.FEED,
    OfferSource.POS_SYNC: LegacySource.FEED,
    OfferSource.SCRAPE: LegacySource.SCRAPER,
}
"""What the sources of today are in the old form; of those that are the same there, the first of each is written."""
OfferId = Annotated[Id, Doc("Id of an offer of either kind.")]


def status_of(status: str) -> LegacyStatus:
    """A status of today in the old form."""
    return LegacyStatus.ACTIVE if status == OfferStatus.ACTIVE.value else LegacyStatus.INACTIVE


def source_of(source: str) -> LegacySource:
    """A source of today in the old form."""
    return SOURCES[OfferSource(source)]  # type: ignore[call-arg]


def new_status(old: str, wanted: LegacyStatus | None) -> str:
    """The status of today: as it is if it means the same already."""
    if wanted is None or wanted is status_of(old):
        return old
    return str((OfferStatus.ACTIVE if wanted is LegacyStatus.ACTIVE else OfferStatus.DISCONTINUED).value)


def new_source(old: str, wanted: LegacySource | None) -> OfferSource:
    """The source of today: as it is if it means the same already."""
    if wanted is None or wanted is source_of(old):
        return OfferSource(old)  # type: ignore[call-arg]
    return next(today for today, legacy in SOURCES.items() if legacy is wanted)


# --- reading


async def any_offers_by_id(ctx: Context, ids: Sequence[str]) -> list[AnyOffer | None]:
    """Offers of the caller's organizations."""
    rows = await ctx.read.by_key(BY_ID, "id", ids)
    return [row if row and ctx.viewer.belongs_to(row.organization_id) else None for row in rows]


async def prices_of(ctx: Context, offers: Sequence[AnyOffer]) -> list[Decimal | None]:
    """Prices with the digits of their currency."""
    return [None if offer.price is None else as_written(offer.price, offer.currency) for offer in offers]


async def currencies_of(ctx: Context, offers: Sequence[AnyOffer]) -> list[str]:
    """The store's currency."""
    return [offer.currency for offer in offers]


async def retailer_ids_of(ctx: Context, offers: Sequence[AnyOffer]) -> list[str]:
    """The store's retailer."""
    return [offer.retailer_id for offer in offers]


async def statuses_of(ctx: Context, offers: Sequence[AnyOffer]) -> list[LegacyStatus]:
    return [status_of(offer.status) for offer in offers]


async def sources_of(ctx: Context, offers: Sequence[AnyOffer]) -> list[LegacySource]:
    return [source_of(offer.source) for offer in offers]


@access.key
async def any_offer(ctx: Context, id: OfferId) -> AnyOffer | None:
    """One offer of an organization of the caller's."""
    found: AnyOffer | None = await ctx.find(any_offers_by_id, id)
    return found


@access.key
async def any_offers(ctx: Context, organization_id: OrganizationId, window: Window) -> Slice[AnyOffer]:
    """All offers of an organization of the caller's, oldest first.

    Raises:
        NotFound: the organization is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await OFFERS.slices(ctx.read, window, order="created", organization_id=organization_id)
    return found


# --- writing


@access.key
async def update_any_offer(
    ctx: Context, id: OfferId, input: Annotated[OfferPatch, Doc("What is to change.")]
) -> AnyOffer:
    """Changes what is given.

    Raises:
        NotFound: no such offer for this caller, or its role is too small.
        Invalid: another currency than the store's, an address for an in-store offer, or the natural key is taken.
    """
    async with ctx.transaction() as write:
        row: Any = await write.one(IN_STORE.table.lock, id=id)
        kind = IN_STORE if row is not None else ONLINE
        row = row if row is not None else await write.one(ONLINE.table.lock, id=id)
        if row is None or not may(ctx, row.organization_id, May.OFFERS):
            raise no_such("offer")
        found = await write.one(BY_ID, keys=[id])
        assert found
        check(kind is ONLINE, found.currency, input)
        values = kind.table.given(input, row)
        if input.status is not None:
            values["status"] = new_status(row.status, input.status)
        if input.source is not None:
            source = new_source(row.source, input.source)
            values |= {"source": source.value} | (priority_of(source) if source.value != row.source else {})
        await apply(ctx, write, kind, row, values)
        return cast(AnyOffer, await write.one(BY_ID, keys=[id]))


def check(online: bool, currency: str, input: OfferPatch) -> None:
    """Raises:
    Invalid: something is given that this offer cannot have.
    """
    problems = []
    if input.price_currency not in (None, currency):
        problems.append(Detail(field="price_currency", message=f"must be {currency}: the store decides it"))
    if input.url and not online:
        problems.append(Detail(field="url", message="is for online offers only"))
    if problems:
        raise Invalid(problems)
