"""The shop: 500 products with a brand and three offers each, in memory; the same 20,000 times in PostgreSQL (shop.sql).

`python -m bench.peers.shop FILE` writes the rows for the peers that are not Python.
"""

import enum
import random
import sys
from dataclasses import asdict, make_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson


class Status(enum.Enum):
    ACTIVE = "ACTIVE"
    DRAFT = "DRAFT"
    RETIRED = "RETIRED"


def fields(text: str) -> dict[str, str]:
    """`name: Type` pairs, by their names in Python."""
    return dict(pair.split(":") for pair in text.split())


PRODUCT = fields("""
    id:ID! gtin:String! name:String! slug:String! description:String! category:String! net_content:Float!
    net_content_unit:String! weight:Float! height:Float! width:Float! depth:Float! price:Float! currency:String!
    status:Status! is_active:Boolean! is_organic:Boolean! is_vegan:Boolean country_of_origin:String!
    created_at:DateTime! updated_at:DateTime! image_url:String rating:Float rating_count:Int! age_min:Int
    ingredients:String nutrition_grade:String color:String size:String brand_id:ID!""")
BRAND = fields("id:ID! name:String! slug:String! logo_url:String country:String!")
OFFER = fields("id:ID! price:Float! currency:String! url:String! availability:String! quantity:Int!")
LOCATION = fields("""id:ID! name:String! city:String! country:String! lat:Float! lng:Float! postal_code:String!
    phone:String""")

ProductRow: Any = make_dataclass("ProductRow", PRODUCT, slots=True)
BrandRow: Any = make_dataclass("BrandRow", BRAND, slots=True)
OfferRow: Any = make_dataclass("OfferRow", [*OFFER, "product_id", "location_id"], slots=True)
LocationRow: Any = make_dataclass("LocationRow", LOCATION, slots=True)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def names(of: dict[str, str]) -> str:
    return " ".join(map(camel, of))


def make() -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    chance = random.Random(7)
    begin = datetime(2026, 1, 1, tzinfo=UTC)

    def key() -> str:
        return "".join(chance.choices("0123456789abcdefghijklmnopqrstuvwxyz", k=12))

    brands = [BrandRow(key(), f"Brand {n}", f"brand-{n}", f"https://cdn.example/b{n}.png", "US") for n in range(40)]
    locations = [
        LocationRow(key(), f"Store {n}", f"City {n}", "US", 40 + chance.random(), -74 + chance.random(), f"{10000 + n}",
                    "+12125550100") for n in range(200)
    ]  # fmt: skip
    products = [
        ProductRow(
            key(), f"0{7000000000000 + n}", f"Product number {n}", f"product-number-{n}",
            "A very fine product, made with care & sold in many stores. " * 2, ("food", "drink", "care")[n % 3],
            250.0 + n, "GRM", 0.25, 10.5, 3.25, 4.0, round(chance.random() * 50, 2), "USD", list(Status)[n % 3], True,
            n % 2 == 0, None if n % 5 == 0 else True, "US", begin + timedelta(hours=n), begin + timedelta(hours=n * 2),
            f"https://cdn.example/p{n}.jpg", round(chance.random() * 5, 1), chance.randrange(1000), None,
            "water, sugar, salt", "B", "red", None, brands[n % 40].id,
        ) for n in range(500)
    ]  # fmt: skip
    offers = [
        OfferRow(key(), round(chance.random() * 50, 2), "USD", f"https://shop.example/{product.slug}/{n}", "IN_STOCK",
                 chance.randrange(100), product.id, chance.choice(locations).id)
        for product in products for n in range(3)
    ]  # fmt: skip
    return products, brands, offers, locations


PRODUCTS, BRANDS, OFFERS, LOCATIONS = make()
PRODUCT_BY_ID = {row.id: row for row in PRODUCTS}
BRAND_BY_ID = {row.id: row for row in BRANDS}
LOCATION_BY_ID = {row.id: row for row in LOCATIONS}
OFFERS_OF: dict[str, list[Any]] = {row.id: [] for row in PRODUCTS}
for offer in OFFERS:
    OFFERS_OF[offer.product_id].append(offer)

MANY = f"""query Many($first: Int!) {{ products(first: $first) {{ {names(PRODUCT)} brand {{ {names(BRAND)} }}
  offers {{ {names(OFFER)} location {{ {names(LOCATION)} }} }} }} }}"""
ONE = "query One($id: ID!) { product(id: $id) { id name gtin price status brand { id name } } }"
MANY_BODY = {"query": MANY, "variables": {"first": 25}, "operationName": "Many"}
ONE_BODY = {"query": ONE, "variables": {"id": PRODUCTS[3].id}, "operationName": "One"}


def postgraphile_body() -> dict[str, Any]:
    """The same question, as PostGraphile's own schema puts it."""

    def own(of: dict[str, str]) -> str:
        return names(of).replace("id ", "rowId ", 1)

    query = f"""query Many($first: Int!) {{ allProducts(first: $first, orderBy: [PRIMARY_KEY_ASC]) {{ nodes {{
      {own(PRODUCT)} brandByBrandId {{ {own(BRAND)} }} offersByProductId {{ nodes {{ {own(OFFER)}
      locationByLocationId {{ {own(LOCATION)} }} }} }} }} }} }}"""
    return {"query": query, "variables": {"first": 25}, "operationName": "Many"}


def sdl() -> str:
    def kind(name: str, of: dict[str, str], more: str = "") -> str:
        return f"type {name} {{ {' '.join(f'{camel(key)}: {type}' for key, type in of.items())} {more} }}\n"

    return (
        "scalar DateTime\nenum Status { ACTIVE DRAFT RETIRED }\n"
        + kind("Product", PRODUCT, "brand: Brand! offers: [Offer!]!") + kind("Brand", BRAND)
        + kind("Offer", OFFER, "location: Location!") + kind("Location", LOCATION)
        + "type Query { products(first: Int!): [Product!]! product(id: ID!): Product }\n"
    )  # fmt: skip


def write(path: Path) -> None:
    rows = {"products": PRODUCTS, "brands": BRANDS, "offers": OFFERS, "locations": LOCATIONS}
    shown: dict[str, Any] = {
        name: [{camel(key): value for key, value in asdict(row).items()} for row in given]
        for name, given in rows.items()
    }
    path.write_bytes(orjson.dumps(shown | {"sdl": sdl()}))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
