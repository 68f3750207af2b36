"""Recalls that are written by hand: by the owner of the products, or by an authority."""

import asyncio
from typing import Annotated, Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, Forbidden, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.models.compliance import Recall
from resolvers import access
from resolvers.account.changing import living
from resolvers.compliance import lots
from resolvers.compliance.inputs import RecallInput, RecallPatch, given
from resolvers.compliance.linking import link
from resolvers.compliance.queries import recalls_by_id
from resolvers.compliance.touched import named
from resolvers.context import Context
from resolvers.outbox import audit, emit
from resolvers.roles import May, acting, allowed

NO_RECALL = "There is no such recall."
OF_A_FEED = "This recall is what its authority publishes, and follows it. It cannot be changed here."
NOT_YOURS = "Another organization has written this recall. Only that one can change it."
TOO_SMALL = "Your role in the organization that has written this recall, or that of your key, does not allow this."
TAKEN = "The authority, or your organization, has a recall with this number already."
KNOWN = "SELECT EXISTS (SELECT FROM recalls WHERE source_system = $1 AND source_id = $2 AND fingerprint <> '')"
TEXTS = ("title", "description", "hazard", "remedy", "public_url", "company_name")
WRITTEN = (*TEXTS, "status", "severity", "recall_date", "jurisdictions", "lot_codes", "lots")

TABLE = Recall.__table__
LOCK = Query(Recall, select(*TABLE.c).where(Recall.id == bindparam("id")).with_for_update())
NEW = ("id", "organization_id", "source_system", "source_id", *WRITTEN)
INSERT = Query(
    Recall,
    insert(Recall)
    .values({TABLE.c[name]: bindparam(f"new_{name}", type_=TABLE.c[name].type) for name in NEW})
    .on_conflict_do_nothing()
    .returning(*TABLE.c),
)
UPDATE = Query(
    Recall,
    update(Recall)
    .where(TABLE.c.id == bindparam("key"))
    .values(
        {TABLE.c[name]: bindparam(f"new_{name}", type_=TABLE.c[name].type) for name in WRITTEN}
        | {TABLE.c.modified: func.now()}
    )
    .returning(*TABLE.c),
)
DELETE = Query(Recall, delete(Recall).where(TABLE.c.id == bindparam("key")).returning(*TABLE.c))


async def columns(input: Any) -> dict[str, Any]:
    """What an input says of a recall's columns."""
    found = given(input, (*TEXTS, "status", "severity", "recall_date", "jurisdictions"))
    found = {name: getattr(value, "value", value) for name, value in found.items()}
    found |= {name: found[name].strip() for name in TEXTS if name in found}
    if input.lot_codes is not ABSENT:
        found |= await lot_columns(input.lot_codes)
    return found


async def lot_columns(codes: Any) -> dict[str, Any]:
    """Lots as they were said, and as they were read. Long texts take their time: in a thread."""
    read = await asyncio.to_thread(lots.read, codes) if codes is not None else None
    return {"lot_codes": codes, "lots": read.stored() if read else None}


async def own(ctx: Context, write: Writer, id: str) -> tuple[Recall, str]:
    """The recall, locked, and the organization that has written it. Everybody sees recalls: so this is 403, not 404.

    Raises:
        NotFound: there is no such recall. Forbidden: it is not the caller's to change.
    """
    found = await write.one(LOCK, id=id)
    if found is None:
        raise NotFound(NO_RECALL)
    if found.organization_id is None:
        raise Forbidden(OF_A_FEED)
    cells = allowed(ctx.viewer, found.organization_id)
    if May.PRODUCTS not in cells:
        raise Forbidden(TOO_SMALL if cells else NOT_YOURS)
    return found, found.organization_id


async def shown(ctx: Context, id: str) -> Recall:
    found: Recall | None = await ctx.find(recalls_by_id, id)
    if found is None:  # deleted since
        raise NotFound(NO_RECALL)
    return found


@access.user
async def create_recall(ctx: Context, input: Annotated[RecallInput, Doc("The recall.")]) -> Recall:
    """A new recall. Owners, managers and editors may: of the organization that owns every product named, or of an
    authority, whose recalls may also name GTINs that are not known yet.

    Raises:
        NotFound, Forbidden, Invalid: resolvers.roles.acting; resolvers.compliance.touched.named.
        Conflict: the authority's feed, or the organization, has a recall with this number.
    """
    organization_id = acting(ctx, input.organization_id, May.PRODUCTS)
    gtins, id = list(dict.fromkeys(input.gtins)), new_id()
    values: dict[str, Any] = dict.fromkeys(WRITTEN) | {"jurisdictions": []} | await columns(input)
    values |= {"id": id, "organization_id": organization_id}
    values |= {"source_system": input.source_system.value, "source_id": input.source_id}
    async with ctx.transaction() as write:
        organization = await living(write, organization_id)
        await named(write, organization, gtins)
        if await write.connection.fetchval(KNOWN, values["source_system"], input.source_id):
            raise Conflict(TAKEN)
        made = await write.one(INSERT, **{f"new_{name}": value for name, value in values.items()})
        if made is None:
            raise Conflict(TAKEN)
        await link(write, [(id, gtins)])
        told = {"title": made.title, "gtins": gtins[:100]}
        await audit(write, ctx.viewer, organization_id, "recall.created", ("recall", id), told)
        await emit(write, "recall.created", id, None, source_system=made.source_system)
    return await shown(ctx, id)


@access.user
async def update_recall(
    ctx: Context,
    id: Annotated[Id, Doc("Id of the recall.")],
    input: Annotated[RecallPatch, Doc("What is to change.")],
) -> Recall:
    """Changes a recall of the caller's organization.

    Raises:
        NotFound, Forbidden: `own`. Invalid, Forbidden: resolvers.compliance.touched.named.
    """
    values = await columns(input)
    async with ctx.transaction() as write:
        row, organization_id = await own(ctx, write, id)
        changed = [name for name, value in values.items() if getattr(row, name) != value and name != "lots"]
        if input.gtins is not None:
            gtins = list(dict.fromkeys(input.gtins))
            await named(write, await living(write, organization_id), gtins)
            await link(write, [(id, gtins)])
            changed.append("gtins")
        if changed:
            whole = {name: getattr(row, name) for name in WRITTEN} | values
            await write.one(UPDATE, key=id, **{f"new_{name}": value for name, value in whole.items()})
            told = {"fields": sorted(changed)}
            await audit(write, ctx.viewer, organization_id, "recall.updated", ("recall", id), told)
            await emit(write, "recall.updated", id, None, fields=sorted(changed))
    return await shown(ctx, id)


@access.user
async def delete_recall(ctx: Context, id: Annotated[Id, Doc("Id of the recall.")]) -> bool:
    """Deletes a recall of the caller's organization that should never have been. One that is over is TERMINATED.

    Raises:
        NotFound, Forbidden: `own`.
    """
    async with ctx.transaction() as write:
        row, organization_id = await own(ctx, write, id)
        await write.one(DELETE, key=id)
        told = {"title": row.title}
        await audit(write, ctx.viewer, organization_id, "recall.deleted", ("recall", id), told)
        await emit(write, "recall.deleted", id)
    return True
