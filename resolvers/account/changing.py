"""A write in one organization: one after another, by somebody who may do it at this very moment."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, select

from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Detail, DomainError, Forbidden, Invalid, NotFound
from closient_gql.core.metadata import merge_metadata
from closient_gql.core.models.account import KeyKind, KeyRole, MemberRole, Organization
from resolvers.account.commands import role_in
from resolvers.context import Context
from resolvers.outbox import audit
from resolvers.roles import CEILINGS, EVERYTHING, MATRIX, May, allowed, require
from resolvers.viewer import Viewer

NO_ORGANIZATION = "There is no such organization."
ROLE_TOO_SMALL = "Your role, or that of your key, does not allow this."
_alive = select(*Organization.__table__.c).where(Organization.id == bindparam("id"), Organization.deleted_at.is_(None))
LOCK = Query(Organization, _alive.with_for_update(key_share=True))
LIVING = Query(Organization, _alive.with_for_update(read=True))


@dataclass(frozen=True)
class Change:
    """A write in one organization, which nobody else changes or deletes meanwhile. `cells`: what the caller may do."""

    write: Writer
    viewer: Viewer
    organization: Organization
    cells: frozenset[May]

    @property
    def id(self) -> str:
        return self.organization.id

    async def note(self, action: str, target: tuple[str, str], changes: Mapping[str, Any] | None = None) -> None:
        """Leaves an entry in the organization's audit log."""
        await audit(self.write, self.viewer, self.id, action, target, changes)


@asynccontextmanager
async def changing(ctx: Context, organization_id: str, what: May) -> AsyncIterator[Change]:
    """One transaction that holds the organization's row: writes of members, keys and the organization itself take
    turns, and each decides by roles as they are now, not as they were when the request came in.

    Raises:
        NotFound: the organization is not the caller's, or is deleted.
        Forbidden: the caller's role or key is too small.
    """
    require(ctx, organization_id, what)
    async with ctx.transaction(heard=True) as write:
        organization = await write.one(LOCK, id=organization_id)
        if organization is None:
            raise NotFound(NO_ORGANIZATION)
        viewer = await as_it_is_now(write, ctx.viewer, organization_id)
        cells = allowed(viewer, organization_id)
        if not cells:
            raise NotFound(NO_ORGANIZATION)
        if what not in cells:
            raise Forbidden(ROLE_TOO_SMALL)
        yield Change(write, viewer, organization, cells)


async def as_it_is_now(write: Writer, viewer: Viewer, organization_id: str) -> Viewer:
    """The caller with the role that it has in the organization now; a key of an organization has none."""
    if viewer.kind is not KeyKind.USER or viewer.user_id is None:
        return viewer
    role = await role_in(write, viewer.user_id, organization_id)
    return replace(viewer, memberships={organization_id: role} if role else {})


async def living(write: Writer, organization_id: str) -> Organization:
    """Holds the organization as one that is not deleted until the transaction ends. Whoever gives it something (a
    claim, an import) calls this before touching the things themselves, or the organization could be deleted in
    between and keep them.

    Raises:
        NotFound: it is deleted, or there is none.
    """
    found = await write.one(LIVING, id=organization_id)
    if found is None:
        raise NotFound(NO_ORGANIZATION)
    return found


def may_give(cells: frozenset[May], role: MemberRole, what: str = "role") -> None:
    """Nobody gives, changes or takes away a role that is more than what they may do themselves: so a manager neither
    makes owners nor changes or removes them.

    Raises:
        Forbidden: the role is more than that.
    """
    if not MATRIX[role] <= cells:
        raise Forbidden(f"Only an owner can do this: the {what} is {role.value}.")


def ceiling(viewer: Viewer) -> frozenset[May]:
    """What the caller's key allows at the most."""
    return CEILINGS[viewer.key_role] if viewer.key_role else EVERYTHING


def person(ctx: Context, *, writing: bool = True) -> str:
    """The user that the caller's key acts for.

    Raises:
        Forbidden: it acts for an organization; or it may only read, and this is a write.
    """
    viewer = ctx.viewer
    if viewer.kind is not KeyKind.USER or viewer.user_id is None:
        raise Forbidden("A key of an organization cannot do this: it is a matter of one person. Use a user key (csu).")
    if writing and viewer.key_role is KeyRole.READONLY:
        raise Forbidden(ROLE_TOO_SMALL)
    return viewer.user_id


def merged(old: Mapping[str, str], change: Mapping[str, str] | None) -> dict[str, str]:
    """What a write makes of `metadata`.

    Raises:
        Invalid: it would have too many keys.
    """
    try:
        return merge_metadata(old, change)
    except ValueError as error:
        raise Invalid([Detail(field="metadata", message=str(error))]) from None


def refusals(ctx: Context, organization_ids: Sequence[str], what: May) -> dict[str, DomainError]:
    """Of these organizations those in which the caller may not do this, each with its error."""
    found = {}
    for id in organization_ids:
        try:
            require(ctx, id, what)
        except DomainError as error:
            found[id] = error
    return found
