"""Offers of both kinds: how they are made and changed by people. What a person says applies, whatever another source
said before; feeds are weighed against each other (resolvers.retailers.reconciliation)."""

from dataclasses import dataclass
from typing import Annotated, Any, cast

from sqlalchemy import bindparam, select

from closient_gql.core.bounds import Doc
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.products import Product
from closient_gql.core.models.retailers import SOURCE_PRIORITIES, InStoreOffer, OfferSource, OnlineOffer
from resolvers import access
from resolvers.context import Context
from resolvers.retailers import stores
from resolvers.retailers.inputs import (
    InStoreOfferInput,
    InStoreOfferPatch,
    OnlineOfferInput,
    OnlineOfferPatch,
    OrganizationId,
)
from resolvers.retailers.offers import IN_STORE_BY_ID, ONLINE_BY_ID, InStoreOfferId, OnlineOfferId
from resolvers.retailers.rights import no_such, require
from resolvers.retailers.rows import Table, changed, differences
from resolvers.roles import May

SHARED = ("product_id", "organization_id", "sku", "price", "status", "source", "source_priority", "metadata")
STATED = ("price", "status", "quantity_on_hand", "stock_level")
"""Who says one of these speaks of the inventory: `inventory_synced_at` is now. Events tell what they were and are, and
so do those of feeds (resolvers.retailers.feed_sql)."""
PRODUCT = Query(
    Product,
    select(Product.id).where(Product.id == bindparam("id")).with_for_update(read=True, key_share=True),
)
# Shops are asked for by when their stock was last heard of; a minute is exact enough, and spares the row many writes.
# Nobody waits for it: whoever has the row at this moment says the same.
HEARD = """
UPDATE locations SET last_inventory_sync = now() WHERE id IN (
    SELECT place.id FROM physical_stores AS store JOIN locations AS place ON place.id = store.location_id
    WHERE store.id = $1 AND coalesce(place.last_inventory_sync, '-infinity') < now() - interval '1 minute'
    FOR NO KEY UPDATE OF place SKIP LOCKED
)
"""


@dataclass(frozen=True)
class Kind:
    """One kind of offer: its table, the stores where there are such offers, and how one is read."""

    table: Table[Any]
    stores: Table[Any]
    store_id: str
    by_id: Query[Any]
    spoken: str  # SQL

    @property
    def taken(self) -> Invalid:
        message = f"is taken: there is an offer of this product at this {self.stores.thing} with this sku already"
        return Invalid([Detail(field="sku", message=message)])


IN_STORE = Kind(
    Table(
        InStoreOffer, "in_store_offer", "offer",
        (*SHARED, "physical_store_id", "quantity_on_hand", "aisle", "store_pickup_available"),
    ),
    stores.PHYSICAL,
    "physical_store_id",
    IN_STORE_BY_ID,
    "UPDATE in_store_offers SET inventory_synced_at = now() WHERE id = $1",
)  # fmt: skip
ONLINE = Kind(
    Table(
        OnlineOffer, "online_offer", "offer",
        (*SHARED, "online_store_id", "url", "fulfillment_type", "stock_level", "delivery_countries", "shipping_cost",
         "lead_time_days", "min_order_quantity"),
    ),
    stores.ONLINE,
    "online_store_id",
    ONLINE_BY_ID,
    "UPDATE online_offers SET inventory_synced_at = now() WHERE id = $1",
)  # fmt: skip


def priority_of(source: OfferSource | None) -> dict[str, int]:
    """The priority that a source stands for, if one is given."""
    return {} if source is None else {"source_priority": SOURCE_PRIORITIES[source]}


# --- in stores


@access.key
async def create_in_store_offer(
    ctx: Context, organization_id: OrganizationId, input: Annotated[InStoreOfferInput, Doc("The offer.")]
) -> InStoreOffer:
    """A new offer of one product at one store of the organization's.

    Raises:
        NotFound: no such organization, product or store for this caller, or its role is too small.
        Invalid: there is an offer of this product at this store with this sku.
    """
    values = IN_STORE.table.given(input)
    return cast(InStoreOffer, await create(ctx, IN_STORE, organization_id, values, input.source))


@access.key
async def update_in_store_offer(
    ctx: Context, id: InStoreOfferId, input: Annotated[InStoreOfferPatch, Doc("What is to change.")]
) -> InStoreOffer:
    """Changes what is given. A null price is unknown.

    Raises:
        NotFound: no such offer for this caller, or its role is too small.
        Invalid: there is an offer of this product at this store with this sku.
    """
    return cast(InStoreOffer, await update(ctx, IN_STORE, id, input))


@access.key
async def delete_in_store_offer(ctx: Context, id: InStoreOfferId) -> bool:
    """Deletes an offer for good, and its promotions and history with it.

    Raises:
        NotFound: no such offer for this caller, or its role is too small.
    """
    return await delete(ctx, IN_STORE, id)


# --- online


@access.key
async def create_online_offer(
    ctx: Context, organization_id: OrganizationId, input: Annotated[OnlineOfferInput, Doc("The offer.")]
) -> OnlineOffer:
    """A new offer of one product at one storefront of the organization's.

    Raises:
        NotFound: no such organization, product or store for this caller, or its role is too small.
        Invalid: there is an offer of this product at this store with this sku.
    """
    values = ONLINE.table.given(input) | {"delivery_countries": input.delivery_countries or []}
    return cast(OnlineOffer, await create(ctx, ONLINE, organization_id, values, input.source))


@access.key
async def update_online_offer(
    ctx: Context, id: OnlineOfferId, input: Annotated[OnlineOfferPatch, Doc("What is to change.")]
) -> OnlineOffer:
    """Changes what is given. A null price is unknown.

    Raises:
        NotFound: no such offer for this caller, or its role is too small.
        Invalid: there is an offer of this product at this store with this sku.
    """
    return cast(OnlineOffer, await update(ctx, ONLINE, id, input))


@access.key
async def delete_online_offer(ctx: Context, id: OnlineOfferId) -> bool:
    """Deletes an offer for good, and its promotions, regional overrides and history with it.

    Raises:
        NotFound: no such offer for this caller, or its role is too small.
    """
    return await delete(ctx, ONLINE, id)


# --- either


async def create(ctx: Context, kind: Kind, organization_id: str, values: dict[str, Any], source: OfferSource) -> Any:
    require(ctx, organization_id, May.OFFERS)
    async with ctx.transaction() as write:
        store = await write.one(kind.stores.hold, id=values[kind.store_id])
        if store is None or store.organization_id != organization_id:
            raise no_such(kind.stores.thing)
        if await write.one(PRODUCT, id=values["product_id"]) is None:
            raise no_such("product")
        await heard(write, kind, values[kind.store_id])  # before the new offer holds its location
        made = await kind.table.create(write, values | {"organization_id": organization_id} | priority_of(source))
        if made is None:
            raise kind.taken
        await write.connection.execute(kind.spoken, made.id)
        told = {name: values[name] for name in ("product_id", kind.store_id, "sku", "price", "status")}
        await kind.table.note(ctx, write, "created", made, organization_id, told, product_id=made.product_id)
        return await write.one(kind.by_id, keys=[made.id])


async def update(ctx: Context, kind: Kind, id: str, input: Any) -> Any:
    async with ctx.transaction() as write:
        row = await kind.table.owned(ctx, write, id)
        values = kind.table.given(input, row) | priority_of(input.source)
        await apply(ctx, write, kind, row, values)
        return await write.one(kind.by_id, keys=[id])


async def apply(ctx: Context, write: Writer, kind: Kind, row: Any, values: dict[str, Any]) -> None:
    """Writes what is said of a locked offer.

    Raises:
        Invalid: there is another offer with its natural key.
    """
    if changed(row, values):
        await kind.table.save(write, row, values, kind.taken)
        told = differences(row, values)
        data = {"product_id": row.product_id, "changes": {name: told[name] for name in STATED if name in told}}
        await kind.table.note(ctx, write, "updated", row, row.organization_id, told, **data)
    if any(name in values for name in STATED):
        await write.connection.execute(kind.spoken, row.id)
        await heard(write, kind, getattr(row, kind.store_id))


async def heard(write: Writer, kind: Kind, store_id: str) -> None:
    """Somebody has just spoken of what a store has."""
    if kind is IN_STORE:
        await write.connection.execute(HEARD, store_id)


async def delete(ctx: Context, kind: Kind, id: str) -> bool:
    async with ctx.transaction() as write:
        row = await kind.table.owned(ctx, write, id)
        await write.one(kind.table.delete, key=id)
        told = {name: getattr(row, name) for name in ("product_id", kind.store_id, "sku")}
        await kind.table.note(ctx, write, "deleted", row, row.organization_id, told, product_id=row.product_id)
    return True
