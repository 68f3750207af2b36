"""What a write leaves behind in its own transaction: events, jobs, audit entries, receipts; and what becomes of jobs.

Events are kept: readers begin where they like (`resolvers.products.changes`). Each is one row of some 150 bytes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.db import AsyncpgDriver
from sqlalchemy import delete, func, select

from closient_gql.core.db import KEYS, Database, Query, Writer
from closient_gql.core.ids import new_id
from closient_gql.core.models.platform import DeadLetter
from resolvers.viewer import Viewer

EVENT = """
INSERT INTO events (type, entity, entity_id, organization_id, data) VALUES ($1, $2, $3, $4, $5)
"""
AUDIT = """
INSERT INTO audit_entries (id, organization_id, user_id, key_id, action, target_type, target_id, changes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
RECEIPT = "INSERT INTO receipts (consumer, key) VALUES ($1, $2) ON CONFLICT DO NOTHING"
BEGIN_ATTEMPT = """
UPDATE pgqueuer SET headers = jsonb_build_object('attempts', coalesce((headers->>'attempts')::int, 0) + 1)
WHERE id = $1 RETURNING (headers->>'attempts')::int
"""
REMOVE = "DELETE FROM pgqueuer WHERE id = $1 RETURNING entrypoint, payload"
BURY = "INSERT INTO dead_letters (id, job, payload, error, attempts) VALUES ($1, $2, $3, $4, $5)"
RELEASE = "UPDATE pgqueuer SET status = 'queued', queue_manager_id = NULL WHERE status = 'failed'"
REBASE = """
UPDATE events SET transaction = '0' WHERE EXISTS (
    SELECT FROM events WHERE transaction >= pg_snapshot_xmax(pg_current_snapshot()))
"""
WAITING = "SELECT EXISTS (SELECT FROM pgqueuer WHERE entrypoint = $1 AND payload = $2 AND status = 'queued')"
QUEUE = """
SELECT id, entrypoint AS job, status::text, created, execute_after AS due,
    coalesce((headers->>'attempts')::int, 0) AS attempts
FROM pgqueuer ORDER BY id LIMIT $1
"""
TAKE = Query(
    DeadLetter,
    delete(DeadLetter).where(DeadLetter.id == func.any(KEYS)).returning(*DeadLetter.__table__.c),
)
DEAD = Query(DeadLetter, select(*DeadLetter.__table__.c).order_by(DeadLetter.created, DeadLetter.id))


async def emit(write: Writer, type: str, entity_id: str, organization_id: str | None = None, /, **data: Any) -> None:
    """Records that something happened: `product.updated` of the entity `product`. Consumers follow from the outbox."""
    entity = type.split(".")[0]
    await write.connection.execute(EVENT, type, entity, entity_id, organization_id, data)


async def enqueue(write: Writer, job: str, /, **payload: Any) -> None:
    """A follow-up job, which exists if and only if the transaction is committed. It runs at least once.

    The payload is stored as it is and may become a dead letter that people read: ids, not secrets.

    Raises:
        RuntimeError: there is no transaction, so the job would be committed by itself.
    """
    await _enqueue(write, job, payload)


async def waiting(write: Writer, job: str, /, **payload: Any) -> bool:
    """Whether such a job is queued and has not begun."""
    return bool(await write.connection.fetchval(WAITING, job, orjson.dumps(payload)))


async def _enqueue(write: Writer, job: str, payload: Mapping[str, Any]) -> None:
    if not write.connection.is_in_transaction():
        raise RuntimeError(f"{job} was to be enqueued outside of a transaction")
    await Queries(AsyncpgDriver(write.connection)).enqueue(job, orjson.dumps(payload))


async def audit(
    write: Writer,
    viewer: Viewer,
    organization_id: str,
    action: str,
    target: tuple[str, str],
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Records who did what to what: `("member", id)`. Never secrets: what is in `changes` can be read by owners."""
    await write.connection.execute(
        AUDIT, new_id(), organization_id, viewer.user_id, viewer.key_id, action, *target, dict(changes or {})
    )


async def first_time(write: Writer, consumer: str, key: str) -> bool:
    """Whether this effect has not happened yet; from now on it has, if the transaction is committed."""
    return bool((await write.connection.execute(RECEIPT, consumer, key)).endswith(" 1"))


# --- what becomes of jobs: for the worker


async def begin_attempt(database: Database, job_id: int) -> int | None:
    """The number of this attempt at a job, from 1; None if there is no such job any more.

    Counted before it runs, in the job's headers: pgqueuer's own count knows nothing of attempts that killed the worker.
    """
    async with database.acquire() as connection:
        number: int | None = await connection.fetchval(BEGIN_ATTEMPT, job_id)
        return number


async def bury(database: Database, job_id: int, error: str, attempts: int) -> None:
    """Makes a job a dead letter. `error` must not hold secrets."""
    async with database.transaction() as write:
        if job := await write.connection.fetchrow(REMOVE, job_id):
            payload = readable(job["payload"])
            await write.connection.execute(BURY, new_id(), job["entrypoint"], payload, error, attempts)


def readable(payload: bytes | None) -> dict[str, Any]:
    """A payload as a dead letter keeps it. One that `enqueue` did not write may be anything: then its bytes in hex, or
    the job could neither be run nor buried."""
    try:
        found = orjson.loads(payload or b"{}")
        if isinstance(found, dict) and b"\\u0000" not in (payload or b""):  # which jsonb does not take
            return found
    except orjson.JSONDecodeError:
        pass
    return {"unreadable": (payload or b"").hex()}


async def recover(database: Database) -> None:
    """What a worker does when it begins.

    Jobs that pgqueuer put aside run again. In a database that came from another server by dump and restore, the
    events' transactions are numbers of that server's, which could lie ahead of this one's: they become 0, so that they
    are visible, and before all new ones; in order still, by their ids.
    """
    async with database.acquire() as connection:
        await connection.execute(RELEASE)
        await connection.execute(REBASE)


# --- for the command line


async def queue(write: Writer, most: int) -> list[Any]:
    """Jobs that wait or run, oldest first: id, job, status (queued or picked), created, due, attempts begun."""
    return list(await write.connection.fetch(QUEUE, most))


async def dead_letters(write: Writer) -> Sequence[DeadLetter]:
    """Jobs that failed as often as they may, oldest first."""
    return await write.all(DEAD)


async def retry(write: Writer, ids: Sequence[str]) -> list[str]:
    """Puts dead letters back into the queue, as new jobs. Gives the ids of those that there were."""
    letters = await _taken(write, ids)
    for letter in letters:
        await _enqueue(write, letter.job, letter.payload)
    return [letter.id for letter in letters]


async def drop(write: Writer, ids: Sequence[str]) -> list[str]:
    """Deletes dead letters for good. Gives the ids of those that there were."""
    return [letter.id for letter in await _taken(write, ids)]


async def _taken(write: Writer, ids: Sequence[str]) -> Sequence[DeadLetter]:
    return await write.all(TAKE, keys=list(ids))
