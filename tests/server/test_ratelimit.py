"""Rate limits: windows, headers, who is counted as whom, and the limiter in memory against a model."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from closient_gql.core.settings import Settings
from closient_gql.server.ratelimit import (
    Count,
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
