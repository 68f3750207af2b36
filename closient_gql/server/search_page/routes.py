"""The way into the search page. A text with a place opens a session (GET, so that a search can be linked to); what is
said next, and chips that are removed, are POSTs that lead back to the session's page."""

import math
import pathlib
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from closient_gql.core.errors import BadRequest, DomainError, Internal, Invalid, NotFound
from closient_gql.core.settings import settings
from closient_gql.server import pages
from closient_gql.server.answers import known
from closient_gql.server.gate import Gate
from closient_gql.server.pages import Html
from closient_gql.server.requests import body_of, context_of, form_of
from closient_gql.server.search_page import view
from resolvers.search.constraints.reading import read
from resolvers.search.origins import place_of

HERE = pathlib.Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
WHERE = "Say where to look: a ZIP code or a town, here or in the text."
UNKNOWN = "No place \u201c{}\u201d is known here. Try a ZIP code or a town."
ENDED = "That search has ended: it was not used for 30 minutes. Start a new one."
Values = Mapping[str, str]


@cache
def documents() -> str:
    return (HERE / "page.graphql").read_text("utf-8")


async def run(request: Request, name: str, **variables: Any) -> dict[str, Any]:
    """The session that an operation of `page.graphql` gives.

    Raises:
        DomainError: what went wrong.
    """
    operation = request.app.state.operations.prepare(documents(), name)
    result = await operation.execute(variables, context_of(request))
    if result.errors:
        raise result.errors[0].original_error or result.errors[0]
    found: dict[str, Any] | None = result.data["session"] if result.data else None
    if found is None:
        raise NotFound(ENDED)
    return found


def html(content: Html, status: int = 200) -> Response:
    response = pages.page(content)
    response.status_code = status
    response.headers["content-security-policy"] = POLICY
    return response


async def search(request: Request) -> Response:
    """The page, whatever is asked of it."""
    try:
        if request.method == "POST":
            return await said(request)
        if id := request.query_params.get("session"):
            return await shown(request, id)
        return await begun(request, request.query_params)
    except Exception as error:
        return failure(request, error)


async def begun(request: Request, given: Values) -> Response:
    """A new session, or the empty page."""
    text, where = given.get("q", "").strip(), given.get("where", "").strip()
    if not text:
        return html(view.start(where=where))
    position = await position_of(request, given, text, where)
    if position is None:
        named = where or read(text).place
        return html(view.start(text, where, UNKNOWN.format(named) if named else WHERE))
    latitude, longitude = position
    variables = {"input": {"query": text, "latitude": latitude, "longitude": longitude}}
    session = await run(request, "Open", **variables)
    return to_session(session["sessionId"])


async def position_of(request: Request, given: Values, text: str, where: str) -> tuple[float, float] | None:
    """Where the person is: a position, a place that is named in its field, or in the text."""
    try:
        latitude, longitude = float(given.get("lat", "")), float(given.get("lon", ""))
        if not where and math.isfinite(latitude + longitude) and abs(latitude) <= 90 and abs(longitude) <= 180:
            return latitude, longitude
    except ValueError:
        pass
    named = where or read(text).place
    found = await place_of(context_of(request), named[:100]) if named else None
    return (found.latitude, found.longitude) if found else None


async def said(request: Request) -> Response:
    """What somebody says next, or a chip that is removed."""
    form = dict(form_of(await body_of(request, settings().max_body)))
    id, text = form.get("session", ""), form.get("q", "").strip()
    if key := form.get("remove"):
        try:
            await run(request, "Remove", id=id, key=key.upper())
        except NotFound:
            await run(request, "Look", id=id, page=1)  # the chip is gone already; or the session is
    elif text:
        await run(request, "Say", id=id, text=text)
    return to_session(id)


def to_session(id: str) -> Response:
    return RedirectResponse(f"/search?{urlencode({'session': id})}", 303, headers={"cache-control": "no-store"})


async def shown(request: Request, id: str) -> Response:
    page = request.query_params.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 and int(page) else 1
    session = await run(request, "Look", id=id, page=number)
    return html(view.answer(session, has_product_pages(request)))


def has_product_pages(request: Request) -> bool:
    """Whether this server has a page for each product, to lead to."""
    return any(getattr(route, "path", "").startswith("/p/") for route in request.app.routes)


def failure(request: Request, error: BaseException) -> Response:
    """What went wrong, as a page from which one can go on."""
    told: DomainError = known(error) or Internal()
    text = request.query_params.get("q", "")
    message = ENDED if isinstance(told, NotFound) else told.message
    if isinstance(told, Invalid) and told.details:
        message = " ".join(f"What you typed {detail['message']}." for detail in told.details)
    response = html(view.start(text[:500], problem=message), told.status)
    response.headers.update(told.headers)
    return response


class Page:
    """GET, HEAD and POST; everything else is refused as a page."""

    def __init__(self, handle: Callable[[Request], Awaitable[Response]]) -> None:
        self.handle = handle

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        if request.method in ("GET", "HEAD", "POST"):
            response = await self.handle(request)
        else:
            allow = "GET, HEAD, POST"
            response = failure(request, BadRequest(f"This address answers {allow} only.", 405, {"Allow": allow}))
        await response(scope, receive, send)


ROUTES: list[BaseRoute] = [
    Route("/search", Page(search), middleware=[Middleware(Gate, failure=failure)]),
    Mount("/static/search", pages.Assets(HERE / "assets", "no-cache")),
]
