"""Fixtures of the tests of certifications."""

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.brands.conftest import uploads  # noqa: F401
from tests.conftest import Client


@pytest.fixture
async def me(api: Client, connection: Connection) -> make.Account:
    """The owner of product 1, whose key the client sends; product 2 belongs to nobody."""
    found = await make.account(connection)
    api.headers["X-API-Key"] = found.key
    await make.product(connection, 1, owner_id=found.organization_id)
    await make.product(connection, 2)
    return found


@pytest.fixture
async def authority(connection: Connection) -> make.Account:
    """An owner in an organization that the platform has made an authority."""
    found = await make.account(connection)
    await connection.execute("UPDATE organizations SET is_authority = true WHERE id = $1", found.organization_id)
    return found
