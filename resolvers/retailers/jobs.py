"""What happens to offers by itself."""

from typing import Any

from closient_gql.adapters.storage import storage_of
from closient_gql.core.db import Database
from closient_gql.core.settings import settings
from resolvers.retailers import feeds
from resolvers.retailers.feed_run import take_feed
from resolvers.retailers.promotions import end_promotions


async def take(database: Database, payload: dict[str, Any]) -> None:
    """Takes in what is left of a feed."""
    await take_feed(database, storage_of(settings()), payload["id"])


JOBS = {feeds.JOB: take}

SCHEDULES = {"end_promotions": ("5 0 * * *", end_promotions)}
"""Name, when (as in crontab, UTC) and what. Prices follow a promotion's ends at once; the job marks what is over."""
