"""`closient serve` from nothing: everything comes up, answers, and goes down again."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from closient_gql.core.settings import Settings
from closient_gql.server import embedded, supervise
from closient_gql.server.supervise import address, api_command, free_port


@pytest.fixture
def home() -> Iterator[pathlib.Path]:
    """Outside of pytest's own folder, which the server's user could not reach for root."""
    found = pathlib.Path(tempfile.mkdtemp(prefix="closient-", dir="/tmp"))
    found.chmod(0o755)
    yield found
    if embedded.running(found):
        embedded.stop(found)
    shutil.rmtree(found, ignore_errors=True)


def start(home: pathlib.Path, port: int) -> subprocess.Popen[str]:
    proxy = "http://127.0.0.1:9"  # as many have one; it is not for what is on this machine
    environment = {**os.environ, "CLOSIENT_HOME": str(home), "CLOSIENT_PG_TEST": "1", "http_proxy": proxy}
    command = [sys.executable, "-m", "closient_gql.server.cli", "serve", "--port", str(port)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def until_ready(process: subprocess.Popen[str]) -> str:
    """What it printed until it said that everything is up."""
    said = ""
    assert process.stdout
    for line in process.stdout:
        said += line
        if "Ctrl-C stops" in line:
            return said
    raise AssertionError(said)


def answers(port: int) -> bool:
    """Whether the API answers within 30 seconds."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).status == 200)
        except OSError:
            time.sleep(0.1)
    return False


def test_up_ask_down_and_up_again(home: pathlib.Path) -> None:
    port = free_port("127.0.0.1", 0)
    process = start(home, port)
    said = until_ready(process)
    key = (home / "demo.key").read_text().strip()
    assert (home / "demo.key").stat().st_mode & 0o777 == 0o600
    assert f"Demo key     {key}" in said
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", json.dumps({"query": "{ products { totalCount } }"}).encode(),
        {"Content-Type": "application/json", "X-API-Key": key},
    )  # fmt: skip
    assert json.load(urllib.request.urlopen(request))["data"]["products"]["totalCount"] == 5735
    with pytest.raises(ValueError, match=f"Cannot listen on 127.0.0.1:{port}"):
        free_port("127.0.0.1", port)
    find_api = ["pgrep", "-P", str(process.pid), "-f", "uvicorn"]
    api = int(subprocess.check_output(find_api))
    os.kill(api, signal.SIGKILL)
    assert answers(port)
    assert int(subprocess.check_output(find_api)) != api  # it was started again
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    process.stdout.close()  # type: ignore[union-attr]
    assert not embedded.running(home)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0

    process = start(home, port)
    again = until_ready(process)
    assert f"Demo key     {key}" in again
    process.kill()  # not even time to say good-bye: the children go with it, the database survives
    process.wait()
    process.stdout.close()  # type: ignore[union-attr]
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                break
        time.sleep(0.2)
    else:
        raise AssertionError("the API outlived its parent")
    assert embedded.running(home)


def test_trusted_proxies_are_told_to_the_server() -> None:
    plain = api_command(Settings(), "127.0.0.1", 8000, 1, False)
    assert "--no-proxy-headers" in plain
    trusting = api_command(Settings(trusted_proxies="10.0.0.0/8, 192.0.2.1"), "127.0.0.1", 8000, 3, False)
    assert trusting[trusting.index("--forwarded-allow-ips") + 1] == "10.0.0.0/8,192.0.2.1"
    assert trusting[trusting.index("--workers") + 1] == "3"


def test_the_worker_is_told_where_the_api_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its mails say so, where no public address is set."""
    started: list[dict[str, str]] = []
    monkeypatch.setattr(supervise, "start", lambda *command, env: started.append(env))
    supervise.start_worker("0.0.0.0", 8611)
    assert started == [{"CLOSIENT_LISTENS_AT": "http://localhost:8611"}]


class Child:
    """A process that ends with this status, or does not."""

    pid = 0

    def __init__(self, status: int | None = None) -> None:
        self.status = status

    def poll(self) -> int | None:
        return self.status


def test_what_ends_is_started_again_unless_it_ends_again_and_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = {"API": 0, "worker": 0}

    def begin(name: str, status: int | None) -> Child:
        begun[name] += 1
        return Child(status)

    children: list[Any] = [Child(-9), Child()]
    starts: Any = {"API": lambda: begin("API", None), "worker": lambda: begin("worker", 3)}

    def kill(seconds: float) -> None:
        """The API is up again; now the worker begins to end."""
        assert children[0].poll() is None
        if begun["worker"] == 0:
            children[1] = Child(3)

    killed: list[Any] = []
    monkeypatch.setattr(supervise, "kill_rest", killed.append)
    monkeypatch.setattr(time, "sleep", kill)
    assert supervise.watch(children, starts) == 1
    assert begun == {"API": 1, "worker": 4}
    assert [child.status for child in killed] == [-9, 3, 3, 3, 3]
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "closient: the API ended with status -9; starting it again"
    assert said[1:5] == ["closient: the worker ended with status 3; starting it again"] * 4
    assert said[5:] == ["closient: the worker ended with status 3, for the 5th time in 60 seconds"]


def test_addresses() -> None:
    assert address("0.0.0.0", 80) == "http://localhost:80"
    assert address("::1", 80) == "http://[::1]:80"
    assert address("192.0.2.1", 80) == "http://192.0.2.1:80"
