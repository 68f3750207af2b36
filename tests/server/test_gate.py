"""Limits and who may call from where: the headers of every answer, 429, quotas, CORS, proxies."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from closient_gql.core.db import Connection
from closient_gql.core.settings import Settings, settings
from closient_gql.server.app import EXPOSED, Cors
from closient_gql.server.ratelimit import MemoryLimiter
from closient_gql.server.supervise import api_command
from tests import make
from tests.conftest import Client

LIMITS = ("RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset",
          "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")  # fmt: skip
QUOTA, ITEMS = "/account/api/v1/quota", "/products/api/v1/trade-items"
LOOKUP = "/products/api/v1/products/lookup"
ORIGIN = {"Origin": "https://shop.example"}
GRAPHQL: dict[str, Any] = {"json": {"query": "{ __typename }"}}
ANSWERS: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "200": (200, "GET", QUOTA, {}),
    "HEAD": (200, "HEAD", QUOTA, {}),
    "401 without a key": (401, "GET", ITEMS, {}),
    "401 with a bad one": (401, "GET", QUOTA, {"headers": {"X-API-Key": "x"}}),
    "404 of a row": (404, "GET", "/products/api/v1/products/4006381333931", {"headers": {}}),
    "404 of an address": (404, "GET", "/products/api/v1/nothing", {}),
    "405": (405, "DELETE", QUOTA, {}),
    "405 of a file": (405, "POST", "/products/api/v1/import/template", {}),
    "CSV": (200, "GET", "/products/api/v1/import/template", {}),
    "400": (400, "POST", LOOKUP, {"content": b"{"}),
    "415": (415, "POST", LOOKUP, {"content": b"x", "headers": {"Content-Type": "text/plain"}}),
    "422": (422, "GET", ITEMS + "?page=0", {"headers": {}}),
    "GraphQL": (200, "POST", "/graphql", GRAPHQL),
    "GraphQL by GET": (200, "GET", "/graphql?query={__typename}", {}),
    "GraphQL 400": (400, "POST", "/graphql", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
    "GraphQL 406": (406, "POST", "/graphql", GRAPHQL | {"headers": {"Accept": "text/css"}}),
    "GraphQL 401": (401, "POST", "/graphql", GRAPHQL | {"headers": {"X-API-Key": "x"}}),
}
PAGES = ("/", "/healthz", "/readyz", "/metrics", "/graphql", "/favicon.ico", "/.well-known/api-catalog",
         "/products/api/v1/docs", "/products/api/v1/openapi.json", "/nothing")  # fmt: skip


class Clock:
    """Unix seconds, moved by hand; starts 20.5 seconds into a minute."""

    def __init__(self) -> None:
        self.now = 1_800_000_000 // 86_400 * 86_400 + 3620.5

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(api: Client) -> Clock:
    found = Clock()
    api.app.state.limiter = MemoryLimiter(found)  # type: ignore[attr-defined]
    return found


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch, api: Client) -> Callable[..., None]:
    """Settings of this installation that differ: `limited(rate_per_minute=2)`."""

    def change(**values: Any) -> None:
        changed = settings().model_copy(update=values)
        monkeypatch.setattr("closient_gql.server.gate.settings", lambda: changed)

    return change


# --- headers


async def test_every_answer_of_an_api_says_the_limits(api: Client, connection: Connection, clock: Clock) -> None:
    for name, (status, method, path, request) in ANSWERS.items():
        api.app.state.limiter = MemoryLimiter(clock)  # type: ignore[attr-defined]  # forgets the request before
        key = {"X-API-Key": (await make.account(connection)).key} if request.get("headers") == {} else {}
        answer = await api.request(method, path, **request | {"headers": request.get("headers", {}) | key})
        assert answer.status_code == status, name
        quota, policy = ("300", "300;w=60, 10000;w=86400") if key else ("120", "120;w=60")
        remaining = str(int(quota) - 1)
        expected = [policy, quota, remaining, "40", quota, remaining, str(int(clock.now) + 40)]
        assert [answer.headers.get(limit) for limit in LIMITS] == expected, name
        assert answer.headers["X-Request-ID"]


async def test_not_modified_says_the_limits(api: Client, connection: Connection) -> None:
    key = {"X-API-Key": (await make.account(connection)).key}
    first = await api.get(ITEMS, headers=key)
    second = await api.get(ITEMS, headers=key | {"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.headers["RateLimit-Remaining"]) == (304, "298")
    assert all(name in second.headers for name in LIMITS)


async def test_pages_are_not_limited(api: Client) -> None:
    for path in PAGES:
        answer = await api.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == (404 if path == "/nothing" else 200), path
        assert not [name for name in LIMITS if name in answer.headers], path


async def test_the_tightest_window_is_told(api: Client, connection: Connection, clock: Clock) -> None:
    key = {"X-API-Key": (await make.account(connection, per_minute=5, per_day=3)).key}
    answer = await api.get(QUOTA, headers=key)
    reset = 86_400 - int(clock.now) % 86_400
    assert [answer.headers[name] for name in LIMITS] == [
        "5;w=60, 3;w=86400", "3", "2", str(reset), "3", "2", str(int(clock.now) + reset)
    ]  # fmt: skip


# --- spent


async def spend(api: Client, quota: int, path: str = QUOTA, **given: Any) -> Any:
    for left in reversed(range(quota)):
        answer = await api.get(path, **given)
        assert (answer.status_code, answer.headers["RateLimit-Remaining"]) == (200, str(left))
    return await api.get(path, **given)


def check_429(answer: Any, wait: int) -> None:
    message = f"Too many requests. Try again in {wait} seconds."
    error = {"code": "RATE_LIMITED", "message": message, "status": 429, "details": None, "retry_after_seconds": wait}
    assert (answer.status_code, answer.json()) == (429, {"error": error})
    assert answer.headers["Retry-After"] == str(wait)
    assert answer.headers["RateLimit-Remaining"] == answer.headers["X-RateLimit-Remaining"] == "0"
    assert all(name in answer.headers for name in LIMITS)


async def test_anonymous_callers_have_120_a_minute_and_address(api: Client, clock: Clock) -> None:
    check_429(await spend(api, 120), 40)
    for path in ("/account/api/v1/nothing", ITEMS):
        check_429(await api.get(path), 40)
    graph = await api.post("/graphql", **GRAPHQL)
    assert graph.status_code == 429
    assert graph.headers["Retry-After"] == "40"
    extensions = {"code": "RATE_LIMITED", "status": 429, "details": None, "retry_after_seconds": 40}
    assert graph.json()["errors"][0]["extensions"] == extensions
    clock.now += 39
    check_429(await api.get(QUOTA), 1)
    clock.now += 1
    assert (await api.get(QUOTA)).headers["RateLimit-Remaining"] == "119", "refused requests do not count"


async def test_keys_have_limits_of_their_own(api: Client, connection: Connection, clock: Clock) -> None:
    one, two = await make.account(connection, per_minute=2), await make.account(connection, per_minute=2)
    check_429(await spend(api, 2, headers={"X-API-Key": one.key}), 40)
    assert (await api.get(QUOTA, headers={"X-API-Key": two.key})).status_code == 200
    assert (await api.get(QUOTA)).status_code == 200, "nor does its address pay for it"
    problem = await api.get(QUOTA, headers={"X-API-Key": one.key, "Accept": "application/problem+json"})
    assert problem.status_code == 429
    assert problem.json()["retry_after_seconds"] == 40


async def test_a_spent_day(api: Client, connection: Connection, clock: Clock) -> None:
    key = {"X-API-Key": (await make.account(connection, per_day=2)).key}
    wait = 86_400 - int(clock.now) % 86_400
    check_429(await spend(api, 2, headers=key), wait)
    clock.now += wait
    assert (await api.get(QUOTA, headers=key)).status_code == 200


async def test_publishable_keys_have_100_a_minute(api: Client, connection: Connection, clock: Clock) -> None:
    key = {"X-API-Key": (await make.account(connection, kind="cpk")).key}
    answer = await api.get(QUOTA, headers=key)
    assert answer.headers["RateLimit-Policy"] == "100;w=60, 10000;w=86400"
    check_429(await spend(api, 99, headers=key), 40)


async def test_bad_keys_are_refused_with_429_once_their_address_is_spent(
    api: Client, clock: Clock, limited: Callable[..., None]
) -> None:
    limited(rate_anonymous_per_minute=2)
    statuses = [(await api.get(QUOTA, headers={"X-API-Key": "guess"})).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]


async def test_retry_after_suffices_by_the_true_clock(api: Client, limited: Callable[..., None]) -> None:
    limited(rate_anonymous_per_minute=1)
    api.app.state.limiter = MemoryLimiter(lambda: time.time() * 30)  # type: ignore[attr-defined]  # minutes of 2 seconds
    while (refused := await api.get(QUOTA)).status_code == 200:
        pass
    await asyncio.sleep(int(refused.headers["Retry-After"]) / 30)
    assert (await api.get(QUOTA)).status_code == 200


async def test_concurrent_requests_are_counted_one_by_one(api: Client, connection: Connection, clock: Clock) -> None:
    key = {"X-API-Key": (await make.account(connection, per_minute=5)).key}
    answers = await asyncio.gather(*(api.get(QUOTA, headers=key) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 7


# --- the quota endpoint


async def test_quota_says_what_the_headers_say(api: Client, connection: Connection, clock: Clock) -> None:
    for kind, minute in ((None, 120), ("csu", 300), ("csb", 300), ("cpk", 100)):
        await check_quota(api, connection, kind, minute)


async def check_quota(api: Client, connection: Connection, kind: str | None, minute: int) -> None:
    key = {"X-API-Key": (await make.account(connection, kind=kind, per_day=50)).key} if kind else {}
    await api.get(QUOTA, headers=key)
    answer = await api.get(QUOTA, headers=key)
    windows = answer.json()["windows"]
    policy = ", ".join(f"{window['quota']};w={window['seconds']}" for window in windows)
    tightest = min(windows, key=lambda window: (window["remaining"], -window["reset"]))
    said = [policy, *(str(tightest[name]) for name in ("quota", "remaining", "reset"))]
    assert [answer.headers[name] for name in LIMITS[:4]] == said
    expected = [(60, minute, 2, minute - 2)] + ([(86_400, 50, 2, 48)] if kind else [])
    assert [(w["seconds"], w["quota"], w["used"], w["remaining"]) for w in windows] == expected
    graph = await api.post("/graphql", json={"query": "{ quota { windows { used remaining } } }"}, headers=key)
    assert graph.json()["data"]["quota"]["windows"][0] == {"used": 3, "remaining": minute - 3}


# --- other origins


async def test_preflights(api: Client) -> None:
    for path in (ITEMS, QUOTA, LOOKUP, "/graphql"):
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key,content-type"}
        answer = await api.options(path, headers=ORIGIN | asked)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "POST" in answer.headers["Access-Control-Allow-Methods"].split(", ")
        assert answer.headers["Access-Control-Allow-Headers"] == "x-api-key,content-type"
        assert answer.headers["Access-Control-Max-Age"] == "7200"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert (await api.get(QUOTA)).json()["windows"][0]["used"] == 1, "preflights are not counted"


async def test_pages_of_other_origins_can_read_every_answer(api: Client) -> None:
    for method, path, status in (
        ("GET", QUOTA, 200), ("GET", ITEMS, 401), ("GET", "/products/api/v1/nothing", 404), ("DELETE", QUOTA, 405),
        ("GET", "/graphql?query={__typename}", 200), ("POST", "/graphql", 415),
    ):  # fmt: skip
        answer = await api.request(method, path, headers=ORIGIN)
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
        assert exposed == EXPOSED
        assert {*LIMITS, "X-Request-ID", "Retry-After", "ETag"} <= set(exposed)


async def test_what_is_public_is_open_to_every_origin_whatever_the_setting_says() -> None:
    app = Cors(PlainTextResponse("x"), allow_origins=["https://mine.example"], allow_methods=["GET"])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://testserver") as client:
        for path, expected in (("/brands/api/v1/public/brands/x/catalog", "*"), ("/brands/api/v1/brands/x", None)):
            for headers in (ORIGIN, ORIGIN | {"Access-Control-Request-Method": "GET"}):
                answer = await client.request("GET" if headers is ORIGIN else "OPTIONS", path, headers=headers)
                assert answer.headers.get("Access-Control-Allow-Origin") == expected


async def test_pages_that_can_hold_a_key_are_for_their_own_origin(api: Client) -> None:
    for path in ("/", "/graphql", "/graphql/", "/products/api/v1/docs", "/account/api/v1/docs"):
        for method in ("GET", "HEAD"):
            answer = await api.request(method, path, headers=ORIGIN | {"Accept": "text/html"})
            assert answer.status_code == 200
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]


# --- behind proxies


def test_trusted_proxies_are_told_to_the_server() -> None:
    def command(**given: Any) -> list[str]:
        return api_command(Settings(**given), "127.0.0.1", 8000, 1, False)

    assert "--no-proxy-headers" in command()
    assert "--forwarded-allow-ips" not in command()
    trusting = command(trusted_proxies="10.0.0.0/8, 192.0.2.7")
    assert trusting[trusting.index("--forwarded-allow-ips") + 1] == "10.0.0.0/8,192.0.2.7"
    assert "--proxy-headers" in trusting
    assert "--no-proxy-headers" not in trusting
