"""Offers of both kinds: how they are found. Rows carry what their store says: `currency`, `retailer_id`, `is_shown`, in
the same statement, so a store that is deleted meanwhile takes its offers along whole.

Everybody sees offers that are not discontinued, at active stores of active retailers (and active locations); members
see all offers of their organization's stores.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import Select, bindparam, func, select

from closient_gql.core.bounds import Doc, Id
from closient_gql.core.db import KEYS, Columns, Query
from closient_gql.core.models.locations import Location
from closient_gql.core.models.retailers import (
    IN_STORE_COLUMNS,
    ONLINE_COLUMNS,
    InStoreOffer,
    InventoryConfidence,
    OfferStatus,
    OnlineOffer,
    OnlineStore,
    PhysicalStore,
    Retailer,
)
from closient_gql.core.money import Money, money
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.context import Context
from resolvers.retailers.confidence import confidence_of
from resolvers.retailers.inputs import OrganizationId, Sku
from resolvers.retailers.rights import require
from resolvers.roles import May

IN_STORE_SHOWN = (
    PhysicalStore.is_active
    & Retailer.is_active
    & Location.is_active
    & (InStoreOffer.status != OfferStatus.DISCONTINUED.value)
)
ONLINE_SHOWN = OnlineStore.is_active & Retailer.is_active & (OnlineOffer.status != OfferStatus.DISCONTINUED.value)
# Left joins: whoever selects nothing of the store, such as a count, does not read it.
IN_STORE: Select[Any] = (
    select(
        *IN_STORE_COLUMNS, PhysicalStore.currency, PhysicalStore.retailer_id, IN_STORE_SHOWN.label("is_shown"),
    )
    .outerjoin_from(InStoreOffer, PhysicalStore, InStoreOffer.physical_store_id == PhysicalStore.id)
    .outerjoin(Retailer, PhysicalStore.retailer_id == Retailer.id)
    .outerjoin(Location, PhysicalStore.location_id == Location.id)
)  # fmt: skip
ONLINE: Select[Any] = (
    select(*ONLINE_COLUMNS, OnlineStore.currency, OnlineStore.retailer_id, ONLINE_SHOWN.label("is_shown"))
    .outerjoin_from(OnlineOffer, OnlineStore, OnlineOffer.online_store_id == OnlineStore.id)
    .outerjoin(Retailer, OnlineStore.retailer_id == Retailer.id)
)
SEEN = ("is_shown", "organization_id")  # what `seen` and `managed` read
IN_STORE_BY_ID = Query(InStoreOffer, IN_STORE.where(InStoreOffer.id == func.any(KEYS)), SEEN)
ONLINE_BY_ID = Query(OnlineOffer, ONLINE.where(OnlineOffer.id == func.any(KEYS)), SEEN)


def listing(name: str, model: Any, source: Select[Any], store: str) -> Listing[Any]:
    """The offers of an organization, oldest first."""
    return Listing(
        name,
        model,
        source,
        orders={"created": model.created.expression},
        filters={
            "organization_id": model.organization_id == bindparam("organization_id"),
            "product_id": model.product_id == bindparam("product_id"),
            "store_id": getattr(model, store) == bindparam("store_id"),
            "status": model.status == bindparam("status"),
            "sku": model.sku == bindparam("sku"),
            "updated_since": model.modified >= bindparam("updated_since"),
        },
    )


IN_STORE_OFFERS: Listing[InStoreOffer] = listing("inStoreOffers", InStoreOffer, IN_STORE, "physical_store_id")
ONLINE_OFFERS: Listing[OnlineOffer] = listing("onlineOffers", OnlineOffer, ONLINE, "online_store_id")
ProductFilter = Annotated[Id | None, Doc("Only those of this product.")]
StatusFilter = Annotated[OfferStatus | None, Doc("Only those of this status.")]
SkuFilter = Annotated[Sku | None, Doc("Only those with this number of the retailer's.")]
UpdatedSince = Annotated[datetime | None, Doc("Only those that changed then or later.")]
InStoreOfferId = Annotated[Id, Doc("Id of the in-store offer.")]
OnlineOfferId = Annotated[Id, Doc("Id of the online offer.")]


def seen(ctx: Context, rows: Sequence[Any]) -> list[Any]:
    """Of rows those that the caller may know of; None in the place of the others."""
    return [row if row and (row.is_shown or ctx.viewer.belongs_to(row.organization_id)) else None for row in rows]


async def in_store_offers_by_id(
    ctx: Context, ids: Sequence[str], columns: Columns | None = None
) -> list[InStoreOffer | None]:
    """Offers that everybody sees, and those of the caller's organizations."""
    return seen(ctx, await ctx.read.by_key(IN_STORE_BY_ID, "id", ids, columns))


async def online_offers_by_id(
    ctx: Context, ids: Sequence[str], columns: Columns | None = None
) -> list[OnlineOffer | None]:
    """Offers that everybody sees, and those of the caller's organizations."""
    return seen(ctx, await ctx.read.by_key(ONLINE_BY_ID, "id", ids, columns))


async def prices_of(ctx: Context, offers: Sequence[Any]) -> list[Money | None]:
    """Prices in the store's currency."""
    return [money(offer.price, offer.currency) for offer in offers]


async def confidences_of(ctx: Context, offers: Sequence[Any]) -> list[InventoryConfidence]:
    """How much their stock can be believed at this moment."""
    now = datetime.now(UTC)
    return [confidence_of(offer.inventory_synced_at, now) for offer in offers]


async def shipping_costs_of(ctx: Context, offers: Sequence[OnlineOffer]) -> list[Decimal | None]:
    """What sending costs, with the digits of the store's currency."""
    costs = [money(offer.shipping_cost, offer.currency) for offer in offers]
    return [None if cost is None else cost.amount for cost in costs]


def managed(ctx: Context, offer: Any) -> Any:
    """The offer, if it is one of the caller's organizations, or nobody's and shown to everybody (contract: VIEW on the
    owning organization)."""
    if offer is None or not (offer.organization_id is None or ctx.viewer.belongs_to(offer.organization_id)):
        return None
    return offer


@access.key
async def in_store_offer(ctx: Context, id: InStoreOfferId, columns: Columns | None = None) -> InStoreOffer | None:
    """One in-store offer, for members of the organization that it belongs to; one that is nobody's for everybody."""
    found: InStoreOffer | None = managed(ctx, await ctx.find(in_store_offers_by_id, id, columns))
    return found


@access.key
async def online_offer(ctx: Context, id: OnlineOfferId, columns: Columns | None = None) -> OnlineOffer | None:
    """One online offer, for members of the organization that it belongs to; one that is nobody's for everybody."""
    found: OnlineOffer | None = managed(ctx, await ctx.find(online_offers_by_id, id, columns))
    return found


@access.key
async def in_store_offers(
    ctx: Context,
    organization_id: OrganizationId,
    window: Window,
    *,
    product_id: ProductFilter = None,
    physical_store_id: Annotated[Id | None, Doc("Only those at this store.")] = None,
    status: StatusFilter = None,
    sku: SkuFilter = None,
    updated_since: UpdatedSince = None,
) -> Slice[InStoreOffer]:
    """In-store offers of an organization of the caller's, oldest first.

    Raises:
        NotFound: the organization is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await IN_STORE_OFFERS.slices(
        ctx.read, window, order="created", organization_id=organization_id, product_id=product_id,
        store_id=physical_store_id, status=status.value if status else None, sku=sku, updated_since=updated_since,
    )  # fmt: skip
    return found


@access.key
async def online_offers(
    ctx: Context,
    organization_id: OrganizationId,
    window: Window,
    *,
    product_id: ProductFilter = None,
    online_store_id: Annotated[Id | None, Doc("Only those at this store.")] = None,
    status: StatusFilter = None,
    sku: SkuFilter = None,
    updated_since: UpdatedSince = None,
) -> Slice[OnlineOffer]:
    """Online offers of an organization of the caller's, oldest first.

    Raises:
        NotFound: the organization is not the caller's.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await ONLINE_OFFERS.slices(
        ctx.read, window, order="created", organization_id=organization_id, product_id=product_id,
        store_id=online_store_id, status=status.value if status else None, sku=sku, updated_since=updated_since,
    )  # fmt: skip
    return found
