"""Measured comparisons, runnable by anyone: `scripts/bench NAME`. Each measures both sides in the same run."""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from closient_gql.core.db import Database
from migrations import upgrade


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def result(**measured: Any) -> None:
    """The last line of a bench."""
    say(json.dumps({name: round(x, 4) if isinstance(x, float) else x for name, x in measured.items()}))


@contextmanager
def timed() -> Iterator[list[float]]:
    """The seconds that the block takes, as the only item of a list."""
    found: list[float] = []
    begun = time.perf_counter()
    yield found
    found.append(time.perf_counter() - begun)


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def quartiles(values: Sequence[float]) -> Sequence[float]:
    """Three numbers, of which the second is the median."""
    return statistics.quantiles(values, n=4) if len(values) > 1 else (values[0],) * 3


@asynccontextmanager
async def fresh_database(size: int = 5) -> AsyncIterator[Database]:
    """A migrated, empty database, dropped in the end."""
    server, name = os.environ["CLOSIENT_TEST_DATABASE_URL"], f"bench{os.getpid()}"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name}")
    try:
        await asyncio.to_thread(upgrade, url)  # it runs a loop of its own
        database = Database(url, size)
        yield database
        await database.close()
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()
