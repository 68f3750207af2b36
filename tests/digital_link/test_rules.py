"""Rules: which decides, when; their order, their writing, and that every process hears of a change."""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from closient_gql.core import gs1
from closient_gql.core.db import Connection
from resolvers.digital_link import rules
from resolvers.digital_link.rules import Visit, compiled
from resolvers.digital_link.visitors import Device, Visitor
from tests import make
from tests.conftest import client_of
from tests.digital_link.conftest import Owner, listening

NOTHING = (
    "absolute_start_at absolute_end_at annual_start_mmdd annual_end_mmdd days_of_week time_of_day_start "
    "time_of_day_end timezone link_type location_countries location_regions location_cities languages devices "
    "custom_url"
)
FIXED = {"id": "r", "destination_type": "HOSTED_PAGE", "on_custom_url_dead": "SKIP_RULE", "is_dead": None}
NONE: dict[str, Any] = dict.fromkeys(NOTHING.split()) | FIXED


def clock(text: str) -> Any:
    return datetime.fromisoformat(text)


def hour(text: str) -> Any:
    return datetime.fromisoformat(f"2026-01-01T{text}").time()


BERLIN = {"timezone": "Europe/Berlin"}
SEASON = {"annual_start_mmdd": "11-01", "annual_end_mmdd": "02-28"}
NIGHT = {"time_of_day_start": hour("22:00"), "time_of_day_end": hour("02:00")}
GAP = BERLIN | {"time_of_day_start": hour("02:15"), "time_of_day_end": hour("02:45")}
TIMES = [
    ({}, "2026-07-01T12:00:00+00:00", None),
    ({"absolute_start_at": clock("2026-07-01T12:00:00+00:00")}, "2026-07-01T12:00:00+00:00", None),
    ({"absolute_start_at": clock("2026-07-01T12:00:01+00:00")}, "2026-07-01T12:00:00+00:00", "absolute_start_at"),
    ({"absolute_end_at": clock("2026-07-01T12:00:00+00:00")}, "2026-07-01T12:00:00+00:00", "absolute_end_at"),
    (SEASON, "2026-12-31T23:59:59+00:00", None),
    (SEASON, "2027-01-01T00:00:00+00:00", None),
    (SEASON, "2027-02-28T23:59:59+00:00", None),
    (SEASON, "2027-03-01T00:00:00+00:00", "annual_start_mmdd"),
    (SEASON | BERLIN, "2026-10-31T23:30:00+00:00", None),  # the first of November in Berlin already
    (SEASON, "2026-10-31T23:30:00+00:00", "annual_start_mmdd"),
    ({"days_of_week": [0]}, "2026-11-23T12:00:00+00:00", None),  # a Monday
    ({"days_of_week": [0]}, "2026-11-24T12:00:00+00:00", "days_of_week"),
    ({"days_of_week": [0], "timezone": "Pacific/Auckland"}, "2026-11-22T12:00:00+00:00", None),
    (NIGHT, "2026-07-01T01:59:59+00:00", None),
    (NIGHT, "2026-07-01T02:00:00+00:00", "time_of_day_start"),
    (NIGHT, "2026-07-01T22:00:00+00:00", None),
    (GAP, "2026-03-29T00:20:00+00:00", "time_of_day_start"),  # 01:20 in Berlin; at 01:00 UTC clocks go to 03:00
    (GAP, "2026-03-29T01:20:00+00:00", "time_of_day_start"),  # 03:20: the hour was skipped
    (GAP, "2026-10-25T00:20:00+00:00", None),  # 02:20 for the first time
    (GAP, "2026-10-25T01:20:00+00:00", None),  # and once more
    ({"time_of_day_start": hour("09:00")}, "2026-07-01T23:59:59+00:00", None),
    ({"time_of_day_end": hour("09:00")}, "2026-07-01T08:59:59+00:00", None),
    ({"time_of_day_end": hour("09:00")}, "2026-07-01T09:00:00+00:00", "time_of_day_start"),
    # where a zone's clock would leave the calendar
    ({"days_of_week": [4], "timezone": "Pacific/Auckland"}, "9999-12-31T23:59:59+00:00", None),
    ({"days_of_week": [0], "timezone": "America/New_York"}, "0001-01-01T00:00:00+00:00", None),
]


@pytest.mark.parametrize(("given", "at", "unmet"), TIMES)
def test_times(given: dict[str, Any], at: str, unmet: str | None) -> None:
    rule = compiled(NONE | given)
    assert rule.unmet(Visit(clock(at).astimezone(UTC), Visitor(Device.MOBILE))) == unmet


TEXAN = Visitor(Device.MOBILE, "US", "US-TX", "Austin")
CRITERIA = [
    ({"location_countries": ["US", "CA"]}, TEXAN, "", None),
    ({"location_countries": ["DE"]}, TEXAN, "", "location_countries"),
    ({"location_countries": ["DE"]}, Visitor(Device.MOBILE), "", "location_countries"),
    ({"location_regions": ["US-TX"], "location_cities": ["AUSTIN"]}, TEXAN, "", None),
    ({"location_regions": ["US-NY"]}, TEXAN, "", "location_regions"),
    ({"location_cities": ["Dallas"]}, TEXAN, "", "location_cities"),
    ({"devices": ["mobile", "tablet"]}, TEXAN, "", None),
    ({"devices": ["desktop"]}, TEXAN, "", "devices"),
    ({"languages": ["de"]}, TEXAN, "de-ch", None),
    ({"languages": ["de-CH"]}, TEXAN, "de", "languages"),
    ({"languages": ["de"]}, TEXAN, "", "languages"),
    ({"link_type": "pip"}, TEXAN, "", "link_type"),
]


@pytest.mark.parametrize(("given", "visitor", "language", "unmet"), CRITERIA)
def test_criteria(given: dict[str, Any], visitor: Visitor, language: str, unmet: str | None) -> None:
    assert compiled(NONE | given).unmet(Visit(rules.now(), visitor, language)) == unmet


async def test_the_most_specific_rule_decides(owner: Owner) -> None:
    brand = await make.brand(owner.connection, "Brand", owner.organization_id)
    gtin = await owner.product(1, brand_id=brand)
    code = f"/01/{gtin}/10/L%2F1/21/S"
    assert (await owner.goes(code)).startswith("http://testserver/p/")
    scopes = [("ORGANIZATION", None), ("BRAND", brand), ("PRODUCT", gtin), ("BATCH", f"{gtin}/10/L%2F1"),
              ("SERIAL", f"{gtin}/21/S")]  # fmt: skip
    made = []
    for scope, about in scopes:
        rule = await owner.rule(scope_type=scope, scope_id=about, destination_type="CUSTOM_URL",
                                custom_url=f"https://brand.example/{scope}")  # fmt: skip
        made.append(rule)
        assert rule["scope_id"] == about
        assert rule["order_index"] == 0
        assert await owner.goes(code) == f"https://brand.example/{scope}", "from the next scan on"
        assert await owner.goes(f"{code}?a=b") == f"https://brand.example/{scope}?a=b", "the long way, too"
    assert await owner.goes(f"/01/{gtin}") == "https://brand.example/PRODUCT"
    listed = (await owner.api.get(f"{owner.path}/resolution-rules", headers=owner.headers)).json()["data"]
    assert [each["scope_type"] for each in listed] == ["SERIAL", "BATCH", "PRODUCT", "BRAND", "ORGANIZATION"]
    run = await owner.post("resolution-rules/dry-run", {"digital_link": code, "at": "2026-01-01T00:00:00Z"}, 200)
    assert (run["answer"], run["location"], run["rule"]["id"]) == (
        "CUSTOM_URL", "https://brand.example/SERIAL", made[-1]["id"]
    )  # fmt: skip
    assert run["steps"] == [{"rule": run["rule"], "outcome": "DECIDES", "criterion": None}]
    for rule in made[:0:-1]:
        path = f"/resolver/api/v1/resolution-rules/{rule['id']}"
        changed = await owner.api.patch(path, json={"enabled": False}, headers=owner.headers)
        assert changed.status_code == 200
    assert await owner.goes(code) == "https://brand.example/ORGANIZATION"


DRY = [
    ("", "CUSTOM_URL", "https://brand.example/rule", "A rule decides."),
    ("?linkType=", "CUSTOM_URL", "https://brand.example/rule", "A rule decides."),
    ("?linkType=gs1:pip", "LINK", "https://brand.example/pip", "No rule decides; a link is."),
    ("?linkType=gs1:pip&context=b2b", "LINK", "https://brand.example/b2b", "No rule decides; a link is."),
    ("?linkType=gs1:faqs", None, None, "There is no link of this type: the answer is 404."),
    ("?linkType=gs1:nosuch", None, None, "There is no link of this type: the answer is 404."),
    ("?linkType=linkset", "LINKSET", None, "All links are asked for, and listed: rules decide about redirects alone."),
]  # fmt: skip


async def test_a_dry_run_heeds_what_the_code_says(owner: Owner) -> None:
    gtin = await owner.product(1)
    await owner.rule(scope_type="ORGANIZATION", destination_type="CUSTOM_URL", custom_url="https://brand.example/rule")
    await owner.link(f"/01/{gtin}", "gs1:pip", "https://brand.example/pip")
    await owner.link(f"/01/{gtin}", "gs1:pip", "https://brand.example/b2b", context=["b2b"])
    for query, *wanted in DRY:
        run = await owner.post("resolution-rules/dry-run", {"digital_link": f"/01/{gtin}{query}"}, 200)
        assert [run["answer"], run["location"], run["reason"]] == wanted, query
    packed = gs1.compress_uri(f"https://id.example/01/{gtin}")
    run = await owner.post("resolution-rules/dry-run", {"digital_link": packed}, 200)
    assert run["location"] == "https://brand.example/rule"


async def test_every_process_goes_by_a_rule_from_the_next_scan_on(owner: Owner, database_url: str) -> None:
    gtin = await owner.product(1)
    async with asynccontextmanager(client_of)(database_url, fresh=True) as client:
        await listening(client)
        other = replace(owner, api=client)
        for _ in range(2):  # remembered there
            assert await other.goes(f"/01/{gtin}") == f"http://testserver/p/{gtin}"
        rule = await owner.rule(scope_type="PRODUCT", scope_id=gtin, destination_type="CUSTOM_URL",
                                custom_url="https://brand.example/")  # fmt: skip
        assert await other.goes(f"/01/{gtin}") == "https://brand.example/"
        path = f"/resolver/api/v1/resolution-rules/{rule['id']}"
        assert (await owner.api.delete(path, headers=owner.headers)).status_code == 204
        assert await other.goes(f"/01/{gtin}") == f"http://testserver/p/{gtin}"


async def test_reordering_is_all_or_nothing(owner: Owner, connection: Connection) -> None:
    ids = [(await owner.rule(scope_type="ORGANIZATION", destination_type="CUSTOM_URL",
                             custom_url=f"https://brand.example/{n}"))["id"] for n in range(3)]  # fmt: skip
    gtin = await owner.product(1)
    assert await owner.goes(f"/01/{gtin}") == "https://brand.example/0"
    swap = {"rules": [{"id": ids[0], "order_index": 1}, {"id": ids[1], "order_index": 0}]}
    found = await owner.post("resolution-rules/reorder", swap, 200)
    assert [(each["id"], each["order_index"]) for each in found] == [(ids[1], 0), (ids[0], 1)]
    assert await owner.goes(f"/01/{gtin}") == "https://brand.example/1"
    stranger = await make.account(connection)
    foreign = await make.insert(connection, "resolution_rules", organization_id=stranger.organization_id,
                                scope_type="ORGANIZATION", order_index=0, destination_type="HOSTED_PAGE")  # fmt: skip
    bad = [{"id": ids[0], "order_index": 0}, {"id": foreign, "order_index": 5}]
    assert (await owner.post("resolution-rules/reorder", {"rules": bad}, 404))["error"]["code"] == "NOT_FOUND"
    await owner.post("resolution-rules/reorder", {"rules": [{"id": ids[0], "order_index": 0}]}, 409)
    await owner.post("resolution-rules/reorder", {"rules": [{"id": ids[0], "order_index": 8}] * 2}, 422)
    assert await owner.goes(f"/01/{gtin}") == "https://brand.example/1"


async def test_dead_addresses(owner: Owner, connection: Connection) -> None:
    gtin = await owner.product(1)
    first = await owner.rule(scope_type="PRODUCT", scope_id=gtin, destination_type="CUSTOM_URL",
                             custom_url="https://dead.example/", on_custom_url_dead="SKIP_RULE")  # fmt: skip
    await owner.rule(scope_type="PRODUCT", scope_id=gtin, destination_type="CUSTOM_URL",
                     custom_url="https://alive.example/")  # fmt: skip
    assert await owner.goes(f"/01/{gtin}") == "https://dead.example/"
    await connection.execute("INSERT INTO url_health (url, is_dead) VALUES ('https://dead.example/', true)")
    await owner.api.app.state.hearing.told()  # type: ignore[attr-defined]
    assert await owner.goes(f"/01/{gtin}") == "https://alive.example/"
    path = f"/resolver/api/v1/resolution-rules/{first['id']}"
    body = {"on_custom_url_dead": "FALLBACK_TO_HOSTED"}
    assert (await owner.api.patch(path, json=body, headers=owner.headers)).status_code == 200
    assert await owner.goes(f"/01/{gtin}") == f"http://testserver/p/{gtin}"


WRONG = [
    ({"scope_type": "PRODUCT"}, "scope_id"),
    ({"scope_type": "ORGANIZATION", "scope_id": "x"}, "scope_id"),
    ({"scope_type": "ORGANIZATION", "destination_type": "CUSTOM_URL"}, "custom_url"),
    ({"scope_type": "ORGANIZATION", "destination_type": "CUSTOM_URL", "custom_url": "http://a.example"}, "custom_url"),
    ({"scope_type": "ORGANIZATION", "destination_type": "CUSTOM_URL", "custom_url": "https://10.0.0.1/"}, "custom_url"),
    ({"scope_type": "ORGANIZATION", "timezone": "Mars/Base"}, "timezone"),
    ({"scope_type": "ORGANIZATION", "annual_start_mmdd": "02-30", "annual_end_mmdd": "03-01"}, "annual_start_mmdd"),
    ({"scope_type": "ORGANIZATION", "annual_start_mmdd": "02-20"}, "annual_end_mmdd"),
    ({"scope_type": "ORGANIZATION", "days_of_week": [7]}, "input.days_of_week.0"),
    ({"scope_type": "ORGANIZATION", "link_type": "gs1:nothing"}, "link_type"),
    ({"scope_type": "ORGANIZATION", "location_regions": ["US-XX"]}, "location_regions"),
]


async def test_what_is_wrong_is_said(owner: Owner) -> None:
    for body, field in WRONG:
        error = (await owner.post("resolution-rules", body, 422))["error"]
        assert field.removeprefix("input.") in {each["field"].removeprefix("input.") for each in error["details"]}, body


async def test_a_gtin_that_changes(owner: Owner, connection: Connection) -> None:
    old, new, newer = (make.make_gtin(n) for n in (1, 2, 3))
    await owner.product(1)
    await owner.link(f"/01/{old}", "gs1:pip", "https://brand.example/pip")
    await owner.rule(scope_type="BATCH", scope_id=f"{old}/10/A", destination_type="CUSTOM_URL",
                     custom_url="https://brand.example/batch")  # fmt: skip
    for before, after in ((old, new), (new, newer)):
        await connection.execute("UPDATE products SET gtin = $2 WHERE gtin = $1", before, after)
    await owner.api.app.state.hearing.told()  # type: ignore[attr-defined]
    for gtin in (old, new, newer):
        assert await owner.goes(f"/01/{gtin}") == f"http://testserver/p/{newer}"
        assert await owner.goes(f"/01/{gtin}?linkType=gs1:pip") == "https://brand.example/pip?linkType=gs1:pip"
        assert await owner.goes(f"/01/{gtin}/10/A") == "https://brand.example/batch"
    listed = (await owner.scan(f"/01/{old}?linkType=linkset")).json()["linkset"][0]
    assert listed["anchor"] == f"http://testserver/01/{old}"
    assert listed["successor-version"][0]["href"] == f"http://testserver/01/{newer}"
