"""Loads of one request: what is one call, what is looked up again, what errors do."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

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
