"""Imports of places: CSV and GeoJSON, every row accounted for; the same file again changes nothing."""

from typing import Any

import orjson
import pytest

from closient_gql.core.db import Connection
from resolvers.locations import import_rows, osm_hours
from tests import make
from tests.conftest import Client
from tests.locations.conftest import API, place

CSV = """Store Number;Name;Lat;Lon;Street;City;State;Zip;Country;Opening Hours;Categories;GLN
1;First;39,2904;-76,6122;100 Light St;Baltimore;MD;21202;us;"Mo-Sa 08:00-22:00; PH off";market, drugs;4012345000009
2;Second;;;;;;21201;US;;;
3;Third;47.141;9.5209;;Vaduz;;9490;;;;
4;Swapped;-76.6122;39.2904;;;;;US;;;
5;Nowhere;;;;;;99999;US;;;
6;;39;-76;;;;;US;;;
7;Wrong;91;-76;;;BY;;US;8-6:30;;12
1;Again;39;-76;;;;;US;;;
8;Short;39
9;Half;39;;;;;;US;;;
;;;;;;;;;;;
=1+1;'=SUM(A1);39.1;-76.1;;;;;US;;;
10;Also first;39;-76;;;;;US;;;4012345000009
"""
ERRORS = [
    (5, "Lat", "latitude and longitude are swapped: this is not in US, and the other way round it would be"),
    (6, None, "has no latitude and longitude, and its postal code is not known"),
    (7, None, "has no name"),
    (8, "Lat", "must be at most 90; Opening Hours must be in OpenStreetMap's syntax, such as Mo-Fr 09:00-18:00; PH off"
               ": '8-6:30' is not understood; GLN must be a GLN of 13 digits, written as a string"),
    (9, None, "is the same place as row 2"),
    (10, None, "has 3 columns, and the header 12"),
    (11, "Lat", "is of no use without longitude"),
    (14, None, "has the GLN of another place, First ({})"),
]  # fmt: skip


def feature(number: int, **values: Any) -> dict[str, Any]:
    found = {"type": "Feature", "id": f"node/{number}", "geometry": {"type": "Point", "coordinates": [-76.6, 39.29]},
             "properties": {"name": f"F{number}"}}  # fmt: skip
    return found | values


GEOJSON = {
    "type": "FeatureCollection",
    "features": [
        feature(1, properties={
            "name": "Shop", "addr:housenumber": "723-B", "addr:street": "South Broadway", "addr:state": "MD",
            "level": 2, "shop": "bicycle", "website": "www.example.org", "opening_hours": "Mo-Fr 10:00-18:00",
            "services": ["ATM", "x"],
        }),
        feature(2, geometry={"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 0]]]}),
        feature(3, geometry={"type": "Point", "coordinates": [39.29, -76.6]},
                properties={"name": "S", "state": "MD", "country": "US"}),
        feature(4, geometry={"type": "Point", "coordinates": ["a", None]}),
        feature(5, geometry={"type": "Point", "coordinates": [-76.6, 139.29]}),
        feature(6, geometry=None, properties={"name": "F6", "postal_code": "21201", "country": "US"}),
        feature(7, geometry={"type": "Point", "coordinates": [9.52, 47.14, 480.0]}),
        feature(8, properties=[]),
        {"type": "Point", "coordinates": [1, 2]},
        None,
        feature(9, geometry={"type": ["Point"]}),
        feature(10, geometry={"type": "Point", "coordinates": [-76.6, True]}),
    ],
}  # fmt: skip


def path(account: make.Account) -> str:
    return f"{API}/organizations/{account.organization_id}/locations/import"


async def send(api: Client, account: make.Account, data: bytes | str) -> Any:
    return await api.post(path(account), files={"file": ("places", data if isinstance(data, bytes) else data.encode())})


async def test_a_csv_file_and_the_same_again(api: Client, connection: Connection, me: make.Account) -> None:
    done = (await send(api, me, CSV)).json()
    first = await connection.fetchrow("SELECT * FROM locations WHERE reference = '1'")
    assert first
    told = [(row, column, message.format(first["id"])) for row, column, message in ERRORS]
    assert [(each["row"], each["column"], each["message"]) for each in done["errors"]] == told
    assert {name: count for name, count in done.items() if name != "errors"} == {
        "total_rows": 12, "created": 4, "updated": 0, "unchanged": 0, "error_count": 8,
    }  # fmt: skip
    shown = ("name", "latitude", "longitude", "street_address", "region", "country", "categories", "gln", "time_zone")
    assert [first[name] for name in shown] == [
        "First", 39.2904, -76.6122, "100 Light St", "US-MD", "US", ["market", "drugs"], "4012345000009",
        "America/New_York",
    ]  # fmt: skip
    assert first["opening_hours"]["holidays"] == []
    others = await connection.fetch(
        "SELECT reference, name, country, city, position_source, time_zone FROM locations ORDER BY name"
    )
    assert [tuple(each) for each in others if each["reference"] != "1"] == [
        ("=1+1", "=SUM(A1)", "US", "", "given", "America/New_York"),
        ("2", "Second", "US", "Baltimore", "postal_code", "America/New_York"),
        ("3", "Third", "LI", "Vaduz", "given", "Europe/Vaduz"),
    ]
    again = (await send(api, me, CSV)).json()
    assert (again["created"], again["updated"], again["unchanged"], again["error_count"]) == (0, 0, 4, 8)
    for code, expected in (("90210", (1, "America/Los_Angeles")), ("00000", (0, "America/Los_Angeles")),
                           ("21201", (1, "America/New_York"))):  # fmt: skip
        moved = (await send(api, me, f"reference,zip\n2,{code}\n")).json()
        zone = await connection.fetchval("SELECT time_zone FROM locations WHERE reference = '2'")
        assert (moved["updated"], zone) == expected
    assert await connection.fetchval("SELECT count(*) FROM events WHERE type = 'location.created'") == 4
    changed = CSV.replace("First", "Best").replace("47.141;9.5209", "47.2;9.6")
    done = (await send(api, me, changed)).json()
    assert (done["updated"], done["unchanged"]) == (2, 2)
    row = await connection.fetchrow(
        "SELECT name, city, categories, modified > created AS changed FROM locations WHERE reference = '1'"
    )
    assert tuple(row or ()) == ("Best", "Baltimore", ["market", "drugs"], True)
    audited = await connection.fetch(
        "SELECT changes FROM audit_entries WHERE action = 'locations.imported' ORDER BY created"
    )
    assert audited[0]["changes"] == {"total_rows": 12, "created": 4, "updated": 0, "unchanged": 0, "error_count": 8}


async def test_a_place_is_found_again_by_its_name_in_any_script(api: Client, me: make.Account) -> None:
    """Small letters that PostgreSQL and Python do not agree on."""
    rows = "name,street,country,lat,lon\nΦΛΩΣ,ΛΩΣ 1,GR,37.98,23.72\nİstanbul,İstiklal 1,TR,41,28.97\n"
    for expected in ((2, 0), (0, 2)):
        done = (await send(api, me, rows)).json()
        assert (done["created"], done["unchanged"]) == expected


def test_nothing_long_is_kept_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered of names and hours is as short as they can be: else a file would stay in memory for ever."""
    kept, normal = set[str](), import_rows.short_normal

    def keeping(name: str) -> str:
        kept.add(name)
        return normal(name)

    monkeypatch.setattr(import_rows, "short_normal", keeping)
    osm_hours.plainly.cache_clear()
    space, name = " " * 100_000, "x" * 100_000
    row = 'A,1,1,US,"Mo{}09:00-17:00; PH off",y'
    data = "\n".join([f"name,lat,lon,country,opening_hours,{name}", row.format(" "), row.format(space)])
    for found in import_rows.read(data.encode()).rows:
        assert found.values["opening_hours"]["weekly"] == [["monday", "09:00", "17:00"]]
    assert osm_hours.plainly.cache_info().currsize == 1
    assert max(map(len, kept)) == 100


async def test_geojson(api: Client, connection: Connection, me: make.Account) -> None:
    done = (await send(api, me, orjson.dumps(GEOJSON))).json()
    assert [(each["row"], each["message"]) for each in done["errors"]] == [
        (2, "must be a Point, and is a Polygon"),
        (3, "latitude and longitude are swapped: this is not in US, and the other way round it would be"),
        (4, "must have the coordinates [longitude, latitude]"),
        (5, "must be at most 90"),
        (8, "must have an object of properties"),
        (9, "must be a Feature"),
        (10, "must be a Feature"),
        (11, "must be a Point, and is none"),
        (12, "must have the coordinates [longitude, latitude]"),
    ]
    rows = await connection.fetch(
        "SELECT reference, name, country, region, latitude, longitude FROM locations ORDER BY id"
    )
    assert sorted(map(tuple, rows)) == [
        ("node/1", "Shop", "US", "US-MD", 39.29, -76.6),
        ("node/6", "F6", "US", "US-MD", 39.2946, -76.6252),
        ("node/7", "F7", "LI", "", 47.14, 9.52),
    ]
    shop = (await api.get(f"{API}/organizations/{me.organization_id}/locations?name=shop")).json()["data"][0]
    shop["hours"] = shop["opening_hours"]["osm"]
    assert [shop[name] for name in ("street_address", "website", "categories", "services", "hours")] == [
        "723-B South Broadway", "https://www.example.org", ["bicycle"], ["ATM", "x"], "Mo-Fr 10:00-18:00",
    ]  # fmt: skip


async def test_places_without_a_reference_are_found_by_gln_or_address(
    api: Client, connection: Connection, me: make.Account, other: make.Account
) -> None:
    mine = await place(connection, 39, -76, organization_id=me.organization_id, name="Mine", street_address="A 1")
    coded = await place(connection, 39, -76, organization_id=me.organization_id, name="Coded", gln="4012345000009")
    await place(connection, 39, -76, organization_id=other.organization_id, name="Mine", street_address="A 1")
    done = await send(
        api, me, "name,street,phone,gln,ref,lat,lon\nMINE,a 1,1,,,,\nOther,,2,4012345000009,R7,,\nMine,A 2,3,,,39,-76"
    )
    assert (done.json()["updated"], done.json()["created"]) == (2, 1)
    rows = await connection.fetch("SELECT id, name, phone, reference FROM locations WHERE phone <> '' ORDER BY phone")
    assert [tuple(row)[1:] for row in rows] == [("MINE", "1", None), ("Other", "2", "R7"), ("Mine", "3", None)]
    assert [row["id"] for row in rows][:2] == [mine, coded]


@pytest.mark.parametrize("over_graphql", [False, True])
async def test_who_may(api: Client, connection: Connection, me: make.Account, over_graphql: bool) -> None:
    document = """mutation ($o: ID!, $c: String!) {
      locationImport(organizationId: $o, content: $c) { created errors { row } } }"""

    async def status(key: str, organization: str) -> int:
        headers = {"X-API-Key": key}
        if not over_graphql:
            files = {"file": ("a.csv", b"name,lat,lon\nA,39,-76")}
            address = f"{API}/organizations/{organization}/locations/import"
            return (await api.post(address, files=files, headers=headers)).status_code
        asked = {"query": document, "variables": {"o": organization, "c": "name,lat,lon\nA,39,-76\nB,,"}}
        answer = (await api.post("/graphql", json=asked, headers=headers)).json()
        if errors := answer.get("errors"):
            return int(errors[0]["extensions"]["status"])
        assert answer["data"]["locationImport"] == {"created": 1, "errors": [{"row": 3}]}
        return 200

    for role, kind, key_role, wanted in (
        ("owner", "csu", None, 200), ("manager", "csu", None, 200), ("editor", "csu", None, 403),
        ("owner", "csb", "manager", 200), ("owner", "csb", "readonly", 403), ("owner", "cpk", "readonly", 403),
    ):  # fmt: skip
        caller = await make.account(connection, role=role, kind=kind, key_role=key_role)
        assert await status(caller.key, caller.organization_id) == wanted, (role, kind)
        assert await status(caller.key, me.organization_id) == (403 if kind == "cpk" else 404)
    assert await status("", me.organization_id) == 401


FILES: list[tuple[bytes, int, str]] = [
    (b"", 422, "has no header line that names columns such as name, latitude, longitude, country"),
    (b"a,b\n1,2", 422, "has no header line that names columns such as name, latitude, longitude, country"),
    (b"{", 422, "is not JSON: unexpected end of data: line 1 column 2 (char 1)"),
    (b"{}", 422, "is no GeoJSON: a FeatureCollection, or a Feature, is needed (RFC 7946)"),
    (b'{"type": "FeatureCollection", "features": {}}', 422,
     "is no GeoJSON: a FeatureCollection, or a Feature, is needed (RFC 7946)"),
    (b"name\n\xff", 422, "is not UTF-8: byte 0xFF in line 2 is none. Save it as CSV in UTF-8"),
    (b"PK\x03\x04...", 415, ""),
    (b"name\n" + b"A\n" * 10_001, 413, ""),
]  # fmt: skip


async def test_files_that_cannot_be_read(api: Client, connection: Connection, me: make.Account) -> None:
    for data, status, message in FILES:
        answer = await send(api, me, data)
        assert answer.status_code == status, data[:20]
        if message:
            assert answer.json()["error"]["details"] == [{"field": "file", "message": message}]
    assert (await api.post(path(me), json={})).status_code == 415
    assert (await api.post(path(me).replace(me.organization_id, "x"), files={"file": b"name"})).status_code == 422
    assert await connection.fetchval("SELECT count(*) FROM locations") == 0


async def test_the_template_imports(api: Client, connection: Connection, me: make.Account) -> None:
    key = api.headers.pop("X-API-Key")  # for everybody
    template = await api.get(f"{API}/import/template")
    api.headers["X-API-Key"] = key
    assert template.headers["content-type"].startswith("text/csv")
    done = (await send(api, me, template.content)).json()
    assert (done["created"], done["errors"]) == (2, [])
    row = await connection.fetchrow("SELECT name, region, services FROM locations WHERE reference = '0001'")
    assert tuple(row or ()) == ("Example Market", "US-MD", ["pharmacy", "parking"])
