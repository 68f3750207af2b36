"""The small catalogue with stores around a place that sell parts of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from closient_gql.core.db import Connection
from tests import make
from tests.retailers import stores
from tests.search import world

HERE = {"latitude": 39.29, "longitude": -76.61}
NORTH = ((39.30, -76.61), (39.31, -76.61), (39.34, -76.61), (39.40, -76.61))
"""Stores 0 to 3: some 1.1, 2.2, 5.6 and 12.2 km to the north."""
NOW = datetime.now(UTC)
OATS, GLUTEN_FREE, CERTIFIED, MYSTERY, VEGAN, MILK, HAMMER, RED = 1, 2, 3, 4, 8, 20, 22, 24
# product, store, price, pieces, hours since its source spoke
OFFERS: tuple[tuple[int, int, float | None, int | None, float | None], ...] = (
    (OATS, 0, 3.00, 5, 0.5), (OATS, 1, 2.50, 0, 0.5), (OATS, 2, 2.00, 9, 0.5),
    (GLUTEN_FREE, 1, 4.00, 2, 0.5), (GLUTEN_FREE, 2, 3.50, 9, 30.0),
    (CERTIFIED, 1, 6.00, None, None), (CERTIFIED, 3, 5.00, 4, 0.5),
    (MYSTERY, 0, 1.00, 5, 60.0),
    (VEGAN, 1, 5.00, 7, 10.0), (VEGAN, 0, None, 3, 0.2),
    (HAMMER, 3, 20.00, 2, 1.5),
    (RED, 2, 9.00, 1, 0.1), (25, 2, 8.00, 1, 0.1),
)  # fmt: skip
ALWAYS = [["00:00", "24:00"]]
OPEN = {"weekly": dict.fromkeys(range(7), ALWAYS)}


@dataclass
class Market:
    world: world.World
    shop: stores.Shop
    offers: dict[tuple[int, int], str] = field(default_factory=dict)


async def fill(connection: Connection) -> Market:
    found = Market(await world.fill(connection), await stores.shop(connection, NORTH))
    for number, store, price, pieces, age in OFFERS:
        at = None if age is None else NOW - timedelta(hours=age)
        found.offers[number, store] = await stores.offer(
            connection, found.shop, make.make_id(number), store,
            price=price, quantity_on_hand=pieces, inventory_synced_at=at,
        )  # fmt: skip
    await stores.online_offer(
        connection, found.shop, make.make_id(MILK), price=2.00, stock_level="in_stock", url="https://shop.example.org/m"
    )
    await stores.online_offer(connection, found.shop, make.make_id(OATS), price=1.50, stock_level="in_stock")
    return found


def names(hits: list[dict[str, Any]]) -> list[str]:
    return [hit["product"]["name"] for hit in hits]
