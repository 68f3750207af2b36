"""Feeds: files of many offers, what became of them, and which of their rows were left out."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.base import Base, Identified


class FeedFormat(Described):
    CSV = "csv", "A table: a header line, then a line for each offer (RFC 4180)."
    NDJSON = "ndjson", "A JSON object in each line."


class FeedState(Described):
    QUEUED = "queued", "It waits for its turn."
    RUNNING = "running", "Its rows are being taken in, or will be again in a moment."
    DONE = "done", "All of its rows were taken in or left out; the counters say which."
    FAILED = "failed", "It cannot be read any further; `failure` says why. What was taken in before stays."


class OfferFeed(Identified, Base):
    """A file of offers. Its rows are taken in by pieces, each in one transaction with the counters: `processed_rows` is
    where it goes on, whatever happened. What its rows say is true as of `as_of`."""

    __tablename__ = "offer_feeds"
    __table_args__ = (
        Index("ix_offer_feeds_order", "organization_id", "created", "id"),
        Index("ix_offer_feeds_open", "organization_id", "digest", postgresql_where=text("finished_at IS NULL")),
    )
    organization_id: Mapped[str] = mapped_column(String(12), ForeignKey("organizations.id", ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(String(12))  # null: the command line, or an organization's own key
    inventory_source_id: Mapped[str | None] = mapped_column(
        String(12), ForeignKey("inventory_sources.id", ondelete="SET NULL"), index=True
    )
    source: Mapped[str]
    source_priority: Mapped[int]
    as_of: Mapped[datetime]
    format: Mapped[str]
    digest: Mapped[str]  # SHA-256 of the file
    file_key: Mapped[str]  # in the storage, until it is finished
    state: Mapped[str] = mapped_column(server_default="queued")
    failure: Mapped[str] = mapped_column(server_default="")
    total_rows: Mapped[int]
    processed_rows: Mapped[int] = mapped_column(server_default="0")
    created_count: Mapped[int] = mapped_column(server_default="0")
    updated_count: Mapped[int] = mapped_column(server_default="0")
    unchanged_count: Mapped[int] = mapped_column(server_default="0")
    outranked_count: Mapped[int] = mapped_column(server_default="0")
    error_count: Mapped[int] = mapped_column(server_default="0")
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class OfferFeedError(Base):
    """A row that was left out. `line` is where it begins in the file, from 1."""

    __tablename__ = "offer_feed_errors"
    feed_id: Mapped[str] = mapped_column(String(12), ForeignKey("offer_feeds.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    column: Mapped[str | None]
    message: Mapped[str]
