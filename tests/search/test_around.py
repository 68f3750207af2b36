"""Nearby, trips, alternatives, comparisons, over REST."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closient_gql.core.db import Connection
from closient_gql.core.money import Money
from resolvers.search.cover import Choice, Shelf, bought, cover, plan
from resolvers.search.units import unit_price
from tests import make
from tests.conftest import Client
from tests.search.market import HERE, MYSTERY, OATS, VEGAN, names

SEARCH = "/search/api/v1"
PLACE: dict[str, Any] = {"lat": HERE["latitude"], "lon": HERE["longitude"]}


async def asked(client: Client, path: str, status: int = 200, key: str = "", **query: Any) -> Any:
    headers = {"X-API-Key": key} if key else {}
    answer = await client.get(f"{SEARCH}{path}", params=query, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_nearby(shopper: Client) -> None:
    found = await asked(shopper, "/nearby", **PLACE)
    (store,) = found["stores"]
    assert (store["distance_km"], store["signals"]) == (1.11, ["inventory_synced_today", "new_offers_this_week"])
    assert sorted(names(store["offers"])) == ["Mystery Cookies", "Oat Cookies", "Vegan Cookies"]
    assert {pick["product"]["name"] for pick in found["picks"]} == {"Mystery Cookies", "Oat Cookies", "Vegan Cookies"}
    assert found["picks"][0]["reasons"] == ["1.11 km away", "its stock was checked within a day", "new this week"]
    wide = await asked(shopper, "/nearby", **PLACE, radius_km=50, exclude_allergens="gluten")
    assert [store["distance_km"] for store in wide["stores"]] == [1.11, 2.22, 5.55, 12.21]
    sold = {name for store in wide["stores"] for name in names(store["offers"])}
    assert sold == {"Vegan Cookies", "Gluten Free Rice Cookies", "Certified Rice Cookies"}
    assert len(wide["picks"]) == 3
    await asked(shopper, "/nearby", 422, **PLACE, exclude_allergens="moon")
    assert (await asked(shopper, "/nearby", lat=90, lon=180)) == {"stores": [], "picks": []}


async def test_nearby_shows_what_people_scan(shopper: Client, market_rows: Connection) -> None:
    """Programs, what is long ago and other products count for nothing."""
    today = datetime.now(UTC).date()
    scans = [(MYSTERY, 0, False, 6), (MYSTERY, 6, False, 4), (OATS, 0, False, 9), (OATS, 0, True, 99),
             (VEGAN, 9, False, 99)]  # fmt: skip
    rows = [
        (
            today - timedelta(days=days),
            "01",
            make.make_gtin(number),
            make.make_id(number),
            "mobile",
            "US",
            is_bot,
            count,
        )
        for number, days, is_bot, count in scans
    ]
    columns = ["day", "ai", "value", "product_id", "device", "country", "is_bot", "scans"]
    await market_rows.copy_records_to_table("scan_days", records=rows, columns=columns)
    try:
        found = await asked(shopper, "/nearby", **PLACE)
    finally:
        await market_rows.execute("DELETE FROM scan_days")
    (store,) = found["stores"]
    assert "popular_products" in store["signals"]
    assert {offer["product"]["name"]: offer["is_popular"] for offer in store["offers"]} == {
        "Mystery Cookies": True, "Oat Cookies": False, "Vegan Cookies": False,
    }  # fmt: skip
    assert names(store["offers"])[0] == "Mystery Cookies"
    assert found["picks"][0]["reasons"][-1] == "popular this week"


async def test_nearby_leaves_out_what_a_user_avoids(shopper: Client, person: make.Account) -> None:
    key = {"X-API-Key": person.key}
    body = [{"trait": "gluten", "category": "ALLERGEN", "stance": "AVOID"}]
    await shopper.put("/account/api/v1/preferences", json=body, headers=key)
    found = await asked(shopper, "/nearby", key=person.key, **PLACE)
    assert names(found["stores"][0]["offers"]) == ["Vegan Cookies"]


# --- trips


async def planned(client: Client, items: Sequence[str], status: int = 200, **body: Any) -> Any:
    answer = await client.post(f"{SEARCH}/trip-plan", json={"items": list(items)} | HERE | body)
    assert answer.status_code == status, answer.text
    return answer.json()


def bill(answer: Any) -> list[tuple[float, list[str]]]:
    return [(stop["distance_km"], [item["product_name"] for item in stop["items"]]) for stop in answer["stops"]]


async def test_a_trip(shopper: Client) -> None:
    items = ["oat cookies", make.make_gtin(2), "gtin:" + make.make_gtin(22), "whole milk", "unobtainium"]
    found = await planned(shopper, items, radius_km=50)
    assert bill(found) == [(5.55, ["Oat Cookies", "Gluten Free Rice Cookies"]), (12.21, ["Hammer 1234"])]
    assert found["stops"][0]["total"] == {"amount": "5.50", "currency": "USD"}
    assert {each["item"]: each["reason"] for each in found["unavailable"]} == {
        "whole milk": "not_sold_nearby", "unobtainium": "unknown_product",
    }  # fmt: skip
    assert (found["in_stock_relaxed"], found["items_count"]) == (False, 3)
    short = await planned(shopper, items[:3], radius_km=50, max_stops=1)
    assert bill(short) == [(5.55, ["Oat Cookies", "Gluten Free Rice Cookies"])]
    assert [each["reason"] for each in short["unavailable"]] == ["too_many_stops"]


async def test_a_trip_relaxes_stock_before_it_drops(shopper: Client) -> None:
    """Store 1 sells three of these, but has counted only two of them."""
    items = [make.make_gtin(each) for each in (1, 2, 3)]
    strict = await planned(shopper, items, radius_km=3, max_stops=2)
    assert strict["in_stock_relaxed"] is True
    assert bill(strict) == [(2.22, ["Oat Cookies", "Gluten Free Rice Cookies", "Certified Rice Cookies"])]
    statuses = [item["stock_status"] for item in strict["stops"][0]["items"]]
    assert statuses == ["out_of_stock", "low_stock", "unknown"]
    careless = await planned(shopper, items, radius_km=3, in_stock=False)
    assert bill(careless) == bill(strict)


async def test_constraints_of_a_list_and_of_its_lines(shopper: Client) -> None:
    found = await planned(shopper, ["cookies under $3.80"], radius_km=50, constraints={"exclude_allergens": ["gluten"]})
    assert bill(found) == [(5.55, ["Gluten Free Rice Cookies"])]


async def test_what_is_meant_is_worth_a_way(shopper: Client) -> None:
    """Other cookies are to be had nearer by; if there are no others, they are bought."""
    assert bill(await planned(shopper, ["rice cookies"], radius_km=50)) == [(2.22, ["Gluten Free Rice Cookies"])]
    assert bill(await planned(shopper, ["rice cookies"], radius_km=2)) == [(1.11, ["Vegan Cookies"])]


async def test_two_hundred_items(shopper: Client) -> None:
    found = await planned(shopper, [make.make_gtin(n) for n in range(1, 201)], radius_km=50, max_stops=20)
    assert found["items_count"] + len(found["unavailable"]) == 200
    assert found["items_count"] == 8
    await planned(shopper, ["x"] * 201, 422)
    for bad in (
        {"max_stops": 0},
        {"radius_km": -1},
        {"latitude": 91},
        {"constraints": {"exclude_allergens": ["moon"]}},
    ):
        await planned(shopper, ["x"], 422, **bad)
    await planned(shopper, [], 422)
    await planned(shopper, [" "], 422)


CHOICES = st.dictionaries(
    st.integers(0, 6),
    st.tuples(st.booleans(), st.one_of(st.none(), st.integers(0, 3))),
    max_size=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CHOICES, max_size=6), st.integers(1, 4))
def test_greedy_cover(stores: list[dict[int, Any]], most: int) -> None:
    shelves = [
        Shelf(f"s{n}", float(n // 2), {
            item: Choice("p", "o", None if price is None else Decimal(price), "USD", there, 0)
            for item, (there, price) in choices.items()
        })
        for n, choices in enumerate(stores)
    ]  # fmt: skip
    items = list(range(7))
    stops = cover(shelves, items, most)
    got = [item for stop in stops for item in stop.items]
    assert len(got) == len(set(got))
    assert len(stops) <= most
    possible = {item for shelf in shelves for item in shelf.choices}
    if len(stops) < most:
        assert set(got) == possible
    if shelves:
        assert bought(stops) >= max(len(shelf.choices) for shelf in shelves)
    relaxed, was = plan(shelves, items, most)
    sure, _ = plan(shelves, items, most, relax=False)
    assert bought(relaxed) >= bought(sure)
    assert was == (bought(relaxed) > bought(sure))
    assert all(choice.in_stock for stop in sure for choice in stop.items.values())


def test_ties_go_to_the_nearest_then_the_cheapest() -> None:
    def shelf(name: str, metres: float, *prices: int) -> Shelf:
        some = enumerate(prices)
        return Shelf(name, metres, {n: Choice("p", "o", Decimal(price), "USD", True, 0) for n, price in some})

    near, far, cheap = shelf("a", 1, 5, 5), shelf("b", 2, 1, 1), shelf("c", 1, 4, 4)
    assert [stop.shelf.store_id for stop in cover([far, near], [0, 1], 3)] == ["a"]
    assert [stop.shelf.store_id for stop in cover([near, cheap, far], [0, 1], 3)] == ["c"]


# --- alternatives


async def test_alternatives(shopper: Client, person: make.Account) -> None:
    shopper.headers["X-API-Key"] = person.key
    path = f"/products/{make.make_gtin(7)}/alternatives"
    found = await asked(shopper, path, **PLACE, radius_km=50, exclude_allergens="gluten")
    assert [(each["product"]["name"], each["reason"]) for each in found] == [
        ("Vegan Cookies", "Its whole list does not name gluten, 1.11 km away."),
        ("Gluten Free Rice Cookies", "Free of gluten, 2.22 km away for 4.00 USD."),
        ("Certified Rice Cookies", "Free of gluten, 2.22 km away for 6.00 USD."),
    ]
    organic = await asked(shopper, path, **PLACE, radius_km=50, require_certifications="usda_organic")
    assert [each["reason"] for each in organic] == ["Is usda organic, 2.22 km away for 6.00 USD."]
    assert await asked(shopper, path, **PLACE, radius_km=50, require_certifications="halal") == []
    await asked(shopper, f"/products/{make.make_gtin(999)}/alternatives", 404, **PLACE)


async def test_alternatives_by_preference(shopper: Client, person: make.Account) -> None:
    key = {"X-API-Key": person.key}
    body = [{"trait": "usda_organic", "category": "SOURCING", "stance": "PREFER"}]
    await shopper.put("/account/api/v1/preferences", json=body, headers=key)
    path = f"/products/{make.make_gtin(7)}/alternatives"
    first, *_ = await asked(shopper, path, key=person.key, **PLACE, radius_km=50, exclude_allergens="gluten")
    assert (first["product"]["name"], first["preferred_traits"]) == ("Certified Rice Cookies", ["usda_organic"])


async def test_a_recalled_product_is_no_alternative(
    shopper: Client, person: make.Account, market_rows: Connection
) -> None:
    shopper.headers["X-API-Key"] = person.key
    id = await make.insert(
        market_rows, "recalls", source_system="FDA", title="Vegan cookies", status="ONGOING", severity="CLASS_I"
    )
    statement = "INSERT INTO recall_products (recall_id, product_id, gtin) VALUES ($1, $2, $3)"
    await market_rows.execute(statement, id, make.make_id(8), make.make_gtin(8))
    try:
        path = f"/products/{make.make_gtin(7)}/alternatives"
        found = await asked(shopper, path, **PLACE, radius_km=50, exclude_allergens="gluten")
        assert "Vegan Cookies" not in names(found)
        body = {"gtins": [make.make_gtin(8), make.make_gtin(2)]}
        compared = (await shopper.post("/products/api/v1/compare", json=body)).json()
        first = compared["products"][0]
        assert (first["is_excluded"], first["open_recalls_count"]) == (True, 1)
        assert first["warnings"][0] == {"kind": "recall", "message": "Open recall (CLASS_I): Vegan cookies"}
    finally:
        await market_rows.execute("DELETE FROM recalls WHERE id = $1", id)


# --- comparisons


@pytest.mark.parametrize(
    ("amount", "currency", "content", "shown"),
    [
        ("3.50", "USD", (350, "GRM"), "1.00 USD / 100 g"), ("2.00", "USD", (0.5, "KGM"), "0.40 USD / 100 g"),
        ("1.00", "USD", (1, "LTR"), "0.10 USD / 100 ml"), ("3.00", "USD", (12, "OZA"), "0.85 USD / 100 ml"),
        ("300", "JPY", (200, "MLT"), "150 JPY / 100 ml"), ("6.00", "USD", (12, "H87"), "0.50 USD / 1 piece"),
        ("1.00", "USD", (1, "XPX"), None), ("1.00", "USD", (0, "GRM"), None), ("1.00", "USD", None, None),
        (None, "USD", (1, "GRM"), None),
    ],
)  # fmt: skip
def test_unit_prices(amount: str | None, currency: str, content: Any, shown: str | None) -> None:
    found = unit_price(Money(Decimal(amount), currency) if amount else None, content)
    assert (found and f"{found.price.amount} {found.price.currency} / {found.per}") == shown


async def test_comparison(api: Client, connection: Connection) -> None:
    from tests.retailers import stores

    account = await make.account(connection)
    api.headers["X-API-Key"] = account.key
    shop = await stores.shop(connection)
    sure = {"net_content": 0.95, "product_name": 0.9}
    one = await make.product(connection, 1, net_content="350 g", field_confidence=sure, confidence_score=0.9)
    two = await make.product(connection, 2, net_content="0.5 kg", country_of_origin="FR", confidence_score=0.9,
                             field_confidence={"net_content": 0.5})  # fmt: skip
    await stores.offer(connection, shop, one, price=3.50, quantity_on_hand=1)
    offer = await stores.offer(connection, shop, two, price=6.00, quantity_on_hand=1)
    await make.insert(
        connection, "in_store_promotions", offer_id=offer, promotional_price=4.00,
        start_date=stores.at("2020-01-01T00:00+00:00"), end_date=stores.at("2099-01-01T00:00+00:00"),
    )  # fmt: skip
    gtins = [make.make_gtin(1), make.make_gtin(2), make.make_gtin(3), make.make_gtin(1)]
    found = (await api.post("/products/api/v1/compare", json={"gtins": gtins})).json()
    assert found["unknown_gtins"] == [make.make_gtin(3)]
    assert found["cheapest_unit_gtin"] == make.make_gtin(2)
    assert {each["field"]: each["values"] for each in found["differences"]} == {
        "product_name": ["Product 0001", "Product 0002"], "country_of_origin": [None, "FR"],
        "net_content": ["350 g", "0.5 kg"], "price": ["3.50 USD", "4.00 USD"],
        "unit_price": ["1.00 USD / 100 g", "0.80 USD / 100 g"],
    }  # fmt: skip
    assert [each["warnings"] for each in found["products"]] == [
        [], [{"kind": "inferred", "message": "net_content is inferred: its confidence is 0.50."}],
    ]  # fmt: skip
    for body, status in (
        ({"gtins": gtins[:1] * 2}, 422), ({"gtins": gtins[:1]}, 422), ({"gtins": ["123", gtins[0]]}, 422),
        ({"gtins": [gtins[0], gtins[2]]}, 404), ({"gtins": gtins * 3}, 422),
    ):  # fmt: skip
        assert (await api.post("/products/api/v1/compare", json=body)).status_code == status
