"""Connections go back to the pool without a reset, and clean all the same; one key is looked up by equality."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from closient_gql.core import pool
from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.errors import Unavailable
from resolvers.brands.queries import BRANDS_BY_ID
from tests import make


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 1)
    yield found
    await found.close()


async def test_an_open_transaction_is_rolled_back(database: Database) -> None:
    async with database.acquire() as connection:
        await connection.execute("BEGIN")
        await make.brand(connection, "Left behind")
    async with database.acquire() as connection:
        assert not connection.is_in_transaction()
        assert await connection.fetchval("SELECT count(*) FROM brands") == 0


@pytest.mark.filterwarnings("ignore:.*active notification listener")
async def test_who_listened_stops_listening(database: Database) -> None:
    async with database.acquire() as connection:
        await connection.add_listener("somewhere", lambda *_: None)
        assert await connection.fetchval("SELECT count(*) FROM pg_listening_channels()") == 1
    async with database.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM pg_listening_channels()") == 0


async def test_who_waits_gets_the_connection_that_is_given_back(database: Database) -> None:
    async def backend() -> int:
        async with database.acquire() as connection:
            await asyncio.sleep(0)
            return int(await connection.fetchval("SELECT pg_backend_pid()"))

    assert len(set(await asyncio.gather(*(backend() for _ in range(5))))) == 1


async def test_who_waits_too_long_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PATIENCE", 0.01)
    async with database.acquire():
        with pytest.raises(Unavailable):
            async with database.acquire():
                pass
    assert await Reader(database).all(BRANDS_BY_ID, keys=[]) == []


async def test_who_is_cancelled_leaves_a_connection_that_works(database: Database) -> None:
    begun = asyncio.Event()

    async def slow() -> None:
        async with database.acquire() as connection:
            begun.set()
            await connection.execute("SELECT pg_sleep(60)")

    for _ in range(3):
        begun.clear()
        running = asyncio.create_task(slow())
        await begun.wait()
        await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        async with database.acquire() as connection:
            assert await connection.fetchval("SELECT 1") == 1


async def test_a_connection_that_was_cut_is_replaced(database: Database) -> None:
    with pytest.raises(Unavailable):
        async with database.acquire() as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await Reader(database).all(BRANDS_BY_ID, keys=[]) == []


async def test_closing_waits_for_users_and_cuts_off_those_that_stay(database_url: str) -> None:
    database = Database(database_url, 2)
    async with database.acquire() as connection:
        await database.close(0.01)
        with pytest.raises(asyncpg.InterfaceError):
            await connection.fetchval("SELECT 1")
    with pytest.raises(Unavailable):
        async with database.acquire():
            pass


async def test_one_key_and_many(database: Database, connection: Connection) -> None:
    ids = [await make.brand(connection, name) for name in ("A", "B")]
    read = Reader(database)
    for keys in ([ids[0], ids[0], None], [*ids, make.make_id(5)], [make.make_id(5)], [None]):
        rows = await read.by_key(BRANDS_BY_ID, "id", keys)
        assert [row and row.id for row in rows] == [key if key in ids else None for key in keys]
    ends = [statement.rpartition("WHERE ")[2] for statement in read.statements]
    assert ends == ["brands.id = $1::TEXT", "brands.id = any($1::TEXT[])", "brands.id = $1::TEXT"]
