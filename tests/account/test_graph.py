"""The caller, organizations and what is done to them, in the graph."""

from typing import Any

from closient_gql.core.db import Connection
from closient_gql.core.models.account import KeyKind, MemberRole
from resolvers.viewer import Viewer
from tests import make
from tests.account.world import Caller, counted, heard, person
from tests.conftest import Client


async def ask(api: Client, key: str, query: str) -> Any:
    answer = await api.post("/graphql", json={"query": query}, headers={"X-API-Key": key})
    assert answer.status_code == 200
    return answer.json()


VIEWER = """{ viewer { user { email } organizations { id isBrand country }
  apiKey { kind role isActive rateLimitPerMinute lastUsed } } quota { windows { quota used } } }"""


async def test_viewer(api: Client, connection: Connection) -> None:
    me = await make.account(connection, per_minute=9)
    data = (await ask(api, me.key, VIEWER))["data"]
    assert data["viewer"]["organizations"] == [{"id": me.organization_id, "isBrand": False, "country": "DE"}]
    assert data["viewer"]["apiKey"] == {
        "kind": "USER", "role": "MANAGER", "isActive": True, "rateLimitPerMinute": 9, "lastUsed": None,
    }  # fmt: skip
    assert data["quota"]["windows"][0] == {"quota": 9, "used": 1}


async def test_others_are_not_found_through_entities(api: Client, connection: Connection) -> None:
    me, other = await make.account(connection), await make.account(connection)
    query = f"""{{ _entities(representations: [
      {{__typename: "User", id: "{other.user_id}"}}, {{__typename: "User", id: "{me.user_id}"}},
      {{__typename: "Organization", id: "{other.organization_id}"}},
      {{__typename: "Organization", id: "{me.organization_id}"}},
      {{__typename: "ApiKey", id: "{other.key_id}"}},
      {{__typename: "ApiKey", id: "{me.key_id}"}}]) {{ __typename }} }}"""
    found = (await ask(api, me.key, query))["data"]["_entities"]
    names = [each and each["__typename"] for each in found]
    assert names == [None, "User", None, "Organization", None, "ApiKey"]


LISTS = """{ organizations(first: %d) { nodes { name members { totalCount nodes { email role } } apiKeys { totalCount }
  invitations { totalCount } auditLog { totalCount nodes { action userEmail changes { field value } } } } } }"""


async def test_lists_of_many_organizations_take_as_many_statements_as_of_one(
    connection: Connection, database_url: str
) -> None:
    organizations = [await make.insert(connection, "organizations", name=f"O{n}", country="DE") for n in range(5)]
    owner = await person(connection, None)
    for organization in organizations:
        await make.insert(connection, "memberships", user_id=owner.user_id, organization_id=organization, role="owner")
        await make.insert(
            connection, "audit_entries", organization_id=organization, user_id=owner.user_id, action="a.b",
            target_type="a", target_id="x", changes={"deep": {"er": [1]}},
        )  # fmt: skip
    viewer = Viewer(KeyKind.USER, None, None, owner.user_id, memberships=dict.fromkeys(organizations, MemberRole.OWNER))
    data, one = await counted(database_url, viewer, LISTS % 1)
    assert data["organizations"]["nodes"][0]["auditLog"]["nodes"] == [
        {"action": "a.b", "userEmail": owner.email, "changes": [{"field": "deep", "value": '{"er":[1]}'}]}
    ]
    data, five = await counted(database_url, viewer, LISTS % 5)
    assert len(data["organizations"]["nodes"]) == 5
    # organizations; members, keys, invitations, entries; a count of each; the actors
    assert one == five == 10


async def test_where_the_role_is_too_small_there_is_null(api: Client, connection: Connection) -> None:
    """Beside the answers of other organizations, with an error of its own."""
    organizations = [await make.insert(connection, "organizations", name=f"O{n}", country="DE") for n in range(2)]
    me = await person(connection, organizations[0], "owner")
    await make.insert(connection, "memberships", user_id=me.user_id, organization_id=organizations[1], role="editor")
    found = await Caller(api, me.key).graph(LISTS % 2)
    first, second = found["data"]["organizations"]["nodes"]
    assert first["members"]["nodes"] == [{"email": me.email, "role": "OWNER"}]
    assert second["members"]["nodes"] == [{"email": me.email, "role": "EDITOR"}]
    names = ("apiKeys", "auditLog", "invitations")
    assert [first[name]["totalCount"] for name in names] == [0, 0, 0]
    assert [second[name] for name in names] == [None] * 3
    assert sorted((e["path"][2], e["path"][3], e["extensions"]["code"]) for e in found["errors"]) == [
        (1, name, "FORBIDDEN") for name in names
    ]


CREATE = """mutation ($input: OrganizationInput!) { organizationCreate(input: $input) { id metadata
  members { nodes { id email role status } } } }"""
INVITE = """mutation ($o: ID!) { memberInvite(organizationId: $o, input: {email: "a@b.example"}) { id status role }
  again: memberUpdateRole(organizationId: $o, id: "aaaaaaaaaaaa", input: {role: OWNER}) { id } }"""
REVOKE = "mutation ($o: ID!, $id: ID!) { invitationRevoke(organizationId: $o, id: $id) }"
KEYS = """mutation ($o: ID!) { apiKeyCreate(organizationId: $o, input: {name: "x", role: EDITOR}) {
  key apiKey { id role kind } } }"""
ROTATE = """mutation ($o: ID!, $id: ID!) { apiKeyUpdate(organizationId: $o, id: $id, input: {metadata: {a: "1"}}) {
  metadata } apiKeyRotate(organizationId: $o, id: $id, input: {overlapSeconds: 0}) {
  apiKey { metadata } replaced { id isActive } } apiKeyDelete(organizationId: $o, id: $id) }"""
END = """mutation ($o: ID!) { organizationUpdate(id: $o, input: {name: "New", metadata: null}) { name metadata }
  organizationDelete(id: $o) organizationRestore(id: $o) { name members { totalCount } } }"""


async def test_everything_by_mutations(api: Client, connection: Connection) -> None:
    me = await person(connection, None)
    call = Caller(api, me.key)
    made = await call.graph(CREATE, input={"name": "Acme", "country": "DE", "metadata": {"a": "1"}})
    organization = made["data"]["organizationCreate"]
    assert [(m["email"], m["role"], m["status"]) for m in organization["members"]["nodes"]] == [
        (me.email, "OWNER", "ACTIVE")
    ]
    o = organization["id"]
    await heard()
    invited = await call.graph(INVITE, o=o)
    assert invited["data"]["memberInvite"]["status"] == "INVITED"
    assert invited["data"]["again"] is None
    assert [error["extensions"]["code"] for error in invited["errors"]] == ["NOT_FOUND"]
    revoked = await call.graph(REVOKE, o=o, id=invited["data"]["memberInvite"]["id"])
    assert revoked == {"data": {"invitationRevoke": True}}
    key = (await call.graph(KEYS, o=o))["data"]["apiKeyCreate"]
    assert (key["key"][:4], key["apiKey"]["role"], key["apiKey"]["kind"]) == ("csb_", "EDITOR", "BUSINESS")
    turned = (await call.graph(ROTATE, o=o, id=key["apiKey"]["id"]))["data"]
    assert turned == {
        "apiKeyUpdate": {"metadata": {"a": "1"}},
        "apiKeyRotate": {
            "apiKey": {"metadata": {"a": "1"}},
            "replaced": {"id": key["apiKey"]["id"], "isActive": False},
        },
        "apiKeyDelete": True,
    }
    ended = await call.graph(END, o=o)
    assert ended["data"] == {
        "organizationUpdate": {"name": "New", "metadata": {}},
        "organizationDelete": True,
        "organizationRestore": {"name": "New", "members": {"totalCount": 1}},
    }
    actions = await connection.fetch("SELECT action FROM audit_entries WHERE organization_id = $1", o)
    assert sorted(row["action"] for row in actions) == [
        "api_key.created", "api_key.deleted", "api_key.rotated", "api_key.updated", "invitation.revoked",
        "member.invited", "organization.created", "organization.deleted", "organization.restored",
        "organization.updated",
    ]  # fmt: skip


async def test_without_a_key_there_are_no_mutations_but_the_acceptance(api: Client) -> None:
    anonymous = Caller(api, None)
    denied = await anonymous.graph(CREATE, input={"name": "x", "country": "DE"})
    assert (denied["data"], denied["errors"][0]["extensions"]["code"]) == ({"organizationCreate": None}, "UNAUTHORIZED")
    accepted = await anonymous.graph('mutation { invitationAccept(input: {token: "x"}) { key } }')
    assert accepted["errors"][0]["extensions"]["code"] == "NOT_FOUND"
