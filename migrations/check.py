"""`python -m migrations.check`: the migrations make exactly the models' tables, and none of them locks needlessly.

Works on a scratch database of the server in CLOSIENT_TEST_DATABASE_URL.
"""

import asyncio
import os
import pathlib
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from alembic import command

from migrations import HERE, config, upgrade

SCRATCH = "closient_migrations_check"
FIRST = "2026_11_23_foundation"  # on empty tables nothing can lock; squawk reads what comes after it


async def administer(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def squawk() -> int:
    """Lints the SQL of the migrations after the first."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "migrations.sql"
        with path.open("w") as file, redirect_stdout(file):
            offline = config("")
            offline.output_buffer = file
            command.upgrade(offline, f"{FIRST}:head", sql=True)
        tool = pathlib.Path(sys.executable).with_name("squawk")
        return subprocess.run([str(tool), "--config", str(HERE.parent / ".squawk.toml"), str(path)]).returncode


def main() -> int:
    server = os.environ["CLOSIENT_TEST_DATABASE_URL"]
    scratch = urlunsplit(urlsplit(server)._replace(path=f"/{SCRATCH}"))
    asyncio.run(administer(server, f"DROP DATABASE IF EXISTS {SCRATCH}", f"CREATE DATABASE {SCRATCH}"))
    try:
        upgrade(scratch)
        command.check(config(scratch))
    finally:
        asyncio.run(administer(server, f"DROP DATABASE IF EXISTS {SCRATCH}"))
    return squawk()


if __name__ == "__main__":
    sys.exit(main())
