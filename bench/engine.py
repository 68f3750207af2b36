"""The engine against what a user would pick instead: CPU of the server's processes and of PostgreSQL for each request.

    scripts/bench engine [ROUNDS] [--only NAME,NAME]

Every row is a server in a process of its own, asked over 8 connections. All run at once and are asked in turn, in many
short bursts: whatever else the machine does meanwhile hits all of them alike. A ratio is the median of the ratios of
all rounds. Peers of Node are installed by name (peers/node.py); without them their rows are missing, and it says which.
"""

import asyncio
import statistics
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from bench import fresh_database, quantile, quartiles, result, say
from bench.compiling import compiling
from bench.peers import shop
from bench.peers.node import ROWS, install, node
from bench.peers.servers import Backends, Server, started
from tests import make

HERE = Path(__file__).parent / "peers"
ROUNDS = 25
WARM = 1_500, 5.0  # requests, and the seconds that they may take: Node compiles late
MEASURED = {"many": (300, 0.5), "one": (600, 0.5), "rows": (200, 0.5), "rest": (400, 0.5)}
NODE = {"NODE_ENV": "production"}
PRODUCTS = """
INSERT INTO products (id, gtin, product_name, description, manufacturer, net_content, data_source)
SELECT translate(lpad(n::text, 12, '0'), '0123456789', 'aceghjkpqr'), lpad(n::text, 14, '0'), 'Product ' || n,
  repeat('A very fine product. ', 5), 'Example Foods Ltd', '350 g', 'claimed'
FROM generate_series(100, 20100) AS n
"""
# of each question, what is compared, and how much of it the first may take at the most
TARGETS = {
    ("many", "engine", "bare"): 3.0, ("many", "engine", "mercurius-jit"): 1.5, ("many", "engine", "strawberry"): 1 / 25,
    ("one", "engine", "bare"): 2.0, ("rows", "engine", "postgraphile"): 0.9, ("rows", "engine", "json-agg"): 1.6,
    ("rows", "engine", "strawberry-orm"): 0.1, ("rest", "closient", "bare"): 1.7,
}  # fmt: skip
TAIL = 3.0  # p99 by p50


def python(app: str) -> Callable[[int], list[str]]:
    return lambda port: [
        sys.executable, "-m", "uvicorn", "--factory", app, "--host", "127.0.0.1", "--port", str(port),
        "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error",
    ]  # fmt: skip


def post(body: Any) -> bytes:
    text = orjson.dumps(body)
    head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(text)}"
    return f"{head}\r\n\r\n".encode() + text


def servers(url: str, key: str) -> list[Server]:
    many, one = post(shop.MANY_BODY), post(shop.ONE_BODY)
    place = {"SHOP_URL": url}
    path = f"/products/api/v1/products/{make.make_gtin(4_200_000)}"
    get = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {key}\r\n\r\n".encode()
    ours = {"DATABASE_URL": url, "CLOSIENT_LOG_LEVEL": "error", "CLOSIENT_DEMO": "false"}
    mercurius, yoga = (node("memory.js", kind, after=(str(ROWS),)) for kind in ("mercurius", "yoga"))
    return [
        Server("bare", "many", python("bench.peers.memory:bare"), many),
        Server("engine", "many", python("bench.peers.memory:engine"), many),
        Server("mercurius-jit", "many", mercurius, many, NODE, needs_peers=True),
        Server("yoga-jit", "many", yoga, many, NODE, needs_peers=True),
        Server("strawberry", "many", python("bench.peers.memory:plain"), many),
        Server("bare", "one", python("bench.peers.memory:bare"), one),
        Server("engine", "one", python("bench.peers.memory:engine"), one),
        Server("mercurius-jit", "one", mercurius, one, NODE, needs_peers=True),
        Server("json-agg", "rows", python("bench.peers.database:json_agg"), many, place, reads=True),
        Server("engine", "rows", python("bench.peers.database:engine"), many, place, reads=True),
        Server("postgraphile", "rows", node("postgraphile.mjs", own=True), post(shop.postgraphile_body()),
               place | NODE, needs_peers=True, reads=True),
        Server("strawberry-orm", "rows", python("bench.peers.database:plain"), many, place, reads=True),
        Server("bare", "rest", python("bench.peers.database:route"), get, place, reads=True),
        Server("closient", "rest", python("closient_gql.server.app:application"), get, ours, reads=True),
    ]  # fmt: skip


@asynccontextmanager
async def database() -> AsyncIterator[tuple[str, str, Backends]]:
    """A database with the shop and with our own tables: its URL, a key, its processes."""
    async with fresh_database() as made, made.acquire() as connection:
        await connection.execute(PRODUCTS)
        await make.product(
            connection, 4_200_000, description="A very fine product. " * 5, manufacturer="Example Foods Ltd"
        )
        await connection.execute("ANALYZE products")
        account = await make.account(connection, per_minute=10**6, per_day=10**7)
        await connection.execute((HERE / "shop.sql").read_text())
        yield made.url, account.key, Backends(connection)


async def measured(wanted: Sequence[Server], backends: Backends, rounds: int) -> None:
    """Asks all of them, one after the other, as many times."""
    async with AsyncExitStack() as stack:
        for server in wanted:
            await stack.enter_async_context(started(server, *WARM))
        same(wanted)
        for number in range(rounds):
            for server in wanted:
                await server.measure(backends, *MEASURED[server.question])
            say(f"round {number + 1} of {rounds}")


def same(wanted: Sequence[Server]) -> None:
    """Peers that answer something else would be measured for nothing."""
    for question in ("many", "one", "rows"):
        answers = {s.title: s.answer for s in wanted if s.question == question}
        sizes = {name: len(text) for name, text in answers.items()}
        if sizes and max(sizes.values()) > min(sizes.values()) * 1.2:
            raise RuntimeError(f"the answers differ: {sizes}")
        for name, text in answers.items():
            if b'"errors"' in text:
                raise RuntimeError(f"{name} answered {text[:300]!r}")


# --- what it says


def table(question: str, rows: Sequence[Server]) -> None:
    say(f"\n{question}: CPU ms a request | of PostgreSQL | requests/s | p50 ms | p99 ms")
    for row in rows:
        cpu, database, rate, p50, p99 = (
            statistics.median(values) for values in zip(
                *((b.cpu, b.database, b.rate, quantile(b.times, 0.5), quantile(b.times, 0.99)) for b in row.bursts),
                strict=True,
            )
        )  # fmt: skip
        say(f"  {row.name:<16}{cpu:9.3f}{database:9.3f}{rate:9.0f}{p50 * 1000:9.2f}{p99 * 1000:9.2f}")


def verdicts(rows: Mapping[tuple[str, str], Server]) -> dict[str, Any]:
    """What was measured, by name; and says which targets are reached."""
    found = {f"{q}_{name}_ms": statistics.median(b.cpu for b in row.bursts) for (q, name), row in rows.items()}
    say("")
    for (question, one, other), limit in TARGETS.items():
        if (question, one) in rows and (question, other) in rows:
            pairs = zip(rows[question, one].bursts, rows[question, other].bursts, strict=True)
            low, ratio, high = quartiles([a.cpu / b.cpu for a, b in pairs])
            found[f"{question}_to_{other}"] = ratio
            verdict = "reached" if ratio <= limit else "NOT reached"
            spread = f"half of the rounds {low:.3f} to {high:.3f}"
            say(f"{question}: {one} is {ratio:.3f} of {other} ({spread}); {limit:.3g} at the most: {verdict}")
    if ("many", "engine") in rows:
        low, found["tail"], high = quartiles(tails(rows["many", "engine"]))
        verdict = "reached" if found["tail"] <= TAIL else "NOT reached"
        say(f"many: p99 of the engine is {found['tail']:.2f} of p50 ({low:.2f} to {high:.2f}); {TAIL}: {verdict}")
    if ("many", "bare") in rows:  # on a machine that is busy with something else it is the others' tail
        found["tail_of_bare"] = statistics.median(tails(rows["many", "bare"]))
        say(f"many: p99 of the bare answer is {found['tail_of_bare']:.2f} of p50, in the same rounds")
    return found


def tails(row: Server) -> list[float]:
    """The 99th percentile of each burst by its median."""
    return [quantile(burst.times, 0.99) / quantile(burst.times, 0.5) for burst in row.bursts]


async def main(rounds: int, only: Sequence[str]) -> dict[str, Any]:
    peers = install()
    async with database() as (url, key, backends):
        wanted = [s for s in servers(url, key) if not only or any(each in s.title for each in only)]
        if not peers:
            say("missing: " + ", ".join(s.title for s in wanted if s.needs_peers))
            wanted = [server for server in wanted if not server.needs_peers]
        await measured(wanted, backends, rounds)
    for question in dict.fromkeys(server.question for server in wanted):
        table(question, [server for server in wanted if server.question == question])
    return verdicts({(server.question, server.name): server for server in wanted})


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument.isdigit()]
    names = sys.argv[sys.argv.index("--only") + 1].split(",") if "--only" in sys.argv else []
    found = asyncio.run(main(int(given[0]) if given else ROUNDS, names))
    result(**found, **(compiling() if not names else {}))
