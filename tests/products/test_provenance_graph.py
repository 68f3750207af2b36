"""Facts and history in the graph: what is told, and in how many statements."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from closient_gql.core.db import Connection, Database
from closient_gql.core.models.account import KeyKind, MemberRole
from closient_gql.core.models.products import DataSource
from resolvers.products.facts import Statement, state
from resolvers.viewer import Viewer
from tests import make
from tests.products.test_graph import Graph

OWNER = make.make_id(9001)


@pytest.fixture
async def shop(connection: Connection, database_url: str) -> AsyncIterator[Graph]:
    """30 products of one owner with brands and categories, which changed three times each."""
    await make.insert(connection, "organizations", id=OWNER, name="Owner", country="DE")
    category = await make.insert(connection, "product_categories", slug="a", name="Cakes")
    brands = [await make.brand(connection, f"Brand {n}") for n in range(5)]
    for n in range(30):
        await make.product(
            connection, n, owner_id=OWNER, data_source="open_food_facts", confidence_score=0.8,
            brand_id=brands[n % 5], category_id=category, labels=["organic", "vegan"],
        )  # fmt: skip
    database = Database(database_url, 5)
    viewer = Viewer(KeyKind.USER, None, None, None, memberships={OWNER: MemberRole.OWNER})
    for place, brand in enumerate(brands[:3]):
        async with database.transaction() as write:
            said = [Statement(make.make_id(n), "brand_id", brand) for n in range(30)]
            said += [Statement(make.make_id(n), "length", place + 0.5) for n in range(30)]
            await state(write, viewer, said, source=DataSource.CLAIMED, confidence=1, organization_id=OWNER)
    yield Graph(database, viewer)
    await database.close()


QUESTION = """query ($first: Int, $owner: Boolean!, $field: String) { products(first: $first) { nodes { gtin
  facts(ownerOnly: $owner, field: $field) { field value source statedById statedAt confidence isShown }
  history(first: 3, field: $field) { nodes { id field old new source created } totalCount } } } }"""


FACTS = "facts { field value }"
HISTORY = "history(first: 3) { nodes { field old new } totalCount }"


@pytest.mark.parametrize(("fields", "expected"), [(FACTS, 4), (HISTORY, 4)])
async def test_statements_do_not_grow(shop: Graph, fields: str, expected: int) -> None:
    """Products; facts, brands, categories. Products; history, count, brands."""
    counts = []
    for first in (1, 30):
        data = await shop.ask(f"{{ products(first: {first}) {{ nodes {{ {fields} }} }} }}")
        assert len(data["products"]["nodes"]) == first
        counts.append(shop.statements)
    assert counts == [expected, expected]


async def test_facts_and_history(shop: Graph) -> None:
    data = await shop.ask(QUESTION, first=1, owner=False)
    (product,) = data["products"]["nodes"]
    facts = [(f["field"], f["value"], f["source"], f["isShown"]) for f in product["facts"]]
    assert facts == [
        ("product_name", "Product 0000", "OPEN_FOOD_FACTS", True), ("length", "2.5", "CLAIMED", True),
        ("labels", "organic, vegan", "OPEN_FOOD_FACTS", True), ("brand", "Brand 2", "CLAIMED", True),
        ("brand", "Brand 0", "OPEN_FOOD_FACTS", False), ("category", "Cakes", "OPEN_FOOD_FACTS", True),
    ]  # fmt: skip
    assert product["history"]["totalCount"] == 5  # the first brand was there already
    lengths = [(h["old"], h["new"]) for h in product["history"]["nodes"] if h["field"] == "length"]
    assert lengths[0] == ("1.5", "2.5")


async def test_owner_stated_only(shop: Graph) -> None:
    data = await shop.ask(QUESTION, first=30, owner=True)
    facts = [fact for product in data["products"]["nodes"] for fact in product["facts"]]
    assert {(f["field"], f["source"], f["statedById"]) for f in facts} == {
        ("length", "CLAIMED", OWNER), ("brand", "CLAIMED", OWNER),
    }  # fmt: skip
    data = await shop.ask(QUESTION, first=1, owner=True, field="category")
    assert data["products"]["nodes"][0]["facts"] == []
    assert data["products"]["nodes"][0]["history"] == {"nodes": [], "totalCount": 0}


async def test_unknown_fields(shop: Graph) -> None:
    _, errors = await shop.both(QUESTION, first=1, owner=True, field="brand_id")
    assert {code for _, code in errors} == {"VALIDATION_ERROR"}


async def test_history_by_cursor(shop: Graph) -> None:
    question = """query ($gtin: GTIN!, $after: String) { product(gtin: $gtin) { history(first: 2, after: $after) {
        nodes { id } pageInfo { hasNextPage endCursor } } } }"""
    seen: list[Any] = []
    after = None
    for _ in range(5):
        page = (await shop.ask(question, gtin=make.make_gtin(1), after=after))["product"]["history"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == 6
