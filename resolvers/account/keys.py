"""API keys: from a raw key to who is calling; when keys were last used."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import bindparam, exists, func, select, text

from closient_gql.core.db import Database, Fetch, Query
from closient_gql.core.models.account import ApiKey, KeyKind, KeyRole, MemberRole, Membership, Organization
from resolvers.viewer import Viewer

MEMBERSHIPS = (
    select(func.coalesce(func.jsonb_object_agg(Membership.organization_id, Membership.role), text("'{}'::jsonb")))
    .join(Organization, (Organization.id == Membership.organization_id) & Organization.deleted_at.is_(None))
    .where(Membership.user_id == ApiKey.user_id)
    .correlate(ApiKey)
    .scalar_subquery()
    .label("memberships")
)
BY_HASH = Query(
    ApiKey,
    select(*ApiKey.__table__.c, MEMBERSHIPS).where(
        ApiKey.hash == bindparam("hash"),
        ApiKey.is_active,
        ApiKey.expires_at.is_(None) | (ApiKey.expires_at > func.now()),
        ~exists().where(Organization.id == ApiKey.organization_id, Organization.deleted_at.is_not(None)),
    ),
)
TOUCH = """
WITH locked AS (SELECT id FROM api_keys WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE)
UPDATE api_keys SET last_used = used.at
FROM unnest($1::text[], $2::timestamptz[]) AS used (id, at) JOIN locked ON locked.id = used.id
WHERE api_keys.id = used.id AND (api_keys.last_used IS NULL OR api_keys.last_used < used.at)
"""


async def viewer_of_key(read: Fetch, hash: bytes) -> Viewer | None:
    """The caller whose key has this SHA-256; None if there is none, or it is revoked or has ended.

    A `csu` key is in all organizations of its holder; the others are in their own alone. Deleted organizations do not
    count.
    """
    row = cast(Any, await read.one(BY_HASH, hash=hash))
    if row is None:
        return None
    kind = KeyKind(row.kind)  # type: ignore[call-arg]
    roles = row.memberships if kind is KeyKind.USER else {}
    return Viewer(
        kind=kind,
        key_id=row.id,
        key_role=KeyRole(row.role) if row.role else None,  # type: ignore[call-arg]
        user_id=None if kind is KeyKind.PUBLISHABLE else row.user_id,
        organization_id=None if kind is KeyKind.USER else row.organization_id,
        memberships={organization: MemberRole(role) for organization, role in roles.items()},  # type: ignore[call-arg]
        expires_at=row.expires_at,
        per_minute=row.rate_limit_per_minute,
        per_day=row.rate_limit_per_day,
    )


async def touch_keys(database: Database, used: Mapping[str, datetime]) -> None:
    """Writes when keys were last used, many in one statement; never back in time.

    Whoever changes several keys locks them in the order of their ids, so that no two wait for each other.
    """
    async with database.acquire() as connection:
        await connection.execute(TOUCH, list(used), list(used.values()))
