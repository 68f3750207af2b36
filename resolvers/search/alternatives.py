"""What to take instead of a product that fails a constraint: three others, each with its reason (contract: guides,
find-alternative)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.models.products import Product
from closient_gql.core.money import money
from resolvers.certifications.facts import Presence, Suitability
from resolvers.certifications.known import allergens_of as facts_of
from resolvers.certifications.known import diets_of
from resolvers.context import Context
from resolvers.locations.inputs import NearInput
from resolvers.products.queries import products_by_id
from resolvers.search.asked import Asked, SearchKind
from resolvers.search.candidates import passing
from resolvers.search.constraints.model import MOST_KM
from resolvers.search.inputs import MOST, Slug, allergens_of
from resolvers.search.local import Around, LocalHit, local_hits
from resolvers.search.preferences import constraints_of, preferred, stored
from resolvers.search.results import codes_of
from resolvers.search.session_hits import filters_of, left_of
from resolvers.search.session_inputs import AROUND_KM, distinct, trait
from resolvers.search.similar import similar_to
from resolvers.search.substances import slug_of

THREE = 3
WIDE = 50
"""So many of the most similar products are looked at."""
Slugs = Annotated[list[Slug] | None, Bounds(max_length=MOST)]
UNSOLD = (1, float("inf"))


@dataclass(frozen=True)
class Alternative:
    """Another product that keeps every constraint. `hit`: where it is to be had around the place."""

    product_id: str
    reason: str
    preferred_traits: Sequence[str]
    hit: LocalHit | None


async def alternatives_of(
    ctx: Context,
    products: Sequence[Product],
    *,
    near: Annotated[NearInput | None, Doc("Where they should be had; within 10 km if nothing is said.")] = None,
    in_stock: Annotated[bool, Doc("Only what is known to be in stock there.")] = False,
    exclude_allergens: Annotated[Slugs, Doc("Allergens that it must be known to be free of.")] = None,
    require_certifications: Annotated[Slugs, Doc("Diets, certifications and claims that it must have.")] = None,
    avoid_substances: Annotated[Slugs, Doc("Substances that it must be known to be made without.")] = None,
) -> list[list[Alternative]]:
    """Up to three products of the same kind that keep the constraints and are not recalled: those that keep most of
    what a signed-in user prefers first, then the nearest, then the cheapest. A user's own AVOID and REQUIRE count, too.

    Raises:
        Invalid: an allergen is not known.
    """
    given = {
        "exclude_allergens": allergens_of(exclude_allergens or [], "exclude_allergens"),
        "require_certifications": distinct(map(trait, require_certifications or [])),
        "avoid_substances": distinct(map(slug_of, avoid_substances or [])),
    }
    preferences = await stored(ctx)
    kept = constraints_of(preferences)
    constraints = {key: distinct([*kept.get(key, []), *slugs]) for key, slugs in given.items()}
    liked = preferred(preferences)
    around = None
    if near is not None:
        radius = min(near.radius_km or AROUND_KM, MOST_KM)
        around = Around(latitude=near.latitude, longitude=near.longitude, radius_km=radius, in_stock=in_stock)
    return list(await asyncio.gather(*(instead_of(ctx, each, constraints, liked, around) for each in products)))


async def instead_of(
    ctx: Context, product: Product, constraints: Mapping[str, Any], liked: frozenset[str], around: Around | None
) -> list[Alternative]:
    """The three for one product."""
    others = await candidates(ctx, product, constraints)
    hits: dict[str, LocalHit] = {}
    if around is not None:
        hits = {hit.id: hit for hit in await local_hits(ctx, [other.id for other in others], around)}
        others = [other for other in others if other.id in hits]
    traits = await traits_of(ctx, others)
    fit = {other.id: sorted(liked & traits[other.id]) for other in others}
    place = {other.id: n for n, other in enumerate(others)}

    def order(other: Product) -> tuple[Any, ...]:
        hit = hits.get(other.id)
        if hit is None:
            return (-len(fit[other.id]), 0.0, *UNSOLD, place[other.id])
        price = (0, float(hit.price)) if hit.price is not None else UNSOLD
        return (-len(fit[other.id]), hit.metres, *price, place[other.id])

    best = sorted(others, key=order)[:THREE]
    reasons = await reasons_of(ctx, best, constraints, hits, fit)
    return [
        Alternative(other.id, reason, fit[other.id], hits.get(other.id))
        for other, reason in zip(best, reasons, strict=True)
    ]


async def candidates(ctx: Context, product: Product, constraints: Mapping[str, Any]) -> list[Product]:
    """Products of the same kind that keep the constraints, the most similar first: those of its category if it has one,
    and what its name finds."""
    filters = replace(filters_of(dict(constraints)), recalled=False)
    found = dict.fromkeys([product.id])
    if product.product_name:
        by_name = await passing(ctx, Asked(query=plain(product.product_name), filters=filters))
        found |= dict.fromkeys(hit.id for hit in by_name.hits[:WIDE] if hit.kind is SearchKind.PRODUCT)
    (similar,) = await similar_to(ctx, [product], first=WIDE, filters=None)
    allowed = await left_of(ctx, filters, [each.id for each in similar])
    found |= dict.fromkeys(id for id in (each.id for each in similar) if id in allowed)
    rows = await ctx.find_all(products_by_id, [id for id in found if id != product.id])
    others = [row for row in rows if row is not None]
    if product.category_id and (same := [each for each in others if each.category_id == product.category_id]):
        return same
    return others


def plain(name: str) -> str:
    """A name as a query: its signs are no operators, and it has the length of one."""
    return " ".join("".join(c if c.isalnum() else " " for c in name).split())[:200] or "product"


async def traits_of(ctx: Context, products: Sequence[Product]) -> dict[str, frozenset[str]]:
    """What each product has that somebody may prefer: diets, certifications, claims."""
    codes, diets = await asyncio.gather(codes_of(ctx, products), diets_of(ctx, products))
    return {
        product.id: frozenset(
            [*some, *(fact.diet.value for fact in others if fact.suitability is Suitability.SUITABLE)]
        )
        for product, some, others in zip(products, codes, diets, strict=True)
    }


async def reasons_of(
    ctx: Context, products: Sequence[Product], constraints: Mapping[str, Any], hits: Mapping[str, LocalHit],
    fit: Mapping[str, Sequence[str]],
) -> list[str]:  # fmt: skip
    """Why each keeps what is asked, in a sentence."""
    allergens = await facts_of(ctx, products)
    found = []
    for product, facts in zip(products, allergens, strict=True):
        parts = []
        claimed = {fact.allergen.value: fact.presence for fact in facts}
        for slug in constraints.get("exclude_allergens", ()):
            said = claimed.get(slug) is Presence.FREE_FROM
            parts.append(f"{'free of' if said else 'its whole list does not name'} {slug.replace('-', ' ')}")
        parts += [f"is {slug.replace('_', ' ')}" for slug in constraints.get("require_certifications", ())]
        parts += [f"made without {slug.replace('-', ' ')}" for slug in constraints.get("avoid_substances", ())]
        if fit[product.id]:
            parts.append(f"has what you prefer: {', '.join(fit[product.id])}".replace("_", " "))
        if hit := hits.get(product.id):
            price = money(hit.price, hit.currency)
            parts.append(f"{hit.distance_km:.2f} km away" + (f" for {price.amount} {price.currency}" if price else ""))
        text = ", ".join(parts) or "of the same kind"
        found.append(f"{text[0].upper()}{text[1:]}.")
    return found
