"""What happens to recalls by itself: feeds are read, and GTINs linked whose products came later.

A schedule only puts a job into the queue, so that a feed that is away is tried again, and ends as a dead letter.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from closient_gql.core.db import Database
from closient_gql.core.settings import settings
from resolvers.compliance.ingestion import take_feed
from resolvers.compliance.linking import link_later
from resolvers.outbox import enqueue, waiting

READING = "compliance.take_recall_feed"
WHEN = {  # minutes apart, and after the hours in which the authorities publish; UTC
    "FDA": "11 1,13 * * *",
    "FSIS": "23 * * * *",
    "CPSC": "35 */6 * * *",
    "HEALTH_CANADA": "47 */12 * * *",
}


async def take(database: Database, payload: dict[str, Any]) -> None:
    """Reads the feed of one authority: `{"source": "FDA"}`."""
    await take_feed(database, payload["source"])


def ask_for(source: str) -> Callable[[Database], Awaitable[bool]]:
    async def ask(database: Database) -> bool:
        """Wants the feed read, unless that waits already or is not to be. Gives whether it does."""
        if source not in settings().recall_feeds_read:
            return False
        async with database.transaction() as write:
            if await waiting(write, READING, source=source):
                return False
            await enqueue(write, READING, source=source)
            return True

    return ask


JOBS = {READING: take}
SCHEDULES = {f"recalls_{source.lower()}": (when, ask_for(source)) for source, when in WHEN.items()} | {
    "link_recalls": ("* * * * *", link_later)  # a new product is shown without its recall until then
}
"""Name, when (as in crontab, UTC) and what."""
