"""What everybody may ask of brands: the catalogue, and the widget's beacon."""

from typing import Any

import orjson
import pytest
import structlog

from closient_gql.core.db import Connection
from tests import make
from tests.conftest import Client

PUBLIC = "/brands/api/v1/public"


async def test_the_catalogue_of_a_brand(api: Client, connection: Connection) -> None:
    id = await make.insert(connection, "brands", name="Acme", website="https://acme.example", logo_url="/media/x.png")
    other = await make.brand(connection, "Other")
    for number, name in ((1, "beta"), (2, "Alpha"), (3, "gamma")):
        await make.product(connection, number, product_name=name, brand_id=id)
    await make.product(connection, 4, brand_id=other)
    answer = await api.get(f"{PUBLIC}/brands/{id}/catalog")
    assert answer.json() == {
        "brand": {"id": id, "name": "Acme", "website": "https://acme.example", "logo_url": "/media/x.png"},
        "products": [{"id": make.make_id(n), "name": name} for n, name in ((2, "Alpha"), (1, "beta"), (3, "gamma"))],
    }
    empty = await make.brand(connection, "Empty")
    assert (await api.get(f"{PUBLIC}/brands/{empty}/catalog")).json()["products"] == []


async def test_it_is_the_whole_list(api: Client, connection: Connection) -> None:
    id = await make.brand(connection, "Acme")
    await connection.execute(
        "INSERT INTO products (id, gtin, product_name, data_source, brand_id) "
        "SELECT translate(lpad(n::text, 12, '0'), '0125', 'aceg'), lpad(n::text, 14, '0'), 'P' || n, 'imported', $1 "
        "FROM generate_series(1, 700) n",
        id,
    )
    found = (await api.get(f"{PUBLIC}/brands/{id}/catalog")).json()["products"]
    assert (len(found), len({product["id"] for product in found})) == (700, 700)


async def test_no_such_brand(api: Client) -> None:
    missing = await api.get(f"{PUBLIC}/brands/aaaaaaaaaaaa/catalog")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert (await api.get(f"{PUBLIC}/brands/nonsense/catalog")).status_code == 422


async def test_pages_of_every_origin_may_ask(api: Client, connection: Connection) -> None:
    id = await make.brand(connection, "Acme")
    origin = {"Origin": "https://shop.example"}
    for answer in (
        await api.get(f"{PUBLIC}/brands/{id}/catalog", headers=origin),
        await api.post(f"{PUBLIC}/widget-events", content="{}", headers=origin),
    ):
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]


EVENT = {"event": "store_click", "brand_id": "b", "referrer": "https://shop.example", "store_id": "s"}


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    from closient_gql.server.routes import brands

    found = structlog.testing.CapturingLogger()
    monkeypatch.setattr(brands, "log", structlog.wrap_logger(found, processors=[lambda _, __, event: ((), event)]))
    return found.calls


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", ""]
)
async def test_an_event_is_logged(api: Client, connection: Connection, logged: list[Any], kind: str) -> None:
    answer = await api.post(f"{PUBLIC}/widget-events", content=orjson.dumps(EVENT), headers={"Content-Type": kind})
    assert (answer.status_code, answer.content) == (204, b"")
    assert [call.kwargs for call in logged] == [
        {"event": "brand locator widget", "name": "store_click", "brand_id": "b", "referrer": "https://shop.example",
         "product_id": "", "store_id": "s", "query": ""}
    ]  # fmt: skip
    assert await connection.fetchval("SELECT count(*) FROM events WHERE entity <> 'search'") == 0


async def test_long_texts_are_cut(api: Client, logged: list[Any]) -> None:
    long = dict.fromkeys(("referrer", "product_id", "store_id", "query"), "x" * 5000)
    await api.post(f"{PUBLIC}/widget-events", json={"event": "widget_load", "brand_id": 7} | long)
    (call,) = logged
    assert {name: len(call.kwargs[name]) for name in long} == {
        "referrer": 512, "product_id": 128, "store_id": 128, "query": 256,
    }  # fmt: skip
    assert call.kwargs["brand_id"] == ""


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"[]", b"null", b'"widget_load"', b"{}", b'{"event": "other"}', b'{"event": ["widget_load"]}',
     b'{"event": {}}', b"\xff\xfe", b'{"event": "widget_load", "query": "' + b"x" * 100_000 + b'"}', b"[" * 50_000],
    ids=range(12),
)  # fmt: skip
async def test_whatever_comes_is_answered_alike(api: Client, logged: list[Any], content: bytes) -> None:
    assert (await api.post(f"{PUBLIC}/widget-events", content=content)).status_code == 204
    assert logged == []
