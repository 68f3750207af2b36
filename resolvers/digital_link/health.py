"""Whether the addresses that rules lead to still answer. Asked by a job, never on a scan.

An address counts as dead once it failed `FAILURES` times in turn, and as alive with its first answer. Which rule is
passed over then is the resolver's to decide; triggers tell it (migration `digital_link`).
"""

import asyncio
from dataclasses import dataclass

import structlog

from closient_gql.adapters.http import GUARD, FetchError, Guard, fetch
from closient_gql.core.db import Database
from resolvers.digital_link.destinations import BACK, leads_back

FAILURES = 3
PATIENCE = 10.0  # seconds
AT_ONCE = 10  # addresses asked at the same time
MOST = 1_000  # in one run
GONE = (404, 410)
log = structlog.get_logger(__name__)

DUE = """
SELECT custom_url FROM (
    SELECT custom_url FROM resolution_rules WHERE enabled AND custom_url IS NOT NULL GROUP BY custom_url
) AS used LEFT JOIN url_health h ON h.url = custom_url
WHERE h.checked_at IS NULL OR h.checked_at < now() - CASE WHEN h.failures > 0 AND NOT h.is_dead
    THEN interval '9 minutes' ELSE interval '59 minutes' END
ORDER BY h.checked_at NULLS FIRST, custom_url LIMIT $1
"""
SAVE = """
INSERT INTO url_health AS h (url, failures, checked_at, failed_since, status, error)
VALUES ($1, ($3 <> '')::int, now(), CASE WHEN $3 <> '' THEN now() END, $2, $3)
ON CONFLICT (url) DO UPDATE SET
    failures = CASE WHEN $3 = '' THEN 0 ELSE h.failures + 1 END, checked_at = now(), status = $2, error = $3,
    failed_since = CASE WHEN $3 <> '' THEN coalesce(h.failed_since, now()) END
"""
TURN = "UPDATE url_health SET is_dead = NOT is_dead WHERE url = $1 AND is_dead <> (failures >= $2) RETURNING is_dead"
UNUSED = "DELETE FROM url_health h WHERE NOT EXISTS (SELECT FROM resolution_rules WHERE custom_url = h.url)"


@dataclass(frozen=True)
class Found:
    """What came of asking an address: its status, and in words why it does not count; empty if it does."""

    status: int | None
    error: str = ""


async def ask(url: str, guard: Guard = GUARD) -> Found:
    """Whether a visitor would get there.

    An address that only refuses programs (401, 403, 405, 429) counts as alive: it is there for people.
    """
    try:
        answer = await fetch(url, max_bytes=None, timeout=PATIENCE, guard=guard)
    except FetchError as error:
        return Found(None, str(error))
    if leads_back(answer.url):
        return Found(answer.status, f"The address {BACK}.")
    if answer.status in GONE or answer.status >= 500:
        return Found(answer.status, f"It answers {answer.status}.")
    return Found(answer.status)


async def check_destinations(database: Database, guard: Guard = GUARD) -> str:
    """Asks every address that is due: each hour, and every ten minutes one that began to fail."""
    async with database.acquire() as connection:
        urls = [row["custom_url"] for row in await connection.fetch(DUE, MOST)]
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(url: str) -> None:
        async with turns:
            found = await ask(url, guard)
            async with database.transaction() as write:
                await write.connection.execute(SAVE, url, found.status, found.error)
                turned = await write.connection.fetchval(TURN, url, FAILURES)
        if turned is not None:
            log.info("destination", url=url[:200], dead=turned, error=found.error)

    async with asyncio.TaskGroup() as tasks:
        for url in urls:
            tasks.create_task(one(url))
    async with database.acquire() as connection:
        await connection.execute(UNUSED)
    return f"{len(urls)} addresses"
