"""A product as its owner states it, and nothing else: a view (resolvers.views) of its row.

Kept is what it is and whose; every other column is empty unless the present owner stated it. What belongs to it is
given by functions that see views (`relations`), and everything else is empty.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from closient_gql.core.bounds import Doc
from closient_gql.core.db import Columns
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models.brands import Brand
from closient_gql.core.models.products import DataSource, Product, ProductCategory
from resolvers import access
from resolvers.brands.queries import brands_by_id
from resolvers.context import Context
from resolvers.products.content import KNOWN, values_of
from resolvers.products.facts import facts_in, implied
from resolvers.products.queries import categories_by_id, products_by_gtin
from resolvers.products.rules import shown, standing, values_shown
from resolvers.views import View, sees_views

KEPT = (
    "id", "gtin", "created", "modified",  # what it is
    "owner_id", "is_claimed", "claimed_at", "claim_verification_status", "resolver_enabled",  # whose it is
)  # fmt: skip
OwnerOnly = Annotated[
    bool, Doc("Only what the product's owner states: everything else is null or empty, also of what belongs to it.")
]


@access.key
async def product(
    ctx: Context,
    gtin: Annotated[Gtin, Doc("GTIN in any form.")],
    *,
    owner_only: OwnerOnly = False,
    columns: Columns | None = None,
) -> Product | None:
    """The product with this GTIN."""
    found: Product | None = await ctx.find(products_by_gtin, gtin, None if owner_only else columns)
    return (await owner_stated_of(ctx, [found]))[0] if found and owner_only else found


@sees_views
async def owner_stated_of(ctx: Context, products: Sequence[Product]) -> list[Product]:
    """The products as their owners state them; of one that nobody has claimed hardly anything is left."""
    rows = [product for product in products if not isinstance(product, View)]
    known = iter(await ctx.read.by_parent(KNOWN, "product_id", [product.id for product in rows]))
    return [product if isinstance(product, View) else view_of(product, next(known)) for product in products]


def view_of(product: Product, known: Sequence[Any]) -> Any:
    """The view of one product, of which these are the rows of KNOWN."""
    stored = facts_in(known)
    facts = shown([*stored, *implied(product, values_of(product, known), stored)], product.owner_id)
    own = {name: fact for name, fact in facts.items() if standing(fact, product.owner_id) is DataSource.CLAIMED}
    values = values_shown(own, product.owner_id, DataSource.CLAIMED)
    return View(Product, product, kept=KEPT, values=values, says=own)


def saying(products: Sequence[Product], field: str) -> list[str | None]:
    """The ids of products, for what their `field` shows; None for a view whose owner does not state it."""
    return [None if isinstance(p, View) and field not in p.says else p.id for p in products]


async def split(products: Sequence[Any], find: Callable[[list[Any], bool], Any]) -> list[Any]:
    """The answers of `find(products, owner_only)`, which is asked for rows and for views apart, in order."""
    found = {}
    for views in (False, True):
        if some := [product for product in products if isinstance(product, View) is views]:
            found[views] = iter(await find(some, views))
    return [next(found[isinstance(product, View)]) for product in products]


# --- what a product refers to: of a view no more than its name


@sees_views
async def brands_of(ctx: Context, products: Sequence[Product], columns: Columns | None = None) -> list[Brand | None]:
    views = any(isinstance(product, View) for product in products)  # which read the brand as well
    brands = await ctx.find_all(brands_by_id, [product.brand_id for product in products], None if views else columns)
    return [
        named(Brand, product, brand, "id", "name", "created") for product, brand in zip(products, brands, strict=True)
    ]


@sees_views
async def categories_of(ctx: Context, products: Sequence[Product]) -> list[ProductCategory | None]:
    found = await ctx.find_all(categories_by_id, [product.category_id for product in products])
    return [
        named(ProductCategory, product, category, "id", "slug", "name", "created")
        for product, category in zip(products, found, strict=True)
    ]


def named(model: Any, product: Product, row: Any, *kept: str) -> Any:
    return View(model, row, kept=kept) if row is not None and isinstance(product, View) else row
