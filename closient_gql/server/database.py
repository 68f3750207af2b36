"""The database from outside: is it there, does it have what is needed, migrations, backups."""

import asyncio
import os
import pathlib
import re
import shutil
import subprocess
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from closient_gql.core.db import AWAY
from closient_gql.core.settings import Settings
from closient_gql.server import embedded
from migrations import EXTENSIONS, head, upgrade
from resolvers import outbox

OLDEST = 15
PASSWORD = re.compile(r"(?<=://)(?P<user>[^:/@]*):(?P<first>[^@/]*)@|(?<=[?&])password=(?P<later>[^&]*)&?")
PACKAGES = {"postgis": "postgresql-{v}-postgis-3", "vector": "postgresql-{v}-pgvector"}


class DatabaseError(Exception):
    """The database cannot be used as it is; the message says what to do."""


async def connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """Raises:
    DatabaseError: it cannot be reached.
    """
    try:
        return await asyncpg.connect(url, timeout=10)
    except (*AWAY, asyncpg.PostgresError, ValueError) as error:
        raise DatabaseError(f"The database {without_password(url)} cannot be reached: {error}") from None


def without_password(url: str) -> str:
    """The URL for messages, logs and command lines, which everybody on the machine can read."""
    return PASSWORD.sub(lambda found: "" if found["user"] is None else f"{found['user']}@", url).rstrip("?&")


def password_of(url: str) -> dict[str, str]:
    """The URL's password, as PostgreSQL's programs take it from their environment."""
    found = PASSWORD.search(url)
    return {"PGPASSWORD": unquote(found["first"] or found["later"] or "")} if found else {}


async def check(url: str) -> None:
    """Whether the server has what is needed; changes nothing.

    Raises:
        DatabaseError: it is away, too old, or lacks an extension; the message says what to install.
    """
    connection = await connect(url)
    try:
        version = connection.get_server_version().major
        rows = await connection.fetch("SELECT name FROM pg_available_extensions")
        missing = [name for name in EXTENSIONS if name not in {row["name"] for row in rows}]
    finally:
        await connection.close()
    if version < OLDEST:
        raise DatabaseError(f"PostgreSQL {version} is too old: at least {OLDEST} is needed.")
    if missing:
        debian = " ".join(PACKAGES.get(name, "postgresql-contrib").format(v=version) for name in missing)
        raise DatabaseError(
            f"The database server lacks {', '.join(missing)}. On Debian: apt-get install {debian}; then try again."
        )


async def revision(url: str) -> str | None:
    """The schema's revision; None before the first migration."""
    connection = await connect(url)
    try:
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return found
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()


def migrate(url: str) -> str:
    """Runs what is missing, all or nothing, and gives the revision.

    Raises:
        DatabaseError: the server lacks something, or a migration failed; then nothing was changed.
    """
    asyncio.run(check(url))
    before = asyncio.run(revision(url))
    if before == head():
        return before
    try:
        upgrade(url)
    except Exception as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise DatabaseError(
            f"A migration failed, and nothing was changed: the schema is at {before or 'nothing'} as before, so the "
            f"version of the program that made it still runs. The reason: {reason}"
        ) from error
    return head()


# --- backups


def tool(settings: Settings, name: str) -> str:
    """The address of pg_dump or pg_restore.

    Raises:
        DatabaseError: there is none on this machine.
    """
    if settings.embedded:
        return str(embedded.binaries(settings.home) / name)
    found = shutil.which(name)
    if not found:
        raise DatabaseError(f"{name} is not on this machine. On Debian: apt-get install postgresql-client")
    return found


def run(url: str, *command: str) -> None:
    """Runs a program with the URL as its last argument.

    Raises:
        DatabaseError: the command failed; the message is what it said.
    """
    environment = {**os.environ, **password_of(url)}
    done = subprocess.run((*command, without_password(url)), capture_output=True, text=True, env=environment)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise DatabaseError(f"{pathlib.Path(command[0]).name} failed: {said[-1]}")


def backup(settings: Settings, file: pathlib.Path) -> int:
    """Writes everything into one file (pg_dump's custom format); gives its size in bytes. All or nothing.

    Raises:
        DatabaseError: it cannot be done.
    """
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.close(descriptor)
        run(settings.database, tool(settings, "pg_dump"), "--format=custom", "--no-owner", f"--file={unfinished}")
        unfinished.replace(file)
    except OSError as error:
        raise DatabaseError(f"{file} cannot be written: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return file.stat().st_size


def restore(settings: Settings, file: pathlib.Path) -> str:
    """Puts a backup in the database's place, and gives the name under which the old one is kept.

    The backup is read into a new database first; only when that is complete do the two change names.

    Raises:
        DatabaseError: it cannot be done; then the old database is as it was.
    """
    if not file.is_file():
        raise DatabaseError(f"There is no file {file}.")
    return asyncio.run(_restore(settings, file))


async def rebase(url: str) -> None:
    """Before anybody reads the change feed of a database that came from elsewhere: see `outbox.recover`, which would be
    too late for those who begin to read before the worker begins."""
    connection = await connect(url)
    try:
        await connection.execute(outbox.REBASE)
    finally:
        await connection.close()


async def _restore(settings: Settings, file: pathlib.Path) -> str:
    parts = urlsplit(settings.database)
    name = parts.path.lstrip("/")
    new, old = f"{name}_restoring", f"{name}_before_restore"
    await check(settings.database)
    server = await connect(urlunsplit(parts._replace(path="/postgres")))
    try:
        await server.execute(f'DROP DATABASE IF EXISTS "{new}"')
        await server.execute(f'CREATE DATABASE "{new}" TEMPLATE template0')
        try:
            address = urlunsplit(parts._replace(path=f"/{new}"))
            program = tool(settings, "pg_restore")
            how = ("--no-owner", "--exit-on-error", str(file), "--dbname")
            await asyncio.to_thread(run, address, program, *how)
            await rebase(address)
        except DatabaseError:
            await server.execute(f'DROP DATABASE IF EXISTS "{new}"')
            raise
        await server.execute(f'DROP DATABASE IF EXISTS "{old}"')
        await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        await server.execute(f'ALTER DATABASE "{name}" RENAME TO "{old}"')
        await server.execute(f'ALTER DATABASE "{new}" RENAME TO "{name}"')
    except asyncpg.PostgresError as error:
        raise DatabaseError(f"The backup cannot be restored: {error}") from None
    finally:
        await server.close()
    return old
