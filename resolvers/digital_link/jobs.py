"""What happens by itself: scans are added up and forgotten, destinations are asked whether they answer."""

from closient_gql.core.db import Database
from closient_gql.core.settings import settings
from resolvers.digital_link.health import check_destinations
from resolvers.digital_link.scans import forget, roll_up


async def forget_scans(database: Database) -> str:
    return await forget(database, settings().scan_keep_days)


SCHEDULES = {
    "roll_up_scans": ("*/10 * * * *", roll_up),
    "forget_scans": ("23 2 * * *", forget_scans),
    "check_destinations": ("*/10 * * * *", check_destinations),
}
"""Name, when (as in crontab, UTC) and what."""
