"""Who may do what at the endpoints of the Retailers API. Whoever may not is told 404 (contract: retailers, rules)."""

from collections.abc import Mapping
from typing import Any

from tests import make
from tests.permissions import KEY, OFFERS, VIEW, Row, Target, World
from tests.retailers.world import LATER, MOMENT, location

Given = Mapping[str, Any]
DATES = {"start_date": "2026-01-01", "end_date": "2027-01-01"}


async def shop(world: World) -> Given:
    """The one shop of this world: a retailer with a store at a place and one on the web; and a product, always new."""
    if "shop" not in vars(world):
        vars(world)["shop"] = await retailer(world) | await physical_store(world) | await online_store(world)
    n = world.n
    return {**vars(world)["shop"], "product_id": await make.product(world.connection, n)}


async def retailer(world: World) -> dict[str, Any]:
    own = world.organization
    id = await make.insert(world.connection, "retailers", name="Retailer", organization_id=own)
    return {"organization_id": own, "retailer_id": id}


async def place(world: World) -> dict[str, Any]:
    return await retailer(world) | {"location_id": await location(world.connection, world.organization), "n": world.n}


async def physical_store(world: World) -> dict[str, Any]:
    given = await place(world)
    values = {name: value for name, value in given.items() if name != "n"}
    id = await make.insert(world.connection, "physical_stores", currency="USD", **values)
    return given | {"store_id": id, "physical_store_id": id}


async def online_store(world: World) -> dict[str, Any]:
    given = await retailer(world)
    url = f"https://shop{world.n}.example"
    id = await make.insert(world.connection, "online_stores", currency="EUR", url=url, domain=url[8:], **given)
    return given | {"store_id": id, "online_store_id": id}


def offer(kind: str) -> Target:
    store = {"in_store": "physical_store_id", "online": "online_store_id"}[kind]

    async def target(world: World) -> Given:
        given = await shop(world)
        values = {name: given[name] for name in ("organization_id", "product_id", store)}
        return {**given, "offer_id": await make.insert(world.connection, f"{kind}_offers", **values)}

    return target


def part(kind: str, table: str, id: str, **values: Any) -> Target:
    """Something that belongs to an offer."""

    async def target(world: World) -> Given:
        given = await offer(kind)(world)
        return {**given, id: await make.insert(world.connection, table, offer_id=given["offer_id"], **values)}

    return target


async def source(world: World) -> Given:
    own = world.organization
    id = await make.insert(world.connection, "inventory_sources", organization_id=own, name="Tills")
    return {"organization_id": own, "source_id": id}


async def ours(world: World) -> Given:
    return {"organization_id": world.organization}


async def feed(world: World) -> Given:
    given = await ours(world)
    values = {"source": "manual", "source_priority": 20, "as_of": MOMENT, "format": "csv", "digest": "", "file_key": "",
              "total_rows": 0}  # fmt: skip
    return {**given, "feed_id": await make.insert(world.connection, "offer_feeds", **given, **values)}


async def product(world: World) -> Given:
    n = world.n
    await make.product(world.connection, n)
    return {"gtin": make.make_gtin(n)}


def row(need: str, target: Target, **body: Any) -> Row:
    return Row(need, target, body=body or None, refused=404)


IN_STORE, ONLINE = offer("in_store"), offer("online")
PROMOTION = {"promotional_price": 1, "start_date": MOMENT, "end_date": LATER}
IN_STORE_PROMOTION = part("in_store", "in_store_promotions", "promotion_id", **PROMOTION)
ONLINE_PROMOTION = part("online", "online_promotions", "promotion_id", **PROMOTION)
OVERRIDE = part("online", "regional_overrides", "override_id", region="DE")
ROWS: dict[str, Row | list[Row]] = {
    "list_retailers": row(VIEW, retailer),
    "create_retailer": row(OFFERS, retailer, name="New"),
    "get_retailer": row(VIEW, retailer),
    "update_retailer": row(OFFERS, retailer, name="New"),
    "delete_retailer": row(OFFERS, retailer),
    "list_physical_stores": row(VIEW, physical_store),
    "create_physical_store": row(
        OFFERS, place, retailer_id="{retailer_id}", location_id="{location_id}", currency="USD"
    ),
    "get_physical_store": Row(KEY, physical_store),  # active ones are part of the catalogue
    "update_physical_store": row(OFFERS, physical_store, name="New"),
    "delete_physical_store": row(OFFERS, physical_store),
    "list_online_stores": row(VIEW, online_store),
    "create_online_store": row(
        OFFERS, place, retailer_id="{retailer_id}", url="https://new{n}.example", currency="USD"
    ),
    "get_online_store": Row(KEY, online_store),
    "update_online_store": row(OFFERS, online_store, name="New"),
    "delete_online_store": row(OFFERS, online_store),
    "list_in_store_offers": row(VIEW, IN_STORE),
    "create_in_store_offer": row(
        OFFERS, shop, product_id="{product_id}", physical_store_id="{physical_store_id}", price=1
    ),
    "get_in_store_offer": row(VIEW, IN_STORE),
    "update_in_store_offer": row(OFFERS, IN_STORE, price=2),
    "delete_in_store_offer": row(OFFERS, IN_STORE),
    "list_online_offers": row(VIEW, ONLINE),
    "create_online_offer": row(OFFERS, shop, product_id="{product_id}", online_store_id="{online_store_id}", price=1),
    "get_online_offer": row(VIEW, ONLINE),
    "update_online_offer": row(OFFERS, ONLINE, price=2),
    "delete_online_offer": row(OFFERS, ONLINE),
    "list_in_store_offer_promotions": row(VIEW, IN_STORE_PROMOTION),
    "create_in_store_offer_promotion": row(OFFERS, IN_STORE, promotional_price=1, **DATES),
    "get_in_store_promotion": row(VIEW, IN_STORE_PROMOTION),
    "update_in_store_offer_promotion": row(OFFERS, IN_STORE_PROMOTION, promotional_price=2),
    "delete_in_store_offer_promotion": row(OFFERS, IN_STORE_PROMOTION),
    "list_online_offer_promotions": row(VIEW, ONLINE_PROMOTION),
    "create_online_offer_promotion": row(OFFERS, ONLINE, promotional_price=1, **DATES),
    "get_online_promotion": row(VIEW, ONLINE_PROMOTION),
    "update_online_offer_promotion": row(OFFERS, ONLINE_PROMOTION, promotional_price=2),
    "delete_online_offer_promotion": row(OFFERS, ONLINE_PROMOTION),
    "list_offers": row(VIEW, IN_STORE),
    "get_offer": row(VIEW, IN_STORE),
    "update_offer": [row(OFFERS, IN_STORE, price=2), row(OFFERS, ONLINE, price=2)],
    "list_regional_overrides": row(VIEW, OVERRIDE),
    "create_regional_override": row(OFFERS, ONLINE, region="US"),
    "get_regional_override": row(VIEW, OVERRIDE),
    "update_regional_override": row(OFFERS, OVERRIDE, price=2),
    "delete_regional_override": row(OFFERS, OVERRIDE),
    "list_inventory_sources": row(VIEW, source),
    "create_inventory_source": row(OFFERS, source, name="New"),
    "get_inventory_source": row(VIEW, source),
    "update_inventory_source": row(OFFERS, source, status="paused"),
    "delete_inventory_source": row(OFFERS, source),
    "list_inventory_confidence_levels": Row(KEY),
    "create_offer_feed": Row(OFFERS, ours, files={"file": ("offers.csv", b"gtin,store\n1,2")}, refused=404),
    "list_offer_feeds": row(VIEW, feed),
    "get_offer_feed": row(VIEW, feed),
    "list_offer_feed_errors": row(VIEW, feed),
    "list_in_store_offer_price_history": row(VIEW, IN_STORE),
    "list_online_offer_price_history": row(VIEW, ONLINE),
    "get_product_availability": Row(KEY, product, query={"lat": "39.29", "lon": "-76.61"}),
}
