"""Locations beyond JSON: the import and its template, and the store locator widget's beacon."""

import csv
import io
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from closient_gql.core.bounds import Id, bounds_of
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.ids import PATTERN
from closient_gql.server.answers import Json, envelope
from closient_gql.server.requests import context_of
from closient_gql.server.rest.apis import api_of
from closient_gql.server.routes.beacon import described, event_of, noted
from closient_gql.server.routes.extra import Extra
from closient_gql.server.routes.media import uploaded
from resolvers.locations.import_rows import COLUMNS
from resolvers.locations.imports import LocationImport, check_importer, import_file

API = api_of("/locations/api/v1")
assert API
EXAMPLES = (
    ("0001", "Example Market", "39.2904", "-76.6122", "100 Light Street", "Baltimore", "US-MD", "21202", "US",
     "+1 410 555 0100", "https://example.org/0001", "America/New_York", "Mo-Sa 08:00-22:00; Su 10:00-20:00; PH off",
     "pharmacy; parking", "supermarket", "", "store", "true"),
    ("0002", "Example Market Vaduz", "47.1410", "9.5209", "Städtle 1", "Vaduz", "LI-11", "9490", "LI",
     "", "", "", "Mo-Fr 08:00-18:30; Sa 08:00-16:00", "", "supermarket", "", "store", "true"),
)  # fmt: skip
COUNTS = ("total_rows", "created", "updated", "unchanged", "error_count")
EVENTS = ("widget_load", "location_search", "view_store_click", "get_directions_click")
TEXTS = {"api_key": 12, "referrer": 512, "query": 256, "location_short_id": 128}  # of a key no more is logged
log = structlog.get_logger("closient.widget")


def template() -> str:
    """A sample of what the import takes: header and two rows."""
    text = io.StringIO()
    csv.writer(text).writerows([tuple(COLUMNS), *EXAMPLES])
    return text.getvalue()


async def download_template(request: Request) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="locations-import-template.csv"'}
    return Response(template(), media_type="text/csv", headers=headers)


async def import_locations(request: Request) -> Response:
    """One file, one report. Who may not import is told so before the file is read."""
    try:
        ctx, organization = context_of(request), organization_of(request)
        await check_importer(ctx, organization)
        return Json(report(await import_file(ctx, organization, await uploaded(request, "file"))))
    except Exception as error:
        return envelope(request, error)


def organization_of(request: Request) -> str:
    """Raises:
    Invalid: it is no id.
    """
    id = str(request.path_params["organization_id"])
    if problem := bounds_of(Id)[0].problem(id):
        raise Invalid([Detail(field="organization_id", message=problem)])
    return id


def report(done: LocationImport) -> dict[str, Any]:
    """The schema LocationImportOut."""
    errors = [{"row": error.row, "message": error.message, "column": error.column} for error in done.errors]
    return {name: getattr(done, name) for name in COUNTS} | {"errors": errors}


async def widget_event(request: Request) -> Response:
    """Whatever comes is answered with 204, and what is understood is logged."""
    if event := await event_of(request, EVENTS, TEXTS):
        start = event.pop("api_key").removeprefix("cpk_")  # with that, it would be cut out as a secret
        log.info("store locator widget", key_start=start, **event)
    return noted()


WIDGET_EVENT = {
    "title": "WidgetEventIn",
    "properties": {
        "event": {"description": f"One of {', '.join(EVENTS)}; others are ignored."},
        "api_key": {"default": "", "description": "The publishable key; its first 12 characters are logged."},
        "referrer": {"default": "", "description": "The page around it; cut to 512 characters."},
        "query": {"default": "", "description": "On location_search; cut to 256 characters."},
        "location_short_id": {"default": "", "description": "On the two clicks; cut to 128 characters."},
    },
}


def count(description: str) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "description": description}


ROW_ERROR = {
    "type": "object",
    "title": "LocationImportErrorOut",
    "required": ["row", "message", "column"],
    "properties": {
        "row": {
            "type": "integer", "minimum": 1,
            "description": "The line in a CSV file (the header is line 1), or the number of the feature in GeoJSON.",
        },
        "message": {"type": "string", "description": "What is wrong with it."},
        "column": {
            "type": ["string", "null"],
            "description": "The column in which it is wrong, by its name in the file; null if it is the whole row.",
        },
    },
}  # fmt: skip
IMPORT = {
    "type": "object",
    "title": "LocationImportOut",
    "description": "What the import came to: `created + updated + unchanged + error_count = total_rows`.",
    "required": [*COUNTS, "errors"],
    "properties": {
        "total_rows": count("Rows with content, without the header."),
        "created": count("Locations that are new."),
        "updated": count("Locations that were changed."),
        "unchanged": count("Rows that said nothing new."),
        "error_count": count("Rows that were left out."),
        "errors": {"type": "array", "items": ROW_ERROR, "description": "Why they were, in order of the rows."},
    },
}
NAMES = ", ".join(f"`{name}`" for name in COLUMNS)
HOW = f"""A file in UTF-8 of at most 10 MiB and 10,000 rows: CSV, separated by comma, semicolon, tab or bar, with a \
header; or GeoJSON, a FeatureCollection of points with the same names as properties (also those of OpenStreetMap: \
`addr:street`, `shop`, ...). The names: {NAMES}; usual others such as lat, zip or store_number are understood, unknown \
ones ignored. A new place needs a `name` and a position, or a postal code of the \
United States instead; the country follows from the position if it is not said. `opening_hours` are in OpenStreetMap's \
syntax.

A place is found again by its reference, else its GLN, else its name and address, and changed; an empty cell changes \
nothing. Rows that are wrong are reported and left out, the others imported, all in one transaction: the same file \
again changes nothing. Owners and managers may."""
ROUTES = (
    Extra(
        API,
        "GET",
        "/import/template",
        download_template,
        {
            "operationId": "download_location_import_template",
            "tags": ["import"],
            "summary": "Sample CSV, header plus two example rows.",
            "security": [{}, {"ApiKey": []}],
            "parameters": [],
            "responses": {"200": {"description": "The file.", "content": {"text/csv": {"schema": {"type": "string"}}}}},
        },
    ),
    Extra(
        API,
        "POST",
        "/organizations/{organization_id}/locations/import",
        import_locations,
        {
            "operationId": "import_locations",
            "tags": ["import"],
            "summary": "Create or change locations from one uploaded CSV or GeoJSON file.",
            "description": HOW,
            "security": [{"ApiKey": []}],
            "parameters": [
                {
                    "name": "organization_id", "in": "path", "required": True,
                    "description": "The organization that the places belong to.",
                    "schema": {"type": "string", "pattern": PATTERN},
                }
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "multipart/form-data": {
                        "schema": {
                            "type": "object",
                            "required": ["file"],
                            "properties": {"file": {"type": "string", "format": "binary"}},
                        }
                    }
                },
            },
            "responses": {
                "200": {
                    "description": "The report, also where rows are wrong.",
                    "content": {"application/json": {"schema": IMPORT}},
                }
            },
        },
        errors=(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503),
    ),
    Extra(
        API,
        "POST",
        "/public/widget-events",
        widget_event,
        described("track_widget_analytics_events", "store-locator-public", WIDGET_EVENT),
        errors=(),
        unlimited=True,
    ),
)  # fmt: skip
