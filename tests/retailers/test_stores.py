"""Retailers and stores: made, listed, changed, deleted; whose they are."""

from typing import Any

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.conftest import Client
from tests.retailers.world import API, NOBODY, Shop, details, events, got, in_store, location, online, trail


async def test_a_retailer_of_ones_own(api: Client, connection: Connection, mine: Shop) -> None:
    body = {"name": " Corner Shop ", "website": "https://corner.example", "gln": "4012345000009",
            "category": "convenience", "marketplace_regions": ["us", "CA"], "metadata": {"a": "b"}}  # fmt: skip
    made = await api.post(f"{mine.organization}/retailers", json=body)
    assert made.status_code == 200
    retailer = made.json()
    assert retailer == {
        "id": retailer["id"], "name": "Corner Shop", "created": retailer["created"], "metadata": {"a": "b"},
        "is_online": False, "is_physical": False, "website": "https://corner.example", "gln": "4012345000009",
        "is_canonical": False, "organization_id": mine.account.organization_id, "marketplace_regions": ["US", "CA"],
        "category": "convenience", "is_active": True,
    }  # fmt: skip
    path = f"{API}/retailers/{retailer['id']}"
    assert await got(api, path) == retailer
    changed = await api.put(path, json={"category": None, "name": "Corner", "website": None, "metadata": {"c": "d"}})
    assert changed.json() == retailer | {"category": None, "name": "Corner", "metadata": {"a": "b", "c": "d"}}
    assert (await api.put(path, json={"name": "Corner"})).json() == changed.json()
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404
    assert await trail(connection, retailer["id"]) == [
        ("retailer.created", {"name": "Corner Shop"}),
        ("retailer.updated", {
            "category": {"old": "convenience", "new": None}, "name": {"old": "Corner Shop", "new": "Corner"},
            "metadata": {"old": {"a": "b"}, "new": {"a": "b", "c": "d"}},
        }),
        ("retailer.deleted", {"name": "Corner"}),
    ]  # fmt: skip
    assert [each for each, _ in await events(connection, retailer["id"])] == [
        "retailer.created", "retailer.updated", "retailer.deleted",
    ]  # fmt: skip


async def test_which_retailers_an_organization_sees(
    api: Client, connection: Connection, mine: Shop, theirs: Shop
) -> None:
    beta = await make.insert(connection, "retailers", name="beta", category="supermarket")
    alpha = await make.insert(connection, "retailers", name="Alpha")
    gone = await make.insert(connection, "retailers", name="Gone", is_active=False)
    path = f"{mine.organization}/retailers"
    for params, ids in (
        ({}, [alpha, beta, mine.retailer]), ({"ordering": "-name"}, [mine.retailer, beta, alpha]),
        ({"is_canonical": "true"}, [alpha, beta]), ({"is_canonical": "false"}, [mine.retailer]),
        ({"q": "ET"}, [beta, mine.retailer]), ({"category": "supermarket"}, [beta]), ({"q": "%"}, []),
    ):  # fmt: skip
        page = await got(api, path, **params)
        assert [each["id"] for each in page["data"]] == ids
        assert page["pagination"]["total_count"] == len(ids)
    assert (await got(api, f"retailers/{gone}"))["is_active"] is False  # by its id it is still known
    assert (await got(api, f"retailers/{beta}"))["is_canonical"] is True
    assert (await api.get(f"{API}/retailers/{theirs.retailer}")).status_code == 404
    # nobody writes what the platform curates
    for answer in (await api.put(f"{API}/retailers/{beta}", json={"name": "Mine"}),
                   await api.delete(f"{API}/retailers/{beta}")):  # fmt: skip
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, "There is no such retailer.")


async def test_where_a_retailer_is_follows_from_its_active_stores(
    api: Client, connection: Connection, mine: Shop
) -> None:
    async def where() -> tuple[bool, bool]:
        found = await got(api, f"retailers/{mine.retailer}")
        return found["is_online"], found["is_physical"]

    assert await where() == (True, True)
    await api.put(f"{API}/online-stores/{mine.online}", json={"is_active": False})
    assert await where() == (False, True)
    await api.delete(f"{API}/physical-stores/{mine.physical}")
    assert await where() == (False, False)


async def test_a_store_at_a_place(api: Client, connection: Connection, mine: Shop) -> None:
    chain = await make.insert(connection, "retailers", name="Chain")
    place = await location(connection)  # nobody's, of a canonical retailer: a franchise
    body = {"retailer_id": chain, "location_id": place, "currency": "chf", "name": "Main St", "number": "17"}
    path = f"{mine.organization}/physical-stores"
    made = await api.post(path, json=body)
    assert made.status_code == 200, made.text
    store = made.json()
    assert store == {
        "id": store["id"], "retailer_id": chain, "location_id": place, "organization_id": mine.account.organization_id,
        "name": "Main St", "number": "17", "currency": "CHF", "is_active": True, "created": store["created"],
        "modified": store["modified"], "metadata": {},
    }  # fmt: skip
    assert [each["id"] for each in (await got(api, path))["data"]] == [mine.physical, store["id"]]
    assert [each["id"] for each in (await got(api, path, retailer_id=chain))["data"]] == [store["id"]]
    assert details(await api.post(path, json=body)) == [
        ("location_id", "is taken: the retailer has a store at this location already")
    ]
    another = body | {"location_id": await location(connection)}
    assert details(await api.post(path, json=another)) == [
        ("number", "is taken: the retailer has a store of this number already")
    ]
    second = (await api.post(path, json=another | {"number": ""})).json()["id"]
    third = await api.post(path, json=another | {"number": "", "location_id": await location(connection)})
    assert third.status_code == 200  # stores without a number are no namesakes
    answer = await api.put(f"{API}/physical-stores/{second}", json={"number": "17", "name": "x"})
    assert details(answer) == [("number", "is taken: the retailer has a store of this number already")]
    assert (await got(api, f"physical-stores/{second}"))["name"] == "Main St"  # nothing half written


async def test_a_store_on_the_web(api: Client, mine: Shop) -> None:
    body = {"retailer_id": mine.retailer, "url": "https://DE.Shop.example/de", "currency": "EUR", "countries": ["de"]}
    path = f"{mine.organization}/online-stores"
    store = (await api.post(path, json=body)).json()
    assert (store["url"], store["domain"], store["countries"], store["name"]) == (
        "https://DE.Shop.example/de", "de.shop.example", ["DE"], "",
    )  # fmt: skip
    taken = [("url", "is taken: the retailer has a store at this address already")]
    assert details(await api.post(path, json=body)) == taken
    assert details(await api.put(f"{API}/online-stores/{mine.online}", json={"url": body["url"]})) == taken
    moved = await api.put(f"{API}/online-stores/{store['id']}", json={"url": "https://at.example", "countries": []})
    assert (moved.json()["domain"], moved.json()["countries"]) == ("at.example", [])
    assert (await api.delete(f"{API}/online-stores/{store['id']}")).status_code == 204
    assert [each["id"] for each in (await got(api, path))["data"]] == [mine.online]


async def test_the_currency_of_prices_does_not_change(api: Client, connection: Connection, mine: Shop) -> None:
    path = f"{API}/physical-stores/{mine.physical}"
    offer = await in_store(connection, mine)
    assert (await api.put(path, json={"currency": "CAD"})).json()["currency"] == "CAD"  # no price yet
    dates = {"start_date": "2026-01-01", "end_date": "2026-01-02"}
    only = await api.post(f"{API}/in-store-offers/{offer}/promotions", json=dates | {"promotional_price": 1})
    assert (await api.put(path, json={"currency": "USD"})).status_code == 409  # 1 CAD
    await api.delete(f"{API}/in-store-promotions/{only.json()['id']}")
    await api.put(f"{API}/in-store-offers/{offer}", json={"price": 5})
    refused = await api.put(path, json={"currency": "USD", "name": "x"})
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        409, "This store has prices in CAD. Clear them before it gets another currency.",
    )  # fmt: skip
    assert (await api.put(path, json={"currency": "cad", "name": "x"})).status_code == 200
    elsewhere = await online(connection, mine)
    for price, currency, status in ((1, "USD", 200), (None, None, 200), (1, None, 409)):
        override = {"region": "US", "price": price, "price_currency": currency, "source": "scrape"}
        made = (await api.post(f"{API}/offers/{elsewhere}/overrides", json=override)).json()
        answer = await api.put(f"{API}/online-stores/{mine.online}", json={"currency": "GBP"})
        assert answer.status_code == status, override
        await connection.execute("UPDATE online_stores SET currency = 'EUR'")
        await api.delete(f"{API}/regional-overrides/{made['id']}")
    await connection.execute("UPDATE online_offers SET shipping_cost = 3")
    assert (await api.put(f"{API}/online-stores/{mine.online}", json={"currency": "USD"})).status_code == 409


async def test_whose_places_and_retailers_a_store_may_have(
    api: Client, connection: Connection, mine: Shop, theirs: Shop
) -> None:
    closed = await location(connection, is_active=False)
    good = {"retailer_id": mine.retailer, "location_id": await location(connection), "currency": "USD"}
    for wrong, message in (
        ({"retailer_id": theirs.retailer}, "There is no such retailer."),
        ({"retailer_id": NOBODY}, "There is no such retailer."),
        ({"location_id": theirs.location}, "There is no such location."),
        ({"location_id": closed}, "There is no such location."),
        ({"location_id": NOBODY}, "There is no such location."),
    ):
        answer = await api.post(f"{mine.organization}/physical-stores", json=good | wrong)
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, message)
    # a store that is shown to everybody is known to everybody, one that is not to its own people only
    assert (await got(api, f"physical-stores/{theirs.physical}"))["id"] == theirs.physical
    for table, kind, id in (("physical_stores", "physical-stores", theirs.physical),
                            ("online_stores", "online-stores", theirs.online)):  # fmt: skip
        await connection.execute(f"UPDATE {table} SET is_active = false")  # noqa: S608
        assert (await api.get(f"{API}/{kind}/{id}")).status_code == 404
    assert (await api.get(f"{API}/physical-stores/{mine.physical}")).status_code == 200


RETAILER: dict[str, Any] = {"name": "Shop"}
ONLINE: dict[str, Any] = {"retailer_id": NOBODY, "url": "https://x.example", "currency": "USD"}
PHYSICAL: dict[str, Any] = {"retailer_id": NOBODY, "location_id": NOBODY, "currency": "USD"}


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("retailers", RETAILER, [
            ({"name": " "}, "name"), ({"name": None}, "name"), ({"name": "x" * 256}, "name"), ({"gln": "1"}, "gln"),
            ({"gln": "4012345000008"}, "gln"), ({"website": "ftp://x"}, "website"),
            ({"marketplace_regions": ["XX"]}, "marketplace_regions.0"), ({"is_canonical": True}, "is_canonical"),
            ({"is_online": True}, "is_online"), ({"metadata": {"a": 1}}, "metadata"), ({"category": "\0"}, "category"),
        ]),
        ("online-stores", ONLINE, [
            ({"currency": "XXX"}, "currency"), ({"currency": "EURO"}, "currency"), ({"currency": None}, "currency"),
            ({"countries": ["DE", "ZZ"]}, "countries.1"), ({"url": ""}, "url"), ({"url": "http://"}, "url"),
            ({"url": "http://[::1"}, "url"), ({"url": "javascript:alert(1)"}, "url"),
            ({"url": "javascript://x/%0aalert(1)"}, "url"), ({"url": "ftp://x.example"}, "url"),
            ({"retailer_id": "x"}, "retailer_id"),
        ]),
        ("physical-stores", PHYSICAL, [
            ({"currency": "QQQ"}, "currency"), ({"location_id": None}, "location_id"),
            ({"number": "x" * 101}, "number"),
            ({"is_active": False}, "is_active"),
        ]),
    ],
)  # fmt: skip
async def test_what_cannot_be(api: Client, mine: Shop, kind: str, good: Any, bad: Any) -> None:
    for wrong, field in bad:
        answer = await api.post(f"{mine.organization}/{kind}", json=good | wrong)
        assert [name for name, _ in details(answer)] == [field], wrong
