"""Members of an organization: who belongs to it and who is invited to, in one list; roles; removal.

An invited person is in the list from the invitation on, with the status `invited`, and its id stays when the invitation
is accepted: so whatever addresses a member (read, change of role, removal) works for invited ones as well.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from sqlalchemy import Text, bindparam, func, select

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import KEYS, Query
from closient_gql.core.errors import Conflict, Forbidden, NotFound
from closient_gql.core.models.account import Member, MemberRole, MemberStatus, Organization
from closient_gql.core.paging import Listing, Window
from resolvers import access
from resolvers.account.changing import Change, changing, may_give, refusals
from resolvers.account.inputs import MemberRoleInput
from resolvers.context import Context
from resolvers.outbox import emit
from resolvers.roles import MATRIX, May, allowed

COLUMNS = Member.__table__.c
TEXT = func.lower(bindparam("q", type_=Text))
MEMBERS_BY_ID = Query(Member, select(*COLUMNS).where(Member.id == func.any(KEYS)))
MEMBERS = Listing(
    "members",
    Member,
    select(*COLUMNS),
    orders={"email": COLUMNS.email},
    filters={
        "role": Member.role == func.lower(bindparam("role", type_=Text)),
        "status": Member.status == bindparam("status", type_=Text),
        "q": (func.strpos(func.lower(Member.name), TEXT) > 0) | (func.strpos(func.lower(Member.email), TEXT) > 0),
    },
    parent=Member.organization_id,
)
MEMBER = Query(
    Member,
    select(*COLUMNS).where(Member.organization_id == bindparam("organization_id"), Member.id == bindparam("id")),
)
OTHER_OWNERS = """
SELECT count(*) FROM memberships WHERE organization_id = $1 AND role = 'owner' AND id <> $2
"""
SET_ROLE = {
    MemberStatus.ACTIVE.value: "UPDATE memberships SET role = $2 WHERE id = $1",
    MemberStatus.INVITED.value: "UPDATE invitations SET role = $2 WHERE id = $1",
}
REMOVE = {
    MemberStatus.ACTIVE.value: "DELETE FROM memberships WHERE id = $1",
    MemberStatus.INVITED.value: "UPDATE invitations SET revoked_at = now() WHERE id = $1",
}
LAST_OWNER = "An organization keeps at least one owner: make somebody else an owner first."
MemberId = Annotated[Id, Doc("Id of the membership.")]
OrganizationId = Annotated[Id, Doc("Id of the organization.")]


# --- reading


async def members_by_id(ctx: Context, ids: Sequence[str]) -> list[Member | None]:
    """Members of organizations that the caller belongs to."""
    rows = await ctx.read.by_key(MEMBERS_BY_ID, "id", ids)
    return [row if row and May.VIEW in allowed(ctx.viewer, row.organization_id) else None for row in rows]


async def members_of(
    ctx: Context,
    organizations: Sequence[Organization],
    window: Window,
    *,
    role: Annotated[
        str | None, Bounds(max_length=20), Doc("Only those with this role: owner, manager, billing or editor.")
    ] = None,
    status: Annotated[MemberStatus | None, Doc("Only active or only invited ones; both if nothing is said.")] = None,
    q: Annotated[
        str | None, Bounds(max_length=255), Doc("Part of the name or address, without regard to case.")
    ] = None,
) -> list[Any]:
    """Members by e-mail address: one statement for any number of organizations. Who may not see them gets the error
    in their place."""
    ids = [organization.id for organization in organizations]
    refused = refusals(ctx, ids, May.VIEW)
    open_ = [id for id in ids if id not in refused]
    given = {"role": role, "status": status.value if status else None, "q": q}
    found = iter(await MEMBERS.slices(ctx.read, window, open_, order="email", **given) if open_ else ())
    return [refused[id] if id in refused else next(found) for id in ids]


async def member_of(ctx: Context, organizations: Sequence[Organization], *, id: MemberId) -> list[Member | None]:
    """The member with this id, if it is one of this organization."""
    member: Member | None = await ctx.find(members_by_id, id)
    return [member if member and member.organization_id == each.id else None for each in organizations]


async def role_names(ctx: Context, members: Sequence[Member]) -> list[str]:
    """A role as people read it."""
    return [member.role.capitalize() for member in members]


# --- writing


async def member_in(change: Change, id: str) -> Member:
    """Raises:
    NotFound: the organization has no such member.
    """
    found = await change.write.one(MEMBER, organization_id=change.id, id=id)
    if found is None:
        raise NotFound("There is no such member.")
    return found


async def keep_an_owner(change: Change, member: Member) -> None:
    """Raises:
    Conflict: it is the last owner. Two at once cannot both go: the organization's row is locked.
    """
    owns = member.status == MemberStatus.ACTIVE.value and member.role == MemberRole.OWNER.value
    if owns and not await change.write.connection.fetchval(OTHER_OWNERS, change.id, member.id):
        raise Conflict(LAST_OWNER)


@access.user
async def member_update_role(
    ctx: Context,
    organization_id: OrganizationId,
    id: MemberId,
    input: Annotated[MemberRoleInput, Doc("The new role.")],
) -> Member:
    """Gives a member, or somebody invited, another role.

    Raises:
        NotFound: the organization is not the caller's, or has no such member.
        Forbidden: the caller may not manage members, or the old or the new role is more than its own; nobody raises
            the own role, by whatever key.
        Conflict: it is the last owner.
    """
    async with changing(ctx, organization_id, May.MEMBERS) as change:
        member = await member_in(change, id)
        old = MemberRole(member.role)  # type: ignore[call-arg]
        if input.role is old:
            return member
        if member.user_id == change.viewer.user_id and not MATRIX[input.role] <= MATRIX[old]:
            raise Forbidden("Nobody raises the own role. Ask another owner.")
        may_give(change.cells, old, "member's role")
        may_give(change.cells, input.role, "new role")
        await keep_an_owner(change, member)
        await change.write.connection.execute(SET_ROLE[member.status], id, input.role.value)
        changes = {"email": member.email, "from": old.value, "to": input.role.value}
        await change.note("member.role_changed", ("member", id), changes)
        await emit(change.write, "member.updated", id, change.id)
        return await member_in(change, id)


@access.user
async def member_remove(ctx: Context, organization_id: OrganizationId, id: MemberId) -> bool:
    """Ends a membership, or withdraws an invitation. Access stops at once; keys of the organization itself (csb, cpk)
    go on, whoever made them: they are the organization's, and the audit log says who made which.

    Raises:
        NotFound: the organization is not the caller's, or has no such member.
        Forbidden: the caller may not manage members, or the member's role is more than its own.
        Conflict: it is the last owner.
    """
    async with changing(ctx, organization_id, May.MEMBERS) as change:
        await end(change, await member_in(change, id))
    return True


async def end(change: Change, member: Member) -> None:
    """Ends a membership or an invitation. Raises: see `member_remove`."""
    may_give(change.cells, MemberRole(member.role), "member's role")  # type: ignore[call-arg]
    await keep_an_owner(change, member)
    await change.write.connection.execute(REMOVE[member.status], member.id)
    invited = member.status == MemberStatus.INVITED.value
    changes = {"email": member.email, "role": member.role}
    await change.note("invitation.revoked" if invited else "member.removed", ("member", member.id), changes)
    if not invited:
        await emit(change.write, "member.removed", member.id, change.id)
