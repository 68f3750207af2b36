"""How a gateway enters a subgraph: `_entities`."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

import schema
from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.models.account import KeyKind
from closient_gql.core.settings import Settings
from closient_gql.server.app import operations_of
from resolvers.context import Context
from resolvers.viewer import ANONYMOUS, Viewer
from tests import make

VIEWER = Viewer(KeyKind.USER, "key", None, "user")
ENTITIES = """query ($given: [_Any!]!) { _entities(representations: $given) { __typename
  ... on Product { id gtin productName brand { id } } ... on Brand { id products(first: 2) { nodes { gtin } } } } }"""
MISSING = make.make_id(999)


class Subgraph:
    """The domain `products` without HTTP."""

    def __init__(self, database: Database, *, detached: bool) -> None:
        graph = schema.graph("products", detached=detached)
        self.database, self.operations = database, operations_of(graph, Settings())
        self.statements: list[str] = []

    async def enter(self, *given: Any, viewer: Viewer = VIEWER) -> tuple[Any, list[Any]]:
        reader = Reader(self.database)
        variables = {"given": list(given)}
        result = await self.operations.prepare(ENTITIES).execute(variables, Context(reader, viewer))
        self.statements = [str(statement) for statement in reader.statements]
        assert variables == {"given": list(given)}
        found = result.data["_entities"] if result.data else None
        return found, [(error.path, getattr(error.original_error, "code", None)) for error in result.errors]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 5)
    yield found
    await found.close()


@pytest.fixture
async def brand(connection: Connection) -> str:
    """A brand with three products."""
    brand = await make.brand(connection, "Brand")
    for number in range(3):
        await make.product(connection, number, brand_id=brand)
    return brand


def product(number: int, **more: Any) -> dict[str, Any]:
    return {"__typename": "Product", "id": make.make_id(number)} | more


async def test_entities_come_in_order_one_statement_for_each_way_in(database: Database, brand: str) -> None:
    subgraph = Subgraph(database, detached=False)
    by_gtin = {"__typename": "Product", "gtin": make.make_gtin(0)[1:]}  # a GTIN-13 is the same product
    stub = {"__typename": "Brand", "id": brand}
    found, errors = await subgraph.enter(stub, product(2), by_gtin, product(1), product(999), stub)
    assert errors == []
    shown = {"__typename": "Brand", "id": brand,
             "products": {"nodes": [{"gtin": make.make_gtin(0)}, {"gtin": make.make_gtin(1)}]}}  # fmt: skip
    assert [found[0], found[4], found[5]] == [shown, None, shown]
    assert [each["id"] for each in found[1:4]] == [make.make_id(n) for n in (2, 0, 1)]
    assert {each["brand"]["id"] for each in found[1:4]} == {brand}
    # products by id and by gtin, brands that were sent, brands of the products, products of the brands
    assert len(subgraph.statements) == 5


async def test_a_stub_is_what_it_says(database: Database, brand: str) -> None:
    attached, detached = Subgraph(database, detached=False), Subgraph(database, detached=True)
    here, away = {"__typename": "Brand", "id": brand}, {"__typename": "Brand", "id": MISSING}
    found, errors = await detached.enter(here, away)
    assert errors == []
    assert [len(each["products"]["nodes"]) for each in found] == [2, 0]
    assert len(detached.statements) == 1  # nobody looked at brands
    looked_up, errors = await attached.enter(here, away)
    assert (looked_up, errors) == ([found[0], None], [])


@pytest.mark.parametrize("detached", [False, True])
async def test_what_is_wrong_is_wrong_in_its_own_place(database: Database, brand: str, detached: bool) -> None:
    wrong: list[Any] = [
        {"__typename": "Organization", "id": MISSING}, {"__typename": "Nothing"}, {"__typename": ["Product"]}, {},
        "Product", 7, {"__typename": "Product"}, product(1) | {"id": 7}, product(1) | {"id": "\0"},
        product(1) | {"id": "x" * 1000}, {"__typename": "Product", "id": {"id": "x"}}, {"__typename": "Brand"},
    ]  # fmt: skip
    found, errors = await Subgraph(database, detached=detached).enter(*wrong, product(1))
    assert found[:-1] == [None] * len(wrong)
    assert found[-1]["gtin"] == make.make_gtin(1)
    assert sorted(errors) == [(["_entities", place], "VALIDATION_ERROR") for place in range(len(wrong))]


async def test_no_key_no_entities(database: Database, brand: str) -> None:
    found, errors = await Subgraph(database, detached=False).enter(product(1), viewer=ANONYMOUS)
    assert (found, [code for _, code in errors]) == (None, ["UNAUTHORIZED"])


async def test_keys_that_are_none_find_nothing(database: Database, brand: str) -> None:
    subgraph = Subgraph(database, detached=False)
    odd = [{"__typename": "Product", "gtin": gtin} for gtin in ("", "1", "4006381333930", "x" * 100)]
    assert await subgraph.enter(*odd, product(1) | {"id": "not an id"}) == ([None] * 5, [])
    # a key that is null is no key: the next one is taken
    found, errors = await subgraph.enter({"__typename": "Product", "id": None, "gtin": make.make_gtin(1)})
    assert (found[0]["id"], errors) == (make.make_id(1), [])


async def test_too_many(database: Database) -> None:
    found, errors = await Subgraph(database, detached=False).enter(*[product(1)] * 1001)
    assert (found, [code for _, code in errors]) == (None, ["VALIDATION_ERROR"])
