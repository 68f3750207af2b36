"""Which products of an organization are not described in which languages."""

from collections.abc import Sequence
from typing import Annotated, Any

from sqlalchemy import ARRAY, Text, bindparam, func, literal_column, select

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import Query
from closient_gql.core.models.content import ContentItem
from closient_gql.core.models.products import Product
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.content.inputs import Language
from resolvers.context import Context
from resolvers.roles import May, require

# A product is described in its primary language by its own name, in others by what is published.
WANTED = func.unnest(bindparam("languages", type_=ARRAY(Text))).table_valued("language").render_derived(name="wanted")
TAG = func.lower(WANTED.c.language)
COVERED = (
    select(ContentItem.id)
    .where(
        ContentItem.product_id == Product.id,
        ContentItem.organization_id == Product.owner_id,
        ContentItem.published_version.is_not(None),
        func.lower(ContentItem.language) == TAG,
    )
    .correlate(Product, WANTED)
    .exists()
)
OWN = (func.lower(Product.primary_language) == TAG) & (Product.product_name != "")
MISSING = (
    select(func.array_agg(WANTED.c.language)).select_from(WANTED).where(~COVERED & ~OWN).correlate(Product)
).scalar_subquery()
LISTING = Listing(
    "missingTranslations",
    Product,
    select(Product.id, Product.gtin, Product.product_name, Product.primary_language, MISSING.label("missing")),
    orders={"gtin": Product.gtin.expression},
    filters={"owner_id": Product.owner_id == bindparam("owner_id"), "languages": MISSING.is_not(None)},
)
USED = Query(
    ContentItem,
    select(func.lower(ContentItem.language).label("language"))
    .distinct()
    .where(ContentItem.organization_id == bindparam("organization_id"))
    .order_by(literal_column("language")),
)


@access.user
async def missing_translations(
    ctx: Context,
    organization_id: Annotated[Id, Doc("Id of an organization that the caller belongs to.")],
    window: Window,
    *,
    languages: Annotated[
        list[Language] | None,
        Bounds(max_length=50),
        Doc("The languages that are wanted; by default all in which the organization has content."),
    ] = None,
) -> Slice[Product]:
    """Products of an organization that lack something published in some of these languages, by GTIN.

    Raises:
        NotFound: the organization is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    wanted = languages
    if wanted is None:
        rows: Sequence[Any] = await ctx.read.all(USED, organization_id=organization_id)
        wanted = [row.language for row in rows]
    tags = list({tag.lower(): tag for tag in wanted}.values())
    (found,) = await LISTING.slices(ctx.read, window, order="gtin", owner_id=organization_id, languages=tags)
    return found


async def missing_of(ctx: Context, rows: Sequence[Any]) -> list[list[str]]:
    return [sorted(row.missing) for row in rows]
