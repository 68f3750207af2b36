"""An organization with a product and a key, and ways to give keys links."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.conftest import Client

HERE = Path(__file__).parent
API = "/resolver/api/v1"


def data(name: str) -> Any:
    return json.loads((HERE / name).read_text("utf-8"))


async def listening(client: Client) -> None:
    """Until the process hears of changes, and so remembers what it looks up."""
    for _ in range(500):
        if client.app.state.hearing.hearing:  # type: ignore[attr-defined]
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it does not listen")


@dataclass
class Owner:
    """An organization with a GS1 company prefix, in whose name the client asks."""

    api: Client
    connection: Connection
    organization_id: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return f"{API}/organizations/{self.organization_id}"

    async def product(self, number: int, **values: Any) -> str:
        """A product of theirs; gives its GTIN."""
        await make.product(self.connection, number, owner_id=self.organization_id, **values)
        return make.make_gtin(number)

    async def post(self, path: str, body: Any, status: int = 201) -> Any:
        answer = await self.api.post(f"{self.path}/{path}", json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def link(self, anchor: str, link_type: str, href: str, title: str = "Title", **values: Any) -> Any:
        body = {"anchor": anchor, "link_type": link_type, "href": href, "title": title, **values}
        return await self.post("links", body)

    async def rule(self, **values: Any) -> Any:
        return await self.post("resolution-rules", values)

    async def scan(self, path: str, **headers: str) -> Any:
        return await self.api.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    async def goes(self, path: str, **headers: str) -> str:
        """Where a scan is sent."""
        answer = await self.scan(path, **headers)
        assert answer.status_code == 307, (answer.status_code, answer.text)
        return str(answer.headers["location"])


@pytest.fixture
async def owner(api: Client, connection: Connection, unresolved: None) -> Owner:
    account = await make.account(connection)
    for prefix in ("950600", "0950600"):
        given = {"organization_id": account.organization_id, "prefix": prefix, "source": "test"}
        await make.insert(connection, "company_prefixes", **given)
    await listening(api)
    return Owner(api, connection, account.organization_id, {"X-API-Key": account.key})


@pytest.fixture
def unresolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """No names are looked up: a host without an address may be a destination."""
    from closient_gql.adapters.http import FetchError, Guard

    async def nowhere(self: Guard, host: str, port: int) -> Any:
        raise FetchError("no such name")

    monkeypatch.setattr(Guard, "addresses", nowhere)
