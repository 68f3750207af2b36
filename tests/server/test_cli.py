"""`closient`: what a self-hoster does from a shell, without SQL."""

import asyncio
import io
import os
import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import asyncpg
import pytest

from closient_gql.core.keys import key_kind
from closient_gql.core.settings import settings
from closient_gql.server import cli
from closient_gql.server import database as tools
from closient_gql.server.database import DatabaseError, password_of, without_password
from migrations import head
from tests.conftest import Client


class Shell:
    """Runs `closient` on one database, in this process: a start of its own takes a second each time."""

    def __init__(self, url: str, **environment: str) -> None:
        self.environment = {"DATABASE_URL": url, **environment}

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, standard output, standard error. On a thread, because commands have loops of their own."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(self._run, arguments).result()

    def _run(self, arguments: tuple[str, ...]) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["closient", *arguments])
            settings.cache_clear()
            try:
                cli.main()
                status = 0
            except SystemExit as exit:
                status = int(exit.code or 0)
        settings.cache_clear()
        return status, out.getvalue().strip(), err.getvalue().strip()

    def ok(self, *arguments: str) -> str:
        status, said, complained = self.run(*arguments)
        assert status == 0, complained
        return said

    def refused(self, *arguments: str) -> str:
        status, _, complained = self.run(*arguments)
        assert status == 1, complained
        return complained


@pytest.fixture
def shell(database_url: str) -> Shell:
    return Shell(database_url)


async def test_a_user_an_organization_and_a_key(shell: Shell, api: Client) -> None:
    assert shell.ok("user", "create", "Ann@Example.org", "--name", "Ann").endswith("ann@example.org")
    organization = shell.ok("org", "create", "Ann's", "--owner", "ann@example.org", "--country", "at").split()[-1]
    key = shell.ok("key", "create", "--user", "ann@example.org", "--role", "owner")
    whoami = (await api.get("/account/api/v1/whoami", headers={"X-API-Key": key})).json()
    assert whoami["organizations"] == [{"id": organization, "name": "Ann's"}]
    business = shell.ok("key", "create", "--user", "ann@example.org", "--org", organization, "--kind", "csb")
    assert str(key_kind(business)) == "KeyKind.BUSINESS"
    listed = shell.ok("key", "list")
    assert key not in listed
    (line,) = [line for line in listed.splitlines() if "csu" in line]
    assert "no ceiling" in line
    shell.ok("key", "revoke", line.split()[0])
    assert (await api.get("/account/api/v1/whoami", headers={"X-API-Key": key})).status_code == 401


def test_clear_errors(shell: Shell) -> None:
    shell.ok("user", "create", "bob@example.org")
    assert shell.refused("user", "create", "BOB@example.org") == (
        "closient: A user with the address bob@example.org exists already."
    )
    for wrong in ("bob", "b\x01b@example.org"):
        assert shell.refused("user", "create", wrong) == "closient: email must be an e-mail address"
    assert "no user with the address nobody@x.y" in shell.refused("key", "create", "--user", "nobody@x.y")
    bob = ("--user", "bob@example.org")
    assert "say which by --org" in shell.refused("key", "create", *bob, "--kind", "csb")
    assert "--kind must be csu, csb or cpk, not x" in shell.refused("key", "create", *bob, "--kind", "x")
    assert "--role must be" in shell.refused("key", "create", *bob, "--role", "king")
    publishable = shell.refused("key", "create", *bob, "--org", "aaaaaaaaaaaa", "--kind", "cpk", "--role", "manager")
    assert "--role of a key for pages is readonly, not manager" in publishable
    assert "no organization aaaaaaaaaaaa" in shell.refused("key", "create", *bob, "--org", "aaaaaaaaaaaa")
    assert shell.run("key", "create", *bob, "--per-minute", "2147483648")[0] == 2  # typer's own
    assert "There is no key zzz" in shell.refused("key", "revoke", "zzz")
    assert "country must be a country code" in shell.refused(
        "org", "create", "X", "--owner", "bob@example.org", "--country", "Austria"
    )
    assert "is yours to stop" in shell.refused("db", "stop")


def test_settings_and_servers_that_are_not_right(database_url: str) -> None:
    wrong = Shell(database_url, CLOSIENT_RATE_PER_MINUTE="many").refused("db", "status")
    assert "CLOSIENT_RATE_PER_MINUTE is not right" in wrong
    away = Shell("postgresql://me:secret@127.0.0.1:1/x").refused("db", "status")
    assert "postgresql://me@127.0.0.1:1/x cannot be reached" in away
    assert "secret" not in away
    several = Shell(database_url).refused("serve", "--workers", "2")
    assert "VALKEY_URL" in several
    nowhere = Shell(database_url, CLOSIENT_DOMAINS="nope").refused("serve", "--port", "0")
    assert nowhere.startswith("closient: There is no domain nope. There are: account, ")


def test_status_migrate_and_export(shell: Shell) -> None:
    assert f"revision   {head()}" in shell.ok("db", "status")
    assert shell.ok("db", "migrate") == f"The schema is at {head()}."
    assert 'type Brand @key(fields: "id") {' in shell.ok("schema", "export", "--domains", "products,brands")
    assert "no domain nope" in shell.refused("schema", "export", "--domains", "nope")
    shell.ok("schema", "export", "--check")


def test_backup_and_restore(shell: Shell, database_url: str, tmp_path: pathlib.Path) -> None:
    binaries = subprocess.run(
        ["bash", "closient_gql/server/postgres.sh", "bin"], capture_output=True, text=True, check=True,
        env={**os.environ, "CLOSIENT_HOME": str(tmp_path)},
    ).stdout.strip()  # fmt: skip
    shell.environment["PATH"] = f"{binaries}:{os.environ['PATH']}"
    shell.ok("user", "create", "before@example.org")
    one(database_url, AHEAD)
    file = tmp_path / "backup.dump"
    assert shell.ok("db", "backup", str(file)).endswith(" bytes")
    assert file.stat().st_mode & 0o777 == 0o600
    shell.ok("user", "create", "after@example.org")
    broken = tmp_path / "broken.dump"
    broken.write_bytes(file.read_bytes()[:5000])
    assert "pg_restore failed" in shell.refused("db", "restore", "--yes", str(broken))
    assert emails(database_url) == ["after@example.org", "before@example.org"]
    kept = shell.ok("db", "restore", "--yes", str(file)).split()[-1].rstrip(".")
    assert emails(database_url) == ["before@example.org"]
    assert one(database_url, "SELECT transaction::text FROM events WHERE entity_id = 'ahead'") == "0"
    assert emails(database_url.replace("_one", f"_one{kept.rpartition('_one')[2]}")) == [
        "after@example.org", "before@example.org",
    ]  # fmt: skip
    assert "There is no file" in shell.refused("db", "restore", "--yes", str(tmp_path / "none"))


AHEAD = """
INSERT INTO events (type, entity, entity_id, transaction)
VALUES ('product.updated', 'product', 'ahead', '9000000000000000000')
"""


def one(url: str, statement: str) -> Any:
    async def read() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(read())


def emails(url: str) -> list[str]:
    async def read() -> list[str]:
        connection = await asyncpg.connect(url)
        rows = await connection.fetch("SELECT email FROM users ORDER BY email")
        await connection.close()
        return [row["email"] for row in rows]

    return asyncio.run(read())


def test_a_failed_migration_changes_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of its statements ran; nothing of them is left, and what is there still serves."""

    def halfway(url: str) -> None:
        async def go() -> None:
            connection = await asyncpg.connect(url)
            try:
                async with connection.transaction():
                    await connection.execute("CREATE TABLE half_made (id int)")
                    await connection.execute("ALTER TABLE no_such_table ADD COLUMN x int")
            finally:
                await connection.close()

        asyncio.run(go())

    monkeypatch.setattr(tools, "upgrade", halfway)
    monkeypatch.setattr(tools, "head", lambda: "2099_newer")
    with pytest.raises(DatabaseError, match=f"nothing was changed: the schema is at {head()} as before"):
        tools.migrate(database_url)
    assert asyncio.run(tools.revision(database_url)) == head()


def test_alembic_undoes_a_migration_that_fails(database_url: str, tmp_path: pathlib.Path) -> None:
    """The real way: a migration that fails in its second half, run by Alembic in our environment."""
    from alembic import command

    from migrations import HERE, config

    versions = tmp_path / "versions"
    versions.mkdir()
    script = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "bad", "HEAD", None, None
def upgrade():
    op.execute("CREATE TABLE half_made (id int)")
    op.execute("UPDATE users SET name = 'changed'")
    op.execute("ALTER TABLE no_such_table ADD COLUMN x int")
"""
    (versions / "bad.py").write_text(script.replace("HEAD", head()))
    alembic = config(database_url)
    alembic.set_main_option("version_locations", f"{HERE / 'versions'} {versions}")
    alembic.set_main_option("path_separator", "space")
    with pytest.raises(Exception, match="no_such_table"):
        command.upgrade(alembic, "bad")

    async def tables() -> Any:
        connection = await asyncpg.connect(database_url)
        found = await connection.fetchval("SELECT to_regclass('half_made')")
        await connection.close()
        return found

    assert asyncio.run(tables()) is None
    assert asyncio.run(tools.revision(database_url)) == head()


def test_passwords_stay_out_of_messages() -> None:
    assert without_password("postgresql://me:pw@host:5432/db?x=1") == "postgresql://me@host:5432/db?x=1"
    assert without_password("postgresql:///db?host=/run") == "postgresql:///db?host=/run"
    assert without_password("postgresql://h/db?user=me&password=p%26w") == "postgresql://h/db?user=me"
    assert without_password("postgresql://h/db?password=pw&user=me") == "postgresql://h/db?user=me"
    assert password_of("postgresql://me:p%40w@host/db") == {"PGPASSWORD": "p@w"}
    assert password_of("postgresql://h/db?user=me&password=p%26w") == {"PGPASSWORD": "p&w"}
    assert password_of("postgresql:///db?host=/run") == {}


def test_an_installed_schema_is_ours() -> None:
    """A package of that name on the index would overwrite ours in one environment."""
    import schema

    assert hasattr(schema, "DOMAINS")
