"""Offer feeds: what became of the files that organizations send; they come in by REST."""

from datetime import datetime

import strawberry

from closient_gql.core.models import offer_feeds as models
from closient_gql.core.models.offer_feeds import FeedFormat, FeedState
from closient_gql.core.models.retailers import OfferSource
from resolvers.retailers import feeds
from schema.declare import Query, adopt_enum, column, entity, extend, relation, root, value
from schema.shared import Connection

adopt_enum(FeedFormat, "How a feed is written.")
adopt_enum(FeedState, "What becomes of a feed.")


@value(models.OfferFeedError, says="A row of a feed that was left out.")
class OfferFeedError:
    line: int = column("The line in which the row begins, from 1; the header of a table is line 1.")
    message: str = column("What is wrong with it.")
    column: str | None = column("The column in which it is wrong, by its name in the file; null: the whole row.")


@entity(models.OfferFeed, keys={"id": feeds.feeds_by_id}, says="A file of offers. For members only.")
class OfferFeed:
    id: strawberry.ID = column("Id of the feed.")
    organization_id: strawberry.ID = column("Id of the organization whose offers it states.")
    inventory_source_id: strawberry.ID | None = column("Id of the source of inventory that it comes from.")
    source: OfferSource = column("Who says so.")
    source_priority: int = column("Of two sources that disagree, the lower number is believed.")
    as_of: datetime = column("When what it says was true.")
    format: FeedFormat = column("How it is written.")
    state: FeedState = column("What becomes of it.")
    failure: str = column("Why it failed as a whole; empty if it did not.")
    total_rows: int = column("Rows with content.")
    processed_rows: int = column("Rows that were dealt with so far.")
    created_count: int = column("Offers that are new.")
    updated_count: int = column("Offers that were changed.")
    unchanged_count: int = column("Rows that said nothing new, but that it is still so.")
    outranked_count: int = column("Rows that a better or later word stands against.")
    error_count: int = column("Rows that were left out.")
    errors: Connection[OfferFeedError] = relation(feeds.errors_of, "Why they were, in the order of the file.")
    created: datetime = column("When it was sent.")
    started_at: datetime | None = column("When the first of its rows were dealt with.")
    finished_at: datetime | None = column("When the last of them were.")


@extend(Query)
class FeedQueries:
    offer_feed: OfferFeed | None = root(feeds.offer_feed, "One feed of an organization of the caller's.")
    offer_feeds: Connection[OfferFeed] | None = root(
        feeds.offer_feeds, "Feeds of an organization of the caller's, newest first."
    )
