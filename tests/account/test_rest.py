"""The Account API: who is calling, and what is left of the limits."""

from closient_gql.core.db import Connection
from tests import make
from tests.conftest import Client

WHOAMI, QUOTA = "/account/api/v1/whoami", "/account/api/v1/quota"


async def test_whoami_of_a_user_key(api: Client, connection: Connection) -> None:
    me = await make.account(connection)
    second = await make.insert(connection, "organizations", name="Another", country="FR")
    await make.insert(connection, "memberships", user_id=me.user_id, organization_id=second, role="editor")
    answer = await api.get(WHOAMI, headers={"X-API-Key": me.key})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["user_id"], body["metadata"]) == (me.user_id, {})
    assert [o["id"] for o in body["organizations"]] == [second, me.organization_id]  # by name
    assert {k: body["api_key"][k] for k in ("id", "role", "metadata")} == {
        "id": me.key_id, "role": "manager", "metadata": {},  # without a ceiling it is shown as manager
    }  # fmt: skip
    assert me.key not in answer.text


async def test_whoami_of_a_business_key_shows_its_organization_alone(api: Client, connection: Connection) -> None:
    me = await make.account(connection, kind="csb", key_role="editor")
    second = await make.insert(connection, "organizations", name="Another", country="FR")
    await make.insert(connection, "memberships", user_id=me.user_id, organization_id=second, role="owner")
    body = (await api.get(WHOAMI, headers={"X-API-Key": me.key})).json()
    assert [o["id"] for o in body["organizations"]] == [me.organization_id]
    assert (body["user_id"], body["api_key"]["role"]) == (me.user_id, "editor")


async def test_a_publishable_key_has_no_user(api: Client, connection: Connection) -> None:
    me = await make.account(connection, kind="cpk", key_role="readonly")
    answer = await api.get(WHOAMI, headers={"X-API-Key": me.key})
    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == (
        "A publishable key cannot do this. Use a user or business key."
    )  # fmt: skip
    assert (await api.get("/brands/api/v1/brands", headers={"X-API-Key": me.key})).status_code == 200


async def test_quota_of_anybody(api: Client) -> None:
    first, second = (await api.get(QUOTA)).json(), (await api.get(QUOTA)).json()
    (window,) = first["windows"]
    assert (window["seconds"], window["quota"], window["used"], window["remaining"]) == (60, 120, 1, 119)
    assert second["windows"][0]["used"] == 2
    assert 1 <= window["reset"] <= 60


async def test_quota_of_a_key_with_limits_of_its_own(api: Client, connection: Connection) -> None:
    me = await make.account(connection, per_minute=7, per_day=50)
    body = (await api.get(QUOTA, headers={"X-API-Key": me.key})).json()
    assert [(w["seconds"], w["quota"], w["remaining"]) for w in body["windows"]] == [(60, 7, 6), (86400, 50, 49)]
