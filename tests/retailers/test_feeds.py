"""Offer feeds: what a file comes to, again and again, at once and interrupted."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from obstore.store import LocalStore

from closient_gql.adapters.storage import ObjectStorage
from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.errors import NotFound
from closient_gql.core.models.offer_feeds import FeedFormat, OfferFeed
from closient_gql.core.models.retailers import OfferSource
from resolvers.context import Context
from resolvers.retailers import feed_run
from resolvers.retailers.feed_run import take_feed
from resolvers.retailers.feeds import Sent, send
from tests import make
from tests.retailers.stores import Shop, ndjson, offers, shop, table

NO_STORE = "is not a store of your organization, or not the one that its inventory source speaks for"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 5)
    yield found
    await found.close()


class Till:
    """Sends feeds for one shop, and takes them in at once."""

    def __init__(self, shop: Shop, database: Database, folder: Path) -> None:
        self.shop, self.database = shop, database
        self.storage = ObjectStorage(LocalStore(folder, mkdir=True), attributes=False)

    async def send(self, data: bytes, format: FeedFormat = FeedFormat.CSV, **sent: Any) -> OfferFeed:
        ctx = Context(Reader(self.database), self.shop.viewer)
        return await send(ctx, self.storage, Sent(self.shop.id, format, **sent), data)

    async def take(self, data: bytes, format: FeedFormat = FeedFormat.CSV, **sent: Any) -> OfferFeed:
        feed = await self.send(data, format, **sent)
        done = await take_feed(self.database, self.storage, feed.id)
        assert done is not None
        return done


def counts(feed: OfferFeed) -> tuple[int, ...]:
    """Rows processed; created, updated, unchanged, outranked, wrong."""
    names = ("processed_rows", "created_count", "updated_count", "unchanged_count", "outranked_count", "error_count")
    return tuple(getattr(feed, name) for name in names)


@pytest.fixture
async def till(connection: Connection, database: Database, tmp_path: Path) -> Till:
    for number in range(4):
        await make.product(connection, number)
    return Till(await shop(connection, [(39.29, -76.61), (47.14, 9.52)]), database, tmp_path / "files")


async def errors(connection: Connection, feed: OfferFeed) -> list[tuple[int, str | None, str]]:
    rows = await connection.fetch(
        'SELECT line, "column", message FROM offer_feed_errors WHERE feed_id = $1 ORDER BY line', feed.id
    )
    return [tuple(row) for row in rows]


async def test_a_table_becomes_offers(till: Till, connection: Connection) -> None:
    begun = datetime.now(UTC)
    feed = await till.take(
        table(
            {"gtin": make.make_gtin(0), "store_number": "1", "sku": "A-1", "price": "5.99", "quantity": "7",
             "aisle": "12", "store_pickup_available": "yes"},
            {"gtin": make.make_gtin(0), "store_number": "2", "sku": "A-1"},
        )
    )  # fmt: skip
    assert (feed.state, feed.source, counts(feed)) == ("done", "manual", (2, 2, 0, 0, 0, 0))
    first, second = sorted(await offers(connection), key=lambda o: o["price"] is None)
    assert (first["physical_store_id"], first["organization_id"]) == (till.shop.store_ids[0], till.shop.id)
    assert (first["price"], first["quantity_on_hand"], first["aisle"]) == (Decimal("5.99"), 7, "12")
    assert first["store_pickup_available"] is True
    assert begun <= first["inventory_synced_at"] == feed.as_of <= datetime.now(UTC)
    assert (first["source"], first["source_priority"], first["status"]) == ("manual", 20, "active")
    assert (second["price"], second["quantity_on_hand"], second["aisle"]) == (None, None, "")
    synced = await connection.fetch("SELECT last_inventory_sync FROM locations")
    assert [row[0] for row in synced] == [feed.as_of] * 2
    points = "SELECT count(*) FROM in_store_offers o JOIN physical_stores s ON s.id = physical_store_id" \
        " JOIN locations l ON l.id = location_id WHERE o.point = l.point"  # fmt: skip
    assert await connection.fetchval(points) == 2


async def test_the_same_feed_twice_changes_nothing(till: Till, connection: Connection) -> None:
    rows = [{"gtin": make.make_gtin(n), "store_number": 1 + n % 2, "price": n, "status": "active"} for n in range(4)]
    data = table(*rows)
    first = await till.take(data)
    then = await offers(connection)
    again = await till.take(data, as_of=first.as_of)
    assert counts(again) == (4, 0, 0, 4, 0, 0)
    assert await offers(connection) == then
    later = await till.take(data)  # it says once more that it is so
    assert counts(later) == (4, 0, 0, 4, 0, 0)
    new = {"inventory_synced_at": later.as_of}
    assert await offers(connection) == [offer | new for offer in then]
    assert await connection.fetchval("SELECT count(*) FROM in_store_price_changes") == 0


async def test_what_a_row_is_silent_about_stays(till: Till, connection: Connection) -> None:
    key = {"gtin": make.make_gtin(0), "store_number": 1}
    await till.take(ndjson(key | {"price": 1.5, "quantity_on_hand": 3, "aisle": "7"}), FeedFormat.NDJSON)
    feed = await till.take(ndjson(key | {"price": None, "quantity_on_hand": 0, "aisle": ""}), FeedFormat.NDJSON)
    (found,) = await offers(connection)
    assert counts(feed) == (1, 0, 1, 0, 0, 0)
    assert (found["price"], found["quantity_on_hand"], found["aisle"]) == (Decimal("1.5"), 0, "7")


async def test_online_offers(till: Till, connection: Connection) -> None:
    key = {"gtin": make.make_gtin(1), "online_store_id": till.shop.online_id, "sku": "B00X"}
    said = {"url": "https://shop.example.org/1", "price": "12.50", "stock_level": "low_stock",
            "delivery_countries": "US ca", "shipping_cost": 4, "lead_time_days": 2}  # fmt: skip
    assert counts(await till.take(table(key | said))) == (1, 1, 0, 0, 0, 0)
    (found,) = await offers(connection, "online")
    assert (found["url"], found["price"], found["stock_level"]) == (said["url"], Decimal("12.5"), "low_stock")
    assert (found["delivery_countries"], found["shipping_cost"], found["lead_time_days"]) == (["CA", "US"], 4, 2)
    assert (found["fulfillment_type"], found["min_order_quantity"], found["status"]) == ("standard", 1, "active")
    assert counts(await till.take(table(key | said | {"price": 13}))) == (1, 0, 1, 0, 0, 0)
    history = await connection.fetchrow("SELECT old_price, new_price, currency, source FROM online_price_changes")
    assert tuple(history or ()) == (Decimal("12.5"), Decimal(13), "USD", "manual")


async def test_rows_that_are_wrong_are_told_and_left_out(till: Till, connection: Connection) -> None:
    good, store = make.make_gtin(0), {"store_number": 1}
    other = await shop(connection)
    rows: list[dict[str, Any]] = [
        {"gtin": good} | store,
        {"gtin": good[:-1] + str((int(good[-1]) + 1) % 10)} | store,
        {"gtin": make.make_gtin(99)} | store,
        {"gtin": good},
        {"gtin": good, "physical_store_id": other.store_ids[0]},
        {"gtin": good, "store_number": 1, "online_store_id": till.shop.online_id},
        {"gtin": good, "sku": "x", "price": -1} | store,
        {"gtin": good, "sku": "x", "price": "NaN"} | store,
        {"gtin": good, "sku": "x", "quantity_on_hand": 1.5} | store,
        {"gtin": good, "sku": "x", "status": "sold"} | store,
        {"gtin": good, "sku": "x", "url": "https://example.org"} | store,
        {"gtin": good, "sku": "x\0"} | store,
        {"gtin": ["1"]} | store,
        {"gtin": good} | store,
        {"gtin": good, "sku": "x", "quantity": 1, "stock": 2} | store,
        {"gtin": good, "sku": "x", "price": 1, "price_currency": "EUR"} | store,
        {"gtin": good, "sku": "x", "price": 1, "currency": "XYZ"} | store,
        {"gtin": good, "sku": "x", "price": 1, "currency": "usd"} | store,
    ]
    feed = await till.take(ndjson(*rows) + b'{"gtin": "0\n[]\n', FeedFormat.NDJSON)
    assert (feed.state, counts(feed)) == ("done", (20, 2, 0, 0, 0, 18))
    one_of = "must name one store, by one of physical_store_id, store_number, online_store_id"
    found = await errors(connection, feed)
    assert found[:-2] == [
        (2, "gtin", found[0][2]),
        (3, "gtin", "is not a product that is known here"),
        (4, None, one_of),
        (5, "physical_store_id", NO_STORE),
        (6, "store_number", one_of),
        (7, "price", "must be 0 to 999999999999"),
        (8, "price", "must be a number such as 5.99"),
        (9, "quantity_on_hand", "must be a whole number"),
        (10, "status", "must be one of active, discontinued, seasonal, out_of_stock"),
        (11, "url", "is of online offers only"),
        (12, "sku", "must not contain the null character"),
        (13, "gtin", "must be a GTIN written as a string of 8, 12, 13 or 14 digits"),
        (14, None, "is about the same offer as line 1"),
        (15, "stock", "says the same as quantity: quantity_on_hand must be said once"),
        (16, "price_currency", "must be USD: the store decides it"),
        (17, "currency", "must be a currency code, such as EUR (ISO 4217)"),
    ]
    assert found[0][2].startswith("has a wrong check digit")
    assert [(line, column) for line, column, _ in found[-2:]] == [(19, None), (20, None)]
    assert found[-2][2].startswith("is not JSON")
    assert found[-1][2] == "must be a JSON object"


async def test_offers_that_a_feed_makes_or_changes_are_events(till: Till, connection: Connection) -> None:
    """One for each, as if a person had written it: what a piece that is cut leaves is as little as its rows."""
    first, second = ({"gtin": make.make_gtin(n), "store_number": 1} for n in range(2))
    web = {"gtin": make.make_gtin(2), "online_store_id": till.shop.online_id, "stock_level": "out_of_stock"}

    async def told(*rows: dict[str, Any]) -> list[Any]:
        await connection.execute("DELETE FROM events")
        feed = await till.take(ndjson(*rows), FeedFormat.NDJSON)
        found = await connection.fetch(
            "SELECT type, organization_id, p.gtin, data - 'product_id' AS data FROM events e"
            " JOIN (SELECT id, product_id FROM in_store_offers UNION SELECT id, product_id FROM online_offers) o"
            " ON o.id = entity_id AND product_id = data->>'product_id' JOIN products p ON p.id = product_id"
            " WHERE entity = 'offer' ORDER BY gtin"
        )
        assert len(found) == feed.created_count + feed.updated_count
        assert {row["organization_id"] for row in found} <= {till.shop.id}
        return [(row["type"], row["gtin"], row["data"]) for row in found]

    in_store, online = {"kind": "in_store_offer"}, {"kind": "online_offer"}
    assert await told(first | {"price": 5.99, "quantity": 0}, second | {"price": 1}, web, {"gtin": "1"}) == [
        ("offer.created", first["gtin"], in_store), ("offer.created", second["gtin"], in_store),
        ("offer.created", web["gtin"], online),
    ]  # fmt: skip
    dropped = {"price": {"old": "5.99", "new": "4.5"}, "quantity_on_hand": {"old": 0, "new": 3}}
    back = {"stock_level": {"old": "out_of_stock", "new": "in_stock"}}
    again = await told(
        first | {"price": "4.50", "quantity": 3}, second | {"price": 1}, web | {"stock_level": "in_stock"}
    )
    assert again == [
        ("offer.updated", first["gtin"], in_store | {"changes": dropped}),
        ("offer.updated", web["gtin"], online | {"changes": back}),
    ]
    assert await told(second | {"aisle": "7"}) == [("offer.updated", second["gtin"], in_store | {"changes": {}})]


async def test_a_source_of_one_store_speaks_for_that_one(till: Till, connection: Connection) -> None:
    gtin, online = make.make_gtin(0), till.shop.online_id
    names: list[dict[str, Any]] = [{"store_number": 1}, {"store_number": 2}, {"online_store_id": online}]
    data = ndjson(*({"gtin": gtin} | name for name in names))
    first, second, third = ((line, *name, NO_STORE) for line, name in enumerate(names, 1))
    for of, others in (({"physical_store_id": till.shop.store_ids[1]}, [first, third]),
                       ({"online_store_id": online}, [first, second])):  # fmt: skip
        source = await make.insert(connection, "inventory_sources", organization_id=till.shop.id, name="Till", **of)
        feed = await till.take(data, FeedFormat.NDJSON, inventory_source_id=source)
        assert counts(feed) == (3, 1, 0, 0, 0, 2)
        assert await errors(connection, feed) == others


async def test_a_feed_that_cannot_be_noted_leaves_no_file(till: Till, connection: Connection, tmp_path: Path) -> None:
    await connection.execute("UPDATE organizations SET deleted_at = now()")
    with pytest.raises(NotFound):
        await till.send(table({"gtin": make.make_gtin(0), "store_number": 1}))
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


async def test_sources_that_disagree(till: Till, connection: Connection) -> None:
    """The whole way; all cases of the rule: test_reconciliation."""
    now = datetime.now(UTC) - timedelta(minutes=10)
    key = {"gtin": make.make_gtin(0), "store_number": 1}

    async def say(price: int, source: OfferSource, hours: float) -> tuple[int, ...]:
        as_of = now - timedelta(hours=hours)
        return counts(await till.take(table(key | {"price": price}), source=source, as_of=as_of))

    async def shown() -> tuple[int, str]:
        (found,) = await offers(connection)
        return int(found["price"]), found["source"]

    assert await say(1, OfferSource.SCRAPE, 60) == (1, 1, 0, 0, 0, 0)
    assert await say(2, OfferSource.POS_SYNC, 50) == (1, 0, 1, 0, 0, 0)
    assert await say(3, OfferSource.SCRAPE, 49) == (1, 0, 0, 0, 1, 0)
    assert await shown() == (2, "pos_sync")
    assert await say(4, OfferSource.SCRAPE, 1) == (1, 0, 1, 0, 0, 0)  # the till was silent for two days
    assert await shown() == (4, "scrape")
    assert await say(5, OfferSource.SCRAPE, 2) == (1, 0, 0, 0, 1, 0)  # comes late
    assert await say(6, OfferSource.POS_SYNC, 1) == (1, 0, 1, 0, 0, 0)
    history = await connection.fetch("SELECT old_price, new_price FROM in_store_price_changes ORDER BY created")
    assert [tuple(row) for row in history] == [(1, 2), (2, 4), (4, 6)]


async def test_a_feed_that_is_cut_goes_on_where_it_was(
    till: Till, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_run, "PIECE", 2)
    rows = [{"gtin": make.make_gtin(n), "store_number": 1 + m, "price": 1} for n in range(4) for m in range(2)]
    rows[5] = {"gtin": "1", "store_number": 1}
    feed = await till.send(table(*rows))
    taken, original = [], feed_run.Taking.run

    async def dying(self: Any, some: Any) -> None:
        await original(self, some)
        taken.append(len(some))
        if len(taken) == 3:
            raise RuntimeError("the power is gone")

    monkeypatch.setattr(feed_run.Taking, "run", dying)
    with pytest.raises(RuntimeError):
        await take_feed(till.database, till.storage, feed.id)
    half = await connection.fetchrow("SELECT state, processed_rows, error_count FROM offer_feeds")
    assert tuple(half or ()) == ("running", 4, 0)  # the third piece left nothing
    monkeypatch.setattr(feed_run, "PIECE", 3)  # also by a version with other pieces
    done = await take_feed(till.database, till.storage, feed.id)
    assert done
    assert (done.state, counts(done)) == ("done", (8, 7, 0, 0, 0, 1))
    assert taken == [2, 2, 2, 2, 2]  # what is left of the piece that begins before
    assert len(await offers(connection)) == 7
    assert await errors(connection, done) == [(7, "gtin", "must be a GTIN of 8, 12, 13 or 14 digits")]
    with pytest.raises(KeyError):
        await till.storage.get(feed.file_key)
    assert await take_feed(till.database, till.storage, feed.id) == done  # a job may run twice


async def test_two_feeds_that_write_the_same_offers_at_once(
    till: Till, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_run, "PIECE", 3)
    now = datetime.now(UTC)
    rows = [
        {"gtin": make.make_gtin(n), "store_number": 1 + m, "sku": s} for n in range(4) for m in range(2) for s in "ab"
    ]
    feeds = [
        await till.send(table(*({**row, "price": price} for row in order)), as_of=now - timedelta(seconds=10 - price))
        for price, order in ((1, rows), (2, rows[::-1]), (3, rows[8:] + rows[:8]))
    ]
    done = await asyncio.gather(*(take_feed(till.database, till.storage, feed.id) for feed in feeds))
    assert [feed and feed.state for feed in done] == ["done"] * 3
    assert sum(feed.created_count for feed in done if feed) == 16
    assert [feed and (feed.processed_rows, feed.error_count) for feed in done] == [(16, 0)] * 3
    assert [offer["price"] for offer in await offers(connection)] == [3] * 16  # the latest, whoever came last


async def test_one_feed_taken_in_by_two_processes_at_once(
    till: Till, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_run, "PIECE", 1)
    data = table(*({"gtin": make.make_gtin(n), "store_number": 1} for n in range(4)))
    feed = await till.send(data)
    same = await till.send(data)
    assert same.id == feed.id  # sent again because no answer came
    assert (await till.send(data, as_of=feed.as_of)).id == feed.id
    later = await till.send(data, as_of=feed.as_of + timedelta(microseconds=1))  # says that it is still so
    assert later.id != feed.id
    await connection.execute("DELETE FROM offer_feeds WHERE id = $1", later.id)
    await asyncio.gather(*(take_feed(till.database, till.storage, feed.id) for _ in range(3)))
    assert len(await offers(connection)) == 4
    row = await connection.fetchrow(
        "SELECT processed_rows, created_count, updated_count, unchanged_count FROM offer_feeds"
    )
    assert tuple(row or ()) == (4, 4, 0, 0)


async def test_what_is_deleted_meanwhile(till: Till, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = await till.send(table(*({"gtin": make.make_gtin(n), "store_number": n} for n in (1, 2))))
    original = feed_run.Run.known_stores

    async def known(self: Any) -> Any:
        found = await original(self)
        await connection.execute("DELETE FROM physical_stores WHERE number = '1'")
        await connection.execute("DELETE FROM products WHERE gtin = $1", make.make_gtin(2))
        return found

    monkeypatch.setattr(feed_run.Run, "known_stores", known)
    done = await take_feed(till.database, till.storage, feed.id)
    assert done
    assert (done.state, counts(done)) == ("done", (2, 0, 0, 0, 0, 2))
    assert [each[1:] for each in await errors(connection, done)] == [
        (None, "its store was deleted"), ("gtin", "is not a product that is known here"),
    ]  # fmt: skip


async def test_offers_follow_their_place(till: Till, connection: Connection) -> None:
    await till.take(table({"gtin": make.make_gtin(0), "store_number": 1}))
    where = "SELECT st_y(point::geometry), st_x(point::geometry) FROM in_store_offers"
    await connection.execute("UPDATE locations SET latitude = 1 WHERE id = $1", till.shop.location_ids[0])
    assert tuple(await connection.fetchrow(where) or ()) == (1, -76.61)
    await connection.execute("UPDATE physical_stores SET number = '', location_id = $1 WHERE number = '2'",
                             till.shop.location_ids[1])  # fmt: skip
    third = await connection.fetchval("INSERT INTO locations (id, name, country, latitude, longitude)"
                                      " VALUES ('aaaaaaaaaaaa', 'x', 'US', 2, 3) RETURNING id")  # fmt: skip
    await connection.execute("UPDATE physical_stores SET location_id = $1 WHERE number = '1'", third)
    assert tuple(await connection.fetchrow(where) or ()) == (2, 3)
