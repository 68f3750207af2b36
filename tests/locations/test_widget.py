"""The store locator widget's beacon."""

from typing import Any

import orjson
import pytest
import structlog

from closient_gql.server.logs import without_secrets
from closient_gql.server.routes import locations
from tests.conftest import Client
from tests.locations.conftest import API

EVENT = {"event": "view_store_click", "api_key": "cpk_AbCdEfGhIjKlMnOp_1a2b3c4d", "referrer": "https://shop.example",
         "location_short_id": "x"}  # fmt: skip
NOTHING = [b"", b"nonsense", b"[]", b"null", b"{}", b'{"event": "store_click"}', b'{"event": ["widget_load"]}',
           b"\xff\xfe", b'{"event": "widget_load", "query": "' + b"x" * 100_000 + b'"}', b"[" * 50_000]  # fmt: skip


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found = structlog.testing.CapturingLogger()
    processors: list[Any] = [without_secrets, lambda _, __, event: ((), event)]
    monkeypatch.setattr(locations, "log", structlog.wrap_logger(found, processors=processors))
    return found.calls


async def test_events_are_logged_and_nothing_of_a_key_but_its_beginning(demo_api: Client, logged: list[Any]) -> None:
    demo_api.headers.pop("X-API-Key")
    for kind in ("application/json", "text/plain;charset=UTF-8", ""):
        answer = await demo_api.post(
            f"{API}/public/widget-events", content=orjson.dumps(EVENT),
            headers={"Content-Type": kind, "Origin": "https://shop.example"},
        )  # fmt: skip
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers.get_list("access-control-allow-origin") == ["*"]
        assert not any(name.startswith(("ratelimit", "x-ratelimit")) for name in answer.headers)
    assert [call.kwargs for call in logged] == [
        {"event": "store locator widget", "name": "view_store_click", "key_start": "AbCdEfGh",
         "referrer": "https://shop.example", "query": "", "location_short_id": "x"}
    ] * 3  # fmt: skip


async def test_whatever_comes_is_answered_alike(demo_api: Client, logged: list[Any]) -> None:
    long = dict.fromkeys(("api_key", "referrer", "query", "location_short_id"), "x" * 5000)
    assert (await demo_api.post(f"{API}/public/widget-events", json={"event": "widget_load"} | long)).status_code == 204
    (call,) = logged
    logged_as = [name.replace("api_key", "key_start") for name in long]
    assert {name: len(call.kwargs[name]) for name in logged_as} == {
        "key_start": 12, "referrer": 512, "query": 256, "location_short_id": 128,
    }  # fmt: skip
    for content in NOTHING:
        assert (await demo_api.post(f"{API}/public/widget-events", content=content)).status_code == 204, content[:20]
    assert len(logged) == 1
