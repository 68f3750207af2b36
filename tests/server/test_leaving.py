"""Clients that leave in the middle of an operation, and operations that are cancelled: nothing is left behind."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import pytest
from starlette.types import Receive, Scope, Send

from closient_gql.core.db import Connection
from tests import make
from tests.adapters.servers import serving
from tests.conftest import Client

READ = "query %s { brands { nodes { name products { totalCount } } } }"
WRITE = 'mutation %s { brandCreate(input: {organizationId: "ORG", name: "Half"}) { name } }'
# what an operation waits for in its middle: reading, and when a brand was written and what is said of it was not
TABLES = {READ: "brands", WRITE: "audit_entries"}
OURS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
WAITING, OPEN = (f"SELECT count(*) {OURS} AND {which}" for which in ("wait_event_type = 'Lock'", "state <> 'idle'"))
WRITTEN = """SELECT (SELECT count(*) FROM brands WHERE name = 'Half'),
                    (SELECT count(*) FROM audit_entries WHERE action = 'brand.created'),
                    (SELECT count(*) FROM events WHERE type LIKE 'brand.%')"""


async def until(holds: Callable[[], Any]) -> None:
    """Waits until it is so."""
    async with asyncio.timeout(10):
        while not await holds():  # noqa: ASYNC110  nobody says when
            await asyncio.sleep(0.005)


class Scene:
    """The application, a caller, and operations that wait for a lock."""

    def __init__(self, api: Client, connection: Connection, account: make.Account, other: Connection) -> None:
        self.api, self.connection, self.lock = api, connection, other
        self.organization_id = account.organization_id
        self.headers = {"X-API-Key": account.key, "Content-Type": "application/json"}
        self.tasks = len(asyncio.all_tasks())  # what runs in the background comes and goes, one for the other

    async def count(self, sql: str) -> int:
        return int(await self.connection.fetchval(sql))

    @asynccontextmanager
    async def held(self, table: str) -> AsyncIterator[None]:
        async with self.lock.transaction():
            await self.lock.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield

    async def begun(self) -> None:
        """An operation waits for the table."""
        await until(lambda: self.counted(WAITING, 1))

    async def counted(self, sql: str, number: int) -> bool:
        return await self.count(sql) == number

    async def over(self) -> None:
        """Nothing runs any more, in this process or in the database, and all connections are back."""

        async def done() -> bool:
            return len(asyncio.all_tasks()) <= self.tasks and await self.count(OPEN) == 0

        await until(done)
        pool = self.api.app.state.database._pool  # type: ignore[attr-defined]
        assert pool._slots._value == pool._size
        assert len(pool._idle) == len(pool._open)

    async def written(self) -> tuple[int, ...]:
        """How many brands there are of this name, entries of who made them, and events."""
        (found,) = await self.connection.fetch(WRITTEN)
        return tuple(found)

    def body(self, source: str) -> bytes:
        return orjson.dumps({"query": source.replace("ORG", self.organization_id)})

    async def ask(self, source: str) -> Any:
        answer = await self.api.post("/graphql", content=self.body(source), headers=self.headers)
        return answer.json()


@pytest.fixture
async def scene(api: Client, connection: Connection, database_url: str) -> AsyncIterator[Scene]:
    account = await make.account(connection)
    await make.brand(connection, "Whole", account.organization_id)
    other = await asyncpg.connect(database_url)
    scene = Scene(api, connection, account, other)
    assert (await scene.ask("{ brands { totalCount } }"))["data"]  # its key is known, a connection is open
    scene.tasks = len(asyncio.all_tasks())
    yield scene
    await other.close()


@pytest.fixture(params=[True, False], ids=["compiled", "graphql-core"])
def name(request: pytest.FixtureRequest, api: Client, monkeypatch: pytest.MonkeyPatch) -> str:
    """A name for operations that only this executor runs."""
    monkeypatch.setattr(api.app.state.operations, "compiling", request.param)  # type: ignore[attr-defined]
    return "Compiled" if request.param else "ByCore"


@pytest.mark.parametrize("source", [READ, WRITE], ids=["query", "mutation"])
async def test_a_client_that_leaves(scene: Scene, name: str, source: str) -> None:
    """The operation comes to its end, unheard: what was begun to be written is written whole."""
    body = scene.body(source % name)
    headers = scene.headers | {"Host": "127.0.0.1", "Content-Length": str(len(body))}
    lines = ["POST /graphql HTTP/1.1", *(f"{key}: {value}" for key, value in headers.items())]
    request = "\r\n".join([*lines, "", ""]).encode() + body
    messages: list[Receive] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        messages.append(receive)
        await scene.api.app(scope, receive, send)  # type: ignore[attr-defined]

    async with serving(noting) as port:
        scene.tasks = len(asyncio.all_tasks())
        async with scene.held(TABLES[source]):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            await scene.begun()
            writer.transport.abort()
            assert (await messages[0]())["type"] == "http.disconnect"  # the server has seen it
        await scene.over()
    assert await scene.written() == ((1, 1, 2) if source is WRITE else (0, 0, 0))
    assert (await scene.ask(READ % name))["data"]["brands"]["nodes"]


@pytest.mark.parametrize("source", [READ, WRITE], ids=["query", "mutation"])
async def test_one_that_is_cancelled(scene: Scene, name: str, source: str) -> None:
    """As servers do that stop: the statement ends in the database, too, and nothing of a write is left."""
    async with scene.held(TABLES[source]):
        running = asyncio.create_task(scene.ask(source % name))
        await scene.begun()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await until(lambda: scene.counted(WAITING, 0))
    await scene.over()
    assert await scene.written() == (0, 0, 0)
    assert len((await scene.ask(READ % name))["data"]["brands"]["nodes"]) == 1
