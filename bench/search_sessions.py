"""A session's query beside the embedding and the bare SQL that it needs, in one run.

    scripts/bench search_sessions [products [stores [offers]]]     20,000, 4,000 and 1,000,000 by default

The embedding is the model's own time for the text. The bare SQL are the very statements that the query runs, with their
values, one after another on one connection that does nothing else: what is added to them is all that the platform does
(reading the text, the engine, rows, JSON). All three take turns, so that they have the same weather. Names
repeat: 2,000 different products are embedded, the others are copies of them (bench/searches/copies.py).
"""

import asyncio
import sys
from typing import Any

from bench import fresh_database, result, say, timed
from bench.places import NAMES
from bench.searches.copies import copy
from bench.searches.times import beside, told
from closient_gql.core.db import Database, Reader
from closient_gql.core.settings import settings
from closient_gql.server.app import endpoints_of, operations_of
from resolvers.context import Context
from resolvers.search import indexing, vectors
from schema import graph

DIFFERENT = 2_000
HERE = {"latitude": 39.2904, "longitude": -76.6122}
STEPS = (2_000, 20_000)
KINDS = (
    "Cookies", "Oat Milk", "Dark Chocolate", "Green Tea", "Tomato Soup", "Olive Oil", "Granola Bar", "Peanut Butter",
    "Rice Crackers", "Apple Juice", "Coffee Beans", "Yogurt", "Pasta", "Honey", "Shampoo", "Toothpaste", "Salsa",
    "Cheddar Cheese", "Orange Marmalade", "Black Beans",
)  # fmt: skip
STYLES = ("Classic", "Hearty", "Crunchy", "Smoked", "Sweet", "Spicy", "Light", "Golden", "Rustic", "Creamy", "Salted",
          "Roasted", "Fresh", "Family", "Mini", "Royal", "Wild", "Garden", "Mountain", "Sunny")  # fmt: skip
PLACES = ("Valley", "Harbor", "Meadow", "Lake", "Forest", "Village", "Coast", "Hill", "River", "Island")
SAID = (
    "{name} near 21201", "{name} under $15", "{name} in stock within 5 km", "{name}, but not online",
    "{name} between $2 and $12", "{name} within 8 km",
)  # fmt: skip
FILL = (
    "INSERT INTO brands (id, name) SELECT id_of('brand', n), 'Brand ' || n FROM generate_series(1, 500) AS n",
    "INSERT INTO retailers (id, name) SELECT id_of('retailer', n), 'Retailer ' || n FROM generate_series(1, 100) AS n",
    # twenty towns, the first of them here
    """INSERT INTO locations (id, name, city, country, latitude, longitude)
       SELECT id_of('place', n), 'Place ' || n, 'Town ' || n % 20, 'US',
           CASE n % 20 WHEN 0 THEN 39.29 ELSE 26 + (n % 20 * 7919) % 22 END
               + (random() + random() + random() - 1.5) * .1,
           CASE n % 20 WHEN 0 THEN -76.61 ELSE -120 + (n % 20 * 104729) % 48 END
               + (random() + random() + random() - 1.5) * .1
       FROM generate_series(1, $1::int) AS n""",
    """INSERT INTO physical_stores (id, retailer_id, location_id, currency, number)
       SELECT id_of('store', n), id_of('retailer', 1 + n % 100), id_of('place', n), 'USD', n::text
       FROM generate_series(1, $1::int) AS n""",
)
PRODUCTS = """
INSERT INTO products (id, gtin, product_name, data_source, brand_id, primary_language)
SELECT id_of('product', n), gtin_of(n), given.name, 'imported', id_of('brand', 1 + n % 500), 'en'
FROM unnest($1::int[], $2::text[]) AS given (n, name)
"""
# those after the first ones have their names and brands, in turn
COPIES = """
CREATE TEMPORARY TABLE copies AS
SELECT id_of('product', 1 + (n - 1) % {2}) AS original, id_of('product', n) AS id, n
FROM generate_series({0} + 1, {1}) AS n
"""
OFFERS = """
INSERT INTO in_store_offers (id, product_id, physical_store_id, price, quantity_on_hand, inventory_synced_at, point)
SELECT id_of('offer', n), id_of('product', 1 + n * 7919 % $4::bigint), s.id, n % 2000 / 100.0,
    greatest(n * 31 % 10 - 3, 0), now() - n % 50 * interval '1 hour', l.point
FROM generate_series($2::bigint + 1, $3::bigint) AS n
JOIN physical_stores s ON s.id = id_of('store', 1 + (n * 104729 + n / 10000 * 37) % $1::bigint)
JOIN locations l ON l.id = s.location_id
ON CONFLICT DO NOTHING
"""
OFFERS_INDEX = (
    "CREATE INDEX ix_in_store_offers_near ON in_store_offers USING gist (hashtextextended(product_id, 0), point)"
)


def name_of(n: int) -> str:
    """Of so many different ones."""
    n %= DIFFERENT
    style, place = STYLES[n // 20 % 20], PLACES[n // 400 % 10]
    return f"{style} {place} {KINDS[n % 20]}"


def said(n: int) -> str:
    """A text whose words nobody has said before, so that no vector is remembered."""
    name = f"{STYLES[n // 20 % 20]} {KINDS[n % 20]}"
    return f"never mind, {SAID[n % len(SAID)].format(name=name)}"


async def fill(database: Database, stores: int) -> None:
    async with database.acquire() as connection:
        await connection.execute(NAMES)
        for statement in FILL:
            await connection.execute(statement, *([stores] if "$1" in statement else []), timeout=600)


async def grow(database: Database, there: int, products: int, stores: int, offers: int) -> None:
    """More products, their documents and vectors, and all offers anew, spread over all products."""
    async with database.acquire() as connection:
        numbers = list(range(there + 1, products + 1))
        await connection.execute(PRODUCTS, numbers, [name_of(n) for n in numbers], timeout=600)
        await connection.execute("SET session_replication_role = replica; TRUNCATE in_store_offers CASCADE")
        await connection.execute("DROP INDEX IF EXISTS ix_in_store_offers_near")
        for start in range(0, offers, 100_000):
            await connection.execute(OFFERS, stores, start, min(offers, start + 100_000), products, timeout=900)
        await connection.execute(OFFERS_INDEX, timeout=900)
        await connection.execute("RESET session_replication_role", timeout=600)
    if not there:
        await index(database)
    elif products > there:
        async with database.acquire() as connection:
            await connection.execute(COPIES.format(there, products, DIFFERENT))
            await copy(connection, there, products)


async def index(database: Database) -> None:
    await indexing.everything(database)
    await vectors.settle(database)
    await vectors.embed(database)
    async with database.acquire() as connection:
        await connection.execute("ANALYZE", timeout=900)


# --- measuring


async def measure(database: Database) -> dict[str, float]:
    operations = operations_of(graph(), settings())
    endpoints = {endpoint.name: endpoint for endpoint in endpoints_of(operations)}
    opening = endpoints["open_a_conversational_search_session"].operation
    saying = endpoints["submit_a_follow_up_query_within_a_session"].operation

    async def run(operation: Any, of: Database, **variables: Any) -> Any:
        done = await operation.execute(variables, Context(Reader(of)))
        assert not done.errors, done.errors
        return next(iter(done.data.values()))

    session = (await run(opening, database, input={"query": "tea"} | HERE))["sessionId"]

    async def search(of: Database, n: int) -> tuple[str, int]:
        answer = await run(saying, of, sessionId=session, input={"query": said(n)})
        return answer["baseQuery"], answer["totalCount"]

    return await beside(database, search)


async def main(products: int, stores: int, offers: int) -> None:
    there, curve = 0, {}
    async with fresh_database(4) as database:
        await fill(database, stores)
        for step in sorted({step for step in STEPS if step < products} | {products}):
            with timed() as seconds:
                await grow(database, there, step, stores, offers)
            there = step
            found = curve[step] = await measure(database)
            say(f"{step:,} products, {stores:,} stores, {offers:,} offers (made in {seconds[0]:.0f} s)")
            say(told(found))
    result(
        products=products, stores=stores, offers=offers,
        curve={str(step): {name: round(x, 2) for name, x in found.items()} for step, found in curve.items()},
        p95_to_needed=curve[products]["p95_to_needed"],
    )  # fmt: skip


if __name__ == "__main__":
    given = [int(each.replace(",", "")) for each in sys.argv[1:]]
    asyncio.run(main(*(*given, *(20_000, 4_000, 1_000_000)[len(given) :])))
