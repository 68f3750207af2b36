"""Products in the graph: what is found, in how many statements, and who may ask."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.models.account import KeyKind, MemberRole
from closient_gql.core.settings import Settings
from closient_gql.engine import Operations
from closient_gql.server.app import operations_of
from resolvers.context import Context
from resolvers.viewer import ANONYMOUS, Viewer
from schema import graph
from tests import make

OPERATIONS: Operations = operations_of(graph(), Settings())


class Graph:
    """Asks the graph without HTTP, as one viewer; `statements` are those of the last question."""

    def __init__(self, database: Database, viewer: Viewer) -> None:
        self.database, self.viewer, self.statements = database, viewer, 0

    async def ask(self, query: str, **variables: Any) -> Any:
        data, errors = await self.both(query, **variables)
        assert errors == []
        return data

    async def both(self, query: str, **variables: Any) -> tuple[Any, list[Any]]:
        reader = Reader(self.database)
        result = await OPERATIONS.prepare(query).execute(variables, Context(reader, self.viewer))
        self.statements = len(reader.statements)
        return result.data, [(e.path, getattr(e.original_error, "code", None)) for e in result.errors]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 5)
    yield found
    await found.close()


@pytest.fixture
async def shop(connection: Connection, database: Database) -> Graph:
    """10 brands, half of them claimed; 200 products, a seventh of them without a brand."""
    owner = await make.account(connection)
    brands = [await make.brand(connection, f"Brand {n}", owner.organization_id if n % 2 else None) for n in range(10)]
    for n in range(200):
        await make.product(
            connection, n, brand_id=brands[n % 10] if n % 7 else None,
            owner_id=owner.organization_id if n % 7 and n % 2 else None,
        )  # fmt: skip
    viewer = Viewer(
        KeyKind.USER, owner.key_id, None, owner.user_id, memberships={owner.organization_id: MemberRole.OWNER}
    )
    return Graph(database, viewer)


TREE = """query ($first: Int) { products(first: $first) { nodes { gtin
  brand { name products(first: 3) { nodes { gtin productName } } } } } }"""


@pytest.mark.parametrize("first", [1, 2, 25, 100])
async def test_products_brand_products_is_three_statements(shop: Graph, first: int) -> None:
    data = await shop.ask(TREE, first=first)
    assert len(data["products"]["nodes"]) == first
    # the first product in order (0) has no brand: then there is nothing to ask for
    assert shop.statements == (1 if first == 1 else 3)
    for node in data["products"]["nodes"]:
        if node["brand"]:
            assert len(node["brand"]["products"]["nodes"]) == 3


EVERYTHING = """query ($first: Int) { products(first: $first) { nodes { id
  category { name parent { name } } nutrition { servingSize nutrients { name } }
  images(first: 1) { nodes { imageUrl } totalCount } ingredients { nodes { name } pagination { totalPages } }
  allImages { id } allIngredients { id } } } }"""


async def test_one_and_a_hundred_cost_the_same(shop: Graph, connection: Connection) -> None:
    category = await make.insert(connection, "product_categories", slug="a", name="A")
    below = await make.insert(connection, "product_categories", slug="b", name="B", parent_id=category)
    await connection.execute("UPDATE products SET category_id = $1", below)
    await connection.execute(
        "INSERT INTO nutrition_facts (product_id, serving_size, label_format) SELECT id, '30 g', 'EU' FROM products"
    )
    counts = []
    for first in (1, 100):
        await shop.ask(EVERYTHING, first=first)
        counts.append(shop.statements)
    # list; category, parent; nutrition, nutrients; images, count; ingredients, count; all images; all ingredients
    assert counts == [11, 11]


async def test_counts_cost_only_when_selected(shop: Graph) -> None:
    await shop.ask("{ products(page: 2, pageSize: 3) { nodes { id } pageInfo { endCursor } } }")
    assert shop.statements == 1
    data = await shop.ask("{ products(page: 2, pageSize: 3, isClaimed: true) { totalCount } }")
    assert (data["products"]["totalCount"], shop.statements) == (86, 2)


async def test_pagination_and_edges(shop: Graph) -> None:
    data = await shop.ask(
        """{ products(page: 2, pageSize: 3, q: "product 000") { pagination { page pageSize totalCount totalPages
        hasNext hasPrevious } edges { cursor node { productName } } nodes { productName } } }"""
    )
    found = data["products"]
    assert found["pagination"] == {
        "page": 2, "pageSize": 3, "totalCount": 10, "totalPages": 4, "hasNext": True, "hasPrevious": True,
    }  # fmt: skip
    names = ["Product 0003", "Product 0004", "Product 0005"]
    assert [node["productName"] for node in found["nodes"]] == names
    assert [edge["node"]["productName"] for edge in found["edges"]] == names


async def test_arguments_are_part_of_what_is_loaded(shop: Graph) -> None:
    data = await shop.ask(
        """{ brands(first: 2) { nodes { a: products(first: 1) { nodes { id } } b: products(first: 3) { nodes { id }
        totalCount } } } }"""
    )
    first = data["brands"]["nodes"][0]
    assert (len(first["a"]["nodes"]), len(first["b"]["nodes"]), first["b"]["totalCount"]) == (1, 3, 17)
    assert shop.statements == 4  # brands, products twice, one count for all brands


async def test_entities_are_batched_and_fail_one_by_one(shop: Graph, connection: Connection) -> None:
    brand = await connection.fetchval("SELECT id FROM brands WHERE name = 'Brand 1'")
    keys = [{"__typename": "Product", "id": make.make_id(n)} for n in range(1, 4)]
    keys += [{"__typename": "Product", "gtin": make.make_gtin(n)[1:]} for n in range(4, 6)]
    keys += [{"__typename": "Brand", "id": brand}, {"__typename": "Brand", "id": "aaaaaaaaaaaa"}]
    keys += [{"__typename": "Nope", "id": "x"}, {"__typename": "Brand"}, {"id": "x"}, "x"]  # type: ignore[list-item]
    keys += [{"__typename": "Product", "gtin": "123"}, {"__typename": "Brand", "id": ["x"]}]  # type: ignore[dict-item]
    data, errors = await shop.both(
        """query ($keys: [_Any!]!) { _entities(representations: $keys) { __typename
        ... on Brand { name } ... on Product { productName } } }""",
        keys=keys,
    )
    names = [e and (e.get("productName") or e.get("name")) for e in data["_entities"]]
    assert names == [f"Product 000{n}" for n in range(1, 6)] + ["Brand 1"] + [None] * 7
    assert shop.statements == 3  # products by id, products by gtin, brands
    assert errors == [(["_entities", place], "VALIDATION_ERROR") for place in (7, 8, 9, 10, 12)]


async def test_a_thousand_mixed_codes_are_one_statement(shop: Graph) -> None:
    codes = [make.make_gtin(n)[1:] for n in range(900)] + ["https://id.gs1.org/01/" + make.make_gtin(3), "nonsense",
             make.make_gtin(1)[:-1] + "0", *[make.make_gtin(5)] * 97]  # fmt: skip
    assert len(codes) == 1000
    data = await shop.ask(
        "query ($codes: [String!]!) { productsByGtin(codes: $codes) { code status gtin product { productName } } }",
        codes=codes,
    )
    found = data["productsByGtin"]
    assert [each["code"] for each in found] == codes
    assert [each["status"] for each in found] == ["FOUND"] * 200 + ["UNKNOWN"] * 700 + [
        "FOUND", "INVALID", "INVALID_CHECK_DIGIT", *["FOUND"] * 97,
    ]  # fmt: skip
    assert found[900]["product"]["productName"] == "Product 0003"
    assert shop.statements == 1


@pytest.mark.parametrize(
    ("query", "details"),
    [
        ("{ products(pageSize: 101) { nodes { id } } }", [("pageSize", "must be at most 100")]),
        ("{ products(page: 0) { nodes { id } } }", [("page", "must be at least 1")]),
        ("{ products(first: -1) { nodes { id } } }", [("first", "must be at least 1")]),
        ('{ products(q: "a\\u0000") { nodes { id } } }', [("q", "must not contain the null character")]),
        ('{ productById(id: "x") { id } }', [("id", "must match ^[aceghjkpqrtwxy346789]{12}$")]),
        ("{ productsByGtin(codes: []) { code } }", [("codes", "must have at least 1 items")]),
        ('{ products(after: "x") { nodes { id } } }', [("after", "is not a cursor")]),
    ],
)
async def test_bounds(shop: Graph, query: str, details: list[tuple[str, str]]) -> None:
    result = await OPERATIONS.prepare(query).execute({}, Context(Reader(shop.database), shop.viewer))
    (error,) = result.errors
    told = error.original_error.details  # type: ignore[union-attr]
    assert [(d["field"], d["message"]) for d in told] == details


@pytest.mark.parametrize(
    "query",
    ['product(gtin: "4006381333931") { id }', "products { totalCount }", 'productsByGtin(codes: ["1"]) { code }',
     "viewer { user { id } }", '_entities(representations: [{__typename: "Brand", id: "x"}]) { __typename }',
     "brands { totalCount }"],
)  # fmt: skip
async def test_without_a_key_there_is_null_and_a_reason(shop: Graph, query: str) -> None:
    name = query.split("(")[0].split(" ")[0]
    data, errors = await Graph(shop.database, ANONYMOUS).both(f"{{ {query} }}")
    assert errors == [([name], "UNAUTHORIZED")]
    assert data is None if name == "_entities" else data == {name: None}


async def test_another_organization_does_not_exist(shop: Graph, connection: Connection) -> None:
    other = await make.account(connection)
    stranger = Graph(shop.database, Viewer(KeyKind.USER, other.key_id, None, other.user_id))
    (own,) = shop.viewer.memberships
    query = "query ($id: ID!) { claimedProducts(organizationId: $id) { totalCount } }"
    assert await shop.ask(query, id=own) == {"claimedProducts": {"totalCount": 86}}
    assert await stranger.both(query, id=own) == (
        {"claimedProducts": None}, [(["claimedProducts"], "NOT_FOUND")],
    )  # fmt: skip
    data = await stranger.ask("{ brands { nodes { organizationId organization { name } } } }")
    assert {(n["organizationId"] is not None, n["organization"]) for n in data["brands"]["nodes"]} == {
        (True, None), (False, None),
    }  # fmt: skip
    data = await shop.ask("{ brands { nodes { organization { name } } } }")
    assert sum(n["organization"] is not None for n in data["brands"]["nodes"]) == 5
