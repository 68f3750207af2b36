"""The readiness check: for everybody, within its own limits, and what it keeps of whom."""

from typing import Any

import pytest

from closient_gql.core.db import Connection, Database
from resolvers.content.readiness import ATTRIBUTES, TOTAL, forget_leads
from tests import make
from tests.conftest import Client

PATH = "/content/api/v1/learn/readiness-check"
GTIN = make.make_gtin(1)
KEYS = ["product_name", "brand", "description", "image", "manufacturer", "country_of_origin", "net_content"]


async def check(api: Client, body: Any, status: int = 200) -> Any:
    answer = await api.post(PATH, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("columns", "image", "score", "status"),
    [
        ({"product_name": ""}, False, 0, "incomplete"),
        ({}, False, 25, "incomplete"),
        ({"description": "x"}, False, 42, "partial"),
        ({"description": "x", "manufacturer": "x", "country_of_origin": "DE", "net_content": "1 l"}, False, 67,
         "partial"),
        ({"description": "x", "manufacturer": "x", "country_of_origin": "DE", "net_content": "1 l"}, True, 83, "ready"),
        ({"description": "x", "image_url": "https://example.org/a.png"}, False, 58, "partial"),
    ],
)  # fmt: skip
async def test_seven_attributes_by_weight(
    api: Client, connection: Connection, columns: dict[str, Any], image: bool, score: int, status: str
) -> None:
    await make.product(connection, 1, **columns)
    if image:
        url = "https://example.org/a.png"
        await make.insert(connection, "product_images", product_id=make.make_id(1), image_url=url)
    found = await check(api, {"gtin": GTIN})
    assert (found["valid"], found["error"], found["gtin14"], found["internal_found"]) == (True, "", GTIN, True)
    assert (found["score"], found["status"]) == (score, status)
    assert [line["key"] for line in found["data_fields"]] == KEYS
    missing = [line["key"] for line in found["data_fields"] if not line["populated"]]
    assert found["recommendations"] == [each.advice for each in ATTRIBUTES if each.key in missing]
    assert score == round(100 * sum(line["weight"] for line in found["data_fields"] if line["populated"]) / TOTAL)


async def test_brand_and_name_are_told(api: Client, connection: Connection) -> None:
    brand = await make.brand(connection, "Example")
    await make.product(connection, 1, brand_id=brand, product_name="Water")
    found = await check(api, {"gtin": GTIN.lstrip("0").zfill(8)})
    assert (found["brand_name"], found["product_name"], found["score"]) == ("Example", "Water", 42)


@pytest.mark.parametrize(
    "gtin", ["4006381333930", "123456789", "1234567", "4006-381333931", "abcdefgh", "", "٤٠٠٦٣٨١٣٣٣٩٣١", "4" * 40]
)
async def test_a_bad_gtin_is_an_answer(api: Client, connection: Connection, gtin: str) -> None:
    found = await check(api, {"gtin": gtin, "email": "a@example.org"})
    assert found.pop("error").startswith("The GTIN ")
    assert found == {
        "valid": False, "gtin14": "", "status": "", "score": 0, "brand_name": "", "product_name": "",
        "internal_found": False, "data_fields": [], "recommendations": [],
    }  # fmt: skip
    assert await connection.fetchval("SELECT count(*) FROM readiness_leads") == 0


async def test_a_lead_is_kept_with_an_email_and_a_valid_gtin_only(
    api: Client, connection: Connection, database_url: str
) -> None:
    unknown = await check(api, {"gtin": GTIN})
    assert (unknown["valid"], unknown["status"], unknown["internal_found"], unknown["score"]) == (
        True, "not_found", False, 0,
    )  # fmt: skip
    await check(api, {"gtin": GTIN, "email": ""})
    assert await connection.fetchval("SELECT count(*) FROM readiness_leads") == 0
    await check(api, {"gtin": GTIN, "email": "nobody"}, 422)
    await check(api, {}, 422)
    await check(api, {"gtin": 4006381333931}, 422)
    await check(api, {"gtin": GTIN, "email": None}, 422)
    await check(api, {"gtin": GTIN, "email": "a@example.org"})
    await check(api, {"gtin": GTIN, "email": "A@example.org"})
    rows = await connection.fetch("SELECT email, gtin, score, checks FROM readiness_leads")
    assert [tuple(row) for row in rows] == [("a@example.org", GTIN, 0, 2)]
    database = Database(database_url, 1)
    assert await forget_leads(database) == "DELETE 0"
    await connection.execute("UPDATE readiness_leads SET checked_at = now() - interval '731 days'")
    assert await forget_leads(database) == "DELETE 1"
    await database.close()


async def test_ten_a_minute_for_each_address_in_rest_and_graph(api: Client) -> None:
    query = {"query": f'mutation {{ readinessCheck(gtin: "{GTIN}") {{ valid }} }}'}
    for n in range(10):
        answer = await (api.post(PATH, json={"gtin": "1"}) if n % 2 else api.post("/graphql", json=query))
        assert answer.status_code == 200
        assert "errors" not in answer.json()
    assert answer.headers["RateLimit-Policy"] == "10;w=60, 30;w=3600"
    refused = await api.post(PATH, json={"gtin": GTIN})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (429, "RATE_LIMITED")
    assert refused.headers["Retry-After"] == str(error["retry_after_seconds"])
    assert (await api.post("/graphql", json=query)).json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    many = {"query": "mutation { " + " ".join(f'a{n}: readinessCheck(gtin: "1") {{ valid }}' for n in range(3)) + " }"}
    assert len((await api.post("/graphql", json=many)).json()["errors"]) == 3
