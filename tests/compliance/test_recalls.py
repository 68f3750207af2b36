"""Recalls by REST: of a product, of a batch, in both APIs; the journeys; what callers get wrong."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.compliance.conftest import API, NOBODY, PRODUCTS, World, key, recall
from tests.conftest import Client


async def titles(client: Client, url: str, **query: Any) -> list[str]:
    answer = await client.get(url, params=query)
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["data"]]


@pytest.fixture
async def four(connection: Connection, world: World) -> None:
    """Recalls of product 1, one of each status."""
    rows: list[tuple[Any, ...]] = [
        ("A", "ONGOING", "CLASS_II", "FDA", date(2026, 1, 5)),
        ("B", "COMPLETED", "CLASS_I", "FSIS", date(2026, 1, 4)),
        ("C", "TERMINATED", "CLASS_III", "CPSC", date(2026, 1, 7)),
        ("D", "UNKNOWN", "UNKNOWN", "HEALTH_CANADA", None),
        ("E", "ONGOING", "CLASS_I", "FDA", date(2026, 1, 5)),
    ]
    for place, (title, status, severity, source, day) in enumerate(rows):
        await recall(
            connection, 1, title=title, status=status, severity=severity, source_system=source, recall_date=day,
            created=datetime(2026, 2, 1 + place, tzinfo=UTC),
        )  # fmt: skip


async def test_open_ones_in_the_compliance_api_all_in_the_products_api(mine: Client, world: World, four: None) -> None:
    open_, all_ = f"{API}/products/{world.gtins[1]}/recalls", f"{PRODUCTS}/products/{world.gtins[1]}/recalls"
    assert await titles(mine, open_) == ["E", "A", "D"]  # newest first; of one day, what came last
    assert await titles(mine, all_) == ["C", "E", "A", "B", "D"]
    cases: list[tuple[dict[str, Any], list[str], list[str]]] = [
        ({"status": "TERMINATED"}, [], ["C"]),
        ({"status": "ONGOING"}, ["E", "A"], ["E", "A"]),
        ({"severity": "CLASS_I"}, ["E"], ["E", "B"]),
        ({"source_system": "HEALTH_CANADA"}, ["D"], ["D"]),
        ({"source_system": "FDA", "severity": "CLASS_II"}, ["A"], ["A"]),
        ({"ordering": "recall_date"}, ["D", "A", "E"], ["D", "B", "A", "E", "C"]),
        ({"ordering": "-recall_date"}, ["E", "A", "D"], ["C", "E", "A", "B", "D"]),
        ({"page": 2, "page_size": 2}, ["D"], ["A", "B"]),
        ({"page": 9}, [], []),
    ]
    for query, ours, theirs in cases:
        assert (await titles(mine, open_, **query), await titles(mine, all_, **query)) == (ours, theirs), query
    first = {"severity": ["CLASS_I", "CLASS_II", "UNKNOWN"], "-severity": ["UNKNOWN", "CLASS_II", "CLASS_I"]}
    for ordering, expected in first.items():
        answer = await mine.get(open_, params={"ordering": ordering})
        assert [each["severity"] for each in answer.json()["data"]] == expected


async def test_what_a_recall_looks_like(mine: Client, connection: Connection, world: World) -> None:
    id = await recall(
        connection, 1, title="T", description="D", hazard="H", remedy="R", public_url="https://x.example/1",
        company_name="C", recall_date=date(2026, 1, 5), jurisdictions=["US-CA"],
        created=datetime(2026, 2, 1, tzinfo=UTC),
    )  # fmt: skip
    expected = {
        "id": id, "title": "T", "status": "ONGOING", "source_system": "FDA", "severity": "CLASS_II",
        "created": "2026-02-01T00:00:00Z", "description": "D", "hazard": "H", "remedy": "R",
        "public_url": "https://x.example/1", "company_name": "C", "recall_date": "2026-01-05",
        "jurisdictions": ["US-CA"],
    }  # fmt: skip
    assert (await mine.get(f"{API}/recalls/{id}")).json() == expected
    answer = (await mine.get(f"{API}/products/{world.gtins[1]}/recalls")).json()
    assert answer == {
        "data": [expected],
        "pagination": {"page": 1, "page_size": 25, "total_count": 1, "total_pages": 1, "has_next": False,
                       "has_previous": False},
    }  # fmt: skip
    content = (await mine.get(f"{PRODUCTS}/products/{world.gtins[1]}/content")).json()
    assert (content["recalls"], content["ftl"]) == ([expected], None)


async def test_the_journey_of_a_lot(mine: Client, connection: Connection, world: World) -> None:
    """Recall a lot, see it on the product, on the batch, in the list, and not on another lot."""
    gtin = world.gtins[1]
    body = {
        "gtins": [gtin], "title": "Nuts", "source_system": "FDA", "severity": "CLASS_I",
        "lot_codes": "lots A100 through A120 and B7",
    }  # fmt: skip
    made = await mine.post(f"{API}/recalls", json=body)
    assert made.status_code == 201, made.text
    id = made.json()["id"]
    lists = [f"{API}/products/{gtin}/recalls", f"{PRODUCTS}/products/{gtin}/recalls"]
    lists += [f"{API}/products/{gtin}/batches/{lot}/recalls" for lot in ("A100", "a117", "B7", "b7")]
    for url in lists:
        assert [each["id"] for each in (await mine.get(url)).json()["data"]] == [id], url
    for lot in ("A099", "A121", "B8", "A1100", "C7"):
        assert await titles(mine, f"{API}/products/{gtin}/batches/{lot}/recalls") == []
    assert await titles(mine, f"{API}/products/{world.gtins[2]}/batches/B7/recalls") == []
    events = await connection.fetch("SELECT entity_id, data FROM events WHERE type = 'product.recalled'")
    assert [(row["entity_id"], row["data"]["recall_id"], row["data"]["severity"]) for row in events] == [
        (make.make_id(1), id, "CLASS_I")
    ]
    # it ends: gone from the open lists, there still in the other
    assert (await mine.patch(f"{API}/recalls/{id}", json={"status": "TERMINATED"})).json()["status"] == "TERMINATED"
    assert await titles(mine, lists[0]) == await titles(mine, lists[2]) == []
    assert await titles(mine, lists[1]) == ["Nuts"]


async def test_batches(mine: Client, connection: Connection, world: World) -> None:
    await recall(connection, 1, title="list", lots=["77", "L2*"])
    await recall(
        connection, 1, title="text", lots="Lot numbers 70 through 79", severity="CLASS_I", source_system="FSIS"
    )
    await recall(connection, 1, title="structured", lots={"exacts": ["77"], "ranges": [["AA", "AF"]]})
    await recall(connection, 1, title="all but", lots="All lots except 77")
    await recall(connection, 1, title="closed", lots=["77"], status="COMPLETED")
    await recall(connection, 1, title="says nothing")
    await recall(connection, 2, title="another product", lots=["77"])

    async def of(lot: str, **query: str) -> set[str]:
        return set(await titles(mine, f"{API}/products/{world.gtins[1]}/batches/{lot}/recalls", **query))

    assert await of("77") == {"list", "text", "structured"}
    assert await of("l21") == {"list", "all but"}
    assert await of("ac") == {"structured", "all but"}
    assert await of("A%2FB") == await of("%20x") == {"all but"}
    assert await of("77", severity="CLASS_I") == await of("77", source_system="FSIS") == {"text"}
    assert await of("77", status="COMPLETED") == set()
    answer = await mine.get(f"{API}/products/{world.gtins[1]}/batches/77/recalls", params={"page_size": 2})
    assert answer.json()["pagination"] == {
        "page": 1, "page_size": 2, "total_count": 3, "total_pages": 2, "has_next": True, "has_previous": False,
    }  # fmt: skip


WRONG: list[tuple[str, int, str]] = [  # path below the product's GTIN or instead of it, status, what is said
    ("{known}/recalls?ordering=title", 400, "ordering must be recall_date or severity"),
    ("{known}/recalls?ordering=", 400, "ordering must be recall_date or severity"),
    ("{unknown}/recalls?ordering=title", 400, "ordering must be recall_date or severity"),
    ("{unknown}/recalls", 404, "There is no such product."),
    ("{unknown}/batches/1/recalls", 404, "There is no such product."),
    ("{unknown}/safety-notices", 404, "There is no such product."),
    ("12345/recalls", 422, "must be a GTIN of 8, 12, 13 or 14 digits"),
    ("00000000000018/recalls", 422, "has a wrong check digit"),
    ("0000-0017/recalls", 422, "must match ^[0-9]{8,14}$"),
    ("0000-0017/batches/1/recalls", 422, "must match ^[0-9]{8,14}$"),
    ("%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0%D9%A0/recalls", 422, "must be a GTIN"),
    ("{known}/recalls?status=OPEN", 422, "must be one of ONGOING, COMPLETED, TERMINATED, UNKNOWN"),
    ("{known}/recalls?severity=1", 422, "must be one of CLASS_I, CLASS_II, CLASS_III, UNKNOWN"),
    ("{known}/recalls?source_system=EU", 422, "must be one of FDA, FSIS, CPSC, HEALTH_CANADA"),
    ("{known}/recalls?page=0", 422, "must be at least 1"),
    ("{known}/recalls?page_size=101", 422, "must be at most 100"),
    ("{known}/batches/" + "1" * 101 + "/recalls", 422, "must have at most 100 characters"),
    ("{known}/batches/%00/recalls", 422, "must not contain the null character"),
]


async def test_what_callers_get_wrong(mine: Client, world: World) -> None:
    for path, status, says in WRONG:
        url = path.format(known=world.gtins[1], unknown=world.gtins[9])
        answer = await mine.get(f"{API}/products/{url}")
        assert (answer.status_code, says in answer.text) == (status, True), (path, answer.text)
        if "/recalls" in url and "/batches/" not in url and "0000-" not in url and path != WRONG[2][0]:
            twin = await mine.get(f"{PRODUCTS}/products/{url}")
            assert twin.status_code == status, (path, twin.text)


async def test_the_products_api_accepts_separators(mine: Client, connection: Connection, world: World) -> None:
    await recall(connection, 1, title="A")
    assert await titles(mine, f"{PRODUCTS}/products/0000-0000-0000-17/recalls") == ["A"]
    assert (await mine.get(f"{API}/recalls/{NOBODY}")).status_code == 404
    for path in (f"/products/{world.gtins[1]}/recalls", f"/products/{world.gtins[1]}/batches/1/recalls"):
        assert (await mine.get(API + path, headers={"X-API-Key": ""})).status_code == 401


# --- writing

BODY = {"title": "T", "source_system": "FDA"}


async def test_who_may_write(mine: Client, connection: Connection, world: World) -> None:
    gtins = world.gtins

    async def write(account: make.Account, *numbers: int, **more: Any) -> tuple[int, Any]:
        body = BODY | {"gtins": [gtins[n] for n in numbers]} | more
        answer = await mine.post(f"{API}/recalls", json=body, headers=key(account))
        return answer.status_code, answer.json()

    assert (await write(world.owner, 1, 2))[0] == 201
    status, answer = await write(world.owner, 1, 3, 4)
    assert (status, answer["error"]["message"]) == (
        403,
        "Only the owner of a product, or an organization that is flagged as an authority, may do this."
        f" Not yours: {gtins[3]}, {gtins[4]}.",
    )
    status, answer = await write(world.owner, 1, 8, 9)
    assert (status, [d["field"] for d in answer["error"]["details"]]) == (422, ["gtins.1", "gtins.2"])
    status, made = await write(world.authority, 1, 3, 4, 8, source_id="Z-1")
    assert status == 201
    linked = await connection.fetch(
        "SELECT gtin, product_id FROM recall_products WHERE recall_id = $1 ORDER BY 1", made["id"]
    )
    assert [tuple(row) for row in linked] == [
        (gtins[1], make.make_id(1)), (gtins[3], make.make_id(3)), (gtins[4], make.make_id(4)), (gtins[8], None),
    ]  # fmt: skip
    assert (await write(world.authority, 2, source_id="Z-1"))[0] == 409
    assert (await write(world.owner, 1, source_id="Z-1"))[0] == 201, "nobody is kept from a number by a third party"
    await connection.execute(
        "UPDATE recalls SET fingerprint = 'read', organization_id = NULL WHERE organization_id = $1",
        world.owner.organization_id,
    )
    assert (await write(world.owner, 1, source_id="Z-1"))[0] == 409, "the feed has it"
    assert (await write(world.owner, 1, organization_id=world.other.organization_id))[0] == 404
    # a recall is seen by everybody, and changed by who has written it
    url = f"{API}/recalls/{made['id']}"
    for account in (world.owner, world.other):
        answer = await mine.patch(url, json={"title": "x"}, headers=key(account))
        assert (answer.status_code, answer.json()["error"]["message"]) == (
            403, "Another organization has written this recall. Only that one can change it.",
        )  # fmt: skip
        assert (await mine.delete(url, headers=key(account))).status_code == 403
    feed = await recall(connection, 1)
    answer = await mine.patch(f"{API}/recalls/{feed}", json={"title": "x"}, headers=key(world.authority))
    assert answer.status_code == 403
    assert "is what its authority publishes" in answer.json()["error"]["message"]
    assert (await mine.delete(url, headers=key(world.authority))).status_code == 204
    assert (await mine.get(url)).status_code == 404


async def test_changes(mine: Client, connection: Connection, world: World) -> None:
    gtins = world.gtins
    made = (await mine.post(f"{API}/recalls", json=BODY | {"gtins": [gtins[1]], "lot_codes": ["A"]})).json()
    url = f"{API}/recalls/{made['id']}"
    full = {
        "title": " New ", "status": "COMPLETED", "severity": "CLASS_III", "description": "d", "hazard": "h",
        "remedy": "r", "public_url": "https://x.example", "company_name": "c", "recall_date": "2026-01-31",
        "jurisdictions": ["US", "CA-ON"],
    }  # fmt: skip
    changed = (await mine.patch(url, json=full)).json()
    assert {name: changed[name] for name in full} == full | {"title": "New"}
    assert (await mine.patch(url, json={"title": None, "hazard": None})).json() == changed
    assert (await mine.patch(url, json={})).json() == changed
    covers = f"{API}/products/{gtins[2]}/batches/A/recalls"
    await mine.patch(url, json={"status": "ONGOING", "gtins": [gtins[2]]})
    assert await titles(mine, covers) == ["New"]
    assert await titles(mine, f"{API}/products/{gtins[1]}/recalls") == []
    await mine.patch(url, json={"lot_codes": {"exacts": ["B"]}})
    assert await titles(mine, covers) == []
    assert await titles(mine, f"{API}/products/{gtins[2]}/batches/B/recalls") == ["New"]
    await mine.patch(url, json={"lot_codes": None})
    assert await titles(mine, f"{API}/products/{gtins[2]}/batches/B/recalls") == []
    actions = await connection.fetch(
        "SELECT action, changes FROM audit_entries WHERE target_id = $1 ORDER BY created, id", made["id"]
    )
    assert [(row["action"], row["changes"].get("fields")) for row in actions] == [
        ("recall.created", None),
        ("recall.updated", sorted(full)),
        ("recall.updated", ["gtins", "status"]),
        ("recall.updated", ["lot_codes"]),
        ("recall.updated", ["lot_codes"]),
    ]


BAD: list[tuple[dict[str, Any], str, str]] = [  # what is wrong, at which field, what is said
    ({"lot_codes": {"ranges": [["99", "105"]]}}, "lot_codes", "ranges: 99 and 105 differ in length"),
    ({"lot_codes": {"ranges": [["140", "130"]]}}, "lot_codes", "ranges: 140 comes after 130"),
    ({"lot_codes": {"ranges": [["\u0661", "\u0665"]]}}, "lot_codes", "is not in letters and digits of ASCII"),
    ({"lot_codes": {"lots": []}}, "lot_codes", "lots is not known"),
    ({"lot_codes": ["a\u0000"]}, "lot_codes", "must not contain the null character"),
    ({"lot_codes": [[]]}, "lot_codes", "a lot must be a string"),
    ({"lot_codes": 5}, "lot_codes", "must be a list of lots, a text, or"),
    ({"lot_codes": ["x"] * 20_001}, "lot_codes", "must have at most 20000 lots"),
    ({"gtins": []}, "gtins", "must have at least 1 items"),
    ({"gtins": ["12345678"]}, "gtins.0", "has a wrong check digit"),
    ({"title": " "}, "title", "must not be blank"),
    ({"recall_date": "1.1.2026"}, "recall_date", "must be a date of ISO 8601"),
    ({"public_url": "javascript:alert(1)"}, "public_url", "must match"),
    ({"jurisdictions": ["usa"]}, "jurisdictions.0", "must match"),
    ({"source_system": "EU"}, "source_system", "must be one of FDA, FSIS, CPSC, HEALTH_CANADA"),
    ({"colour": "red"}, "colour", "is not known"),
]


async def test_recalls_that_cannot_be(mine: Client, world: World) -> None:
    for wrong, field, says in BAD:
        answer = await mine.post(f"{API}/recalls", json=BODY | {"gtins": [world.gtins[1]]} | wrong)
        assert answer.status_code == 422, (field, answer.text)
        problems = [(d["field"], says in d["message"]) for d in answer.json()["error"]["details"]]
        assert problems == [(field, True)], answer.text
    assert await titles(mine, f"{API}/products/{world.gtins[1]}/recalls") == []


async def test_ten_thousand_lots(mine: Client, world: World) -> None:
    for codes in ([f"L{n:05d}" for n in range(10_000)], "lots " + ", ".join(f"L{n:05d}" for n in range(10_000))):
        made = await mine.post(f"{API}/recalls", json=BODY | {"gtins": [world.gtins[1]], "lot_codes": codes})
        assert made.status_code == 201
    url = f"{API}/products/{world.gtins[1]}/batches"
    assert await titles(mine, f"{url}/l09999/recalls") == ["T", "T"]
    assert await titles(mine, f"{url}/L10000/recalls") == []


async def test_the_demo_shows_a_recall_and_says_that_it_is_made_up(demo_api: Client) -> None:
    url = f"{API}/products/00009300000383"
    for path, found in [
        ("recalls", 1),
        ("batches/l117/recalls", 1),
        ("batches/X7B/recalls", 1),
        ("batches/L121/recalls", 0),
    ]:
        recalls = (await demo_api.get(f"{url}/{path}")).json()["data"]
        assert [each["title"].startswith("Synthetic example: ") for each in recalls] == [True] * found, path
    content = (await demo_api.get(f"{PRODUCTS}/products/00009300000383/content")).json()
    assert [each["status"] for each in content["recalls"]] == ["ONGOING", "TERMINATED"]
    assert content["ftl"]["contains_ftl_substance"] is False
    notices = (await demo_api.get(f"{url}/safety-notices", params={"language": "fr"})).json()["data"]
    assert [each["text"]["language"] for each in notices] == ["fr"]
