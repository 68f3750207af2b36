"""What the levels of inventory confidence mean, for people and programs."""

from collections.abc import Sequence
from dataclasses import dataclass

from closient_gql.core.models.retailers import InventoryConfidence
from resolvers import access
from resolvers.context import Context
from resolvers.retailers.confidence import LIMITS, STALE_AFTER


@dataclass(frozen=True)
class InventoryConfidenceLevel:
    """One level, from the age of its source's last word."""

    level: InventoryConfidence
    description: str
    max_age_hours: int | None


@access.key
async def inventory_confidence_levels(ctx: Context) -> Sequence[InventoryConfidenceLevel]:
    """Every level, the surest first. The last one has no end."""
    ages = dict(LIMITS) | {InventoryConfidence.UNCERTAIN: STALE_AFTER}
    hours = {level: int(age.total_seconds() // 3600) for level, age in ages.items()}
    return [InventoryConfidenceLevel(level, level.description, hours.get(level)) for level in InventoryConfidence]
