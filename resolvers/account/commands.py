"""How the account is written: each command is part of the caller's transaction."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from closient_gql.core.countries import parse_country
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, Detail, Invalid, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.keys import hash_key, new_key
from closient_gql.core.models.account import ApiKey, KeyKind, KeyRole, MemberRole, Membership, Organization, User

_PART = r"[^@\s\x00-\x1f\x7f,;:<>()\[\]\\\"]+"  # what would be two addresses in a mail's header is none
EMAIL = f"{_PART}@{_PART}"
USER_BY_ID = Query(User, select(*User.__table__.c).where(User.id == bindparam("id")))
USER_BY_EMAIL = Query(User, select(*User.__table__.c).where(User.email == bindparam("email")))
ORGANIZATION = Query(
    Organization,
    select(*Organization.__table__.c).where(Organization.id == bindparam("id"), Organization.deleted_at.is_(None)),
)
ROLE = Query(
    Membership,
    select(*Membership.__table__.c).where(
        Membership.organization_id == bindparam("organization_id"), Membership.user_id == bindparam("user_id")
    ),
)
INSERT_USER = Query(
    User,
    upsert(User)
    .values({name: bindparam(name) for name in ("id", "email", "name")})
    .on_conflict_do_nothing(index_elements=["email"])
    .returning(*User.__table__.c),
)
INSERT_ORGANIZATION = Query(
    Organization,
    insert(Organization)
    .values({name: bindparam(name) for name in ("id", "name", "country", "is_brand", "metadata")})
    .returning(*Organization.__table__.c),
)
INSERT_MEMBERSHIP = Query(
    Membership,
    insert(Membership)
    .values({name: bindparam(name) for name in ("id", "organization_id", "user_id", "role")})
    .returning(*Membership.__table__.c),
)
KEY_COLUMNS = ("id", "kind", "hash", "name", "description", "role", "organization_id", "user_id", "expires_at",
               "rate_limit_per_minute", "rate_limit_per_day", "metadata")  # fmt: skip
INSERT_KEY = Query(
    ApiKey,
    insert(ApiKey).values({name: bindparam(name) for name in KEY_COLUMNS}).returning(*ApiKey.__table__.c),
)
KEYS = Query(ApiKey, select(*ApiKey.__table__.c).order_by(ApiKey.created, ApiKey.id))
REVOKE = Query(
    ApiKey,
    update(ApiKey)
    .where(func.lower(ApiKey.id) == func.lower(bindparam("id")))
    .values(is_active=False)
    .returning(*ApiKey.__table__.c),
)


@dataclass(kw_only=True)
class NewKey:
    """What a new key is to be. Without an organization it is a `csu` key of the user; without a role it has no
    ceiling."""

    kind: KeyKind
    name: str
    description: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    user_id: str | None = None
    organization_id: str | None = None
    role: KeyRole | None = None
    expires_at: datetime | None = None
    per_minute: int = 0
    per_day: int = 0


def parse_email(text: str) -> str:
    """The address in the form that is stored: without white space around it, in lower case.

    Raises:
        Invalid: it is none.
    """
    address = text.strip().lower()
    if not re.fullmatch(EMAIL, address) or len(address) > 254:
        raise Invalid([Detail(field="email", message="must be an e-mail address")])
    return address


def parse_name(text: str) -> str:
    """Raises:
    Invalid: it has no characters but white space, or more than 255.
    """
    name = text.strip()
    if not 1 <= len(name) <= 255:
        raise Invalid([Detail(field="name", message="must have 1 to 255 characters")])
    return name


async def create_user(write: Writer, email: str, name: str = "") -> User:
    """A new user.

    Raises:
        Invalid: the address is none.
        Conflict: a user with this address exists.
    """
    address = parse_email(email)
    made = await write.one(INSERT_USER, id=new_id(), email=address, name=name.strip())
    if made is None:
        raise Conflict(f"A user with the address {address} exists already.")
    return made


async def user_by_email(write: Writer, email: str) -> User:
    """Raises:
    NotFound: nobody has this address.
    """
    found = await write.one(USER_BY_EMAIL, email=email.strip().lower())
    if found is None:
        raise NotFound(f"There is no user with the address {email.strip()}.")
    return found


async def user_by_id(write: Writer, id: str) -> User:
    """Raises:
    NotFound: there is none.
    """
    found = await write.one(USER_BY_ID, id=id)
    if found is None:
        raise NotFound("There is no such user.")
    return found


async def organization_by_id(write: Writer, id: str) -> Organization:
    """Raises:
    NotFound: there is none, or it is deleted.
    """
    found = await write.one(ORGANIZATION, id=id)
    if found is None:
        raise NotFound(f"There is no organization {id}.")
    return found


async def create_organization(
    write: Writer,
    name: str,
    country: str,
    owner: User,
    *,
    is_brand: bool = False,
    metadata: Mapping[str, str] | None = None,
) -> Organization:
    """A new organization with its first owner.

    Raises:
        Invalid: the name is empty or too long, or the country is none.
    """
    title = parse_name(name)
    try:
        code = parse_country(country)
    except ValueError as error:
        raise Invalid([Detail(field="country", message=str(error))]) from None
    made = await write.one(
        INSERT_ORGANIZATION, id=new_id(), name=title, country=code, is_brand=is_brand, metadata=dict(metadata or {})
    )
    assert made
    await write.all(
        INSERT_MEMBERSHIP, id=new_id(), organization_id=made.id, user_id=owner.id, role=MemberRole.OWNER.value
    )
    return made


async def role_in(write: Writer, user_id: str, organization_id: str) -> MemberRole | None:
    """The user's role in the organization, None if it does not belong to it."""
    found = await write.one(ROLE, user_id=user_id, organization_id=organization_id)
    return MemberRole(found.role) if found else None  # type: ignore[call-arg]


async def create_key(write: Writer, new: NewKey) -> tuple[ApiKey, str]:
    """A new key and its raw form, which nobody can be shown again."""
    raw = new_key(new.kind.value)
    made = await write.one(
        INSERT_KEY,
        id=new_id(), kind=new.kind.value, hash=hash_key(raw), name=new.name, description=new.description,
        metadata=dict(new.metadata), role=new.role.value if new.role else None,
        organization_id=new.organization_id, user_id=new.user_id, expires_at=new.expires_at,
        rate_limit_per_minute=new.per_minute, rate_limit_per_day=new.per_day,
    )  # fmt: skip
    assert made
    return made, raw


async def list_keys(write: Writer) -> Sequence[ApiKey]:
    """Every key of the installation, oldest first."""
    return await write.all(KEYS)


async def revoke_key(write: Writer, id: str) -> ApiKey:
    """Refused from the next request on.

    Raises:
        NotFound: there is no such key.
    """
    found = await write.one(REVOKE, id=id)
    if found is None:
        raise NotFound(f"There is no key {id}. `closient key list` shows the ids.")
    return found
