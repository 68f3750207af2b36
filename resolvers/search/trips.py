"""A shopping list as a trip: which stores, what to buy where, what is not to be had (contract: guides,
plan-shopping-trip)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Annotated, Any

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.enums import Described
from closient_gql.core.gs1.gtin import GtinError, parse_gtin
from closient_gql.core.models.retailers import StockLevel
from closient_gql.core.money import Money, money
from closient_gql.core.settings import settings
from resolvers import access
from resolvers.context import Context
from resolvers.locations.inputs import Latitude, Longitude
from resolvers.locations.queries import locations_by_id, open_of
from resolvers.locations.rules import one_line
from resolvers.products.queries import products_by_id
from resolvers.retailers.offers import in_store_offers_by_id
from resolvers.retailers.stores import physical_stores_by_id
from resolvers.search.asked import Asked
from resolvers.search.candidates import passing
from resolvers.search.constraints.model import LISTS, Constraints
from resolvers.search.constraints.reading import read
from resolvers.search.cover import Choice, Shelf, Stop, plan
from resolvers.search.hit_details import stock_of
from resolvers.search.local import Around, store_offers
from resolvers.search.preferences import stored_constraints
from resolvers.search.session_hits import Question, asked, unworded
from resolvers.search.session_inputs import AROUND_KM, Kilometres, SearchConstraints, given

MOST_ITEMS, MOST_STOPS = 200, 20
PRODUCTS_OF_ITEM, PRODUCTS = 10, 2_000
"""So many of the products that a name finds are looked for in stores; more where the list is short, up to so many of
the whole list."""
CLEARLY = 0.6
"""What is not so far above the gate, as a share of the best that is sold around, is not bought in its stead."""
AT_ONCE = 8
"""Items that are searched for at the same time."""
MINUTE = 60
Item = Annotated[str, Bounds(min_length=1, max_length=255, pattern=r"\S")]


@dataclass(kw_only=True)
class TripPlanInput:
    items: Annotated[
        list[Item],
        Bounds(min_length=1, max_length=MOST_ITEMS),
        Doc("What to buy: names such as `gluten free bread under $5`, and GTINs."),
    ]
    latitude: Latitude
    longitude: Longitude
    radius_km: Annotated[Kilometres, Doc("How far to go. 10 by default.")] = AROUND_KM
    max_stops: Annotated[int, Bounds(minimum=1, maximum=MOST_STOPS), Doc("How many stores at most. 3 by default.")] = 3
    in_stock: Annotated[
        bool, Doc("Only what is known to be in stock, unless more can be bought without; true by default.")
    ] = True
    constraints: Annotated[SearchConstraints | None, Doc("Constraints on everything that is bought.")] = None


class UnavailableReason(Described):
    UNKNOWN = "unknown_product", "No product is known that is meant and keeps the constraints."
    NOT_SOLD = "not_sold_nearby", "No store within the radius sells it, at such a price."
    NOT_IN_STOCK = "not_in_stock", "Stores within the radius sell it, but none is known to have it."
    TOO_MANY_STOPS = "too_many_stops", "It would take more stops."


@dataclass(frozen=True)
class TripItem:
    """One thing that is bought. `item`: how the list calls it."""

    item: str
    product_id: str
    offer_id: str
    gtin: str
    product_name: str
    price: Money | None
    stock_status: StockLevel


@dataclass(frozen=True)
class Meant:
    """The products that one line of the list may mean, the likeliest first, and how far above the gate each is."""

    margins: Mapping[str, float]

    @property
    def ids(self) -> list[str]:
        return list(self.margins)


@dataclass(frozen=True)
class TripStop:
    physical_store_id: str
    location_id: str
    name: str
    address: str
    latitude: float
    longitude: float
    distance_km: float
    open_now: bool | None
    items: Sequence[TripItem]
    total: Money | None


@dataclass(frozen=True)
class UnavailableItem:
    item: str
    reason: UnavailableReason
    message: str


@dataclass(frozen=True)
class TripPlan:
    stops: Sequence[TripStop]
    unavailable: Sequence[UnavailableItem]
    in_stock_relaxed: bool
    items_count: int = field(default=0)


@access.public
async def trip_plan(ctx: Context, input: Annotated[TripPlanInput, Doc("What to buy, and from where.")]) -> TripPlan:
    """A trip with few stops. What a signed-in user avoids or requires counts for all of it.

    Raises:
        Invalid: an allergen is not known. RateLimited: callers without a key may plan so many in a minute.
    """
    if ctx.viewer.anonymous:
        await ctx.quota.spend("search session", ((MINUTE, settings().rate_search_sessions_per_minute),))
    constraints = given(input.constraints, None).onto(await stored_constraints(ctx))
    questions = [question_of(item, input, constraints) for item in input.items]
    wanted = await products_of(ctx, questions)
    shelves = await shelves_of(ctx, questions, wanted, input.in_stock)
    buyable = [n for n in range(len(wanted)) if any(n in shelf.choices for shelf in shelves)]
    if input.in_stock:
        stops, relaxed = plan(shelves, buyable, input.max_stops)
    else:
        stops, relaxed = plan([sure(shelf) for shelf in shelves], buyable, input.max_stops, relax=False)
    got = {n for stop in stops for n in stop.items}
    missing = [
        unavailable(item, n, wanted[n], shelves, input)
        for n, item in enumerate(input.items) if n not in got
    ]  # fmt: skip
    return TripPlan(await shown(ctx, stops, input.items), missing, relaxed, len(got))


def sure(shelf: Shelf) -> Shelf:
    """As if everything was in stock: nobody asked."""
    return Shelf(shelf.store_id, shelf.metres, {n: _there(choice) for n, choice in shelf.choices.items()})


def _there(choice: Choice) -> Choice:
    return replace(choice, in_stock=True)


def question_of(item: str, input: TripPlanInput, constraints: Constraints) -> Question:
    """What one line of the list asks for. Its own constraints outdo those of the whole list, and lists add up."""
    reading = read(item)
    try:
        query = parse_gtin(item.strip())
    except GtinError:
        query = reading.gtin or reading.words or item  # type: ignore[assignment]
    found = dict(constraints)
    for key, value in reading.add.items():
        found[key] = list(dict.fromkeys([*found.get(key, []), *value])) if key in LISTS else value
    found.pop("availability", None)
    radius = float(found.get("distance_km", input.radius_km))
    return asked(query, found, reading.currency, input.latitude, input.longitude, min(radius, input.radius_km))


async def products_of(ctx: Context, questions: Sequence[Question]) -> list[Meant]:
    """Of each line the products that it may mean."""
    turn, most = asyncio.Semaphore(AT_ONCE), max(PRODUCTS_OF_ITEM, PRODUCTS // len(questions))

    async def one(question: Question) -> Meant:
        async with turn:
            if not question.query:
                return Meant(dict.fromkeys((await unworded(ctx, question.filters) or ())[:most], 0.0))
            found = await passing(ctx, Asked(query=question.query, filters=question.filters))
            return Meant({hit.id: hit.score - found.threshold for hit in found.hits[:most]})

    return list(await asyncio.gather(*map(one, questions)))


async def shelves_of(ctx: Context, questions: Sequence[Question], wanted: Sequence[Meant], sure: bool) -> list[Shelf]:
    """Which store has what: one statement for the whole list."""
    widest = max(questions, key=lambda question: question.around.radius_km).around
    around = Around(latitude=widest.latitude, longitude=widest.longitude, radius_km=widest.radius_km)
    rows = await store_offers(ctx, list(dict.fromkeys(id for meant in wanted for id in meant.ids)), around)
    items: dict[str, list[tuple[int, int]]] = {}
    for n, meant in enumerate(wanted):
        for rank, id in enumerate(meant.ids):
            items.setdefault(id, []).append((n, rank))
    metres = {row.physical_store_id: row.metres for row in rows}
    offered: dict[int, list[tuple[str, Choice]]] = {}
    for row in rows:
        for n, rank in items[row.product_id]:
            choice = Choice(row.product_id, row.offer_id, row.price, row.currency, row.there, rank)
            if affordable(questions[n].around, choice) and row.metres <= questions[n].around.radius_km * 1000:
                offered.setdefault(n, []).append((row.physical_store_id, choice))
    found: dict[str, dict[int, Choice]] = {id: {} for id in metres}
    for n, each in offered.items():
        for store, choice in fitting(each, wanted[n], sure):
            if n not in found[store] or choice.order < found[store][n].order:
                found[store][n] = choice
    return [Shelf(id, metres[id], choices) for id, choices in found.items()]


def fitting(offered: Sequence[tuple[str, Choice]], meant: Meant, sure: bool) -> list[tuple[str, Choice]]:
    """Without what is clearly less meant than something else that is sold around, and there if it must be: a store
    nearer by does not make apple juice of orange juice."""
    there = [choice for _, choice in offered if choice.in_stock or not sure] or [choice for _, choice in offered]
    least = CLEARLY * max(meant.margins[choice.product_id] for choice in there)
    return [(store, choice) for store, choice in offered if meant.margins[choice.product_id] >= least]


def affordable(around: Around, choice: Choice) -> bool:
    """Whether the price is within the bounds of its line."""
    if around.currencies and choice.currency not in around.currencies:
        return False
    if around.price_min is None and around.price_max is None:
        return True
    return choice.price is not None and (around.price_min or 0) <= choice.price <= (around.price_max or Decimal("inf"))


def unavailable(item: str, n: int, meant: Meant, shelves: Sequence[Shelf], input: TripPlanInput) -> UnavailableItem:
    choices = [shelf.choices[n] for shelf in shelves if n in shelf.choices]
    if not meant.margins:
        reason, message = UnavailableReason.UNKNOWN, "No product is known that is meant and keeps the constraints."
    elif not choices:
        reason = UnavailableReason.NOT_SOLD
        message = f"No store within {input.radius_km:g} km sells it, or none at such a price."
    elif input.in_stock and not any(choice.in_stock for choice in choices):
        reason, message = (
            UnavailableReason.NOT_IN_STOCK,
            f"{len(choices)} stores sell it, but none is known to have it.",
        )
    else:
        reason = UnavailableReason.TOO_MANY_STOPS
        message = f"It would take more than {input.max_stops} stops."
    return UnavailableItem(item, reason, message)


# --- what is shown


async def shown(ctx: Context, stops: Sequence[Stop], items: Sequence[str]) -> list[TripStop]:
    """Stops with what is bought there. One that went since it was found is left out."""
    stores = await ctx.find_all(physical_stores_by_id, [stop.shelf.store_id for stop in stops])
    places = await ctx.find_all(locations_by_id, [store.location_id if store else None for store in stores])
    known = [place for place in places if place]
    opened = {place.id: each for place, each in zip(known, await open_of(ctx, known), strict=True)}
    choices = [choice for stop in stops for choice in stop.items.values()]
    products = await by_id(ctx, products_by_id, [choice.product_id for choice in choices])
    offers = await by_id(ctx, in_store_offers_by_id, [choice.offer_id for choice in choices])
    found = []
    for stop, store, place in zip(stops, stores, places, strict=True):
        if store and place:
            bought = [
                line(items[n], choice, products[choice.product_id], offers.get(choice.offer_id))
                for n, choice in stop.items.items() if choice.product_id in products
            ]  # fmt: skip
            address = one_line(place.street_address, place.city, place.region, place.postal_code, place.country)
            found.append(
                TripStop(
                    store.id, place.id, store.name or place.name, address, place.latitude, place.longitude,
                    round(stop.shelf.metres / 1000, 2), opened[place.id], bought, total_of(bought),
                )
            )  # fmt: skip
    return found


async def by_id(ctx: Context, find: Any, ids: Sequence[str]) -> Mapping[str, Any]:
    return {row.id: row for row in await ctx.find_all(find, list(ids)) if row}


def line(item: str, choice: Choice, product: Any, offer: Any) -> TripItem:
    status = StockLevel.UNKNOWN if offer is None else stock_of(offer)
    price = money(choice.price, choice.currency)
    return TripItem(item, product.id, choice.offer_id, product.gtin, product.product_name, price, status)


def total_of(items: Sequence[TripItem]) -> Money | None:
    """None if a price is not known, or they are in several currencies."""
    prices = [item.price for item in items if item.price is not None]
    if not prices or len(prices) < len(items) or len({price.currency for price in prices}) > 1:
        return None
    return money(sum((price.amount for price in prices), Decimal(0)), prices[0].currency)
