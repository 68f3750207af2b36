"""How much the stock of an offer can be believed: from the age of its source's last word, at the time of reading.

Never stored. The rule stands once, in `LIMITS`; `confidence_of` is it for rows, `confidence_sql` for conditions and
groups (contract: guides connecting-pos, brand-retail-footprint).
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Interval, Text, case, func, literal

from closient_gql.core.models.retailers import InventoryConfidence

STALE_AFTER = timedelta(hours=48)
LIMITS = (
    (InventoryConfidence.CONFIRMED, timedelta(hours=1)),
    (InventoryConfidence.LIKELY, timedelta(hours=24)),
)
"""The oldest word that still counts as this, itself included. Beyond them it is uncertain, and stale from
`STALE_AFTER` on. When nobody knows how old it is, it is uncertain."""


def confidence_of(synced_at: datetime | None, now: datetime) -> InventoryConfidence:
    """What a word of this time is worth now. One of the future, by a clock that is fast, is confirmed."""
    if synced_at is None:
        return InventoryConfidence.UNCERTAIN
    age = now - synced_at
    if age >= STALE_AFTER:
        return InventoryConfidence.STALE
    return next((level for level, limit in LIMITS if age <= limit), InventoryConfidence.UNCERTAIN)


def confidence_sql(synced_at: ColumnElement[Any], now: ColumnElement[Any] | None = None) -> ColumnElement[str]:
    """The same in SQL, as the stored value of the level; `now` is the statement's own time unless it is given."""
    age = (func.now() if now is None else now) - synced_at
    return case(
        (age >= literal(STALE_AFTER, Interval), literal(InventoryConfidence.STALE.value, Text)),
        *((age <= literal(limit, Interval), literal(level.value, Text)) for level, limit in LIMITS),
        else_=literal(InventoryConfidence.UNCERTAIN.value, Text),
    )
