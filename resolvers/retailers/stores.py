"""Stores of both kinds: how they are found, made and changed. Active ones are part of the catalogue."""

from collections.abc import Sequence
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from sqlalchemy import bindparam, func, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Columns, Query, Writer
from closient_gql.core.errors import Conflict, Detail, Invalid
from closient_gql.core.models.locations import Location
from closient_gql.core.models.retailers import OnlineStore, PhysicalStore, Retailer
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.account.changing import living
from resolvers.context import Context
from resolvers.retailers.inputs import (
    OnlineStoreInput,
    OnlineStorePatch,
    OrganizationId,
    PhysicalStoreInput,
    PhysicalStorePatch,
)
from resolvers.retailers.rights import no_such, require
from resolvers.retailers.rows import Table, changed, differences
from resolvers.roles import May

SHARED = ("retailer_id", "organization_id", "name", "currency", "is_active", "metadata")
PHYSICAL: Table[PhysicalStore] = Table(PhysicalStore, "physical_store", "store", (*SHARED, "location_id", "number"))
ONLINE: Table[OnlineStore] = Table(OnlineStore, "online_store", "store", (*SHARED, "url", "domain", "countries"))
SEEN = ("is_active", "organization_id")  # what `seen` reads
PHYSICAL_BY_ID = Query(PhysicalStore, select(*PHYSICAL.columns).where(PhysicalStore.id == func.any(KEYS)), SEEN)
ONLINE_BY_ID = Query(OnlineStore, select(*ONLINE.columns).where(OnlineStore.id == func.any(KEYS)), SEEN)


def listing(name: str, model: Any) -> Listing[Any]:
    """The stores of an organization, oldest first."""
    return Listing(
        name,
        model,
        select(*model.__table__.c),
        orders={"created": model.created.expression},
        filters={
            "organization_id": model.organization_id == bindparam("organization_id"),
            "retailer_id": model.retailer_id == bindparam("retailer_id"),
            "is_active": model.is_active == bindparam("is_active"),
        },
    )


PHYSICAL_STORES: Listing[PhysicalStore] = listing("physicalStores", PhysicalStore)
ONLINE_STORES: Listing[OnlineStore] = listing("onlineStores", OnlineStore)
# Of a new store: its retailer and its location stay until it is there.
RETAILER = Query(
    Retailer,
    select(*Retailer.__table__.c)
    .where(
        Retailer.id == bindparam("id"),
        Retailer.organization_id.is_(None) | (Retailer.organization_id == bindparam("organization_id")),
    )
    .with_for_update(read=True, key_share=True),
)
LOCATION = Query(
    Location,
    select(Location.id)
    .where(
        Location.id == bindparam("id"),
        (Location.organization_id.is_(None) & Location.is_active)
        | (Location.organization_id == bindparam("organization_id")),
    )
    .with_for_update(read=True, key_share=True),
)
PRICED = {
    PHYSICAL.kind: """
    SELECT EXISTS (SELECT FROM in_store_offers o WHERE physical_store_id = $1 AND (price IS NOT NULL
        OR EXISTS (SELECT FROM in_store_promotions WHERE offer_id = o.id)))
    """,
    ONLINE.kind: """
    SELECT EXISTS (SELECT FROM online_offers o WHERE online_store_id = $1 AND (
        coalesce(price, shipping_cost) IS NOT NULL
        OR EXISTS (SELECT FROM online_promotions WHERE offer_id = o.id)
        OR EXISTS (SELECT FROM regional_overrides r
            WHERE offer_id = o.id AND r.price IS NOT NULL AND price_currency IS NULL)))
    """,
}
TAKEN = Invalid([Detail(field="location_id", message="is taken: the retailer has a store at this location already")])
NUMBER_TAKEN = Invalid([Detail(field="number", message="is taken: the retailer has a store of this number already")])
URL_TAKEN = Invalid([Detail(field="url", message="is taken: the retailer has a store at this address already")])
RetailerFilter = Annotated[Id | None, Doc("Only those of this retailer.")]
ActiveFilter = Annotated[bool | None, Doc("Only active ones, or only others; both if nothing is said.")]
PhysicalStoreId = Annotated[Id, Doc("Id of the physical store.")]
OnlineStoreId = Annotated[Id, Doc("Id of the online store.")]


# --- reading


async def physical_stores_by_id(
    ctx: Context, ids: Sequence[str], columns: Columns | None = None
) -> list[PhysicalStore | None]:
    """Active stores, and those of the caller's organizations."""
    return seen(ctx, await ctx.read.by_key(PHYSICAL_BY_ID, "id", ids, columns))


async def online_stores_by_id(
    ctx: Context, ids: Sequence[str], columns: Columns | None = None
) -> list[OnlineStore | None]:
    """Active stores, and those of the caller's organizations."""
    return seen(ctx, await ctx.read.by_key(ONLINE_BY_ID, "id", ids, columns))


def seen(ctx: Context, rows: Sequence[Any]) -> list[Any]:
    return [row if row and (row.is_active or ctx.viewer.belongs_to(row.organization_id)) else None for row in rows]


@access.key
async def physical_store(ctx: Context, id: PhysicalStoreId, columns: Columns | None = None) -> PhysicalStore | None:
    """One store: an active one, or one of the caller's organizations."""
    found: PhysicalStore | None = await ctx.find(physical_stores_by_id, id, columns)
    return found


@access.key
async def online_store(ctx: Context, id: OnlineStoreId, columns: Columns | None = None) -> OnlineStore | None:
    """One store: an active one, or one of the caller's organizations."""
    found: OnlineStore | None = await ctx.find(online_stores_by_id, id, columns)
    return found


@access.key
async def physical_stores(
    ctx: Context,
    organization_id: OrganizationId,
    window: Window,
    *,
    retailer_id: RetailerFilter = None,
    is_active: ActiveFilter = None,
) -> Slice[PhysicalStore]:
    """Stores that an organization of the caller's runs, oldest first.

    Raises:
        NotFound: the organization is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await PHYSICAL_STORES.slices(
        ctx.read, window, order="created", organization_id=organization_id, retailer_id=retailer_id, is_active=is_active
    )
    return found


@access.key
async def online_stores(
    ctx: Context,
    organization_id: OrganizationId,
    window: Window,
    *,
    retailer_id: RetailerFilter = None,
    is_active: ActiveFilter = None,
) -> Slice[OnlineStore]:
    """Stores that an organization of the caller's runs on the web, oldest first.

    Raises:
        NotFound: the organization is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await ONLINE_STORES.slices(
        ctx.read, window, order="created", organization_id=organization_id, retailer_id=retailer_id, is_active=is_active
    )
    return found


# --- writing


@access.key
async def create_physical_store(
    ctx: Context, organization_id: OrganizationId, input: Annotated[PhysicalStoreInput, Doc("The store.")]
) -> PhysicalStore:
    """A new store at a place, active from the start.

    Raises:
        NotFound: the organization is not the caller's, or the role is too small; or there is no such retailer or
            location for it.
        Invalid: the retailer has a store at this location, or of this number.
    """
    require(ctx, organization_id, May.OFFERS)
    async with ctx.transaction() as write:
        await living(write, organization_id)
        await retailer_for(write, organization_id, input.retailer_id)
        if await write.one(LOCATION, id=input.location_id, organization_id=organization_id) is None:
            raise no_such("location")
        return cast(PhysicalStore, await make(ctx, write, PHYSICAL, organization_id, PHYSICAL.given(input)))


@access.key
async def create_online_store(
    ctx: Context, organization_id: OrganizationId, input: Annotated[OnlineStoreInput, Doc("The store.")]
) -> OnlineStore:
    """A new store on the web, active from the start.

    Raises:
        NotFound: the organization is not the caller's, or the role is too small; or there is no such retailer for it.
        Invalid: the retailer has a store at this address.
    """
    require(ctx, organization_id, May.OFFERS)
    values = ONLINE.given(input) | {"domain": domain_of(input.url), "countries": input.countries or []}
    async with ctx.transaction() as write:
        await living(write, organization_id)
        await retailer_for(write, organization_id, input.retailer_id)
        return cast(OnlineStore, await make(ctx, write, ONLINE, organization_id, values))


async def retailer_for(write: Writer, organization_id: str, id: str) -> None:
    """Holds the retailer until the end of the transaction.

    Raises:
        NotFound: there is none, or it is another organization's.
    """
    if await write.one(RETAILER, id=id, organization_id=organization_id) is None:
        raise no_such("retailer")


async def make(ctx: Context, write: Writer, table: Table[Any], organization_id: str, values: dict[str, Any]) -> Any:
    """Raises:
    Invalid: there is a store with the same natural key.
    """
    made = await table.create(write, values | {"organization_id": organization_id, "is_active": True})
    if made is None:
        raise await taken(write, table, values)
    await table.note(ctx, write, "created", made, organization_id, {"name": made.name, "retailer_id": made.retailer_id})
    return made


async def taken(write: Writer, table: Table[Any], values: dict[str, Any]) -> Invalid:
    """Which of the natural keys it is."""
    if table is ONLINE:
        return URL_TAKEN
    there = "SELECT EXISTS (SELECT FROM physical_stores WHERE retailer_id = $1 AND location_id = $2)"
    found = await write.connection.fetchval(there, values["retailer_id"], values["location_id"])
    return TAKEN if found else NUMBER_TAKEN


def domain_of(url: str) -> str:
    """The host of an address.

    Raises:
        Invalid: it has none.
    """
    try:
        host = urlsplit(url.strip()).hostname or ""
    except ValueError:
        host = ""
    if not host:
        raise Invalid([Detail(field="url", message="must be an address such as https://shop.example")])
    return host


@access.key
async def update_physical_store(
    ctx: Context, id: PhysicalStoreId, input: Annotated[PhysicalStorePatch, Doc("What is to change.")]
) -> PhysicalStore:
    """Changes what is given.

    Raises:
        NotFound: there is no such store among those of the caller's organizations, or the role is too small.
        Invalid: the retailer has a store of this number. Conflict: it has prices, and another currency is given.
    """
    return cast(PhysicalStore, await change(ctx, PHYSICAL, PHYSICAL_BY_ID, id, input, {}, NUMBER_TAKEN))


@access.key
async def update_online_store(
    ctx: Context, id: OnlineStoreId, input: Annotated[OnlineStorePatch, Doc("What is to change.")]
) -> OnlineStore:
    """Changes what is given.

    Raises:
        NotFound: there is no such store among those of the caller's organizations, or the role is too small.
        Invalid: the retailer has a store at this address. Conflict: it has prices, and another currency is given.
    """
    more = {} if input.url is None else {"domain": domain_of(input.url)}
    return cast(OnlineStore, await change(ctx, ONLINE, ONLINE_BY_ID, id, input, more, URL_TAKEN))


async def change(
    ctx: Context, table: Table[Any], by_id: Query[Any], id: str, input: Any, more: dict[str, Any], taken: Invalid
) -> Any:
    async with ctx.transaction() as write:
        row = await table.owned(ctx, write, id)
        values = table.given(input, row) | more
        changes = changed(row, values)
        if "currency" in changes and await write.connection.fetchval(PRICED[table.kind], id):
            raise Conflict(f"This store has prices in {row.currency}. Clear them before it gets another currency.")
        if changes:
            await table.save(write, row, values, taken)
            await table.note(ctx, write, "updated", row, row.organization_id, differences(row, values))
            row = await write.one(by_id, keys=[id])
    return row


@access.key
async def delete_physical_store(ctx: Context, id: PhysicalStoreId) -> bool:
    """Deletes a store with its offers, their promotions and their history. The location stays.

    Raises:
        NotFound: there is no such store among those of the caller's organizations, or the role is too small.
    """
    return await remove(ctx, PHYSICAL, id)


@access.key
async def delete_online_store(ctx: Context, id: OnlineStoreId) -> bool:
    """Deletes a store with its offers, their promotions, regional overrides and history.

    Raises:
        NotFound: there is no such store among those of the caller's organizations, or the role is too small.
    """
    return await remove(ctx, ONLINE, id)


async def remove(ctx: Context, table: Table[Any], id: str) -> bool:
    async with ctx.transaction() as write:
        row = await table.owned(ctx, write, id)
        await write.one(table.delete, key=id)
        await table.note(
            ctx, write, "deleted", row, row.organization_id, {"name": row.name, "retailer_id": row.retailer_id}
        )
    return True
