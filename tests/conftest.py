"""What tests share: databases (tests/databases.py), an application in this process, one in a process apart.

database_url   a database, migrated, empty, for this test alone
demo_url       one database with the demo data for all tests that only read
api            a client of the application on `database_url`; every answer is held against its OpenAPI document
demo_api       the same on `demo_url`, with the demo key
served         the application in a process of its own, with the demo data
"""

import asyncio
import gc
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

gc.disable()  # until all is imported: nearly nothing of it is garbage

HOME = Path(tempfile.mkdtemp(prefix="closient-tests-"))
NO_SKIP = os.environ.get("CLOSIENT_NO_SKIP") == "1"
for variable in list(os.environ):  # before anything reads the settings
    ours = variable.startswith("CLOSIENT_") and variable not in ("CLOSIENT_TEST_DATABASE_URL", "CLOSIENT_NO_SKIP")
    if ours or variable in ("DATABASE_URL", "VALKEY_URL"):
        del os.environ[variable]
os.environ["CLOSIENT_HOME"] = str(HOME)
os.environ["CLOSIENT_LOG_LEVEL"] = "error"
os.environ["CLOSIENT_EMBEDDINGS_URL"] = "hashed:"  # the real model is for the tests that name it

import asyncpg  # noqa: E402
import httpx2  # noqa: E402
import pytest  # noqa: E402

from closient_gql.core.db import Connection, prepare  # noqa: E402
from closient_gql.core.settings import Settings, settings  # noqa: E402
from closient_gql.server import demo  # noqa: E402
from closient_gql.server.app import create_app, settle  # noqa: E402
from migrations import upgrade  # noqa: E402
from tests.databases import SERVER, Reused, clone, drop_all, reused, shared  # noqa: E402
from tests.openapi import checking  # noqa: E402

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
RUN = f"t{os.getppid() if WORKER else os.getpid()}_"  # names of this run's databases begin with this
FOODS = demo.DEMO_SETS.pop("foods-1")  # 4,000 products in every demo database would cost a minute: one test loads them


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """With CLOSIENT_NO_SKIP=1 a test that skips fails instead: nothing is missing by accident."""
    if NO_SKIP and call.excinfo is not None and call.excinfo.errisinstance(pytest.skip.Exception):
        call.excinfo = pytest.ExceptionInfo.from_exception(AssertionError(f"skipped: {call.excinfo.value}"))


def pytest_sessionstart() -> None:
    if SERVER and not WORKER:
        drop_all(RUN)  # of a run that was killed, and whose number is now ours


def pytest_sessionfinish() -> None:
    if SERVER and not WORKER:
        drop_all(RUN)


def pytest_collection(session: pytest.Session) -> None:
    """Each worker begins with other modules, so that rewriting their assertions is divided between the workers."""
    if WORKER and session.config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        for path in sorted(Path(__file__).parent.glob("*/test_*.py"))[int(WORKER[2:]) :: workers]:
            with suppress(Exception, pytest.skip.Exception):  # collecting it will say so
                import_module(f"tests.{path.parent.name}.{path.stem}")


def pytest_collection_finish() -> None:
    """Keeps the collector off what was imported, as in a server: it would look at all of it again and again."""
    settle()
    gc.enable()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests reach this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test reaches for {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def both_executors() -> Iterator[None]:
    """With COMPARE=1 every query of every test goes through graphql-core as well, and both must say the same."""
    if os.environ.get("COMPARE") != "1":
        yield
        return
    from tests.engine.compare import comparing

    with comparing() as differences:
        yield
    assert differences == []


# --- databases


@pytest.fixture(scope="session")
def prefix() -> str:
    """Names of this worker's databases begin with this; all are dropped at the end of the run."""
    if not SERVER:
        pytest.fail("Run the tests by scripts/test: it brings up the database that they need.")
    return RUN + (WORKER or "main")


@pytest.fixture(scope="session")
def template(prefix: str) -> str:
    """The name of a migrated, empty database, to be cloned."""
    return shared(f"{RUN}template", "template0", upgrade)


@pytest.fixture(scope="session")
def reused_database(prefix: str, template: str) -> Iterator[Reused]:
    with reused(f"{prefix}_one", template) as found:
        yield found


@pytest.fixture
def database_url(reused_database: Reused) -> str:
    return reused_database.ready()


@pytest.fixture(scope="session")
def demo_template(template: str) -> str:
    """The name of a database with the demo data as it was loaded, to be cloned."""

    async def load(url: str) -> None:
        connection = await asyncpg.connect(url)
        await prepare(connection)
        await demo.load(connection)
        await connection.close()

    return shared(f"{RUN}demo_template", template, lambda url: asyncio.run(load(url)))


@pytest.fixture(scope="session")
def demo_url(prefix: str, demo_template: str) -> str:
    url = clone(f"{prefix}_demo", demo_template)

    async def key() -> None:
        connection = await asyncpg.connect(url)
        await demo.ensure_key(connection, Settings())
        await connection.close()

    asyncio.run(key())
    return url


@pytest.fixture(scope="session")
def demo_key(demo_url: str) -> str:
    return (HOME / "demo.key").read_text().strip()


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    """For builders: `await make.product(connection, 1)`."""
    found = await asyncpg.connect(database_url)
    await prepare(found)
    yield found
    await found.close()


# --- applications

Client = httpx2.AsyncClient


@cache
def app_of(_: str) -> Any:
    """The application, made once for each state of the settings: that takes half a second."""
    return create_app()


async def client_of(url: str, key: str | None = None, *, fresh: bool = False) -> AsyncIterator[Client]:
    """`fresh`: an application of its own, beside the one that this process has."""
    app = app_of.__wrapped__("") if fresh else app_of(repr(settings()))
    app.state.database_url = url
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"X-API-Key": key} if key else {}
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=transport, base_url="http://testserver", headers=headers, event_hooks={"response": [checking]}
        ) as client,
    ):
        client.app = app  # type: ignore[attr-defined]
        yield client


@pytest.fixture
async def api(database_url: str) -> AsyncIterator[Client]:
    """Without a key; `headers={"X-API-Key": …}` brings one."""
    async for client in client_of(database_url):
        yield client


@pytest.fixture
async def demo_api(demo_url: str, demo_key: str) -> AsyncIterator[Client]:
    async for client in client_of(demo_url, demo_key):
        yield client


@dataclass(frozen=True)
class Served:
    url: str
    key: str


@pytest.fixture(scope="session")
def served(demo_url: str, demo_key: str) -> Iterator[Served]:
    yield from serving(demo_url, demo_key)


def serving(database_url: str, key: str = "") -> Iterator[Served]:
    """The application in a process of its own, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "closient_gql.server.app:application", "--port", str(port)]
    environment = {**os.environ, "DATABASE_URL": database_url, "CLOSIENT_DEMO": "true"}
    environment |= {"CLOSIENT_RATE_READINESS_PER_MINUTE": "1000", "CLOSIENT_RATE_READINESS_PER_HOUR": "10000"}
    process = subprocess.Popen([*command, "--log-level", "error", "--no-proxy-headers"], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{url}/readyz", timeout=1):
                    break
            except OSError:
                assert process.poll() is None, "the application did not start"
                time.sleep(0.1)
        yield Served(url, key)
    finally:
        process.terminate()
        process.wait(20)
