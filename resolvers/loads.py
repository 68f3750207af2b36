"""Loads of one request: what is asked for in one turn of the event loop becomes one call of a batch function.

A load is of many parents or keys at once, so a level of a selection is one; an entry of a dictionary for each key, not
a future, keeps them apart. The first that asks waits one turn for others to join, calls, and wakes them. A DataLoader
takes 0.27 ms for 125 loads, of which 0.002 ms are the call: it is for who comes with one parent at a time.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from functools import partial
from typing import Any
from weakref import ref

from aiodataloader import DataLoader

from closient_gql.core.db import Batch

Call = Callable[[Sequence[Any]], Any]


class Group:
    """Things that are loaded by one call, and who waits for it."""

    def __init__(self) -> None:
        self.things: list[Any] = []
        self.answers: Sequence[Any] = ()
        self.error: BaseException | None = None
        self.done = asyncio.Event()

    async def run(self, call: Call, close: Callable[[], None]) -> None:
        """Calls for all that joined within one turn; `close` ends the joining."""
        try:
            await asyncio.sleep(0)
            close()
            self.answers = checked(await call(self.things), self.things)
        except BaseException as error:
            close()
            self.error = error
            raise
        finally:
            self.done.set()

    async def wait(self) -> None:
        """Until another one's call has ended.

        Raises:
            Exception: what the call raised.
        """
        await self.done.wait()
        if self.error is not None:
            raise self.error if isinstance(self.error, Exception) else asyncio.CancelledError


class Loads:
    """The loads of one request. An answer that is an exception is given as it is."""

    def __init__(self, context: Any) -> None:
        self._context = ref(context)  # or neither would go before the collector comes
        self._open: dict[Any, Group] = {}
        self._found: dict[Batch, dict[Any, Any]] = {}
        self._one_by_one: dict[Any, DataLoader[Any, Any]] = {}
        self._task = running()

    @property
    def context(self) -> Any:
        return self._context()

    def _alone(self) -> bool:
        """Whether nobody can join: siblings run in tasks of their own, for which the request's own task waits."""
        return self._task is not None and self._task is running()

    def forget(self) -> None:
        """What was found may have changed; what is under way is not joined any more."""
        self._open.clear()
        self._found.clear()
        self._one_by_one.clear()

    async def of_parents(self, batch: Batch, parents: Sequence[Any], arguments: dict[str, Any]) -> Sequence[Any]:
        """An answer for each parent, in order: `batch(context, parents, **arguments)`. Nothing is remembered."""
        if self._alone():
            return checked(await batch(self.context, parents, **arguments), parents)
        key = batch, frozen(arguments)
        group, mine = self._join(key)
        start = len(group.things)
        group.things += parents
        await self._load(group, mine, key, lambda things: batch(self.context, things, **arguments))
        return group.answers[start : start + len(parents)]

    def one_by_one(self, batch: Batch, arguments: dict[str, Any]) -> DataLoader[Any, Any]:
        """What makes loads of single parents, asked for in one turn, one load of many."""
        key = batch, frozen(arguments)
        if key not in self._one_by_one:
            load: Any = partial(self._of_parents, batch, arguments)
            self._one_by_one[key] = DataLoader(load, cache=False)  # parents are rows, which need not be hashable
        return self._one_by_one[key]

    async def _of_parents(self, batch: Batch, arguments: dict[str, Any], parents: Sequence[Any]) -> list[Any]:
        return list(await self.of_parents(batch, parents, arguments))

    async def of_keys(self, lookup: Batch, keys: Sequence[Any]) -> list[Any]:
        """A row for each key, in order; None for None. A key is looked up once in a request."""
        found = self._found.setdefault(lookup, {})
        missing = {key: None for key in keys if key is not None and key not in found}
        groups = {id(group): group for key in keys if isinstance(group := found.get(key), Group)} if found else {}
        if missing and self._alone():
            wanted = list(missing)
            found |= zip(wanted, checked(await lookup(self.context, wanted), wanted), strict=True)
        elif missing:
            group, mine = self._join(lookup)
            group.things += missing
            found |= dict.fromkeys(missing, group)
            await self._look_up(group, mine, lookup, found)
        for group in groups.values():
            await group.wait()
        return [None if key is None else found[key] for key in keys]

    async def _look_up(self, group: Group, mine: bool, lookup: Batch, found: dict[Any, Any]) -> None:
        try:
            await self._load(group, mine, lookup, lambda things: lookup(self.context, things))
        except BaseException:
            if mine:  # the next one tries anew
                for key in group.things:
                    found.pop(key, None)
            raise
        if mine:
            found |= dict(zip(group.things, group.answers, strict=True))

    def _join(self, key: Any) -> tuple[Group, bool]:
        """The group that takes this in, and whether it is a new one."""
        if (group := self._open.get(key)) is not None:
            return group, False
        group = self._open[key] = Group()
        return group, True

    async def _load(self, group: Group, mine: bool, key: Any, call: Call) -> None:
        if not mine:
            await group.wait()
            return

        def close() -> None:
            if self._open.get(key) is group:
                del self._open[key]

        await group.run(call, close)


def running() -> "asyncio.Task[Any] | None":
    """The task that runs, if an event loop does."""
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def checked(answers: Sequence[Any], things: Sequence[Any]) -> Sequence[Any]:
    """The answers.

    Raises:
        TypeError: they are not as many as the things.
    """
    if len(answers) != len(things):
        raise TypeError(f"A batch function gave {len(answers)} answers for {len(things)} parents or keys.")
    return answers


def frozen(value: Any) -> Any:
    """The value as part of a key: input objects, maps and lists by what they hold."""
    if is_dataclass(value):
        return type(value), frozen(vars(value))
    if isinstance(value, dict):
        return tuple(sorted((key, frozen(item)) for key, item in value.items()))
    return tuple(map(frozen, value)) if isinstance(value, list) else value
