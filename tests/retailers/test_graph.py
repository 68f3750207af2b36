"""Retailers in the graph: in how many statements, and what those see who do not belong to the organization."""

from typing import Any

import pytest

from closient_gql.core.db import Connection
from closient_gql.core.models.account import KeyKind, MemberRole
from resolvers.viewer import Viewer
from tests import make
from tests.account.world import counted
from tests.conftest import Client
from tests.retailers.world import LATER, MOMENT, Shop, in_store, online

OFFERS = """{ inStoreOffers(organizationId: "%s", first: %d) { totalCount nodes {
  sku price { amount currency } product { gtin brand { name } } promotions { promotionalPrice currency }
  physicalStore { name location { city } organization { name } retailer { name isOnline isPhysical } }
} } }"""
ONLINE = """{ onlineOffers(organizationId: "%s", first: %d) { nodes {
  price { amount } shippingCost onlineStore { domain retailer { isOnline } } promotions { id }
  regionalOverrides { region }
} } }"""
LEGACY = """{ anyOffers(organizationId: "%s", first: %d) { nodes {
  price priceCurrency retailerId status source regionalOverrides { price priceCurrency } } } }"""
STORES = '{ physicalStores(organizationId: "%s", first: %d) { nodes { location { name } retailer { isOnline } } } }'
RETAILERS = '{ retailers(organizationId: "%s", first: %d) { totalCount nodes { isOnline isPhysical } } }'


def member(shop: Shop) -> Viewer:
    account = shop.account
    return Viewer(
        KeyKind.USER, account.key_id, None, account.user_id, memberships={account.organization_id: MemberRole.OWNER}
    )


def stranger(account: make.Account) -> Viewer:
    return Viewer(KeyKind.USER, account.key_id, None, account.user_id)


@pytest.mark.parametrize(
    ("query", "statements"),
    # offers, their count, products, brands, organizations, stores, locations, retailers, where they are, promotions
    [(OFFERS, 10),
     (ONLINE, 6),  # offers, stores, retailers, where they are, promotions, regional overrides
     (LEGACY, 2),  # offers of both kinds, regional overrides
     (STORES, 4),  # stores, locations, retailers, where they are
     (RETAILERS, 3)],  # retailers, their count, where they are
)  # fmt: skip
async def test_the_number_of_statements_is_fixed(
    database_url: str, connection: Connection, mine: Shop, query: str, statements: int
) -> None:
    brand = await make.brand(connection, "Brand")
    for n in range(12):
        product = await make.product(connection, 10 + n, brand_id=brand)
        offers = (
            await in_store(connection, mine, product_id=product, price=n),
            await online(connection, mine, product_id=product),
        )
        dates: dict[str, Any] = {"start_date": MOMENT, "end_date": LATER}
        await make.insert(connection, "in_store_promotions", offer_id=offers[0], promotional_price=n, **dates)
        await make.insert(connection, "regional_overrides", offer_id=offers[1], region="DE", price=n)
    counts = []
    for first in (1, 12):
        data, count = await counted(database_url, member(mine), query % (mine.account.organization_id, first))
        ((_, page),) = data.items()
        assert len(page["nodes"]) >= min(first, 1)
        counts.append(count)
    assert counts == [statements, statements]


ENTITIES = """query ($given: [_Any!]!) { _entities(representations: $given) { __typename
  ... on Retailer { name } ... on PhysicalStore { name currency retailer { name } organization { name } }
  ... on OnlineStore { domain } ... on InStoreOffer { price { amount } physicalStore { currency } }
  ... on OnlineOffer { price { amount } } ... on InStorePromotion { id } ... on RegionalOverride { id }
  ... on InventorySource { name } } }"""


async def test_what_the_public_sees(api: Client, connection: Connection, mine: Shop, theirs: Shop) -> None:
    """Active stores and what they offer; not the private retailer, nor what is in preparation."""
    store, web = await in_store(connection, mine, price=5), await online(connection, mine, price=6)
    source = await make.insert(
        connection, "inventory_sources", organization_id=mine.account.organization_id, name="Tills"
    )
    override = await make.insert(connection, "regional_overrides", offer_id=web, region="DE")
    promotion = await make.insert(
        connection, "in_store_promotions", offer_id=store, promotional_price=1, start_date=MOMENT,
        end_date=LATER,
    )  # fmt: skip
    given = [{"__typename": kind, "id": id} for kind, id in (
        ("Retailer", mine.retailer), ("PhysicalStore", mine.physical), ("OnlineStore", mine.online),
        ("InStoreOffer", store), ("OnlineOffer", web), ("InStorePromotion", promotion), ("RegionalOverride", override),
        ("InventorySource", source),
    )]  # fmt: skip

    async def ask(key: str) -> list[Any]:
        body = {"query": ENTITIES, "variables": {"given": given}}
        answer = (await api.post("/graphql", json=body, headers={"X-API-Key": key})).json()
        assert "errors" not in answer
        found: list[Any] = answer["data"]["_entities"]
        return found

    assert await ask(theirs.account.key) == [
        None,
        {"__typename": "PhysicalStore", "name": "", "currency": "USD", "retailer": None, "organization": None},
        {"__typename": "OnlineStore", "domain": "shop1.example"},
        {"__typename": "InStoreOffer", "price": {"amount": "5.00"}, "physicalStore": {"currency": "USD"}},
        {"__typename": "OnlineOffer", "price": {"amount": "6.00"}},
        None, None, None,
    ]  # fmt: skip
    assert None not in await ask(mine.account.key)
    for statement, hidden in (
        ("UPDATE in_store_offers SET status = 'discontinued'", {3}),
        ("UPDATE in_store_offers SET status = 'out_of_stock'", set()),
        ("UPDATE locations SET is_active = false", {3}),
        ("UPDATE locations SET is_active = true", set()),
        ("UPDATE retailers SET is_active = false", {3, 4}),
        ("UPDATE retailers SET is_active = true", set()),
        ("UPDATE online_stores SET is_active = false", {2, 4}),
        ("UPDATE physical_stores SET is_active = false", {1, 2, 3, 4}),
    ):
        await connection.execute(statement)
        found = await ask(theirs.account.key)
        assert {place for place in (1, 2, 3, 4) if found[place] is None} == hidden, statement
        assert None not in await ask(mine.account.key)


async def test_what_is_nobodys_is_everybodys_to_read(
    api: Client, connection: Connection, mine: Shop, theirs: Shop
) -> None:
    """Offers at canonical stores, such as those of the demo."""
    store, web = await in_store(connection, theirs), await online(connection, theirs)
    for table in ("retailers", "physical_stores", "online_stores", "in_store_offers", "online_offers"):
        await connection.execute(f"UPDATE {table} SET organization_id = NULL")  # noqa: S608
    for kind, id in (("in-store-offers", store), ("online-offers", web)):
        path = f"/retailers/api/v1/{kind}/{id}"
        assert (await api.get(path)).json()["organization_id"] is None
        assert (await api.get(f"{path}/promotions")).json() == []
        for answer in (await api.put(path, json={"price": 1}), await api.delete(path)):
            assert answer.status_code == 404
    await connection.execute("UPDATE in_store_offers SET status = 'discontinued'")
    assert (await api.get(f"/retailers/api/v1/in-store-offers/{store}")).status_code == 404


async def test_writing_in_the_graph(api: Client, connection: Connection, mine: Shop) -> None:
    """The same as over REST: prices as numbers or texts; every problem with its reason."""
    create = """mutation ($input: InStoreOfferInput!) {
        inStoreOfferCreate(organizationId: "%s", input: $input) { id price { amount currency } } }"""
    body = {"productId": mine.product, "physicalStoreId": mine.physical}

    async def ask(query: str, **given: Any) -> Any:
        return (await api.post("/graphql", json={"query": query, "variables": {"input": body | given}})).json()

    query = create % mine.account.organization_id
    made = (await ask(query, price=5.9))["data"]["inStoreOfferCreate"]
    assert made["price"] == {"amount": "5.90", "currency": "USD"}
    change = f'mutation {{ inStoreOfferUpdate(id: "{made["id"]}", input: {{price: %s}}) {{ price {{ amount }} }} }}'
    for price, amount in (("12.345", "12.345"), ("7", "7.00"), ('"0.5"', "0.50")):
        answer = (await api.post("/graphql", json={"query": change % price})).json()
        assert answer["data"]["inStoreOfferUpdate"]["price"] == {"amount": amount}
    assert (await api.post("/graphql", json={"query": change % "null"})).json()["data"]["inStoreOfferUpdate"] == {
        "price": None
    }
    for given, field in (
        ({"price": -1}, "input.price"),
        ({"price": "1.00001", "sku": "2"}, "input.price"),
        ({}, "sku"),
    ):
        (error,) = (await ask(query, **given))["errors"]
        assert error["extensions"]["code"] == "VALIDATION_ERROR"
        assert [detail["field"] for detail in error["extensions"]["details"]] == [field]
    unknown = (await ask(query, price="x"))["errors"][0]["message"]
    assert "must be a decimal number" in unknown
    (error,) = (await ask(create % theirs_organization(mine)))["errors"]
    assert (error["extensions"]["code"], error["message"]) == ("NOT_FOUND", "There is no such organization.")


def theirs_organization(shop: Shop) -> str:
    """One that the caller does not belong to."""
    return shop.account.organization_id[::-1]
