"""Content of products by language, in versions; and whom a readiness check was asked for."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.account import Organization  # noqa: F401  content belongs to organizations
from closient_gql.core.models.base import Base, Identified
from closient_gql.core.models.products import Product  # noqa: F401  and is about products


class ContentStatus(Described):
    """Of the current version of an item. What was published before stays public until another version is."""

    DRAFT = "draft", "Being written."
    REVIEW = "review", "Submitted: somebody should look at it."
    SCHEDULED = "scheduled", "Reviewed: it is published by itself at its time."
    PUBLISHED = "published", "The version that everybody sees."


class SectionKind(Described):
    TEXT = "text", "A heading and text."
    LIST = "list", "A heading and a list: one item a line."
    IMAGE = "image", "An image with a caption."


class ContentItem(Identified, Base):
    """What one organization says of one product in one language. `version` is the newest of its versions."""

    __tablename__ = "content_items"
    __table_args__ = (
        Index("uq_content_items", "product_id", "organization_id", text("lower(language)"), unique=True),
        Index("ix_content_items_order", "organization_id", "created", "id"),
        Index("ix_content_items_due", "publish_at", postgresql_where=text("publish_at IS NOT NULL")),
        CheckConstraint("(status = 'scheduled') = (publish_at IS NOT NULL)", name="schedule"),
    )
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"))
    organization_id: Mapped[str] = mapped_column(String(12), ForeignKey("organizations.id", ondelete="CASCADE"))
    language: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="draft")
    version: Mapped[int] = mapped_column(server_default="1")
    published_version: Mapped[int | None]
    publish_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


class ContentVersion(Identified, Base):
    """One state of an item, never changed. `provenance`: by field, where it comes from, how certain it is, and the
    version and user that it is from."""

    __tablename__ = "content_versions"
    __table_args__ = (Index("uq_content_versions", "item_id", "version", unique=True),)
    item_id: Mapped[str] = mapped_column(String(12), ForeignKey("content_items.id", ondelete="CASCADE"))
    version: Mapped[int]
    title: Mapped[str]
    description: Mapped[str]
    images: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    provenance: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str]
    user_id: Mapped[str | None] = mapped_column(String(12))
    key_id: Mapped[str | None] = mapped_column(String(12))


class ReadinessLead(Identified, Base):
    """Somebody who left an email with a readiness check, which is the consent to be written to about it."""

    __tablename__ = "readiness_leads"
    __table_args__ = (Index("uq_readiness_leads", text("lower(email)"), "gtin", unique=True),)
    email: Mapped[str]
    gtin: Mapped[str] = mapped_column(String(14))
    score: Mapped[int]
    checks: Mapped[int] = mapped_column(server_default="1")
    checked_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
