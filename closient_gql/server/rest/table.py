"""Many routes as one: only those that could match are tried."""

from collections.abc import Sequence
from typing import Any

from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Mount, NoMatchFound
from starlette.types import Receive, Scope, Send

Key = tuple[int, str]
ANY = 0  # number of segments: at least one


class Table(BaseRoute):
    """Routes by the number of their segments and the first one of them; Starlette tries all, one expression each.

    A route that takes any number of segments is tried after those of the right number, and one that has a parameter in
    the first place after all others. It is an application, too, for a mount.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.routes = list(routes)
        self._by_key: dict[Key, list[BaseRoute]] = {}
        self._others: list[BaseRoute] = []
        for route in routes:
            path: str = getattr(route, "path", "")
            count, first = key_of(path)
            if "{" in first or not first:
                self._others.append(route)
            else:
                several = isinstance(route, Mount) or ":path}" in path
                self._by_key.setdefault((ANY if several else count, first), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http":
            path, other_method = get_route_path(scope), None
            key = key_of(path)
            for routes in (self._by_key.get(key, ()), self._by_key.get((ANY, key[1]), ()), self._others):
                for route in routes:
                    match, child = mounted(route, path, scope) if type(route) is Mount else route.matches(scope)
                    if match is not Match.NONE:
                        child["route"] = route
                        if match is Match.FULL:
                            return match, child
                        other_method = other_method or child
            if other_method:
                return Match.PARTIAL, other_method
        return Match.NONE, {}

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises:
        HTTPException: nothing has this address (404).
        """
        match, child = self.matches(scope)
        if match is Match.NONE:
            raise HTTPException(404)
        scope.update(child)
        await self.handle(scope, receive, send)


def mounted(mount: Mount, path: str, scope: Scope) -> tuple[Match, Scope]:
    """What `mount.matches` says of a mount without parameters, without an expression."""
    if not path.startswith(mount.path) or path[len(mount.path) : len(mount.path) + 1] != "/":
        return Match.NONE, {}
    root = scope.get("root_path", "")
    return Match.FULL, {
        "app_root_path": scope.get("app_root_path", root), "root_path": root + mount.path, "endpoint": mount.app,
        "path_params": dict(scope.get("path_params", {})),
    }  # fmt: skip


def key_of(path: str) -> Key:
    return path.count("/"), path.split("/", 2)[1] if path.startswith("/") else ""
