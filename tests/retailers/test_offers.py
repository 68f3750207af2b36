"""Offers: made, listed, changed, deleted; natural keys; money."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.models.account import KeyKind, MemberRole
from closient_gql.core.money import Money
from resolvers.context import Context
from resolvers.retailers import offers, promotions, stores
from resolvers.viewer import Viewer
from tests import make
from tests.conftest import Client
from tests.retailers.world import API, NOBODY, Shop, details, events, got, in_store, online, trail


def now(text: str) -> bool:
    """Whether a moment is within the last minute."""
    return timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(text) < timedelta(minutes=1)


async def test_an_in_store_offer(api: Client, connection: Connection, mine: Shop) -> None:
    body = {"product_id": mine.product, "physical_store_id": mine.physical, "sku": " A-1 ", "price": 5.9,
            "quantity_on_hand": 3, "aisle": "7", "store_pickup_available": True, "source": "pos_sync",
            "metadata": {"a": "b"}}  # fmt: skip
    made = await api.post(f"{mine.organization}/in-store-offers", json=body)
    assert made.status_code == 200, made.text
    offer = made.json()
    assert now(offer["inventory_synced_at"])
    assert now(offer["created"])
    expected = {
        "product_id": mine.product, "physical_store_id": mine.physical, "metadata": {"a": "b"},
        "organization_id": mine.account.organization_id, "sku": "A-1", "price": {"amount": "5.90", "currency": "USD"},
        "status": "active", "is_verified": False, "source": "pos_sync", "quantity_on_hand": 3, "aisle": "7",
        "store_pickup_available": True,
    }  # fmt: skip
    assert {name: offer[name] for name in expected} == expected
    path = f"{API}/in-store-offers/{offer['id']}"
    assert await got(api, path) == offer
    assert now(str(await connection.fetchval("SELECT last_inventory_sync FROM locations WHERE id = $1", mine.location)))
    assert await connection.fetchval("SELECT source_priority FROM in_store_offers") == 10
    # what is not given stays; null is unknown where that can be
    changed = (
        await api.put(path, json={"price": None, "quantity_on_hand": None, "sku": None, "source": "scrape"})
    ).json()
    assert (changed["price"], changed["quantity_on_hand"], changed["sku"], changed["aisle"], changed["source"]) == (
        None, None, "A-1", "7", "scrape",
    )  # fmt: skip
    assert await connection.fetchval("SELECT source_priority FROM in_store_offers") == 50
    free = (await api.put(path, json={"price": "0"})).json()
    assert free["price"] == {"amount": "0.00", "currency": "USD"}
    assert (await api.delete(path)).status_code == 204
    for answer in (await api.get(path), await api.put(path, json={}), await api.delete(path)):
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, "There is no such in store offer.")
    assert await trail(connection, offer["id"]) == [
        ("in_store_offer.created", {"product_id": mine.product, "physical_store_id": mine.physical, "sku": "A-1",
                                    "price": "5.9", "status": "active"}),
        ("in_store_offer.updated", {"price": {"old": "5.9", "new": None},
                                    "quantity_on_hand": {"old": 3, "new": None},
                                    "source": {"old": "pos_sync", "new": "scrape"},
                                    "source_priority": {"old": 10, "new": 50}}),
        ("in_store_offer.updated", {"price": {"old": None, "new": "0"}}),
        ("in_store_offer.deleted", {"product_id": mine.product, "physical_store_id": mine.physical, "sku": "A-1"}),
    ]  # fmt: skip
    about = {"kind": "in_store_offer", "product_id": mine.product}
    was = {"price": {"old": "5.9", "new": None}, "quantity_on_hand": {"old": 3, "new": None}}
    assert await events(connection, offer["id"]) == [
        ("offer.created", about), ("offer.updated", about | {"changes": was}),
        ("offer.updated", about | {"changes": {"price": {"old": None, "new": "0"}}}), ("offer.deleted", about),
    ]  # fmt: skip


async def test_an_online_offer(api: Client, connection: Connection, mine: Shop) -> None:
    body = {"product_id": mine.product, "online_store_id": mine.online, "url": "https://shop.example/p",
            "price": "12.5",
            "delivery_countries": ["de", "AT"], "shipping_cost": 3.9, "lead_time_days": 2, "stock_level": "low_stock",
            "status": "seasonal", "fulfillment_type": "express"}  # fmt: skip
    made = await api.post(f"{mine.organization}/online-offers", json=body)
    assert made.status_code == 200, made.text
    offer = made.json()
    expected = {
        "product_id": mine.product, "online_store_id": mine.online, "metadata": {}, "sku": "",
        "organization_id": mine.account.organization_id, "url": "https://shop.example/p",
        "price": {"amount": "12.50", "currency": "EUR"}, "status": "seasonal", "is_verified": False, "source": "manual",
        "fulfillment_type": "express", "stock_level": "low_stock", "delivery_countries": ["DE", "AT"],
        "shipping_cost": "3.90", "lead_time_days": 2, "min_order_quantity": 1,
    }  # fmt: skip
    assert {name: offer[name] for name in expected} == expected
    path = f"{API}/online-offers/{offer['id']}"
    changed = await api.put(path, json={"shipping_cost": None, "delivery_countries": [], "min_order_quantity": 6})
    assert changed.json() == offer | {
        "shipping_cost": None, "delivery_countries": [], "min_order_quantity": 6,
        "modified": changed.json()["modified"],
    }  # fmt: skip
    assert (await got(api, path)) == changed.json()
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404


async def test_who_speaks_of_the_inventory_confirms_it(api: Client, connection: Connection, mine: Shop) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    offer = await in_store(connection, mine, price=5, inventory_synced_at=long_ago, modified=long_ago)
    path = f"{API}/in-store-offers/{offer}"
    for body, synced, modified in (({"aisle": "9"}, False, True), ({"price": "5.00"}, True, False), ({}, False, False),
                                   ({"status": "out_of_stock"}, True, True)):  # fmt: skip
        await connection.execute("UPDATE in_store_offers SET inventory_synced_at = $1, modified = $1", long_ago)
        answer = (await api.put(path, json=body)).json()
        assert (now(answer["inventory_synced_at"]), now(answer["modified"])) == (synced, modified), body


async def test_confidence_follows_the_clock(api: Client, connection: Connection, mine: Shop) -> None:
    offer, web = await in_store(connection, mine), await online(connection, mine)
    for age, level in ((None, "uncertain"), (30, "confirmed"), (120, "likely"), (1500, "uncertain"), (2880, "stale")):
        synced = None if age is None else datetime.now(UTC) - timedelta(minutes=age)
        for table, kind, id in (("in_store_offers", "in-store", offer), ("online_offers", "online", web)):
            await connection.execute(f"UPDATE {table} SET inventory_synced_at = $1", synced)  # noqa: S608
            assert (await got(api, f"{kind}-offers/{id}"))["inventory_confidence"] == level
    await api.put(f"{API}/in-store-offers/{offer}", json={"quantity_on_hand": 1})
    assert (await got(api, f"in-store-offers/{offer}"))["inventory_confidence"] == "confirmed"


async def test_natural_keys(api: Client, connection: Connection, mine: Shop) -> None:
    for kind, store in (("in-store-offers", "physical_store_id"), ("online-offers", "online_store_id")):
        id = mine.physical if kind == "in-store-offers" else mine.online
        body = {"product_id": mine.product, store: id}
        path = f"{mine.organization}/{kind}"
        made = await asyncio.gather(*(api.post(path, json=body) for _ in range(4)))
        assert sorted(answer.status_code for answer in made) == [200, 422, 422, 422]
        words = store.removesuffix("_id").replace("_", " ")
        taken = [("sku", f"is taken: there is an offer of this product at this {words} with this sku already")]
        assert details(next(answer for answer in made if answer.status_code == 422)) == taken
        other = (await api.post(path, json=body | {"sku": "2"})).json()
        refused = await api.put(f"{API}/{kind}/{other['id']}", json={"sku": "", "price": 1})
        assert details(refused) == taken
        assert await got(api, f"{kind}/{other['id']}") == other  # nothing half written
        assert (await got(api, path))["pagination"]["total_count"] == 2


async def test_lists(api: Client, connection: Connection, mine: Shop, theirs: Shop) -> None:
    first = await in_store(connection, mine, price=1)
    second = await in_store(connection, mine, sku="2", status="discontinued")
    other_product = await make.product(connection, 3)
    third = await in_store(
        connection, mine, product_id=other_product, sku="2", modified=datetime(2020, 1, 1, tzinfo=UTC)
    )
    await in_store(connection, theirs)
    path = f"{mine.organization}/in-store-offers"
    for params, ids in (
        ({}, [first, second, third]), ({"page_size": 2, "page": 2}, [third]), ({"page": 9}, []),
        ({"product_id": other_product}, [third]), ({"status": "discontinued"}, [second]),
        ({"sku": "2"}, [second, third]),
        ({"physical_store_id": theirs.physical}, []), ({"updated_since": "2021-01-01T00:00:00Z"}, [first, second]),
        ({"limit": 5}, [first, second, third]),  # an agent's skill says it; it is not documented
    ):  # fmt: skip
        assert [each["id"] for each in (await got(api, path, **params))["data"]] == ids, params
    assert (await api.get(path, params={"page_size": 101})).status_code == 422
    assert (await api.get(path, params={"status": "sold"})).status_code == 422
    offer = await online(connection, mine)
    page = await got(api, f"{mine.organization}/online-offers", online_store_id=mine.online)
    assert [each["id"] for each in page["data"]] == [offer]


LARGEST = "999999999999"


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("in-store", [
            ({"price": -0.01}, "price"), ({"price": "-1"}, "price"), ({"price": "NaN"}, "price"),
            ({"price": "1e30"}, "price"),
            ({"price": "1.23456"}, "price"), ({"price": True}, "price"),
            ({"price": {"amount": "1", "currency": "USD"}}, "price"), ({"price": "1e999999"}, "price"),
            ({"quantity_on_hand": -1}, "quantity_on_hand"), ({"quantity_on_hand": 2**31}, "quantity_on_hand"),
            ({"quantity_on_hand": 1.5}, "quantity_on_hand"), ({"status": "ACTIVE"}, "status"),
            ({"status": None}, "status"),
            ({"source": "tv"}, "source"), ({"sku": "x" * 101}, "sku"), ({"sku": "a\0"}, "sku"),
            ({"currency": "EUR"}, "currency"),
            ({"product_id": "x"}, "product_id"), ({"product_id": None}, "product_id"),
            ({"is_verified": True}, "is_verified"),
            ({"metadata": {str(n): "x" for n in range(51)}}, "metadata"),
        ]),
        ("online", [
            ({"url": "shop.example"}, "url"), ({"url": "https://x.example/" + "a" * 1000}, "url"),
            ({"delivery_countries": ["DE", "QQ"]}, "delivery_countries.1"),
            ({"delivery_countries": "DE"}, "delivery_countries"),
            ({"shipping_cost": -1}, "shipping_cost"), ({"lead_time_days": -1}, "lead_time_days"),
            ({"min_order_quantity": 0}, "min_order_quantity"), ({"stock_level": "full"}, "stock_level"),
            ({"fulfillment_type": "drone"}, "fulfillment_type"),
        ]),
    ],
)  # fmt: skip
async def test_what_cannot_be(api: Client, connection: Connection, mine: Shop, kind: str, bad: Any) -> None:
    store = {"physical_store_id": mine.physical} if kind == "in-store" else {"online_store_id": mine.online}
    path = f"{mine.organization}/{kind}-offers"
    good = {"product_id": mine.product} | store
    offer = (await api.post(path, json=good | {"price": LARGEST})).json()
    assert offer["price"]["amount"] == LARGEST + ".00"
    for wrong, field in bad:
        for call, address, body in ((api.post, path, good | {"sku": "2"} | wrong),
                                    (api.put, f"{API}/{kind}-offers/{offer['id']}", wrong)):  # fmt: skip
            if wrong in ({"status": None},) and call == api.put:
                continue  # null: as it is
            else:
                assert [name for name, _ in details(await call(address, json=body))] == [field], (wrong, call)
    assert await got(api, f"{kind}-offers/{offer['id']}") == offer
    assert (await got(api, path))["pagination"]["total_count"] == 1
    assert details(await api.put(f"{API}/{kind}-offers/{offer['id']}", json={"product_id": NOBODY} | store)) == [
        (name, "is not known") for name in ("product_id", *store)
    ]


async def test_what_an_offer_needs_to_be_made(api: Client, mine: Shop, theirs: Shop) -> None:
    good = {"product_id": mine.product, "physical_store_id": mine.physical}
    for wrong, message in (
        ({"product_id": NOBODY}, "There is no such product."),
        ({"physical_store_id": NOBODY}, "There is no such physical store."),
        ({"physical_store_id": theirs.physical}, "There is no such physical store."),
    ):
        answer = await api.post(f"{mine.organization}/in-store-offers", json=good | wrong)
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, message)
    answer = await api.post(
        f"{mine.organization}/online-offers", json={"product_id": mine.product, "online_store_id": theirs.online}
    )
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "There is no such online store.")


async def test_a_form_does_as_well(api: Client, mine: Shop) -> None:
    form = {"product_id": mine.product, "physical_store_id": mine.physical, "price": "2.50", "quantity_on_hand": "4",
            "store_pickup_available": "true", "metadata[a]": "b"}  # fmt: skip
    offer = (await api.post(f"{mine.organization}/in-store-offers", data=form)).json()
    assert (offer["price"]["amount"], offer["quantity_on_hand"], offer["metadata"]) == ("2.50", 4, {"a": "b"})


async def test_a_store_deleted_while_its_offers_are_read(api: Client, connection: Connection, mine: Shop) -> None:
    """Whatever comes first, nobody gets half an offer or a 500."""
    path = f"{mine.organization}/in-store-offers"
    offer = await in_store(connection, mine, price=7)
    graph = {"query": f'{{ inStoreOffer(id: "{offer}") {{ price {{ amount }} physicalStore {{ id location {{ id }} }} '
                      f'promotions {{ id }} product {{ gtin }} }} }}'}  # fmt: skip

    async def read() -> None:
        for _ in range(5):
            one, page, asked = await asyncio.gather(
                api.get(f"{API}/in-store-offers/{offer}"), api.get(path), api.post("/graphql", json=graph)
            )
            assert one.status_code in (200, 404)
            assert page.status_code == 200
            for each in page.json()["data"] + ([one.json()] if one.status_code == 200 else []):
                assert each["price"] == {"amount": "7.00", "currency": "USD"}
            data = asked.json()["data"]["inStoreOffer"]
            assert "errors" not in asked.json()
            assert data is None or data["price"] == {"amount": "7.00"}

    readers = [asyncio.create_task(read()) for _ in range(2)]
    assert (await api.delete(f"{API}/physical-stores/{mine.physical}")).status_code == 204
    await asyncio.gather(*readers)
    assert (await api.get(f"{API}/in-store-offers/{offer}")).status_code == 404
    assert await connection.fetchval("SELECT count(*) FROM in_store_offers") == 0
    again = await api.post(path, json={"product_id": mine.product, "physical_store_id": mine.physical})
    assert again.status_code == 404


async def test_a_store_deleted_between_two_statements(api: Client, connection: Connection, mine: Shop) -> None:
    """The worst moment: the offer is read, and its store is gone before anything else of it is asked for."""
    id = await in_store(connection, mine, price=7)
    database = Database(api.app.state.database_url, 2)  # type: ignore[attr-defined]
    viewer = Viewer(KeyKind.USER, memberships={mine.account.organization_id: MemberRole.OWNER})
    ctx = Context(Reader(database), viewer)
    found = await offers.in_store_offers_by_id(ctx, [id])
    await connection.execute("DELETE FROM physical_stores")
    assert await offers.prices_of(ctx, found) == [Money(Decimal("7.00"), "USD")]
    assert await stores.physical_stores_by_id(ctx, [mine.physical]) == [None]
    assert await promotions.in_store_promotions_of(ctx, [each for each in found if each]) == [[]]
    await database.close()
