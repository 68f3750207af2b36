"""How brands are found."""

from collections.abc import Sequence
from typing import Annotated

from sqlalchemy import Text, bindparam, func, select

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import KEYS, Columns, Query
from closient_gql.core.enums import Described
from closient_gql.core.models.account import Organization
from closient_gql.core.models.brands import Brand
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.account.queries import organizations_by_id
from resolvers.context import Context


class BrandOrder(Described):
    """The stored value is the REST form; BRANDS.orders has the same names."""

    NAME = "name", "By name, A to Z, without regard to case."
    NAME_DESC = "-name", "By name, Z to A."
    CREATED = "created", "Oldest first."
    CREATED_DESC = "-created", "Newest first."


BRANDS_BY_ID = Query(Brand, select(*Brand.__table__.c).where(Brand.id == func.any(KEYS)))
BRANDS = Listing(
    "brands",
    Brand,
    select(*Brand.__table__.c),
    orders={"name": func.lower(Brand.name, type_=Text), "created": Brand.created.expression},
    filters={
        "name": func.strpos(func.lower(Brand.name), func.lower(bindparam("name", type_=Text))) > 0,
        "organization_id": Brand.organization_id == bindparam("organization_id"),
    },
)


async def brands_by_id(ctx: Context, ids: Sequence[str], columns: Columns | None = None) -> list[Brand | None]:
    return await ctx.read.by_key(BRANDS_BY_ID, "id", ids, columns)


async def organizations_of(ctx: Context, brands: Sequence[Brand]) -> list[Organization | None]:
    """The organization itself is visible to its members only; that there is one is public (`organization_id`)."""
    return await ctx.find_all(organizations_by_id, [brand.organization_id for brand in brands])


@access.key
async def brand(
    ctx: Context, id: Annotated[Id, Doc("Id of the brand.")], columns: Columns | None = None
) -> Brand | None:
    """The brand with this id."""
    found: Brand | None = await ctx.find(brands_by_id, id, columns)
    return found


@access.key
async def brands(
    ctx: Context,
    window: Window,
    *,
    name: Annotated[str | None, Bounds(max_length=255), Doc("Part of the name, without regard to case.")] = None,
    organization_id: Annotated[Id | None, Doc("Only brands claimed by this organization.")] = None,
    ordering: Annotated[BrandOrder | None, Doc("By name if nothing is said.")] = None,
) -> Slice[Brand]:
    """All brands, claimed and unclaimed alike."""
    order = ordering.value if ordering else "name"
    (found,) = await BRANDS.slices(ctx.read, window, order=order, name=name, organization_id=organization_id)
    return found
