"""Brands beyond JSON: the logo's upload, and the locator widget's beacon."""

from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from closient_gql.adapters.storage import storage_of
from closient_gql.core.bounds import Id, bounds_of
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.ids import PATTERN, PublicId
from closient_gql.core.models.brands import SOCIAL_LINKS, Brand
from closient_gql.core.settings import settings
from closient_gql.server.answers import Json, envelope
from closient_gql.server.requests import context_of
from closient_gql.server.rest.apis import api_of
from closient_gql.server.routes.beacon import described, event_of, noted
from closient_gql.server.routes.extra import Extra
from closient_gql.server.routes.media import uploaded
from resolvers.brands.logo import check_logo, set_logo
from schema.scalars import write_datetime

API = api_of("/brands/api/v1")
assert API
DETAIL = ("id", "name", "has_social_links", "metadata", "website", "description", "logo_url", *SOCIAL_LINKS,
          "organization_id", "is_verified")  # fmt: skip
EVENTS = ("widget_load", "location_search", "product_filter_change", "store_click", "get_directions_click")
TEXTS = {"brand_id": 128, "referrer": 512, "product_id": 128, "store_id": 128, "query": 256}  # longer ones are cut
log = structlog.get_logger("closient.widget")


async def upload_logo(request: Request) -> Response:
    try:
        id, ctx = id_of(request), context_of(request)
        await check_logo(ctx, id)  # a stranger's file is not even read
        brand = await set_logo(ctx, storage_of(settings()), id, await uploaded(request, "logo"))
        return Json(detail(brand))
    except Exception as error:
        return envelope(request, error)


def id_of(request: Request) -> PublicId:
    """Raises:
    Invalid: it is no id.
    """
    id = PublicId(request.path_params["id"])
    if problem := bounds_of(Id)[0].problem(id):
        raise Invalid([Detail(field="id", message=problem)])
    return id


def detail(brand: Brand) -> dict[str, Any]:
    """The documented schema BrandDetailOut; the same as the fragment of that name in schema/brands/rest.graphql."""
    times = {name: getattr(brand, name) for name in ("created", "claimed_at")}
    return {name: getattr(brand, name) for name in DETAIL} | {
        name: write_datetime(time) if time else None for name, time in times.items()
    }


async def widget_event(request: Request) -> Response:
    """Whatever comes is answered with 204, and what is understood is logged."""
    if event := await event_of(request, EVENTS, TEXTS):
        log.info("brand locator widget", **event)
    return noted()


WIDGET_EVENT = {
    "title": "BrandWidgetEventIn",
    "properties": {
        "event": {"description": f"One of {', '.join(EVENTS)}; others are ignored."},
        "brand_id": {"default": "", "description": "Id of the brand that the widget shows."},
        "referrer": {"default": "", "description": "The page around it; cut to 512 characters."},
        "product_id": {
            "default": "", "description": "On product_filter_change; cut to 128 characters.",
        },
        "store_id": {
            "default": "",
            "description": "On store_click and get_directions_click; cut to 128 characters.",
        },
        "query": {"default": "", "description": "On location_search; cut to 256 characters."},
    },
}  # fmt: skip

ROUTES = (
    Extra(
        API,
        "POST",
        "/brands/{id}/logo",
        upload_logo,
        {
            "operationId": "upload_brand_logo",
            "tags": ["brands"],
            "summary": "Replace the logo.",
            "description": "A PNG, JPEG, WebP or GIF, in the part `logo`. It is encoded anew without metadata, at "
            "most 1024 pixels wide and high. Owners, managers and editors of the brand's organization may.",
            "security": [{"ApiKey": []}],
            "parameters": [
                {
                    "name": "id", "in": "path", "required": True, "description": "Id of the brand.",
                    "schema": {"type": "string", "pattern": PATTERN},
                }
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "multipart/form-data": {
                        "schema": {
                            "type": "object",
                            "required": ["logo"],
                            "properties": {"logo": {"type": "string", "format": "binary"}},
                        }
                    }
                },
            },
            "responses": {
                "200": {
                    "description": "The brand with its new logo.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/BrandDetailOut"}}},
                }
            },
        },
        errors=(400, 401, 403, 404, 413, 415, 422, 429, 500, 503),
    ),
    Extra(
        API,
        "POST",
        "/public/widget-events",
        widget_event,
        described("track_brand_locator_widget_events", "brand-locator-public", WIDGET_EVENT),
        errors=(),
        unlimited=True,
    ),
)  # fmt: skip
