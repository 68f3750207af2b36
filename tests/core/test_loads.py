"""Loads of one request: what is one call, what is looked up again, what errors do."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from closient_gql.core.db import Columns
from closient_gql.core.models.brands import Brand
from resolvers.context import Context

Calls = list[list[Any]]


@pytest.fixture
def calls() -> Calls:
    return []


@pytest.fixture
def ctx() -> Context:
    return Context(None)  # type: ignore[arg-type]  # nothing is read


async def test_the_same_turn_is_one_call(ctx: Context, calls: Calls) -> None:
    async def double(ctx: Context, parents: Sequence[int], by: int = 2) -> list[int]:
        calls.append(list(parents))
        return [parent * by for parent in parents]

    both = asyncio.gather(ctx.loads.of_parents(double, [1, 2], {}), ctx.loads.of_parents(double, [3, 1], {}))
    assert [*await both] == [[2, 4], [6, 2]]
    assert calls == [[1, 2, 3, 1]]  # parents need not be hashable, so nothing is taken out


async def test_single_parents_of_one_turn_are_one_call(ctx: Context, calls: Calls) -> None:
    async def double(ctx: Context, parents: Sequence[int], by: int = 2) -> list[Any]:
        calls.append(list(parents))
        return [parent * by if parent < 9 else ValueError("too many") for parent in parents]

    one, two, same, bad = await asyncio.gather(*(ctx.load(double, n) for n in (1, 2, 1, 9)), return_exceptions=True)
    assert (one, two, same, str(bad)) == (2, 4, 2, "too many")
    assert calls == [[1, 2, 1, 9]]
    assert [*await asyncio.gather(ctx.load(double, 1, by=3), ctx.load(double, 1, by=4))] == [3, 4]
    assert calls[1:] == [[1], [1]]


async def test_a_key_is_looked_up_once(ctx: Context, calls: Calls) -> None:
    async def find(ctx: Context, keys: Sequence[str]) -> list[str | None]:
        calls.append(list(keys))
        await asyncio.sleep(0)
        return [key.upper() if key != "none" else None for key in keys]

    async def late() -> Any:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return await ctx.find_all(find, ["b", "c"])  # b is under way then

    found = await asyncio.gather(ctx.find_all(find, ["a", "b", "a", None, "none"]), ctx.find(find, "b"), late())
    assert found == [["A", "B", "A", None, None], "B", ["B", "C"]]
    assert calls == [["a", "b", "none"], ["c"]]
    assert await ctx.find_all(find, ["none", "c"]) == [None, "C"]
    assert len(calls) == 2
    ctx.forget()
    assert await ctx.find(find, "a") == "A"
    assert calls[2:] == [["a"]]


async def test_what_failed_is_tried_anew(ctx: Context, calls: Calls) -> None:
    async def find(ctx: Context, keys: Sequence[str]) -> list[Any]:
        calls.append(list(keys))
        if len(calls) == 1:
            raise ValueError("away")
        return [ValueError("this one") if key == "bad" else key for key in keys]

    results = await asyncio.gather(ctx.find(find, "a"), ctx.find(find, "b"), return_exceptions=True)
    assert [str(result) for result in results] == ["away", "away"]
    assert await ctx.find_all(find, ["a", "b"]) == ["a", "b"]
    with pytest.raises(ValueError, match="this one"):
        await ctx.find(find, "bad")
    assert calls == [["a", "b"], ["a", "b"], ["bad"]]


@pytest.mark.parametrize("answers", [[], [1], [1, 2, 3]])
async def test_answers_that_are_too_few_or_too_many(ctx: Context, answers: list[int]) -> None:
    async def wrong(ctx: Context, things: Sequence[Any]) -> list[int]:
        return answers

    message = f"gave {len(answers)} answers for 2 parents or keys"
    with pytest.raises(TypeError, match=message):
        await ctx.loads.of_parents(wrong, [1, 2], {})
    with pytest.raises(TypeError, match=message):
        await ctx.find_all(wrong, ["a", "b"])


async def test_one_that_is_cancelled_does_not_leave_others_waiting(ctx: Context) -> None:
    async def never(ctx: Context, things: Sequence[Any]) -> list[Any]:
        await asyncio.sleep(60)
        return []

    first = asyncio.create_task(ctx.find(never, "a"))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(ctx.find(never, "a"))
    await asyncio.sleep(0.01)
    first.cancel()
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError] * 2


# --- with the columns that are wanted


class Columned:
    """Rows that have what they were read with; says how it was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], list[str] | None]] = []

    async def find(self, ctx: Context, keys: Sequence[str], columns: Columns | None = None) -> list[Brand | None]:
        names = columns(Brand) if columns else None
        self.calls.append((list(keys), None if names is None else sorted(names)))
        await asyncio.sleep(0)
        rows: Any = [dict.fromkeys(names or ("all",), key) for key in keys]
        return list(rows)


def only(*names: str) -> Columns:
    return lambda model: frozenset(names)


async def test_a_key_is_looked_up_again_for_more_columns(ctx: Context) -> None:
    table = Columned()
    assert await ctx.find(table.find, "a", only("name", "website")) == {"name": "a", "website": "a"}
    assert await ctx.find(table.find, "a", only("name")) == {"name": "a", "website": "a"}  # it has more
    found = await ctx.find_all(table.find, ["a", "b"], only("twitter"))
    assert found[0] == {"name": "a", "website": "a", "twitter": "a"}  # and keeps what it had
    assert found[1].keys() >= {"twitter"}
    assert await ctx.find(table.find, "a") == {"all": "a"}
    assert await ctx.find_all(table.find, ["a", "a"], only("threads")) == [{"all": "a"}] * 2
    assert table.calls == [
        (["a"], ["name", "website"]), (["a", "b"], ["name", "twitter", "website"]), (["a"], None),
    ]  # fmt: skip


async def test_what_is_wanted_in_one_turn_is_read_at_once(ctx: Context) -> None:
    table = Columned()
    one, two = await asyncio.gather(
        ctx.find_all(table.find, ["a", "b"], only("name")), ctx.find_all(table.find, ["b", "c"], only("twitter"))
    )
    assert table.calls == [(["a", "b", "c"], ["name", "twitter"])]
    assert one[1] is two[0]
    assert one[1].keys() == {"name", "twitter"}
    await asyncio.gather(ctx.find(table.find, "d", only("name")), ctx.find(table.find, "e"))
    assert table.calls[1:] == [(["d", "e"], None)]


async def test_more_is_wanted_while_less_is_under_way(ctx: Context) -> None:
    table = Columned()

    async def late() -> Any:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return await ctx.find(table.find, "a", only("twitter"))

    first, second = await asyncio.gather(ctx.find(table.find, "a", only("name")), late())
    assert (set(first), set(second)) == ({"name"}, {"name", "twitter"})
    assert table.calls == [(["a"], ["name"]), (["a"], ["name", "twitter"])]


async def test_a_lookup_that_knows_no_columns_gives_all(ctx: Context, calls: Calls) -> None:
    async def find(ctx: Context, keys: Sequence[str]) -> list[Brand | None]:
        calls.append(list(keys))
        return [None for _ in keys]

    assert await ctx.find(find, "a", only("name")) is None
    assert await ctx.find(find, "a") is None
    assert calls == [["a"]]
