"""Builders of rows: each inserts what a test asks for, with defaults for the rest, and gives it back."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from closient_gql.core.db import Connection
from closient_gql.core.gs1.gtin import Gtin, check_digit
from closient_gql.core.ids import ALPHABET, LENGTH
from closient_gql.core.keys import hash_key, new_key

_numbers = count(1)


def make_id(number: int) -> str:
    """The same id for the same number."""
    text = ""
    while len(text) < LENGTH:
        text, number = ALPHABET[number % len(ALPHABET)] + text, number // len(ALPHABET)
    return text


def make_gtin(number: int) -> Gtin:
    """The same valid GTIN-14 for the same number."""
    body = f"{number:013d}"
    return Gtin(body + check_digit(body))


async def insert(connection: Connection, table: str, **values: Any) -> str:
    """One row; gives its id."""
    values = {"id": make_id(next(_numbers) + 10**6)} | values
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    statement = f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING id"  # noqa: S608
    return str(await connection.fetchval(statement, *values.values()))


@dataclass(frozen=True)
class Account:
    """A user who belongs to an organization, and a key."""

    user_id: str
    organization_id: str
    key_id: str
    key: str


async def account(
    connection: Connection,
    *,
    role: str = "owner",
    kind: str = "csu",
    key_role: str | None = None,
    expires_at: datetime | None = None,
    is_active: bool = True,
    per_minute: int = 0,
    per_day: int = 0,
) -> Account:
    """A new user, a new organization, a membership and a key."""
    number = next(_numbers)
    user = await insert(connection, "users", email=f"user{number}@example.org", name=f"User {number}")
    organization = await insert(connection, "organizations", name=f"Organization {number}", country="DE")
    await insert(connection, "memberships", user_id=user, organization_id=organization, role=role)
    raw = new_key(kind)
    key = await insert(
        connection, "api_keys", kind=kind, hash=hash_key(raw), name=f"Key {number}", user_id=user,
        organization_id=None if kind == "csu" else organization,
        role=key_role or (None if kind == "csu" else "manager"), expires_at=expires_at, is_active=is_active,
        rate_limit_per_minute=per_minute, rate_limit_per_day=per_day,
    )  # fmt: skip
    return Account(user, organization, key, raw)


async def brand(connection: Connection, name: str, organization_id: str | None = None) -> str:
    return await insert(connection, "brands", name=name, organization_id=organization_id)


async def product(connection: Connection, number: int, **values: Any) -> str:
    """A product with the GTIN and the id of this number."""
    given = {"id": make_id(number), "gtin": make_gtin(number), "product_name": f"Product {number:04d}",
             "data_source": "claimed", "confidence_score": 0.5}  # fmt: skip
    return await insert(connection, "products", **(given | values))
