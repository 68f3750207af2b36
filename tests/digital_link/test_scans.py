"""Scans: counted without waiting, written together, added up once, told to who owns the products."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from closient_gql.core.db import Connection, Database
from closient_gql.core.settings import settings
from resolvers.digital_link import scans
from resolvers.digital_link.scans import Answer, Level, Recorder, Scan, forget, roll_up
from resolvers.digital_link.visitors import Device, Visitor, place_of, visitor_of
from tests import make
from tests.conftest import client_of
from tests.digital_link.mmdb import database as mmdb

PHONE = Visitor(Device.MOBILE, "DE")
DESKTOP = Visitor(Device.DESKTOP, "US")
BOT = Visitor(Device.BOT)
ROWS = "SELECT count, ai, value, level, rule_id, answer, device, country, is_bot FROM scans ORDER BY id"
DAYS = "SELECT day, value, device, scans FROM scan_days ORDER BY day, value, device"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 2)
    yield found
    await found.close()


def scan(recorder: Recorder, gtin: str, visitor: Visitor, times: int = 1, **more: Any) -> None:
    given = Scan("01", gtin, Level.KEY, None, None, None, Answer.HOSTED_PAGE, visitor.device, visitor.country)
    for _ in range(times):
        recorder.record(given._replace(**more))


def lost() -> float:
    return float(scans.LOST._value.get())


async def test_a_storm_on_one_code_is_one_entry(database: Database, connection: Connection) -> None:
    recorder = Recorder(database, 10)
    gtin = make.make_gtin(1)
    scan(recorder, gtin, PHONE, 20_000)
    scan(recorder, gtin, BOT, level=Level.BATCH, answer=Answer.CUSTOM_URL, rule_id=make.make_id(5))
    assert len(recorder) == 2
    await recorder.flush()
    assert len(recorder) == 0
    assert [tuple(row) for row in await connection.fetch(ROWS)] == [
        (20_000, "01", gtin, "KEY", None, "HOSTED_PAGE", "mobile", "DE", False),
        (1, "01", gtin, "BATCH", make.make_id(5), "CUSTOM_URL", "bot", "", True),
    ]
    await recorder.flush()
    assert await connection.fetchval("SELECT count(*) FROM scans") == 2


async def test_what_does_not_fit_is_counted_as_lost(database: Database, connection: Connection) -> None:
    recorder, before = Recorder(database, 2), lost()
    for n in range(5):
        scan(recorder, make.make_gtin(n), PHONE)
    scan(recorder, make.make_gtin(0), PHONE)  # what is there already goes on being counted
    assert lost() - before == 3
    await recorder.flush()
    assert [(row["value"], row["count"]) for row in await connection.fetch(ROWS)] == [
        (make.make_gtin(0), 2), (make.make_gtin(1), 1),
    ]  # fmt: skip


async def test_a_database_that_is_away_is_waited_for(
    database: Database, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder, before = Recorder(Database("postgresql://nobody@127.0.0.1:1/none", 1), 3), lost()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    monkeypatch.setattr("time.time", yesterday.timestamp)
    scan(recorder, "a", PHONE, 3)
    await recorder.flush()
    monkeypatch.undo()
    scan(recorder, "a", PHONE)
    scan(recorder, "b", PHONE)
    await recorder.flush()
    assert len(recorder) == 3
    recorder.database = database
    await recorder.flush()
    rows = await connection.fetch("SELECT at, value, count FROM scans ORDER BY at, value")
    assert [(row["value"], row["count"]) for row in rows] == [("a", 3), ("a", 1), ("b", 1)]
    assert rows[0]["at"] == yesterday
    assert lost() == before


async def test_rows_that_will_never_do_do_not_stand_in_the_way(database: Database, connection: Connection) -> None:
    recorder, before = Recorder(database, 10), lost()
    scan(recorder, "with a null \0", PHONE, 2)
    await recorder.flush()
    scan(recorder, "a", PHONE)
    await recorder.flush()
    assert lost() - before == 2
    assert await connection.fetchval("SELECT count(*) FROM scans") == 1


async def test_a_process_that_is_stopped_writes_what_it_has(connection: Connection, database_url: str) -> None:
    async for client in client_of(database_url):
        scan(client.app.state.scans, "a", PHONE, 7)  # type: ignore[attr-defined]
    assert await connection.fetchval("SELECT sum(count) FROM scans") == 7


async def test_scans_are_added_up_once_whenever_they_come(database: Database, connection: Connection) -> None:
    async def come(day: str, count: int, device: str = "mobile") -> None:
        await connection.execute(
            "INSERT INTO scans (at, count, ai, value, level, answer, device, country, is_bot) "
            "VALUES ($1, $2, '01', 'a', 'KEY', 'LINK', $3, '', false)",
            datetime.fromisoformat(f"{day}+00:00"), count, device,
        )  # fmt: skip

    await come("2026-10-01T23:59:59", 2)
    await come("2026-10-02T00:00:00", 3)
    await asyncio.gather(roll_up(database), roll_up(database))
    assert await roll_up(database) == "0 rows of scans"
    first, second = date(2026, 10, 1), date(2026, 10, 2)
    assert [tuple(row) for row in await connection.fetch(DAYS)] == [
        (first, "a", "mobile", 2), (second, "a", "mobile", 3),
    ]  # fmt: skip
    await come("2026-10-01T12:00:00", 10)  # late
    await come("2026-10-01T12:00:00", 1, "desktop")
    await roll_up(database)
    days = [(first, "a", "desktop", 1), (first, "a", "mobile", 12), (second, "a", "mobile", 3)]
    assert [tuple(row) for row in await connection.fetch(DAYS)] == days
    await come("2026-10-03T00:00:00", 1)
    assert await forget(database, 1) == "4 rows of scans"  # what is not added up stays
    assert await connection.fetchval("SELECT count(*) FROM scans") == 1
    assert [tuple(row) for row in await connection.fetch(DAYS)] == days


# --- countries


@pytest.fixture
def geoip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "places.mmdb"
    path.write_bytes(
        mmdb(
            {
                "203.0.113.0/24": {"country": {"iso_code": "DE"}},
                "198.51.100.0/25": {
                    "country": {"iso_code": "US"},
                    "subdivisions": [{"iso_code": "TX"}],
                    "city": {"names": {"en": "Austin"}},
                },
            }
        )
    )
    monkeypatch.setenv("CLOSIENT_GEOIP_FILE", str(path))
    settings.cache_clear()
    yield path
    settings.cache_clear()


def test_countries_come_from_a_file(geoip: Path) -> None:
    assert visitor_of("curl/8", "203.0.113.9") == (Device.BOT, "DE", "", "")
    assert place_of("198.51.100.7") == ("US", "US-TX", "Austin")
    for unknown in ("198.51.100.200", "2001:db8::1", "", "no address"):
        assert place_of(unknown) == ("", "", "")


def test_without_a_file_there_are_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert place_of("203.0.113.9") == ("", "", "")
    broken = tmp_path / "broken.mmdb"
    broken.write_bytes(b"no database")
    monkeypatch.setenv("CLOSIENT_GEOIP_FILE", str(broken))
    settings.cache_clear()
    assert place_of("203.0.113.9") == ("", "", "")
    settings.cache_clear()
