"""Keys: what is refused and how, what each kind may do, and that a revoked one is refused from the next request on."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from closient_gql.core.db import Connection, Database
from closient_gql.core.keys import checksum, hash_key, key_kind, new_key
from closient_gql.server import auth
from closient_gql.server import hearing as ears
from closient_gql.server.auth import BAD_KEY, Keys
from closient_gql.server.hearing import LISTENER, Hearing
from resolvers.account.keys import touch_keys, viewer_of_key
from tests import make
from tests.conftest import Client, client_of

WHOAMI, CATALOGUE = "/account/api/v1/whoami", "/products/api/v1/trade-items"
GOOD = new_key("csu")
MALFORMED = {
    "empty": "",
    "a word": "demo",
    "no checksum": GOOD.rpartition("_")[0],
    "wrong checksum": GOOD[:-8] + f"{int(GOOD[-8:], 16) ^ 1:08x}",
    "mistyped body": GOOD[:4] + ("b" if GOOD[4] == "a" else "a") + GOOD[5:],
    "unknown prefix": "cse" + GOOD[3:],
    "upper case checksum": GOOD[:4] + "A" * 32 + "_" + checksum("A" * 32).upper(),
    "one letter more": GOOD + "x",
    "four parts": GOOD + "_00000000",
    "very long": "csu_" + "a" * 10_000,
    "not ASCII": "csü_" + GOOD[4:],
    "the sample in the docs": "csb_AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEf_1a2b3c4d",
}


def by(key: str) -> dict[bytes, bytes]:
    return {b"X-API-Key": key.encode("latin-1")}


async def refused(client: Client, key: str) -> None:
    """Both APIs say 401, each in its form."""
    error = {"code": "UNAUTHORIZED", "message": BAD_KEY, "status": 401, "details": None}
    for address in (WHOAMI, CATALOGUE):
        rest = await client.get(address, headers=by(key))
        assert (rest.status_code, rest.json()) == (401, {"error": error})
        assert rest.headers["WWW-Authenticate"] == 'ApiKey realm="closient", header="X-API-Key"'
        assert rest.headers["RateLimit-Limit"] == "120", "a bad key counts for its address"
    graph = await client.post("/graphql", json={"query": "{ __typename }"}, headers=by(key))
    extensions = {"code": "UNAUTHORIZED", "status": 401, "details": None}
    assert graph.status_code == 401
    assert graph.json() == {"errors": [{"message": BAD_KEY, "extensions": extensions}]}


async def status(client: Client, key: str, address: str = CATALOGUE) -> int:
    return (await client.get(address, headers=by(key))).status_code


def keys_of(client: Client) -> Keys:
    found: Keys = client.app.state.keys  # type: ignore[attr-defined]
    return found


def ears_of(client: Client) -> Hearing:
    found: Hearing = client.app.state.hearing  # type: ignore[attr-defined]
    return found


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.002)


@pytest.fixture
async def hearing(api: Client) -> Client:
    """The application, listening."""
    await until(lambda: keys_of(api).hearing)
    return api


@pytest.fixture
async def other(database_url: str, hearing: Client) -> AsyncIterator[Client]:
    """A second application on the same database, listening too."""
    async with asynccontextmanager(client_of)(database_url, fresh=True) as client:
        await until(lambda: keys_of(client).hearing)
        yield client


@pytest.fixture
def look_ups(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The hashes that the database was asked for."""
    asked: list[bytes] = []

    async def counting(read: Any, hash: bytes) -> Any:
        asked.append(hash)
        return await viewer_of_key(read, hash)

    monkeypatch.setattr(auth, "viewer_of_key", counting)
    return asked


# --- refused


async def test_malformed_keys_are_refused_without_the_database(api: Client, look_ups: list[bytes]) -> None:
    keys_of(api).database = Database("postgresql://nobody@127.0.0.1:1/none", 1)  # asking it would be a 503
    for name, key in MALFORMED.items():
        assert key_kind(key) is None, name
        await refused(api, key)
    assert look_ups == []


async def test_unknown_keys(api: Client, look_ups: list[bytes]) -> None:
    await refused(api, GOOD)
    assert set(look_ups) == {hash_key(GOOD)}


async def test_expired_and_revoked_keys(api: Client, connection: Connection) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    await refused(api, (await make.account(connection, expires_at=past)).key)
    await refused(api, (await make.account(connection, is_active=False)).key)


async def test_a_key_expires_while_it_is_cached(hearing: Client, connection: Connection) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.5)
    key = (await make.account(connection, expires_at=soon)).key
    assert await status(hearing, key) == 200
    await asyncio.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()) + 0.01)
    await refused(hearing, key)


async def test_the_same_key_with_another_prefix_is_unknown(api: Client, connection: Connection) -> None:
    key = (await make.account(connection)).key
    assert key_kind("csb" + key[3:]) is not None, "the checksum is the body's alone"
    await refused(api, "csb" + key[3:])


async def test_blanks_around_a_key_do_not_belong_to_it(api: Client, connection: Connection) -> None:
    key = (await make.account(connection)).key
    assert [await status(api, given) for given in (f"{key} ", f" {key}\t", f"{key[:9]} {key[9:]}")] == [200, 200, 401]


async def test_a_deleted_key_is_refused_at_once(hearing: Client, connection: Connection) -> None:
    account = await make.account(connection)
    assert await status(hearing, account.key) == 200
    await connection.execute("DELETE FROM api_keys WHERE id = $1", account.key_id)
    await asyncio.sleep(0.05)
    await refused(hearing, account.key)


# --- who is who


async def test_publishable_keys_read_the_catalogue_and_have_no_user(api: Client, connection: Connection) -> None:
    account = await make.account(connection, kind="cpk")
    assert await status(api, account.key) == 200
    answer = await api.get(WHOAMI, headers=by(account.key))
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "FORBIDDEN"
    graph = await api.post("/graphql", json={"query": "{ viewer { user { id } } }"}, headers=by(account.key))
    assert graph.status_code == 200
    assert graph.json()["data"] is None or graph.json()["data"] == {"viewer": None}
    assert graph.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    own = await api.get(f"/products/api/v1/products?organization_id={account.organization_id}", headers=by(account.key))
    assert own.status_code in (403, 404)


async def test_business_keys_act_for_their_organization(api: Client, connection: Connection) -> None:
    mine, theirs = await make.account(connection, kind="csb"), await make.account(connection)
    second = await make.insert(connection, "organizations", name="Second", country="DE")
    await make.insert(connection, "memberships", user_id=mine.user_id, organization_id=second, role="owner")
    answer = (await api.get(WHOAMI, headers=by(mine.key))).json()
    assert [each["id"] for each in answer["organizations"]] == [mine.organization_id]
    assert answer["api_key"]["id"] == mine.key_id
    claimed = "/products/api/v1/products?organization_id="
    assert await status(api, mine.key, claimed + mine.organization_id) == 200
    assert await status(api, mine.key, claimed + second) == 404, "its holder's other organization is not its own"
    hidden = await api.get(claimed + theirs.organization_id, headers=by(mine.key))
    absent = await api.get(claimed + make.make_id(1), headers=by(mine.key))
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json() == absent.json(), "nobody learns that it exists"


async def test_user_keys_follow_their_holder(api: Client, connection: Connection) -> None:
    mine = await make.account(connection)
    second = await make.insert(connection, "organizations", name="A second", country="DE")
    await make.insert(connection, "memberships", user_id=mine.user_id, organization_id=second, role="editor")
    answer = (await api.get(WHOAMI, headers=by(mine.key))).json()
    assert [each["id"] for each in answer["organizations"]] == [second, mine.organization_id], "by name"
    assert answer["user_id"] == mine.user_id
    assert re.fullmatch(r"user\d+@example.org", answer["email"])
    assert answer["api_key"]["role"] == "manager", "no ceiling is shown as the highest role"


async def test_without_a_key(api: Client) -> None:
    answer = await api.get(WHOAMI)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "UNAUTHORIZED"
    assert answer.json()["error"]["message"] != BAD_KEY
    graph = await api.post("/graphql", json={"query": "{ viewer { user { id } } }"})
    assert (graph.status_code, graph.json()["errors"][0]["extensions"]["code"]) == (200, "UNAUTHORIZED")


# --- the cache hears


async def test_revocation_reaches_every_application(
    hearing: Client, other: Client, connection: Connection, look_ups: list[bytes]
) -> None:
    account, untouched = await make.account(connection), await make.account(connection)
    await asyncio.sleep(0.05)  # what the builders announced is heard
    for client in (hearing, other) * 3:
        assert await status(client, account.key) == await status(client, untouched.key) == 200
    assert len(look_ups) == 4, "one for each key and application; the rest came from the caches"
    await connection.execute("UPDATE api_keys SET is_active = false WHERE id = $1", account.key_id)
    await asyncio.sleep(0.02)
    await refused(hearing, account.key)
    await refused(other, account.key)
    asked = len(look_ups)
    assert await status(hearing, untouched.key) == 200
    assert len(look_ups) == asked, "another key's change costs nothing"


async def test_a_change_is_answered_when_every_application_has_heard_of_it(
    hearing: Client, other: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the very next request on, by whatever process it is answered, and however busy that one is."""
    me = await make.account(connection)
    theirs, loop = ears_of(other), asyncio.get_running_loop()
    notified, questioned = theirs._notified, theirs._questioned
    monkeypatch.setattr(theirs, "_notified", lambda *heard: loop.call_later(0.1, notified, *heard))
    monkeypatch.setattr(theirs, "_questioned", lambda question: loop.call_later(0.1, questioned, question))
    await asyncio.sleep(0.15)
    organization = f"/account/api/v1/organizations/{me.organization_id}"
    made = (await hearing.post(f"{organization}/api-keys", json={"name": "x"}, headers=by(me.key))).json()
    for client in (hearing, other):
        assert await status(client, made["key"]) == 200
    deleted = await hearing.delete(f"{organization}/api-keys/{made['id']}", headers=by(me.key))
    assert deleted.status_code == 204
    assert [await status(client, made["key"]) for client in (other, hearing)] == [401, 401]
    assert await status(other, me.key, organization) == 200
    new = await hearing.post("/account/api/v1/organizations", json={"name": "x", "country": "DE"}, headers=by(me.key))
    assert await status(other, me.key, f"/account/api/v1/organizations/{new.json()['id']}") == 200


async def test_a_change_does_not_wait_for_ever(
    hearing: Client, other: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await make.account(connection)
    monkeypatch.setattr(ears, "PATIENCE", 0.05)
    monkeypatch.setattr(ears_of(other), "_questioned", lambda _: None)
    made = await hearing.post("/account/api/v1/api-keys", json={"name": "x"}, headers=by(me.key))
    assert made.status_code == 200


async def test_nothing_comes_from_a_cache_that_cannot_hear(
    hearing: Client, connection: Connection, look_ups: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ears, "RETRY", 1.5)  # time for what follows
    account, untouched = await make.account(connection), await make.account(connection)
    await asyncio.sleep(0.05)
    keys = keys_of(hearing)
    assert await status(hearing, account.key) == await status(hearing, untouched.key) == 200
    killed = await connection.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = $1",
        LISTENER,
    )
    assert killed == 1
    await until(lambda: not keys.hearing, 1)
    await connection.execute("UPDATE api_keys SET is_active = false WHERE id = $1", account.key_id)
    await refused(hearing, account.key)
    assert await status(hearing, untouched.key) == 200
    assert not keys.hearing
    await until(lambda: keys.hearing)
    await refused(hearing, account.key)
    asked = len(look_ups)
    assert await status(hearing, untouched.key) == await status(hearing, untouched.key) == 200
    assert len(look_ups) == asked + 1, "looked up once more, then cached again"


async def test_a_look_up_that_a_change_overtakes_is_not_kept(
    hearing: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await make.account(connection)
    await asyncio.sleep(0.05)

    async def overtaken(read: Any, hash: bytes) -> Any:
        found = await viewer_of_key(read, hash)
        await connection.execute("UPDATE api_keys SET is_active = false WHERE id = $1", account.key_id)
        await asyncio.sleep(0.05)
        return found

    monkeypatch.setattr(auth, "viewer_of_key", overtaken)
    assert await status(hearing, account.key) == 200, "it was good when it was looked up"
    monkeypatch.setattr(auth, "viewer_of_key", viewer_of_key)
    await refused(hearing, account.key)


async def test_removal_from_an_organization_counts_at_once(hearing: Client, connection: Connection) -> None:
    account = await make.account(connection)
    address = f"/products/api/v1/products?organization_id={account.organization_id}"
    assert await status(hearing, account.key, address) == 200
    await connection.execute("DELETE FROM memberships WHERE user_id = $1", account.user_id)
    await asyncio.sleep(0.02)
    assert await status(hearing, account.key, address) == 404
    assert (await hearing.get(WHOAMI, headers=by(account.key))).json()["organizations"] == []


async def test_the_cache_is_bounded(hearing: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = [await make.account(connection) for _ in range(3)]
    await asyncio.sleep(0.05)
    monkeypatch.setattr(auth, "MOST", 2)
    for account in accounts:
        assert await status(hearing, account.key) == 200
    assert list(keys_of(hearing)._cache) == [hash_key(account.key) for account in accounts[1:]]
    monkeypatch.setattr(keys_of(hearing), "clock", lambda: time.monotonic() + auth.FRESH + 1)
    assert keys_of(hearing)._cached(hash_key(accounts[1].key)) is None, "nothing is believed for ever"


async def test_changed_limits_count_at_once(hearing: Client, connection: Connection) -> None:
    account = await make.account(connection)
    assert (await hearing.get(CATALOGUE, headers=by(account.key))).headers["RateLimit-Limit"] == "300"
    await connection.execute("UPDATE api_keys SET rate_limit_per_minute = 7 WHERE id = $1", account.key_id)
    await asyncio.sleep(0.02)
    assert (await hearing.get(CATALOGUE, headers=by(account.key))).headers["RateLimit-Limit"] == "7"


# --- last_used


async def state(connection: Connection, key_id: str) -> tuple[datetime | None, Any]:
    row = await connection.fetchrow("SELECT last_used, xmin FROM api_keys WHERE id = $1", key_id)
    assert row
    return row["last_used"], row["xmin"]


async def test_last_used_is_written_once_for_many_requests(api: Client, connection: Connection) -> None:
    account = await make.account(connection)
    before = await state(connection, account.key_id)
    for _ in range(5):
        assert await status(api, account.key) == 200
    assert await state(connection, account.key_id) == before, "no request writes"
    await keys_of(api).flush()
    first, version = await state(connection, account.key_id)
    assert first is not None
    assert datetime.now(UTC) - first < timedelta(seconds=5)
    await keys_of(api).flush()
    assert (await state(connection, account.key_id))[1] == version, "nothing new, nothing written"
    keys_of(api).used[account.key_id] = first - timedelta(days=1)  # a worker that is late
    await keys_of(api).flush()
    assert (await state(connection, account.key_id))[0] == first, "never back in time"


async def test_last_used_is_written_by_itself_and_at_the_end(
    database_url: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert auth.FLUSH <= 30, "and a failed one is repeated: together less than 60 seconds"
    account, last = await make.account(connection), await make.account(connection)
    monkeypatch.setattr(auth, "FLUSH", 0.05)
    async with asynccontextmanager(client_of)(database_url) as client:
        assert await status(client, account.key) == 200
        for _ in range(100):  # it takes as long as the database takes
            if (await state(connection, account.key_id))[0] is not None:
                break
            await asyncio.sleep(0.02)
        else:
            pytest.fail("it was not written")
        monkeypatch.setattr(auth, "FLUSH", 100)
        await asyncio.sleep(0.1)
        assert await status(client, last.key) == 200
        assert (await state(connection, last.key_id))[0] is None
    assert (await state(connection, last.key_id))[0] is not None


async def test_a_flush_that_fails_loses_nothing_and_stops_nothing(
    database_url: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await make.account(connection)
    failures = 0

    async def failing(*arguments: Any) -> None:
        nonlocal failures
        failures += 1
        raise RuntimeError("deadlock detected")

    monkeypatch.setattr(auth, "FLUSH", 0.02)
    monkeypatch.setattr(auth, "touch_keys", failing)
    async with asynccontextmanager(client_of)(database_url) as client:
        await until(lambda: keys_of(client).hearing)
        assert await status(client, account.key) == 200
        await until(lambda: failures >= 2)
        assert list(keys_of(client).used) == [account.key_id]
        assert keys_of(client).hearing
        monkeypatch.setattr(auth, "touch_keys", touch_keys)
        await until(lambda: not keys_of(client).used)
    assert (await state(connection, account.key_id))[0] is not None
