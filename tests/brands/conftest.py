"""What the tests of brands share: callers of every kind, pictures, the trail that writes leave."""

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from closient_gql.core.db import Connection
from closient_gql.core.settings import settings
from tests import make
from tests.conftest import Client

BRANDS = "/brands/api/v1/brands"
EVERYBODY = {  # who: role in the organization, kind and role of the key
    "owner": ("owner", "csu", None),
    "manager": ("manager", "csu", None),
    "editor": ("editor", "csu", None),
    "billing": ("billing", "csu", None),
    "owner with an editor's key": ("owner", "csu", "editor"),
    "owner with a readonly key": ("owner", "csu", "readonly"),
    "csb manager": ("owner", "csb", "manager"),
    "csb editor": ("owner", "csb", "editor"),
    "csb readonly": ("owner", "csb", "readonly"),
    "cpk": ("owner", "cpk", "readonly"),
}


@pytest.fixture
async def me(api: Client, connection: Connection) -> make.Account:
    """An owner, whose key the client sends."""
    found = await make.account(connection)
    api.headers["X-API-Key"] = found.key
    return found


@pytest.fixture
async def other(connection: Connection) -> make.Account:
    """The owner of another organization."""
    return await make.account(connection)


@pytest.fixture
def uploads() -> Path:
    """Where uploads go, without any."""
    found = settings().home / "uploads"
    shutil.rmtree(found, ignore_errors=True)
    found.mkdir()
    return found


def key(account: make.Account) -> dict[str, str]:
    return {"X-API-Key": account.key}


def png(width: int = 40, height: int = 20, colour: str = "red") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


EVENTS = "SELECT type FROM events WHERE entity_id = $1 AND entity <> 'search' ORDER BY id"


async def events(connection: Connection, id: str) -> list[str]:
    """Types of the events of one entity, in order."""
    return [row["type"] for row in await connection.fetch(EVENTS, id)]


async def audited(connection: Connection, id: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Action, user and changes of every entry about one thing, in order."""
    rows = await connection.fetch("SELECT * FROM audit_entries WHERE target_id = $1 ORDER BY created, action", id)
    return [(row["action"], row["user_id"], row["changes"]) for row in rows]


async def jobs(connection: Connection) -> list[tuple[str, str]]:
    """Jobs that wait: name and payload."""
    rows = await connection.fetch("SELECT entrypoint, payload FROM pgqueuer ORDER BY id")
    return [(row["entrypoint"], bytes(row["payload"]).decode()) for row in rows]
