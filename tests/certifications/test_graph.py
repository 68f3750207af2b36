"""Certifications in the graph: what is found, in how many statements, and who may ask."""

from typing import Any

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.certifications.world import ahead, carries, certification, claim, claims
from tests.conftest import Client
from tests.products.test_graph import Graph, database, shop  # noqa: F401

EVERYTHING = """query ($first: Int) { products(first: $first) { nodes { gtin
  certifications(first: 3) { nodes { certificationId isActive verificationStatus hasEvidence
    certification { label gs1Code organizationId certificationBody { name } } product { gtin } } totalCount }
  allCertifications(isActive: true) { validFrom isActive }
  claims { nodes { claimId source isActive claim { label category } } pagination { totalPages } }
  allClaims { claimId }
  allergens { allergen presence confidence gs1Code basis } allergenConfidence diets { diet suitability confidence }
} } }"""


@pytest.fixture
async def carrying(shop: Graph, connection: Connection) -> Graph:  # noqa: F811
    """200 products that carry two certifications and a claim each, with a list of ingredients."""
    body = await make.insert(connection, "certification_bodies", name="Body")
    organic = await certification(connection, "ORGANIC", certification_body_id=body, diets=["organic"])
    over = await certification(connection, "OVER", certification_body_id=body)
    vegan = await claim(connection, "VEGAN", diets=["vegan"])
    for row in await connection.fetch("SELECT id FROM products"):
        await carries(connection, row["id"], organic)
        await carries(connection, row["id"], over, expiration_date=ahead(-1))
        await claims(connection, row["id"], vegan)
        await make.insert(connection, "ingredients", product_id=row["id"], name="milk")
    await connection.execute("INSERT INTO nutrition_facts (product_id, label_format) SELECT id, 'EU' FROM products")
    await connection.execute("UPDATE products SET primary_language = 'en'")
    return shop


async def test_one_and_a_hundred_with_all_facts_cost_the_same(carrying: Graph, connection: Connection) -> None:
    counts = []
    for first in (1, 100):
        data = await carrying.ask(EVERYTHING, first=first)
        counts.append(carrying.statements)
    # one list asks for definitions: two that end in one tick would share a statement, and the number would vary
    # list; certifications, their definitions, bodies, products, count; all active;
    # claims, their definitions, count; all claims; what allergens, their confidence and diets follow from: three
    assert counts == [14, 14]
    assert len(data["products"]["nodes"]) == 100
    for node in data["products"]["nodes"]:
        assert [each["certification"]["label"] for each in node["certifications"]["nodes"]] == [
            "Label ORGANIC", "Label OVER",
        ]  # fmt: skip
        assert [each["isActive"] for each in node["certifications"]["nodes"]] == [True, False]
        assert [each["product"]["gtin"] for each in node["certifications"]["nodes"]] == [node["gtin"]] * 2
        assert node["allCertifications"] == [{"validFrom": None, "isActive": True}]
        found = {each["allergen"]: (each["presence"], each["confidence"]) for each in node["allergens"]}
        assert found["MILK"] == ("CONTAINS", "HIGH")
        assert found["EGGS"] == ("NOT_NAMED", "MEDIUM")
        assert node["allergenConfidence"] == "MEDIUM"
        suits = {each["diet"]: (each["suitability"], each["confidence"]) for each in node["diets"]}
        assert (suits["ORGANIC"], suits["VEGAN"], suits["HALAL"]) == (
            ("SUITABLE", "MEDIUM"), ("UNSUITABLE", "LOW"), ("UNKNOWN", "UNKNOWN"),
        )  # fmt: skip
    await connection.execute("UPDATE products SET labels = '{not-suitable-for-nut-allergy-sufferers}'")
    (node,) = (await carrying.ask(EVERYTHING, first=1))["products"]["nodes"]
    found = {each["allergen"]: (each["presence"], each["confidence"]) for each in node["allergens"]}
    assert found["NUTS"] == found["PEANUTS"] == ("MAY_CONTAIN", "MEDIUM"), "the package warns of traces"


async def test_one_product_over_rest_costs_few_statements(carrying: Graph) -> None:
    asked = """{ product(gtin: "%s") { allCertifications { certification { label code description url logoUrl } }
      allClaims { claim { label code category } } } }""" % make.make_gtin(3)  # noqa: UP031
    data = await carrying.ask(asked)
    assert len(data["product"]["allCertifications"]) == 2
    assert carrying.statements == 5


async def test_who_carries_an_organizations_own_shows_it_but_not_whose_it_is(
    shop: Graph, connection: Connection, api: Client  # noqa: F811
) -> None:  # fmt: skip
    owner = await make.account(connection)
    own = await certification(connection, "OURS", organization_id=owner.organization_id)
    await carries(connection, make.make_id(1), own)
    query = {
        "query": f"""{{ product(gtin: "{make.make_gtin(1)}") {{ allCertifications {{
      certification {{ label organizationId }} }} }} certification(id: "{own}") {{ label }} }}"""
    }

    async def seen_by(key: str) -> Any:
        return (await api.post("/graphql", json=query, headers={"X-API-Key": key})).json()["data"]

    shown = {"label": "Label OURS", "organizationId": owner.organization_id}
    found = await seen_by(owner.key)
    assert found["product"]["allCertifications"] == [{"certification": shown}]
    assert found["certification"] == {"label": "Label OURS"}
    found = await seen_by((await make.account(connection)).key)
    assert found["product"]["allCertifications"] == [{"certification": shown | {"organizationId": None}}]
    assert found["certification"] is None
