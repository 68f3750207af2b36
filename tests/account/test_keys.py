"""API keys: shown once, never more than their maker, rotated with an overlap, a user's own apart."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.account.world import Caller, heard, message, person
from tests.conftest import Client


@pytest.fixture
async def me(connection: Connection) -> make.Account:
    return await make.account(connection)


@pytest.fixture
async def call(api: Client, me: make.Account) -> Caller:
    return Caller(api, me.key)


@pytest.fixture
def keys(me: make.Account) -> str:
    return f"/organizations/{me.organization_id}/api-keys"


async def test_a_key_is_shown_once(api: Client, call: Caller, keys: str, me: make.Account) -> None:
    body = {
        "name": "Till", "description": "Cash desk", "role": "editor", "metadata": {"shop": "4"},
        "rate_limit_per_minute": 9, "expires_at": "2199-01-01T00:00:00Z",
    }  # fmt: skip
    made = (await call("POST", keys, body)).json()
    raw = made["key"]
    assert raw.startswith("csb_")
    listed = (await call("GET", keys)).json()
    assert listed["data"][0] == {
        "id": made["id"], "name": "Till", "description": "Cash desk", "kind": "csb", "role": "editor",
        "created": made["created"], "metadata": {"shop": "4"}, "is_active": True, "expires_at": "2199-01-01T00:00:00Z",
        "last_used": None, "rate_limit_per_minute": 9, "rate_limit_per_day": 0, "replaced_by": None,
    }  # fmt: skip
    assert raw not in str(listed)
    assert (await call("GET", f"{keys}/{made['id']}")).json() == listed["data"][0]
    assert made == listed["data"][0] | {"key": raw}
    theirs = Caller(api, raw)
    answer = await theirs("GET", f"/organizations/{me.organization_id}")
    assert (answer.status_code, answer.headers["RateLimit-Limit"]) == (200, "9")
    log = (await call("GET", f"/organizations/{me.organization_id}/audit-log")).text
    assert "api_key.created" in log
    assert raw not in log


async def test_kinds_and_defaults(api: Client, call: Caller, keys: str, me: make.Account) -> None:
    business = (await call("POST", keys, {"name": "x"})).json()
    assert (business["kind"], business["role"]) == ("csb", "readonly"), "no more than what was asked for"
    public = (await call("POST", keys, {"name": "x", "kind": "cpk"})).json()
    assert public["key"].startswith("cpk_")
    own = (await call("POST", keys, {"name": "x", "kind": "csu", "role": "manager"})).json()
    assert (await Caller(api, own["key"])("GET", "/whoami")).json()["user_id"] == me.user_id
    assert {each["kind"] for each in (await call("GET", keys)).json()["data"]} == {"csb", "cpk"}
    assert own["id"] in [each["id"] for each in (await call("GET", "/api-keys")).json()["data"]]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["name"]),
        ({"name": " "}, ["name"]),
        ({"name": "x", "role": "owner"}, ["role"]),
        ({"name": "x", "kind": "cpk", "role": "manager"}, ["role"]),
        ({"name": "x", "kind": "cpk", "role": "editor", "expires_at": "2020-01-01T00:00:00Z"}, ["expires_at", "role"]),
        ({"name": " ", "description": "x" * 256}, ["description", "name"]),
        ({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}, ["expires_at"]),
        ({"name": "x", "expires_at": "soon", "rate_limit_per_day": -1}, ["expires_at", "rate_limit_per_day"]),
        ({"name": "x", "description": "x" * 256, "kind": "csx"}, ["description", "kind"]),
    ],
)
async def test_what_cannot_be_a_key(call: Caller, keys: str, body: object, fields: list[str]) -> None:
    answer = await call("POST", keys, body)
    assert answer.status_code == 422
    assert sorted(each["field"] for each in answer.json()["error"]["details"]) == fields


async def test_changes_and_deletion(api: Client, call: Caller, keys: str, me: make.Account) -> None:
    made = (await call("POST", keys, {"name": "x", "metadata": {"a": "1"}})).json()
    address = f"{keys}/{made['id']}"
    changed = await call("PATCH", address, {"name": None, "description": "new", "metadata": {"b": "2"}})
    found = {name: changed.json()[name] for name in ("name", "description", "metadata")}
    assert found == {"name": "x", "description": "new", "metadata": {"a": "1", "b": "2"}}
    refused = await call("PATCH", address, {"role": "manager"})
    assert (refused.status_code, refused.json()["error"]["details"]) == (
        422, [{"field": "role", "message": "is not known"}],
    )  # fmt: skip
    theirs = Caller(api, made["key"])
    assert (await theirs("GET", "/whoami")).status_code == 200
    assert (await call("DELETE", address)).status_code == 204
    await heard()
    assert (await theirs("GET", "/whoami")).status_code == 401
    assert (await call("DELETE", address)).status_code == 404
    assert message(await call("GET", address)) == "There is no such api key."


async def test_rotation_with_an_overlap(api: Client, call: Caller, keys: str, connection: Connection) -> None:
    made = (await call("POST", keys, {"name": "x", "role": "editor", "metadata": {"a": "1"}})).json()
    before = datetime.now(UTC)
    turned = (await call("POST", f"{keys}/{made['id']}/rotate", {"overlap_seconds": 3600})).json()
    assert (turned["name"], turned["role"], turned["metadata"]) == ("x", "editor", {"a": "1"})
    assert turned["key"] != made["key"]
    old = turned["replaced"]
    assert {**old, **{n: turned[n] for n in ("id", "created", "expires_at", "replaced_by")}} == {
        name: value for name, value in turned.items() if name not in ("key", "replaced")
    }
    assert (turned["expires_at"], turned["replaced_by"]) == (None, None)
    assert (old["id"], old["is_active"], old["replaced_by"]) == (made["id"], True, turned["id"])
    end = datetime.fromisoformat(old["expires_at"])
    assert timedelta(minutes=59) < end - before < timedelta(minutes=61)
    await heard()
    for raw in (made["key"], turned["key"]):
        assert (await Caller(api, raw)("GET", "/whoami")).status_code == 200
    await connection.execute("UPDATE api_keys SET expires_at = now() WHERE id = $1", made["id"])
    await heard()
    assert (await Caller(api, made["key"])("GET", "/whoami")).status_code == 401
    twice = await call("POST", f"{keys}/{made['id']}/rotate", {"overlap_seconds": 0})
    assert (twice.status_code, message(twice)) == (
        409, f"The key was replaced already, by {turned['id']}. Rotate that one.",
    )  # fmt: skip


async def test_rotation_without_overlap_and_its_bounds(api: Client, call: Caller, keys: str) -> None:
    made = (await call("POST", keys, {"name": "x", "expires_at": "2199-01-01T00:00:00Z"})).json()
    address = f"{keys}/{made['id']}/rotate"
    for wrong in ({}, {"overlap_seconds": -1}, {"overlap_seconds": 2_592_001}, {"overlap_seconds": "1"}):
        assert (await call("POST", address, wrong)).status_code == 422
    answers = await asyncio.gather(*(call("POST", address, {"overlap_seconds": 0}) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    turned = next(answer.json() for answer in answers if answer.status_code == 200)
    assert turned["replaced"]["is_active"] is False
    assert (await call("GET", f"{keys}/{turned['id']}")).json()["expires_at"] == "2199-01-01T00:00:00Z"
    await heard()
    assert (await Caller(api, made["key"])("GET", "/whoami")).status_code == 401
    short = await call("POST", f"{keys}/{turned['id']}/rotate", {"overlap_seconds": 5, "expires_at": None})
    assert (await call("GET", f"{keys}/{short.json()['id']}")).json()["expires_at"] is None


async def test_own_keys_are_their_holders_alone(
    api: Client, call: Caller, keys: str, me: make.Account, connection: Connection
) -> None:
    """Whoever could rotate another's user key would be that person."""
    editor = await person(connection, me.organization_id, "editor")
    theirs = Caller(api, editor.key)
    (listed,) = (await theirs("GET", "/api-keys")).json()["data"]
    for address in (f"{keys}/{listed['id']}", f"/api-keys/{listed['id']}"):
        assert (await call("PATCH", address, {"name": "x"})).status_code == 404
        assert (await call("POST", f"{address}/rotate", {"overlap_seconds": 0})).status_code == 404
        assert (await call("DELETE", address)).status_code == 404
    assert (await call("GET", f"{keys}/{listed['id']}")).status_code == 404
    turned = (await theirs("POST", f"/api-keys/{listed['id']}/rotate", {"overlap_seconds": 0})).json()
    await heard()
    assert (await theirs("GET", "/whoami")).status_code == 401
    new = Caller(api, turned["key"])
    assert (await new("GET", "/whoami")).json()["user_id"] == editor.user_id
    assert (await new("PATCH", f"/api-keys/{turned['id']}", {"name": "Mine"})).json()["name"] == "Mine"
    assert (await new("POST", "/api-keys", {"name": "x", "kind": "csb"})).status_code == 422
    assert (await new("DELETE", f"/api-keys/{turned['id']}")).status_code == 204
    assert (await theirs("GET", "/whoami")).status_code == 401


async def test_a_key_with_a_ceiling_gets_none_without(api: Client, call: Caller, me: make.Account) -> None:
    """Neither by making it nor by the rotation of one that is there: whoever has the key would be shown more."""
    capped = Caller(api, (await call("POST", "/api-keys", {"name": "x", "role": "manager"})).json()["key"])
    refused = await capped("POST", f"/api-keys/{me.key_id}/rotate", {"overlap_seconds": 60})
    assert (refused.status_code, message(refused)) == (
        403, "A key cannot be more than its maker: a key without a ceiling is more than you may do.",
    )  # fmt: skip
    listed = (await call("GET", "/api-keys")).json()["data"]
    assert [each["replaced_by"] for each in listed] == [None, None]
    own = listed[0]["id"]
    assert (await capped("POST", f"/api-keys/{own}/rotate", {"overlap_seconds": 60})).json()["role"] == "manager"
    turned = await call("POST", f"/api-keys/{me.key_id}/rotate", {"overlap_seconds": 60})
    new = Caller(api, turned.json()["key"])
    assert (await new("PUT", f"/organizations/{me.organization_id}", {"name": "x"})).status_code == 200, "none still"


async def test_keys_of_other_organizations_are_not_there(call: Caller, keys: str, connection: Connection) -> None:
    other = await make.account(connection, kind="csb")
    theirs = f"/organizations/{other.organization_id}/api-keys"
    for address in (f"{keys}/{other.key_id}", f"{theirs}/{other.key_id}", f"/api-keys/{other.key_id}"):
        assert (await call("PATCH", address, {"name": "x"})).status_code == 404
        assert (await call("POST", f"{address}/rotate", {"overlap_seconds": 0})).status_code == 404
        assert (await call("DELETE", address)).status_code == 404
    assert (await call("GET", theirs)).status_code == 404
    assert (await call("POST", theirs, {"name": "x"})).status_code == 404
