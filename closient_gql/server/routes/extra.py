"""What an endpoint that is not JSON says of itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from closient_gql.server.rest.apis import Api
from closient_gql.server.rest.openapi import error


@dataclass(frozen=True)
class Extra:
    """One endpoint; `path` is below the API's mount, `operation` its OpenAPI operation without the common errors."""

    api: Api
    method: str
    path: str
    handle: Callable[[Request], Awaitable[Response]]
    described: dict[str, Any]
    errors: tuple[int, ...] = (400, 401, 429, 500, 503)
    unlimited: bool = False  # outside of the gate: for everybody, and not counted

    @property
    def operation(self) -> dict[str, Any]:
        """The operation with the errors that it can answer with."""
        responses = self.described["responses"] | {str(status): error(status) for status in self.errors}
        return self.described | {"responses": responses}
