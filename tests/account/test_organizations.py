"""Organizations: made, changed, deleted and restored, and what happens to their keys and products."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from closient_gql.core.db import Connection, Database, Writer
from resolvers.account.changing import living
from resolvers.account.jobs import release_deleted, release_organization
from resolvers.account.organizations import purge
from tests import make
from tests.account.world import Caller, heard, key, message, person
from tests.conftest import Client


@pytest.fixture
async def me(connection: Connection) -> make.Account:
    return await make.account(connection)


@pytest.fixture
async def call(api: Client, me: make.Account) -> Caller:
    return Caller(api, me.key)


async def test_the_maker_becomes_owner(call: Caller, me: make.Account, connection: Connection) -> None:
    body = {"name": " Acme ", "country": "at", "is_brand": True, "metadata": {"a": "1", "b": ""}}
    answer = await call("POST", "/organizations", body)
    assert answer.status_code == 200
    made = answer.json()
    expected = {"name": "Acme", "country": "AT", "is_brand": True, "metadata": {"a": "1"}}
    assert made == {"id": made["id"], **expected}
    await heard()
    assert (await call("GET", f"/organizations/{made['id']}")).json() == made
    page = (await call("GET", "/organizations")).json()
    assert [each["name"] for each in page["data"]] == ["Acme", page["data"][1]["name"]]
    assert page["pagination"]["total_count"] == 2
    assert await connection.fetchval(
        "SELECT role FROM memberships WHERE user_id = $1 AND organization_id = $2", me.user_id, made["id"]
    ) == "owner"  # fmt: skip
    entry = (await call("GET", f"/organizations/{made['id']}/audit-log")).json()["data"][0]
    assert (entry["action"], entry["user_id"], entry["key_id"]) == ("organization.created", me.user_id, me.key_id)
    assert entry["changes"] == [
        {"field": "country", "value": "AT"}, {"field": "is_brand", "value": "true"}, {"field": "name", "value": "Acme"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["name", "country"]),
        ({"name": "", "country": "DE"}, ["name"]),
        ({"name": "   ", "country": "DE"}, ["name"]),
        ({"name": "x" * 256, "country": "Germany"}, ["name", "country"]),
        ({"name": "x", "country": "DE", "is_brand": "yes", "extra": 1}, ["is_brand", "extra"]),
        ({"name": "x", "country": "DE", "metadata": {"a": 1}}, ["metadata"]),
        ({"name": "x", "country": "DE", "metadata": {str(n): "x" for n in range(51)}}, ["metadata"]),
        ({"name": "x", "country": "DE", "metadata": {"k" * 41: "x"}}, ["metadata"]),
        ({"name": "x", "country": "DE", "metadata": {"k": "x" * 501}}, ["metadata"]),
    ],
)
async def test_what_cannot_be_an_organization(call: Caller, body: object, fields: list[str]) -> None:
    answer = await call("POST", "/organizations", body)
    assert answer.status_code == 422
    assert sorted(detail["field"] for detail in answer.json()["error"]["details"]) == sorted(fields)


async def test_a_partial_update_by_put(call: Caller, me: make.Account) -> None:
    address = f"/organizations/{me.organization_id}"
    before = (await call("GET", address)).json()
    assert (await call("PUT", address, {})).json() == before
    after = (await call("PUT", address, {"name": "New", "country": None, "metadata": {"a": "1", "b": "2"}})).json()
    assert after == before | {"name": "New", "metadata": {"a": "1", "b": "2"}}
    assert (await call("PUT", address, {"metadata": {"a": "", "c": "3"}})).json()["metadata"] == {"b": "2", "c": "3"}
    assert (await call("PUT", address, {"is_brand": True})).json()["metadata"] == {"b": "2", "c": "3"}
    assert (await call("PUT", address, {"metadata": None})).json()["metadata"] == {}
    answer = await call("PUT", address, data={"metadata[x]": "1", "name": "By form"})
    assert (answer.json()["metadata"], answer.json()["name"]) == ({"x": "1"}, "By form")
    assert (await call("PUT", address, data={"metadata": ""})).json()["metadata"] == {}
    actions = [e["action"] for e in (await call("GET", f"{address}/audit-log")).json()["data"]]
    assert actions == ["organization.updated"] * 6, "what changes nothing leaves no entry"


async def test_metadata_at_its_limits_and_beyond(call: Caller, me: make.Account) -> None:
    address = f"/organizations/{me.organization_id}"
    full = {f"{n:040d}": "v" * 500 for n in range(50)}
    assert (await call("PUT", address, {"metadata": full})).json()["metadata"] == full
    more = await call("PUT", address, {"metadata": {"one more": "x"}})
    assert (more.status_code, more.json()["error"]["details"]) == (
        422, [{"field": "metadata", "message": "must have at most 50 keys"}],
    )  # fmt: skip
    swapped = await call("PUT", address, {"metadata": {"one more": "x", f"{0:040d}": ""}})
    assert len(swapped.json()["metadata"]) == 50


async def test_concurrent_merges_lose_nothing(call: Caller, me: make.Account) -> None:
    address = f"/organizations/{me.organization_id}"
    answers = await asyncio.gather(*(call("PUT", address, {"metadata": {f"k{n}": "x"}}) for n in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len((await call("GET", address)).json()["metadata"]) == 8


async def test_a_key_of_an_organization_cannot_make_organizations(
    api: Client, me: make.Account, connection: Connection
) -> None:
    business = await key(connection, me.user_id, me.organization_id, "csb", "manager")
    answer = await Caller(api, business)("POST", "/organizations", {"name": "x", "country": "DE"})
    assert (answer.status_code, message(answer)) == (
        403, "A key of an organization cannot do this: it is a matter of one person. Use a user key (csu).",
    )  # fmt: skip


async def test_deletion_and_restoration(api: Client, call: Caller, me: make.Account, connection: Connection) -> None:
    business = Caller(api, await key(connection, me.user_id, me.organization_id, "csb", "manager"))
    public = await key(connection, me.user_id, me.organization_id, "cpk", "readonly")
    manager = await person(connection, me.organization_id, "manager")
    brand = await make.brand(connection, "Ours", me.organization_id)
    product = await make.product(
        connection, 1, owner_id=me.organization_id, brand_id=brand, claim_verification_status="verified"
    )
    address = f"/organizations/{me.organization_id}"
    assert (await business("GET", address)).status_code == 200

    gone = await call("DELETE", address)
    assert (gone.status_code, gone.content) == (204, b"")
    await heard()
    assert (await business("GET", address)).status_code == 401
    assert (await api.get("/brands/api/v1/brands", headers={"X-API-Key": public})).status_code == 401
    for method, path, body in [
        ("GET", "", None), ("PUT", "", {"name": "x"}), ("DELETE", "", None), ("GET", "/members", None),
        ("GET", "/api-keys", None), ("GET", "/audit-log", None), ("POST", "/members", {"email": "a@b.example"}),
        ("POST", "/api-keys", {"name": "x"}),
    ]:  # fmt: skip
        assert (await call(method, address + path, body)).status_code == 404, (method, path)
    assert (await call("GET", "/whoami")).json()["organizations"] == []
    assert (await call("GET", "/organizations")).json()["pagination"]["total_count"] == 0
    itself = f'{{__typename: "Organization", id: "{me.organization_id}"}}'
    found = await call.graph(f"{{ _entities(representations: [{itself}]) {{ __typename }} }}")
    assert found["data"]["_entities"] == [None]
    row = await connection.fetchrow(
        "SELECT owner_id, data_source, claim_verification_status, claimed_at, is_claimed, brand_id FROM products "
        "WHERE id = $1", product,
    )  # fmt: skip
    assert tuple(row or ()) == (None, "crowd_sourced", None, None, False, brand)
    assert await connection.fetchval("SELECT organization_id FROM brands WHERE id = $1", brand) is None

    assert (await Caller(api, manager.key)("POST", f"{address}/restore")).status_code == 404
    limited = await key(connection, me.user_id, None, "csu", "manager")
    assert (await Caller(api, limited)("POST", f"{address}/restore")).status_code == 403
    back = await call("POST", f"{address}/restore")
    assert (back.status_code, back.json()["id"]) == (200, me.organization_id)
    await heard()
    assert (await call("GET", address)).status_code == 200
    assert (await Caller(api, manager.key)("GET", address)).status_code == 200
    assert (await business("GET", address)).status_code == 401, "keys stay revoked"
    again = await call("POST", f"{address}/restore")
    assert (again.status_code, message(again)) == (409, "The organization is not deleted.")
    log = [entry["action"] for entry in (await call("GET", f"{address}/audit-log")).json()["data"]]
    assert log == ["organization.restored", "organization.deleted"]


async def test_after_90_days_it_is_gone(
    call: Caller, me: make.Account, connection: Connection, database_url: str
) -> None:
    address = f"/organizations/{me.organization_id}"
    other = await make.account(connection)
    days = {me.organization_id: 91, other.organization_id: 89}
    for organization, count in days.items():
        await connection.execute(
            "UPDATE organizations SET deleted_at = $2 WHERE id = $1",
            organization, datetime.now(UTC) - timedelta(days=count),
        )  # fmt: skip
    straggler = await make.product(connection, 1, owner_id=me.organization_id)
    await heard()
    assert (await call("POST", f"{address}/restore")).status_code == 404
    database = Database(database_url, 1)
    assert (await purge(database), await purge(database)) == (1, 0)
    await database.close()
    left = await connection.fetch("SELECT id FROM organizations")
    assert [row["id"] for row in left] == [other.organization_id]
    assert await connection.fetchval("SELECT owner_id FROM products WHERE id = $1", straggler) is None


async def test_deleted_while_its_keys_are_in_use(
    api: Client, call: Caller, me: make.Account, connection: Connection
) -> None:
    """Every request before is answered, every one after is refused, and none fails."""
    keys = [await key(connection, me.user_id, me.organization_id, "csb", "manager") for _ in range(4)]
    for number in range(20):
        await make.product(connection, number + 1, owner_id=me.organization_id)
    stop = asyncio.Event()

    async def use(raw: str) -> list[int]:
        seen = []
        caller = Caller(api, raw)
        while not stop.is_set():
            name = f"/organizations/{me.organization_id}"
            for each in (caller("GET", name), caller("POST", f"{name}/api-keys", {"name": "x"})):
                seen.append((await each).status_code)
        return seen

    users = [asyncio.create_task(use(raw)) for raw in keys]
    await asyncio.sleep(0.2)
    assert (await call("DELETE", f"/organizations/{me.organization_id}")).status_code == 204
    await asyncio.sleep(0.2)
    stop.set()
    for seen in await asyncio.gather(*users):
        assert seen[0] == 200
        assert 401 in seen
        assert seen[-1] in (401, 429)  # refused requests count for the address, whose limit they may spend
        assert set(seen) <= {200, 401, 404, 429}
    active = "SELECT count(*) FROM api_keys WHERE organization_id = $1 AND is_active"
    assert await connection.fetchval(active, me.organization_id) == 0


async def test_what_is_claimed_during_the_deletion_is_released(
    me: make.Account, call: Caller, connection: Connection, database_url: str
) -> None:
    """One who asks `living` first makes the deletion wait; one who does not is cleaned up after by jobs."""
    product, late = await make.product(connection, 1), await make.product(connection, 2)
    owner = "UPDATE products SET owner_id = $2 WHERE id = $1"
    async with connection.transaction():
        await living(Writer(connection), me.organization_id)
        deletion = asyncio.create_task(call("DELETE", f"/organizations/{me.organization_id}"))
        await asyncio.sleep(0.1)
        assert not deletion.done()
        await connection.execute(owner, product, me.organization_id)
    assert (await deletion).status_code == 204
    assert await connection.fetchval("SELECT owner_id FROM products WHERE id = $1", product) is None
    await connection.execute(owner, late, me.organization_id)
    database = Database(database_url, 1)
    await release_organization(database, {"organization_id": me.organization_id})
    owned = "SELECT count(owner_id) + (SELECT count(organization_id) FROM brands) FROM products"
    assert await connection.fetchval(owned) == 0
    living_one = await make.insert(connection, "organizations", name="Living", country="DE")
    await make.brand(connection, "Theirs", living_one)
    await make.brand(connection, "Later still", me.organization_id)
    await connection.execute(owner, late, me.organization_id)
    assert [await release_deleted(database), await release_deleted(database)] == [1, 0], (
        "what the job came too early for"
    )
    await database.close()
    assert await connection.fetchval(owned) == 1


async def test_two_deletions_at_once(call: Caller, me: make.Account) -> None:
    address = f"/organizations/{me.organization_id}"
    answers = await asyncio.gather(call("DELETE", address), call("DELETE", address))
    assert sorted(answer.status_code for answer in answers) == [204, 404]
