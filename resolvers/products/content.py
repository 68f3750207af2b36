"""The tables of ingredients and nutrition: what they show, and how they come to show something else.

They are to the fields `ingredients` and `nutrition` what a column is to other fields; only `facts` writes them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import text

from closient_gql.core.db import Query, Writer
from closient_gql.core.ids import new_id
from closient_gql.core.models.products import Product, ProductFact
from resolvers.products.fields import COLUMNS, CONTENT

# Facts, and what the tables show, which has no source of its own: one statement for both.
FACTS = """
    SELECT product_id, field, source, value, confidence, stated_by, stated_at FROM product_facts
    WHERE product_id = ANY (CAST(:keys AS text[]))
    UNION ALL
    SELECT product_id, 'ingredients', NULL, jsonb_agg(jsonb_build_object(
        'name', name, 'is_major_allergen', is_major_allergen, 'may_contain', may_contain, 'notes', notes,
        'percentage', percentage, 'origin', origin) ORDER BY priority, id), NULL, NULL, NULL
    FROM ingredients WHERE product_id = ANY (CAST(:keys AS text[])) GROUP BY product_id
    UNION ALL
    SELECT product_id, 'nutrition', NULL, jsonb_build_object(
        'serving_size', serving_size, 'label_format', label_format, 'serving_size_g', serving_size_g,
        'servings_per_container', servings_per_container, 'nutrients', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'name', name, 'amount', amount, 'unit', unit, 'daily_value_pct', daily_value_pct) ORDER BY priority)
            FROM nutrient_values AS line WHERE line.product_id = panel.product_id
        ), CAST('[]' AS jsonb))), NULL, NULL, NULL
    FROM nutrition_facts AS panel WHERE product_id = ANY (CAST(:keys AS text[]))
"""
KNOWN = Query(ProductFact, text(FACTS))
IMAGES = """
    UNION ALL
    SELECT product_id, 'images', data_source, coalesce(
        jsonb_agg(image_url ORDER BY is_primary DESC, priority, id) FILTER (WHERE image_url IS NOT NULL),
        CAST('[]' AS jsonb)), min(confidence), stated_by_id, max(stated_at)
    FROM product_images WHERE product_id = ANY (CAST(:keys AS text[])) GROUP BY product_id, data_source, stated_by_id
"""
KNOWN_TO_READERS = Query(ProductFact, text(FACTS + IMAGES))
"""With the images of each source as its fact."""
DELETE_INGREDIENTS = "DELETE FROM ingredients WHERE product_id = ANY ($1::text[])"
INSERT_INGREDIENTS = """
INSERT INTO ingredients (id, product_id, name, is_major_allergen, may_contain, priority, notes, percentage, origin)
SELECT id, product_id, name, is_major_allergen, may_contain, priority, notes, percentage, origin
FROM json_populate_recordset(NULL::ingredients, $1::text::json)
"""
DELETE_PANELS = "DELETE FROM nutrition_facts WHERE product_id = ANY ($1::text[])"  # with their lines
INSERT_PANELS = """
INSERT INTO nutrition_facts (product_id, serving_size, label_format, serving_size_g, servings_per_container)
SELECT product_id, serving_size, label_format, serving_size_g, servings_per_container
FROM json_populate_recordset(NULL::nutrition_facts, $1::text::json)
"""
INSERT_NUTRIENTS = """
INSERT INTO nutrient_values (product_id, priority, name, amount, unit, daily_value_pct)
SELECT product_id, priority, name, amount, unit, daily_value_pct
FROM json_populate_recordset(NULL::nutrient_values, $1::text::json)
"""


def values_of(product: Product, known: Sequence[ProductFact]) -> dict[str, Any]:
    """What a product shows, by field: its columns, and of its rows of KNOWN what its tables show."""
    columns = {name: getattr(product, name) for name in COLUMNS}
    tables = {row.field: row.value for row in known if row.source is None}
    return columns | {name: tables.get(name, field.empty) for name, field in CONTENT.items()}


async def put_ingredients(write: Writer, lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """These lists, by product, in place of those that are there."""
    rows = [
        {"id": new_id(), "product_id": product, "priority": place, **line}
        for product, lines in lists.items()
        for place, line in enumerate(lines)
    ]
    await put(write, DELETE_INGREDIENTS, lists, (INSERT_INGREDIENTS, rows))


async def put_panels(write: Writer, panels: Mapping[str, Mapping[str, Any] | None]) -> None:
    """These panels, by product, in place of those that are there; None for none."""
    there = {product: panel for product, panel in panels.items() if panel is not None}
    rows = [{"product_id": product, **panel} for product, panel in there.items()]
    lines = [
        {"product_id": product, "priority": place, **line}
        for product, panel in there.items()
        for place, line in enumerate(panel["nutrients"])
    ]
    await put(write, DELETE_PANELS, panels, (INSERT_PANELS, rows), (INSERT_NUTRIENTS, lines))


async def put(write: Writer, delete: str, products: Mapping[str, Any], *inserts: tuple[str, list[Any]]) -> None:
    if products:
        await write.connection.execute(delete, list(products))
    for statement, rows in inserts:
        if rows:
            await write.connection.execute(statement, orjson.dumps(rows).decode())


PUT: dict[str, Callable[[Writer, Mapping[str, Any]], Awaitable[None]]] = {
    "ingredients": put_ingredients,
    "nutrition": put_panels,
}
