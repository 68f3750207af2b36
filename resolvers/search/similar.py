"""Products that mean nearly the same as another one, by their vectors."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

from sqlalchemy import ARRAY, BigInteger, SmallInteger, Text, bindparam, func, select, true
from sqlalchemy.orm import aliased

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.db import Query
from closient_gql.core.models.products import Product
from closient_gql.core.models.search import DocumentKind, SearchVector
from resolvers.context import Context
from resolvers.products.queries import products_by_id
from resolvers.search.filters import D, Filtering, filtering, joined
from resolvers.search.inputs import SearchFilters, filters_of
from resolvers.search.models import models

KIND = DocumentKind.PRODUCT.value
First = Annotated[int, Bounds(minimum=1, maximum=50), Doc("How many.")]


@cache
def nearest(shape: Filtering) -> Query[Any]:
    """The nearest other products of each parent: one walk through the index for each."""
    own, other = SearchVector, aliased(SearchVector)
    slot = bindparam("slot", type_=SmallInteger)
    parents = func.unnest(bindparam("parents", type_=ARRAY(Text))).table_valued("id").render_derived()
    distance = other.vector.cosine_distance(own.vector)
    near = joined(
        select(other.id.label("id"), distance.label("distance"))
        .select_from(other)
        .join(D, (D.kind == other.kind) & (D.id == other.id))
    ).where(other.slot == slot, other.kind == KIND, other.id != own.id, other.vector.is_not(None), *shape.conditions)
    each = near.order_by(distance).limit(bindparam("first", type_=BigInteger)).correlate(own).lateral("each")
    return Query(
        SearchVector,
        select(parents.c.id.label("parent_"), each.c.id)
        .join(own, (own.slot == slot) & (own.kind == KIND) & (own.id == parents.c.id))
        .join(each, true())
        .where(own.vector.is_not(None))
        .order_by(each.c.distance, each.c.id),
    )


async def similar_to(
    ctx: Context,
    products: Sequence[Product],
    *,
    first: First = 10,
    filters: Annotated[SearchFilters | None, Doc("What every one of them keeps.")] = None,
) -> list[list[Product]]:
    """For each product the nearest others; none while it has no vector. One statement, and one for their rows."""
    model = (await models(ctx)).active
    if model is None:
        return [[] for _ in products]
    shape, values = filtering(filters_of(filters, None), ctx.viewer)
    parents = list({product.id for product in products})
    rows: Any = await ctx.read.all(nearest(shape), parents=parents, slot=model.slot, first=first, **values)
    others = await ctx.find_all(products_by_id, [row.id for row in rows])
    found: dict[str, list[Product]] = {id: [] for id in parents}
    for row, other in zip(rows, others, strict=True):
        if other is not None:
            found[row.parent_].append(other)
    return [found[product.id] for product in products]
