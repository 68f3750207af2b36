"""What a session finds: the gate and the filters decide what passes, distance in which order it comes."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from sqlalchemy import ARRAY, Text, bindparam, func, select

from closient_gql.core.bounds import Bounds as Limits
from closient_gql.core.bounds import Doc
from closient_gql.core.db import Query
from closient_gql.core.models.search import SearchDocument
from closient_gql.core.models.search_sessions import SearchSession
from closient_gql.core.paging import Computed, Slice, Window
from resolvers.certifications import clock
from resolvers.context import Context
from resolvers.locations.inputs import EVERYWHERE_KM
from resolvers.search.asked import Asked, Degradation, Filters, SearchKind
from resolvers.search.candidates import passing
from resolvers.search.constraints.model import Availability, Constraints, Scope
from resolvers.search.constraints.numbers import DOLLARS
from resolvers.search.facets import QUERIES, SEVERAL, Bucket, Facet, SearchFacetKind, with_rest
from resolvers.search.filters import D, Filtering, filtering, joined
from resolvers.search.inputs import codes_and_diets
from resolvers.search.local import Around, Bounds, LocalHit, local_hits
from resolvers.search.online import OnlineHit, online_hits
from resolvers.search.queries import DEGRADED
from resolvers.search.session_inputs import MapBounds, box

HITS = Computed("sessionHits")
PRODUCTS = (SearchKind.PRODUCT,)
BUCKETS_KM = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0)
"""Where distance buckets end."""
Km = Annotated[float | None, Limits(minimum=0, maximum=EVERYWHERE_KM), Doc("Kilometres.")]
Box = Annotated[MapBounds | None, Doc("Only stores within this part of a map.")]


@dataclass(frozen=True)
class Question:
    """What a session asks, as a value: a request answers each once. An empty `query` asks for all that the filters
    leave."""

    query: str
    filters: Filters
    around: Around
    scope: Scope | None = None


@dataclass(frozen=True)
class Found:
    """Everything local that passes, in its order, and what is to be had on the web instead."""

    local: Sequence[LocalHit] = ()
    online: Sequence[OnlineHit] = ()
    scores: Mapping[str, float] = field(default_factory=dict)
    degraded: Degradation | None = None


@dataclass(frozen=True)
class DistanceBucket:
    """How many hits are so far away: from `from_km` on, less than `to_km`."""

    from_km: float
    to_km: float
    count: int


@dataclass
class SessionHits(Slice[LocalHit]):
    """A part of the hits, and the whole that it is a part of."""

    found: Sequence[LocalHit] = field(kw_only=True, repr=False)


def question_of(session: Any) -> Question:
    """What a session asks now."""
    constraints: Constraints = session.constraints
    return asked(
        session.gtin or session.base_query, constraints, session.currency, session.latitude, session.longitude,
        float(constraints.get("distance_km", session.radius_km)),
    )  # fmt: skip


def asked(
    query: str, constraints: Constraints, currency: str, latitude: float, longitude: float, radius_km: float
) -> Question:
    availability = constraints.get("availability")
    scope = constraints.get("scope")
    around = Around(
        latitude=latitude,
        longitude=longitude,
        radius_km=radius_km,
        in_stock=availability in (Availability.IN_STOCK.value, Availability.BOTH.value),
        open_now=availability in (Availability.OPEN_NOW.value, Availability.BOTH.value),
        price_min=exact(constraints.get("price_min")),
        price_max=exact(constraints.get("price_max")),
        currencies=tuple(sorted(DOLLARS)) if currency == "$" else (currency,) if currency else (),
    )
    words = f"{query} {color_words(constraints.get('color', ''))}".strip()
    return Question(words, filters_of(constraints), around, Scope(scope) if scope else None)  # type: ignore[call-arg]


def exact(value: float | int | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def color_words(color: str) -> str:
    """A colour in the syntax of searches: its words must stand in the product's texts, or must not."""
    wanted, unwanted = ('"{}"', " OR "), ('-"{}"', " ")
    form, between = unwanted if color.startswith("not ") else wanted
    return between.join(form.format(name) for name in color.removeprefix("not ").split(" or ") if name)


def filters_of(constraints: Constraints) -> Filters:
    """The filters on products that constraints come to."""
    codes, diets = codes_and_diets(constraints.get("require_certifications", []))
    return Filters(
        kinds=PRODUCTS,
        exclude_allergens=tuple(constraints.get("exclude_allergens", ())),
        diets=tuple(dict.fromkeys(diets)),
        certifications=codes,
        avoid_substances=tuple(constraints.get("avoid_substances", ())),
    )


# --- finding


async def found_of(ctx: Context, question: Question) -> Found:
    """What is found; a request finds it once. Whoever asks over HTTP sees in a header if words alone were compared."""
    found: Found = await ctx.find(_found, question)
    if found.degraded:
        ctx.headers[DEGRADED] = found.degraded.value
    return found


async def _found(ctx: Context, questions: Sequence[Question]) -> list[Found]:
    return list(await asyncio.gather(*(find(ctx, each) for each in questions)))


async def find(ctx: Context, question: Question) -> Found:
    ids, scores, degraded = await relevant(ctx, question)
    local: Sequence[LocalHit] = ()
    online: Sequence[OnlineHit] = ()
    if question.scope is not Scope.ONLINE:
        local = await local_hits(ctx, ids, question.around)
    if not local and question.scope is not Scope.LOCAL:
        online = await online_hits(ctx, ids, question.around)
    return Found(local, online, scores, degraded)


async def relevant(
    ctx: Context, question: Question
) -> tuple[Sequence[str] | None, Mapping[str, float], Degradation | None]:
    """Products that pass the gate and the filters, the most relevant first; None: every product does."""
    if not question.query:
        return await unworded(ctx, question.filters), {}, None
    through = await passing(ctx, Asked(query=question.query, filters=question.filters))
    scores = {hit.id: hit.score for hit in through.hits if hit.kind is SearchKind.PRODUCT}
    return through.product_ids, scores, through.degraded


async def unworded(ctx: Context, filters: Filters) -> Sequence[str] | None:
    """What the filters leave where no words were said: nothing can be irrelevant then."""
    which, values = filtering(filters, ctx.viewer)
    if not which.names:
        return None
    return [row.id for row in await ctx.read.all(left_by(which), **values)]


@cache
def left_by(which: Filtering, among: bool = False) -> Query[Any]:
    statement = joined(select(D.id).select_from(D)).where(*which.conditions)
    if among:
        statement = statement.where(D.product_id == func.any(bindparam("among", type_=ARRAY(Text))))
    return Query(SearchDocument, statement.order_by(D.id))


async def left_of(ctx: Context, filters: Filters, ids: Sequence[str]) -> frozenset[str]:
    """Of these products those that the filters leave."""
    which, values = filtering(filters, ctx.viewer)
    if not which.names:
        return frozenset(ids)
    return frozenset(row.id for row in await ctx.read.all(left_by(which, True), among=list(ids), **values))


# --- relations of sessions


async def hits_of(
    ctx: Context,
    sessions: Sequence[SearchSession],
    window: Window,
    *,
    bounds: Box = None,
    from_km: Annotated[Km, Doc("Only hits that are so far away or further: where a distance bucket begins.")] = None,
    to_km: Annotated[Km, Doc("Only hits that are less far away: where a distance bucket ends.")] = None,
) -> list[SessionHits]:
    """Hits in their order: nearest first."""
    found = []
    for session in sessions:
        local = (await found_of(ctx, within(question_of(session), box(bounds)))).local
        if from_km is not None or to_km is not None:
            low, high = from_km or 0.0, EVERYWHERE_KM if to_km is None else to_km
            local = [hit for hit in local if low * 1000 <= hit.metres < high * 1000]
        found.append(HITS.slice(local, window, "distance", SessionHits, found=local))
    return found


def within(question: Question, bounds: Bounds | None) -> Question:
    if bounds is None:
        return question
    around = Around(**(vars(question.around) | {"bounds": bounds}))
    return Question(question.query, question.filters, around, question.scope)


async def totals_of(ctx: Context, sessions: Sequence[SearchSession]) -> list[int]:
    return [len((await found_of(ctx, question_of(each))).local) for each in sessions]


async def online_of(ctx: Context, sessions: Sequence[SearchSession]) -> list[Sequence[OnlineHit]]:
    return [(await found_of(ctx, question_of(each))).online for each in sessions]


async def degradations_of(ctx: Context, sessions: Sequence[SearchSession]) -> list[Degradation | None]:
    return [(await found_of(ctx, question_of(each))).degraded for each in sessions]


Kinds = Annotated[list[SearchFacetKind], Limits(min_length=1, max_length=20), Doc("By what to count.")]


async def facets_of(ctx: Context, slices: Sequence[SessionHits], *, kinds: Kinds) -> list[list[Facet]]:
    """How all hits are made up, whatever part of them is shown: one statement for each facet."""
    return [[await facet(ctx, each.found, kind) for kind in dict.fromkeys(kinds)] for each in slices]


async def facet(ctx: Context, hits: Sequence[LocalHit], kind: SearchFacetKind) -> Facet:
    if kind is SearchFacetKind.KIND:
        return Facet(kind, True, [Bucket("product", "product", len(hits))] if hits else [])
    rows = await ctx.read.all(QUERIES[kind], keys=[hit.id for hit in hits], today=clock.today())
    buckets = [Bucket(row.value, row.label, row.n) for row in rows]
    return Facet(kind, False, buckets) if kind in SEVERAL else Facet(kind, True, with_rest(buckets, len(hits)))


async def distance_buckets_of(ctx: Context, slices: Sequence[SessionHits]) -> list[list[DistanceBucket]]:
    """Together they hold every hit once."""
    return [buckets(each.found) for each in slices]


def buckets(hits: Sequence[LocalHit]) -> list[DistanceBucket]:
    ends = [*BUCKETS_KM, EVERYWHERE_KM]
    counts = Counter(next(n for n, end in enumerate(ends) if hit.metres < end * 1000) for hit in hits)
    edges = zip([0.0, *ends], ends, strict=False)
    return [DistanceBucket(begin, end, counts[n]) for n, (begin, end) in enumerate(edges) if counts[n]]
