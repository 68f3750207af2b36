"""What products carry: certifications and claims, how they are found and what of them follows from the clock."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from sqlalchemy import ColumnElement, Date, String, Text, bindparam, cast, func, select

from closient_gql.core.bounds import Doc
from closient_gql.core.db import KEYS, Query
from closient_gql.core.enums import Described
from closient_gql.core.models.certifications import (
    Certification,
    CertificationAssignment,
    CertificationBody,
    Claim,
    ClaimAssignment,
    VerificationStatus,
)
from closient_gql.core.models.products import Product
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.certifications import clock
from resolvers.certifications.catalogue import BODIES_BY_ID, CERTIFICATIONS_BY_ID, CLAIMS_BY_ID, visible
from resolvers.context import Context
from resolvers.products.inputs import PlainGtin
from resolvers.products.queries import products_by_gtin

MOST = 200
"""How many certifications, and how many claims, a product carries at most: so a list of all of them has an end."""
ALL = Window(first=MOST)


class AssignmentOrder(Described):
    EXPIRY_DATE = "expiry_date", "What runs out first, first; what has no end comes last."
    EXPIRY_DATE_DESC = "-expiry_date", "What has no end first, then what runs out last."
    LABEL = "label", "By label, A to Z, without regard to case."
    LABEL_DESC = "-label", "By label, Z to A."


def day(name: str) -> Any:
    return bindparam(name, type_=Date)


def active_on(model: Any, name: str) -> ColumnElement[bool]:
    """The condition of `clock.active`, on the day that is bound to `name`."""
    begun: ColumnElement[bool] = model.valid_from.is_(None) | (model.valid_from <= day(name))
    running: ColumnElement[bool] = model.expiration_date.is_(None) | (model.expiration_date >= day(name))
    return begun & running


CARRIED = select(*CertificationAssignment.__table__.c).join_from(
    CertificationAssignment, Certification, CertificationAssignment.certification_id == Certification.id
)
CLAIMED = select(*ClaimAssignment.__table__.c).join_from(
    ClaimAssignment, Claim, ClaimAssignment.claim_id == Claim.id
)  # fmt: skip
ENDED = CertificationAssignment.expiration_date.is_not(None) & (CertificationAssignment.expiration_date < day("ended"))
RUNNING = CertificationAssignment.expiration_date.is_(None) | (
    CertificationAssignment.expiration_date >= day("running")
)
CERTIFICATIONS = Listing(
    "product-certifications",
    CertificationAssignment,
    CARRIED,
    orders={
        "label": func.lower(Certification.label, type_=Text),
        # as text: a cursor says it, and what has no end has a place
        "expiry_date": func.coalesce(cast(CertificationAssignment.expiration_date, String), "never", type_=Text),
    },
    filters={
        "active": active_on(CertificationAssignment, "active"),
        "inactive": ~active_on(CertificationAssignment, "inactive"),
        "ended": ENDED,
        "running": RUNNING,
        "status": CertificationAssignment.verification_status == bindparam("status"),
    },
    parent=CertificationAssignment.product_id,
)
CLAIMS = Listing(
    "product-claims",
    ClaimAssignment,
    CLAIMED,
    orders={"label": func.lower(Claim.label, type_=Text)},
    parent=ClaimAssignment.product_id,
)
PRODUCTS_BY_ID = Query(Product, select(*Product.__table__.c).where(Product.id == func.any(KEYS)))
Status = Annotated[VerificationStatus | None, Doc("Only those that stand so today.")]
Active = Annotated[bool | None, Doc("Only those whose validity includes today, or only others.")]
Ordering = Annotated[AssignmentOrder | None, Doc("By label if nothing is said.")]


def filters(verification_status: VerificationStatus | None, is_active: bool | None) -> dict[str, date | str]:
    """The filters of the list. What has run out is expired, whatever is stored (`clock.status`)."""
    today, found = clock.today(), dict[str, date | str]()
    if verification_status is VerificationStatus.EXPIRED:
        found["ended"] = today
    elif verification_status is not None:
        found |= {"running": today, "status": verification_status.value}
    if is_active is not None:
        found["active" if is_active else "inactive"] = today
    return found


async def certifications_of(
    ctx: Context,
    products: Sequence[Product],
    window: Window,
    *,
    verification_status: Status = None,
    is_active: Active = None,
    ordering: Ordering = None,
) -> list[Slice[CertificationAssignment]]:
    """The certifications that products carry."""
    return await CERTIFICATIONS.slices(
        ctx.read, window, [p.id for p in products], order=ordering.value if ordering else "label",
        **filters(verification_status, is_active),
    )  # fmt: skip


async def all_certifications_of(
    ctx: Context,
    products: Sequence[Product],
    *,
    verification_status: Status = None,
    is_active: Active = None,
    ordering: Ordering = None,
) -> list[Sequence[CertificationAssignment]]:
    """The same, unpaged."""
    found = await certifications_of(
        ctx, products, ALL, verification_status=verification_status, is_active=is_active, ordering=ordering
    )
    return [each.nodes for each in found]


async def claims_of(ctx: Context, products: Sequence[Product], window: Window) -> list[Slice[ClaimAssignment]]:
    """The claims that products make, by label."""
    return await CLAIMS.slices(ctx.read, window, [p.id for p in products], order="label")


async def all_claims_of(ctx: Context, products: Sequence[Product]) -> list[Sequence[ClaimAssignment]]:
    """The same, unpaged."""
    return [each.nodes for each in await claims_of(ctx, products, ALL)]


@access.key
async def product_certifications(
    ctx: Context,
    gtin: PlainGtin,
    *,
    verification_status: Status = None,
    is_active: Active = None,
    ordering: Ordering = None,
) -> Sequence[CertificationAssignment] | None:
    """All certifications of the product with this GTIN; null if there is no such product."""
    product: Product | None = await ctx.find(products_by_gtin, gtin)
    if product is None:
        return None
    (found,) = await all_certifications_of(
        ctx, [product], verification_status=verification_status, is_active=is_active, ordering=ordering
    )
    return found


@access.key
async def product_claims(ctx: Context, gtin: PlainGtin) -> Sequence[ClaimAssignment] | None:
    """All claims of the product with this GTIN; null if there is no such product."""
    product: Product | None = await ctx.find(products_by_gtin, gtin)
    return (await all_claims_of(ctx, [product]))[0] if product else None


# --- what belongs to one assignment

Assignment = CertificationAssignment | ClaimAssignment


async def whether_active(ctx: Context, assignments: Sequence[Assignment]) -> list[bool]:
    today = clock.today()
    return [clock.active(each.valid_from, each.expiration_date, today) for each in assignments]


async def statuses_of(ctx: Context, assignments: Sequence[CertificationAssignment]) -> list[VerificationStatus]:
    today = clock.today()
    return [clock.status(each.verification_status, each.expiration_date, today) for each in assignments]


async def certifications_carried(
    ctx: Context, assignments: Sequence[CertificationAssignment]
) -> list[Certification | None]:
    """Also those of an organization's own: it shows them by having its products carry them."""
    return await ctx.read.by_key(CERTIFICATIONS_BY_ID, "id", [each.certification_id for each in assignments])


async def claims_made(ctx: Context, assignments: Sequence[ClaimAssignment]) -> list[Claim | None]:
    return await ctx.read.by_key(CLAIMS_BY_ID, "id", [each.claim_id for each in assignments])


async def products_carrying(ctx: Context, assignments: Sequence[Assignment]) -> list[Product | None]:
    return await ctx.read.by_key(PRODUCTS_BY_ID, "id", [each.product_id for each in assignments])


async def whether_evident(ctx: Context, assignments: Sequence[CertificationAssignment]) -> list[bool]:
    return [each.evidence_key is not None for each in assignments]


async def bodies_of(ctx: Context, certifications: Sequence[Certification]) -> list[CertificationBody | None]:
    return await ctx.read.by_key(BODIES_BY_ID, "id", [each.certification_body_id for each in certifications])


async def organizations_shown(ctx: Context, certifications: Sequence[Certification]) -> list[str | None]:
    """Whose own it is, for members: that a product carries it does not tell that."""
    return [each.organization_id if visible(ctx.viewer, each) else None for each in certifications]
