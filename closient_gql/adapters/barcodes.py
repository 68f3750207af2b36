"""Bar codes as pictures: encoded by Zint inside of zxing-cpp, drawn here as SVG or PNG in whole modules.

It is CPU work, some milliseconds: call it by `asyncio.to_thread`.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby

import zxingcpp
from PIL import Image

SVG, PNG = "image/svg+xml", "image/png"


@dataclass(frozen=True)
class Symbol:
    """A bar code: `rows` of modules from the top, each a byte, 0 for dark and 255 for light; all are equally long."""

    rows: tuple[bytes, ...]

    @property
    def width(self) -> int:
        return len(self.rows[0])

    @property
    def height(self) -> int:
        return len(self.rows)


def qr_code(text: str, *, quiet_zone: bool) -> Symbol:
    """A QR Code (ISO/IEC 18004), error correction M; its quiet zone is 4 modules wide."""
    return drawn(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M"), quiet_zone)


def gs1_datamatrix(elements: str, *, quiet_zone: bool) -> Symbol:
    """A square Data Matrix with FNC1 in front (GS1 General Specifications, 5.6), of a `gs1_text`."""
    code = zxingcpp.create_barcode(elements, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True)
    return drawn(code, quiet_zone)


def gs1_128(elements: str, *, quiet_zone: bool) -> Symbol:
    """A Code 128 with FNC1 in front (GS1 General Specifications, 5.4); its quiet zones are 10 modules wide."""
    return drawn(zxingcpp.create_barcode(elements, zxingcpp.BarcodeFormat.Code128, gs1=True), quiet_zone)


def ean_13(digits: str, *, quiet_zone: bool) -> Symbol:
    """An EAN-13 (GS1 General Specifications, 5.2); its quiet zones are 11 and 7 modules wide."""
    return drawn(zxingcpp.create_barcode(digits, zxingcpp.BarcodeFormat.EAN13), quiet_zone)


def gs1_text(elements: tuple[tuple[str, str], ...]) -> str:
    """Elements as Zint reads them: in square brackets, which no value can contain."""
    return "".join(f"[{ai}]{value}" for ai, value in elements)


def drawn(code: zxingcpp.Barcode, quiet_zone: bool) -> Symbol:
    image = code.to_image(add_quiet_zones=quiet_zone)
    height, width = image.shape
    pixels = bytes(memoryview(image))  # type: ignore[arg-type]  # it has the buffer protocol, its stub does not say so
    return Symbol(tuple(pixels[at : at + width] for at in range(0, height * width, width)))


def svg(symbol: Symbol, scale: int, title: str) -> bytes:
    """An SVG of `scale` pixels to the module, that says in words what it is."""
    width, height = symbol.width, symbol.height
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * scale}" height="{height * scale}" '
        f'viewBox="0 0 {width} {height}" shape-rendering="crispEdges" role="img"><title>{escape(title)}</title>'
        f'<path fill="#fff" d="M0 0h{width}v{height}H0z"/><path d="{"".join(bars(symbol))}"/></svg>\n'
    )
    return text.encode()


def bars(symbol: Symbol) -> Iterator[str]:
    """The dark rectangles: runs of modules, as high as the same row is repeated."""
    top = 0
    for row, same in groupby(symbol.rows):
        height, left = len(list(same)), 0
        for colour, run in groupby(row):
            width = len(list(run))
            if not colour:
                yield f"M{left} {top}h{width}v{height}h-{width}z"
            left += width
        top += height


def png(symbol: Symbol, scale: int) -> bytes:
    """A PNG of one bit a pixel, `scale` pixels to the module."""
    image = Image.frombytes("L", (symbol.width, symbol.height), b"".join(symbol.rows)).convert("1")
    out = io.BytesIO()
    image.resize((symbol.width * scale, symbol.height * scale), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()
