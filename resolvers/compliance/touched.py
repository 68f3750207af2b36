"""Which products a recall or notice of an organization may name: its own; an authority's may name any."""

from collections.abc import Sequence

from closient_gql.core.db import Writer
from closient_gql.core.errors import Detail, Forbidden, Invalid
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models.account import Organization
from closient_gql.core.models.products import Product
from resolvers.products.queries import PRODUCTS_BY_GTIN

NOT_YOURS = (
    "Only the owner of a product, or an organization that is flagged as an authority, may do this. Not yours: {gtins}."
)


async def named(
    write: Writer, organization: Organization, gtins: Sequence[Gtin], *, must_exist: bool = False
) -> dict[Gtin, Product]:
    """The products with these GTINs that are known. `must_exist`: all have to be, even an authority's.

    Raises:
        Invalid: there is no product with some of them.
        Forbidden: some are not the organization's, which is no authority.
    """
    found = {product.gtin: product for product in await write.all(PRODUCTS_BY_GTIN, keys=list(gtins))}
    known = {Gtin(gtin): product for gtin, product in found.items()}
    if must_exist or not organization.is_authority:
        lost = [place for place, gtin in enumerate(gtins) if gtin not in known]
        if lost:
            raise Invalid([Detail(field=f"gtins.{n}", message="there is no product with this GTIN") for n in lost])
    if not organization.is_authority:
        others = [gtin for gtin, product in known.items() if product.owner_id != organization.id]
        if others:
            raise Forbidden(NOT_YOURS.format(gtins=", ".join(sorted(others)[:10])))
    return known
