"""Databases of the tests: cloned from a migrated template, and cleaned for the next test instead of made anew.

Making one takes a third of a second on a busy machine, cleaning one a few milliseconds.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

SERVER = os.environ.get("CLOSIENT_TEST_DATABASE_URL", "")
LEFT = 32 * 2**20  # bytes that cleaning may leave behind, before the database is made anew

# What cleaning does not undo. A test that leaves another shape behind gets a new database after it.
SHAPE = """
SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_attribute), (SELECT count(*) FROM pg_proc),
       (SELECT count(*) FROM pg_trigger), (SELECT array_agg(version_num) FROM alembic_version)
"""
TABLES = """
SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename NOT IN ('alembic_version', 'spatial_ref_sys')
"""
SEQUENCES = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE last_value IS NOT NULL
"""
OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def named(name: str) -> str:
    """The URL of a database on the test server."""
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))


def run(*statements: str) -> None:
    async def go() -> None:
        connection = await asyncpg.connect(SERVER)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(go())


def drop(name: str) -> None:
    run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def drop_all(prefix: str) -> None:
    """All databases whose names begin with this."""

    async def names() -> list[str]:
        connection = await asyncpg.connect(SERVER)
        rows = await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix)
        await connection.close()
        return [row["datname"] for row in rows]

    run(*(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in asyncio.run(names())))


def clone(name: str, template: str) -> str:
    drop(name)
    run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return named(name)


def shared(name: str, template: str, fill: Callable[[str], None]) -> str:
    """The name of a database that all workers clone: the first one makes it, the others wait for it.

    It has its name only when it is filled; a worker that fails leaves it to the next.
    """

    def make() -> None:
        fill(clone(f"{name}_new", template))
        run(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')

    async def once() -> None:
        connection = await asyncpg.connect(SERVER)
        try:
            await connection.fetchval("SELECT pg_advisory_lock(hashtext($1))", name)
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
                await asyncio.to_thread(make)
        finally:
            await connection.close()

    asyncio.run(once())
    return name


class Reused:
    """One database that is as new for each test. Its connection lives in a thread with a loop of its own."""

    def __init__(self, name: str, template: str) -> None:
        self.name, self.template = name, template
        self.connection: Any = None
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def wait(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self.loop).result()

    def ready(self) -> str:
        """The URL of the database, empty."""
        if not self.wait(self.cleaned()):
            clone(self.name, self.template)
            self.wait(self.opened())
        return named(self.name)

    async def opened(self) -> None:
        self.connection = await asyncpg.connect(named(self.name))
        self.shape = await self.connection.fetchrow(SHAPE)
        tables = [row["name"] for row in await self.connection.fetch(TABLES)]
        self.filled = " UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in tables)  # noqa: S608
        self.size = await self.connection.fetchval("SELECT pg_database_size(current_database())")
        assert await self.connection.fetch(self.filled) == [], "rows that migrations write would be gone after a test"

    async def cleaned(self) -> bool:
        """Whether it could be emptied."""
        if self.connection is None:
            return False
        try:
            await self.emptied()
            size = await self.connection.fetchval("SELECT pg_database_size(current_database())")
            if size < self.size + LEFT and await self.connection.fetchrow(SHAPE) == self.shape:
                return True
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            pass  # the test has broken it, or stopped the server
        self.connection.terminate()
        self.connection = None
        return False

    async def emptied(self) -> None:
        await self.connection.execute(OTHERS)
        filled = [row[0] for row in await self.connection.fetch(self.filled)]
        deletes = "".join(f"DELETE FROM {table};" for table in filled)  # noqa: S608
        await self.connection.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletes} COMMIT")
        await self.connection.fetch(SEQUENCES)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.terminate()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@contextmanager
def reused(name: str, template: str) -> Iterator[Reused]:
    found = Reused(name, template)
    try:
        yield found
    finally:
        found.close()
