"""Every query that a test runs, through both executors: `COMPARE=1 scripts/test`.

Mutations are run once, compiled. What a test counts (statements) is not doubled: the other runs read for themselves, in
one snapshot of the database, so that nobody writes between the two. An answer that says of which moment it is (the dry
run of rules) is given one moment by both.

What is not held still: what follows from the time of day may change from one run to the other, once in a blue moon: an
offer whose word grows too old, a place that opens, midnight. What a process remembers (the directory of codes) is read
by both as it is then. Queries whose context is not a request's own (jobs, writers, toys without a database) run once.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from graphql import OperationType

from closient_gql.core.db import Connection, Database, Reader, Row
from closient_gql.engine import Operation, Result, Trace
from resolvers.context import Context, Quota, Unlimited
from resolvers.digital_link import rules
from tests.engine.differential import differences


class Snapshot(Reader):
    """Reads one statement after the other on one connection, whose transaction sees the same all the time."""

    def __init__(self, database: Database, connection: Connection) -> None:
        super().__init__(database)
        self._connection, self._free = connection, asyncio.Lock()

    async def _run(self, sql: str, arguments: list[Any], row: type[Row]) -> Sequence[Any]:
        return await self.fetch(sql, arguments, row)  # traces have the statements of the answer alone

    async def fetch(self, sql: str, arguments: list[Any], row: type[Row]) -> list[Any]:
        async with self._free, self._connection.transaction():  # a statement that fails ends no more than itself
            return list(await self._connection.fetch(sql, *arguments, record_class=row))

    async def end(self) -> None:
        """Nothing is read any more: where a field fails, graphql-core answers while those beside it go on reading."""
        await self._free.acquire()


class Counted(Unlimited):
    """What was counted already, by the answer that counts."""

    def __init__(self, quota: Quota) -> None:
        self.windows = quota.windows  # type: ignore[method-assign]


async def in_one_snapshot(
    operation: Operation, variables: Mapping[str, Any], context: Context, *executors: Any
) -> AsyncIterator[Result]:
    """What each executor answers, all in one state of the database."""
    database = context.read.database
    async with database.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        for execute in executors:
            read = Snapshot(database, connection)
            yield await execute(
                operation, variables, Context(read, context.viewer, Counted(context.quota), context.address)
            )
            await read.end()


def reads(context: Context) -> bool:
    """Whether it is a request's, and has a database."""
    return type(context.read) is Reader and context.read.database is not None


@contextmanager
def comparing() -> Iterator[list[str]]:
    """The differences that queries had meanwhile."""
    found: list[str] = []
    run = Operation.execute

    async def both(
        self: Operation, variables: Mapping[str, Any], context: Any = None, trace: Trace | None = None, root: Any = None
    ) -> Result:
        result = await run(self, variables, context, trace, root)
        if self.kind is OperationType.QUERY and isinstance(context, Context) and reads(context):
            moment = rules.now()
            with patch.object(rules, "now", lambda: moment):
                ours, theirs = [
                    answer async for answer in in_one_snapshot(self, variables, context, run, Operation._run_by_core)
                ]
            found.extend(f"{self.name}: {each}" for each in differences(ours, theirs, ordered=False))
        return result

    Operation.execute = both  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Operation.execute = run  # type: ignore[method-assign]
