"""Which claims products make: assigned, changed and removed by their owners."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import bindparam, delete, insert, select, update

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, Detail, Invalid, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.models.certifications import Claim, ClaimAssignment
from closient_gql.core.models.products import Product
from resolvers import access
from resolvers.certifications import clock
from resolvers.certifications.assignments import MOST
from resolvers.certifications.catalogue import CLAIMS_BY_ID
from resolvers.certifications.commands import TOUCH, misfits, plain
from resolvers.certifications.inputs import ClaimAssignmentInput, ClaimAssignmentPatch
from resolvers.context import Context
from resolvers.outbox import audit, emit
from resolvers.products.claims import owned
from resolvers.products.commands import merged
from resolvers.products.inputs import PlainGtin
from resolvers.roles import May

COLUMNS = ClaimAssignment.__table__.c
DATES = ("valid_from", "expiration_date")
SAID = ("source", *DATES, "evidence_url", "evidence_note")
CHANGED = (*SAID, "metadata", "expired_at", "modified")
OF_PRODUCT = Query(
    ClaimAssignment,
    select(*COLUMNS)
    .where(ClaimAssignment.product_id == bindparam("product"), ClaimAssignment.claim_id == bindparam("claim"))
    .with_for_update(),
)
INSERT = Query(
    ClaimAssignment,
    insert(ClaimAssignment)
    .values({name: bindparam(name) for name in ("id", "product_id", "claim_id", "metadata", *SAID)})
    .returning(*COLUMNS),
)
UPDATE = Query(
    ClaimAssignment,
    update(ClaimAssignment)
    .where(COLUMNS.id == bindparam("row"))
    .values({name: bindparam(f"new_{name}") for name in CHANGED})
    .returning(*COLUMNS),
)
DELETE = Query(
    ClaimAssignment,
    delete(ClaimAssignment)
    .where(COLUMNS.product_id == bindparam("product"), COLUMNS.claim_id == bindparam("claim"))
    .returning(*COLUMNS),
)
COUNT = "SELECT count(*) FROM claim_assignments WHERE product_id = $1"
NOT_MADE = "The product does not make this claim."
ClaimId = Annotated[Id, Doc("Id of the claim, not of the assignment.")]


@access.user
async def assign_claim(
    ctx: Context, gtin: PlainGtin, input: Annotated[ClaimAssignmentInput, Doc("Which, and what shows it.")]
) -> ClaimAssignment:
    """A product makes a claim from now on. Owners, managers and editors of its owner may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner; or there is no such claim.
        Conflict: the product makes it already, or too many. Invalid: what is said of it cannot be.
    """
    said = {name: getattr(input, name) for name in SAID} | {"source": input.source.value}
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        check(said, await claim_of(write, input.claim_id))
        if await write.one(OF_PRODUCT, product=product.id, claim=input.claim_id):
            raise Conflict("The product makes this claim already. Change that instead.")
        if await write.connection.fetchval(COUNT, product.id) >= MOST:
            raise Conflict(f"A product makes at most {MOST} claims.")
        row = await write.one(
            INSERT, id=new_id(), product_id=product.id, claim_id=input.claim_id,
            metadata=merged({}, {} if input.metadata is ABSENT else input.metadata), **said,
        )  # fmt: skip
        assert row
        await tell(ctx, write, "assigned", product, owner, row, {})
    return row


async def claim_of(write: Writer, id: str) -> Claim:
    """Raises:
    NotFound: there is no such claim.
    """
    found = await write.one(CLAIMS_BY_ID, keys=[id])
    if found is None:
        raise NotFound("There is no such claim.")
    return found


def check(said: Mapping[str, Any], claim: Claim) -> None:
    """Raises:
    Invalid: it ends before it begins, or says nothing where the claim requires a definition; all of it is named.
    """
    problems = misfits(said["valid_from"], said["expiration_date"])
    if claim.requires_definition and not said["evidence_note"].strip():
        message = "is required: this claim means something only with the brand's own definition"
        problems.append(Detail(field="evidence_note", message=message))
    if problems:
        raise Invalid(problems)


@access.user
async def update_claim_assignment(
    ctx: Context, gtin: PlainGtin, claim_id: ClaimId, input: Annotated[ClaimAssignmentPatch, Doc("What is to change.")]
) -> ClaimAssignment:
    """Changes what is given of a claim that a product makes. Owners, managers and editors of its owner may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner; or the product does not make it.
        Invalid: what is said of it cannot be.
    """
    given = {
        name: getattr(value, "value", value)
        for name in SAID
        if (value := getattr(input, name)) is not ABSENT and (name in DATES or value is not None)
    }
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        row = await write.one(OF_PRODUCT, product=product.id, claim=claim_id)
        if row is None:
            raise NotFound(NOT_MADE)
        before = {name: getattr(row, name) for name in CHANGED}
        after = before | given
        check(after, await claim_of(write, claim_id))
        if not clock.ended(after["expiration_date"], clock.today()):
            after["expired_at"] = None  # its next end is told again
        if input.metadata is not ABSENT:
            after["metadata"] = merged(before["metadata"], input.metadata)
        if after != before:
            values = {f"new_{name}": after[name] for name in CHANGED} | {"new_modified": datetime.now(UTC)}
            row = await write.one(UPDATE, row=row.id, **values)
            assert row
            changes = {name: [plain(before[name]), plain(after[name])] for name in SAID if after[name] != before[name]}
            await tell(ctx, write, "updated", product, owner, row, changes)
    return row


@access.user
async def remove_claim(ctx: Context, gtin: PlainGtin, claim_id: ClaimId) -> bool:
    """A product no longer makes a claim. Owners, managers and editors of its owner may.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner; or the product does not make it.
    """
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
        row = await write.one(DELETE, product=product.id, claim=claim_id)
        if row is None:
            raise NotFound(NOT_MADE)
        await tell(ctx, write, "removed", product, owner, row, {})
    return True


async def tell(
    ctx: Context,
    write: Writer,
    what: str,
    product: Product,
    owner: str,
    row: ClaimAssignment,
    changes: Mapping[str, Any],
) -> None:
    """The product was changed; an event; an entry in its owner's log."""
    about = {"gtin": product.gtin, "claim_id": row.claim_id}
    await write.connection.execute(TOUCH, product.id)
    await emit(write, f"claim.{what}", row.id, owner, **about)
    await audit(write, ctx.viewer, owner, f"claim.{what}", ("product", product.id), {**about, **changes})
