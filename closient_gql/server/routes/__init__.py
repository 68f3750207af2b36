"""Endpoints that are not JSON (uploads, CSV, beacons, images): ordinary routes on the same resolvers.

Each module here has its endpoints in `ROUTES`, with their OpenAPI operations, so that they stand in their API's
document like any other; a test pins the list.
"""

from collections.abc import Awaitable, Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from closient_gql.server.rest.apis import Api
from closient_gql.server.routes.extra import Extra

MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
EXTRA: tuple[Extra, ...] = tuple(extra for module in MODULES for extra in getattr(module, "ROUTES", ()))
Handler = Callable[[Request], Awaitable[Response]]


def extra_paths(api: Api) -> dict[str, dict[str, Any]]:
    """What these endpoints add to the `paths` of an API's OpenAPI document."""
    found: dict[str, dict[str, Any]] = {}
    for extra in EXTRA:
        if extra.api is api:
            found.setdefault(extra.path, {})[extra.method.lower()] = extra.operation
    return found
