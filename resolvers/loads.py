"""Loads of one request: what is asked for in one turn of the event loop becomes one call of a batch function.

A load is of many parents or keys at once, so a level of a selection is one; an entry of a dictionary for each key, not
a future, keeps them apart. The first that asks waits one turn for others to join, calls, and wakes them. A DataLoader
takes 0.27 ms for 125 loads, of which 0.002 ms are the call: it is for who comes with one parent at a time.
"""

import asyncio
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, is_dataclass
from functools import cache, partial
from types import NoneType
from typing import Any, TypeVar, get_args
from weakref import ref

from aiodataloader import DataLoader

from closient_gql.core.db import Batch, Columns

Call = Callable[[Sequence[Any]], Any]
Names = frozenset[str] | None  # of columns; None: all
G = TypeVar("G", bound="Group")


class Group:
    """Things that are loaded by one call, and who waits for it."""

    def __init__(self) -> None:
        self.things: list[Any] = []
        self.answers: Sequence[Any] = ()
        self.error: BaseException | None = None
        self.done = asyncio.Event()

    async def run(self, call: Call, close: Callable[[], None], joinable: bool = True) -> None:
        """Calls for all that joined within one turn; `close` ends the joining."""
        try:
            if joinable:
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


class Rows(Group):
    """What a lookup finds by keys, with the columns that anybody who waits for it wants."""

    def __init__(self, columns: Names) -> None:
        super().__init__()
        self.columns = columns
        self.found: dict[Any, Any] = {}

    def has(self, columns: Names) -> bool:
        return self.columns is None or (columns is not None and columns <= self.columns)

    def widen(self, columns: Names) -> None:
        self.columns = None if self.columns is None or columns is None else self.columns | columns

    async def look_up(self, lookup: Batch, context: Any, keys: Sequence[Any]) -> Sequence[Any]:
        """The answers, with what is wanted by now."""
        given = () if self.columns is None else (Only(self.columns),)
        answers: Sequence[Any] = checked(await lookup(context, keys, *given), keys)
        self.found = dict(zip(keys, answers, strict=True))
        return answers


@dataclass(frozen=True)
class Only:
    """These columns."""

    names: frozenset[str]

    def __call__(self, model: type) -> frozenset[str]:
        return self.names


@cache
def model_of(lookup: Batch) -> Any:
    """The model of the rows that a lookup finds, if it can be told which columns; else None."""
    signature = inspect.signature(lookup, eval_str=True)
    if all(each.annotation != Columns | None for each in signature.parameters.values()):
        return None
    (answer,) = get_args(signature.return_annotation)
    (model,) = [each for each in get_args(answer) if each is not NoneType]
    return model


class Loads:
    """The loads of one request. An answer that is an exception is given as it is."""

    def __init__(self, context: Any) -> None:
        self._context = ref(context)  # or neither would go before the collector comes
        self._open: dict[Any, Any] = {}
        self._found: dict[Batch, dict[Any, Rows]] = {}
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
        group, mine = self._join(key, Group)
        start = len(group.things)
        group.things += parents
        if mine:
            await self._load(group, key, lambda things: batch(self.context, things, **arguments))
        else:
            await group.wait()
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

    async def of_keys(self, lookup: Batch, keys: Sequence[Any], columns: Columns | None = None) -> list[Any]:
        """A row for each key, in order; None for None. A key is looked up once in a request, and once more if more of
        its columns are wanted later on (by default all of them). Rows may have more than is wanted."""
        model = None if columns is None else model_of(lookup)
        wanted = columns(model) if columns is not None and model is not None else None
        found = self._found.setdefault(lookup, {})
        missing = dict.fromkeys(
            key for key in keys if key is not None and not (key in found and found[key].has(wanted))
        )  # fmt: skip
        rows, mine = self._join_lookup(lookup, found, list(missing), wanted) if missing else (None, False)
        loads = {key: found[key] for key in keys if key is not None}  # others may look them up anew meanwhile
        if rows is not None and mine:
            await self._look_up(rows, lookup, found)
        for each in {id(load): load for load in loads.values()}.values():
            await each.wait()
        return [None if key is None else loads[key].found[key] for key in keys]

    def _join_lookup(
        self, lookup: Batch, found: dict[Any, Rows], missing: list[Any], wanted: Names
    ) -> tuple[Rows, bool]:
        """The load that takes in the missing keys, and whether it is a new one."""
        for key in missing:
            if wanted is not None and key in found:
                wanted |= found[key].columns or frozenset()  # what was found before stays found
        rows, mine = self._join(lookup, lambda: Rows(wanted))
        rows.widen(wanted)
        rows.things += [key for key in missing if found.get(key) is not rows]
        found |= dict.fromkeys(missing, rows)
        return rows, mine

    async def _look_up(self, rows: Rows, lookup: Batch, found: dict[Any, Rows]) -> None:
        try:
            await self._load(rows, lookup, lambda keys: rows.look_up(lookup, self.context, keys))
        except BaseException:
            for key in rows.things:  # the next one tries anew
                if found.get(key) is rows:
                    del found[key]
            raise

    def _join(self, key: Any, new: Callable[[], G]) -> tuple[G, bool]:
        """The group that takes this in, and whether it is a new one."""
        group: G | None = self._open.get(key)
        if group is not None:
            return group, False
        group = self._open[key] = new()
        return group, True

    async def _load(self, group: Group, key: Any, call: Call) -> None:
        """Calls for a group, once others had the time to join it: nobody can if we are alone."""

        def close() -> None:
            if self._open.get(key) is group:
                del self._open[key]

        await group.run(call, close, joinable=not self._alone())


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
