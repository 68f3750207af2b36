"""Offers and places: the product page, nearby and feeds, each beside plain SQL that does the same, in one run.

    scripts/bench places [offers [locations]]     1,000,000 and 50,000 by default

What the database computes is measured in its own CPU time: `/proc/PID/schedstat` of the one connection that all
statements of this bench go through, which does not mind what else the machine is doing.
"""

import asyncio
import csv
import io
import random
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
from obstore.store import LocalStore

from bench import fresh_database, result, say, timed
from closient_gql.adapters.storage import ObjectStorage
from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.models.account import KeyKind, MemberRole
from closient_gql.core.models.offer_feeds import FeedFormat, OfferFeed
from closient_gql.core.settings import Settings
from closient_gql.server.app import operations_of
from resolvers.context import Context
from resolvers.retailers.feed_run import take_feed
from resolvers.retailers.feeds import Sent, send
from resolvers.viewer import Viewer
from schema import graph
from tests import make

PRODUCTS, PAGE, TIMES, ROWS = 10_000, 25, 100, 100_000
HERE = {"latitude": 39.2904, "longitude": -76.6122}
STEPS = (10_000, 100_000, 1_000_000)
NAMES = """
CREATE FUNCTION id_of(kind text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT translate(substr(md5(kind || n), 1, 12), '0123456789abcdef', 'acegqhjkpqrtwxy3') $$;
CREATE FUNCTION gtin_of(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT body || (10 - (SELECT sum(substr(body, i, 1)::int * CASE WHEN i % 2 = 1 THEN 3 ELSE 1 END)
        FROM generate_series(1, 13) AS i) % 10) % 10 FROM (SELECT lpad(n::text, 13, '0') AS body) AS padded $$;
"""
FILL = (
    "INSERT INTO brands (id, name) SELECT id_of('brand', n), 'Brand ' || n FROM generate_series(1, 500) AS n",
    """INSERT INTO products (id, gtin, product_name, data_source, brand_id)
       SELECT id_of('product', n), gtin_of(n), 'Product ' || n, 'claimed', id_of('brand', 1 + n % 500)
       FROM generate_series(1, 10000) AS n""",
    "INSERT INTO retailers (id, name) SELECT id_of('retailer', n), 'Retailer ' || n FROM generate_series(1, 100) AS n",
    # a hundred towns, the first of them here, each with as many places, most of them in its middle
    """INSERT INTO locations (id, name, city, country, latitude, longitude)
       SELECT id_of('place', n), 'Place ' || n, 'Town ' || n % 100, 'US',
           CASE n % 100 WHEN 0 THEN 39.29 ELSE 26 + (n % 100 * 7919) % 22 END
               + (random() + random() + random() - 1.5) * .2,
           CASE n % 100 WHEN 0 THEN -76.61 ELSE -120 + (n % 100 * 104729) % 48 END
               + (random() + random() + random() - 1.5) * .2
       FROM generate_series(1, $1::int) AS n""",
    """INSERT INTO physical_stores (id, retailer_id, organization_id, location_id, currency, number)
       SELECT id_of('store', n), id_of('retailer', 1 + n % 100), $2, id_of('place', n), 'USD', n::text
       FROM generate_series(1, $1::int) AS n""",
)
OFFERS = """
INSERT INTO in_store_offers (id, product_id, physical_store_id, organization_id, price, quantity_on_hand,
    inventory_synced_at, point)
SELECT id_of('offer', n), id_of('product', 1 + n * 7919 % 10000), s.id, s.organization_id, n % 2000 / 100.0,
    greatest(n * 31 % 10 - 3, 0), now() - n % 50 * interval '1 hour', l.point
FROM generate_series($2::bigint + 1, $3::bigint) AS n
JOIN physical_stores s ON s.id = id_of('store', 1 + (n * 104729 + n / 10000 * 37) % $1::bigint)
JOIN locations l ON l.id = s.location_id
ON CONFLICT DO NOTHING
"""
INDEX = """
CREATE INDEX ix_in_store_offers_near ON in_store_offers USING gist (hashtextextended(product_id, 0), point)
"""
QUERY = """query ($codes: [String!]!, $near: NearInput!) { productsByGtin(codes: $codes) { product {
  gtin productName brand { name }
  offers(near: $near, inStock: true, kind: IN_STORE, first: 3) { nodes { ... on InStoreOffer { id quantityOnHand
    price { amount currency } physicalStore { location { name city distanceKm(near: $near) } } } } } } } }"""
PLAIN = """
SELECT json_agg(json_build_object('product', json_build_object('gtin', p.gtin, 'productName', p.product_name,
    'brand', json_build_object('name', b.name), 'offers', json_build_object('nodes', (
    SELECT coalesce(json_agg(json_build_object('id', o.id, 'quantityOnHand', o.quantity_on_hand,
        'price', json_build_object('amount', round(o.price, 2)::text, 'currency', o.currency),
        'physicalStore', json_build_object('location', json_build_object('name', o.name, 'city', o.city,
            'distanceKm', round((o.metres / 1000)::numeric, 2)))) ORDER BY o.metres, o.id), '[]')
    FROM (SELECT o.id, o.quantity_on_hand, o.price, s.currency, l.name, l.city,
            ST_Distance(l.point, ST_MakePoint($3, $2)::geography) AS metres
        FROM in_store_offers o JOIN physical_stores s ON s.id = o.physical_store_id
        JOIN retailers r ON r.id = s.retailer_id JOIN locations l ON l.id = s.location_id
        WHERE o.product_id = p.id AND o.status = 'active' AND o.quantity_on_hand > 0
            AND s.is_active AND r.is_active AND l.is_active
        ORDER BY metres, o.id LIMIT 3) AS o)))) ORDER BY wanted.place)
FROM unnest($1::text[]) WITH ORDINALITY AS wanted (gtin, place)
JOIN products p ON p.gtin = wanted.gtin JOIN brands b ON b.id = p.brand_id
"""
"""The same JSON by hand, in the way that comes to mind first; with the index of ours: `INDEXED`."""
INDEXED = PLAIN.replace(
    "WHERE o.product_id = p.id",
    "WHERE hashtextextended(o.product_id, 0) = hashtextextended(p.id, 0) AND o.product_id = p.id"
    " AND ST_DWithin(o.point, ST_MakePoint($3, $2)::geography, 64000)",
)
"""And by hand with all that we know: the index, and that there are three within 64 km."""
NEARBY = """query ($near: NearInput!) { locationsNear(near: $near, limit: 20) {
  id name city distanceKm(near: $near) } }"""
BARE = """
SELECT id, name, city, round((ST_Distance(point, ST_MakePoint($2, $1)::geography) / 1000)::numeric, 2)
FROM locations WHERE is_active AND ST_DWithin(point, ST_MakePoint($2, $1)::geography, 10000)
ORDER BY ST_Distance(point, ST_MakePoint($2, $1)::geography), id LIMIT 20
"""
UPSERT = """
INSERT INTO in_store_offers (id, product_id, physical_store_id, organization_id, sku, price, quantity_on_hand, status,
    inventory_synced_at, point)
SELECT new_id(), p.id, s.id, s.organization_id, f.sku, f.price, f.quantity, f.status, now(), l.point
FROM plain f JOIN products p USING (gtin)
JOIN physical_stores s ON s.id = f.store JOIN locations l ON l.id = s.location_id
ON CONFLICT (product_id, physical_store_id, sku) DO UPDATE SET price = excluded.price, status = excluded.status,
    quantity_on_hand = excluded.quantity_on_hand, inventory_synced_at = excluded.inventory_synced_at, modified = now()
"""


class Bench:
    """One database with one connection, and what is asked of it."""

    def __init__(self, database: Database, account: make.Account) -> None:
        self.database, self.account = database, account
        self.operations = operations_of(graph(), Settings())
        memberships = {account.organization_id: MemberRole.OWNER}
        self.viewer = Viewer(KeyKind.USER, None, None, account.user_id, memberships=memberships)
        self.statements = 0

    async def sql(self, statement: str, *arguments: Any) -> Any:
        async with self.database.acquire() as connection:
            return await connection.fetch(statement, *arguments)

    async def process(self) -> str:
        """Where the kernel says how long the connection's process has computed."""
        ((pid,),) = await self.sql("SELECT pg_backend_pid()")
        return f"/proc/{pid}/schedstat"

    async def ask(self, query: str, **variables: Any) -> Any:
        reader = Reader(self.database)
        answer = await self.operations.prepare(query).execute(variables, Context(reader, self.viewer))
        assert not answer.errors, answer.errors
        self.statements = len(reader.statements)
        return answer.data

    async def beside(self, *asks: Callable[[int], Awaitable[Any]]) -> list[float]:
        """Milliseconds of the database's CPU for each of these. They take turns, so that all have the same weather."""
        path, spent = await self.process(), [0.0] * len(asks)
        for n in range(-6, TIMES):  # at first statements are prepared, and their plans settled
            for place, ask in enumerate(asks):
                begun = computed(path)
                await ask(n)
                if n >= 0:
                    spent[place] += computed(path) - begun
        return [each / TIMES * 1000 for each in spent]


def computed(path: str) -> float:
    """Seconds."""
    return int(Path(path).read_text().split()[0]) / 1e9


def codes(n: int) -> list[str]:
    return [make.make_gtin(1 + (n * PAGE + k) * 37 % PRODUCTS) for k in range(PAGE)]


async def grow(bench: Bench, there: int, offers: int, locations: int) -> None:
    """Without checks, and the slowest index made at the end: minutes less."""
    async with bench.database.acquire() as connection:
        await connection.execute("SET session_replication_role = replica; DROP INDEX ix_in_store_offers_near")
        for start in range(there, offers, 100_000):
            await connection.execute(OFFERS, locations, start, min(offers, start + 100_000), timeout=600)
        await connection.execute(INDEX, timeout=600)
        await connection.execute("RESET session_replication_role; ANALYZE", timeout=600)


async def page(bench: Bench) -> list[float]:
    """CPU of the graph, of plain SQL, and of the best SQL, for a page."""
    asked = (HERE["latitude"], HERE["longitude"])
    ours = await bench.ask(QUERY, codes=codes(0), near=HERE)
    ((theirs,),) = await bench.sql(PLAIN, codes(0), *asked)
    assert orjson.loads(orjson.dumps(ours["productsByGtin"])) == theirs, "not the same JSON"
    return await bench.beside(
        lambda n: bench.ask(QUERY, codes=codes(n), near=HERE),
        lambda n: bench.sql(PLAIN, codes(n), *asked),
        lambda n: bench.sql(INDEXED, codes(n), *asked),
    )


async def nearby(bench: Bench) -> list[float]:
    near = HERE | {"radiusKm": 10}
    here = HERE["latitude"], HERE["longitude"]
    return await bench.beside(lambda _: bench.ask(NEARBY, near=near), lambda _: bench.sql(BARE, *here))


async def files(bench: Bench) -> tuple[bytes, bytes]:
    """Two feeds of other offers."""
    gtins = [row["gtin"] for row in await bench.sql("SELECT gtin FROM products ORDER BY id")]
    stores = [row["id"] for row in await bench.sql("SELECT id FROM physical_stores ORDER BY id")]
    chance = random.Random(4)  # the same in every run

    def feed(name: str) -> bytes:
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["gtin", "physical_store_id", "sku", "price", "quantity_on_hand", "status"])
        for n in range(ROWS):
            price = f"{chance.randrange(2000) / 100:.2f}"
            rows.writerow([chance.choice(gtins), chance.choice(stores), f"{name}{n}", price, n % 10, "active"])
        return text.getvalue().encode()

    return feed("a"), feed("b")


async def plainly(connection: Connection, data: bytes) -> None:
    async with connection.transaction():
        columns = "gtin text, store text, sku text, price numeric, quantity integer, status text"
        await connection.execute(f"CREATE TEMPORARY TABLE plain ({columns}) ON COMMIT DROP")
        await connection.copy_to_table("plain", source=io.BytesIO(data), format="csv", header=True)
        await connection.execute(UPSERT, timeout=600)


async def feeds(bench: Bench) -> dict[str, float]:
    """Rows a second, of new offers and of changes."""
    ours, theirs = await files(bench)
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        storage = ObjectStorage(LocalStore(folder), attributes=False)

        async def load(data: bytes) -> OfferFeed | None:
            sent = Sent(bench.account.organization_id, FeedFormat.CSV)
            feed = await send(Context(Reader(bench.database), bench.viewer), storage, sent, data)
            return await take_feed(bench.database, storage, feed.id)

        for name, old, new in (("new", b"", b""), ("changed", b",active", b",seasonal")):
            mine, other = (data.replace(old, new) if old else data for data in (ours, theirs))
            async with bench.database.acquire() as connection:
                with timed() as plain:
                    await plainly(connection, other)
            with timed() as seconds:
                done = await load(mine)
            assert done
            assert (done.created_count, done.updated_count) == ((ROWS, 0) if name == "new" else (0, ROWS))
            with timed() as again:
                same = await load(mine)
            assert same
            assert same.unchanged_count == ROWS
            found |= {f"{name}_rows_a_second": ROWS / seconds[0], f"{name}_plain_rows_a_second": ROWS / plain[0],
                      f"{name}_again_rows_a_second": ROWS / again[0]}  # fmt: skip
            times = f"{seconds[0]:.1f} s, plain SQL {plain[0]:.1f} s; again {again[0]:.1f} s"
            say(f"feed of {ROWS:,} {name} offers: {times}")
    return found


async def main(offers: int, locations: int) -> None:
    async with fresh_database(1) as database:
        async with database.acquire() as connection:
            account = await make.account(connection)
            await connection.execute(NAMES)
            for statement in FILL:
                given = [locations, account.organization_id][: statement.count("$1") + statement.count("$2")]
                await connection.execute(statement, *given, timeout=600)
        bench, there, curve = Bench(database, account), 0, {}
        for step in sorted({step for step in STEPS if step < offers} | {offers}):
            with timed() as seconds:
                await grow(bench, there, step, locations)
            there = step
            ours, plain, best = curve[step] = await page(bench)
            say(f"{step:,} offers (made in {seconds[0]:.0f} s): a page of {PAGE} in {bench.statements} statements")
            say(f"  {ours:.2f} ms of the database's CPU; by hand {plain:.2f}; by hand with our index {best:.2f}")
        statements = bench.statements
        near, bare = await nearby(bench)
        say(f"{locations:,} locations: nearby 10 km takes {near:.2f} ms, the bare query {bare:.2f} ms")
        rates = await feeds(bench)
        result(
            offers=offers, locations=locations, statements=statements,
            page_ms={str(step): round(each[0], 3) for step, each in curve.items()}, page_plain_ms=plain,
            page_indexed_ms=best, page_to_plain=ours / plain, page_to_indexed=ours / best, nearby_ms=near,
            nearby_bare_ms=bare, nearby_to_bare=near / bare, **rates,
            feed_to_plain=rates["new_rows_a_second"] / rates["new_plain_rows_a_second"],
            feed_changes_to_plain=rates["changed_rows_a_second"] / rates["changed_plain_rows_a_second"],
        )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(*(int(given) for given in sys.argv[1:]), *(1_000_000, 50_000)[len(sys.argv) - 1 :]))
