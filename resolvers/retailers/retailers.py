"""Retailers: how they are found, made and changed. Canonical ones are read by everybody and written by nobody."""

from collections.abc import Sequence
from typing import Annotated, Any, cast

from sqlalchemy import Text, bindparam, func, select

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import KEYS, Columns, Query
from closient_gql.core.enums import Described
from closient_gql.core.models.retailers import OnlineStore, PhysicalStore, Retailer
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.account.changing import living
from resolvers.account.queries import organizations_by_id
from resolvers.context import Context
from resolvers.retailers.inputs import OrganizationId, RetailerInput, RetailerPatch
from resolvers.retailers.rights import require
from resolvers.retailers.rows import Table, changed, differences
from resolvers.roles import May

COLUMNS = Retailer.__table__.c
BY_ID = Query(Retailer, select(*COLUMNS).where(Retailer.id == func.any(KEYS)), reads=("organization_id",))
NAME = func.lower(Retailer.name, type_=Text)
RETAILERS = Listing(
    "retailers",
    Retailer,
    select(*COLUMNS),
    orders={"name": NAME, "created": Retailer.created.expression},
    filters={
        "organization_id": (Retailer.organization_id.is_(None) & Retailer.is_active)
        | (Retailer.organization_id == bindparam("organization_id")),
        "q": func.strpos(NAME, func.lower(bindparam("q", type_=Text))) > 0,
        "category": Retailer.category == bindparam("category", type_=Text),
        "is_canonical": Retailer.is_canonical == bindparam("is_canonical"),
    },
)
PRESENCE = Query(
    Retailer,
    select(
        Retailer.id,
        select(OnlineStore.id)
        .where(OnlineStore.retailer_id == Retailer.id, OnlineStore.is_active)
        .exists()
        .label("on"),
        select(PhysicalStore.id)
        .where(PhysicalStore.retailer_id == Retailer.id, PhysicalStore.is_active)
        .exists()
        .label("in_"),
    ).where(Retailer.id == func.any(KEYS)),
)
TABLE: Table[Retailer] = Table(
    Retailer,
    "retailer",
    "retailer",
    ("organization_id", "name", "website", "gln", "category", "marketplace_regions", "metadata"),
)


class RetailerOrder(Described):
    """The stored value is the REST form; RETAILERS.orders has the same names."""

    NAME = "name", "By name, A to Z, without regard to case."
    NAME_DESC = "-name", "By name, Z to A."
    CREATED = "created", "Oldest first."
    CREATED_DESC = "-created", "Newest first."


# --- reading


def visible(ctx: Context, row: Retailer) -> bool:
    """Whether the caller may know of the retailer: canonical ones are part of the catalogue."""
    return row.organization_id is None or ctx.viewer.belongs_to(row.organization_id)


async def retailers_by_id(ctx: Context, ids: Sequence[str], columns: Columns | None = None) -> list[Retailer | None]:
    """Canonical retailers, and those of the caller's organizations."""
    found = await ctx.read.by_key(BY_ID, "id", ids, columns)
    return [row if row and visible(ctx, row) else None for row in found]


async def presence(ctx: Context, ids: Sequence[str]) -> list[Any]:
    """Of each retailer, whether it has an active store on the web (`on`) and one at a place (`in_`)."""
    return await ctx.read.by_key(PRESENCE, "id", ids)


async def are_online(ctx: Context, retailers: Sequence[Retailer]) -> list[bool]:
    found = await ctx.find_all(presence, [retailer.id for retailer in retailers])
    return [each is not None and each.on for each in found]  # None: deleted meanwhile


async def are_physical(ctx: Context, retailers: Sequence[Retailer]) -> list[bool]:
    found = await ctx.find_all(presence, [retailer.id for retailer in retailers])
    return [each is not None and each.in_ for each in found]


async def organizations_of(ctx: Context, rows: Sequence[Any]) -> list[object]:
    """The organizations of retailers, stores or offers, for their members only."""
    return await ctx.find_all(organizations_by_id, [row.organization_id for row in rows])


@access.key
async def retailer(
    ctx: Context, id: Annotated[Id, Doc("Id of the retailer.")], columns: Columns | None = None
) -> Retailer | None:
    """One retailer: a canonical one, or one of the caller's organizations."""
    found: Retailer | None = await ctx.find(retailers_by_id, id, columns)
    return found


@access.key
async def retailers(
    ctx: Context,
    organization_id: OrganizationId,
    window: Window,
    *,
    q: Annotated[str | None, Bounds(max_length=255), Doc("Part of the name, without regard to case.")] = None,
    category: Annotated[str | None, Bounds(max_length=1000), Doc("Only those of this category.")] = None,
    is_canonical: Annotated[
        bool | None, Doc("Only canonical ones, or only the organization's; both if nothing is said.")
    ] = None,
    ordering: Annotated[RetailerOrder | None, Doc("By name if nothing is said.")] = None,
) -> Slice[Retailer]:
    """Retailers visible to the organization: canonical ones and its own.

    Raises:
        NotFound: the organization is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await RETAILERS.slices(
        ctx.read, window, order=ordering.value if ordering else "name", organization_id=organization_id, q=q,
        category=category, is_canonical=is_canonical,
    )  # fmt: skip
    return found


# --- writing


@access.key
async def create_retailer(
    ctx: Context, organization_id: OrganizationId, input: Annotated[RetailerInput, Doc("The retailer.")]
) -> Retailer:
    """A new retailer of the organization's own.

    Raises:
        NotFound: the organization is not the caller's, or its role is too small.
    """
    require(ctx, organization_id, May.OFFERS)
    values = TABLE.given(input) | {
        "organization_id": organization_id, "marketplace_regions": input.marketplace_regions or [],
    }  # fmt: skip
    async with ctx.transaction() as write:
        await living(write, organization_id)
        made = await TABLE.create(write, values)
        assert made
        await TABLE.note(ctx, write, "created", made, organization_id, {"name": made.name})
    return made


@access.key
async def update_retailer(
    ctx: Context,
    id: Annotated[Id, Doc("Id of a retailer of the caller's organization.")],
    input: Annotated[RetailerPatch, Doc("What is to change.")],
) -> Retailer:
    """Changes what is given.

    Raises:
        NotFound: there is no such retailer, it is canonical or another organization's, or the role is too small.
    """
    async with ctx.transaction() as write:
        row = await TABLE.owned(ctx, write, id)
        values = TABLE.given(input, row)
        if changed(row, values):
            await TABLE.save(write, row, values)
            await TABLE.note(ctx, write, "updated", row, row.organization_id, differences(row, values))
            row = await write.one(BY_ID, keys=[id])
    return cast(Retailer, row)


@access.key
async def delete_retailer(
    ctx: Context, id: Annotated[Id, Doc("Id of a retailer of the caller's organization.")]
) -> bool:
    """Deletes a retailer, and with it its stores and their offers.

    Raises:
        NotFound: as `update_retailer`.
    """
    async with ctx.transaction() as write:
        row = await TABLE.owned(ctx, write, id)
        await write.one(TABLE.delete, key=id)
        await TABLE.note(ctx, write, "deleted", row, row.organization_id, {"name": row.name})
    return True
