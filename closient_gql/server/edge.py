"""The outermost layer: request ids, header limits, trailing slashes, logs and metrics, and the last catch of errors."""

import logging
import random
import re
import time
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from closient_gql.core.errors import BadRequest
from closient_gql.core.settings import settings
from closient_gql.server.answers import envelope
from closient_gql.server.headers import OUTGOING, Outgoing, header
from closient_gql.server.logs import REQUEST_ID

REQUESTS = Counter("closient_http_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "closient_http_request_seconds", "Time to answer.", ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
LOGGER = logging.getLogger("closient.request")  # asked first: structlog finds out late that nobody listens
log = structlog.get_logger("closient.request")
Redirect = list[tuple[bytes, bytes]]
Quick = Callable[[Scope], Redirect | Awaitable[Redirect | None] | None]


class Edge:
    """Around the whole application.

    Args:
        quick: the headers of a redirect for requests that need nothing else.
    """

    def __init__(self, app: ASGIApp, quick: Quick | None = None) -> None:
        self.app, self.quick = app, quick

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        size = sum([len(name) + len(value) for name, value in scope["headers"]])
        if self.quick is not None and size <= settings().max_headers and (found := self.quick(scope)) is not None:
            redirect = found if isinstance(found, list) else await found
            if redirect is not None:
                await send_redirect(scope, send, redirect)
                record(scope, 307, time.perf_counter() - started)
                return
        request_id = own_id(header(scope, b"x-request-id"))
        REQUEST_ID.set(request_id)
        if len(scope["path"]) > 1:
            scope["path"] = scope["path"].rstrip("/") or "/"
        answer = scope[OUTGOING] = Outgoing(send)
        answer.headers.update({b"x-request-id": request_id.encode("ascii"), b"x-content-type-options": b"nosniff"})
        try:
            if size > settings().max_headers:
                raise BadRequest(f"The headers are too large: at most {settings().max_headers} bytes.", 431)
            await self.app(scope, receive, answer)
        except Exception as error:
            if answer.status:
                raise  # the answer has begun: the connection can only be cut
            await envelope(Request(scope), error)(scope, receive, answer)
        finally:
            del scope[OUTGOING]  # it holds what holds the scope: all of it would stay until the collector comes
            record(scope, answer.status, time.perf_counter() - started)


async def send_redirect(scope: Scope, send: Send, headers: Redirect) -> None:
    request_id = own_id(header(scope, b"x-request-id"))
    REQUEST_ID.set(request_id)
    headers.append((b"x-request-id", request_id.encode("ascii")))
    await send({"type": "http.response.start", "status": 307, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def own_id(given: str | None) -> str:
    """The caller's request id if it is harmless, else a new one, which need not be hard to guess."""
    return given if given and ID.fullmatch(given) else f"{random.getrandbits(64):016x}"


def record(scope: Scope, status: int, seconds: float) -> None:
    """One line in the log and two metrics, labelled by route so that their number stays bounded."""
    route = route_of(scope)
    method = scope["method"] if scope["method"] in METHODS else "OTHER"
    requests, duration = meters(method, route, status)
    requests.inc()
    duration.observe(seconds)
    if route in ("/healthz", "/readyz", "/metrics", "/static") or not LOGGER.isEnabledFor(logging.INFO):
        return
    state: dict[str, Any] = scope.get("state", {})
    viewer = state.get("viewer")
    log.info(
        "request", method=method, path=scope["path"][:500], status=status, ms=round(seconds * 1000, 1),
        key=viewer.key_id if viewer else None, operation=state.get("operation"),
    )  # fmt: skip


@cache
def meters(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The two metrics with their labels, of which there are not many."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)


def route_of(scope: Scope) -> str:
    """The route's pattern, not the address."""
    route = scope.get("route")
    if route is None:
        return "other"
    return f"{scope.get('root_path', '')}{route.path}" if hasattr(route, "methods") else str(route.path)
