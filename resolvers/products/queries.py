"""How products are found: by id, by GTIN, by lists with filters."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from sqlalchemy import Text, bindparam, func, select

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.countries import Country
from closient_gql.core.db import KEYS, Columns, Query
from closient_gql.core.enums import Described
from closient_gql.core.errors import Detail, Invalid, NotFound
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models.brands import Brand
from closient_gql.core.models.products import DataSource, Product, ProductCategory
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.context import Context


class ProductOrder(Described):
    """The stored value is the REST form; PRODUCTS.orders has the same names."""

    NAME = "product_name", "By name, A to Z, without regard to case."
    NAME_DESC = "-product_name", "By name, Z to A."
    BRAND = "brand", "By the brand's name, A to Z; products without a brand come first."
    BRAND_DESC = "-brand", "By the brand's name, Z to A."
    CREATED = "created", "Oldest first."
    CREATED_DESC = "-created", "Newest first."
    CONFIDENCE = "confidence_score", "Least certain first."
    CONFIDENCE_DESC = "-confidence_score", "Most certain first."
    MODIFIED = "modified", "Changed longest ago first."
    MODIFIED_DESC = "-modified", "Changed last first."


COLUMNS = Product.__table__.c
NAME = func.lower(Product.product_name, type_=Text)
BRAND_NAME = func.lower(func.coalesce(Brand.name, ""), type_=Text)
TEXT = func.lower(bindparam("q", type_=Text))
PRODUCTS_BY_ID = Query(Product, select(*COLUMNS).where(Product.id == func.any(KEYS)))
PRODUCTS_BY_GTIN = Query(Product, select(*COLUMNS).where(Product.gtin == func.any(KEYS)))
CATEGORIES_BY_ID = Query(
    ProductCategory, select(*ProductCategory.__table__.c).where(ProductCategory.id == func.any(KEYS))
)
PRODUCTS = Listing(
    "products",
    Product,
    select(*COLUMNS).outerjoin_from(Product, Brand, Product.brand_id == Brand.id),
    orders={
        "product_name": NAME,
        "brand": BRAND_NAME,
        "created": Product.created.expression,
        "confidence_score": Product.confidence_score.expression,
        "modified": Product.modified.expression,
    },
    filters={
        "owner_id": Product.owner_id == bindparam("owner_id"),
        "gtin": Product.gtin == bindparam("gtin"),
        "brand": func.lower(Brand.name) == func.lower(bindparam("brand", type_=Text)),
        "category_id": Product.category_id == bindparam("category_id"),
        "is_claimed": Product.is_claimed == bindparam("is_claimed"),
        "country_of_origin": Product.country_of_origin == bindparam("country_of_origin"),
        "data_source": Product.data_source == bindparam("data_source"),
        "updated_since": Product.modified >= bindparam("updated_since"),
        "q": (func.strpos(NAME, TEXT) > 0) | (func.strpos(BRAND_NAME, TEXT) > 0),
    },
)
UpdatedSince = Annotated[
    datetime | None,
    Doc("Only products that changed then or later, in anything that they show. The change feed misses nothing."),
]
BRAND_PRODUCTS = Listing(
    "brandProducts", Product, select(*COLUMNS), orders={"product_name": NAME}, parent=Product.brand_id
)


async def products_by_id(ctx: Context, ids: Sequence[str], columns: Columns | None = None) -> list[Product | None]:
    return await ctx.read.by_key(PRODUCTS_BY_ID, "id", ids, columns)


async def products_by_gtin(ctx: Context, gtins: Sequence[Gtin], columns: Columns | None = None) -> list[Product | None]:
    return await ctx.read.by_key(PRODUCTS_BY_GTIN, "gtin", gtins, columns)


async def categories_by_id(ctx: Context, ids: Sequence[str]) -> list[ProductCategory | None]:
    return await ctx.read.by_key(CATEGORIES_BY_ID, "id", ids)


async def products_of_brands(ctx: Context, brands: Sequence[Brand], window: Window) -> list[Slice[Product]]:
    """A brand's products by name: one statement for any number of brands."""
    return await BRAND_PRODUCTS.slices(ctx.read, window, [brand.id for brand in brands], order="product_name")


def storable(moment: datetime | None) -> datetime | None:
    """The moment in UTC.

    Raises:
        Invalid: there it is before the year 1 or after 9999.
    """
    try:
        return moment.astimezone(UTC) if moment else None
    except OverflowError:
        message = "must lie in the years 1 to 9999"
        raise Invalid([Detail(field="updated_since", message=message)]) from None


@access.key
async def product_by_id(
    ctx: Context, id: Annotated[Id, Doc("Id of the product.")], columns: Columns | None = None
) -> Product | None:
    """The product with this id."""
    found: Product | None = await ctx.find(products_by_id, id, columns)
    return found


@access.key
async def products(
    ctx: Context,
    window: Window,
    *,
    q: Annotated[
        str | None, Bounds(max_length=255), Doc("Part of the product's or brand's name, without regard to case.")
    ] = None,
    brand: Annotated[str | None, Bounds(max_length=255), Doc("The brand's whole name, without regard to case.")] = None,
    category_id: Annotated[Id | None, Doc("Only products of this category.")] = None,
    is_claimed: Annotated[bool | None, Doc("Only claimed or only unclaimed products; both if nothing is said.")] = None,
    country_of_origin: Annotated[Country | None, Doc("Only products made there.")] = None,
    data_source: Annotated[DataSource | None, Doc("Only products from this source.")] = None,
    updated_since: UpdatedSince = None,
    ordering: Annotated[ProductOrder | None, Doc("By name if nothing is said.")] = None,
) -> Slice[Product]:
    """Every product of the catalogue, claimed or not."""
    (found,) = await PRODUCTS.slices(
        ctx.read,
        window,
        order=ordering.value if ordering else "product_name",
        q=q,
        brand=brand,
        category_id=category_id,
        is_claimed=is_claimed,
        country_of_origin=country_of_origin,
        data_source=data_source.value if data_source else None,
        updated_since=storable(updated_since),
    )
    return found


@access.user
async def claimed_products(
    ctx: Context,
    window: Window,
    *,
    organization_id: Annotated[
        Id | None, Doc("An organization that the caller belongs to; can be left out where a GTIN is given.")
    ] = None,
    gtin: Annotated[
        Gtin | None, Doc("Only the product with this GTIN: without an organization, whoever has claimed it.")
    ] = None,
    updated_since: UpdatedSince = None,
    ordering: Annotated[ProductOrder | None, Doc("By name if nothing is said.")] = None,
) -> Slice[Product]:
    """Products claimed by one organization of the caller's; or the one with a GTIN, whoever has claimed it (contract:
    guides, quickstart).

    Raises:
        NotFound: the caller belongs to no such organization.
        Invalid: neither an organization nor a GTIN is given.
    """
    if organization_id is None and gtin is None:
        raise Invalid([Detail(field="organization_id", message="is required where no gtin is given")])
    if organization_id is not None and not ctx.viewer.belongs_to(organization_id):
        raise NotFound("There is no such organization.")
    order = ordering.value if ordering else "product_name"
    (found,) = await PRODUCTS.slices(
        ctx.read, window, order=order, owner_id=organization_id, gtin=gtin, updated_since=storable(updated_since)
    )
    return found
