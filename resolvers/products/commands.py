"""How products are made and changed by their owners. Each function is one transaction."""

from collections.abc import Mapping
from typing import Annotated, Any

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc
from closient_gql.core.db import Writer
from closient_gql.core.errors import Conflict, Detail, Invalid
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.ids import new_id
from closient_gql.core.metadata import merge_metadata
from closient_gql.core.models.products import Product
from resolvers import access
from resolvers.account.changing import living
from resolvers.context import Context
from resolvers.outbox import audit
from resolvers.products.branding import brands_named
from resolvers.products.claims import check_owner, owned, shown
from resolvers.products.ingredients import read_label, values_of
from resolvers.products.inputs import GtinOf, ProductCreate, ProductPatch
from resolvers.products.owner import say
from resolvers.products.queries import PRODUCTS_BY_GTIN
from resolvers.roles import May, acting

INSERT = """
INSERT INTO products (id, gtin, data_source, owner_id, claimed_at, claim_verification_status)
VALUES ($1, $2, 'claimed', $3, now(), 'unverified') ON CONFLICT (gtin) DO NOTHING
"""
STATED_AT_CREATION = ("product_name", "description", "country_of_origin", "net_content")
STATED = (
    "product_name", "description", "manufacturer", "country_of_origin", "net_content", "usage_instructions",
    "brand_product_page_url", "primary_language",
)  # fmt: skip


@access.user
async def create_product(ctx: Context, input: Annotated[ProductCreate, Doc("The product.")]) -> Product:
    """A new product that belongs to an organization of the caller's from the start. Owners, managers, editors may.

    Raises:
        NotFound, Forbidden, Invalid: resolvers.roles.acting; or a value does not fit its field.
        Conflict: there is a product with this GTIN.
    """
    organization = acting(ctx, input.organization_id, May.PRODUCTS)
    said: dict[str, Any] = {name: text for name in STATED_AT_CREATION if (text := getattr(input, name))}
    if metadata := merged({}, {} if input.metadata is ABSENT else input.metadata):
        said["metadata"] = metadata
    if lines := read_label(input.ingredients or "", "ingredients"):
        said["ingredients"] = values_of(lines)
    id = new_id()
    async with ctx.transaction() as write:
        await living(write, organization)
        done = await write.connection.execute(INSERT, id, input.gtin, organization)
        if not done.endswith(" 1"):
            raise Conflict("There is a product with this GTIN already. Claim it instead of creating it.")
        await say(ctx, write, id, organization, said)
        await audit(write, ctx.viewer, organization, "product.created", ("product", id), {"gtin": input.gtin})
    return await shown(ctx, input.gtin)


@access.user
async def update_product(
    ctx: Context, gtin: GtinOf, input: Annotated[ProductPatch, Doc("What is to change.")]
) -> Product:
    """Changes what is given and not null, as stated by the owner. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner.
        Invalid: a value does not fit its field, or the metadata would have too many keys.
    """
    said: dict[str, Any] = {name: text for name in STATED if (text := getattr(input, name)) is not None}
    organization: str | None = input.organization_id
    async with ctx.transaction() as write:
        if input.brand is not None:
            organization, said["brand_id"] = await brand_of(ctx, write, gtin, input.brand.strip(), organization)
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS, organization)
        if input.metadata is not ABSENT:
            before: dict[str, str] = getattr(product, "metadata")  # noqa: B009  the row's column
            said["metadata"] = merged(before, input.metadata)
        if await say(ctx, write, product.id, owner, said):
            told = {"gtin": gtin, "fields": sorted(said)}
            await audit(write, ctx.viewer, owner, "product.updated", ("product", product.id), told)
    return await shown(ctx, gtin)


async def brand_of(
    ctx: Context, write: Writer, gtin: Gtin, name: str, organization_id: str | None
) -> tuple[str, str | None]:
    """The product's owner, and its brand of this name; none for an empty one.

    Found before the product is locked: imports, too, take the locks of brands before those of products, and so nobody
    waits in a circle. Whose the product is, is asked again afterwards.
    """
    product = await write.one(PRODUCTS_BY_GTIN, keys=[gtin])
    check_owner(ctx, product, May.PRODUCTS, organization_id)
    assert product is not None
    owner = str(product.owner_id)
    return owner, (await brands_named(write, ctx.viewer, owner, [name]))[name] if name else None


def merged(old: Mapping[str, str], change: Mapping[str, str] | None) -> dict[str, str]:
    """Raises:
    Invalid: the result has too many keys.
    """
    try:
        return merge_metadata(old, change)
    except ValueError as error:
        raise Invalid([Detail(field="metadata", message=str(error))]) from None
