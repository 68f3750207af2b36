"""Which certifications products carry: assigned, changed and removed by their owners, verified by authorities.

The workflow: what an owner says is unverified. An authority makes it verified, and who and when is kept. Whoever then
changes what the certificate says makes it unverified again, since nobody has checked that; what has run out is expired
by the clock, and once it is renewed it is unverified until an authority has seen the new certificate.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

from sqlalchemy import bindparam, delete, insert, select, update

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, Detail, Forbidden, Invalid, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.models.certifications import Certification, CertificationAssignment, VerificationStatus
from closient_gql.core.models.products import Product
from resolvers import access
from resolvers.account.authorities import NO_AUTHORITY, authority_able
from resolvers.certifications import clock
from resolvers.certifications.assignments import MOST
from resolvers.certifications.catalogue import CERTIFICATIONS_BY_ID
from resolvers.certifications.inputs import CertificationAssignmentInput, CertificationAssignmentPatch
from resolvers.context import Context
from resolvers.outbox import audit, emit, enqueue
from resolvers.products.claims import check_owner, locked, owned
from resolvers.products.commands import merged
from resolvers.products.images import DELETE_FILES
from resolvers.products.inputs import PlainGtin
from resolvers.roles import May, allowed

COLUMNS = CertificationAssignment.__table__.c
TEXTS = ("certificate_number", "issuing_body", "verification_url", "scope", "certification_value")
DATES = ("valid_from", "expiration_date", "audit_date", "initial_certification_date")
SAID = (*TEXTS, *DATES, "certificate_countries")
"""What a certificate says: once an authority has checked it, a change makes it unverified."""
VERIFIED = ("verification_status", "verified_at", "verified_by_id", "verified_by_user_id")
CHANGED = (*SAID, *VERIFIED, "metadata", "expired_at", "modified")
AGAIN = dict(zip(VERIFIED, (VerificationStatus.UNVERIFIED.value, None, None, None), strict=True))
_of_product = select(*COLUMNS).where(
    COLUMNS.product_id == bindparam("product"), COLUMNS.certification_id == bindparam("certification")
)
OF_PRODUCT = Query(CertificationAssignment, _of_product)
LOCK = Query(CertificationAssignment, _of_product.with_for_update())
INSERT = Query(
    CertificationAssignment,
    insert(CertificationAssignment)
    .values({name: bindparam(name) for name in ("id", "product_id", "certification_id", "metadata", *SAID, *VERIFIED)})
    .returning(*COLUMNS),
)
UPDATE = Query(
    CertificationAssignment,
    update(CertificationAssignment)
    .where(COLUMNS.id == bindparam("row"))
    .values({name: bindparam(f"new_{name}") for name in CHANGED})
    .returning(*COLUMNS),
)
DELETE = Query(
    CertificationAssignment,
    delete(CertificationAssignment)
    .where(COLUMNS.product_id == bindparam("product"), COLUMNS.certification_id == bindparam("certification"))
    .returning(*COLUMNS),
)
COUNT = "SELECT count(*) FROM certification_assignments WHERE product_id = $1"
TOUCH = "UPDATE products SET modified = clock_timestamp() WHERE id = $1"
NOT_CARRIED = "The product does not carry this certification."
PERCENT = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*%")
CertificationId = Annotated[Id, Doc("Id of the certification, not of the assignment.")]


@access.user
async def assign_certification(
    ctx: Context, gtin: PlainGtin, input: Annotated[CertificationAssignmentInput, Doc("Which, and what it says.")]
) -> CertificationAssignment:
    """A product carries a certification from now on. Owners, managers and editors of its owner may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner; there is no such certification; or it is to be
            verified, and the caller is no authority.
        Conflict: the product carries it already, or too many. Invalid: what it says cannot be.
    """
    wanted = input.verification_status
    authority = await authority_able(ctx, May.CLAIM) if wanted else None
    said = {name: getattr(input, name) for name in SAID} | {"certificate_countries": input.certificate_countries or []}
    check(said)
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        await assignable(write, input.certification_id, owner)
        if await write.one(OF_PRODUCT, product=product.id, certification=input.certification_id):
            raise Conflict("The product carries this certification already. Change that instead.")
        if await write.connection.fetchval(COUNT, product.id) >= MOST:
            raise Conflict(f"A product carries at most {MOST} certifications.")
        row = await write.one(
            INSERT, id=new_id(), product_id=product.id, certification_id=input.certification_id,
            metadata=merged({}, {} if input.metadata is ABSENT else input.metadata), **said,
            **verification(ctx, AGAIN, wanted, said["expiration_date"], authority),
        )  # fmt: skip
        assert row
        await tell(ctx, write, "assigned", product, row, authority, {})
    return row


async def assignable(write: Writer, id: str, owner: str) -> Certification:
    """Raises:
    NotFound: there is no such certification, or it is another organization's own.
    """
    found = await write.one(CERTIFICATIONS_BY_ID, keys=[id])
    if found is None or found.organization_id not in (None, owner):
        raise NotFound("There is no such certification.")
    return found


@access.user
async def update_certification_assignment(
    ctx: Context,
    gtin: PlainGtin,
    certification_id: CertificationId,
    input: Annotated[CertificationAssignmentPatch, Doc("What is to change.")],
) -> CertificationAssignment:
    """Changes what is given of a certification that a product carries. Owners, managers and editors of its owner may;
    authorities may say whether it is verified, of any product.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner; the product does not carry it; or it is to be
            verified, and the caller is no authority.
        Conflict: it is to be verified, but has run out. Invalid: what it says cannot be.
    """
    wanted = input.verification_status
    authority = await authority_able(ctx, May.CLAIM) if wanted else None
    given = {name: value for name in SAID if not_left(name, value := getattr(input, name))}
    async with ctx.transaction() as write:
        product = await locked(write, gtin)
        own = product.owner_id is not None and May.PRODUCTS in allowed(ctx.viewer, product.owner_id)
        if not own and (given or input.metadata is not ABSENT or authority is None):
            check_owner(ctx, product, May.PRODUCTS)
        row = await carried(write, product, certification_id)
        before = {name: getattr(row, name) for name in CHANGED}
        said = {name: given.get(name, before[name]) for name in SAID}
        check(said)
        after = before | said
        changed = [name for name in SAID if said[name] != before[name]]
        now = AGAIN if changed else {name: before[name] for name in VERIFIED}
        after |= verification(ctx, now, wanted, said["expiration_date"], authority)
        if not clock.ended(said["expiration_date"], clock.today()):
            after["expired_at"] = None  # its next end is told again
        if input.metadata is not ABSENT:
            after["metadata"] = merged(before["metadata"], input.metadata)
        row = await put(write, row, before, after)
        if before != {name: getattr(row, name) for name in CHANGED}:
            verified = authority is not None and wanted is VerificationStatus.VERIFIED
            told = {name: [plain(before[name]), plain(said[name])] for name in changed}
            await tell(ctx, write, "verified" if verified else "updated", product, row, authority, told)
    return row


def not_left(name: str, value: Any) -> bool:
    """Whether the caller says something of this field: null clears a date, and leaves everything else."""
    return value is not ABSENT if name in DATES else value is not None


async def carried(write: Writer, product: Product, certification_id: str) -> CertificationAssignment:
    """Raises:
    NotFound: the product does not carry this certification.
    """
    found = await write.one(LOCK, product=product.id, certification=certification_id)
    if found is None:
        raise NotFound(NOT_CARRIED)
    return found


async def put(
    write: Writer, row: CertificationAssignment, before: Mapping[str, Any], after: Mapping[str, Any]
) -> CertificationAssignment:
    """Writes what differs; the row as it is then."""
    if after == before:
        return row
    values = {f"new_{name}": after[name] for name in CHANGED} | {"new_modified": datetime.now(UTC)}
    found = await write.one(UPDATE, row=row.id, **values)
    assert found
    return found


def check(said: Mapping[str, Any]) -> None:
    """Raises:
    Invalid: it ends before it begins, or its value is a share that there cannot be; all of it is named.
    """
    problems = list(misfits(said["valid_from"], said["expiration_date"]))
    share = PERCENT.fullmatch(said["certification_value"].strip())
    if share and not 0 <= float(share[1].replace(",", ".")) <= 100:
        problems.append(Detail(field="certification_value", message="must be a share of 0 to 100 %"))
    first, last = said["initial_certification_date"], said["expiration_date"]
    if first and last and last < first:
        problems.append(Detail(field="initial_certification_date", message="must not be after expiration_date"))
    if problems:
        raise Invalid(problems)


def misfits(valid_from: date | None, expiration_date: date | None) -> list[Detail]:
    """What is wrong with a validity."""
    if valid_from and expiration_date and expiration_date < valid_from:
        return [Detail(field="expiration_date", message="must not be before valid_from")]
    return []


def verification(
    ctx: Context,
    now: Mapping[str, Any],
    wanted: VerificationStatus | None,
    expiration_date: date | None,
    authority: str | None,
) -> dict[str, Any]:
    """The columns of the verification, from what they are `now` and what is wanted.

    Raises:
        Forbidden: it is to be verified, is not yet, and the caller is no authority.
        Conflict: it is to be verified, but has run out.
        Invalid: it is to be expired, but has not run out.
    """
    over = clock.ended(expiration_date, clock.today())
    if wanted is VerificationStatus.UNVERIFIED:
        return dict(AGAIN)
    if wanted is VerificationStatus.EXPIRED and not over:
        message = "follows from expiration_date: set that to its last day instead"
        raise Invalid([Detail(field="verification_status", message=message)])
    if wanted is VerificationStatus.VERIFIED and authority is None:
        if over or now["verification_status"] != wanted.value:
            raise Forbidden(NO_AUTHORITY)
        return dict(now)  # said again, as by who sends back what was read
    if wanted is VerificationStatus.VERIFIED:
        if over:
            raise Conflict("The certificate has run out. Set the expiration_date of its successor first.")
        who = (VerificationStatus.VERIFIED.value, datetime.now(UTC), authority, ctx.viewer.user_id)
        return dict(zip(VERIFIED, who, strict=True))
    return dict(now)


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


async def tell(
    ctx: Context,
    write: Writer,
    what: str,
    product: Product,
    row: CertificationAssignment,
    authority: str | None,
    changes: Mapping[str, Any],
) -> None:
    """The product was changed; an event; entries in the logs of its owner and of the authority that acted."""
    about = {"gtin": product.gtin, "certification_id": row.certification_id}
    await write.connection.execute(TOUCH, product.id)
    await emit(write, f"certification.{what}", row.id, product.owner_id, **about, status=row.verification_status)
    for organization in dict.fromkeys((product.owner_id, authority)):
        if organization is not None:
            entry = {**about, **changes}
            await audit(write, ctx.viewer, organization, f"certification.{what}", ("product", product.id), entry)


@access.user
async def remove_certification(ctx: Context, gtin: PlainGtin, certification_id: CertificationId) -> bool:
    """A product no longer carries a certification; its evidence is deleted. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner; or the product does not carry it.
    """
    async with ctx.transaction() as write:
        product, _ = await owned(ctx, write, gtin, May.PRODUCTS)
        row = await write.one(DELETE, product=product.id, certification=certification_id)
        if row is None:
            raise NotFound(NOT_CARRIED)
        if row.evidence_key:
            await enqueue(write, DELETE_FILES, keys=[row.evidence_key])
        await tell(ctx, write, "removed", product, row, None, {})
    return True
