"""Certifications of an organization's own: for its products, with codes that are unique within it."""

from typing import Annotated, Any

from sqlalchemy import bindparam, delete, insert, select, update

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, Detail, Forbidden, Invalid, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.models.certifications import Certification, VerificationStatus
from resolvers import access
from resolvers.certifications.catalogue import BODIES_BY_ID, organizations_of, visible
from resolvers.certifications.inputs import CertificationInput, CertificationPatch
from resolvers.context import Context
from resolvers.outbox import audit, emit
from resolvers.roles import May, acting, require

COLUMNS = Certification.__table__.c
SAID = ("label", "code", "description", "url", "program", "standard", "certification_body_id")
LOCK = Query(Certification, select(*COLUMNS).where(COLUMNS.id == bindparam("id")).with_for_update())
INSERT = Query(
    Certification,
    insert(Certification)
    .values({name: bindparam(name) for name in ("id", "organization_id", *SAID)})
    .returning(*COLUMNS),
)
UPDATE = Query(
    Certification,
    update(Certification)
    .where(COLUMNS.id == bindparam("row"))
    .values({name: bindparam(f"new_{name}") for name in SAID})
    .returning(*COLUMNS),
)
DELETE = Query(Certification, delete(Certification).where(COLUMNS.id == bindparam("id")).returning(*COLUMNS))
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('certification:' || upper($1), 0))"
TAKEN = """
SELECT organization_id IS NULL AS everybodys FROM certifications
WHERE upper(code) = upper($1) AND coalesce(organization_id, $2) = $2 AND id <> $3 ORDER BY 1 DESC LIMIT 1
"""
# products first, as everybody who writes assignments does: so nobody waits in a circle
CARRYING = """
SELECT id FROM products WHERE id IN (
    SELECT a.product_id FROM certification_assignments a JOIN certifications c ON c.id = a.certification_id
    WHERE c.id = $1 AND c.organization_id = ANY($2)
) ORDER BY id FOR UPDATE
"""
UNVERIFY = """
WITH checked AS (
    UPDATE certification_assignments
    SET verification_status = 'unverified', verified_at = NULL, verified_by_id = NULL, verified_by_user_id = NULL,
        modified = now()
    WHERE certification_id = $1 AND verification_status = 'verified' RETURNING id, product_id
)
UPDATE products p SET modified = clock_timestamp() FROM checked WHERE p.id = checked.product_id
RETURNING checked.id, p.gtin, p.owner_id
"""
CARRIED = "SELECT EXISTS (SELECT FROM certification_assignments WHERE certification_id = $1)"
CertificationId = Annotated[Id, Doc("Id of a certification of the organization's own.")]


@access.user
async def create_certification(
    ctx: Context, input: Annotated[CertificationInput, Doc("The certification.")]
) -> Certification:
    """A certification of an organization's own. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden, Invalid: resolvers.roles.acting; or there is no such body.
        Conflict: the organization has one with this code, or everybody has.
    """
    organization = acting(ctx, input.organization_id, May.PRODUCTS)
    said = {name: getattr(input, name) for name in SAID}
    async with ctx.transaction() as write:
        await check(write, said, organization)
        row = await write.one(INSERT, id=new_id(), organization_id=organization, **said)
        assert row
        await tell(ctx, write, "created", row)
    return row


@access.user
async def update_certification(
    ctx: Context, id: CertificationId, input: Annotated[CertificationPatch, Doc("What is to change.")]
) -> Certification:
    """Changes what is given. Owners, managers and editors of the organization whose own it is may. Where an authority
    has verified it, that was what it said before: it is unverified again.

    Raises:
        NotFound, Forbidden: `own`; or there is no such body.
        Conflict: the organization has one with this code, or everybody has.
    """
    given = {name: value for name in SAID if (value := getattr(input, name)) is not ABSENT}
    given = {name: value for name, value in given.items() if value is not None or name == "certification_body_id"}
    async with ctx.transaction() as write:
        await write.connection.execute(CARRYING, id, organizations_of(ctx.viewer))
        row = await own(ctx, write, id)
        before = {name: getattr(row, name) for name in SAID}
        after = before | given
        if after != before:
            await check(write, after, str(row.organization_id), id)
            found = await write.one(UPDATE, row=id, **{f"new_{name}": after[name] for name in SAID})
            assert found
            await tell(ctx, write, "changed", row := found)
            for each in await write.connection.fetch(UNVERIFY, id):
                told = {"gtin": each["gtin"], "certification_id": id, "status": VerificationStatus.UNVERIFIED.value}
                await emit(write, "certification.updated", each["id"], each["owner_id"], **told)
    return row


@access.user
async def delete_certification(ctx: Context, id: CertificationId) -> bool:
    """Deletes a certification that no product carries. Owners, managers and editors of the organization may.

    Raises:
        NotFound, Forbidden: `own`. Conflict: a product carries it.
    """
    async with ctx.transaction() as write:
        row = await own(ctx, write, id)
        if await write.connection.fetchval(CARRIED, id):
            raise Conflict("Products carry this certification. Remove it from them first.")
        await write.one(DELETE, id=id)
        await tell(ctx, write, "deleted", row)
    return True


async def own(ctx: Context, write: Writer, id: str) -> Certification:
    """The certification, locked.

    Raises:
        NotFound: there is none, or it is another organization's.
        Forbidden: it is everybody's, or the role is too small.
    """
    found = await write.one(LOCK, id=id)
    if found is None or not visible(ctx.viewer, found):
        raise NotFound("There is no such certification.")
    if found.organization_id is None:
        raise Forbidden("This certification is everybody's, and only the platform changes it.")
    require(ctx, found.organization_id, May.PRODUCTS)
    return found


async def check(write: Writer, said: dict[str, Any], organization: str, itself: str = "") -> None:
    """Raises:
    NotFound: there is no such body. Conflict: the code is taken.
    Invalid: the label is blank.
    """
    if not said["label"].strip():
        raise Invalid([Detail(field="label", message="must not be blank")])
    body = said["certification_body_id"]
    if body is not None and await write.one(BODIES_BY_ID, keys=[body]) is None:
        raise NotFound("There is no such certification body.")
    if not said["code"]:
        return
    await write.connection.execute(ONE_AT_A_TIME, said["code"])
    taken = await write.connection.fetchrow(TAKEN, said["code"], organization, itself)
    if taken and taken["everybodys"]:  # or it could be taken for that one
        raise Conflict("There is a certification with this code for everybody. Use that, or another code.")
    if taken:
        raise Conflict("Your organization has a certification with this code already.")


async def tell(ctx: Context, write: Writer, what: str, row: Certification) -> None:
    organization = str(row.organization_id)
    changes = {"label": row.label, "code": row.code}
    await emit(write, f"certification_definition.{what}", row.id, organization, **changes)
    await audit(write, ctx.viewer, organization, f"certification_definition.{what}", ("certification", row.id), changes)
