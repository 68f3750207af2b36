"""Every query that a test runs, through both executors: `COMPARE=1 scripts/test`.

Mutations are run once, compiled. What a test counts (statements) is not doubled: the other runs read for themselves, in
one snapshot of the database, so that nobody writes between the two.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from graphql import OperationType

from closient_gql.core.db import Connection, Database, Reader, Row
from closient_gql.engine import Operation, Result, Trace
from resolvers.context import Context
from tests.engine.differential import differences


class Snapshot(Reader):
    """Reads one statement after the other on one connection, whose transaction sees the same all the time."""

    def __init__(self, database: Database, connection: Connection) -> None:
        super().__init__(database)
        self._connection, self._free = connection, asyncio.Lock()

    async def fetch(self, sql: str, arguments: list[Any], row: type[Row]) -> list[Any]:
        async with self._free, self._connection.transaction():  # a statement that fails ends no more than itself
            return list(await self._connection.fetch(sql, *arguments, record_class=row))


@contextmanager
def comparing() -> Iterator[list[str]]:
    """The differences that queries had meanwhile."""
    found: list[str] = []
    run = Operation.execute

    async def both(self: Operation, variables: Mapping[str, Any], context: Any, trace: Trace | None = None) -> Result:
        result = await run(self, variables, context, trace)
        if self.kind is OperationType.QUERY and isinstance(context, Context) and type(context.read) is Reader:
            database = context.read.database
            async with (
                database.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):

                def again() -> Context:
                    return Context(Snapshot(database, connection), context.viewer, context.quota)

                ours = await run(self, variables, again())
                theirs = await self._run_by_core(variables, again())
            found.extend(f"{self.name}: {each}" for each in differences(ours, theirs, ordered=False))
        return result

    Operation.execute = both  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Operation.execute = run  # type: ignore[method-assign]
