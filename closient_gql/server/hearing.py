"""How a process hears of changes: one connection that listens to what triggers announce (PostgreSQL's NOTIFY).

Whoever remembers something (callers, rules) is told of every change on its channel, and whether changes reach this
process at all: while they do not, nothing may be served from memory.
"""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import asyncpg
import structlog

from closient_gql.core.db import AWAY, Database
from closient_gql.core.errors import Unavailable

QUESTIONS, ANSWERS = "closient_heard", "closient_heard_yes"
LISTENER = "closient keys"  # the name of each connection that listens
ASK = """
SELECT count(*), pg_notify($1, $2) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = $3
"""
HEARTBEAT = 5.0  # seconds between two proofs that the listening connection is alive
PATIENCE = 2.0  # seconds that a change waits for processes that hang
RETRY = 0.1  # seconds until it listens again, after the connection was lost

log = structlog.get_logger(__name__)


class Rememberer(Protocol):
    """Who remembers what others can change."""

    channel: str

    def listens(self, hearing: bool) -> None:
        """Changes reach this process from now on, or do not any more."""

    def forget(self, announced: str) -> None:
        """What has changed, in the words of the channel's triggers."""


class Hearing:
    """Listens for the rememberers of one process until `run` is cancelled."""

    def __init__(self, database: Database, rememberers: Sequence[Rememberer]) -> None:
        self.database, self.rememberers = database, rememberers
        self.hearing = False
        self._times = 0  # it has begun to listen
        self._asked: dict[str, asyncio.Queue[None]] = {}  # questions of this process that are being answered
        self._answering: set[asyncio.Task[None]] = set()

    async def told(self) -> None:
        """Ends when every process has heard of the changes that are committed by now, this one included: each is asked
        after the announcement of the changes, on the same connection, and answers when it has come to the question.

        A process that hangs is waited for `PATIENCE` seconds. One that does not hear serves nothing from memory.
        """
        if not self.hearing:
            return
        question = secrets.token_hex(8)
        answers = self._asked[question] = asyncio.Queue()
        try:
            async with asyncio.timeout(PATIENCE):
                async with self.database.acquire() as connection:
                    listeners = await connection.fetchval(ASK, QUESTIONS, question, LISTENER)
                for _ in range(listeners):
                    await answers.get()
        except (TimeoutError, Unavailable, asyncpg.PostgresError) as error:  # the change itself is committed
            log.warning("not every process said that it heard of a change", error=str(error))
        finally:
            del self._asked[question]

    async def run(self) -> None:
        """Listens; again and again if the connection is lost."""
        pause = RETRY
        while True:
            before = self._times
            try:
                await self._hear()
            except (*AWAY, asyncpg.PostgresError) as error:
                log.warning("not listening: nothing is served from memory", error=str(error))
            pause = RETRY if self._times > before else min(pause * 2, 2.0)  # longer only while nothing is heard at all
            await asyncio.sleep(pause)

    async def _hear(self) -> None:
        """Listens on a connection of its own for as long as that lives."""
        connection = await asyncpg.connect(self.database.url, timeout=5, command_timeout=HEARTBEAT)
        gone = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: self._deaf(gone))
            await connection.add_listener(ANSWERS, lambda *heard: self._answered(str(heard[-1])))
            await connection.add_listener(QUESTIONS, lambda *heard: self._questioned(str(heard[-1])))
            for each in self.rememberers:
                await connection.add_listener(each.channel, lambda *heard: self._notified(str(heard[2]), str(heard[3])))
            await connection.execute(f"SET application_name = '{LISTENER}'")  # only who listens is waited for
            self._turn(True)
            while not gone.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT):  # wait_for may swallow that it is cancelled (Python 3.11)
                        await gone.wait()
                        return
                await connection.execute("SELECT 1")
        finally:
            self._deaf(gone)
            connection.terminate()

    def _notified(self, channel: str, announced: str) -> None:
        for each in self.rememberers:
            if each.channel == channel:
                each.forget(announced)

    def _questioned(self, question: str) -> None:
        task = asyncio.create_task(self._answer(question))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, question: str) -> None:
        with suppress(Unavailable, asyncpg.PostgresError):
            async with self.database.acquire() as connection:
                await connection.execute("SELECT pg_notify($1, $2)", ANSWERS, question)

    def _answered(self, question: str) -> None:
        if answers := self._asked.get(question):
            answers.put_nowait(None)

    def _turn(self, hearing: bool) -> None:
        self.hearing = hearing
        self._times += hearing
        for each in self.rememberers:
            each.listens(hearing)

    def _deaf(self, gone: asyncio.Event) -> None:
        self._turn(False)
        gone.set()
