"""Where products are to be had, and for how much: what retailers add to products, offers and locations."""

from datetime import datetime
from typing import Annotated

import strawberry

from closient_gql.core.models import retailers as models
from closient_gql.core.models.retailers import InventoryConfidence, OfferSource, StockLevel
from resolvers.retailers import availability, cheapest_offer, effective, listings, product_offers, stores
from schema.declare import adopt_enum, column, extend, reference, relation, value
from schema.locations.types import Location
from schema.products.types import Product
from schema.retailers.types import InStoreOffer, Money, OnlineOffer, OnlineStore, PhysicalStore, Retailer
from schema.shared import Connection

adopt_enum(product_offers.OfferKind, "Where an offer is.")
adopt_enum(product_offers.OfferOrder, "How offers of a product are sorted.")
Offer = Annotated[InStoreOffer | OnlineOffer, strawberry.union("Offer", description="What a product costs somewhere.")]


@value(availability.StoreAvailability, says="What one store has of a product.")
class StoreAvailability:
    physical_store_id: strawberry.ID = column("Id of the store.")
    physical_store: PhysicalStore | None = reference("physical_store_id", stores.physical_stores_by_id, "The store.")
    distance_km: float = column("How far it is: kilometres on the spheroid, to two decimals.")
    stock_status: StockLevel = column("How much there is, of all of its article numbers together.")
    quantity_on_hand: int | None = column("How many were counted; null: none was.")
    last_checked_at: datetime | None = column("When a source last spoke of it.")
    inventory_confidence: InventoryConfidence = column("How much that can be believed now.")


@value(availability.ProductAvailability, says="Where a product is to be had around a place.")
class ProductAvailability:
    stock_status: StockLevel = column("The best that any store within the radius has.")
    store_count: int = column("Stores within the radius that sell it.")
    in_stock_store_count: int = column("Those of them that have counted at least one.")
    stores: list[StoreAvailability] = column("The nearest of them.")


@value(models.InStorePriceChange, says="A change of what an offer costs, without promotions.")
class PriceChange:
    old_price: Money | None = relation(listings.old_prices_of, "What it cost until then; null: unknown.")
    new_price: Money | None = relation(listings.new_prices_of, "What it costs since then; null: unknown.")
    source: OfferSource = column("Who said so.")
    created: datetime = column("When it changed.")


@extend(Product)
class ProductOffers:
    offers: Connection[Offer] = relation(product_offers.offers_of, "What it costs where.")
    cheapest_offer: Offer | None = relation(
        cheapest_offer.cheapest_of,
        "The offer that costs least now, promotions counted. Of active offers with a price, in one currency.",
    )
    availability: ProductAvailability | None = relation(
        availability.availability_of, "Which stores have it around a place."
    )


EFFECTIVE = ("id", "price", "currency")  # what of an offer says what it costs now


@extend(InStoreOffer)
class InStoreOfferPrices:
    effective_price: Money | None = relation(
        effective.in_store_prices_of, "What it costs now, promotions counted.", reads=EFFECTIVE
    )
    price_history: Connection[PriceChange] = relation(
        listings.in_store_history_of, "Changes of its price, newest first.", reads=["id"]
    )


@extend(OnlineOffer)
class OnlineOfferPrices:
    effective_price: Money | None = relation(
        effective.online_prices_of, "What it costs now in a region, promotions counted.", reads=EFFECTIVE
    )
    price_history: Connection[PriceChange] = relation(
        listings.online_history_of, "Changes of its price, newest first.", reads=["id"]
    )


@extend(Location)
class LocationOffers:
    offers: Connection[InStoreOffer] = relation(listings.offers_at, "What its stores sell, newest first.")


@extend(Retailer)
class RetailerStores:
    stores: Connection[PhysicalStore] = relation(
        listings.stores_of, "Its active stores at places, oldest first.", reads=["id"]
    )
    online_stores: Connection[OnlineStore] = relation(
        listings.online_stores_of, "Its active stores on the web.", reads=["id"]
    )
