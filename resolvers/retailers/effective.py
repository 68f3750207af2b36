"""What an offer costs now: promotions, and what differs by region.

- Of the overrides for a region that say a price, those of the subdivision come before those of its country, then the
  one of the lowest `source_priority` counts; without any, the offer's own price.
- Promotions that run now count if they are cheaper, the cheapest of them (contract: rules.documented); they are in the
  store's currency, and so do not count where a region has a price in another one.
- An offer without a price costs what its promotion says, if one runs: a price of 0 is a price, null is none.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import ColumnElement, func, select

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.countries import parse_region
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.retailers import InStoreOffer, OnlineOffer
from closient_gql.core.money import Money, money
from resolvers.context import Context
from resolvers.retailers import overrides, promotions
from resolvers.retailers.promotions import runs

Region = Annotated[
    str | None,
    Bounds(max_length=6),
    Doc("A country (ISO 3166-1 alpha-2) or a subdivision of one (ISO 3166-2), such as US-MD."),
]


def effective(
    price: Decimal | None, currency: str, running: Sequence[Any], regional: Sequence[Any], region: str | None
) -> Money | None:
    """The rule, on rows: promotions that run now, and overrides of the offer for any region."""
    found, its_currency = price, currency
    if (best := best_override(regional, region)) is not None:
        found, its_currency = best.price, best.price_currency or currency
    candidates = [found] if found is not None else []
    if its_currency == currency:
        candidates += [promotion.promotional_price for promotion in running]
    return money(min(candidates, default=None), its_currency)


def best_override(regional: Sequence[Any], region: str | None) -> Any:
    """Of the overrides that say a price for this region, the one that counts."""
    wider = region.split("-")[0] if region else None
    found = [each for each in regional if each.price is not None and region and each.region in (region, wider)]
    return min(found, key=lambda o: (o.region != region, o.source_priority, o.id), default=None)


def region_of(given: str | None) -> str | None:
    """Raises:
    Invalid: it is neither a country nor a subdivision.
    """
    if given is None:
        return None
    try:
        return parse_region(given.strip())
    except ValueError as error:
        raise Invalid([Detail(field="region", message=str(error))]) from None


async def in_store_prices_of(
    ctx: Context, offers: Sequence[InStoreOffer], *, region: Region = None
) -> list[Money | None]:
    """What offers cost now. Stores stand where they stand: a region changes nothing."""
    region_of(region)
    return await prices_of(ctx, offers, promotions.IN_STORE, None)


async def online_prices_of(ctx: Context, offers: Sequence[OnlineOffer], *, region: Region = None) -> list[Money | None]:
    """What offers cost now, in a region."""
    return await prices_of(ctx, offers, promotions.ONLINE, region_of(region))


async def prices_of(
    ctx: Context, offers: Sequence[Any], kind: promotions.Kind, region: str | None
) -> list[Money | None]:
    ids, now = [offer.id for offer in offers], datetime.now(UTC)
    promoted = await ctx.read.by_parent(kind.of_offers, "offer_id", ids)
    regional = await ctx.read.by_parent(overrides.OF_OFFERS, "offer_id", ids) if region else [[] for _ in ids]
    return [
        effective(offer.price, offer.currency, [p for p in some if runs(p, now)], others, region)
        for offer, some, others in zip(offers, promoted, regional, strict=True)
    ]


def effective_sql(offer: Any, promotion: Any) -> ColumnElement[Decimal]:
    """The same without a region, for sorting: the offer's price or that of its cheapest running promotion."""
    running = select(func.min(promotion.promotional_price)).where(
        promotion.offer_id == offer.id,
        promotion.is_active,
        func.now().between(promotion.start_date, promotion.end_date),
    )
    return func.least(offer.price, running.scalar_subquery(), type_=offer.price.type)
