"""What widgets on web pages send as they are left (`navigator.sendBeacon`): telemetry, sent and forgotten."""

from collections.abc import Collection, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from closient_gql.core.errors import BadRequest
from closient_gql.server.requests import body_of

MOST_BYTES = 2**16


async def event_of(request: Request, events: Collection[str], texts: Mapping[str, int]) -> dict[str, str] | None:
    """The event, if it is one of these, as `name` and its texts, each cut to its length; None for whatever else came.

    The body is JSON, whatever its media type says: a beacon cannot set it without asking first.
    """
    try:
        event = orjson.loads(await body_of(request, MOST_BYTES))
    except (BadRequest, orjson.JSONDecodeError):
        return None
    if not isinstance(event, dict) or not isinstance(event.get("event"), str) or event["event"] not in events:
        return None
    return {"name": event["event"]} | {name: text_of(event.get(name))[:most] for name, most in texts.items()}


def text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def noted() -> Response:
    """The answer, whatever came."""
    return Response(status_code=204, headers={"Access-Control-Allow-Origin": "*"})


def described(operation_id: str, tag: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI operation. The schema has no types: nothing is refused, whatever is sent."""
    return {
        "operationId": operation_id,
        "tags": [tag],
        "summary": "Telemetry of the store locator widget, sent and forgotten.",
        "description": "Made for `navigator.sendBeacon`: the body is JSON, whatever its media type says. It is "
        "logged, never stored. Unknown events are ignored, longer texts are cut.",
        "security": [{}, {"ApiKey": []}],
        "parameters": [],
        "requestBody": {
            "required": False,
            "content": {kind: {"schema": schema} for kind in ("application/json", "text/plain")},
        },
        "responses": {"204": {"description": "Always."}},
    }
