"""The one set of a search: what passes the filters and the gate (docs/decisions/0020)."""

from collections.abc import Sequence

from resolvers.context import Context
from resolvers.search.asked import Asked, Passing


async def passing(ctx: Context, asked: Asked) -> Passing:
    """Everything that passes, best first. A request finds it once, however often it asks."""
    found: Passing = await ctx.find(_passing, asked)
    return found


async def _passing(ctx: Context, all_asked: Sequence[Asked]) -> list[Passing]:
    return [Passing([], 0.0) for _ in all_asked]
