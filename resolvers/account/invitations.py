"""Invitations: by mail, for seven days, for one address, used once.

The token exists in the mail alone. The job that writes the mail makes it and stores its SHA-256; the job's payload and
the database never hold it. Inviting an address again renews the invitation, and the older mail's token is void.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from sqlalchemy import Interval, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.models.account import (
    ApiKey,
    Invitation,
    KeyKind,
    Member,
    MemberRole,
    MemberStatus,
    Organization,
    User,
)
from closient_gql.core.paging import Listing, Window
from resolvers import access
from resolvers.account.changing import LOCK, changing, may_give, refusals
from resolvers.account.commands import INSERT_USER, NewKey, create_key, parse_email, user_by_email, user_by_id
from resolvers.account.inputs import InvitationAcceptInput, MemberInviteInput
from resolvers.account.members import MEMBER, OrganizationId, end, member_in
from resolvers.context import Context
from resolvers.outbox import audit, emit, enqueue
from resolvers.roles import May
from resolvers.viewer import Viewer

LIFETIME = timedelta(days=7)
COLUMNS = Invitation.__table__.c
OPEN = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
INVITATIONS = Listing(
    "invitations",
    Invitation,
    select(*COLUMNS).where(*OPEN, Invitation.expires_at > func.now()),
    orders={"created": Invitation.created.expression},
    parent=Invitation.organization_id,
)
OPEN_FOR = Query(
    Invitation,
    select(*COLUMNS).where(
        *OPEN,
        Invitation.expires_at > func.now(),
        Invitation.organization_id == bindparam("organization_id"),
        Invitation.email == bindparam("email"),
    ),
)
_ends = func.now() + bindparam("lifetime", LIFETIME, type_=Interval)
_insert = insert(Invitation).values(
    {name: bindparam(name) for name in ("id", "organization_id", "email", "role", "invited_by")} | {"expires_at": _ends}
)
INVITE = Query(
    Invitation,
    _insert.on_conflict_do_update(
        index_elements=["organization_id", "email"],
        index_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        set_={
            "role": _insert.excluded.role,
            "invited_by": _insert.excluded.invited_by,
            "expires_at": _insert.excluded.expires_at,
            "created": func.now(),
            "token_hash": None,
        },
    ).returning(*COLUMNS),
)
ISSUE = Query(
    Invitation,
    update(Invitation)
    .where(
        *OPEN,
        Invitation.id == bindparam("key"),
        Invitation.expires_at > func.now(),
        Organization.id == Invitation.organization_id,
        Organization.deleted_at.is_(None),
    )
    .values(token_hash=bindparam("token_hash"))
    .returning(*COLUMNS, Organization.name.label("organization_name")),
)
BY_TOKEN = Query(Invitation, select(*COLUMNS).where(Invitation.token_hash == bindparam("token_hash")))
ACCEPT = Query(
    Invitation,
    update(Invitation)
    .where(*OPEN, Invitation.id == bindparam("key"), Invitation.token_hash == bindparam("hash"))
    .values(accepted_at=func.now())
    .returning(*COLUMNS),
)
IS_MEMBER = """
SELECT EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 AND u.email = $2)
"""
JOIN = """
INSERT INTO memberships (id, organization_id, user_id, role) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id
"""
NO_INVITATION = "There is no such invitation. If you were invited more than once, the newest mail counts."


@dataclass(frozen=True)
class InvitationAccepted:
    """What becomes of an invitation. `key` is shown this one time."""

    key: str
    api_key: ApiKey
    user: User
    organization: Organization
    role: MemberRole


def new_token() -> str:
    """256 bits that nobody guesses."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


# --- reading


async def invitations_of(ctx: Context, organizations: Sequence[Organization], window: Window) -> list[Any]:
    """Invitations that are open, oldest first. Who may not manage members gets the error in their place."""
    ids = [organization.id for organization in organizations]
    refused = refusals(ctx, ids, May.MEMBERS)
    open_ = [id for id in ids if id not in refused]
    found = iter(await INVITATIONS.slices(ctx.read, window, open_, order="created") if open_ else ())
    return [refused[id] if id in refused else next(found) for id in ids]


# --- writing


@access.user
async def member_invite(
    ctx: Context,
    organization_id: OrganizationId,
    input: Annotated[MemberInviteInput, Doc("Whom to invite, and as what.")],
) -> Member:
    """Invites a person by mail. The member is shown as invited until it accepts.

    Raises:
        NotFound, Forbidden: see `changing`; only owners invite owners.
        Conflict: the person is a member already.
    """
    email, role = parse_email(input.email), input.role or MemberRole.EDITOR
    async with changing(ctx, organization_id, May.MEMBERS) as change:
        write = change.write
        may_give(change.cells, role)
        if await write.connection.fetchval(IS_MEMBER, change.id, email):
            raise Conflict(f"{email} is a member of the organization already.")
        if before := await write.one(OPEN_FOR, organization_id=change.id, email=email):
            may_give(change.cells, MemberRole(before.role), "invitation's role")  # type: ignore[call-arg]
        made = await write.one(
            INVITE, id=new_id(), organization_id=change.id, email=email, role=role.value,
            invited_by=change.viewer.user_id,
        )  # fmt: skip
        assert made
        await change.note("member.invited", ("member", made.id), {"email": email, "role": made.role})
        await enqueue(write, "account.send_invitation", invitation_id=made.id, sending=new_id())
        return await member_in(change, made.id)


@access.user
async def invitation_revoke(
    ctx: Context, organization_id: OrganizationId, id: Annotated[Id, Doc("Id of the invitation.")]
) -> bool:
    """Withdraws an open invitation.

    Raises:
        NotFound: the organization is not the caller's, or has no such open invitation.
        Forbidden: the caller may not manage members, or the invitation's role is more than its own.
    """
    async with changing(ctx, organization_id, May.MEMBERS) as change:
        invited = await change.write.one(MEMBER, organization_id=change.id, id=id)
        if invited is None or invited.status != MemberStatus.INVITED.value:
            raise NotFound("There is no such invitation.")
        await end(change, invited)
    return True


@access.public
async def invitation_accept(
    ctx: Context, input: Annotated[InvitationAcceptInput, Doc("The token, and who accepts.")]
) -> InvitationAccepted:
    """Accepts an invitation by its token: once. The user is made if there is none with the invited address, and gets
    a `csu` key without a role ceiling, shown this one time.

    Raises:
        NotFound: no invitation has this token, or its organization is gone.
        Conflict: it was used, withdrawn or has expired; or it is for another address than that of whoever accepts.
    """
    hash = hash_token(input.token.strip())
    async with ctx.transaction(heard=True) as write:
        found = await write.one(BY_TOKEN, token_hash=hash)
        if found is None:
            raise NotFound(NO_INVITATION)
        await check_address(write, ctx.viewer, input, found)
        organization = await write.one(LOCK, id=found.organization_id)  # first, as everybody does
        if organization is None:
            raise NotFound(NO_INVITATION)
        invitation = await write.one(ACCEPT, key=found.id, hash=hash)
        if invitation is None:
            raise await refusal(write, hash)
        if invitation.expires_at <= datetime.now(UTC):
            raise Conflict("The invitation has expired. Ask for a new one.")
        user = await user_of(write, invitation.email, input.name or "")
        accepted = await join(write, invitation, organization, user)
    memberships = {organization.id: accepted.role}  # the rest of the answer is for who has the new key
    ctx.viewer = Viewer(kind=KeyKind.USER, key_id=accepted.api_key.id, user_id=user.id, memberships=memberships)
    return accepted


async def check_address(write: Writer, viewer: Viewer, input: InvitationAcceptInput, invitation: Invitation) -> None:
    """Raises:
    Conflict: whoever accepts says, or shows by its key, to be somebody else. The invited address is not told.
    """
    given = [parse_email(input.email)] if input.email is not None else []
    if viewer.user_id is not None:
        given.append((await user_by_id(write, viewer.user_id)).email)
    if any(address != invitation.email for address in given):
        raise Conflict("The invitation is for another e-mail address.")


async def refusal(write: Writer, hash: bytes) -> Conflict | NotFound:
    """Why an invitation cannot be accepted, as it is now."""
    found = await write.one(BY_TOKEN, token_hash=hash)
    if found is None:
        return NotFound(NO_INVITATION)
    return Conflict("The invitation has been used already." if found.accepted_at else "The invitation was withdrawn.")


async def user_of(write: Writer, email: str, name: str) -> User:
    """The user with this address, made if there is none. Two at once find the same one."""
    made = await write.one(INSERT_USER, id=new_id(), email=email, name=name.strip())
    return made or await user_by_email(write, email)


async def join(write: Writer, invitation: Invitation, organization: Organization, user: User) -> InvitationAccepted:
    """Makes the membership and the key.

    Raises:
        Conflict: the user is a member already.
    """
    role = MemberRole(invitation.role)  # type: ignore[call-arg]
    if await write.connection.fetchval(JOIN, invitation.id, organization.id, user.id, role.value) is None:
        raise Conflict("You are a member of the organization already.")
    key, raw = await create_key(write, NewKey(kind=KeyKind.USER, name="Made with an invitation", user_id=user.id))
    viewer = Viewer(kind=KeyKind.USER, key_id=key.id, user_id=user.id)
    changes = {"email": user.email, "role": role.value}
    await audit(write, viewer, organization.id, "member.joined", ("member", invitation.id), changes)
    await emit(write, "member.joined", invitation.id, organization.id)
    return InvitationAccepted(raw, key, user, organization, role)


# --- for the job


async def issue_token(write: Writer, invitation_id: str) -> tuple[Any, str] | None:
    """A new token for an open invitation: its row with `organization_name`, and the token. None: there is nothing to
    send any more."""
    token = new_token()
    found = await write.one(ISSUE, key=invitation_id, token_hash=hash_token(token))
    return (found, token) if found else None
