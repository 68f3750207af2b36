"""What belongs to products: images, ingredients, nutrition. Each is one statement for any number of products."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from sqlalchemy import bindparam, case, exists, func, literal, select

from closient_gql.core.bounds import Doc
from closient_gql.core.db import KEYS, Query
from closient_gql.core.models.products import (
    DataSource,
    Ingredient,
    NutrientValue,
    NutritionFacts,
    Product,
    ProductImage,
)
from closient_gql.core.paging import Listing, Slice, Window
from resolvers.context import Context
from resolvers.products.stated import saying, split
from resolvers.views import View, sees_views

# stated by who owns the product now
OWN = (ProductImage.data_source == DataSource.CLAIMED.value) & exists().where(
    Product.id == ProductImage.product_id, Product.owner_id == ProductImage.stated_by_id
)
IMAGES = Listing(
    "images",
    ProductImage,
    select(*ProductImage.__table__.c),
    # the primary image first, then by priority: one number, so that a cursor can say it
    orders={"priority": ProductImage.priority + case((ProductImage.is_primary, literal(-(10**9))), else_=literal(0))},
    filters={"own": OWN},
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
IMAGES_IN_ORDER = (
    select(*ProductImage.__table__.c)
    .where(ProductImage.product_id == func.any(KEYS))
    .order_by(ProductImage.product_id, ProductImage.is_primary.desc(), ProductImage.priority, ProductImage.id)
)
ALL_IMAGES = Query(ProductImage, IMAGES_IN_ORDER)
OWN_IMAGES = Query(ProductImage, IMAGES_IN_ORDER.where(OWN))
ALL_INGREDIENTS = Query(
    Ingredient,
    select(*Ingredient.__table__.c)
    .where(Ingredient.product_id == func.any(KEYS))
    .order_by(Ingredient.product_id, Ingredient.priority, Ingredient.id),
)


@sees_views
async def images_of(ctx: Context, products: Sequence[Product], window: Window) -> list[Slice[ProductImage]]:
    """Primary first, then by priority."""

    async def find(some: list[Product], owner_only: bool) -> list[Slice[ProductImage]]:
        ids, own = [p.id for p in some], True if owner_only else None
        return in_view(ProductImage, some, await IMAGES.slices(ctx.read, window, ids, order="priority", own=own))

    return await split(products, find)


@sees_views
async def ingredients_of(
    ctx: Context,
    products: Sequence[Product],
    window: Window,
    *,
    is_major_allergen: Annotated[bool | None, Doc("Only major allergens, or only others.")] = None,
) -> list[Slice[Ingredient]]:
    """In label order."""
    ids = saying(products, "ingredients")
    found = await INGREDIENTS.slices(ctx.read, window, ids, order="priority", is_major_allergen=is_major_allergen)
    return in_view(Ingredient, products, found)


@sees_views
async def all_images_of(ctx: Context, products: Sequence[Product]) -> list[list[ProductImage]]:
    """Primary first, then by priority."""

    async def find(some: list[Product], owner_only: bool) -> list[list[ProductImage]]:
        query = OWN_IMAGES if owner_only else ALL_IMAGES
        return in_view(ProductImage, some, await ctx.read.by_parent(query, "product_id", [p.id for p in some]))

    return await split(products, find)


@sees_views
async def all_ingredients_of(ctx: Context, products: Sequence[Product]) -> list[list[Ingredient]]:
    """In label order."""
    found = await ctx.read.by_parent(ALL_INGREDIENTS, "product_id", saying(products, "ingredients"))
    return in_view(Ingredient, products, found)


@sees_views
async def nutrition_of(ctx: Context, products: Sequence[Product]) -> list[NutritionFacts | None]:
    found = await ctx.read.by_key(NUTRITION, "product_id", saying(products, "nutrition"))
    return in_view(NutritionFacts, products, found)


@sees_views
async def nutrients_of(ctx: Context, panels: Sequence[NutritionFacts]) -> list[list[NutrientValue]]:
    """In label order."""
    return await ctx.read.by_parent(NUTRIENTS, "product_id", [panel.product_id for panel in panels])


def in_view(model: Any, products: Sequence[Product], answers: Sequence[Any]) -> list[Any]:
    """The answers, whose rows are views below a view: later domains add to these types, too."""

    def view(answer: Any) -> Any:
        if isinstance(answer, Slice):
            return replace(answer, nodes=view(answer.nodes))
        return [View(model, row) for row in answer] if isinstance(answer, list) else answer and View(model, answer)

    pairs = zip(products, answers, strict=True)
    return [view(answer) if isinstance(product, View) else answer for product, answer in pairs]


async def images_by_id(ctx: Context, ids: Sequence[str]) -> list[ProductImage | None]:
    return await ctx.read.by_key(IMAGES_BY_ID, "id", ids)


async def ingredients_by_id(ctx: Context, ids: Sequence[str]) -> list[Ingredient | None]:
    return await ctx.read.by_key(INGREDIENTS_BY_ID, "id", ids)
