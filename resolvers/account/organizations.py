"""Organizations: made, listed, changed, deleted for 90 days, restored, purged."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from sqlalchemy import ARRAY, Interval, Text, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Database, Query, Writer
from closient_gql.core.errors import Conflict, Forbidden, NotFound
from closient_gql.core.models.account import KeyKind, KeyRole, MemberRole, Organization
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.account.changing import NO_ORGANIZATION, ROLE_TOO_SMALL, as_it_is_now, changing, merged, person
from resolvers.account.commands import create_organization, parse_name, user_by_id
from resolvers.account.inputs import OrganizationInput, OrganizationPatch
from resolvers.account.queries import organizations_by_id
from resolvers.account.release import release
from resolvers.context import Context
from resolvers.outbox import audit, emit, enqueue
from resolvers.roles import May, allowed
from resolvers.viewer import ANONYMOUS, Viewer

GRACE = timedelta(days=90)
COLUMNS = Organization.__table__.c
ORGANIZATIONS = Listing(
    "organizations",
    Organization,
    select(*COLUMNS).where(Organization.deleted_at.is_(None)),
    orders={"name": func.lower(Organization.name, type_=Text)},
    filters={"ids": Organization.id == func.any(bindparam("ids", type_=ARRAY(Text)))},
)
UPDATE = Query(
    Organization,
    update(Organization)
    .where(Organization.id == bindparam("key"))
    .values({
        "name": bindparam("name"), "country": bindparam("country"), "is_brand": bindparam("is_brand"),
        "metadata": bindparam("metadata", type_=JSONB),
    })
    .returning(*COLUMNS),
)  # fmt: skip
DELETED_OR_NOT = Query(
    Organization, select(*COLUMNS).where(Organization.id == bindparam("id")).with_for_update(key_share=True)
)
MARK = Query(
    Organization,
    update(Organization).where(Organization.id == bindparam("key")).values(deleted_at=func.now()).returning(*COLUMNS),
)
UNMARK = Query(
    Organization,
    update(Organization)
    .where(
        Organization.id == bindparam("key"),
        Organization.deleted_at > func.now() - bindparam("grace", GRACE, type_=Interval),
    )
    .values(deleted_at=None)
    .returning(*COLUMNS),
)
OVERDUE = Query(
    Organization,
    select(Organization.id)
    .where(Organization.deleted_at <= func.now() - bindparam("grace", GRACE, type_=Interval))
    .order_by(Organization.deleted_at),
)
PURGE = Query(
    Organization,
    delete(Organization)
    .where(
        Organization.id == bindparam("key"),
        Organization.deleted_at <= func.now() - bindparam("grace", GRACE, type_=Interval),
    )
    .returning(*COLUMNS),
)
REVOKE_KEYS = """
WITH locked AS (SELECT id FROM api_keys WHERE organization_id = $1 AND is_active ORDER BY id FOR NO KEY UPDATE)
UPDATE api_keys SET is_active = false FROM locked WHERE api_keys.id = locked.id
"""


# --- reading


@access.user
async def organization(ctx: Context, id: Annotated[Id, Doc("Id of the organization.")]) -> Organization | None:
    """One organization of the caller's."""
    found: Organization | None = await ctx.find(organizations_by_id, id)
    return found


@access.user
async def organizations(ctx: Context, window: Window) -> Slice[Organization]:
    """Organizations of the caller, by name: all that a user belongs to; of a business key the one it acts for."""
    viewer = ctx.viewer
    ids = [viewer.organization_id] if viewer.organization_id else sorted(viewer.memberships)
    (found,) = await ORGANIZATIONS.slices(ctx.read, window, order="name", ids=ids)
    return found


# --- writing


@access.user
async def organization_create(
    ctx: Context, input: Annotated[OrganizationInput, Doc("What is known of it.")]
) -> Organization:
    """A new organization; the caller becomes its owner.

    Raises:
        Forbidden: the key acts for an organization, or its role is smaller than manager.
    """
    user_id = person(ctx)
    if ctx.viewer.key_role not in (None, KeyRole.MANAGER):
        raise Forbidden(ROLE_TOO_SMALL)
    async with ctx.transaction(heard=True) as write:
        made = await create_organization(
            write, input.name, input.country, await user_by_id(write, user_id), is_brand=input.is_brand,
            metadata=merged({}, input.metadata),
        )  # fmt: skip
        changes = {"name": made.name, "country": made.country, "is_brand": made.is_brand}
        await audit(write, ctx.viewer, made.id, "organization.created", ("organization", made.id), changes)
        await emit(write, "organization.created", made.id, made.id)
    ctx.viewer = replace(ctx.viewer, memberships={**ctx.viewer.memberships, made.id: MemberRole.OWNER})
    return made


@access.user
async def organization_update(
    ctx: Context,
    id: Annotated[Id, Doc("Id of the organization.")],
    input: Annotated[OrganizationPatch, Doc("What is to change; the rest stays.")],
) -> Organization:
    """Changes what is known of an organization.

    Raises:
        NotFound, Forbidden: see `changing`; only owners may.
    """
    async with changing(ctx, id, May.MANAGE_ORG) as change:
        before: Any = change.organization
        after = {
            "name": before.name if input.name is None else parse_name(input.name),
            "country": input.country or before.country,
            "is_brand": before.is_brand if input.is_brand is None else input.is_brand,
            "metadata": before.metadata if input.metadata is ABSENT else merged(before.metadata, input.metadata),
        }
        changes = {name: value for name, value in after.items() if getattr(before, name) != value}
        if not changes:
            return change.organization
        made = await change.write.one(UPDATE, key=id, **after)
        assert made
        await change.note("organization.updated", ("organization", id), changes)
        await emit(change.write, "organization.updated", id, id)
        return made


@access.user
async def organization_delete(ctx: Context, id: Annotated[Id, Doc("Id of the organization.")]) -> bool:
    """Deletes an organization: it disappears at once and can be restored for 90 days.

    Its keys are revoked for good; its brands and products stay in the catalogue without an owner.

    Raises:
        NotFound, Forbidden: see `changing`; only owners may.
    """
    async with changing(ctx, id, May.DELETE_ORG) as change:
        await bury(change.write, change.viewer, id)
    return True


@access.user
async def organization_restore(ctx: Context, id: Annotated[Id, Doc("Id of the organization.")]) -> Organization:
    """Brings a deleted organization back, with its members, within 90 days. Its keys stay revoked; brands and products
    have to be claimed again.

    Raises:
        NotFound: there is none that the caller has owned, or its time is over.
        Forbidden: the caller's key is too small.
        Conflict: it is not deleted.
    """
    if ctx.viewer.kind is not KeyKind.USER and not ctx.viewer.belongs_to(id):
        raise NotFound(NO_ORGANIZATION)
    person(ctx)
    async with ctx.transaction(heard=True) as write:
        found = await write.one(DELETED_OR_NOT, id=id)
        viewer = await as_it_is_now(write, ctx.viewer, id)
        owner = viewer.memberships.get(id) is MemberRole.OWNER
        if found is None or not (owner or (viewer.memberships and found.deleted_at is None)):
            raise NotFound(NO_ORGANIZATION)
        if May.DELETE_ORG not in allowed(viewer, id):
            raise Forbidden(ROLE_TOO_SMALL)
        made = await unbury(write, viewer, found)
    ctx.viewer = replace(ctx.viewer, memberships={**ctx.viewer.memberships, id: MemberRole.OWNER})
    return made


# --- for the graph, the command line and the worker alike


async def bury(write: Writer, viewer: Viewer, id: str) -> Organization:
    """Puts up the tombstone: keys revoked, catalogue released. The organization's row is locked already.

    A job releases again what somebody claims for it at this very moment.
    """
    made = await write.one(MARK, key=id)
    assert made
    await write.connection.execute(REVOKE_KEYS, id)
    await release(write, viewer, id)
    await audit(write, viewer, id, "organization.deleted", ("organization", id))
    await emit(write, "organization.deleted", id, id)
    await enqueue(write, "account.release_organization", organization_id=id)
    return made


async def unbury(write: Writer, viewer: Viewer, organization: Organization) -> Organization:
    """Takes the tombstone away. The organization's row is locked already.

    Raises:
        Conflict: it is not deleted.
        NotFound: its time is over.
    """
    if organization.deleted_at is None:
        raise Conflict("The organization is not deleted.")
    made = await write.one(UNMARK, key=organization.id)
    if made is None:
        raise NotFound(NO_ORGANIZATION)
    await audit(write, viewer, made.id, "organization.restored", ("organization", made.id))
    await emit(write, "organization.restored", made.id, made.id)
    return made


async def any_organization(write: Writer, id: str) -> Organization:
    """An organization, deleted or not, with its row locked.

    Raises:
        NotFound: there is none.
    """
    found = await write.one(DELETED_OR_NOT, id=id)
    if found is None:
        raise NotFound(f"There is no organization {id}.")
    return found


async def overdue(write: Writer) -> Sequence[Organization]:
    """Those that have been deleted for more than 90 days (ids only), first deleted first."""
    return await write.all(OVERDUE)


async def purge(database: Database) -> int:
    """Removes for good what was deleted 90 days ago, each organization in a transaction of its own. Gives how many."""
    async with database.transaction() as write:
        ids = [each.id for each in await overdue(write)]
    purged = 0
    for id in ids:
        async with database.transaction() as write:
            found = await write.one(DELETED_OR_NOT, id=id)
            if found is None or found.deleted_at is None:
                continue  # restored in between
            await release(write, ANONYMOUS, id)
            purged += await write.one(PURGE, key=id) is not None
    return purged
