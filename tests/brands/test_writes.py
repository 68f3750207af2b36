"""Brands made, claimed and changed: over REST, over GraphQL, by everybody who may and may not."""

import asyncio
from typing import Any

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.brands.conftest import BRANDS, EVERYBODY, audited, events, key, png
from tests.conftest import Client


def message(answer: Any) -> str:
    return str(answer.json()["error"]["message"])


# --- creating


async def test_a_new_brand_is_its_makers(api: Client, connection: Connection, me: make.Account) -> None:
    body = {"organization_id": me.organization_id, "name": "  Acme ", "website": "https://acme.example",
            "description": "Good things.", "metadata": {"a": "b", "gone": ""}}  # fmt: skip
    made = await api.post(BRANDS, json=body)
    brand = made.json()
    assert made.status_code == 201
    assert (brand["name"], brand["website"], brand["description"], brand["metadata"]) == (
        "Acme", "https://acme.example", "Good things.", {"a": "b"},
    )  # fmt: skip
    assert (brand["organization_id"], brand["is_verified"], brand["has_social_links"]) == (
        me.organization_id,
        False,
        False,
    )
    assert brand["claimed_at"] == brand["created"]
    assert (await api.get(f"{BRANDS}/{brand['id']}")).json() == brand
    assert await events(connection, brand["id"]) == ["brand.created", "brand.claimed"]
    assert await audited(connection, brand["id"]) == [("brand.created", me.user_id, {"name": "Acme"})]


async def test_names_that_are_taken(api: Client, connection: Connection, me: make.Account, other: make.Account) -> None:
    async def create(name: str) -> Any:
        return await api.post(BRANDS, json={"organization_id": me.organization_id, "name": name})

    free = await make.brand(connection, "Free")
    await make.brand(connection, "Theirs", other.organization_id)
    mine = (await create("Mine")).json()["id"]
    taken = await create(" MINE")
    assert (taken.status_code, message(taken)) == (409, f"Your organization has a brand of this name already: {mine}.")
    unclaimed = await create("free")
    assert (unclaimed.status_code, message(unclaimed)) == (
        409, f"There is a brand of this name that nobody has claimed: {free}. Claim it instead.",
    )  # fmt: skip
    assert (await create("Theirs")).status_code == 201  # of another organization: no obstacle
    assert await connection.fetchval("SELECT count(*) FROM brands") == 4


async def test_the_same_name_at_once(api: Client, connection: Connection, me: make.Account) -> None:
    body = {"organization_id": me.organization_id, "name": "Acme"}
    made = await asyncio.gather(*(api.post(BRANDS, json=body) for _ in range(6)))
    assert sorted(answer.status_code for answer in made) == [201, 409, 409, 409, 409, 409]
    assert await connection.fetchval("SELECT count(*) FROM brands") == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": ""}, "name"), ({"name": "  "}, "name"), ({"name": "x" * 256}, "name"), ({"name": None}, "name"),
     ({"name": "a\0b"}, "name"), ({"website": "javascript:alert(1)"}, "website"),
     ({"website": "acme.example"}, "website"), ({"website": "https://" + "x" * 2048}, "website"),
     ({"description": "x" * 5001}, "description"),
     ({"organization_id": "x"}, "organization_id"), ({"metadata": {"a": 1}}, "metadata"),
     ({"metadata": {str(n): "x" for n in range(51)}}, "metadata"), ({"metadata": {"k" * 41: "x"}}, "metadata"),
     ({"metadata": {"k": "x" * 501}}, "metadata"), ({"logo_url": "https://x"}, "logo_url"), ({"id": "x"}, "id")],
)  # fmt: skip
async def test_what_no_brand_can_have(api: Client, me: make.Account, wrong: dict[str, Any], field: str) -> None:
    answer = await api.post(BRANDS, json={"organization_id": me.organization_id, "name": "Acme"} | wrong)
    assert answer.status_code == 422
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [field]


# --- claiming


async def test_a_claim_takes_the_unowned_products_along(
    api: Client, connection: Connection, me: make.Account, other: make.Account
) -> None:
    id = await make.brand(connection, "Acme")
    await make.product(connection, 1, brand_id=id)
    await make.product(connection, 2, brand_id=id, owner_id=other.organization_id, claim_verification_status="verified")
    await make.product(connection, 3)
    claimed = await api.post(f"{BRANDS}/{id}/claim", json={"organization_id": me.organization_id})
    assert (claimed.status_code, claimed.json()["organization_id"]) == (200, me.organization_id)
    assert claimed.json()["claimed_at"] is not None
    products = await connection.fetch(
        "SELECT owner_id, is_claimed, claim_verification_status, claimed_at = modified FROM products ORDER BY gtin"
    )
    assert [tuple(row)[:3] for row in products] == [
        (me.organization_id, True, "unverified"), (other.organization_id, True, "verified"), (None, False, None),
    ]  # fmt: skip
    assert await events(connection, id) == ["brand.claimed"]
    assert await audited(connection, id) == [("brand.claimed", me.user_id, {"name": "Acme", "products": 1})]


async def test_a_claim_is_for_ever(api: Client, connection: Connection, me: make.Account, other: make.Account) -> None:
    id = await make.brand(connection, "Acme")
    assert (await api.post(f"{BRANDS}/{id}/claim")).status_code == 200  # the only organization of the caller
    again = await api.post(f"{BRANDS}/{id}/claim")
    assert (again.status_code, message(again)) == (409, "Your organization has claimed this brand already.")
    theirs = await api.post(f"{BRANDS}/{id}/claim", headers=key(other))
    assert (theirs.status_code, message(theirs)) == (409, "Another organization has claimed this brand already.")
    unlinked = await api.patch(f"{BRANDS}/{id}", json={"organization_id": None})
    assert (unlinked.status_code, unlinked.json()["error"]["details"][0]["field"]) == (422, "organization_id")
    missing = await api.post(f"{BRANDS}/aaaaaaaaaaaa/claim")
    assert (missing.status_code, message(missing)) == (404, "There is no such brand.")


async def test_of_two_who_claim_at_once_one_wins(
    api: Client, connection: Connection, me: make.Account, other: make.Account
) -> None:
    for number in range(5):
        id = await make.brand(connection, f"Acme {number}")
        await make.product(connection, 10 + number, brand_id=id)
        answers = await asyncio.gather(
            *(api.post(f"{BRANDS}/{id}/claim", headers=key(who)) for who in (me, other, me, other))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        (winner,) = [answer.json()["organization_id"] for answer in answers if answer.status_code == 200]
        assert await connection.fetchval("SELECT owner_id FROM products WHERE brand_id = $1", id) == winner
        assert await events(connection, id) == ["brand.claimed"]


async def test_what_a_former_owner_said_counts_again(api: Client, connection: Connection, me: make.Account) -> None:
    """A claim of a brand makes of its products what a claim of each of them would: its owner's word is the best."""
    brand = await make.brand(connection, "Acme")
    id = await make.product(connection, 1, brand_id=brand, description="Imported.", data_source="imported")
    await connection.execute(
        "INSERT INTO product_facts (product_id, field, source, value, confidence, stated_by, stated_at) "
        "VALUES ($1, 'description', 'claimed', '\"Ours.\"', 1, $2, now())", id, me.organization_id,
    )  # fmt: skip
    assert (await api.post(f"{BRANDS}/{brand}/claim")).status_code == 200
    (found,) = await connection.fetch("SELECT owner_id, description, product_name FROM products")
    assert tuple(found) == (me.organization_id, "Ours.", "Product 0001")
    facts = await connection.fetch("SELECT field, source, value FROM product_facts")
    assert sorted(tuple(row) for row in facts) == [
        ("brand_id", "imported", brand), ("description", "claimed", "Ours."),
        ("product_name", "imported", "Product 0001"),
    ]  # fmt: skip


async def test_a_deleted_organization_gets_nothing(api: Client, connection: Connection, me: make.Account) -> None:
    """Its deletion and its claims take turns: whatever comes first, nothing stays linked to what is deleted."""
    for number in range(3):
        account = await make.account(connection)
        ids = [await make.brand(connection, f"Acme {number} {each}") for each in range(4)]
        for each, id in enumerate(ids):
            await make.product(connection, 100 * number + each + 1, brand_id=id)
        answers = await asyncio.gather(
            api.post(f"{BRANDS}/{ids[0]}/claim", headers=key(account)),
            api.post(f"{BRANDS}/{ids[1]}/claim", headers=key(account)),
            api.delete(f"/account/api/v1/organizations/{account.organization_id}", headers=key(account)),
            api.post(f"{BRANDS}/{ids[2]}/claim", headers=key(account)),
            api.post(
                BRANDS, headers=key(account), json={"organization_id": account.organization_id, "name": f"New {number}"}
            ),
        )
        assert {answer.status_code for answer in answers} <= {200, 201, 204, 401, 404}
        for table, owner in (("brands", "organization_id"), ("products", "owner_id")):
            statement = f"SELECT count(*) FROM {table} WHERE {owner} = $1"  # noqa: S608
            assert await connection.fetchval(statement, account.organization_id) == 0


async def test_a_claim_waits_for_the_deletion_of_its_organization(
    api: Client, connection: Connection, me: make.Account
) -> None:
    id, own = await make.brand(connection, "Acme"), await make.brand(connection, "Own", me.organization_id)
    body = {"organization_id": me.organization_id, "name": "New"}
    manual = {"method": "manual", "subject": "See our papers."}
    async with connection.transaction():
        await connection.execute("UPDATE organizations SET deleted_at = now() WHERE id = $1", me.organization_id)
        waiting = [asyncio.create_task(api.post(f"{BRANDS}/{id}/claim")),
                   asyncio.create_task(api.post(BRANDS, json=body)),
                   asyncio.create_task(api.post(f"{BRANDS}/{own}/verifications", json=manual))]  # fmt: skip
        await asyncio.wait(waiting, timeout=0.3)  # they do not answer before the deletion is decided
        assert not any(task.done() for task in waiting)
    assert [(await task).status_code for task in waiting] == [404, 404, 404]
    assert await connection.fetchval("SELECT count(*) FROM brands WHERE organization_id IS NOT NULL") == 1


async def test_who_belongs_to_several_says_for_whom(api: Client, connection: Connection, me: make.Account) -> None:
    second = await make.insert(connection, "organizations", name="Second")
    await make.insert(connection, "memberships", user_id=me.user_id, organization_id=second, role="manager")
    id = await make.brand(connection, "Acme")
    assert (await api.post(f"{BRANDS}/{id}/claim")).status_code == 422
    claimed = await api.post(f"{BRANDS}/{id}/claim", json={"organization_id": second})
    assert claimed.json()["organization_id"] == second


# --- changing


async def test_what_is_given_changes(api: Client, connection: Connection, me: make.Account) -> None:
    id = await make.insert(
        connection, "brands", name="Acme", organization_id=me.organization_id, description="Old.",
        metadata={"keep": "1", "drop": "2"},
    )  # fmt: skip
    body = {"name": None, "website": "https://acme.example/", "instagram": "@acme", "threads": "https://threads.net/@acme",
            "description": "", "metadata": {"drop": "", "new": "3"}}  # fmt: skip
    changed = await api.patch(f"{BRANDS}/{id}", json=body)
    found = changed.json()
    assert changed.status_code == 200
    assert (found["name"], found["website"], found["description"], found["instagram"], found["threads"]) == (
        "Acme", "https://acme.example/", "", "@acme", "https://threads.net/@acme",
    )  # fmt: skip
    assert (found["metadata"], found["has_social_links"]) == ({"keep": "1", "new": "3"}, True)
    assert (await api.get(f"{BRANDS}/{id}")).json() == found
    (entry,) = await audited(connection, id)
    assert entry[2]["description"] == {"old": "Old.", "new": ""}
    assert sorted(entry[2]) == ["description", "instagram", "metadata", "threads", "website"]
    assert await events(connection, id) == ["brand.updated"]


async def test_nothing_changed_is_nothing_told(api: Client, connection: Connection, me: make.Account) -> None:
    id = await make.brand(connection, "Acme", me.organization_id)
    for body in ({}, {"name": "Acme"}, {"name": None, "website": None}):
        assert (await api.patch(f"{BRANDS}/{id}", json=body)).status_code == 200
    assert await events(connection, id) == []
    assert await audited(connection, id) == []


async def test_metadata_is_cleared_by_null_and_by_nothing(
    api: Client, connection: Connection, me: make.Account
) -> None:
    bodies: list[dict[str, Any]] = [{"metadata": None}, {"metadata": {}}]
    for body in bodies:
        id = await make.insert(
            connection, "brands", name="Acme", organization_id=me.organization_id, metadata={"a": "b"}
        )
        assert (await api.patch(f"{BRANDS}/{id}", json=body)).json()["metadata"] == {}
    full = await make.insert(connection, "brands", name="Full", organization_id=me.organization_id,
                             metadata={str(n): "x" for n in range(50)})  # fmt: skip
    over = await api.patch(f"{BRANDS}/{full}", json={"metadata": {"one more": "x"}})
    assert (over.status_code, over.json()["error"]["details"]) == (
        422, [{"field": "metadata", "message": "must have at most 50 keys"}],
    )  # fmt: skip


async def test_new_names(api: Client, connection: Connection, me: make.Account) -> None:
    id = await make.brand(connection, "Acme", me.organization_id)
    await make.brand(connection, "Free")
    assert (await api.patch(f"{BRANDS}/{id}", json={"name": "FREE"})).status_code == 409
    assert (await api.patch(f"{BRANDS}/{id}", json={"name": "ACME"})).json()["name"] == "ACME"
    await connection.execute("UPDATE brands SET is_verified = true WHERE id = $1", id)
    kept = await api.patch(f"{BRANDS}/{id}", json={"name": "Other"})
    assert (kept.status_code, message(kept)) == (
        409, "This brand is verified under its name, so it keeps it. Create another brand instead.",
    )  # fmt: skip
    assert (await api.patch(f"{BRANDS}/{id}", json={"description": "More."})).status_code == 200


async def test_two_changes_at_once_both_hold(api: Client, connection: Connection, me: make.Account) -> None:
    id = await make.brand(connection, "Acme", me.organization_id)
    await asyncio.gather(
        *(api.patch(f"{BRANDS}/{id}", json={"metadata": {f"key {n}": "x"}}) for n in range(8)),
        api.patch(f"{BRANDS}/{id}", json={"description": "New."}),
    )
    found = (await api.get(f"{BRANDS}/{id}")).json()
    assert (len(found["metadata"]), found["description"]) == (8, "New.")


@pytest.mark.parametrize(
    ("field", "value"),
    [("instagram", "javascript:alert(1)"), ("facebook", "x" * 256), ("threads", "<b>"), ("website", "ftp://x"),
     ("website", "https://a b"), ("name", " "), ("tiktok", 1), ("logo_url", "x"), ("is_verified", True)],
)  # fmt: skip
async def test_what_cannot_be_changed_so(
    api: Client, connection: Connection, me: make.Account, field: str, value: object
) -> None:
    id = await make.brand(connection, "Acme", me.organization_id)
    answer = await api.patch(f"{BRANDS}/{id}", json={field: value})
    assert answer.status_code == 422
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == [field]


# --- who may

FULL, EDITS, READS, NONE = (201, 200, 200, 200, 201, 200), (403, 403, 200, 200, 403, 200), (*[403] * 5, 200), (403,) * 6
TABLE = {
    "owner": FULL, "manager": FULL, "csb manager": FULL, "editor": EDITS, "csb editor": EDITS,
    "owner with an editor's key": EDITS, "billing": READS, "owner with a readonly key": READS, "csb readonly": READS,
    "cpk": NONE,
}  # fmt: skip


async def tried(api: Client, account: make.Account, free: str, own: str) -> tuple[int, ...]:
    """Statuses of: create, claim, change, logo, ask for verification, list verifications."""
    manual = {"method": "manual", "subject": "See our registration."}
    answers = [
        await api.post(BRANDS, json={"organization_id": account.organization_id, "name": "New"}, headers=key(account)),
        await api.post(f"{BRANDS}/{free}/claim", headers=key(account)),
        await api.patch(f"{BRANDS}/{own}", json={"description": "New."}, headers=key(account)),
        await api.post(f"{BRANDS}/{own}/logo", files={"logo": png()}, headers=key(account)),
        await api.post(f"{BRANDS}/{own}/verifications", json=manual, headers=key(account)),
        await api.get(f"{BRANDS}/{own}/verifications", headers=key(account)),
    ]
    return tuple(answer.status_code for answer in answers)


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.usefixtures("uploads")
async def test_what_each_role_may(api: Client, connection: Connection, who: str) -> None:
    role, kind, key_role = EVERYBODY[who]
    account = await make.account(connection, role=role, kind=kind, key_role=key_role)
    free = await make.brand(connection, "Free")
    own = await make.brand(connection, "Own", account.organization_id)
    before = await connection.fetch("SELECT * FROM brands ORDER BY id")
    assert await tried(api, account, free, own) == TABLE[who]
    if 200 not in TABLE[who][:4]:
        assert await connection.fetch("SELECT * FROM brands ORDER BY id") == before
        assert await connection.fetchval("SELECT count(*) FROM events WHERE entity <> 'search'") == 0


@pytest.mark.usefixtures("uploads")
async def test_other_organizations_and_strangers(
    api: Client, connection: Connection, me: make.Account, other: make.Account
) -> None:
    own = await make.brand(connection, "Own", me.organization_id)
    free = await make.brand(connection, "Free")
    await api.post(f"{BRANDS}/{own}/verifications", json={"method": "manual", "subject": "x"})
    verification = await connection.fetchval("SELECT id FROM brand_verifications")
    before = await connection.fetch("SELECT * FROM brands ORDER BY id")
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", BRANDS, {"json": {"organization_id": me.organization_id, "name": "New"}}),
        ("POST", f"{BRANDS}/{free}/claim", {"json": {"organization_id": me.organization_id}}),
        ("PATCH", f"{BRANDS}/{own}", {"json": {"description": "New."}}),
        ("POST", f"{BRANDS}/{own}/logo", {"files": {"logo": png()}}),
        ("POST", f"{BRANDS}/{own}/verifications", {"json": {"method": "manual", "subject": "x"}}),
        ("GET", f"{BRANDS}/{own}/verifications", {}),
        ("GET", f"{BRANDS}/{own}/verifications/{verification}", {}),
        ("POST", f"{BRANDS}/{own}/verifications/{verification}/check", {}),
    ]
    for method, path, body in calls:
        assert (await api.request(method, path, headers=key(other), **body)).status_code == 404, path
    del api.headers["X-API-Key"]
    for method, path, body in calls:
        assert (await api.request(method, path, **body)).status_code == 401, path
    assert await connection.fetch("SELECT * FROM brands ORDER BY id") == before
    assert await connection.fetchval("SELECT count(*) FROM brand_verifications") == 1


@pytest.mark.usefixtures("uploads")
async def test_a_brand_that_nobody_has_claimed(api: Client, connection: Connection, me: make.Account) -> None:
    free = await make.brand(connection, "Free")
    for answer in (
        await api.patch(f"{BRANDS}/{free}", json={"description": "New."}),
        await api.post(f"{BRANDS}/{free}/logo", files={"logo": png()}),
        await api.post(f"{BRANDS}/{free}/verifications", json={"method": "manual", "subject": "x"}),
    ):
        assert (answer.status_code, "Claim it first" in message(answer)) == (403, True)


# --- the graph


async def test_over_graphql(api: Client, connection: Connection, me: make.Account) -> None:
    free = await make.brand(connection, "Free")
    query = """mutation ($organization: ID!, $free: ID!) {
      brandCreate(input: {organizationId: $organization, name: "Acme", metadata: {a: "b"}}) { id name isVerified
        organization { id } }
      brandClaim(id: $free) { organizationId claimedAt }
      brandUpdate(id: $free, input: {website: "https://free.example", metadata: null}) { website metadata }
      again: brandClaim(id: $free) { id }
    }"""
    variables = {"organization": me.organization_id, "free": free}
    answer = (await api.post("/graphql", json={"query": query, "variables": variables})).json()
    data = answer["data"]
    assert (data["brandCreate"]["name"], data["brandCreate"]["organization"]) == ("Acme", {"id": me.organization_id})
    assert data["brandClaim"]["organizationId"] == me.organization_id
    assert data["brandUpdate"] == {"website": "https://free.example", "metadata": {}}
    assert data["again"] is None
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["again"], "CONFLICT")
