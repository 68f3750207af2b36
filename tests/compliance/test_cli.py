"""`closient recalls` and `closient org authority`, as an operator types them."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from closient_gql.core.db import Connection
from closient_gql.core.settings import settings
from closient_gql.server.cli import app
from tests import make
from tests.compliance.test_feeds import FOLDER

DOCUMENT = FOLDER / "made-up-fda.json"


async def test_from_the_shell(
    connection: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()

    async def run(*arguments: str) -> str:
        found = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
        return found.output + str(found.exception or "")

    fetch = ("recalls", "fetch", "FDA", "--file")
    assert await run(*fetch, str(DOCUMENT)) == "3 records, 3 added, 0 changed, 0 touched, 4 problems\n"
    status = await run("recalls", "status")
    assert "FDA   2026-11-12" in status
    assert "FDA: record 3 is no object; left out" in status
    listed = await run("recalls", "unlinked", "--source", "fda")
    assert "00000000000017, 00000000000024" in listed
    assert "4122033749" in listed
    cut = tmp_path / "cut.json"
    cut.write_bytes(DOCUMENT.read_bytes()[:200])
    assert "openFDA is not whole JSON" in await run(*fetch, str(cut))
    assert "openFDA is not whole JSON" in await run("recalls", "status")
    assert await run("recalls", "fetch", "EU") == "There is no feed EU. There are: FDA, FSIS, CPSC, HEALTH_CANADA."
    id = (await make.account(connection)).organization_id
    assert (await run("org", "authority", id)).startswith(f"authority {id} Organization")
    assert await connection.fetchval("SELECT is_authority FROM organizations WHERE id = $1", id) is True
    assert (await run("org", "authority", id, "--off")).startswith(f"no authority {id} Organization")
    assert await run("org", "authority", "aaaaaaaaaaaa") == "There is no such organization."
    settings.cache_clear()
