"""What an index of vectors overlooks, and how long a search takes, while the catalogue grows.

The largest catalogue are copies of the products (bench/searches/copies.py).
"""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from bench.searches.copies import copy
from bench.searches.judged import Judged
from bench.searches.times import Search
from bench.searches.ways import PRODUCTS
from closient_gql.core.db import Database, Reader
from closient_gql.core.settings import settings
from closient_gql.server.app import endpoints_of, operations_of
from resolvers.context import Context
from resolvers.search import candidates
from resolvers.search.asked import Asked, Filters
from resolvers.search.models import models
from schema import graph

FIRST, SAMPLE = 2_000, 16
# ids here are numbers: the k-th copy of n is n + k * {0}, how many there are, below {1}, how many there are to be
NUMBERS = """
CREATE TEMPORARY TABLE copies AS
SELECT id AS original, 'p' || lpad(n::text, 11, '0') AS id, n
FROM (
    SELECT id, substr(id, 2)::bigint + k * {0}::bigint AS n FROM products, generate_series(1, {1} / {0}) AS k
) AS numbered
WHERE n < {1}
"""
PRODUCTS_TOO = """
INSERT INTO products (id, gtin, product_name, description, data_source, primary_language, brand_id, category_id,
    country_of_origin)
SELECT c.id, lpad((8000000000000 + n)::text, 14, '0'), p.product_name, p.description, p.data_source,
    p.primary_language, p.brand_id, p.category_id, p.country_of_origin
FROM copies c JOIN products p ON p.id = c.original
"""
NEAREST = "SELECT id FROM search_vectors WHERE slot = $1 ORDER BY vector <=> ($2::real[])::halfvec(1024) LIMIT $3"


async def grow(database: Database, there: int, wanted: int) -> None:
    """Copies, until there are so many."""
    async with database.acquire() as connection:
        await connection.execute(NUMBERS.format(there, wanted))
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(PRODUCTS_TOO, timeout=600)
        await copy(connection, there, wanted)


# --- what is overlooked


@asynccontextmanager
async def exactly() -> AsyncIterator[None]:
    """For the block every document that the filters leave is compared."""
    before, candidates.FEW = candidates.FEW, 10**9
    yield
    candidates.FEW = before


async def found_by(database: Database, query: str, filters: Filters = PRODUCTS) -> list[str]:
    asked = Asked(query=query, filters=filters)
    return [hit.id for hit in (await candidates.search(Context(Reader(database)), asked)).hits]


def share(found: Sequence[str], exact: Sequence[str], most: int | None = None) -> float | None:
    wanted = set(exact[:most])
    return len(wanted & set(found[:most])) / len(wanted) if wanted else None


async def recall(database: Database, judged: Judged) -> dict[str, Any]:
    """Of what an exact scan finds, the share that searches find: of the vectors next to the query, of the hits without
    a filter, with one that leaves few products (a brand), and with one that leaves many (a country)."""
    queries = random.Random(7).sample(judged.answered, SAMPLE)
    async with database.acquire() as connection:
        brands = await connection.fetch(
            "SELECT brand_id FROM products GROUP BY 1 HAVING count(*) <= $1 ORDER BY count(*) DESC, 1 LIMIT 3",
            candidates.FEW,
        )
        rows = await connection.fetch("SELECT id, brand_id, country_of_origin FROM products")
    traits = {row["id"]: (row["brand_id"], row["country_of_origin"]) for row in rows}
    few = tuple(row["brand_id"] for row in brands[:1])
    shares: dict[str, list[float]] = {}

    def note(name: str, value: float | None) -> None:
        if value is not None:
            shares.setdefault(name, []).append(value)

    for query in queries:
        async with exactly():
            exact = await found_by(database, query)
        kept = {
            "few": [id for id in exact if traits[id][0] in few],
            "many": [id for id in exact if traits[id][1] == "US"],
        }
        found = await found_by(database, query)
        for most in (10, 100):
            note(f"hits_{most}", share(found, exact, most))
        brand = await found_by(database, query, replace(PRODUCTS, brand_ids=few))
        note("few_left_all_hits", share(brand, kept["few"]))
        country = await found_by(database, query, replace(PRODUCTS, countries=("US",)))
        note("many_left_hits_10", share(country, kept["many"], 10))
        note("vectors", await of_index(database, query))
    return {name: round(sum(each) / len(each), 4) for name, each in shares.items()}


async def of_index(database: Database, query: str) -> float | None:
    """Of the vectors nearest to a query, the share that the index gives."""
    there = (await models(Context(Reader(database)))).active
    assert there
    vector = await there.embed_query(query)
    async with database.acquire() as connection:
        orders = []
        for setting in ("enable_seqscan", "enable_indexscan"):
            async with connection.transaction():
                await connection.execute(f"SET LOCAL {setting} = off; SET LOCAL plan_cache_mode = force_custom_plan")
                rows = await connection.fetch(NEAREST, there.slot, vector, candidates.NEAREST)
                orders.append([row["id"] for row in rows])
    return share(*orders)


# --- how long it takes


def searches(judged: Judged) -> Search:
    """The catalog search of REST for the first words of a product's name, such as `HP LaserJet Pro`, of those that are
    there from the beginning: each text is a new one."""
    endpoints = {endpoint.name: endpoint for endpoint in endpoints_of(operations_of(graph(), settings()))}
    operation = endpoints["search_the_catalog"].operation
    texts = sorted({" ".join(each["title"].split()[:3]) for each in judged.products[:FIRST]})
    random.Random(7).shuffle(texts)
    said = iter(texts)

    async def search(database: Database, _: int) -> tuple[str, int]:
        text = next(said)
        done = await operation.execute({"q": text}, Context(Reader(database)))
        assert not done.errors, done.errors
        (answer,) = done.data.values()
        return text, len(answer["results"])

    return search
