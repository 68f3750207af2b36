"""The summary of scans: exact sums at any time, of nobody else's products."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from closient_gql.core.db import Connection, Database
from closient_gql.core.settings import settings
from resolvers.context import Context
from resolvers.dashboard.scans import brand_scan_summary
from resolvers.digital_link.scans import Answer, Level, Recorder, Scan, roll_up
from resolvers.digital_link.visitors import Device, Visitor
from tests import make
from tests.conftest import Client
from tests.digital_link.mmdb import database as mmdb

PATH = "/dashboard/api/v1/brand-analytics/scans"
PHONE, TABLET = Visitor(Device.MOBILE, "DE"), Visitor(Device.TABLET, "US")
UNKNOWN, BOT = Visitor(Device.DESKTOP), Visitor(Device.BOT, "US")


class World:
    """Two organizations, ours with two brands; a product of each, which phones, tablets and robots scan."""

    def __init__(self, connection: Connection, url: str) -> None:
        self.connection, self.database = connection, Database(url, 2)
        self.today = datetime.now(UTC).date()

    async def fill(self) -> "World":
        self.ours, self.theirs = await make.account(self.connection), await make.account(self.connection)
        owner = self.ours.organization_id
        self.brands = [await make.brand(self.connection, name, owner) for name in ("Alpha", "Beta")]
        for n, (brand, owned) in enumerate(((self.brands[0], owner), (self.brands[1], owner), (None, owner)), 1):
            await make.product(self.connection, n, brand_id=brand, owner_id=owned)
        recorder = Recorder(self.database, 100)
        for n, visitor, times in ((1, PHONE, 5), (1, BOT, 2), (2, TABLET, 4), (2, UNKNOWN, 1), (3, BOT, 1)):
            for _ in range(times):
                self.note(recorder, n, visitor, owner)
        self.note(recorder, 1, PHONE, self.theirs.organization_id)
        phone = PHONE.device, PHONE.country
        recorder.record(Scan("414", "9506000134376", Level.KEY, None, owner, None, Answer.LINK, *phone))
        await recorder.flush()
        self.last = await self.connection.fetchval("SELECT max(id) FROM scans")
        return self

    def note(self, recorder: Recorder, n: int, visitor: Visitor, owner: str) -> None:
        product, who = make.make_id(n), (visitor.device, visitor.country)
        recorder.record(Scan("01", make.make_gtin(n), Level.KEY, product, owner, None, Answer.HOSTED_PAGE, *who))

    async def earlier(self, days: int, n: int, count: int) -> None:
        """Scans that were added up long ago."""
        await self.connection.execute(
            "INSERT INTO scan_days VALUES ($1, $2, '01', $3, $4, 'mobile', 'FR', false, $5)",
            self.ours.organization_id, self.today - timedelta(days=days), make.make_gtin(n), make.make_id(n), count,
        )  # fmt: skip


@pytest.fixture
def geoip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """All of this machine is in Germany."""
    path = tmp_path / "places.mmdb"
    path.write_bytes(mmdb({"127.0.0.0/8": {"country": {"iso_code": "DE"}}}))
    monkeypatch.setenv("CLOSIENT_GEOIP_FILE", str(path))
    settings.cache_clear()
    yield path
    settings.cache_clear()


@pytest.fixture
async def world(connection: Connection, database_url: str) -> Any:
    found = await World(connection, database_url).fill()
    yield found
    await found.database.close()


async def ask(api: Client, world: World, status: int = 200, **query: Any) -> Any:
    answer: httpx2.Response = await api.get(PATH, params=query, headers={"X-API-Key": world.ours.key})
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_the_summary(api: Client, world: World) -> None:
    today = world.today.isoformat()
    expected = {
        "organization_id": world.ours.organization_id,
        "window": {"since": (world.today - timedelta(days=30)).isoformat(), "until": today},
        "total_scans": 14,
        "billable_scans": 11,
        "bot_scans": 3,
        "top_products": [
            {"gtin": make.make_gtin(1), "product_name": "Product 0001", "brand": "Alpha", "scans": 7,
             "billable_scans": 5, "by_country": {"DE": 5, "US": 2}, "by_device": {"bot": 2, "mobile": 5}},
            {"gtin": make.make_gtin(2), "product_name": "Product 0002", "brand": "Beta", "scans": 5,
             "billable_scans": 5, "by_country": {"US": 4, "ZZ": 1}, "by_device": {"desktop": 1, "tablet": 4}},
            {"gtin": make.make_gtin(3), "product_name": "Product 0003", "brand": None, "scans": 1,
             "billable_scans": 0, "by_country": {"US": 1}, "by_device": {"bot": 1}},
        ],
        "by_country": {"US": 7, "DE": 6, "ZZ": 1},
        "by_day": [{"date": today, "scans": 14}],
    }  # fmt: skip
    assert await ask(api, world) == expected
    await roll_up(world.database)  # changes nothing
    assert await ask(api, world, organization_id=world.ours.organization_id) == expected


async def test_brands_days_and_how_many(api: Client, world: World) -> None:
    await roll_up(world.database)
    for days in (30, 31):
        await world.earlier(days, 1, 100)
    first = (world.today - timedelta(days=30)).isoformat()
    whole = await ask(api, world, top=1)
    assert (whole["total_scans"], [each["scans"] for each in whole["top_products"]]) == (114, [107])
    assert whole["by_day"] == [{"date": first, "scans": 100}, {"date": world.today.isoformat(), "scans": 14}]
    one = await ask(api, world, brand_id=world.brands[1])
    assert (one["total_scans"], one["by_country"]) == (5, {"US": 4, "ZZ": 1})
    past = await ask(api, world, since="2020-01-01", until=first)
    assert (past["total_scans"], past["window"]) == (200, {"since": "2020-01-01", "until": first})
    nothing = await ask(api, world, until="0001-01-02")
    assert (nothing["total_scans"], nothing["top_products"], nothing["by_country"], nothing["by_day"]) == (
        0,
        [],
        {},
        [],
    )
    assert nothing["window"]["since"] == "0001-01-01"


async def test_what_cannot_be_asked(api: Client, world: World) -> None:
    wrong = await ask(api, world, 422, since="2026-02-02", until="2026-02-01", top=0)
    assert [each["field"] for each in wrong["error"]["details"]] == ["top"]
    wrong = await ask(api, world, 422, since="2026-02-02", until="2026-02-01")
    assert wrong["error"]["details"] == [
        {"field": "since", "message": "must not be after the last day, 2026-02-01"}
    ]  # fmt: skip
    foreign = await make.brand(world.connection, "Foreign", world.theirs.organization_id)
    assert (await ask(api, world, 404, brand_id=foreign))["error"]["message"] == "The organization has no such brand."
    await ask(api, world, 404, organization_id=world.theirs.organization_id)


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari"


async def test_from_the_code_to_the_summary(api: Client, world: World, geoip: Path) -> None:
    """The journey of the guide: codes are scanned with different devices, and the brand sees it."""
    gtin = make.make_gtin(1)
    html = {"accept": "text/html", "user-agent": IPHONE, "accept-language": "en"}
    answer = await api.get(f"/01/{gtin}/10/L117", headers=html)
    assert (answer.status_code, answer.headers["location"]) == (307, f"http://testserver/p/{gtin}?lot=L117")
    assert (await api.get(answer.headers["location"], headers=html)).status_code == 200  # a view is no scan
    for path, status in ((f"/01/{gtin}?linkType=linkset", 200), (f"/01/{make.make_gtin(99)}", 404)):
        assert (await api.get(path, headers={"user-agent": "curl/8"})).status_code == status
    await api.head(f"/01/{gtin}", headers=html)
    recorder = api.app.state.scans  # type: ignore[attr-defined]
    await recorder.flush()
    rows = await world.connection.fetch(
        "SELECT value, level, product_id, organization_id, rule_id, answer, device, country, is_bot, count FROM scans "
        "WHERE id > $1 ORDER BY device", world.last,
    )  # fmt: skip
    ours, id = world.ours.organization_id, make.make_id(1)
    assert [tuple(row) for row in rows] == [
        (gtin, "KEY", id, ours, None, "LINKSET", "bot", "DE", True, 1),
        (gtin, "BATCH", id, ours, None, "HOSTED_PAGE", "mobile", "DE", False, 1),
    ]
    summary = await ask(api, world)
    assert (summary["total_scans"], summary["billable_scans"], summary["bot_scans"]) == (16, 12, 4)


async def test_it_is_one_statement(world: World) -> None:
    from closient_gql.core.db import Reader
    from closient_gql.core.models.account import KeyKind, MemberRole
    from resolvers.viewer import Viewer

    viewer = Viewer(kind=KeyKind.USER, memberships={world.ours.organization_id: MemberRole.OWNER})
    ctx = Context(Reader(world.database), viewer)
    assert (await brand_scan_summary(ctx)).total_scans == 14  # type: ignore[union-attr]
    assert len(ctx.read.statements) == 1
