"""What this resolver says of itself: the description file and the JSON-LD context of its linksets."""

from importlib.resources import files

import orjson
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from closient_gql.core.settings import settings
from closient_gql.server.answers import Json
from closient_gql.server.resolver.answering import base_of
from resolvers.digital_link.linksets import CONTEXT_PATH
from resolvers.digital_link.linktypes import NAMESPACE, PREFIX
from resolvers.digital_link.negotiation import JSON_LD

CONTEXT = (files("closient_gql") / "data/linkset-context.jsonld").read_bytes()
DAY = {"Cache-Control": "public, max-age=86400"}


async def describe(request: Request) -> Response:
    """The resolver description file (GS1-Conformant Resolver 1.2, description-file-schema)."""
    base = base_of(settings().public_url, request.url.scheme, request.headers.get("host", ""))
    described = {
        "name": "Closient",
        "resolverRoot": base,
        "supportedPrimaryKeys": ["all"],
        "supportedLinkType": [{"namespace": NAMESPACE, "prefix": PREFIX}],
        "linkTypeDefaultCanBeLinkset": False,
        "jsonLdContextLocation": f"{base}{CONTEXT_PATH}",
    }
    return Json(described, headers={"Cache-Control": "public, no-cache"})


async def context(request: Request) -> Response:
    """The JSON-LD context that linksets refer to."""
    return Response(orjson.dumps(orjson.loads(CONTEXT)), media_type=JSON_LD, headers=DAY)


_CORS = [Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET"])]
ROUTES = [
    Route("/.well-known/gs1resolver", describe, middleware=_CORS),
    Route(CONTEXT_PATH, context, middleware=_CORS),
]
