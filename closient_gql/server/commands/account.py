"""`closient org`: what operators do to organizations beyond making them."""

from typing import Annotated

import typer
from sqlalchemy import select

from closient_gql.core.db import Query, Writer
from closient_gql.core.models.account import Organization
from closient_gql.server.commands.jobs import harmless, show
from resolvers.account.changing import LOCK
from resolvers.account.organizations import any_organization, bury, unbury
from resolvers.compliance.report import flag
from resolvers.viewer import ANONYMOUS

org = typer.Typer(no_args_is_help=True, help="Organizations.")
Id = Annotated[str, typer.Argument(help="Id of the organization, from `closient org list`.")]
ALL = Query(Organization, select(*Organization.__table__.c).order_by(Organization.created, Organization.id))


@org.command("list")
def list_() -> None:
    """Lists the organizations, deleted ones that can be restored included."""
    from closient_gql.server.cli import write  # it imports this module

    found = write(lambda w: w.all(ALL))
    show(
        "id", "name", "country", "state", "created",
        rows=[
            (each.id, each.name, each.country,
             f"deleted {each.deleted_at.isoformat(' ', 'minutes')}" if each.deleted_at else "active",
             each.created.isoformat(" ", "minutes"))
            for each in found
        ],
    )  # fmt: skip


@org.command()
def delete(
    id: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Deletes an organization: its keys are revoked, its brands and products released. Restorable for 90 days."""
    from closient_gql.server.cli import write

    if not yes:
        typer.confirm("Its keys are revoked for good, its brands and products released. Go on?", abort=True)

    async def act(w: Writer) -> str:
        if await w.one(LOCK, id=id) is None:
            raise ValueError(f"There is no organization {id} that is not deleted.")
        return (await bury(w, ANONYMOUS, id)).name

    typer.echo(harmless(f"deleted {id} {write(act)}"))


@org.command()
def restore(id: Id) -> None:
    """Brings a deleted organization back, with its members. Its keys stay revoked."""
    from closient_gql.server.cli import write

    async def act(w: Writer) -> str:
        return (await unbury(w, ANONYMOUS, await any_organization(w, id))).name

    typer.echo(harmless(f"restored {id} {write(act)}"))


@org.command()
def authority(
    id: Id,
    off: Annotated[bool, typer.Option("--off", help="Take it away again.")] = False,
) -> None:
    """Flags an organization as an authority: it may write recalls and safety notices of any product,
    and verify certifications."""
    from closient_gql.server.cli import write

    name = write(lambda w: flag(w, id, not off))
    typer.echo(harmless(f"{'no authority' if off else 'authority'} {id} {name}"))
