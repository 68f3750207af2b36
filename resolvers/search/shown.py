"""What an answer has shown, remembered after it was found: for `cheaper`, for dashboards, for transcripts."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from closient_gql.core.models.search_sessions import SearchSession
from closient_gql.core.paging import DEFAULT_SIZE
from resolvers.context import Context
from resolvers.products.queries import products_by_id
from resolvers.search import demand, threads
from resolvers.search.local import LocalHit
from resolvers.search.session_hits import Found, found_of, question_of

SEEN = "UPDATE search_sessions SET seen = $2 WHERE id = $1"


async def remember(ctx: Context, session: SearchSession) -> None:
    """Notes what the first page of hits has shown. Nothing of it changes what was found, so nothing is forgotten."""
    found = await found_of(ctx, question_of(session))
    first = found.local[:DEFAULT_SIZE]
    answer = await told(ctx, session, found) if session.user_id else {}  # before the transaction: it reads by itself
    async with ctx.read.database.transaction() as write:
        await write.connection.execute(SEEN, session.id, seen(first))
        await demand.searched(
            write, session.gtin or session.base_query, (session.latitude, session.longitude), list(session.constraints),
            len(found.local), impressions(first, found), len(found.online),
        )  # fmt: skip
        if session.user_id:
            await threads.answered(write, session, answer)


def seen(hits: Sequence[LocalHit]) -> dict[str, Any]:
    """Prices in the most frequent currency, and distances in kilometres (constraints.refinement.Seen)."""
    currencies = Counter(hit.currency for hit in hits if hit.price is not None)
    currency = currencies.most_common(1)[0][0] if currencies else ""
    prices = [float(hit.price) for hit in hits if hit.price is not None and hit.currency == currency]
    return {"prices": prices, "currency": currency, "distances": [hit.distance_km for hit in hits]}


def impressions(hits: Sequence[LocalHit], found: Found) -> list[dict[str, Any]]:
    local = [{"product": hit.id, "offer": hit.offer_id} for hit in hits]
    return local or [{"product": hit.id, "offer": hit.offer_id} for hit in found.online]


async def told(ctx: Context, session: SearchSession, found: Found) -> dict[str, Any]:
    """What a transcript keeps of an answer."""
    ids = [hit.id for hit in found.local[:DEFAULT_SIZE]] or [hit.id for hit in found.online]
    products = await ctx.find_all(products_by_id, ids)
    return {
        "base_query": session.base_query, "active_constraints": session.constraints,
        "is_refinement": session.is_refinement, "total_count": len(found.local),
        "gtins": [product.gtin for product in products if product],
    }  # fmt: skip
