"""The gate of the APIs: who is calling, and whether the caller has requests left. Every answer says the limits."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from closient_gql.core.errors import DomainError, Unavailable
from closient_gql.core.models.account import KeyKind
from closient_gql.core.settings import settings
from closient_gql.server.answers import envelope
from closient_gql.server.headers import header, outgoing
from closient_gql.server.ratelimit import Limiter, Policy, anonymous_policy, anonymous_subject, key_policy, refusal
from closient_gql.server.requests import address_of
from resolvers.viewer import ANONYMOUS, Viewer

Failure = Callable[[Request, BaseException], Response]


class Gate:
    """In front of one API. OPTIONS are not counted: browsers send them of their own accord, without the key."""

    def __init__(self, app: ASGIApp, failure: Failure = envelope) -> None:
        self.app, self.failure = app, failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            if scope["method"] != "OPTIONS":
                await enter(request)
            await self.app(scope, receive, send)
        except Exception as error:  # kept out, no such address, or a fault of ours: these say the limits, too
            if outgoing(scope).status:
                raise
            await self.failure(request, error)(scope, receive, send)


async def enter(request: Request) -> None:
    """Counts the request: what the counters say goes into the answer's headers, who is calling into the request's
    state.

    Raises:
        Unauthorized, Unavailable: the caller cannot be told (auth.Keys.viewer).
        RateLimited: the caller has no requests left.
    """
    viewer, refused = ANONYMOUS, None
    scope, state = request.scope, request.app.state
    try:
        viewer = await state.keys.viewer(header(scope, b"x-api-key"))
    except DomainError as error:
        refused = error
    away = isinstance(refused, Unavailable)  # then nobody is charged, least of all the address of all callers
    limiter: Limiter = state.limiter
    verdict = await (limiter.peek if away else limiter.hit)(*caller(request, viewer))
    outgoing(scope).headers.update(verdict.raw_headers)
    scope.setdefault("state", {}).update(viewer=viewer, verdict=verdict)
    if not (verdict.allowed or away):
        raise refusal(verdict)
    if refused:
        raise refused


def caller(request: Request, viewer: Viewer) -> tuple[str, Policy]:
    """Whose requests are counted, and by which limits. A key that is not good counts for its address."""
    if viewer.anonymous:
        return anonymous_subject(address_of(request)), anonymous_policy(settings())
    publishable = viewer.kind is KeyKind.PUBLISHABLE
    policy = key_policy(settings(), viewer.per_minute, viewer.per_day, publishable=publishable)
    return f"key:{viewer.key_id}", policy
