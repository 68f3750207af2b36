"""Lists of stores and offers below other things: what a location sells, where a retailer is, what a price was."""

from collections.abc import Sequence
from typing import Annotated, Any

from sqlalchemy import bindparam, select

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.countries import Country
from closient_gql.core.models.locations import Location
from closient_gql.core.models.retailers import (
    InStoreOffer,
    InStorePriceChange,
    OnlineOffer,
    OnlinePriceChange,
    OnlineStore,
    PhysicalStore,
    Retailer,
)
from closient_gql.core.money import Money, money
from closient_gql.core.paging import Listing, Slice, Window
from resolvers.context import Context
from resolvers.retailers.offers import IN_STORE, IN_STORE_SHOWN
from resolvers.retailers.product_offers import InStock, OfferKind, in_stock_sql

AT_LOCATIONS = Listing(
    "locationOffers",
    InStoreOffer,
    IN_STORE.where(IN_STORE_SHOWN),
    orders={"created": InStoreOffer.created.expression},
    filters={"in_stock": in_stock_sql(OfferKind.IN_STORE, InStoreOffer) == bindparam("in_stock")},
    parent=PhysicalStore.location_id,
)
STORES = Listing(
    "retailerStores",
    PhysicalStore,
    select(*PhysicalStore.__table__.c)
    .join(Location, PhysicalStore.location_id == Location.id)
    .where(PhysicalStore.is_active, Location.is_active),
    orders={"created": PhysicalStore.created.expression},
    filters={
        "country": Location.country == bindparam("country"),
        "region": Location.region == bindparam("region"),
    },
    parent=PhysicalStore.retailer_id,
)
ONLINE_STORES = Listing(
    "retailerOnlineStores",
    OnlineStore,
    select(*OnlineStore.__table__.c).where(OnlineStore.is_active),
    orders={"created": OnlineStore.created.expression},
    parent=OnlineStore.retailer_id,
)


def history(name: str, model: Any) -> Listing[Any]:
    return Listing(
        name,
        model,
        select(*model.__table__.c),
        orders={"created": model.created.expression},
        parent=model.offer_id,
    )


IN_STORE_HISTORY = history("inStorePriceHistory", InStorePriceChange)
ONLINE_HISTORY = history("onlinePriceHistory", OnlinePriceChange)


async def offers_at(
    ctx: Context, locations: Sequence[Location], window: Window, *, in_stock: InStock = None
) -> list[Slice[InStoreOffer]]:
    """What everybody sees of the offers of the stores at locations, newest first."""
    return await AT_LOCATIONS.slices(
        ctx.read, window, [location.id for location in locations], order="-created", in_stock=in_stock
    )


async def stores_of(
    ctx: Context,
    retailers: Sequence[Retailer],
    window: Window,
    *,
    country: Annotated[Country | None, Doc("Only in this country: ISO 3166-1 alpha-2.")] = None,
    region: Annotated[str | None, Bounds(max_length=6), Doc("Only in this state or province: ISO 3166-2.")] = None,
) -> list[Slice[PhysicalStore]]:
    """Active stores at places of retailers, oldest first."""
    given = {"country": country, "region": region.upper() if region else None}
    return await STORES.slices(ctx.read, window, [retailer.id for retailer in retailers], order="created", **given)


async def online_stores_of(ctx: Context, retailers: Sequence[Retailer], window: Window) -> list[Slice[OnlineStore]]:
    """Active stores on the web of retailers, oldest first."""
    return await ONLINE_STORES.slices(ctx.read, window, [retailer.id for retailer in retailers], order="created")


async def in_store_history_of(ctx: Context, offers: Sequence[InStoreOffer], window: Window) -> list[Slice[Any]]:
    """Changes of prices, newest first."""
    return await IN_STORE_HISTORY.slices(ctx.read, window, [offer.id for offer in offers], order="-created")


async def online_history_of(ctx: Context, offers: Sequence[OnlineOffer], window: Window) -> list[Slice[Any]]:
    """Changes of prices, newest first."""
    return await ONLINE_HISTORY.slices(ctx.read, window, [offer.id for offer in offers], order="-created")


async def old_prices_of(ctx: Context, changes: Sequence[Any]) -> list[Money | None]:
    return [money(change.old_price, change.currency) for change in changes]


async def new_prices_of(ctx: Context, changes: Sequence[Any]) -> list[Money | None]:
    return [money(change.new_price, change.currency) for change in changes]
