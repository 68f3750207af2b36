"""Bulk look-up: many codes in any form, an answer for each, in order, from one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.enums import Described
from closient_gql.core.gs1.gtin import CheckDigitError, Gtin, GtinError, parse_code
from closient_gql.core.models.products import Product
from resolvers import access
from resolvers.context import Context
from resolvers.products.queries import products_by_gtin

MOST_CODES = 1_000
Codes = Annotated[
    list[Annotated[str, Bounds(max_length=500)]],
    Bounds(min_length=1, max_length=MOST_CODES),
    Doc("GTINs of 8, 12, 13 or 14 digits and uncompressed GS1 Digital Link URIs with /01/, mixed as they come."),
]


class LookupStatus(Described):
    FOUND = "found", "The product is there."
    UNKNOWN = "unknown", "The code is a GTIN, but no product has it."
    INVALID_CHECK_DIGIT = "invalid_check_digit", "It looks like a GTIN, but its check digit is wrong."
    INVALID = "invalid", "It is no GTIN, and no Digital Link URI with one."


@dataclass(frozen=True)
class ProductLookup:
    """What one code came to. There is no guessing: a code that is wrong finds nothing."""

    code: str
    status: LookupStatus
    gtin: Gtin | None = None
    product: Product | None = None
    message: str | None = None


def read_code(code: str) -> ProductLookup:
    """The answer as far as the code alone gives it: UNKNOWN where it is a GTIN."""
    try:
        return ProductLookup(code, LookupStatus.UNKNOWN, parse_code(code))
    except CheckDigitError as error:
        return ProductLookup(code, LookupStatus.INVALID_CHECK_DIGIT, message=str(error))
    except GtinError as error:
        return ProductLookup(code, LookupStatus.INVALID, message=str(error))


@access.key
async def products_by_codes(ctx: Context, codes: Codes) -> Sequence[ProductLookup]:
    """An answer for every code, in the order of the codes, duplicates included."""
    read = [read_code(code) for code in codes]
    rows = await products_by_gtin(ctx, [found.gtin for found in read if found.gtin])
    products = {row.gtin: row for row in rows if row is not None}
    return [
        ProductLookup(each.code, LookupStatus.FOUND, each.gtin, products[each.gtin]) if each.gtin in products else each
        for each in read
    ]
