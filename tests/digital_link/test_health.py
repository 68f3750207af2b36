"""Destinations that stop answering, and those that come back."""

import ipaddress
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from closient_gql.adapters.http import Guard
from closient_gql.core.db import Connection, Database
from closient_gql.core.settings import settings
from resolvers.digital_link.health import check_destinations
from tests import make
from tests.adapters.servers import serving

STATUS = {"good": 200, "shy": 403, "gone": 404, "broken": 500}
AGAIN = "UPDATE url_health SET checked_at = now() - interval '1 hour'"
GTIN = "09506000134352"


async def page(request: Request) -> Response:
    where = request.path_params["where"]
    if where == "back":
        return RedirectResponse(f"/01/{GTIN}")
    return Response(b"x" * 100_000, STATUS.get(where, 200), headers={"content-encoding": "gzip"})


async def resolve(host: str, port: int) -> list[str]:
    if host == "inside.example":
        return ["10.0.0.1"]
    return ["127.0.0.1"]


GUARD = Guard(resolve, allows=lambda address: address == ipaddress.ip_address("127.0.0.1"))


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setenv("CLOSIENT_RESOLVER_HOSTS", "brand.example")
    settings.cache_clear()
    app = Starlette(routes=[Route("/{where:path}", page)])
    async with serving(app) as port:
        yield f"http://brand.example:{port}"
    settings.cache_clear()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 4)
    yield found
    await found.close()


async def rules(connection: Connection, *urls: str) -> None:
    organization = await make.insert(connection, "organizations", name="Ours", country="DE")
    for n, url in enumerate(urls):
        await make.insert(
            connection, "resolution_rules", organization_id=organization, scope_type="ORGANIZATION", order_index=n,
            destination_type="CUSTOM_URL", custom_url=url,
        )  # fmt: skip


async def health(connection: Connection, base: str) -> dict[str, tuple[Any, ...]]:
    rows = await connection.fetch("SELECT url, failures, is_dead, status, error FROM url_health ORDER BY url")
    return {row["url"].removeprefix(base): tuple(row)[1:] for row in rows}


async def test_dead_after_three_failures_alive_with_the_first_answer(
    server: str, database: Database, connection: Connection
) -> None:
    places = [f"{server}/{where}" for where in ("good", "shy", "gone", "broken", "back")]
    await rules(connection, *places, places[0], "http://inside.example/")
    back = "The address leads back to this resolver, which would go round in circles."
    private = "The address leads to a private or reserved network. Only public hosts are fetched."
    for n in (1, 2, 3):
        assert await check_destinations(database, GUARD) == "6 addresses"
        assert await health(connection, server) == {
            "/good": (0, False, 200, ""), "/shy": (0, False, 403, ""),
            "/gone": (n, n == 3, 404, "It answers 404."), "/broken": (n, n == 3, 500, "It answers 500."),
            "/back": (n, n == 3, 200, back), "http://inside.example/": (n, n == 3, None, private),
        }  # fmt: skip
        assert await check_destinations(database, GUARD) == "0 addresses"
        await connection.execute(AGAIN)
    STATUS["gone"] = 200
    try:
        await check_destinations(database, GUARD)
    finally:
        STATUS["gone"] = 404
    assert (await health(connection, server))["/gone"] == (0, False, 200, "")


async def test_only_what_rules_lead_to_is_asked(server: str, database: Database, connection: Connection) -> None:
    await rules(connection, f"{server}/good")
    await connection.execute("UPDATE resolution_rules SET enabled = false")
    assert await check_destinations(database, GUARD) == "0 addresses"
    await connection.execute("UPDATE resolution_rules SET enabled = true")
    assert await check_destinations(database, GUARD) == "1 addresses"
    await connection.execute("DELETE FROM resolution_rules")
    await check_destinations(database, GUARD)
    assert await health(connection, server) == {}
