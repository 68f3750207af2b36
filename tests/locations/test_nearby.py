"""What is near: distances beside a geodesic library's, the antimeridian, the poles, radii, the public store locator."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from geographiclib.geodesic import Geodesic  # type: ignore[import-untyped]

from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.models.account import KeyKind, MemberRole
from closient_gql.core.settings import Settings
from closient_gql.server.app import operations_of
from resolvers.context import Context
from resolvers.locations import nearby
from resolvers.locations.inputs import NearInput
from resolvers.viewer import Viewer
from schema import graph
from tests import make
from tests.conftest import Client
from tests.locations.conftest import API, place

WGS84 = Geodesic.WGS84


def km(one: tuple[float, float], other: tuple[float, float]) -> float:
    found: float = WGS84.Inverse(*one, *other, Geodesic.DISTANCE)["s12"] / 1000
    return found


def anywhere(dice: random.Random) -> tuple[float, float]:
    return round(dice.uniform(-90, 90), 5), round(dice.uniform(-180, 180), 5)


async def found(api: Client, lat: float, lon: float, **query: Any) -> list[dict[str, Any]]:
    answer = await api.get(f"{API}/nearby", params={"lat": lat, "lon": lon} | query)
    assert answer.status_code == 200, answer.json()
    return list(answer.json())


# --- distances


async def test_distances_and_order_are_those_of_the_spheroid(database_url: str, connection: Connection) -> None:
    """300 places all over the earth, poles and antimeridian among them, from 12 points, within radii of every size."""
    dice = random.Random(4)
    edges = [
        (90.0, 0.0),
        (-90.0, 0.0),
        (0.0, 180.0),
        (0.0, -180.0),
        (89.99, -170.0),
        (-45.0, 179.999),
        (-45.0, -179.999),
    ]
    places = {await place(connection, *at): at for at in edges + [anywhere(dice) for _ in range(293)]}
    database = Database(database_url, 4)
    try:
        ctx = Context(Reader(database))
        for here in [anywhere(dice) for _ in range(6)] + edges[:3] + edges[4:]:
            exact = sorted((km(here, at), id) for id, at in places.items())
            for radius in (dice.uniform(200, 5_000), dice.uniform(5_000, 20_000), 50_000.0):
                near = NearInput(latitude=here[0], longitude=here[1], radius_km=radius)
                rows: Sequence[Any] = await nearby.nearest(ctx, near, 2, 100, {})
                wanted = [each for each in exact if each[0] <= radius][:100]
                assert [row.distance_km for row in rows] == pytest.approx([d for d, _ in wanted], abs=0.0051)
                assert {row.id for row in rows} == {id for _, id in wanted}
    finally:
        await database.close()


ENDS = [
    ((0.0, 179.999), (0.0, -179.999), 0.22),
    ((-18.0, 179.99), (-18.0, -179.99), 2.12),
    ((89.99, 0.0), (89.99, 180.0), 2.23),
    ((-90.0, 0.0), (-89.99, 77.0), 1.12),
    ((5.0, 7.0), (5.0, 7.0), 0.0),
]


async def test_where_maps_end(api: Client, connection: Connection, me: make.Account) -> None:
    for here, there, distance in ENDS:
        id = await place(connection, *there)
        assert round(km(here, there), 2) == distance
        (near,) = await found(api, *here, radius_km=distance + 0.01)
        assert (near["id"], near["distance_km"], near["lat"], near["lon"]) == (id, distance, *there)
        if distance > 0.02:
            assert await found(api, *here, radius_km=distance - 0.02) == []
    pole = await place(connection, 90, 12)
    (near,) = await found(api, 90, -100, radius_km=0.001)  # every longitude is the same place there
    assert (near["id"], near["distance_km"]) == (pole, 0.0)


async def test_distance_of_any_location(api: Client, connection: Connection, me: make.Account) -> None:
    """`Location.distanceKm` of rows that were found by something else: one statement for all."""
    dice = random.Random(5)
    ids = {
        await place(connection, *at, organization_id=me.organization_id): at
        for at in [anywhere(dice) for _ in range(20)]
    }
    document = """query ($id: ID!) { locations(organizationId: $id, first: 50) { nodes { id
      there: distanceKm(near: {latitude: 89.9, longitude: 0})
      here: distanceKm(near: {latitude: -12.5, longitude: 179.9}) } } }"""
    answer = await api.post("/graphql", json={"query": document, "variables": {"id": me.organization_id}})
    nodes = answer.json()["data"]["locations"]["nodes"]
    assert len(nodes) == 20
    for node in nodes:
        at = ids[node["id"]]
        assert node["there"] == pytest.approx(km((89.9, 0), at), abs=0.0051)
        assert node["here"] == pytest.approx(km((-12.5, 179.9), at), abs=0.0051)


NEAR = """query ($limit: Int) {
  locationsNear(near: {latitude: 39, longitude: -76, radiusKm: 50}, limit: $limit) {
    id address isOpen nextChange openingHours { osm days { date } }
    distanceKm(near: {latitude: 39, longitude: -76}) } }"""
LIST = """query ($organization: ID!, $limit: Int) {
  locations(organizationId: $organization, first: $limit) { nodes {
    distanceKm(near: {latitude: 39, longitude: -76}) other: distanceKm(near: {latitude: 39, longitude: -76.1}) } } }"""


async def test_the_number_of_statements(database_url: str, connection: Connection, me: make.Account) -> None:
    """Places with distance, address and hours: one statement, however many there are; other distances: one more."""
    for number in range(40):
        values = {"opening_hours": {"osm": "sunrise-sunset"}, "organization_id": me.organization_id}
        await place(connection, 39 + number / 1000, -76, **values)
    viewer = Viewer(kind=KeyKind.USER, memberships={me.organization_id: MemberRole.OWNER})
    operations = operations_of(graph(), Settings())
    database = Database(database_url, 4)
    try:
        for document, statements in ((NEAR, 1), (LIST, 3)):
            for limit in (1, 40):
                ctx = Context(Reader(database), viewer)
                given = {"limit": limit} | ({"organization": me.organization_id} if document is LIST else {})
                result = await operations.prepare(document).execute(given, ctx)
                assert result.data
                (found,) = result.data.values()
                places = found["nodes"] if document is LIST else found
                assert (len(places), len(ctx.read.statements)) == (limit, statements)
    finally:
        await database.close()


async def test_the_index_is_used(connection: Connection) -> None:
    await connection.execute(
        "INSERT INTO locations (id, name, country, latitude, longitude) "
        "SELECT translate(lpad(n::text, 12, '0'), '0125', 'aceg'), 'L', 'US', 25 + n % 100 / 5.0, n / 100 / 2.0 - 120 "
        "FROM generate_series(1, 5000) n"
    )
    await connection.execute("ANALYZE locations")
    ring = nearby.by_rings(frozenset()), nearby.rings_of(20_004_000.0)
    for query, values in ((nearby.by_distance(frozenset(), False), {"near_metres": 10_000.0}), ring):
        arguments = query.arguments({"near_latitude": 39.0, "near_longitude": -76.0, "limit_": 20} | values)
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {query.sql}", *arguments))
        assert "Index Scan using ix_locations_point" in plan, plan
        assert "Seq Scan" not in plan


# --- what is asked


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"lat": 91}, "lat", "must be at most 90"),
    ({"lat": -90.0001}, "lat", "must be at least -90"),
    ({"lon": 181}, "lon", "must be at most 180"),
    ({"lat": "NaN"}, "lat", "must be a number"),
    ({"lon": "inf"}, "lon", "must be a number"),
    ({"lat": "1e400"}, "lat", "must be a number"),
    ({"lat": ""}, "lat", "must be a number"),
    ({"radius_km": 0}, "radius_km", "must be at least 0.001"),
    ({"radius_km": -5}, "radius_km", "must be at least 0.001"),
    ({"radius_km": "NaN"}, "radius_km", "must be a number"),
    ({"limit": 0}, "limit", "must be at least 1"),
    ({"limit": 101}, "limit", "must be at most 100"),
    ({"kind": "castle"}, "kind", "must be one of store, service, warehouse, pickup, office"),
]


async def test_what_cannot_be_asked(demo_api: Client) -> None:
    for query, field, message in WRONG:
        answer = await demo_api.get(f"{API}/nearby", params={"lat": 1, "lon": 2} | query)
        assert answer.status_code == 422, query
        assert answer.json()["error"]["details"] == [{"field": field, "message": message}]


async def test_what_is_shown_and_to_whom(api: Client, connection: Connection, me: make.Account) -> None:
    first = await place(connection, 39.29, -76.61, categories=["bakery"], organization_id=me.organization_id, phone="1")
    second = await place(connection, 39.30, -76.61, kind="pickup", services=["ATM"], name="Locker")
    await place(connection, 39.29, -76.60, is_active=False, organization_id=me.organization_id)
    await place(connection, 40, -76.61)
    assert [each["id"] for each in await found(api, 39.29, -76.61)] == [first, second]  # 2 km
    assert [each["id"] for each in await found(api, 39.29, -76.61, radius_km=1)] == [first]
    assert len(await found(api, 39.29, -76.61, radius_km=50_000)) == 3
    assert len(await found(api, 39.29, -76.61, radius_km=50_000, limit=2)) == 2
    for given, wanted in (({"category": "bakery"}, first), ({"kind": "pickup"}, second), ({"service": "atm"}, second)):
        assert [each["id"] for each in await found(api, 39.29, -76.61, **given)] == [wanted]
    assert (await found(api, 39.29, -76.61))[1] == {
        "id": second, "name": "Locker", "address": "US", "lat": 39.30, "lon": -76.61, "distance_km": 1.11,
        "organization_id": None, "kind": "pickup", "categories": [], "services": ["ATM"], "open_now": None,
        "next_change": None, "phone": "", "website": "", "last_inventory_sync": None,
    }  # fmt: skip
    assert (await api.get(f"{API}/nearby?lat=1&lon=2", headers={"X-API-Key": ""})).status_code == 401


async def test_the_public_store_locator(api: Client, connection: Connection) -> None:
    shop = await make.account(connection, kind="cpk", key_role="readonly")
    mine = await place(
        connection, 39.29, -76.61, organization_id=shop.organization_id, name="Mine", city="Baltimore", region="US-MD",
        postal_code="21202", street_address="1 Light Street", website="https://a.example",
    )  # fmt: skip
    await place(connection, 39.30, -76.61, organization_id=shop.organization_id, is_active=False)
    await place(connection, 39.29, -76.61)
    key = {"X-API-Key": shop.key}
    asked = {"lat": 39.2, "lon": -76.61}
    answer = await api.get(f"{API}/public/locations", params=asked, headers=key | {"Origin": "https://shop.example"})
    name = await connection.fetchval("SELECT name FROM organizations WHERE id = $1", shop.organization_id)
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert answer.json() == {
        "organization": {"id": shop.organization_id, "name": name},
        "locations": [
            {"id": mine, "name": "Mine", "address": "1 Light Street, Baltimore, MD 21202, US", "lat": 39.29,
             "lon": -76.61, "distance_km": 9.99, "phone": "", "website": "https://a.example"}
        ],
    }  # fmt: skip
    for radius, count in ((5, 0), (5000, 1), (50_000, 1)):
        found = await api.get(f"{API}/public/locations", params=asked | {"radius": radius}, headers=key)
        assert len(found.json()["locations"]) == count
    assert (await api.get(f"{API}/public/locations", params=asked | {"radius": 0}, headers=key)).status_code == 422
    person = await make.account(connection)
    alone = (await api.get(f"{API}/public/locations", params=asked, headers={"X-API-Key": person.key})).json()
    assert (alone["organization"]["id"], alone["locations"]) == (person.organization_id, [])
    person = await make.account(connection)
    values = {"user_id": person.user_id, "organization_id": shop.organization_id, "role": "editor"}
    await make.insert(connection, "memberships", **values)  # of two organizations
    for headers in ({}, {"X-API-Key": person.key}, {"X-API-Key": shop.key[:-1] + "x"}):
        assert (await api.get(f"{API}/public/locations", params=asked, headers=headers)).status_code == 401


POSTAL_CODES: list[tuple[dict[str, str], tuple[Any, ...] | None]] = [
    ({"postal_code": "21201"}, (39.2946, -76.6252, "Baltimore", "US-MD")),
    ({"postal_code": "21201-1234"}, (39.2946, -76.6252, "Baltimore", "US-MD")),
    ({"postal_code": "96910", "country": "gu"}, (13.47, 144.74, "Hagatna", "")),
    ({"postal_code": "00000"}, None),
    ({"postal_code": "9490", "country": "LI"}, None),
    ({"postal_code": "99999"}, None),
    ({"postal_code": "2120"}, None),
    ({"postal_code": "21201", "country": "PR"}, None),
]


async def test_where_a_postal_code_is(demo_api: Client) -> None:
    for query, wanted in POSTAL_CODES:
        answer = await demo_api.get(f"{API}/geocode", params=query)
        assert answer.status_code == (200 if wanted else 404), query
        if wanted:
            names = ("latitude", "longitude", "city", "region", "source")
            assert answer.json() == dict(zip(names, (*wanted, "postal_code"), strict=True))
