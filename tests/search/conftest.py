"""One small catalogue, indexed, for all tests that only read."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from closient_gql.core.db import Connection, prepare
from closient_gql.core.settings import settings
from tests import make
from tests.conftest import Client, client_of
from tests.databases import clone
from tests.search import market, world


@pytest.fixture(scope="session")
def searched_url(prefix: str, template: str) -> str:
    url = clone(f"{prefix}_searched", template)

    async def load() -> None:
        connection = await asyncpg.connect(url)
        await prepare(connection)
        await world.fill(connection)
        await connection.close()
        await world.index(url)

    asyncio.run(load())
    return url


@pytest.fixture
async def searched(searched_url: str) -> AsyncIterator[Client]:
    """Without a key: everybody may search."""
    async for client in client_of(searched_url):
        yield client


@pytest.fixture
async def unlimited(searched_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """As often as a test likes."""
    for name in ("RATE_SEARCH_PER_MINUTE", "RATE_ANONYMOUS_PER_MINUTE"):
        monkeypatch.setenv(f"CLOSIENT_{name}", "1000000")
    settings.cache_clear()
    async for client in client_of(searched_url):
        yield client
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture(scope="session")
def market_url(prefix: str, template: str) -> str:
    """The catalogue, and stores that sell it. Tests leave sessions behind, and nothing else."""
    url = clone(f"{prefix}_market", template)

    async def load() -> None:
        connection = await asyncpg.connect(url)
        await prepare(connection)
        await market.fill(connection)
        await connection.close()
        await world.index(url)

    asyncio.run(load())
    return url


@pytest.fixture
async def shopper(market_url: str) -> AsyncIterator[Client]:
    """Without a key."""
    async for client in client_of(market_url):
        yield client


@pytest.fixture
async def market_rows(market_url: str) -> AsyncIterator[Connection]:
    """For a look at what sessions leave behind."""
    found = await asyncpg.connect(market_url)
    await prepare(found)
    yield found
    await found.close()


@pytest.fixture
async def person(market_rows: Connection) -> make.Account:
    """A signed-in user, new for each test."""
    return await make.account(market_rows)
