"""Lists and look-ups read the columns that an operation asks for, and what its other fields need."""

import re
from typing import Any

import pytest

from closient_gql.core.db import Connection, Database, Reader, Row
from resolvers.context import Context
from tests import make
from tests.products.test_graph import OPERATIONS, Graph, database, shop
from tests.retailers import stores

__all__ = ["database", "shop"]  # fixtures
EVERYTHING = 45


async def columns_of(shop: Graph, query: str) -> set[str]:
    """The columns of products that the first statement reads."""
    reader = Reader(shop.database)
    result = await OPERATIONS.prepare(query).execute({}, Context(reader, shop.viewer))
    assert result.errors == []
    return set(re.findall(r"\bproducts\.(\w+)", reader.statements[0].partition("FROM")[0]))


@pytest.mark.parametrize(
    ("selection", "columns"),
    [
        ("nodes { gtin }", {"id", "gtin"}),
        ("edges { node { netContent } cursor } pageInfo { endCursor }", {"id", "gtin", "net_content"}),
        ("nodes { labels } edges { node { id } }", {"id", "gtin", "labels"}),
        ("nodes { brand { name } allImages { id } nutrition { servingSize } }", {"id", "gtin", "brand_id"}),
        ("totalCount pagination { page } nodes { __typename }", {"id", "gtin"}),
    ],
)
async def test_what_is_read(shop: Graph, selection: str, columns: set[str]) -> None:
    assert await columns_of(shop, f"{{ products(first: 3) {{ {selection} }} }}") == columns | {
        "product_name"
    }  # the order


async def test_a_relation_that_does_not_say_gets_everything(shop: Graph) -> None:
    assert len(await columns_of(shop, "{ products(first: 3) { nodes { gtin facts { field } } } }")) >= EVERYTHING - 1


async def test_below_brands_and_behind_a_cursor(shop: Graph, database: Database) -> None:
    data = await shop.ask("""{ brands(first: 2) { nodes { products(first: 1) {
        edges { cursor node { gtin brand { name } } } } } } }""")
    (edge,) = data["brands"]["nodes"][0]["products"]["edges"]
    assert edge["node"]["brand"] == {"name": "Brand 0"}
    more = await shop.ask(
        f'{{ products(first: 2, after: "{(await first_cursor(shop))}") {{ nodes {{ productName }} }} }}'
    )
    assert [node["productName"] for node in more["products"]["nodes"]] == ["Product 0001", "Product 0002"]
    assert edge["node"]["gtin"] == make.make_gtin(10)


async def first_cursor(shop: Graph) -> str:
    data = await shop.ask("{ products(first: 1) { edges { cursor } } }")
    return str(data["products"]["edges"][0]["cursor"])


# --- look-ups, and lists of other things


PRODUCT = make.make_gtin(4_200)
OFFERS = f"""{{ product(gtin: "{PRODUCT}") {{ offers(kind: IN_STORE) {{ nodes {{ ... on InStoreOffer {{
  price {{ amount }} physicalStore {{ name location {{ city }} retailer {{ name }} }} }} }} }} }} }}"""
OWNED = {"id", "organization_id"}


class Noting(Reader):
    """Notes of which models it found rows, and with which columns."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.found: list[tuple[str, set[str]]] = []

    async def fetch(self, sql: str, arguments: list[Any], row: type[Row]) -> list[Any]:
        rows = await super().fetch(sql, arguments, row)
        self.found += [(row.__name__.removesuffix("Row"), {*rows[0].keys()} - {"sort_", "parent_"})] if rows else []
        return rows


async def read_by(market: stores.Shop, database: Database, query: str) -> tuple[Any, list[tuple[str, set[str]]]]:
    """What an operation answers, and what its statements found."""
    reader = Noting(database)
    source = query.replace("ORG", market.id)
    result = await OPERATIONS.prepare(source).execute({}, Context(reader, market.viewer))
    assert result.errors == []
    return result.data, reader.found


@pytest.fixture
async def market(connection: Connection) -> stores.Shop:
    """A shop with one offer of one product of one brand."""
    found = await stores.shop(connection)
    brand = await make.brand(connection, "Brand")
    await make.product(connection, 4_200, brand_id=brand)
    await stores.offer(connection, found, make.make_id(4_200), price=2)
    return found


async def test_look_ups_read_what_is_asked_for(market: stores.Shop, database: Database) -> None:
    data, read = await read_by(market, database, OFFERS)
    (offer,) = data["product"]["offers"]["nodes"]
    assert offer["price"]["amount"] == "2.00"
    assert offer["physicalStore"]["retailer"] == {"name": "Corner Shops"}
    assert read == [
        ("Product", {"id", "gtin"}),
        ("InStoreOffer", {"id", "price", "currency", "physical_store_id"}),
        ("PhysicalStore", OWNED | {"is_active", "name", "location_id", "retailer_id"}),
        ("Location", OWNED | {"is_active", "city"}),
        ("Retailer", OWNED | {"name"}),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("brands { nodes { name } }", [("Brand", {"id", "name"})]),
        (
            'inStoreOffers(organizationId: "ORG") { nodes { product { gtin brand { name } } } }',
            [("InStoreOffer", {"id", "product_id"}), ("Product", {"id", "gtin", "brand_id"}),
             ("Brand", {"id", "name"})],
        ),
        (
            f'product(gtin: "{PRODUCT}") {{ a: brand {{ name }} b: brand {{ website }} }}',  # one statement for both
            [("Product", {"id", "gtin", "brand_id"}), ("Brand", {"id", "name", "website"})],
        ),
        (
            f'product(gtin: "{PRODUCT}") {{ brand {{ name products {{ nodes {{ brand {{ name }} }} }} }} }}',
            [("Product", {"id", "gtin", "brand_id"}), ("Brand", {"id", "name"}),
             ("Product", {"id", "gtin", "brand_id"})],  # the brand is known
        ),
        (
            f'product(gtin: "{PRODUCT}") {{ brand {{ name products {{ nodes {{ brand {{ twitter }} }} }} }} }}',
            [("Product", {"id", "gtin", "brand_id"}), ("Brand", {"id", "name"}),
             ("Product", {"id", "gtin", "brand_id"}), ("Brand", {"id", "name", "twitter"})],
        ),
        (
            f'product(gtin: "{PRODUCT}") {{ cheapestOffer(kind: IN_STORE) {{ ... on InStoreOffer {{ sku }} }} }}',
            [("Product", {"id", "gtin"}), ("Product", {"id", "kind"}), ("InStoreOffer", OWNED | {"is_shown", "sku"})],
        ),
    ],
)  # fmt: skip
async def test_what_is_read_of_others(
    market: stores.Shop, database: Database, query: str, expected: list[tuple[str, set[str]]]
) -> None:
    _, read = await read_by(market, database, f"{{ {query} }}")
    assert read == expected


async def test_an_owners_view_of_a_brand_has_its_name(market: stores.Shop, database: Database) -> None:
    """A view is made of more columns than are asked for."""
    query = f'{{ product(gtin: "{PRODUCT}") {{ brand {{ website }} ownerStated {{ brand {{ website name }} }} }} }}'
    data, _ = await read_by(market, database, query)
    assert data["product"] == {"brand": {"website": ""}, "ownerStated": {"brand": None}}
