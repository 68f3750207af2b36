"""How an organization shows that a brand is its own: by GS1 company prefix, by domain, or to people.

What a machine can be sure of is decided at once, everything else by a person (moderation.py). A brand is verified
automatically only where what was proved also fits the brand: a prefix that is recorded for the organization and covers
all of the brand's products, or a domain that is the brand's website's.
"""

from collections.abc import Sequence
from typing import Annotated

from sqlalchemy import ARRAY, Text, bindparam, func, insert, select, update

from closient_gql.adapters.registry import NoRegistry, PrefixRegistry
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Query, Writer
from closient_gql.core.errors import Conflict, Detail, Invalid, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.models.brands import (
    Brand,
    BrandVerification,
    VerificationMethod,
    VerificationState,
)
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.account.changing import living
from resolvers.brands import prefixes, rules
from resolvers.brands.commands import check_owner, owned
from resolvers.brands.inputs import BrandVerificationInput
from resolvers.brands.queries import brands_by_id
from resolvers.context import Context
from resolvers.outbox import audit, emit, enqueue, waiting
from resolvers.roles import May
from resolvers.viewer import ANONYMOUS, Viewer

REGISTRY: PrefixRegistry = NoRegistry()
COLUMNS = BrandVerification.__table__.c
BY_ID = Query(BrandVerification, select(*COLUMNS).where(BrandVerification.id == func.any(KEYS)))
ONE = select(*COLUMNS).where(BrandVerification.id == bindparam("id"))
LOCK = Query(BrandVerification, ONE.with_for_update(key_share=True))
"""To be called after the organization (`living`) and the brand are locked: always in this order, and products last, so
that nobody waits for each other."""
ORGANIZATIONS = bindparam("organizations", type_=ARRAY(Text))
VERIFICATIONS = Listing(
    "brandVerifications",
    BrandVerification,
    select(*COLUMNS),
    orders={"created": BrandVerification.created.expression},
    filters={
        "organizations": BrandVerification.organization_id == func.any(bindparam("organizations", type_=ARRAY(Text)))
    },
    parent=BrandVerification.brand_id,
)
NAMES = ("id", "brand_id", "organization_id", "requested_by", "method", "state", "reason", "subject", "token",
         "needs_review")  # fmt: skip
INSERT = Query(
    BrandVerification,
    insert(BrandVerification).values({name: bindparam(name) for name in NAMES}).returning(*COLUMNS),
)
DECIDE = Query(
    BrandVerification,
    update(BrandVerification)
    .where(BrandVerification.id == bindparam("verification"))
    .values(
        state=bindparam("new_state"), reason=bindparam("new_reason"), decided_by=bindparam("by"),
        decided_at=func.now(), needs_review=False,
    )
    .returning(*COLUMNS),
)  # fmt: skip
CLOSE = """
UPDATE brand_verifications SET state = 'superseded', reason = $3, needs_review = false, decided_at = now(),
    decided_by = 'closient'
WHERE brand_id = $1 AND method = ANY($2::text[]) AND state = 'pending'
"""
VERIFY_BRAND = "UPDATE brands SET is_verified = true WHERE id = $1"
VERIFY_PRODUCTS = """
WITH locked AS (
    SELECT id FROM products
    WHERE brand_id = $1 AND owner_id = $2 AND claim_verification_status IS DISTINCT FROM 'verified' AND ($3 OR (
        SELECT coalesce(bool_or(to_jsonb($1) = value AND (source, stated_by) IS DISTINCT FROM ('claimed', $2)), true)
        FROM product_facts WHERE product_id = products.id AND field = 'brand_id'
    ))
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE products SET claim_verification_status = 'verified', modified = clock_timestamp()
FROM locked WHERE products.id = locked.id
"""
"""$3: whatever its owner says. Without it only products count of which somebody else says that they are of the brand: a
domain shows whose the brand is, and not whose the GTINs are that an owner has put into it."""
JOB = "brands.check_domain"
PLATFORM = "closient"
"""`decided_by` where no person decided."""


# --- asking for it


@access.user
async def verify_brand(
    ctx: Context,
    brand_id: Annotated[Id, Doc("Id of a brand of the caller's organization.")],
    input: Annotated[BrandVerificationInput, Doc("How ownership is to be shown.")],
) -> BrandVerification:
    """Asks for a brand to be verified. A pending request by the same method gives way to the new one.

    Raises:
        NotFound, Forbidden: resolvers.brands.commands.owned.
        Invalid: the subject is no prefix, or no domain. Conflict: the brand is verified already.
    """
    try:
        subject = rules.subject_of(input.method, input.subject)
    except ValueError as error:
        raise Invalid([Detail(field="subject", message=str(error))]) from None
    (seen,) = await brands_by_id(ctx, [brand_id])
    check_owner(ctx, seen, May.CLAIM)
    assert seen
    asks = input.method is VerificationMethod.GS1_PREFIX
    confirmed = asks and await REGISTRY.holds(str(seen.organization_id), subject)
    async with ctx.transaction() as write:
        await living(write, str(seen.organization_id))
        brand = await owned(ctx, write, brand_id, May.CLAIM)
        if brand.is_verified:
            raise Conflict("This brand is verified already.")
        if confirmed and brand.organization_id == seen.organization_id:
            await prefixes.record(write, str(brand.organization_id), subject, REGISTRY.name)
        return await request(write, ctx.viewer, brand, input.method, subject)


async def request(
    write: Writer, viewer: Viewer, brand: Brand, method: VerificationMethod, subject: str
) -> BrandVerification:
    """A new request about a locked brand, decided at once if it can be."""
    assert brand.organization_id
    by_domain = method is VerificationMethod.DOMAIN
    reason, sure = await first_look(write, brand, method, subject)
    await write.connection.execute(CLOSE, brand.id, [method.value], "A newer request took its place.")
    found = await write.one(
        INSERT, id=new_id(), brand_id=brand.id, organization_id=brand.organization_id, requested_by=viewer.user_id,
        method=method.value, state=VerificationState.PENDING.value, reason=reason, subject=subject,
        token=rules.new_token() if by_domain else "", needs_review=not by_domain,
    )  # fmt: skip
    assert found
    told = {"method": method.value, "subject": subject, "verification": found.id}
    await audit(write, viewer, brand.organization_id, "brand.verification_requested", ("brand", brand.id), told)
    if by_domain:
        await enqueue(write, JOB, id=found.id)
    return await verify(write, found, reason, PLATFORM, viewer) if sure else found


async def first_look(write: Writer, brand: Brand, method: VerificationMethod, subject: str) -> tuple[str, bool]:
    """What can be said at once: words for the user, and whether that settles it."""
    if method is VerificationMethod.DOMAIN:
        return f"Waiting for a DNS TXT record of {subject}, or for the file {rules.file_of(subject)}.", False
    if method is VerificationMethod.MANUAL:
        return "A person looks at it.", False
    own = await prefixes.of_organization(write, str(brand.organization_id))
    if subject not in own:
        return "This prefix is not recorded for your organization, so a person looks at it.", False
    if not await prefixes.cover(write, brand.id, own):
        return "Some of the brand's products have GTINs of other prefixes, so a person looks at it.", False
    return f"The prefix {subject} is recorded for the organization.", True


@access.user
async def check_verification(
    ctx: Context,
    brand_id: Annotated[Id, Doc("Id of a brand of the caller's organization.")],
    id: Annotated[Id, Doc("Id of a pending verification by domain.")],
) -> BrandVerification:
    """Has the domain looked at once more, in the background.

    Raises:
        NotFound, Forbidden: resolvers.brands.commands.owned. Conflict: there is nothing left to check.
    """
    async with ctx.transaction() as write:
        await owned(ctx, write, brand_id, May.CLAIM)
        locked = await write.one(LOCK, id=id)
        found = of_brand(locked, brand_id)
        if found.method != VerificationMethod.DOMAIN.value:
            raise Conflict("Only verifications by domain can be checked again.")
        if found.state != VerificationState.PENDING.value or found.needs_review:
            raise Conflict("This verification waits for nothing at the domain any more.")
        if not await waiting(write, JOB, id=id):  # who asks again and again does not have it fetched as often
            await enqueue(write, JOB, id=id)
    return found


# --- deciding


async def verify(
    write: Writer, found: BrandVerification, reason: str, by: str, viewer: Viewer = ANONYMOUS
) -> BrandVerification:
    """The brand is its organization's: the verification, the brand and its products say so from now on, together, and
    of its other requests nothing is left to decide.

    The organization and the brand are locked, and belong together.
    """
    decided = await decide(write, found, VerificationState.VERIFIED, reason, by)
    every = [method.value for method in VerificationMethod]
    await write.connection.execute(CLOSE, found.brand_id, every, "The brand was verified otherwise.")
    await write.connection.execute(VERIFY_BRAND, found.brand_id)
    # a prefix covers them all, and a person looks at them
    every_gtin = found.method != VerificationMethod.DOMAIN.value or by != PLATFORM
    await write.connection.execute(VERIFY_PRODUCTS, found.brand_id, found.organization_id, every_gtin)
    told = {"method": found.method, "subject": found.subject, "by": by, "verification": found.id}
    await audit(write, viewer, found.organization_id, "brand.verified", ("brand", found.brand_id), told)
    await emit(write, "brand.verified", found.brand_id, found.organization_id, method=found.method)
    return decided


async def decide(
    write: Writer, found: BrandVerification, state: VerificationState, reason: str, by: str
) -> BrandVerification:
    decided = await write.one(DECIDE, verification=found.id, new_state=state.value, new_reason=reason, by=by)
    assert decided
    return decided


# --- looking


@access.user
async def brand_verifications(
    ctx: Context, brand_id: Annotated[Id, Doc("Id of a brand of the caller's organization.")], window: Window
) -> Slice[BrandVerification]:
    """Everything that the brand's organization has tried, newest first.

    Raises:
        NotFound, Forbidden: resolvers.brands.commands.owned.
    """
    (brand,) = await brands_by_id(ctx, [brand_id])
    check_owner(ctx, brand, May.VIEW)
    assert brand
    return (await verifications_of(ctx, [brand], window))[0]


@access.user
async def brand_verification(
    ctx: Context,
    brand_id: Annotated[Id, Doc("Id of a brand of the caller's organization.")],
    id: Annotated[Id, Doc("Id of one of its verifications.")],
) -> BrandVerification:
    """One verification.

    Raises:
        NotFound, Forbidden: resolvers.brands.commands.owned.
    """
    (brand,) = await brands_by_id(ctx, [brand_id])
    check_owner(ctx, brand, May.VIEW)
    (found,) = await verifications_by_id(ctx, [id])
    return of_brand(found, brand_id)


def of_brand(found: BrandVerification | None, brand_id: str) -> BrandVerification:
    if found is None or found.brand_id != brand_id:
        raise NotFound("There is no such verification of this brand.")
    return found


async def verifications_by_id(ctx: Context, ids: Sequence[str]) -> list[BrandVerification | None]:
    """Visible to members of the organization that asked; others find nothing."""
    rows = await ctx.read.by_key(BY_ID, "id", ids)
    return [row if row is not None and ctx.viewer.belongs_to(row.organization_id) else None for row in rows]


async def verifications_of(ctx: Context, brands: Sequence[Brand], window: Window) -> list[Slice[BrandVerification]]:
    """Newest first; for others than members of the organization that asked there are none."""
    own = ctx.viewer.organization_id
    visible = [id for id in {own, *ctx.viewer.memberships} if id and ctx.viewer.belongs_to(id)]
    return await VERIFICATIONS.slices(
        ctx.read, window, [brand.id for brand in brands], order="-created", organizations=visible
    )


async def records_of(ctx: Context, found: Sequence[BrandVerification]) -> list[str | None]:
    """What the domain must show, for verifications by domain."""
    return [rules.record_of(each.token) if each.token else None for each in found]


async def files_of(ctx: Context, found: Sequence[BrandVerification]) -> list[str | None]:
    """Where it may show it, if not by DNS."""
    return [rules.file_of(each.subject) if each.token else None for each in found]
