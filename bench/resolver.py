"""Redirects of scans: what one costs, beside a bare Starlette application that answers a fixed 307.

    scripts/bench resolver [products]     1,000,000 by default; the curve is measured from 10,000 on

Each application runs in a process of its own under uvicorn, and is asked over loopback by eight connections that stay
open, with the headers of a phone's browser. What a request costs is the CPU time of the serving process
(`/proc/PID/schedstat`). What else the machine does makes that dearer, too, at times: so in each round all are measured
one right after the other, their ratio is that of the round, and the median of the ratios counts.
Warm: a hundred codes, scanned before. Cold: codes that were not scanned before, all over the table. One organization
owns everything and has 10,000 rules: of products, brands and for all, among them many with times and places.
nginx, if it is installed, answers a fixed 307 for scale.
"""

import asyncio
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from bench import fresh_database, quartiles, result, say
from bench.places import NAMES
from closient_gql.core.db import Connection
from tests.make import make_gtin

STEPS = (10_000, 100_000, 1_000_000)
CONNECTIONS, WARM_CODES = 8, 100
ROUNDS, EARLIER = 7, 3  # with all products, and with fewer of them
MOST = 6_000  # requests of a round, the same for all: fewer where there are not so many codes that are still cold
AFTERWARDS = 1.3  # seconds: scans are written about once a second
HEADERS = (
    "Host: id.example.com\r\n"
    "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.9\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n"
)
BARE = """
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route

async def redirect(request):
    return RedirectResponse("https://example.com/page", 307)

app = Starlette(routes=[Route("/01/{gtin}", redirect)])
"""
NGINX = """
daemon off; pid {home}/pid; error_log {home}/error; worker_processes 1; events {{ }}
http {{ access_log off; keepalive_requests 1000000000;
  server {{ listen 127.0.0.1:{port}; return 307 https://example.com/page; }} }}
"""
# what the statements of a redirect do not look at would make filling slow
PREPARE = """
DROP INDEX ix_products_name, ix_products_created, ix_products_modified, ix_products_confidence, ix_products_brand,
    ix_products_owner, ix_products_name_trigrams;
ALTER TABLE products DISABLE TRIGGER USER;
ALTER TABLE resolution_rules DISABLE TRIGGER USER;
INSERT INTO organizations (id, name) VALUES ('acegacegaceg', 'Everything');
INSERT INTO brands (id, name, organization_id)
SELECT id_of('brand', n), 'Brand ' || n, 'acegacegaceg' FROM generate_series(1, 500) AS n;
"""
FILL = """
INSERT INTO products (id, gtin, product_name, data_source, brand_id, owner_id)
SELECT id_of('product', n), gtin_of(n), 'Product ' || n, 'claimed', id_of('brand', 1 + n % 500), 'acegacegaceg'
FROM generate_series($1::int, $2::int) AS n
"""
RULES = """
INSERT INTO resolution_rules (id, organization_id, scope_type, scope_id, product_id, order_index, destination_type,
    custom_url, time_of_day_start, time_of_day_end, timezone, location_countries)
SELECT id_of('rule', n), 'acegacegaceg', scope, scope_id, product_id, n, 'CUSTOM_URL', 'https://a.example/' || n,
    CASE WHEN n % 3 = 0 THEN time '03:00' END, CASE WHEN n % 3 = 0 THEN time '03:01' END,
    CASE WHEN n % 3 = 0 THEN 'America/Chicago' END, CASE WHEN n % 3 = 1 THEN ARRAY['AQ'] END
FROM (
    SELECT n, 'PRODUCT' AS scope, gtin_of(n) AS scope_id, id_of('product', n) AS product_id
    FROM generate_series(1, 9000) AS n
    UNION ALL SELECT n, 'BRAND', id_of('brand', 1 + n % 500), NULL FROM generate_series(9001, 9500) AS n
    UNION ALL SELECT n, 'ORGANIZATION', NULL, NULL FROM generate_series(9501, 10000) AS n
) AS rules
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def cpu(pid: int) -> float:
    """CPU seconds of a process and all its threads."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


@contextmanager
def serving(command: list[str], port: int, **environment: str) -> Iterator[tuple[int, int]]:
    """A server that takes connections: its port, and the process that works."""
    process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=Path(__file__).parents[1])
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} did not start")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield port, int(children[0]) if children else process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def uvicorn(app: str, port: int, *more: str) -> list[str]:
    options = ["--port", str(port), "--log-level", "warning", "--no-access-log", "--no-proxy-headers"]
    return [sys.executable, "-m", "uvicorn", app, *options, *more]


async def ask(port: int, paths: Sequence[str]) -> None:
    """Every path once, by connections that stay open.

    Raises:
        RuntimeError: an answer is no 307.
    """
    left = iter(paths)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for path in left:
            writer.write(f"GET {path} HTTP/1.1\r\n{HEADERS}".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 307 " not in head[:16]:
                raise RuntimeError(f"{path}: {head[:200]!r}")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            await reader.readexactly(int(length[1]) if length else 0)
        writer.close()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))


async def measured(server: tuple[int, int], paths: Sequence[str]) -> float:
    """Microseconds of CPU for each request; what is done behind it (scans are written) included, what the process does
    without any request is not."""
    port, pid = server
    begun = cpu(pid)
    await asyncio.sleep(AFTERWARDS)
    idle, begun = cpu(pid) - begun, cpu(pid)
    await ask(port, paths)
    await asyncio.sleep(AFTERWARDS)
    return (cpu(pid) - begun - idle) * 1e6 / len(paths)


class Codes:
    """Paths of products: those that are scanned again and again, and those that were not scanned before."""

    def __init__(self) -> None:
        self.next = count(1)

    def warm(self, most: int) -> list[str]:
        return [f"/01/{make_gtin(1 + n % WARM_CODES)}" for n in range(most)]

    def cold(self, most: int, products: int) -> list[str]:
        """All over the table, so that neighbours in an index are no neighbours here."""
        return [f"/01/{make_gtin(1 + next(self.next) * 7919 % products)}" for _ in range(most)]


Rounds = Mapping[str, Sequence[float]]
"""Microseconds in each round, by who was asked."""


async def race(ours: tuple[int, int], bare: tuple[int, int], nginx: tuple[int, int] | None, codes: Codes,
               products: int, rounds: int) -> Rounds:  # fmt: skip
    """Rounds in which all take turns."""
    found: dict[str, list[float]] = {"bare": [], "warm": [], "cold": []}
    most = min(MOST, products // rounds)
    await ask(ours[0], codes.warm(MOST))
    await ask(bare[0], codes.warm(MOST))
    for _ in range(rounds):
        found["bare"].append(await measured(bare, codes.warm(most)))
        found["warm"].append(await measured(ours, codes.warm(most)))
        found["cold"].append(await measured(ours, codes.cold(most, products)))
        if nginx:
            found.setdefault("nginx", []).append(await measured(nginx, codes.warm(most)))
    return found


def to_bare(name: str, rounds: Rounds) -> Sequence[float]:
    """What a request costs by what a bare one does in the same round: quartiles, of which the second is the median."""
    return quartiles([one / bare for one, bare in zip(rounds[name], rounds["bare"], strict=True)])


async def fill(connection: Connection, begun: int, products: int) -> None:
    await connection.execute(FILL, begun + 1, products, timeout=1200)
    await connection.execute("VACUUM ANALYZE products")


@contextmanager
def nginx_or_none(home: Path) -> Iterator[tuple[int, int] | None]:
    binary = shutil.which("nginx")
    if binary is None:
        yield None
        return
    port = free_port()
    (home / "nginx.conf").write_text(NGINX.format(home=home, port=port))
    with serving([binary, "-c", str(home / "nginx.conf"), "-p", str(home)], port) as found:
        yield found


async def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS[-1]
    steps = [step for step in STEPS if step < most] + [most]
    async with fresh_database() as database:
        async with database.acquire() as connection:
            for statement in (NAMES, PREPARE):
                await connection.execute(statement)
            await fill(connection, 0, steps[0])
            await connection.execute(RULES)
        with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
            (Path(folder) / "bare.py").write_text(BARE)
            port = free_port()
            bare = servers.enter_context(serving(uvicorn("bare:app", port, "--app-dir", folder), port))
            port = free_port()
            app = uvicorn("closient_gql.server.app:application", port, "--factory")
            given = {"DATABASE_URL": database.url, "CLOSIENT_LOG_LEVEL": "warning", "CLOSIENT_DEMO": "false"}
            ours = servers.enter_context(serving(app, port, **given))
            nginx = servers.enter_context(nginx_or_none(Path(folder)))
            curve, filled, codes = {}, steps[0], Codes()
            for step in steps:
                if step > filled:
                    async with database.acquire() as connection:
                        await fill(connection, filled, step)
                    filled = step
                curve[step] = await race(ours, bare, nginx, codes, step, ROUNDS if step == most else EARLIER)
                say(f"{step:>9,} products: {shown(curve[step])}")
    tell(curve)


def shown(rounds: Rounds) -> str:
    ratios = {name: to_bare(name, rounds) for name in rounds if name != "bare"}
    times = [f"{name} {statistics.median(values):.0f} us" for name, values in rounds.items()]
    return ", ".join(times) + "; by bare: " + ", ".join(
        f"{name} {median:.2f} ({low:.2f} to {high:.2f})" for name, (low, median, high) in ratios.items()
    )  # fmt: skip


def tell(curve: Mapping[int, Rounds]) -> None:
    last = curve[max(curve)]
    warm, cold = to_bare("warm", last), to_bare("cold", last)
    ratios = {step: to_bare("cold", rounds)[1] for step, rounds in curve.items()}
    result(
        **{f"{name}_us": statistics.median(values) for name, values in last.items()},
        nginx="measured" if "nginx" in last else "missing",
        warm_to_bare=warm[1], warm_quartiles=[round(each, 4) for each in (warm[0], warm[2])],
        cold_to_bare=cold[1], cold_quartiles=[round(each, 4) for each in (cold[0], cold[2])],
        curve=ratios, cold_last_to_first=ratios[max(ratios)] / ratios[min(ratios)], rounds=ROUNDS,
        rules=10_000, products=max(curve),
    )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
