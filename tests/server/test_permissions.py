"""Every caller at every endpoint, from outside. An endpoint that says nothing of itself in its domain's
`permissions.py` fails; so does one that lets somebody in, keeps somebody out, or changes something while refusing.

The Account API has a table of its own, tests/account/test_roles.py.
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from graphql import FieldNode, OperationDefinitionNode, OperationType, parse

import schema
from closient_gql.core.db import Connection
from closient_gql.core.settings import settings
from closient_gql.server.rest.apis import APIS
from tests.conftest import Client
from tests.openapi import operations
from tests.permissions import CALLERS, KEY, NOBODY, PUBLIC, STRANGERS, Row, World, filled

OTHERS = [api.domain for api in APIS if api.domain != "account"]
EVERYBODY = [*CALLERS, *STRANGERS, NOBODY]
SOME = ["billing", "business key for readers", "publishable key", "stranger", NOBODY]  # where roles do not matter
WRITTEN_BY_READING = {"api_keys", "pgqueuer", "pgqueuer_log", "pgqueuer_statistics", "pgqueuer_schedules"}  # last_used


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    limits = (
        "RATE_ANONYMOUS_PER_MINUTE", "RATE_SEARCH_PER_MINUTE", "RATE_SEARCH_SESSIONS_PER_MINUTE",
        "RATE_READINESS_PER_MINUTE", "RATE_READINESS_PER_HOUR",
    )  # fmt: skip
    for name, value in {"STORAGE_URL": str(tmp_path), **dict.fromkeys(limits, "100000")}.items():
        monkeypatch.setenv(f"CLOSIENT_{name}", value)
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
async def world(connection: Connection) -> World:
    return await World(connection).fill()


def rows_of(domain: str) -> dict[str, list[Row]]:
    found = import_module(f"tests.{domain}.permissions").ROWS
    return {name: rows if isinstance(rows, list) else [rows] for name, rows in found.items()}


async def everything(connection: Connection) -> dict[str, str]:
    """A digest of every table that a request could write."""
    names = [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return {
        name: await connection.fetchval(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t")  # noqa: S608
        for name in sorted(set(names) - WRITTEN_BY_READING)
    }


async def ask(client: Client, key: str | None, method: str, path: str, row: Row, given: Any) -> Any:
    return await client.request(
        method, filled(path, given), params=filled(row.query, given), json=filled(row.body, given), files=row.files,
        headers={"X-API-Key": key} if key else {},
    )  # fmt: skip


def test_every_mutation_is_behind_an_endpoint() -> None:
    """So that what is asked here holds for the graph, whose root fields do the same whoever calls them."""
    documents = [parse(path.read_text()) for path in Path(schema.__file__).parent.glob("*/*.graphql")]
    reached = {
        field.name.value
        for each in documents for operation in each.definitions
        if isinstance(operation, OperationDefinitionNode) and operation.operation is OperationType.MUTATION
        for field in operation.selection_set.selections if isinstance(field, FieldNode)
    }  # fmt: skip
    graph = schema.graph()._schema.mutation_type
    assert graph
    uploads = {"productImport", "locationImport"}
    assert set(graph.fields) - reached == uploads, "their endpoints are uploads, on the same resolvers"


@pytest.mark.parametrize("domain", OTHERS)
async def test_every_caller_at_every_endpoint(domain: str, uploads: None, world: World, api: Client) -> None:
    rows, asked = rows_of(domain), operations(domain)
    assert set(rows) == set(asked), f"tests/{domain}/permissions.py says of every endpoint who may use it"
    cells = [
        (name, row, who, row.expected(who, asked[name][2]))
        for name in asked for row in rows[name] for who in (SOME if row.need in (PUBLIC, KEY) else EVERYBODY)
    ]  # fmt: skip
    targets = {(name, n): await row.target(world) for name in asked for n, row in enumerate(rows[name])}
    before, wrong = await everything(world.connection), []
    for refused in (True, False):  # first what must change nothing
        for name, row, who, expected in cells:
            method, path, success = asked[name]
            if (expected != success) is not refused:
                continue
            fresh = not refused and method != "GET"
            given = await row.target(world) if fresh else targets[name, rows[name].index(row)]
            answer = await ask(api, world.keys[who], method, path, row, given)
            if answer.status_code != expected:
                wrong.append(f"{name} by {who}: {answer.status_code} instead of {expected}: {answer.text[:200]}")
            if refused and (who in STRANGERS or who == NOBODY) and world.organization in answer.text:
                wrong.append(f"{name} tells {who} whose it is: {answer.text[:200]}")
        if refused:
            assert await everything(world.connection) == before, "whoever is refused changes nothing"
    assert "\n".join(wrong) == ""
