"""How the resolver stands in the OpenAPI document of its API: the addresses of products, at the root of the site.

Every primary key is answered, in the same way; these are what the contract names.
"""

import re
from collections.abc import Mapping
from typing import Any

from closient_gql.server.rest.openapi import error
from resolvers.digital_link.negotiation import DATA, HTML, JSON_LD, LINKSET

ROOT = [{"url": "/"}]
TAG = "digital-link"
PAGE = {"schema": {"type": "string"}}
LINKS: dict[str, Any] = {
    "type": "object",
    "title": "Linkset",
    "description": "All links (RFC 9264), in the profile of the GS1-Conformant Resolver standard.",
    "required": ["linkset"],
    "properties": {
        "@context": {"type": "string", "format": "uri", "description": "What the names mean, in JSON-LD."},
        "linkset": {
            "type": "array",
            "description": "One member for each level of the code that has links, the code's own first.",
            "items": {
                "type": "object",
                "required": ["anchor", "itemDescription"],
                "properties": {
                    "anchor": {"type": "string", "format": "uri", "description": "The Digital Link URI."},
                    "itemDescription": {"type": "string", "description": "What it identifies."},
                },
                "additionalProperties": {
                    "type": "array",
                    "description": "Links of one type, by the URI of the type.",
                    "items": {
                        "type": "object",
                        "required": ["href", "title"],
                        "additionalProperties": False,
                        "properties": {
                            "href": {"type": "string", "format": "uri", "description": "Where it leads."},
                            "title": {"type": "string", "description": "Title for people."},
                            "type": {"type": "string", "description": "Media type of what it leads to."},
                            "hreflang": {
                                "type": "array",
                                "items": {"type": "string"},
                                "description": "Languages of what it leads to.",
                            },
                            "context": {
                                "type": "array",
                                "items": {"type": "string"},
                                "description": "Contexts in which it is the right one.",
                            },
                            "fwqs": {"type": "boolean", "description": "False: the query does not go with it."},
                        },
                    },
                },
            },
        },
    },
}
TEXTS = {
    "gtin": "GTIN: 14 digits; 8, 12 or 13 are taken, too.",
    "batch": "Batch or lot (AI 10), percent-encoded.",
    "serial": "Serial number (AI 21), percent-encoded.",
}
PATHS = {
    "/01/{gtin}": ("resolve_gtin", "Resolve the code of a product."),
    "/01/{gtin}/10/{batch}": ("resolve_gtin_batch", "Resolve the code of a batch."),
    "/01/{gtin}/21/{serial}": ("resolve_gtin_serial", "Resolve the code of an item."),
    "/01/{gtin}/10/{batch}/21/{serial}": ("resolve_gtin_batch_serial", "Resolve the code of an item of a batch."),
}
SAYS = """A GS1 Digital Link URI, answered as the GS1-Conformant Resolver standard wants it. `Accept` and `linkType`
decide: `application/json` is the product's data, `application/linkset+json` or `linkType=linkset` all links, a link
type goes to the link of that type, anything else to where the rules, the owner's default link or the hosted page say
(307). The other primary keys (00, 253, 255, 401, 402, 414, 415, 417, 8003, 8004, 8006, 8010, 8013, 8017, 8018) and
compressed links are answered in the same way. For everybody, and not counted."""
LINK = {"Link": {"description": "Where the linkset is.", "schema": {"type": "string"}}}


def parameter(name: str, place: str, description: str) -> dict[str, Any]:
    found = {"name": name, "in": place, "description": description, "schema": {"type": "string"}}
    return found | ({"required": True} if place == "path" else {})


QUERY = [
    parameter("linkType", "query", "A link type of the GS1 Web Vocabulary, such as gs1:pip; linkset for all links."),
    parameter("context", "query", "Of several links of one type, the one for this context."),
]


def told(status: int) -> dict[str, Any]:
    """An error that browsers are shown as a page."""
    found = error(status)
    return found | {"content": found["content"] | {HTML: PAGE}}


def operation(path: str, name: str, summary: str, product: Mapping[str, Any]) -> dict[str, Any]:
    places = [each.strip("{}") for each in path.split("/") if each.startswith("{")]
    return {
        "operationId": name,
        "tags": [TAG],
        "summary": summary,
        "description": SAYS,
        "security": [{}, {"ApiKey": []}],
        "servers": ROOT,
        "parameters": [*(parameter(each, "path", TEXTS[each]) for each in places), *QUERY],
        "responses": {
            "200": {
                "description": "The product's data, or all links.",
                "headers": LINK,
                "content": {
                    DATA: {"schema": {"anyOf": [product, LINKS]}},
                    LINKSET: {"schema": LINKS},
                    JSON_LD: {"schema": LINKS},
                    HTML: PAGE,
                },
            },
            "300": {
                "description": "Several links fit equally well: the visitor chooses.",
                "headers": LINK,
                "content": {LINKSET: {"schema": LINKS}, HTML: PAGE},
            },
            "307": {
                "description": "Where it goes.",
                "headers": LINK | {"Location": {"description": "Where it goes.", "schema": {"type": "string"}}},
            },
            **{str(status): told(status) for status in (400, 404)},
            **{str(status): error(status) for status in (500, 503)},
        },
    }


def describe(document: dict[str, Any], products: Mapping[str, Any]) -> None:
    """Adds the resolver to the document of its API.

    Args:
        products: the document of the API that says what a product's data is.
    """
    adopt(document["components"]["schemas"], products["components"]["schemas"], "ProductOut")
    reference = {"$ref": "#/components/schemas/ProductOut"}
    for path, (name, summary) in PATHS.items():
        document["paths"][path] = {"get": operation(path, name, summary, reference)}
    document["tags"].append({"name": TAG})


def adopt(ours: dict[str, Any], theirs: Mapping[str, Any], name: str) -> None:
    """Takes a schema over from another document, with those that it refers to."""
    if name not in ours:
        ours[name] = theirs[name]
        for each in re.findall(r"'#/components/schemas/(\w+)'", str(theirs[name])):
            adopt(ours, theirs, each)
