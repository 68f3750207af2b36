"""How brands are made, claimed and changed. Each function is one transaction."""

from collections.abc import Mapping
from typing import Annotated, Any

from sqlalchemy import bindparam, func, insert, select, update

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import Query, Writer
from closient_gql.core.errors import Conflict, Detail, Forbidden, Invalid, NotFound
from closient_gql.core.ids import new_id
from closient_gql.core.metadata import merge_metadata
from closient_gql.core.models.brands import SOCIAL_LINKS, Brand
from resolvers import access
from resolvers.account.changing import living
from resolvers.brands.inputs import BrandInput, BrandPatch
from resolvers.context import Context
from resolvers.outbox import audit, emit
from resolvers.products.facts import settle
from resolvers.roles import May, acting, allowed
from resolvers.viewer import Viewer

COLUMNS = Brand.__table__.c
TEXTS = ("name", "website", "description", *SOCIAL_LINKS)
WRITTEN = (*TEXTS, "logo_url", "metadata")
NEW = {name: bindparam(f"new_{name}", type_=COLUMNS[name].type) for name in WRITTEN}
INSERT = Query(
    Brand,
    insert(Brand.__table__)  # type: ignore[arg-type]
    .values(
        id=bindparam("new_id"),
        organization_id=bindparam("organization"),
        claimed_at=func.now(),
        **{name: NEW[name] for name in ("name", "website", "description", "metadata")},
    )
    .returning(*COLUMNS),
)
SAVE = Query(
    Brand,
    update(Brand.__table__).where(Brand.id == bindparam("brand")).values(NEW).returning(*COLUMNS),  # type: ignore[arg-type]
)
CLAIM = Query(
    Brand,
    update(Brand)
    .where(Brand.id == bindparam("brand"), Brand.organization_id.is_(None))
    .values(organization_id=bindparam("organization"), claimed_at=func.now(), is_verified=False)
    .returning(*COLUMNS),
)
LOCK = Query(Brand, select(*COLUMNS).where(Brand.id == bindparam("id")).with_for_update(key_share=True))
NAMESAKES = Query(
    Brand,
    select(*COLUMNS).where(
        func.lower(Brand.name) == func.lower(bindparam("name")),
        Brand.id != bindparam("itself"),
        Brand.organization_id.is_(None) | (Brand.organization_id == bindparam("organization")),
    ),
)
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('brand name ' || lower($1), 0))"
UNOWNED = """
SELECT id FROM products WHERE brand_id = $1 AND owner_id IS NULL ORDER BY id LIMIT $2 FOR UPDATE
"""
AT_ONCE = 1_000
OWN = """
UPDATE products SET owner_id = $2, claimed_at = now(), claim_verification_status = 'unverified',
    resolver_enabled = true, modified = clock_timestamp()
WHERE id = ANY($1::text[])
"""
UNCLAIMED = "Nobody has claimed this brand yet, and only its owner may do this. Claim it first."
TOO_SMALL = "Your role in the organization that owns this brand, or that of your key, does not allow this."


@access.user
async def create_brand(ctx: Context, input: Annotated[BrandInput, Doc("The brand.")]) -> Brand:
    """A new brand that belongs to an organization of the caller's from the start.

    Raises:
        NotFound, Forbidden: resolvers.roles.require; or the organization was deleted meanwhile.
        Conflict: the organization has a brand of this name, or there is one that nobody has claimed.
    """
    organization, name = acting(ctx, input.organization_id, May.CLAIM), input.name.strip()
    metadata = merged({}, {} if input.metadata is ABSENT else input.metadata)
    async with ctx.transaction() as write:
        await living(write, organization)
        await check_name(write, name, organization)
        brand = await write.one(
            INSERT, new_id=new_id(), organization=organization, new_name=name, new_website=input.website.strip(),
            new_description=input.description.strip(), new_metadata=metadata,
        )  # fmt: skip
        assert brand
        await audit(write, ctx.viewer, organization, "brand.created", ("brand", brand.id), {"name": name})
        await emit(write, "brand.created", brand.id, organization, name=name)
        await emit(write, "brand.claimed", brand.id, organization, name=name)
    return brand


@access.user
async def claim_brand(
    ctx: Context,
    id: Annotated[Id, Doc("Id of a brand that nobody has claimed.")],
    organization_id: Annotated[
        Id | None, Doc("The organization to claim it for; can be left out by who belongs to one only.")
    ] = None,
) -> Brand:
    """Links a brand to an organization, for ever, and with it those of its products that nobody owns.

    Raises:
        NotFound, Forbidden, Invalid: resolvers.roles.acting; or there is no such brand, or the organization was deleted
            meanwhile.
        Conflict: it is claimed already. Of several who claim it at once, one wins.
    """
    organization = acting(ctx, organization_id, May.CLAIM)
    async with ctx.transaction() as write:
        await living(write, organization)
        brand = await write.one(CLAIM, brand=id, organization=organization)
        if brand is None:
            raise await not_claimable(write, id, organization)
        told = {"name": brand.name, "products": await own_products(write, ctx.viewer, id, organization)}
        await audit(write, ctx.viewer, organization, "brand.claimed", ("brand", id), told)
        await emit(write, "brand.claimed", id, organization, **told)
    return brand


async def own_products(write: Writer, viewer: Viewer, id: str, organization: str) -> int:
    """Gives the organization those products of a brand that nobody owns, in the order of their ids; how many.

    What they show was said before, and what the organization said of them as a former owner counts again (`settle`).
    """
    count = 0
    while rows := await write.connection.fetch(UNOWNED, id, AT_ONCE):
        ids = [row["id"] for row in rows]
        await settle(write, viewer, ids)
        await write.connection.execute(OWN, ids, organization)
        await settle(write, viewer, ids)
        count += len(ids)
    return count


async def not_claimable(write: Writer, id: str, organization: str) -> NotFound | Conflict:
    brand = await write.one(LOCK, id=id)
    if brand is None:
        return NotFound("There is no such brand.")
    if brand.organization_id == organization:
        return Conflict("Your organization has claimed this brand already.")
    return Conflict("Another organization has claimed this brand already.")


@access.user
async def update_brand(
    ctx: Context,
    id: Annotated[Id, Doc("Id of a brand of the caller's organization.")],
    input: Annotated[BrandPatch, Doc("What is to change.")],
) -> Brand:
    """Changes what is given and not null. Owners, managers and editors may.

    Raises:
        NotFound, Forbidden: `owned`. Conflict: `check_name`, or the brand was verified under its name.
        Invalid: the metadata would have too many keys.
    """
    given = {name: text.strip() for name in TEXTS if (text := getattr(input, name)) is not None}
    async with ctx.transaction() as write:
        brand = await owned(ctx, write, id, May.PRODUCTS)
        if input.metadata is not ABSENT:
            given["metadata"] = merged(brand.metadata, input.metadata)  # type: ignore[arg-type]  # the row's column
        changes = {name: value for name, value in given.items() if getattr(brand, name) != value}
        if "name" in changes:
            if brand.is_verified:
                raise Conflict("This brand is verified under its name, so it keeps it. Create another brand instead.")
            await check_name(write, changes["name"], str(brand.organization_id), id)
        return await save(ctx, write, brand, changes)


async def save(ctx: Context, write: Writer, brand: Brand, changes: Mapping[str, Any]) -> Brand:
    """Writes the changes of a locked brand, and that they were made; nothing if there are none."""
    if not changes:
        return brand
    values = {f"new_{name}": changes.get(name, getattr(brand, name)) for name in WRITTEN}
    found = await write.one(SAVE, brand=brand.id, **values)
    assert found
    assert brand.organization_id
    told = {name: {"old": getattr(brand, name), "new": value} for name, value in changes.items()}
    await audit(write, ctx.viewer, brand.organization_id, "brand.updated", ("brand", brand.id), told)
    await emit(write, "brand.updated", brand.id, brand.organization_id, fields=sorted(changes))
    return found


async def owned(ctx: Context, write: Writer, id: str, what: May) -> Brand:
    """The brand, locked until the end of the transaction, if the caller may do this with it.

    Raises:
        NotFound: there is none, or it is another organization's.
        Forbidden: nobody has claimed it, or the caller's role is too small.
    """
    brand = await write.one(LOCK, id=id)
    check_owner(ctx, brand, what)
    assert brand
    return brand


def check_owner(ctx: Context, brand: Brand | None, what: May) -> None:
    """Raises:
    NotFound, Forbidden: as `owned`.
    """
    if brand is None:
        raise NotFound("There is no such brand.")
    if brand.organization_id is None:
        raise Forbidden(UNCLAIMED)
    cells = allowed(ctx.viewer, brand.organization_id)
    if not cells:
        raise NotFound("There is no such brand among those of your organizations.")
    if what not in cells:
        raise Forbidden(TOO_SMALL)


async def check_name(write: Writer, name: str, organization: str, itself: str = "") -> None:
    """Whether a brand of this organization can have this name. Those who ask for the same name wait for each other.

    A namesake that belongs to another organization is no obstacle: names are protected for kinds of goods, not as such.

    Raises:
        Conflict: the organization has a brand of this name, or there is one that nobody has claimed.
    """
    await write.connection.execute(ONE_AT_A_TIME, name)
    found = await write.one(NAMESAKES, name=name, organization=organization, itself=itself)
    if found is not None and found.organization_id:
        raise Conflict(f"Your organization has a brand of this name already: {found.id}.")
    if found is not None:
        raise Conflict(f"There is a brand of this name that nobody has claimed: {found.id}. Claim it instead.")


def merged(old: Mapping[str, str], change: Mapping[str, str] | None) -> dict[str, str]:
    try:
        return merge_metadata(old, change)
    except ValueError as error:
        raise Invalid([Detail(field="metadata", message=str(error))]) from None
