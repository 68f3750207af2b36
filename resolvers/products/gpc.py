"""The GPC: looked up by code, walked up and down, replaced as a whole by a new release."""

from collections.abc import Sequence
from typing import Annotated

from sqlalchemy import func, select

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.db import KEYS, Query, Writer
from closient_gql.core.gs1.gpc import GpcNode
from closient_gql.core.models.gpc import GpcCategory
from resolvers import access
from resolvers.context import Context

COLUMNS = GpcCategory.__table__.c
BY_CODE = Query(GpcCategory, select(*COLUMNS).where(GpcCategory.code == func.any(KEYS)))
CHILDREN = Query(
    GpcCategory, select(*COLUMNS).where(GpcCategory.parent_code == func.any(KEYS)).order_by(GpcCategory.code)
)
SEGMENTS = Query(GpcCategory, select(*COLUMNS).where(GpcCategory.parent_code.is_(None)).order_by(GpcCategory.code))
Code = Annotated[str, Bounds(pattern="^[0-9]{8}$"), Doc("Code of a segment, family, class or brick.")]


async def categories_by_code(ctx: Context, codes: Sequence[str]) -> list[GpcCategory | None]:
    return await ctx.read.by_key(BY_CODE, "code", codes)


async def children_of(ctx: Context, parents: Sequence[GpcCategory]) -> list[list[GpcCategory]]:
    return await ctx.read.by_parent(CHILDREN, "parent_code", [each.code for each in parents])


@access.key
async def category(ctx: Context, code: Code) -> GpcCategory | None:
    return (await categories_by_code(ctx, [code]))[0]


@access.key
async def segments(ctx: Context) -> Sequence[GpcCategory]:
    """All segments; none where no release is loaded."""
    return await ctx.read.all(SEGMENTS)


async def load(write: Writer, nodes: Sequence[GpcNode]) -> int:
    """Replaces the classification by another release; gives the number of nodes."""
    await write.connection.execute("DELETE FROM gpc_categories")
    await write.connection.copy_records_to_table(
        "gpc_categories", records=nodes, columns=["code", "level", "title", "definition", "parent_code"]
    )
    return len(nodes)


async def path_to(write: Writer, code: str) -> list[GpcCategory]:
    """A node and those above it, the segment first; empty if there is none."""
    found: list[GpcCategory] = []
    above: str | None = code
    while above and (rows := await write.all(BY_CODE, keys=[above])):
        found.insert(0, rows[0])
        above = rows[0].parent_code
    return found
