"""Node.js and the packages of tests/node, servers in processes of their own."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

FOLDER = pathlib.Path(__file__).parents[1] / "node"
PATIENCE = 60  # seconds until a process must be ready; shared cores can be slow
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and k != "NODE_OPTIONS"}


@dataclass(frozen=True)
class Node:
    """Runs the scripts of tests/node."""

    command: str

    def run(self, script: str, *arguments: str, given: Any = None) -> Any:
        """What the script says, from JSON."""
        done = subprocess.run(
            [self.command, str(FOLDER / script), *arguments], input=json.dumps(given), capture_output=True, text=True,
            env=ENVIRONMENT, timeout=180, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:] or done.stdout[-4000:]
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def serve(self, script: str, *arguments: str, **environment: str) -> Iterator[str]:
        """The first line that the script says once it is ready."""
        process = subprocess.Popen(
            [self.command, str(FOLDER / script), *arguments], stdout=subprocess.PIPE, text=True,
            env=ENVIRONMENT | environment,
        )  # fmt: skip
        with stopping(process):
            assert process.stdout
            line = process.stdout.readline()
            assert line, f"{script} did not start"
            yield line.strip()


@pytest.fixture(scope="session")
def node() -> Node:
    command = shutil.which("node")
    if command is None:
        pytest.skip("Node.js is missing: apt-get install nodejs npm")
    if not (FOLDER / "node_modules").is_dir():
        pytest.skip("the packages of tests/node are missing: scripts/test installs them")
    return Node(command)


@contextlib.contextmanager
def stopping(*processes: subprocess.Popen[Any]) -> Iterator[None]:
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)
            if process.stdout:
                process.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def post(url: str, query: str, key: str = "", **variables: Any) -> Any:
    """What a GraphQL server answers."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"} | ({"X-API-Key": key} if key else {})
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
        return json.load(answer)


Factory = tuple[str, dict[str, str]]  # an ASGI application factory, and its part of the environment


@contextlib.contextmanager
def serving(factories: Sequence[Factory]) -> Iterator[list[str]]:
    """Applications, each in a process of its own; their addresses, once all answer GraphQL."""
    ports = [free_port() for _ in factories]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(port), "--log-level", "error"],
            env=ENVIRONMENT | environment,
        )
        for (factory, environment), port in zip(factories, ports, strict=True)
    ]
    urls = [f"http://127.0.0.1:{port}/graphql" for port in ports]
    with stopping(*processes):
        for process, url in zip(processes, urls, strict=True):
            until_it_answers(url, process)
        yield urls


def until_it_answers(url: str, process: subprocess.Popen[Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError):
            post(url, "{ __typename }")
            return
        assert process.poll() is None, "the application did not start"
        assert time.monotonic() < deadline, "the application did not get ready"
        time.sleep(0.1)
