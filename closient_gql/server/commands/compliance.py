"""`closient recalls`: how far the feeds were read, what could not be linked, and reading one now."""

import asyncio
import pathlib
from typing import Annotated

import typer

from closient_gql.adapters.http import Fetched
from closient_gql.core.db import Database
from closient_gql.core.models.compliance import RecallSource
from closient_gql.core.settings import settings
from closient_gql.server import database as db_tools
from closient_gql.server.commands.jobs import show
from resolvers.compliance import ingestion, report

app = typer.Typer(no_args_is_help=True, help="Recalls: the feeds of authorities, and what could not be linked.")
NAMES = ", ".join(source.value for source in RecallSource)
Source = Annotated[str, typer.Argument(help=f"The authority: {NAMES}.")]


def source_of(text: str) -> str:
    """Raises:
    ValueError: there is no such authority.
    """
    if text.upper() not in NAMES.split(", "):
        raise ValueError(f"There is no feed {text}. There are: {NAMES}.")
    return text.upper()


@app.command()
def status() -> None:
    """Lists the feeds: when each was read, up to which day, and what went wrong."""
    from closient_gql.server.cli import write  # it imports this module

    rows = [
        (
            each.source_system, each.position.isoformat() if each.position else "",
            each.read_at.isoformat(" ", "minutes") if each.read_at else "never",
            str(each.records), str(each.added), str(each.changed), str(len(each.problems)), each.error,
        )
        for each in write(report.states)
    ]  # fmt: skip
    show("feed", "position", "read", "records", "new", "changed", "problems", "error", rows=rows)
    for each in write(report.states):
        for problem in each.problems:
            typer.echo(f"{each.source_system}: {problem}")


@app.command()
def unlinked(
    source: Annotated[str | None, typer.Option(help=f"Only this feed: {NAMES}.")] = None,
    all: Annotated[bool, typer.Option("--all", help="Also recalls that name no code at all.")] = False,
    most: Annotated[int, typer.Option(help="How many, at most.", min=1, max=100)] = 50,
) -> None:
    """Lists recalls that name a code which led to no product, newest first."""
    from closient_gql.server.cli import write

    found = write(lambda w: report.unlinked(w, source_of(source) if source else None, None if all else True, most))
    rows = [
        (each.id, each.source_system, each.source_id or "", ", ".join(each.gtins or ()), ", ".join(each.unread_codes),
         each.title[:80])
        for each in found
    ]  # fmt: skip
    show("id", "feed", "number", "GTINs without a product", "codes that are none", "title", rows=rows)


@app.command()
def fetch(
    source: Source,
    file: Annotated[pathlib.Path | None, typer.Option(help="A document of the feed, instead of the Internet.")] = None,
) -> None:
    """Reads a feed now, from where the last reading ended."""
    from closient_gql.server.cli import bring_up

    async def of_file(url: str, max_bytes: int) -> Fetched:
        assert file
        return Fetched(url, 200, {}, file.read_bytes())

    async def go() -> ingestion.Taken:
        database = Database(settings().database, 2)
        try:
            await db_tools.check(settings().database)
            get = of_file if file else ingestion.from_outside
            return await ingestion.take_feed(database, source_of(source), get)
        finally:
            await database.close()

    if file and not file.is_file():
        raise ValueError(f"There is no file {file}.")
    bring_up(settings())
    typer.echo(str(asyncio.run(go())))
