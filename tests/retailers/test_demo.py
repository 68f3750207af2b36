"""The demo: real chains and shops, nobody's, at the demo places."""

import asyncpg

from closient_gql.server.demo_retailers import Chains, online_store_id, physical_store_id, retailer_id
from closient_gql.server.demo_rows import lines_of
from tests.conftest import Client

WALMART = "walmart-36cadd"


async def test_chains_shops_and_their_stores(demo_api: Client, demo_url: str) -> None:
    connection = await asyncpg.connect(demo_url)
    rows = await connection.fetch(
        "SELECT l.country, s.currency, count(*) FROM physical_stores s JOIN locations l ON l.id = location_id "
        "GROUP BY 1, 2 ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [("LI", "CHF", 56), ("SG", "SGD", 30), ("US", "USD", 166 + 2992)]
    assert await connection.fetchval("SELECT count(*) FROM retailers WHERE NOT is_canonical") == 0
    await connection.close()
    walmart = (await demo_api.get(f"/retailers/api/v1/retailers/{retailer_id(WALMART)}")).json()
    shown = ("name", "category", "website", "is_online", "is_physical", "metadata")
    assert {name: walmart[name] for name in shown} == {
        "name": "Walmart", "category": "department_store", "website": "https://www.walmart.com", "is_online": True,
        "is_physical": True, "metadata": {"wikidata": "Q483551"},
    }  # fmt: skip
    store = (await demo_api.get(f"/retailers/api/v1/physical-stores/{physical_store_id('walmart/1')}")).json()
    assert (store["retailer_id"], store["number"], store["currency"]) == (walmart["id"], "1", "USD")
    site = online_store_id("https://www.denner.ch")
    assert (await demo_api.get(f"/retailers/api/v1/online-stores/{site}")).json()["countries"] == ["CH", "LI"]


def test_which_chain_a_place_belongs_to() -> None:
    chains = Chains(lines_of("chains.jsonl.gz"))

    def chain(name: str, country: str, *kinds: str) -> str | None:
        found = chains.of({"name": name, "country": country, "categories": kinds})
        return str(found["name"]) if found else None

    assert chain("7-11", "SG") == "7-Eleven"  # by another of its names
    assert chain("Denner", "LI", "supermarket") == "Denner"
    assert chain("Denner", "US") is None  # not in this country
    assert chain("Giant", "US", "supermarket") is None  # there are two
    assert chain("Rite Aid", "US", "chemist") == "Rite Aid"  # two kinds of shop of one chain
