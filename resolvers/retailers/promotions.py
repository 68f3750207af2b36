"""Promotions of both kinds of offer. A promotion counts between its ends, both included; a daily job marks those that
are over, and keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, cast

from sqlalchemy import Select, func, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Database, Query
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.retailers import (
    InStoreOffer,
    InStorePromotion,
    OnlineOffer,
    OnlinePromotion,
    OnlineStore,
    PhysicalStore,
)
from closient_gql.core.money import as_written
from resolvers import access
from resolvers.context import Context
from resolvers.retailers import offer_changes
from resolvers.retailers.inputs import PromotionInput, PromotionPatch
from resolvers.retailers.offers import InStoreOfferId, OnlineOfferId
from resolvers.retailers.rights import may, no_such
from resolvers.retailers.rows import Table, changed, differences
from resolvers.roles import May

WRITTEN = (
    "offer_id", "promotional_price", "start_date", "end_date", "promotion_type", "description", "is_active", "metadata",
)  # fmt: skip
DATES = Invalid([Detail(field="end_date", message="must be after start_date")])
PromotionId = Annotated[Id, Doc("Id of the promotion.")]


def source(model: Any, offer: Any, store: Any, store_id: Any) -> Select[Any]:
    """Promotions, each with its offer's organization and its store's currency."""
    return (
        select(*model.__table__.c, offer.organization_id, store.currency)
        .join_from(model, offer, model.offer_id == offer.id)
        .join(store, store_id == store.id)
    )


@dataclass(frozen=True)
class Kind:
    """Promotions of one kind of offer."""

    offers: offer_changes.Kind
    table: Table[Any]
    by_id: Query[Any]
    of_offers: Query[Any]


def kind(offers: offer_changes.Kind, model: Any, name: str, source: Select[Any]) -> Kind:
    order = (model.offer_id, model.start_date, model.id)
    return Kind(
        offers,
        Table(model, name, "promotion", WRITTEN),
        Query(model, source.where(model.id == func.any(KEYS))),
        Query(model, source.where(model.offer_id == func.any(KEYS)).order_by(*order)),
    )


IN_STORE = kind(
    offer_changes.IN_STORE,
    InStorePromotion,
    "in_store_promotion",
    source(InStorePromotion, InStoreOffer, PhysicalStore, InStoreOffer.physical_store_id),
)
ONLINE = kind(
    offer_changes.ONLINE,
    OnlinePromotion,
    "online_promotion",
    source(OnlinePromotion, OnlineOffer, OnlineStore, OnlineOffer.online_store_id),
)


# --- rules


def runs(promotion: Any, at: datetime) -> bool:
    """Whether a promotion counts at this moment."""
    return bool(promotion.is_active and promotion.start_date <= at <= promotion.end_date)


# --- reading


async def in_store_promotions_by_id(ctx: Context, ids: Sequence[str]) -> list[InStorePromotion | None]:
    """Promotions of the caller's organizations."""
    return own(ctx, await ctx.read.by_key(IN_STORE.by_id, "id", ids))


async def online_promotions_by_id(ctx: Context, ids: Sequence[str]) -> list[OnlinePromotion | None]:
    """Promotions of the caller's organizations."""
    return own(ctx, await ctx.read.by_key(ONLINE.by_id, "id", ids))


def own(ctx: Context, rows: Sequence[Any]) -> list[Any]:
    return [row if row and ctx.viewer.belongs_to(row.organization_id) else None for row in rows]


async def in_store_promotions_of(ctx: Context, offers: Sequence[InStoreOffer]) -> list[list[InStorePromotion]]:
    """Promotions by their start: for members all of them, for others those that count now."""
    return shown(ctx, await ctx.read.by_parent(IN_STORE.of_offers, "offer_id", [offer.id for offer in offers]))


async def online_promotions_of(ctx: Context, offers: Sequence[OnlineOffer]) -> list[list[OnlinePromotion]]:
    """Promotions by their start: for members all of them, for others those that count now."""
    return shown(ctx, await ctx.read.by_parent(ONLINE.of_offers, "offer_id", [offer.id for offer in offers]))


def shown(ctx: Context, lists: Sequence[Sequence[Any]]) -> list[list[Any]]:
    now = datetime.now(UTC)
    return [[p for p in found if ctx.viewer.belongs_to(p.organization_id) or runs(p, now)] for found in lists]


async def prices_of(ctx: Context, promotions: Sequence[Any]) -> list[Decimal]:
    """The price with the digits of its currency."""
    return [as_written(promotion.promotional_price, promotion.currency) for promotion in promotions]


async def currencies_of(ctx: Context, promotions: Sequence[Any]) -> list[str]:
    """The store's currency."""
    return [promotion.currency for promotion in promotions]


@access.key
async def in_store_promotion(ctx: Context, id: PromotionId) -> InStorePromotion | None:
    """One promotion of an in-store offer of the caller's organization."""
    found: InStorePromotion | None = await ctx.find(in_store_promotions_by_id, id)
    return found


@access.key
async def online_promotion(ctx: Context, id: PromotionId) -> OnlinePromotion | None:
    """One promotion of an online offer of the caller's organization."""
    found: OnlinePromotion | None = await ctx.find(online_promotions_by_id, id)
    return found


# --- writing

New = Annotated[PromotionInput, Doc("The promotion.")]
Changes = Annotated[PromotionPatch, Doc("What is to change.")]


@access.key
async def create_in_store_promotion(ctx: Context, offer_id: InStoreOfferId, input: New) -> InStorePromotion:
    """A new promotion. Those of one offer may overlap: the cheapest counts.

    Raises:
        NotFound: no such offer for this caller, or its role is too small. Invalid: it ends before it starts.
    """
    return cast(InStorePromotion, await create(ctx, IN_STORE, offer_id, input))


@access.key
async def create_online_promotion(ctx: Context, offer_id: OnlineOfferId, input: New) -> OnlinePromotion:
    """A new promotion. Those of one offer may overlap: the cheapest counts.

    Raises:
        NotFound: no such offer for this caller, or its role is too small. Invalid: it ends before it starts.
    """
    return cast(OnlinePromotion, await create(ctx, ONLINE, offer_id, input))


@access.key
async def update_in_store_promotion(ctx: Context, id: PromotionId, input: Changes) -> InStorePromotion:
    """Changes what is given; a promotion that was over counts again if its end is in the future now.

    Raises:
        NotFound: no such promotion for this caller, or its role is too small. Invalid: it ends before it starts.
    """
    return cast(InStorePromotion, await update(ctx, IN_STORE, id, input))


@access.key
async def update_online_promotion(ctx: Context, id: PromotionId, input: Changes) -> OnlinePromotion:
    """Changes what is given; a promotion that was over counts again if its end is in the future now.

    Raises:
        NotFound: no such promotion for this caller, or its role is too small. Invalid: it ends before it starts.
    """
    return cast(OnlinePromotion, await update(ctx, ONLINE, id, input))


@access.key
async def delete_in_store_promotion(ctx: Context, id: PromotionId) -> bool:
    """Removes a promotion.

    Raises:
        NotFound: no such promotion for this caller, or its role is too small.
    """
    return await delete(ctx, IN_STORE, id)


@access.key
async def delete_online_promotion(ctx: Context, id: PromotionId) -> bool:
    """Removes a promotion.

    Raises:
        NotFound: no such promotion for this caller, or its role is too small.
    """
    return await delete(ctx, ONLINE, id)


async def create(ctx: Context, kind: Kind, offer_id: str, input: PromotionInput) -> Any:
    values = kind.table.given(input)
    check_dates(values)
    async with ctx.transaction() as write:
        offer = await write.one(kind.offers.table.hold, id=offer_id)
        if offer is None or not may(ctx, offer.organization_id, May.OFFERS):
            raise no_such(kind.offers.table.thing)
        values |= {"offer_id": offer_id, "is_active": still(values["end_date"])}
        made = await kind.table.create(write, values)
        assert made
        await kind.table.note(ctx, write, "created", made, offer.organization_id, values)
        return await write.one(kind.by_id, keys=[made.id])


async def update(ctx: Context, kind: Kind, id: str, input: PromotionPatch) -> Any:
    async with ctx.transaction() as write:
        row, organization_id = await owned(ctx, write, kind, id)
        values = kind.table.given(input, row)
        both = {"start_date": row.start_date, "end_date": row.end_date} | values
        check_dates(both)
        if "end_date" in values:
            values["is_active"] = still(both["end_date"])
        if changed(row, values):
            await kind.table.save(write, row, values)
            await kind.table.note(ctx, write, "updated", row, organization_id, differences(row, values))
        return await write.one(kind.by_id, keys=[id])


async def delete(ctx: Context, kind: Kind, id: str) -> bool:
    async with ctx.transaction() as write:
        row, organization_id = await owned(ctx, write, kind, id)
        await write.one(kind.table.delete, key=id)
        await kind.table.note(ctx, write, "deleted", row, organization_id, {"offer_id": row.offer_id})
    return True


async def owned(ctx: Context, write: Any, kind: Kind, id: str) -> tuple[Any, str]:
    """The promotion, locked, and the organization that its offer belongs to.

    Raises:
        NotFound: no such promotion for this caller, or its role is too small.
    """
    row = await write.one(kind.table.lock, id=id)
    found = None if row is None else await write.one(kind.by_id, keys=[id])
    if found is None or not may(ctx, found.organization_id, May.OFFERS):
        raise no_such(kind.table.thing)
    return row, found.organization_id


def check_dates(values: dict[str, Any]) -> None:
    """Raises:
    Invalid: the end is not after the start.
    """
    if values["end_date"] <= values["start_date"]:
        raise DATES


def still(end: datetime) -> bool:
    """Whether a promotion that ends then is not over."""
    return end >= datetime.now(UTC)


# --- by itself

END = """
WITH over AS (SELECT id FROM {table} WHERE is_active AND end_date < now() ORDER BY id FOR NO KEY UPDATE)
UPDATE {table} SET is_active = false, modified = now() FROM over WHERE {table}.id = over.id
"""


async def end_promotions(database: Database) -> int:
    """Marks promotions that are over; their rows stay, for the history of prices. Gives how many there were."""
    ended = 0
    for each in (IN_STORE, ONLINE):
        async with database.transaction() as write:
            done = await write.connection.execute(END.format(table=each.table.columns.id.table.name))
            ended += int(done.split()[-1])
    return ended
