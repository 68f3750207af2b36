"""`closient`: everything that is done from a shell. Commands say in one line what was wrong and what to do."""

import asyncio
import os
import pathlib
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import pydantic
import typer
from rich.console import Console

from closient_gql.core.db import Database, Writer
from closient_gql.core.errors import DomainError, Invalid
from closient_gql.core.models.account import KeyKind, KeyRole, MemberRole
from closient_gql.core.settings import Settings, settings
from closient_gql.server import database as db_tools
from closient_gql.server import embedded
from closient_gql.server.commands import certifications, compliance, content, jobs, products, search
from closient_gql.server.commands.account import org
from closient_gql.server.commands.brands import brand, moderation
from closient_gql.server.commands.feeds import feed
from closient_gql.server.commands.gpc import gpc
from closient_gql.server.database import DatabaseError, without_password
from closient_gql.server.embedded import EmbeddedError
from migrations import head
from resolvers.account import commands

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
db = typer.Typer(no_args_is_help=True, help="The database: bring it up, migrate it, look into it, back it up.")
demo = typer.Typer(no_args_is_help=True, help="The demo data.")
user = typer.Typer(no_args_is_help=True, help="People.")
key = typer.Typer(no_args_is_help=True, help="API keys.")
schema = typer.Typer(no_args_is_help=True, help="The graph's schema and the REST documents made from it.")
GROUPS = {"db": db, "demo": demo, "user": user, "org": org, "key": key, "brand": brand, "moderation": moderation,
          "feed": feed, "reports": products.app, "certifications": certifications.app, "recalls": compliance.app,
          "leads": content.app, "search": search.app, "jobs": jobs.app, "gpc": gpc, "schema": schema}  # fmt: skip
for name, group in GROUPS.items():
    app.add_typer(group, name=name)
MOST = 2**31 - 1  # of a number in the database
out, err = Console(soft_wrap=True, highlight=False), Console(stderr=True, soft_wrap=True, highlight=False)


def main() -> None:
    """Runs a command. Errors that are ours are one line on standard error and exit status 1."""
    try:
        app()
    except (DatabaseError, EmbeddedError, DomainError, ValueError) as error:
        fail(error)


def fail(error: Exception) -> None:
    if isinstance(error, pydantic.ValidationError):
        for problem in error.errors():
            variable = f"CLOSIENT_{'_'.join(map(str, problem['loc'])).upper()}"
            err.print(f"closient: the setting {variable} is not right: {problem['msg']}", markup=False)
    elif isinstance(error, Invalid):
        err.print("closient: " + "; ".join(f"{d['field']} {d['message']}" for d in error.details or ()), markup=False)
    else:
        err.print(f"closient: {error}", markup=False)
    sys.exit(1)


def write(action: Callable[[Writer], Awaitable[T]]) -> T:
    """Runs an action as one transaction."""

    async def run() -> T:
        database = Database(settings().database, 1)
        try:
            await db_tools.check(settings().database)
            async with database.transaction() as writer:
                return await action(writer)
        finally:
            await database.close()

    bring_up(settings())
    return asyncio.run(run())


def bring_up(given: Settings) -> None:
    """The embedded database runs, if it is the one in use."""
    if given.embedded and not embedded.running(given.home):
        embedded.up(given.home)


# --- running


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Server processes; more than one needs VALKEY_URL.", min=1)] = 1,
    reload: Annotated[bool, typer.Option("--reload", help="Start again when a source file changes.")] = False,
) -> None:
    """Brings everything up: database, migrations, demo data, API and worker. Ctrl-C stops all that it started."""
    from closient_gql.server.supervise import serve_all

    sys.exit(serve_all(settings(), host, port, workers, reload))


@app.command()
def worker() -> None:
    """Runs jobs and schedules, without the API."""
    from closient_gql.server import logs
    from closient_gql.server.worker import work

    logs.configure(settings())
    asyncio.run(work(settings()))


# --- the database


@db.command()
def up() -> None:
    """Starts the embedded database, making it first if need be, and prints its URL."""
    if settings().embedded:
        embedded.up(settings().home)
    asyncio.run(db_tools.check(settings().database))
    out.print(without_password(settings().database), markup=False)


@db.command()
def stop() -> None:
    """Stops the embedded database."""
    if not settings().embedded:
        raise DatabaseError("DATABASE_URL is set: that server is yours to stop.")
    embedded.stop(settings().home)


@db.command()
def migrate() -> None:
    """Brings the schema to the newest revision, all or nothing."""
    bring_up(settings())
    out.print(f"The schema is at {db_tools.migrate(settings().database)}.")


@db.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(ctx: typer.Context) -> None:
    """Opens psql on the database; further arguments are psql's."""
    bring_up(settings())
    program, url = db_tools.tool(settings(), "psql"), settings().database
    os.execve(
        program, [program, db_tools.without_password(url), *ctx.args], {**os.environ, **db_tools.password_of(url)}
    )


@db.command()
def status() -> None:
    """Says whether the database runs and which revision it has. Exit status 3 if it does not run."""
    kind = "embedded" if settings().embedded else "from DATABASE_URL"
    out.print(f"database   {without_password(settings().database)} ({kind})", markup=False)
    if settings().embedded and not embedded.running(settings().home):
        out.print("state      stopped")
        raise typer.Exit(3)
    found = asyncio.run(db_tools.revision(settings().database))
    out.print(f"state      running\nrevision   {found or 'none'} (newest: {head()})")


@db.command()
def backup(file: Annotated[pathlib.Path, typer.Argument(help="Where to write it.")]) -> None:
    """Writes the whole database into one file."""
    bring_up(settings())
    out.print(f"{file}: {db_tools.backup(settings(), file):,} bytes", markup=False)


@db.command()
def restore(
    file: Annotated[pathlib.Path, typer.Argument(help="A file made by `closient db backup`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Puts a backup in the database's place. The old database is kept beside it under another name."""
    if not yes:
        typer.confirm("Everything in the database is replaced by the backup. Go on?", abort=True)
    bring_up(settings())
    old = db_tools.restore(settings(), file)
    out.print(f"Restored. The database as it was is kept as {old}.")


# --- demo


@demo.command("load")
def demo_load() -> None:
    """Loads the demo data that is not there yet, and makes the demo key."""
    from closient_gql.server.supervise import load_demo

    bring_up(settings())
    db_tools.migrate(settings().database)
    out.print(f"The demo key is {load_demo(settings())}", markup=False)


# --- account


@user.command("create")
def user_create(
    email: Annotated[str, typer.Argument(help="Address of the person.")],
    name: Annotated[str, typer.Option(help="Name of the person.")] = "",
) -> None:
    """Creates a user."""
    made = write(lambda w: commands.create_user(w, email, name))
    out.print(f"user {made.id} {made.email}", markup=False)


@org.command("create")
def org_create(
    name: Annotated[str, typer.Argument(help="Name of the organization.")],
    owner: Annotated[str, typer.Option(help="E-mail address of its first owner, a user.")],
    country: Annotated[str, typer.Option(help="Country of its seat: two letters.")],
) -> None:
    """Creates an organization with its first owner."""

    async def create(w: Writer) -> str:
        return (await commands.create_organization(w, name, country, await commands.user_by_email(w, owner))).id

    out.print(f"organization {write(create)}")


@key.command("create")
def key_create(
    user: Annotated[str, typer.Option(help="E-mail address of the user who holds it.")],
    org: Annotated[str | None, typer.Option(help="Id of the organization; needed for csb and cpk keys.")] = None,
    kind: Annotated[str, typer.Option(help="csu: for a user, csb: for an organization, cpk: for pages.")] = "csu",
    role: Annotated[
        str | None, typer.Option(help="owner (no ceiling), manager, editor or readonly; by default owner for csu.")
    ] = None,
    name: Annotated[str, typer.Option(help="What to call it.")] = "Made by closient key create",
    days: Annotated[int | None, typer.Option(help="Days until it ends; without: never.", min=1, max=36500)] = None,
    per_minute: Annotated[int, typer.Option(help="Requests in a minute; 0 is the default.", min=0, max=MOST)] = 0,
    per_day: Annotated[int, typer.Option(help="Requests in a day; 0 is the default.", min=0, max=MOST)] = 0,
) -> None:
    """Creates an API key and prints it. It cannot be shown again."""

    async def create(w: Writer) -> str:
        holder = await commands.user_by_email(w, user)
        new = commands.NewKey(
            kind=kind_of(kind), name=name, user_id=holder.id, role=ceiling_of(kind, role),
            organization_id=(await commands.organization_by_id(w, org)).id if org else None,
            expires_at=datetime.now(UTC) + timedelta(days=days) if days else None,
            per_minute=per_minute, per_day=per_day,
        )  # fmt: skip
        if new.kind is not KeyKind.USER and new.organization_id is None:
            raise ValueError(f"A {kind} key acts for an organization: say which by --org.")
        if org and await commands.role_in(w, holder.id, org) is None:
            raise ValueError(f"{holder.email} does not belong to the organization {org}.")
        if role == "owner" and org and await commands.role_in(w, holder.id, org) is not MemberRole.OWNER:
            raise ValueError(f"{holder.email} is no owner of {org}: a key cannot be more than its holder.")
        if new.kind is KeyKind.USER:
            new.organization_id = None
        return (await commands.create_key(w, new))[1]

    out.print(write(create), markup=False)


def kind_of(text: str) -> KeyKind:
    try:
        return KeyKind(text)  # type: ignore[call-arg]
    except ValueError:
        raise ValueError(f"--kind must be csu, csb or cpk, not {text}.") from None


def ceiling_of(kind: str, role: str | None) -> KeyRole | None:
    """What is stored for `--role`: None for no ceiling, which only a user's key can have."""
    if kind == "csu" and role in (None, "owner"):
        return None
    if kind == "cpk":
        if role not in (None, "readonly"):
            raise ValueError(f"--role of a key for pages is readonly, not {role}.")
        return KeyRole.READONLY
    if role is None:
        return KeyRole.MANAGER
    try:
        return KeyRole(role)  # type: ignore[call-arg]
    except ValueError:
        allowed = "owner, manager, editor or readonly" if kind == "csu" else "manager, editor or readonly"
        raise ValueError(f"--role must be {allowed}, not {role}.") from None


@key.command("list")
def key_list() -> None:
    """Lists the keys; the keys themselves are not stored and cannot be shown."""
    now, rows = datetime.now(UTC), []
    for row in write(commands.list_keys):
        ended = row.expires_at is not None and row.expires_at <= now
        state = "expired" if ended else "active" if row.is_active else "revoked"
        used = row.last_used.isoformat(" ", "seconds") if row.last_used else "never"
        rows.append((
            row.id, row.kind, row.role or "no ceiling", row.name, row.organization_id or "", row.user_id or "", state,
            used, row.created.isoformat(" ", "seconds"),
        ))  # fmt: skip
    titles = ("id", "kind", "role", "name", "organization", "user", "state", "last used", "created")
    jobs.show(*titles, rows=rows)


@key.command("revoke")
def key_revoke(id: Annotated[str, typer.Argument(help="Id of the key, from `closient key list`.")]) -> None:
    """Revokes a key: it is refused from the next request on."""
    found = write(lambda w: commands.revoke_key(w, id))
    out.print(jobs.harmless(f"revoked {found.id} {found.name}"), markup=False)


# --- schema


@schema.command("export")
def schema_export(
    domains: Annotated[str, typer.Option(help="Only the subgraph of these domains, e.g. products,brands.")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Compare the committed snapshots; exit 1 if they differ.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Renew the committed snapshots.")] = False,
) -> None:
    """Prints the SDL; or renews or checks the snapshots of SDL and OpenAPI, naming breaking changes."""
    from closient_gql.server import snapshots

    if check or write:
        sys.exit(snapshots.check() if check else snapshots.write())
    names = [name.strip() for name in domains.split(",") if name.strip()]
    sys.stdout.write(snapshots.sdl(*names))


if __name__ == "__main__":
    main()
