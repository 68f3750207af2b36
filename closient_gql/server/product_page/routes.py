"""The way in: `/p/{gtin}`; in the query what a code said (`lot`, `serial`) and what the page asks (`zip`, `lang`).

It is read as the catalogue's public viewer, through the same engine as every other operation. Not limited (contract:
decisions, limits), so it may be kept: for a minute, because of recalls.
"""

import pathlib
import re
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from closient_gql.core.bounds import unstorable
from closient_gql.core.db import Reader
from closient_gql.core.gs1 import GtinError, parse_gtin
from closient_gql.core.settings import settings
from closient_gql.engine import Operation, Operations
from closient_gql.server.answers import known
from closient_gql.server.pages import Html
from closient_gql.server.product_page.alerts import recalled
from closient_gql.server.product_page.markup import NOTHING
from closient_gql.server.product_page.stores import AROUND_KM
from closient_gql.server.product_page.view import POLICY, message_page, product_page
from closient_gql.server.product_page.visit import Place, Visit
from closient_gql.server.product_page.words import best_words
from closient_gql.server.rest.handle import cached
from resolvers.context import Context
from resolvers.digital_link.negotiation import languages
from resolvers.locations.queries import POSTAL_CODES
from resolvers.viewer import CATALOGUE

SOURCE, UNKNOWN = (
    (pathlib.Path(__file__).parent / f"{name}.graphql").read_text("utf-8") for name in ("page", "unknown")
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "vary": "Accept-Language",
}
KEPT = "public, max-age=60, stale-while-revalidate=60"
MOST_LANGUAGES = 10
LONGEST = {"lot": 20, "serial": 20, "zip": 10, "lang": 10}
TAG = re.compile("[a-z]{2,3}(-[a-z0-9]{2,6})?", re.IGNORECASE)


def routes(operations: Operations) -> list[BaseRoute]:
    """The page's route, its operations ready to run."""
    operation, unknown = (operations.adopt(operations.parse(source), trusted=True) for source in (SOURCE, UNKNOWN))

    async def endpoint(request: Request) -> Response:
        return await hosted_page(request, operation, unknown)

    return [Route("/p/{gtin}", endpoint, methods=["GET"])]


async def hosted_page(request: Request, operation: Operation, unknown: Operation) -> Response:
    """The page of the product, or one that says why there is none."""
    visit = visit_of(request)
    words = visit.words
    try:
        gtin = parse_gtin(visit.gtin)
    except GtinError:
        return told(404, words("bad_code"), words("bad_code_text", gtin=visit.gtin), visit)
    try:
        product = await product_of(request, operation, gtin, visit)
        if product is None:
            above = recalled(await recalls_of(request, unknown, gtin), visit)
            return told(404, words("not_found"), words("not_found_text", gtin=gtin), visit, above)
        return answer(request, product_page(product, visit))
    except Exception as error:
        return told(known(error).status, words("failed"), words("failed_text"), visit)


async def product_of(request: Request, operation: Operation, gtin: str, visit: Visit) -> dict[str, Any] | None:
    """What `page.graphql` finds. A part that fails is empty, the page is shown all the same.

    Raises:
        Exception: why nothing could be found out.
    """
    place = visit.place
    result = await operation.execute(
        {
            "gtin": gtin, "languages": list(visit.languages), "language": next(iter(visit.languages), None),
            "lot": visit.lot or None, "hasLot": bool(visit.lot), "isNear": place is not None, "radiusKm": AROUND_KM,
            "near": {"latitude": place.latitude, "longitude": place.longitude} if place else None,
        },
        Context(Reader(request.app.state.database), CATALOGUE),
    )  # fmt: skip
    product: dict[str, Any] | None = (result.data or {}).get("product")
    if product is None and result.errors:
        raise result.errors[0].original_error or result.errors[0]
    return product


async def recalls_of(request: Request, operation: Operation, gtin: str) -> list[dict[str, Any]]:
    """Recalls of a GTIN that no product has.

    Raises:
        Exception: why nothing could be found out.
    """
    result = await operation.execute({"gtin": gtin}, Context(Reader(request.app.state.database), CATALOGUE))
    if result.errors:
        raise result.errors[0].original_error or result.errors[0]
    found: list[dict[str, Any]] = (result.data or {})["gtinRecalls"]
    return found


def visit_of(request: Request) -> Visit:
    given = request.query_params
    texts = {name: text_of(given, name) for name in LONGEST}
    wanted = [texts["lang"]] if TAG.fullmatch(texts["lang"]) else []
    header = request.headers.get("accept-language", "")
    wanted += [tag for tag, weight in languages(header) if weight and TAG.fullmatch(tag)]
    base = (settings().public_url or str(request.base_url)).rstrip("/")
    return Visit(
        base, request.path_params["gtin"][:60], best_words(wanted), wanted[:MOST_LANGUAGES],
        lot=texts["lot"], serial=texts["serial"], zip=texts["zip"], place=place_of(texts["zip"]),
    )  # fmt: skip


def text_of(given: QueryParams, name: str) -> str:
    """A parameter's text; empty if it is longer than it can be, or no text at all.

    The first of several counts: the resolver puts what the code says there, and the visitor's own query behind it,
    which must not take the recall of a batch off the page.
    """
    text = next(iter(given.getlist(name)), "").strip()
    return "" if len(text) > LONGEST[name] or unstorable(text) else text


def place_of(code: str) -> Place | None:
    found = POSTAL_CODES.find("US", code) if code else None
    return Place(found.latitude, found.longitude, f"{found.city} {code[:5]}") if found else None


def told(status: int, title: str, text: str, visit: Visit, above: Html = NOTHING) -> Response:
    page = message_page(title, text, visit, above)
    return HTMLResponse(page, status, headers=HEADERS | {"cache-control": "no-store"})


def answer(request: Request, page: Html) -> Response:
    response = cached(request, HTMLResponse(page))
    response.headers.update(HEADERS | {"cache-control": KEPT})
    return response
