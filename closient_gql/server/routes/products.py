"""Products beyond JSON: the CSV import and its template."""

import csv
import io
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from closient_gql.core.bounds import Id, bounds_of
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.ids import PATTERN
from closient_gql.server.answers import Json
from closient_gql.server.requests import context_of, query_of
from closient_gql.server.rest.apis import api_of
from closient_gql.server.routes.extra import Extra
from closient_gql.server.routes.media import uploaded
from resolvers import access
from resolvers.products.imports import COLUMNS, ProductImport, import_file, importer
from resolvers.products.tables import neutral

API = api_of("/products/api/v1")
assert API
EXAMPLES = (
    ("09506000134352", "Example Muesli", "Example Brand", "Example Foods Ltd", "Oats, nuts and raisins.",
     "https://example.org/muesli.jpg", "DE", "500 g"),
    ("9506000134369", "Example Juice, apple", "Example Brand", "Example Foods Ltd", "Pressed, not from concentrate.",
     "", "AT", "1 l"),
)  # fmt: skip
COUNTS = ("total_rows", "created", "updated", "skipped", "error_count")


def template() -> str:
    """A sample of what the CSV import takes: header and two example rows (contract: download_csv_import_template)."""
    text = io.StringIO()
    csv.writer(text).writerows([neutral(cell) for cell in row] for row in (tuple(COLUMNS), *EXAMPLES))
    return text.getvalue()


async def download_template(request: Request) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="products-import-template.csv"'}
    return Response(template(), media_type="text/csv", headers=headers)


async def import_csv(request: Request) -> Response:
    """One file, one report. Who may not import is told so before the file is read."""
    ctx, organization = context_of(request), organization_of(request)
    access.check(ctx, "user")
    await importer(ctx, organization)
    return Json(report(await import_file(ctx, await uploaded(request, "file"), organization)))


def organization_of(request: Request) -> str | None:
    """Raises:
    Invalid: it is no id.
    """
    given = query_of(request).get("organization_id")
    if given and (problem := bounds_of(Id)[0].problem(given[-1])):
        raise Invalid([Detail(field="organization_id", message=problem)])
    return given[-1] if given else None


def report(done: ProductImport) -> dict[str, Any]:
    """The documented schema CsvImportOut."""
    errors = [{"line": error.line, "message": error.message, "column": error.column} for error in done.errors]
    return {name: getattr(done, name) for name in COUNTS} | {"errors": errors}


def count(description: str) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "description": description}


ROW_ERROR = {
    "type": "object",
    "title": "RowErrorOut",
    "required": ["line", "message", "column"],
    "properties": {
        "line": {"type": "integer", "minimum": 2, "description": "Where the row begins; the header is line 1."},
        "message": {"type": "string", "description": "What is wrong with it."},
        "column": {
            "type": ["string", "null"],
            "description": "The column in which it is wrong, by its name in the file; null if it is the whole row.",
        },
    },
}
CSV_IMPORT = {
    "type": "object",
    "title": "CsvImportOut",
    "description": "What the import came to: `created + updated + skipped + error_count = total_rows`.",
    "required": [*COUNTS, "errors"],
    "properties": {
        "total_rows": count("Rows with content, without the header."),
        "created": count("Products that are new."),
        "updated": count("Products that were changed, or claimed."),
        "skipped": count("Rows whose GTIN came before in the file, and rows that change nothing."),
        "error_count": count("Rows that were left out."),
        "errors": {"type": "array", "items": ROW_ERROR, "description": "Why they were, in order of the lines."},
    },
}
HOW = """A file in UTF-8 of at most 10 MiB and 10,000 rows, separated by comma, semicolon, tab or bar. The first line \
names the columns, without regard to case: `gtin` (or barcode, upc, ean, gtin-8, gtin-12, gtin-13, gtin-14), which is \
required, `product_name` (name, title), `brand`, `manufacturer`, `description`, `image_url` (image, photo_url), \
`country_of_origin` (country, origin; ISO 3166-1 alpha-2) and `net_content` (size, weight, volume); others are ignored.

Products are created or updated by GTIN, and become claimed by the organization; brands that it does not have are \
made. An empty cell changes nothing. Rows that are wrong are reported and left out, the others imported, all in one \
transaction: an import that was interrupted has done nothing, and can be repeated. Text that looks like a formula is \
stored as it stands. Owners, managers and editors of a brand organization may."""
ROUTES = (
    Extra(
        API,
        "GET",
        "/import/template",
        download_template,
        {
            "operationId": "download_csv_import_template",
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
        "/import/csv",
        import_csv,
        {
            "operationId": "bulk_import_products_from_csv",
            "tags": ["import"],
            "summary": "Create or update products by GTIN from one uploaded CSV.",
            "description": HOW,
            "security": [{"ApiKey": []}],
            "parameters": [
                {
                    "name": "organization_id", "in": "query", "required": False,
                    "description": "The brand organization that imports; needed if the caller may do so for several.",
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
                    "content": {"application/json": {"schema": CSV_IMPORT}},
                }
            },
        },
        errors=(400, 401, 403, 404, 413, 415, 422, 429, 500, 503),
    ),
)  # fmt: skip
