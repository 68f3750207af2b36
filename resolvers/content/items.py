"""Content of products: how it is found. Everybody sees what is published; drafts are their organization's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import Integer, Text, bindparam, cast, func, select

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import KEYS, Query
from closient_gql.core.errors import NotFound
from closient_gql.core.models.content import ContentItem, ContentStatus, ContentVersion
from closient_gql.core.models.products import Product
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.content.inputs import Language
from resolvers.context import Context
from resolvers.products.inputs import PlainGtin
from resolvers.products.queries import products_by_gtin, products_by_id
from resolvers.roles import May, require

NO_ITEM = "There is no such content."
ITEM, VERSION = ContentItem.__table__, ContentVersion.__table__
BY_ID = Query(ContentItem, select(*ITEM.c).where(ContentItem.id == func.any(KEYS)))
# of the owner of today only: what a former one has published is not the product's any more
PUBLISHED = Query(
    ContentVersion,
    select(*VERSION.c, ContentItem.product_id, ContentItem.language, ContentItem.published_at, Product.primary_language)
    .join_from(ContentVersion, ContentItem, ContentItem.id == ContentVersion.item_id)
    .join(Product, (Product.id == ContentItem.product_id) & (Product.owner_id == ContentItem.organization_id))
    .where(ContentVersion.version == ContentItem.published_version, ContentItem.product_id == func.any(KEYS))
    .order_by(ContentItem.product_id, ContentItem.created, ContentItem.id),
)
WANTED = func.unnest(KEYS).table_valued("key").render_derived(name="wanted")  # "item:version"
VERSIONS_BY_KEY = Query(
    ContentVersion,
    select(*VERSION.c, WANTED.c.key).join_from(
        WANTED,
        ContentVersion,
        (ContentVersion.item_id == func.split_part(WANTED.c.key, ":", 1))
        & (ContentVersion.version == cast(func.split_part(WANTED.c.key, ":", 2), Integer)),
    ),
)
ITEMS = Listing(
    "contentItems",
    ContentItem,
    select(*ITEM.c).join_from(ContentItem, Product, Product.id == ContentItem.product_id),
    orders={"created": ContentItem.created.expression},
    filters={
        "organization_id": ContentItem.organization_id == bindparam("organization_id"),
        "status": ContentItem.status == bindparam("status"),
        "language": func.lower(ContentItem.language) == func.lower(bindparam("language", type_=Text)),
        "gtin": Product.gtin == bindparam("gtin"),
    },
)
VERSIONS = Listing(
    "contentVersions",
    ContentVersion,
    select(*VERSION.c),
    orders={"version": ContentVersion.version.expression},
    parent=ContentVersion.item_id,
)


@dataclass(frozen=True)
class Provenance:
    """Where one field of a version comes from."""

    field: str
    source: str
    confidence: float
    version: int
    user_id: str | None


@dataclass(frozen=True)
class Image:
    url: str
    alt: str


@dataclass(frozen=True)
class Section:
    kind: str
    heading: str
    body: str
    image_url: str


@dataclass(frozen=True)
class Content:
    """What is published of a product in one language."""

    language: str
    title: str
    description: str
    images: list[Image]
    sections: list[Section]
    published_at: datetime


# --- languages


def nearest(languages: Sequence[str], wanted: Iterable[str | None]) -> int | None:
    """The place of the language that is wanted, or of a wider or narrower one of it (RFC 4647, 3.4: lookup); the next
    wish if there is none. The first, if no wish comes true."""
    for wish in wanted:
        tag = (wish or "").lower()
        while tag:
            for exactly in (True, False):
                for place, each in enumerate(languages):
                    if each.lower() == tag if exactly else each.lower().startswith(f"{tag}-"):
                        return place
            tag = tag.rpartition("-")[0]
    return 0 if languages else None


def content_of_row(row: Any) -> Content:
    images, sections = images_in(row), sections_in(row)
    return Content(row.language, row.title, row.description, images, sections, row.published_at)


def images_in(row: Any) -> list[Image]:
    return [Image(**each) for each in row.images]


def sections_in(row: Any) -> list[Section]:
    return [Section(**each) for each in row.sections]


# --- fields

LanguageOf = Annotated[
    Language | None, Doc("The language wanted; where there is none of it, and by default, the product's primary one.")
]
LanguagesOf = Annotated[
    list[Annotated[Language, Doc("A language.")]] | None,
    Bounds(max_length=10),
    Doc("Languages wanted, the dearest first; behind `language`."),
]


async def content_of(
    ctx: Context, products: Sequence[Product], *, language: LanguageOf = None, languages: LanguagesOf = None
) -> list[Content | None]:
    """What is published of products, in the nearest language: one statement for any number. None: nothing is."""
    groups = await ctx.read.by_parent(PUBLISHED, "product_id", [product.id for product in products])
    found: list[Content | None] = []
    for group in groups:
        rows: Sequence[Any] = group
        primary = rows[0].primary_language if rows else None
        place = nearest([row.language for row in rows], (language, *(languages or ()), primary))
        found.append(None if place is None else content_of_row(rows[place]))
    return found


async def versions_by_key(ctx: Context, keys: Sequence[str]) -> list[ContentVersion | None]:
    return await ctx.read.by_key(VERSIONS_BY_KEY, "key", keys)


async def current_of(ctx: Context, items: Sequence[ContentItem]) -> list[ContentVersion | NotFound]:
    """The current version; an error for an item that was deleted while it was being shown."""
    found = await versions_by_key(ctx, [f"{item.id}:{item.version}" for item in items])
    return [row or NotFound(NO_ITEM) for row in found]


async def published_of(ctx: Context, items: Sequence[ContentItem]) -> list[ContentVersion | None]:
    """The version that everybody sees; None: none yet."""
    return await versions_by_key(ctx, [f"{item.id}:{item.published_version or 0}" for item in items])


async def versions_of(ctx: Context, items: Sequence[ContentItem], window: Window) -> list[Slice[ContentVersion]]:
    """All versions, the newest first."""
    return await VERSIONS.slices(ctx.read, window, [item.id for item in items], order="-version")


async def gtins_of(ctx: Context, items: Sequence[ContentItem]) -> list[str | NotFound]:
    products = await ctx.find_all(products_by_id, [item.product_id for item in items])
    return [product.gtin if product else NotFound(NO_ITEM) for product in products]


async def images_of(ctx: Context, versions: Sequence[ContentVersion]) -> list[list[Image]]:
    return [images_in(version) for version in versions]


async def sections_of(ctx: Context, versions: Sequence[ContentVersion]) -> list[list[Section]]:
    return [sections_in(version) for version in versions]


async def provenance_of(ctx: Context, versions: Sequence[ContentVersion]) -> list[list[Provenance]]:
    return [[Provenance(name, **each) for name, each in sorted(row.provenance.items())] for row in versions]


async def items_by_id(ctx: Context, ids: Sequence[str]) -> list[ContentItem | None]:
    """Items of the caller's organizations; others do not exist."""
    found = await ctx.read.by_key(BY_ID, "id", ids)
    return [row if row and ctx.viewer.belongs_to(row.organization_id) else None for row in found]


# --- roots


@access.key
async def product_content(ctx: Context, gtin: PlainGtin, *, language: LanguageOf = None) -> Content | None:
    """What is published of one product; None if nothing is, or there is no such product."""
    product: Product | None = await ctx.find(products_by_gtin, gtin)
    return None if product is None else (await content_of(ctx, [product], language=language))[0]


@access.user
async def content_item(ctx: Context, id: Annotated[Id, Doc("Id of the item.")]) -> ContentItem | None:
    """The item with this id, if it is one of the caller's organizations."""
    found: ContentItem | None = await ctx.find(items_by_id, id)
    return found


@access.user
async def content_items(
    ctx: Context,
    organization_id: Annotated[Id, Doc("Id of an organization that the caller belongs to.")],
    window: Window,
    *,
    status: Annotated[ContentStatus | None, Doc("Only items whose current version is this far.")] = None,
    language: Annotated[Language | None, Doc("Only items in this language.")] = None,
    gtin: Annotated[PlainGtin | None, Doc("Only items of this product.")] = None,
) -> Slice[ContentItem]:
    """The content of an organization, newest first.

    Raises:
        NotFound: the organization is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await ITEMS.slices(
        ctx.read, window, order="-created", organization_id=organization_id, language=language, gtin=gtin,
        status=status.value if status else None,
    )  # fmt: skip
    return found


@access.user
async def content_version(
    ctx: Context,
    id: Annotated[Id, Doc("Id of the item.")],
    version: Annotated[int, Bounds(minimum=1), Doc("Number of the version.")],
) -> ContentVersion | None:
    """One version of an item of the caller's organizations."""
    item = await ctx.find(items_by_id, id)
    return None if item is None else (await versions_by_key(ctx, [f"{id}:{version}"]))[0]
