"""`closient brand prefix …` and `closient moderation …`: what operators decide about brands."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from closient_gql.server.commands.jobs import harmless
from resolvers.brands import moderation as decisions
from resolvers.brands import prefixes

brand = typer.Typer(no_args_is_help=True, help="Brands.")
prefix = typer.Typer(no_args_is_help=True, help="GS1 company prefixes: who licenses which.")
moderation = typer.Typer(no_args_is_help=True, help="Verifications of brands that wait for a person.")
brand.add_typer(prefix, name="prefix")
out = Console(width=None if sys.stdout.isatty() else 240, highlight=False, markup=False, soft_wrap=True)
Id = Annotated[str, typer.Argument(help="Id of the verification, from `closient moderation list`.")]
By = Annotated[str, typer.Option(help="Who decides.")]


@prefix.command("add")
def prefix_add(
    organization: Annotated[str, typer.Argument(help="Id of the organization that licenses it.")],
    digits: Annotated[str, typer.Argument(help="The prefix: 4 to 12 digits.")],
) -> None:
    """Records a prefix for an organization: from now on it verifies brands by it at once."""
    from closient_gql.server.cli import write

    out.print(f"prefix {write(lambda w: prefixes.add(w, organization, digits, 'command line'))} {organization}")


@prefix.command("remove")
def prefix_remove(digits: Annotated[str, typer.Argument(help="The prefix.")]) -> None:
    """Takes a prefix back: from now on it verifies nothing; what it has verified stays so."""
    from closient_gql.server.cli import write

    found = write(lambda w: prefixes.remove(w, digits))
    out.print(f"removed prefix {found.prefix} of organization {found.organization_id}")


@prefix.command("handled-by")
def prefix_handled_by(
    digits: Annotated[str, typer.Argument(help="The prefix.")],
    resolver: Annotated[str, typer.Argument(help="Root of the resolver: https://id.example.org; empty: this one.")],
) -> None:
    """Sends every scan of a key below a prefix to another resolver (gs1:handledBy), whatever it asks for."""
    from closient_gql.server.cli import write

    found = write(lambda w: prefixes.hand_on(w, digits, resolver))
    out.print(f"prefix {found.prefix} is handled by {found.resolver_url or 'this resolver'}")


@prefix.command("list")
def prefix_list() -> None:
    """Lists every prefix that is recorded."""
    from closient_gql.server.cli import write

    table = columns("prefix", "organization", "source", "created")
    for row in write(prefixes.recorded):
        table.add_row(row.prefix, row.organization_id, row.source, row.created.isoformat(" ", "seconds"))
    out.print(table)


@moderation.command("list")
def moderation_list() -> None:
    """Lists what waits, oldest first."""
    from closient_gql.server.cli import write

    table = columns("id", "brand", "organization", "method", "subject", "reason", "created")
    for row in write(decisions.queue):
        names = (f"{getattr(row, f'{what}_name')} ({getattr(row, f'{what}_id')})" for what in ("brand", "organization"))
        cells = (row.id, *names, row.method, row.subject, row.reason, row.created.isoformat(" ", "seconds"))
        table.add_row(*map(harmless, cells))
    out.print(table)


@moderation.command("approve")
def moderation_approve(
    id: Id,
    reason: Annotated[
        str, typer.Option(help="What convinced you; the organization reads it.")
    ] = "A person looked at it.",
    by: By = "operator",
) -> None:
    """Decides that the brand is the organization's."""
    from closient_gql.server.cli import write

    found = write(lambda w: decisions.approve(w, id, reason, by))
    out.print(f"verified brand {found.brand_id} of organization {found.organization_id}")


@moderation.command("reject")
def moderation_reject(
    id: Id,
    reason: Annotated[str, typer.Option(help="Why; the organization reads it.")],
    by: By = "operator",
) -> None:
    """Decides that what was handed in is not enough."""
    from closient_gql.server.cli import write

    found = write(lambda w: decisions.reject(w, id, reason, by))
    out.print(f"rejected verification {found.id} of brand {found.brand_id}")


def columns(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title, no_wrap=True)
    return table
