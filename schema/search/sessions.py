"""Searches in conversation: sessions, what they find, and the threads that users keep."""

from datetime import datetime

import strawberry

from closient_gql.core.models import search_sessions as models
from closient_gql.core.models.retailers import InventoryConfidence, StockLevel
from resolvers.locations.queries import locations_by_id
from resolvers.products.queries import products_by_id
from resolvers.retailers.offers import in_store_offers_by_id, online_offers_by_id
from resolvers.retailers.stores import online_stores_by_id, physical_stores_by_id
from resolvers.search import hit_details, local, online, session_hits, session_inputs, sessions, threads
from resolvers.search.asked import Degradation
from resolvers.search.constraints.model import Availability, ConstraintKey, Scope
from schema.declare import Mutation, Query, adopt_enum, adopt_input, column, extend, reference, relation, root, value
from schema.locations.types import Location
from schema.products.types import Product
from schema.retailers.types import InStoreOffer, Money, OnlineOffer, OnlineStore, PhysicalStore
from schema.scalars import ConstraintMap
from schema.search.types import SearchFacet
from schema.shared import Connection

adopt_enum(ConstraintKey, "What narrows a search.")
adopt_enum(Availability, "Whether it must be there, or its store open.")
adopt_enum(Scope, "Where it must be sold.")
adopt_enum(models.MessageRole, "Who said a line of a transcript.")
adopt_input(session_inputs.SearchConstraints, "SearchConstraintsInput", "Constraints that need no words.")
adopt_input(session_inputs.SearchSessionInput, "SearchSessionInput", "Where somebody is, and what is looked for.")
adopt_input(session_inputs.SessionQueryInput, "SessionQueryInput", "What is said next.")
adopt_input(session_inputs.SessionRefineInput, "SessionRefineInput", "What is said next, or changed without words.")
adopt_input(session_inputs.MapBounds, "MapBoundsInput", "A part of a map; across the antimeridian if west > east.")


@value(hit_details.HitStore, says="The store of a hit: the nearest one that passes.")
class SessionHitStore:
    physical_store_id: strawberry.ID = strawberry.field(name="id", description="Id of the store.")
    name: str = column("Its name, or that of its place.")
    address: str = column("Its address in one line.")
    latitude: float = column("Decimal degrees north, WGS 84.")
    longitude: float = column("Decimal degrees east, WGS 84.")
    distance_km: float = column("How far it is: kilometres on the spheroid, to two decimals.")
    is_open: bool | None = column("Whether it is open now; null: not known.")
    physical_store: PhysicalStore | None = reference("physical_store_id", physical_stores_by_id, "The store itself.")
    location: Location | None = reference("location_id", locations_by_id, "Where it is.")


@value(hit_details.HitOffer, says="What a hit costs in its store, and whether it is there.")
class SessionHitOffer:
    offer_id: strawberry.ID = strawberry.field(name="id", description="Id of the offer.")
    price: Money | None = column("What it costs now, promotions counted; null: unknown.")
    stock_status: StockLevel = column("How much there is.")
    inventory_confidence: InventoryConfidence = column("How much that can be believed now.")
    last_checked_at: datetime | None = column("When its source last spoke of it.")
    aisle: str = column("Where it stands in the store; empty if unknown.")
    in_store_offer: InStoreOffer | None = reference("offer_id", in_store_offers_by_id, "The offer itself.")


@value(local.LocalHit, says="A product that a session found, at its nearest store that passes.")
class SessionHit:
    id: strawberry.ID = column("Id of the product.")
    product: Product | None = reference("id", products_by_id, "The product.")
    store: SessionHitStore | None = relation(hit_details.stores_of, "Where it is to be had; null: it just went.")
    offer: SessionHitOffer | None = relation(hit_details.offers_of, "For how much; null: it just went.")
    distance_km: float = column("How far its store is: kilometres on the spheroid, to two decimals.")
    other_stores_count: int = column("How many other stores within the radius have an offer that passes.")


@value(hit_details.OnlineHitStore, says="A store on the web.")
class OnlineAlternativeStore:
    online_store_id: strawberry.ID = strawberry.field(name="id", description="Id of the store.")
    name: str = column("Its name, or its domain.")
    url: str = column("Its address on the web.")
    online_store: OnlineStore | None = reference("online_store_id", online_stores_by_id, "The store itself.")


@value(hit_details.OnlineHitOffer, says="What a product costs in a store on the web.")
class OnlineAlternativeOffer:
    offer_id: strawberry.ID = strawberry.field(name="id", description="Id of the offer.")
    price: Money | None = column("What it costs now, promotions counted; null: unknown.")
    stock_status: StockLevel = column("Whether it can be sent.")
    url: str = column("Where to buy it; empty if unknown.")
    last_checked_at: datetime | None = column("When its source last spoke of it.")
    online_offer: OnlineOffer | None = reference("offer_id", online_offers_by_id, "The offer itself.")


@value(online.OnlineHit, says="A product that is to be had on the web, where nothing around the place passes.")
class OnlineAlternative:
    id: strawberry.ID = column("Id of the product.")
    product: Product | None = reference("id", products_by_id, "The product.")
    store: OnlineAlternativeStore | None = relation(hit_details.online_stores_of, "Who sells it.")
    offer: OnlineAlternativeOffer | None = relation(hit_details.online_offers_of, "For how much.")
    other_stores_count: int = column("How many other offers on the web pass.")


@value(session_hits.DistanceBucket, says="How many hits are so far away.")
class DistanceBucket:
    from_km: float = column("Kilometres: so far, or further.")
    to_km: float = column("Kilometres: not so far.")
    count: int = column("How many hits.")


@value(session_hits.SessionHits, says="Hits of a session: a list by page or by cursor, nearest first.")
class SessionHitConnection(Connection[SessionHit]):
    distance_buckets: list[DistanceBucket] = relation(
        session_hits.distance_buckets_of, "How far all hits are away, whatever part of them is shown.", size=7
    )
    facets: list[SearchFacet] = relation(
        session_hits.facets_of, "How all hits are made up, whatever part of them is shown.", size="kinds"
    )


@value(models.SearchSession, says="A search in conversation. It ends when it was not used for 30 minutes.")
class SearchSession:
    id: str = strawberry.field(name="sessionId", description="Its id: whoever knows it may go on with it.")
    base_query: str = column("The words that are searched for, without what became constraints.")
    query: str = column("What was said last.")
    is_refinement: bool = column("Whether that has refined the search, or begun a new one.")
    explanation: str = strawberry.field(name="classificationExplanation", description="Why, and what changed.")
    constraints: ConstraintMap = strawberry.field(name="activeConstraints", description="All constraints, by key.")
    added: ConstraintMap = strawberry.field(name="newConstraints", description="Those that are new; of lists what is.")
    currency: str = column("Of the prices among them: ISO 4217; $: any dollar; empty: that of each store.")
    history: list[str] = strawberry.field(name="searchHistory", description="What was said so far, in order.")
    is_expired: bool = relation(sessions.expired_of, "Whether it has ended.")
    latitude: float | None = column("Where it is measured from: decimal degrees north, WGS 84.")
    longitude: float | None = column("Where it is measured from: decimal degrees east, WGS 84.")
    place: str = column("The place that a text named; empty: where the person is.")
    radius_km: float = column("How far it looks where no constraint says it: kilometres.")
    expires_at: datetime = column("When it ends, unless it is used before.")
    total_count: int = relation(session_hits.totals_of, "How many products have an offer around the place that passes.")
    hits: SessionHitConnection = relation(session_hits.hits_of, "Nearest first, one for each product.")
    online_alternatives: list[OnlineAlternative] = relation(
        session_hits.online_of, "Offers on the web, only where nothing around the place passes.", size=5
    )
    degraded: Degradation | None = relation(session_hits.degradations_of, "Why words alone were compared, if so.")


@value(models.SearchMessage, says="A line of a transcript.")
class ChatMessage:
    role: models.MessageRole = column("Who said it.")
    text: str = column("What was said.")
    gtins: list[str] = relation(threads.gtins_of, "Of an answer: the products that it showed first.", size=25)
    total_count: int | None = relation(threads.totals_of, "Of an answer: how many hits there were.")
    active_constraints: ConstraintMap = relation(threads.constraints_of, "Of an answer: the constraints.")
    created: datetime = column("When.")


@value(models.SearchThread, says="A conversation that a user keeps. It outlives its session.")
class ChatThread:
    id: strawberry.ID = column("Id of the thread.")
    session_id: str | None = column("Its session, to go on with; null: it has ended.")
    title: str = column("What was said first.")
    last_user_message: str = column("What was said last.")
    created: datetime = column("When it began.")
    modified: datetime = column("When it last went on.")
    messages: list[ChatMessage] = relation(threads.messages_of, "The transcript.", size=20)


@extend(Query)
class SessionQueries:
    search_session: SearchSession | None = root(
        sessions.search_session, "A session, for whoever knows its id; a user's for that user. Everybody may ask."
    )
    search_threads: list[ChatThread] | None = root(
        threads.search_threads, "The signed-in user's conversations, the latest first.", size=20
    )
    search_thread: ChatThread | None = root(threads.search_thread, "One conversation of the signed-in user.")


@extend(Mutation)
class SessionMutations:
    search_session_open: SearchSession | None = root(
        sessions.open_session, "Opens a session with a text and a place. Everybody may."
    )
    search_session_query: SearchSession | None = root(
        sessions.query_session, "Goes on with a session: refines its search or begins a new one. Everybody may."
    )
    search_session_refine: SearchSession | None = root(
        sessions.refine_session, "The same, and without a text if constraints change. Everybody may."
    )
    search_session_constraint_remove: SearchSession | None = root(
        sessions.remove_constraint, "Drops one constraint of a session. Everybody may."
    )
