"""Taking in a feed: piece by piece, each one transaction with the counters, so that whatever kills it costs one piece.

A feed that was interrupted goes on at `processed_rows`. Of two processes that work on one feed, each piece is taken in
by one of them: it holds the feed's row while it does.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import asyncpg
from sqlalchemy import bindparam, func, select

from closient_gql.adapters.storage import Storage
from closient_gql.core.db import Database, Query, Reader, Writer
from closient_gql.core.errors import BadRequest, DomainError, Invalid, NotFound, Unavailable
from closient_gql.core.ids import new_id
from closient_gql.core.models.offer_feeds import FeedFormat, FeedState, OfferFeed
from closient_gql.core.models.retailers import InventorySource, OnlineStore, PhysicalStore
from resolvers.account.changing import living
from resolvers.products.imports import RowError
from resolvers.retailers import feed_sql
from resolvers.retailers.feed_rows import IN_STORE, Feed, Offered, Stores, open_feed, read
from resolvers.retailers.feeds import BY_ID

PIECE = 10_000  # rows in one transaction
PATIENCE = 5  # attempts at a piece that collides with others
FORMATS = {format.value: format for format in FeedFormat}
MESSAGES = {
    "no_product": ("gtin", "is not a product that is known here"),
    "no_store": (None, "its store was deleted"),
}
LOCK = Query(OfferFeed, select(*OfferFeed.__table__.c).where(OfferFeed.id == bindparam("feed_id")).with_for_update())
FINISH = """
UPDATE offer_feeds SET state = $2, failure = $3, finished_at = clock_timestamp()
WHERE id = $1 AND finished_at IS NULL RETURNING true
"""
NOTE_SOURCE = """
UPDATE inventory_sources SET last_sync_at = greatest(last_sync_at, $2), last_error = $3,
    status = CASE WHEN status = 'paused' THEN status WHEN $3 = '' THEN 'active' ELSE 'error' END
WHERE id = $1
"""
NOTE_PLACES = """
UPDATE locations l SET last_inventory_sync = greatest(l.last_inventory_sync, $2)
FROM (SELECT l.id FROM locations l WHERE l.id IN (SELECT location_id FROM physical_stores WHERE id = ANY($1))
      ORDER BY l.id FOR NO KEY UPDATE) AS found
WHERE l.id = found.id
"""


def spoken_for(store: Any, column: Any, *columns: Any) -> Query[Any]:
    """The stores of one kind that a feed may speak of: all of its organization's, or the one of its source."""
    its = InventorySource.id == bindparam("source_id")
    only = func.num_nonnulls(InventorySource.physical_store_id, InventorySource.online_store_id) == 1
    others = select(InventorySource.id).where(its, only, column.is_distinct_from(store.id)).exists()
    return Query(
        store, select(store.id, store.currency, *columns).where(store.organization_id == bindparam("owner"), ~others)
    )


PHYSICAL = spoken_for(PhysicalStore, InventorySource.physical_store_id, PhysicalStore.number)
ONLINE = spoken_for(OnlineStore, InventorySource.online_store_id)
Progress = Callable[[OfferFeed], None]
Row = Offered | RowError


def _silent(feed: OfferFeed) -> None:
    """Progress that nobody watches."""


async def take_feed(database: Database, storage: Storage, id: str, progress: Progress = _silent) -> OfferFeed | None:
    """Takes in what is left of a feed, and gives it as it is then; None: there is no such feed.

    Raises:
        Unavailable: the database or the storage went away; it can be called again.
    """
    feed = await Reader(database).one(BY_ID, keys=[id])
    if feed is None:
        return None
    if feed.finished_at is None:
        progress(feed)
        try:
            data, _ = await storage.get(feed.file_key)
            opened = await asyncio.to_thread(open_feed, data, FORMATS[feed.format])
        except KeyError:
            await finish(database, feed, "The file is gone. Send it again.", ())
        except (Invalid, BadRequest) as error:  # the rules have changed since it was sent
            await finish(database, feed, words(error), ())
        else:
            try:
                await Run(database, feed, progress).all_of(opened)
            except NotFound as error:
                await finish(database, feed, error.message, ())
    await storage.delete(feed.file_key)  # no sooner: what is not finished needs it
    return await Reader(database).one(BY_ID, keys=[id])


def collided(error: Exception) -> bool:
    """Whether another attempt is likely to succeed at once: a deadlock, or a product or store that was deleted just
    now, which the next attempt knows."""
    cause = error.__cause__ if isinstance(error, Unavailable) else error
    return isinstance(cause, asyncpg.TransactionRollbackError | asyncpg.ForeignKeyViolationError)


def words(error: DomainError) -> str:
    return "; ".join(f"{d['field']} {d['message']}" for d in error.details or ()) or error.message


async def finish(database: Database, feed: OfferFeed, failure: str, store_ids: Sequence[str]) -> None:
    """Says that a feed is over, once, and when its stores were last heard of."""
    state = FeedState.FAILED if failure else FeedState.DONE
    async with database.transaction() as write:
        run = write.connection
        if not await run.fetchval(FINISH, feed.id, state.value, failure):
            return
        as_of: datetime | None = None if failure else feed.as_of
        await run.execute(NOTE_SOURCE, feed.inventory_source_id, as_of, failure)
        if as_of:
            await run.execute(NOTE_PLACES, list(store_ids), as_of)


@dataclass
class Piece:
    """Some rows of a file, and the place of the first of them, from 0."""

    start: int
    rows: list[Row]


@dataclass
class Run:
    database: Database
    feed: OfferFeed
    progress: Progress
    stores: set[str] = field(default_factory=set)  # physical ones that it spoke of

    async def all_of(self, opened: Feed) -> None:
        pieces = self.pieces(read(opened, await self.known_stores()))
        piece = await asyncio.to_thread(next, pieces, None)
        while piece is not None:
            following = asyncio.create_task(asyncio.to_thread(next, pieces, None))  # read while this one is taken in
            try:
                going_on = await self.take(piece)
            finally:
                piece = await following
            if not going_on:
                return
        await finish(self.database, self.feed, "", sorted(self.stores))

    def pieces(self, rows: Iterator[Row]) -> Iterator[Piece]:
        start = 0
        while some := list(islice(rows, PIECE)):
            yield Piece(start, some)
            start += len(some)

    async def known_stores(self) -> Stores:
        reader, feed = Reader(self.database), self.feed
        whose = {"owner": feed.organization_id, "source_id": feed.inventory_source_id}
        physical = await reader.all(PHYSICAL, **whose)
        online = await reader.all(ONLINE, **whose)
        numbers: dict[str, list[str]] = {}
        for store in physical:
            if store.number:
                numbers.setdefault(store.number, []).append(store.id)
        currencies = {store.id: store.currency for store in (*physical, *online)}
        return Stores(frozenset(s.id for s in physical), frozenset(s.id for s in online), numbers, currencies)

    async def take(self, piece: Piece) -> bool:
        """Takes in what is left of a piece. False: there is nothing more to do, the feed is gone or finished."""
        self.stores |= {row.store_id for row in piece.rows if isinstance(row, Offered) and row.kind == IN_STORE}
        if piece.start + len(piece.rows) <= self.feed.processed_rows:
            return True
        for attempt in range(1, PATIENCE + 1):
            try:
                async with self.database.transaction() as write:
                    feed = await write.one(LOCK, feed_id=self.feed.id)
                    if feed is None or feed.finished_at is not None:
                        return False
                    rows = piece.rows[max(0, feed.processed_rows - piece.start) :]
                    if rows:
                        await living(write, feed.organization_id)
                        await Taking(write, feed).run(rows)
            except (Unavailable, asyncpg.ForeignKeyViolationError) as error:
                if attempt == PATIENCE or not collided(error):
                    raise
                await asyncio.sleep(0.05 * attempt)
            else:
                break
        self.feed = await Reader(self.database).one(BY_ID, keys=[self.feed.id]) or self.feed
        self.progress(self.feed)
        return True


@dataclass
class Taking:
    """One piece's transaction."""

    write: Writer
    feed: OfferFeed
    counted: dict[str, int] = field(default_factory=dict)
    wrong: list[RowError] = field(default_factory=list)

    async def run(self, rows: Sequence[Row]) -> None:
        run, feed = self.write.connection, self.feed
        offers = [row for row in rows if isinstance(row, Offered)]
        self.wrong = [row for row in rows if isinstance(row, RowError)]
        await run.execute(feed_sql.STAGE)
        for kind in feed_sql.STORES:
            await self.reconcile(kind, [row for row in offers if row.kind == kind])
        if self.wrong:
            columns = zip(*((e.line, e.column, e.message) for e in self.wrong), strict=True)
            await run.execute(feed_sql.ERRORS, feed.id, *map(list, columns))
        counts = [self.counted.get(name, 0) for name in ("created", "updated", "unchanged", "outranked")]
        await run.execute(feed_sql.COUNT, feed.id, len(rows), *counts, len(self.wrong))

    async def reconcile(self, kind: str, offers: Sequence[Offered]) -> None:
        if not offers:
            return
        run, feed = self.write.connection, self.feed
        records = [(o.line, o.kind, new_id(), o.gtin, o.store_id, o.sku, *o.values) for o in offers]
        await run.execute("DELETE FROM staged")
        await run.copy_records_to_table("staged", columns=feed_sql.STAGED, records=records, schema_name="pg_temp")
        if kind == IN_STORE:
            await run.execute(feed_sql.HOLD_PLACES)
        again: list[int] | None = None
        while again is None or again:
            if again:
                await run.execute(feed_sql.KEEP, again)
            again = []
            for outcome, number, lines in await run.fetch(
                feed_sql.RECONCILE[kind], feed.organization_id, feed.source, feed.source_priority, feed.as_of
            ):
                if outcome == "again":
                    again = lines
                elif outcome in MESSAGES:
                    column, message = MESSAGES[outcome]
                    self.wrong += [RowError(line, message, column) for line in lines]
                else:
                    self.counted[outcome] = self.counted.get(outcome, 0) + number
