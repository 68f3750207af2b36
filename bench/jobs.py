"""Jobs: how many a worker does in a second, and how long one takes from its commit to its handler."""

import asyncio
import time
from typing import Any

from bench import fresh_database, quantile, result, say
from closient_gql.core.db import Database
from closient_gql.server import worker
from resolvers import outbox

MANY, SINGLE = 2_000, 50


async def main() -> None:
    done: asyncio.Queue[float] = asyncio.Queue()

    async def handle(_: Database, __: dict[str, Any]) -> None:
        await done.put(time.perf_counter())

    async with fresh_database() as database:

        async def enqueue(times: int) -> None:
            async with database.transaction() as write:
                for _ in range(times):
                    await outbox.enqueue(write, "bench.nothing")

        stopping = asyncio.Event()
        await enqueue(MANY)
        working = asyncio.create_task(worker.turn(database.url, {"bench.nothing": handle}, stopping))
        times = [await done.get() for _ in range(MANY)]
        rate = (MANY - 1) / (times[-1] - times[0])
        waits = []
        for _ in range(SINGLE):
            await asyncio.sleep(0.05)
            begun = time.perf_counter()
            await enqueue(1)
            waits.append(await done.get() - begun)
        stopping.set()
        await working
    middle, slow = quantile(waits, 0.5) * 1000, quantile(waits, 0.95) * 1000
    say(f"{rate:.0f} jobs a second; one begins {middle:.1f} ms after it was enqueued (p95 {slow:.1f} ms)")
    result(jobs_a_second=rate, begins_after_ms=middle, begins_after_p95_ms=slow)


if __name__ == "__main__":
    asyncio.run(main())
