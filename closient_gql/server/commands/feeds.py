"""`closient feed …`: offers from files, without HTTP."""

import asyncio
import pathlib
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from closient_gql.adapters.storage import storage_of
from closient_gql.core.db import Database, Reader
from closient_gql.core.errors import NotFound
from closient_gql.core.models.offer_feeds import FeedFormat, OfferFeed
from closient_gql.core.models.retailers import OfferSource
from closient_gql.core.paging import Window
from closient_gql.core.settings import settings
from closient_gql.server import database as db_tools
from resolvers.context import Context
from resolvers.retailers.feed_run import take_feed
from resolvers.retailers.feeds import ERRORS, Sent, submit
from resolvers.viewer import ANONYMOUS

T = TypeVar("T")
feed = typer.Typer(no_args_is_help=True, help="Offer feeds.")
out = Console(width=None if sys.stdout.isatty() else 240, highlight=False, markup=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False)
SHOWN_ERRORS = 20


def on_database(action: Callable[[Database], Awaitable[T]]) -> T:
    """Runs an action on the database of the settings."""
    from closient_gql.server.cli import bring_up

    async def run() -> T:
        database = Database(settings().database, 4)
        try:
            await db_tools.check(settings().database)
            return await action(database)
        finally:
            await database.close()

    bring_up(settings())
    return asyncio.run(run())


@feed.command("load")
def feed_load(
    file: Annotated[pathlib.Path, typer.Argument(help="CSV with a header, or NDJSON (.ndjson, .jsonl).")],
    organization: Annotated[str, typer.Option("--org", help="Id of the organization whose offers they are.")],
    source: Annotated[OfferSource, typer.Option(help="Who says so.")] = OfferSource.MANUAL,
    as_of: Annotated[datetime | None, typer.Option(help="When it was true (UTC); now if nothing is said.")] = None,
) -> None:
    """Takes in offers from a file. If it is interrupted, the same command goes on where it was."""
    format = FeedFormat.NDJSON if file.suffix in (".ndjson", ".jsonl") else FeedFormat.CSV
    sent = Sent(organization, format, source, as_of and as_of.replace(tzinfo=UTC), None)
    data = read(file)

    async def load(database: Database) -> OfferFeed:
        ctx = Context(Reader(database))
        return await take(database, (await submit(ctx, storage_of(settings()), sent, data, ANONYMOUS)).id)

    report(on_database(load))


@feed.command("resume")
def feed_resume(id: Annotated[str, typer.Argument(help="Id of the feed.")]) -> None:
    """Takes in what is left of a feed, also of one that came by REST."""
    report(on_database(lambda database: take(database, id)))


def read(file: pathlib.Path) -> bytes:
    """Raises:
    ValueError: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror or error}") from None


async def take(database: Database, id: str) -> OfferFeed:
    """Raises:
    NotFound: there is no such feed.
    """
    columns = (TextColumn("feed {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(id, total=None)
        found = await take_feed(
            database, storage_of(settings()), id,
            lambda feed: bar.update(task, completed=feed.processed_rows, total=feed.total_rows),
        )  # fmt: skip
    if found is None:
        raise NotFound(f"There is no feed {id}.")
    if found.error_count:
        await complain(database, found)
    return found


async def complain(database: Database, feed: OfferFeed) -> None:
    """Says the first rows that were left out."""
    (found,) = await ERRORS.slices(Reader(database), Window(first=SHOWN_ERRORS), [feed.id], order="line")
    for error in found.nodes:
        err.print(f"line {error.line}: {f'{error.column} ' if error.column else ''}{error.message}")
    if feed.error_count > SHOWN_ERRORS:
        err.print(f"… and {feed.error_count - SHOWN_ERRORS:,} more: GET /retailers/api/v1/offer-feeds/{feed.id}/errors")


def report(feed: OfferFeed) -> None:
    out.print(
        f"feed {feed.id} {feed.state}: {feed.processed_rows:,} of {feed.total_rows:,} rows:"
        f" {feed.created_count:,} created,"
        f" {feed.updated_count:,} updated, {feed.unchanged_count:,} unchanged, {feed.outranked_count:,} outranked,"
        f" {feed.error_count:,} wrong"
    )
    if feed.failure:
        raise ValueError(feed.failure)
