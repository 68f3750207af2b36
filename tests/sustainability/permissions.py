"""Who may do what at the endpoints of the Sustainability API."""

from collections.abc import Mapping
from typing import Any

from tests import make
from tests.permissions import KEY, PRODUCTS, PUBLIC, Row, World


async def product(world: World) -> Mapping[str, Any]:
    """A product of the organization, with one thing of every kind."""
    n = world.n
    id = await make.product(world.connection, n, owner_id=world.organization)
    found: dict[str, str] = {"gtin": make.make_gtin(n)}
    for kind, values in THINGS.items():
        found[kind] = await make.insert(world.connection, TABLES[kind], product_id=id, **values)
    await world.connection.execute("INSERT INTO product_circularity (product_id, overall_score) VALUES ($1, 1)", id)
    return found


def one(kind: str) -> Any:
    async def target(world: World) -> Mapping[str, Any]:
        found = await product(world)
        return {"gtin": found["gtin"], "id": found[kind]}

    return target


TABLES = {
    "packaging": "product_packaging",
    "component": "product_components",
    "end_of_life_instruction": "end_of_life_instructions",
    "environmental_impact": "environmental_impacts",
}
THINGS: dict[str, dict[str, Any]] = {
    "packaging": {"packaging_type": "PRIMARY"},
    "component": {"name": "Lid", "component_type": "CLOSURE", "is_separable": True},
    "end_of_life_instruction": {"instruction_type": "RECYCLE"},
    "environmental_impact": {"impact_type": "CARBON_FOOTPRINT", "score_value": 1.5, "unit": "KGM"},
}
# 403: a product is visible to everybody, and so is that it belongs to somebody else
ROWS = {
    "get_product_sustainability_data": Row(KEY, product),
    "get_product_passport": Row(PUBLIC, product),
    "replace_product_circularity": Row(PRODUCTS, product, body={"overall_score": 7.5}, stranger=403),
    "delete_product_circularity": Row(PRODUCTS, product, stranger=403),
    **{f"create_product_{kind}": Row(PRODUCTS, product, body=body, stranger=403) for kind, body in THINGS.items()},
    **{f"replace_product_{kind}": Row(PRODUCTS, one(kind), body=body, stranger=403) for kind, body in THINGS.items()},
    **{f"delete_product_{kind}": Row(PRODUCTS, one(kind), stranger=403) for kind in THINGS},
}
