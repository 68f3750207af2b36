"""What was looked for, where about, and what was shown: events for the dashboards of later.

A place is kept as its bucket, a square of a tenth of a degree (11 km from north to south): nothing finer leaves a
session. An event does not say whose it was, nor of which session.
"""

from collections.abc import Sequence
from math import floor
from typing import Any

from closient_gql.core.db import Writer
from closient_gql.core.ids import new_id
from resolvers.outbox import emit

SEARCHED = "demand.searched"
TENTH = 10


def bucket_of(latitude: float, longitude: float) -> str:
    """The middle of the square, in degrees: `39.25,-76.65`. The antimeridian and the poles lie in a square as well."""
    north = min(floor(latitude * TENTH), 90 * TENTH - 1) / TENTH + 0.05
    east = (floor(longitude * TENTH) + 180 * TENTH) % (360 * TENTH) / TENTH - 180 + 0.05
    return f"{north:.2f},{east:.2f}"


async def searched(
    write: Writer, query: str, at: tuple[float, float], constraints: Sequence[str], total: int,
    impressions: Sequence[dict[str, Any]], online: int = 0,
) -> None:  # fmt: skip
    """Says that somebody searched. `constraints`: the keys that were active; `impressions`: what was shown first, by
    product, offer and place in the list."""
    await emit(
        write, SEARCHED, new_id(), query=query, place=bucket_of(*at), constraints=sorted(constraints), total=total,
        impressions=list(impressions), online=online,
    )  # fmt: skip
