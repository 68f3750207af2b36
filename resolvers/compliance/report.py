"""What could not be linked, and how far the feeds were read: for people who mend it."""

from collections.abc import Sequence
from typing import Annotated, Any

from sqlalchemy import and_, bindparam, exists, func, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Forbidden, NotFound
from closient_gql.core.models.compliance import Recall, RecallFeed, RecallProduct, RecallSource
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.account.authorities import authorities
from resolvers.account.changing import NO_ORGANIZATION
from resolvers.compliance.queries import COLUMNS, DAY, MOMENT
from resolvers.context import Context
from resolvers.roles import May, require

LINKED = exists().where(RecallProduct.recall_id == Recall.id, RecallProduct.product_id.is_not(None))
WAITING = exists().where(RecallProduct.recall_id == Recall.id, RecallProduct.product_id.is_(None))
WITHOUT = (
    select(func.array_agg(RecallProduct.gtin))
    .where(RecallProduct.recall_id == Recall.id, RecallProduct.product_id.is_(None))
    .scalar_subquery()
)
UNLINKED = Listing(
    "unlinkedRecalls",
    Recall,
    select(*COLUMNS, WITHOUT.label("gtins")).where(~LINKED | WAITING | (func.cardinality(Recall.unread_codes) > 0)),
    orders={"recall_date": DAY.concat(MOMENT)},
    filters={
        "source_system": Recall.source_system == bindparam("source_system"),
        "named": and_(WAITING | (func.cardinality(Recall.unread_codes) > 0)) == bindparam("named"),
    },
)
FEEDS = Query(RecallFeed, select(*RecallFeed.__table__.c).order_by(RecallFeed.source_system))
FLAG = """
UPDATE organizations SET is_authority = $2 WHERE id = $1 AND deleted_at IS NULL RETURNING name
"""


async def gtins_of(ctx: Context, rows: Sequence[Any]) -> list[list[str]]:
    """GTINs that a recall names and no product here has."""
    return [row.gtins or [] for row in rows]


async def require_authority(ctx: Context, organization_id: str) -> None:
    """Raises:
    NotFound: the organization is not the caller's. Forbidden: it is no authority.
    """
    require(ctx, organization_id, May.VIEW)
    if organization_id not in await authorities(ctx):
        raise Forbidden("Only organizations that are flagged as an authority can see this.")


@access.user
async def unlinked_recalls(
    ctx: Context,
    organization_id: Annotated[Id, Doc("Id of an authority that the caller belongs to.")],
    window: Window,
    *,
    source_system: Annotated[RecallSource | None, Doc("Only recalls of this feed.")] = None,
    named: Annotated[
        bool | None, Doc("Only recalls that name codes which led nowhere, or only those that name none at all.")
    ] = None,
) -> Slice[Recall]:
    """Recalls that touch no product here, or fewer than they name: newest first.

    Raises:
        NotFound, Forbidden: `require_authority`.
    """
    await require_authority(ctx, organization_id)
    (found,) = await UNLINKED.slices(
        ctx.read,
        window,
        order="-recall_date",
        source_system=source_system.value if source_system else None,
        named=named,
    )
    return found


@access.user
async def feeds(
    ctx: Context, organization_id: Annotated[Id, Doc("Id of an authority that the caller belongs to.")]
) -> Sequence[RecallFeed]:
    """How far each feed was read.

    Raises:
        NotFound, Forbidden: `require_authority`.
    """
    await require_authority(ctx, organization_id)
    return await ctx.read.all(FEEDS)


# --- for the command line


async def states(write: Writer) -> Sequence[RecallFeed]:
    return await write.all(FEEDS)


async def unlinked(write: Writer, source: str | None, named: bool | None, most: int) -> Sequence[Any]:
    """The newest of what could not be linked."""
    (found,) = await UNLINKED.slices(write, Window(first=most), order="-recall_date", source_system=source, named=named)
    return found.nodes


async def flag(write: Writer, organization_id: str, is_authority: bool) -> str:
    """Makes an organization an authority, or takes that away. Gives its name.

    Raises:
        NotFound: there is no such organization.
    """
    name: str | None = await write.connection.fetchval(FLAG, organization_id, is_authority)
    if name is None:
        raise NotFound(NO_ORGANIZATION)
    return name
