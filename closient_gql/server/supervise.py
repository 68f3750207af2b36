"""`closient serve`: brings everything up in order, watches it, and stops all that it started."""

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from closient_gql.core.db import prepare
from closient_gql.core.settings import CHECKOUT, Settings
from closient_gql.server import database, demo, embedded
from closient_gql.server.ratelimit import check_workers
from schema import check_domains

PATIENCE = 60  # seconds that the API may take to answer for the first time
MOST_ENDS = 5  # of one child within PATIENCE: what ends so often will not get up by itself
err = Console(stderr=True, soft_wrap=True, highlight=False)
Process = subprocess.Popen[bytes]


class Stop(Exception):
    """A signal told us to stop."""


def serve_all(settings: Settings, host: str, port: int, workers: int, reload: bool) -> int:
    """Runs until Ctrl-C or SIGTERM, or until something ends again and again; gives the exit status.

    Raises:
        ValueError: several workers without VALKEY_URL, an address that cannot be listened on, an unknown domain.
        DatabaseError, EmbeddedError: the database cannot be used.
    """
    check_workers(workers, settings.valkey_url)
    check_domains(settings.domains)
    port = free_port(host, port)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    started = False
    children: list[Process] = []
    try:
        if settings.embedded and not embedded.running(settings.home):
            started = True
            embedded.up(settings.home)
        say("migrating the database")
        database.migrate(settings.database)
        key = load_demo(settings) if settings.demo_mode else ""
        say("starting the API and the worker")
        starts: dict[str, Callable[[], Process]] = {
            "API": lambda: start_api(settings, host, port, workers, reload),
            "worker": lambda: start_worker(host, port),
        }
        for begin in starts.values():
            children.append(begin())
        if not wait_ready(children[0], host, port):
            return 1
        banner(settings, host, port, key)
        return watch(children, starts)
    except Stop:
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # stopping is not interrupted by impatience
        end(children, settings.shutdown_seconds)
        if started:
            embedded.stop(settings.home)
        say("stopped")


def stop(number: int, frame: object) -> None:
    raise Stop


def say(text: str) -> None:
    err.print(f"closient: {text}", markup=False)


def free_port(host: str, port: int) -> int:
    """The port, if it can be listened on; for 0, one that is free.

    Raises:
        ValueError: it cannot.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as error:
        raise ValueError(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another --port.") from None


def load_demo(settings: Settings) -> str:
    """Loads the demo sets that are not there yet, with a bar, and gives the demo key."""

    async def load(show: Callable[[int, int], None]) -> str:
        connection = await asyncpg.connect(settings.database)
        try:
            await prepare(connection)
            await demo.load(connection, show)
            return await demo.ensure_key(connection, settings)
        finally:
            await connection.close()

    settings.home.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("closient: loading demo products"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as bar:
        task = bar.add_task("load", total=None, visible=False)
        return asyncio.run(load(lambda done, all: bar.update(task, completed=done, total=all, visible=True)))


def api_command(settings: Settings, host: str, port: int, workers: int, reload: bool) -> list[str]:
    command = [
        sys.executable, "-m", "uvicorn", "--factory", "closient_gql.server.app:application",
        "--host", host, "--port", str(port), "--no-access-log", "--no-server-header", "--log-level", "warning",
        "--timeout-graceful-shutdown", str(settings.shutdown_seconds),
    ]  # fmt: skip
    trusted = ",".join(settings.trusted_proxies)
    command += ["--proxy-headers", "--forwarded-allow-ips", trusted] if trusted else ["--no-proxy-headers"]
    if reload:
        folders = ("closient_gql", "schema", "resolvers")
        command += ["--reload", *(word for f in folders for word in ("--reload-dir", str(CHECKOUT / f)))]
        command += ["--reload-include", "*.graphql"]
    elif workers > 1:
        command += ["--workers", str(workers)]
    return command


def api_environment(settings: Settings, workers: int) -> dict[str, str]:
    """Several workers share their metrics by way of a folder."""
    if workers == 1:
        return {}
    folder = settings.home / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}


def start(*command: str, env: dict[str, str] | None = None) -> Process:
    """A child in a session of its own, so that Ctrl-C reaches us alone; it ends when we do, however we end."""

    def tie() -> None:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG

    paths = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(env or {})}
    return subprocess.Popen(command, env=environment, start_new_session=True, preexec_fn=tie)


def wait_ready(api: Process, host: str, port: int) -> bool:
    """Whether the API answered `/healthz` before it ended or time was up."""
    until = time.monotonic() + PATIENCE
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # http_proxy is for what is elsewhere
    while time.monotonic() < until and api.poll() is None:
        try:
            with direct.open(f"{address(host, port)}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    say("the API did not start; what it said stands above")
    return False


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds it."""
    shown = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(host, host)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


def banner(settings: Settings, host: str, port: int, key: str) -> None:
    url, whole = address(host, port), not settings.domains
    out = Console(soft_wrap=True, highlight=False, markup=False)
    out.print("\n  Closient is ready.\n")
    if whole:
        out.print(
            f"  Start here   {url}/\n  REST APIs    {url}/products/api/v1/docs (and the others, listed at {url}/)"
        )
    else:
        out.print(f"  Subgraph     {', '.join(settings.domains)}")
    out.print(f"  Explorer     {url}/graphql")
    if key and not whole:
        out.print(f"  Demo key     {key}")
    elif key:
        out.print(f"  Demo key     {key}\n\n  curl -H 'X-API-Key: {key}' {url}/products/api/v1/products/00009800895007")
    out.print("\n  Ctrl-C stops everything that was started.\n")
    sys.stdout.flush()


def start_api(settings: Settings, host: str, port: int, workers: int, reload: bool) -> Process:
    return start(*api_command(settings, host, port, workers, reload), env=api_environment(settings, workers))


def start_worker(host: str, port: int) -> Process:
    """It writes mails, which say where the API is."""
    environment = {"CLOSIENT_LISTENS_AT": address(host, port)}
    return start(sys.executable, "-m", "closient_gql.server.cli", "worker", env=environment)


def watch(children: list[Process], starts: Mapping[str, Callable[[], Process]]) -> int:
    """A child that ends is started again; until one has ended too often for that to help. Gives the exit status."""
    ended: dict[str, list[float]] = {name: [] for name in starts}
    while True:
        for place, (name, begin) in enumerate(starts.items()):
            status = children[place].poll()
            if status is None:
                continue
            now = time.monotonic()
            ended[name] = [*(moment for moment in ended[name] if now - moment < PATIENCE), now]
            if len(ended[name]) >= MOST_ENDS:
                say(f"the {name} ended with status {status}, for the {MOST_ENDS}th time in {PATIENCE} seconds")
                return 1
            say(f"the {name} ended with status {status}; starting it again")
            kill_rest(children[place])
            children[place] = begin()
        time.sleep(1)


def kill_rest(child: Process) -> None:
    """Of a child that has ended what it had started itself: it would hold the port."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)  # it has a session of its own, and so a group


def end(children: list[Process], seconds: int) -> None:
    """Tells the children to end, waits, and kills what does not."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + seconds + 5
    for child in children:
        try:
            child.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
