"""Whoever may not, or may not know, is told 404; never 403 (contract: retailers, rules)."""

from typing import Any

import pytest

from closient_gql.core.db import Connection
from closient_gql.core.settings import Settings
from closient_gql.server.app import endpoints_of, operations_of
from schema import graph
from tests import make
from tests.account.world import heard
from tests.conftest import Client
from tests.retailers.world import API, LATER, MOMENT, Shop, colleague, in_store, online

CALLERS = {  # role in the organization, kind and role of the key; whether it may write
    "owner": ("owner", "csu", None, True),
    "manager": ("manager", "csu", None, True),
    "editor": ("editor", "csu", None, True),
    "billing": ("billing", "csu", None, False),
    "owner with a readonly key": ("owner", "csu", "readonly", False),
    "csb editor": ("owner", "csb", "editor", True),
    "csb readonly": ("owner", "csb", "readonly", False),
}
DATES = {"start_date": "2026-01-01", "end_date": "2027-01-01"}


async def things(connection: Connection, shop: Shop) -> dict[str, str]:
    """One of everything, by the name of its variable in the paths."""
    store, web = await in_store(connection, shop, price=1), await online(connection, shop, price=1)
    given: dict[str, Any] = {"promotional_price": 1, "start_date": MOMENT, "end_date": LATER}
    own = shop.account.organization_id
    return {
        "organizations": own, "retailers": shop.retailer, "physical-stores": shop.physical,
        "online-stores": shop.online, "in-store-offers": store, "online-offers": web, "offers": web,
        "in-store-promotions": await make.insert(connection, "in_store_promotions", offer_id=store, **given),
        "online-promotions": await make.insert(connection, "online_promotions", offer_id=web, **given),
        "regional-overrides": await make.insert(connection, "regional_overrides", offer_id=web, region="DE"),
        "inventory-sources": await make.insert(connection, "inventory_sources", organization_id=own, name="Tills"),
    }  # fmt: skip


def body_of(method: str, path: str, shop: Shop) -> Any:
    """Something that would be good to write there."""
    if method == "PUT":
        return {"sku": "9"} if "offers" in path else {"metadata": {"a": "b"}}
    if method != "POST":
        return None
    offer = {"product_id": shop.product, "sku": "new"}
    return {
        "retailers": {"name": "New"}, "inventory-sources": {"name": "New"}, "overrides": {"region": "US"},
        "physical-stores": {"retailer_id": shop.retailer, "location_id": shop.location, "currency": "USD"},
        "online-stores": {"retailer_id": shop.retailer, "url": "https://new.example", "currency": "USD"},
        "in-store-offers": offer | {"physical_store_id": shop.physical},
        "online-offers": offer | {"online_store_id": shop.online}, "promotions": DATES | {"promotional_price": 1},
    }[path.rpartition("/")[2]]  # fmt: skip


async def calls(connection: Connection, shop: Shop) -> list[tuple[str, str, Any]]:
    """A good request to every endpoint of this domain: method, address, body. Deletions come last, the parts first."""
    have, found = await things(connection, shop), []
    for each in endpoints_of(operations_of(graph(), Settings())):
        kind, path = each.path.split("/")[1], each.path
        if each.api.domain == "retailers" and kind in have:
            address = path.replace(path.split("/")[2], have[kind])
            found.append((each.method, API + address, body_of(each.method, path, shop)))
    order = ["GET", "PUT", "POST", "DELETE"]
    last = ["overrides", "promotions", "offers", "sources", "stores", "retailers"]
    return sorted(found, key=lambda c: (order.index(c[0]), *(not c[1].split("/")[4].endswith(w) for w in last)))


async def answers(api: Client, asked: list[tuple[str, str, Any]], key: str | None) -> dict[tuple[str, str], int]:
    headers = {"X-API-Key": key} if key else {}
    return {
        (method, path): (await api.request(method, path, json=body, headers=headers)).status_code
        for method, path, body in asked
    }


async def everything(connection: Connection) -> list[Any]:
    tables = ("retailers", "physical_stores", "online_stores", "in_store_offers", "online_offers",
              "in_store_promotions", "online_promotions", "regional_overrides", "inventory_sources", "events",
              "audit_entries")  # fmt: skip
    return [await connection.fetch(f"SELECT * FROM {table} ORDER BY id") for table in tables]  # noqa: S608


async def test_strangers(api: Client, connection: Connection, mine: Shop, theirs: Shop) -> None:
    """No key: 401. A key of another organization, or a publishable one of this: the catalogue, and nothing else."""
    asked = await calls(connection, mine)
    assert len(asked) >= 46
    before = await everything(connection)
    public = {("GET", f"{API}/physical-stores/{mine.physical}"), ("GET", f"{API}/online-stores/{mine.online}")}
    del api.headers["X-API-Key"]
    assert set((await answers(api, asked, None)).values()) == {401}
    cpk = await colleague(connection, mine.account.organization_id, "owner", "cpk", "readonly")
    for key in (theirs.account.key, cpk):
        found = await answers(api, asked, key)
        assert {call: status for call, status in found.items() if status != 404} == dict.fromkeys(public, 200)
    assert await everything(connection) == before


@pytest.mark.parametrize("who", CALLERS)
async def test_members(api: Client, connection: Connection, mine: Shop, who: str) -> None:
    """Who may write can do everything; who may not reads everything, and is told 404 for the rest."""
    *caller, writes = CALLERS[who]
    key = await colleague(connection, mine.account.organization_id, *caller)  # type: ignore[arg-type]
    asked = await calls(connection, mine)
    before = await everything(connection)
    found = await answers(api, asked, key)
    if writes:
        # a store at the same location is there already: 422 says that it would have been made
        unlike = {call: status for call, status in found.items() if status not in (200, 204)}
        assert list(unlike.values()) == [422], unlike
    else:
        assert {status for (method, _), status in found.items() if method == "GET"} == {200}
        assert {status for (method, _), status in found.items() if method != "GET"} == {404}
        assert await everything(connection) == before


async def test_an_organization_that_was_deleted(api: Client, connection: Connection, mine: Shop, theirs: Shop) -> None:
    """Its stores are shown to nobody; restored, they are opened again by hand."""
    offer = await in_store(connection, mine, price=1)
    await online(connection, mine)
    organization = f"/account/api/v1/organizations/{mine.account.organization_id}"
    assert (await api.delete(organization)).status_code == 204
    await heard()
    for key in (mine.account.key, theirs.account.key):
        for path in (f"physical-stores/{mine.physical}", f"online-stores/{mine.online}", f"in-store-offers/{offer}"):
            assert (await api.get(f"{API}/{path}", headers={"X-API-Key": key})).status_code == 404
    assert (await api.post(f"{organization}/restore")).status_code == 200
    await heard()
    found = (await api.get(f"{API}/physical-stores/{mine.physical}")).json()
    assert found["is_active"] is False
    assert (await api.get(f"{API}/in-store-offers/{offer}")).json()["price"]["amount"] == "1.00"
    assert (await api.put(f"{API}/physical-stores/{mine.physical}", json={"is_active": True})).status_code == 200
