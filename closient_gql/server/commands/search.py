"""`closient search …`: how far the search index is, and making it anew."""

from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from closient_gql.adapters.embeddings import EmbeddingError
from closient_gql.core.db import Database
from closient_gql.server.commands.feeds import err, on_database
from closient_gql.server.commands.jobs import show
from resolvers.search import indexing, vectors
from resolvers.search.status import Status, status_of

app = typer.Typer(no_args_is_help=True, help="The search index. The worker keeps it up to date by itself.")
Told = Callable[[int, int], None]


@app.command()
def reindex(
    anew: Annotated[
        bool, typer.Option("--anew", help="Every vector, too: beside those that are searched, until all are there.")
    ] = False,
) -> None:
    """Makes all documents anew, and vectors for what has changed. Searches go on meanwhile."""
    show_status(on_database(lambda database: run(database, anew)))


async def run(database: Database, anew: bool) -> Status:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        await indexing.everything(database, part(bar, "documents"))
        await vectors.settle(database, anew=anew)
        try:
            await vectors.embed(database, part(bar, "vectors"))
        except EmbeddingError as error:
            raise ValueError(f"{error} Documents are up to date; `closient search status` shows the rest.") from error
    return await status_of(database)


def part(bar: Progress, what: str) -> Told:
    task = bar.add_task(what, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


@app.command()
def status() -> None:
    """Shows what is indexed, by which model, and what waits."""
    show_status(on_database(status_of))


def show_status(found: Status) -> None:
    rows: list[tuple[str, ...]] = [(kind, f"{n:,}", f"{of:,}") for kind, n, of in found.documents]
    show("documents", "there are", "of", rows=rows)
    behind = "was never made: the worker does it, or `closient search reindex`" if found.behind is None else (
        f"is {found.behind:,} events behind" if found.behind else "is up to date"
    )  # fmt: skip
    typer.echo(f"The index {behind}. It knows {found.words:,} words.")
    if not found.models:
        typer.echo("There is no model yet: searches compare words.")
        return
    show("model", "state", "since", "vectors", "waiting", "runs at", rows=[shown(model) for model in found.models])


def shown(model: Any) -> tuple[str, ...]:
    return (
        f"{model['name']} {model['version']}".strip(), model["state"], model["since"].isoformat(" ", "seconds"),
        f"{model['vectors']:,}", f"{model['waiting']:,}", model["endpoint"] or "this machine",
    )  # fmt: skip
