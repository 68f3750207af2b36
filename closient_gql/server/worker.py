"""The worker: runs jobs and schedules from PostgreSQL, at least once each, until it is told to stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog
from pgqueuer import PgQueuer
from pgqueuer.models import Schedule

from closient_gql.core.db import Database
from closient_gql.core.errors import Unavailable
from closient_gql.core.settings import Settings
from resolvers.account import jobs as account

SCHEDULES: dict[str, tuple[str, Callable[[Database], Awaitable[Any]]]] = {**account.SCHEDULES}
HEARTBEAT = timedelta(seconds=4)  # with these two, the job of a killed worker comes back after 3 s instead of 29
DEQUEUE = timedelta(seconds=1)
PAUSE = 2.0  # seconds between two attempts while the database is away
log = structlog.get_logger(__name__)


def scheduled(queue: PgQueuer, database: Database) -> None:
    """Registers every schedule. One that fails is logged and comes again at its next time."""
    for name, (when, job) in SCHEDULES.items():

        @queue.schedule(name, when)
        async def run(_: Schedule, name: str = name, job: Callable[[Database], Awaitable[Any]] = job) -> None:
            try:
                log.info("schedule", name=name, result=await job(database))
            except Exception:
                log.exception("schedule failed", name=name)


async def work(settings: Settings) -> None:
    """Works until SIGTERM or SIGINT; running jobs end first. A database that goes away is waited for."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # a bare run() would die in mid-job
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    database = Database(settings.database, 5)
    log.info("worker started")
    while not stopping.is_set():
        try:
            await turn(database, stopping)
        except Unavailable:
            log.warning("worker: the database is away")
            await database.close()
            database = Database(settings.database, 5)
        except Exception:
            log.exception("worker failed; starting again")
        if not stopping.is_set():
            await asyncio.sleep(PAUSE)
    await database.close()
    log.info("worker stopped")


async def turn(database: Database, stopping: asyncio.Event) -> None:
    """One life of the queue: until it is told to stop, or loses the database."""
    async with database.acquire():
        pass  # is it there?
    queue = PgQueuer.from_asyncpg_pool(await database.open())
    scheduled(queue, database)
    running = asyncio.create_task(queue.run(dequeue_timeout=DEQUEUE, heartbeat_timeout=HEARTBEAT))
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
    queue.shutdown.set()
    told.cancel()
    await running
