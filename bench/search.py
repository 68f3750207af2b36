"""How relevant searches are, and how fast: judged queries and real foods, beside other ways to rank, in one run.

    BENCH_ICECAT=FOLDER [BENCH_FOODS=FOLDER] scripts/bench search [products [copies]]     all, 200,000 by default

BENCH_ICECAT has Chorus' Icecat products and judgements (github.com/querqy/chorus; Apache-2.0, Icecat Open Content
Licence): 1.json.zip to 4.json.zip, ratings-dev.csv, typo-queries-dev.json. `products`: at least those that are judged,
then others up to so many; of the time the model takes the most. `copies`: how many products there are in the end, for
times and recall alone; 0: none. BENCH_FOODS: see bench/searches/diets.py. BENCH_VECTORS=FILE keeps vectors for the next
run.

The queries are in two halves, by their hash: whoever chooses constants looks at `dev`, and judges them by `validation`.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from bench import fresh_database, result, say, timed
from bench.searches import diets, judged, quality, reach
from bench.searches.embedding import embed
from bench.searches.times import beside, told
from closient_gql.core.db import Database
from resolvers.search import indexing

MOST, COPIES = 1_000_000, 200_000


async def index(database: Database, what: str) -> None:
    with timed() as seconds:
        await indexing.everything(database)
        await embed(database)
        async with database.acquire() as connection:
            await connection.execute("ANALYZE", timeout=600)
    say(f"{what} indexed and embedded in {seconds[0]:.0f} s")


async def avoiding() -> dict[str, Any]:
    """What searches promise of allergens and diets."""
    records, labels = diets.read(os.environ.get("BENCH_FOODS"))
    async with fresh_database(4) as database:
        await diets.fill(database, records)
        await index(database, f"{len(records):,} foods")
        found = await diets.measure(database, labels)
    say(f"diets: {found}")
    return found


async def relevant(most: int, copies: int) -> dict[str, Any]:
    """How good answers are, and while the catalogue grows how long they take and what they overlook."""
    given = judged.read(Path(os.environ.get("BENCH_ICECAT", ".")), most)
    search, there, growing = reach.searches(given), 0, dict[str, Any]()

    async def look(database: Database, products: int) -> None:
        found: dict[str, Any] = await beside(database, search)
        say(f"{products:,} products\n{told(found)}")
        if products > reach.FIRST:
            found |= {"recall": await reach.recall(database, given)}
            say(f"  recall against an exact scan: {found['recall']}")
        growing[str(products)] = {k: round(x, 2) if isinstance(x, float) else x for k, x in found.items()}

    async with fresh_database(4) as database:
        for step in sorted({min(reach.FIRST, len(given.products)), len(given.products)}):
            await judged.fill(database, given.products, there, step)
            await index(database, f"{step - there:,} products")
            await look(database, step)
            there = step
        measured = await quality.measure(database, given)
        if copies > there:
            with timed() as seconds:
                await reach.grow(database, there, copies)
            say(f"{copies - there:,} copies made in {seconds[0]:.0f} s")
            await look(database, copies)
    return {"products": there, **measured, "growing": growing}


async def main(most: int, copies: int) -> None:
    with timed() as seconds:
        found = {"diets": await avoiding(), **await relevant(most, copies)}
    result(**found, seconds=seconds[0])


if __name__ == "__main__":
    given = [int(each.replace(",", "")) for each in sys.argv[1:]]
    asyncio.run(main(*given, *(MOST, COPIES)[len(given) :]))
