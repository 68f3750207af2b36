"""Offers of products in the graph: which, in what order, at what price, in how many statements."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from geographiclib.geodesic import Geodesic  # type: ignore[import-untyped]

from closient_gql.core.db import Connection, Database
from closient_gql.core.models.account import KeyKind
from resolvers.retailers.effective import effective
from resolvers.viewer import Viewer
from tests import make
from tests.products.test_graph import Graph
from tests.retailers import stores
from tests.retailers.stores import Shop

HERE = {"latitude": 39.2904, "longitude": -76.6122}
PLACES = [(39.2904, -76.6122), (39.30, -76.62), (39.33, -76.61), (39.40, -76.60), (38.90, -77.03), (47.14, 9.52)]
NOW = datetime.now(UTC)


def km(place: tuple[float, float]) -> float:
    """By another implementation of geodesics than ours."""
    return float(round(Geodesic.WGS84.Inverse(HERE["latitude"], HERE["longitude"], *place)["s12"] / 1000, 2))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 5)
    yield found
    await found.close()


@pytest.fixture
async def shop(connection: Connection) -> Shop:
    return await stores.shop(connection, PLACES)


@pytest.fixture
def graph(database: Database) -> Graph:
    return Graph(database, Viewer(KeyKind.USER))


def query_of(field: str, near: Mapping[str, float] = HERE) -> str:
    """A question about product 1; `$near` stands for the point."""
    point = "{" + ", ".join(f"{name}: {value}" for name, value in near.items()) + "}"
    return f'{{ product(gtin: "{make.make_gtin(1)}") {{ found: {field.replace("$near", point)} }} }}'


async def one(graph: Graph, field: str, near: Mapping[str, float] = HERE) -> Any:
    return (await graph.ask(query_of(field, near)))["product"]["found"]


SKUS = "{ nodes { ... on InStoreOffer { sku } ... on OnlineOffer { sku } } }"


async def skus(graph: Graph, arguments: str, near: Mapping[str, float] = HERE) -> list[str]:
    found = await one(graph, f"offers({arguments}) {SKUS}", near)
    return [node["sku"] for node in found["nodes"]]


THE_WAY = """query ($codes: [String!]!, $near: NearInput!) { productsByGtin(codes: $codes) { product {
  gtin brand { name } offers(near: $near, first: 100) { totalCount nodes {
    ... on InStoreOffer { sku price { amount currency } effectivePrice { amount } priceHistory { nodes { source } }
      physicalStore { number location { city distanceKm(near: $near) } } }
    ... on OnlineOffer { sku effectivePrice(region: "DE") { amount currency } onlineStore { domain } } } } } } }"""
OTHERS = {  # a field of a product, and its statements besides that of the product
    "offers(near: $near, kind: IN_STORE, inStock: true) { nodes { ... on InStoreOffer { sku } } }": 1,
    "offers { nodes { ... on InStoreOffer { sku } ... on OnlineOffer { sku } } }": 2,
    "cheapestOffer { ... on InStoreOffer { sku } ... on OnlineOffer { url } }": 2,
    "availability(near: $near) { stockStatus stores { distanceKm physicalStore { location { city } } } }": 3,
    "brand { retailFootprint { storeCount regions { coverageRatio } stores { productCount } } }": 4,
    "a: offers(near: $near, first: 1) { edges { cursor } } b: offers(near: $near, first: 2) { edges { cursor } }": 4,
}


async def test_from_a_barcode_to_the_store_and_how_far_it_is(graph: Graph, connection: Connection, shop: Shop) -> None:
    """In the same number of statements for 1 and for 100 products."""
    brand = await make.brand(connection, "Brand")
    for n in range(1, 101):
        product = await make.product(connection, n, brand_id=brand)
        for place in range(len(PLACES)):
            await stores.offer(connection, shop, product, place, sku=f"{n}-{place}", price=place + 0.5)
        await stores.online_offer(connection, shop, product, sku=f"{n}-web", price=n)  # never the cheapest
    counts = []
    for number in (1, 100):
        codes = [make.make_gtin(n) for n in range(1, number + 1)]
        data = await graph.ask(THE_WAY, codes=codes, near=HERE)
        counts.append(graph.statements)
        for n, each in enumerate(data["productsByGtin"], 1):
            *in_store, web = each["product"]["offers"]["nodes"]
            assert [offer["sku"] for offer in in_store] == [f"{n}-{place}" for place in range(len(PLACES))]
            distances = [offer["physicalStore"]["location"]["distanceKm"] for offer in in_store]
            assert distances == [km(place) for place in PLACES]
            price = {"amount": f"{n}.00", "currency": "USD"}
            assert web == {"sku": f"{n}-web", "effectivePrice": price, "onlineStore": {"domain": "shop.example.org"}}
            assert each["product"]["brand"] == {"name": "Brand"}
    # products, brands, offers of both kinds, their count; history; promotions of both kinds, overrides; stores of both
    # kinds, locations, distances
    assert counts == [13, 13]
    point = "{latitude: 39.29, longitude: -76.61}"
    for field, statements in OTHERS.items():
        query = "query ($codes: [String!]!) { productsByGtin(codes: $codes) { product { %s } } }"
        for number in (1, 100):
            codes = [make.make_gtin(n) for n in range(1, number + 1)]
            await graph.ask(query % field.replace("$near", point), codes=codes)
            assert (field, number, graph.statements) == (field, number, statements + 1)


async def test_what_is_nearest(graph: Graph, connection: Connection, shop: Shop) -> None:
    product = await make.product(connection, 1)
    other = await make.product(connection, 2)
    for place in range(len(PLACES)):
        await stores.offer(connection, shop, product, place, sku=str(place), quantity_on_hand=place % 2 * 5)
        await stores.offer(connection, shop, other, place, sku=f"other {place}")
    await stores.online_offer(connection, shop, product, sku="web", stock_level="low_stock")
    await stores.offer(connection, shop, product, 1, sku="gone", quantity_on_hand=9, status="discontinued")
    await stores.offer(connection, shop, product, 2, sku="unknown", id="yyyyyyyyyyyy")  # of the same place, by id
    assert await skus(graph, "near: $near") == ["0", "1", "2", "unknown", "3", "4", "5", "web"]
    assert await skus(graph, "near: $near, inStock: true") == ["1", "3", "5", "web"]
    assert await skus(graph, "near: $near, inStock: false") == ["0", "2", "unknown", "4"]
    assert await skus(graph, "near: $near, kind: IN_STORE, first: 2") == ["0", "1"]
    assert await skus(graph, "near: $near, kind: ONLINE") == ["web"]
    assert await skus(graph, "near: $near, radiusKm: 10, kind: IN_STORE") == ["0", "1", "2", "unknown"]
    assert await skus(graph, "near: $near, radiusKm: 50000, last: 3") == ["4", "5", "web"]
    near = HERE | {"radiusKm": 2}
    assert await skus(graph, "near: $near", near=near) == ["0", "1", "web"]
    assert await skus(graph, "near: $near, radiusKm: 20", near=near) == ["0", "1", "2", "unknown", "3", "web"]
    await connection.execute("UPDATE physical_stores SET is_active = false WHERE number = '1'")
    await connection.execute("UPDATE locations SET is_active = false WHERE id = $1", shop.location_ids[1])
    assert await skus(graph, "near: $near, first: 2") == ["2", "unknown"]  # the reach counts what is shown


async def test_pages_and_cursors_over_both_kinds(graph: Graph, connection: Connection, shop: Shop) -> None:
    product = await make.product(connection, 1)
    for place in range(len(PLACES)):
        await stores.offer(connection, shop, product, place, sku=str(place), price=20 - place)
    for n in range(3):
        await stores.online_offer(connection, shop, product, sku=f"w{n}", price=10 + n)
    for order, expected in (
        ("DISTANCE", ["0", "1", "2", "3", "4", "5"]),
        ("PRICE", ["w0", "w1", "w2", "5", "4", "3", "2", "1", "0"]),
    ):
        part = f"near: $near, orderBy: {order}"
        everything = await skus(graph, part)
        assert everything[: len(expected)] == expected
        assert len(everything) == 9
        pages = [sku for page in range(1, 6) for sku in await skus(graph, f"{part}, page: {page}, pageSize: 2")]
        assert pages == everything
        found, after = [], ""
        while True:
            data = await one(
                graph, f"offers({part}, first: 4{after}) {{ totalCount pageInfo {{ hasNextPage endCursor }} edges"
                " { node { ... on InStoreOffer { sku } ... on OnlineOffer { sku } } } }",
            )  # fmt: skip
            found += [edge["node"]["sku"] for edge in data["edges"]]
            assert data["totalCount"] == 9
            if not data["pageInfo"]["hasNextPage"]:
                break
            after = f', after: "{data["pageInfo"]["endCursor"]}"'
        assert found == everything


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("radiusKm: 5", "near"),
        ("orderBy: DISTANCE", "near"),
        ("near: $near, page: 100, pageSize: 100", "page"),
        ('near: $near, after: "x"', "after"),
        ("near: $near, radiusKm: 0", "radiusKm"),
        ("near: {latitude: 91, longitude: 0}", "near.latitude"),
    ],
)
async def test_what_cannot_be_asked(graph: Graph, connection: Connection, arguments: str, field: str) -> None:
    await make.product(connection, 1)
    _, errors = await graph.both(query_of(f"offers({arguments}) {SKUS}"))
    assert [code for _, code in errors] == ["VALIDATION_ERROR"]


async def test_the_cheapest(graph: Graph, connection: Connection, shop: Shop) -> None:
    product = await make.product(connection, 1)
    field = "cheapestOffer(%s) { ... on InStoreOffer { sku } ... on OnlineOffer { sku } }"

    async def cheapest(arguments: str = "kind: IN_STORE") -> str | None:
        found = await one(graph, field % arguments)
        return found and str(found["sku"])

    await stores.offer(connection, shop, product, 0, sku="unknown")
    await stores.offer(connection, shop, product, 1, sku="season", price=1, status="seasonal")
    assert await cheapest() is None
    await stores.offer(connection, shop, product, 5, sku="five", price=5)
    assert await cheapest() == "five"
    nine = await stores.offer(connection, shop, product, 2, sku="nine", price=9, quantity_on_hand=1)
    promotion: dict[str, Any] = {"offer_id": nine, "start_date": NOW - timedelta(1), "end_date": NOW + timedelta(1)}
    await make.insert(connection, "in_store_promotions", promotional_price=3, **promotion)
    await make.insert(connection, "in_store_promotions", promotional_price=0, **promotion, is_active=False)
    assert await cheapest() == "nine"
    await stores.offer(connection, shop, product, 3, sku="three", price=3)
    assert await cheapest("near: $near") == "nine"  # of equal ones the nearer
    assert await cheapest("near: $near, radiusKm: 1, kind: IN_STORE") is None
    assert await cheapest("inStock: true") == "nine"
    await connection.execute("UPDATE online_stores SET currency = 'EUR'")
    await stores.online_offer(connection, shop, product, sku="web", price=0)
    assert await cheapest("near: $near") == "nine"  # euros are not compared with dollars
    assert await cheapest('currency: "EUR"') == "web"
    assert await cheapest("kind: ONLINE") == "web"


async def test_availability(graph: Graph, connection: Connection, shop: Shop) -> None:
    product = await make.product(connection, 1)
    fresh, old = NOW - timedelta(minutes=30), NOW - timedelta(hours=60)
    for place, sku, quantity, synced in [
        (0, "a", 0, fresh), (1, "a", 2, fresh), (1, "b", 2, old), (2, "a", 3, old), (3, "a", None, None),
    ]:  # fmt: skip
        await stores.offer(
            connection, shop, product, place, sku=sku, quantity_on_hand=quantity, inventory_synced_at=synced
        )
    await stores.offer(connection, shop, product, 4, quantity_on_hand=50)
    ask = """availability(near: $near%s) { stockStatus storeCount inStockStoreCount stores {
      physicalStore { number } distanceKm stockStatus quantityOnHand inventoryConfidence } }"""
    found = await one(graph, ask % "")
    assert (found["stockStatus"], found["storeCount"], found["inStockStoreCount"]) == ("IN_STOCK", 4, 2)
    assert [tuple(each.values()) for each in found["stores"]] == [
        ({"number": "1"}, 0.0, "OUT_OF_STOCK", 0, "CONFIRMED"),
        ({"number": "2"}, km(PLACES[1]), "IN_STOCK", 4, "CONFIRMED"),
        ({"number": "3"}, km(PLACES[2]), "LOW_STOCK", 3, "STALE"),
        ({"number": "4"}, km(PLACES[3]), "UNKNOWN", None, "UNCERTAIN"),
    ]
    far = await one(graph, ask % ", radiusKm: 100, limit: 1")
    assert (far["storeCount"], far["inStockStoreCount"], len(far["stores"])) == (5, 3, 1)
    nowhere = await one(graph, ask % "", near={"latitude": 0, "longitude": 0})
    assert nowhere == {"stockStatus": "UNKNOWN", "storeCount": 0, "inStockStoreCount": 0, "stores": []}


async def test_what_locations_and_retailers_have(graph: Graph, connection: Connection, shop: Shop) -> None:
    product = await make.product(connection, 1)
    for place in (0, 1):
        await stores.offer(connection, shop, product, place, sku=str(place), quantity_on_hand=place)
    await connection.execute("UPDATE retailers SET organization_id = NULL")
    await connection.execute("UPDATE physical_stores SET is_active = false WHERE number = '6'")
    data = await graph.ask(
        """query ($place: ID!, $retailer: ID!) { location(id: $place) { offers { totalCount nodes { sku } }
        none: offers(inStock: true) { nodes { sku } } }
        retailer(id: $retailer) { stores(first: 2) { totalCount nodes { number } }
        us: stores(country: "DE") { totalCount } onlineStores { nodes { domain } } } }""",
        place=shop.location_ids[0], retailer=shop.retailer_id,
    )  # fmt: skip
    assert data["location"] == {"offers": {"totalCount": 1, "nodes": [{"sku": "0"}]}, "none": {"nodes": []}}
    assert data["retailer"] == {
        "stores": {"totalCount": 5, "nodes": [{"number": "1"}, {"number": "2"}]}, "us": {"totalCount": 0},
        "onlineStores": {"nodes": [{"domain": "shop.example.org"}]},
    }  # fmt: skip


async def test_the_footprint_of_a_brand(graph: Graph, connection: Connection, shop: Shop) -> None:
    brand, empty = await make.brand(connection, "A"), await make.brand(connection, "B")
    products = [await make.product(connection, n, brand_id=brand) for n in (1, 2)]
    for place, (country, region) in enumerate([("US", "US-MD")] * 4 + [("US", "US-DC"), ("LI", "")]):
        await connection.execute(
            "UPDATE locations SET country = $2, region = $3 WHERE id = $1", shop.location_ids[place], country, region
        )
    fresh, old = NOW - timedelta(hours=30), NOW - timedelta(hours=60)
    for product, place, quantity, synced in [
        (0, 0, 5, fresh), (1, 0, 0, old), (0, 1, 1, old), (0, 5, None, None), (1, 5, None, None),
    ]:  # fmt: skip
        await stores.offer(
            connection, shop, products[product], place, quantity_on_hand=quantity, inventory_synced_at=synced
        )
    counts = "storeCount inStockStoreCount staleStoreCount retailerCount productCount"
    data = await graph.ask(
        f"""{{ brands {{ nodes {{ id retailFootprint {{ {counts} regions {{ country region {counts} coverageRatio }}
        stores(limit: 2) {{ physicalStore {{ number }} productCount inStockProductCount inventoryConfidence }} }}
        us: retailFootprint(country: "US") {{ {counts} stores {{ physicalStore {{ number }} }} }} }} }} }}"""
    )
    found = {node["id"]: node for node in data["brands"]["nodes"]}
    footprint = found[brand]["retailFootprint"]
    regions, in_stores = footprint.pop("regions"), footprint.pop("stores")
    assert list(footprint.values()) == [3, 2, 1, 1, 2]
    assert [list(region.values()) for region in regions] == [
        ["US", "US-MD", 2, 2, 1, 1, 2, 0.5],
        ["LI", "", 1, 0, 0, 1, 2, 1.0],
    ]
    assert [list(each.values()) for each in in_stores] == [
        [{"number": "1"}, 2, 1, "UNCERTAIN"],
        [{"number": "6"}, 2, 0, "UNCERTAIN"],
    ] or in_stores[0]["physicalStore"]["number"] == "6"
    us = found[brand]["us"]
    assert [store["physicalStore"]["number"] for store in us.pop("stores")] == ["1", "2"]
    assert list(us.values()) == [2, 2, 1, 1, 2]
    nothing = found[empty]["retailFootprint"]
    assert (nothing["storeCount"], nothing["regions"], nothing["stores"]) == (0, [], [])


# --- the rule of prices: a table of cases


def promotion(price: float) -> Any:
    return SimpleNamespace(promotional_price=Decimal(str(price)))


def regional(region: str, price: float | None, priority: int = 20, currency: str | None = None, id: str = "a") -> Any:
    amount = None if price is None else Decimal(str(price))
    return SimpleNamespace(region=region, price=amount, source_priority=priority, price_currency=currency, id=id)


@pytest.mark.parametrize(
    ("price", "promotions", "overrides", "region", "expected"),
    [
        (5, [], [], None, "5.00 USD"),
        (None, [], [], None, None),
        (0, [], [], None, "0.00 USD"),
        (5, [4, 3], [], None, "3.00 USD"),
        (5, [6], [], None, "5.00 USD"),
        (5, [0], [], None, "0.00 USD"),
        (None, [4], [], None, "4.00 USD"),
        (5, [], [regional("DE", 4)], None, "5.00 USD"),
        (5, [], [regional("DE", 4)], "FR", "5.00 USD"),
        (5, [], [regional("DE", 4)], "DE", "4.00 USD"),
        (5, [], [regional("DE", 4)], "DE-BY", "4.00 USD"),
        (5, [], [regional("DE-BY", 4)], "DE", "5.00 USD"),
        (5, [], [regional("DE", 4, 10), regional("DE-BY", 6, 50)], "DE-BY", "6.00 USD"),
        (5, [], [regional("DE", 4, 20), regional("DE", 6, 10)], "DE", "6.00 USD"),
        (5, [], [regional("DE", None, 10), regional("DE", 6, 20)], "DE", "6.00 USD"),
        (None, [], [regional("DE", 6)], "DE", "6.00 USD"),
        (5, [3], [regional("DE", 4)], "DE", "3.00 USD"),
        (5, [3], [regional("DE", 4, currency="USD")], "DE", "3.00 USD"),
        (5, [3], [regional("DE", 4, currency="EUR")], "DE", "4.00 EUR"),
        (5, [], [regional("JP", 700, currency="JPY")], "JP", "700 JPY"),
    ],
)
def test_what_an_offer_costs(
    price: float | None, promotions: list[float], overrides: list[Any], region: str | None, expected: str | None
) -> None:
    amount = None if price is None else Decimal(str(price))
    found = effective(amount, "USD", [promotion(each) for each in promotions], overrides, region)
    assert (found and f"{found.amount} {found.currency}") == expected


async def test_prices_now_and_before(graph: Graph, connection: Connection, shop: Shop) -> None:
    product = await make.product(connection, 1)
    offer = await stores.online_offer(connection, shop, product, price=5)
    await make.insert(connection, "regional_overrides", offer_id=offer, region="US-MD", price=4)
    for price, start, end in ((3, -2, -1), (2, 1, 2), (Decimal("4.5"), -1, 1)):
        dates: dict[str, Any] = {"start_date": NOW + timedelta(start), "end_date": NOW + timedelta(end)}
        await make.insert(connection, "online_promotions", offer_id=offer, promotional_price=price, **dates)
    for price_ in (6, 6, None, 7):
        await connection.execute("UPDATE online_offers SET price = $1", price_)
    found = await one(graph, """offers { nodes { ... on OnlineOffer { effectivePrice { amount }
      md: effectivePrice(region: "us-md") { amount } priceHistory(first: 2) { totalCount nodes {
      oldPrice { amount } newPrice { amount currency } source } } } } }""")  # fmt: skip
    (node,) = found["nodes"]
    assert (node["effectivePrice"]["amount"], node["md"]["amount"]) == ("4.50", "4.00")
    assert node["priceHistory"] == {"totalCount": 3, "nodes": [
        {"oldPrice": None, "newPrice": {"amount": "7.00", "currency": "USD"}, "source": "MANUAL"},
        {"oldPrice": {"amount": "6.00"}, "newPrice": None, "source": "MANUAL"},
    ]}  # fmt: skip
