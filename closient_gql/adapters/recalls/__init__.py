"""Published feeds of recalls: where they are, and how their documents are read. Pure, but for the addresses."""

from closient_gql.adapters.recalls.cpsc import CpscFeed
from closient_gql.adapters.recalls.fda import FdaFeed
from closient_gql.adapters.recalls.fsis import FsisFeed
from closient_gql.adapters.recalls.health_canada import HealthCanadaFeed
from closient_gql.adapters.recalls.record import Feed, FeedError, Notice, Page

FEEDS: dict[str, Feed] = {feed.source: feed for feed in (FdaFeed(), FsisFeed(), CpscFeed(), HealthCanadaFeed())}

__all__ = ["FEEDS", "Feed", "FeedError", "Notice", "Page"]
