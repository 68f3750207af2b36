"""The demo offers: made up, and marked so (`metadata.synthetic`). Which shop has what for how much follows from seeds,
so it is the same everywhere; times are counted back from the moment of loading.

The shops are real (`demo_retailers`): those around Baltimore and in Liechtenstein have most, so that a search there
shows a choice; every product is in some Walmart, and much of it on the web.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from closient_gql.core.db import Connection
from closient_gql.server.demo_retailers import SITES, online_store_id, physical_store_id
from closient_gql.server.demo_rows import Progress, Row, demo_id, insert_all, lines_of

SYNTHETIC = {"demo": "true", "synthetic": "true"}
KINDS = {  # of shops, that sell these products
    "food": {"supermarket", "convenience", "department_store", "deli", "greengrocer", "confectionery", "grocery"},
    "beauty": {"supermarket", "department_store", "pharmacy", "chemist", "beauty", "cosmetics", "perfumery"},
}
SHARES = {"US": 0.09, "LI": 0.16, "SG": 0.1}  # of the products that fit, in one shop of OpenStreetMap's
WALMARTS = {"US-MD": 0.04}  # the same; of the others each product is in one
WEB = 0.15  # on one site
LEVELS = {"USD": 1.0, "CHF": 1.35, "SGD": 1.4}  # what a dollar's worth costs in each currency
HOURS = (0.3, 0.8, 3, 9, 20, 30, 44, 60)  # since the source last spoke
Random = random.Random


async def offers(connection: Connection, progress: Progress) -> None:
    """Offers of the demo products that are there, at the demo stores that are there."""
    gtins = {row["gtin"]: row["id"] for row in await connection.fetch("SELECT id, gtin FROM products")}
    products = [(gtins[p["gtin"]], p) for p in lines_of("products.jsonl.gz") if p["gtin"] in gtins]
    stores = "SELECT id, currency FROM physical_stores UNION ALL SELECT id, currency FROM online_stores"
    there = {row["id"]: row["currency"] for row in await connection.fetch(stores)}
    made = Offers(products, there, datetime.now(UTC))
    in_store = [*made.at_shops(), *made.at_walmarts()]
    online = list(made.on_the_web())
    tables = {
        "in_store_offers": in_store,
        "online_offers": online,
        "in_store_promotions": list(made.promotions("in_store_promotion", in_store)),
        "online_promotions": list(made.promotions("online_promotion", online)),
        "in_store_price_changes": list(made.history("in_store_price_change", in_store)),
    }
    await insert_all(connection, tables, progress)


class Offers:
    """`stores`: their currencies, of those that are there."""

    def __init__(self, products: Sequence[tuple[str, Row]], stores: Mapping[str, str], now: datetime) -> None:
        self.products, self.stores, self.now = products, stores, now

    def at_shops(self) -> Iterator[Row]:
        for place in lines_of("osm-shops.jsonl.gz"):
            yield from self.at(place, SHARES[place["country"]])

    def at_walmarts(self) -> Iterator[Row]:
        walmarts = lines_of("walmart.jsonl.gz")
        for place in walmarts:
            if place["region"] in WALMARTS:
                yield from self.at(place, WALMARTS[place["region"]])
        others = [place for place in walmarts if place["region"] not in WALMARTS]
        for id, product in self.products:
            yield from self.offer(Random(f"walmart {product['gtin']}").choice(others), id, product)

    def at(self, place: Row, share: float) -> Iterator[Row]:
        """What one shop has: this share of the products that are sold in shops of its kind."""
        chance, kinds = Random(f"shop {place['ref']}"), set(place.get("categories", ()))
        for id, product in self.products:
            if chance.random() < share and kinds & KINDS[product["kind"]]:
                yield from self.offer(place, id, product)

    def offer(self, place: Row, product_id: str, product: Row) -> Iterator[Row]:
        store = physical_store_id(place["ref"])
        if store not in self.stores:
            return  # somebody has deleted it
        chance = Random(f"offer {place['ref']} {product['gtin']}")
        quantity = chance.choice((None, 0, 1, 2, 3, 5, 8, 12, 18, 24))
        yield self.shared(chance, product, self.stores[store]) | {
            "id": demo_id("in_store_offer", f"{place['ref']} {product['gtin']}"),
            "product_id": product_id,
            "physical_store_id": store,
            "source": "pos_sync" if quantity is not None else "manual",
            "source_priority": 10 if quantity is not None else 20,
            "status": "out_of_stock" if quantity == 0 else "active",
            "quantity_on_hand": quantity,
            "aisle": str(chance.randrange(1, 20)),
            "store_pickup_available": chance.random() < 0.3,
        }

    def on_the_web(self) -> Iterator[Row]:
        for url, _, countries in SITES.values():
            if (store := online_store_id(url)) not in self.stores:
                continue
            for id, product in self.products:
                chance = Random(f"offer {url} {product['gtin']}")
                if chance.random() < WEB:
                    yield self.shared(chance, product, self.stores[store]) | {
                        "id": demo_id("online_offer", f"{url} {product['gtin']}"),
                        "product_id": id,
                        "online_store_id": store,
                        "source": "affiliate_feed",
                        "source_priority": 40,
                        "status": "active",
                        "stock_level": chance.choice(("in_stock", "in_stock", "low_stock", "out_of_stock", "unknown")),
                        "fulfillment_type": chance.choice(("standard", "express", "same_day")),
                        "delivery_countries": countries,
                        "shipping_cost": chance.choice((None, "0", "4.95", "7.90")),
                        "lead_time_days": chance.choice((None, 1, 2, 5)),
                        "min_order_quantity": 1,
                    }

    def shared(self, chance: Random, product: Row, currency: str) -> Row:
        """A price around that of the product, which ends in 9, or none; and how long ago its source spoke."""
        worth = Random(f"price {product['gtin']}").lognormvariate(1.2 if product["kind"] == "food" else 2.2, 0.6)
        tenths = max(4, round(worth * LEVELS[currency] * chance.uniform(0.9, 1.15) * 10))
        return {
            "price": f"{tenths / 10 - 0.01:.2f}" if chance.random() > 0.04 else None,
            "inventory_synced_at": self.now - timedelta(hours=chance.choice(HOURS)),
            "created": self.now - timedelta(days=90),
            "modified": self.now - timedelta(days=2),
            "metadata": SYNTHETIC,
        }

    def promotions(self, kind: str, offers: Sequence[Row]) -> Iterator[Row]:
        """A sale of every twentieth offer with a price: a fifth off, for a month."""
        for offer in offers:
            if offer["price"] and Random(f"sale {offer['id']}").random() < 0.05:
                yield {
                    "id": demo_id(kind, offer["id"]),
                    "offer_id": offer["id"],
                    "promotional_price": f"{float(offer['price']) * 0.8:.2f}",
                    "start_date": self.now - timedelta(days=1),
                    "end_date": self.now + timedelta(days=30),
                    "promotion_type": "SALE",
                    "description": "A demo sale, made up.",
                    "is_active": True,
                    "metadata": SYNTHETIC,
                }

    def history(self, kind: str, offers: Sequence[Row]) -> Iterator[Row]:
        """What every tenth offer with a price cost a month ago."""
        for offer in offers:
            chance = Random(f"history {offer['id']}")
            if offer["price"] and chance.random() < 0.1:
                yield {
                    "id": demo_id(kind, offer["id"]),
                    "offer_id": offer["id"],
                    "old_price": f"{float(offer['price']) * chance.uniform(0.8, 1.2):.2f}",
                    "new_price": offer["price"],
                    "currency": self.stores[offer["physical_store_id"]],
                    "source": offer["source"],
                    "created": self.now - timedelta(days=30),
                }
