"""The demo offers: made up and marked so, the same everywhere, and a choice where one looks."""

from datetime import UTC, datetime
from typing import Any

import asyncpg

from closient_gql.server.demo_offers import Offers
from closient_gql.server.demo_rows import lines_of
from tests.conftest import Client

BALTIMORE, VADUZ = "latitude: 39.2904, longitude: -76.6122", "latitude: 47.1410, longitude: 9.5209"
QUERY = """{ products(pageSize: 100, page: %d) { nodes { near: availability(near: {%s}, radiusKm: %d) { storeCount
  inStockStoreCount } cheapestOffer { ... on InStoreOffer { id } ... on OnlineOffer { id } } } } }"""


async def ask(api: Client, query: str) -> Any:
    answer = (await api.post("/graphql", json={"query": query})).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def test_there_is_a_choice(demo_api: Client, demo_url: str) -> None:
    for place, radius in ((BALTIMORE, 80), (VADUZ, 30)):
        nodes = (await ask(demo_api, QUERY % (2, place, radius)))["products"]["nodes"]
        assert sum(node["near"]["storeCount"] >= 2 for node in nodes) >= 70
        assert sum(node["near"]["inStockStoreCount"] >= 1 for node in nodes) >= 75
        assert all(node["cheapestOffer"] for node in nodes)
    connection = await asyncpg.connect(demo_url)
    for table in ("in_store_offers", "online_offers", "in_store_promotions", "online_promotions"):
        real = f"SELECT count(*), count(*) FILTER (WHERE metadata->>'synthetic' IS DISTINCT FROM 'true') FROM {table}"  # noqa: S608
        number, unmarked = await connection.fetchrow(real) or (0, 0)
        assert (number > 30, unmarked) == (True, 0)
    assert await connection.fetchval("SELECT count(*) FROM in_store_offers WHERE point IS NULL") == 0
    await connection.close()


class Everything(dict[str, str]):
    """As if every store were there."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> str:
        return "CHF"


def test_they_are_the_same_everywhere() -> None:
    products = [(str(n), product) for n, product in enumerate(lines_of("products.jsonl.gz")[:200])]
    now = datetime(2026, 1, 2, tzinfo=UTC)
    first, second = (
        [*made.at_shops(), *made.at_walmarts(), *made.on_the_web()]
        for made in (Offers(products, Everything(), now), Offers(products, Everything(), now))
    )
    assert first == second
    some = next(offer for offer in first if offer["price"])
    assert (some["id"], some["price"]) == ("3gx4ywehk3wg", "31.79")
