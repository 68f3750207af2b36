"""`closient leads`, as an operator types it."""

import asyncio

import asyncpg
import pytest
from typer.testing import CliRunner

from closient_gql.core.settings import settings
from closient_gql.server.cli import app
from tests import make


async def fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    for n, email in enumerate(("a@example.org", "b@example.org", "B@example.org")):
        await make.insert(connection, "readiness_leads", email=email, gtin=make.make_gtin(n), score=n)
    await connection.close()


def test_leads_are_listed_and_forgotten(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()
    try:
        asyncio.run(fill(database_url))
        listed = CliRunner().invoke(app, ("leads", "list")).output
        assert listed.count("@example.org") == 3
        assert CliRunner().invoke(app, ("leads", "forget", "b@EXAMPLE.org")).output == "Deleted: 2.\n"
        assert CliRunner().invoke(app, ("leads", "list")).output.count("@example.org") == 1
    finally:
        monkeypatch.undo()
        settings.cache_clear()
