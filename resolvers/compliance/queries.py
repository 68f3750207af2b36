"""How recalls are found: of a product, of one lot of it, by id."""

from collections.abc import Sequence
from typing import Annotated, Any

from sqlalchemy import ARRAY, Text, bindparam, func, or_, select

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import KEYS, Query
from closient_gql.core.errors import BadRequest, NotFound
from closient_gql.core.models.account import Organization
from closient_gql.core.models.compliance import OPEN, Recall, RecallProduct, RecallSeverity, RecallSource, RecallStatus
from closient_gql.core.models.products import Product
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.compliance.inputs import RecallOrdering
from resolvers.compliance.lots import Lots
from resolvers.context import Context
from resolvers.products.claims import NO_PRODUCT
from resolvers.products.inputs import PlainGtin
from resolvers.products.queries import products_by_gtin

Status = Annotated[RecallStatus | None, Doc("Only recalls of this status.")]
Severity = Annotated[RecallSeverity | None, Doc("Only recalls of this class.")]
Source = Annotated[RecallSource | None, Doc("Only recalls of this authority.")]
Ordering = Annotated[
    RecallOrdering | None,
    Doc("recall_date or severity (CLASS_I first), - for descending; newest recall first if nothing is said."),
]
Lot = Annotated[str, Bounds(min_length=1, max_length=100), Doc("The lot as it is printed: GS1 AI 10, any case.")]
ORDERS = ("recall_date", "-recall_date", "severity", "-severity")
NEWEST = "-recall_date"

COLUMNS = Recall.__table__.c
DAY = func.coalesce(func.to_char(Recall.recall_date, "YYYY-MM-DD", type_=Text), "0001-01-01", type_=Text)
MOMENT = func.to_char(Recall.created, " YYYY-MM-DD HH24:MI:SS.US", type_=Text)  # the session's zone is UTC
RECALLS = Listing(
    "recalls",
    Recall,
    select(*COLUMNS).join_from(Recall, RecallProduct, RecallProduct.recall_id == Recall.id),
    orders={"recall_date": DAY.concat(MOMENT), "severity": Recall.severity.expression},
    filters={
        "status": Recall.status == bindparam("status"),
        "severity": Recall.severity == bindparam("severity"),
        "source_system": Recall.source_system == bindparam("source_system"),
        "open": or_(*(Recall.status == status for status in OPEN)).self_group() == bindparam("open"),
        "ids": Recall.id == func.any(bindparam("ids", type_=ARRAY(Text))),
    },
    parent=RecallProduct.product_id,
)
BY_ID = Query(Recall, select(*COLUMNS).where(Recall.id == func.any(KEYS)))
ALL = Query(
    Recall,
    select(*COLUMNS, RecallProduct.product_id)
    .join_from(Recall, RecallProduct, RecallProduct.recall_id == Recall.id)
    .where(RecallProduct.product_id == func.any(KEYS))
    .order_by(RecallProduct.product_id, DAY.desc(), Recall.created.desc(), Recall.id),
)
NAMING = Query(
    Recall,
    select(*COLUMNS)
    .join_from(Recall, RecallProduct, RecallProduct.recall_id == Recall.id)
    .where(RecallProduct.gtin == func.any(KEYS), or_(*(Recall.status == status for status in OPEN)))
    .order_by(DAY.desc(), Recall.created.desc(), Recall.id),
)
LOTS = Query(
    Recall,
    select(Recall.id, Recall.lots)
    .where(
        Recall.lots.is_not(None),
        Recall.id.in_(select(RecallProduct.recall_id).where(RecallProduct.product_id == func.any(KEYS))),
    )
    .order_by(Recall.id),
)
PRODUCTS = Listing(
    "recalledProducts",
    Product,
    select(*Product.__table__.c).join_from(Product, RecallProduct, RecallProduct.product_id == Product.id),
    orders={"gtin": Product.gtin.expression},
    parent=RecallProduct.recall_id,
)
AUTHORITIES = Query(
    Organization, select(Organization.id, Organization.is_authority).where(Organization.id == func.any(KEYS))
)


def order_of(ordering: str | None) -> str:
    """Raises:
    BadRequest: there is no such order (contract: 400, unlike other values).
    """
    if ordering is None:
        return NEWEST
    if ordering not in ORDERS:
        raise BadRequest("ordering must be recall_date or severity, with a - before it for descending.")
    return ordering


async def covering(ctx: Context, product_ids: Sequence[str], lot: str) -> list[str]:
    """Ids of the recalls of these products whose lots cover this one: one statement."""
    rows: Sequence[Any] = await ctx.read.all(LOTS, keys=list(dict.fromkeys(product_ids)))
    return [row.id for row in rows if Lots.load(row.lots).covers(lot)]


async def of_products(
    ctx: Context,
    product_ids: Sequence[str],
    window: Window,
    *,
    lot: str | None = None,
    open_: bool | None = None,
    status: RecallStatus | None = None,
    severity: RecallSeverity | None = None,
    source_system: RecallSource | None = None,
    ordering: str | None = None,
) -> list[Slice[Recall]]:
    """The recalls of each product, in one statement for any number of them; two for one lot.

    Raises:
        BadRequest: there is no such order.
    """
    order = order_of(ordering)
    ids = None if lot is None else await covering(ctx, product_ids, lot)
    return await RECALLS.slices(
        ctx.read, window, product_ids, order=order, ids=ids, open=open_,
        status=status.value if status else None, severity=severity.value if severity else None,
        source_system=source_system.value if source_system else None,
    )  # fmt: skip


# --- fields


async def recalls_of(
    ctx: Context,
    products: Sequence[Product],
    window: Window,
    *,
    lot: Annotated[
        Lot | None, Doc("Only recalls whose lots cover this one; those that name no lots are left out.")
    ] = None,
    open: Annotated[bool | None, Doc("Only open recalls (ONGOING, UNKNOWN), or only closed ones.")] = None,
    status: Status = None,
    severity: Severity = None,
    source_system: Source = None,
    ordering: Ordering = None,
) -> list[Slice[Recall]]:
    """Recalls of products, newest first."""
    return await of_products(
        ctx, [p.id for p in products], window, lot=lot, open_=open, status=status, severity=severity,
        source_system=source_system, ordering=ordering,
    )  # fmt: skip


async def all_recalls_of(ctx: Context, products: Sequence[Product]) -> list[list[Recall]]:
    """Every recall of each product, newest first."""
    return await ctx.read.by_parent(ALL, "product_id", [p.id for p in products])


async def products_of(ctx: Context, recalls: Sequence[Recall], window: Window) -> list[Slice[Product]]:
    return await PRODUCTS.slices(ctx.read, window, [recall.id for recall in recalls], order="gtin")


async def recalls_by_id(ctx: Context, ids: Sequence[str]) -> list[Recall | None]:
    return await ctx.read.by_key(BY_ID, "id", ids)


async def are_authorities(ctx: Context, organizations: Sequence[Organization]) -> list[bool]:
    """Whether organizations may write recalls of products that are not theirs."""
    found: list[Any] = await ctx.read.by_key(AUTHORITIES, "id", [each.id for each in organizations])
    return [bool(row and row.is_authority) for row in found]


# --- roots


async def known(ctx: Context, gtin: str) -> Product:
    """Raises:
    NotFound: there is no product with this GTIN.
    """
    found: Product | None = await ctx.find(products_by_gtin, gtin)
    if found is None:
        raise NotFound(NO_PRODUCT)
    return found


@access.key
async def open_recalls(
    ctx: Context,
    gtin: PlainGtin,
    window: Window,
    *,
    status: Status = None,
    severity: Severity = None,
    source_system: Source = None,
    ordering: Ordering = None,
) -> Slice[Recall]:
    """Open recalls of one product: ONGOING and UNKNOWN. Another status finds nothing.

    Raises:
        NotFound: there is no product with this GTIN.
        BadRequest: there is no such order.
    """
    order_of(ordering)
    product = await known(ctx, gtin)
    (found,) = await of_products(
        ctx, [product.id], window, open_=True, status=status, severity=severity, source_system=source_system,
        ordering=ordering,
    )  # fmt: skip
    return found


@access.key
async def batch_recalls(
    ctx: Context,
    gtin: PlainGtin,
    batch: Lot,
    window: Window,
    *,
    status: Status = None,
    severity: Severity = None,
    source_system: Source = None,
) -> Slice[Recall]:
    """Open recalls of one product whose lots cover this one. Recalls that name no lots are not among them.

    Raises:
        NotFound: there is no product with this GTIN.
    """
    product = await known(ctx, gtin)
    (found,) = await of_products(
        ctx, [product.id], window, lot=batch, open_=True, status=status, severity=severity, source_system=source_system
    )
    return found


@access.key
async def gtin_recalls(ctx: Context, gtin: PlainGtin) -> Sequence[Recall]:
    """Open recalls that name this GTIN, newest first, whether there is a product with it or not: most packages that an
    authority recalls are of products that nobody has told of here."""
    return await ctx.read.all(NAMING, keys=[gtin])


@access.key
async def recall(ctx: Context, id: Annotated[Id, Doc("Id of the recall.")]) -> Recall | None:
    """The recall with this id."""
    found: Recall | None = await ctx.find(recalls_by_id, id)
    return found
