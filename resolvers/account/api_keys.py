"""API keys: those of an organization (`csb`, `cpk`), and a user's own (`csu`).

An organization's keys are managed by whoever may manage its keys. A `csu` key acts as its holder everywhere, so it is
its holder's alone: nobody else sees, changes or rotates it. Every function takes the organization, or none for the
caller's own keys.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Interval

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Query, Writer
from closient_gql.core.errors import Conflict, Detail, Forbidden, Invalid, NotFound
from closient_gql.core.models.account import ApiKey, KeyKind, KeyRole, Organization
from closient_gql.core.paging import Listing, Window
from resolvers import access
from resolvers.account.changing import (
    ROLE_TOO_SMALL,
    Change,
    ceiling,
    changing,
    merged,
    person,
    refusals,
)
from resolvers.account.commands import NewKey, create_key, parse_name
from resolvers.account.inputs import ApiKeyInput, ApiKeyPatch, ApiKeyRotateInput
from resolvers.context import Context
from resolvers.roles import CEILINGS, EVERYTHING, May, allowed
from resolvers.viewer import Viewer

COLUMNS = ApiKey.__table__.c
USERS_OWN = ApiKey.kind == KeyKind.USER.value
API_KEYS = Query(ApiKey, select(*COLUMNS).where(ApiKey.id == func.any(KEYS)))
OF_ORGANIZATION = Listing(
    "apiKeys",
    ApiKey,
    select(*COLUMNS).where(~USERS_OWN),
    orders={"created": ApiKey.created.expression},
    parent=ApiKey.organization_id,
)
OF_USER = Listing(
    "ownApiKeys",
    ApiKey,
    select(*COLUMNS).where(USERS_OWN),
    orders={"created": ApiKey.created.expression},
    parent=ApiKey.user_id,
)
LOCK_OF_ORGANIZATION = Query(
    ApiKey,
    select(*COLUMNS)
    .where(~USERS_OWN, ApiKey.organization_id == bindparam("owner"), ApiKey.id == bindparam("id"))
    .with_for_update(key_share=True),
)
LOCK_OF_USER = Query(
    ApiKey,
    select(*COLUMNS)
    .where(USERS_OWN, ApiKey.user_id == bindparam("owner"), ApiKey.id == bindparam("id"))
    .with_for_update(key_share=True),
)
UPDATE = Query(
    ApiKey,
    update(ApiKey)
    .where(ApiKey.id == bindparam("key"))
    .values({
        "name": bindparam("name"),
        "description": bindparam("description"),
        "metadata": bindparam("metadata", type_=JSONB),
    })
    .returning(*COLUMNS),
)  # fmt: skip
DELETE = Query(ApiKey, delete(ApiKey).where(ApiKey.id == bindparam("key")).returning(*COLUMNS))
_end = func.now() + bindparam("overlap", type_=Interval)
REPLACE = Query(
    ApiKey,
    update(ApiKey)
    .where(ApiKey.id == bindparam("key"))
    .values(
        replaced_by=bindparam("successor"),
        expires_at=func.least(func.coalesce(ApiKey.expires_at, _end), _end),
        is_active=_end > func.now(),
    )
    .returning(*COLUMNS),
)
NO_KEY = "There is no such API key."
OrganizationOrOwn = Annotated[Id | None, Doc("Id of the organization; without: the caller's own user keys.")]
KeyId = Annotated[Id, Doc("Id of the key.")]


@dataclass(frozen=True)
class ApiKeyCreated:
    """A new key. `key` is shown this one time."""

    key: str
    api_key: ApiKey


@dataclass(frozen=True)
class ApiKeyRotated(ApiKeyCreated):
    """A new key with its predecessor, which ends at its `expires_at`."""

    replaced: ApiKey


# --- reading


async def api_keys_by_id(ctx: Context, ids: Sequence[str]) -> list[ApiKey | None]:
    """Keys that the caller may see: the one in use, its own, and those of organizations whose keys it may manage."""
    rows = await ctx.read.by_key(API_KEYS, "id", ids)
    return [row if row and visible(ctx.viewer, row) else None for row in rows]


def visible(viewer: Viewer, key: ApiKey) -> bool:
    if key.id == viewer.key_id:
        return True
    if key.kind == KeyKind.USER.value:
        return viewer.kind is KeyKind.USER and key.user_id == viewer.user_id
    return May.API_KEYS in allowed(viewer, str(key.organization_id))


async def api_keys_of(ctx: Context, organizations: Sequence[Organization], window: Window) -> list[Any]:
    """Keys of organizations, newest first. Who may not manage them gets the error in their place."""
    ids = [organization.id for organization in organizations]
    refused = refusals(ctx, ids, May.API_KEYS)
    open_ = [id for id in ids if id not in refused]
    found = iter(await OF_ORGANIZATION.slices(ctx.read, window, open_, order="-created") if open_ else ())
    return [refused[id] if id in refused else next(found) for id in ids]


async def api_key_of(ctx: Context, organizations: Sequence[Organization], *, id: KeyId) -> list[Any]:
    """The key with this id, if it is one of this organization."""
    refused = refusals(ctx, [organization.id for organization in organizations], May.API_KEYS)
    key: ApiKey | None = await ctx.find(api_keys_by_id, id)
    return [
        refused.get(each.id)
        or (key if key and key.kind != KeyKind.USER.value and key.organization_id == each.id else None)
        for each in organizations
    ]


async def api_keys_of_viewers(ctx: Context, viewers: Sequence[Viewer], window: Window) -> list[Any]:
    """The caller's own user keys, newest first.

    Raises:
        Forbidden: the key acts for an organization.
    """
    user_id = person(ctx, writing=False)
    found = await OF_USER.slices(ctx.read, window, [user_id], order="-created")
    return [found[0] for _ in viewers]


# --- writing


@dataclass(frozen=True)
class Keeping:
    """A write of keys under way: of an organization (`change`), or of a user's own."""

    write: Writer
    viewer: Viewer
    user_id: str | None
    change: Change | None

    @property
    def cells(self) -> frozenset[May]:
        """What a new key may do at the most."""
        return self.change.cells if self.change else ceiling(self.viewer)

    async def key(self, id: str) -> ApiKey:
        """The key, locked.

        Raises:
            NotFound: there is none of theirs with this id.
        """
        query, owner = (LOCK_OF_ORGANIZATION, self.change.id) if self.change else (LOCK_OF_USER, self.user_id)
        found = await self.write.one(query, owner=owner, id=id)
        if found is None:
            raise NotFound(NO_KEY)
        return found

    async def note(self, action: str, id: str, changes: Mapping[str, Any]) -> None:
        if self.change:
            await self.change.note(action, ("api_key", id), changes)


@asynccontextmanager
async def keeping(ctx: Context, organization_id: str | None) -> AsyncIterator[Keeping]:
    """One transaction that changes keys.

    Raises:
        NotFound, Forbidden: see `changing`; for own keys: the caller's key acts for an organization, or is no manager.
    """
    if organization_id is not None:
        async with changing(ctx, organization_id, May.API_KEYS) as change:
            yield Keeping(change.write, change.viewer, change.viewer.user_id, change)
        return
    user_id = person(ctx)
    if May.API_KEYS not in ceiling(ctx.viewer):
        raise Forbidden(ROLE_TOO_SMALL)
    async with ctx.transaction(heard=True) as write:
        yield Keeping(write, ctx.viewer, user_id, None)


@access.user
async def api_key_create(
    ctx: Context,
    input: Annotated[ApiKeyInput, Doc("What it is to be.")],
    organization_id: OrganizationOrOwn = None,
) -> ApiKeyCreated:
    """A new key, shown this one time.

    Raises:
        NotFound, Forbidden: see `keeping`; or the role is more than the caller's.
        Invalid: its end is in the past, or kind and role do not go together.
    """
    kind = input.kind or (KeyKind.BUSINESS if organization_id else KeyKind.USER)
    role = input.role or KeyRole.READONLY
    check(kind, role, organization_id, input.expires_at)
    async with keeping(ctx, organization_id) as keep:
        no_more_than_its_maker(keep, role)
        own = kind is KeyKind.USER
        new = NewKey(
            kind=kind, name=parse_name(input.name), description=input.description.strip(), role=role,
            metadata=merged({}, input.metadata), user_id=person(ctx) if own else keep.user_id,
            organization_id=None if own else organization_id, expires_at=input.expires_at,
            per_minute=input.rate_limit_per_minute, per_day=input.rate_limit_per_day,
        )  # fmt: skip
        made, raw = await create_key(keep.write, new)
        await keep.note("api_key.created", made.id, {"name": made.name, "kind": made.kind, "role": made.role})
        return ApiKeyCreated(raw, made)


def no_more_than_its_maker(keep: Keeping, role: KeyRole | None) -> None:
    """Whoever makes a key is shown it and so may do what it may: a key with a ceiling makes none without.

    Raises:
        Forbidden: the new key would be more than the caller.
    """
    if not (CEILINGS[role] if role else EVERYTHING) <= keep.cells:
        which = f"the role {role.value}" if role else "a key without a ceiling"
        raise Forbidden(f"A key cannot be more than its maker: {which} is more than you may do.")


def check(kind: KeyKind, role: KeyRole, organization_id: str | None, expires_at: datetime | None) -> None:
    """Raises:
    Invalid: what is asked for cannot be; everything about it is told.
    """
    problems = wrong_end(expires_at)
    if organization_id is None and kind is not KeyKind.USER:
        problems.append(Detail(field="kind", message="must be csu: other keys belong to an organization"))
    if kind is KeyKind.PUBLISHABLE and role is not KeyRole.READONLY:
        problems.append(Detail(field="role", message="must be readonly for a publishable key"))
    if problems:
        raise Invalid(problems)


def wrong_end(expires_at: datetime | None) -> list[Detail]:
    """What is wrong with the end of a key."""
    over = expires_at is not None and expires_at <= datetime.now(UTC)
    return [Detail(field="expires_at", message="must be in the future")] if over else []


@access.user
async def api_key_update(
    ctx: Context,
    id: KeyId,
    input: Annotated[ApiKeyPatch, Doc("What is to change; the rest stays.")],
    organization_id: OrganizationOrOwn = None,
) -> ApiKey:
    """Changes name, description or metadata of a key.

    Raises:
        NotFound, Forbidden: see `keeping`; or there is no such key.
    """
    async with keeping(ctx, organization_id) as keep:
        before: Any = await keep.key(id)
        after = {
            "name": before.name if input.name is None else parse_name(input.name),
            "description": before.description if input.description is None else input.description.strip(),
            "metadata": before.metadata if input.metadata is ABSENT else merged(before.metadata, input.metadata),
        }
        made = await keep.write.one(UPDATE, key=id, **after)
        assert made
        changes = {name: value for name, value in after.items() if getattr(before, name) != value}
        if changes:
            await keep.note("api_key.updated", id, changes)
        return made


@access.user
async def api_key_delete(ctx: Context, id: KeyId, organization_id: OrganizationOrOwn = None) -> bool:
    """Deletes a key: it is refused from the next request on.

    Raises:
        NotFound, Forbidden: see `keeping`; or there is no such key.
    """
    async with keeping(ctx, organization_id) as keep:
        key = await keep.key(id)
        await keep.write.all(DELETE, key=id)
        await keep.note("api_key.deleted", id, {"name": key.name, "kind": key.kind})
    return True


@access.user
async def api_key_rotate(
    ctx: Context,
    id: KeyId,
    input: Annotated[ApiKeyRotateInput, Doc("How long the old key goes on.")],
    organization_id: OrganizationOrOwn = None,
) -> ApiKeyRotated:
    """A new key in the place of another, with the same settings; the old one ends after the overlap.

    Raises:
        NotFound, Forbidden: see `keeping`; or there is no such key, or it is more than the caller.
        Conflict: the key has ended, or was replaced already.
        Invalid: the new key's end is in the past.
    """
    async with keeping(ctx, organization_id) as keep:
        old: Any = await keep.key(id)
        new = successor(old)
        no_more_than_its_maker(keep, new.role)
        if old.replaced_by:
            raise Conflict(f"The key was replaced already, by {old.replaced_by}. Rotate that one.")
        if not old.is_active or (old.expires_at and old.expires_at <= datetime.now(UTC)):
            raise Conflict("The key has ended. Make a new one.")
        new.expires_at = old.expires_at if input.expires_at is ABSENT else input.expires_at
        if problems := wrong_end(new.expires_at):
            raise Invalid(problems)
        made, raw = await create_key(keep.write, new)
        overlap = timedelta(seconds=input.overlap_seconds)
        replaced = await keep.write.one(REPLACE, key=id, successor=made.id, overlap=overlap)
        assert replaced
        changes = {"name": old.name, "replaced_by": made.id, "overlap_seconds": input.overlap_seconds}
        await keep.note("api_key.rotated", id, changes)
        return ApiKeyRotated(raw, made, replaced)


def successor(old: Any) -> NewKey:
    """A key like the old one."""
    return NewKey(
        kind=KeyKind(old.kind), name=old.name, description=old.description, metadata=old.metadata,  # type: ignore[call-arg]
        user_id=old.user_id, organization_id=old.organization_id, expires_at=old.expires_at,
        role=KeyRole(old.role) if old.role else None,  # type: ignore[call-arg]
        per_minute=old.rate_limit_per_minute, per_day=old.rate_limit_per_day,
    )  # fmt: skip
