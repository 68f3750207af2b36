"""How the account is read: the caller, organizations, keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from closient_gql.core.db import KEYS, Query
from closient_gql.core.models.account import ApiKey, KeyRole, Organization, User
from resolvers import access
from resolvers.account.api_keys import api_keys_by_id
from resolvers.context import Context, QuotaWindow
from resolvers.viewer import Viewer

USERS = Query(User, select(*User.__table__.c).where(User.id == func.any(KEYS)))
ORGANIZATIONS = Query(
    Organization,
    select(*Organization.__table__.c).where(Organization.id == func.any(KEYS), Organization.deleted_at.is_(None)),
)


async def users_by_id(ctx: Context, ids: Sequence[str]) -> list[User | None]:
    """Users that the caller may see: itself."""
    return await ctx.read.by_key(USERS, "id", [id if id == ctx.viewer.user_id else None for id in ids])


async def organizations_by_id(ctx: Context, ids: Sequence[str]) -> list[Organization | None]:
    """Organizations that the caller may see: its own, unless they are deleted."""
    return await ctx.read.by_key(ORGANIZATIONS, "id", [id if ctx.viewer.belongs_to(id) else None for id in ids])


async def key_roles(ctx: Context, keys: Sequence[ApiKey]) -> list[str]:
    """A key without a ceiling is shown as `manager` (contract: decisions)."""
    return [key.role or KeyRole.MANAGER.value for key in keys]


async def viewer_users(ctx: Context, viewers: Sequence[Viewer]) -> list[User | None]:
    return await ctx.find_all(users_by_id, [viewer.user_id for viewer in viewers])


async def viewer_keys(ctx: Context, viewers: Sequence[Viewer]) -> list[ApiKey | None]:
    return await ctx.find_all(api_keys_by_id, [viewer.key_id for viewer in viewers])


async def viewer_organizations(ctx: Context, viewers: Sequence[Viewer]) -> list[list[Organization]]:
    """By name: all that a user belongs to; of a business key only the one it acts for."""
    answers = []
    for viewer in viewers:
        ids = [viewer.organization_id] if viewer.organization_id else list(viewer.memberships)
        found = [o for o in await ctx.find_all(organizations_by_id, ids) if o is not None]
        answers.append(sorted(found, key=lambda o: (o.name.lower(), o.id)))
    return answers


@access.user
async def viewer(ctx: Context) -> Viewer:
    """Who is calling."""
    return ctx.viewer


@dataclass(frozen=True)
class QuotaState:
    """The caller's rate limits, each window with what is left in it."""

    windows: Sequence[QuotaWindow]


@access.public
async def quota(ctx: Context) -> QuotaState:
    """The caller's rate limits; this very request is counted."""
    return QuotaState(await ctx.quota.windows())
