"""Who may do what at the endpoints of the Content API."""

from collections.abc import Mapping
from typing import Any

from tests import make
from tests.permissions import KEY, PRODUCTS, PUBLIC, VIEW, Row, World

INSERT_VERSION = """
INSERT INTO content_versions (id, item_id, version, title, description, images, sections, provenance, note)
VALUES ($1, $2, 1, 'Title', '', '[]', '[]',
    '{"title": {"source": "claimed", "confidence": 0.95, "version": 1, "user_id": null}}', '')
"""


async def product(world: World) -> Mapping[str, Any]:
    n = world.n
    id = await make.product(world.connection, n, owner_id=world.organization)
    return {"product": id, "gtin": make.make_gtin(n), "organization_id": world.organization}


def item(status: str = "draft", published: int | None = None) -> Any:
    async def target(world: World) -> Mapping[str, Any]:
        found = await product(world)
        id = await make.insert(
            world.connection, "content_items", product_id=found["product"], organization_id=world.organization,
            language="en", status=status, published_version=published,
        )  # fmt: skip
        await world.connection.execute(INSERT_VERSION, id[::-1], id)
        if published:
            await world.connection.execute("UPDATE content_items SET published_at = now() WHERE id = $1", id)
        return {**found, "id": id, "version": 1}

    return target


MOVE = {"version": 1}
ROWS = {
    "check_product_data_readiness": Row(PUBLIC, product, body={"gtin": "{gtin}"}),
    "get_product_published_content": Row(KEY, item("published", 1)),
    "create_product_content": Row(PRODUCTS, product, body={"language": "en", "title": "x"}, stranger=403),
    "list_content_items": Row(VIEW, item()),
    "list_missing_translations": Row(VIEW, product),
    "get_content_item": Row(VIEW, item()),
    "list_content_versions": Row(VIEW, item()),
    "get_content_version": Row(VIEW, item()),
    "get_content_diff": Row(VIEW, item(), query={"from_version": "1", "to_version": "1"}),
    "update_content_item": Row(PRODUCTS, item(), body=MOVE | {"title": "Another"}),
    "delete_content_item": Row(PRODUCTS, item()),
    "submit_content_item": Row(PRODUCTS, item(), body=MOVE),
    "reject_content_item": Row(PRODUCTS, item("review"), body=MOVE),
    "publish_content_item": Row(PRODUCTS, item("review"), body=MOVE),
    "withdraw_content_item": Row(PRODUCTS, item("published", 1), body=MOVE),
}
