"""The database goes away under load and comes back: 503 in the meantime, and everything recovers by itself."""

import asyncio
import pathlib
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import httpx2
import pytest

from closient_gql.core.db import prepare
from closient_gql.core.keys import new_key
from closient_gql.server import embedded
from closient_gql.server.app import create_app
from migrations import upgrade
from tests import make
from tests.conftest import Client

CATALOGUE, PRODUCT = "/products/api/v1/trade-items", f"/products/api/v1/products/{make.make_gtin(1)}"
QUERY = {"query": "{ products { nodes { id } totalCount } }"}
MESSAGE = "The service is not available right now. Try again in a moment."
EXTENSIONS = {"code": "INTERNAL_ERROR", "status": 503, "details": None}


@pytest.fixture(scope="module")
def home() -> Iterator[pathlib.Path]:
    """A server of this module's own. Not below pytest's folder: only root could pass through that."""
    found = pathlib.Path(tempfile.mkdtemp(dir="/tmp", prefix="closient-restart-"))
    yield found
    embedded.stop(found)
    shutil.rmtree(found)


@pytest.fixture(scope="module")
def url(home: pathlib.Path) -> str:
    found = embedded.up(home, test=True)
    upgrade(
        found.replace("postgresql://", "postgres://", 1) + "&sslmode=prefer"
    )  # as those who host databases write it
    return found


@pytest.fixture
async def account(url: str) -> make.Account:
    connection = await asyncpg.connect(url)
    await prepare(connection)
    await make.product(connection, 1)
    found = await make.account(connection, per_minute=1_000_000, per_day=1_000_000)
    await connection.close()
    return found


@pytest.fixture
async def client(url: str, account: make.Account) -> AsyncIterator[Client]:
    app = create_app(database_url=url)
    transport = httpx2.ASGITransport(app=app)
    headers = {"X-API-Key": account.key}
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client,
    ):
        client.app = app  # type: ignore[attr-defined]
        await hearing(client)
        yield client


async def hearing(client: Client, seconds: float = 5) -> None:
    """Until changes of keys are heard."""
    end = time.monotonic() + seconds
    while not client.app.state.keys.hearing:  # type: ignore[attr-defined]
        assert time.monotonic() < end, "it does not listen"
        await asyncio.sleep(0.01)


async def ask(client: Client) -> list[Any]:
    """One request of each kind, at once."""
    return list(
        await asyncio.gather(
            client.get(CATALOGUE), client.get(PRODUCT), client.post("/graphql", json=QUERY), client.get("/readyz")
        )
    )


def check_away(answer: Any) -> None:
    """A 503 in its documented form."""
    assert answer.headers["Retry-After"] == "1"
    if answer.request.url.path == "/graphql":
        assert [error["extensions"] for error in answer.json()["errors"]] == [EXTENSIONS] * len(answer.json()["errors"])
        assert answer.json()["errors"][0]["message"] == MESSAGE
    else:
        error = {"code": "INTERNAL_ERROR", "message": MESSAGE, "status": 503, "details": None}
        assert answer.json() == {"error": error}


class Load:
    """Eight callers that never rest."""

    def __init__(self, client: Client) -> None:
        self.client, self.seen, self.resting = client, Counter[int](), False

    async def one(self) -> None:
        while not self.resting:
            for answer in await ask(self.client):
                self.seen[answer.status_code] += 1
                if answer.status_code == 503:
                    check_away(answer)
                else:
                    assert answer.status_code == 200, answer.text
            await asyncio.sleep(0.01)

    async def until(self, status: int, seconds: float) -> None:
        """Until only this status is seen; the callers keep calling."""
        end = time.monotonic() + seconds
        while True:
            self.seen.clear()
            await asyncio.sleep(0.15)
            if self.seen[status] > 10 and set(self.seen) == {status}:
                return
            assert time.monotonic() < end, self.seen


async def test_the_database_is_restarted_under_load(client: Client, home: pathlib.Path, account: make.Account) -> None:
    load = Load(client)
    callers = [asyncio.create_task(load.one()) for _ in range(8)]
    await load.until(200, 5)
    await asyncio.to_thread(embedded.stop, home)
    await load.until(503, 3)
    for answer in await ask(client):
        assert answer.status_code == 503
        check_away(answer)
    assert not client.app.state.keys.hearing  # type: ignore[attr-defined]
    without = await client.get("/account/api/v1/quota", headers={"X-API-Key": "malformed"})
    assert without.status_code == 401, "what needs no database is answered as ever"
    assert (await client.get("/healthz")).status_code == 200
    url = await asyncio.to_thread(embedded.up, home)
    await load.until(200, 3)
    load.resting = True
    await asyncio.gather(*callers)
    await hearing(client, 3)
    await revoke(url, account)
    await asyncio.sleep(0.05)
    assert {answer.status_code for answer in (await ask(client))[:3]} == {401}


async def revoke(url: str, account: make.Account) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("UPDATE api_keys SET is_active = false WHERE id = $1", account.key_id)
    await connection.close()


async def test_it_starts_while_the_database_is_away(home: pathlib.Path, url: str) -> None:
    embedded.stop(home)
    app = create_app(database_url=url)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client,
    ):
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
        refused = await client.get(CATALOGUE, headers={"X-API-Key": new_key("csu")})
        assert refused.status_code == 503
        check_away(refused)
        await asyncio.to_thread(embedded.up, home)
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/account/api/v1/quota")).status_code == 200
        client.app = app  # type: ignore[attr-defined]
        await hearing(client, 3)
