"""Endpoints that are not JSON (uploads, CSV, beacons, images): ordinary routes on the same resolvers.

Each is registered here with its OpenAPI operation, so that it stands in its API's document like any other; a test pins
the list. One module for each domain.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from closient_gql.server.rest.apis import Api
from closient_gql.server.routes import products
from closient_gql.server.routes.extra import Extra

EXTRA: tuple[Extra, ...] = products.ROUTES
Handler = Callable[[Request], Awaitable[Response]]


def extra_paths(api: Api) -> dict[str, dict[str, Any]]:
    """What these endpoints add to the `paths` of an API's OpenAPI document."""
    found: dict[str, dict[str, Any]] = {}
    for extra in EXTRA:
        if extra.api is api:
            found.setdefault(extra.path, {})[extra.method.lower()] = extra.operation
    return found
