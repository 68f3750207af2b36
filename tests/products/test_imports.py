"""The CSV import: what becomes of each row, and what a crash leaves (nothing)."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import strategies as st

from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.models.account import KeyKind, MemberRole
from resolvers.context import Context
from resolvers.products.imports import ProductImport, import_file
from resolvers.viewer import Viewer
from tests import make
from tests.conftest import Client
from tests.outbox.processes import until
from tests.products.files import gtin, written

URL = "/products/api/v1/import/csv"
CELLS = st.text(st.characters(codec="utf-8") | st.sampled_from("\"',;\t|\r\n= "), max_size=12)


class Shop:
    """A brand organization that imports."""

    def __init__(self, database: Database, account: make.Account, role: MemberRole = MemberRole.EDITOR) -> None:
        self.database, self.organization, self.key = database, account.organization_id, account.key
        self.viewer = Viewer(KeyKind.USER, account.key_id, None, account.user_id, None, {self.organization: role})

    async def send(self, *rows: Any) -> ProductImport:
        return await import_file(Context(Reader(self.database), self.viewer), written(*rows).encode())


def counts(done: ProductImport) -> tuple[int, int, int, int]:
    found = done.created, done.updated, done.skipped, done.error_count
    assert sum(found) == done.total_rows
    return found


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 8)
    yield found
    await found.close()


async def open_shop(connection: Connection, database: Database) -> Shop:
    account = await make.account(connection, role="editor")
    await connection.execute("UPDATE organizations SET is_brand = true WHERE id = $1", account.organization_id)
    return Shop(database, account)


@pytest.fixture
async def shop(connection: Connection, database: Database) -> Shop:
    return await open_shop(connection, database)


HEADER = ("gtin", "product_name", "brand", "net_content")


async def test_every_row_counts_once(connection: Connection, database: Database, shop: Shop) -> None:
    other = await open_shop(connection, database)
    await make.product(connection, 3, product_name="Theirs", owner_id=other.organization)
    await make.product(connection, 4, product_name="Nobody's", data_source="open_food_facts")
    done = await shop.send(
        HEADER,
        (gtin(1), "One", "Example", "500 g"),
        (gtin(2), "Two", "EXAMPLE", ""),
        (gtin(3), "Mine now", "Theirs alone", ""),
        ("1", "", "", ""),
        (gtin(4), "", "Example", ""),
        (gtin(1), "Again", "", ""),
    )
    assert counts(done) == (2, 1, 1, 2)
    assert [(e.line, e.column, e.message) for e in done.errors] == [
        (4, "gtin", "is claimed by another organization"),
        (5, "gtin", "must be a GTIN of 8, 12, 13 or 14 digits"),
    ]
    rows = await connection.fetch(
        """SELECT gtin, product_name, brands.name AS brand, net_content_value, net_content_uom, data_source, owner_id,
        is_claimed, claim_verification_status, products.claimed_at IS NOT NULL, field_confidence
        FROM products LEFT JOIN brands ON brands.id = brand_id ORDER BY gtin"""
    )
    mine = (shop.organization, True, "unverified", True)
    assert [tuple(row) for row in rows] == [
        (gtin(1), "One", "Example", 500, "GRM", "claimed", *mine,
         dict.fromkeys(("brand", "product_name", "net_content", "net_content_uom", "net_content_value"), 0.95)),
        (gtin(2), "Two", "Example", None, None, "claimed", *mine, {"brand": 0.95, "product_name": 0.95}),
        (gtin(3), "Theirs", None, None, None, "claimed", other.organization, True, None, False, {}),
        (gtin(4), "Nobody's", "Example", None, None, "claimed", *mine, {"brand": 0.95, "product_name": 0.5}),
    ]  # fmt: skip
    assert await connection.fetchval("SELECT array_agg(name) FROM brands") == ["Example"]
    audit = await connection.fetchrow("SELECT * FROM audit_entries WHERE action = 'products.imported'")
    assert audit
    assert audit["organization_id"] == shop.organization
    assert audit["changes"] == {"total_rows": 6, "created": 2, "updated": 1, "skipped": 1, "error_count": 2}


async def test_the_same_file_again_changes_nothing(connection: Connection, shop: Shop) -> None:
    rows = [HEADER, *((gtin(n), f"Name {n}", f"Brand {n % 3}", f"{n} g") for n in range(1, 600))]
    assert counts(await shop.send(*rows)) == (599, 0, 0, 0)
    events = await connection.fetchval("SELECT count(*) FROM events")
    assert counts(await shop.send(*rows)) == (0, 0, 599, 0)
    assert await connection.fetchval("SELECT count(*) FROM events") == events
    rows[300] = (gtin(300), "Another name", "", "")
    assert counts(await shop.send(*rows)) == (0, 1, 598, 0)
    found = await connection.fetchrow("SELECT product_name, net_content FROM products WHERE gtin = $1", gtin(300))
    assert found
    assert tuple(found) == ("Another name", "300 g")  # what is empty in the file stays


async def test_formulas_stay_text(connection: Connection, shop: Shop) -> None:
    cells = ["=1+1", "'=1+1", "@x", "-5 °C", "+1", "'quoted'"]
    done = await shop.send(("gtin", "name"), *((gtin(n), cell) for n, cell in enumerate(cells)))
    assert counts(done) == (6, 0, 0, 0)
    stored = [row[0] for row in await connection.fetch("SELECT product_name FROM products ORDER BY gtin")]
    assert stored == ["=1+1", "=1+1", "@x", "-5 °C", "+1", "'quoted'"]


async def test_two_organizations_at_once(connection: Connection, database: Database, shop: Shop) -> None:
    other = await open_shop(connection, database)
    numbers = list(range(1, 401))
    for number in numbers[:100]:
        await make.product(connection, number)
    rows = [(gtin(n), f"Name {n}", "Example", "1 g") for n in numbers]
    one, two = await asyncio.gather(shop.send(HEADER, *rows), other.send(HEADER, *reversed(rows)))
    assert one.created + two.created == 300
    assert one.updated + two.updated == 100
    assert one.error_count + two.error_count == 400
    owned = await connection.fetch("SELECT owner_id, count(*) FROM products GROUP BY 1")
    assert sum(row["count"] for row in owned if row["owner_id"]) == 400


async def test_a_product_that_is_deleted_in_the_middle_is_made_anew(
    connection: Connection, database: Database, shop: Shop
) -> None:
    await make.product(connection, 1)
    async with database.acquire() as other:
        deleting = other.transaction()
        await deleting.start()
        await other.execute("DELETE FROM products")
        importing = asyncio.create_task(shop.send(HEADER, (gtin(1), "Name", "", "")))
        await asyncio.wait({importing}, timeout=0.2)  # until it waits for the row
        await deleting.commit()
    assert counts(await importing) == (1, 0, 0, 0)
    assert await connection.fetchval("SELECT product_name FROM products") == "Name"


async def test_one_organization_twice_at_once(connection: Connection, shop: Shop) -> None:
    rows = [(gtin(n), f"Name {n}", "Example", "1 g") for n in range(200)]
    both = await asyncio.gather(shop.send(HEADER, *rows), shop.send(HEADER, *rows))
    assert sorted(map(counts, both)) == [(0, 0, 200, 0), (200, 0, 0, 0)]
    assert await connection.fetchval("SELECT count(*) FROM brands") == 1


async def test_the_number_of_statements_does_not_follow_the_number_of_rows(
    connection: Connection, database: Database, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = []
    for start, rows in ((0, 2), (1000, 200)):
        calls = 0

        def count(connection: Any, *_: Any, **__: Any) -> None:
            nonlocal calls
            calls += 1

        async with database.acquire() as logged:
            logged.add_query_logger(count)
            monkeypatch.setattr(database, "acquire", lambda: held(logged))
            done = await shop.send(HEADER, *((gtin(start + n), "x", "Example", "1 g") for n in range(rows)))
            monkeypatch.undo()
            logged.remove_query_logger(count)
        assert counts(done) == (rows, 0, 0, 0)
        spent.append(calls)
    assert spent[1] <= spent[0]  # the first one also made the brand


class held:
    """A connection that is always the same."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def __aenter__(self) -> Any:
        return self.connection

    async def __aexit__(self, *_: object) -> None: ...


# --- a process that dies


IMPORTING = """
import asyncio, sys
from closient_gql.core.db import Database, Reader
from closient_gql.core.models.account import KeyKind, MemberRole
from resolvers.context import Context
from resolvers.products.imports import import_file
from resolvers.viewer import Viewer

async def go(url, organization, user):
    database = Database(url, 2)
    viewer = Viewer(KeyKind.USER, None, None, user, None, {organization: MemberRole.EDITOR})
    done = await import_file(Context(Reader(database), viewer), sys.stdin.buffer.read())
    print(done.created, done.updated, done.skipped, done.error_count)
    await database.close()

asyncio.run(go(*sys.argv[1:]))
"""
AT_WORK = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'closient'
    AND xact_start < now() - interval '50 ms' AND backend_xid IS NOT NULL"""
GONE = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'closient'"
STATE = """SELECT (SELECT count(*) FROM products), (SELECT count(*) FROM product_facts),
    (SELECT count(*) FROM product_history), (SELECT count(*) FROM brands), (SELECT count(*) FROM events),
    (SELECT count(*) FROM audit_entries)"""


async def test_an_import_that_is_killed_has_done_nothing_and_is_repeated(
    connection: Connection, database_url: str
) -> None:
    account = await make.account(connection, role="editor")
    await connection.execute("UPDATE organizations SET is_brand = true")
    await make.product(connection, 1, product_name="Before", data_source="open_food_facts")
    before = tuple(await connection.fetchrow(STATE))  # type: ignore[arg-type]
    rows = [(gtin(n), f"Name {n}", f"Brand {n % 50}", f"{n} g") for n in range(1, 4001)]
    data = written(HEADER, *rows[:2000], ("bad", "", "", ""), *rows[2000:]).encode()
    command = [sys.executable, "-c", IMPORTING, database_url, account.organization_id, account.user_id]

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ))
        assert process.stdin
        process.stdin.write(data)
        process.stdin.close()
        return process

    for delay in (0.0, random.random(), 0.5):
        process = start()
        await until(connection, AT_WORK, 1)
        await asyncio.sleep(delay)
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
        await until(connection, GONE, 0)
        assert tuple(await connection.fetchrow(STATE)) == before  # type: ignore[arg-type]
    process = start()
    assert process.stdout
    assert await asyncio.to_thread(process.stdout.read) == b"3999 1 0 1\n"
    process.wait()
    process.stdout.close()
    found = await connection.fetch(
        "SELECT gtin, product_name, brands.name, net_content FROM products JOIN brands ON brands.id = brand_id"
        " ORDER BY gtin"
    )
    assert [tuple(row) for row in found] == rows


# --- over HTTP


async def upload(api: Client, key: str | None, data: bytes, name: str = "file", **params: str) -> Any:
    headers = {"X-API-Key": key} if key else {}
    return await api.post(URL, files={name: ("products.csv", data, "text/csv")}, headers=headers, params=params)


async def test_rest(connection: Connection, api: Client, shop: Shop) -> None:
    template = (await api.get("/products/api/v1/import/template")).content
    answer = await upload(api, shop.key, template + b"123,Bad,,,,,,\r\n")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "total_rows": 3, "created": 2, "updated": 0, "skipped": 0, "error_count": 1,
        "errors": [{"line": 4, "message": "must be a GTIN of 8, 12, 13 or 14 digits", "column": "gtin"}],
    }  # fmt: skip
    product = await api.get("/products/api/v1/products/09506000134352", headers={"X-API-Key": shop.key})
    found = product.json()
    assert (found["product_name"], found["brand"], found["owner_id"]) == (
        "Example Muesli", "Example Brand", shop.organization,
    )  # fmt: skip
    assert (found["country_of_origin"], found["net_content_value"], found["data_source"]) == ("DE", 500.0, "claimed")


async def test_what_is_refused_as_a_whole(connection: Connection, api: Client, shop: Shop) -> None:
    good = written(HEADER, (gtin(1), "x", "", "")).encode()
    assert (await upload(api, None, good)).status_code == 401
    assert (await upload(api, shop.key, good, name="upload")).status_code == 422
    assert (await api.post(URL, content=good, headers={"X-API-Key": shop.key})).status_code == 415
    assert (await upload(api, shop.key, b"gtin\n" + b" " * 10 * 2**20)).status_code == 413
    assert (await upload(api, shop.key, b"gtin\n\xff")).json()["error"]["details"] == [
        {"field": "file", "message": "is not UTF-8: byte 0xFF in line 2 is none. Save it as CSV in UTF-8"}
    ]
    assert (await upload(api, shop.key, good, organization_id="nonsense")).status_code == 422
    stranger = await make.account(connection)
    assert (await upload(api, shop.key, good, organization_id=stranger.organization_id)).status_code == 404
    no_brand = await upload(api, stranger.key, good)
    assert no_brand.status_code == 403
    assert no_brand.json()["error"]["message"].startswith("Only brand organizations import products.")
    await connection.execute("UPDATE organizations SET is_brand = true")
    for role, kind, key_role, status in (
        ("billing", "csu", None, 403),
        ("owner", "csu", "readonly", 403),
        ("owner", "cpk", "readonly", 403),
        ("owner", "csb", "readonly", 403),
        ("editor", "csu", None, 200),
        ("manager", "csu", "editor", 200),
        ("owner", "csb", "editor", 200),
    ):
        account = await make.account(connection, role=role, kind=kind, key_role=key_role)
        await connection.execute("UPDATE organizations SET is_brand = true")
        assert (await upload(api, account.key, good)).status_code == status, (role, kind, key_role)
    assert await connection.fetchval("SELECT count(*) FROM products") == 1


async def test_graph(connection: Connection, api: Client, shop: Shop) -> None:
    query = """mutation($csv: String!) { productImport(csv: $csv) {
      totalRows created updated skipped errorCount errors { line message column } } }"""
    csv = written(HEADER, (gtin(1), "x", "", ""), (gtin(2), "y"))
    answer = await api.post(
        "/graphql", json={"query": query, "variables": {"csv": csv}}, headers={"X-API-Key": shop.key}
    )
    assert answer.json() == {
        "data": {
            "productImport": {
                "totalRows": 2, "created": 1, "updated": 0, "skipped": 0, "errorCount": 1,
                "errors": [{"line": 3, "message": "has 2 columns, and the header 4", "column": None}],
            }
        }
    }  # fmt: skip
