"""Servers of other processes: started, asked in short bursts, and what CPU each burst cost."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from bench.peers.load import Connection, burst, connect

CONNECTIONS = 8


@dataclass
class Burst:
    """What one burst cost: CPU in ms a request, the database's part of it, and the seconds of every answer."""

    cpu: float
    database: float
    rate: float
    times: list[float]


@dataclass
class Server:
    """One row: how it is started, what it is asked."""

    name: str
    question: str
    command: Callable[[int], list[str]]
    request: bytes
    environment: dict[str, str] = field(default_factory=dict)
    needs_peers: bool = False
    reads: bool = False  # from PostgreSQL, whose CPU counts, too
    bursts: list[Burst] = field(default_factory=list)
    port: int = 0
    process: int = 0
    answer: bytes = b""

    @property
    def title(self) -> str:
        return f"{self.question}-{self.name}"

    async def measure(self, database: "Backends", most: int, seconds: float) -> None:
        """One burst more."""
        async with asking(self) as connections:
            before, of_database = spent(self.process), await database.spent() if self.reads else 0.0
            begun = time.perf_counter()
            times = await burst(connections, most, seconds)
            took, app = time.perf_counter() - begun, spent(self.process) - before
            of_database = await database.spent() - of_database if self.reads else 0.0
        each = 1000 / len(times)
        self.bursts.append(Burst((app + of_database) * each, of_database * each, len(times) / took, times))


@asynccontextmanager
async def asking(server: Server) -> AsyncIterator[Sequence[Connection]]:
    """Connections on which something was asked already: servers close those that nobody uses for some seconds."""
    connections = await connect(server.port, server.request, CONNECTIONS)
    try:
        await burst(connections, CONNECTIONS, 60)
        server.answer = connections[0].answer
        yield connections
    finally:
        for connection in connections:
            connection.transport.abort()


@asynccontextmanager
async def started(server: Server, most: int, seconds: float) -> AsyncIterator[None]:
    """The server while it runs, warm: after so many requests, or as many as fit into the time."""
    server.port = free_port()
    command = server.command(server.port)
    process = subprocess.Popen(command, env=os.environ | server.environment, stdout=subprocess.DEVNULL)  # noqa: ASYNC220  it does not block
    try:
        server.process = process.pid
        await ready(server, server.port, process)
        async with asking(server) as connections:
            await burst(connections, most, seconds)
        yield
    finally:
        process.terminate()
        process.wait(20)


async def ready(server: Server, port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.1)
    raise RuntimeError(f"{server.title} did not come up")


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


# --- CPU


def clock(process: int) -> float:
    """CPU seconds of one process, by its own clock (clock_getcpuclockid): /proc counts in hundredths of a second."""
    return time.clock_gettime(~process << 3 | 2)


def children(of: int) -> Iterator[int]:
    for task in (Path(f"/proc/{of}/task")).iterdir():
        yield from map(int, (task / "children").read_text().split())


def spent(process: int) -> float:
    """CPU seconds of a process and of those that it started."""
    total = clock(process)
    for child in children(process):
        with suppress(OSError):
            total += clock(child)
    return total


class Backends:
    """PostgreSQL's processes for one database. Others of the same server may be busy with something else."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.connection = connection

    async def spent(self) -> float:
        """CPU seconds of all of them, but the one that is asked here."""
        rows = await self.connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        total = 0.0
        for (pid,) in rows:
            with suppress(OSError):
                total += clock(pid)
        return total
