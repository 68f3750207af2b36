"""Jobs in real worker processes: none is lost, none runs for ever, whatever happens to the worker."""

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from closient_gql.core.db import Connection, Database
from closient_gql.core.settings import settings
from closient_gql.server import worker
from closient_gql.server.commands.jobs import app
from resolvers import outbox
from tests.outbox.processes import SECRET, receipts, running, until

QUEUED = "SELECT count(*) FROM pgqueuer"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 2)
    yield found
    await found.close()


async def enqueue(database: Database, job: str, times: int = 1, **payload: object) -> None:
    async with database.transaction() as write:
        for _ in range(times):
            await outbox.enqueue(write, job, **payload)


async def test_a_job_delivered_twice_has_one_effect_and_all_are_done(
    connection: Connection, database: Database, database_url: str
) -> None:
    await enqueue(database, "test.note", 50, key="same")
    with running(database_url):
        await until(connection, QUEUED, 0)
    assert (await receipts(connection, "run"), await receipts(connection, "effect")) == (50, 1)


async def test_a_killed_workers_job_comes_back_within_seconds(
    connection: Connection, database: Database, database_url: str
) -> None:
    await enqueue(database, "test.slow", key="a", seconds=1.5)
    with running(database_url) as first:
        await until(connection, "SELECT count(*) FROM receipts WHERE consumer = 'begun'", 1)
        first.send_signal(signal.SIGKILL)
        assert await first.ended() == -signal.SIGKILL
    assert await receipts(connection, "ended") == 0
    with running(database_url):
        waited = await until(connection, "SELECT count(*) FROM receipts WHERE consumer = 'ended'", 1)
        await until(connection, QUEUED, 0)
    assert waited < 20  # 4 s of silence, 1 s until somebody looks, 1.5 s of work; the rest is the start of a process
    assert await receipts(connection, "begun") == 2


async def test_a_worker_that_is_told_to_stop_ends_its_jobs_first(
    connection: Connection, database: Database, database_url: str
) -> None:
    await enqueue(database, "test.slow", key="a", seconds=2)
    with running(database_url) as process:
        await until(connection, "SELECT count(*) FROM receipts WHERE consumer = 'begun'", 1)
        process.send_signal(signal.SIGTERM)
        assert await process.ended() == 0
        assert "worker stopped" in process.said()
    assert await receipts(connection, "ended") == 1
    assert await connection.fetchval(QUEUED) == 0


async def test_a_job_that_fails_is_tried_five_times_and_becomes_a_dead_letter(
    connection: Connection, database: Database, database_url: str
) -> None:
    await enqueue(database, "test.fail", key="a")
    with running(database_url) as process:
        await until(connection, "SELECT count(*) FROM dead_letters", 1)
        await until(connection, QUEUED, 0)
        process.send_signal(signal.SIGTERM)
        assert await process.ended() == 0
        said = process.said()
    assert await receipts(connection, "tried") == 5
    (letter,) = await connection.fetch("SELECT job, payload, error, attempts FROM dead_letters")
    assert (letter["job"], letter["payload"], letter["attempts"]) == ("test.fail", {"key": "a"}, 5)
    assert letter["error"].startswith("ValueError at tests.outbox.processes:")
    assert said.count("job failed") == 4
    # neither in the log nor in any table
    assert SECRET not in said
    assert not await connection.fetchval("SELECT count(*) FROM pgqueuer_log WHERE traceback::text LIKE '%hunter2%'")


async def test_a_job_that_kills_its_worker_ends_as_a_dead_letter(
    connection: Connection, database: Database, database_url: str
) -> None:
    await enqueue(database, "test.kill", key="poison")
    for _ in range(5):
        with running(database_url) as process:
            assert await process.ended() == -signal.SIGKILL
    await enqueue(database, "test.note", key="behind it")
    with running(database_url):
        await until(connection, "SELECT count(*) FROM dead_letters", 1)
        await until(connection, QUEUED, 0)
    (letter,) = await connection.fetch("SELECT job, payload, error, attempts FROM dead_letters")
    assert tuple(letter) == ("test.kill", {"key": "poison"}, "The worker died while running it, each time.", 5)
    assert await receipts(connection, "effect") == 1


async def test_a_job_that_never_ends_has_failed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LONGEST", timedelta(milliseconds=10))
    job: Any = SimpleNamespace(payload=b"{}")

    async def hang(_: Database, __: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    async def refuse(_: Database, __: dict[str, Any]) -> None:
        raise TimeoutError("its own")

    assert await worker.outcome(hang, database, job) == "It took longer than 0:00:00.010000, and was stopped."
    assert str(await worker.outcome(refuse, database, job)).startswith("TimeoutError at tests.outbox.test_jobs:")


async def test_losing_the_database_in_mid_job_loses_no_job(
    connection: Connection, database: Database, database_url: str
) -> None:
    await enqueue(database, "test.slow", 3, key="a", seconds=3)
    with running(database_url) as process:
        await until(connection, "SELECT count(*) FROM receipts WHERE consumer = 'begun'", 3)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await until(connection, QUEUED, 0, 40)
        assert process.process.is_alive()
    assert await receipts(connection, "ended") == 1
    assert await connection.fetchval("SELECT count(*) FROM dead_letters") == 0


async def test_jobs_that_pgqueuer_put_aside_run_again(
    connection: Connection, database: Database, database_url: str
) -> None:
    await enqueue(database, "test.note", key="a")
    await connection.execute("UPDATE pgqueuer SET status = 'failed'")
    with running(database_url):
        await until(connection, QUEUED, 0)
    assert await receipts(connection, "effect") == 1


async def test_the_command_line(
    connection: Connection, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()

    async def closient(*arguments: str) -> tuple[str, str]:
        """What it printed, and how it failed."""
        found = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
        return found.output, str(found.exception or "")

    await enqueue(database, "test.note", 3, key="a")
    ids = [row["id"] for row in await connection.fetch("SELECT id FROM pgqueuer ORDER BY id")]
    for id in ids[:2]:
        await outbox.bury(database, id, "broken", 5)
    letters = [row["id"] for row in await connection.fetch("SELECT id FROM dead_letters ORDER BY created, id")]
    listed = (await closient("list"))[0].splitlines()
    assert [line.split()[:4] for line in listed[1:]] == [[str(ids[2]), "test.note", "waiting", "0"]]
    dead = (await closient("dead"))[0].splitlines()
    assert [(line.split()[0], line.split()[-1]) for line in dead[1:]] == [(id, "broken") for id in letters]
    failed = await closient("retry", letters[0], "nothing")
    assert failed == ("", "There is no dead letter nothing; nothing was done.")
    assert await connection.fetchval("SELECT count(*) FROM dead_letters") == 2
    assert await closient("retry", letters[0]) == (f"queued again {letters[0]}\n", "")
    assert await closient("drop", "--all") == (f"dropped {letters[1]}\n", "")
    assert await closient("drop") == ("", "Say which dead letters: their ids, or --all.")
    assert await connection.fetchval("SELECT count(*) FROM dead_letters") == 0
    assert await connection.fetchval(QUEUED) == 2
    settings.cache_clear()
