"""The demo places."""

from tests.conftest import Client
from tests.locations.conftest import API

BALTIMORE, VADUZ, ROGERS = (39.283, -76.593), (47.140, 9.521), (36.342, -94.071)


async def test_there_is_a_choice(demo_api: Client) -> None:
    async def near(lat: float, lon: float, radius: float, **query: str) -> list[dict[str, object]]:
        asked = {"lat": lat, "lon": lon, "radius_km": radius, "limit": 100} | query
        found: list[dict[str, object]] = (await demo_api.get(f"{API}/nearby", params=asked)).json()
        return found

    assert [len(await near(*at, 10)) for at in (BALTIMORE, VADUZ, ROGERS)] == [100, 55, 2]
    assert len(await near(*VADUZ, 5, category="supermarket")) == 7
    walmart = (await near(*ROGERS, 1))[0]
    assert (walmart["name"], walmart["address"], walmart["organization_id"]) == (
        "Walmart Supercenter", "2110 West Walnut, Rogers, AR 72756, US", None,
    )  # fmt: skip
    (bike,) = [each for each in await near(*BALTIMORE, 0.1) if each["name"] == "Joe's Bike Shop"]
    assert bike | {"distance_km": 0, "id": ""} == {
        "id": "", "name": "Joe's Bike Shop", "address": "723-B South Broadway, Baltimore, 21231, US", "lat": 39.282904,
        "lon": -76.593028, "distance_km": 0, "organization_id": None, "kind": "store", "categories": ["bicycle"],
        "services": ["bicycle rental", "bicycle repair", "bicycle retail", "bicycle second hand"], "open_now": None,
        "next_change": None, "phone": "", "website": "", "last_inventory_sync": None,
    }  # fmt: skip
