"""What people decide: verifications that no machine can be sure of. Used by the command line."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, NotFound
from closient_gql.core.models.account import Organization
from closient_gql.core.models.brands import Brand, BrandVerification, VerificationState
from resolvers.account.changing import LIVING
from resolvers.brands import commands
from resolvers.brands.verifications import COLUMNS, LOCK, decide, verify
from resolvers.outbox import audit
from resolvers.viewer import ANONYMOUS

QUEUE = Query(
    BrandVerification,
    select(*COLUMNS, Brand.name.label("brand_name"), Organization.name.label("organization_name"))
    .join_from(BrandVerification, Brand, Brand.id == BrandVerification.brand_id)
    .join(Organization, Organization.id == BrandVerification.organization_id)
    .where(
        BrandVerification.state == VerificationState.PENDING.value, BrandVerification.needs_review,
        Brand.organization_id == BrandVerification.organization_id,  # of others nothing can be decided
    )
    .order_by(BrandVerification.created, BrandVerification.id),
)  # fmt: skip
BY_ID = Query(BrandVerification, select(*COLUMNS).where(BrandVerification.id == bindparam("id")))


async def queue(write: Writer) -> Sequence[BrandVerification]:
    """What waits for a person, oldest first, each with `brand_name` and `organization_name`."""
    return await write.all(QUEUE)


async def approve(write: Writer, id: str, reason: str, by: str) -> BrandVerification:
    """The brand is the organization's.

    Raises:
        NotFound: there is no such verification.
        Conflict: it was decided already, or the brand is no longer the organization's.
    """
    brand, found = await pending(write, id)
    if brand.organization_id != found.organization_id:
        raise Conflict("The brand is no longer the organization's that asked. Reject the verification.")
    return await verify(write, found, reason, by)


async def reject(write: Writer, id: str, reason: str, by: str) -> BrandVerification:
    """What was handed in does not show that the brand is the organization's; `reason` tells it why.

    Raises:
        NotFound, Conflict: as `approve`.
    """
    _, found = await pending(write, id)
    decided = await decide(write, found, VerificationState.REJECTED, reason, by)
    told = {"verification": found.id, "method": found.method, "reason": reason, "by": by}
    await audit(write, ANONYMOUS, found.organization_id, "brand.verification_rejected", ("brand", found.brand_id), told)
    return decided


async def pending(write: Writer, id: str) -> tuple[Brand, BrandVerification]:
    """The brand and its verification, both locked."""
    seen = await write.one(BY_ID, id=id)
    if seen is None:
        raise NotFound("There is no such verification. `closient moderation list` shows those that wait.")
    await write.one(LIVING, id=seen.organization_id)
    brand = await write.one(commands.LOCK, id=seen.brand_id)
    found = await write.one(LOCK, id=id)
    assert brand
    assert found
    if found.state != VerificationState.PENDING.value:
        raise Conflict(f"This verification was decided already: {found.state}.")
    return brand, found
