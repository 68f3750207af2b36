"""Compares the two executors until 20,000 operations were, or something is different: on schemas made up from seeds,
and, with documents of hypothesis-graphql, on schemas as others write them.

python -m tests.engine.fuzz [SEED] [OPERATIONS]; scripts/fuzz calls it.
"""

import asyncio
import sys
import time
import warnings

import hypothesis
from hypothesis import strategies as st
from hypothesis_graphql import from_schema

from tests.engine.differential import check, check_other
from tests.engine.others import Other
from tests.engine.others.filters import FILTERS
from tests.engine.others.forge import FORGE
from tests.engine.others.heroes import HEROES
from tests.engine.others.library import LIBRARY

OTHERS = (HEROES, FORGE, FILTERS, LIBRARY)
AT_ONCE = 100  # documents that are made one from the other


def told(compared: int, step: int) -> None:
    if compared // 2_000 != (compared - step) // 2_000:
        sys.stderr.write(f"fuzz: {compared} operations compared\n")


async def worlds(seed: int, wanted: int) -> list[str]:
    compared, world = 0, seed
    while compared < wanted:
        count, found = await check(world)
        compared, world = compared + count, world + 1
        if found:
            return found
        told(compared, count)
    sys.stdout.write(f"{compared} operations of {world - seed} schemas, from seed {seed} on: no difference\n")
    return []


def others(seed: int, wanted: int) -> list[str]:
    """Each round takes documents of one of the schemas."""
    compared, number = dict.fromkeys((other.name for other in OTHERS), 0), seed
    while sum(compared.values()) < wanted:
        other = OTHERS[number % len(OTHERS)]
        before = sum(compared.values())
        for source, place in documents(other, number, AT_ONCE):
            count, found = asyncio.run(check_other(other, source, place))
            compared[other.name] += count
            if found:
                return found
        number += 1
        told(sum(compared.values()), sum(compared.values()) - before)
    sys.stdout.write(f"{compared} operations of others' schemas, from seed {seed} on: no difference\n")
    return []


def documents(other: Other, seed: int, wanted: int) -> list[tuple[str, int]]:
    """So many documents, each with a seed for what is done with it."""
    found: list[tuple[str, int]] = []
    schema = other.schema(seed, True)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=wanted, deadline=None, database=None, phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(
        from_schema(getattr(schema, "_schema", schema), custom_scalars=other.scalars), st.integers(0, 10**9)
    )
    def draw(source: str, place: int) -> None:
        found.append((source, place))

    draw()
    return found


def main(seed: int, wanted: int) -> int:
    found = asyncio.run(worlds(seed, wanted)) or others(seed, wanted)
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # graphql-core drops coroutines when an error cancels a list
    given = [int(argument) for argument in sys.argv[1:3]]
    seed = given[0] if given else int(time.time()) % 10**6 * 10**4
    sys.exit(main(seed, given[1] if len(given) > 1 else 20_000))
