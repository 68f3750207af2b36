"""Replacing and removing a product's nutrition panel."""

from dataclasses import asdict
from typing import Annotated, Any

from closient_gql.core.bounds import Doc
from closient_gql.core.errors import NotFound
from closient_gql.core.models.products import NutritionFacts
from resolvers import access
from resolvers.context import Context
from resolvers.outbox import audit
from resolvers.products.claims import owned
from resolvers.products.inputs import GtinOf, NutritionPanel
from resolvers.products.owner import say
from resolvers.products.relations import NUTRITION
from resolvers.roles import May


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
        await say(ctx, write, product.id, owner, {"nutrition": value_of(input)})
        told = {"gtin": gtin, "label_format": input.label_format.value, "nutrients": len(input.nutrients)}
        await audit(write, ctx.viewer, owner, "product.nutrition_replaced", ("product", product.id), told)
        panel = await write.one(NUTRITION, keys=[product.id])
        assert panel
    return panel


def value_of(input: NutritionPanel) -> dict[str, Any]:
    """The panel as it is stated."""
    nutrients = [asdict(line) | {"unit": line.unit.value} for line in input.nutrients]
    return {**asdict(input), "label_format": input.label_format.value, "nutrients": nutrients}


@access.user
async def delete_nutrition(ctx: Context, gtin: GtinOf) -> bool:
    """Removes the panel: the owner says that there is none. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner; or there is no panel.
    """
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        if await write.one(NUTRITION, keys=[product.id]) is None:
            raise NotFound("This product has no nutrition facts.")
        await say(ctx, write, product.id, owner, {"nutrition": None})
        await audit(write, ctx.viewer, owner, "product.nutrition_deleted", ("product", product.id), {"gtin": gtin})
    return True
