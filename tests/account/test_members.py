"""Members: the list with its filters, roles, removal, and the last owner from two places at once."""

import asyncio

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.account.world import Caller, Person, heard, key, message, person
from tests.conftest import Client


@pytest.fixture
async def organization(connection: Connection) -> str:
    return await make.insert(connection, "organizations", name="Acme", country="DE")


@pytest.fixture
async def owner(connection: Connection, organization: str) -> Person:
    return await person(connection, organization, "owner")


@pytest.fixture
async def call(api: Client, owner: Person) -> Caller:
    return Caller(api, owner.key)


async def named(connection: Connection, organization: str, email: str, name: str, role: str) -> str:
    user = await make.insert(connection, "users", email=email, name=name, metadata={"desk": "4"})
    return await make.insert(connection, "memberships", user_id=user, organization_id=organization, role=role)


async def test_the_list_and_its_filters(call: Caller, organization: str, owner: Person, connection: Connection) -> None:
    ann = await named(connection, organization, "ann@acme.example", "Ann Lee", "editor")
    bob = await named(connection, organization, "bob@acme.example", "Bob 100%", "billing")
    await call("POST", f"/organizations/{organization}/members", {"email": "Cyd@Acme.Example", "role": "manager"})
    found = await call("GET", f"/organizations/{organization}/members")
    data = found.json()["data"]
    by_email = {each["user_email"]: each for each in data}
    assert [each["user_email"] for each in data] == sorted(by_email)
    assert by_email["ann@acme.example"] == {
        "id": ann, "user_email": "ann@acme.example", "user_name": "Ann Lee", "user_metadata": {"desk": "4"},
        "role": "editor", "role_display": "Editor", "status": "active",
        "created": by_email["ann@acme.example"]["created"],
    }  # fmt: skip
    invited = by_email["cyd@acme.example"]
    assert (invited["user_name"], invited["user_metadata"], invited["status"]) == ("", {}, "invited")

    async def emails(**query: str) -> list[str]:
        page = (await call("GET", f"/organizations/{organization}/members", params=query)).json()
        assert page["pagination"]["total_count"] == len(page["data"])
        return [each["user_email"] for each in page["data"]]

    assert await emails(role="editor") == ["ann@acme.example"]
    assert await emails(role="viewer") == []
    assert await emails(q="LEE") == ["ann@acme.example"]
    assert await emails(q="%") == ["bob@acme.example"]
    assert await emails(q="acme.example") == ["ann@acme.example", "bob@acme.example", "cyd@acme.example"]
    assert await emails(q="acme.example", status="active", role="billing") == ["bob@acme.example"]
    assert await emails(status="invited") == ["cyd@acme.example"]
    assert (await call("GET", f"/organizations/{organization}/members", params={"status": "gone"})).status_code == 422
    one = await call("GET", f"/organizations/{organization}/members/{bob}")
    assert one.json()["role_display"] == "Billing"
    pages = [
        (await call("GET", f"/organizations/{organization}/members", params={"page": n, "page_size": 2})).json()
        for n in (1, 2, 3)
    ]
    assert [len(page["data"]) for page in pages] == [2, 2, 0]
    assert pages[1]["pagination"] == {
        "page": 2, "page_size": 2, "total_count": 4, "total_pages": 2, "has_next": False, "has_previous": True,
    }  # fmt: skip


async def test_a_member_of_another_organization_is_not_there(
    call: Caller, organization: str, connection: Connection
) -> None:
    other = await make.account(connection)
    theirs = await connection.fetchval("SELECT id FROM memberships WHERE user_id = $1", other.user_id)
    for address in (f"/organizations/{organization}", f"/organizations/{other.organization_id}"):
        for method, body in (("GET", None), ("PUT", {"role": "editor"}), ("DELETE", None)):
            assert (await call(method, f"{address}/members/{theirs}", body)).status_code == 404
    found = await call.graph(
        f'{{ _entities(representations: [{{__typename: "Member", id: "{theirs}"}}]) {{ __typename }} }}'
    )
    assert found["data"]["_entities"] == [None]


async def test_a_change_of_role_counts_at_once(
    api: Client, call: Caller, organization: str, connection: Connection
) -> None:
    editor = await person(connection, organization, "editor")
    keys = f"/organizations/{organization}/api-keys"
    assert (await Caller(api, editor.key)("GET", keys)).status_code == 403
    changed = await call("PUT", f"/organizations/{organization}/members/{editor.member_id}", {"role": "manager"})
    assert (changed.status_code, changed.json()["role"], changed.json()["role_display"]) == (200, "manager", "Manager")
    await heard()
    assert (await Caller(api, editor.key)("GET", keys)).status_code == 200
    entry = (await call("GET", f"/organizations/{organization}/audit-log")).json()["data"][0]
    assert (entry["action"], entry["target_type"], entry["target_id"]) == (
        "member.role_changed", "member", editor.member_id,
    )  # fmt: skip
    assert entry["changes"][1:] == [{"field": "from", "value": "editor"}, {"field": "to", "value": "manager"}]


async def test_removal_cuts_access_at_once(
    api: Client, call: Caller, organization: str, connection: Connection
) -> None:
    editor = await person(connection, organization, "editor")
    theirs = Caller(api, editor.key)
    business = Caller(api, await key(connection, editor.user_id, organization, "csb", "readonly"))
    assert (await theirs("GET", f"/organizations/{organization}")).status_code == 200
    address = f"/organizations/{organization}/members/{editor.member_id}"
    assert (await call("DELETE", address)).status_code == 204
    await heard()
    assert (await theirs("GET", f"/organizations/{organization}")).status_code == 404
    assert (await theirs("GET", "/whoami")).json()["organizations"] == []
    assert (await business("GET", f"/organizations/{organization}")).status_code == 200, "it is the organization's"
    assert (await call("DELETE", address)).status_code == 404


async def test_the_last_owner_stays(call: Caller, organization: str, owner: Person, connection: Connection) -> None:
    await person(connection, organization, "manager")
    await call("POST", f"/organizations/{organization}/members", {"email": "o@x.example", "role": "owner"})
    address = f"/organizations/{organization}/members/{owner.member_id}"
    for answer in (await call("PUT", address, {"role": "manager"}), await call("DELETE", address)):
        assert (answer.status_code, message(answer)) == (
            409, "An organization keeps at least one owner: make somebody else an owner first.",
        )  # fmt: skip
    await person(connection, organization, "owner")
    assert (await call("PUT", address, {"role": "manager"})).status_code == 200


@pytest.mark.parametrize("how", ["both leave", "both step down", "each removes the other"])
async def test_the_last_two_owners_cannot_both_go(
    api: Client, organization: str, owner: Person, connection: Connection, how: str
) -> None:
    """From two places at once: one goes, the other one is the last and stays."""
    second = await person(connection, organization, "owner")
    pairs = [(owner, second), (second, owner)] if "each" in how else [(owner, owner), (second, second)]
    method, body = ("PUT", {"role": "editor"}) if "step" in how else ("DELETE", None)
    answers = await asyncio.gather(
        *(
            Caller(api, caller.key)(method, f"/organizations/{organization}/members/{member.member_id}", body)
            for caller, member in pairs
        )
    )
    statuses = sorted(answer.status_code for answer in answers)
    # of two that remove each other the slower one is no member any more when its turn comes
    assert statuses == [200 if method == "PUT" else 204, 404 if "each" in how else 409]
    owners = "SELECT count(*) FROM memberships WHERE organization_id = $1 AND role = 'owner'"
    assert await connection.fetchval(owners, organization) == 1
