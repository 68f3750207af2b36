"""Requests to one server over connections that stay open, so that a short burst costs what the requests cost."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any


class Connection(asyncio.Protocol):
    """Sends one request after another while there are any left, and knows of answers what it has to."""

    def __init__(self, request: bytes) -> None:
        self.request, self.data = request, bytearray()
        self.left, self.until, self.begun, self.length = [0], 0.0, 0.0, -1
        self.times: list[float] = []
        self.answer = b""
        self.done: asyncio.Future[None] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    async def run(self, left: list[int], until: float) -> list[float]:
        """The seconds that each answer took. `left`: how many requests all connections together still have."""
        self.left, self.until, self.times = left, until, []
        self.done = asyncio.get_running_loop().create_future()
        self._next()
        await self.done
        return self.times

    def _next(self) -> None:
        assert self.done
        self.begun = time.perf_counter()
        if self.left[0] <= 0 or self.begun > self.until:
            self.done.set_result(None)
            return
        self.left[0] -= 1
        self.data.clear()
        self.length = -1
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.data += data
        if self.length < 0 and (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.data[:end]).lower()
            if not head.startswith(b"http/1.1 200"):
                self._fail(RuntimeError(f"answered {bytes(self.data[:300])!r}"))
                return
            length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
            self.length = end + 4 + int(length.split(b":")[1])
        if 0 <= self.length <= len(self.data):
            self.times.append(time.perf_counter() - self.begun)
            self.answer = self.answer or bytes(self.data).partition(b"\r\n\r\n")[2]
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(error or RuntimeError("the server closed the connection"))

    def _fail(self, error: Exception) -> None:
        if self.done and not self.done.done():
            self.done.set_exception(error)


async def connect(port: int, request: bytes, count: int) -> Sequence[Connection]:
    loop = asyncio.get_running_loop()
    return [
        (await loop.create_connection(lambda: Connection(request), "127.0.0.1", port))[1] for _ in range(count)
    ]  # fmt: skip


async def burst(connections: Sequence[Connection], most: int, seconds: float) -> list[float]:
    """The seconds that each of `most` answers took, or of as many as there were in time; at least one a connection."""
    left, until = [most], time.perf_counter() + seconds
    found = await asyncio.gather(*(connection.run(left, until) for connection in connections))
    return [each for times in found for each in times]
