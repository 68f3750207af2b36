"""What the tests of retailers share: an organization with a shop, callers, the trail that writes leave."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from closient_gql.core.db import Connection
from tests import make
from tests.conftest import Client

API = "/retailers/api/v1"
MOMENT, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
NOBODY = "aaaaaaaaaaaa"  # an id that is in use nowhere


@dataclass(frozen=True)
class Shop:
    """Everything that one organization needs to offer something."""

    account: make.Account
    retailer: str
    location: str
    physical: str
    online: str
    product: str

    @property
    def organization(self) -> str:
        return f"{API}/organizations/{self.account.organization_id}"


async def location(connection: Connection, organization_id: str | None = None, **values: Any) -> str:
    given = {"name": "Place", "latitude": 39.29, "longitude": -76.61, "country": "US"}
    return await make.insert(connection, "locations", organization_id=organization_id, **(given | values))


async def shop(connection: Connection, account: make.Account, number: int, **values: Any) -> Shop:
    """A private retailer with a store in US dollars and one on the web in euros; a product of this number."""
    own = account.organization_id
    retailer = await make.insert(connection, "retailers", name=f"Retailer {number}", organization_id=own)
    place = await location(connection, own)
    shared = {"retailer_id": retailer, "organization_id": own}
    physical = await make.insert(connection, "physical_stores", location_id=place, currency="USD", **shared)
    online = await make.insert(
        connection, "online_stores", url=f"https://shop{number}.example", domain=f"shop{number}.example",
        currency="EUR", **shared,
    )  # fmt: skip
    return Shop(account, retailer, place, physical, online, await make.product(connection, number, **values))


async def in_store(connection: Connection, shop: Shop, **values: Any) -> str:
    given = {"product_id": shop.product, "physical_store_id": shop.physical,
             "organization_id": shop.account.organization_id}  # fmt: skip
    return await make.insert(connection, "in_store_offers", **(given | values))


async def online(connection: Connection, shop: Shop, **values: Any) -> str:
    given = {"product_id": shop.product, "online_store_id": shop.online,
             "organization_id": shop.account.organization_id}  # fmt: skip
    return await make.insert(connection, "online_offers", **(given | values))


async def trail(connection: Connection, id: str) -> list[tuple[str, dict[str, Any]]]:
    """What the audit log says of one thing, in order."""
    rows = await connection.fetch("SELECT * FROM audit_entries WHERE target_id = $1 ORDER BY created, id", id)
    return [(row["action"], row["changes"]) for row in rows]


async def events(connection: Connection, id: str) -> list[tuple[str, dict[str, Any]]]:
    rows = await connection.fetch(
        "SELECT type, data FROM events WHERE entity_id = $1 AND entity <> 'search' ORDER BY id", id
    )
    return [(row["type"], row["data"]) for row in rows]


def details(answer: Any) -> list[tuple[str, str]]:
    """What a 422 says: fields and messages."""
    assert answer.status_code == 422, answer.text
    return [(detail["field"], detail["message"]) for detail in answer.json()["error"]["details"]]


async def got(api: Client, path: str, **params: Any) -> Any:
    answer = await api.get(path if path.startswith("/") else f"{API}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()
