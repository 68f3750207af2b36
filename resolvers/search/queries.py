"""The root fields of searches."""

from typing import Annotated

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.paging import Computed, Window
from closient_gql.core.settings import settings
from resolvers import access
from resolvers.context import Context
from resolvers.search.asked import Asked, Filters, Hit, Passing, SearchKind
from resolvers.search.candidates import passing
from resolvers.search.inputs import MOST, Kinds, Query, SearchFilters, Slug, allergens_of, codes_and_diets, filters_of
from resolvers.search.results import CatalogSearch, Results
from resolvers.search.spoken import Spoken, spoken
from resolvers.search.substances import slug_of

HITS = Computed("search")
DEGRADED = "X-Search-Degraded"
MINUTE = 60
CatalogQuery = Annotated[
    str,
    Bounds(min_length=1, max_length=255, pattern=r"\S"),
    Doc('What is looked for: words, "quoted phrases", -word, OR; or a GTIN or a GS1 Digital Link, which finds itself.'),
]
Slugs = Annotated[list[Slug] | None, Bounds(max_length=MOST)]


async def limited(ctx: Context, _: object) -> list[bool]:
    """Callers without a key search so often in a minute (contract: rate_limits). A request counts once.

    Raises:
        RateLimited: the address has searched as often as it may.
    """
    if ctx.viewer.anonymous:
        await ctx.quota.spend("search", ((MINUTE, settings().rate_search_per_minute),))
    return [True]


async def find(ctx: Context, asked: Asked) -> Passing:
    """What passes; whoever asks over HTTP sees in a header if words alone were compared."""
    await ctx.find(limited, "search")
    found = await passing(ctx, asked)
    if found.degraded:
        ctx.headers[DEGRADED] = found.degraded.value
    return found


@access.public
async def search(
    ctx: Context,
    query: Query,
    window: Window,
    *,
    kinds: Kinds = None,
    filters: Annotated[SearchFilters | None, Doc("What every hit keeps.")] = None,
    interpret: Annotated[
        bool, Doc("Whether what the text says of allergens, diets and substances (gluten free, vegan) is a filter.")
    ] = True,
    partial: Annotated[
        bool,
        Doc(
            "Whether what answers only a part of the query comes, too, where something answers all of it; and where "
            "nothing does, what would but for its size (16 GB, 12 oz)."
        ),
    ] = True,
) -> Results:
    """Everything that is relevant and passes the filters, the most relevant first.

    Raises:
        Invalid: a filter that cannot be. RateLimited: the caller has no key, and has searched as often as it may.
    """
    asked, said = Asked(query=query, filters=filters_of(filters, kinds), partial=partial), list[Spoken]()
    if interpret:
        asked, said = spoken(asked)
    found = await find(ctx, asked)
    return HITS.slice(found.hits, window, "relevance", Results, asked=asked, passing=found, interpreted=said)


@access.public
async def catalog_search(
    ctx: Context,
    query: CatalogQuery,
    *,
    kinds: Kinds = None,
    limit: Annotated[int, Bounds(minimum=1, maximum=100), Doc("How many rows at most.")] = 25,
    exclude_allergens: Annotated[
        Slugs,
        Doc("Slugs such as milk or peanuts. Drops products that name one of them, also as traces; those of which "
            "nothing is known are kept, after all others, and marked low."),
    ] = None,
    require_certifications: Annotated[
        Slugs, Doc("Slugs such as usda_organic, vegan or gluten_free. Products must hold all of them today.")
    ] = None,
    avoid_substances: Annotated[
        Slugs, Doc("Slugs such as palm-oil. Drops products whose label names one of them.")
    ] = None,
) -> CatalogSearch:  # fmt: skip
    """The catalog search of REST: the best rows, not paged. Brands and retailers pass unfiltered.

    Raises:
        Invalid: there is no such allergen. RateLimited: as `search`.
    """
    codes, diets = codes_and_diets(require_certifications or [])
    filters = Filters(
        kinds=tuple(dict.fromkeys(kinds or ())),
        exclude_allergens=allergens_of(exclude_allergens or [], "exclude_allergens"),
        certifications=codes,
        diets=tuple(dict.fromkeys(diets)),
        avoid_substances=tuple(dict.fromkeys(slug_of(slug) for slug in avoid_substances or ())),
        keep_unknown=True,
    )
    asked, _ = spoken(Asked(query=query, filters=filters, partial=True))
    found = await find(ctx, asked)
    hits = found.hits
    if asked.filters.exclude_allergens:
        hits = sorted(hits, key=is_unknown)  # stable: both parts stay in their order
    return CatalogSearch(query, hits[:limit], found.degraded)


def is_unknown(hit: Hit) -> bool:
    return not hit.known or hit.kind is not SearchKind.PRODUCT
