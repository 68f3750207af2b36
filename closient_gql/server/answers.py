"""Errors as HTTP answers: the envelope, problem details for those who ask for them, GraphQL's own form."""

from http import HTTPStatus
from typing import Any

import asyncpg
import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from closient_gql.core.errors import BadRequest, DomainError, Internal, NotFound, Unavailable

log = structlog.get_logger(__name__)
PROBLEM = "application/problem+json"


class Json(Response):
    """An answer in JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


def known(error: BaseException) -> DomainError:
    """The error as the caller is told of it. What is not ours is logged, and masked as an internal error."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, HTTPException):
        return http_error(error)
    if isinstance(error, ClientDisconnect):
        return BadRequest("The request ended before it was complete.")
    if isinstance(error, asyncpg.QueryCanceledError | TimeoutError):
        log.warning("too slow", exc_info=error)
        return Unavailable("This took too long. Ask for less, or try again in a moment.")
    if isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError):  # rolled back: nothing was done
        log.warning("rolled back", exc_info=error)
        return Unavailable("Others were changing the same at the same time, and nothing was done. Try again.")
    log.error("unexpected", exc_info=error)
    return Internal()


def http_error(error: HTTPException) -> DomainError:
    """Starlette's own errors (no route, wrong method) in our words."""
    if error.status_code == 404:
        return NotFound("There is nothing at this address.")
    if error.status_code == 405:
        allowed = ", ".join(sorted(filter(None, (error.headers or {}).get("Allow", "").split(", "))))
        headers = {"Allow": allowed} if allowed else {}
        return BadRequest(f"This address answers {allowed or 'other methods'} only.", 405, headers)
    if error.status_code < 500:
        return BadRequest(error.detail, error.status_code)
    return Internal()


def envelope(request: Request, error: BaseException) -> Response:
    """`{"error": {code, message, status, details}}`, or RFC 9457 problem details where the client asks for them."""
    told = known(error)
    if wants_problem(request):
        title = HTTPStatus(told.status).phrase
        body = {"type": "about:blank", "title": title, "status": told.status, "detail": told.message}
        rest = {k: v for k, v in told.body.items() if k not in ("message", "status", "details")}
        return Json(body | rest | {"errors": told.details}, told.status, told.headers, media_type=PROBLEM)
    return Json({"error": told.body}, told.status, told.headers)


def graphql_failure(request: Request, error: BaseException) -> Response:
    """A request that did not get as far as GraphQL, in GraphQL's form."""
    told = known(error)
    body = {"errors": [{"message": told.message, "extensions": told.extensions}]}
    return Json(body, told.status, told.headers)


def wants_problem(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return any(part.split(";")[0].strip().lower() == PROBLEM for part in accept.split(","))
