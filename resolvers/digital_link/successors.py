"""GTINs that were given up: the codes that are printed already lead to the product that took their place.

A product whose GTIN changes leaves the old one behind by itself (a trigger). That a product replaces another is said
here, and counts as soon as no product has the old GTIN, or its owner has given it up: says it, then deletes the old
product, which releases it (contract: products).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy import bindparam, delete, func, or_, select

from closient_gql.core.bounds import Doc
from closient_gql.core.db import KEYS, Query, Writer
from closient_gql.core.errors import Conflict, Detail, Forbidden, Invalid, NotFound
from closient_gql.core.gs1 import Element
from closient_gql.core.models.compliance import OPEN, Recall, RecallProduct
from closient_gql.core.models.digital_link import ProductSuccessor
from closient_gql.core.models.products import Product
from resolvers import access
from resolvers.context import Context
from resolvers.digital_link.links import PREFIXES
from resolvers.digital_link.prefixes import belongs
from resolvers.outbox import audit, emit
from resolvers.products.claims import owned
from resolvers.products.inputs import PlainGtin
from resolvers.roles import May

SUCCESSOR = ProductSuccessor.__table__
OF = Query(ProductSuccessor, select(*SUCCESSOR.c).where(ProductSuccessor.gtin == bindparam("gtin")).with_for_update())
BEFORE = Query(
    ProductSuccessor,
    select(*SUCCESSOR.c, Product.id.label("product_id"))
    .join_from(ProductSuccessor, Product, Product.gtin == ProductSuccessor.successor_gtin)
    .where(Product.id == func.any(KEYS))
    .order_by(ProductSuccessor.created, ProductSuccessor.gtin),
)
RECALLED = Query(  # packages with the old code are still about: their recalls are no recalls of the new one
    Recall,
    select(*Recall.__table__.c, SUCCESSOR.c.gtin.label("former_gtin"), Product.id.label("product_id"))
    .join_from(ProductSuccessor, Product, Product.gtin == ProductSuccessor.successor_gtin)
    .join(RecallProduct, RecallProduct.gtin == ProductSuccessor.gtin)
    .join(Recall, Recall.id == RecallProduct.recall_id)
    .where(
        Product.id == func.any(KEYS),
        RecallProduct.product_id.is_distinct_from(Product.id),
        or_(*(Recall.status == status for status in OPEN)),
    )
    .order_by(SUCCESSOR.c.gtin, Recall.recall_date.desc().nulls_last(), Recall.id),
)
DELETE = Query(
    ProductSuccessor, delete(ProductSuccessor).where(ProductSuccessor.gtin == bindparam("old")).returning(*SUCCESSOR.c)
)
ADD = """
INSERT INTO product_successors (gtin, successor_gtin, organization_id) VALUES ($1, $2, $3)
ON CONFLICT (gtin) DO UPDATE SET successor_gtin = $2, organization_id = $3
"""
FOLLOW = "UPDATE product_successors SET successor_gtin = $2 WHERE successor_gtin = $1"
OWNER = Query(Product, select(Product.owner_id).where(Product.gtin == bindparam("old")))
NOT_YOURS = (
    "It is not known that the old GTIN was yours: it must be that of another product of yours, or lie below a GS1 "
    "company prefix that the operator has recorded for your organization (closient brand prefix add)."
)
GIVEN_UP = (
    "The codes of this product are to lead to {gtin} themselves. Give the old GTIN to that product, or take back first "
    "that it replaces this one (DELETE)."
)
NONE = "This GTIN does not lead to this product."


async def former_gtins_of(ctx: Context, products: Sequence[Product]) -> list[list[str]]:
    """GTINs of which the codes lead to products, besides their own, oldest first."""
    groups = await ctx.read.by_parent(BEFORE, "product_id", [product.id for product in products])
    return [[row.gtin for row in group] for group in groups]


@dataclass(frozen=True)
class FormerRecall:
    """An open recall of a GTIN that was given up."""

    gtin: str
    recall: Recall


async def former_recalls_of(ctx: Context, products: Sequence[Product]) -> list[list[FormerRecall]]:
    """Open recalls of the GTINs that were given up for products. Those that are the product's own are not repeated."""
    groups: list[list[Any]] = await ctx.read.by_parent(RECALLED, "product_id", [product.id for product in products])
    return [[FormerRecall(row.former_gtin, row) for row in group] for group in groups]


@access.user
async def add_former_gtin(
    ctx: Context,
    gtin: Annotated[PlainGtin, Doc("GTIN of a product of the caller's.")],
    former_gtin: Annotated[PlainGtin, Doc("A GTIN that is given up, of which the codes are to lead there.")],
) -> Product:
    """Codes of a GTIN that was given up lead to a product from now on. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner; the old GTIN is not known to be the owner's.
        Invalid: both are the same. Conflict: the product is to be replaced itself: codes would go in circles.
    """
    if gtin == former_gtin:
        raise Invalid([Detail(field="formerGtin", message="is the product's own GTIN")])
    async with ctx.transaction(heard=True) as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        await check_former(write, owner, former_gtin)
        if (replaced := await write.one(OF, gtin=gtin)) is not None:
            raise Conflict(GIVEN_UP.format(gtin=replaced.successor_gtin))
        await write.connection.execute(ADD, former_gtin, gtin, owner)
        await write.connection.execute(FOLLOW, former_gtin, gtin)
        told = {"former_gtin": former_gtin, "gtin": gtin}
        await audit(write, ctx.viewer, owner, "product.succeeded", ("product", product.id), told)
        await emit(write, "product.succeeded", product.id, owner, **told)
    return product


async def check_former(write: Writer, owner: str, gtin: str) -> None:
    """Raises:
    Forbidden: it is not that of a product of the owner's, nor was it said by the owner before, nor is it below one of
        its prefixes.
    """
    product: Any = await write.one(OWNER, old=gtin)
    known = await write.one(OF, gtin=gtin)
    if product is not None and product.owner_id == owner:
        return
    if product is not None and product.owner_id is not None:
        raise Forbidden(NOT_YOURS)
    prefixes = [each.prefix for each in await write.all(PREFIXES, organization=owner)]
    if not (known and known.organization_id == owner) and not belongs(Element("01", gtin), prefixes):
        raise Forbidden(NOT_YOURS)


@access.user
async def remove_former_gtin(
    ctx: Context,
    gtin: Annotated[PlainGtin, Doc("GTIN of a product of the caller's.")],
    former_gtin: Annotated[PlainGtin, Doc("The GTIN of which the codes lead there.")],
) -> bool:
    """Codes of a former GTIN lead nowhere from now on. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner. NotFound: it does not lead to this product.
    """
    async with ctx.transaction(heard=True) as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        known = await write.one(OF, gtin=former_gtin)
        if known is None or known.successor_gtin != gtin:
            raise NotFound(NONE)
        await write.one(DELETE, old=former_gtin)
        told = {"former_gtin": former_gtin, "gtin": gtin}
        await audit(write, ctx.viewer, owner, "product.unsucceeded", ("product", product.id), told)
        await emit(write, "product.unsucceeded", product.id, owner, **told)
    return True
