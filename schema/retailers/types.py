"""Who sells what, where, for how much."""

from datetime import datetime
from decimal import Decimal

import strawberry

from closient_gql.core import money
from closient_gql.core.countries import Currency
from closient_gql.core.models import retailers as models
from closient_gql.core.models.retailers import (
    FulfillmentType,
    InventoryConfidence,
    InventorySourceStatus,
    OfferSource,
    OfferStatus,
    PromotionType,
    StockLevel,
)
from resolvers.locations.queries import locations_by_id
from resolvers.products.queries import products_by_id
from resolvers.retailers import inputs, legacy, levels, offers, overrides, promotions, retailers, sources, stores
from resolvers.retailers.inputs import LegacySource, LegacyStatus
from schema.account.types import Organization
from schema.declare import adopt_enum, adopt_input, column, entity, reference, relation, value
from schema.locations.types import Location
from schema.products.types import Product

adopt_enum(OfferStatus, "Whether something can be bought.")
adopt_enum(OfferSource, "Who says so.")
adopt_enum(FulfillmentType, "How an order reaches the buyer.")
adopt_enum(StockLevel, "How much there is.")
adopt_enum(PromotionType, "What a promotion is called. It decides nothing.")
adopt_enum(InventorySourceStatus, "How a source of inventory is doing.")
adopt_enum(InventoryConfidence, "How much the stock of an offer can be believed.")
adopt_enum(retailers.RetailerOrder, "How retailers are sorted.")
adopt_enum(LegacyStatus, "Whether something can be bought, in the form that offers had once.")
adopt_enum(LegacySource, "Who says so, in the form that offers had once.")

adopt_input(inputs.RetailerInput, "RetailerInput", "A retailer that is to be made.")
adopt_input(inputs.RetailerPatch, "RetailerPatch", "What is to change of a retailer; the rest stays.")
adopt_input(inputs.PhysicalStoreInput, "PhysicalStoreInput", "A store at a place.")
adopt_input(inputs.PhysicalStorePatch, "PhysicalStorePatch", "What is to change of a store; the rest stays.")
adopt_input(inputs.OnlineStoreInput, "OnlineStoreInput", "A store on the web.")
adopt_input(inputs.OnlineStorePatch, "OnlineStorePatch", "What is to change of a store; the rest stays.")
adopt_input(inputs.InStoreOfferInput, "InStoreOfferInput", "An offer of one product at one store.")
adopt_input(inputs.InStoreOfferPatch, "InStoreOfferPatch", "What is to change of an offer; the rest stays.")
adopt_input(inputs.OnlineOfferInput, "OnlineOfferInput", "An offer of one product at one store on the web.")
adopt_input(inputs.OnlineOfferPatch, "OnlineOfferPatch", "What is to change of an offer; the rest stays.")
adopt_input(inputs.OfferPatch, "OfferPatch", "What is to change of an offer of either kind; the rest stays.")
adopt_input(inputs.PromotionInput, "PromotionInput", "A price for a time.")
adopt_input(inputs.PromotionPatch, "PromotionPatch", "What is to change of a promotion; the rest stays.")
adopt_input(inputs.RegionalOverrideInput, "RegionalOverrideInput", "What differs of an online offer in a region.")
adopt_input(inputs.RegionalOverridePatch, "RegionalOverridePatch", "What is to change of it; the rest stays.")
adopt_input(inputs.InventorySourceInput, "InventorySourceInput", "Somebody who feeds offers.")
adopt_input(inputs.InventorySourcePatch, "InventorySourcePatch", "What is to change of a source; the rest stays.")


@value(money.Money, says="An amount of money.")
class Money:
    amount: Decimal = column("The amount, exactly, with at least the digits of its currency.")
    currency: Currency = column("Its currency: ISO 4217.")


@entity(models.Retailer, keys={"id": retailers.retailers_by_id}, says="A chain or a shop, canonical or private.")
class Retailer:
    id: strawberry.ID = column("Id of the retailer.")
    name: str = column("Name as people know it.")
    is_online: bool = relation(retailers.are_online, "Whether it has an active store on the web.", reads=["id"])
    is_physical: bool = relation(retailers.are_physical, "Whether it has an active store at a place.", reads=["id"])
    website: str = column("Its homepage, apart from storefronts; empty if unknown.")
    gln: str | None = column("Its GS1 Global Location Number.")
    is_canonical: bool = column("Whether it is curated by the platform, and so read only.")
    organization_id: strawberry.ID | None = column("Id of the organization whose own it is; null: canonical.")
    organization: Organization | None = relation(
        retailers.organizations_of, "The organization whose own it is, for its members only.", reads=["organization_id"]
    )
    marketplace_regions: list[str] = column("Countries that it sells in: ISO 3166-1 alpha-2.")
    category: str | None = column("What kind of retailer it is.")
    is_active: bool = column("Whether it is in business.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was first known.")
    modified: datetime = column("When it was last changed.")


@entity(models.PhysicalStore, keys={"id": stores.physical_stores_by_id}, says="A retailer at a place.")
class PhysicalStore:
    id: strawberry.ID = column("Id of the store.")
    retailer_id: strawberry.ID = column("Id of its retailer.")
    retailer: Retailer | None = reference(
        "retailer_id", retailers.retailers_by_id, "Its retailer; null if that is an organization's own."
    )
    location_id: strawberry.ID = column("Id of the location where it stands.")
    location: Location | None = reference("location_id", locations_by_id, "Where it stands.")
    organization_id: strawberry.ID | None = column("Id of the organization that runs it; null: nobody here.")
    organization: Organization | None = relation(
        retailers.organizations_of, "The organization that runs it, for its members only.", reads=["organization_id"]
    )
    name: str = column("Name as it stands over the door; empty: that of its location.")
    number: str = column("The retailer's own number of it; empty if unknown.")
    currency: Currency = column("The currency of all of its prices.")
    is_active: bool = column("Whether it is shown to everybody, and its offers with it.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was first known.")
    modified: datetime = column("When it was last changed.")


@entity(models.OnlineStore, keys={"id": stores.online_stores_by_id}, says="A retailer's storefront on the web.")
class OnlineStore:
    id: strawberry.ID = column("Id of the store.")
    retailer_id: strawberry.ID = column("Id of its retailer.")
    retailer: Retailer | None = reference(
        "retailer_id", retailers.retailers_by_id, "Its retailer; null if that is an organization's own."
    )
    organization_id: strawberry.ID | None = column("Id of the organization that runs it; null: nobody here.")
    organization: Organization | None = relation(
        retailers.organizations_of, "The organization that runs it, for its members only.", reads=["organization_id"]
    )
    name: str = column("Name as people know it; empty: its domain.")
    url: str = column("Address of the storefront.")
    domain: str = column("The host in that address.")
    currency: Currency = column("The currency of all of its prices.")
    countries: list[str] = column("Countries that it sells to: ISO 3166-1 alpha-2; empty if unknown.")
    is_active: bool = column("Whether it is shown to everybody, and its offers with it.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was first known.")
    modified: datetime = column("When it was last changed.")


@entity(
    models.InStorePromotion,
    keys={"id": promotions.in_store_promotions_by_id},
    says="A price for a time in one store. Of several that overlap, the cheapest counts.",
)
class InStorePromotion:
    id: strawberry.ID = column("Id of the promotion.")
    offer_id: strawberry.ID = column("Id of the in-store offer.")
    promotional_price: Decimal = relation(promotions.prices_of, "The price meanwhile.")
    currency: Currency = relation(promotions.currencies_of, "Its currency: that of the store.")
    start_date: datetime = column("From then on.")
    end_date: datetime = column("Until then, this moment included.")
    promotion_type: PromotionType = column("What it is called.")
    description: str = column("Words about it.")
    is_active: bool = column("False once it is over, and marked so by the daily job.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was made.")
    modified: datetime = column("When it was last changed.")


@entity(
    models.OnlinePromotion,
    keys={"id": promotions.online_promotions_by_id},
    says="A price for a time in one storefront. Of several that overlap, the cheapest counts.",
)
class OnlinePromotion:
    id: strawberry.ID = column("Id of the promotion.")
    offer_id: strawberry.ID = column("Id of the online offer.")
    promotional_price: Decimal = relation(promotions.prices_of, "The price meanwhile.")
    currency: Currency = relation(promotions.currencies_of, "Its currency: that of the store.")
    start_date: datetime = column("From then on.")
    end_date: datetime = column("Until then, this moment included.")
    promotion_type: PromotionType = column("What it is called.")
    description: str = column("Words about it.")
    is_active: bool = column("False once it is over, and marked so by the daily job.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was made.")
    modified: datetime = column("When it was last changed.")


@entity(
    models.RegionalOverride,
    keys={"id": overrides.overrides_by_id},
    says="What one source says of an online offer in a region. Null: as the offer says.",
)
class RegionalOverride:
    id: strawberry.ID = column("Id of the override.")
    offer_id: strawberry.ID = column("Id of the online offer.")
    region: str = column("A country (ISO 3166-1 alpha-2), or a subdivision of one (ISO 3166-2).")
    sku: str | None = column("The retailer's own number of the product there.")
    url: str | None = column("Where it can be bought there.")
    price: Decimal | None = relation(overrides.prices_of, "The price there.")
    price_currency: Currency | None = relation(overrides.currencies_of, "The currency of that price.")
    quantity_on_hand: int | None = column("How many there are for there.")
    status: OfferStatus | None = column("Whether it can be bought there.")
    source: OfferSource = column("Who says so.")
    source_priority: int = column("Of two sources that disagree, the lower number is believed.")
    source_reference: str | None = column("What the source calls it.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was made.")
    modified: datetime = column("When it was last changed.")


@entity(
    models.InStoreOffer, keys={"id": offers.in_store_offers_by_id}, says="What a product costs at one store at a place."
)
class InStoreOffer:
    id: strawberry.ID = column("Id of the offer.")
    product_id: strawberry.ID = column("Id of the product.")
    product: Product | None = reference("product_id", products_by_id, "The product.")
    physical_store_id: strawberry.ID = column("Id of the store.")
    physical_store: PhysicalStore | None = reference("physical_store_id", stores.physical_stores_by_id, "The store.")
    organization_id: strawberry.ID | None = column("Id of the organization that runs the store; null: nobody here.")
    sku: str = column("The retailer's own number of the product; empty if unknown.")
    price: Money | None = relation(
        offers.prices_of, "The price, without promotions; null: unknown. 0 is a price.", reads=["price", "currency"]
    )
    status: OfferStatus = column("Whether it can be bought.")
    is_verified: bool = column("Whether somebody has checked it.")
    source: OfferSource = column("Who says so.")
    source_priority: int = column("Of two sources that disagree, the lower number is believed.")
    quantity_on_hand: int | None = column("How many there are; null: unknown.")
    aisle: str = column("Where in the store it is; empty if unknown.")
    store_pickup_available: bool = column("Whether it can be ordered and fetched.")
    inventory_synced_at: datetime | None = column("When its source last spoke of price or stock.")
    inventory_confidence: InventoryConfidence = relation(
        offers.confidences_of,
        "How much its stock can be believed, from the age of that word at this moment.",
        reads=["inventory_synced_at"],
    )
    promotions: list[InStorePromotion] = relation(
        promotions.in_store_promotions_of,
        "Its promotions by their start: for members all of them, for others those that count now.",
        reads=["id"],
        size=5,
    )
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was first known.")
    modified: datetime = column("When it was last changed.")


@entity(
    models.OnlineOffer, keys={"id": offers.online_offers_by_id}, says="What a product costs at one store on the web."
)
class OnlineOffer:
    id: strawberry.ID = column("Id of the offer.")
    product_id: strawberry.ID = column("Id of the product.")
    product: Product | None = reference("product_id", products_by_id, "The product.")
    online_store_id: strawberry.ID = column("Id of the store.")
    online_store: OnlineStore | None = reference("online_store_id", stores.online_stores_by_id, "The store.")
    organization_id: strawberry.ID | None = column("Id of the organization that runs the store; null: nobody here.")
    sku: str = column("The retailer's own number of the product; empty if unknown.")
    url: str = column("Where it can be bought; empty if unknown.")
    price: Money | None = relation(
        offers.prices_of, "The price, without promotions; null: unknown. 0 is a price.", reads=["price", "currency"]
    )
    status: OfferStatus = column("Whether it can be bought, whatever the stock.")
    is_verified: bool = column("Whether somebody has checked it.")
    source: OfferSource = column("Who says so.")
    source_priority: int = column("Of two sources that disagree, the lower number is believed.")
    fulfillment_type: FulfillmentType = column("How it reaches the buyer.")
    stock_level: StockLevel = column("How much there is.")
    delivery_countries: list[str] = column("Countries that it is sent to: ISO 3166-1 alpha-2; empty if unknown.")
    shipping_cost: Decimal | None = relation(
        offers.shipping_costs_of,
        "What sending it costs, in the store's currency; null: unknown.",
        reads=["shipping_cost", "currency"],
    )
    lead_time_days: int | None = column("Days until it is sent; null: unknown.")
    min_order_quantity: int = column("The least that can be ordered.")
    inventory_synced_at: datetime | None = column("When its source last spoke of price or stock.")
    inventory_confidence: InventoryConfidence = relation(
        offers.confidences_of,
        "How much its stock can be believed, from the age of that word at this moment.",
        reads=["inventory_synced_at"],
    )
    promotions: list[OnlinePromotion] = relation(
        promotions.online_promotions_of,
        "Its promotions by their start: for members all of them, for others those that count now.",
        reads=["id"],
        size=5,
    )
    regional_overrides: list[RegionalOverride] = relation(
        overrides.overrides_of, "What differs by region, the most believed source of each first.", reads=["id"], size=10
    )
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was first known.")
    modified: datetime = column("When it was last changed.")


@value(models.AnyOffer, says="An offer of either kind, in the one form that both had once. For members only.")
class AnyOffer:
    id: strawberry.ID = column("Id of the offer.")
    product_id: strawberry.ID = column("Id of the product.")
    retailer_id: strawberry.ID = relation(legacy.retailer_ids_of, "Id of the retailer whose store it is.")
    organization_id: strawberry.ID | None = column("Id of the organization that runs the store.")
    sku: str = column("The retailer's own number of the product; empty if unknown.")
    url: str = column("Where it can be bought; empty if unknown, and in stores.")
    price: Decimal | None = relation(legacy.prices_of, "The price, without promotions; null: unknown.")
    price_currency: Currency = relation(legacy.currencies_of, "Its currency: that of the store.")
    status: LegacyStatus = relation(legacy.statuses_of, "Whether it can be bought.")
    is_verified: bool = column("Whether somebody has checked it.")
    source: LegacySource = relation(legacy.sources_of, "Who says so.")
    quantity_on_hand: int | None = column("How many there are; null: unknown, and online.")
    regional_overrides: list[RegionalOverride] = relation(
        overrides.overrides_of, "What differs by region; nothing for in-store offers.", size=10
    )


@entity(
    models.InventorySource,
    keys={"id": sources.inventory_sources_by_id},
    says="Somebody who feeds the offers of an organization. For its members only.",
)
class InventorySource:
    id: strawberry.ID = column("Id of the source.")
    organization_id: strawberry.ID = column("Id of the organization whose offers it feeds.")
    name: str = column("What it is called.")
    source: OfferSource = column("What kind of source it is.")
    source_priority: int = column("Of two sources that disagree, the lower number is believed.")
    physical_store_id: strawberry.ID | None = column("Id of the only store that it speaks for.")
    online_store_id: strawberry.ID | None = column("Id of the only storefront that it speaks for.")
    status: InventorySourceStatus = column("How it is doing.")
    last_sync_at: datetime | None = column("When it last fed offers.")
    last_error: str = column("What went wrong the last time; empty if nothing did.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was made.")
    modified: datetime = column("When it was last changed.")


@value(levels.InventoryConfidenceLevel, says="One level of inventory confidence.")
class InventoryConfidenceLevel:
    level: InventoryConfidence = column("The level.")
    description: str = column("What it means.")
    max_age_hours: int | None = column(
        "How old its source's last word is at the most; null: any age beyond the others."
    )
