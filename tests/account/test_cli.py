"""`closient org`: list, delete, restore."""

import asyncio

import pytest
from typer.testing import CliRunner

from closient_gql.core.db import Connection
from closient_gql.core.settings import settings
from closient_gql.server.commands.account import org
from tests import make

RUNNER = CliRunner()


async def test_from_the_shell(connection: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()
    me = await make.account(connection, kind="csb")
    id = me.organization_id

    async def run(*arguments: str) -> tuple[str, str]:
        found = await asyncio.to_thread(RUNNER.invoke, org, list(arguments))
        return found.output, str(found.exception or "")

    await connection.execute("UPDATE organizations SET name = E'Organization \\x1b]0;x\\nforged' WHERE id = $1", id)
    listed = (await run("list"))[0]
    assert ("active" in listed, "Organization  ]0;x forged" in listed) == (True, True), listed
    assert (await run("restore", id))[1] == "The organization is not deleted."
    assert (await run("delete", id, "--yes"))[0] == f"deleted {id} Organization  ]0;x forged\n"
    assert "deleted 20" in (await run("list"))[0]
    assert (await run("delete", id, "--yes"))[1] == f"There is no organization {id} that is not deleted."
    assert await connection.fetchval("SELECT is_active FROM api_keys WHERE id = $1", me.key_id) is False
    assert (await run("restore", id))[0].startswith(f"restored {id}")
    assert (await run("restore", "aaaaaaaaaaaa"))[1] == "There is no organization aaaaaaaaaaaa."
    entries = await connection.fetch("SELECT action, user_id FROM audit_entries ORDER BY created")
    assert [tuple(row) for row in entries] == [("organization.deleted", None), ("organization.restored", None)]
    settings.cache_clear()
