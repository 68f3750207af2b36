"""What happens to content by itself. The database is asked each time: nothing is lost with a worker."""

from resolvers.content.publishing import publish_due
from resolvers.content.readiness import forget_leads

SCHEDULES = {
    "publish_content": ("* * * * *", publish_due),
    "forget_readiness_leads": ("41 3 * * *", forget_leads),
}
"""Name, when (as in crontab, UTC) and what."""
