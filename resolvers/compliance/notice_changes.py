"""Safety notices: how they are written. draft → published → withdrawn, and from there published again."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, Detail, Forbidden, Invalid, NotFound
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.ids import new_id
from closient_gql.core.models.account import Organization
from closient_gql.core.models.compliance import NoticeStatus, SafetyNotice
from resolvers import access
from resolvers.account.changing import living, merged
from resolvers.compliance.inputs import NoticeText, SafetyNoticeInput, SafetyNoticePatch, given
from resolvers.compliance.notices import notices_by_id, visible
from resolvers.compliance.recalls import lot_columns
from resolvers.compliance.touched import named
from resolvers.context import Context
from resolvers.outbox import audit, emit
from resolvers.roles import May, allowed, require

NO_NOTICE = "There is no such safety notice."
NOT_YOURS = "Another organization has written this notice. Only that one can change it."
TOO_SMALL = "Your role in the organization that has written this notice, or that of your key, does not allow this."
DRAFT, PUBLISHED, WITHDRAWN = (status.value for status in NoticeStatus)
MOVES = {(DRAFT, PUBLISHED), (PUBLISHED, WITHDRAWN), (WITHDRAWN, PUBLISHED), (DRAFT, WITHDRAWN)}

TABLE = SafetyNotice.__table__
WRITTEN = (
    "status", "severity", "texts", "lot_codes", "lots", "regions", "url", "metadata", "published_at", "withdrawn_at",
)  # fmt: skip
LOCK = Query(SafetyNotice, select(*TABLE.c).where(SafetyNotice.id == bindparam("id")).with_for_update())
INSERT = Query(
    SafetyNotice,
    insert(SafetyNotice)
    .values({
        TABLE.c[name]: bindparam(f"new_{name}", type_=TABLE.c[name].type)
        for name in ("id", "organization_id", *WRITTEN)
    })
    .returning(*TABLE.c),
)  # fmt: skip
UPDATE = Query(
    SafetyNotice,
    update(SafetyNotice)
    .where(TABLE.c.id == bindparam("key"))
    .values(
        {TABLE.c[name]: bindparam(f"new_{name}", type_=TABLE.c[name].type) for name in WRITTEN}
        | {TABLE.c.modified: func.now()}
    )
    .returning(*TABLE.c),
)
DELETE = Query(SafetyNotice, delete(SafetyNotice).where(TABLE.c.id == bindparam("key")).returning(*TABLE.c))
ABOUT = """
WITH wanted AS (SELECT unnest($2::text[]) AS product_id),
gone AS (
    DELETE FROM safety_notice_products WHERE notice_id = $1 AND product_id NOT IN (SELECT product_id FROM wanted)
)
INSERT INTO safety_notice_products (notice_id, product_id) SELECT $1, product_id FROM wanted ORDER BY product_id
ON CONFLICT DO NOTHING
"""


def texts(lines: Sequence[NoticeText]) -> list[dict[str, str]]:
    """The wordings as they are stored.

    Raises:
        Invalid: a language is there twice.
    """
    seen: set[str] = set()
    problems = []
    for place, line in enumerate(lines):
        if line.language.lower() in seen:
            problems.append(Detail(field=f"texts.{place}.language", message="is there already; each language once"))
        seen.add(line.language.lower())
    if problems:
        raise Invalid(problems)
    return [{name: text.strip() for name, text in asdict(line).items()} for line in lines]


async def columns(input: Any) -> dict[str, Any]:
    """What an input says of a notice's columns."""
    found = given(input, ("status", "severity", "regions", "url"))
    found = {name: getattr(value, "value", value) for name, value in found.items()}
    if input.texts is not None:
        found["texts"] = texts(input.texts)
    if input.affected_lots is not ABSENT:
        found |= await lot_columns(input.affected_lots)
    return found


def moved(old: str, new: str) -> dict[str, Any]:
    """What another status brings with it.

    Raises:
        Conflict: there is no way from the old one to the new one.
    """
    if old == new:
        return {}
    if (old, new) not in MOVES:
        raise Conflict(f"A notice that is {old} cannot become {new}.")
    now = datetime.now(UTC)
    return {"published_at": now, "withdrawn_at": None} if new == PUBLISHED else {"withdrawn_at": now}


async def about(write: Writer, organization: Organization, id: str, gtins: Sequence[Gtin]) -> None:
    """Makes these the products that a notice is about.

    Raises:
        Invalid, Forbidden: resolvers.compliance.touched.named.
    """
    found = await named(write, organization, list(dict.fromkeys(gtins)), must_exist=True)
    await write.connection.execute(ABOUT, id, [product.id for product in found.values()])


async def own(ctx: Context, write: Writer, id: str) -> SafetyNotice:
    """The notice, locked.

    Raises:
        NotFound: there is none that the caller may see. Forbidden: it is not the caller's to change.
    """
    found = await write.one(LOCK, id=id)
    if found is None or not visible(ctx, found):
        raise NotFound(NO_NOTICE)
    cells = allowed(ctx.viewer, found.organization_id)
    if May.PRODUCTS not in cells:
        raise Forbidden(TOO_SMALL if cells else NOT_YOURS)
    return found


async def shown(ctx: Context, id: str) -> SafetyNotice:
    found: SafetyNotice | None = await ctx.find(notices_by_id, id)
    if found is None:  # deleted since
        raise NotFound(NO_NOTICE)
    return found


async def note(ctx: Context, write: Writer, row: SafetyNotice, what: str, **told: Any) -> None:
    kind = ("safety_notice", row.id)
    await audit(write, ctx.viewer, row.organization_id, f"safety_notice.{what}", kind, told)
    await emit(write, f"safety_notice.{what}", row.id, row.organization_id)


@access.user
async def create_notice(
    ctx: Context,
    organization_id: Annotated[Id, Doc("Id of an organization that the caller belongs to.")],
    input: Annotated[SafetyNoticeInput, Doc("The notice.")],
) -> SafetyNotice:
    """A new notice about products of the organization; an authority's may be about any. Owners, managers and
    editors may.

    Raises:
        NotFound: the organization is not the caller's. Forbidden: the role is too small, or a product is not its own.
        Invalid: there is no such product, or a language is there twice.
    """
    require(ctx, organization_id, May.PRODUCTS)
    id = new_id()
    values: dict[str, Any] = dict.fromkeys(WRITTEN) | {"regions": [], "url": ""} | await columns(input)
    if values["status"] == WITHDRAWN:
        raise Invalid([Detail(field="status", message="must be draft or published: nothing new is withdrawn")])
    values |= moved(DRAFT, values["status"])
    values |= {"id": id, "organization_id": organization_id}
    values["metadata"] = {} if input.metadata is ABSENT else merged({}, input.metadata)
    async with ctx.transaction() as write:
        organization = await living(write, organization_id)
        made = await write.one(INSERT, **{f"new_{name}": value for name, value in values.items()})
        assert made
        await about(write, organization, id, input.gtins)
        await note(ctx, write, made, "created", status=made.status)
        if made.status == PUBLISHED:
            await emit(write, "safety_notice.published", id, organization_id)
    return await shown(ctx, id)


@access.user
async def update_notice(
    ctx: Context,
    id: Annotated[Id, Doc("Id of the notice.")],
    input: Annotated[SafetyNoticePatch, Doc("What is to change.")],
) -> SafetyNotice:
    """Changes a notice of the caller's organization; by its status, publishes or withdraws it.

    Raises:
        NotFound, Forbidden: `own`. Conflict: it cannot have that status. Invalid, Forbidden: `about`.
    """
    values = await columns(input)
    async with ctx.transaction() as write:
        row: Any = await own(ctx, write, id)
        moves = moved(row.status, values.get("status", row.status))
        if input.metadata is not ABSENT:
            values["metadata"] = merged(row.metadata, input.metadata)
        changed = {name for name, value in values.items() if getattr(row, name) != value} - {"lots"}
        if input.gtins is not None:
            await about(write, await living(write, row.organization_id), id, input.gtins)
            changed.add("gtins")
        if changed:
            whole = {name: getattr(row, name) for name in WRITTEN} | values | moves
            await write.one(UPDATE, key=id, **{f"new_{name}": value for name, value in whole.items()})
            await note(ctx, write, row, "updated", fields=sorted(changed))
        if moves:
            await emit(write, f"safety_notice.{values['status']}", id, row.organization_id)
    return await shown(ctx, id)


@access.user
async def delete_notice(ctx: Context, id: Annotated[Id, Doc("Id of the notice.")]) -> bool:
    """Deletes a notice of the caller's organization. One that does not hold any more is better withdrawn.

    Raises:
        NotFound, Forbidden: `own`.
    """
    async with ctx.transaction() as write:
        row = await own(ctx, write, id)
        await write.one(DELETE, key=id)
        await note(ctx, write, row, "deleted", status=row.status)
    return True
