"""The gate of the APIs: who is calling, and whether the caller has requests left. Every answer says the limits."""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from closient_gql.core.errors import DomainError, RateLimited
from closient_gql.core.models.account import KeyKind
from closient_gql.core.settings import settings
from closient_gql.server.answers import envelope
from closient_gql.server.ratelimit import Policy, Verdict, anonymous_policy, anonymous_subject, key_policy
from resolvers.viewer import ANONYMOUS, Viewer

Failure = Callable[[Request, BaseException], Response]


class Gate:
    """In front of one API."""

    def __init__(self, app: ASGIApp, failure: Failure = envelope) -> None:
        self.app, self.failure = app, failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "OPTIONS":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        refused: DomainError | None = None
        try:
            viewer = await request.app.state.keys.viewer(request.headers.get("x-api-key"))
        except DomainError as error:
            viewer, refused = ANONYMOUS, error
        verdict: Verdict = await request.app.state.limiter.hit(*caller(request, viewer))
        if not verdict.allowed:
            wait = verdict.retry_after
            refused = RateLimited(f"Too many requests. Try again in {wait} seconds.", wait)
        scope.setdefault("state", {}).update(viewer=viewer, verdict=verdict)
        answer = self.app if refused is None else self.failure(request, refused)
        await answer(scope, receive, with_headers(send, verdict.headers))


def caller(request: Request, viewer: Viewer) -> tuple[str, Policy]:
    """Whose requests are counted, and by which limits. A key that is not good counts for its address."""
    if viewer.anonymous:
        address = request.client.host if request.client else ""
        return anonymous_subject(address), anonymous_policy(settings())
    publishable = viewer.kind is KeyKind.PUBLISHABLE
    policy = key_policy(settings(), viewer.per_minute, viewer.per_day, publishable=publishable)
    return f"key:{viewer.key_id}", policy


def with_headers(send: Send, extra: dict[str, str]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(extra)
        await send(message)

    return sending
