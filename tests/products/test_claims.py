"""Claiming, releasing and disputing products, over REST. Every answer is also held against its OpenAPI document."""

import asyncio
from typing import Any

import httpx2
import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.account.world import heard
from tests.conftest import Client
from tests.products.test_writes import BASE, NEW, ask, claimed, error
from tests.server.test_cli import Shell


@pytest.fixture
async def own(connection: Connection) -> make.Account:
    return await make.account(connection)


# --- claiming


async def test_claim(api: Client, connection: Connection, own: make.Account) -> None:
    await make.product(connection, 1, data_source="open_food_facts")
    gtin = make.make_gtin(1)
    found = await ask(api, own, "POST", f"/products/{gtin}/claim", 200)
    assert (found["gtin"], found["owner_id"], found["claim_verification_status"]) == (
        gtin, own.organization_id, "unverified",
    )  # fmt: skip
    assert set(found) == {"gtin", "owner_id", "claimed_at", "claim_verification_status", "message"}
    other = await make.account(connection)
    assert await error(api, other, "POST", f"/products/{gtin}/claim", 409) == (
        "CONFLICT", "Another organization has claimed this product already. You can report that claim.",
    )  # fmt: skip
    assert (await error(api, own, "POST", f"/products/{gtin}/claim", 409))[1] == (
        "Your organization has claimed this product already."
    )
    assert (await error(api, own, "POST", f"/products/{NEW}/claim", 404))[1] == "There is no such product."


async def test_two_claim_one_gtin_at_once(api: Client, connection: Connection) -> None:
    await make.product(connection, 1)
    accounts = [await make.account(connection) for _ in range(6)]
    address = f"{BASE}/products/{make.make_gtin(1)}/claim"
    answers = await asyncio.gather(*(api.post(address, headers={"X-API-Key": a.key}) for a in accounts))
    assert sorted(a.status_code for a in answers) == [200, *[409] * 5]
    (winner,) = [a.json()["owner_id"] for a in answers if a.status_code == 200]
    assert await connection.fetchval("SELECT owner_id FROM products") == winner
    assert await connection.fetchval("SELECT count(*) FROM audit_entries WHERE action = 'product.claimed'") == 1


async def test_a_claim_waits_for_the_deletion_of_its_organization(
    api: Client, connection: Connection, own: make.Account
) -> None:
    await make.product(connection, 1)
    headers, new = {"X-API-Key": own.key}, {"gtin": NEW, "product_name": "New"}
    async with connection.transaction():
        await connection.execute("UPDATE organizations SET deleted_at = now() WHERE id = $1", own.organization_id)
        claim, create = f"{BASE}/products/{make.make_gtin(1)}/claim", f"{BASE}/products"
        waiting = [asyncio.create_task(api.post(claim, headers=headers)),
                   asyncio.create_task(api.post(create, headers=headers, json=new))]  # fmt: skip
        await asyncio.wait(waiting, timeout=0.3)  # they do not answer before the deletion is decided
        assert not any(task.done() for task in waiting)
    assert [(await task).status_code for task in waiting] == [404, 404]
    assert await connection.fetchval("SELECT count(*) FROM products WHERE owner_id IS NOT NULL") == 0


async def test_whom_one_claims_for(api: Client, connection: Connection, own: make.Account) -> None:
    await make.product(connection, 1)
    path = f"/products/{make.make_gtin(1)}/claim"
    second = await make.insert(connection, "organizations", name="Second", country="DE")
    await make.insert(connection, "memberships", user_id=own.user_id, organization_id=second, role="editor")
    stranger = await make.account(connection)
    body = {"organization_id": stranger.organization_id}
    assert (await error(api, own, "POST", path, 404, body))[1] == "There is no such organization."
    assert (await error(api, own, "POST", path, 403, {"organization_id": second}))[0] == "FORBIDDEN"
    assert (await ask(api, own, "POST", path, 200, {"organization_id": None}))["owner_id"] == own.organization_id
    await connection.execute("UPDATE memberships SET role = 'manager' WHERE organization_id = $1", second)
    await heard()
    for wrong, message in (({}, "is required: you belong to several organizations"),
                           ({"organization_id": 5}, "must be a string")):  # fmt: skip
        told = (await ask(api, own, "POST", path, 422, wrong))["error"]["details"]
        assert told == [{"field": "organization_id", "message": message}]


async def test_unclaim_and_claim_again(api: Client, connection: Connection, own: make.Account) -> None:
    brand = await make.brand(connection, "Ours", own.organization_id)
    gtin = await claimed(connection, 1, own, brand_id=brand, description="from the file")
    await ask(api, own, "PATCH", f"/products/{gtin}", 200, {"description": "ours", "manufacturer": "Us Ltd"})
    found = await ask(api, own, "DELETE", f"/products/{gtin}", 200, {"organization_id": own.organization_id})
    assert (found["owner_id"], found["is_claimed"], found["brand"], found["claim_verification_status"]) == (
        None, False, "", None,
    )  # fmt: skip
    # what was said stays, as an import: better than the file's, no longer the owner's
    assert (found["description"], found["manufacturer"], found["data_source"]) == ("ours", "Us Ltd", "imported")
    assert await connection.fetchval("SELECT resolver_enabled FROM products") is False
    facts = (await ask(api, own, "GET", f"/products/{gtin}/facts", 200))["facts"]
    assert [(f["source"], f["value"], f["is_shown"]) for f in facts if f["field"] == "description"] == [
        ("imported", "ours", True), ("open_food_facts", "from the file", False),
    ]  # fmt: skip
    assert (await ask(api, own, "GET", f"/products/{gtin}/facts?owner_only=true", 200))["facts"] == []
    assert (await error(api, own, "DELETE", f"/products/{gtin}", 403))[1].startswith("Nobody has claimed")
    history = (await ask(api, own, "GET", f"/products/{gtin}/history?field=brand", 200))["data"]
    assert [(h["old"], h["new"]) for h in history] == [("Ours", None)]

    await ask(api, own, "POST", f"/products/{gtin}/claim", 200)
    found = await ask(api, own, "GET", f"/products/{gtin}", 200)
    assert (found["data_source"], found["brand"]) == ("claimed", "")
    assert await connection.fetchval("SELECT resolver_enabled FROM products") is True
    owner = (await ask(api, own, "GET", f"/products/{gtin}/facts?owner_only=true", 200))["facts"]
    assert [(f["field"], f["value"]) for f in owner] == [("description", "ours"), ("manufacturer", "Us Ltd")]


async def test_what_is_nobodys_has_no_owners_source(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own, data_source="claimed", product_name="")  # nothing was said
    found = await ask(api, own, "DELETE", f"/products/{gtin}", 200)
    assert (found["is_claimed"], found["data_source"]) == (False, "crowd_sourced")


async def test_another_owner_does_not_inherit(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own)
    await ask(api, own, "PATCH", f"/products/{gtin}", 200, {"description": "ours"})
    await ask(api, own, "DELETE", f"/products/{gtin}", 200)
    other = await make.account(connection)
    await ask(api, other, "POST", f"/products/{gtin}/claim", 200)
    assert (await ask(api, own, "GET", f"/products/{gtin}/facts?owner_only=true", 200))["facts"] == []
    await ask(api, other, "PATCH", f"/products/{gtin}", 200, {"description": "theirs"})
    (fact,) = (await ask(api, own, "GET", f"/products/{gtin}/facts?owner_only=true", 200))["facts"]
    assert (fact["value"], fact["stated_by_id"]) == ("theirs", other.organization_id)


# --- disputes

REPORT = {"reporter_email": "a@example.org", "reporter_relationship": "consumer", "reason": "I do not believe it."}


async def test_a_report_needs_no_key_and_names_nobody(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own)
    found = await ask(api, None, "POST", f"/products/{gtin}/report-claim", 201, REPORT)
    assert set(found) == {"id", "gtin", "message", "status"}
    assert (found["gtin"], found["status"]) == (gtin, "open")
    row = await connection.fetchrow("SELECT * FROM claim_reports")
    assert row is not None
    assert (row["id"], row["organization_id"], row["weight"]) == (found["id"], own.organization_id, 1)
    # by somebody with a key: the claimant's audit log and the events say nothing of it
    other = await make.account(connection)
    await ask(api, other, "POST", f"/products/{gtin}/report-claim", 201, {**REPORT, "reporter_relationship": "legal"})
    assert await connection.fetchval("SELECT count(*) FROM audit_entries") == 0
    assert (
        await connection.fetchval("SELECT count(*) FROM events WHERE type <> 'product.created' AND entity <> 'search'")
        == 0
    )
    assert await error(api, None, "POST", f"/products/{NEW}/report-claim", 404, REPORT) == (
        "NOT_FOUND", "There is no such product.",
    )  # fmt: skip


async def test_reports_from_different_addresses_count_together(
    api: Client, connection: Connection, own: make.Account
) -> None:
    gtin = await claimed(connection, 1, own)
    said = []
    for address in ("192.0.2.1", "192.0.2.1", "2001:db8::1"):
        transport = httpx2.ASGITransport(app=api.app, client=(address, 1234))  # type: ignore[attr-defined]
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            body = REPORT | {"reporter_relationship": "brand_rep"}
            said.append((await client.post(f"{BASE}/products/{gtin}/report-claim", json=body)).json()["status"])
    assert said == ["open", "open", "under_review"]
    rows = await connection.fetch("SELECT DISTINCT source_ip, status FROM claim_reports")
    assert {(row["source_ip"], row["status"]) for row in rows} == {
        ("192.0.2.1", "under_review"), ("2001:db8::1", "under_review"),
    }  # fmt: skip


async def test_people_decide_about_reports(
    api: Client, connection: Connection, own: make.Account, database_url: str
) -> None:
    shell = Shell(database_url)
    gtins = [await claimed(connection, n, own) for n in range(2)]
    body = REPORT | {"reason": "\x1b[2JNot theirs,\nI say."}
    ids = [(await ask(api, None, "POST", f"/products/{gtin}/report-claim", 201, body))["id"] for gtin in gtins * 2]

    assert "a@example.org" not in shell.ok("reports", "list")  # one report is not weighty enough
    listed = shell.ok("reports", "list", "--all")
    assert sorted(line.split()[0] for line in listed.splitlines()[1:]) == sorted(ids)
    assert "Not theirs, I say." in listed
    assert "\x1b" not in listed

    said = shell.ok("reports", "uphold", ids[0], "--reason", "Papers of the licensee.")
    assert said == f"released {gtins[0]}; reports decided: 2"
    assert (await ask(api, own, "GET", f"/products/{gtins[0]}", 200))["owner_id"] is None
    entry = await connection.fetchrow("SELECT action, user_id, key_id, changes FROM audit_entries")
    assert entry
    assert tuple(entry) == (
        "product.claim_revoked", None, None,
        {"gtin": gtins[0], "reason": "Papers of the licensee.", "by": "operator"},
    )  # fmt: skip
    assert shell.ok("reports", "dismiss", ids[1]) == f"claim of {gtins[1]} stands; reports decided: 2"
    assert (await ask(api, own, "GET", f"/products/{gtins[1]}", 200))["owner_id"] == own.organization_id
    assert "was decided already: resolved" in shell.refused("reports", "dismiss", ids[2])
    assert "There is no such report." in shell.refused("reports", "dismiss", "aceghjkpqrtw")
    assert len(shell.ok("reports", "list", "--all").splitlines()) == 1
    # who has released the product meanwhile has nothing to lose
    late = (await ask(api, None, "POST", f"/products/{gtins[1]}/report-claim", 201, REPORT))["id"]
    await ask(api, own, "DELETE", f"/products/{gtins[1]}", 200)
    assert "has ended by itself" in shell.refused("reports", "uphold", late, "--reason", "x")


WRONG: list[tuple[Any, str]] = [
    ({"reporter_email": "nobody"}, "reporter_email"),
    ({"reporter_relationship": "friend"}, "reporter_relationship"),
    ({"reason": "too short"}, "reason"),
    ({"reason": " " * 10}, "reason"),
    ({"reason": "x" * 5001}, "reason"),
    ({"reporter_phone": "1" * 33}, "reporter_phone"),
    ({"supporting_url": "javascript:alert(1)"}, "supporting_url"),
    ({"status": "resolved"}, "status"),
]


async def test_a_report_that_is_wrong(api: Client, connection: Connection, own: make.Account) -> None:
    gtin = await claimed(connection, 1, own)
    for body, field in WRONG:
        found = (await ask(api, None, "POST", f"/products/{gtin}/report-claim", 422, REPORT | body))["error"]
        assert [d["field"] for d in found["details"]] == [field]
    assert await connection.fetchval("SELECT count(*) FROM claim_reports") == 0
