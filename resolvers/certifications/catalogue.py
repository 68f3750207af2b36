"""The catalogues: bodies, certifications, claims. An organization's own certifications are visible to its members."""

from collections.abc import Sequence
from typing import Annotated

from sqlalchemy import ARRAY, Text, bindparam, func, select

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import KEYS, Query
from closient_gql.core.enums import Described
from closient_gql.core.models.certifications import Certification, CertificationBody, Claim, ClaimCategory
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.context import Context
from resolvers.viewer import Viewer


class BodyOrder(Described):
    NAME = "name", "By name, A to Z, without regard to case."
    NAME_DESC = "-name", "By name, Z to A."


class CatalogueOrder(Described):
    LABEL = "label", "By label, A to Z, without regard to case."
    LABEL_DESC = "-label", "By label, Z to A."
    CODE = "code", "By code, A to Z."
    CODE_DESC = "-code", "By code, Z to A."


BODIES = Listing(
    "certification-bodies",
    CertificationBody,
    select(*CertificationBody.__table__.c),
    orders={"name": func.lower(CertificationBody.name, type_=Text)},
    filters={"name": func.strpos(func.lower(CertificationBody.name), func.lower(bindparam("name", type_=Text))) > 0},
)
CERTIFICATIONS = Listing(
    "certifications",
    Certification,
    select(*Certification.__table__.c),
    orders={
        "label": func.lower(Certification.label, type_=Text),
        "code": func.upper(Certification.code, type_=Text),
    },
    filters={
        "own": Certification.organization_id.is_(None)
        | (Certification.organization_id == func.any(bindparam("own", type_=ARRAY(Text)))),
        "label": func.strpos(func.lower(Certification.label), func.lower(bindparam("label", type_=Text))) > 0,
        "code": func.upper(Certification.code) == func.upper(bindparam("code", type_=Text)),
        "body": Certification.certification_body_id == bindparam("body"),
    },
)
CLAIMS = Listing(
    "claims",
    Claim,
    select(*Claim.__table__.c),
    orders={"label": func.lower(Claim.label, type_=Text), "code": func.upper(Claim.code, type_=Text)},
    filters={
        "label": func.strpos(func.lower(Claim.label), func.lower(bindparam("label", type_=Text))) > 0,
        "code": func.upper(Claim.code) == func.upper(bindparam("code", type_=Text)),
        "category": Claim.category == bindparam("category"),
    },
)
BODIES_BY_ID = Query(
    CertificationBody, select(*CertificationBody.__table__.c).where(CertificationBody.id == func.any(KEYS))
)
CERTIFICATIONS_BY_ID = Query(
    Certification, select(*Certification.__table__.c).where(Certification.id == func.any(KEYS))
)
CLAIMS_BY_ID = Query(Claim, select(*Claim.__table__.c).where(Claim.id == func.any(KEYS)))
LabelPart = Annotated[str | None, Bounds(max_length=255), Doc("Part of the label, without regard to case.")]
ExactCode = Annotated[str | None, Bounds(max_length=50), Doc("Exactly this code, without regard to case.")]
Ordering = Annotated[CatalogueOrder | None, Doc("By label if nothing is said.")]


def organizations_of(viewer: Viewer) -> list[str]:
    """The organizations whose own rows the caller sees."""
    known = {viewer.organization_id, *viewer.memberships}
    return sorted(id for id in known if id is not None and viewer.belongs_to(id))


def visible(viewer: Viewer, certification: Certification) -> bool:
    return certification.organization_id is None or viewer.belongs_to(certification.organization_id)


async def bodies_by_id(ctx: Context, ids: Sequence[str]) -> list[CertificationBody | None]:
    return await ctx.read.by_key(BODIES_BY_ID, "id", ids)


async def certifications_by_id(ctx: Context, ids: Sequence[str]) -> list[Certification | None]:
    """Everybody's, and those of the caller's organizations."""
    found = await ctx.read.by_key(CERTIFICATIONS_BY_ID, "id", ids)
    return [each if each is not None and visible(ctx.viewer, each) else None for each in found]


async def claims_by_id(ctx: Context, ids: Sequence[str]) -> list[Claim | None]:
    return await ctx.read.by_key(CLAIMS_BY_ID, "id", ids)


@access.key
async def certification_body(ctx: Context, id: Annotated[Id, Doc("Id of the body.")]) -> CertificationBody | None:
    """The body with this id."""
    found: CertificationBody | None = await ctx.find(bodies_by_id, id)
    return found


@access.key
async def certification_bodies(
    ctx: Context,
    window: Window,
    *,
    name: Annotated[str | None, Bounds(max_length=255), Doc("Part of the name, without regard to case.")] = None,
    ordering: Annotated[BodyOrder | None, Doc("By name if nothing is said.")] = None,
) -> Slice[CertificationBody]:
    """All bodies."""
    (found,) = await BODIES.slices(ctx.read, window, order=ordering.value if ordering else "name", name=name)
    return found


@access.key
async def certification(ctx: Context, id: Annotated[Id, Doc("Id of the certification.")]) -> Certification | None:
    """The certification with this id: everybody's, or one of the caller's organizations."""
    found: Certification | None = await ctx.find(certifications_by_id, id)
    return found


@access.key
async def certifications(
    ctx: Context,
    window: Window,
    *,
    label: LabelPart = None,
    code: ExactCode = None,
    certification_body_id: Annotated[Id | None, Doc("Only those that this body issues.")] = None,
    ordering: Ordering = None,
) -> Slice[Certification]:
    """Everybody's certifications, and those of the caller's organizations."""
    (found,) = await CERTIFICATIONS.slices(
        ctx.read, window, order=ordering.value if ordering else "label", own=organizations_of(ctx.viewer),
        label=label, code=code, body=certification_body_id,
    )  # fmt: skip
    return found


@access.key
async def claim(ctx: Context, id: Annotated[Id, Doc("Id of the claim.")]) -> Claim | None:
    """The claim with this id."""
    found: Claim | None = await ctx.find(claims_by_id, id)
    return found


@access.key
async def claims(
    ctx: Context,
    window: Window,
    *,
    label: LabelPart = None,
    code: ExactCode = None,
    category: Annotated[ClaimCategory | None, Doc("Only claims of this kind.")] = None,
    ordering: Ordering = None,
) -> Slice[Claim]:
    """All claims."""
    (found,) = await CLAIMS.slices(
        ctx.read, window, order=ordering.value if ordering else "label",
        label=label, code=code, category=category.value if category else None,
    )  # fmt: skip
    return found
