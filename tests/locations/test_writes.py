"""Locations made, changed and removed: by everybody who may and may not, and what they may be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from closient_gql.core.db import Connection
from closient_gql.core.settings import settings
from tests import make
from tests.conftest import Client
from tests.locations.conftest import API, place

HOURS = {
    "weekly": [{"day": "monday", "opens": "09:00", "closes": "17:00"}],
    "public_holidays": [],
    "special_days": [
        {"first": "2026-12-24", "hours": [{"opens": "09:00", "closes": "12:00"}]},
        {"first": "2026-12-28", "last": "2027-01-03"},
    ],
}
WHOLE = {
    "name": " Example Market ", "kind": "store", "latitude": 39.2904, "longitude": -76.6122, "city": "Baltimore",
    "street_address": "100 Light Street", "region": "us-md", "postal_code": "21202", "country": "us",
    "phone": "+1 410 555 0100", "website": "https://example.org/1", "opening_hours": HOURS,
    "services": ["Pharmacy", "pharmacy", " parking "], "categories": ["supermarket"], "gln": "4012345-00000-9",
    "reference": "0001", "metadata": {"a": "b", "gone": ""},
}  # fmt: skip
EVERYBODY = {  # who: role, kind and role of the key; what creating, changing and deleting come to
    "owner": ("owner", "csu", None, 201),
    "manager": ("manager", "csu", None, 201),
    "editor": ("editor", "csu", None, 403),
    "billing": ("billing", "csu", None, 403),
    "owner, readonly key": ("owner", "csu", "readonly", 403),
    "owner, editor's key": ("owner", "csu", "editor", 403),
    "csb manager": ("owner", "csb", "manager", 201),
    "csb editor": ("owner", "csb", "editor", 403),
    "cpk": ("owner", "cpk", "readonly", 403),
}


def path(account: make.Account) -> str:
    return f"{API}/organizations/{account.organization_id}/locations"


def details(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {each["field"]: each["message"] for each in answer.json()["error"]["details"]}


async def events(connection: Connection, id: str) -> list[str]:
    rows = await connection.fetch("SELECT type FROM events WHERE entity_id = $1 ORDER BY id", id)
    return [row["type"] for row in rows]


async def test_a_life(api: Client, connection: Connection, me: make.Account) -> None:
    made = await api.post(path(me), json=WHOLE)
    assert made.status_code == 201
    found = made.json()
    id = found["id"]
    others = ("organization_id", "address", "time_zone", "position_source", "is_active")
    assert {name: found[name] for name in (*WHOLE, *others)} == {
        **WHOLE, "name": "Example Market", "region": "US-MD", "country": "US", "services": ["Pharmacy", "parking"],
        "gln": "4012345000009", "metadata": {"a": "b"}, "organization_id": me.organization_id,
        "address": "100 Light Street, Baltimore, MD 21202, US", "time_zone": "America/New_York",
        "position_source": "given", "is_active": True,
        "opening_hours": {
            "weekly": HOURS["weekly"], "public_holidays": [],
            "special_days": [
                {"first": "2026-12-24", "last": "2026-12-24", "hours": [{"opens": "09:00", "closes": "12:00"}]},
                {"first": "2026-12-28", "last": "2027-01-03", "hours": []},
            ],
            "osm": "Mo 09:00-17:00; PH off; 2026 Dec 28-2027 Jan 03 off; 2026 Dec 24 09:00-12:00",
        },
    }  # fmt: skip
    assert (await api.get(f"{API}/locations/{id}")).json() | {"open_now": 0} == found | {"open_now": 0}

    patch = {"name": "Market", "opening_hours": {"osm": "24/7"}, "metadata": {"c": "d"}, "is_active": None, "gln": None}
    changed = (await api.patch(f"{API}/locations/{id}", json=patch)).json()
    assert (changed["name"], changed["opening_hours"]["osm"], changed["open_now"], changed["next_change"]) == (
        "Market", "Mo-Su 00:00-24:00", True, None,
    )  # fmt: skip
    assert (changed["metadata"], changed["is_active"], changed["gln"], changed["reference"]) == (
        {"a": "b", "c": "d"},
        True,
        None,
        "0001",
    )
    assert changed["modified"] > found["modified"]
    same = (await api.patch(f"{API}/locations/{id}", json={"name": "Market"})).json()
    assert same["modified"] == changed["modified"]  # nothing new, nothing written

    assert (await api.delete(f"{API}/locations/{id}")).status_code == 204
    assert (await api.get(f"{API}/locations/{id}")).status_code == 404
    assert (await api.delete(f"{API}/locations/{id}")).status_code == 404
    assert await events(connection, id) == ["location.created", "location.updated", "location.deleted"]
    audited = await connection.fetch(
        "SELECT action, changes FROM audit_entries WHERE target_id = $1 ORDER BY created", id
    )
    assert [row["action"] for row in audited] == ["location.created", "location.updated", "location.deleted"]
    assert audited[1]["changes"]["name"] == {"old": "Example Market", "new": "Market"}


async def test_hours_at_the_ends_of_the_calendar(api: Client, me: make.Account) -> None:
    id = (await api.post(path(me), json=WHOLE | {"opening_hours": {"osm": "sunrise-sunset"}})).json()["id"]
    for since, status in (("1900-01-01", 200), ("9990-12-31", 200), ("1899-12-31", 422), ("9999-12-31", 422)):
        assert (await api.get(f"{API}/locations/{id}/hours?since={since}&count=31")).status_code == status, since
    asked = {"query": f'{{ location(id: "{id}") {{ isOpen(at: "0001-01-01") nextChange(at: "9999-12-31") }} }}'}
    errors = (await api.post("/graphql", json=asked)).json()["errors"]
    told = {"field": "at", "message": "must lie in the years 1900 to 9990"}
    assert [each["extensions"]["details"] for each in errors] == [[told], [told]]


async def test_who_may(api: Client, connection: Connection, me: make.Account) -> None:
    for who, (role, kind, key_role, status) in EVERYBODY.items():
        caller = await make.account(connection, role=role, kind=kind, key_role=key_role)
        key = {"X-API-Key": caller.key}
        made = await api.post(
            path(caller), json={"name": "A", "country": "DE", "latitude": 52.5, "longitude": 13.4}, headers=key
        )
        assert made.status_code == status, who
        own = await place(connection, 52.5, 13.4, organization_id=caller.organization_id, country="DE")
        done = 200 if status == 201 else 403
        assert (await api.patch(f"{API}/locations/{own}", json={"name": "B"}, headers=key)).status_code == done, who
        assert (await api.delete(f"{API}/locations/{own}", headers=key)).status_code == (
            204 if status == 201 else 403
        ), who
        # those of others, and nobody's
        theirs = await place(connection, 52.5, 13.4, organization_id=me.organization_id, country="DE")
        nobodys = await place(connection, 52.5, 13.4, country="DE")
        hidden = 403 if kind == "cpk" else 404
        assert (await api.patch(f"{API}/locations/{theirs}", json={"name": "B"}, headers=key)).status_code == hidden, (
            who
        )
        assert (await api.delete(f"{API}/locations/{theirs}", headers=key)).status_code == hidden, who
        assert (await api.patch(f"{API}/locations/{nobodys}", json={"name": "B"}, headers=key)).status_code == 403, who
        assert (await api.post(path(me), json={"name": "A", "country": "DE"}, headers=key)).status_code == hidden, who
        assert (await api.get(path(me), headers=key)).status_code == hidden, who
    for method, address in (
        ("GET", path(me)),
        ("POST", path(me)),
        ("GET", f"{API}/locations/aaaaaaaaaaaa"),
        ("DELETE", f"{API}/locations/aaaaaaaaaaaa"),
    ):
        body = {"name": "A", "country": "DE"} if method == "POST" else None
        assert (await api.request(method, address, json=body, headers={"X-API-Key": ""})).status_code == 401


async def test_places_that_are_not_active_are_their_owners(
    api: Client, connection: Connection, me: make.Account, other: make.Account
) -> None:
    id = await place(connection, 39, -76, organization_id=me.organization_id, is_active=False)
    assert (await api.get(f"{API}/locations/{id}")).status_code == 200
    assert (await api.get(f"{API}/locations/{id}", headers={"X-API-Key": other.key})).status_code == 404
    entity = {"query": "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Location { name } } }",
              "variables": {"r": [{"__typename": "Location", "id": id}]}}  # fmt: skip
    for key, seen in ((me.key, [{"name": "At 39, -76"}]), (other.key, [None])):
        assert (await api.post("/graphql", json=entity, headers={"X-API-Key": key})).json()["data"]["_entities"] == seen
    nobodys = await place(connection, 39, -76, is_active=False)
    assert (await api.patch(f"{API}/locations/{nobodys}", json={"name": "B"})).status_code == 404


async def test_a_deleted_organization_closes_its_places(api: Client, connection: Connection, me: make.Account) -> None:
    id = await place(connection, 39, -76, organization_id=me.organization_id)
    other = await place(connection, 39, -76)
    assert len((await api.get(f"{API}/nearby?lat=39&lon=-76")).json()) == 2
    assert (await api.delete(f"/account/api/v1/organizations/{me.organization_id}")).status_code == 204
    assert [each["id"] for each in (await api.get(f"{API}/nearby?lat=39&lon=-76")).json()] == [other]
    assert (await api.get(f"{API}/locations/{id}")).status_code == 404


async def test_the_list(api: Client, connection: Connection, me: make.Account, other: make.Account) -> None:
    places: dict[str, dict[str, Any]] = {
        "beta": {"city": "Vaduz", "country": "LI", "region": "LI-11"},
        "Alpha": {"city": "Baltimore", "postal_code": "21201", "categories": ["bakery"], "services": ["ATM"]},
        "gamma": {"kind": "pickup", "is_active": False},
    }
    for number, (name, values) in enumerate(places.items()):
        await place(connection, 39, -76 - number, organization_id=me.organization_id, name=name, **values)
    await place(connection, 39, -76, organization_id=other.organization_id)
    asked: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["Alpha", "beta", "gamma"]),
        ({"ordering": "-name"}, ["gamma", "beta", "Alpha"]),
        ({"ordering": "created"}, ["beta", "Alpha", "gamma"]),
        ({"name": "ALPH"}, ["Alpha"]),
        ({"city": "VADUZ"}, ["beta"]),
        ({"region": "li-11"}, ["beta"]),
        ({"country": "li"}, ["beta"]),
        ({"postal_code": "21201"}, ["Alpha"]),
        ({"category": " BAKERY"}, ["Alpha"]),
        ({"service": "ATM"}, ["Alpha"]),
        ({"kind": "pickup"}, ["gamma"]),
        ({"is_active": "true"}, ["Alpha", "beta"]),
        ({"page_size": 2, "page": 2}, ["gamma"]),
    ]
    for query, names in asked:
        page = (await api.get(path(me), params=query)).json()
        assert [each["name"] for each in page["data"]] == names, query
    assert page["pagination"]["total_count"] == 3
    wrong = await api.get(path(me), params={"ordering": "size", "country": "QQ"})
    assert set(details(wrong)) == {"ordering", "country"}


WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"latitude": 91}, {"latitude": "must be at most 90"}),
    ({"longitude": -180.5}, {"longitude": "must be at least -180"}),
    ({"latitude": "39"}, {"latitude": "must be a number"}),
    ({"latitude": None}, {"latitude": "is required with longitude"}),
    ({"latitude": [39.29, -76.61]}, {"latitude": "must be a number"}),
    ({"latitude": -76.61, "longitude": 39.29},
     {"latitude": "latitude and longitude are swapped: this is not in US, and the other way round it would be"}),
    ({"country": "QQ"}, {"country": "must be a country code, such as DE (ISO 3166-1 alpha-2)"}),
    ({"country": ""}, {"country": "must be a country code, such as DE (ISO 3166-1 alpha-2)"}),
    ({"region": "DE-BY"}, {"region": "is not a part of US"}),
    ({"region": "US-ZZ"}, {"region": "must be the code of a part of a country, such as US-MD (ISO 3166-2)"}),
    ({"time_zone": "Mars/Olympus"}, {"time_zone": "must be a time zone, such as Europe/Berlin (IANA)"}),
    ({"time_zone": "../etc/passwd"}, {"time_zone": "must match ^[A-Za-z0-9_+/-]+$"}),
    ({"gln": "4012345000008"}, {"gln": "has a wrong check digit: 401234500000 is followed by 9, not by 8"}),
    ({"gln": "123"}, {"gln": "must be a GLN of 13 digits, written as a string"}),
    ({"name": " "}, {"name": "must not be blank"}),
    ({"website": "javascript:alert(1)"}, {"website": "must match ^(https?://[^\\s<>]+)?$"}),
    ({"kind": "castle"}, {"kind": "must be one of store, service, warehouse, pickup, office"}),
    ({"services": ["x" * 101]}, {"services.0": "must have at most 100 characters"}),
    ({"point": "POLYGON((0 0,1 1,1 0,0 0))"}, {"point": "is not known"}),
    ({"opening_hours": {}}, {"opening_hours": "give either weekly (and what goes with it) or osm"}),
    ({"opening_hours": {"osm": "24/7", "weekly": []}},
     {"opening_hours": "give either weekly (and what goes with it) or osm"}),
    ({"opening_hours": {"osm": "8-6:30"}}, {"opening_hours.osm": "must be in OpenStreetMap's syntax, such as Mo-Fr "
                                            "09:00-18:00; PH off: '8-6:30' is not understood"}),
    ({"opening_hours": {"weekly": [{"day": "monday", "opens": "09:00", "closes": "09:00"}]}},
     {"opening_hours.weekly.0.closes": "must not end when it begins; a whole day is 00:00 to 24:00"}),
    ({"opening_hours": {"weekly": [], "special_days": [{"first": "2026-12-24", "last": "2026-12-23"}]}},
     {"opening_hours.special_days.0.last": "must not be before first"}),
    ({"opening_hours": {"weekly": [{"day": "moonday", "opens": "9", "closes": "24:01"}]}},
     {"opening_hours.weekly.0.day": "must be one of monday, tuesday, wednesday, thursday, friday, saturday, sunday",
      "opening_hours.weekly.0.opens": "must match ^([01][0-9]|2[0-3]):[0-5][0-9]$",
      "opening_hours.weekly.0.closes": "must match ^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"}),
    ({"region": "DE-BY", "time_zone": "Nowhere", "latitude": -76.61, "longitude": 39.29},
     {"region": "is not a part of US", "time_zone": "must be a time zone, such as Europe/Berlin (IANA)",
      "latitude": "latitude and longitude are swapped: this is not in US, and the other way round it would be"}),
]  # fmt: skip


async def test_what_a_place_cannot_be(api: Client, connection: Connection, me: make.Account) -> None:
    good = {"name": "A", "country": "US", "latitude": 39.29, "longitude": -76.61}
    id = await place(connection, 39.29, -76.61, organization_id=me.organization_id)
    for wrong, told in WRONG:
        assert details(await api.post(path(me), json=good | wrong)) == told
        if wrong.get("latitude", 0) is not None and wrong != {"latitude": None}:
            assert details(await api.patch(f"{API}/locations/{id}", json=wrong)) == told
    assert details(await api.post(path(me), json={})) == {"name": "is required", "country": "is required"}
    assert await connection.fetchval("SELECT count(*) FROM locations") == 1
    assert await connection.fetchval("SELECT name FROM locations") == "At 39.29, -76.61"


async def test_references_and_glns_are_taken_once(
    api: Client, connection: Connection, me: make.Account, other: make.Account
) -> None:
    def body(**values: Any) -> dict[str, Any]:
        return {"name": "A", "country": "US", "latitude": 39.29, "longitude": -76.61} | values

    await place(connection, 39, -76, organization_id=other.organization_id, reference="1", gln="4012345000009")
    made = await asyncio.gather(*(api.post(path(me), json=body(reference="1", gln="4012345000009")) for _ in range(4)))
    assert sorted(answer.status_code for answer in made) == [201, 409, 409, 409]
    second = (await api.post(path(me), json=body(reference="2"))).json()["id"]
    for patch, message in (
        ({"reference": "1"}, "The organization has a location with this reference already."),
        ({"gln": "4012345000009"}, "The organization has a location with this GLN already."),
    ):
        answer = await api.patch(f"{API}/locations/{second}", json=patch)
        assert (answer.status_code, answer.json()["error"]["message"]) == (409, message)
    assert await connection.fetchval("SELECT count(*) FROM locations") == 3


async def test_a_place_that_moves(api: Client, connection: Connection, me: make.Account) -> None:
    id = await place(connection, 39.29, -76.61, organization_id=me.organization_id, time_zone="America/New_York",
                     position_source="postal_code")  # fmt: skip
    moved = (await api.patch(f"{API}/locations/{id}", json={"longitude": -118.2})).json()
    assert (moved["longitude"], moved["time_zone"], moved["position_source"]) == (
        -118.2,
        "America/Los_Angeles",
        "given",
    )
    near = (await api.get(f"{API}/nearby?lat=39.29&lon=-118.2")).json()
    assert [each["distance_km"] for each in near] == [0.0]


# --- positions of addresses


@asynccontextmanager
async def nominatim(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """A geocoder on this machine, named in the settings; gives what it was asked."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode())
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    monkeypatch.setenv("CLOSIENT_GEOCODER_URL", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    settings.cache_clear()
    try:
        yield asked
    finally:
        monkeypatch.undo()
        settings.cache_clear()
        server.close()


def http(body: bytes, status: str = "200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status.encode(), len(body), body)


async def test_a_position_from_the_address(api: Client, me: make.Account, monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"name": "A", "country": "US", "postal_code": "21201", "street_address": "1 Light Street"}
    made = (await api.post(path(me), json=body)).json()
    assert (made["latitude"], made["longitude"], made["city"], made["region"], made["position_source"]) == (
        39.2946, -76.6252, "Baltimore", "US-MD", "postal_code",
    )  # fmt: skip
    one = f"{API}/locations/{made['id']}"
    moved = (await api.patch(one, json={"postal_code": "90210", "city": "", "region": ""})).json()
    assert (moved["latitude"], moved["longitude"], moved["city"], moved["time_zone"]) == (
        34.0901, -118.4065, "Beverly Hills", "America/Los_Angeles",
    )  # fmt: skip
    assert list(details(await api.patch(one, json={"postal_code": "00000"}))) == ["latitude"]
    moved = (await api.patch(one, json={"postal_code": "00000", "latitude": 34, "longitude": -118.4})).json()
    assert (await api.patch(one, json={"postal_code": "21201"})).json()["latitude"] == 34  # somebody said where it is
    nowhere = {"latitude": "is required: no position was found for this address. Give latitude and longitude"}
    assert details(await api.post(path(me), json={"name": "A", "country": "DE", "postal_code": "10115"})) == nowhere
    async with nominatim(http(b'[{"lat": "39.28", "lon": "-76.61"}]'), monkeypatch) as asked:
        made = (await api.post(path(me), json=body | {"city": "Baltimore"})).json()
    assert (made["latitude"], made["longitude"], made["position_source"]) == (39.28, -76.61, "geocoder")
    assert asked == [
        "/search?street=1+Light+Street&city=Baltimore&postalcode=21201&countrycodes=us&format=jsonv2&limit=1"
    ]
    async with nominatim(http(b"[]"), monkeypatch):  # the postal code is left
        assert (await api.post(path(me), json=body)).json()["position_source"] == "postal_code"
    for broken in (http(b"", "500 Oops"), http(b"{}"), http(b'[{"lat": "99", "lon": "0"}]'), http(b"no JSON"), b""):
        async with nominatim(broken, monkeypatch):
            answer = await api.post(path(me), json=body)
            assert answer.status_code == 503
            assert answer.json()["error"]["message"].startswith("The geocoder cannot be asked right now.")
