"""The audit log of an organization: who changed what. Read by owners, written by `resolvers.outbox.audit`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import orjson
from sqlalchemy import Text, bindparam, func, select

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import KEYS, Query
from closient_gql.core.models.account import Organization, User
from closient_gql.core.models.platform import AuditEntry
from closient_gql.core.paging import Listing, Window
from resolvers.account.changing import refusals
from resolvers.context import Context
from resolvers.roles import May

ACTION = bindparam("action", type_=Text)
ENTRIES = Listing(
    "auditLog",
    AuditEntry,
    select(*AuditEntry.__table__.c),
    orders={"created": AuditEntry.created.expression},
    filters={
        "action": (AuditEntry.action == ACTION) | func.starts_with(AuditEntry.action, ACTION.concat(".")),
        "user_id": AuditEntry.user_id == bindparam("user_id"),
        "target_type": AuditEntry.target_type == bindparam("target_type"),
        "target_id": AuditEntry.target_id == bindparam("target_id"),
        "since": AuditEntry.created >= bindparam("since"),
        "until": AuditEntry.created < bindparam("until"),
    },
    parent=AuditEntry.organization_id,
)
EMAILS = Query(User, select(User.id, User.email).where(User.id == func.any(KEYS)))
Word = Annotated[str, Bounds(max_length=100)]


@dataclass(frozen=True)
class AuditChange:
    """One thing that was written: texts as they are, everything else as JSON."""

    field: str
    value: str


async def audit_log_of(
    ctx: Context,
    organizations: Sequence[Organization],
    window: Window,
    *,
    action: Annotated[Word | None, Doc("Only this action, or all that begin with it: member covers member.*.")] = None,
    user_id: Annotated[Id | None, Doc("Only what this user did.")] = None,
    target_type: Annotated[Word | None, Doc("Only what was done to such things, such as member.")] = None,
    target_id: Annotated[Word | None, Doc("Only what was done to the thing with this id.")] = None,
    since: Annotated[datetime | None, Doc("From this moment on.")] = None,
    until: Annotated[datetime | None, Doc("Before this moment.")] = None,
) -> list[Any]:
    """Newest first. Whoever is no owner gets the error in its place."""
    ids = [organization.id for organization in organizations]
    refused = refusals(ctx, ids, May.AUDIT)
    open_ = [id for id in ids if id not in refused]
    given = {"action": action, "user_id": user_id, "target_type": target_type, "target_id": target_id,
             "since": since, "until": until}  # fmt: skip
    found = iter(await ENTRIES.slices(ctx.read, window, open_, order="-created", **given) if open_ else ())
    return [refused[id] if id in refused else next(found) for id in ids]


async def actors(ctx: Context, entries: Sequence[AuditEntry]) -> list[str | None]:
    """The addresses of those who did it."""
    users = await ctx.read.by_key(EMAILS, "id", [entry.user_id for entry in entries])
    return [user.email if user else None for user in users]


async def changes_of(ctx: Context, entries: Sequence[AuditEntry]) -> list[list[AuditChange]]:
    """What was written, in order of the names."""
    return [[AuditChange(name, words(value)) for name, value in sorted(e.changes.items())] for e in entries]


def words(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
