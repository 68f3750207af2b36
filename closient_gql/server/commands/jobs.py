"""`closient jobs`: what waits, what failed for good, and what to do about it."""

import sys
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from closient_gql.core.db import Writer
from resolvers import outbox

app = typer.Typer(no_args_is_help=True, help="Jobs: the queue, and dead letters (jobs that failed for good).")
Ids = Annotated[list[str] | None, typer.Argument(help="Ids of dead letters, from `closient jobs dead`.")]
All = Annotated[bool, typer.Option("--all", help="All dead letters.")]


def show(*titles: str, rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title, no_wrap=True)
    for row in rows:
        table.add_row(*map(harmless, row))
    Console(width=None if sys.stdout.isatty() else 240, highlight=False, markup=False).print(table)


def harmless(text: str) -> str:
    """On one line, and without what a terminal would obey: names, remarks and reports are written by anybody."""
    return "".join(c if c.isprintable() else " " for c in text)


async def chosen(write: Writer, ids: list[str] | None, all: bool) -> list[str]:
    """Raises:
    ValueError: neither ids nor --all, or both.
    """
    if bool(ids) == all:
        raise ValueError("Say which dead letters: their ids, or --all.")
    return [letter.id for letter in await outbox.dead_letters(write)] if all else list(ids or ())


def check(asked: list[str], found: list[str]) -> list[str]:
    """Raises:
    ValueError: some of them are no dead letters. The transaction is rolled back: all or none.
    """
    if lost := [id for id in asked if id not in found]:
        raise ValueError(f"There is no dead letter {', '.join(lost)}; nothing was done.")
    return found


@app.command("list")
def list_(most: Annotated[int, typer.Option(help="How many, at most.", min=1)] = 100) -> None:
    """Lists jobs that wait or run, oldest first."""
    from closient_gql.server.cli import write  # it imports this module

    found = write(lambda w: outbox.queue(w, most))
    rows = [
        (str(row["id"]), row["job"], {"picked": "running"}.get(row["status"], "waiting"), str(row["attempts"]),
         row["due"].isoformat(" ", "seconds"), row["created"].isoformat(" ", "seconds"))
        for row in found
    ]  # fmt: skip
    show("id", "job", "state", "attempts", "due", "created", rows=rows)


@app.command()
def dead() -> None:
    """Lists dead letters: jobs that failed as often as they may."""
    from closient_gql.server.cli import write

    letters = write(outbox.dead_letters)
    rows = [(x.id, x.job, str(x.attempts), x.created.isoformat(" ", "seconds"), x.error) for x in letters]
    show("id", "job", "attempts", "since", "error", rows=rows)


@app.command()
def retry(ids: Ids = None, all: All = False) -> None:
    """Puts dead letters back into the queue."""
    from closient_gql.server.cli import write

    async def go(w: Writer) -> list[str]:
        asked = await chosen(w, ids, all)
        return check(asked, await outbox.retry(w, asked))

    for id in write(go):
        typer.echo(f"queued again {id}")


@app.command()
def drop(ids: Ids = None, all: All = False) -> None:
    """Deletes dead letters for good."""
    from closient_gql.server.cli import write

    async def go(w: Writer) -> list[str]:
        asked = await chosen(w, ids, all)
        return check(asked, await outbox.drop(w, asked))

    for id in write(go):
        typer.echo(f"dropped {id}")
