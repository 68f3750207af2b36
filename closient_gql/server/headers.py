"""Headers as ASGI has them: read from requests, and added to answers once, where they leave."""

from starlette.types import Message, Scope, Send

OUTGOING = "closient.outgoing"


def header(scope: Scope, name: bytes) -> str | None:
    """The first value of a header of the request; `name` in lower case. Blanks around it do not belong to it (RFC 9110,
    5.5), but the parser leaves those at the end."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1").strip(" \t")
    return None


class Outgoing:
    """Sends one answer. `headers`, by their names in lower case, are added to those that it has of its own.

    What the answer says itself stays; only Vary may come twice, and means both (RFC 9110, 5.3). `status` is 0 until the
    answer has begun.
    """

    __slots__ = ("_send", "headers", "status")

    def __init__(self, send: Send) -> None:
        self._send, self.status = send, 0
        self.headers: dict[bytes, bytes] = {}

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = list(message.get("headers", ()))
            names = {name for name, _ in own}
            own += [item for item in self.headers.items() if item[0] not in names or item[0] == b"vary"]
            message["headers"] = own
        await self._send(message)


def outgoing(scope: Scope) -> Outgoing:
    """The answer to this request, as it will be sent."""
    found: Outgoing = scope[OUTGOING]
    return found
