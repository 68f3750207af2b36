"""Who may do what at the endpoints of the Products API."""

from collections.abc import Mapping
from typing import Any

from tests import make
from tests.brands.conftest import png
from tests.permissions import CLAIM, KEY, PRODUCTS, PUBLIC, VIEW, Row, World

CSV = "gtin,product_name\n"


async def product(world: World) -> Mapping[str, Any]:
    n = world.n
    await make.product(world.connection, n, owner_id=world.organization)
    image = await make.insert(world.connection, "product_images", product_id=make.make_id(n))
    await world.connection.execute(
        "INSERT INTO nutrition_facts (product_id, label_format) VALUES ($1, 'EU')", make.make_id(n)
    )
    return {"id": make.make_id(n), "gtin": make.make_gtin(n), "image_id": image, "organization": world.organization}


async def unclaimed(world: World) -> Mapping[str, Any]:
    n = world.n
    await make.product(world.connection, n)
    return {"gtin": make.make_gtin(n), "organization": world.organization}


async def two(world: World) -> Mapping[str, Any]:
    first = await unclaimed(world)
    return {"gtin": first["gtin"], "other": (await unclaimed(world))["gtin"]}


async def new(world: World) -> Mapping[str, Any]:
    return {"gtin": make.make_gtin(world.n), "organization": world.organization}


PANEL = {"serving_size": "1 g", "label_format": "EU", "nutrients": [{"name": "Fat", "amount": 1, "unit": "g"}]}
REPORT = {"reporter_email": "a@b.example", "reporter_relationship": "consumer", "reason": "It is not theirs."}
# 403: a product is visible to everybody, and so is that it belongs to somebody else
ROWS = {
    "compare_products": Row(KEY, two, body={"gtins": ["{gtin}", "{other}"]}),
    "list_product_changes": Row(KEY),
    "list_claimed_products": Row(VIEW, product, query={"organization_id": "{organization}"}),
    "get_product": Row(KEY, product),
    "lookup_products": Row(KEY, body={"codes": ["1"]}),
    "parse_digital_link": Row(KEY, body={"url": "https://id.gs1.org/01/09506000134352"}),
    "get_product_content": Row(KEY, product),
    "list_product_images": Row(KEY, product),
    "list_product_ingredients": Row(KEY, product),
    "get_product_nutrition_facts": Row(KEY, product),
    "browse_products": Row(KEY),
    "get_product_detail": Row(KEY, product),
    "list_trade_items": Row(KEY),
    "get_trade_item_detail": Row(KEY, product),
    "list_product_facts": Row(KEY, product),
    "list_product_history": Row(KEY, product),
    "list_certifications_of_product": Row(KEY, product),
    "list_claims_of_product": Row(KEY, product),
    "create_product": [
        Row(PRODUCTS, new, body={"gtin": "{gtin}"}, own=True),
        Row(PRODUCTS, new, body={"gtin": "{gtin}", "organization_id": "{organization}"}),
    ],
    "claim_product": [
        Row(CLAIM, unclaimed, own=True),
        Row(CLAIM, unclaimed, body={"organization_id": "{organization}"}),
    ],
    "update_product": Row(PRODUCTS, product, body={"description": "x"}, stranger=403),
    "unclaim_product": Row(CLAIM, product, stranger=403),
    "upload_product_image": Row(PRODUCTS, product, files={"image": ("x.png", png())}, stranger=403),
    "reorder_product_images": Row(PRODUCTS, product, body={"ids": ["{image_id}"]}, stranger=403),
    "delete_product_image": Row(PRODUCTS, product, stranger=403),
    "replace_product_nutrition_facts": Row(PRODUCTS, product, body=PANEL, stranger=403),
    "delete_product_nutrition_facts": Row(PRODUCTS, product, stranger=403),
    "replace_product_ingredients": Row(PRODUCTS, product, body={"text": "Salt"}, stranger=403),
    "report_claim": Row(PUBLIC, product, body=REPORT),
    "list_product_recalls_via_products": Row(KEY, product),
    "download_csv_import_template": Row(PUBLIC),
    "bulk_import_products_from_csv": [
        Row(PRODUCTS, files={"file": ("x.csv", CSV)}, own=True),
        Row(PRODUCTS, new, query={"organization_id": "{organization}"}, files={"file": ("x.csv", CSV)}),
    ],
}
