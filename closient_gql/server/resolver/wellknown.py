"""What this resolver says of itself: the description file and the JSON-LD context of its linksets."""

from importlib.resources import files

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from closient_gql.core.settings import settings
from closient_gql.server.answers import Json
from closient_gql.server.resolver.answering import METHODS, base_of
from resolvers.digital_link.linksets import CONTEXT_PATH
from resolvers.digital_link.linktypes import NAMESPACE, PREFIX
from resolvers.digital_link.negotiation import JSON_LD

CONTEXT = (files("closient_gql") / "data/linkset-context.jsonld").read_bytes()
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": METHODS}
PREFLIGHT = {"Allow": METHODS, "Access-Control-Allow-Headers": "*", "Access-Control-Max-Age": "7200"}
DAY = {"Cache-Control": "public, max-age=86400"}


async def describe(request: Request) -> Response:
    """The resolver description file (GS1-Conformant Resolver 1.2, description-file-schema)."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=CORS | PREFLIGHT)
    base = base_of(settings().public_url, request.url.scheme, request.headers.get("host", ""))
    described = {
        "name": "Closient",
        "resolverRoot": base,
        "supportedPrimaryKeys": ["all"],
        "supportedLinkType": [{"namespace": NAMESPACE, "prefix": PREFIX}],
        "linkTypeDefaultCanBeLinkset": False,
        "jsonLdContextLocation": f"{base}{CONTEXT_PATH}",
    }
    return Json(described, headers=CORS | {"Cache-Control": "public, no-cache"})


async def context(request: Request) -> Response:
    """The JSON-LD context that linksets refer to."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=CORS | PREFLIGHT)
    return Response(orjson.dumps(orjson.loads(CONTEXT)), media_type=JSON_LD, headers=CORS | DAY)


ROUTES = [Route(path, endpoint, methods=["GET", "OPTIONS"])
          for path, endpoint in (("/.well-known/gs1resolver", describe), (CONTEXT_PATH, context))]  # fmt: skip
