"""The audit log: newest first, filtered, without secrets."""

from datetime import UTC, datetime, timedelta

from closient_gql.core.db import Connection
from tests import make
from tests.account.world import Caller
from tests.conftest import Client

START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_filters_and_pages(api: Client, connection: Connection) -> None:
    me, other = await make.account(connection), await make.account(connection)
    for number, action in enumerate(["member.invited", "member.joined", "memberless", "brand.claimed"]):
        await make.insert(
            connection, "audit_entries", organization_id=me.organization_id, action=action, created=START
            + timedelta(hours=number), user_id=me.user_id if number % 2 else None, key_id=None,
            target_type=action.split(".")[0], target_id=f"t{number}", changes={"n": number, "text": "ü"},
        )  # fmt: skip
    await make.insert(
        connection, "audit_entries", organization_id=other.organization_id, action="member.invited",
        target_type="member", target_id="t0",
    )  # fmt: skip
    call = Caller(api, me.key)

    async def actions(**query: str) -> list[str]:
        page = (await call("GET", f"/organizations/{me.organization_id}/audit-log", params=query)).json()
        assert page["pagination"]["total_count"] == len(page["data"])
        return [entry["action"] for entry in page["data"]]

    assert await actions() == ["brand.claimed", "memberless", "member.joined", "member.invited"]
    assert await actions(action="member") == ["member.joined", "member.invited"]
    assert await actions(action="member.joined") == ["member.joined"]
    assert await actions(action="mem%") == []
    assert await actions(user_id=me.user_id) == ["brand.claimed", "member.joined"]
    assert await actions(target_type="brand") == ["brand.claimed"]
    assert await actions(target_id="t2") == ["memberless"]
    assert await actions(since="2026-01-01T01:00:00Z", until="2026-01-01T03:00:00Z") == ["memberless", "member.joined"]
    page = (await call("GET", f"/organizations/{me.organization_id}/audit-log?page_size=1&page=4")).json()
    assert page["data"][0] | {"id": ""} == {
        "id": "", "created": "2026-01-01T00:00:00Z", "action": "member.invited", "user_id": None, "user_email": None,
        "key_id": None, "target_type": "member", "target_id": "t0",
        "changes": [{"field": "n", "value": "0"}, {"field": "text", "value": "ü"}],
    }  # fmt: skip
    assert (await call("GET", f"/organizations/{other.organization_id}/audit-log")).status_code == 404
    wrong = await call("GET", f"/organizations/{me.organization_id}/audit-log?since=yesterday")
    assert wrong.status_code == 422
