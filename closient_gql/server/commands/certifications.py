"""`closient certifications …`: the catalogue that the platform brings along, and what labels come to in it."""

from typing import Annotated

import typer

from closient_gql.server.commands.jobs import show
from resolvers.certifications import labels as meaning

app = typer.Typer(no_args_is_help=True, help="The catalogue of certifications and claims, and labels of products.")


@app.command()
def load() -> None:
    """Brings the catalogue up to date. What organizations have of their own stays."""
    from closient_gql.server.cli import write  # it imports this module

    counts = write(meaning.load)
    typer.echo(", ".join(f"{n} {what}" for what, n in counts.items()))


@app.command()
def assign() -> None:
    """Assigns what the labels of products come to, unverified. What they carry already stays as it is."""
    from closient_gql.server.cli import write

    counts = write(lambda w: meaning.assign(w))
    typer.echo(", ".join(f"{n} {what}" for what, n in counts.items()))


@app.command()
def labels(
    all: Annotated[bool, typer.Option("--all", help="Also those that are known, with what they come to.")] = False,
) -> None:
    """Lists the labels of products that nothing is known of, the most frequent first."""
    from closient_gql.server.cli import write

    found = write(meaning.report)
    unknown = [each for each in found if not each.becomes]
    shown = found if all else unknown
    rows = [(each.label, str(each.products), each.becomes or "unknown") for each in shown]
    show("label", "products", "becomes", rows=rows)
    typer.echo(f"{len(unknown)} of {len(found)} labels are unknown.")
