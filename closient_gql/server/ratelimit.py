"""How many requests a caller may still make: fixed windows, counted in this process or in Valkey for many.

One HTTP request is one unit. Windows are aligned to the Unix epoch, so that a day ends at midnight UTC. A request is
counted in all windows of its policy or, refused, in none. Names of headers, quotas and "fewest requests left" are those
of the contract (`rate_limits` in its conventions).

The `limits` library was measured and left: it counts refused requests too, and asks once per window (0.34 to 0.41 ms
for two, against 0.18 ms for one script).
"""

import asyncio
import hashlib
import ipaddress
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import structlog
from valkey.asyncio import Valkey
from valkey.exceptions import NoScriptError, ValkeyError

from closient_gql.core.errors import RateLimited
from closient_gql.core.settings import Settings

PATIENCE = 0.25  # seconds that Valkey may take for one request, connecting included
PAUSE = 2.0  # seconds without asking again after it failed
WARN_EVERY = 30.0  # seconds between two warnings that it is away
CONNECTIONS = 32  # of one process

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Window:
    """At most `quota` requests in each stretch of `seconds`; both are at least 1, else ValueError."""

    seconds: int
    quota: int

    def __post_init__(self) -> None:
        if self.seconds < 1 or self.quota < 1:
            raise ValueError(f"A window needs at least one second and one request, not {self}.")


Policy = tuple[Window, ...]
"""The windows of one caller, at least one, each of another length. A caller's count belongs to the length of a window:
a changed quota takes effect at once and forgets nothing."""


class Count(NamedTuple):
    """What one window says: `used` requests, this one included if it was let through; `reset` seconds until it ends.

    `reset` is a whole number, rounded up and at least 1: that many seconds later the window is empty.
    """

    window: Window
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """Requests left; 0, never less, also when the quota was lowered below what is used."""
        return max(0, self.window.quota - self.used)


class Verdict(NamedTuple):
    """Whether a request is let through, and why: one count per window, as of `now`, whole Unix seconds."""

    allowed: bool
    counts: tuple[Count, ...]
    now: int

    @property
    def tightest(self) -> Count:
        """The most restrictive window: fewest requests left, and of equals the one that ends last."""
        found = self.counts[0]
        for count in self.counts[1:]:
            if (count.remaining, -count.reset) < (found.remaining, -found.reset):
                found = count
        return found

    @property
    def retry_after(self) -> int:
        """Seconds after which a request is let through if nobody else calls; 0 if one is right now.

        All exhausted windows must have ended: it is the longest of their resets.
        """
        return 0 if self.allowed else max(count.reset for count in self.counts if not count.remaining)

    @property
    def headers(self) -> dict[str, str]:
        """The seven headers of every limited response; `Retry-After` comes with the error, `RateLimited`."""
        return {name: str(value, "ascii") for name, value in zip(NAMES, self._values(), strict=True)}

    @property
    def raw_headers(self) -> Iterable[tuple[bytes, bytes]]:
        """The same as ASGI has them."""
        return zip(RAW_NAMES, self._values(), strict=True)

    def _values(self) -> tuple[bytes, ...]:
        policy = b", ".join([b"%d;w=%d" % (window.quota, window.seconds) for window, _, _ in self.counts])
        tightest = self.tightest
        limit, remaining, reset = b"%d" % tightest.window.quota, b"%d" % tightest.remaining, tightest.reset
        return policy, limit, remaining, b"%d" % reset, limit, remaining, b"%d" % (self.now + reset)


NAMES = ("RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset",  # seconds from now
         "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")  # Unix time  # fmt: skip
RAW_NAMES = tuple(name.lower().encode("ascii") for name in NAMES)


def verdict(policy: Policy, used: Sequence[int], allowed: bool, now: int) -> Verdict:
    """What `used` requests per window mean at `now`: the clock's seconds rounded down, so `reset` is rounded up."""
    pairs = zip(policy, used, strict=True)
    return Verdict(
        allowed, tuple([Count(window, n, window.seconds - now % window.seconds) for window, n in pairs]), now
    )


def refusal(verdict: Verdict) -> RateLimited:
    """The error for a caller who has no requests left."""
    wait = verdict.retry_after
    return RateLimited(f"Too many requests. Try again in {wait} seconds.", wait)


class Limiter(Protocol):
    """Counts the requests of subjects: any names of callers, such as the id of a key or `anonymous_subject`."""

    async def hit(self, subject: str, policy: Policy) -> Verdict:
        """Let one request through and count it, or refuse it and count nothing."""

    async def peek(self, subject: str, policy: Policy) -> Verdict:
        """What `hit` would say, with the counts as they are; counts nothing."""

    async def close(self) -> None:
        """Give back what it holds; it is not used afterwards."""


class MemoryLimiter:
    """Counts in this process: exact for one process, gone with it.

    It holds the callers of the current windows only: each length of window has one table, left behind as a whole when
    its window ends, so that no request looks for what has expired. `clock` gives Unix seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._tables: dict[int, tuple[int, dict[str, int]]] = {}  # length: (start, subject: used)

    async def hit(self, subject: str, policy: Policy) -> Verdict:
        return self._count(subject, policy, 1)

    async def peek(self, subject: str, policy: Policy) -> Verdict:
        return self._count(subject, policy, 0)

    async def close(self) -> None:
        self._tables.clear()

    def _count(self, subject: str, policy: Policy, units: int) -> Verdict:
        now = int(self._clock())
        tables = [self._table(window.seconds, now) for window in policy]
        used = [table.get(subject, 0) for table in tables]
        allowed = all(n < window.quota for n, window in zip(used, policy, strict=True))
        if allowed and units:
            used = [n + units for n in used]
            for table, n in zip(tables, used, strict=True):
                table[subject] = n
        return verdict(policy, used, allowed, now)

    def _table(self, seconds: int, now: int) -> dict[str, int]:
        start = now - now % seconds
        held = self._tables.get(seconds)
        if held is None or held[0] != start:
            held = self._tables[seconds] = (start, {})
        return held[1]


SCRIPT = """
-- KEYS: the caller's hash, {seconds of a window: 'its start:used'}. ARGV: units, then seconds and quota of each window.
-- Answers {1 if allowed, Unix time, used in each window}.
local now = tonumber(redis.call('TIME')[1])
local allowed, last, used, fields = 1, 0, {}, {}
for i = 2, #ARGV, 2 do
  local seconds = tonumber(ARGV[i])
  local start = now - now % seconds
  local held_start, held = string.match(redis.call('HGET', KEYS[1], ARGV[i]) or '', '^(%d+):(%d+)$')
  local n = tonumber(held_start) == start and tonumber(held) or 0
  if n >= tonumber(ARGV[i + 1]) then allowed = 0 end
  last = math.max(last, start + seconds)
  used[#used + 1] = n
  fields[#fields + 1] = ARGV[i]
  fields[#fields + 1] = string.format('%d:%d', start, n + ARGV[1])
end
if allowed == 1 and ARGV[1] ~= '0' then
  redis.call('HSET', KEYS[1], unpack(fields))
  if redis.call('TTL', KEYS[1]) < last - now then redis.call('EXPIREAT', KEYS[1], last) end
  for i = 1, #used do used[i] = used[i] + ARGV[1] end
end
return {allowed, now, unpack(used)}
"""
SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


class ValkeyLimiter:
    """Counts in Valkey or Redis (5 or later), exactly for all processes that share it: one script, one round trip.

    All windows of a caller are one key, as a cluster wants it; the key goes with its last window. The clock is the
    server's, so processes agree on it.

    While the server is away, slow, or refuses (read-only, out of memory), it fails open to a `MemoryLimiter`: limits
    hold per process, no request fails. Requests that notice take at most twice `PATIENCE` longer. Nobody asks for
    `pause` seconds; then one request at a time tries, and the first answer ends it. Counts made meanwhile are dropped.

    Raises:
        ValueError: the URL cannot be read. Schemes are valkey, valkeys, redis, rediss and unix.
    """

    def __init__(self, url: str, pause: float = PAUSE) -> None:
        try:
            self._client: Any = Valkey.from_url(url, socket_timeout=None)  # `_run` has the one timeout
            self._client.connection_pool.make_connection()  # unknown options show here, not in a request
        except (TypeError, ValueError) as error:
            raise ValueError(f"VALKEY_URL cannot be read: {error}") from error
        self._pause = pause
        self._slots = asyncio.Semaphore(CONNECTIONS)  # a burst waits here: its own queue is not the server's slowness
        self._fallback = MemoryLimiter()
        self._away_until = 0.0  # monotonic; 0 is: not away
        self._warned = -WARN_EVERY

    async def hit(self, subject: str, policy: Policy) -> Verdict:
        return await self._ask(subject, policy, 1) or await self._fallback.hit(subject, policy)

    async def peek(self, subject: str, policy: Policy) -> Verdict:
        return await self._ask(subject, policy, 0) or await self._fallback.peek(subject, policy)

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(self, subject: str, policy: Policy, units: int) -> Verdict | None:
        """What Valkey says; None while it is away."""
        async with self._slots:
            if self._away_until:
                if time.monotonic() < self._away_until:
                    return None
                self._away_until = time.monotonic() + self._pause  # this one tries; the others do not wait for it
            try:
                allowed, now, *used = await self._run(subject, policy, units)
            except (ValkeyError, OSError, ValueError) as error:
                self._lost(error)
                return None
            if self._away_until:
                self._away_until = 0.0
                log.info("Valkey is back: rate limits are shared again")
            return verdict(policy, used, bool(allowed), now)

    async def _run(self, subject: str, policy: Policy, units: int) -> list[int]:
        arguments = [number for window in policy for number in (window.seconds, window.quota)]
        call = (1, f"closient:rate:{subject}", units, *arguments)
        async with asyncio.timeout(PATIENCE):
            try:
                answer: list[int] = await self._client.execute_command("EVALSHA", SHA, *call)
            except NoScriptError:  # a new server, or one that was restarted
                answer = await self._client.execute_command("EVAL", SCRIPT, *call)
        return answer

    def _lost(self, error: Exception) -> None:
        now = time.monotonic()
        self._away_until = now + self._pause
        if now - self._warned >= WARN_EVERY:
            self._warned = now
            reason = str(error) or type(error).__name__
            log.warning("Valkey is away: rate limits hold per process until it is back", error=reason)


def limiter(valkey_url: str) -> Limiter:
    """The limiter for this process: shared through Valkey if there is a URL, else in memory. ValueError: bad URL."""
    return ValkeyLimiter(valkey_url) if valkey_url else MemoryLimiter()


def check_workers(workers: int, valkey_url: str) -> None:
    """Refuse to start what would not hold its limits.

    Raises:
        ValueError: several workers and no Valkey in which they could count together.
    """
    if workers > 1 and not valkey_url:
        raise ValueError(
            f"{workers} workers without VALKEY_URL would each count for themselves, and every rate limit would be "
            f"{workers} times as high. Set VALKEY_URL to a Valkey or Redis server, or start one worker."
        )


def key_policy(settings: Settings, per_minute: int = 0, per_day: int = 0, *, publishable: bool = False) -> Policy:
    """The windows of an API key: its own requests per minute and per day, where 0 is the default of its kind."""
    minute = settings.rate_publishable_per_minute if publishable else settings.rate_per_minute
    return windows((60, per_minute or minute), (86_400, per_day or settings.rate_per_day))


@lru_cache(maxsize=1_000)
def windows(*given: tuple[int, int]) -> Policy:
    """Windows by their seconds and quotas. There are few: those of the settings, and those of single keys."""
    return tuple(Window(seconds, quota) for seconds, quota in given)


def anonymous_policy(settings: Settings) -> Policy:
    """The one window of callers without a key."""
    return windows((60, settings.rate_anonymous_per_minute))


def anonymous_subject(ip: str) -> str:
    """Who an anonymous caller is: the IPv4 address, or the /64 network that a holder of IPv6 has for itself.

    IPv4 written as IPv6 (`::ffff:192.0.2.7`) is IPv4. What is no address (a caller through a Unix socket has none) is
    `ip:unknown`, one caller for all.
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "ip:unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return f"ip:{ipaddress.IPv6Address(int(address) >> 64 << 64)}/64"
        address = address.ipv4_mapped
    return f"ip:{address}"
