"""The worker: runs jobs and schedules from PostgreSQL, at least once each, until it is told to stop.

A domain's jobs stand in `resolvers/<domain>/jobs.py`, found by that name:

    JOBS = {"account.send_invitation": send_invitation}            handler(database, payload)
    SCHEDULES = {"retire_expired_keys": ("*/5 * * * *", retire)}   when (crontab, UTC), function(database)
    FOLLOWERS = {"search_documents": (2.0, follow)}                pause in seconds, function(database)

A job is put into the queue by `resolvers.outbox.enqueue`, in the transaction of its cause. A handler may run more than
once for one job: what must happen once asks `outbox.first_time`, in the transaction of the effect. A handler that fails
is tried again after `DELAYS`; the last failure, like a worker that died each time, makes the job a dead letter
(`closient jobs dead`), and one that takes longer than `LONGEST` has failed. The job of a worker that was killed comes
back within seconds.

A follower is for what comes too often for jobs: it looks what the outbox has for it since the last time, does that, and
looks again after its pause. Several workers run it side by side: it locks what only one may do. It may be cancelled
anywhere.

Handlers run on one event loop, which also says that they are alive: a handler that computes or blocks for more than
a second must do so in a thread (`await asyncio.to_thread(...)`), or another worker takes its job for abandoned.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules
from traceback import walk_tb
from typing import Any

import orjson
import structlog
from pgqueuer import PgQueuer
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job, Schedule

import resolvers
from closient_gql.core.db import Database, library_pool
from closient_gql.core.errors import DomainError, Unavailable
from closient_gql.core.settings import Settings
from resolvers import outbox

Payload = dict[str, Any]
Handler = Callable[[Database, Payload], Awaitable[Any]]
Task = Callable[[Database], Awaitable[Any]]

HEARTBEAT = timedelta(seconds=4)  # with these two, the job of a killed worker comes back after 3 s instead of 29
DEQUEUE = timedelta(seconds=1)
BATCH = 10  # jobs fetched at once
AT_ONCE = 20  # jobs running at once
CONNECTIONS = 10  # for the handlers; the queue has its own, so that they cannot keep it from saying it is alive
QUEUE_CONNECTIONS = 4  # one of them listens
PAUSE = 2.0  # seconds between two attempts while the database is away
FAILED = 15.0  # seconds before a follower that failed begins again
DELAYS: tuple[timedelta, ...] = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
)
MOST = len(DELAYS) + 1  # attempts
LONGEST = timedelta(hours=1)  # for one attempt: waiting for ever it would keep its place, and the worker from stopping
DIED = "The worker died while running it, each time."
KEEP_LOG = timedelta(days=7)
log = structlog.get_logger(__name__)


def of_all_domains(name: str) -> dict[str, Any]:
    """What the `jobs` modules of all domains have under this name, in one.

    Raises:
        ValueError: two domains use the same key.
    """
    found: dict[str, Any] = {}
    for domain in iter_modules(resolvers.__path__):
        package = import_module(f"resolvers.{domain.name}")
        if not domain.ispkg or "jobs" not in {module.name for module in iter_modules(package.__path__)}:
            continue
        own = getattr(import_module(f"resolvers.{domain.name}.jobs"), name, {})
        if twice := found.keys() & own.keys():
            raise ValueError(f"resolvers/{domain.name}/jobs.py: {', '.join(sorted(twice))} is in {name} already")
        found |= own
    return found


async def trim_log(database: Database) -> str:
    """Forgets what pgqueuer noted about jobs that are long done."""
    async with database.acquire() as connection:
        return await connection.execute("DELETE FROM pgqueuer_log WHERE created < now() - $1::interval", KEEP_LOG)


JOBS: dict[str, Handler] = of_all_domains("JOBS")
SCHEDULES: dict[str, tuple[str, Task]] = {**of_all_domains("SCHEDULES"), "trim_job_log": ("17 3 * * *", trim_log)}
FOLLOWERS: dict[str, tuple[float, Task]] = of_all_domains("FOLLOWERS")


def register(queue: PgQueuer, database: Database, name: str, handler: Handler) -> None:
    """Runs the jobs of this name by `handler`.

    What comes of an attempt is decided here, and pgqueuer hears of nothing but "done" and "again": it would delete a
    job that raises or is cancelled, does not count those that took their worker with them, and stores exceptions as
    they are, secrets included.
    """

    # hold: should even "again" not reach the database, the job stays, and outbox.recover finds it
    @queue.entrypoint(name, on_failure="hold")
    async def run(job: Job) -> None:
        try:
            again = await attempt(database, name, handler, job)
        except asyncio.CancelledError:  # the queue has lost its database
            again = timedelta()
        if again is not None:  # not raised above: what led to an exception would be stored with it
            raise RetryRequested(again)


async def attempt(database: Database, name: str, handler: Handler, job: Job) -> timedelta | None:
    """One attempt at a job, which counts from its beginning: a job that kills its worker counts, too.

    Returns: None if the job is over, well or badly; else after how long it is tried again.
    """
    number: int | None = await patiently(lambda: outbox.begin_attempt(database, job.id))
    if number is None:
        return None  # it was dropped in the meantime
    if number > MOST:
        error: str | None = DIED
    else:
        error = await outcome(handler, database, job)
    if error is None:
        return None
    if number < MOST:
        log.warning("job failed", job=name, id=job.id, attempt=number, error=error)
        return DELAYS[number - 1]
    log.error("job is dead", job=name, id=job.id, error=error)
    await patiently(lambda: outbox.bury(database, job.id, error, MOST))
    return None


async def outcome(handler: Handler, database: Database, job: Job) -> str | None:
    """Runs the handler: None, or what went wrong."""
    limit = asyncio.timeout(LONGEST.total_seconds())
    try:
        async with limit:
            await handler(database, orjson.loads(job.payload or b"{}"))
    except Exception as error:
        return f"It took longer than {LONGEST}, and was stopped." if limit.expired() else said(error)
    return None


def said(error: BaseException) -> str:
    """An error in words that are safe to keep: the message only of our own errors, since those of others may hold
    what they were given; of these the kind and the place, in our code if it came by there."""
    if isinstance(error, DomainError):
        return error.message
    frames = [(frame.f_globals.get("__name__", "?"), line) for frame, line in walk_tb(error.__traceback__)]
    ours = [place for place in frames if place[0].startswith(("resolvers.", "closient_gql.")) and place[0] != __name__]
    name, line = (ours or frames or [("?", 0)])[-1]
    return f"{type(error).__name__} at {name}:{line}"


async def patiently(step: Callable[[], Awaitable[Any]]) -> Any:
    """Does it as soon as the database is there."""
    while True:
        try:
            return await step()
        except Unavailable:
            await asyncio.sleep(PAUSE)


def scheduled(queue: PgQueuer, database: Database, name: str, when: str, job: Task) -> None:
    """Registers a schedule. One that fails is logged and comes again at its next time."""

    @queue.schedule(name, when)
    async def run(_: Schedule) -> None:
        try:
            log.info("schedule", name=name, result=await job(database))
        except Exception as error:
            log.error("schedule failed", name=name, error=said(error))


async def following(name: str, pause: float, task: Task, database: Database) -> None:
    """Runs a follower for ever. One that fails begins again, later."""
    while True:
        try:
            await task(database)
            await asyncio.sleep(pause)
        except Unavailable:
            await asyncio.sleep(PAUSE)
        except Exception as error:
            log.error("follower failed", name=name, error=said(error))
            await asyncio.sleep(FAILED)


async def work(settings: Settings, jobs: Mapping[str, Handler] = JOBS) -> None:
    """Works until SIGTERM or SIGINT; running jobs end first. A database that goes away is waited for."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # a bare run() would die in mid-job
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    log.info("worker started")
    while not stopping.is_set():
        try:
            await turn(settings.database, jobs, stopping)
        except Unavailable:
            log.warning("worker: the database is away")
        except Exception as error:
            log.warning("worker: starting again", error=said(error))
        if not stopping.is_set():
            await asyncio.sleep(PAUSE)
    log.info("worker stopped")


async def turn(url: str, jobs: Mapping[str, Handler], stopping: asyncio.Event) -> None:
    """One life of the queue: until it is told to stop, or loses the database."""
    database = Database(url, CONNECTIONS)
    followers: list[asyncio.Task[None]] = []
    try:
        await outbox.recover(database)
        pool = await library_pool(url, QUEUE_CONNECTIONS)
        try:
            queue = PgQueuer.from_asyncpg_pool(pool)
            for name, handler in jobs.items():
                register(queue, database, name, handler)
            for name, (when, job) in SCHEDULES.items():
                scheduled(queue, database, name, when, job)
            for name, (pause, task) in FOLLOWERS.items():
                followers.append(asyncio.create_task(following(name, pause, task, database)))
            await until_told(queue, stopping)
        finally:
            with suppress(TimeoutError):  # a pool that lost its database would wait for it
                await asyncio.wait_for(pool.close(), 1)
    finally:
        for follower in followers:
            follower.cancel()
        await asyncio.gather(*followers, return_exceptions=True)
        await database.close(1)


async def until_told(queue: PgQueuer, stopping: asyncio.Event) -> None:
    running = asyncio.create_task(
        queue.run(dequeue_timeout=DEQUEUE, heartbeat_timeout=HEARTBEAT, batch_size=BATCH, max_concurrent_tasks=AT_ONCE)
    )
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
    queue.shutdown.set()
    told.cancel()
    await running
