"""How what passes is made up: counts over the whole set, never over a page of it.

A facet with one value for each hit counts each hit once, those without a value under null: its counts add up to the
total. One with several counts a hit under each of them.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy import ARRAY, ColumnElement, Text, cast, func, literal_column, or_, select, true

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.db import KEYS, Query
from closient_gql.core.enums import Described
from closient_gql.core.models.brands import Brand
from closient_gql.core.models.gpc import GpcCategory
from closient_gql.core.models.products import Product, ProductCategory
from closient_gql.core.models.search import SearchDocument
from resolvers.certifications import clock
from resolvers.certifications.facts import EXCLUDED, NO_TRACES
from resolvers.context import Context
from resolvers.search.filters import CODES, DIETS, FRESH
from resolvers.search.results import Results


class SearchFacetKind(Described):
    KIND = "kind", "What it is: product, brand or retailer."
    BRAND = "brand", "The product's brand, by id."
    CATEGORY = "category", "The product's most exact category, by id."
    COUNTRY = "country", "Where the product was made."
    GPC_SEGMENT = "gpc_segment", "GS1 Global Product Classification: segment, by code."
    GPC_FAMILY = "gpc_family", "GS1 Global Product Classification: family, by code."
    GPC_CLASS = "gpc_class", "GS1 Global Product Classification: class, by code."
    GPC_BRICK = "gpc_brick", "GS1 Global Product Classification: brick, by code."
    DIET = "diet", "Diets that the product is known to suit: several."
    CERTIFICATION = "certification", "Certifications and claims that hold today, by code in lower case: several."


Kinds = Annotated[list[SearchFacetKind], Bounds(min_length=1, max_length=len(SearchFacetKind)), Doc("Which of them.")]


@dataclass(frozen=True)
class Bucket:
    value: str | None
    label: str | None
    n: int


@dataclass(frozen=True)
class Facet:
    kind: SearchFacetKind
    single_valued: bool
    buckets: Sequence[Bucket]


def counted(source: Any, value: ColumnElement[Any], label: Any) -> Query[Any]:
    """How many of the products in `keys` have each value."""
    n = func.count(Product.id.distinct())
    statement = select(value.label("value"), label.label("label"), n.label("n")).select_from(source)
    statement = statement.where(Product.id == func.any(KEYS)).group_by(value, label)
    return Query(Product, statement.order_by(n.desc(), label.nulls_last(), value))


def gpc(column: Any) -> Query[Any]:
    code = func.nullif(column, "")
    return counted(Product.__table__.outerjoin(GpcCategory, GpcCategory.code == code), code, GpcCategory.title)


def several(values: Any, *conditions: Callable[[Any], Any]) -> Query[Any]:
    """Of an array of a document. A value counts where all conditions hold."""
    each = func.unnest(values).table_valued("value").render_derived(name="each")
    source = Product.__table__.join(SearchDocument, SearchDocument.product_id == Product.id).join(each, true())
    value = func.lower(each.c.value)
    statement = select(value.label("value"), value.label("label"), func.count(Product.id.distinct()).label("n"))
    statement = statement.select_from(source).where(Product.id == func.any(KEYS))
    statement = statement.where(*(condition(each.c.value) for condition in conditions)).group_by(value)
    return Query(Product, statement.order_by(literal_column("n").desc(), value))


def suited(diet: Any) -> ColumnElement[bool]:
    """Of a diet that somebody says: that nothing on the label speaks against it."""
    against = []
    for each, some in EXCLUDED.items():
        names = cast([excluded.value for excluded in some], ARRAY(Text))
        against.append((diet == each.value) & SearchDocument.named.bool_op("&&")(names))
        if each in NO_TRACES:
            against.append((diet == each.value) & SearchDocument.traces.bool_op("&&")(names))
    return ~or_(*against) & FRESH


QUERIES: dict[SearchFacetKind, Query[Any]] = {
    SearchFacetKind.BRAND: counted(
        Product.__table__.outerjoin(Brand, Product.brand_id == Brand.id),
        Product.brand_id.expression, Brand.name.expression,
    ),
    SearchFacetKind.CATEGORY: counted(
        Product.__table__.outerjoin(ProductCategory, Product.category_id == ProductCategory.id),
        Product.category_id.expression, ProductCategory.name.expression,
    ),
    SearchFacetKind.COUNTRY: counted(
        Product.__table__, Product.country_of_origin.expression, Product.country_of_origin.expression
    ),
    SearchFacetKind.GPC_SEGMENT: gpc(Product.gpc_segment_code),
    SearchFacetKind.GPC_FAMILY: gpc(Product.gpc_family_code),
    SearchFacetKind.GPC_CLASS: gpc(Product.gpc_class_code),
    SearchFacetKind.GPC_BRICK: gpc(Product.gpc_brick_code),
    SearchFacetKind.DIET: several(DIETS, suited),
    SearchFacetKind.CERTIFICATION: several(CODES),
}  # fmt: skip
SEVERAL = (SearchFacetKind.DIET, SearchFacetKind.CERTIFICATION)


async def facets_of(ctx: Context, slices: Sequence[Results], *, kinds: Kinds) -> list[list[Facet]]:
    """The facets of searches, in the order asked for: one statement for each, at most."""
    return [list(await asyncio.gather(*(facet(ctx, each, kind) for kind in dict.fromkeys(kinds)))) for each in slices]


async def facet(ctx: Context, results: Results, kind: SearchFacetKind) -> Facet:
    hits = results.passing.hits
    if kind is SearchFacetKind.KIND:
        counts = Counter(hit.kind for hit in hits)
        found = [Bucket(each.value, each.value, n) for each, n in counts.most_common()]
        return Facet(kind, True, found)
    rows = await ctx.read.all(QUERIES[kind], keys=results.passing.product_ids, today=clock.today())
    buckets = [Bucket(row.value, row.label, row.n) for row in rows]
    return Facet(kind, False, buckets) if kind in SEVERAL else Facet(kind, True, with_rest(buckets, len(hits)))


def with_rest(buckets: list[Bucket], total: int) -> list[Bucket]:
    """With what has no value under null, last; brands and retailers are among it."""
    found = [bucket for bucket in buckets if bucket.value is not None]
    rest = total - sum(bucket.n for bucket in found)
    return [*found, Bucket(None, None, rest)] if rest else found
