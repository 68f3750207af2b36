"""Bar codes of products: what each symbology carries, and what it cannot."""

from dataclasses import dataclass
from typing import Annotated

from closient_gql.adapters import barcodes
from closient_gql.adapters.barcodes import Symbol
from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.enums import Described
from closient_gql.core.errors import Detail, Invalid, NotFound
from closient_gql.core.gs1 import Gs1Error, Gtin, build_element_string, build_uri, check_elements
from resolvers import access
from resolvers.context import Context
from resolvers.products.claims import NO_PRODUCT
from resolvers.products.inputs import PlainGtin
from resolvers.products.queries import products_by_gtin

MOST_128 = 48  # characters of a GS1-128 (GS1 General Specifications, 5.4.4.3)
FITTING = "QR, GS1_DATAMATRIX or GS1_128"


class Symbology(Described):
    QR = "QR", "QR Code with the product's GS1 Digital Link URI."
    GS1_DATAMATRIX = "GS1_DATAMATRIX", "GS1 DataMatrix with element strings."
    GS1_128 = "GS1_128", "GS1-128 with element strings."
    EAN_13 = "EAN_13", "EAN-13 with the GTIN alone."


Size = Annotated[int, Bounds(minimum=50, maximum=4000), Doc("Width in pixels that the picture must not exceed.")]
Batch = Annotated[str, Bounds(min_length=1, max_length=20), Doc("Batch or lot: AI 10.")]
Serial = Annotated[str, Bounds(min_length=1, max_length=20), Doc("Serial number: AI 21.")]


@dataclass(frozen=True)
class Wanted:
    """One bar code as somebody wants it."""

    gtin: Gtin
    symbology: Symbology
    size: int
    quiet_zone: bool
    batch: str | None = None
    serial: str | None = None

    @property
    def elements(self) -> tuple[tuple[str, str], ...]:
        named = (("01", str(self.gtin)), ("10", self.batch), ("21", self.serial))
        return tuple((ai, value) for ai, value in named if value is not None)


@dataclass(frozen=True)
class Barcode:
    """A bar code: its modules, the pixels of each, and what it says."""

    symbol: Symbol
    scale: int
    content: str


@access.public
async def barcode(ctx: Context, gtin: PlainGtin) -> None:
    """Everybody may have the bar codes of a product that there is.

    Raises:
        NotFound: there is none.
    """
    if await ctx.find(products_by_gtin, gtin) is None:
        raise NotFound(NO_PRODUCT)


def encode(wanted: Wanted, stem: str) -> Barcode:
    """The bar code.

    Args:
        stem: where Digital Link URIs begin, such as `https://example.org`.

    Raises:
        Invalid: the symbology cannot carry this, or not within the size.
    """
    check_values(wanted)
    quiet_zone = wanted.quiet_zone
    text = barcodes.gs1_text(wanted.elements)
    if wanted.symbology is Symbology.QR:
        content = build_uri(wanted.elements, stem)
        symbol = barcodes.qr_code(content, quiet_zone=quiet_zone)
    elif wanted.symbology is Symbology.GS1_DATAMATRIX:
        content, symbol = text, barcodes.gs1_datamatrix(text, quiet_zone=quiet_zone)
    elif wanted.symbology is Symbology.GS1_128:
        check_length(wanted)
        content, symbol = text, barcodes.gs1_128(text, quiet_zone=quiet_zone)
    else:
        content = ean_13_of(wanted)
        symbol = barcodes.ean_13(content, quiet_zone=quiet_zone)
    if not (scale := wanted.size // symbol.width):
        raise wrong("size", f"must be at least {symbol.width}: so many modules wide is this bar code")
    return Barcode(symbol, scale, content)


def check_values(wanted: Wanted) -> None:
    problems = []
    for field, element in zip(("batch", "serial"), (("10", wanted.batch), ("21", wanted.serial)), strict=True):
        ai, value = element
        if value is None:
            continue
        try:
            check_elements([("01", wanted.gtin), (ai, value)])
        except Gs1Error as error:
            problems.append(Detail(field=field, message=f"cannot be AI {ai}: {error}"))
    if problems:
        raise Invalid(problems)


def check_length(wanted: Wanted) -> None:
    length = len(build_element_string(wanted.elements))
    if length > MOST_128:
        field = "serial" if wanted.serial else "batch"
        message = f"makes {length} characters, and a GS1-128 carries {MOST_128}; use GS1_DATAMATRIX or QR"
        raise wrong(field, message)


def ean_13_of(wanted: Wanted) -> str:
    """The 13 digits.

    Raises:
        Invalid: there is more to carry than 13 digits, or the GTIN has 14 or 8.
    """
    problems = [
        Detail(field=field, message=f"does not fit into an EAN-13, which carries the GTIN alone; use {FITTING}")
        for field in ("batch", "serial")
        if getattr(wanted, field) is not None
    ]
    if wanted.gtin[0] != "0":
        message = f"is a GTIN-14 (indicator digit {wanted.gtin[0]}), and an EAN-13 carries 13 digits; use {FITTING}"
        problems.append(Detail(field="gtin", message=message))
    elif wanted.gtin.startswith("000000"):
        message = f"is a GTIN-8, which no EAN-13 may carry (GS1 General Specifications, 5.2); use {FITTING}"
        problems.append(Detail(field="gtin", message=message))
    if problems:
        raise Invalid(problems)
    return wanted.gtin[1:]


def wrong(field: str, message: str) -> Invalid:
    return Invalid([Detail(field=field, message=message)])
