"""The ASGI application: everything that is served, put together."""

import asyncio
import gc
import pathlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from graphql import GraphQLField
from prometheus_client import Counter
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

import schema
from closient_gql.core.db import Database
from closient_gql.core.settings import Settings, settings
from closient_gql.engine import Limits, Operations
from closient_gql.server import graphql, health, logs, pages
from closient_gql.server.answers import Json, graphql_failure
from closient_gql.server.auth import Keys
from closient_gql.server.documents import Documents, trusted_documents
from closient_gql.server.edge import Edge
from closient_gql.server.gate import Gate
from closient_gql.server.headers import header, outgoing
from closient_gql.server.hearing import Hearing
from closient_gql.server.product_page import routes as product_page
from closient_gql.server.ratelimit import limiter
from closient_gql.server.resolver import Resolver, described, segments_of, wellknown
from closient_gql.server.resolver.quick import quick
from closient_gql.server.rest.apis import APIS, Api
from closient_gql.server.rest.compile import Endpoint, compile_files
from closient_gql.server.rest.handle import Handler, Resource, handler
from closient_gql.server.rest.openapi import OpenApi
from closient_gql.server.rest.table import Table
from closient_gql.server.routes import EXTRA, extra_paths
from closient_gql.server.routes.media import MEDIA_ROUTES
from closient_gql.server.search_page import routes as search_page
from closient_gql.server.tracing import Tracing, provider
from resolvers.digital_link.directory import Directory
from resolvers.digital_link.scans import Recorder
from resolvers.digital_link.visitors import device_of
from resolvers.search.constraints.text import prepare
from schema.projection import Projection

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
EXPOSED = ["ETag", "Retry-After", "X-Request-ID", "RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining",
           "RateLimit-Reset", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]  # fmt: skip


OPERATIONS = Counter(
    "closient_graphql_operations_total", "Operations, by what ran them: compiled, or why graphql-core did.",
    ["executor"],
)  # fmt: skip


COMPILED = OPERATIONS.labels("compiled")


def count(way: str) -> None:
    (COMPILED if way == "compiled" else OPERATIONS.labels(way)).inc()


def list_size(field: GraphQLField, arguments: Any) -> int | None:
    """How long a field's lists may be, for the price of an operation: by its paging arguments, or what it says."""
    definition = field.extensions.get("strawberry-definition")
    metadata = definition.metadata if definition else {}
    if metadata.get("window"):
        names = ("pageSize", "first", "last")
        return next((size for name in names if isinstance(size := arguments.get(name), int) and size > 0), 25)
    size = metadata.get("size")
    if isinstance(size, str):
        given = arguments.get(size)
        return len(given) if isinstance(given, list) else 1
    return size if isinstance(size, int) else None


def operations_of(graph: Projection, given: Settings) -> Operations:
    """The engine of a graph, within this installation's limits."""
    limits = Limits(
        tokens=given.graphql_max_tokens, aliases=given.graphql_max_aliases, depth=given.graphql_max_depth,
        cost=given.graphql_max_cost, documents=given.graphql_cache,
    )  # fmt: skip
    return Operations(graph._schema, list_size, limits, introspection=given.introspection, observe=count)


def endpoints_of(operations: Operations) -> list[Endpoint]:
    """Every REST endpoint of the whole graph."""
    folder = pathlib.Path(schema.__file__).parent
    files = [(domain, path) for domain in schema.DOMAINS for path in sorted((folder / domain).glob("*.graphql"))]
    return compile_files(operations, files)


def openapi_of(api: Api, endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The OpenAPI document of one API, its routes beyond JSON included."""
    document = OpenApi(api, [endpoint for endpoint in endpoints if endpoint.api is api]).document
    for path, item in extra_paths(api).items():
        document["paths"].setdefault(path, {}).update(item)
        tags = [tag for operation in item.values() for tag in operation["tags"]]
        document["tags"] += [{"name": tag} for tag in tags if {"name": tag} not in document["tags"]]
    if api.domain == "digital_link":
        products = next(each for each in APIS if each.domain == "products")
        described.describe(document, openapi_of(products, endpoints))
    return document


class Application(Starlette):
    """Without the two layers in which Starlette answers errors: the edge does."""

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = self.router
        for layer in reversed(self.user_middleware):
            app = layer.cls(app, *layer.args, **layer.kwargs)
        return app


def create_app(graph: Projection | None = None, database_url: str | None = None) -> Starlette:
    """The application. Tests hand in a graph or a database of their own."""
    given = settings()
    logs.configure(given)
    whole = graph is None and not given.domains
    graph = graph or schema.graph(*given.domains)
    operations = operations_of(graph, given)
    trusted = trusted_documents(given.trusted_documents, operations)
    traces = provider(given)
    tracing = [Middleware(Tracing, traces.get_tracer("closient"))] if traces else []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        state = app.state  # what ends below is kept here: in tests one application runs twice at a time
        url = database_url or getattr(state, "database_url", "") or given.database
        database = state.database = Database(url, given.database_pool)
        state.documents = Documents(given.persisted_queries, trusted)
        keys, limits = Keys(database), limiter(given.valkey_url)
        directory, scans = Directory(database), Recorder(database, given.scan_buffer)
        state.keys, state.limiter, state.directory, state.scans = keys, limits, directory, scans
        state.hearing = Hearing(database, [keys, directory])
        running = [asyncio.create_task(each.run()) for each in (keys, state.hearing)]
        recording = asyncio.create_task(scans.run())
        if not given.domains or "search" in given.domains:
            running.append(asyncio.create_task(asyncio.to_thread(prepare)))
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            scans.stop()  # requests have ended: what they left is written
            await asyncio.gather(*running, recording, return_exceptions=True)
            await limits.close()
            await database.close()
            if traces:
                await asyncio.to_thread(traces.shutdown)

    endpoints = endpoints_of(operations) if whole else []
    served = routes(operations, endpoints)
    edge = Middleware(Edge, quick=quick if whole else None)
    app = Application(
        routes=[Table(served)], lifespan=lifespan, middleware=[edge, *tracing, *resolver(endpoints, served)]
    )
    app.router.redirect_slashes = False
    app.state.operations, app.state.apis = operations, APIS if whole else ()
    return app


def application() -> Starlette:
    """What uvicorn serves. What is there by now stays: frozen, so that collections get several times shorter."""
    app = create_app()
    device_of("Mozilla/5.0")  # compiles what robots are known by, which takes a tenth of a second
    settle()
    return app


def settle() -> None:
    """Keeps the collector off what stays, and lets it look at new objects less often.

    An answer is some thousand objects, none in a cycle; with Python's own threshold of 700 they are all looked at
    several times before they are let go.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def routes(operations: Operations, endpoints: Sequence[Endpoint]) -> list[BaseRoute]:
    """Pages, health, the graph; REST only for the whole graph: a subgraph serves `/graphql` alone."""
    found: list[BaseRoute] = [Route("/graphql", GraphQL())]
    if endpoints:
        for api in APIS:
            found += mount(api, [e for e in endpoints if e.api is api], openapi_of(api, endpoints))
        found += [*search_page.ROUTES, *pages.ROUTES, *product_page.routes(operations)]
        found += [*MEDIA_ROUTES, *wellknown.ROUTES, Route("/.well-known/api-catalog", catalog)]
    return [*found, *health.ROUTES]


def resolver(endpoints: Sequence[Endpoint], served: Sequence[BaseRoute]) -> list[Middleware]:
    """Digital Links at the root of the site, where all is served that they can lead to."""
    product = next((endpoint for endpoint in endpoints if endpoint.name == "get_product"), None)
    return [Middleware(Resolver, product=product, taken=segments_of(served))] if product else []


class Cors(CORSMiddleware):
    """Starlette's, but who sends no Origin is answered at once; and what is public, such as the catalogue that a widget
    shows, is open to the pages of every origin, whatever the setting says (contract: brands)."""

    def __init__(self, app: ASGIApp, /, **given: Any) -> None:
        super().__init__(app, **given)
        self.public = CORSMiddleware(app, **given | {"allow_origins": ["*"]})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and header(scope, b"origin") is None:
            outgoing(scope).headers[b"vary"] = b"Origin"
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and "/api/v1/public/" in scope["path"]:
            await self.public(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def cors(methods: Sequence[str]) -> Middleware:
    """Pages of other origins may call the APIs; keys travel in a header, never in cookies."""
    return Middleware(
        Cors, allow_origins=list(settings().cors_origins), allow_methods=list(methods),
        allow_headers=["*"], expose_headers=EXPOSED, max_age=7200,
    )  # fmt: skip


class GraphQL:
    """`/graphql`: the explorer for browsers, the endpoint behind its gate for everybody else."""

    def __init__(self) -> None:
        app: ASGIApp = request_response(graphql.endpoint)
        for layer in (Middleware(Gate, failure=graphql_failure), cors(["GET", "POST"])):
            app = layer.cls(app, *layer.args, **layer.kwargs)
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if scope["method"] == "OPTIONS" and "access-control-request-method" not in request.headers:
            await Response(status_code=204, headers={"Allow": graphql.ALLOW})(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD") and wants_page(request):
            await (await pages.explorer(request))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and "query" not in request.query_params


def mount(api: Api, endpoints: Sequence[Endpoint], document: dict[str, Any]) -> list[BaseRoute]:
    """One REST API: its endpoints behind the gate; its document and playground for everybody.

    The playground stands outside of CORS, because the demo key can be in it.
    """
    text = orjson.dumps(document)

    async def openapi(request: Request) -> Response:
        return Response(text, media_type="application/json", headers={"Access-Control-Allow-Origin": "*"})

    handlers: dict[str, dict[str, Handler]] = {}
    for endpoint in endpoints:
        handlers.setdefault(endpoint.route, {})[endpoint.method] = handler(endpoint)
    own = [extra for extra in EXTRA if extra.api is api]
    for extra in own:
        if not extra.unlimited:
            handlers.setdefault(extra.path, {})[extra.method] = extra.handle
    by_path = sorted(handlers.items(), key=lambda item: "{" in item[0])  # what is fixed comes first
    below = Table([Route(path, Resource(methods)) for path, methods in by_path])
    address = f"{api.mount}/openapi.json"
    unlimited = [extra for extra in own if extra.unlimited]
    return [
        *(Route(api.mount + e.path, Resource({e.method: e.handle}), middleware=[cors([e.method])]) for e in unlimited),
        Route(address, openapi),
        Route(f"{api.mount}/docs", pages.playground(api.title, address)),
        Mount(api.mount, below, middleware=[cors(["GET", "POST", "PUT", "PATCH", "DELETE"]), Middleware(Gate)]),
    ]


async def catalog(request: Request) -> Response:
    """Where every API's description is (RFC 9727)."""
    base = settings().public_url.rstrip("/") or str(request.base_url).rstrip("/")
    links = [
        {
            "anchor": f"{base}{api.mount}/",
            "service-desc": [{"href": f"{base}{api.mount}/openapi.json", "type": "application/openapi+json"}],
            "service-doc": [{"href": f"{base}{api.mount}/docs", "type": "text/html"}],
        }
        for api in request.app.state.apis
    ]
    return Json({"linkset": links}, media_type="application/linkset+json")
