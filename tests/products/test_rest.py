"""The Products API on the demo data, as its users see it. Every answer is also held against its OpenAPI document."""

import csv
import io
from typing import Any

import pytest

from tests.conftest import Client

NUTELLA = "00009800895007"
BASE = "/products/api/v1"


async def get(api: Client, path: str, status: int = 200, **params: Any) -> Any:
    answer = await api.get(BASE + path, params=params or None)
    assert answer.status_code == status, answer.text[:500]
    return answer.json()


@pytest.mark.parametrize("form", [NUTELLA, "009800895007", "0009800895007", "0098-0089 5007"])
async def test_a_product_by_any_form_of_its_gtin(demo_api: Client, form: str) -> None:
    found = await get(demo_api, f"/products/{form}")
    assert (found["gtin"], found["product_name"], found["brand"]) == (NUTELLA, "Nutella", "Nutella")
    assert (found["data_source"], found["is_claimed"], found["owner_id"]) == ("open_food_facts", False, None)
    assert (found["net_content"], found["net_content_value"], found["net_content_uom"]) == ("13 oz", 13.0, "ONZ")
    assert found["metadata"] == {}
    assert set(found["field_confidence"].values()) <= {0.8, 0.64}


async def test_content_is_everything_at_once(demo_api: Client) -> None:
    content = await get(demo_api, f"/products/{NUTELLA}/content")
    assert [len(content["images"]), len(content["ingredients"])] == [4, 10]
    assert content["images"][0]["is_primary"] is True
    assert [i["priority"] for i in content["ingredients"]] == list(range(10))
    assert content["nutrition"] == await get(demo_api, f"/products/{NUTELLA}/nutrition")
    assert content["nutrition"]["nutrients"][0] == {
        "name": "Calories", "amount": 200.0, "unit": "kcal", "daily_value_pct": None,
    }  # fmt: skip


async def test_pages_of_images_and_ingredients(demo_api: Client) -> None:
    page = await get(demo_api, f"/products/{NUTELLA}/ingredients", page=4, page_size=3)
    assert [item["priority"] for item in page["data"]] == [9]
    assert page["pagination"] == {
        "page": 4, "page_size": 3, "total_count": 10, "total_pages": 4, "has_next": False, "has_previous": True,
    }  # fmt: skip
    allergens = await get(demo_api, f"/products/{NUTELLA}/ingredients", is_major_allergen=True)
    assert 0 < len(allergens["data"]) < 10
    assert all(item["is_major_allergen"] for item in allergens["data"])
    images = await get(demo_api, f"/products/{NUTELLA}/images")
    assert [image["is_primary"] for image in images["data"]] == [True, False, False, False]


async def test_nothing_found(demo_api: Client) -> None:
    for path in ("", "/content", "/images", "/ingredients", "/nutrition"):
        error = (await get(demo_api, f"/products/4006381333931{path}", 404))["error"]
        assert error == {
            "code": "NOT_FOUND", "message": "There is no such product.", "status": 404, "details": None,
        }  # fmt: skip
    await get(demo_api, "/browse/products/aaaaaaaaaaaa", 404)
    await get(demo_api, "/trade-items/4006381333931", 404)


async def test_a_product_without_a_panel(demo_api: Client) -> None:
    """404 here, null in the content."""
    soap = "00018787788059"
    error = (await get(demo_api, f"/products/{soap}/nutrition", 404))["error"]
    assert error["message"] == "This product has no nutrition facts."
    assert (await get(demo_api, f"/products/{soap}/content"))["nutrition"] is None


async def test_trade_items(demo_api: Client) -> None:
    everything = await get(demo_api, "/trade-items", page_size=1)
    assert everything["pagination"]["total_count"] == 1735
    claimed = await get(demo_api, "/trade-items", is_claimed="true", page_size=100, brand="BOURJOIS")
    assert claimed["pagination"]["total_count"] == 21
    assert {(item["brand"], item["is_claimed"]) for item in claimed["data"]} == {("Bourjois", True)}
    by_text = await get(demo_api, "/trade-items", q="nutella", page_size=100)
    assert all("nutella" in (i["product_name"] + i["brand"]).lower() for i in by_text["data"])
    assert by_text["pagination"]["total_count"] >= 6
    names = [i["product_name"].lower() for i in by_text["data"]]
    assert names == sorted(names)
    down = await get(demo_api, "/trade-items", ordering="-confidence_score", page_size=50)
    scores = [item["confidence_score"] for item in down["data"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1] or scores[0] == 1
    none = await get(demo_api, "/trade-items", data_source="usda_fdc")
    assert none == {
        "data": [],
        "pagination": {
            "page": 1, "page_size": 25, "total_count": 0, "total_pages": 0, "has_next": False, "has_previous": False,
        },
    }  # fmt: skip
    assert (await get(demo_api, "/trade-items", page=1000))["data"] == []


async def test_detail_and_browse(demo_api: Client) -> None:
    detail = await get(demo_api, f"/trade-items/{NUTELLA}")
    assert (detail["primary_language"], detail["countries_sold"], detail["gpc_brick_code"]) == ("en", ["US"], "")
    small = await get(demo_api, f"/browse/products/{detail['id']}")
    assert small == {name: detail[name] for name in small}
    page = await get(demo_api, "/browse/products", page=2, page_size=5)
    assert [len(page["data"]), page["pagination"]["total_count"]] == [5, 1735]


async def test_claimed_products(demo_api: Client) -> None:
    whoami = (await demo_api.get("/account/api/v1/whoami")).json()
    (organization,) = whoami["organizations"]
    for slash in ("/products", "/products/"):
        page = await get(demo_api, slash, organization_id=organization["id"], page_size=100)
        assert page["pagination"]["total_count"] == 122
    assert {item["owner_id"] for item in page["data"]} == {organization["id"]}
    assert (await get(demo_api, "/products", 404, organization_id="aaaaaaaaaaaa"))["error"]["code"] == "NOT_FOUND"
    (own,) = (await get(demo_api, "/products", organization_id=organization["id"], page_size=1))["data"]
    for gtin, given, found in (  # the quickstart's look-up: whatever the form of the GTIN, in the list's envelope
        ("009800895007", {}, [NUTELLA]), (NUTELLA, {}, [NUTELLA]), ("4006381333931", {}, []),
        (own["gtin"], {"organization_id": organization["id"]}, [own["gtin"]]),
        (NUTELLA, {"organization_id": organization["id"]}, []),
    ):  # fmt: skip
        page = await get(demo_api, "/products", gtin=gtin, **given)
        assert [item["gtin"] for item in page["data"]] == found
        assert page["pagination"]["total_count"] == len(found)


async def test_lookup_of_mixed_codes(demo_api: Client) -> None:
    codes = [NUTELLA, f"https://id.gs1.org/01/{NUTELLA}/10/A?17=261231", "009800895008", "4006381333931", "?", NUTELLA]
    answer = await demo_api.post(f"{BASE}/products/lookup", json={"codes": codes})
    assert answer.status_code == 200
    assert [(each["code"], each["status"], each["gtin"]) for each in answer.json()] == [
        (codes[0], "found", NUTELLA), (codes[1], "found", NUTELLA), (codes[2], "invalid_check_digit", None),
        (codes[3], "unknown", "04006381333931"), ("?", "invalid", None), (NUTELLA, "found", NUTELLA),
    ]  # fmt: skip
    assert answer.json()[2]["message"] == "has a wrong check digit: 00980089500 is followed by 7, not by 8"
    form = await demo_api.post(f"{BASE}/products/lookup", data={"codes": [NUTELLA, "?"]})
    assert [each["status"] for each in form.json()] == ["found", "invalid"]


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ({}, [("codes", "is required")]),
        ({"codes": []}, [("codes", "must have at least 1 items")]),
        ({"codes": ["1"] * 1001}, [("codes", "must have at most 1000 items")]),
        ({"codes": [1, None]}, [("codes.0", "must be a string"), ("codes.1", "must not be null")]),
        ({"codes": "1"}, [("codes", "must be an array")]),
        ({"codes": ["1"], "more": 1}, [("more", "is not known")]),
        ([], [("body", "must be an object")]),
    ],
)
async def test_bad_lookups(demo_api: Client, body: Any, details: list[tuple[str, str]]) -> None:
    answer = await demo_api.post(f"{BASE}/products/lookup", json=body)
    assert answer.status_code == 422
    assert [(d["field"], d["message"]) for d in answer.json()["error"]["details"]] == details


@pytest.mark.parametrize(
    ("path", "details"),
    [
        ("/products", [("organization_id", "is required where no gtin is given")]),
        ("/products/009800895008", [("gtin", "has a wrong check digit: 00980089500 is followed by 7, not by 8")]),
        ("/trade-items?page=0&page_size=101", [("page", "must be at least 1"), ("page_size", "must be at most 100")]),
        (
            "/trade-items?page=x&is_claimed=maybe",
            [("is_claimed", "must be true or false"), ("page", "must be an integer")],
        ),
        (
            "/trade-items?ordering=price&country_of_origin=DEU",
            [
                ("country_of_origin", "must be a country code, such as DE (ISO 3166-1 alpha-2)"),
                (
                    "ordering",
                    "must be one of product_name, -product_name, brand, -brand, created, -created, confidence_score, "
                    "-confidence_score, modified, -modified",
                ),
            ],
        ),
    ],
)
async def test_bad_parameters(demo_api: Client, path: str, details: list[tuple[str, str]]) -> None:
    error = (await get(demo_api, path, 422))["error"]
    assert (error["code"], error["message"]) == ("VALIDATION_ERROR", "The request is not valid.")
    assert [(d["field"], d["message"]) for d in error["details"]] == details


async def test_the_template_is_what_an_import_takes(demo_api: Client) -> None:
    answer = await demo_api.get(f"{BASE}/import/template", headers={"X-API-Key": ""})
    assert answer.status_code == 401  # an empty key is a bad key
    del demo_api.headers["X-API-Key"]
    answer = await demo_api.get(f"{BASE}/import/template")
    assert answer.headers["content-disposition"] == 'attachment; filename="products-import-template.csv"'
    header, *rows = csv.reader(io.StringIO(answer.text))
    assert header == ["gtin", "product_name", "brand", "manufacturer", "description", "image_url",
                      "country_of_origin", "net_content"]  # fmt: skip
    assert len(rows) == 2
    assert {len(row) for row in rows} == {8}


async def test_reads_need_a_key(demo_api: Client) -> None:
    del demo_api.headers["X-API-Key"]
    for path in (f"/products/{NUTELLA}", "/trade-items", "/browse/products", "/products?organization_id=aaaaaaaaaaaa"):
        error = (await get(demo_api, path, 401))["error"]
        assert error["message"] == "An API key is needed. Send it in the X-API-Key header."
