"""`closient search`, as an operator types it."""

import asyncio
import socket

import pytest
from typer.testing import CliRunner

from closient_gql.core.db import Connection
from closient_gql.core.settings import settings
from closient_gql.server.cli import app
from tests import make


async def test_from_the_shell(connection: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()

    async def run(*arguments: str) -> str:
        found = await asyncio.to_thread(CliRunner().invoke, app, ["search", *arguments])
        return found.output + str(found.exception or "")

    for number in range(3):
        await make.product(connection, number, product_name="oat bar")
    await make.brand(connection, "Acme")
    empty = await run("status")
    assert "product    0          3" in empty
    assert "The index was never made: the worker does it, or `closient search reindex`. It knows 0 words." in empty
    assert "There is no model yet: searches compare words." in empty
    made = await run("reindex")
    assert "product    3          3" in made
    assert "It knows 3 words." in made
    assert "hashed-words 1  active" in made
    assert "3        0        this machine" in made
    again = await run("reindex", "--anew")
    assert ["retired" in again, "active" in again] == [True, True]
    with socket.socket() as closed:  # a server that is down
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("CLOSIENT_EMBEDDINGS_URL", f"http://127.0.0.1:{closed.getsockname()[1]}/v1")
        monkeypatch.setenv("CLOSIENT_EMBEDDINGS_MODEL", "big")
        settings.cache_clear()
        said = await run("reindex")
    assert "The embedding server cannot be asked: APIConnectionError. Documents are up to date" in said
    states = await connection.fetch("SELECT name, state FROM search_models ORDER BY state")
    assert [tuple(row) for row in states] == [("hashed-words", "active"), ("big", "building")]
    monkeypatch.undo()
    settings.cache_clear()
