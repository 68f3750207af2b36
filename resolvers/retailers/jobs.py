"""What happens to offers by itself."""

from resolvers.retailers.promotions import end_promotions

SCHEDULES = {"end_promotions": ("5 0 * * *", end_promotions)}
"""Name, when (as in crontab, UTC) and what. Prices follow a promotion's ends at once; the job marks what is over."""
