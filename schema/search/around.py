"""What there is around a place without a question, what to take instead of a product, trips."""

from datetime import datetime

import strawberry

from closient_gql.core.models.retailers import StockLevel
from resolvers.locations.queries import locations_by_id
from resolvers.products.queries import products_by_id
from resolvers.retailers.offers import in_store_offers_by_id
from resolvers.retailers.stores import physical_stores_by_id
from resolvers.search import alternatives, nearby, trips
from schema.declare import Query, adopt_enum, adopt_input, column, extend, reference, relation, root, value
from schema.locations.types import Location
from schema.products.types import Product
from schema.retailers.types import InStoreOffer, Money, PhysicalStore
from schema.search.sessions import SessionHit

adopt_enum(nearby.NearbySignal, "What speaks for a store.")
adopt_enum(trips.UnavailableReason, "Why something of a list is not bought.")
adopt_input(trips.TripPlanInput, "TripPlanInput", "What to buy, and from where.")


@value(nearby.NearbyOffer, says="Something that a store has in stock.")
class NearbyOffer:
    product_id: strawberry.ID = column("Id of the product.")
    product: Product | None = reference("product_id", products_by_id, "The product.")
    offer_id: strawberry.ID = column("Id of the offer.")
    in_store_offer: InStoreOffer | None = reference("offer_id", in_store_offers_by_id, "The offer.")
    price: Money | None = column("What it costs now, promotions counted; null: unknown.")
    is_new: bool = column("Whether the offer is not older than a week.")
    is_popular: bool = column("Whether people scanned the product often within the last week.")


@value(nearby.NearbyStore, says="A store around a place.")
class NearbyStore:
    physical_store_id: strawberry.ID = column("Id of the store.")
    physical_store: PhysicalStore | None = reference("physical_store_id", physical_stores_by_id, "The store.")
    location: Location | None = reference("location_id", locations_by_id, "Where it is.")
    name: str = column("Its name, or that of its place.")
    address: str = column("Its address in one line.")
    categories: list[str] = column("What kind of shop it is.")
    distance_km: float = column("How far it is: kilometres on the spheroid, to two decimals.")
    last_inventory_sync: datetime | None = column("When its stock was last heard of.")
    is_open: bool | None = column("Whether it is open now; null: not known.")
    signals: list[nearby.NearbySignal] = column("What speaks for it.")
    offers: list[NearbyOffer] = column("Some of what it has in stock: what is popular, then the newest.")


@value(nearby.NearbyPick, says="Something worth a look.")
class NearbyPick:
    product_id: strawberry.ID = column("Id of the product.")
    product: Product | None = reference("product_id", products_by_id, "The product.")
    offer_id: strawberry.ID = column("Id of the offer.")
    physical_store_id: strawberry.ID = column("Id of the store.")
    physical_store: PhysicalStore | None = reference("physical_store_id", physical_stores_by_id, "The store.")
    store_name: str = column("Name of the store.")
    distance_km: float = column("How far it is: kilometres on the spheroid, to two decimals.")
    price: Money | None = column("What it costs now; null: unknown.")
    reasons: list[str] = column("Why, for people.")


@value(nearby.Nearby, says="What there is around a place.")
class Nearby:
    stores: list[NearbyStore] = column("Stores, nearest first.")
    picks: list[NearbyPick] = column("A few things worth a look.")


@value(alternatives.Alternative, says="What to take instead of a product.")
class ProductAlternative:
    product_id: strawberry.ID = column("Id of the product.")
    product: Product | None = reference("product_id", products_by_id, "The product.")
    reason: str = column("Why it keeps what is asked, for people.")
    preferred_traits: list[str] = column("What it has of what the signed-in user prefers.")
    hit: SessionHit | None = column("Where it is to be had around the place; null if no place was given.")


@value(trips.TripItem, says="Something that is bought at a stop.")
class TripItem:
    item: str = column("How the list calls it.")
    product_id: strawberry.ID = column("Id of the product.")
    product: Product | None = reference("product_id", products_by_id, "The product.")
    in_store_offer: InStoreOffer | None = reference("offer_id", in_store_offers_by_id, "The offer.")
    gtin: str = column("GTIN of the product, 14 digits.")
    product_name: str = column("Name of the product.")
    price: Money | None = column("What it costs now, promotions counted; null: unknown.")
    stock_status: StockLevel = column("How much there is.")


@value(trips.TripStop, says="A store of a trip.")
class TripStop:
    physical_store_id: strawberry.ID = column("Id of the store.")
    physical_store: PhysicalStore | None = reference("physical_store_id", physical_stores_by_id, "The store.")
    location: Location | None = reference("location_id", locations_by_id, "Where it is.")
    name: str = column("Its name, or that of its place.")
    address: str = column("Its address in one line.")
    latitude: float = column("Decimal degrees north, WGS 84.")
    longitude: float = column("Decimal degrees east, WGS 84.")
    distance_km: float = column("How far it is: kilometres on the spheroid, to two decimals.")
    open_now: bool | None = column("Whether it is open now; null: not known.")
    items: list[TripItem] = column("What is bought there, in the order of the list.")
    total: Money | None = column("What all of it costs; null: not all prices are known, or in one currency.")


@value(trips.UnavailableItem, says="Something of a list that is not bought.")
class UnavailableItem:
    item: str = column("How the list calls it.")
    reason: trips.UnavailableReason = column("Why.")
    message: str = column("Why, for people.")


@value(trips.TripPlan, says="A shopping list as a trip.")
class TripPlan:
    stops: list[TripStop] = column("Stores, nearest first.")
    unavailable: list[UnavailableItem] = column("What is not bought, and why.")
    in_stock_relaxed: bool = column("Whether things count that are not known to be in stock: more is bought so.")
    items_count: int = column("How many items of the list are bought.")


@extend(Product)
class ProductAlternatives:
    alternatives: list[ProductAlternative] = relation(
        alternatives.alternatives_of,
        "Up to three other products of the same kind that keep constraints which this one may fail.",
        needs=["productName"],
        reads=["id", "product_name", "category_id"],
        size=3,
    )


@extend(Query)
class AroundQueries:
    nearby: Nearby | None = root(
        nearby.nearby, "Stores around a place and some of what they have in stock. Everybody may ask."
    )
    trip_plan: TripPlan | None = root(
        trips.trip_plan, "A shopping list as a trip with few stops. Everybody may ask.", size=200
    )
