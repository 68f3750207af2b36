"""Documents follow what they describe: from the outbox, piece by piece, or all of them anew.

Whoever writes documents or models holds one lock, so that the newest word is the last one written. What a piece reads
is at least as new as its events; `seen` says up to which transaction nothing can be missing.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import asyncpg
import orjson

from closient_gql.core.db import Database, Writer
from closient_gql.core.models.search import DocumentKind
from resolvers.search import documents
from resolvers.search.documents import Document

T = TypeVar("T")
AT_ONCE = 250  # documents, or events, in one transaction
ATTEMPTS = 5  # what was read may be deleted before it is written
PATIENCE = 600.0  # seconds for what touches every document
LOCK = int.from_bytes(b"search")
TOLD = frozenset(("product.created", "product.updated", "search.changed"))
Things = Sequence[tuple[DocumentKind, str]]
Progress = Callable[[int, int], None]
"""Called with how many are done, and of how many."""

RECIPE = 7
"""What documents are made of, and how: whoever changes that counts on, and every index is made anew by itself."""
ORIGIN = f"""
SELECT left(md5(concat(system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()))), 8)
    || ' {RECIPE}' FROM pg_control_system()
"""  # noqa: S608
SEEN = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
PLACE = "SELECT transaction::text, event_id FROM search_progress WHERE origin = $1"
BEGIN = """
INSERT INTO search_progress (origin, transaction, event_id) VALUES ($1, $2::text::xid8, 0)
ON CONFLICT (id) DO UPDATE SET origin = excluded.origin, transaction = excluded.transaction, event_id = 0,
    version = search_progress.version + 1
"""
MOVE = "UPDATE search_progress SET transaction = $1::text::xid8, event_id = $2"
CHANGED = "UPDATE search_progress SET version = version + 1"
_EVENTS = """
    SELECT transaction, id, type, entity_id, coalesce(data->>'kind', 'product') AS kind FROM events
    WHERE entity = '{}' AND (transaction, id) > ($1::text::xid8, $2::bigint)
        AND transaction < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY transaction, id LIMIT $3
"""
EVENTS = f"""
SELECT transaction::text, id, type, entity_id, kind
FROM (({_EVENTS.format("product")}) UNION ALL ({_EVENTS.format("search")})) AS either
ORDER BY either.transaction, id LIMIT $3
"""  # noqa: S608  statements of our own
NEXT = {
    DocumentKind.PRODUCT: "SELECT id FROM products WHERE id > $1 ORDER BY id LIMIT $2",
    DocumentKind.BRAND: "SELECT id FROM brands WHERE id > $1 ORDER BY id LIMIT $2",
    DocumentKind.RETAILER: "SELECT id FROM retailers WHERE id > $1 ORDER BY id LIMIT $2",
}
COUNT = """
SELECT (SELECT count(*) FROM products) + (SELECT count(*) FROM brands) + (SELECT count(*) FROM retailers)
"""
_GIVEN = """
given AS (
    SELECT * FROM json_to_recordset($1::text::json) AS d (
        kind text, id text, language text, words text, name_length int, rest_length int, heads text[],
        embedded_text text, named text[], traces text[], whole boolean, complete boolean, listed text,
        listed_traces text)
)
"""
COUNT_WORDS = f"""
WITH {_GIVEN}, delta AS (
    SELECT language, lexeme, sum(n) AS n FROM (
        SELECT language, unnest(tsvector_to_array(words::tsvector)) AS lexeme, 1 AS n FROM given
        UNION ALL
        SELECT d.language, unnest(tsvector_to_array(d.words)), -1 FROM search_documents d JOIN given USING (kind, id)
    ) AS each GROUP BY 1, 2 HAVING sum(n) <> 0
)
INSERT INTO search_words AS w (language, lexeme, shown, documents)
SELECT language, lexeme, coalesce(form, lexeme), n
FROM delta LEFT JOIN unnest($2::text[], $3::text[]) AS shown (lexeme, form) USING (lexeme)
ON CONFLICT (language, lexeme) DO UPDATE SET documents = w.documents + excluded.documents
"""  # noqa: S608
NO_WORDS = "DELETE FROM search_words WHERE documents <= 0"
WRITE = f"""
WITH {_GIVEN}
INSERT INTO search_documents (kind, id, language, words, name_length, rest_length, heads, embedded_text, seen,
    named, traces, whole, complete, listed, listed_traces)
SELECT kind, id, language, words::tsvector, name_length, rest_length, heads, embedded_text, $2::text::xid8,
    named, traces, whole, complete, listed, listed_traces
FROM given ORDER BY kind, id
ON CONFLICT (kind, id) DO UPDATE SET
    language = excluded.language, words = excluded.words, name_length = excluded.name_length,
    rest_length = excluded.rest_length, heads = excluded.heads,
    embedded_text = excluded.embedded_text, seen = excluded.seen, named = excluded.named, traces = excluded.traces,
    whole = excluded.whole, complete = excluded.complete, listed = excluded.listed,
    listed_traces = excluded.listed_traces
"""  # noqa: S608
WAIT = """
INSERT INTO search_vectors AS v (slot, kind, id, text_hash)
SELECT m.slot, d.kind, d.id, d.text_hash FROM search_documents d CROSS JOIN search_models m
WHERE (d.kind, d.id) IN (SELECT unnest($1::text[]), unnest($2::text[])) AND m.state IN ('active', 'building')
    AND d.embedded_text <> ''
ON CONFLICT (slot, kind, id) DO UPDATE SET text_hash = excluded.text_hash, vector = NULL
    WHERE v.text_hash <> excluded.text_hash
"""
WAIT_NO_MORE = """
DELETE FROM search_vectors v USING search_documents d
WHERE (d.kind, d.id) IN (SELECT unnest($1::text[]), unnest($2::text[])) AND d.embedded_text = ''
    AND (v.kind, v.id) = (d.kind, d.id)
"""
RECOUNT = """
WITH real AS (
    SELECT language, lexeme, count(*) AS n
    FROM (SELECT language, unnest(tsvector_to_array(words)) AS lexeme FROM search_documents) AS each GROUP BY 1, 2
)
UPDATE search_words w SET documents = coalesce(real.n, 0)
FROM search_words same LEFT JOIN real USING (language, lexeme)
WHERE w.language = same.language AND w.lexeme = same.lexeme AND w.documents <> coalesce(real.n, 0)
"""


async def follow(database: Database) -> int:
    """Makes anew what events tell of, until there are no more; everything, where nothing was ever made or the database
    is another one. Gives how many documents that were."""
    async with database.acquire() as connection:
        origin = await connection.fetchval(ORIGIN)
        begun = await connection.fetchval(PLACE, origin) is not None
    if not begun:
        return await everything(database)
    written = 0
    while (done := await again(lambda: step(database, origin))) is not None:
        written += done
    return written


async def step(database: Database, origin: str) -> int | None:
    """The next events; None if there are none, or somebody else is at it."""
    async with database.transaction() as write:
        connection = write.connection
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
            return None
        place = await connection.fetchrow(PLACE, origin)
        events = await connection.fetch(EVENTS, *place, AT_ONCE) if place else ()
        if not events:
            return None
        things = {(e["kind"], e["entity_id"]) for e in events if e["type"] in TOLD}
        await rebuild(write, database, [(DocumentKind(kind), id) for kind, id in sorted(things)])  # type: ignore[call-arg]
        if any(e["type"] == "product.deleted" for e in events):
            await recount(write)
        await connection.execute(MOVE, events[-1]["transaction"], events[-1]["id"])
        return len(things)


async def everything(database: Database, progress: Progress = lambda done, total: None) -> int:
    """Makes all documents anew, while searches go on. Gives how many there are."""
    async with database.acquire() as connection:
        origin, begun = await connection.fetchval(ORIGIN), await connection.fetchval(SEEN)
        total, done = await connection.fetchval(COUNT), 0
    progress(done, total)
    for kind in DocumentKind:
        last = ""
        while ids := await again(lambda kind=kind, last=last: piece(database, kind, last)):  # type: ignore[misc]
            last, done = ids[-1], done + len(ids)
            progress(done, max(done, total))
    async with database.transaction() as write:
        await lock(write)
        await recount(write)
        if await write.connection.fetchrow(PLACE, origin) is None:
            await write.connection.execute(BEGIN, origin, begun)
    return done


async def piece(database: Database, kind: DocumentKind, after: str) -> list[str]:
    """The documents of the next things of a kind, in the order of their ids."""
    async with database.transaction() as write:
        await lock(write)
        ids = [row["id"] for row in await write.connection.fetch(NEXT[kind], after, AT_ONCE)]
        await rebuild(write, database, [(kind, id) for id in ids])
        return ids


async def again(attempt: Callable[[], Awaitable[T]]) -> T:
    """Does it, and once more if something was deleted after it was read: then it is not found the next time."""
    for _ in range(ATTEMPTS - 1):
        with suppress(asyncpg.ForeignKeyViolationError):
            return await attempt()
    return await attempt()


async def lock(write: Writer) -> None:
    """Until the end of the transaction nobody else writes documents or models."""
    await write.connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)


async def rebuild(write: Writer, database: Database, things: Things) -> None:
    """The documents of these things as they are now, and what waits for vectors because of it. The lock is held.

    What is gone has taken its document along (by its foreign key).
    """
    seen = await write.connection.fetchval(SEEN)
    if found := await documents.read(database, things):
        await store(write, found, seen)
        await write.connection.execute(CHANGED)


async def store(write: Writer, found: Sequence[Document], seen: str) -> None:
    rows = orjson.dumps([each.row for each in found]).decode()
    shown = {lexeme: form for each in found for lexeme, form in each.words.shown.items()}
    await write.connection.execute(COUNT_WORDS, rows, list(shown), list(shown.values()))
    await write.connection.execute(NO_WORDS)
    await write.connection.execute(WRITE, rows, seen)
    for statement in (WAIT, WAIT_NO_MORE):
        await write.connection.execute(statement, [each.kind.value for each in found], [each.id for each in found])


async def recount(write: Writer) -> None:
    """Counts the words anew: whose document went with its product was not asked."""
    await write.connection.execute(RECOUNT, timeout=PATIENCE)
    await write.connection.execute(NO_WORDS)
    await write.connection.execute(CHANGED)


async def recount_words(database: Database) -> None:
    """The same by itself, once a day: brands and retailers are deleted without a word."""
    async with database.transaction() as write:
        await lock(write)
        await recount(write)
