"""Offer feeds over REST and the command line: sent, killed, resumed, asked about."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import pytest

from closient_gql.adapters.storage import storage_of
from closient_gql.core.db import Connection, Database
from closient_gql.core.settings import settings
from closient_gql.server.worker import JOBS
from resolvers.retailers.feeds import JOB
from tests import make
from tests.conftest import Client
from tests.retailers import stores
from tests.retailers.stores import Shop, table
from tests.retailers.world import API, details

CSV = {"Content-Type": "text/csv"}


@pytest.fixture
async def shop(connection: Connection) -> Shop:
    return await stores.shop(connection)


def row(number: int, **values: object) -> dict[str, object]:
    return {"gtin": make.make_gtin(number), "store_number": 1} | values


async def work(connection: Connection, database_url: str) -> None:
    """Does the jobs that wait."""
    database = Database(database_url, 3)
    for job in await connection.fetch("DELETE FROM pgqueuer WHERE entrypoint = $1 RETURNING payload", JOB):
        await JOBS[JOB](database, {"id": job["payload"].decode()[7:19]})
    await database.close()


async def test_a_feed_is_sent_and_asked_about(
    api: Client, connection: Connection, shop: Shop, database_url: str
) -> None:
    for number in (1, 2):
        await make.product(connection, number)
    api.headers["X-API-Key"] = shop.account.key
    data = table(row(1, price="1.50"), row(2, price="x"), row(3))
    path = f"{API}/organizations/{shop.id}/offer-feeds"
    answer = await api.post(f"{path}?source=pos_sync&as_of=2026-01-02T03:04:05Z", content=data, headers=CSV)
    assert answer.status_code == 202, answer.text
    sent = answer.json()
    assert answer.headers["Location"] == f"{API}/offer-feeds/{sent['id']}"
    assert (sent["state"], sent["total_rows"], sent["processed_rows"]) == ("queued", 3, 0)
    assert (sent["source"], sent["source_priority"], sent["as_of"]) == ("pos_sync", 10, "2026-01-02T03:04:05Z")
    found = (await api.get(answer.headers["Location"])).json()
    assert found.pop("errors") == []
    assert found == sent  # the same schema, written twice
    again = await api.post(f"{path}?source=pos_sync", files={"file": ("f.csv", data)})
    assert again.json()["id"] == sent["id"]
    await work(connection, database_url)
    done = (await api.get(answer.headers["Location"])).json()
    assert [done[name] for name in ("state", "failure", "processed_rows", "created_count", "error_count")] == [
        "done", "", 3, 1, 2,
    ]  # fmt: skip
    wrong = [
        {"line": 3, "column": "price", "message": "must be a number such as 5.99"},
        {"line": 4, "column": "gtin", "message": "is not a product that is known here"},
    ]
    assert done["errors"] == wrong
    page = (await api.get(f"{API}/offer-feeds/{sent['id']}/errors?page_size=1&page=2")).json()
    assert (page["data"], page["pagination"]["total_count"]) == (wrong[1:], 2)
    listed = (await api.get(path)).json()
    assert [feed["id"] for feed in listed["data"]] == [sent["id"]]
    (offer,) = (await api.get(f"{API}/organizations/{shop.id}/in-store-offers")).json()["data"]
    assert (offer["price"], offer["source"]) == ({"amount": "1.50", "currency": "USD"}, "pos_sync")
    assert offer["inventory_confidence"] == "stale"
    await api.put(f"{API}/in-store-offers/{offer['id']}", json={"price": 2})
    history = (await api.get(f"{API}/in-store-offers/{offer['id']}/price-history")).json()
    assert [(each["old_price"]["amount"], each["new_price"]["amount"]) for each in history["data"]] == [
        ("1.50", "2.00")
    ]
    around = await api.get(f"{API}/products/{make.make_gtin(1)}/availability?lat=39.29&lon=-76.61")
    assert [store["physical_store_id"] for store in around.json()["stores"]] == shop.store_ids


async def test_what_is_refused(api: Client, connection: Connection, shop: Shop) -> None:
    path, good = f"{API}/organizations/{shop.id}/offer-feeds", table(row(1))
    key = {"X-API-Key": shop.account.key}

    async def send(content: bytes, query: str = "", **headers: str) -> tuple[int, object]:
        answer = await api.post(path + query, content=content, headers=CSV | key | headers)
        return answer.status_code, details(answer) if answer.status_code == 422 else answer.json()["error"]["code"]

    assert await send(good, **{"X-API-Key": ""}) == (401, "UNAUTHORIZED")
    stranger = await make.account(connection)
    assert await send(good, **{"X-API-Key": stranger.key}) == (404, "NOT_FOUND")
    assert await send(good, **{"Content-Type": "application/json"}) == (415, "BAD_REQUEST")
    assert await send(b"PK\x03\x04") == (415, "BAD_REQUEST")
    assert await send(b"") == (422, [("file", "is empty")])
    assert await send(b"gtin,store_number\n") == (422, [("file", "has no rows")])
    names = "one of physical_store_id, store_number, online_store_id"
    no_store = f"has no column that says the store in its header, line 1: {names}"
    assert await send(b"gtin,price\n1,2\n") == (422, [("file", no_store)])
    twice = "has two columns for gtin in its header, line 1"
    assert await send(b"gtin,ean,store\n1,2,3\n") == (422, [("file", twice)])
    status, found = await send("gtin,store\nä,1\n".encode("latin-1"))
    assert (status, str(found)[:34]) == (422, "[('file', 'is not UTF-8: byte 0xE4")
    assert await send(b"gtin,store\n" + b"1,2\n" * 100_001) == (413, "BAD_REQUEST")
    assert await send(good, "?source=rumour") == (
        422,
        [("source", "must be one of brand, affiliate_feed, scrape, pos_sync, manual, user_feedback")],
    )
    assert await send(good, "?as_of=2999-01-01T00:00:00Z") == (422, [("as_of", "must not be in the future")])
    assert await send(good, "?inventory_source_id=aaaaaaaaaaaa") == (
        422, [("inventory_source_id", "is not an inventory source of the organization")],
    )  # fmt: skip
    assert await connection.fetchval("SELECT count(*) FROM offer_feeds") == 0


async def test_a_feed_is_the_organizations_own(api: Client, connection: Connection, shop: Shop) -> None:
    path, data = f"{API}/organizations/{shop.id}/offer-feeds", table(row(1))
    own = await api.post(path, content=data, headers=CSV | {"X-API-Key": shop.account.key})
    stranger = {"X-API-Key": (await make.account(connection)).key}
    for each in (path, f"{API}/offer-feeds/{own.json()['id']}", f"{API}/offer-feeds/{own.json()['id']}/errors"):
        assert (await api.get(each, headers=stranger)).status_code == 404


async def test_an_inventory_source_ranks_and_hears_of_its_feed(
    api: Client, connection: Connection, shop: Shop, database_url: str
) -> None:
    await make.product(connection, 1)
    source = await make.insert(
        connection, "inventory_sources", organization_id=shop.id, name="Till", source="pos_sync", source_priority=5,
        status="error", last_error="no line",
    )  # fmt: skip
    path = f"{API}/organizations/{shop.id}/offer-feeds?inventory_source_id={source}"
    api.headers["X-API-Key"] = shop.account.key
    sent = (await api.post(path, content=table(row(1)), headers=CSV)).json()
    assert (sent["source"], sent["source_priority"], sent["inventory_source_id"]) == ("pos_sync", 5, source)
    await work(connection, database_url)
    found = await connection.fetchrow("SELECT status, last_error, last_sync_at FROM inventory_sources")
    as_of = await connection.fetchval("SELECT as_of FROM offer_feeds")
    assert tuple(found or ()) == ("active", "", as_of)
    wrong = await api.post(path + "&source=scrape", content=table(row(1)), headers=CSV)
    assert details(wrong) == [("source", "is pos_sync for this inventory source")]
    await connection.execute("UPDATE inventory_sources SET status = 'paused'")
    paused = await api.post(path, content=table(row(1)), headers=CSV)
    assert details(paused) == [("inventory_source_id", "is paused: make it active before it feeds offers")]


LOAD = """
import sys
from resolvers.retailers import feed_run
feed_run.PIECE = 10  # so that there is time to kill it
from closient_gql.server.cli import main
sys.argv = ["closient", "feed", "load", *sys.argv[1:]]
main()
"""


async def test_a_feed_that_is_killed_goes_on(
    connection: Connection, shop: Shop, database_url: str, tmp_path: Path
) -> None:
    """kill -9 in the middle: nothing is lost, nothing doubled."""
    for number in range(100):
        await make.product(connection, number)
    rows = [row(n % 100, sku=f"s{n // 100}", price=n) for n in range(2_000)]
    rows[1_500] = row(0, sku="x", price="x")
    file = tmp_path / "offers.csv"
    file.write_bytes(table(*rows))
    command = [sys.executable, "-c", LOAD, str(file), "--org", shop.id, "--source", "pos_sync"]
    environment = {**os.environ, "DATABASE_URL": database_url}

    async def load() -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(*command, env=environment, stdout=pipe, stderr=pipe)

    process = await load()
    watch = await asyncpg.connect(database_url)
    while not (done := await watch.fetchval("SELECT processed_rows FROM offer_feeds")):
        assert process.returncode is None
        await asyncio.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    state = await watch.fetchrow("SELECT state, processed_rows, created_count FROM offer_feeds")
    assert state is not None
    assert (state["state"], done <= state["processed_rows"] < 2_000) == ("running", True)
    assert state["created_count"] == await watch.fetchval("SELECT count(*) FROM in_store_offers")
    process = await load()  # the same command
    out, err = await process.communicate()
    assert process.returncode == 0, err
    found = await watch.fetchrow("SELECT * FROM offer_feeds")
    await watch.close()
    assert found is not None
    assert (found["state"], found["processed_rows"], found["created_count"], found["error_count"]) == (
        "done", 2_000, 1_999, 1,
    )  # fmt: skip
    assert (found["updated_count"], found["unchanged_count"], found["outranked_count"]) == (0, 0, 0)
    assert await connection.fetchval("SELECT count(*) FROM in_store_offers") == 1_999
    assert "done: 2,000 of 2,000 rows: 1,999 created, 0 updated, 0 unchanged, 0 outranked, 1 wrong" in out.decode()
    assert "line 1502: price must be a number such as 5.99" in err.decode()
    with pytest.raises(KeyError):
        await storage_of(settings()).get(found["file_key"])
