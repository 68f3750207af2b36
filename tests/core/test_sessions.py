"""Connections go back to the pool without a reset, and clean all the same; one key is looked up by equality."""

from collections.abc import AsyncIterator

import pytest

from closient_gql.core.db import Connection, Database, Reader
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


async def test_one_key_and_many(database: Database, connection: Connection) -> None:
    ids = [await make.brand(connection, name) for name in ("A", "B")]
    read = Reader(database)
    for keys in ([ids[0], ids[0], None], [*ids, make.make_id(5)], [make.make_id(5)], [None]):
        rows = await read.by_key(BRANDS_BY_ID, "id", keys)
        assert [row and row.id for row in rows] == [key if key in ids else None for key in keys]
    ends = [statement.rpartition("WHERE ")[2] for statement in read.statements]
    assert ends == ["brands.id = $1::TEXT", "brands.id = any($1::TEXT[])", "brands.id = $1::TEXT"]
