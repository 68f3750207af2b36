"""What people decide about claims that were reported. Used by the command line; only there reporters are shown.

Reports are weighed together, so they are decided together: all that wait about one organization's claim of one product.
"""

from collections.abc import Sequence

from sqlalchemy import Boolean, bindparam, select

from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, NotFound
from closient_gql.core.models.products import ClaimReport, Product, ReportStatus
from resolvers.outbox import audit
from resolvers.products.claims import locked, release
from resolvers.viewer import ANONYMOUS

COLUMNS = (*ClaimReport.__table__.c, Product.gtin, Product.owner_id)
REPORTS = select(*COLUMNS).join_from(ClaimReport, Product, Product.id == ClaimReport.product_id)
WAITING = (ReportStatus.OPEN.value, ReportStatus.UNDER_REVIEW.value)
QUEUE = Query(
    ClaimReport,
    REPORTS.where(
        (ClaimReport.status == WAITING[0]) | (ClaimReport.status == WAITING[1]),
        ClaimReport.organization_id == Product.owner_id,  # other claims have ended by themselves
        (ClaimReport.status == ReportStatus.UNDER_REVIEW.value) | bindparam("all", type_=Boolean),
    ).order_by(ClaimReport.product_id, ClaimReport.created, ClaimReport.id),
)
BY_ID = Query(ClaimReport, REPORTS.where(ClaimReport.id == bindparam("id")))
DECIDE = """
UPDATE claim_reports SET status = $3
WHERE product_id = $1 AND organization_id IS NOT DISTINCT FROM $2 AND status IN ('open', 'under_review')
"""


async def queue(write: Writer, all: bool) -> Sequence[ClaimReport]:
    """Reports of claims that stand, each with the product's `gtin`: those under review, or all that wait."""
    return await write.all(QUEUE, all=all)


async def uphold(write: Writer, id: str, reason: str, by: str) -> tuple[str, int]:
    """Ends the reported claim: the product is nobody's, as if its owner had released it. The owner's audit log says
    that, why, and by whom it was decided; not who reported it.

    Returns: the product's GTIN, and how many reports this decides.

    Raises:
        NotFound: there is no such report.
        Conflict: it was decided already, or the claim has ended.
    """
    report, product = await waiting(write, id)
    owner = product.owner_id
    if owner is None or owner != report.organization_id:
        raise Conflict("The claim that this report is about has ended by itself. Dismiss the report.")
    await release(write, ANONYMOUS, product.id)
    told = {"gtin": product.gtin, "reason": reason, "by": by}
    await audit(write, ANONYMOUS, owner, "product.claim_revoked", ("product", product.id), told)
    return product.gtin, await decide(write, report, ReportStatus.RESOLVED)


async def dismiss(write: Writer, id: str) -> tuple[str, int]:
    """Lets the claim stand. The owner hears nothing of it.

    Returns, Raises: as `uphold`.
    """
    report, product = await waiting(write, id)
    return product.gtin, await decide(write, report, ReportStatus.DISMISSED)


async def waiting(write: Writer, id: str) -> tuple[ClaimReport, Product]:
    """The report and its product, locked: reports of one product are decided one after the other."""
    seen = await write.one(BY_ID, id=id)
    if seen is None:
        raise NotFound("There is no such report. `closient reports list --all` shows those that wait.")
    product = await locked(write, seen.gtin)  # type: ignore[attr-defined]  # of the join
    report = await write.one(BY_ID, id=id)
    assert report
    if report.status not in WAITING:
        raise Conflict(f"This report was decided already: {report.status}.")
    return report, product


async def decide(write: Writer, report: ClaimReport, status: ReportStatus) -> int:
    done = await write.connection.execute(DECIDE, report.product_id, report.organization_id, status.value)
    return int(done.split()[-1])
