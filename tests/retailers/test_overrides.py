"""Regional overrides, offers in the form that both kinds had once, inventory sources."""

from typing import Any

import pytest

from closient_gql.core.db import Connection
from closient_gql.core.models.retailers import OfferSource
from resolvers.retailers.inputs import LegacySource, LegacyStatus
from resolvers.retailers.legacy import SOURCES, new_source, new_status
from tests import make
from tests.conftest import Client
from tests.retailers.world import API, NOBODY, Shop, details, events, got, in_store, online, trail

# --- regional overrides


async def test_an_override(api: Client, connection: Connection, mine: Shop) -> None:
    offer = await online(connection, mine, price=10)
    path = f"{API}/offers/{offer}/overrides"
    body = {"region": "us-ca", "price": 12, "price_currency": "usd", "status": "out_of_stock", "source": "scrape",
            "source_reference": "page 7", "metadata": {"a": "b"}}  # fmt: skip
    made = await api.post(path, json=body)
    assert made.status_code == 200, made.text
    override = made.json()
    assert override == {
        "id": override["id"], "offer_id": offer, "region": "US-CA", "created": override["created"], "sku": None,
        "url": None, "price": "12.00", "price_currency": "USD", "quantity_on_hand": None, "status": "out_of_stock",
        "metadata": {"a": "b"}, "source": "scrape", "source_priority": 50, "source_reference": "page 7",
    }  # fmt: skip
    one = f"{API}/regional-overrides/{override['id']}"
    assert await got(api, one) == override
    changed = await api.put(one, json={"price_currency": None, "status": None, "source": "pos_sync", "region": "CA"})
    assert changed.json() == override | {
        "price_currency": "EUR", "status": None, "source": "pos_sync", "source_priority": 10, "region": "CA",
    }  # fmt: skip  # without one of its own, it is the store's
    assert (await api.put(one, json={"source_priority": 7, "price": None})).json()["price_currency"] is None
    assert (await api.delete(one)).status_code == 204
    assert await got(api, path) == []
    for answer in (await api.get(one), await api.put(one, json={}), await api.delete(one)):
        assert answer.status_code == 404
    assert [action for action, _ in await trail(connection, override["id"])] == [
        f"regional_override.{what}" for what in ("created", "updated", "updated", "deleted")
    ]
    assert len(await events(connection, override["id"])) == 4


async def test_each_source_has_one_word_on_a_region(api: Client, connection: Connection, mine: Shop) -> None:
    offer = await online(connection, mine)
    path = f"{API}/offers/{offer}/overrides"
    for region, source, priority in (
        ("US", "scrape", None),
        ("US", "manual", None),
        ("US", "brand", 1),
        ("DE", "brand", None),
    ):
        body = {"region": region, "source": source, "source_priority": priority}
        assert (await api.post(path, json=body)).status_code == 200
    found = [(each["region"], each["source"], each["source_priority"]) for each in await got(api, path)]
    # by region, the most believed first
    assert found == [("DE", "brand", 30), ("US", "brand", 1), ("US", "manual", 20), ("US", "scrape", 50)]
    taken = [("region", "is taken: this source has an override for this region already")]
    assert details(await api.post(path, json={"region": "us"})) == taken
    last = (await got(api, path))[-1]["id"]
    assert details(await api.put(f"{API}/regional-overrides/{last}", json={"source": "manual"})) == taken


async def test_what_no_override_can_be(api: Client, connection: Connection, mine: Shop) -> None:
    offer, store = await online(connection, mine), await in_store(connection, mine)
    path = f"{API}/offers/{offer}/overrides"
    for wrong, field in (
        ({"region": "XX"}, "region"), ({"region": "US-ZZ"}, "region"), ({"region": None}, "region"),
        ({"region": "EU-WIDE"}, "region"), ({"price": -1}, "price"), ({"price_currency": "EURO"}, "price_currency"),
        ({"price_currency": "XXX"}, "price_currency"), ({"quantity_on_hand": -1}, "quantity_on_hand"),
        ({"status": "active?"}, "status"), ({"source_priority": -1}, "source_priority"), ({"url": "x"}, "url"),
    ):  # fmt: skip
        assert [name for name, _ in details(await api.post(path, json={"region": "DE"} | wrong))] == [field], wrong
    assert details(await api.post(path, json={})) == [("region", "is required")]
    # offers in stores have no regions
    assert await got(api, f"offers/{store}/overrides") == []
    assert details(await api.post(f"{API}/offers/{store}/overrides", json={"region": "DE"})) == [
        ("offer_id", "is that of an in-store offer: only online ones have regions")
    ]
    assert (await api.post(f"{API}/offers/{NOBODY}/overrides", json={"region": "DE"})).status_code == 404
    assert await got(api, path) == []


# --- offers in the form that both kinds had once


async def test_both_kinds_in_one_list(api: Client, connection: Connection, mine: Shop, theirs: Shop) -> None:
    first = await in_store(connection, mine, sku="1", price="2.5", quantity_on_hand=4, source="pos_sync")
    second = await online(connection, mine, url="https://shop.example/p", status="seasonal", source="scrape")
    await online(connection, theirs)
    shared = {"product_id": mine.product, "retailer_id": mine.retailer,
              "organization_id": mine.account.organization_id, "is_verified": False}  # fmt: skip
    page = await got(api, f"{mine.organization}/offers")
    assert page["data"] == [
        shared | {"id": first, "sku": "1", "url": "", "price": "2.50", "price_currency": "USD", "status": "active",
                  "source": "feed", "quantity_on_hand": 4},
        shared | {"id": second, "sku": "", "url": "https://shop.example/p", "price": None, "price_currency": "EUR",
                  "status": "inactive", "source": "scraper", "quantity_on_hand": None},
    ]  # fmt: skip
    assert page["pagination"]["total_count"] == 2
    assert (await got(api, f"{mine.organization}/offers", page=2, page_size=1))["data"] == page["data"][1:]
    for row in page["data"]:
        assert await got(api, f"offers/{row['id']}") == row


async def test_changing_either_kind(api: Client, connection: Connection, mine: Shop) -> None:
    store, web = await in_store(connection, mine, price=1), await online(connection, mine, status="seasonal")
    path = f"{API}/offers/{store}"
    changed = (await api.put(path, json={"price": 2, "price_currency": "usd", "status": "inactive", "sku": "9"})).json()
    assert (changed["price"], changed["status"], changed["sku"]) == ("2.00", "inactive", "9")
    now = await got(api, f"in-store-offers/{store}")
    assert (now["price"], now["status"], now["sku"]) == ({"amount": "2.00", "currency": "USD"}, "discontinued", "9")
    assert now["inventory_synced_at"] is not None
    assert details(await api.put(path, json={"price_currency": "EUR", "url": "https://x.example"})) == [
        ("price_currency", "must be USD: the store decides it"), ("url", "is for online offers only"),
    ]  # fmt: skip
    for wrong, field in (({"status": "seasonal"}, "status"), ({"source": "brand"}, "source"), ({"price": -1}, "price"),
                         ({"price_currency": "ZZZ"}, "price_currency"),
                         ({"product_id": NOBODY}, "product_id")):  # fmt: skip
        assert [name for name, _ in details(await api.put(path, json=wrong))] == [field]
    path = f"{API}/offers/{web}"
    body = {"url": "https://x.example/p", "status": "inactive", "source": "scraper"}
    assert (await api.put(path, json=body)).json()["source"] == "scraper"
    row = await connection.fetchrow("SELECT status, source, source_priority FROM online_offers")
    assert row is not None
    assert tuple(row) == ("seasonal", "scrape", 50)  # out of season is inactive already
    await online(connection, mine, sku="9")
    assert [name for name, _ in details(await api.put(path, json={"sku": "9"}))] == ["sku"]
    assert (await api.put(f"{API}/offers/{NOBODY}", json={})).status_code == 404


@pytest.mark.parametrize("old", OfferSource)
def test_sources_of_then_and_now(old: OfferSource) -> None:
    assert new_source(old.value, SOURCES[old]) is old  # what means the same stays as it is
    for wanted in LegacySource:
        assert SOURCES[new_source(old.value, wanted)] is wanted
    assert new_source(old.value, None) is old


@pytest.mark.parametrize(
    ("old", "wanted", "new"),
    [("active", LegacyStatus.ACTIVE, "active"), ("active", LegacyStatus.INACTIVE, "discontinued"),
     ("out_of_stock", LegacyStatus.INACTIVE, "out_of_stock"), ("seasonal", LegacyStatus.ACTIVE, "active"),
     ("seasonal", None, "seasonal")],
)  # fmt: skip
def test_statuses_of_then_and_now(old: str, wanted: LegacyStatus | None, new: str) -> None:
    assert new_status(old, wanted) == new


# --- inventory sources


async def test_an_inventory_source(api: Client, connection: Connection, mine: Shop, theirs: Shop) -> None:
    path = f"{mine.organization}/inventory-sources"
    made = await api.post(path, json={"name": "Tills", "source": "pos_sync", "physical_store_id": mine.physical})
    assert made.status_code == 200, made.text
    source = made.json()
    assert source == {
        "id": source["id"], "organization_id": mine.account.organization_id, "name": "Tills", "source": "pos_sync",
        "source_priority": 10, "physical_store_id": mine.physical, "online_store_id": None, "status": "active",
        "last_sync_at": None, "last_error": "", "created": source["created"], "modified": source["modified"],
        "metadata": {},
    }  # fmt: skip
    one = f"{API}/inventory-sources/{source['id']}"
    assert await got(api, one) == source
    assert (await got(api, path))["data"] == [source]
    paused = (await api.put(one, json={"status": "paused", "source_priority": 3, "name": None})).json()
    assert (paused["status"], paused["source_priority"], paused["name"]) == ("paused", 3, "Tills")
    for wrong, status in (
        ({"physical_store_id": theirs.physical}, 404), ({"online_store_id": NOBODY}, 404), ({"name": ""}, 422),
        ({"physical_store_id": mine.physical, "online_store_id": mine.online}, 422), ({"status": "error"}, 422),
    ):  # fmt: skip
        assert (await api.post(path, json={"name": "x"} | wrong)).status_code == status, wrong
    assert (await api.delete(one)).status_code == 204
    assert (await api.get(one)).status_code == 404
    assert await make.insert(connection, "retailers", name="still there")
    assert [action for action, _ in await trail(connection, source["id"])] == [
        f"inventory_source.{what}" for what in ("created", "updated", "deleted")
    ]


async def test_levels_of_confidence(api: Client, mine: Shop) -> None:
    levels = await got(api, "inventory-confidence-levels")
    assert [(each["level"], each["max_age_hours"]) for each in levels] == [
        ("confirmed", 1), ("likely", 24), ("uncertain", 48), ("stale", None),
    ]  # fmt: skip
    assert levels[0]["description"] == "Its source spoke within the last hour."


def test_every_source_has_its_place() -> None:
    """Of two that disagree, the lower one is believed: the till before people, people before machines."""
    from closient_gql.core.models.retailers import SOURCE_PRIORITIES

    order: list[Any] = sorted(OfferSource, key=SOURCE_PRIORITIES.__getitem__)
    assert [each.value for each in order] == [
        "pos_sync", "manual", "brand", "affiliate_feed", "scrape", "user_feedback",
    ]  # fmt: skip
    assert len(set(SOURCE_PRIORITIES.values())) == len(OfferSource)
