"""What the tests of the account share: people with keys, requests, waiting for caches."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx2

from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.ids import new_id
from closient_gql.core.keys import hash_key, new_key
from closient_gql.core.settings import Settings
from closient_gql.server.app import operations_of
from resolvers.context import Context
from resolvers.viewer import Viewer
from schema import graph
from tests import make
from tests.conftest import Client

ORGANIZATIONS = "/account/api/v1/organizations"
ACCEPT = "/account/api/v1/invitations/accept"


@dataclass(frozen=True)
class Person:
    """A member with a key."""

    user_id: str
    member_id: str
    key: str
    email: str


async def person(
    connection: Connection, organization: str | None, role: str = "owner", key_role: str | None = None
) -> Person:
    """A new user in this organization, with a `csu` key."""
    email = f"{new_id()}@example.org"
    user = await make.insert(connection, "users", email=email, name=role.capitalize())
    member = ""
    if organization:
        member = await make.insert(connection, "memberships", user_id=user, organization_id=organization, role=role)
    return Person(user, member, await key(connection, user, None, "csu", key_role), email)


async def key(
    connection: Connection, user: str, organization: str | None, kind: str, role: str | None, **values: Any
) -> str:
    """A new key; gives it raw."""
    raw = new_key(kind)
    await make.insert(
        connection, "api_keys", kind=kind, hash=hash_key(raw), name="Key", user_id=user, organization_id=organization,
        role=role, **values,
    )  # fmt: skip
    return raw


class Caller:
    """Requests with one key, below the Account API."""

    def __init__(self, api: Client, key: str | None) -> None:
        self.api, self.headers = api, {"X-API-Key": key} if key else {}

    async def __call__(self, method: str, path: str, body: Any = None, **given: Any) -> httpx2.Response:
        if body is not None:
            given["json"] = body
        return await self.api.request(method, f"/account/api/v1{path}", headers=self.headers, **given)

    async def graph(self, query: str, **variables: Any) -> Any:
        answer = await self.api.post("/graphql", json={"query": query, "variables": variables}, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


OPERATIONS = operations_of(graph(), Settings())


async def counted(database_url: str, viewer: Viewer, query: str) -> tuple[Any, int]:
    """What the graph says to this viewer, without HTTP, and in how many statements."""
    database = Database(database_url, 5)
    reader = Reader(database)
    result = await OPERATIONS.prepare(query).execute({}, Context(reader, viewer))
    await database.close()
    assert result.errors == []
    return result.data, len(reader.statements)


async def heard() -> None:
    """What was announced about keys and members has reached the caches (NOTIFY takes milliseconds)."""
    await asyncio.sleep(0.05)


def message(answer: httpx2.Response) -> str:
    return str(answer.json()["error"]["message"])
