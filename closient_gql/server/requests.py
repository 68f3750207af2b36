"""Reading requests: bodies within their limit, media types, the context of an operation."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request

from closient_gql.core.db import Reader
from closient_gql.core.errors import BadRequest
from closient_gql.server.headers import outgoing
from closient_gql.server.ratelimit import Limiter, Verdict, Window, anonymous_subject, refusal
from resolvers.context import Context, QuotaWindow, Unlimited
from resolvers.viewer import ANONYMOUS

PATIENCE = 30.0  # seconds that a body may take, and beyond that as long as the largest one does at
SLOWEST = 2**17  # bytes a second


def media_type(request: Request) -> str:
    """The body's media type, without parameters, in lower case; empty if there is none."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


async def body_of(request: Request, limit: int) -> bytes:
    """The body.

    Raises:
        BadRequest: it is larger than `limit` bytes (413), compressed (415), or does not come to its end: what has come
            of it is kept, so nobody may stop in the middle and stay.
    """
    if (coding := request.headers.get("content-encoding", "").strip().lower()) not in ("", "identity"):
        message = f"Bodies are read as they are: send it without Content-Encoding, not as {coding[:40]}."
        raise BadRequest(message, 415, {"Accept-Encoding": "identity"})
    length = request.headers.get("content-length", "0")
    too_large = BadRequest(f"The body is too large: at most {limit} bytes are allowed.", 413)
    if length.isascii() and length.isdigit() and int(length[:20]) > limit:
        raise too_large
    parts, size, seconds = [], 0, PATIENCE + limit / SLOWEST
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise too_large
                parts.append(part)
    except TimeoutError:
        raise BadRequest(f"The body did not come to its end within {seconds:.0f} seconds.") from None
    return b"".join(parts)


def json_of(body: bytes) -> Any:
    """Raises:
    BadRequest: it is not JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None


def form_of(body: bytes, what: str = "body") -> list[tuple[str, str]]:
    """The pairs of a form (application/x-www-form-urlencoded): a body, or the query of an address.

    Raises:
        BadRequest: it is not one: too many pairs, or bytes that are no UTF-8.
    """
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=2_000, errors="strict")
    except ValueError:
        raise BadRequest(f"The {what} is not a form in UTF-8 of at most 2000 pairs.") from None


def query_of(request: Request) -> dict[str, list[str]]:
    """The parameters behind `?`, each with all its values.

    Raises:
        BadRequest: they cannot be read; a filter that is not understood must not look like one that finds nothing.
    """
    found: dict[str, list[str]] = {}
    given = request.scope.get("query_string", b"")
    for name, value in form_of(given, "query") if given else ():
        found.setdefault(name, []).append(value)
    return found


class CountedQuota:
    """What the limiter said when this request was counted; and what has limits of its own, which the answer's headers
    then say instead."""

    def __init__(self, request: Request, verdict: Verdict) -> None:
        self.request, self.verdict = request, verdict

    async def windows(self) -> Sequence[QuotaWindow]:
        return [QuotaWindow(c.window.seconds, c.window.quota, c.used, c.reset) for c in self.verdict.counts]

    async def spend(self, what: str, windows: Sequence[tuple[int, int]]) -> None:
        limiter: Limiter = self.request.app.state.limiter
        subject = f"{what}:{anonymous_subject(address_of(self.request))}"
        verdict = await limiter.hit(subject, tuple(Window(*window) for window in windows))
        outgoing(self.request.scope).headers.update(verdict.raw_headers)
        if not verdict.allowed:
            raise refusal(verdict)


def context_of(request: Request) -> Context:
    """The context of one operation, for the caller whom the gate has let through."""
    state = request.scope.get("state", {})
    verdict = state.get("verdict")
    quota = CountedQuota(request, verdict) if verdict else Unlimited()
    app = request.app.state
    return Context(Reader(app.database), state.get("viewer", ANONYMOUS), quota, address_of(request), app.hearing.told)


def address_of(request: Request) -> str:
    """The client's address; empty if there is none (a Unix socket). Behind a proxy that is trusted, what it says."""
    return request.client.host if request.client else ""
