"""Applications served on loopback, in this process."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp


@asynccontextmanager
async def serving(app: ASGIApp, certificate: Path | None = None) -> AsyncIterator[int]:
    """The port that the application answers on; by TLS with a certificate (and its key, in one file)."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, lifespan="off", log_level="critical", ws="none", timeout_graceful_shutdown=1,
        ssl_certfile=certificate, ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[assignment]  # those are the tests' own
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  it says so by no event
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running
