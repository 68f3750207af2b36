"""Who is calling: from the X-API-Key header to a viewer, by way of a cache that hears of every change.

A key is refused from the next request on after it was revoked: triggers announce every change of keys and memberships
(NOTIFY closient_keys), each process listens, and nothing is served from the cache of a process that cannot hear.
Whoever changes something is answered only after all processes have said that they heard of it (`hearing.py`).
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from closient_gql.core.db import Database, Reader
from closient_gql.core.errors import Unauthorized
from closient_gql.core.keys import hash_key, key_kind
from resolvers.account.keys import touch_keys, viewer_of_key
from resolvers.viewer import ANONYMOUS, Viewer

MOST = 10_000  # callers in the cache
FRESH = 300.0  # seconds that an entry is believed at the longest
FLUSH = 20.0  # seconds between two writes of last_used
BAD_KEY = "The API key is not valid. Check the X-API-Key header: it may be mistyped, revoked or expired."

log = structlog.get_logger(__name__)


class Keys:
    """The callers of one process. `run` writes `last_used` until it is cancelled."""

    channel = "closient_keys"

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self.database, self.clock = database, clock
        self.used: dict[str, datetime] = {}
        self._cache: OrderedDict[bytes, tuple[Viewer, float]] = OrderedDict()
        self._heard = 0  # changes of any key; what was looked up across one is not kept
        self._hearing = False

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

    def listens(self, hearing: bool) -> None:
        """Whether changes reach this process from now on. What it knew is forgotten either way."""
        self._hearing = hearing
        self.forget("*")

    def forget(self, announced: str) -> None:
        """A key with this hash has changed; `*`: any may have."""
        self._heard += 1
        if announced == "*":
            self._cache.clear()
        else:
            with suppress(ValueError):
                self._cache.pop(bytes.fromhex(announced), None)

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
        """Writes `last_used` from time to time; on cancellation it writes once more."""
        try:
            while True:
                await asyncio.sleep(FLUSH)
                try:
                    await self.flush()
                except Exception as error:  # away, or a deadlock with another worker: the next time will do
                    log.warning("keys: last_used was not written", error=str(error))
        finally:
            with suppress(Exception):
                await self.flush()
