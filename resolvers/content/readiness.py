"""How complete the data of a product is: seven attributes by weight (contract: content, behaviours).

The score of the dashboard is another one. The weights are the platform's own: the name counts most, then what a shopper
decides by, then what the law wants on a label.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from sqlalchemy import Integer, bindparam, func, select

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.db import KEYS, Database, Query, Writer
from closient_gql.core.gs1.gtin import GtinError, parse_gtin
from closient_gql.core.ids import new_id
from closient_gql.core.models.content import ReadinessLead
from closient_gql.core.models.products import Product, ProductImage
from closient_gql.core.settings import settings
from resolvers import access
from resolvers.brands.queries import brands_by_id
from resolvers.context import Context
from resolvers.products.queries import products_by_gtin

READY, PARTIAL = 80, 40
"""From which score on a product is called so."""
PLAIN = re.compile("[0-9]{8,14}")
NOT_PLAIN = "must be 8, 12, 13 or 14 digits, without anything between them"
KEEP = "2 years"
HAS_IMAGE = (
    select(ProductImage.id)
    .where(ProductImage.product_id == Product.id, ProductImage.image_url.is_not(None))
    .correlate(Product)
    .exists()
)
WITH_IMAGES = Query(
    Product, select(*Product.__table__.c, HAS_IMAGE.label("has_image")).where(Product.id == func.any(KEYS))
)
LEAD = """
INSERT INTO readiness_leads (id, email, gtin, score) VALUES ($1, $2, $3, $4)
ON CONFLICT (lower(email), gtin) DO UPDATE SET
    score = excluded.score, checks = readiness_leads.checks + 1, checked_at = now()
"""
LEADS = Query(
    ReadinessLead,
    select(*ReadinessLead.__table__.c)
    .order_by(ReadinessLead.checked_at.desc(), ReadinessLead.id)
    .limit(bindparam("most", type_=Integer)),
)
FORGET_ONE = "DELETE FROM readiness_leads WHERE lower(email) = lower($1)"
FORGET = f"DELETE FROM readiness_leads WHERE checked_at < now() - interval '{KEEP}'"  # noqa: S608


@dataclass(frozen=True)
class Attribute:
    key: str
    label: str
    weight: int
    advice: str
    populated: Callable[[Any, bool], bool]


ATTRIBUTES = (
    Attribute("product_name", "Product name", 3, "Add the product's name.", lambda p, _: bool(p.product_name)),
    Attribute("brand", "Brand", 2, "Say which brand it is of.", lambda p, _: p.brand_id is not None),
    Attribute("description", "Description", 2, "Describe the product.", lambda p, _: bool(p.description)),
    Attribute("image", "Image", 2, "Add an image of the front.", lambda p, image: image or bool(p.image_url)),
    Attribute("manufacturer", "Manufacturer", 1, "Say who makes it.", lambda p, _: bool(p.manufacturer)),
    Attribute("country_of_origin", "Country of origin", 1, "Say where it was made.",
              lambda p, _: bool(p.country_of_origin)),
    Attribute("net_content", "Net content", 1, "State the net content, such as 350 g.",
              lambda p, _: bool(p.net_content)),
)  # fmt: skip
TOTAL = sum(attribute.weight for attribute in ATTRIBUTES)
UNKNOWN_PRODUCT = "No data of this GTIN is in the repository. Create the product first."


@dataclass(frozen=True)
class ReadinessField:
    key: str
    label: str
    weight: int
    populated: bool


@dataclass(frozen=True)
class Readiness:
    """How complete the data of one product is."""

    status: str
    score: int
    data_fields: list[ReadinessField]
    recommendations: list[str]


@dataclass(frozen=True)
class ReadinessCheck:
    """What an anonymous check says; of a bad GTIN only that it is bad, and why."""

    valid: bool
    error: str = ""
    gtin14: str = ""
    status: str = ""
    score: int = 0
    brand_name: str = ""
    product_name: str = ""
    internal_found: bool = False
    data_fields: list[ReadinessField] = field(default_factory=list)
    recommendations: list[str] = field(default_factory=list)


def rate(product: Any, has_image: bool) -> Readiness:
    """The readiness of a product; of None, that there is none."""
    told = [product is not None and each.populated(product, has_image) for each in ATTRIBUTES]
    pairs = list(zip(ATTRIBUTES, told, strict=True))
    score = round(100 * sum(each.weight for each, there in pairs if there) / TOTAL)
    lines = [ReadinessField(each.key, each.label, each.weight, there) for each, there in pairs]
    advice = [each.advice for each, there in pairs if not there]
    if product is None:
        return Readiness("not_found", 0, lines, [UNKNOWN_PRODUCT])
    status = "ready" if score >= READY else "partial" if score >= PARTIAL else "incomplete"
    return Readiness(status, score, lines, advice)


async def readiness_of(ctx: Context, products: Sequence[Product]) -> list[Readiness | None]:
    """How complete the data of products is: one statement for any number of them."""
    rows: list[Any] = await ctx.read.by_key(WITH_IMAGES, "id", [product.id for product in products])
    return [rate(row, row.has_image) if row else None for row in rows]


def gtin_of(text: str) -> tuple[str, str]:
    """The GTIN-14 and "", or "" and what is wrong with the text."""
    if not PLAIN.fullmatch(text):
        return "", f"The GTIN {NOT_PLAIN}."
    try:
        return parse_gtin(text), ""
    except GtinError as error:
        return "", f"The GTIN {error}."


@access.public
async def readiness_check(
    ctx: Context,
    gtin: Annotated[
        str, Bounds(max_length=100), Doc("8, 12, 13 or 14 digits, nothing else. One that is wrong is answered, too.")
    ],
    *,
    email: Annotated[
        str,
        Bounds(max_length=254, pattern=r"^([^@\s]+@[^@\s]+)?$"),
        Doc("Consent to be written to about this product; empty leaves no trace. Kept with a valid GTIN only."),
    ] = "",
) -> ReadinessCheck:
    """How complete the data of one GTIN is, for everybody: 10 times a minute and 30 times an hour for each address.

    Raises:
        RateLimited: that often it was asked already.
    """
    limits = settings()
    windows = (60, limits.rate_readiness_per_minute), (3600, limits.rate_readiness_per_hour)
    await ctx.quota.spend("readiness", windows)
    gtin14, error = gtin_of(gtin)
    if error:
        return ReadinessCheck(valid=False, error=error)
    product: Product | None = await ctx.find(products_by_gtin, gtin14)
    rated = (await readiness_of(ctx, [product]))[0] if product else None
    found = rated or rate(None, False)
    brand = await ctx.find(brands_by_id, product.brand_id) if product else None
    if email:
        async with ctx.transaction() as write:
            await write.connection.execute(LEAD, new_id(), email, gtin14, found.score)
    return ReadinessCheck(
        valid=True,
        gtin14=gtin14,
        brand_name=brand.name if brand else "",
        product_name=product.product_name if product else "",
        internal_found=product is not None,
        **vars(found),
    )


async def forget_leads(database: Database) -> str:
    """Deletes leads of which nothing was heard for two years. Gives what PostgreSQL says of it."""
    async with database.acquire() as connection:
        return await connection.execute(FORGET)


async def leads(write: Writer, most: int) -> Sequence[ReadinessLead]:
    """Leads, the latest check first. For the command line."""
    return await write.all(LEADS, most=most)


async def forget(write: Writer, email: str) -> int:
    """Deletes what was left with one email. Gives how many leads that were."""
    return int((await write.connection.execute(FORGET_ONE, email)).rpartition(" ")[2])
