"""The one family of errors: GraphQL shows them in `extensions`, REST in the envelope.

Codes and statuses are those of the contract's conventions: eight codes, each with its own status; other statuses
carry the code of their nearest relative (405 is a BAD_REQUEST, 503 an INTERNAL_ERROR).
"""

from collections.abc import Sequence
from typing import Any, ClassVar, TypedDict


class Detail(TypedDict):
    """One thing that is wrong with one field; `field` is a dotted path such as `items.0.gtin`."""

    field: str
    message: str


class DomainError(Exception):
    """An error that the caller is told about as it is."""

    code: ClassVar[str] = "BAD_REQUEST"
    status: int = 400

    def __init__(self, message: str, details: Sequence[Detail] | None = None) -> None:
        super().__init__(message)
        self.message, self.details = message, list(details) if details is not None else None

    @property
    def headers(self) -> dict[str, str]:
        """Response headers that belong to the error."""
        return {}

    @property
    def body(self) -> dict[str, Any]:
        """The inside of the envelope: code, message, status, details."""
        return {"code": self.code, "message": self.message, "status": self.status, "details": self.details}

    @property
    def extensions(self) -> dict[str, Any]:  # graphql-core copies this attribute into errors[].extensions
        return {key: value for key, value in self.body.items() if key != "message"}


class BadRequest(DomainError):
    """The request cannot be read as what it should be. `status` may be a more exact 4xx: 405, 406, 413, 415, 431."""

    def __init__(self, message: str, status: int = 400, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self._headers = status, headers or {}

    @property
    def headers(self) -> dict[str, str]:
        return self._headers


class Unauthorized(DomainError):
    """No key where one is needed, or a key that is not good."""

    code, status = "UNAUTHORIZED", 401

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'ApiKey realm="closient", header="X-API-Key"'}


class Forbidden(DomainError):
    """What is asked for is visible to the caller, whose role is too small for it."""

    code, status = "FORBIDDEN", 403


class NotFound(DomainError):
    """It does not exist, or the caller may not know that it does."""

    code, status = "NOT_FOUND", 404


class Conflict(DomainError):
    """It contradicts what is there."""

    code, status = "CONFLICT", 409


class Invalid(DomainError):
    """Fields that are not valid, every one of them with its reason."""

    code, status = "VALIDATION_ERROR", 422

    def __init__(self, details: Sequence[Detail]) -> None:
        super().__init__("The request is not valid.", details)


class RateLimited(DomainError):
    """A limit is spent; a request `retry_after_seconds` later is let through."""

    code, status = "RATE_LIMITED", 429

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_seconds)}

    @property
    def body(self) -> dict[str, Any]:
        return super().body | {"retry_after_seconds": self.retry_after_seconds}


class Internal(DomainError):
    """Something went wrong on our side. What it was is in the log, under the request id."""

    code, status = "INTERNAL_ERROR", 500

    def __init__(self, message: str = "Something went wrong on our side. The request id helps us to find it.") -> None:
        super().__init__(message)


class Unavailable(Internal):
    """The database, or another part that the answer needs, is away for the moment."""

    status = 503

    def __init__(self, message: str = "The service is not available right now. Try again in a moment.") -> None:
        super().__init__(message)

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "1"}
