"""Bar codes of products, as pictures."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from closient_gql.adapters.barcodes import PNG, SVG, png, svg
from closient_gql.core.bounds import bounds_of
from closient_gql.core.errors import BadRequest, Detail, Invalid
from closient_gql.core.gs1 import Gs1Error, Gtin, check_stem, parse_gtin
from closient_gql.core.settings import settings
from closient_gql.server.answers import envelope
from closient_gql.server.requests import context_of, query_of
from closient_gql.server.rest.apis import api_of
from closient_gql.server.rest.handle import cached
from closient_gql.server.routes.extra import Extra
from resolvers.digital_link.barcodes import Batch, Serial, Size, Symbology, Wanted, barcode, encode
from resolvers.products.inputs import PlainGtin

API = api_of("/resolver/api/v1")
assert API
FORMATS = {"svg": SVG, "png": PNG}
BOOLEANS = {"true": True, "false": False}
NAMES = {symbology.value: symbology for symbology in Symbology}
DEFAULTS = {"symbology": "QR", "format": "svg", "size": "400", "quiet_zone": "true"}


async def product_barcode(request: Request) -> Response:
    """The picture. Whoever asks, it is the same: it may be kept for a day."""
    try:
        wanted, kind = wanted_of(request.path_params["gtin"], {name: v[-1] for name, v in query_of(request).items()})
        await barcode(context_of(request), wanted.gtin)
        data = await asyncio.to_thread(picture, wanted, kind, stem_of(request))
    except Exception as error:
        return envelope(request, error)
    response = cached(request, Response(data, media_type=FORMATS[kind]))
    name = f"{wanted.gtin}-{wanted.symbology.value.lower()}.{kind}"
    response.headers.update(
        {
            "Cache-Control": "public, max-age=86400",
            "Content-Disposition": f'inline; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
    )
    del response.headers["Vary"]
    return response


def stem_of(request: Request) -> str:
    """Where Digital Link URIs of this resolver begin.

    Raises:
        BadRequest: none can begin like the address that was asked, and no other is set.
    """
    stem = (settings().public_url or str(request.base_url)).rstrip("/")
    try:
        check_stem(stem)
    except Gs1Error:
        message = "No Digital Link URI can begin with this address. Ask another one, or set CLOSIENT_PUBLIC_URL."
        raise BadRequest(message) from None
    return stem


def picture(wanted: Wanted, kind: str, stem: str) -> bytes:
    """Raises:
    Invalid: the symbology cannot carry what is wanted.
    """
    found = encode(wanted, stem)
    if kind == "png":
        return png(found.symbol, found.scale)
    return svg(found.symbol, found.scale, f"{wanted.symbology.value}: {found.content}")


def wanted_of(gtin: str, query: Mapping[str, str]) -> tuple[Wanted, str]:
    """The bar code that is asked for, and its format.

    Raises:
        Invalid: something cannot be read; all of it is named.
    """
    given = DEFAULTS | dict(query)
    problems: list[Detail] = []

    def read(field: str, found: Any, problem: str | None) -> Any:
        if problem:
            problems.append(Detail(field=field, message=problem))
        return found

    def one_of(field: str, choices: Mapping[str, Any]) -> Any:
        known = given[field] in choices
        return read(field, choices.get(given[field]), None if known else f"must be one of {', '.join(choices)}")

    def text(field: str, kind: Any) -> Any:
        value = given.get(field)
        return read(field, value, None if value is None else bounds_of(kind)[0].problem(value))

    number = (
        int(given["size"]) if given["size"].isascii() and given["size"].isdigit() and len(given["size"]) < 9 else -1
    )
    wanted = Wanted(
        gtin=read("gtin", *gtin_of(gtin)),
        symbology=one_of("symbology", NAMES),
        size=read("size", number, bounds_of(Size)[0].problem(number) if number >= 0 else "must be an integer"),
        quiet_zone=one_of("quiet_zone", BOOLEANS),
        batch=text("batch", Batch),
        serial=text("serial", Serial),
    )
    kind = "" if one_of("format", FORMATS) is None else given["format"]
    if problems:
        raise Invalid(problems)
    return wanted, kind


def gtin_of(text: str) -> tuple[Gtin, str | None]:
    """The GTIN, and what is wrong with it."""
    if problem := bounds_of(PlainGtin)[0].problem(text):
        return Gtin(""), problem
    try:
        return parse_gtin(text), None
    except ValueError as error:
        return Gtin(""), str(error)


def parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    default = {"default": {"true": True, "400": 400}.get(DEFAULTS[name], DEFAULTS[name])} if name in DEFAULTS else {}
    where = {"in": "query", "required": False} if name != "gtin" else {"in": "path", "required": True}
    return {"name": name, **where, "description": description, "schema": schema | default}


def string(kind: Any) -> dict[str, Any]:
    return {"type": "string"} | bounds_of(kind)[0].json_schema()


BARCODE: dict[str, Any] = {
    "operationId": "get_product_barcode",
    "tags": ["barcodes"],
    "summary": "A bar code of a product, as a picture.",
    "description": "A QR code carries the GS1 Digital Link URI of the product at this resolver, GS1 DataMatrix and "
    "GS1-128 carry element strings (FNC1, AIs 01, 10, 21), EAN-13 the GTIN alone. Modules are whole pixels. "
    "For everybody.",
    "security": [{}, {"ApiKey": []}],
    "parameters": [
        parameter("gtin", "GTIN of 8, 12, 13 or 14 digits, without separators.", string(PlainGtin)),
        parameter(
            "symbology",
            " ".join(f"{each.value}: {each.description}" for each in Symbology),
            {"type": "string", "enum": list(NAMES)},
        ),
        parameter("format", "SVG or PNG.", {"type": "string", "enum": list(FORMATS)}),
        parameter(
            "size",
            "Width in pixels that the picture must not exceed; it is as wide as whole pixels to the module allow.",
            {"type": "integer"} | bounds_of(Size)[0].json_schema(),
        ),
        parameter("quiet_zone", "Whether the light margin that scanners need is part of it.", {"type": "boolean"}),
        parameter("batch", "Batch or lot: AI 10. Not in an EAN-13.", string(Batch)),
        parameter("serial", "Serial number: AI 21. Not in an EAN-13.", string(Serial)),
    ],
    "responses": {
        "200": {
            "description": "The picture.",
            "headers": {"ETag": {"description": "Changes when the picture does.", "schema": {"type": "string"}}},
            "content": {
                SVG: {"schema": {"type": "string"}},
                PNG: {"schema": {"type": "string", "format": "binary"}},
            },
        },
        "304": {"description": "What the client has by If-None-Match is still true."},
    },
}
ROUTES = (
    Extra(
        API, "GET", "/products/{gtin}/barcode", product_barcode, BARCODE, errors=(400, 401, 404, 422, 429, 500, 503)
    ),
)  # fmt: skip
