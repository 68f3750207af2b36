"""Who may do what at the endpoints of the Resolver API."""

from collections.abc import Mapping
from typing import Any

from tests import make
from tests.permissions import PRODUCTS, PUBLIC, VIEW, Row, World


async def product(world: World) -> Mapping[str, Any]:
    n = world.n
    id = await make.product(world.connection, n, owner_id=world.organization)
    return {
        "product": id,
        "gtin": make.make_gtin(n),
        "organization_id": world.organization,
        "batch": "L",
        "serial": "S",
    }


async def link(world: World) -> Mapping[str, Any]:
    found = await product(world)
    id = await make.insert(
        world.connection, "links", organization_id=world.organization, anchor=f"/01/{found['gtin']}",
        gtin=found["gtin"], link_type="pip", href="https://a.example/", title="Title",
    )  # fmt: skip
    return {**found, "id": id, "anchor": f"/01/{found['gtin']}/10/A"}


async def rule(world: World) -> Mapping[str, Any]:
    found = await product(world)
    id = await make.insert(
        world.connection, "resolution_rules", organization_id=world.organization, scope_type="PRODUCT",
        scope_id=found["gtin"], product_id=found["product"], order_index=0, destination_type="HOSTED_PAGE",
    )  # fmt: skip
    return {**found, "rule_id": id, "code": f"/01/{found['gtin']}"}


async def former(world: World) -> Mapping[str, Any]:
    found = await product(world)
    old = make.make_gtin(world.n)
    await world.connection.execute(
        "INSERT INTO product_successors VALUES ($1, $2, $3)", old, found["gtin"], world.organization
    )
    return {**found, "former_gtin": old}


LINK = {"anchor": "{anchor}", "link_type": "gs1:pip", "href": "https://1.1.1.1/", "title": "Title"}
ROWS = {
    "get_product_barcode": Row(PUBLIC, product),
    "list_link_types": Row(PUBLIC),
    "list_links": Row(VIEW, link),
    "get_link": Row(VIEW, link),
    "create_link": Row(PRODUCTS, link, body=LINK),
    "update_link": Row(PRODUCTS, link, body={"title": "Another"}),
    "delete_link": Row(PRODUCTS, link),
    "list_resolution_rules": Row(VIEW, rule),
    "get_resolution_rule": Row(VIEW, rule),
    "create_resolution_rule": Row(PRODUCTS, product, body={"scope_type": "PRODUCT", "scope_id": "{gtin}"}),
    "update_resolution_rule": Row(PRODUCTS, rule, body={"enabled": False}),
    "delete_resolution_rule": Row(PRODUCTS, rule),
    "reorder_resolution_rules": Row(PRODUCTS, rule, body={"rules": [{"id": "{rule_id}", "order_index": 7}]}),
    "dry_run_resolution_rules": Row(VIEW, rule, body={"digital_link": "{code}"}),
    "add_former_gtin": Row(PRODUCTS, former, stranger=403),
    "remove_former_gtin": Row(PRODUCTS, former, stranger=403),
    **{
        f"resolve_gtin{what}": Row(PUBLIC, product, query={"linkType": "linkset"})
        for what in ("", "_batch", "_serial", "_batch_serial")
    },
}
