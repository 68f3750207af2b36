"""What waits for an authority to verify it."""

from sqlalchemy import Date, bindparam, select

from closient_gql.core.models.certifications import CertificationAssignment, VerificationStatus
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.account.authorities import acting_authority
from resolvers.certifications import clock
from resolvers.context import Context
from resolvers.roles import May

COLUMNS = CertificationAssignment.__table__.c
WAITING = Listing(
    "certifications-to-verify",
    CertificationAssignment,
    select(*COLUMNS).where(
        CertificationAssignment.verification_status == VerificationStatus.UNVERIFIED.value,
        CertificationAssignment.evidence_at.is_not(None),
    ),
    orders={"evidence_at": CertificationAssignment.evidence_at.expression},
    filters={
        "running": CertificationAssignment.expiration_date.is_(None)
        | (CertificationAssignment.expiration_date >= bindparam("running", type_=Date))
    },
)


@access.user
async def certifications_to_verify(ctx: Context, window: Window) -> Slice[CertificationAssignment]:
    """Unverified certificates with evidence that have not run out, the evidence that came first first. For authorities.

    Raises:
        Forbidden: the caller belongs to no authority.
    """
    await acting_authority(ctx, May.VIEW)
    (found,) = await WAITING.slices(ctx.read, window, order="evidence_at", running=clock.today())
    return found
