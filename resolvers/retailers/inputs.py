"""What can be said of retailers, stores, offers and their prices.

In a patch, what is not given stays. Null clears what can be unknown (a price, a quantity); elsewhere it, too, means: as
it is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from closient_gql.core import money
from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.countries import Country, Currency
from closient_gql.core.enums import Described
from closient_gql.core.gs1.gln import Gln
from closient_gql.core.models.retailers import (
    FulfillmentType,
    InventorySourceStatus,
    OfferSource,
    OfferStatus,
    PromotionType,
    StockLevel,
)

MOST = 2**31 - 1
Name = Annotated[str, Bounds(min_length=1, max_length=255, pattern=r"\S")]
Text = Annotated[str, Bounds(max_length=1000)]
Sku = Annotated[
    str, Bounds(max_length=100), Doc("The retailer's own number of the product: SKU, ASIN, item id; empty for none.")
]
ADDRESS = r"https?://[^\s<>/?#]+[^\s<>]*"
Url = Annotated[str, Bounds(max_length=1000, pattern=f"^({ADDRESS})?$")]
StoreUrl = Annotated[
    str, Bounds(max_length=1000, pattern=f"^{ADDRESS}$"), Doc("Address of the storefront, unique with the retailer.")
]
GlnOf = Annotated[Gln | None, Doc("Its GS1 Global Location Number; null for none.")]
Count = Annotated[int, Bounds(minimum=0, maximum=MOST)]
Countries = Annotated[list[Country], Bounds(max_length=300)]
Price = Annotated[money.Amount, Doc("A bare number in the store's currency; null for unknown. 0 is a price.")]
Priority = Annotated[
    int,
    Bounds(minimum=0, maximum=1000),
    Doc("Of two sources that disagree, the lower number is believed; by default what the source stands for."),
]
Reference = Annotated[str, Bounds(max_length=500), Doc("What the source calls it.")]
Region = Annotated[
    str,
    Bounds(min_length=2, max_length=6),
    Doc("A country (ISO 3166-1 alpha-2), such as US, or a subdivision of one (ISO 3166-2), such as US-CA."),
]
Metadata = Annotated[
    dict[str, str] | None,
    Doc("Merged: keys that are not named stay, an empty value removes its key, {} or null clears all."),
]
OrganizationId = Annotated[Id, Doc("Id of an organization that the caller belongs to.")]


# --- who sells


@dataclass(kw_only=True)
class RetailerInput:
    name: Annotated[Name, Doc("Name as people know it.")]
    metadata: Metadata = ABSENT
    website: Annotated[Url, Doc("Its homepage, apart from storefronts; empty if unknown.")] = ""
    gln: GlnOf = None
    category: Annotated[Text | None, Doc("What kind of retailer it is, such as supermarket.")] = None
    marketplace_regions: Annotated[Countries | None, Doc("Countries that it sells in; null for none.")] = None


@dataclass(kw_only=True)
class RetailerPatch:
    name: Annotated[Name | None, Doc("Name as people know it.")] = None
    metadata: Metadata = ABSENT
    website: Annotated[Url | None, Doc("Its homepage; empty if unknown.")] = None
    gln: GlnOf = ABSENT
    category: Annotated[Text | None, Doc("What kind of retailer it is; null for unknown.")] = ABSENT
    marketplace_regions: Annotated[Countries | None, Doc("Countries that it sells in.")] = None


@dataclass(kw_only=True)
class PhysicalStoreInput:
    retailer_id: Annotated[Id, Doc("Id of its retailer: a canonical one, or one of the organization's. Immutable.")]
    location_id: Annotated[Id, Doc("Id of the location where it stands: nobody's, or the organization's. Immutable.")]
    currency: Annotated[Currency, Doc("The currency of all of its prices: ISO 4217.")]
    name: Annotated[Text, Doc("Name as it stands over the door; that of the location if empty.")] = ""
    number: Annotated[Sku, Doc("The retailer's own number of the store, unique with it; empty for none.")] = ""
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class PhysicalStorePatch:
    currency: Annotated[Currency | None, Doc("Another currency; refused while the store has prices.")] = None
    name: Annotated[Text | None, Doc("Name as it stands over the door.")] = None
    number: Annotated[Sku | None, Doc("The retailer's own number of the store; empty for none.")] = None
    is_active: Annotated[bool | None, Doc("Whether it is shown to everybody, and its offers with it.")] = None
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class OnlineStoreInput:
    retailer_id: Annotated[Id, Doc("Id of its retailer: a canonical one, or one of the organization's. Immutable.")]
    url: StoreUrl
    currency: Annotated[Currency, Doc("The currency of all of its prices: ISO 4217.")]
    name: Annotated[Text, Doc("Name as people know it; its domain if empty.")] = ""
    countries: Annotated[Countries | None, Doc("Countries that it sells to; null or empty if unknown.")] = None
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class OnlineStorePatch:
    url: StoreUrl | None = None
    currency: Annotated[Currency | None, Doc("Another currency; refused while the store has prices.")] = None
    name: Annotated[Text | None, Doc("Name as people know it.")] = None
    countries: Annotated[Countries | None, Doc("Countries that it sells to.")] = None
    is_active: Annotated[bool | None, Doc("Whether it is shown to everybody, and its offers with it.")] = None
    metadata: Metadata = ABSENT


# --- what is offered


@dataclass(kw_only=True)
class InStoreOfferInput:
    product_id: Annotated[Id, Doc("Id of the product. Immutable.")]
    physical_store_id: Annotated[
        Id, Doc("Id of one concrete store of the organization's, not of the chain. Immutable.")
    ]
    metadata: Metadata = ABSENT
    sku: Sku = ""
    price: Price | None = None
    status: Annotated[OfferStatus, Doc("Whether it can be bought.")] = OfferStatus.ACTIVE
    source: Annotated[OfferSource, Doc("Who says so.")] = OfferSource.MANUAL
    quantity_on_hand: Annotated[Count | None, Doc("How many there are; null for unknown.")] = None
    aisle: Annotated[Sku, Doc("Where in the store it is; empty if unknown.")] = ""
    store_pickup_available: Annotated[bool, Doc("Whether it can be ordered and fetched.")] = False


@dataclass(kw_only=True)
class InStoreOfferPatch:
    metadata: Metadata = ABSENT
    sku: Sku | None = None
    price: Price | None = ABSENT
    status: Annotated[OfferStatus | None, Doc("Whether it can be bought.")] = None
    source: Annotated[OfferSource | None, Doc("Who says so.")] = None
    quantity_on_hand: Annotated[Count | None, Doc("How many there are; null for unknown.")] = ABSENT
    aisle: Annotated[Sku | None, Doc("Where in the store it is; empty if unknown.")] = None
    store_pickup_available: Annotated[bool | None, Doc("Whether it can be ordered and fetched.")] = None


@dataclass(kw_only=True)
class OnlineOfferInput:
    product_id: Annotated[Id, Doc("Id of the product. Immutable.")]
    online_store_id: Annotated[Id, Doc("Id of one storefront of the organization's, not of the retailer. Immutable.")]
    metadata: Metadata = ABSENT
    sku: Sku = ""
    url: Annotated[Url, Doc("Where it can be bought; empty if unknown.")] = ""
    price: Price | None = None
    status: Annotated[OfferStatus, Doc("Whether it can be bought, whatever the stock.")] = OfferStatus.ACTIVE
    source: Annotated[OfferSource, Doc("Who says so.")] = OfferSource.MANUAL
    fulfillment_type: Annotated[FulfillmentType, Doc("How it reaches the buyer.")] = FulfillmentType.STANDARD
    stock_level: Annotated[StockLevel, Doc("How much there is.")] = StockLevel.UNKNOWN
    delivery_countries: Annotated[Countries | None, Doc("Countries that it is sent to; null or empty if unknown.")] = (
        None
    )
    shipping_cost: Annotated[Price | None, Doc("What sending it costs, in the store's currency; null for unknown.")] = (
        None
    )
    lead_time_days: Annotated[Count | None, Doc("Days until it is sent; null for unknown.")] = None
    min_order_quantity: Annotated[int, Bounds(minimum=1, maximum=MOST), Doc("The least that can be ordered.")] = 1


@dataclass(kw_only=True)
class OnlineOfferPatch:
    metadata: Metadata = ABSENT
    sku: Sku | None = None
    url: Annotated[Url | None, Doc("Where it can be bought; empty if unknown.")] = None
    price: Price | None = ABSENT
    status: Annotated[OfferStatus | None, Doc("Whether it can be bought, whatever the stock.")] = None
    source: Annotated[OfferSource | None, Doc("Who says so.")] = None
    fulfillment_type: Annotated[FulfillmentType | None, Doc("How it reaches the buyer.")] = None
    stock_level: Annotated[StockLevel | None, Doc("How much there is.")] = None
    delivery_countries: Annotated[Countries | None, Doc("Countries that it is sent to; empty if unknown.")] = None
    shipping_cost: Annotated[Price | None, Doc("What sending it costs; null for unknown.")] = ABSENT
    lead_time_days: Annotated[Count | None, Doc("Days until it is sent; null for unknown.")] = ABSENT
    min_order_quantity: Annotated[
        int | None, Bounds(minimum=1, maximum=MOST), Doc("The least that can be ordered.")
    ] = None


class LegacyStatus(Described):
    ACTIVE = "active", "It can be bought."
    INACTIVE = "inactive", "It cannot: discontinued, out of season or out of stock."


class LegacySource(Described):
    MANUAL = "manual", "Entered by hand: by the retailer, the brand or shoppers."
    FEED = "feed", "From a till or a feed."
    SCRAPER = "scraper", "Read off a web page."


@dataclass(kw_only=True)
class OfferPatch:
    """Of an offer of either kind, in the form that both had once."""

    sku: Sku | None = None
    url: Annotated[Url | None, Doc("Where it can be bought; online offers only.")] = None
    price: Price | None = ABSENT
    price_currency: Annotated[Currency | None, Doc("That of the store, which decides it; another one is refused.")] = (
        None
    )
    status: Annotated[LegacyStatus | None, Doc("Whether it can be bought.")] = None
    source: Annotated[LegacySource | None, Doc("Who says so.")] = None


@dataclass(kw_only=True)
class PromotionInput:
    promotional_price: Annotated[money.Amount, Doc("The price meanwhile: a bare number in the store's currency.")]
    start_date: Annotated[datetime, Doc("From then on.")]
    end_date: Annotated[datetime, Doc("Until then, this moment included; after the start.")]
    promotion_type: Annotated[PromotionType, Doc("What it is called; it decides nothing.")] = PromotionType.SALE
    description: Annotated[Text, Doc("Words about it.")] = ""
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class PromotionPatch:
    promotional_price: Annotated[money.Amount | None, Doc("The price meanwhile.")] = None
    start_date: Annotated[datetime | None, Doc("From then on.")] = None
    end_date: Annotated[datetime | None, Doc("Until then, this moment included; after the start.")] = None
    promotion_type: Annotated[PromotionType | None, Doc("What it is called; it decides nothing.")] = None
    description: Annotated[Text | None, Doc("Words about it.")] = None
    metadata: Metadata = ABSENT


OverrideUrl = Annotated[Url | None, Doc("Where it can be bought there; null: as the offer says.")]
OverridePrice = Annotated[money.Amount | None, Doc("The price there; null: as the offer says.")]
OverrideCurrency = Annotated[Currency | None, Doc("The currency of that price; null: the store's.")]


@dataclass(kw_only=True)
class RegionalOverrideInput:
    region: Region
    sku: Annotated[Sku | None, Doc("Its number there; null: as the offer says.")] = None
    url: OverrideUrl = None
    price: OverridePrice = None
    price_currency: OverrideCurrency = None
    quantity_on_hand: Annotated[Count | None, Doc("How many there are for there; null for unknown.")] = None
    status: Annotated[OfferStatus | None, Doc("Whether it can be bought there; null: as the offer says.")] = None
    metadata: Metadata = ABSENT
    source: Annotated[OfferSource, Doc("Who says so: each source has one word on a region.")] = OfferSource.MANUAL
    source_priority: Priority | None = None
    source_reference: Reference | None = None


@dataclass(kw_only=True)
class RegionalOverridePatch:
    region: Region | None = None
    sku: Annotated[Sku | None, Doc("Its number there; null: as the offer says.")] = ABSENT
    url: OverrideUrl = ABSENT
    price: OverridePrice = ABSENT
    price_currency: OverrideCurrency = ABSENT
    quantity_on_hand: Annotated[Count | None, Doc("How many there are for there; null for unknown.")] = ABSENT
    status: Annotated[OfferStatus | None, Doc("Whether it can be bought there; null: as the offer says.")] = ABSENT
    metadata: Metadata = ABSENT
    source: Annotated[OfferSource | None, Doc("Who says so.")] = None
    source_priority: Priority | None = None
    source_reference: Reference | None = ABSENT


# --- who says so


@dataclass(kw_only=True)
class InventorySourceInput:
    name: Annotated[Name, Doc("What to call it.")]
    source: Annotated[OfferSource, Doc("What kind of source it is.")] = OfferSource.MANUAL
    source_priority: Priority | None = None
    physical_store_id: Annotated[Id | None, Doc("The only store that it speaks for; null: not one alone.")] = None
    online_store_id: Annotated[Id | None, Doc("The only storefront that it speaks for; null: not one alone.")] = None
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class InventorySourcePatch:
    name: Annotated[Name | None, Doc("What to call it.")] = None
    source_priority: Priority | None = None
    status: Annotated[InventorySourceStatus | None, Doc("Whether it feeds offers.")] = None
    metadata: Metadata = ABSENT
