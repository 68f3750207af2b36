"""Taking in what authorities publish: page by page, from where the last reading ended.

Each page is one transaction together with the position, so a reading that is interrupted goes on where it was. A
document that is cut off, or is something else, changes nothing. Records that are as they were are passed over by their
fingerprint; so it does no harm to see them again. The position is the last day of which something was seen, and is
asked for again: more may come on the same day. Dates that cannot be right do not move it.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

import orjson

from closient_gql.adapters.http import Fetched, FetchError, fetch
from closient_gql.adapters.recalls import FEEDS, Feed, FeedError, Notice
from closient_gql.core.db import Database, Writer
from closient_gql.core.errors import Unavailable
from closient_gql.core.ids import new_id
from resolvers.compliance import codes, lots
from resolvers.compliance.linking import link

Get = Callable[[str, int], Awaitable[Fetched]]
SECONDS = 300.0
AT_ONCE = 500  # records in one transaction
MOST_PAGES = 1_000
MOST_PROBLEMS = 200  # that are kept of one reading
STATE = "SELECT position FROM recall_feeds WHERE source_system = $1"
BEGIN = """
INSERT INTO recall_feeds (source_system, tried_at) VALUES ($1, now())
ON CONFLICT (source_system) DO UPDATE
SET tried_at = now(), error = '', records = 0, added = 0, changed = 0, problems = '{}'
"""
PROGRESS = """
UPDATE recall_feeds SET position = greatest(position, $2), records = records + $3, added = added + $4,
    changed = changed + $5, problems = (problems || $6::text[])[:200]
WHERE source_system = $1
"""
END = "UPDATE recall_feeds SET read_at = now() WHERE source_system = $1"
FAILED = "UPDATE recall_feeds SET error = $2 WHERE source_system = $1"
COLUMNS = (
    "title", "status", "severity", "description", "hazard", "remedy", "public_url", "company_name", "recall_date",
    "jurisdictions", "lot_codes", "lots", "unread_codes", "fingerprint",
)  # fmt: skip
# What somebody wrote by hand under the number of a feed's recall stays theirs, and stands beside it. `created` tells
# what is new.
SAVE = f"""
INSERT INTO recalls AS old (id, source_system, source_id, {", ".join(COLUMNS)})
SELECT new.id, new.source_system, new.source_id, {", ".join(f"new.{name}" for name in COLUMNS)}
FROM jsonb_populate_recordset(NULL::recalls, $1) AS new ORDER BY new.source_id
ON CONFLICT (source_system, source_id) WHERE fingerprint <> '' DO UPDATE SET modified = now(),
    {", ".join(f"{name} = excluded.{name}" for name in COLUMNS)}
WHERE old.fingerprint <> excluded.fingerprint
RETURNING id, source_id, xmax = 0 AS added
"""  # noqa: S608  columns of our own


@dataclass
class Taken:
    """What one reading came to. `touched`: products that a recall touches for the first time."""

    records: int = 0
    added: int = 0
    changed: int = 0
    touched: int = 0
    problems: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{getattr(self, f.name)} {f.name}" for f in fields(self))


async def from_outside(url: str, max_bytes: int) -> Fetched:
    """Raises:
    FetchError: there is no answer.
    """
    return await fetch(url, max_bytes=max_bytes, timeout=SECONDS)


async def take_feed(
    database: Database, source: str, get: Get = from_outside, today: date | None = None, feed: Feed | None = None
) -> Taken:
    """Reads a feed from where the last reading ended to its end.

    Raises:
        Unavailable: it cannot be fetched or read; what came before that is in. The state of the feed says why.
    """
    feed, day = feed or FEEDS[source], today or datetime.now(UTC).date()
    taken = Taken()
    async with database.transaction() as write:
        await write.connection.execute(BEGIN, source)
        since: date | None = await write.connection.fetchval(STATE, source)
    url: str | None = feed.first(since)
    try:
        for _ in range(MOST_PAGES):
            if url is None:
                break
            answer = await get(url, feed.max_bytes)
            page = feed.read(url, answer.status, answer.body, day)
            await take(database, source, page.notices, page.problems, taken)
            url = page.following
    except (FetchError, FeedError) as error:
        async with database.transaction() as write:
            await write.connection.execute(FAILED, source, str(error)[:1000])
        raise Unavailable(f"The feed of {source} was not read to its end: {error}") from error
    async with database.transaction() as write:
        await write.connection.execute(END, source)
    return taken


async def take(
    database: Database, source: str, notices: Sequence[Notice], problems: Sequence[str], taken: Taken
) -> None:
    """Stores one page; of a number that it has twice, the later one."""
    unique = list({notice.number: notice for notice in notices}.values())
    taken.problems += len(problems)
    told = list(problems[:MOST_PROBLEMS])
    for start in range(0, max(len(unique), 1), AT_ONCE):
        part = unique[start : start + AT_ONCE]
        async with database.transaction() as write:
            added, changed, touched = await save(write, source, part)
            # the position moves with the last part only: parts are not in the order of days
            last = start + AT_ONCE >= len(unique)
            position = max((n.changed for n in unique if n.changed), default=None) if last else None
            await write.connection.execute(PROGRESS, source, position, len(part), added, changed, told)
        taken.records, taken.added, taken.changed = (
            taken.records + len(part),
            taken.added + added,
            taken.changed + changed,
        )
        taken.touched, told = taken.touched + touched, []


async def save(write: Writer, source: str, notices: Sequence[Notice]) -> tuple[int, int, int]:
    """Writes what is new or different: how many are new, how many changed, and how many products are touched now."""
    if not notices:
        return 0, 0, 0
    known = await write.connection.fetch(
        "SELECT source_id, fingerprint FROM recalls "
        "WHERE source_system = $1 AND source_id = ANY($2) AND fingerprint <> ''",
        source, [notice.number for notice in notices],
    )  # fmt: skip
    same = {row["source_id"]: row["fingerprint"] for row in known}
    prints = {notice.number: fingerprint(notice) for notice in notices}
    different = [notice for notice in notices if same.get(notice.number) != prints[notice.number]]
    found, rows = await asyncio.to_thread(rows_of, source, different, prints)
    written = await write.connection.fetch(SAVE, rows) if rows else []
    touched = await link(write, [(row["id"], found[row["source_id"]].gtins) for row in written])
    added = sum(row["added"] for row in written)
    return added, len(written) - added, touched


def rows_of(
    source: str, notices: Sequence[Notice], prints: Mapping[str, str]
) -> tuple[dict[str, codes.Found], list[dict[str, Any]]]:
    """What is stored of notices, and which codes they name. Beside the event loop: texts take their time."""
    found = {notice.number: codes.read(notice.codes) for notice in notices}
    return found, [row_of(source, notice, found[notice.number], prints[notice.number]) for notice in notices]


def row_of(source: str, notice: Notice, found: codes.Found, print_: str) -> dict[str, Any]:
    read = lots.read(notice.lots)
    return {
        "id": new_id(), "source_system": source, "source_id": notice.number, "title": notice.title,
        "status": notice.status, "severity": notice.severity, "description": notice.description,
        "hazard": notice.hazard, "remedy": notice.remedy, "public_url": notice.public_url,
        "company_name": notice.company_name, "jurisdictions": list(notice.jurisdictions),
        "recall_date": notice.recall_date.isoformat() if notice.recall_date else None,
        "lot_codes": notice.lots or None, "lots": read.stored() if read else None,
        "unread_codes": list(found.unread), "fingerprint": print_,
    }  # fmt: skip


def fingerprint(notice: Notice) -> str:
    """The same for the same content; the day on which the authority touched it last is no part of it."""
    told = {f.name: getattr(notice, f.name) for f in fields(notice) if f.name != "changed"}
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
