"""Reading requests: bodies within their limit, media types, the context of an operation."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request

from closient_gql.core.db import Reader
from closient_gql.core.errors import BadRequest
from closient_gql.server.ratelimit import Verdict
from resolvers.context import Context, QuotaWindow, Unlimited
from resolvers.viewer import ANONYMOUS


def media_type(request: Request) -> str:
    """The body's media type, without parameters, in lower case; empty if there is none."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


async def body_of(request: Request, limit: int) -> bytes:
    """The body.

    Raises:
        BadRequest: it is larger than `limit` bytes (413).
    """
    length = request.headers.get("content-length", "0")
    too_large = BadRequest(f"The body is too large: at most {limit} bytes are allowed.", 413)
    if length.isascii() and length.isdigit() and int(length[:20]) > limit:
        raise too_large
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large
        parts.append(part)
    return b"".join(parts)


def json_of(body: bytes) -> Any:
    """Raises:
    BadRequest: it is not JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None


def form_of(body: bytes) -> list[tuple[str, str]]:
    """The pairs of a form body (application/x-www-form-urlencoded).

    Raises:
        BadRequest: it is not one.
    """
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=2_000, errors="strict")
    except ValueError:
        raise BadRequest("The body is not a form.") from None


class CountedQuota:
    """What the limiter said when this request was counted."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    async def windows(self) -> Sequence[QuotaWindow]:
        return [QuotaWindow(c.window.seconds, c.window.quota, c.used, c.reset) for c in self.verdict.counts]


def context_of(request: Request) -> Context:
    """The context of one operation, for the caller whom the gate has let through."""
    state = request.scope.get("state", {})
    verdict = state.get("verdict")
    quota = CountedQuota(verdict) if verdict else Unlimited()
    return Context(Reader(request.app.state.database), state.get("viewer", ANONYMOUS), quota)
