"""What one request carries."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from closient_gql.core.db import Batch, Columns, Reader, Writer
from resolvers.loads import Loads
from resolvers.viewer import ANONYMOUS, Viewer


@dataclass(frozen=True)
class QuotaWindow:
    """One fixed window of a rate limit: its length and the time until it starts anew, in seconds."""

    seconds: int
    quota: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(0, self.quota - self.used)


class Quota(Protocol):
    """What the rate limiter's counters say of the caller."""

    async def windows(self) -> Sequence[QuotaWindow]: ...

    async def spend(self, what: str, windows: Sequence[tuple[int, int]]) -> None:
        """Counts one use of something that has limits of its own for each network address: in each window, given as
        seconds and quota, or in none.

        Raises:
            RateLimited: the address has used it as often as it may.
        """


class Unlimited:
    """No limiter in front: jobs, tests, the command line."""

    async def windows(self) -> Sequence[QuotaWindow]:
        return ()

    async def spend(self, what: str, windows: Sequence[tuple[int, int]]) -> None:
        return


async def nobody_caches() -> None:
    """No process beside this one knows callers by heart: jobs, tests, the command line."""


class Context:
    """Who asks, from which network address ("" if nobody knows), what is read with, and the loads under way. One for
    each operation. `headers` are those that the answer shall have over HTTP: what is said of it, beside it."""

    def __init__(
        self,
        read: Reader,
        viewer: Viewer = ANONYMOUS,
        quota: Quota | None = None,
        address: str = "",
        told: Callable[[], Awaitable[None]] = nobody_caches,
    ) -> None:
        self.read, self.viewer, self.quota, self.address = read, viewer, quota or Unlimited(), address
        self._told = told
        self.headers: dict[str, str] = {}
        self.loads = Loads(self)

    def load(self, batch: Batch, parent: Any, **arguments: Any) -> Awaitable[Any]:
        """One parent's answer; loads of the same function with the same arguments become one call. For who has one
        parent at a time, as graphql-core's executor; many at once are `loads.of_parents`."""
        return self.loads.one_by_one(batch, arguments).load(parent)

    async def find(self, lookup: Batch, key: Any, columns: Columns | None = None) -> Any:
        """One row by key, or None; looked up once in a request. `columns`: what is read of it, if that is not all."""
        (row,) = await self.loads.of_keys(lookup, [key], columns)
        return raised(row)

    async def find_all(self, lookup: Batch, keys: Sequence[Any], columns: Columns | None = None) -> list[Any]:
        """Rows by key, in the order of the keys, None where there is none."""
        return [raised(row) for row in await self.loads.of_keys(lookup, keys, columns)]

    @asynccontextmanager
    async def transaction(self, *, heard: bool = False) -> AsyncIterator[Writer]:
        """One write: rows, events, audit entries and jobs are committed together, or none of them.

        What was read before is forgotten, so that the answer shows what was written. `heard`: processes remember what
        may change (keys, memberships, links, rules), and all of them have heard of it before the caller is answered.
        """
        async with self.read.database.transaction() as write:
            yield write
        self.forget()
        if heard:
            await self._told()

    def forget(self) -> None:
        """After a write: what was found before may have changed."""
        self.loads.forget()


def raised(answer: Any) -> Any:
    """The answer, unless it is an error."""
    if isinstance(answer, Exception):
        raise answer
    return answer
