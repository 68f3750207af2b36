"""Who may do what at the endpoints of the Compliance API, and at what it adds to the Products API."""

from collections.abc import Mapping
from typing import Any

from tests import make
from tests.compliance.conftest import recall
from tests.permissions import KEY, PRODUCTS, PUBLIC, VIEW, Row, World

TEXTS = [{"language": "en", "title": "Hot"}]


async def product(world: World) -> Mapping[str, Any]:
    number = world.n + 10_000
    await make.product(world.connection, number, owner_id=world.organization)
    return {"gtin": make.make_gtin(number), "number": number, "organization": world.organization}


async def stated(world: World) -> Mapping[str, Any]:
    given = await product(world)
    await world.connection.execute(
        "INSERT INTO ftl_designations (product_id, contains_ftl_substance) VALUES ($1, false)",
        make.make_id(given["number"]),
    )
    return given


async def recalled(world: World) -> Mapping[str, Any]:
    given = await product(world)
    id = await recall(world.connection, given["number"], organization_id=world.organization, lots=["A"])
    return {**given, "id": id, "batch": "A"}


async def draft(world: World) -> Mapping[str, Any]:
    given = await product(world)
    id = await make.insert(
        world.connection, "safety_notices", organization_id=world.organization, severity="notice", texts=TEXTS
    )
    return {**given, "id": id, "organization_id": world.organization}


async def published(world: World) -> Mapping[str, Any]:
    given = await draft(world)
    await world.connection.execute("UPDATE safety_notices SET status = 'published' WHERE id = $1", given["id"])
    return given


NOTICE = {"gtins": ["{gtin}"], "severity": "notice", "texts": TEXTS}
ROWS = {
    "list_product_recalls": Row(KEY, recalled),
    "list_batch_recalls": Row(KEY, recalled),
    "get_recall": Row(KEY, recalled),
    "create_recall": Row(
        PRODUCTS, product,
        body={"gtins": ["{gtin}"], "title": "x", "source_system": "FDA", "organization_id": "{organization}"},
    ),
    "update_recall": Row(PRODUCTS, recalled, body={"status": "TERMINATED"}, stranger=403),
    "delete_recall": Row(PRODUCTS, recalled, stranger=403),
    "get_product_ftl": Row(KEY, stated),
    "replace_product_ftl": Row(PRODUCTS, product, body={"contains_ftl_substance": False}, stranger=403),
    "delete_product_ftl": Row(PRODUCTS, stated, stranger=403),
    "list_product_safety_notices": Row(PUBLIC, product),
    "list_safety_notices": Row(VIEW, draft),
    "create_safety_notice": Row(PRODUCTS, draft, body=NOTICE),
    "get_safety_notice": Row(KEY, published),
    "update_safety_notice": [
        Row(PRODUCTS, draft, body={"url": "https://x.example"}),
        Row(PRODUCTS, published, body={"url": "https://x.example"}, stranger=403),
    ],
    "delete_safety_notice": Row(PRODUCTS, draft),
}  # fmt: skip
