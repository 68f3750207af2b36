"""How locations are found."""

from collections.abc import Sequence

from sqlalchemy import func, select

from closient_gql.core.db import KEYS, Query
from closient_gql.core.models.locations import COLUMNS, Location
from resolvers.account.queries import organizations_by_id
from resolvers.context import Context

BY_ID = Query(Location, select(*COLUMNS).where(Location.id == func.any(KEYS)))


async def locations_by_id(ctx: Context, ids: Sequence[str]) -> list[Location | None]:
    """Locations by id. Those that are not active are found by members of their organization only."""
    found = await ctx.read.by_key(BY_ID, "id", ids)
    return [each if each and visible(ctx, each) else None for each in found]


def visible(ctx: Context, location: Location) -> bool:
    """Whether the caller may know of the location: open ones are part of the catalogue."""
    return location.is_active or ctx.viewer.belongs_to(location.organization_id)


async def organizations_of(ctx: Context, locations: Sequence[Location]) -> list[object]:
    """The organization itself is visible to its members only."""
    return await ctx.find_all(organizations_by_id, [location.organization_id for location in locations])
