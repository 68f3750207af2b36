"""An endpoint as an ASGI handler: request in, one operation, answer out."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from graphql import GraphQLOutputType, get_named_type
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from closient_gql.core.errors import BadRequest, NotFound
from closient_gql.core.settings import settings
from closient_gql.engine import Result
from closient_gql.server.answers import Json, envelope
from closient_gql.server.headers import header
from closient_gql.server.requests import body_of, context_of, form_of, json_of, media_type, query_of
from closient_gql.server.rest.compile import Endpoint
from closient_gql.server.rest.read import form, variables

Handler = Callable[[Request], Awaitable[Response]]
CACHED = ((b"cache-control", b"private, no-cache"), (b"vary", b"Accept, X-API-Key"))
FORM = "application/x-www-form-urlencoded"


def handler(endpoint: Endpoint) -> Handler:
    """Answers requests to one endpoint."""

    async def handle(request: Request) -> Response:
        try:
            body = await read_body(request, endpoint) if endpoint.body else None
            given = variables(endpoint, request.path_params, query_of(request), body)
            context = context_of(request)
            response = answer(request, endpoint, await endpoint.operation.execute(given, context))
            response.headers.update(context.headers)
            return response
        except Exception as error:
            return envelope(request, error)

    return handle


async def read_body(request: Request, endpoint: Endpoint) -> Any:
    """JSON or a form; None where there is no body.

    Raises:
        BadRequest: it is too large (413), of another type (415), or not what it says it is.
    """
    body = await body_of(request, settings().max_body)
    kind = media_type(request)
    if kind == FORM:
        return form(form_of(body))
    if kind not in ("", "application/json") and not kind.endswith("+json"):
        raise BadRequest(f"The body must be application/json or {FORM}, not {kind}.", 415)
    return json_of(body) if body.strip() else None


def answer(request: Request, endpoint: Endpoint, result: Result) -> Response:
    """The answer for what the operation came to.

    Raises:
        DomainError: the operation has an error, or found nothing.
    """
    if result.errors:
        first = result.errors[0]
        raise first.original_error or first
    rendered = endpoint.render(result.data[endpoint.root]) if result.data else None
    if endpoint.status == 204:
        return Response(status_code=204)
    if rendered is None:
        raise NotFound(nothing_of(endpoint, result))
    response = Json(rendered, endpoint.status)
    return cached(request, response) if endpoint.reads and request.method in ("GET", "HEAD") else response


def nothing_of(endpoint: Endpoint, result: Result) -> str:
    """Which of the things on the way to the answer is not there."""
    shape, found, owner = endpoint.shape, (result.data or {}).get(endpoint.root), ""
    while found is not None and shape.value and shape.fields:
        owner = words_of(shape.type)
        ((key, shape),) = shape.fields.items()
        found = found[key]
    what = words_of(shape.type)
    one_of_many = endpoint.path.endswith("}")  # of a thing that may well have others
    return f"This {owner} has no {what}." if owner and not one_of_many else f"There is no such {what}."


def words_of(kind: GraphQLOutputType) -> str:
    """The name of a type as people read it."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", get_named_type(kind).name).lower()
    return words.removesuffix(" connection")


def cached(request: Request, response: Response) -> Response:
    """The answer with its ETag, or 304 where the client has it already (RFC 9110, 13.1.2)."""
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:24]}"'
    have = header(request.scope, b"if-none-match")
    if have and (have.strip() == "*" or tag in [each.strip().removeprefix("W/") for each in have.split(",")]):
        response = Response(status_code=304)
    response.raw_headers += [(b"etag", f"W/{tag}".encode("ascii")), *CACHED]
    return response


class Resource:
    """One address with all of its methods, those that it does not have included (405).

    Starlette's own routes pass such a request on: GET /products/lookup would become a product called "lookup".
    """

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self.handlers = dict(handlers)
        if "GET" in handlers:
            self.handlers["HEAD"] = handlers["GET"]
        self.allow = {"Allow": ", ".join(sorted({*self.handlers, "OPTIONS"}))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self.answer(request)
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=self.allow)
        if request.method not in self.handlers:
            raise HTTPException(405, headers=self.allow)
        return await self.handlers[request.method](request)


def route(path: str, endpoints: Sequence[Endpoint]) -> Route:
    """The endpoints of one path."""
    return Route(path, Resource({endpoint.method: handler(endpoint) for endpoint in endpoints}))
