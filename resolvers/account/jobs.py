"""What happens to the account by itself."""

from closient_gql.core.db import Database

RETIRE = "UPDATE api_keys SET is_active = false WHERE is_active AND expires_at <= now()"


async def retire_expired_keys(database: Database) -> int:
    """Marks keys whose time is over as inactive, so that lists say so; they are refused from their last second on
    anyway. Gives how many there were."""
    async with database.acquire() as connection:
        done = await connection.execute(RETIRE)
    return int(done.split()[-1])


SCHEDULES = {"retire_expired_keys": ("*/5 * * * *", retire_expired_keys)}
"""Name, when (as in crontab, UTC) and what."""
