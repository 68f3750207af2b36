"""Who sells: retailers, their stores, what is offered there at which price, and who says so."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.base import Annotatable, Base, Identified
from closient_gql.core.models.locations import Location, point  # noqa: F401  stores stand at locations
from closient_gql.core.models.products import Product  # noqa: F401  offers are of products

Amount = Numeric(16, 4)
"""Of money: to a ten-thousandth, as fuel is priced; whole amounts of up to twelve digits."""


class OfferStatus(Described):
    ACTIVE = "active", "It can be bought."
    DISCONTINUED = "discontinued", "It is no longer sold there."
    SEASONAL = "seasonal", "It is sold at certain times of the year, and not now."
    OUT_OF_STOCK = "out_of_stock", "It is sold there, but there is none at the moment."


class OfferSource(Described):
    BRAND = "brand", "Stated by the brand."
    AFFILIATE_FEED = "affiliate_feed", "From an affiliate network's feed."
    SCRAPE = "scrape", "Read off a web page."
    POS_SYNC = "pos_sync", "From the till of the store."
    MANUAL = "manual", "Entered by hand, or by the retailer's own feed."
    USER_FEEDBACK = "user_feedback", "Reported by shoppers."


SOURCE_PRIORITIES = {
    OfferSource.POS_SYNC: 10,
    OfferSource.MANUAL: 20,
    OfferSource.BRAND: 30,
    OfferSource.AFFILIATE_FEED: 40,
    OfferSource.SCRAPE: 50,
    OfferSource.USER_FEEDBACK: 60,
}
"""`source_priority` where nothing else is said: of two that disagree, the lower one is believed."""


class FulfillmentType(Described):
    STANDARD = "standard", "It is sent, in the store's usual time."
    EXPRESS = "express", "It is sent faster than usual."
    SAME_DAY = "same_day", "It arrives on the day of the order."
    PICKUP = "pickup", "It is fetched from a store or a locker."
    DIGITAL = "digital", "It is downloaded."


class StockLevel(Described):
    IN_STOCK = "in_stock", "There is enough."
    LOW_STOCK = "low_stock", "There is little left."
    OUT_OF_STOCK = "out_of_stock", "There is none."
    UNKNOWN = "unknown", "Nobody said."


class PromotionType(Described):
    SALE = "SALE", "A lower price for a while."
    SEASONAL = "SEASONAL", "A price of the season."
    CLEARANCE = "CLEARANCE", "What is left is sold off."
    BOGO = "BOGO", "Buy one, get one."
    BUNDLE = "BUNDLE", "Cheaper together with others."
    INTRODUCTORY = "INTRODUCTORY", "A price for something new."


class InventoryConfidence(Described):
    CONFIRMED = "confirmed", "Its source spoke within the last hour."
    LIKELY = "likely", "Its source spoke within the last 24 hours."
    UNCERTAIN = "uncertain", "Its source spoke within the last 48 hours, or nobody knows when."
    STALE = "stale", "Its source has not spoken for 48 hours or more."


class InventorySourceStatus(Described):
    ACTIVE = "active", "It feeds offers."
    PAUSED = "paused", "It does not, because somebody said so."
    ERROR = "error", "Its last sync failed; `last_error` says why."


# --- who sells


class Retailer(Identified, Annotatable, Base):
    """A chain or a single shop. Without an organization it is canonical: curated by the platform. Otherwise it is that
    organization's own, and nobody else knows it."""

    __tablename__ = "retailers"
    organization_id: Mapped[str | None] = mapped_column(String(12), ForeignKey("organizations.id", ondelete="CASCADE"))
    name: Mapped[str]
    website: Mapped[str] = mapped_column(server_default="")
    gln: Mapped[str | None]
    category: Mapped[str | None]
    marketplace_regions: Mapped[list[str]] = mapped_column(server_default="{}")  # ISO 3166-1 alpha-2
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    is_canonical: Mapped[bool] = mapped_column(Computed("organization_id IS NULL", persisted=True))
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


Index("ix_retailers_name", func.lower(Retailer.name), Retailer.id)
Index("ix_retailers_organization_id", Retailer.organization_id)


class Store(Identified, Annotatable):
    """What both kinds of store have. `organization_id`: who runs it, and so states its offers; null: nobody here."""

    retailer_id: Mapped[str] = mapped_column(String(12), ForeignKey("retailers.id", ondelete="CASCADE"), sort_order=-1)
    organization_id: Mapped[str | None] = mapped_column(
        String(12), ForeignKey("organizations.id", ondelete="CASCADE"), sort_order=-1
    )
    name: Mapped[str] = mapped_column(server_default="")
    currency: Mapped[str] = mapped_column(String(3))  # ISO 4217; of all of its prices
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


class PhysicalStore(Store, Base):
    """A retailer at a place. `number` is the retailer's own, by which feeds name it."""

    __tablename__ = "physical_stores"
    __table_args__ = (
        UniqueConstraint("retailer_id", "location_id"),
        Index("uq_physical_stores_number", "retailer_id", "number", unique=True, postgresql_where=text("number <> ''")),
        Index("ix_physical_stores_order", "organization_id", "created", "id"),
        Index("ix_physical_stores_location_id", "location_id"),
    )
    location_id: Mapped[str] = mapped_column(String(12), ForeignKey("locations.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(server_default="")


class OnlineStore(Store, Base):
    """A storefront on the web, such as a shop's site in one country. `domain` is the host of its address."""

    __tablename__ = "online_stores"
    __table_args__ = (
        UniqueConstraint("retailer_id", "url"),
        Index("ix_online_stores_order", "organization_id", "created", "id"),
        Index("ix_online_stores_domain", "domain"),
    )
    url: Mapped[str]
    domain: Mapped[str]
    countries: Mapped[list[str]] = mapped_column(server_default="{}")  # where it sells to, ISO 3166-1 alpha-2


# --- what is offered


class Offer(Identified, Annotatable):
    """What both kinds of offer have: one product at one store. `organization_id` is the store's; prices are in the
    store's currency. `inventory_synced_at`: when its source last spoke of price or stock."""

    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"), sort_order=-1)
    organization_id: Mapped[str | None] = mapped_column(
        String(12), ForeignKey("organizations.id", ondelete="CASCADE"), sort_order=-1
    )
    sku: Mapped[str] = mapped_column(server_default="")
    price: Mapped[Decimal | None] = mapped_column(Amount)  # null: unknown; 0 is a price
    status: Mapped[str] = mapped_column(server_default="active")
    source: Mapped[str] = mapped_column(server_default="manual")
    source_priority: Mapped[int] = mapped_column(server_default="20")
    source_reference: Mapped[str] = mapped_column(server_default="")
    is_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    inventory_synced_at: Mapped[datetime | None]
    modified: Mapped[datetime] = mapped_column(server_default=func.now())
    if TYPE_CHECKING:  # in every row: resolvers.retailers.offers
        retailer_id: str  # of the store
        currency: str  # of the store
        is_shown: bool  # to everybody


class InStoreOffer(Offer, Base):
    __tablename__ = "in_store_offers"
    __table_args__ = (
        UniqueConstraint("product_id", "physical_store_id", "sku"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("quantity_on_hand >= 0", name="quantity"),
        Index("ix_in_store_offers_physical_store_id", "physical_store_id"),
        Index("ix_in_store_offers_order", "organization_id", "created", "id"),
    )
    physical_store_id: Mapped[str] = mapped_column(String(12), ForeignKey("physical_stores.id", ondelete="CASCADE"))
    quantity_on_hand: Mapped[int | None]
    aisle: Mapped[str] = mapped_column(server_default="")
    store_pickup_available: Mapped[bool] = mapped_column(server_default=text("false"))
    point: Mapped[Any] = mapped_column(point(), nullable=True)  # of the location, kept by triggers: see near


Index("ix_in_store_offers_near", func.hashtextextended(InStoreOffer.product_id, text("0")), InStoreOffer.point,
      postgresql_using="gist")  # fmt: skip
"""The offers of a product by distance, without any join: 2 ms for the 3 nearest of 25 products among a million offers,
where joins to stores and locations take 20 and grow with the table. A hash, because GiST is slow on texts."""


class OnlineOffer(Offer, Base):
    __tablename__ = "online_offers"
    __table_args__ = (
        UniqueConstraint("product_id", "online_store_id", "sku"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("shipping_cost >= 0", name="shipping"),
        Index("ix_online_offers_online_store_id", "online_store_id"),
        Index("ix_online_offers_order", "organization_id", "created", "id"),
    )
    online_store_id: Mapped[str] = mapped_column(String(12), ForeignKey("online_stores.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(server_default="")
    fulfillment_type: Mapped[str] = mapped_column(server_default="standard")
    stock_level: Mapped[str] = mapped_column(server_default="unknown")
    delivery_countries: Mapped[list[str]] = mapped_column(server_default="{}")  # ISO 3166-1 alpha-2
    shipping_cost: Mapped[Decimal | None] = mapped_column(Amount)
    lead_time_days: Mapped[int | None]
    min_order_quantity: Mapped[int] = mapped_column(server_default="1")


IN_STORE_COLUMNS = [column for column in InStoreOffer.__table__.c if column.name != "point"]
ONLINE_COLUMNS = list(OnlineOffer.__table__.c)
"""What rows of offers carry of their tables."""


class Promotion(Identified, Annotatable):
    """A price for a time, both ends included. It counts while `is_active` and between its ends; a daily job clears
    `is_active` afterwards, and the row stays. Of several that overlap, the cheapest counts."""

    promotional_price: Mapped[Decimal] = mapped_column(Amount)
    start_date: Mapped[datetime]
    end_date: Mapped[datetime]
    promotion_type: Mapped[str] = mapped_column(server_default="SALE")
    description: Mapped[str] = mapped_column(server_default="")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    modified: Mapped[datetime] = mapped_column(server_default=func.now())

    @declared_attr.directive
    def __table_args__(cls) -> Any:
        name = getattr(cls, "__tablename__")  # noqa: B009
        return (
            CheckConstraint("end_date > start_date", name="dates"),
            CheckConstraint("promotional_price >= 0", name="price"),
            Index(f"ix_{name}_order", "offer_id", "start_date", "id"),
            Index(f"ix_{name}_end_date", "end_date", postgresql_where=text("is_active")),
        )

    if TYPE_CHECKING:
        offer_id: Mapped[str]
        organization_id: str | None  # of the offer, in every row
        currency: str  # of the store, in every row


class InStorePromotion(Promotion, Base):
    __tablename__ = "in_store_promotions"
    offer_id: Mapped[str] = mapped_column(String(12), ForeignKey("in_store_offers.id", ondelete="CASCADE"))


class OnlinePromotion(Promotion, Base):
    __tablename__ = "online_promotions"
    offer_id: Mapped[str] = mapped_column(String(12), ForeignKey("online_offers.id", ondelete="CASCADE"))


class RegionalOverride(Identified, Annotatable, Base):
    """What differs of an online offer in a region: a country (ISO 3166-1) or a subdivision of one (ISO 3166-2). Null
    means: as the offer says. Each source has one word on a region; the one of the lowest `source_priority` counts."""

    __tablename__ = "regional_overrides"
    __table_args__ = (
        UniqueConstraint("offer_id", "region", "source"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("quantity_on_hand >= 0", name="quantity"),
    )
    offer_id: Mapped[str] = mapped_column(String(12), ForeignKey("online_offers.id", ondelete="CASCADE"))
    region: Mapped[str]
    sku: Mapped[str | None]
    url: Mapped[str | None]
    price: Mapped[Decimal | None] = mapped_column(Amount)
    price_currency: Mapped[str | None] = mapped_column(String(3))  # null: the store's
    quantity_on_hand: Mapped[int | None]
    status: Mapped[str | None]
    source: Mapped[str] = mapped_column(server_default="manual")
    source_priority: Mapped[int] = mapped_column(server_default="20")
    source_reference: Mapped[str | None]
    modified: Mapped[datetime] = mapped_column(server_default=func.now())
    if TYPE_CHECKING:
        organization_id: str | None  # of the offer, in every row
        currency: str  # of the store, in every row


class PriceChange(Identified):
    """A change of an offer's price at `created`; null: unknown. The first price of an offer is the first `old_price`,
    or the offer's own while it has never changed."""

    id: Mapped[str] = mapped_column(String(12), primary_key=True, server_default=text("new_id()"), sort_order=-2)
    old_price: Mapped[Decimal | None] = mapped_column(Amount)
    new_price: Mapped[Decimal | None] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    source: Mapped[str]

    @declared_attr.directive
    def __table_args__(cls) -> Any:
        return (Index(f"ix_{getattr(cls, '__tablename__')}_order", "offer_id", "created", "id"),)  # noqa: B009

    if TYPE_CHECKING:
        offer_id: Mapped[str]


class InStorePriceChange(PriceChange, Base):
    __tablename__ = "in_store_price_changes"
    offer_id: Mapped[str] = mapped_column(String(12), ForeignKey("in_store_offers.id", ondelete="CASCADE"))


class OnlinePriceChange(PriceChange, Base):
    __tablename__ = "online_price_changes"
    offer_id: Mapped[str] = mapped_column(String(12), ForeignKey("online_offers.id", ondelete="CASCADE"))


# --- who says so


class InventorySource(Identified, Annotatable, Base):
    """Who feeds an organization's offers: a till, a feed, a person. It speaks for one store, or for all."""

    __tablename__ = "inventory_sources"
    __table_args__ = (
        Index("ix_inventory_sources_order", "organization_id", "created", "id"),
        CheckConstraint("num_nonnulls(physical_store_id, online_store_id) <= 1", name="store"),
    )
    organization_id: Mapped[str] = mapped_column(String(12), ForeignKey("organizations.id", ondelete="CASCADE"))
    name: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="manual")
    source_priority: Mapped[int] = mapped_column(server_default="20")
    physical_store_id: Mapped[str | None] = mapped_column(
        String(12), ForeignKey("physical_stores.id", ondelete="CASCADE"), index=True
    )
    online_store_id: Mapped[str | None] = mapped_column(
        String(12), ForeignKey("online_stores.id", ondelete="CASCADE"), index=True
    )
    status: Mapped[str] = mapped_column(server_default="active")
    last_sync_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(server_default="")
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


# --- both kinds of offer as one list


def constant(value: str, kind: Any = Text) -> ColumnElement[Any]:
    return literal_column(value, kind)


_both = union_all(
    select(
        InStoreOffer.id, InStoreOffer.created, InStoreOffer.organization_id, InStoreOffer.product_id,
        InStoreOffer.physical_store_id, constant("NULL::varchar(12)", String(12)).label("online_store_id"),
        InStoreOffer.sku, constant("''").label("url"), InStoreOffer.price, InStoreOffer.status,
        InStoreOffer.is_verified, InStoreOffer.source, InStoreOffer.quantity_on_hand,
    ),
    select(
        OnlineOffer.id, OnlineOffer.created, OnlineOffer.organization_id, OnlineOffer.product_id,
        constant("NULL::varchar(12)", String(12)), OnlineOffer.online_store_id,
        OnlineOffer.sku, OnlineOffer.url, OnlineOffer.price, OnlineOffer.status,
        OnlineOffer.is_verified, OnlineOffer.source, constant("NULL::integer", Integer),
    ),
).subquery("any_offers")  # fmt: skip


class AnyOffer(Base):
    """An offer of either kind, in the one form that both had once. Not a table."""

    __table__ = _both
    __mapper_args__ = {"primary_key": [_both.c.id]}  # noqa: RUF012
    if TYPE_CHECKING:
        id: Mapped[str]
        created: Mapped[datetime]
        organization_id: Mapped[str | None]
        product_id: Mapped[str]
        physical_store_id: Mapped[str | None]
        online_store_id: Mapped[str | None]
        sku: Mapped[str]
        url: Mapped[str]
        price: Mapped[Decimal | None]
        status: Mapped[str]
        is_verified: Mapped[bool]
        source: Mapped[str]
        quantity_on_hand: Mapped[int | None]
        retailer_id: str  # of the store, in every row
        currency: str
