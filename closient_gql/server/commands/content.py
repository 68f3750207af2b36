"""`closient leads`: who has left an email with a readiness check, and forgetting who does not want it any more."""

from typing import Annotated

import typer

from closient_gql.server.commands.jobs import show
from resolvers.content import readiness

app = typer.Typer(no_args_is_help=True, help="Emails that were left with readiness checks.")


@app.command("list")
def list_(most: Annotated[int, typer.Option(help="How many, at most.", min=1, max=10_000)] = 100) -> None:
    """Lists them, the latest check first."""
    from closient_gql.server.cli import write  # it imports this module

    found = write(lambda w: readiness.leads(w, most))
    rows = [
        (each.email, each.gtin, str(each.score), str(each.checks), each.checked_at.isoformat(" ", "minutes"))
        for each in found
    ]
    show("email", "gtin", "score", "checks", "last check", rows=rows)


@app.command()
def forget(email: Annotated[str, typer.Argument(help="The email, in any case.")]) -> None:
    """Deletes all that was left with one email: its consent is withdrawn."""
    from closient_gql.server.cli import write

    gone = write(lambda w: readiness.forget(w, email))
    typer.echo(f"Deleted: {gone}.")
