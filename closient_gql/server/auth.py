"""Who is calling: from the X-API-Key header to a viewer, by way of a cache that hears of every change.

A key is refused from the next request on after it was revoked: triggers announce every change of keys and memberships
(NOTIFY closient_keys), each process listens, and nothing is served from the cache of a process that cannot hear.
Whoever changes something is answered only after all processes have said that they heard of it (`told`).
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import asyncpg
import structlog

from closient_gql.core.db import AWAY, Database, Reader
from closient_gql.core.errors import Unauthorized, Unavailable
from closient_gql.core.keys import hash_key, key_kind
from resolvers.account.keys import touch_keys, viewer_of_key
from resolvers.viewer import ANONYMOUS, Viewer

CHANNEL = "closient_keys"
ANSWERS = "closient_keys_heard"
LISTENER = "closient keys"  # the name of each connection that listens
ASK = """
SELECT count(*), pg_notify($1, $2) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = $3
"""
MOST = 10_000  # callers in the cache
FRESH = 300.0  # seconds that an entry is believed at the longest
HEARTBEAT = 5.0  # seconds between two proofs that the listening connection is alive
PATIENCE = 2.0  # seconds that a change waits for processes that hang
RETRY = 0.1  # seconds until it listens again, after the connection was lost
FLUSH = 20.0  # seconds between two writes of last_used
BAD_KEY = "The API key is not valid. Check the X-API-Key header: it may be mistyped, revoked or expired."

log = structlog.get_logger(__name__)


class Keys:
    """The callers of one process. `run` listens and writes `last_used` until it is cancelled."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self.database, self.clock = database, clock
        self.used: dict[str, datetime] = {}
        self._cache: OrderedDict[bytes, tuple[Viewer, float]] = OrderedDict()
        self._heard = 0  # changes of any key; what was looked up across one is not kept
        self._hearing = False
        self._asked: dict[str, asyncio.Queue[None]] = {}  # questions of this process that are being answered
        self._answering: set[asyncio.Task[None]] = set()

    @property
    def hearing(self) -> bool:
        """Whether changes of keys reach this process, so that its cache may be used."""
        return self._hearing

    async def viewer(self, raw: str | None) -> Viewer:
        """The caller with this key; ANONYMOUS without one.

        Raises:
            Unauthorized: the key is malformed (the database is not asked), unknown, revoked or expired.
            Unavailable: the database is away.
        """
        if raw is None:
            return ANONYMOUS
        hash = hash_key(raw)
        if (viewer := self._cached(hash)) is None:
            if key_kind(raw) is None:
                raise Unauthorized(BAD_KEY)
            viewer = await self._look_up(hash)
        now = datetime.now(UTC)
        if viewer is None or (viewer.expires_at and viewer.expires_at <= now):
            raise Unauthorized(BAD_KEY)
        if viewer.key_id:
            self.used[viewer.key_id] = now
        return viewer

    def _cached(self, hash: bytes) -> Viewer | None:
        found = self._cache.get(hash) if self._hearing else None
        if found is None or self.clock() - found[1] > FRESH:
            return None
        self._cache.move_to_end(hash)
        return found[0]

    async def _look_up(self, hash: bytes) -> Viewer | None:
        heard = self._heard
        viewer = await viewer_of_key(Reader(self.database), hash)
        if viewer and self._hearing and heard == self._heard:
            self._cache[hash] = viewer, self.clock()
            if len(self._cache) > MOST:
                self._cache.popitem(last=False)
        return viewer

    def forget(self, payload: str) -> None:
        """A key with this hash has changed; `*`: any may have."""
        self._heard += 1
        if payload == "*":
            self._cache.clear()
        else:
            with suppress(ValueError):
                self._cache.pop(bytes.fromhex(payload), None)

    async def told(self) -> None:
        """Ends when every process has heard of the changes that are committed by now, this one included: each is asked
        after the announcement of the changes, on the same way, and answers when it has come to the question.

        A process that hangs is waited for `PATIENCE` seconds. One that does not hear uses no cache.
        """
        if not self._hearing:
            return
        question = secrets.token_hex(8)
        answers = self._asked[question] = asyncio.Queue()
        try:
            async with asyncio.timeout(PATIENCE):
                async with self.database.acquire() as connection:
                    listeners = await connection.fetchval(ASK, CHANNEL, f"?{question}", LISTENER)
                for _ in range(listeners):
                    await answers.get()
        except (TimeoutError, Unavailable, asyncpg.PostgresError) as error:  # the change itself is committed
            log.warning("keys: not every process said that it heard of a change", error=str(error))
        finally:
            del self._asked[question]

    def _notified(self, payload: str) -> None:
        if payload.startswith("?"):
            task = asyncio.create_task(self._answer(payload[1:]))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        else:
            self.forget(payload)

    async def _answer(self, question: str) -> None:
        with suppress(Unavailable, asyncpg.PostgresError):
            async with self.database.acquire() as connection:
                await connection.execute("SELECT pg_notify($1, $2)", ANSWERS, question)

    def _answered(self, question: str) -> None:
        if answers := self._asked.get(question):
            answers.put_nowait(None)

    async def flush(self) -> None:
        """Writes when keys were last used. What cannot be written is kept for the next time.

        Raises:
            Unavailable: the database is away.
        """
        used, self.used = self.used, {}
        if used:
            try:
                await touch_keys(self.database, used)
            except BaseException:
                self.used = used | self.used
                raise

    async def run(self) -> None:
        """Listens, and writes `last_used`; on cancellation it writes once more."""
        listening = asyncio.create_task(self._listen())
        try:
            while True:
                await asyncio.sleep(FLUSH)
                try:
                    await self.flush()
                except Exception as error:  # away, or a deadlock with another worker: the next time will do
                    log.warning("keys: last_used was not written", error=str(error))
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            with suppress(Exception):
                await self.flush()

    async def _listen(self) -> None:
        pause = RETRY
        while True:
            before = self._heard
            try:
                await self._hear()
            except (*AWAY, asyncpg.PostgresError) as error:
                log.warning("keys: not listening; every key is looked up", error=str(error))
            pause = RETRY if self._heard > before else min(pause * 2, 2.0)  # longer only while nothing is heard at all
            await asyncio.sleep(pause)

    async def _hear(self) -> None:
        """Listens on a connection of its own for as long as that lives."""
        connection = await asyncpg.connect(self.database.url, timeout=5, command_timeout=HEARTBEAT)
        gone = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: self._deaf(gone))
            await connection.add_listener(ANSWERS, lambda *heard: self._answered(str(heard[-1])))
            await connection.add_listener(CHANNEL, lambda *heard: self._notified(str(heard[-1])))
            await connection.execute(f"SET application_name = '{LISTENER}'")  # only who listens is waited for
            self.forget("*")
            self._hearing = True
            while not gone.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(gone.wait(), HEARTBEAT)
                    return
                await connection.execute("SELECT 1")
        finally:
            self._deaf(gone)
            connection.terminate()

    def _deaf(self, gone: asyncio.Event) -> None:
        self._hearing = False
        self.forget("*")
        gone.set()
