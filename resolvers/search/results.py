"""What is shown of hits, whatever they are: for many at once, each kind by its own look-ups."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, union_all

from closient_gql.core.db import KEYS, Query
from closient_gql.core.enums import Described
from closient_gql.core.models.certifications import (
    Certification,
    CertificationAssignment,
    Claim,
    ClaimAssignment,
    ClaimCategory,
)
from closient_gql.core.models.products import Product
from closient_gql.core.models.search import SearchDocument
from closient_gql.core.paging import Slice
from resolvers.brands.queries import brands_by_id
from resolvers.certifications import clock, known
from resolvers.certifications.assignments import active_on
from resolvers.certifications.facts import FactConfidence, Presence, Suitability, confidence_of
from resolvers.context import Context
from resolvers.products.queries import products_by_id
from resolvers.retailers.retailers import retailers_by_id
from resolvers.search.asked import Asked, Degradation, Hit, Passing
from resolvers.search.spoken import Spoken
from resolvers.search.substances import pattern_of


class AllergenDataConfidence(Described):
    HIGH = "high", "The label declares it, or an authority has verified it."
    MEDIUM = "medium", "The owner or the label says so; nobody has verified it."
    LOW = "low", "Nothing is said of allergens, or what is said contradicts itself."


@dataclass
class Results(Slice[Hit]):
    """A part of what passes, and the whole that it is a part of."""

    asked: Asked = field(kw_only=True, repr=False)
    passing: Passing = field(kw_only=True, repr=False)
    interpreted: Sequence[Spoken] = field(kw_only=True, default=())


@dataclass(frozen=True)
class CatalogSearch:
    """What the catalog search of REST answers."""

    query: str
    results: Sequence[Hit]
    degraded: Degradation | None = None

    @property
    def total_count(self) -> int:
        """Rows that are here, not matches that there are (contract: search_the_catalog)."""
        return len(self.results)


CODES = Query(
    CertificationAssignment,
    union_all(
        select(CertificationAssignment.product_id, func.lower(Certification.code).label("code"))
        .join_from(CertificationAssignment, Certification, CertificationAssignment.certification_id == Certification.id)
        .where(
            CertificationAssignment.product_id == func.any(KEYS),
            active_on(CertificationAssignment, "today"),
            Certification.organization_id.is_(None),
            Certification.code != "",
        ),
        select(ClaimAssignment.product_id, func.lower(Claim.code))
        .join_from(ClaimAssignment, Claim, ClaimAssignment.claim_id == Claim.id)
        .where(
            ClaimAssignment.product_id == func.any(KEYS),
            active_on(ClaimAssignment, "today"),
            Claim.category != ClaimCategory.ALLERGEN_FREE.value,
        ),
    ),
)
LISTED = Query(
    SearchDocument,
    select(
        SearchDocument.product_id, (SearchDocument.listed + SearchDocument.listed_traces).label("words")
    ).where(SearchDocument.product_id == func.any(KEYS)),
)  # fmt: skip


async def things_of(ctx: Context, hits: Sequence[Hit]) -> list[Any]:
    """The row of each hit; None: it is gone since it was found."""
    products, brands, retailers = await asyncio.gather(
        ctx.find_all(products_by_id, [hit.product_id for hit in hits]),
        ctx.find_all(brands_by_id, [hit.brand_id for hit in hits]),
        ctx.find_all(retailers_by_id, [hit.retailer_id for hit in hits]),
    )
    return [product or brand or retailer for product, brand, retailer in zip(products, brands, retailers, strict=True)]


async def names_of(ctx: Context, hits: Sequence[Hit]) -> list[str]:
    rows = await things_of(ctx, hits)
    return [
        (row.product_name if hit.product_id else row.name) if row else "" for hit, row in zip(hits, rows, strict=True)
    ]


async def descriptions_of(ctx: Context, hits: Sequence[Hit]) -> list[str]:
    """Retailers have none."""
    rows = await things_of(ctx, hits)
    return [row.description if row and not hit.retailer_id else "" for hit, row in zip(hits, rows, strict=True)]


async def metadata_of(ctx: Context, hits: Sequence[Hit]) -> list[dict[str, str]]:
    """What leads on from a hit: a product's GTIN and brand, the page of a brand or retailer."""
    rows = await things_of(ctx, hits)
    brands = await ctx.find_all(brands_by_id, [row.brand_id if row and hit.product_id else None
                                               for hit, row in zip(hits, rows, strict=True)])  # fmt: skip
    return [about(hit, row, brand) for hit, row, brand in zip(hits, rows, brands, strict=True)]


def about(hit: Hit, row: Any, brand: Any) -> dict[str, str]:
    if row is None:
        return {}
    if hit.product_id:
        found = {"gtin": row.gtin, "brand": brand.name if brand else "", "net_content": row.net_content}
    elif hit.retailer_id:
        found = {"website": row.website, "category": row.category or ""}
    else:
        found = {"website": row.website}
    return {name: text for name, text in found.items() if 0 < len(text) <= 500}


async def of_products(ctx: Context, hits: Sequence[Hit], find: Any) -> list[Any]:  # fmt: skip
    """What `find(ctx, products)` gives for the hits that are products; for all others an empty list."""
    rows = await ctx.find_all(products_by_id, [hit.product_id for hit in hits])
    products = [row for row in rows if row]
    answers = iter(await find(ctx, products) if products else ())
    return [next(answers) if row else [] for row in rows]


async def contained_allergens_of(ctx: Context, hits: Sequence[Hit]) -> list[list[str]]:
    """Slugs of what its label names. Traces are not among them."""
    facts = await of_products(ctx, hits, known.allergens_of)
    return [[fact.allergen.value for fact in each if fact.presence is Presence.CONTAINS] for each in facts]


async def allergen_confidence_of(ctx: Context, hits: Sequence[Hit]) -> list[AllergenDataConfidence]:
    """How far the allergens are known that the search excludes; if it excludes none, all fourteen."""
    facts = await of_products(ctx, hits, known.allergens_of)
    return [confidence(hit, each) for hit, each in zip(hits, facts, strict=True)]


def confidence(hit: Hit, facts: Sequence[Any]) -> AllergenDataConfidence:
    wanted = hit.asked.filters.exclude_allergens if hit.asked else ()
    counting = [fact for fact in facts if not wanted or fact.allergen.value in wanted]
    if not counting or not hit.known:
        return AllergenDataConfidence.LOW
    found = confidence_of(counting)
    return AllergenDataConfidence.LOW if found is FactConfidence.UNKNOWN else AllergenDataConfidence(found.value)  # type: ignore[call-arg]


async def certifications_of(ctx: Context, hits: Sequence[Hit]) -> list[list[str]]:
    """Codes in lower case of the certifications and claims that hold today, and the diets that it suits."""
    codes, diets = await asyncio.gather(of_products(ctx, hits, codes_of), of_products(ctx, hits, known.diets_of))
    suited = [[fact.diet.value for fact in each if fact.suitability is Suitability.SUITABLE] for each in diets]
    return [sorted({*some, *others}) for some, others in zip(codes, suited, strict=True)]


async def codes_of(ctx: Context, products: Sequence[Product]) -> list[list[str]]:
    found: dict[str, list[str]] = {product.id: [] for product in products}
    row: Any
    for row in await ctx.read.all(CODES, keys=list(found), today=clock.today()):
        found[row.product_id].append(row.code)
    return [found[product.id] for product in products]


async def substance_flags_of(ctx: Context, hits: Sequence[Hit]) -> list[list[str]]:
    """Which of the substances that the search avoids its label speaks of after all: traces, in the catalog search."""
    asked = [hit.asked.filters.avoid_substances if hit.asked and hit.product_id else () for hit in hits]
    ids = [hit.id for hit, slugs in zip(hits, asked, strict=True) if slugs]
    rows: Any = await ctx.read.by_key(LISTED, "product_id", ids) if ids else []
    words = {row.product_id: row.words for row in rows if row}
    return [
        [slug for slug in slugs if (pattern := pattern_of(slug)) and re.search(pattern, words.get(hit.id, ""))]
        for hit, slugs in zip(hits, asked, strict=True)
    ]
