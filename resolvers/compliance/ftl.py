"""Whether a product is on the Food Traceability List (21 CFR 1.1300): what its owner states."""

from collections.abc import Sequence
from typing import Annotated

from sqlalchemy import func, select

from closient_gql.core.bounds import Doc
from closient_gql.core.db import KEYS, Query
from closient_gql.core.errors import Detail, Invalid, NotFound
from closient_gql.core.models.compliance import FtlDesignation
from closient_gql.core.models.products import Product
from resolvers import access
from resolvers.compliance.inputs import FtlInput
from resolvers.context import Context
from resolvers.outbox import audit, emit
from resolvers.products.claims import owned
from resolvers.products.inputs import GtinOf
from resolvers.roles import May

OF = Query(FtlDesignation, select(*FtlDesignation.__table__.c).where(FtlDesignation.product_id == func.any(KEYS)))
SAVE = """
INSERT INTO ftl_designations (product_id, contains_ftl_substance, ftl_categories, ftl_notes) VALUES ($1, $2, $3, $4)
ON CONFLICT (product_id) DO UPDATE SET contains_ftl_substance = excluded.contains_ftl_substance,
    ftl_categories = excluded.ftl_categories, ftl_notes = excluded.ftl_notes, modified = now()
"""
DELETE = "DELETE FROM ftl_designations WHERE product_id = $1"


async def designations_of(ctx: Context, products: Sequence[Product]) -> list[FtlDesignation | None]:
    """What is stated of products; None: nothing."""
    return await ctx.read.by_key(OF, "product_id", [p.id for p in products])


@access.user
async def replace_ftl(ctx: Context, gtin: GtinOf, input: Annotated[FtlInput, Doc("What is stated.")]) -> FtlDesignation:
    """States anew whether a product of the caller's contains a food of the list. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner.
        Invalid: it contains one and none is named, or the other way round.
    """
    categories = list(dict.fromkeys(each.value for each in input.ftl_categories or ()))
    if input.contains_ftl_substance != bool(categories):
        message = "must name foods of the list if the product contains any, and none if it does not"
        raise Invalid([Detail(field="ftl_categories", message=message)])
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        notes = input.ftl_notes.strip()
        await write.connection.execute(SAVE, product.id, input.contains_ftl_substance, categories, notes)
        told = {"contains_ftl_substance": input.contains_ftl_substance, "ftl_categories": categories}
        await audit(write, ctx.viewer, owner, "product.ftl_stated", ("product", product.id), told)
        await emit(write, "product.ftl_stated", product.id, owner, gtin=gtin)
        made = await write.one(OF, keys=[product.id])
    assert made
    return made


@access.user
async def delete_ftl(ctx: Context, gtin: GtinOf) -> bool:
    """Takes the statement back: nothing is known any more.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner. NotFound: nothing was stated.
    """
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        if not (await write.connection.execute(DELETE, product.id)).endswith(" 1"):
            raise NotFound("Nothing is stated of this product and the Food Traceability List.")
        await audit(write, ctx.viewer, owner, "product.ftl_withdrawn", ("product", product.id))
        await emit(write, "product.ftl_withdrawn", product.id, owner, gtin=gtin)
    return True
