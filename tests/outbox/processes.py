"""A worker in a process of its own, with jobs that do what tests need.

Workers are forked by a process that has imported all of it: that takes two seconds, and a worker is started often.
"""

import asyncio
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
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


FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Worker:
    process: ForkServerProcess
    log: Path

    def send_signal(self, number: signal.Signals) -> None:
        assert self.process.pid
        os.kill(self.process.pid, number)

    async def ended(self) -> int | None:
        """Its exit status, -9 if it was killed; None if it has not ended within a minute."""
        await asyncio.to_thread(self.process.join, 60)
        return self.process.exitcode

    def said(self) -> str:
        return self.log.read_text()


@contextmanager
def running(url: str) -> Iterator[Worker]:
    """A worker; killed at the end if it still runs."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        process = FORKS.Process(target=work, args=(url, str(log)))
        process.start()
        try:
            yield Worker(process, log)
        finally:
            process.kill()
            process.join()
            process.close()


def work(url: str, log: str) -> None:
    """What the process does."""
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT), 2)
    os.environ |= {"DATABASE_URL": url, "CLOSIENT_LOG_LEVEL": "info"}
    worker.DELAYS = (timedelta(milliseconds=200),) * len(worker.DELAYS)
    settings = Settings()
    logs.configure(settings)
    asyncio.run(worker.work(settings, JOBS))


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
