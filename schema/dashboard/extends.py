"""The root fields of the dashboard."""

from resolvers.dashboard import scans
from schema.dashboard.types import ScanSummary
from schema.declare import Query, extend, root


@extend(Query)
class DashboardQueries:
    brand_scan_summary: ScanSummary | None = root(
        scans.brand_scan_summary, "Scans of the Digital Links of one organization of the caller's, or of one brand."
    )
