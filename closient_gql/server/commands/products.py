"""`closient reports …`: what operators decide about claims of products that were reported."""

from typing import Annotated

import typer

from closient_gql.server.commands.brands import By, columns, out
from closient_gql.server.commands.jobs import harmless
from resolvers.products import disputes

app = typer.Typer(
    no_args_is_help=True, help="Reports of suspicious claims of products. They show who reported: keep it."
)
Id = Annotated[str, typer.Argument(help="Id of a report, from `closient reports list`.")]


@app.command("list")
def list_(
    all: Annotated[bool, typer.Option("--all", help="Also those that are not weighty enough yet.")] = False,
) -> None:
    """Lists reports of claims that stand, those of one claim together."""
    from closient_gql.server.cli import write

    table = columns(
        "id",
        "gtin",
        "organization",
        "state",
        "weight",
        "who",
        "e-mail",
        "phone",
        "company",
        "page",
        "created",
        "reason",
    )
    for row in write(lambda w: disputes.queue(w, all)):
        cells = (
            row.id, getattr(row, "gtin"), row.organization_id, row.status, f"{row.weight:g}",  # noqa: B009  of the join
            row.reporter_relationship, row.reporter_email, row.reporter_phone, row.reporter_company, row.supporting_url,
            row.created.isoformat(" ", "seconds"), row.reason,
        )  # fmt: skip
        table.add_row(*(harmless(cell or "") for cell in cells))
    out.print(table)


@app.command()
def uphold(
    id: Id, reason: Annotated[str, typer.Option(help="Why; the organization reads it.")], by: By = "operator"
) -> None:
    """Ends the claim, and decides all reports of it."""
    from closient_gql.server.cli import write

    gtin, number = write(lambda w: disputes.uphold(w, id, reason, by))
    out.print(f"released {gtin}; reports decided: {number}")


@app.command()
def dismiss(id: Id) -> None:
    """Lets the claim stand, and decides all reports of it."""
    from closient_gql.server.cli import write

    gtin, number = write(lambda w: disputes.dismiss(w, id))
    out.print(f"claim of {gtin} stands; reports decided: {number}")
