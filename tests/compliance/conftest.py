"""What the tests of compliance share: an owner with products, an authority, recalls of them."""

from dataclasses import dataclass
from typing import Any

import pytest

from closient_gql.core.db import Connection
from resolvers.compliance.lots import read
from tests import make
from tests.conftest import Client

API, PRODUCTS = "/compliance/api/v1", "/products/api/v1"
NOBODY = "aaaaaaaaaaaa"  # an id that is in use nowhere


@dataclass(frozen=True)
class World:
    """Products 1 and 2 are the owner's, 3 is another organization's, 4 nobody's."""

    owner: make.Account
    other: make.Account
    authority: make.Account
    gtins: dict[int, str]


async def recall(connection: Connection, *products: int, lots: Any = None, **values: Any) -> str:
    """A recall of the products of these numbers."""
    given: dict[str, Any] = {"source_system": "FDA", "title": "Recall", "status": "ONGOING", "severity": "CLASS_II"}
    given |= {"lot_codes": lots, "lots": read(lots).stored() if lots is not None else None}
    id = await make.insert(connection, "recalls", **(given | values))
    for number in products:
        await connection.execute(
            "INSERT INTO recall_products (recall_id, gtin, product_id) VALUES ($1, $2, $3)",
            id, make.make_gtin(number), make.make_id(number),
        )  # fmt: skip
    return id


@pytest.fixture
async def world(connection: Connection) -> World:
    owner, other, authority = [await make.account(connection) for _ in range(3)]
    await connection.execute("UPDATE organizations SET is_authority = true WHERE id = $1", authority.organization_id)
    for number, account in ((1, owner), (2, owner), (3, other), (4, None)):
        await make.product(connection, number, owner_id=account.organization_id if account else None)
    return World(owner, other, authority, {n: make.make_gtin(n) for n in range(1, 10)})


@pytest.fixture
def mine(api: Client, world: World) -> Client:
    """The client with the owner's key."""
    api.headers["X-API-Key"] = world.owner.key
    return api


def key(account: make.Account) -> dict[str, str]:
    return {"X-API-Key": account.key}
