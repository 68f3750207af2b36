"""Fixtures of the tests of retailers."""

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.conftest import Client
from tests.retailers import world


@pytest.fixture
async def mine(api: Client, connection: Connection) -> world.Shop:
    """A shop whose owner's key the client sends."""
    account = await make.account(connection)
    api.headers["X-API-Key"] = account.key
    return await world.shop(connection, account, 1)


@pytest.fixture
async def theirs(connection: Connection) -> world.Shop:
    """A shop of another organization."""
    return await world.shop(connection, await make.account(connection), 2)
