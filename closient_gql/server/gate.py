"""The gate of the APIs: who is calling, and whether the caller has requests left. Every answer says the limits."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from closient_gql.core.errors import DomainError, Unavailable
from closient_gql.core.models.account import KeyKind
from closient_gql.core.settings import settings
from closient_gql.server.answers import envelope
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
        request, answer = Request(scope, receive), Answer(send)
        try:
            if scope["method"] != "OPTIONS":
                await enter(request, answer.headers)
            await self.app(scope, receive, answer)
        except Exception as error:  # kept out, no such address, or a fault of ours: these say the limits, too
            if answer.begun:
                raise
            await self.failure(request, error)(scope, receive, answer)


async def enter(request: Request, headers: dict[str, str]) -> None:
    """Counts the request: what the counters say goes into `headers`, who is calling into the request's state.

    Raises:
        Unauthorized, Unavailable: the caller cannot be told (auth.Keys.viewer).
        RateLimited: the caller has no requests left.
    """
    viewer, refused = ANONYMOUS, None
    try:
        viewer = await request.app.state.keys.viewer(request.headers.get("x-api-key"))
    except DomainError as error:
        refused = error
    away = isinstance(refused, Unavailable)  # then nobody is charged, least of all the address of all callers
    limiter: Limiter = request.app.state.limiter
    verdict = await (limiter.peek if away else limiter.hit)(*caller(request, viewer))
    headers.update(verdict.headers)
    request.scope.setdefault("state", {}).update(viewer=viewer, verdict=verdict, limit_headers=headers)
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


class Answer:
    """Sends an answer on, with `headers` added to its own."""

    def __init__(self, send: Send) -> None:
        self.send, self.headers, self.begun = send, dict[str, str](), False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            added = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
            message["headers"] = [*message.get("headers", ()), *added]  # nobody else sets any of these
        await self.send(message)
