"""Inventory sources: who feeds the offers of an organization, when it last did, and whether that went well."""

from collections.abc import Sequence
from typing import Annotated, Any, cast

from sqlalchemy import bindparam, func, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Query, Writer
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.retailers import InventorySource
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.account.changing import living
from resolvers.context import Context
from resolvers.retailers import stores
from resolvers.retailers.inputs import InventorySourceInput, InventorySourcePatch, OrganizationId
from resolvers.retailers.offer_changes import priority_of
from resolvers.retailers.rights import no_such, require
from resolvers.retailers.rows import Table, changed, differences
from resolvers.roles import May

TABLE: Table[InventorySource] = Table(
    InventorySource, "inventory_source", "inventory_source",
    ("organization_id", "name", "source", "source_priority", "physical_store_id", "online_store_id", "status",
     "metadata"),
)  # fmt: skip
BY_ID = Query(InventorySource, select(*TABLE.columns).where(InventorySource.id == func.any(KEYS)))
SOURCES = Listing(
    "inventorySources",
    InventorySource,
    select(*TABLE.columns),
    orders={"created": InventorySource.created.expression},
    filters={"organization_id": InventorySource.organization_id == bindparam("organization_id")},
)
SourceId = Annotated[Id, Doc("Id of the inventory source.")]


async def inventory_sources_by_id(ctx: Context, ids: Sequence[str]) -> list[InventorySource | None]:
    """Sources of the caller's organizations."""
    rows = await ctx.read.by_key(BY_ID, "id", ids)
    return [row if row and ctx.viewer.belongs_to(row.organization_id) else None for row in rows]


@access.key
async def inventory_source(ctx: Context, id: SourceId) -> InventorySource | None:
    """One source of an organization of the caller's."""
    found: InventorySource | None = await ctx.find(inventory_sources_by_id, id)
    return found


@access.key
async def inventory_sources(ctx: Context, organization_id: OrganizationId, window: Window) -> Slice[InventorySource]:
    """Who feeds the offers of an organization of the caller's, oldest first.

    Raises:
        NotFound: the organization is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await SOURCES.slices(ctx.read, window, order="created", organization_id=organization_id)
    return found


@access.key
async def create_inventory_source(
    ctx: Context, organization_id: OrganizationId, input: Annotated[InventorySourceInput, Doc("The source.")]
) -> InventorySource:
    """A new source: of one store, or of all of the organization's.

    Raises:
        NotFound: no such organization or store for this caller, or its role is too small.
        Invalid: it names two stores.
    """
    require(ctx, organization_id, May.OFFERS)
    if input.physical_store_id and input.online_store_id:
        message = "must not be given beside physical_store_id: a source speaks for one store, or for all"
        raise Invalid([Detail(field="online_store_id", message=message)])
    values = TABLE.given(input) | {"organization_id": organization_id, "status": "active"}
    values |= priority_of(input.source) if input.source_priority is None else {}
    async with ctx.transaction() as write:
        await living(write, organization_id)
        await check_stores(write, organization_id, input)
        made = await TABLE.create(write, values)
        assert made
        await TABLE.note(ctx, write, "created", made, organization_id, {"name": made.name, "source": made.source})
    return made


async def check_stores(write: Writer, organization_id: str, input: InventorySourceInput) -> None:
    """Raises:
    NotFound: a store is not the organization's.
    """
    asked: tuple[tuple[Table[Any], str | None], ...] = (
        (stores.PHYSICAL, input.physical_store_id),
        (stores.ONLINE, input.online_store_id),
    )
    for table, id in asked:
        if id is not None:
            store = await write.one(table.hold, id=id)
            if store is None or store.organization_id != organization_id:
                raise no_such(table.thing)


@access.key
async def update_inventory_source(
    ctx: Context, id: SourceId, input: Annotated[InventorySourcePatch, Doc("What is to change.")]
) -> InventorySource:
    """Changes what is given.

    Raises:
        NotFound: no such source for this caller, or its role is too small.
    """
    async with ctx.transaction() as write:
        row = await TABLE.owned(ctx, write, id)
        values = TABLE.given(input, row)
        if changed(row, values):
            await TABLE.save(write, row, values)
            await TABLE.note(ctx, write, "updated", row, row.organization_id, differences(row, values))
            row = await write.one(BY_ID, keys=[id])
    return cast(InventorySource, row)


@access.key
async def delete_inventory_source(ctx: Context, id: SourceId) -> bool:
    """Forgets a source. What it has said stays.

    Raises:
        NotFound: no such source for this caller, or its role is too small.
    """
    async with ctx.transaction() as write:
        row = await TABLE.owned(ctx, write, id)
        await write.one(TABLE.delete, key=id)
        await TABLE.note(ctx, write, "deleted", row, row.organization_id, {"name": row.name})
    return True
