"""Organizations that the platform trusts to check what others say. The flag is set on the command line alone."""

from collections.abc import Collection

from sqlalchemy import func, select

from closient_gql.core.db import KEYS, Query
from closient_gql.core.errors import Forbidden
from closient_gql.core.models.account import Organization
from resolvers.context import Context
from resolvers.roles import May, allowed

AUTHORITIES = Query(
    Organization,
    select(Organization.id).where(
        Organization.id == func.any(KEYS), Organization.is_authority, Organization.deleted_at.is_(None)
    ),
)
NO_AUTHORITY = "Only members of an authority whose role and key allow it may do this."


async def authorities(ctx: Context) -> list[str]:
    """Ids of the caller's organizations that are authorities; none for publishable keys."""
    viewer = ctx.viewer
    own: Collection[str] = [viewer.organization_id] if viewer.organization_id else viewer.memberships
    own = [id for id in own if viewer.belongs_to(id)]
    return [row.id for row in await ctx.read.all(AUTHORITIES, keys=own)] if own else []


async def authority_able(ctx: Context, what: May) -> str | None:
    """The authority that the caller acts for: its first organization that is one and in which it may do this."""
    return next((id for id in sorted(await authorities(ctx)) if what in allowed(ctx.viewer, id)), None)


async def acting_authority(ctx: Context, what: May) -> str:
    """The same, where there must be one.

    Raises:
        Forbidden: none of the caller's organizations is one, or its role is too small there.
    """
    found = await authority_able(ctx, what)
    if found is None:
        raise Forbidden(NO_AUTHORITY)
    return found
