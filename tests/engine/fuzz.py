"""Compares the two executors on worlds from a seed on, until 20,000 operations were compared or something is different.

python -m tests.engine.fuzz [SEED] [OPERATIONS]; scripts/fuzz calls it.
"""

import asyncio
import sys
import time
import warnings

from tests.engine.differential import check


async def main(seed: int, wanted: int) -> int:
    compared, world = 0, seed
    while compared < wanted:
        count, found = await check(world)
        compared, world = compared + count, world + 1
        if found:
            sys.stdout.write("\n".join(found) + "\n")
            return 1
        if world % 500 == 0:
            sys.stderr.write(f"fuzz: {compared} operations compared\n")
    sys.stdout.write(f"{compared} operations of {world - seed} schemas, from seed {seed} on: no difference\n")
    return 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # graphql-core drops coroutines when an error cancels a list
    given = [int(argument) for argument in sys.argv[1:3]]
    seed = given[0] if given else int(time.time()) % 10**6 * 10**4
    sys.exit(asyncio.run(main(seed, given[1] if len(given) > 1 else 20_000)))
