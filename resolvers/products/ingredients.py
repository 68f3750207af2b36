"""Replacing a product's list of ingredients."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from closient_gql.core.bounds import Doc
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.products import Product
from resolvers import access
from resolvers.context import Context
from resolvers.outbox import audit
from resolvers.products.allergens import allergens_in
from resolvers.products.claims import owned, shown
from resolvers.products.inputs import GtinOf, IngredientLine, IngredientList
from resolvers.products.labels import Line, parse_label
from resolvers.products.owner import say
from resolvers.products.printed import MOST_INGREDIENTS
from resolvers.roles import May


@access.user
async def replace_ingredients(
    ctx: Context, gtin: GtinOf, input: Annotated[IngredientList, Doc("The whole list: lines, or the label's text.")]
) -> Product:
    """Puts this list in place of the one that is there; an empty one says that there is none. Owners, managers,
    editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner.
        Invalid: neither lines nor text are given, or both; or the text has too many ingredients, or none.
    """
    lines = lines_of(input)
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        await say(ctx, write, product.id, owner, {"ingredients": values_of(lines)})
        told = {"gtin": gtin, "ingredients": len(lines)}
        await audit(write, ctx.viewer, owner, "product.ingredients_replaced", ("product", product.id), told)
    return await shown(ctx, gtin)


def lines_of(input: IngredientList) -> Sequence[Line]:
    """Raises:
    Invalid: as `replace_ingredients`.
    """
    if (input.ingredients is None) == (input.text is None):
        raise Invalid([Detail(field="ingredients", message="give either ingredients or text")])
    if input.text is not None:
        return read_label(input.text, "text")
    return [line_of(each) for each in input.ingredients or ()]


def line_of(given: IngredientLine) -> Line:
    allergen = given.is_major_allergen
    return Line(
        name=given.name.strip(),
        is_major_allergen=bool(allergens_in(given.name)) if allergen is None else allergen,
        may_contain=given.may_contain,
        notes=given.notes,
        percentage=given.percentage,
        origin=given.origin,
    )


def read_label(text: str, field: str) -> list[Line]:
    """The ingredients of a label's text.

    Raises:
        Invalid: there are too many, or the text says something, but no ingredient.
    """
    lines = parse_label(text)
    if text.strip() and not lines:  # an empty text is how a list is removed: this must not remove it
        raise Invalid([Detail(field=field, message="names no ingredient that could be read")])
    if len(lines) > MOST_INGREDIENTS:
        raise Invalid([Detail(field=field, message=f"must name at most {MOST_INGREDIENTS} ingredients")])
    return lines


def values_of(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The list as it is stated."""
    return [asdict(line) for line in lines]
