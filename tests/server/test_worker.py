"""The worker: does what is due, waits for a database that is away, ends when it is told to."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from closient_gql.core.db import Connection, Database
from closient_gql.server.worker import SCHEDULES
from resolvers.account.jobs import retire_expired_keys
from tests import make


async def test_expired_keys_are_retired(connection: Connection, database_url: str) -> None:
    old = await make.account(connection, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    good = await make.account(connection, expires_at=datetime.now(UTC) + timedelta(hours=1))
    database = Database(database_url, 1)
    assert [await retire_expired_keys(database), await retire_expired_keys(database)] == [1, 0]
    await database.close()
    active = {row["id"]: row["is_active"] for row in await connection.fetch("SELECT id, is_active FROM api_keys")}
    assert active == {old.key_id: False, good.key_id: True}


async def test_it_starts_registers_its_schedules_and_stops(connection: Connection, database_url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url, "CLOSIENT_LOG_LEVEL": "info"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "closient_gql.server.cli", "worker", env=environment, stderr=subprocess.PIPE
    )
    names: set[str] = set()
    for _ in range(300):  # half a minute: others may be busy on this machine
        names = {row["entrypoint"] for row in await connection.fetch("SELECT entrypoint FROM pgqueuer_schedules")}
        if names == set(SCHEDULES):
            break
        await asyncio.sleep(0.1)
    assert names == set(SCHEDULES)
    process.send_signal(signal.SIGTERM)
    _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0
    assert b"worker stopped" in said
    assert b"Traceback" not in said
