"""GS1 Digital Links at the root of the site: who scans a code, or asks about it, is sent or told what there is.

In front of the routes: a path that begins with a primary key, or is a compressed Digital Link, is answered here; all
others go on. Not behind the gate: codes are for everybody and are not counted (contract: decisions). What is asked for
is read straight from the ASGI scope, and what is known is remembered (`resolvers.digital_link.directory`): a redirect
has to cost about what a fixed one costs (`bench/resolver.py`).
"""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from closient_gql.core.gs1 import Gs1Error
from closient_gql.server.resolver.answering import Answering
from closient_gql.server.resolver.reading import KEYS, Asked, may_be_compressed, read
from closient_gql.server.rest.compile import Endpoint


class Resolver:
    """Around the routes of the whole platform.

    Args:
        product: the endpoint whose answer is a product's data.
        taken: what the first segments of other addresses are.
    """

    def __init__(self, app: ASGIApp, product: Endpoint, taken: frozenset[bytes]) -> None:
        self.app, self.answering, self.taken = app, Answering(product), taken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raw: bytes = scope.get("raw_path") or scope["path"].encode()
            first = raw[1:].partition(b"/")[0]
            if first in KEYS:
                await self.answering.answer(scope, receive, send, raw, None)
                return
            if may_be_compressed(raw) and first not in self.taken and (asked := decompressed(scope, raw)) is not None:
                await self.answering.answer(scope, receive, send, raw, asked)
                return
        await self.app(scope, receive, send)


def decompressed(scope: Scope, raw: bytes) -> Asked | None:
    """What a compressed Digital Link asks for; None if the address is not one, but that of something else."""
    try:
        return read(raw, scope["query_string"], compressed=True)
    except Gs1Error:
        return None


def segments_of(routes: Iterable[BaseRoute]) -> frozenset[bytes]:
    """The first segments of the paths of routes."""
    return frozenset(route.path[1:].partition("/")[0].encode() for route in routes if isinstance(route, Route | Mount))
