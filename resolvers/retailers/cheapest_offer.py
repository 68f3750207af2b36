"""The offer of a product that costs least now."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

from sqlalchemy import Double, Text, bindparam, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from closient_gql.core.bounds import Doc
from closient_gql.core.countries import Currency
from closient_gql.core.db import Columns, Query
from closient_gql.core.models.products import Product
from resolvers.context import Context
from resolvers.retailers.effective import effective_sql
from resolvers.retailers.offers import in_store_offers_by_id, online_offers_by_id
from resolvers.retailers.product_offers import (
    IS_ACTIVE,
    NOWHERE,
    SOURCES,
    InStock,
    KindFilter,
    Near,
    OfferKind,
    Radius,
    Shape,
    conditions,
    metres_of,
    parents,
    question,
)

CurrencyFilter = Annotated[
    Currency | None,
    Doc("Only offers in this currency: ISO 4217. By default that of most of the product's offers."),
]


@cache
def cheapest(shape: Shape, currency: bool) -> Query[Any]:
    """For every parent the offer that costs least now: which kind, and its id. Only active ones with a price."""
    each = []
    for kind in shape.kinds:
        offer, source, promotion, shown, its_currency = SOURCES[kind]
        given = parents()
        near = shape.near and kind is OfferKind.IN_STORE
        metres = metres_of(offer) if near else literal(NOWHERE, Double)
        where = [shown, offer.status == IS_ACTIVE, offer.price.is_not(None), *conditions(kind, shape, offer)]
        if currency:
            where.append(its_currency == bindparam("currency", type_=Text))
        columns = (
            given.c.id.label("parent_"), literal(kind.value, Text).label("kind"), offer.id.label("id"),
            effective_sql(offer, promotion).label("price"), its_currency.label("currency"), metres.label("metres"),
        )  # fmt: skip
        each.append(source.with_only_columns(*columns).join(given, offer.product_id == given.c.id).where(*where))
    all_ = union_all(*each).subquery()
    usual = func.count().over(partition_by=(all_.c.parent_, all_.c.currency))
    found = select(all_, usual.label("usual")).subquery()
    c = found.c
    order = (c.parent_, c.usual.desc(), c.currency, c.price, c.metres, c.id)
    return Query(Product, select(c.parent_, c.kind, c.id).ext(distinct_on(c.parent_)).order_by(*order))


async def cheapest_of(
    ctx: Context,
    products: Sequence[Product],
    *,
    near: Near = None,
    radius_km: Radius = None,
    in_stock: InStock = None,
    kind: KindFilter = None,
    currency: CurrencyFilter = None,
    columns: Columns | None = None,
) -> list[Any | None]:
    """For each product the offer that costs least now, promotions counted; of equal ones the nearest. Null: none has a
    price. Amounts in different currencies are never compared."""
    asked = question(near, radius_km, in_stock, kind)
    query = cheapest(asked.shape, currency is not None)
    values = asked.values | ({"currency": currency} if currency is not None else {})
    rows = await ctx.read.all(query, **values, parents=[product.id for product in products])
    ids: dict[str, dict[str, str]] = {kind.value: {} for kind in OfferKind}
    for row in rows:
        ids[row.kind][row.parent_] = row.id
    found: dict[str, Any] = {}
    for kind_, find in ((OfferKind.IN_STORE, in_store_offers_by_id), (OfferKind.ONLINE, online_offers_by_id)):
        wanted = ids[kind_.value]
        found |= dict(zip(wanted, await ctx.find_all(find, list(wanted.values()), columns), strict=True))
    return [found.get(product.id) for product in products]
