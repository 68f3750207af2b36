"""Who owns a product: claiming it, releasing it, disputing it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlalchemy import bindparam, func, select

from closient_gql.core.bounds import Doc
from closient_gql.core.db import KEYS, Query, Writer
from closient_gql.core.errors import Conflict, Forbidden, NotFound
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.ids import new_id
from closient_gql.core.models.products import ClaimReport, ClaimVerificationStatus, Product, ReportStatus
from resolvers import access
from resolvers.account.changing import living
from resolvers.context import Context
from resolvers.outbox import audit
from resolvers.products.facts import settle
from resolvers.products.inputs import ClaimReportIn, GtinOf, OrganizationRef
from resolvers.products.queries import products_by_gtin
from resolvers.products.rules import under_review, weight_of
from resolvers.roles import May, acting, allowed, require
from resolvers.viewer import Viewer

LOCK = Query(Product, select(*Product.__table__.c).where(Product.gtin == func.any(KEYS)).with_for_update())
CLAIM = """
UPDATE products SET owner_id = $2, claimed_at = now(), claim_verification_status = 'unverified',
    resolver_enabled = true, modified = clock_timestamp()
WHERE id = $1
"""
# The history keeps what the brand was. Facts of the brand go: the next crawl may say it anew, an old one must not.
RELEASE = """
WITH forgotten AS (DELETE FROM product_facts WHERE product_id = $1 AND field = 'brand_id'),
noted AS (
    INSERT INTO product_history (id, product_id, field, old, source, confidence, organization_id, user_id)
    SELECT $2, id, 'brand_id', to_jsonb(brand_id), data_source, 0, owner_id, $3 FROM products
    WHERE id = $1 AND brand_id IS NOT NULL
)
UPDATE products SET owner_id = NULL, claimed_at = NULL, claim_verification_status = NULL, brand_id = NULL,
    field_confidence = field_confidence - 'brand', resolver_enabled = false, modified = clock_timestamp()
WHERE id = $1
"""
REPORTS = Query(  # one row for each address, however many reports it sends
    ClaimReport,
    select(ClaimReport.source_ip, func.max(ClaimReport.weight).label("weight"))
    .group_by(ClaimReport.source_ip)
    .where(
        ClaimReport.product_id == bindparam("product"),
        ClaimReport.organization_id.is_not_distinct_from(bindparam("organization")),
        (ClaimReport.status == ReportStatus.OPEN.value) | (ClaimReport.status == ReportStatus.UNDER_REVIEW.value),
    ),
)
REPORT = """
INSERT INTO claim_reports (id, product_id, organization_id, reporter_email, reporter_relationship, reporter_phone,
    reporter_company, supporting_url, reason, source_ip, weight, status)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
REVIEW = """
UPDATE claim_reports SET status = 'under_review'
WHERE product_id = $1 AND organization_id IS NOT DISTINCT FROM $2 AND status = 'open'
"""
NO_PRODUCT = "There is no such product."
UNCLAIMED = "Nobody has claimed this product, and only its owner may do this. Claim it first."
NOT_YOURS = "Another organization has claimed this product, and only its owner may do this."
TOO_SMALL = "Your role in the organization that owns this product, or that of your key, does not allow this."
CLAIMED = (
    "The product is yours. The claim is not verified yet; that is done afterwards, for example by the company prefix."
)
THANKS = {
    ReportStatus.OPEN: "Thank you. The report was received and counts together with others about this claim.",
    ReportStatus.UNDER_REVIEW: "Thank you. The claim is under review by a person now.",
}


@dataclass(frozen=True)
class Receipt:
    """What a claim came to."""

    gtin: Gtin
    owner_id: str
    claimed_at: datetime
    claim_verification_status: ClaimVerificationStatus
    message: str
    product: Product


@dataclass(frozen=True)
class Report:
    """What the reporter is told."""

    id: str
    gtin: Gtin
    message: str
    status: ReportStatus


async def locked(write: Writer, gtin: Gtin) -> Product:
    """The product, locked until the end of the transaction.

    Raises:
        NotFound: there is none.
    """
    found = await write.one(LOCK, keys=[gtin])
    if found is None:
        raise NotFound(NO_PRODUCT)
    return found


def check_owner(ctx: Context, product: Product | None, what: May, organization_id: str | None = None) -> None:
    """Whether the caller may do this with a product. Whose it is, everybody can see: so this is 403, not 404.

    Raises:
        NotFound: there is no such product, or the organization that the caller names is not the caller's.
        Forbidden: it is not owned by (that) one of the caller's organizations, or the caller's role is too small.
    """
    if organization_id is not None:
        require(ctx, organization_id, May.VIEW)
    if product is None:
        raise NotFound(NO_PRODUCT)
    if product.owner_id is None:
        raise Forbidden(UNCLAIMED)
    cells = allowed(ctx.viewer, product.owner_id)
    if not cells or organization_id not in (None, product.owner_id):
        raise Forbidden(NOT_YOURS)
    if what not in cells:
        raise Forbidden(TOO_SMALL)


async def owned(
    ctx: Context, write: Writer, gtin: Gtin, what: May, organization_id: str | None = None
) -> tuple[Product, str]:
    """The product, locked, and its owner.

    Raises:
        NotFound, Forbidden: as `check_owner`.
    """
    product = await write.one(LOCK, keys=[gtin])
    check_owner(ctx, product, what, organization_id)
    assert product is not None
    assert product.owner_id is not None
    return product, product.owner_id


async def shown(ctx: Context, gtin: Gtin) -> Product:
    """The product as it is after a write."""
    found: Product | None = await ctx.find(products_by_gtin, gtin)
    if found is None:  # deleted since
        raise NotFound(NO_PRODUCT)
    return found


@access.user
async def claim_product(
    ctx: Context, gtin: GtinOf, input: Annotated[OrganizationRef | None, Doc("Who claims it.")] = None
) -> Receipt:
    """Claims a product that nobody has claimed. Owners and managers may.

    Raises:
        NotFound, Forbidden, Invalid: resolvers.roles.acting; or there is no such product.
        Conflict: it is claimed already. Of several who claim it at once, one wins.
    """
    organization = acting(ctx, input.organization_id if input else None, May.CLAIM)
    async with ctx.transaction() as write:
        await living(write, organization)
        product = await locked(write, gtin)
        if product.owner_id == organization:
            raise Conflict("Your organization has claimed this product already.")
        if product.owner_id is not None:
            raise Conflict("Another organization has claimed this product already. You can report that claim.")
        await settle(write, ctx.viewer, [product.id])
        await write.connection.execute(CLAIM, product.id, organization)
        await settle(write, ctx.viewer, [product.id])  # what it said as a former owner counts again
        await audit(write, ctx.viewer, organization, "product.claimed", ("product", product.id), {"gtin": gtin})
    found = await shown(ctx, gtin)
    assert found.claimed_at
    return Receipt(gtin, organization, found.claimed_at, ClaimVerificationStatus.UNVERIFIED, CLAIMED, found)


@access.user
async def unclaim_product(
    ctx: Context, gtin: GtinOf, input: Annotated[OrganizationRef | None, Doc("Who releases it.")] = None
) -> Product:
    """Releases a product: nobody owns it, it has no brand, and its resolver is off. Owners and managers may.

    What the owner said of it stays known, but counts as any import does from now on; if the same organization claims
    the product again, it counts as the owner's again.

    Raises:
        NotFound, Forbidden: `check_owner`.
    """
    async with ctx.transaction() as write:
        product, owner = await owned(ctx, write, gtin, May.CLAIM, input.organization_id if input else None)
        await release(write, ctx.viewer, product.id)
        await audit(write, ctx.viewer, owner, "product.released", ("product", product.id), {"gtin": gtin})
    return await shown(ctx, gtin)


async def release(write: Writer, viewer: Viewer, product_id: str) -> None:
    """Ends the claim of a product that is locked; what `unclaim_product` says of it."""
    await settle(write, viewer, [product_id])
    await write.connection.execute(RELEASE, product_id, new_id(), viewer.user_id)
    await settle(write, viewer, [product_id])


@access.public
async def report_claim(
    ctx: Context, gtin: GtinOf, input: Annotated[ClaimReportIn, Doc("What is wrong, and who says so.")]
) -> Report:
    """Disputes who owns a product. Anybody may; the reporter is shown to nobody but moderators.

    There is no entry in the claimant's audit log, which would name the reporter's key.

    Raises:
        NotFound: there is no such product.
    """
    async with ctx.transaction() as write:
        product = await locked(write, gtin)  # reports of one product are weighed one after the other
        before = await write.all(REPORTS, product=product.id, organization=product.owner_id)
        weight = weight_of(input.reporter_relationship)
        review = under_review([*((r.source_ip, r.weight) for r in before), (ctx.address, weight)])
        status = ReportStatus.UNDER_REVIEW if review else ReportStatus.OPEN
        id = new_id()
        await write.connection.execute(
            REPORT, id, product.id, product.owner_id, input.reporter_email, input.reporter_relationship.value,
            input.reporter_phone, input.reporter_company, input.supporting_url, input.reason, ctx.address, weight,
            status.value,
        )  # fmt: skip
        if review:
            await write.connection.execute(REVIEW, product.id, product.owner_id)
    return Report(id, gtin, THANKS[status], status)
