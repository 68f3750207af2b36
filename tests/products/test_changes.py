"""The change feed: nothing is missed, whatever is committed when, and a copy made from it is exact."""

import asyncio
import base64
import random
from typing import Any

import asyncpg
import orjson
import pytest

from closient_gql.core.db import Connection, Database, Reader, prepare
from closient_gql.core.errors import Invalid
from closient_gql.core.models.account import KeyKind
from resolvers.context import Context
from resolvers.products.changes import PAGE, ChangeKind, ProductChanges, product_changes, read_cursor, write_cursor
from resolvers.viewer import Viewer
from tests import make
from tests.conftest import Client

REST = "/products/api/v1/products/changes"
FEED = """query($after: String, $first: Int!) { productChanges(after: $after, first: $first) {
  nodes { cursor kind gtin productId product { gtin productName isClaimed brand { name } allIngredients { name } } }
  endCursor hasMore } }"""
UNSETTLED = """SELECT count(*) FROM events WHERE transaction >= pg_snapshot_xmin(pg_current_snapshot())"""


async def settled(connection: Connection) -> None:
    """Until all that was committed is shown: transactions of other tests in the same server hold it back, too."""
    for _ in range(1200):
        if await connection.fetchval(UNSETTLED) == 0:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("a transaction stays open")


async def connect(url: str) -> Connection:
    found = await asyncpg.connect(url)
    await prepare(found)
    return found


class Feed:
    """Reads the feed without HTTP."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def page(self, after: str | None = None, first: int = 100) -> ProductChanges:
        self.read = Reader(self.database)
        return await product_changes(Context(self.read, Viewer(kind=KeyKind.USER)), after, first)

    async def kinds(self, after: str | None = None) -> list[tuple[str, str]]:
        return [(node.kind.name, node.gtin) for node in (await self.page(after)).nodes]


@pytest.fixture
async def feed(database_url: str) -> Any:
    database = Database(database_url, 3)
    yield Feed(database)
    await database.close()


async def test_every_change_in_order_deletions_included(connection: Connection, feed: Feed) -> None:
    one, two = await make.product(connection, 1), await make.product(connection, 2)
    await connection.execute("UPDATE products SET description = 'new' WHERE id = $1", one)
    await connection.execute("UPDATE products SET description = 'new' WHERE id = $1", one)  # says nothing new
    await connection.execute("DELETE FROM products WHERE id = $1", two)
    await settled(connection)
    page = await feed.page()
    a, b = make.make_gtin(1), make.make_gtin(2)
    assert [(n.kind, n.gtin, n.product_id) for n in page.nodes] == [
        (ChangeKind.CREATED, a, one),
        (ChangeKind.CREATED, b, two),
        (ChangeKind.UPDATED, a, one),
        (ChangeKind.DELETED, b, two),
    ]
    assert not page.has_more
    assert page.end_cursor == page.nodes[-1].cursor
    assert len(feed.read.statements) == 1
    behind = await feed.page(page.end_cursor)
    assert (behind.nodes, behind.end_cursor, behind.has_more) == ([], page.end_cursor, False)


async def test_what_belongs_to_a_product_changes_it(connection: Connection, feed: Feed) -> None:
    brand, other = await make.brand(connection, "Before"), await make.brand(connection, "Other")
    product = await make.product(connection, 1, brand_id=brand)
    await make.product(connection, 2, brand_id=other)
    await settled(connection)
    before = (await feed.page()).end_cursor
    line = await make.insert(connection, "ingredients", product_id=product, name="Oats")
    await connection.execute("UPDATE ingredients SET name = 'Rye' WHERE id = $1", line)
    await connection.execute("DELETE FROM ingredients")
    await make.insert(connection, "product_images", product_id=product)
    await connection.execute("INSERT INTO nutrition_facts (product_id, label_format) VALUES ($1, 'EU')", product)
    await connection.execute("INSERT INTO nutrient_values VALUES ($1, 0, 'Energy', 1, 'kJ')", product)
    await connection.execute("UPDATE brands SET name = 'After' WHERE id = $1", brand)
    await connection.execute("UPDATE brands SET description = 'Something' WHERE id = $1", brand)
    await connection.execute("UPDATE products SET gtin = $1 WHERE id = $2", make.make_gtin(3), product)
    await connection.execute("DELETE FROM products WHERE id = $1", product)  # and all that belongs to it
    await settled(connection)
    a, c = make.make_gtin(1), make.make_gtin(3)
    assert await feed.kinds(before) == [("UPDATED", a)] * 7 + [("DELETED", a), ("UPDATED", c), ("DELETED", c)]


async def test_a_transaction_that_ends_late_is_not_skipped(
    connection: Connection, feed: Feed, database_url: str
) -> None:
    first, second = await connect(database_url), await connect(database_url)
    early, late = first.transaction(), second.transaction()
    await early.start()
    await make.product(first, 1)  # the lower transaction and the lower event
    await late.start()
    await make.product(second, 2)
    await late.commit()  # the other one is visible first
    assert await feed.kinds() == []  # shown now, it would be behind the cursor of which number 1 comes later
    await make.product(connection, 3)
    assert await feed.kinds() == []
    await early.commit()
    await settled(connection)
    assert await feed.kinds() == [("CREATED", make.make_gtin(n)) for n in (1, 2, 3)]
    await first.close()
    await second.close()


async def test_a_brand_renamed_while_it_gets_a_product_is_not_missed(
    connection: Connection, feed: Feed, database_url: str
) -> None:
    brand = await make.brand(connection, "Before")
    product = await make.product(connection, 1)
    since = await connection.fetchval("SELECT clock_timestamp()")
    first, second = await connect(database_url), await connect(database_url)
    early, late = first.transaction(), second.transaction()
    await early.start()
    await first.execute("UPDATE products SET brand_id = $1 WHERE id = $2", brand, product)
    await late.start()
    rename = asyncio.create_task(second.execute("UPDATE brands SET name = 'After' WHERE id = $1", brand))
    await asyncio.wait({rename}, timeout=0.2)  # it waits for the product's transaction, or would not see the product
    await early.commit()
    await rename
    await settled(connection)
    seen = (await feed.page()).end_cursor  # the product had its brand, by its old name
    await late.commit()
    await settled(connection)
    assert await feed.kinds(seen) == [("UPDATED", make.make_gtin(1))]
    assert await connection.fetchval("SELECT modified > $1 FROM products", since)  # for updatedSince
    await first.close()
    await second.close()


async def test_a_gtin_that_comes_back_in_an_older_transaction_is_there(
    connection: Connection, feed: Feed, api: Client, database_url: str
) -> None:
    headers = {"X-API-Key": (await make.account(connection)).key}
    old = await make.product(connection, 1)
    older = await connect(database_url)
    transaction = older.transaction()
    await transaction.start()
    await older.execute("SELECT pg_current_xact_id()")
    await connection.execute("DELETE FROM products WHERE id = $1", old)
    await make.product(older, 1, id=make.make_id(2), product_name="Back")
    await transaction.commit()
    await older.close()
    await settled(connection)
    assert [kind for kind, _ in await feed.kinds()] == ["CREATED", "CREATED", "UPDATED"]  # by age of the transactions
    answer = await api.post("/graphql", json={"query": FEED, "variables": {"first": 9}}, headers=headers)
    nodes = answer.json()["data"]["productChanges"]["nodes"]
    assert [node["product"]["productName"] for node in nodes] == ["Back"] * 3  # or a copy would end without it


async def test_events_of_others_are_passed_over(connection: Connection, feed: Feed) -> None:
    await connection.execute(
        "INSERT INTO events (type, entity, entity_id) VALUES ('brand.created', 'brand', 'a'), ('product.claimed',"
        " 'product', 'b')"
    )
    await settled(connection)
    page = await feed.page()
    assert (page.nodes, page.end_cursor, page.has_more) == ([], None, False)


async def test_a_page_does_not_read_all_products(connection: Connection) -> None:
    await connection.execute(
        """INSERT INTO products (id, gtin, data_source) SELECT lpad(n::text, 12), lpad(n::text, 14, '0'), 'claimed'
        FROM generate_series(1, 500) AS n"""
    )
    await connection.execute(
        """INSERT INTO events (type, entity, entity_id, data) SELECT 'product.deleted', 'product', 'x',
        jsonb_build_object('gtin', lpad(n::text, 14, '0')) FROM generate_series(1, 20000) AS n"""
    )
    await connection.execute("ANALYZE products, events")
    values: dict[str, Any] = {"transaction": "0", "id": 0, "most": 101}
    plan = await connection.fetch(f"EXPLAIN {PAGE.sql}", *PAGE.arguments(values))
    reads = [place for place, row in enumerate(plan) if " on products" in row[0]]
    assert [plan[place + 1][0].strip() for place in reads] == ["Index Cond: (gtin = (events.data ->> 'gtin'::text))"]


async def test_pages_have_the_size_that_was_asked_for(connection: Connection, feed: Feed) -> None:
    for number in range(5):
        await make.product(connection, number)
    await settled(connection)
    after: str | None = None
    found: list[str] = []
    for expected in (2, 2, 1):
        page = await feed.page(after, 2)
        assert (len(page.nodes), page.has_more) == (expected, expected == 2)
        after, found = page.end_cursor, [*found, *(node.gtin for node in page.nodes)]
    assert found == [make.make_gtin(number) for number in range(5)]


def cursor_of(*parts: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "AAAA", "é", "bnVsbA", cursor_of("a", "-1", 0), cursor_of("a", str(2**64), 1), cursor_of("a", "1", -1),
     cursor_of(1, "1", 1), cursor_of("a", "1", "1"), cursor_of("a", [], 1), cursor_of("a", "1", None),
     cursor_of("a", "1", 2**63), cursor_of("a", "1", 1, 1), cursor_of("a", "1", 1.5), cursor_of("a", "1", 1)[:-3]],
)  # fmt: skip
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_cursor(cursor)
    assert caught.value.details == [{"field": "after", "message": "is not a cursor of this feed"}]


async def test_a_cursor_of_another_database_is_refused(connection: Connection, feed: Feed) -> None:
    await make.product(connection, 1)
    await settled(connection)
    (node,) = (await feed.page()).nodes
    origin, transaction, number = read_cursor(node.cursor)
    assert len(origin) == 8
    with pytest.raises(Invalid) as caught:
        await feed.page(write_cursor("00000000", transaction, number))
    message = "is a cursor of another database, or of the time before a backup: begin without one"
    assert caught.value.details == [{"field": "after", "message": message}]


async def test_rest(connection: Connection, api: Client) -> None:
    account = await make.account(connection)
    headers = {"X-API-Key": account.key}
    brand = await make.brand(connection, "Example")
    one = await make.product(connection, 1, brand_id=brand)
    await make.product(connection, 2)
    await settled(connection)
    first = (await api.get(REST, params={"page_size": 1}, headers=headers)).json()
    assert list(first) == ["data", "next_cursor", "has_more"]
    (change,) = first["data"]
    product = (await api.get(f"/products/api/v1/products/{make.make_gtin(1)}", headers=headers)).json()
    assert (change["kind"], change["gtin"], change["product_id"]) == ("created", make.make_gtin(1), one)
    assert change["product"] == product
    assert product["brand"] == "Example"
    assert first["has_more"]
    await connection.execute("DELETE FROM products WHERE gtin = $1", make.make_gtin(2))
    await settled(connection)
    rest = (await api.get(f"{REST}/", params={"after": first["next_cursor"]}, headers=headers)).json()
    assert [(c["kind"], c["gtin"], c["product"]) for c in rest["data"]] == [
        ("created", make.make_gtin(2), None),
        ("deleted", make.make_gtin(2), None),
    ]
    assert not rest["has_more"]
    assert (await api.get(REST)).status_code == 401
    for bad in ({"page_size": 0}, {"page_size": 1001}, {"after": "nonsense"}):
        assert (await api.get(REST, params=bad, headers=headers)).status_code == 422


# --- a consumer that is killed at any point, while others write


class Killed(Exception):
    pass


class Consumer:
    """Keeps a copy by GTIN. What it has stored survives its death, wherever that comes."""

    def __init__(self, api: Client, headers: dict[str, str], chance: random.Random) -> None:
        self.api, self.headers, self.chance = api, headers, chance
        self.copy: dict[str, Any] = {}
        self.cursor: str | None = None
        self.deaths = 0

    def die(self) -> None:
        if self.chance.random() < 0.02:
            self.deaths += 1
            raise Killed

    async def run(self) -> None:
        """Reads to the end."""
        while True:
            size = self.chance.choice((1, 7, 40))
            variables = {"after": self.cursor, "first": size}
            answer = await self.api.post("/graphql", json={"query": FEED, "variables": variables}, headers=self.headers)
            page = answer.json()["data"]["productChanges"]
            for change in page["nodes"]:
                self.die()
                if change["product"]:
                    self.copy[change["gtin"]] = change["product"]
                else:
                    self.copy.pop(change["gtin"], None)
            self.die()
            self.cursor = page["endCursor"]
            if not page["hasMore"]:
                return


async def writer(url: str, chance: random.Random) -> None:
    """Forty transactions of one to four changes among twenty GTINs; some are held open, some rolled back."""
    connection = await connect(url)
    for _ in range(40):
        transaction = connection.transaction()
        await transaction.start()
        try:
            for number in sorted(chance.sample(range(20), chance.randint(1, 4))):
                await change(connection, number, chance)
        except asyncpg.UniqueViolationError:
            await transaction.rollback()
            continue
        await asyncio.sleep(chance.choice((0, 0, 0.01, 0.05)))
        await (transaction.commit if chance.random() < 0.9 else transaction.rollback)()
    await connection.close()


async def change(connection: Connection, number: int, chance: random.Random) -> None:
    gtin = make.make_gtin(number)
    id = await connection.fetchval("SELECT id FROM products WHERE gtin = $1 FOR UPDATE", gtin)
    if id is None:
        new = make.make_id(chance.randrange(10**12))
        await make.product(connection, number, id=new, product_name=f"Name {chance.random()}")
    elif chance.random() < 0.3:
        await connection.execute("DELETE FROM products WHERE id = $1", id)
    elif chance.random() < 0.3:
        await make.insert(
            connection, "ingredients", id=make.make_id(chance.randrange(10**12)), product_id=id, name="Oats"
        )
    else:
        await connection.execute("UPDATE products SET product_name = $2 WHERE id = $1", id, str(chance.random()))


@pytest.mark.parametrize("seed", range(3))
async def test_a_copy_is_exact_whatever_it_is_killed_at(
    connection: Connection, api: Client, database_url: str, seed: int
) -> None:
    chance = random.Random(seed)
    headers = {"X-API-Key": (await make.account(connection, per_minute=100_000, per_day=100_000)).key}
    consumer = Consumer(api, headers, chance)

    async def follow(until: asyncio.Event) -> None:
        last = False
        while not last:
            last = until.is_set()
            try:
                await consumer.run()
            except Killed:
                last = False
            await asyncio.sleep(0.01)

    done = asyncio.Event()
    following = asyncio.create_task(follow(done))
    await asyncio.gather(*(writer(database_url, random.Random(f"{seed} {n}")) for n in range(4)))
    await settled(connection)
    done.set()
    await following
    query = (
        "{ products(pageSize: 100) { nodes { gtin productName isClaimed brand { name } allIngredients { name } } } }"
    )
    answer = await api.post("/graphql", json={"query": query}, headers=headers)
    there = {product["gtin"]: product for product in answer.json()["data"]["products"]["nodes"]}
    assert len(there) > 5
    assert consumer.copy == there
    assert consumer.deaths > 3
    assert await connection.fetchval("SELECT count(*) FROM events WHERE type = 'product.deleted'") > 5
