"""Packaging, parts, disposal, impacts, circularity: written by the owner, read by everybody, as a passport too."""

from typing import Any

import pytest

from closient_gql.core.db import Connection
from closient_gql.core.units import units
from tests import make
from tests.conftest import Client
from tests.sustainability.permissions import TABLES

GTIN = make.make_gtin(1)
BASE = "/sustainability/api/v1/products"
NUTELLA = "00009800895007"
PRUNE = "00000000009034"
ASSESSED = {
    "status": "WIDELY_RECYCLABLE", "recyclability_code": "PET-1", "recyclability_percentage": 95,
    "recycling_stream": "PLASTIC_PET", "recycling_instructions": "Empty and replace cap.",
    "recycling_instructions_url": "https://example.org/recycle", "conditions": "Without the sleeve.",
    "description": "", "assessed_by": "Example Lab", "assessment_date": "2026-01-31",
    "assessment_standard": "ISO_14021", "valid_regions": "US, CA, EU", "valid_until": "2027-01-31",
}  # fmt: skip
BOTTLE = {
    "packaging_type": "PRIMARY", "description": "Bottle", "shape": "bottle", "material": "POLYMER_PET", "quantity": 1,
    "is_recyclable": True, "is_reusable": False, "weight_grams": 24.5, "recycled_content_percentage": 30.0,
    "recyclability": ASSESSED,
}  # fmt: skip
NOTHING: dict[str, Any] = {
    "packaging": [], "components": [], "end_of_life_instructions": [], "environmental_impacts": [],
    "circularity": None, "recyclability": None, "grades": [],
}  # fmt: skip


class Owner:
    """The owner of product 1 at the API."""

    def __init__(self, api: Client, key: str) -> None:
        self.api, self.headers = api, {"X-API-Key": key}

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.api.request(method, f"{BASE}/{GTIN}/{path}", json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
async def owner(api: Client, connection: Connection) -> Owner:
    account = await make.account(connection)
    await make.product(connection, 1, owner_id=account.organization_id, product_name="Water", primary_language="en",
                       net_content_value=500, net_content_uom="MLT", country_of_origin="DE")  # fmt: skip
    return Owner(api, account.key)


async def test_the_shape_is_stable(owner: Owner) -> None:
    assert await owner.ask("GET", "sustainability") == NOTHING
    assert (await owner.api.get(f"{BASE}/{make.make_gtin(2)}/sustainability", headers=owner.headers)).status_code == 404
    for wrong in ("123456789", "4006381333930", "4006-381333931"):
        answer = await owner.api.get(f"{BASE}/{wrong}/sustainability", headers=owner.headers)
        assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "gtin"), wrong


async def test_packaging_from_making_to_deleting(owner: Owner, connection: Connection) -> None:
    made = await owner.ask("POST", "packaging", BOTTLE, 201)
    assert made == BOTTLE | {"id": made["id"], "data_source": "claimed"}
    read = await owner.ask("GET", "sustainability")
    assert read == NOTHING | {"packaging": [made], "recyclability": ASSESSED | {"recyclability_percentage": 95.0}}

    whole = await owner.ask("PUT", f"packaging/{made['id']}", {"packaging_type": "SECONDARY"})
    assert whole == {
        "id": made["id"], "packaging_type": "SECONDARY", "description": "", "shape": "", "material": "", "quantity": 1,
        "is_recyclable": None, "is_reusable": None, "weight_grams": None, "recycled_content_percentage": None,
        "data_source": "claimed", "recyclability": None,
    }  # fmt: skip
    await owner.ask("DELETE", f"packaging/{made['id']}", status=204)
    await owner.ask("DELETE", f"packaging/{made['id']}", status=404)
    assert await owner.ask("GET", "sustainability") == NOTHING
    actions = [row[0] for row in await connection.fetch("SELECT action FROM audit_entries ORDER BY created")]
    assert actions == [f"product.sustainability_{what}" for what in ("added", "replaced", "removed")]
    events = await connection.fetch("SELECT type, data->>'gtin' FROM events WHERE type LIKE '%sustain%'")
    assert [tuple(row) for row in events] == [("product.sustainability_changed", GTIN)] * 3


@pytest.mark.parametrize(
    ("percentages", "best"),
    [
        ([None, 10, 95.5, 40], 95.5),
        ([0, None], 0),
        ([None], None),
        ([60, 60], 60),
    ],
)
async def test_the_best_packaging_speaks_for_the_product(
    owner: Owner, percentages: list[float | None], best: float | None
) -> None:
    for n, percentage in enumerate(percentages):
        assessed = {"status": "CHECK_LOCALLY", "recyclability_percentage": percentage, "description": str(n)}
        level = ["TERTIARY", "SECONDARY", "PRIMARY", "PRIMARY"][n]
        await owner.ask("POST", "packaging", {"packaging_type": level, "recyclability": assessed}, 201)
    await owner.ask("POST", "packaging", {"packaging_type": "PRIMARY"}, 201)
    found = await owner.ask("GET", "sustainability")
    assert found["recyclability"]["recyclability_percentage"] == best
    levels = [each["packaging_type"] for each in found["packaging"]]
    assert levels == sorted(levels), "from the inside outwards"
    if percentages == [60, 60]:
        assert found["recyclability"]["description"] == "1", "of equals, what is listed first"
    over = {"status": "WIDELY_RECYCLABLE", "recyclability_percentage": 100, "valid_until": "2020-01-01"}
    await owner.ask("POST", "packaging", {"packaging_type": "PRIMARY", "recyclability": over}, 201)
    found = await owner.ask("GET", "sustainability")
    assert found["recyclability"]["recyclability_percentage"] == best, "what has run out is not the best"


async def test_parts_and_instructions_in_order(owner: Owner) -> None:
    part = {"component_type": "CLOSURE", "is_separable": True}
    for name, priority in (("b", 1), ("c", 0), ("a", 1)):
        await owner.ask("POST", "components", part | {"name": name, "priority": priority}, 201)
    for kind, priority in (("RECYCLE", 2), ("DISPOSE", 2), ("REUSE", 0)):
        body = {"instruction_type": kind, "priority": priority, "valid_regions": "US ,CA,US-CA"}
        await owner.ask("POST", "end-of-life-instructions", body, 201)
    found = await owner.ask("GET", "sustainability")
    assert [each["name"] for each in found["components"]] == ["c", "a", "b"]
    assert found["components"][0] == part | {
        "id": found["components"][0]["id"], "name": "c", "priority": 0, "description": "", "quantity": 1.0,
        "separation_instructions": "", "weight_grams": None,
    }  # fmt: skip
    lines = found["end_of_life_instructions"]
    assert [each["instruction_type"] for each in lines] == ["REUSE", "DISPOSE", "RECYCLE"]
    assert lines[0] == {
        "id": lines[0]["id"], "instruction_type": "REUSE", "description": "", "valid_regions": "US, CA, US-CA",
        "priority": 0, "collection_url": "",
    }  # fmt: skip


async def test_circularity_is_in_the_content_of_the_product_too(owner: Owner) -> None:
    scores = {
        "overall_score": 7.5, "durability_score": 8.0, "recyclability_score": 6.5, "repairability_score": None,
        "reusability_score": 10.0, "methodology": "Example", "assessment_date": "2026-02-28",
    }  # fmt: skip
    assert await owner.ask("PUT", "circularity", scores) == scores
    content = await owner.api.get(f"/products/api/v1/products/{GTIN}/content", headers=owner.headers)
    assert content.json()["circularity"] == scores
    await owner.ask("DELETE", "circularity", status=204)
    await owner.ask("DELETE", "circularity", status=404)
    content = await owner.api.get(f"/products/api/v1/products/{GTIN}/content", headers=owner.headers)
    assert content.json()["circularity"] is None


IMPACT = {"impact_type": "CARBON_FOOTPRINT", "score_value": 0.9, "unit": "KGM"}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("packaging", BOTTLE | {"weight_grams": -1}, "weight_grams"),
        ("packaging", BOTTLE | {"recycled_content_percentage": 101}, "recycled_content_percentage"),
        ("packaging", BOTTLE | {"packaging_type": "OUTER"}, "packaging_type"),
        ("packaging", BOTTLE | {"material": "POLYMER_GOLD"}, "material"),
        ("packaging", BOTTLE | {"quantity": 0}, "quantity"),
        ("packaging", BOTTLE | {"recyclability": ASSESSED | {"recyclability_percentage": 100.5}},
         "recyclability.recyclability_percentage"),
        ("packaging", BOTTLE | {"recyclability": ASSESSED | {"valid_until": "2026-01-30"}},
         "recyclability.valid_until"),
        ("packaging", BOTTLE | {"recyclability": ASSESSED | {"valid_regions": "everywhere"}},
         "recyclability.valid_regions"),
        ("packaging", BOTTLE | {"recyclability": ASSESSED | {"recycling_instructions_url": "javascript:x"}},
         "recyclability.recycling_instructions_url"),
        ("components", {"name": " ", "component_type": "LABEL", "is_separable": True}, "name"),
        ("components", {"name": "x", "component_type": "LABEL", "is_separable": True, "weight_grams": -0.1},
         "weight_grams"),
        ("environmental-impacts", IMPACT | {"unit": "XYZ"}, "unit"),
        ("environmental-impacts", IMPACT | {"unit": "kg"}, "unit"),
        ("environmental-impacts", IMPACT | {"score_value": 1e300}, "score_value"),
    ],
)  # fmt: skip
async def test_what_is_refused(owner: Owner, connection: Connection, path: str, body: Any, field: str) -> None:
    error = (await owner.ask("POST", path, body, 422))["error"]
    assert (error["code"], [each["field"] for each in error["details"]]) == ("VALIDATION_ERROR", [field])
    for table in TABLES.values():
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608


async def test_a_hundred_of_a_kind_at_most(owner: Owner, connection: Connection) -> None:
    insert = """INSERT INTO environmental_impacts (id, product_id, impact_type, score_value, unit)
        SELECT 'x' || n, $1, 'WASTE', n, 'KGM' FROM generate_series(1, 99) n"""
    await connection.execute(insert, make.make_id(1))
    await owner.ask("POST", "environmental-impacts", IMPACT, 201)
    error = (await owner.ask("POST", "environmental-impacts", IMPACT, 409))["error"]
    assert error["message"].startswith("A product can have 100 of a kind.")


def test_units_are_those_of_recommendation_20() -> None:
    assert (len(units()), units()["KGM"], units()["KWH"]) == (1827, "kilogram", "kilowatt hour")
    assert "3H" not in units(), "deleted codes are none"


PRODUCTS = """
query ($first: Int!) { products(first: $first) { nodes {
  circularity { overallScore }
  sustainability {
    packaging { packagingType recyclability { status } } components { name } endOfLifeInstructions { description }
    environmentalImpacts { scoreValue unit } circularity { overallScore } recyclability { status }
    grades { scheme grade }
  }
} } }
"""


@pytest.mark.parametrize("first", [1, 100])
async def test_statements_for_any_number_of_products(
    demo_api: Client, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from closient_gql.core.db import Reader

    seen: list[str] = []
    fetch = Reader.fetch

    async def counted(self: Reader, sql: str, arguments: Any, row: Any) -> Any:
        seen.extend([sql] * ("api_keys" not in sql))  # which are cached
        return await fetch(self, sql, arguments, row)

    monkeypatch.setattr(Reader, "fetch", counted)
    answer = await demo_api.post("/graphql", json={"query": PRODUCTS, "variables": {"first": first}})
    assert len(answer.json()["data"]["products"]["nodes"]) == first, answer.text[:500]
    # products; circularity for both places; packaging, its assessments, parts, instructions, impacts, best, grades
    assert len(seen) == (9 if first == 1 else 10)


async def test_real_products(demo_api: Client) -> None:
    found = (await demo_api.get(f"{BASE}/{PRUNE}/sustainability")).json()
    assert [(each["impact_type"], each["score_value"], each["unit"]) for each in found["environmental_impacts"]] == [
        ("CARBON_FOOTPRINT", 2.8511, "M29"), ("ENVIRONMENTAL_SCORE", -8.0, "C62"),
    ]  # fmt: skip
    assert [(each["scheme"], each["grade"], each["value"]) for each in found["grades"]] == [
        ("ECO_SCORE", "f", -8.0), ("NOVA", "3", 3.0), ("NUTRI_SCORE", "c", 3.0),
    ]  # fmt: skip
    spray = (await demo_api.get(f"{BASE}/03014230010262/sustainability")).json()["packaging"]
    assert [(each["shape"], each["material"], each["data_source"]) for each in spray] == [
        ("aerosol-can", "COMPOSITE", "open_food_facts"), ("film", "", "open_food_facts"),
    ]  # fmt: skip


async def test_the_passport(owner: Owner) -> None:
    await owner.ask("POST", "packaging", BOTTLE, 201)
    await owner.ask("POST", "environmental-impacts", IMPACT | {"methodology_reference": "ISO 14067"}, 201)
    await owner.ask("POST", "components", {"name": "Cap", "component_type": "CLOSURE", "is_separable": True}, 201)
    instruction = {"instruction_type": "RECYCLE", "description": "Yellow bin.", "valid_regions": "DE"}
    await owner.ask("POST", "end-of-life-instructions", instruction, 201)
    await owner.ask("PUT", "circularity", {"overall_score": 7.5})
    answer = await owner.api.get(f"{BASE}/{GTIN.lstrip('0').zfill(8)}/passport")  # without a key
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/ld+json")
    found = answer.json()
    assert found["@context"]["gs1"] == "https://ref.gs1.org/voc/"
    assert (found["@type"], found["@id"]) == (["Product", "gs1:Product"], f"https://id.gs1.org/01/{GTIN}")
    assert (found["gtin14"], found["gs1:gtin"]) == (GTIN, GTIN)
    assert found["name"] == {"@value": "Water", "@language": "en"}
    assert (found["gs1:netContent"]["gs1:value"], found["gs1:netContent"]["gs1:unitCode"]) == (500.0, "MLT")
    assert found["countryOfOrigin"]["gs1:countryCode"] == "DE"
    assert found["gs1:consumerRecyclingInstructions"] == [{"@value": "Yellow bin. (DE)", "@language": "en"}]
    (bottle,) = found["gs1:packaging"]
    assert bottle["gs1:packagingMaterial"]["gs1:packagingMaterialType"] == {
        "@id": "gs1:PackagingMaterialTypeCode-POLYMER_PET"
    }
    assert bottle["gs1:packagingRecyclingProcessType"] == [{"@id": "gs1:PackagingRecyclingProcessTypeCode-RECYCLABLE"}]
    facts = {each["propertyID"]: each for each in found["additionalProperty"]}
    assert facts["carbon_footprint"] == {
        "@type": "PropertyValue", "propertyID": "carbon_footprint", "value": 0.9, "unitCode": "KGM",
        "measurementTechnique": "ISO 14067",
    }  # fmt: skip
    assert facts["circularity_overall_score"]["value"] == 7.5
    assert (facts["recyclability_percentage"]["value"], facts["recyclability_percentage"]["unitCode"]) == (95.0, "P1")
    assert "brand" not in found, "what is not known is left out"
    again = await owner.api.get(f"{BASE}/{GTIN}/passport", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert (await owner.api.get(f"{BASE}/{make.make_gtin(2)}/passport")).status_code == 404
    assert (await owner.api.get(f"{BASE}/123456789/passport")).status_code == 422
