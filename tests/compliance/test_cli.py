"""`closient recalls` and `closient org authority`, as an operator types them."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from closient_gql.core.settings import settings
from closient_gql.server.cli import app
from tests import make
from tests.compliance.test_feeds import FOLDER


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()
    yield lambda *words: CliRunner().invoke(app, words)
    monkeypatch.undo()
    settings.cache_clear()


async def organization(url: str) -> str:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        return (await make.account(connection)).organization_id
    finally:
        await connection.close()


def test_feeds_reports_and_authorities(run, database_url: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = run("recalls", "fetch", "fda", "--file", str(FOLDER / "made-up-fda.json"))
    assert (done.exit_code, done.output) == (0, "3 records, 3 added, 0 changed, 0 touched, 4 problems\n")
    status = run("recalls", "status").output
    assert "FDA   2026-11-12" in status
    assert "FDA: record 3 is no object; left out" in status
    listed = run("recalls", "unlinked", "--source", "FDA").output
    assert "00000000000017, 00000000000024" in listed
    assert "4122033749" in listed
    broken = tmp_path / "cut.json"
    broken.write_bytes((FOLDER / "made-up-fda.json").read_bytes()[:200])
    failed = run("recalls", "fetch", "FDA", "--file", str(broken))
    assert "openFDA is not whole JSON" in str(failed.exception)
    assert "openFDA is not whole JSON" in run("recalls", "status").output
    assert "There is no feed EU. There are: FDA, FSIS, CPSC, HEALTH_CANADA." in str(run("recalls", "fetch", "EU").exception)
    id = asyncio.run(organization(database_url))
    assert run("org", "authority", id).output.startswith(f"authority {id} Organization")
    assert run("org", "authority", id, "--off").output.startswith(f"no authority {id} Organization")
    assert "There is no such organization." in str(run("org", "authority", "aaaaaaaaaaaa").exception)
