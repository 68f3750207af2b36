"""Rows, events, jobs and receipts are committed together or not at all."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from closient_gql.core.db import Connection, Database, Writer
from resolvers import outbox
from tests import make

ALL = """SELECT (SELECT count(*) FROM organizations), (SELECT count(*) FROM events), (SELECT count(*) FROM pgqueuer),
    (SELECT count(*) FROM receipts)"""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 5)
    yield found
    await found.close()


async def everything(write: Writer) -> None:
    await outbox.enqueue(write, "test.job", id="a")  # first: nothing else has opened the transaction
    await make.insert(write.connection, "organizations", name="Example")
    await outbox.emit(write, "organization.created", "a", name="Example")
    assert await outbox.first_time(write, "test", "a")


async def test_together(connection: Connection, database: Database) -> None:
    async with database.transaction() as write:
        await everything(write)
    assert tuple(await connection.fetchrow(ALL)) == (1, 1, 1, 1)  # type: ignore[arg-type]
    event = await connection.fetchrow("SELECT type, entity, entity_id, organization_id, data FROM events")
    assert tuple(event) == ("organization.created", "organization", "a", None, {"name": "Example"})  # type: ignore[arg-type]
    job = await connection.fetchrow("SELECT entrypoint, payload, status::text FROM pgqueuer")
    assert tuple(job) == ("test.job", b'{"id":"a"}', "queued")  # type: ignore[arg-type]


async def test_or_not_at_all(connection: Connection, database: Database) -> None:
    async def broken() -> None:
        async with database.transaction() as write:
            await everything(write)
            raise LookupError

    with pytest.raises(LookupError):
        await broken()
    assert tuple(await connection.fetchrow(ALL)) == (0, 0, 0, 0)  # type: ignore[arg-type]


async def test_a_job_outside_of_a_transaction_is_refused(connection: Connection, database: Database) -> None:
    async with database.acquire() as bare:
        with pytest.raises(RuntimeError, match=r"test\.job was to be enqueued outside of a transaction"):
            await outbox.enqueue(Writer(bare), "test.job")
    assert tuple(await connection.fetchrow(ALL)) == (0, 0, 0, 0)  # type: ignore[arg-type]


async def test_of_ten_at_once_one_is_the_first(database: Database) -> None:
    async def effect() -> bool:
        async with database.transaction() as write:
            return await outbox.first_time(write, "mail", "invitation-1")

    assert sorted(await asyncio.gather(*(effect() for _ in range(10)))) == [False] * 9 + [True]


async def test_an_effect_that_failed_was_not_the_first(database: Database) -> None:
    async def broken() -> None:
        async with database.transaction() as write:
            assert await outbox.first_time(write, "mail", "invitation-1")
            raise LookupError

    with pytest.raises(LookupError):
        await broken()
    async with database.transaction() as write:
        assert await outbox.first_time(write, "mail", "invitation-1")
        assert not await outbox.first_time(write, "mail", "invitation-1")
        assert await outbox.first_time(write, "slack", "invitation-1")


async def test_dead_letters_are_retried_and_dropped(connection: Connection, database: Database) -> None:
    async with database.transaction() as write:
        await outbox.enqueue(write, "test.job", job="a", write="b")
        await outbox.enqueue(write, "test.job", n=2)
    for row in await connection.fetch("SELECT id FROM pgqueuer"):
        assert [await outbox.begin_attempt(database, row["id"]) for _ in range(3)] == [1, 2, 3]
        await outbox.bury(database, row["id"], "broken", 3)
        await outbox.bury(database, row["id"], "broken", 3)  # a worker killed just then comes back to it
        assert await outbox.begin_attempt(database, row["id"]) is None
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0
    async with database.transaction() as write:
        first, second = await outbox.dead_letters(write)
        assert (first.payload, first.attempts, first.error) == ({"job": "a", "write": "b"}, 3, "broken")
        assert await outbox.retry(write, [first.id, "gone"]) == [first.id]
        assert await outbox.drop(write, [first.id]) == []
        assert await outbox.drop(write, [second.id]) == [second.id]
        assert await outbox.dead_letters(write) == []
        (job,) = await outbox.queue(write, 10)
    assert (job["job"], job["status"], job["attempts"]) == ("test.job", "queued", 0)
    assert await connection.fetchval("SELECT payload FROM pgqueuer") == b'{"job":"a","write":"b"}'


async def test_a_job_that_cannot_be_read_is_buried_too(connection: Connection, database: Database) -> None:
    given = [None, b"not json", b"\xff", b"[1]", b'{"a":"\\u0000"}', b'{"a":"\\u00e4"}']
    ids = await connection.fetch(
        """INSERT INTO pgqueuer (priority, status, entrypoint, payload, created, updated, execute_after, heartbeat)
        SELECT 0, 'queued', 'x', given, now(), now(), now(), now() FROM unnest($1::bytea[]) AS given RETURNING id""",
        given,
    )
    for row in ids:
        await outbox.bury(database, row["id"], "broken", 5)
    assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0
    letters = await connection.fetch("SELECT payload FROM dead_letters ORDER BY created, id")
    assert [letter["payload"] for letter in letters] == [
        {}, *({"unreadable": each.hex()} for each in given[1:5] if each), {"a": "ä"},
    ]  # fmt: skip


async def test_events_of_another_servers_transactions_come_first(connection: Connection, database: Database) -> None:
    for number in range(3):
        await make.insert(connection, "organizations", name=str(number))
        async with database.transaction() as write:
            await outbox.emit(write, "organization.created", str(number))
    numbers = "SELECT array_agg(transaction::text ORDER BY id) FROM events"
    before = await connection.fetchval(numbers)
    await outbox.recover(database)
    assert await connection.fetchval(numbers) == before
    await connection.execute("UPDATE events SET transaction = '9000000000000000000' WHERE entity_id = '2'")
    await outbox.recover(database)
    assert await connection.fetchval(numbers) == ["0", "0", "0"]
