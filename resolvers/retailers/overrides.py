"""What differs of online offers by region. Each source has one word on a region; who is believed of several is decided
when a price is asked for (`source_priority`, lower wins)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, cast

from sqlalchemy import func, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.countries import parse_region
from closient_gql.core.db import KEYS, Query
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.retailers import OnlineOffer, OnlineStore, RegionalOverride
from closient_gql.core.money import as_written
from resolvers import access
from resolvers.context import Context
from resolvers.retailers.inputs import RegionalOverrideInput, RegionalOverridePatch
from resolvers.retailers.offer_changes import IN_STORE, ONLINE, priority_of
from resolvers.retailers.rights import may, no_such
from resolvers.retailers.rows import Table, changed, differences
from resolvers.roles import May

TABLE: Table[RegionalOverride] = Table(
    RegionalOverride, "regional_override", "offer_override",
    ("offer_id", "region", "sku", "url", "price", "price_currency", "quantity_on_hand", "status", "source",
     "source_priority", "source_reference", "metadata"),
)  # fmt: skip
SOURCE = (
    select(*RegionalOverride.__table__.c, OnlineOffer.organization_id, OnlineStore.currency)
    .join_from(RegionalOverride, OnlineOffer, RegionalOverride.offer_id == OnlineOffer.id)
    .join(OnlineStore, OnlineOffer.online_store_id == OnlineStore.id)
)
BY_ID = Query(RegionalOverride, SOURCE.where(RegionalOverride.id == func.any(KEYS)))
OF_OFFERS = Query(
    RegionalOverride,
    SOURCE.where(RegionalOverride.offer_id == func.any(KEYS)).order_by(
        RegionalOverride.offer_id, RegionalOverride.region, RegionalOverride.source_priority, RegionalOverride.id
    ),
)
TAKEN = Invalid([Detail(field="region", message="is taken: this source has an override for this region already")])
ONLINE_ONLY = Invalid([Detail(field="offer_id", message="is that of an in-store offer: only online ones have regions")])
OverrideId = Annotated[Id, Doc("Id of the regional override.")]


# --- reading


async def overrides_by_id(ctx: Context, ids: Sequence[str]) -> list[RegionalOverride | None]:
    """Overrides of offers of the caller's organizations."""
    rows = await ctx.read.by_key(BY_ID, "id", ids)
    return [row if row and ctx.viewer.belongs_to(row.organization_id) else None for row in rows]


async def overrides_of(ctx: Context, offers: Sequence[Any]) -> list[list[RegionalOverride]]:
    """Overrides of offers, by region, the most believed source first. In-store offers have none."""
    return await ctx.read.by_parent(OF_OFFERS, "offer_id", [offer.id for offer in offers])


async def prices_of(ctx: Context, overrides: Sequence[RegionalOverride]) -> list[Decimal | None]:
    """The price with the digits of its currency."""
    return [None if o.price is None else as_written(o.price, o.price_currency or o.currency) for o in overrides]


async def currencies_of(ctx: Context, overrides: Sequence[RegionalOverride]) -> list[str | None]:
    """The currency of the price: its own, or the store's."""
    return [o.price_currency or (None if o.price is None else o.currency) for o in overrides]


@access.key
async def regional_override(ctx: Context, id: OverrideId) -> RegionalOverride | None:
    """One override of an offer of the caller's organization."""
    found: RegionalOverride | None = await ctx.find(overrides_by_id, id)
    return found


# --- writing


def region_of(text: str) -> str:
    """Raises:
    Invalid: it is neither a country nor a subdivision of one.
    """
    try:
        return parse_region(text.strip())
    except ValueError as error:
        raise Invalid([Detail(field="region", message=str(error))]) from None


@access.key
async def create_override(
    ctx: Context,
    offer_id: Annotated[Id, Doc("Id of the online offer.")],
    input: Annotated[RegionalOverrideInput, Doc("What differs in the region.")],
) -> RegionalOverride:
    """What one source says of an online offer in a region.

    Raises:
        NotFound: no such offer for this caller, or its role is too small.
        Invalid: the region is unknown; this source has an override for it; or the offer is an in-store one.
    """
    values = TABLE.given(input) | {"region": region_of(input.region), "offer_id": offer_id}
    values |= priority_of(input.source) if input.source_priority is None else {}
    async with ctx.transaction() as write:
        offer = await write.one(ONLINE.table.hold, id=offer_id)
        other = await write.one(IN_STORE.table.hold, id=offer_id) if offer is None else None
        found = offer or other
        if found is None or not may(ctx, found.organization_id, May.OFFERS):
            raise no_such("offer")
        if other is not None:
            raise ONLINE_ONLY
        made = await TABLE.create(write, values)
        if made is None:
            raise TAKEN
        await TABLE.note(ctx, write, "created", made, found.organization_id, values)
        return cast(RegionalOverride, await write.one(BY_ID, keys=[made.id]))


@access.key
async def update_override(
    ctx: Context, id: OverrideId, input: Annotated[RegionalOverridePatch, Doc("What is to change.")]
) -> RegionalOverride:
    """Changes what is given. Null: as the offer says.

    Raises:
        NotFound: no such override for this caller, or its role is too small.
        Invalid: the region is unknown, or this source has an override for it.
    """
    async with ctx.transaction() as write:
        row, organization_id = await owned(ctx, write, id)
        values = TABLE.given(input, row)
        if "region" in values:
            values["region"] = region_of(values["region"])
        if input.source_priority is None:
            values |= priority_of(input.source)
        if changed(row, values):
            await TABLE.save(write, row, values, TAKEN)
            await TABLE.note(ctx, write, "updated", row, organization_id, differences(row, values))
        return cast(RegionalOverride, await write.one(BY_ID, keys=[id]))


@access.key
async def delete_override(ctx: Context, id: OverrideId) -> bool:
    """Removes an override: the region has what the offer says, or what the next source says.

    Raises:
        NotFound: no such override for this caller, or its role is too small.
    """
    async with ctx.transaction() as write:
        row, organization_id = await owned(ctx, write, id)
        await write.one(TABLE.delete, key=id)
        told = {"offer_id": row.offer_id, "region": row.region}
        await TABLE.note(ctx, write, "deleted", row, organization_id, told)
    return True


async def owned(ctx: Context, write: Any, id: str) -> tuple[Any, str]:
    """The override, locked, and the organization that its offer belongs to.

    Raises:
        NotFound: no such override for this caller, or its role is too small.
    """
    row = await write.one(TABLE.lock, id=id)
    found = None if row is None else await write.one(BY_ID, keys=[id])
    if found is None or not may(ctx, found.organization_id, May.OFFERS):
        raise no_such(TABLE.thing)
    return row, found.organization_id
