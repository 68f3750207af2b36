"""The caller in the graph."""

from typing import Any

from closient_gql.core.db import Connection
from tests import make
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
