"""What the tests of locations share."""

from typing import Any

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.conftest import Client

API = "/locations/api/v1"


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


async def place(connection: Connection, latitude: float, longitude: float, **values: Any) -> str:
    """A place there; gives its id."""
    given = {"name": f"At {latitude}, {longitude}", "country": "US", "latitude": latitude, "longitude": longitude}
    return await make.insert(connection, "locations", **(given | values))
