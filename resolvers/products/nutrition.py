"""Replacing and removing a product's nutrition panel."""

from typing import Annotated

import orjson

from closient_gql.core.bounds import Doc
from closient_gql.core.errors import NotFound
from closient_gql.core.models.products import NutritionFacts
from resolvers import access
from resolvers.context import Context
from resolvers.outbox import audit
from resolvers.products.claims import owned
from resolvers.products.ingredients import TOUCH
from resolvers.products.inputs import GtinOf, NutritionPanel
from resolvers.products.relations import NUTRITION
from resolvers.roles import May

DELETE = "DELETE FROM nutrition_facts WHERE product_id = $1"  # with its lines
INSERT = """
INSERT INTO nutrition_facts (product_id, serving_size, label_format, serving_size_g, servings_per_container)
VALUES ($1, $2, $3, $4, $5)
"""
INSERT_LINES = """
INSERT INTO nutrient_values (product_id, priority, name, amount, unit, daily_value_pct)
SELECT product_id, priority, name, amount, unit, daily_value_pct
FROM json_populate_recordset(NULL::nutrient_values, $1::text::json)
"""


@access.user
async def replace_nutrition(
    ctx: Context, gtin: GtinOf, input: Annotated[NutritionPanel, Doc("The whole panel.")]
) -> NutritionFacts:
    """Puts this panel in place of the one that is there, if any. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner.
    """
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        lines = [
            {"product_id": product.id, "priority": place, "name": line.name.strip(), "amount": line.amount,
             "unit": line.unit.value, "daily_value_pct": line.daily_value_pct}
            for place, line in enumerate(input.nutrients)
        ]  # fmt: skip
        await write.connection.execute(DELETE, product.id)
        await write.connection.execute(
            INSERT, product.id, input.serving_size.strip(), input.label_format.value, input.serving_size_g,
            input.servings_per_container,
        )  # fmt: skip
        await write.connection.execute(INSERT_LINES, orjson.dumps(lines).decode())
        await write.connection.execute(TOUCH, product.id)
        told = {"gtin": gtin, "label_format": input.label_format.value, "nutrients": len(lines)}
        await audit(write, ctx.viewer, owner, "product.nutrition_replaced", ("product", product.id), told)
        panel = await write.one(NUTRITION, keys=[product.id])
        assert panel
    return panel


@access.user
async def delete_nutrition(ctx: Context, gtin: GtinOf) -> bool:
    """Removes the panel. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner; or there is no panel.
    """
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        if (await write.connection.execute(DELETE, product.id)).endswith(" 0"):
            raise NotFound("There is no such nutrition facts.")
        await write.connection.execute(TOUCH, product.id)
        await audit(write, ctx.viewer, owner, "product.nutrition_deleted", ("product", product.id), {"gtin": gtin})
    return True
