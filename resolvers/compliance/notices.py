"""Safety notices: how they are found. Everybody sees published ones; others are their organization's alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy import ARRAY, Text, bindparam, func, or_, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Query
from closient_gql.core.models.compliance import NoticeSeverity, NoticeStatus, SafetyNotice, SafetyNoticeProduct
from closient_gql.core.models.products import Product
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.compliance.inputs import Language, Place
from resolvers.compliance.lots import Lots
from resolvers.compliance.queries import Lot, known
from resolvers.context import Context
from resolvers.products.inputs import PlainGtin
from resolvers.roles import May, require

LotOf = Annotated[Lot | None, Doc("Only notices about this lot: those that name it, and those about every lot.")]
RegionOf = Annotated[
    Place | None,
    Doc("Only notices that may hold there: US-CA finds those for US-CA, US and everywhere, US those for US-TX, too."),
]
SeverityOf = Annotated[NoticeSeverity | None, Doc("Only notices of this severity.")]

COLUMNS = SafetyNotice.__table__.c
FILTERS = {
    "status": SafetyNotice.status == bindparam("status"),
    "severity": SafetyNotice.severity == bindparam("severity"),
    "not_ids": SafetyNotice.id != func.all(bindparam("not_ids", type_=ARRAY(Text))),
    "regions": or_(
        func.cardinality(SafetyNotice.regions) == 0,
        func.array_to_string(SafetyNotice.regions, " ", type_=Text).bool_op("~")(bindparam("regions", type_=Text)),
    ),
}
ORDERS = {"created": SafetyNotice.created.expression}
NOTICES = Listing(
    "safetyNotices",
    SafetyNotice,
    select(*COLUMNS),
    orders=ORDERS,
    filters=FILTERS | {"organization_id": SafetyNotice.organization_id == bindparam("organization_id")},
)
OF_PRODUCTS = Listing(
    "productSafetyNotices",
    SafetyNotice,
    select(*COLUMNS)
    .join_from(SafetyNotice, SafetyNoticeProduct, SafetyNoticeProduct.notice_id == SafetyNotice.id)
    .where(SafetyNotice.status == NoticeStatus.PUBLISHED.value),
    orders={"published_at": func.coalesce(SafetyNotice.published_at, SafetyNotice.created)},
    filters=FILTERS,
    parent=SafetyNoticeProduct.product_id,
)
PRODUCTS = Listing(
    "noticeProducts",
    Product,
    select(*Product.__table__.c).join_from(Product, SafetyNoticeProduct, SafetyNoticeProduct.product_id == Product.id),
    orders={"gtin": Product.gtin.expression},
    parent=SafetyNoticeProduct.notice_id,
)
GTINS = Query(
    SafetyNoticeProduct,
    select(SafetyNoticeProduct.notice_id, Product.gtin)
    .join_from(SafetyNoticeProduct, Product, Product.id == SafetyNoticeProduct.product_id)
    .where(SafetyNoticeProduct.notice_id == func.any(KEYS))
    .order_by(SafetyNoticeProduct.notice_id, Product.gtin),
)
BY_ID = Query(SafetyNotice, select(*COLUMNS).where(SafetyNotice.id == func.any(KEYS)))
LOTS = Query(
    SafetyNotice,
    select(SafetyNotice.id, SafetyNotice.lots)
    .where(
        SafetyNotice.status == NoticeStatus.PUBLISHED.value,
        SafetyNotice.lots.is_not(None),
        SafetyNotice.id.in_(
            select(SafetyNoticeProduct.notice_id).where(SafetyNoticeProduct.product_id == func.any(KEYS))
        ),
    )
    .order_by(SafetyNotice.id),
)


@dataclass(frozen=True)
class Wording:
    """A notice in one language."""

    language: str
    title: str
    message: str
    instructions: str


def wordings(notice: Any) -> list[Wording]:
    return [Wording(**{name: text.get(name, "") for name in Wording.__annotations__}) for text in notice.texts]


def best(notice: Any, language: str | None) -> Wording:
    """The wording in a language, or in a wider one of it (fr for fr-CA), or a narrower one; else the original
    (RFC 4647, 3.4: lookup)."""
    found = wordings(notice)
    wanted = (language or "").lower()
    while wanted:
        for exactly in (True, False):
            for each in found:
                tag = each.language.lower()
                if tag == wanted if exactly else tag.startswith(f"{wanted}-"):
                    return each
        wanted = wanted.rpartition("-")[0]
    return found[0]


# --- fields

LanguageOf = Annotated[Language | None, Doc("The language wanted; the original where there is none of it.")]


async def texts_of(ctx: Context, notices: Sequence[SafetyNotice], *, language: LanguageOf = None) -> list[Wording]:
    """Each notice in the language that is nearest to the one wanted."""
    return [best(notice, language) for notice in notices]


async def all_texts_of(ctx: Context, notices: Sequence[SafetyNotice]) -> list[list[Wording]]:
    """Each notice in all its languages, the original first."""
    return [wordings(notice) for notice in notices]


async def lots_of(ctx: Context, notices: Sequence[SafetyNotice]) -> list[object | None]:
    """The lots as they were written."""
    return [notice.lot_codes for notice in notices]


async def gtins_of(ctx: Context, notices: Sequence[SafetyNotice]) -> list[list[str]]:
    rows = await ctx.read.by_parent(GTINS, "notice_id", [notice.id for notice in notices])
    return [[row.gtin for row in each] for each in rows]  # type: ignore[attr-defined]


async def products_of(ctx: Context, notices: Sequence[SafetyNotice], window: Window) -> list[Slice[Product]]:
    return await PRODUCTS.slices(ctx.read, window, [notice.id for notice in notices], order="gtin")


async def notices_of(
    ctx: Context,
    products: Sequence[Product],
    window: Window,
    *,
    lot: LotOf = None,
    region: RegionOf = None,
    severity: SeverityOf = None,
) -> list[Slice[SafetyNotice]]:
    """Published notices of products, newest first: one statement for any number of them, two for one lot."""
    ids = [product.id for product in products]
    others = None
    if lot is not None:
        rows: Sequence[Any] = await ctx.read.all(LOTS, keys=list(dict.fromkeys(ids)))
        others = [row.id for row in rows if not Lots.load(row.lots).covers(lot)]
    return await OF_PRODUCTS.slices(
        ctx.read, window, ids, order="-published_at", not_ids=others, regions=around(region),
        severity=severity.value if severity else None,
    )  # fmt: skip


def around(region: str | None) -> str | None:
    """What finds a place among others: itself, the country that it is a part of, and the parts of a country, since who
    is known to be in the United States may be in California."""
    if region is None:
        return None
    return f"(^| )({region[:2]}|{region})( |$)" if "-" in region else f"(^| ){region}( |-|$)"


async def notices_by_id(ctx: Context, ids: Sequence[str]) -> list[SafetyNotice | None]:
    """Published notices, and all those of the caller's organizations."""
    found = await ctx.read.by_key(BY_ID, "id", ids)
    return [row if row and visible(ctx, row) else None for row in found]


def visible(ctx: Context, notice: SafetyNotice) -> bool:
    return notice.status == NoticeStatus.PUBLISHED.value or ctx.viewer.belongs_to(notice.organization_id)


# --- roots


@access.public
async def product_safety_notices(
    ctx: Context,
    gtin: PlainGtin,
    window: Window,
    *,
    lot: LotOf = None,
    region: RegionOf = None,
    severity: SeverityOf = None,
) -> Slice[SafetyNotice]:
    """Published notices of one product, newest first.

    Raises:
        NotFound: there is no product with this GTIN.
    """
    product = await known(ctx, gtin)
    (found,) = await notices_of(ctx, [product], window, lot=lot, region=region, severity=severity)
    return found


@access.key
async def safety_notice(ctx: Context, id: Annotated[Id, Doc("Id of the notice.")]) -> SafetyNotice | None:
    """The notice with this id, if it is published or the caller's organization has written it."""
    found: SafetyNotice | None = await ctx.find(notices_by_id, id)
    return found


@access.user
async def safety_notices(
    ctx: Context,
    organization_id: Annotated[Id, Doc("Id of an organization that the caller belongs to.")],
    window: Window,
    *,
    status: Annotated[NoticeStatus | None, Doc("Only notices of this status.")] = None,
    severity: SeverityOf = None,
) -> Slice[SafetyNotice]:
    """What an organization of the caller's has written, drafts included, newest first.

    Raises:
        NotFound: the organization is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await NOTICES.slices(
        ctx.read, window, order="-created", organization_id=organization_id,
        status=status.value if status else None, severity=severity.value if severity else None,
    )  # fmt: skip
    return found
