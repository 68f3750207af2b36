"""Offer feeds: how they come in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from closient_gql.adapters.storage import storage_of
from closient_gql.core.bounds import Id, bounds_of
from closient_gql.core.errors import BadRequest, Detail, Invalid
from closient_gql.core.ids import PATTERN
from closient_gql.core.models.offer_feeds import FeedFormat, OfferFeed
from closient_gql.core.models.retailers import OfferSource
from closient_gql.core.settings import settings
from closient_gql.server.answers import Json, envelope
from closient_gql.server.requests import body_of, context_of, media_type, query_of
from closient_gql.server.rest.apis import api_of
from closient_gql.server.routes.extra import Extra
from closient_gql.server.routes.media import uploaded
from resolvers import access
from resolvers.retailers.feed_rows import ALL, MOST_ROWS
from resolvers.retailers.feeds import Sent, send
from resolvers.retailers.rights import require
from resolvers.roles import May
from schema.scalars import parse_datetime, write_datetime

API = api_of("/retailers/api/v1")
assert API
MOUNT = API.mount
FORMATS = {
    "text/csv": FeedFormat.CSV,
    "application/x-ndjson": FeedFormat.NDJSON,
    "application/ndjson": FeedFormat.NDJSON,
    "application/jsonl": FeedFormat.NDJSON,
}
SHOWN = ("id", "organization_id", "inventory_source_id", "source", "source_priority", "as_of", "format", "state",
         "failure", "total_rows", "processed_rows", "created_count", "updated_count", "unchanged_count",
         "outranked_count", "error_count", "created", "started_at", "finished_at")  # fmt: skip
SOURCES = {source.value: source for source in OfferSource}
T = TypeVar("T")


async def send_feed(request: Request) -> Response:
    """Takes a file, and answers before its rows are taken in. Who may not send one is told so before it is read."""
    try:
        ctx = context_of(request)
        access.check(ctx, "key")
        organization = organization_of(request)
        require(ctx, organization, May.OFFERS)
        source, as_of = parameter(request, "source", source_of), parameter(request, "as_of", parse_datetime)
        inventory_source = parameter(request, "inventory_source_id", id_of)
        data, format = await file_of(request)
        sent = Sent(organization, format, source, as_of, inventory_source)
        feed = await send(ctx, storage_of(settings()), sent, data)
        return Json(shown(feed), 202, {"Location": f"{MOUNT}/offer-feeds/{feed.id}"})
    except Exception as error:
        return envelope(request, error)


async def file_of(request: Request) -> tuple[bytes, FeedFormat]:
    """Raises:
    BadRequest: the body is of another type (415), or too large (413).
    Invalid: there is no file in it.
    """
    kind, limit = media_type(request), settings().max_feed
    if kind == "multipart/form-data":
        data = await uploaded(request, "file", limit)
        return data, FeedFormat.NDJSON if data.lstrip()[:1] == b"{" else FeedFormat.CSV
    if kind not in FORMATS:
        raise BadRequest("The body must be text/csv, application/x-ndjson, or a form with a file of either.", 415)
    return await body_of(request, limit), FORMATS[kind]


def parameter(request: Request, name: str, read: Callable[[str], T]) -> T | None:
    """Raises:
    Invalid: it is not what it should be.
    """
    given = query_of(request).get(name)
    if not given:
        return None
    try:
        return read(given[-1])
    except ValueError as error:
        raise Invalid([Detail(field=name, message=str(error))]) from None


def id_of(text: str) -> str:
    if problem := bounds_of(Id)[0].problem(text):
        raise ValueError(problem)
    return text


def organization_of(request: Request) -> str:
    try:
        return id_of(str(request.path_params["organization_id"]))
    except ValueError as error:
        raise Invalid([Detail(field="organization_id", message=str(error))]) from None


def source_of(text: str) -> OfferSource:
    if text not in SOURCES:
        raise ValueError(f"must be one of {', '.join(SOURCES)}")
    return SOURCES[text]


def shown(feed: OfferFeed) -> dict[str, Any]:
    """The schema OfferFeedOut; the same as the fragment of that name in schema/retailers/feeds.graphql."""
    values = {name: getattr(feed, name) for name in SHOWN}
    return {name: write_datetime(v) if isinstance(v, datetime) else v for name, v in values.items()}


def query_parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


HOW = f"""A file in UTF-8 of at most {MOST_ROWS:,} rows: CSV with a header, separated by comma, semicolon, tab or \
bar, or NDJSON, an object in each line; as the body, or in the part `file` of a form. The columns, or keys: \
{", ".join(f"`{column.name}`" for column in ALL)}. A row names a product that is known here by its `gtin`, a store of \
the organization's by one of `physical_store_id`, `store_number` and `online_store_id`, and if there are several \
offers of the product in the store, which of them by `sku`; the rest is what it says. What is empty or null says \
nothing and changes nothing; other columns are ignored.

The answer comes at once; the rows are taken in afterwards, by thousands. `GET /offer-feeds/{{feed_id}}` tells how far \
it is and which rows were left out. Whatever interrupts it, it goes on where it was, and nothing is doubled. The same \
feed again changes nothing, but says again that it is so. Of sources that disagree, the better one is believed \
(`source_priority`, lower wins), unless its word is 48 hours older. Owners, managers and editors may."""
BINARY = {"type": "string", "format": "binary"}
ROUTES = (
    Extra(
        API,
        "POST",
        "/organizations/{organization_id}/offer-feeds",
        send_feed,
        {
            "operationId": "create_offer_feed",
            "tags": ["offer-feeds"],
            "summary": "Send many offers at once: new ones, and what has changed.",
            "description": HOW,
            "security": [{"ApiKey": []}],
            "parameters": [
                {
                    "name": "organization_id", "in": "path", "required": True,
                    "description": "The organization whose stores they are of.",
                    "schema": {"type": "string", "pattern": PATTERN},
                },
                query_parameter(
                    "source", {"type": "string", "enum": list(SOURCES)},
                    "Who says so; that of the source of inventory if one is named, else manual.",
                ),
                query_parameter(
                    "as_of", {"type": "string", "format": "date-time"},
                    "When what it says was true; now if nothing is said. Not in the future.",
                ),
                query_parameter(
                    "inventory_source_id", {"type": "string", "pattern": PATTERN},
                    "The source of inventory of the organization that it comes from.",
                ),
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "text/csv": {"schema": {"type": "string"}},
                    "application/x-ndjson": {"schema": {"type": "string"}},
                    "multipart/form-data": {
                        "schema": {"type": "object", "required": ["file"], "properties": {"file": BINARY}}
                    },
                },
            },
            "responses": {
                "202": {
                    "description": "It was received; its rows are taken in from now on.",
                    "headers": {
                        "Location": {"description": "Where to ask how far it is.", "schema": {"type": "string"}}
                    },
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OfferFeedOut"}}},
                }
            },
        },
        errors=(400, 401, 403, 404, 413, 415, 422, 429, 500, 503),
    ),
)  # fmt: skip
