"""Offer feeds: who may send one, what is kept of it, and what became of it. How one is taken in: `feed_run`."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from sqlalchemy import bindparam, func, insert, select

from closient_gql.adapters.storage import Storage, new_key
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Query, Writer
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.ids import new_id
from closient_gql.core.models.offer_feeds import FeedFormat, OfferFeed, OfferFeedError
from closient_gql.core.models.retailers import (
    SOURCE_PRIORITIES,
    InventorySource,
    InventorySourceStatus,
    OfferSource,
)
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.account.changing import living
from resolvers.context import Context
from resolvers.outbox import audit, enqueue
from resolvers.retailers.feed_rows import count, open_feed
from resolvers.retailers.rights import may, require
from resolvers.roles import May
from resolvers.viewer import Viewer

JOB = "retailers.take_feed"
FILES = {FeedFormat.CSV: "text/csv", FeedFormat.NDJSON: "application/x-ndjson"}
FAST_CLOCK = timedelta(minutes=5)
COLUMNS = OfferFeed.__table__.c
BY_ID = Query(OfferFeed, select(*COLUMNS).where(OfferFeed.id == func.any(KEYS)))
OPEN = Query(
    OfferFeed,
    select(*COLUMNS)
    .where(
        OfferFeed.organization_id == bindparam("organization_id"),
        OfferFeed.digest == bindparam("digest"),
        OfferFeed.format == bindparam("format"),
        OfferFeed.source == bindparam("source"),
        OfferFeed.source_priority == bindparam("source_priority"),
        OfferFeed.inventory_source_id.is_not_distinct_from(bindparam("inventory_source_id")),
        OfferFeed.as_of == func.coalesce(bindparam("said_as_of", type_=OfferFeed.as_of.type), OfferFeed.as_of),
        OfferFeed.finished_at.is_(None),
    )
    .order_by(OfferFeed.created)
    .limit(1),
)
NEW = (
    "id", "organization_id", "user_id", "inventory_source_id", "source", "source_priority", "as_of", "format", "digest",
    "file_key", "total_rows",
)  # fmt: skip
INSERT = Query(OfferFeed, insert(OfferFeed).values({name: bindparam(name) for name in NEW}).returning(*COLUMNS))
SOURCE = Query(
    InventorySource, select(*InventorySource.__table__.c).where(InventorySource.id == bindparam("source_id"))
)
OF_ORGANIZATION = Listing(
    "offer_feeds",
    OfferFeed,
    select(*COLUMNS),
    orders={"created": OfferFeed.created.expression},
    filters={"organization_id": OfferFeed.organization_id == bindparam("organization_id")},
)


class ErrorListing(Listing[OfferFeedError]):
    @property
    def key(self) -> Any:
        return OfferFeedError.feed_id  # together with the line


ERRORS = ErrorListing(
    "offer_feed_errors",
    OfferFeedError,
    select(*OfferFeedError.__table__.c, OfferFeedError.feed_id.label("id")),
    orders={"line": OfferFeedError.line.expression},
    parent=OfferFeedError.feed_id,
)


@dataclass(frozen=True)
class Sent:
    """What the sender says of a feed."""

    organization_id: str
    format: FeedFormat
    source: OfferSource | None = None  # None: that of the inventory source, or manual
    as_of: datetime | None = None  # None: now
    inventory_source_id: str | None = None


# --- who may


async def feeds_by_id(ctx: Context, ids: Sequence[str]) -> list[OfferFeed | None]:
    """Feeds by id. Those of organizations that are not the caller's do not exist."""
    found = await ctx.read.by_key(BY_ID, "id", ids)
    return [feed if feed and may(ctx, feed.organization_id, May.VIEW) else None for feed in found]


@access.key
async def offer_feed(ctx: Context, id: Id) -> OfferFeed | None:
    return (await feeds_by_id(ctx, [id]))[0]


@access.key
async def offer_feeds(
    ctx: Context, window: Window, organization_id: Annotated[Id, Doc("The organization whose feeds they are.")]
) -> Slice[OfferFeed]:
    """Feeds of an organization, newest first.

    Raises:
        NotFound: it is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await OF_ORGANIZATION.slices(ctx.read, window, order="-created", organization_id=organization_id)
    return found


async def errors_of(ctx: Context, feeds: Sequence[OfferFeed], window: Window) -> list[Slice[OfferFeedError]]:
    """The rows that were left out, in the order of the file."""
    return await ERRORS.slices(ctx.read, window, [feed.id for feed in feeds], order="line")


# --- sending one


async def send(ctx: Context, storage: Storage, sent: Sent, data: bytes) -> OfferFeed:
    """Takes a file and makes the job that takes in its rows. The same file of the same moment again, while the first is
    not finished, is that one; where no moment is said, so is the same file.

    Raises:
        NotFound: the organization is not the caller's, or does not let it manage offers.
        NotFound: it was deleted just now.
        Invalid, BadRequest: it cannot be read, or has too many rows (feed_rows), is of the future, or its inventory
            source is none of the organization's or paused.
    """
    require(ctx, sent.organization_id, May.OFFERS)
    return await submit(ctx, storage, sent, data, ctx.viewer)


async def submit(ctx: Context, storage: Storage, sent: Sent, data: bytes, viewer: Viewer) -> OfferFeed:
    """As `send`, for whoever is known to be allowed to."""
    total = await asyncio.to_thread(lambda: count(open_feed(data, sent.format)))
    values: dict[str, Any] = await source_of(ctx, sent) | {
        "id": new_id(), "organization_id": sent.organization_id, "user_id": viewer.user_id,
        "as_of": moment(sent.as_of), "format": sent.format.value, "digest": hashlib.sha256(data).hexdigest(),
        "file_key": new_key("feeds", FILES[sent.format]), "total_rows": total,
    }  # fmt: skip
    same = await ctx.read.one(OPEN, **values, said_as_of=sent.as_of)
    try:
        if same is None:
            await storage.put(values["file_key"], data, FILES[sent.format])
        async with ctx.transaction() as write:
            await living(write, sent.organization_id)
            (feed,) = [same] if same else await write.all(INSERT, **values)
            await enqueue(write, JOB, id=feed.id)
            if not same:
                await note(write, viewer, feed)
    except BaseException:
        await storage.delete(values["file_key"])
        raise
    return feed


async def note(write: Writer, viewer: Viewer, feed: OfferFeed) -> None:
    changes = {"source": feed.source, "total_rows": feed.total_rows}
    await audit(write, viewer, feed.organization_id, "offers.feed_sent", ("offer_feed", feed.id), changes)


def moment(as_of: datetime | None) -> datetime:
    """Raises:
    Invalid: it is in the future; a clock that is a little fast is forgiven.
    """
    now = datetime.now(UTC)
    if as_of is not None and as_of > now + FAST_CLOCK:
        raise Invalid([Detail(field="as_of", message="must not be in the future")])
    return min(as_of or now, now)


async def source_of(ctx: Context, sent: Sent) -> dict[str, Any]:
    """Source, rank and inventory source.

    Raises:
        Invalid: there is no such inventory source in the organization, or it is paused.
    """
    if sent.inventory_source_id is None:
        source = sent.source or OfferSource.MANUAL
        return {"source": source.value, "source_priority": SOURCE_PRIORITIES[source], "inventory_source_id": None}
    found = await ctx.read.one(SOURCE, source_id=sent.inventory_source_id)
    if found is None or found.organization_id != sent.organization_id:
        raise Invalid([Detail(field="inventory_source_id", message="is not an inventory source of the organization")])
    if found.status == InventorySourceStatus.PAUSED.value:
        raise Invalid([Detail(field="inventory_source_id", message="is paused: make it active before it feeds offers")])
    if sent.source and sent.source.value != found.source:
        raise Invalid([Detail(field="source", message=f"is {found.source} for this inventory source")])
    return {"source": found.source, "source_priority": found.source_priority, "inventory_source_id": found.id}
