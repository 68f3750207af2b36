"""Who may do what at the endpoints of the Brands API."""

from collections.abc import Mapping
from typing import Any

from tests import make
from tests.brands.conftest import png
from tests.permissions import CLAIM, KEY, PRODUCTS, PUBLIC, VIEW, Row, World


async def brand(world: World) -> Mapping[str, Any]:
    id = await make.brand(world.connection, f"Brand {world.n}", world.organization)
    return {"id": id, "brand_id": id, "organization": world.organization}


async def unclaimed(world: World) -> Mapping[str, Any]:
    return {"id": await make.brand(world.connection, f"Brand {world.n}"), "organization": world.organization}


async def new(world: World) -> Mapping[str, Any]:
    return {"name": f"Brand {world.n}", "organization": world.organization}


async def verification(world: World) -> Mapping[str, Any]:
    given = await brand(world)
    id = await make.insert(
        world.connection, "brand_verifications", brand_id=given["id"], organization_id=world.organization,
        method="domain", state="pending", subject="example.org", token="x",
    )  # fmt: skip
    return {**given, "verification_id": id}


ROWS = {
    "list_brands": Row(KEY),
    "get_brand": Row(KEY, brand),
    "create_brand": Row(CLAIM, new, body={"name": "{name}", "organization_id": "{organization}"}),
    "claim_brand": [
        Row(CLAIM, unclaimed, own=True),
        Row(CLAIM, unclaimed, body={"organization_id": "{organization}"}),
    ],
    "update_brand": Row(PRODUCTS, brand, body={"description": "x"}),
    "upload_brand_logo": Row(PRODUCTS, brand, files={"logo": ("x.png", png())}),
    "verify_brand": Row(CLAIM, brand, body={"method": "manual", "subject": "x"}),
    "list_brand_verifications": Row(VIEW, brand),
    "get_brand_verification": Row(VIEW, verification),
    "check_brand_verification": Row(CLAIM, verification),
    "list_a_brands_products_locator_catalog": Row(PUBLIC, brand),
    "find_stores_carrying_a_brand": Row(PUBLIC, brand, query={"lat": "39", "lon": "-76"}),
    "track_brand_locator_widget_events": Row(PUBLIC, body={}),
}
