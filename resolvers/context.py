"""What one request carries, and the one place where batch functions become loads."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, is_dataclass
from functools import partial
from typing import Any, Protocol

from aiodataloader import DataLoader

from closient_gql.core.db import Batch, Reader, Writer
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


def frozen(value: Any) -> Any:
    """The value as part of a loader's key: input objects, maps and lists by what they hold."""
    if is_dataclass(value):
        return type(value), frozen(vars(value))
    if isinstance(value, dict):
        return tuple(sorted((key, frozen(item)) for key, item in value.items()))
    return tuple(map(frozen, value)) if isinstance(value, list) else value


class Context:
    """Who asks, from which network address ("" if nobody knows), what is read with, and the loads under way. One for
    each operation."""

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
        self._loaders: dict[Any, DataLoader[Any, Any]] = {}

    def load(self, batch: Batch, parent: Any, **arguments: Any) -> Awaitable[Any]:
        """One parent's answer; loads of the same function with the same arguments become one call."""
        # not cached: parents are rows, which need not be hashable; the batch function itself removes duplicates
        return self._loader(batch, arguments, cache=False).load(parent)

    async def find(self, lookup: Batch, key: Any) -> Any:
        """One row by key, or None; looked up at most once in a request."""
        return None if key is None else await self._loader(lookup, {}, cache=True).load(key)  # it refuses None

    async def find_all(self, lookup: Batch, keys: Sequence[Any]) -> list[Any]:
        """Rows by key, in the order of the keys, None where there is none."""
        return list(await asyncio.gather(*(self.find(lookup, key) for key in keys)))

    @asynccontextmanager
    async def transaction(self, *, of_keys: bool = False) -> AsyncIterator[Writer]:
        """One write: rows, events, audit entries and jobs are committed together, or none of them.

        What was read before is forgotten, so that the answer shows what was written. `of_keys`: keys or memberships may
        change, and what they allow counts in every process before the caller is answered.
        """
        async with self.read.database.transaction() as write:
            yield write
        self.forget()
        if of_keys:
            await self._told()

    def forget(self) -> None:
        """After a write: what was found before may have changed."""
        self._loaders.clear()

    def _loader(self, batch: Batch, arguments: dict[str, Any], cache: bool) -> DataLoader[Any, Any]:
        key = batch, frozen(arguments), cache
        if key not in self._loaders:
            call: Any = partial(batch, self, **arguments)
            self._loaders[key] = DataLoader(call, cache=cache)
        return self._loaders[key]
