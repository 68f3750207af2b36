"""The Digital Product Passport: JSON-LD instead of JSON."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from closient_gql.core.bounds import bounds_of
from closient_gql.core.errors import Detail, Invalid, NotFound
from closient_gql.core.gs1.gtin import GtinError, parse_gtin
from closient_gql.server.requests import context_of
from closient_gql.server.rest.apis import api_of
from closient_gql.server.rest.handle import cached
from closient_gql.server.routes.extra import Extra
from resolvers.products.claims import NO_PRODUCT
from resolvers.products.inputs import PlainGtin
from resolvers.sustainability.passport import passport

API = api_of("/sustainability/api/v1")
assert API
JSON_LD = "application/ld+json"
GTIN = bounds_of(PlainGtin)[0]


async def product_passport(request: Request) -> Response:
    """The passport of one product.

    Raises:
        Invalid: the GTIN is none. NotFound: there is no such product.
    """
    text = request.path_params["gtin"]
    try:
        gtin = parse_gtin(text)
        problem = GTIN.problem(text)
    except GtinError as error:
        problem = str(error)
    if problem:
        raise Invalid([Detail(field="gtin", message=problem)])
    found = await passport(context_of(request), gtin)
    if found is None:
        raise NotFound(NO_PRODUCT)
    response = cached(request, Response(orjson.dumps(found), media_type=JSON_LD))
    response.headers.update({"Cache-Control": "public, no-cache", "Vary": "Accept"})
    return response


SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "ProductPassport",
    "required": ["@context", "@type", "@id", "gtin14", "gs1:gtin", "dateModified"],
    "properties": {
        "@context": {"type": "object", "description": "What the names mean: schema.org, GS1 Web Vocabulary."},
        "@type": {"type": "array", "items": {"type": "string"}, "description": "A product of both vocabularies."},
        "@id": {"type": "string", "format": "uri", "description": "Its GS1 Digital Link URI."},
        "gtin14": {"type": "string", "pattern": "^[0-9]{14}$", "description": "Its GTIN."},
        "gs1:gtin": {"type": "string", "pattern": "^[0-9]{14}$", "description": "Its GTIN."},
        "gs1:packaging": {"type": "array", "items": {"type": "object"}, "description": "Its packaging."},
        "hasPart": {"type": "array", "items": {"type": "object"}, "description": "Its components."},
        "additionalProperty": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Impacts, grades, circularity, recyclability: each a PropertyValue with its unit.",
        },
        "dateModified": {"type": "string", "format": "date-time", "description": "When the product last changed."},
    },
}
PASSPORT: dict[str, Any] = {
    "operationId": "get_product_passport",
    "tags": ["passport"],
    "summary": "Digital Product Passport: what becomes of a product, as linked data.",
    "description": "One JSON-LD 1.1 document in the terms of schema.org and the GS1 Web Vocabulary; units are codes of "
    "UN/ECE Recommendation 20. What is not known is left out. For everybody.",
    "security": [{}, {"ApiKey": []}],
    "parameters": [
        {
            "name": "gtin",
            "in": "path",
            "required": True,
            "description": "GTIN of 8, 12, 13 or 14 digits, without separators.",
            "schema": {"type": "string"} | GTIN.json_schema(),
        }
    ],
    "responses": {
        "200": {
            "description": "The passport.",
            "headers": {"ETag": {"description": "Changes when the answer does.", "schema": {"type": "string"}}},
            "content": {JSON_LD: {"schema": SCHEMA}},
        },
        "304": {"description": "What the client has by If-None-Match is still true."},
    },
}
ROUTES = (
    Extra(
        API, "GET", "/products/{gtin}/passport", product_passport, PASSPORT, errors=(400, 401, 404, 422, 429, 500, 503)
    ),
)
