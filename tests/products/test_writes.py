"""Products as their owners write them, over REST. Every answer is also held against its OpenAPI document."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.conftest import Client

BASE = "/products/api/v1"
NEW = "04006381333931"


async def ask(
    api: Client, account: make.Account | None, method: str, path: str, status: int, body: Any = None
) -> Any:  # fmt: skip
    headers = {"X-API-Key": account.key} if account else {}
    answer = await api.request(method, BASE + path, headers=headers, json=body)
    assert answer.status_code == status, answer.text[:600]
    return answer.json() if answer.content else None


async def error(*given: Any) -> tuple[str, str]:
    found = (await ask(*given))["error"]
    return found["code"], found["message"]


async def claimed(connection: Connection, number: int, owner: make.Account, **values: Any) -> str:
    await make.product(
        connection, number, owner_id=owner.organization_id, claim_verification_status="unverified",
        **({"data_source": "open_food_facts", "confidence_score": 0.8} | values),
    )  # fmt: skip
    return make.make_gtin(number)


@pytest.fixture
async def own(connection: Connection) -> make.Account:
    return await make.account(connection)


# --- creating


async def test_create(api: Client, connection: Connection, own: make.Account) -> None:
    body = {
        "gtin": "4006381333931", "product_name": " Nut bar ", "country_of_origin": "de", "net_content": "40 g",
        "metadata": {"sku": "1", "gone": ""},
        "ingredients": "Dates 60%, peanuts (15 %), milk chocolate (sugar, cocoa butter). May contain sesame.",
    }  # fmt: skip
    found = await ask(api, own, "POST", "/products", 201, body)
    assert found | {"id": ""} == found | {
        "id": "", "gtin": NEW, "product_name": "Nut bar", "country_of_origin": "DE", "is_claimed": True,
        "owner_id": own.organization_id, "claim_verification_status": "unverified", "data_source": "claimed",
        "net_content": "40 g", "net_content_value": 40.0, "net_content_uom": "GRM", "metadata": {"sku": "1"},
        "brand": "", "confidence_score": 0.95,
    }  # fmt: skip
    assert found["field_confidence"] == dict.fromkeys(
        ["product_name", "country_of_origin", "net_content", "net_content_value", "net_content_uom", "ingredients"],
        0.95,
    )
    assert await ask(api, own, "GET", f"/products/{NEW}", 200) == found
    lines = (await ask(api, own, "GET", f"/products/{NEW}/ingredients", 200))["data"]
    assert [(i["name"], i["percentage"], i["is_major_allergen"], i["may_contain"]) for i in lines] == [
        ("Dates", 60, False, False), ("peanuts", 15, True, False), ("milk chocolate", None, True, False),
        ("sugar", None, False, False), ("cocoa butter", None, False, False), ("sesame", None, True, True),
    ]  # fmt: skip
    (entry,) = await connection.fetch("SELECT * FROM audit_entries")
    assert (entry["action"], entry["organization_id"], entry["target_id"], entry["user_id"]) == (
        "product.created", own.organization_id, found["id"], own.user_id,
    )  # fmt: skip


async def test_create_what_is_there(api: Client, connection: Connection, own: make.Account) -> None:
    await make.product(connection, 1)
    code, message = await error(api, own, "POST", "/products", 409, {"gtin": make.make_gtin(1)})
    assert (code, message) == (
        "CONFLICT", "There is a product with this GTIN already. Claim it instead of creating it.",
    )  # fmt: skip


async def test_two_create_one_gtin_at_once(api: Client, connection: Connection, own: make.Account) -> None:
    accounts = [own, *[await make.account(connection) for _ in range(5)]]
    answers = await asyncio.gather(
        *(api.post(f"{BASE}/products", headers={"X-API-Key": a.key}, json={"gtin": NEW}) for a in accounts)
    )
    assert sorted(a.status_code for a in answers) == [201, *[409] * 5]
    assert await connection.fetchval("SELECT count(*) FROM audit_entries") == 1


REFUSED: list[tuple[Any, str, str | None]] = [
    ({}, "gtin", "is required"),
    ({"gtin": "4006381333932"}, "gtin", None),
    ({"gtin": NEW, "product_name": "x" * 256}, "product_name", "must have at most 255 characters"),
    ({"gtin": NEW, "product_name": None}, "product_name", None),
    ({"gtin": NEW, "country_of_origin": "DEU"}, "country_of_origin", None),
    ({"gtin": NEW, "net_content": "x" * 101}, "net_content", "must have at most 100 characters"),
    ({"gtin": NEW, "metadata": {"a": 1}}, "metadata", "must have strings as values, but 'a' has not"),
    ({"gtin": NEW, "metadata": {str(n): "x" for n in range(51)}}, "metadata", "must have at most 50 keys"),
    ({"gtin": NEW, "owner_id": "x"}, "owner_id", "is not known"),
    ({"gtin": NEW, "description": "a\0"}, "description", "must not contain the null character"),
    ({"gtin": NEW, "ingredients": ", ".join(f"thing {n}" for n in range(501))}, "ingredients",
     "must name at most 500 ingredients"),
]  # fmt: skip


async def test_create_refuses(api: Client, connection: Connection, own: make.Account) -> None:
    for body, field, message in REFUSED:
        (detail,) = (await ask(api, own, "POST", "/products", 422, body))["error"]["details"]
        assert detail["field"] == field
        assert message is None or detail["message"] == message
    assert await connection.fetchval("SELECT count(*) FROM products") == 0


# --- changing


async def test_update(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(
        connection, 1, own, description="from the file", manufacturer="Them", net_content="1 kg",
        net_content_value=1.0, net_content_uom="KGM", metadata={"keep": "1", "drop": "2"},
    )  # fmt: skip
    body = {
        "product_name": "Better", "description": None, "manufacturer": "", "country_of_origin": "at",
        "net_content": "6 x 330 ml", "usage_instructions": "Shake.", "primary_language": "de",
        "brand_product_page_url": "https://example.org/a", "metadata": {"drop": "", "new": "3"},
    }  # fmt: skip
    found = await ask(api, own, "PATCH", f"/products/{gtin}", 200, body)
    assert (found["product_name"], found["description"], found["manufacturer"]) == ("Better", "from the file", "")
    assert (found["country_of_origin"], found["net_content_value"], found["net_content_uom"]) == ("AT", 1980, "MLT")
    assert (found["metadata"], found["data_source"]) == ({"keep": "1", "new": "3"}, "claimed")
    detail = await ask(api, own, "GET", f"/trade-items/{gtin}", 200)
    assert (detail["usage_instructions"], detail["primary_language"], detail["brand_product_page_url"]) == (
        "Shake.", "de", "https://example.org/a",
    )  # fmt: skip
    assert detail["field_confidence"]["product_name"] == 0.95
    assert detail["field_confidence"]["description"] == 0.8
    (entry,) = await connection.fetch("SELECT action, changes FROM audit_entries")
    assert entry["action"] == "product.updated"
    assert entry["changes"] == {"gtin": gtin, "fields": sorted(set(body) - {"description"})}
    # the same once more changes nothing: no event, no entry, no new time
    events = await connection.fetchval("SELECT count(*) FROM events")
    again = await ask(api, own, "PATCH", f"/products/{gtin}", 200, {**body, "metadata": {"new": "3"}})
    assert again == found
    assert (await ask(api, own, "PATCH", f"/products/{gtin}", 200, {})) == found
    assert await connection.fetchval("SELECT count(*) FROM events") == events
    assert await connection.fetchval("SELECT count(*) FROM audit_entries") == 1
    assert (await ask(api, own, "PATCH", f"/products/{gtin}", 200, {"metadata": None}))["metadata"] == {}


async def test_the_owner_outranks_what_comes_later(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own, description="from the file")
    facts = (await ask(api, own, "GET", f"/products/{gtin}/facts?field=description", 200))["facts"]
    assert [(f["value"], f["source"], f["confidence"], f["is_shown"]) for f in facts] == [
        ("from the file", "open_food_facts", 0.8, True)
    ]
    await ask(api, own, "PATCH", f"/products/{gtin}", 200, {"description": "ours"})
    history = (await ask(api, own, "GET", f"/products/{gtin}/history", 200))["data"]
    assert [(h["field"], h["old"], h["new"], h["source"], h["organization_id"]) for h in history] == [
        ("description", "from the file", "ours", "claimed", own.organization_id)
    ]


async def test_brands_by_name(api: Client, connection: Connection, own: make.Account) -> None:
    other = await make.account(connection)
    theirs = await make.brand(connection, "Sun", other.organization_id)
    first = await claimed(connection, 1, own)
    second = await claimed(connection, 2, own)
    assert (await ask(api, own, "PATCH", f"/products/{first}", 200, {"brand": " SUN "}))["brand"] == "SUN"
    assert (await ask(api, own, "PATCH", f"/products/{second}", 200, {"brand": "sun"}))["brand"] == "SUN"
    rows = await connection.fetch("SELECT organization_id FROM brands WHERE lower(name) = 'sun' AND id <> $1", theirs)
    assert [row["organization_id"] for row in rows] == [own.organization_id]
    facts = (await ask(api, own, "GET", f"/products/{first}/facts?field=brand", 200))["facts"]
    assert [(f["value"], f["source"]) for f in facts] == [("SUN", "claimed")]
    assert (await ask(api, own, "PATCH", f"/products/{first}", 200, {"brand": ""}))["brand"] == ""


async def test_one_brand_for_all_who_name_it_at_once(api: Client, connection: Connection, own: make.Account) -> None:
    gtins = [await claimed(connection, n, own) for n in range(6)]
    names = ["Moon", "moon", "MOON"] * 2
    await asyncio.gather(
        *(ask(api, own, "PATCH", f"/products/{g}", 200, {"brand": name}) for g, name in zip(gtins, names, strict=True))
    )
    assert await connection.fetchval("SELECT count(*) FROM brands") == 1
    assert await connection.fetchval("SELECT count(DISTINCT brand_id) FROM products WHERE brand_id IS NOT NULL") == 1


async def test_changes_at_once_are_all_there(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own)
    bodies = [{"description": "a"}, {"manufacturer": "b"}, {"metadata": {"c": "1"}}, {"metadata": {"d": "1"}}]
    await asyncio.gather(*(ask(api, own, "PATCH", f"/products/{gtin}", 200, body) for body in bodies))
    found = await ask(api, own, "GET", f"/products/{gtin}", 200)
    assert (found["description"], found["manufacturer"], found["metadata"]) == ("a", "b", {"c": "1", "d": "1"})


UNFIT: list[tuple[Any, str]] = [
    ({"brand_product_page_url": "javascript:alert(1)"}, "brand_product_page_url"),
    ({"brand_product_page_url": "https://" + "x" * 2048}, "brand_product_page_url"),
    ({"primary_language": "english, more"}, "primary_language"),
    ({"country_of_origin": "1"}, "country_of_origin"),
    ({"brand": "x" * 256}, "brand"),
    ({"product_name": 5}, "product_name"),
    ({"nope": 1}, "nope"),
    ({"metadata": {"k": "x" * 501}}, "metadata"),
    ({"organization_id": "x"}, "organization_id"),
]


async def test_update_refuses(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own)
    for body, field in UNFIT:
        found = (await ask(api, own, "PATCH", f"/products/{gtin}", 422, body))["error"]
        assert [d["field"] for d in found["details"]] == [field]


async def test_metadata_over_its_limit_by_merging(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own, metadata={str(n): "x" for n in range(50)})
    found = (await ask(api, own, "PATCH", f"/products/{gtin}", 422, {"metadata": {"one": "more"}}))["error"]
    assert found["details"] == [{"field": "metadata", "message": "must have at most 50 keys"}]


# --- nutrition, ingredients

PANEL = {
    "serving_size": "100 g", "label_format": "EU", "serving_size_g": 100, "servings_per_container": 2.5,
    "nutrients": [
        {"name": "Energy", "amount": 2000, "unit": "kJ"},
        {"name": "Fat", "amount": 20.5, "unit": "g", "daily_value_pct": 29},
    ],
}  # fmt: skip


async def modified(connection: Connection) -> Any:
    return await connection.fetchval("SELECT modified FROM products")


async def test_nutrition(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own)
    path = f"/products/{gtin}/nutrition"
    await ask(api, own, "GET", path, 404)
    await ask(api, own, "DELETE", path, 404)
    before = await modified(connection)
    found = await ask(api, own, "PUT", path, 200, PANEL)
    assert found == await ask(api, own, "GET", path, 200)
    assert found["nutrients"][0] == {"name": "Energy", "amount": 2000, "unit": "kJ", "daily_value_pct": None}
    assert (found["servings_per_container"], len(found["nutrients"])) == (2.5, 2)
    assert await modified(connection) > before
    one = {**PANEL, "nutrients": PANEL["nutrients"][:1], "label_format": "UK"}  # type: ignore[index]
    assert (await ask(api, own, "PUT", path, 200, one))["label_format"] == "UK"
    assert len((await ask(api, own, "GET", path, 200))["nutrients"]) == 1
    before = await modified(connection)
    await ask(api, own, "DELETE", path, 204)
    assert await modified(connection) > before
    await ask(api, own, "GET", path, 404)
    bad = {**PANEL, "nutrients": [{"name": "Fat", "amount": -1, "unit": "stones"}], "label_format": "XX"}
    details = (await ask(api, own, "PUT", path, 422, bad))["error"]["details"]
    assert {d["field"] for d in details} == {"nutrients.0.amount", "nutrients.0.unit", "label_format"}
    actions = [r["action"] for r in await connection.fetch("SELECT action FROM audit_entries ORDER BY created")]
    assert actions == ["product.nutrition_replaced"] * 2 + ["product.nutrition_deleted"]


async def test_ingredients(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own)
    path = f"/products/{gtin}/ingredients"
    before = await modified(connection)
    lines = [{"name": "Wheat flour", "percentage": 60}, {"name": "Salt"}, {"name": "Nuts", "may_contain": True},
             {"name": "Secret", "is_major_allergen": True, "notes": "organic", "origin": "Italy"}]  # fmt: skip
    found = (await ask(api, own, "PUT", path, 200, {"ingredients": lines}))["ingredients"]
    assert [(i["name"], i["is_major_allergen"], i["may_contain"], i["priority"]) for i in found] == [
        ("Wheat flour", True, False, 0), ("Salt", False, False, 1), ("Nuts", True, True, 2), ("Secret", True, False, 3),
    ]  # fmt: skip
    assert found == (await ask(api, own, "GET", path, 200))["data"]
    assert await modified(connection) > before
    found = (await ask(api, own, "PUT", path, 200, {"text": "Water, milk 10%"}))["ingredients"]
    assert [(i["name"], i["percentage"]) for i in found] == [("Water", None), ("milk", 10)]
    assert (await ask(api, own, "PUT", path, 200, {"ingredients": []}))["ingredients"] == []
    for body in ({}, {"text": "a", "ingredients": []}):
        found = (await ask(api, own, "PUT", path, 422, body))["error"]["details"]
        assert found == [{"field": "ingredients", "message": "give either ingredients or text"}]
    found = (await ask(api, own, "PUT", path, 422, {"text": "a, , b"}))["error"]["details"]  # would remove the list
    assert found == [{"field": "text", "message": "names no ingredient that could be read"}]


# --- lists


async def test_updated_since(api: Client, connection: Connection, own: make.Account) -> None:
    for n in range(4):
        await claimed(connection, n, own, modified=datetime(2026, 1, n + 1, tzinfo=UTC))
    path = f"/products?organization_id={own.organization_id}&updated_since=2026-01-03T00:00:00Z&ordering=-modified"
    found = await ask(api, own, "GET", path, 200)
    assert [p["gtin"] for p in found["data"]] == [make.make_gtin(3), make.make_gtin(2)]
    assert found["pagination"]["total_count"] == 2
    items = await ask(api, own, "GET", "/trade-items?updated_since=2026-01-02T00:00:00%2B00:00&ordering=modified", 200)
    assert [p["gtin"] for p in items["data"]] == [make.make_gtin(n) for n in (1, 2, 3)]
    for text in ("yesterday", "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59"):
        details = (await ask(api, own, "GET", f"/trade-items?updated_since={text}", 422))["error"]["details"]
        assert [d["field"] for d in details] == ["updated_since"]
