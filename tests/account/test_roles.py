"""The matrix of roles, cell by cell, from outside: every kind of caller at every endpoint of the Account API.

The table is written out and not computed: it is what the contract says, and the code has to agree with it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from closient_gql.core.db import Connection
from closient_gql.core.keys import hash_key
from tests import make
from tests.account.world import Caller, Person, heard, key, person
from tests.conftest import Client
from tests.openapi import operation_name, operations

# member's role (or kind of key), then the role of its key; "-": no ceiling
CALLERS = (
    ("owner", "-"), ("owner", "manager"), ("owner", "editor"), ("owner", "readonly"),
    ("manager", "-"), ("manager", "editor"), ("manager", "readonly"),
    ("editor", "-"), ("editor", "manager"), ("editor", "readonly"),
    ("billing", "-"), ("billing", "manager"), ("billing", "readonly"),
    ("csb", "manager"), ("csb", "editor"), ("csb", "readonly"),
    ("cpk", "readonly"), ("other", "-"), ("other csb", "manager"), ("nobody", "-"),
)  # fmt: skip

TABLE = """
                             owner            manager      editor       billing      csb          cpk oth ocs nob
                             -   man edi rea  -   edi rea  -   man rea  -   man rea  man edi rea  rea -   man -
GET /whoami                  200 200 200 200  200 200 200  200 200 200  200 200 200  200 200 200  403 200 200 401
PATCH /whoami                200 200 200 403  200 200 403  200 200 403  200 200 403  403 403 403  403 200 403 401
GET /quota                   200 200 200 200  200 200 200  200 200 200  200 200 200  200 200 200  200 200 200 200
GET /preferences             200 200 200 200  200 200 200  200 200 200  200 200 200  403 403 403  403 200 403 401
PUT /preferences             200 200 200 403  200 200 403  200 200 403  200 200 403  403 403 403  403 200 403 401
GET own keys                 200 200 200 200  200 200 200  200 200 200  200 200 200  403 403 403  403 200 403 401
POST own key                 200 200 403 403  200 403 403  200 200 403  200 200 403  403 403 403  403 200 403 401
PATCH own key                200 200 403 403  200 403 403  200 200 403  200 200 403  403 403 403  403 404 403 401
rotate own key               200 200 403 403  200 403 403  200 200 403  200 200 403  403 403 403  403 404 403 401
DELETE own key               204 204 403 403  204 403 403  204 204 403  204 204 403  403 403 403  403 404 403 401
GET organizations            200 200 200 200  200 200 200  200 200 200  200 200 200  200 200 200  403 200 200 401
POST organization            200 200 403 403  200 403 403  200 200 403  200 200 403  403 403 403  403 200 403 401
GET organization             200 200 200 200  200 200 200  200 200 200  200 200 200  200 200 200  403 404 404 401
PUT organization             200 403 403 403  403 403 403  403 403 403  403 403 403  403 403 403  403 404 404 401
GET members                  200 200 200 200  200 200 200  200 200 200  200 200 200  200 200 200  403 404 404 401
GET member                   200 200 200 200  200 200 200  200 200 200  200 200 200  200 200 200  403 404 404 401
invite editor                200 200 403 403  200 403 403  403 403 403  403 403 403  200 403 403  403 404 404 401
invite manager               200 200 403 403  200 403 403  403 403 403  403 403 403  200 403 403  403 404 404 401
invite owner                 200 403 403 403  403 403 403  403 403 403  403 403 403  403 403 403  403 404 404 401
GET invitations              200 200 403 403  200 403 403  403 403 403  403 403 403  200 403 403  403 404 404 401
accept, no such token        404 404 404 404  404 404 404  404 404 404  404 404 404  404 404 404  404 404 404 404
revoke editor's invitation   204 204 403 403  204 403 403  403 403 403  403 403 403  204 403 403  403 404 404 401
revoke owner's invitation    204 403 403 403  403 403 403  403 403 403  403 403 403  403 403 403  403 404 404 401
editor to manager            200 200 403 403  200 403 403  403 403 403  403 403 403  200 403 403  403 404 404 401
editor to owner              200 403 403 403  403 403 403  403 403 403  403 403 403  403 403 403  403 404 404 401
owner to editor              200 403 403 403  403 403 403  403 403 403  403 403 403  403 403 403  403 404 404 401
itself to owner              200 200 403 403  403 403 403  403 403 403  403 403 403  403 403 403  403 404 404 401
remove editor                204 204 403 403  204 403 403  403 403 403  403 403 403  204 403 403  403 404 404 401
remove owner                 204 403 403 403  403 403 403  403 403 403  403 403 403  403 403 403  403 404 404 401
GET keys                     200 200 403 403  200 403 403  403 403 403  403 403 403  200 403 403  403 404 404 401
POST key                     200 200 403 403  200 403 403  403 403 403  403 403 403  200 403 403  403 404 404 401
POST key for itself          200 200 403 403  200 403 403  403 403 403  403 403 403  403 403 403  403 404 404 401
GET key                      200 200 403 403  200 403 403  403 403 403  403 403 403  200 403 403  403 404 404 401
PATCH key                    200 200 403 403  200 403 403  403 403 403  403 403 403  200 403 403  403 404 404 401
rotate key                   200 200 403 403  200 403 403  403 403 403  403 403 403  200 403 403  403 404 404 401
DELETE key                   204 204 403 403  204 403 403  403 403 403  403 403 403  204 403 403  403 404 404 401
GET audit log                200 403 403 403  403 403 403  403 403 403  403 403 403  403 403 403  403 404 404 401
restore, not deleted         409 403 403 403  403 403 403  403 403 403  403 403 403  403 403 403  403 404 404 401
DELETE organization          204 403 403 403  403 403 403  403 403 403  403 403 403  403 403 403  403 404 404 401
"""


@dataclass
class Scene:
    """One caller, and an organization with an owner. What a row of the table is about is made anew for each cell."""

    connection: Connection
    call: Caller
    organization: str
    owner: Person
    itself: Person  # the caller's membership; the owner's, where the caller has none

    @property
    def address(self) -> str:
        return f"/organizations/{self.organization}"

    async def member(self, role: str) -> str:
        return f"{self.address}/members/{(await person(self.connection, self.organization, role)).member_id}"

    async def invitation(self, role: str) -> str:
        id = await make.insert(
            self.connection, "invitations", organization_id=self.organization, role=role,
            email=f"{role}@invited.example", expires_at=datetime.now(UTC) + timedelta(days=1),
        )  # fmt: skip
        return f"{self.address}/invitations/{id}"

    async def key(self) -> str:
        raw = await key(self.connection, self.owner.user_id, self.organization, "csb", "readonly")
        id = await self.connection.fetchval("SELECT id FROM api_keys WHERE hash = $1", hash_key(raw))
        return f"{self.address}/api-keys/{id}"

    async def own_key(self) -> str:
        """A user key of the caller's, or of the owner's, who is somebody else."""
        raw = await key(self.connection, self.itself.user_id, None, "csu", "readonly")
        id = await self.connection.fetchval("SELECT id FROM api_keys WHERE hash = $1", hash_key(raw))
        return f"/api-keys/{id}"


def at(scene: Scene, path: str) -> str:
    return path if path.startswith("/") else f"{scene.address}{path and '/' + path}"


def plain(method: str, path: str, body: Any = None) -> Any:
    async def act(scene: Scene) -> httpx2.Response:
        return await scene.call(method, at(scene, path), body)

    return act


def on(target: Callable[[Scene], Any], method: str, body: Any = None, suffix: str = "") -> Any:
    async def act(scene: Scene) -> httpx2.Response:
        return await scene.call(method, await target(scene) + suffix, body)

    return act


async def on_itself(scene: Scene) -> httpx2.Response:
    return await scene.call("PUT", f"{scene.address}/members/{scene.itself.member_id}", {"role": "owner"})


def member(role: str) -> Any:
    return lambda scene: scene.member(role)


def invitation(role: str) -> Any:
    return lambda scene: scene.invitation(role)


A_KEY = {"name": "x", "role": "manager"}
ACTIONS: dict[str, Callable[[Scene], Any]] = {
    "GET /whoami": plain("GET", "/whoami"),
    "PATCH /whoami": plain("PATCH", "/whoami", {"name": "x"}),
    "GET /quota": plain("GET", "/quota"),
    "GET /preferences": plain("GET", "/preferences"),
    "PUT /preferences": plain("PUT", "/preferences", []),
    "GET own keys": plain("GET", "/api-keys"),
    "POST own key": plain("POST", "/api-keys", A_KEY),
    "PATCH own key": on(Scene.own_key, "PATCH", {"name": "y"}),
    "rotate own key": on(Scene.own_key, "POST", {"overlap_seconds": 60}, "/rotate"),
    "DELETE own key": on(Scene.own_key, "DELETE"),
    "GET organizations": plain("GET", "/organizations"),
    "POST organization": plain("POST", "/organizations", {"name": "x", "country": "DE"}),
    "GET organization": plain("GET", ""),
    "PUT organization": plain("PUT", "", {"name": "x"}),
    "GET members": plain("GET", "members"),
    "GET member": on(member("billing"), "GET"),
    "invite editor": plain("POST", "members", {"email": "new@editor.example"}),
    "invite manager": plain("POST", "members", {"email": "new@manager.example", "role": "manager"}),
    "invite owner": plain("POST", "members", {"email": "new@owner.example", "role": "owner"}),
    "GET invitations": plain("GET", "invitations"),
    "accept, no such token": plain("POST", "/invitations/accept", {"token": "x"}),
    "revoke editor's invitation": on(invitation("editor"), "DELETE"),
    "revoke owner's invitation": on(invitation("owner"), "DELETE"),
    "editor to manager": on(member("editor"), "PUT", {"role": "manager"}),
    "editor to owner": on(member("editor"), "PUT", {"role": "owner"}),
    "owner to editor": on(member("owner"), "PUT", {"role": "editor"}),
    "itself to owner": on_itself,
    "remove editor": on(member("editor"), "DELETE"),
    "remove owner": on(member("owner"), "DELETE"),
    "GET keys": plain("GET", "api-keys"),
    "POST key": plain("POST", "api-keys", A_KEY),
    "POST key for itself": plain("POST", "api-keys", A_KEY | {"kind": "csu"}),
    "GET key": on(Scene.key, "GET"),
    "PATCH key": on(Scene.key, "PATCH", {"name": "y"}),
    "rotate key": on(Scene.key, "POST", {"overlap_seconds": 60}, "/rotate"),
    "DELETE key": on(Scene.key, "DELETE"),
    "GET audit log": plain("GET", "audit-log"),
    "restore, not deleted": plain("POST", "restore"),
    "DELETE organization": plain("DELETE", ""),
}


async def scene(api: Client, connection: Connection, kind: str, key_role: str | None) -> Scene:
    """The caller of one column, in an organization of its own."""
    organization = await make.insert(connection, "organizations", name=f"Of {kind}", country="DE")
    owner = itself = await person(connection, organization, "owner")
    raw: str | None = None
    if kind in ("csb", "cpk"):
        itself = await person(connection, organization, "editor")
        raw = await key(connection, itself.user_id, organization, kind, key_role)
    elif kind.startswith("other"):
        raw = (await make.account(connection, kind="csb" if "csb" in kind else "csu", key_role=key_role)).key
    elif kind != "nobody":
        itself = await person(connection, organization, kind, key_role)
        raw = itself.key
    return Scene(connection, Caller(api, raw), organization, owner, itself)


async def test_the_matrix(api: Client, connection: Connection) -> None:
    columns = [await scene(api, connection, kind, None if role == "-" else role) for kind, role in CALLERS]
    await heard()
    rows = [(line[:28].strip(), line[28:].split()) for line in TABLE.splitlines()[3:]]
    assert [name for name, _ in rows] == list(ACTIONS)
    wrong, asked = [], set()
    for name, expected in rows:
        for column, status, caller in zip(columns, expected, CALLERS, strict=True):
            answer = await ACTIONS[name](column)
            asked.add(operation_name(answer))
            if str(answer.status_code) != status:
                wrong.append(f"{name} by {'/'.join(caller)}: {answer.status_code} instead of {status}: {answer.text}")
    assert wrong == []
    assert asked == set(operations("account")), "every endpoint has its row"


async def test_nobody_raises_itself_by_a_key_of_the_organization(api: Client, connection: Connection) -> None:
    """The key is a manager; its holder is an editor and stays one."""
    column = await scene(api, connection, "csb", "manager")
    address = f"{column.address}/members/{column.itself.member_id}"
    answer = await column.call("PUT", address, {"role": "manager"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        403, "Nobody raises the own role. Ask another owner.",
    )  # fmt: skip


async def test_a_role_that_was_lost_a_moment_ago_counts_no_more(
    api: Client, connection: Connection, database_url: str
) -> None:
    """The request comes in while its caller is a manager; by the time its turn comes, it is none."""
    column = await scene(api, connection, "manager", None)
    assert (await column.call("GET", column.address)).status_code == 200
    async with connection.transaction():
        await connection.execute("SELECT FROM organizations WHERE id = $1 FOR UPDATE", column.organization)
        waiting = asyncio.create_task(column.call("POST", f"{column.address}/members", {"email": "a@b.example"}))
        await asyncio.sleep(0.1)
        await connection.execute("UPDATE memberships SET role = 'editor' WHERE id = $1", column.itself.member_id)
    assert (await waiting).status_code == 403
