"""A worker in a process of its own, with jobs that do what tests need: `python -m tests.outbox.processes`."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from closient_gql.core.db import Connection, Database
from closient_gql.core.settings import Settings
from closient_gql.server import logs, worker
from resolvers.outbox import first_time

SECRET = "the password is hunter2"


async def note(database: Database, payload: dict[str, Any]) -> None:
    """Leaves a receipt for each run, and one for the first."""
    async with database.transaction() as write:
        await first_time(write, "effect", payload["key"])
        await write.connection.execute("INSERT INTO receipts VALUES ('run', gen_random_uuid()::text)")


async def slow(database: Database, payload: dict[str, Any]) -> None:
    """Says when it begins and when it has ended."""
    async with database.transaction() as write:
        await write.connection.execute("INSERT INTO receipts VALUES ('begun', gen_random_uuid()::text)")
    await asyncio.sleep(payload["seconds"])
    async with database.transaction() as write:
        await first_time(write, "ended", payload["key"])


async def fail(database: Database, payload: dict[str, Any]) -> None:
    async with database.transaction() as write:
        await write.connection.execute("INSERT INTO receipts VALUES ('tried', gen_random_uuid()::text)")
    raise ValueError(SECRET)


async def kill(database: Database, payload: dict[str, Any]) -> None:
    """Takes the worker with it, as running out of memory would."""
    os.kill(os.getpid(), signal.SIGKILL)


JOBS = {"test.note": note, "test.slow": slow, "test.fail": fail, "test.kill": kill}


@contextmanager
def running(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker; killed at the end if it still runs."""
    environment = {**os.environ, "DATABASE_URL": url, "CLOSIENT_LOG_LEVEL": "info"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.outbox.processes"], env=environment, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stderr
        process.stderr.close()


async def receipts(connection: Connection, consumer: str) -> int:
    found: int = await connection.fetchval("SELECT count(*) FROM receipts WHERE consumer = $1", consumer)
    return found


async def until(connection: Connection, sql: str, wanted: Any = True, seconds: float = 60) -> float:
    """Waits for a query to answer this; gives the seconds that it took."""
    begun = time.monotonic()
    while (found := await connection.fetchval(sql)) != wanted:
        assert time.monotonic() - begun < seconds, f"{sql}: still {found}"
        await asyncio.sleep(0.05)
    return time.monotonic() - begun


if __name__ == "__main__":
    worker.DELAYS = (timedelta(milliseconds=200),) * len(worker.DELAYS)
    settings = Settings()
    logs.configure(settings)
    asyncio.run(worker.work(settings, JOBS))
