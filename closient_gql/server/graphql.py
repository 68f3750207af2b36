"""The GraphQL endpoint: GraphQL over HTTP, in both of its media types, on the engine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError, OperationType
from starlette.requests import Request
from starlette.responses import Response

from closient_gql.core.errors import BadRequest, DomainError, Internal, Invalid
from closient_gql.core.settings import settings
from closient_gql.engine import Operation, Operations, Refused, Trace
from closient_gql.server.answers import Json, graphql_failure, known
from closient_gql.server.documents import Documents, Persisted
from closient_gql.server.requests import body_of, context_of, json_of, media_type

ALLOW = "GET, HEAD, OPTIONS, POST"
JSON, GRAPHQL = "application/json", "application/graphql-response+json"


@dataclass(frozen=True)
class Asked:
    """One GraphQL request (GraphQL over HTTP, section 5.1)."""

    query: str | None
    variables: Mapping[str, Any]
    operation_name: str | None
    given: Mapping[str, Any]
    """All that was sent: a document may be named by `documentId` or `extensions.persistedQuery` (documents.py)."""


async def endpoint(request: Request) -> Response:
    """Answers GET (queries only) and POST."""
    kind = JSON
    try:
        if request.method not in ("GET", "HEAD", "POST"):
            raise BadRequest(f"This address answers {ALLOW} only.", 405, {"Allow": ALLOW})
        kind = negotiated(request)
        asked = await read(request)
        return await answer(request, asked, kind)
    except Exception as error:
        failure = graphql_failure(request, error)
        failure.headers["Content-Type"] = kind
        return failure


def negotiated(request: Request) -> str:
    """The media type of the answer: the newer one only for clients that name it.

    Raises:
        BadRequest: the client accepts neither (406).
    """
    accept = request.headers.get("accept") or "*/*"
    weights: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            weights[name] = float(quality)
        except ValueError:
            weights[name] = 1.0
    wild = weights.get("application/*", weights.get("*/*", 0))
    if (newer := weights.get(GRAPHQL, 0)) and newer >= weights.get(JSON, 0):
        return GRAPHQL
    if weights.get(JSON, wild):
        return JSON
    if weights.get(GRAPHQL, wild):
        return GRAPHQL
    raise BadRequest(f"The answer comes as {JSON} or {GRAPHQL}; the Accept header allows neither.", 406)


async def read(request: Request) -> Asked:
    """What is asked.

    Raises:
        BadRequest: the request is not of GraphQL's form (400), or its body of another type (415) or too large (413).
    """
    if request.method == "POST":
        if (kind := media_type(request)) != JSON:
            raise BadRequest(f"The body must be {JSON}, not {kind or 'without a type'}.", 415)
        given = json_of(await body_of(request, settings().max_body))
        if isinstance(given, list):
            raise BadRequest("Send one operation at a time: batches are not supported.")
        if not isinstance(given, dict):
            raise BadRequest("The body must be an object with the key `query`.")
    else:
        given = dict(request.query_params)
        for name in ("variables", "extensions"):
            if name in given:
                given[name] = parameter(name, given[name])
    return checked(given)


def parameter(name: str, text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequest(f"The parameter `{name}` must be JSON.") from None


def checked(given: Mapping[str, Any]) -> Asked:
    query, name = given.get("query"), given.get("operationName")
    variables = given.get("variables")
    if query is not None and (not isinstance(query, str) or not query.strip()):
        raise BadRequest("The key `query` must be a GraphQL document.")
    if name is not None and not isinstance(name, str):
        raise BadRequest("The key `operationName` must be a string.")
    for key in ("variables", "extensions"):
        if given.get(key) is not None and not isinstance(given[key], dict):
            raise BadRequest(f"The key `{key}` must be an object.")
    return Asked(query, variables or {}, name or None, given)


async def answer(request: Request, asked: Asked, kind: str) -> Response:
    """Runs the operation. A document that cannot be run is 200 in the older media type, 400 in the newer."""
    operations: Operations = request.app.state.operations
    documents: Documents = request.app.state.documents
    try:
        source = documents.source(asked.query, asked.given)
        operation = operations.prepare(source, asked.operation_name)
        documents.keep(source, asked.given)
        if request.method != "POST" and operation.kind is not OperationType.QUERY:
            raise BadRequest("Send mutations by POST.", 405, {"Allow": "POST"})
        if operation.kind is OperationType.SUBSCRIPTION:
            raise BadRequest("Subscriptions are not supported.")
        operation.check_budget(asked.variables)
    except Refused as refused:
        body = {"errors": [shown(error) for error in refused.errors]}
        protocol = any(isinstance(error, Persisted) for error in refused.errors)
        return Json(body, 400 if kind == GRAPHQL and not protocol else 200, media_type=kind)
    request.scope.setdefault("state", {})["operation"] = (operation.name or "anonymous")[:100]  # for the log
    return await run(request, operation, asked, kind)


async def run(request: Request, operation: Operation, asked: Asked, kind: str) -> Response:
    trace = Trace() if request.headers.get("apollo-federation-include-trace") == "ftv1" else None
    context = context_of(request)
    result = await operation.execute(asked.variables, context, trace)
    body: dict[str, Any] = {}
    status, headers = 200, context.headers
    if result.errors:
        body["errors"] = [shown(error) for error in result.errors]
        if any(error["extensions"].get("status") == 503 for error in body["errors"]):
            status, headers = 503, headers | {"Retry-After": "1"}
    if result.data is None and all(error.path is None for error in result.errors):
        status = max(status, 400 if kind == GRAPHQL else 200)  # variables that do not fit: nothing ran
    else:
        body["data"] = result.data
    extensions: dict[str, Any] = {"ftv1": trace.encoded()} if trace else {}
    if request.headers.get("x-graphql-cost") == "1":
        extensions["cost"] = operation.cost(asked.variables)
    if extensions:
        body["extensions"] = extensions
    return Json(body, status, headers, media_type=kind)


def shown(error: GraphQLError) -> dict[str, Any]:
    """An error as the caller sees it: `extensions.code` is one of the eight codes, whatever went wrong."""
    found: dict[str, Any] = dict(error.formatted)
    if isinstance(error, Persisted):
        return found
    original = error.original_error
    if isinstance(original, GraphQLError):
        original = original.original_error
    if (error.path is None and not isinstance(original, DomainError)) or (original is None and of_argument(error)):
        told: DomainError = Invalid([]) if of_values(error) else BadRequest(error.message)
        told.details = None
    else:
        told = known(original or Internal() if original else _unexplained(error))
        found["message"] = told.message
    return found | {"extensions": told.extensions}


def of_values(error: GraphQLError) -> bool:
    """Whether the document is fine and a value in it, or in the variables, is not."""
    return isinstance(error.original_error, ValueError) or "has invalid value" in error.message


def of_argument(error: GraphQLError) -> bool:
    """Whether a variable that may be null is, where it may not be: only the field's execution sees that."""
    return error.message.startswith("Argument '") and of_values(error)


def _unexplained(error: GraphQLError) -> BaseException:
    """A field that gave what its type does not allow: a fault of ours."""
    return RuntimeError(f"{error.message} at {json.dumps(error.path)}")
