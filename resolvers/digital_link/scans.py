"""Scans: noted while a code is resolved, written in batches, added up by day.

Nothing waits for a scan: `Recorder.record` counts it in memory, a task writes what has come together about once a
second. So a process that is killed loses the scans of its last second or so, one that is stopped loses none, and one
that cannot reach the database keeps up to `CLOSIENT_SCAN_BUFFER` different ones; what does not fit is lost, and counted
in `closient_scans_total{fate="lost"}`. The same code scanned by the same kind of visitor is one entry with a number, so
a storm on one code takes no memory (docs/decisions/0024).

No address is kept: what a visitor is comes down to device, robot or not, country (`visitors.py`).
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from prometheus_client import Counter

from closient_gql.core.db import Database
from closient_gql.core.enums import Described
from closient_gql.core.errors import Unavailable
from resolvers.digital_link.visitors import Device

EVERY = 1.0  # seconds between two batches
LAST_ATTEMPTS = 3  # at shutdown, one each second
DAY = 86400
COLUMNS = ("at", "count", "ai", "value", "level", "product_id", "organization_id", "rule_id", "answer", "device",
           "country", "is_bot")  # fmt: skip
AT_ONCE = 50_000  # rows in one transaction of a job
SCANS = Counter("closient_scans_total", "Scans of codes, by what became of them: written, or lost.", ["fate"])
WRITTEN, LOST = SCANS.labels("written"), SCANS.labels("lost")
log = structlog.get_logger(__name__)


class Level(Described):
    KEY = "KEY", "The primary key alone: every item of a product."
    VARIANT = "VARIANT", "A consumer product variant (AI 22)."
    BATCH = "BATCH", "A batch or lot (AI 10)."
    SERIAL = "SERIAL", "One item, by its serial number or extension."


class Answer(Described):
    HOSTED_PAGE = "HOSTED_PAGE", "The hosted page."
    CUSTOM_URL = "CUSTOM_URL", "The address of a rule."
    LINK = "LINK", "One of the links."
    LINKSET = "LINKSET", "All links, for a program."
    DATA = "DATA", "The product's data, for a program."
    CHOICE = "CHOICE", "Several links to choose from."


class Scan(NamedTuple):
    """What is noted of a scan.

    Attributes:
        ai, value: of the primary key.
        level: how deep the code goes.
        organization_id: whose scan it is: the product's owner, or that of the link or rule that decided.
        rule_id: the rule that decided, if one did.
    """

    ai: str
    value: str
    level: Level
    product_id: str | None
    organization_id: str | None
    rule_id: str | None
    answer: Answer
    device: Device
    country: str


Seen = tuple[int, Scan]
"""What one entry of the buffer stands for: a scan, and its day."""


class Recorder:
    """The scans of one process on their way to the database.

    Args:
        most: different entries that may wait.
    """

    def __init__(self, database: Database, most: int) -> None:
        self.database, self.most = database, most
        self._waiting: dict[Seen, list[float]] = {}  # the moment of the first, and how many there are
        self._stopping = asyncio.Event()

    def __len__(self) -> int:
        """How many different entries wait."""
        return len(self._waiting)

    def record(self, scan: Scan) -> None:
        """Notes that a code was resolved. Takes microseconds and never fails."""
        now = time.time()
        self._add((int(now // DAY), scan), now, 1)

    def _add(self, seen: Seen, at: float, count: float) -> None:
        entry = self._waiting.get(seen)
        if entry is not None:
            entry[0] = min(entry[0], at)
            entry[1] += count
        elif len(self._waiting) < self.most:
            self._waiting[seen] = [at, count]
        else:
            LOST.inc(count)

    async def run(self) -> None:
        """Writes about once a second until `stop` is called, then what is left."""
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), EVERY)
            await self.flush()
        for _ in range(LAST_ATTEMPTS - 1):
            if self._waiting:
                await asyncio.sleep(EVERY)
                await self.flush()
        if left := sum(int(count) for _, count in self._waiting.values()):
            LOST.inc(left)
            log.error("scans are lost: the database is away", scans=left)

    def stop(self) -> None:
        """Lets `run` end once everything is written."""
        self._stopping.set()

    async def flush(self) -> None:
        """Writes what waits, all of it or nothing. While the database is away it waits on, within its limit."""
        taken, self._waiting = self._waiting, {}
        if not taken:
            return
        try:
            async with self.database.acquire() as connection:
                await connection.copy_records_to_table("scans", records=rows_of(taken), columns=COLUMNS)
        except (Unavailable, TimeoutError):
            for seen, (at, count) in taken.items():
                self._add(seen, at, count)
        except Exception as error:  # these rows will never do; others may
            LOST.inc(total(taken))
            log.error("scans cannot be written", error=type(error).__name__, entries=len(taken))
        else:
            WRITTEN.inc(total(taken))


def total(taken: dict[Seen, list[float]]) -> float:
    return sum(count for _, count in taken.values())


def rows_of(taken: dict[Seen, list[float]]) -> Sequence[tuple[object, ...]]:
    return [
        (
            datetime.fromtimestamp(at, UTC), int(count), ai, value, level.value, product_id, organization_id, rule_id,
            answer.value, device.value, country, device is Device.BOT,
        )
        for (_, (ai, value, level, product_id, organization_id, rule_id, answer, device, country)), (at, count)
        in taken.items()
    ]  # fmt: skip


# --- the jobs

# Each scan is added up once, whenever it comes: the mark and the sums are one statement, and one at a time.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('roll_up_scans'))"
ROLL_UP = """
WITH taken AS (
    UPDATE scans SET rolled_up = true WHERE id IN (SELECT id FROM scans WHERE NOT rolled_up ORDER BY id LIMIT $1)
    RETURNING *
), added AS (
    INSERT INTO scan_days AS d (organization_id, day, ai, value, product_id, device, country, is_bot, scans)
    SELECT coalesce(organization_id, ''), (at AT TIME ZONE 'UTC')::date, ai, value, coalesce(product_id, ''), device,
        country, is_bot, sum(count)
    FROM taken GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT (organization_id, day, ai, value, product_id, device, country, is_bot)
        DO UPDATE SET scans = d.scans + excluded.scans
)
SELECT count(*) FROM taken
"""
FORGET = """
DELETE FROM scans WHERE id IN (
    SELECT id FROM scans WHERE rolled_up AND at < now() - make_interval(days => $1) LIMIT $2)
"""


async def roll_up(database: Database) -> str:
    """Adds new scans to the sums of their days, late ones included. Doing it twice adds nothing."""
    done = 0
    while True:
        async with database.transaction() as write:
            await write.connection.execute(ONE_AT_A_TIME)
            found: int = await write.connection.fetchval(ROLL_UP, AT_ONCE)
        done += found
        if found < AT_ONCE:
            return f"{done} rows of scans"


async def forget(database: Database, days: int) -> str:
    """Deletes single scans that are older and added up."""
    done = 0
    while True:
        async with database.acquire() as connection:
            found = int((await connection.execute(FORGET, days, AT_ONCE)).split()[-1])
        done += found
        if found < AT_ONCE:
            return f"{done} rows of scans"
