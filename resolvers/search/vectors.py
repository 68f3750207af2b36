"""Vectors of documents: made in the background, of one model beside the other, never of both in one place.

A model that is new gets the free place. When nothing waits there any more, it takes over in one transaction; the one
before stays for as long as a search may still be reading it. A vector is stored if the text that it was made of is
still the document's, and the model still the one of that place.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import asyncpg

from closient_gql.adapters.embeddings import Model, Vector, embedder_for, embedder_of
from closient_gql.core.db import Connection, Database, Writer
from closient_gql.core.settings import settings
from resolvers.search import calibration
from resolvers.search.indexing import CHANGED, Progress, lock

AT_ONCE = 32  # texts of one request
PATIENCE = 60.0  # seconds for its answer
GRACE = timedelta(minutes=10)  # for searches that still read the model before
EMBEDDING = int.from_bytes(b"embed")  # the lock of whoever embeds
MODELS = "SELECT slot, name, version, endpoint, calibration, state FROM search_models ORDER BY state"
BUILD = "INSERT INTO search_models (slot, name, version, endpoint, calibration, state) VALUES ($1, $2, $3, $4, $5, $6)"
ALL_WAIT = """
INSERT INTO search_vectors (slot, kind, id, text_hash) SELECT $1, kind, id, text_hash FROM search_documents
WHERE embedded_text <> ''
"""
FORGET = "DELETE FROM search_models WHERE slot = $1"
CALIBRATE = "UPDATE search_models SET calibration = $4 WHERE (name, version, endpoint) = ($1, $2, $3)"
WAITING = """
SELECT v.kind, v.id, v.text_hash, d.embedded_text
FROM search_vectors v JOIN search_documents d USING (kind, id) JOIN search_models m USING (slot)
WHERE v.slot = $1 AND (m.name, m.version, m.endpoint) = ($2, $3, $4) AND v.vector IS NULL
ORDER BY v.kind, v.id LIMIT $5
"""
STORE = """
UPDATE search_vectors v SET vector = given.vector::halfvec
FROM unnest($5::text[], $6::text[], $7::text[], $8::text[]) AS given (kind, id, text_hash, vector), search_models m
WHERE m.slot = $1 AND (m.name, m.version, m.endpoint) = ($2, $3, $4) AND v.slot = $1
    AND (v.kind, v.id, v.text_hash) = (given.kind, given.id, given.text_hash) AND v.vector IS NULL
"""
COMPLETE = """
SELECT EXISTS (
    SELECT FROM search_models
    WHERE slot = $1 AND (name, version, endpoint) = ($2, $3, $4) AND state = 'building'
) AND NOT EXISTS (SELECT FROM search_vectors WHERE slot = $1 AND vector IS NULL)
"""
RETIRE = "UPDATE search_models SET state = 'retired', since = now() WHERE state = 'active'"
TAKE_OVER = "UPDATE search_models SET state = 'active', since = now() WHERE slot = $1"
RETIRED = "SELECT slot FROM search_models WHERE state = 'retired' AND since < now() - $1::interval"
RETIRED_STATE = "retired"
LEFT = "SELECT count(*) FROM search_vectors WHERE vector IS NULL"


def model_of(row: Any) -> Model:
    return Model(row["name"], row["version"], row["endpoint"])


async def embed(database: Database, progress: Progress = lambda done, total: None) -> int:
    """Gives a vector to everything that waits for one, and lets a model take over that is complete. Gives how many
    vectors that were; 0 at once if another process is at it.

    Raises:
        EmbeddingError: the model failed; what has a vector by now keeps it.
    """
    async with database.acquire() as connection:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", EMBEDDING):
            return 0
        try:
            return await _embed(database, connection, progress)
        finally:
            await unlock(connection)


async def unlock(connection: Connection) -> None:
    """Gives the lock back; with the connection, if it must be: nothing may be left in one that others get."""
    try:
        await asyncio.shield(connection.execute("SELECT pg_advisory_unlock($1)", EMBEDDING))
    except BaseException:
        connection.terminate()
        raise


async def _embed(database: Database, connection: Connection, progress: Progress) -> int:
    done, total = 0, await connection.fetchval(LEFT)
    for row in await connection.fetch(MODELS):  # the active one first
        embedder = embedder_for(model_of(row), settings())
        if row["state"] == RETIRED_STATE or embedder is None:
            continue
        place = (row["slot"], row["name"], row["version"], row["endpoint"])
        while waiting := await connection.fetch(WAITING, *place, AT_ONCE):
            found = await embedder.embed([each["embedded_text"] for each in waiting], PATIENCE)
            columns = [[each[name] for each in waiting] for name in ("kind", "id", "text_hash")]
            await connection.execute(STORE, *place, *columns, [literal(vector) for vector in found])
            done += len(waiting)
            progress(done, max(done, total))
        if row["state"] == "building":
            await take_over(database, *place)
    return done


def literal(vector: Vector) -> str:
    """A vector as PostgreSQL reads it, as exact as halfvec is."""
    return f"[{','.join(f'{x:.5g}' for x in vector)}]"


# --- models


async def settle(database: Database, *, anew: bool = False) -> None:
    """Sees to it that the model of the settings is there, or being built. `anew`: once more, though it is there."""
    embedder = embedder_of(settings())
    if embedder is None:
        return
    wanted = embedder.model
    said = calibration.calibration_of(wanted.name, wanted.version)
    async with database.acquire() as connection:
        rows = await connection.fetch(MODELS)
    if not anew and settled(rows, wanted, said):
        return
    async with database.transaction() as write:
        await lock(write)
        await write.connection.execute(CALIBRATE, wanted.name, wanted.version, wanted.endpoint, said)
        rows = await write.connection.fetch(MODELS)
        for slot in superfluous(rows, wanted, anew):
            await forget(write, slot)
    async with database.transaction() as write:  # one of its own: an emptied place is locked until the end
        await lock(write)
        rows = await write.connection.fetch(MODELS)
        free = {0, 1} - {row["slot"] for row in rows}
        if free and (anew or all(model_of(row) != wanted for row in rows)):
            await build(write, min(free), wanted, said)


def settled(rows: Sequence[Any], wanted: Model, said: Mapping[str, Any]) -> bool:
    """Whether the model is the newest there is, and what its scores are read by is what this code says."""
    newest = {row["state"]: row for row in rows if row["state"] != RETIRED_STATE}
    row = newest.get("building") or newest.get("active")
    return row is not None and model_of(row) == wanted and row["calibration"] == said


def superfluous(rows: Sequence[Any], wanted: Model, anew: bool) -> list[int]:
    """The places that must be free before the model is built: none if it need not be."""
    by_state = {row["state"]: row for row in rows}
    building, active = by_state.get("building"), by_state.get("active")
    if building is not None:
        return [building["slot"]] if anew or model_of(building) != wanted else []
    if active is not None and (anew or model_of(active) != wanted):
        return [row["slot"] for row in rows if row["state"] == RETIRED_STATE]
    return []


async def build(write: Writer, slot: int, wanted: Model, said: Mapping[str, Any]) -> None:
    values = (wanted.name, wanted.version, wanted.endpoint, said, "building")
    await write.connection.execute(BUILD, slot, *values)
    await write.connection.execute(ALL_WAIT, slot, timeout=PATIENCE)


async def take_over(database: Database, *place: Any) -> bool:
    """Lets the model of this place be the active one, if it is there still and nothing waits."""
    async with database.transaction() as write:
        await lock(write)
        if not await write.connection.fetchval(COMPLETE, *place):
            return False
        await write.connection.execute(RETIRE)
        await write.connection.execute(TAKE_OVER, place[0])
        await write.connection.execute(CHANGED)
    return True


async def forget(write: Writer, slot: int) -> None:
    """Empties a place."""
    await write.connection.execute("SET LOCAL lock_timeout = '2s'")
    await write.connection.execute(f"TRUNCATE search_vectors_{int(slot)}")
    await write.connection.execute(FORGET, slot)


async def forget_retired(database: Database) -> None:
    """Deletes the vectors of the model before, once nobody can be reading them any more."""
    async with database.transaction() as write:
        if await write.connection.fetchval(RETIRED, GRACE) is None:
            return
        await lock(write)
        with suppress(asyncpg.LockNotAvailableError):  # a long search is under way: another time
            for row in await write.connection.fetch(RETIRED, GRACE):
                await forget(write, row["slot"])
