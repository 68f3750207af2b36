"""A shop to try offers with: an organization with stores, products, and the files it sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from closient_gql.core.db import Connection
from closient_gql.core.models.account import KeyKind, MemberRole
from resolvers.viewer import Viewer
from tests import make


@dataclass
class Shop:
    """An account with a retailer that has stores, numbered from 1, and one online store."""

    account: make.Account
    retailer_id: str
    store_ids: list[str] = field(default_factory=list)
    location_ids: list[str] = field(default_factory=list)
    online_id: str = ""

    @property
    def id(self) -> str:
        return self.account.organization_id

    @property
    def viewer(self) -> Viewer:
        memberships = {self.id: MemberRole.OWNER}
        return Viewer(KeyKind.USER, self.account.key_id, None, self.account.user_id, memberships=memberships)


async def location(connection: Connection, latitude: float, longitude: float, **values: Any) -> str:
    given = {"name": "Place", "country": "US", "latitude": latitude, "longitude": longitude}
    return await make.insert(connection, "locations", **(given | values))


async def store(connection: Connection, retailer_id: str, location_id: str, **values: Any) -> str:
    given = {"retailer_id": retailer_id, "location_id": location_id, "currency": "USD"}
    return await make.insert(connection, "physical_stores", **(given | values))


async def shop(connection: Connection, places: Sequence[tuple[float, float]] = ((39.29, -76.61),)) -> Shop:
    account = await make.account(connection)
    owner = {"organization_id": account.organization_id}
    found = Shop(account, await make.insert(connection, "retailers", name="Corner Shops", **owner))
    for number, (latitude, longitude) in enumerate(places, 1):
        found.location_ids.append(await location(connection, latitude, longitude, **owner))
        number_ = {"number": str(number)}
        id = await store(connection, found.retailer_id, found.location_ids[-1], **owner, **number_)
        found.store_ids.append(id)
    found.online_id = await make.insert(
        connection, "online_stores", retailer_id=found.retailer_id, currency="USD",
        url="https://shop.example.org", domain="shop.example.org", **owner,
    )  # fmt: skip
    return found


async def offer(connection: Connection, shop: Shop, product_id: str, store: int = 0, **values: Any) -> str:
    """An offer at the store of this place."""
    given = {"product_id": product_id, "physical_store_id": shop.store_ids[store], "organization_id": shop.id}
    return await make.insert(connection, "in_store_offers", **(given | values))


async def online_offer(connection: Connection, shop: Shop, product_id: str, **values: Any) -> str:
    given = {"product_id": product_id, "online_store_id": shop.online_id, "organization_id": shop.id}
    return await make.insert(connection, "online_offers", **(given | values))


def ndjson(*rows: Mapping[str, Any]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def table(*rows: Mapping[str, Any]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)]
    return "\n".join(lines).encode()


async def offers(connection: Connection, kind: str = "in_store") -> list[dict[str, Any]]:
    """All offers by their keys, without ids and points."""
    rows = await connection.fetch(f"SELECT * FROM {kind}_offers ORDER BY product_id, sku, id")  # noqa: S608
    return [{name: value for name, value in row.items() if name not in ("id", "point")} for row in rows]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
