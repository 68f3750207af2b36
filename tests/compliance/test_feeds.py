"""Feeds of authorities: what their documents say, what becomes of it, and what happens to documents that are broken."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from closient_gql.adapters.http import Fetched, FetchError
from closient_gql.adapters.recalls import FEEDS, FeedError
from closient_gql.core.db import Connection, Database
from closient_gql.core.errors import Unavailable
from resolvers.compliance import jobs
from resolvers.compliance.ingestion import Taken, take_feed
from resolvers.compliance.linking import link_later
from tests import make

TODAY = date(2026, 11, 26)
FOLDER = Path(__file__).parent / "feeds"
ONE, TWO = "00000000000017", "00000000000024"  # make.make_gtin(1), make.make_gtin(2)


def document(name: str) -> bytes:
    return (FOLDER / f"made-up-{name}.json").read_bytes()


def answering(*bodies: bytes | Exception | tuple[int, bytes], asked: list[str] | None = None) -> Any:
    """A fetch that answers with one after the other."""
    left = list(bodies)

    async def get(url: str, max_bytes: int) -> Fetched:
        if asked is not None:
            asked.append(url)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        return Fetched(url, status, {}, body)

    return get


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 4)
    yield found
    await found.close()


async def recalls(connection: Connection) -> dict[str, dict[str, Any]]:
    rows = await connection.fetch("SELECT * FROM recalls ORDER BY source_system, source_id")
    return {row["source_id"]: dict(row) for row in rows}


async def events(connection: Connection) -> list[tuple[str, str, str]]:
    rows = await connection.fetch("SELECT entity_id, data FROM events WHERE type = 'product.recalled' ORDER BY id")
    return [(row["entity_id"], row["data"]["gtin"], row["data"]["status"]) for row in rows]


async def state(connection: Connection, source: str) -> dict[str, Any]:
    row = await connection.fetchrow("SELECT * FROM recall_feeds WHERE source_system = $1", source)
    assert row
    return dict(row)


async def test_openfda(connection: Connection, database: Database) -> None:
    one = await make.product(connection, 1)
    asked: list[str] = []
    taken = await take_feed(database, "FDA", answering(document("fda"), asked=asked), TODAY)
    assert taken == Taken(records=3, added=3, changed=0, touched=1, problems=4)
    assert asked == [
        "https://api.fda.gov/food/enforcement.json?search=report_date:[19660101+TO+29991231]"
        "&sort=report_date:asc&limit=1000&skip=0"
    ]
    found = await recalls(connection)
    first = found["F-9001-2026"]
    told = ("title", "status", "severity", "hazard", "company_name", "jurisdictions")
    assert {name: first[name] for name in told} == {
        "title": "Made-up Creamery: Made-up Vanilla Ice Cream, 1 pint. UPC 0 00000 00001 7 and UPC 0-00000-00002-4",
        "status": "ONGOING", "severity": "CLASS_I", "hazard": "May contain made-up bacteria & undeclared peanuts",
        "company_name": "Made-up Creamery", "jurisdictions": ["US-NY", "US-OH", "US-PA"],
    }  # fmt: skip
    assert (first["recall_date"], first["lots"]) == (
        date(2026, 11, 2), {"exacts": ["123", "124", "130-140"], "ranges": [["130", "140"]]},
    )  # fmt: skip
    second, third = found["F-9002-2026"], found["F-9003-2026"]
    names = ("status", "recall_date", "lots", "unread_codes", "jurisdictions")
    assert tuple(second[name] for name in names) == (
        "TERMINATED", None, {"every": True}, ["4122033749"], ["US"],
    )  # fmt: skip
    assert (third["status"], third["severity"], third["lots"]) == ("UNKNOWN", "UNKNOWN", None)
    links = await connection.fetch("SELECT gtin, product_id FROM recall_products ORDER BY gtin")
    assert [tuple(row) for row in links] == [(ONE, one), (TWO, None), ("00000000000031", None)]
    assert await events(connection) == [(one, ONE, "ONGOING")]
    now = await state(connection, "FDA")
    # the report of 2126 does not move the position
    assert (now["position"], now["error"], now["read_at"] is not None) == (date(2026, 11, 12), "", True)
    assert now["problems"] == [
        "F-9002-2026: recall_initiation_date 1019-11-02 cannot be right; left out",
        "F-9003-2026: report_date 2126-11-15 cannot be right; left out",
        "record 3 is no object; left out",
        "record 4 has no number or no title; left out",
    ]


async def test_the_others(connection: Connection, database: Database) -> None:
    await make.product(connection, 1)
    for source, name, taken in [
        ("FSIS", "fsis", Taken(3, 3, 0, 1, 0)),
        ("CPSC", "cpsc", Taken(1, 1, 0, 1, 0)),
        ("HEALTH_CANADA", "health-canada", Taken(2, 2, 0, 1, 0)),
    ]:
        assert await take_feed(database, source, answering(document(name)), TODAY) == taken
    names = ("source_system", "status", "severity", "recall_date", "jurisdictions", "lots", "company_name", "remedy")
    found = {number: tuple(row[name] for name in names) for number, row in (await recalls(connection)).items()}
    assert found == {
        "990-2026": (
            "FSIS", "ONGOING", "CLASS_I", date(2026, 11, 20), ["US-OK", "US-TX"], {"ranges": [["SA1", "SA9"]]},
            "Made-up Meats, Inc.", "Consumers are urged not to eat them. They should be thrown away or returned.",
        ),
        "991-2026": (
            "FSIS", "TERMINATED", "CLASS_II", date(2026, 9, 1), ["US-IA"], {"exacts": ["20260801"]}, "", "",
        ),
        "PHA-99012026-01": ("FSIS", "COMPLETED", "UNKNOWN", date(2026, 10, 1), ["US"], None, "", ""),
        "27901": (
            "CPSC", "ONGOING", "UNKNOWN", date(2026, 11, 12), ["US", "CA"], {"exacts": ["202608"]}, "Made-up Toys LLC",
            "Consumers should stop using the rattles and contact Made-up Toys for a refund.\nRefund",
        ),
        "990001": (
            "HEALTH_CANADA", "ONGOING", "CLASS_II", date(2026, 11, 18), ["CA"], {"patterns": ["H22*"]}, "",
            "Do not consume the recalled product",
        ),
        "990002": ("HEALTH_CANADA", "COMPLETED", "CLASS_I", None, ["CA"], None, "", ""),
    }  # fmt: skip
    urls = {number: row["public_url"] for number, row in (await recalls(connection)).items() if row["public_url"]}
    assert urls == {
        "990-2026": "https://www.fsis.example/recalls-alerts/made-up-meats",
        "27901": "https://www.cpsc.example/Recalls/2026/made-up-rattles",
        "990001": "https://recalls-rappels.canada.example/en/alert-recall/made-up-hummus",
    }
    assert (await recalls(connection))["27901"]["unread_codes"] == ["000000000018"]


async def test_again_changed_and_later_products(connection: Connection, database: Database) -> None:
    one = await make.product(connection, 1)
    await take_feed(database, "FDA", answering(document("fda")), TODAY)
    before = await recalls(connection)
    asked: list[str] = []
    assert await take_feed(database, "FDA", answering(document("fda"), asked=asked), TODAY) == Taken(3, 0, 0, 0, 4)
    assert "[20241112+TO" in asked[0], "two years again: a report keeps its day when its recall ends"
    assert await recalls(connection) == before
    # it ends, and names another product
    changed = document("fda").replace(b'"Ongoing"', b'"Terminated"').replace(b"0 00000 00001 7", b"0 00000 00003 1")
    assert await take_feed(database, "FDA", answering(changed), TODAY) == Taken(3, 0, 1, 0, 4)
    after = await recalls(connection)
    number = "F-9001-2026"
    assert (after[number]["id"], after[number]["created"]) == (before[number]["id"], before[number]["created"])
    assert after[number]["status"] == "TERMINATED"
    rows = await connection.fetch(
        "SELECT gtin FROM recall_products WHERE recall_id = $1 ORDER BY 1", after[number]["id"]
    )
    assert [row["gtin"] for row in rows] == [TWO, "00000000000031"]
    # back again: the product was touched before, so nobody is told twice
    await take_feed(database, "FDA", answering(document("fda")), TODAY)
    assert await events(connection) == [(one, ONE, "ONGOING")]
    two = await make.product(connection, 2)
    assert [await link_later(database), await link_later(database)] == [1, 0]
    assert await events(connection) == [(one, ONE, "ONGOING"), (two, TWO, "ONGOING")]


async def test_what_somebody_wrote_by_hand_stays_and_keeps_no_recall_away(
    connection: Connection, database: Database
) -> None:
    """A brand that writes its own word under the number of a recall that is coming does not hide that."""
    one = await make.product(connection, 1)
    own = await make.insert(connection, "organizations", name="Authority", country="US", is_authority=True)
    await make.insert(
        connection, "recalls", source_system="FDA", source_id="F-9001-2026", title="By hand", status="TERMINATED",
        organization_id=own,
    )  # fmt: skip
    for taken in (Taken(3, 3, 0, 1, 4), Taken(3, 0, 0, 0, 4)):
        assert await take_feed(database, "FDA", answering(document("fda")), TODAY) == taken
    rows = await connection.fetch("SELECT organization_id, status FROM recalls WHERE source_id = 'F-9001-2026'")
    assert {tuple(row) for row in rows} == {(own, "TERMINATED"), (None, "ONGOING")}
    assert await events(connection) == [(one, ONE, "ONGOING")]
    await connection.execute("DELETE FROM organizations")  # what it wrote has no owner then, and the same number
    assert len(await connection.fetch("SELECT FROM recalls")) == 4


async def test_pages(connection: Connection, database: Database) -> None:
    """A thousand on each page; one that fails leaves what came before, and the next reading goes on from there."""

    def page(start: int, count: int, day: str) -> bytes:
        results = [
            {"recall_number": f"F-{n}", "product_description": "Made up", "report_date": day, "status": "Ongoing"}
            for n in range(start, start + count)
        ]
        return orjson.dumps({"results": results})

    asked: list[str] = []
    away = FetchError("api.fda.gov did not answer within 300 seconds.")
    get = answering(page(0, 1000, "20260101"), away, asked=asked)
    with pytest.raises(Unavailable, match="The feed of FDA was not read to its end: api"):
        await take_feed(database, "FDA", get, TODAY)
    assert [url[-9:] for url in asked] == ["00&skip=0", "skip=1000"]
    told = await state(connection, "FDA")
    assert (told["position"], told["error"], told["read_at"]) == (
        date(2026, 1, 1), "api.fda.gov did not answer within 300 seconds.", None,
    )  # fmt: skip
    nothing = (404, b'{"error": {"code": "NOT_FOUND", "message": "No matches found!"}}')
    get = answering(page(0, 1000, "20260101"), page(1000, 1000, "20260201"), nothing)
    assert await take_feed(database, "FDA", get, TODAY) == Taken(2000, 1000, 0, 0, 0)
    assert await connection.fetchval("SELECT count(*) FROM recalls") == 2000
    assert (await state(connection, "FDA"))["position"] == date(2026, 2, 1)


def test_a_read_of_everything_goes_on_behind_what_can_be_skipped() -> None:
    feed = FEEDS["FDA"]
    url = feed.first(None).replace("skip=0", "skip=25000")
    results = [{"recall_number": "1", "product_description": "x", "report_date": "20200101"}] * 1000
    page = feed.read(url, 200, orjson.dumps({"results": results}), TODAY)
    assert page.following is not None
    assert "[20200101+TO+29991231]&sort=report_date:asc&limit=1000&skip=0" in page.following
    assert feed.first(date(2026, 1, 2)).startswith(  # what ended or was corrected since keeps its day
        "https://api.fda.gov/food/enforcement.json?search=report_date:[20240103"
    )
    assert FEEDS["CPSC"].first(date(2026, 1, 2)).endswith("Recall?format=json&LastPublishDateStart=2026-01-02")


BROKEN: list[tuple[str, int, bytes, str]] = [  # feed, status, answer, what is said of it
    ("FDA", 200, document("fda")[:-40], "openFDA is not whole JSON: "),
    ("FSIS", 200, document("fsis")[:500], "The recall API of FSIS is not whole JSON: "),
    ("CPSC", 200, b"", "The recall service of CPSC is not whole JSON: "),
    ("HEALTH_CANADA", 200, b"<html>Maintenance</html>", "The recalls of Health Canada is not whole JSON: "),
    ("FDA", 200, b"[]", "openFDA is not the JSON object that it should be."),
    ("FSIS", 200, b"{}", "The recall API of FSIS is not the JSON array that it should be."),
    ("FDA", 200, b'{"results": {}}', "openFDA has no list of results."),
    ("FDA", 404, b'{"error": {"code": "GONE"}}', "openFDA answered with status 404."),
    ("CPSC", 503, b"[]", "The recall service of CPSC answered with status 503."),
    ("FSIS", 403, b"", "The recall API of FSIS answered with status 403."),
]


@pytest.mark.parametrize(("source", "status", "body", "says"), BROKEN)
def test_broken_documents(source: str, status: int, body: bytes, says: str) -> None:
    with pytest.raises(FeedError) as error:
        FEEDS[source].read(FEEDS[source].first(None), status, body, TODAY)
    assert str(error.value).startswith(says)


async def test_a_document_cut_in_the_middle_changes_nothing(connection: Connection, database: Database) -> None:
    await take_feed(database, "CPSC", answering(document("cpsc")), TODAY)
    before = await recalls(connection)
    with pytest.raises(Unavailable):
        await take_feed(database, "CPSC", answering(document("cpsc").replace(b"Rattles", b"Toys")[:-100]), TODAY)
    assert await recalls(connection) == before
    told = await state(connection, "CPSC")
    assert told["error"].startswith("The recall service of CPSC is not whole JSON: ")
    assert told["position"] == date(2026, 11, 13)


ODD: Sequence[Any] = [
    {
        "NID": 990003,
        "Title": "A number for an id",
        "Product": ["a list"],
        "Last updated": {"no": "date"},
        "Archived": 1,
    },
    {"NID": "990004", "Title": "\u0000Control\u0007 characters\U0001f600", "Last updated": "2026-02-30"},
    {"NID": None, "Title": "No number"},
    None,
]


async def test_odd_records(connection: Connection, database: Database) -> None:
    taken = await take_feed(database, "HEALTH_CANADA", answering(orjson.dumps(ODD)), TODAY)
    assert taken == Taken(2, 2, 0, 0, 3)
    found = await recalls(connection)
    assert [found[number]["title"] for number in sorted(found)] == [
        "A number for an id",
        "Control characters\U0001f600",
    ]
    assert (await state(connection, "HEALTH_CANADA"))["problems"] == [
        "990004: Last updated '2026-02-30' is not a date; left out",
        "record 2 has no number or no title; left out",
        "record 3 is no object; left out",
    ]


async def test_ten_thousand_lots(connection: Connection, database: Database) -> None:
    lots = "Lots " + ", ".join(f"Q{n:05d}" for n in range(10_000))
    result = {
        "recall_number": "F-1",
        "product_description": "UPC 000000000017",
        "code_info": lots,
        "report_date": "20261110",
    }
    await take_feed(database, "FDA", answering(orjson.dumps({"results": [result]})), TODAY)
    assert len((await recalls(connection))["F-1"]["lots"]["exacts"]) == 10_000


async def test_schedules_only_ask(connection: Connection, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(jobs.SCHEDULES) == {
        "recalls_fda",
        "recalls_fsis",
        "recalls_cpsc",
        "recalls_health_canada",
        "link_recalls",
    }
    _, ask = jobs.SCHEDULES["recalls_fda"]
    monkeypatch.setattr(jobs, "settings", lambda: type("S", (), {"recall_feeds_read": ("FDA",)}))
    assert [await ask(database), await ask(database)] == [True, False]  # it waits already
    _, other = jobs.SCHEDULES["recalls_cpsc"]
    assert await other(database) is False
    rows = await connection.fetch("SELECT entrypoint, payload FROM pgqueuer")
    assert [(row["entrypoint"], orjson.loads(row["payload"])) for row in rows] == [
        ("compliance.take_recall_feed", {"source": "FDA"})
    ]
