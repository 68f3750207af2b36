"""Root fields of retailers."""

from resolvers.retailers import legacy, levels, offer_changes, offers, overrides, promotions, retailers, sources, stores
from schema.declare import Mutation, Query, extend, root
from schema.retailers.types import (
    AnyOffer,
    InStoreOffer,
    InStorePromotion,
    InventoryConfidenceLevel,
    InventorySource,
    OnlineOffer,
    OnlinePromotion,
    OnlineStore,
    PhysicalStore,
    RegionalOverride,
    Retailer,
)
from schema.shared import Connection


@extend(Query)
class RetailerQueries:
    retailer: Retailer | None = root(retailers.retailer, "A canonical retailer, or one of the caller's organizations.")
    retailers: Connection[Retailer] | None = root(
        retailers.retailers, "Retailers visible to an organization of the caller's: canonical ones and its own."
    )
    physical_store: PhysicalStore | None = root(stores.physical_store, "The store at a place with this id.")
    physical_stores: Connection[PhysicalStore] | None = root(
        stores.physical_stores, "Stores at places that an organization of the caller's runs, oldest first."
    )
    online_store: OnlineStore | None = root(stores.online_store, "The store on the web with this id.")
    online_stores: Connection[OnlineStore] | None = root(
        stores.online_stores, "Stores on the web that an organization of the caller's runs, oldest first."
    )
    in_store_offer: InStoreOffer | None = root(
        offers.in_store_offer, "One in-store offer, for members of the organization that it belongs to."
    )
    in_store_offers: Connection[InStoreOffer] | None = root(
        offers.in_store_offers, "In-store offers of an organization of the caller's, oldest first."
    )
    online_offer: OnlineOffer | None = root(
        offers.online_offer, "One online offer, for members of the organization that it belongs to."
    )
    online_offers: Connection[OnlineOffer] | None = root(
        offers.online_offers, "Online offers of an organization of the caller's, oldest first."
    )
    any_offer: AnyOffer | None = root(legacy.any_offer, "One offer of either kind, in the form that both had once.")
    any_offers: Connection[AnyOffer] | None = root(
        legacy.any_offers, "All offers of an organization of the caller's, in the form that both kinds had once."
    )
    in_store_promotion: InStorePromotion | None = root(
        promotions.in_store_promotion, "One promotion of an in-store offer, for members."
    )
    online_promotion: OnlinePromotion | None = root(
        promotions.online_promotion, "One promotion of an online offer, for members."
    )
    regional_override: RegionalOverride | None = root(
        overrides.regional_override, "One regional override of an online offer, for members."
    )
    inventory_source: InventorySource | None = root(sources.inventory_source, "One source of inventory, for members.")
    inventory_confidence_levels: list[InventoryConfidenceLevel] | None = root(
        levels.inventory_confidence_levels, "What the levels of inventory confidence mean, the surest first.", size=4
    )
    inventory_sources: Connection[InventorySource] | None = root(
        sources.inventory_sources, "Who feeds the offers of an organization of the caller's, oldest first."
    )


@extend(Mutation)
class RetailerMutations:
    retailer_create: Retailer | None = root(retailers.create_retailer, "Makes a retailer of an organization's own.")
    retailer_update: Retailer | None = root(retailers.update_retailer, "Changes a retailer of the caller's.")
    retailer_delete: bool | None = root(
        retailers.delete_retailer, "Deletes a retailer of the caller's, its stores and their offers. Answers true."
    )
    physical_store_create: PhysicalStore | None = root(
        stores.create_physical_store, "Makes a store at a place, run by an organization of the caller's."
    )
    physical_store_update: PhysicalStore | None = root(
        stores.update_physical_store, "Changes a store at a place of the caller's."
    )
    physical_store_delete: bool | None = root(
        stores.delete_physical_store, "Deletes a store at a place and its offers. Answers true."
    )
    online_store_create: OnlineStore | None = root(
        stores.create_online_store, "Makes a store on the web, run by an organization of the caller's."
    )
    online_store_update: OnlineStore | None = root(
        stores.update_online_store, "Changes a store on the web of the caller's."
    )
    online_store_delete: bool | None = root(
        stores.delete_online_store, "Deletes a store on the web and its offers. Answers true."
    )
    in_store_offer_create: InStoreOffer | None = root(
        offer_changes.create_in_store_offer, "Makes an offer of one product at one store at a place."
    )
    in_store_offer_update: InStoreOffer | None = root(
        offer_changes.update_in_store_offer, "Changes an in-store offer of the caller's."
    )
    in_store_offer_delete: bool | None = root(
        offer_changes.delete_in_store_offer, "Deletes an in-store offer and its promotions. Answers true."
    )
    online_offer_create: OnlineOffer | None = root(
        offer_changes.create_online_offer, "Makes an offer of one product at one store on the web."
    )
    online_offer_update: OnlineOffer | None = root(
        offer_changes.update_online_offer, "Changes an online offer of the caller's."
    )
    online_offer_delete: bool | None = root(
        offer_changes.delete_online_offer, "Deletes an online offer and its promotions. Answers true."
    )
    any_offer_update: AnyOffer | None = root(
        legacy.update_any_offer, "Changes an offer of either kind, in the form that both had once."
    )
    in_store_promotion_create: InStorePromotion | None = root(
        promotions.create_in_store_promotion, "Attaches a promotion to an in-store offer."
    )
    in_store_promotion_update: InStorePromotion | None = root(
        promotions.update_in_store_promotion, "Changes a promotion of an in-store offer."
    )
    in_store_promotion_delete: bool | None = root(
        promotions.delete_in_store_promotion, "Removes a promotion of an in-store offer. Answers true."
    )
    online_promotion_create: OnlinePromotion | None = root(
        promotions.create_online_promotion, "Attaches a promotion to an online offer."
    )
    online_promotion_update: OnlinePromotion | None = root(
        promotions.update_online_promotion, "Changes a promotion of an online offer."
    )
    online_promotion_delete: bool | None = root(
        promotions.delete_online_promotion, "Removes a promotion of an online offer. Answers true."
    )
    regional_override_create: RegionalOverride | None = root(
        overrides.create_override, "Says what differs of an online offer in a region."
    )
    regional_override_update: RegionalOverride | None = root(
        overrides.update_override, "Changes what differs of an online offer in a region."
    )
    regional_override_delete: bool | None = root(overrides.delete_override, "Removes it. Answers true.")
    inventory_source_create: InventorySource | None = root(
        sources.create_inventory_source, "Makes a source of inventory."
    )
    inventory_source_update: InventorySource | None = root(
        sources.update_inventory_source, "Changes a source of inventory."
    )
    inventory_source_delete: bool | None = root(
        sources.delete_inventory_source, "Forgets a source of inventory. Answers true."
    )
