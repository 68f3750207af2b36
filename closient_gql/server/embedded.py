"""The embedded database: a PostgreSQL of our own, brought up and stopped by `postgres.sh` beside this file."""

import os
import pathlib
import subprocess
import sys
from collections import deque

SCRIPT = pathlib.Path(__file__).with_name("postgres.sh")


class EmbeddedError(Exception):
    """The embedded database cannot do what was asked; the message is what its script said last."""


def up(home: pathlib.Path, *, test: bool = False) -> str:
    """Bring the database up, fetching and initialising what is missing, and give its URL.

    It survives this process. Its progress goes to standard error; a server that already runs is found in milliseconds.

    Args:
        home: the folder that holds `data/` and `run/`; one server each.
        test: make a new cluster as a throw-away, without fsync. Ignored if there is one already.

    Raises:
        EmbeddedError: it cannot be had or does not start.
    """
    return _run("up", home, test=test)


def stop(home: pathlib.Path) -> None:
    """Stop the server, if it runs.

    Raises:
        EmbeddedError: it did not stop.
    """
    _run("stop", home)


def running(home: pathlib.Path) -> bool:
    """Whether the server runs and takes connections. Starts and fetches nothing."""
    return subprocess.run(_command("status"), env=_environment(home), capture_output=True).returncode == 0


def binaries(home: pathlib.Path) -> pathlib.Path:
    """The folder with psql, pg_dump and pg_restore, fetched if missing.

    Raises:
        EmbeddedError: they cannot be had.
    """
    return pathlib.Path(_run("bin", home))


def _command(word: str) -> list[str]:
    return ["bash", str(SCRIPT), word]


def _environment(home: pathlib.Path) -> dict[str, str]:
    return {**os.environ, "CLOSIENT_HOME": str(home.absolute())}


def _run(word: str, home: pathlib.Path, *, test: bool = False) -> str:
    """Run the script with its standard error passed through; its last line of output.

    Raises:
        EmbeddedError: it failed.
    """
    environment = _environment(home) | ({"CLOSIENT_PG_TEST": "1"} if test else {})
    said: deque[str] = deque(maxlen=5)
    try:
        process = subprocess.Popen(
            _command(word), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
        )
    except OSError as error:
        raise EmbeddedError(f"the embedded database needs bash: {error}") from error
    with process:
        assert process.stderr is not None
        assert process.stdout is not None
        for line in process.stderr:
            sys.stderr.write(line)
            sys.stderr.flush()
            said.append(line.strip().removeprefix("postgres: "))
        output = process.stdout.read().strip()  # a line or two: it fits the pipe while standard error is read
    if process.returncode != 0:
        raise EmbeddedError("\n".join(said) or f"{SCRIPT.name} {word} ended with status {process.returncode}")
    return output.rpartition("\n")[2]
