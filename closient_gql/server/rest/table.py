"""Many routes as one: only those that could match are tried."""

from collections.abc import Sequence
from typing import Any

from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send

Key = tuple[int, str]


class Table(BaseRoute):
    """Routes by the number of their segments and the first one of them; Starlette tries all, one expression each.

    Those that have a parameter in that place, or one that takes several segments, are tried after the others.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = list(routes)
        self._by_key: dict[Key, list[Route]] = {}
        self._others: list[Route] = []
        for route in routes:
            key = key_of(route.path)
            known = "{" not in key[1] and ":path}" not in route.path
            (self._by_key.setdefault(key, []) if known else self._others).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http":
            path, root = scope["path"], scope.get("root_path", "")
            for route in (*self._by_key.get(key_of(path.removeprefix(root)), ()), *self._others):
                match, child = route.matches(scope)
                if match is not Match.NONE:
                    return match, {**child, "route": route}
        return Match.NONE, {}

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)


def key_of(path: str) -> Key:
    return path.count("/"), path.split("/", 2)[1] if path.startswith("/") else ""
