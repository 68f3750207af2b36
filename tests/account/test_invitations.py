"""Invitations: mailed by a job, accepted once, by the invited address, in time."""

import asyncio
import re
from email.message import Message
from typing import Any

import orjson
import pytest

from closient_gql.core.db import Connection, Database
from closient_gql.core.settings import Settings
from resolvers.account import jobs
from resolvers.account.invitations import hash_token
from tests import make
from tests.account.world import ACCEPT, Caller, heard, message, person
from tests.conftest import Client

EMAIL = "new@acme.example"


class Mailbox:
    """Takes mails instead of sending them; the first `failing` times it fails."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.failing = 0

    async def send(self, mail: Message) -> None:
        if self.failing:
            self.failing -= 1
            raise OSError("away")
        self.mails.append(mail)

    @property
    def token(self) -> str:
        found = re.search(r"^ {4}([\w-]{43})$", self.mails[-1].text, re.MULTILINE)
        assert found
        return found[1]


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    found = Mailbox()
    monkeypatch.setattr(jobs, "mailer_of", lambda _: found)
    return found


@pytest.fixture
async def me(connection: Connection) -> make.Account:
    return await make.account(connection)


@pytest.fixture
async def call(api: Client, me: make.Account) -> Caller:
    return Caller(api, me.key)


@pytest.fixture
def members(me: make.Account) -> str:
    return f"/organizations/{me.organization_id}/members"


async def deliver(connection: Connection, url: str) -> list[dict[str, Any]]:
    """Runs the jobs that wait, as the worker does; gives their payloads."""
    rows = await connection.fetch(
        "DELETE FROM pgqueuer WHERE entrypoint = 'account.send_invitation' RETURNING id, payload"
    )
    payloads: list[dict[str, Any]] = [orjson.loads(row["payload"]) for row in sorted(rows, key=lambda row: row["id"])]
    database = Database(url, 1)
    for payload in payloads:
        await jobs.send_invitation(database, payload)
    await database.close()
    return payloads


async def accept(api: Client, token: str, **more: Any) -> Any:
    headers = {"X-API-Key": more.pop("key")} if "key" in more else {}
    return await api.post(ACCEPT, json={"token": token, **more}, headers=headers)


async def test_the_answer_is_for_the_new_member(
    api: Client, call: Caller, members: str, connection: Connection, database_url: str, mailbox: Mailbox
) -> None:
    await call("POST", members, {"email": EMAIL})
    await deliver(connection, database_url)
    accepting = """mutation ($token: String!) { invitationAccept(input: {token: $token}) { role organization {
      members(status: ACTIVE, q: "new@") { nodes { email } } apiKeys { totalCount } } } }"""
    found = await Caller(api, None).graph(accepting, token=mailbox.token)
    assert found["data"]["invitationAccept"] == {
        "role": "EDITOR",
        "organization": {"members": {"nodes": [{"email": EMAIL}]}, "apiKeys": None},
    }
    assert [(e["path"][-1], e["extensions"]["code"]) for e in found["errors"]] == [("apiKeys", "FORBIDDEN")]


async def test_from_invitation_to_membership(
    api: Client, call: Caller, me: make.Account, members: str, connection: Connection, database_url: str,
    mailbox: Mailbox,
) -> None:  # fmt: skip
    invited = (await call("POST", members, {"email": f" {EMAIL.upper()}"})).json()
    assert (invited["user_email"], invited["role"], invited["status"]) == (EMAIL, "editor", "invited")
    assert await connection.fetchval("SELECT count(*) FROM users WHERE email = $1", EMAIL) == 0
    assert (await call("GET", f"{members}/{invited['id']}")).json() == invited
    (payload,) = await deliver(connection, database_url)
    assert set(payload) == {"invitation_id", "sending"}, "a job's payload holds no secret"
    (mail,) = mailbox.mails
    assert (mail.to, mail.subject.startswith("Invitation to Organization")) == (EMAIL, True)
    stored = await connection.fetchval("SELECT token_hash FROM invitations")
    assert stored == hash_token(mailbox.token)

    answer = await accept(api, mailbox.token, name="New Person", email=EMAIL)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["email"], body["role"], body["organization"]["id"]) == (EMAIL, "editor", me.organization_id)
    assert (body["api_key"]["kind"], body["api_key"]["role"]) == ("csu", "manager")
    assert await connection.fetchval("SELECT role FROM api_keys WHERE id = $1", body["api_key"]["id"]) is None
    theirs = Caller(api, body["key"])
    who = (await theirs("GET", "/whoami")).json()
    assert (who["user_id"], who["email"], who["name"]) == (body["user_id"], EMAIL, "New Person")
    assert [each["id"] for each in who["organizations"]] == [me.organization_id]
    member = (await call("GET", f"{members}/{invited['id']}")).json()
    assert (member["status"], member["user_name"]) == ("active", "New Person")
    assert (await theirs("GET", f"/organizations/{me.organization_id}/api-keys")).status_code == 403
    log = (await call("GET", f"/organizations/{me.organization_id}/audit-log")).json()["data"]
    assert [entry["action"] for entry in log] == ["member.joined", "member.invited"]
    assert [entry["user_id"] for entry in log] == [body["user_id"], me.user_id]
    assert log[0]["user_email"] == EMAIL
    assert body["key"] not in str(log)

    again = await accept(api, mailbox.token)
    assert (again.status_code, message(again)) == (409, "The invitation has been used already.")


async def test_the_mail_says_where_to_accept(
    call: Caller, members: str, connection: Connection, database_url: str, mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for given, address in (
        (Settings(), "http://localhost:8000"),
        (Settings(listens_at="http://localhost:8611"), "http://localhost:8611"),
        (
            Settings(listens_at="http://localhost:8611", public_url="https://closient.example/"),
            "https://closient.example",
        ),
    ):
        monkeypatch.setattr(jobs, "settings", lambda given=given: given)
        await call("POST", members, {"email": EMAIL})
        await deliver(connection, database_url)
        assert f" {address}/account/api/v1/invitations/accept " in mailbox.mails[-1].text


async def test_a_user_who_is_there_already_keeps_its_name(
    api: Client, call: Caller, members: str, connection: Connection, database_url: str, mailbox: Mailbox
) -> None:
    known = await person(connection, None)
    await call("POST", members, {"email": known.email, "role": "billing"})
    await deliver(connection, database_url)
    body = (await accept(api, mailbox.token, name="Other", key=known.key)).json()
    assert (body["user_id"], body["role"]) == (known.user_id, "billing")
    assert await connection.fetchval("SELECT name FROM users WHERE id = $1", known.user_id) == "Owner"
    await heard()
    assert len((await Caller(api, known.key)("GET", "/whoami")).json()["organizations"]) == 1


async def test_two_acceptances_at_once(
    api: Client, call: Caller, members: str, connection: Connection, database_url: str, mailbox: Mailbox
) -> None:
    await call("POST", members, {"email": EMAIL})
    await deliver(connection, database_url)
    answers = await asyncio.gather(*(accept(api, mailbox.token) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    keys = "SELECT count(*) FROM api_keys k JOIN users u ON u.id = k.user_id WHERE u.email = $1"
    assert await connection.fetchval(keys, EMAIL) == 1


async def test_what_cannot_be_accepted(
    api: Client, call: Caller, me: make.Account, members: str, connection: Connection, database_url: str,
    mailbox: Mailbox,
) -> None:  # fmt: skip
    invited = (await call("POST", members, {"email": EMAIL})).json()
    await deliver(connection, database_url)
    token = mailbox.token
    nothing = await accept(api, "x" * 43)
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (404, "NOT_FOUND")
    for more in ({"email": "other@acme.example"}, {"key": me.key}):
        other = await accept(api, token, **more)
        assert (other.status_code, message(other)) == (409, "The invitation is for another e-mail address.")
        assert EMAIL not in other.text
    assert (await accept(api, "")).status_code == 422

    await connection.execute("UPDATE invitations SET expires_at = now()")
    late = await accept(api, token)
    assert (late.status_code, message(late)) == (409, "The invitation has expired. Ask for a new one.")
    assert (await call("GET", f"{members}/{invited['id']}")).status_code == 404
    await connection.execute("UPDATE invitations SET expires_at = now() + interval '1 day'")
    address = f"/organizations/{me.organization_id}/invitations"
    listed = (await call("GET", address)).json()["data"]
    assert [(each["id"], each["email"], each["role"]) for each in listed] == [(invited["id"], EMAIL, "editor")]
    assert (await call("DELETE", f"{address}/{invited['id']}")).status_code == 204
    assert (await call("DELETE", f"{address}/{invited['id']}")).status_code == 404
    withdrawn = await accept(api, token)
    assert (withdrawn.status_code, message(withdrawn)) == (409, "The invitation was withdrawn.")
    assert await connection.fetchval("SELECT count(*) FROM users WHERE email = $1", EMAIL) == 0


async def test_an_invitation_of_a_deleted_organization(
    api: Client, call: Caller, me: make.Account, members: str, connection: Connection, database_url: str,
    mailbox: Mailbox,
) -> None:  # fmt: skip
    await call("POST", members, {"email": EMAIL})
    await deliver(connection, database_url)
    await call("DELETE", f"/organizations/{me.organization_id}")
    assert (await accept(api, mailbox.token)).status_code == 404


async def test_a_second_invitation_renews_the_first(
    api: Client, call: Caller, members: str, connection: Connection, database_url: str, mailbox: Mailbox
) -> None:
    first = (await call("POST", members, {"email": EMAIL, "role": "billing"})).json()
    await deliver(connection, database_url)
    old = mailbox.token
    second = (await call("POST", members, {"email": EMAIL, "role": "manager"})).json()
    assert (second["id"], second["role"]) == (first["id"], "manager")
    assert (await accept(api, old)).status_code == 404
    await deliver(connection, database_url)
    assert (await accept(api, mailbox.token)).json()["role"] == "manager"
    member = await call("POST", members, {"email": EMAIL})
    assert (member.status_code, message(member)) == (409, f"{EMAIL} is a member of the organization already.")


async def test_many_invitations_of_one_address_at_once(call: Caller, members: str, connection: Connection) -> None:
    answers = await asyncio.gather(*(call("POST", members, {"email": EMAIL}) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert await connection.fetchval("SELECT count(*) FROM invitations") == 1


async def test_a_manager_neither_lowers_nor_withdraws_an_owners_invitation(
    api: Client, call: Caller, me: make.Account, members: str, connection: Connection
) -> None:
    invited = (await call("POST", members, {"email": EMAIL, "role": "owner"})).json()
    manager = Caller(api, (await person(connection, me.organization_id, "manager")).key)
    assert (await manager("POST", members, {"email": EMAIL, "role": "editor"})).status_code == 403
    assert (await manager("PUT", f"{members}/{invited['id']}", {"role": "editor"})).status_code == 403
    assert (await manager("DELETE", f"{members}/{invited['id']}")).status_code == 403
    lowered = await call("PUT", f"{members}/{invited['id']}", {"role": "editor"})
    assert (lowered.json()["role"], lowered.json()["status"]) == ("editor", "invited")
    assert (await manager("DELETE", f"{members}/{invited['id']}")).status_code == 204


async def test_a_mail_goes_out_once_and_a_failure_is_repeated(
    call: Caller, members: str, connection: Connection, database_url: str, mailbox: Mailbox
) -> None:
    invited = (await call("POST", members, {"email": EMAIL})).json()
    payload = {"invitation_id": invited["id"], "sending": "one"}
    database, mailbox.failing = Database(database_url, 1), 1
    with pytest.raises(OSError, match="away"):
        await jobs.send_invitation(database, payload)
    await jobs.send_invitation(database, payload)
    stored = await connection.fetchval("SELECT token_hash FROM invitations")
    await jobs.send_invitation(database, payload)  # a worker died before it could say that the job was done
    assert len(mailbox.mails) == 1
    assert stored == await connection.fetchval("SELECT token_hash FROM invitations") == hash_token(mailbox.token)
    await call("DELETE", f"{members}/{invited['id']}")
    await jobs.send_invitation(database, payload | {"sending": "two"})
    assert len(mailbox.mails) == 1, "nothing is sent for what was withdrawn"
    await database.close()


@pytest.mark.parametrize("email", ["nobody", "a b@c.example", "a@b@c", "a@b,c@d.example", "a@b\r\nBcc: c@d", "", 7])
async def test_addresses_that_are_none(call: Caller, members: str, email: object) -> None:
    answer = await call("POST", members, {"email": email})
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "email")
    assert (await call("POST", members, {"email": "a@b.example", "role": "viewer"})).status_code == 422
