"""What passes the gate, on the web: listed apart, where nothing around a place passes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Numeric, Text, bindparam, func, select

from closient_gql.core.db import Query
from closient_gql.core.models.retailers import OnlineOffer, OnlinePromotion, OnlineStore, Retailer
from resolvers.context import Context
from resolvers.retailers.effective import effective_sql
from resolvers.retailers.offers import ONLINE_SHOWN
from resolvers.retailers.product_offers import OfferKind, in_stock_sql, parents, price_key
from resolvers.search.local import HIGHEST, Around

MOST = 25
PRICE = effective_sql(OnlineOffer, OnlinePromotion)


@dataclass(frozen=True, slots=True)
class OnlineHit:
    """One product at the store on the web that sells it for least."""

    id: str  # of the product
    offer_id: str
    online_store_id: str
    price: Decimal | None
    currency: str
    stores: int

    @property
    def other_stores_count(self) -> int:
        return self.stores - 1


@dataclass(frozen=True)
class Shape:
    of_products: bool
    in_stock: bool
    priced: bool
    currency: bool


@cache
def cheapest(shape: Shape) -> Query[Any]:
    """The cheapest passing offer of each product; products in the order in which they are given, else by price."""
    offer, given = OnlineOffer, parents()
    source = select(
        offer.product_id, offer.id.label("offer_id"), offer.online_store_id, OnlineStore.currency,
        PRICE.label("price"), in_stock_sql(OfferKind.ONLINE, offer).label("there"),
    )  # fmt: skip
    if shape.of_products:
        source = source.select_from(given).join(offer, offer.product_id == given.c.id)
    source = source.join(OnlineStore, offer.online_store_id == OnlineStore.id).join(
        Retailer, OnlineStore.retailer_id == Retailer.id
    )
    source = source.where(ONLINE_SHOWN)
    if shape.in_stock:
        source = source.where(in_stock_sql(OfferKind.ONLINE, offer))
    if shape.priced:
        source = source.where(
            PRICE.between(bindparam("price_min", type_=Numeric), bindparam("price_max", type_=Numeric))
        )
    if shape.currency:
        source = source.where(OnlineStore.currency == func.any(bindparam("currencies", type_=ARRAY(Text))))
    each = source.cte("each")
    key = price_key(each.c.price, each.c.currency)
    best = (each.c.there.desc(), key, each.c.offer_id)
    of_product = select(
        each,
        key.label("key"),
        func.row_number().over(partition_by=each.c.product_id, order_by=best).label("n"),
        func.count().over(partition_by=each.c.product_id).label("stores"),
    ).subquery("of_product")
    found = of_product.c
    place = func.array_position(bindparam("parents", type_=ARRAY(Text)), found.product_id)
    order = (place, found.key, found.product_id) if shape.of_products else (found.key, found.product_id)
    rows = select(found.product_id, found.offer_id, found.online_store_id, found.price, found.currency, found.stores)
    limit = bindparam("limit_", type_=BigInteger)
    return Query(OnlineOffer, rows.where(found.n == 1).order_by(*order).limit(limit))


async def online_hits(ctx: Context, ids: Sequence[str] | None, around: Around) -> Sequence[OnlineHit]:
    """Offers on the web of these products, the most relevant first; of each what is there, then what is cheapest."""
    if ids is not None and not ids:
        return ()
    shape = Shape(
        of_products=ids is not None,
        in_stock=around.in_stock,
        priced=around.price_min is not None or around.price_max is not None,
        currency=bool(around.currencies),
    )
    rows: Sequence[Any] = await ctx.read.all(
        cheapest(shape),
        parents=list(ids or ()),
        price_min=around.price_min if around.price_min is not None else Decimal(0),
        price_max=around.price_max if around.price_max is not None else HIGHEST,
        currencies=list(around.currencies),
        limit_=MOST,
    )
    return [
        OnlineHit(row.product_id, row.offer_id, row.online_store_id, row.price, row.currency, row.stores)
        for row in rows
    ]
