"""Lists read the columns that an operation asks for, and what its other fields need."""

import re

import pytest

from closient_gql.core.db import Database, Reader
from resolvers.context import Context
from tests import make
from tests.products.test_graph import OPERATIONS, Graph, database, shop

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
