"""The public store locator of a brand."""

from typing import Any

from closient_gql.core.db import Connection
from tests import make
from tests.conftest import Client
from tests.locations.conftest import place

PUBLIC = "/brands/api/v1/public/brands"
HERE = {"lat": 39.29, "lon": -76.61}


async def offer(connection: Connection, product: str, store: str, **values: Any) -> str:
    given = {"product_id": product, "physical_store_id": store, "metadata": {}}
    return await make.insert(connection, "in_store_offers", **(given | values))


async def store(connection: Connection, retailer: str, location: str, **values: Any) -> str:
    given = {"retailer_id": retailer, "location_id": location, "currency": "USD", "metadata": {}}
    return await make.insert(connection, "physical_stores", **(given | values))


async def test_stores_that_carry_a_brand(api: Client, connection: Connection) -> None:
    brand, rival = await make.brand(connection, "Acme"), await make.brand(connection, "Rival")
    one, two = [await make.product(connection, n, brand_id=brand) for n in (1, 2)]
    foreign = await make.product(connection, 3, brand_id=rival)
    chain = await make.insert(connection, "retailers", name="Chain", metadata={})
    closed = await make.insert(connection, "retailers", name="Closed", metadata={}, is_active=False)
    own = (await make.account(connection)).organization_id
    secret = await make.insert(connection, "retailers", name="Secret", metadata={}, organization_id=own)
    near = await place(
        connection, 39.30, -76.61, name="Near", phone="+1 410", city="Baltimore", website="https://a.example"
    )
    far, gone, other = [await place(connection, 39.5 + n, -76.61, name=f"P{n}") for n in (0, 0.1, 0.2)]
    hidden = await place(connection, 39.29, -76.61, is_active=False)
    first = await store(connection, chain, near)
    second = await store(connection, secret, far, name="Far store")
    for product, at, values in (
        (one, first, {}), (one, first, {"sku": "b"}), (two, first, {}), (foreign, first, {}),
        (one, second, {"price": 1}), (two, second, {"status": "out_of_stock"}),
        (one, await store(connection, chain, gone, is_active=False), {}),
        (one, await store(connection, closed, other), {}),
        (one, await store(connection, chain, hidden), {}),
    ):  # fmt: skip
        await offer(connection, product, at, **values)

    answer = await api.get(f"{PUBLIC}/{brand}/locator", params=HERE, headers={"Origin": "https://shop.example"})
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    nearest = {
        "id": first, "name": "Near", "address": "Baltimore, US", "lat": 39.3, "lon": -76.61, "distance_km": 1.11,
        "product_count": 2, "retailer_name": "Chain", "phone": "+1 410", "website": "https://a.example",
    }  # fmt: skip
    assert answer.json() == {
        "brand": {"id": brand, "name": "Acme", "website": "", "logo_url": None},
        "stores": [
            nearest,
            {"id": second, "name": "Far store", "address": "US", "lat": 39.5, "lon": -76.61, "distance_km": 23.31,
             "product_count": 1, "retailer_name": "", "phone": "", "website": ""},
        ],
    }  # fmt: skip

    async def stores(**query: Any) -> list[str]:
        found = await api.get(f"{PUBLIC}/{brand}/locator", params=HERE | query)
        return [each["id"] for each in found.json()["stores"]]

    assert await stores(radius=10) == [first]
    assert await stores(radius=50_000) == [first, second]
    assert await stores(radius=50_000, limit=1) == [first]
    assert await stores(product_id=two) == [first]
    assert await stores(product_id=foreign) == []
    assert await stores(lat=0, lon=0) == []


async def test_what_cannot_be_asked(demo_api: Client) -> None:
    brand = (await demo_api.get("/brands/api/v1/brands")).json()["data"][0]["id"]
    demo_api.headers.pop("X-API-Key")
    assert (await demo_api.get(f"{PUBLIC}/aaaaaaaaaaaa/locator", params=HERE)).status_code == 404
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"lat": 91}, "lat"), ({"lon": -181}, "lon"), ({"radius": 0}, "radius"), ({"radius": -1}, "radius"),
        ({"limit": 101}, "limit"), ({"product_id": "x"}, "product_id"), ({"lat": "NaN"}, "lat"),
    ]  # fmt: skip
    for query, field in wrong:
        answer = await demo_api.get(f"{PUBLIC}/{brand}/locator", params=HERE | query)
        assert answer.status_code == 422
        assert [each["field"] for each in answer.json()["error"]["details"]] == [field]
    lost = await demo_api.get(f"{PUBLIC}/{brand}/locator")
    assert [each["field"] for each in lost.json()["error"]["details"]] == ["lat", "lon"]
