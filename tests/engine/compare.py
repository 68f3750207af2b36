"""Every query that a test runs, through both executors: `COMPARE=1 scripts/test`.

Mutations are run once, compiled. What a test counts (statements) is not doubled: the second run reads for itself.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from graphql import OperationType

from closient_gql.core.db import Reader
from closient_gql.engine import Operation, Result, Trace
from resolvers.context import Context
from tests.engine.differential import differences

TRIES = 10  # until nobody wrote between the two


@contextmanager
def comparing() -> Iterator[list[str]]:
    """The differences that queries had meanwhile."""
    found: list[str] = []
    run = Operation.execute

    async def both(self: Operation, variables: Mapping[str, Any], context: Any, trace: Trace | None = None) -> Result:
        ours = await run(self, variables, context, trace)
        if self.kind is OperationType.QUERY and isinstance(context, Context) and isinstance(context.read, Reader):

            def again() -> Context:
                return Context(Reader(context.read.database), context.viewer, context.quota)

            other, wrong = ours, [""]
            for _ in range(TRIES):
                theirs = await self._run_by_core(variables, again())
                if not (wrong := differences(other, theirs, ordered=False)):
                    break
                other = await run(self, variables, again())  # did somebody write meanwhile?
                if not (wrong := differences(other, theirs, ordered=False)):
                    break
            found.extend(f"{self.name}: {each}" for each in wrong)
        return ours

    Operation.execute = both  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Operation.execute = run  # type: ignore[method-assign]
