"""What it costs to make an operation ready, how large it is then, and whether a stream of documents stays.

scripts/bench compiling
"""

import asyncio
import os
import time
import tracemalloc
from pathlib import Path
from typing import Any

from bench import result, say
from bench.peers import memory, shop
from closient_gql.engine import Operation, Operations

TIMES = 10
DOCUMENTS = 10_000


def operations() -> Operations:
    return Operations(memory.schema_of(memory.Reading())._schema, lambda *_: None)


async def run(owner: Operations, source: str, **variables: Any) -> Operation:
    operation = owner.prepare(source)
    await operation.execute(variables, None)
    return operation


async def readiness() -> dict[str, float]:
    """Milliseconds of parsing, validating and pricing the large query, and of compiling it and running it once."""
    made = [operations() for _ in range(TIMES + 1)]
    await run(made.pop(), shop.MANY, first=1)
    begun = time.process_time()
    ready = [owner.prepare(shop.MANY) for owner in made]
    prepared = time.process_time()
    for operation in ready:
        await operation.execute({"first": 1}, None)
    done = time.process_time()
    return {"prepare_ms": (prepared - begun) * 1000 / TIMES, "compile_ms": (done - prepared) * 1000 / TIMES}


async def size() -> dict[str, float]:
    """Kilobytes of the large query, made ready, and of each of its fields."""
    owner = operations()
    await run(owner, shop.MANY, first=1)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [await run(owner, shop.MANY.replace("Many", f"Many{n}"), first=1) for n in range(2 * TIMES)]
    each = (tracemalloc.get_traced_memory()[0] - before) / len(kept) / 1024
    tracemalloc.stop()
    return {"operation_kb": each, "field_kb": each / kept[0].fields}


async def growth() -> dict[str, float]:
    """Megabytes that the process grows by from the 2,000th to the 10,000th document; 1,000 are kept."""
    owner, sizes = operations(), {}
    for number in range(DOCUMENTS):
        await run(owner, f"{{ products(first: 1) {{ a{number}: id }} }}")
        sizes[number] = resident() if number in (1_999, DOCUMENTS - 1) else 0
    return {"growth_2000_to_10000_documents_mb": sizes[DOCUMENTS - 1] - sizes[1_999]}


def resident() -> float:
    """Megabytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def compiling() -> dict[str, float]:
    found = asyncio.run(readiness()) | asyncio.run(size()) | asyncio.run(growth())
    say("\nmaking the large query ready: " + ", ".join(f"{name} {value:.2f}" for name, value in found.items()))
    return found


if __name__ == "__main__":
    result(**compiling())
