"""What belongs to products: images, ingredients, nutrition. Each is one statement for any number of products."""

from collections.abc import Sequence
from typing import Annotated

from sqlalchemy import bindparam, case, func, literal, select

from closient_gql.core.bounds import Doc
from closient_gql.core.db import KEYS, Query
from closient_gql.core.models.products import (
    Ingredient,
    NutrientValue,
    NutritionFacts,
    Product,
    ProductImage,
)
from closient_gql.core.paging import Listing, Slice, Window
from resolvers.context import Context

IMAGES = Listing(
    "images",
    ProductImage,
    select(*ProductImage.__table__.c),
    # the primary image first, then by priority: one number, so that a cursor can say it
    orders={"priority": ProductImage.priority + case((ProductImage.is_primary, literal(-(10**9))), else_=literal(0))},
    parent=ProductImage.product_id,
)
INGREDIENTS = Listing(
    "ingredients",
    Ingredient,
    select(*Ingredient.__table__.c),
    orders={"priority": Ingredient.priority.expression},
    filters={"is_major_allergen": Ingredient.is_major_allergen == bindparam("is_major_allergen")},
    parent=Ingredient.product_id,
)
IMAGES_BY_ID = Query(ProductImage, select(*ProductImage.__table__.c).where(ProductImage.id == func.any(KEYS)))
INGREDIENTS_BY_ID = Query(Ingredient, select(*Ingredient.__table__.c).where(Ingredient.id == func.any(KEYS)))
NUTRITION = Query(
    NutritionFacts, select(*NutritionFacts.__table__.c).where(NutritionFacts.product_id == func.any(KEYS))
)
NUTRIENTS = Query(
    NutrientValue,
    select(*NutrientValue.__table__.c)
    .where(NutrientValue.product_id == func.any(KEYS))
    .order_by(NutrientValue.product_id, NutrientValue.priority),
)
ALL_IMAGES = Query(
    ProductImage,
    select(*ProductImage.__table__.c)
    .where(ProductImage.product_id == func.any(KEYS))
    .order_by(ProductImage.product_id, ProductImage.is_primary.desc(), ProductImage.priority, ProductImage.id),
)
ALL_INGREDIENTS = Query(
    Ingredient,
    select(*Ingredient.__table__.c)
    .where(Ingredient.product_id == func.any(KEYS))
    .order_by(Ingredient.product_id, Ingredient.priority, Ingredient.id),
)


async def images_of(ctx: Context, products: Sequence[Product], window: Window) -> list[Slice[ProductImage]]:
    """Primary first, then by priority."""
    return await IMAGES.slices(ctx.read, window, [p.id for p in products], order="priority")


async def ingredients_of(
    ctx: Context,
    products: Sequence[Product],
    window: Window,
    *,
    is_major_allergen: Annotated[bool | None, Doc("Only major allergens, or only others.")] = None,
) -> list[Slice[Ingredient]]:
    """In label order."""
    return await INGREDIENTS.slices(
        ctx.read, window, [p.id for p in products], order="priority", is_major_allergen=is_major_allergen
    )


async def all_images_of(ctx: Context, products: Sequence[Product]) -> list[list[ProductImage]]:
    """Primary first, then by priority."""
    return await ctx.read.by_parent(ALL_IMAGES, "product_id", [p.id for p in products])


async def all_ingredients_of(ctx: Context, products: Sequence[Product]) -> list[list[Ingredient]]:
    """In label order."""
    return await ctx.read.by_parent(ALL_INGREDIENTS, "product_id", [p.id for p in products])


async def nutrition_of(ctx: Context, products: Sequence[Product]) -> list[NutritionFacts | None]:
    return await ctx.read.by_key(NUTRITION, "product_id", [p.id for p in products])


async def nutrients_of(ctx: Context, panels: Sequence[NutritionFacts]) -> list[list[NutrientValue]]:
    """In label order."""
    return await ctx.read.by_parent(NUTRIENTS, "product_id", [panel.product_id for panel in panels])


async def images_by_id(ctx: Context, ids: Sequence[str]) -> list[ProductImage | None]:
    return await ctx.read.by_key(IMAGES_BY_ID, "id", ids)


async def ingredients_by_id(ctx: Context, ids: Sequence[str]) -> list[Ingredient | None]:
    return await ctx.read.by_key(INGREDIENTS_BY_ID, "id", ids)
