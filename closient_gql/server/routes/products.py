"""Products beyond JSON: the CSV template."""

import csv
import io

from starlette.requests import Request
from starlette.responses import Response

from closient_gql.server.rest.apis import api_of
from closient_gql.server.routes.extra import Extra

API = api_of("/products/api/v1")
assert API
COLUMNS = (
    "gtin",
    "product_name",
    "brand",
    "manufacturer",
    "description",
    "image_url",
    "country_of_origin",
    "net_content",
)
EXAMPLES = (
    ("09506000134352", "Example Muesli", "Example Brand", "Example Foods Ltd", "Oats, nuts and raisins.",
     "https://example.org/muesli.jpg", "DE", "500 g"),
    ("9506000134369", "Example Juice, apple", "Example Brand", "Example Foods Ltd", "Pressed, not from concentrate.",
     "", "AT", "1 l"),
)  # fmt: skip


def template() -> str:
    """A sample of what the CSV import takes: header and two example rows (contract: download_csv_import_template)."""
    text = io.StringIO()
    csv.writer(text).writerows((COLUMNS, *EXAMPLES))
    return text.getvalue()


async def download_template(request: Request) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="products-import-template.csv"'}
    return Response(template(), media_type="text/csv", headers=headers)


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
)
