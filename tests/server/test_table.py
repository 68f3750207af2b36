"""Routes by the number of their segments and the first one: the same ones match that Starlette finds one by one."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from closient_gql.server.rest.table import Table


def route(path: str) -> Route:
    async def answer(request: Request) -> Response:
        return PlainTextResponse(f"{request.scope['route'].path} {request.path_params}")

    return Route(path, answer)


ROUTES = [route(path) for path in (
    "/products/lookup", "/products", "/products/{gtin}", "/products/{gtin}/images/{id}", "/{anything}",
    "/files/{path:path}",
)]  # fmt: skip
PLAIN, TABLE = (
    httpx2.AsyncClient(transport=httpx2.ASGITransport(Starlette(routes=[Mount("/api", routes=routes)])),
                       base_url="http://test")
    for routes in (ROUTES, [Table(ROUTES)])
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/products", "/products {}"), ("/products/lookup", "/products/lookup {}"),
        ("/products/1", "/products/{gtin} {'gtin': '1'}"),
        ("/products/1/images/2", "/products/{gtin}/images/{id} {'gtin': '1', 'id': '2'}"),
        ("/other", "/{anything} {'anything': 'other'}"), ("/files/a/b", "/files/{path:path} {'path': 'a/b'}"),
        ("/products/1/images", None), ("/products/1/2/3/4", None), ("/", None), ("//", None),
    ],
)  # fmt: skip
async def test_what_matches(path: str, found: str | None) -> None:
    plain, table = await PLAIN.get("/api" + path), await TABLE.get("/api" + path)
    assert (table.status_code, table.text) == (plain.status_code, plain.text)
    assert table.text == found if found else table.status_code == 404
