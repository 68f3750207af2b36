"""Who may ask a root field. Each one says it with a decorator; the graph refuses a root field that does not.

    @access.key      any API key: the catalogue (the contract's `auth: api_key`)
    @access.user     a key that acts for a user or an organization, so not a publishable one
    @access.public   everybody

The check runs here, below the graph, so REST, GraphQL and federation cannot differ. What depends on rows (another
organization's, a role that is too small) is decided in the functions themselves.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from closient_gql.core.errors import Forbidden, Unauthorized
from closient_gql.core.models.account import KeyKind
from resolvers.context import Context

P = ParamSpec("P")
T = TypeVar("T")
Level = Literal["public", "key", "user"]
Root = Callable[Concatenate[Context, P], Coroutine[Any, Any, T]]
NEEDS_KEY = "An API key is needed. Send it in the X-API-Key header."


def check(ctx: Context, level: Level) -> None:
    """Whether this caller reaches this level.

    Raises:
        Unauthorized: there is no key.
        Forbidden: the key is a publishable one, and that is not enough.
    """
    if level != "public" and ctx.viewer.anonymous:
        raise Unauthorized(NEEDS_KEY)
    if level == "user" and ctx.viewer.kind is KeyKind.PUBLISHABLE:
        raise Forbidden("A publishable key cannot do this. Use a user or business key.")


def _guarded(level: Level, function: Root[P, T]) -> Root[P, T]:
    @wraps(function)
    async def guarded(ctx: Context, *args: P.args, **kwargs: P.kwargs) -> T:
        check(ctx, level)
        return await function(ctx, *args, **kwargs)

    guarded.access = level  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]  # wraps() hides that it is the same shape


def public(function: Root[P, T]) -> Root[P, T]:
    """Everybody may ask."""
    return _guarded("public", function)


def key(function: Root[P, T]) -> Root[P, T]:
    """Any API key may ask."""
    return _guarded("key", function)


def user(function: Root[P, T]) -> Root[P, T]:
    """Any key but a publishable one may ask."""
    return _guarded("user", function)


def level_of(function: object) -> Level | None:
    """What the function says of itself; None if it says nothing."""
    level: Level | None = getattr(function, "access", None)
    return level
