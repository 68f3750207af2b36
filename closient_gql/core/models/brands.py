"""Brands, claimed by an organization or not."""

from datetime import datetime

from sqlalchemy import Boolean, Computed, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.base import Annotatable, Base, Identified

SOCIAL_LINKS = ("instagram", "facebook", "twitter", "linkedin", "youtube", "tiktok", "pinterest", "threads")


class VerificationMethod(Described):
    GS1_PREFIX = "gs1_prefix", "The organization's GS1 company prefix; automatic only if a registry recorded it."
    DOMAIN = "domain", "A DNS TXT record, or a file below /.well-known, of the brand's domain."
    MANUAL = "manual", "Papers that a person looks at."


class VerificationState(Described):
    PENDING = "pending", "A check or a review is under way."
    VERIFIED = "verified", "It holds."
    REJECTED = "rejected", "It does not hold; the reason says why."
    SUPERSEDED = "superseded", "It was not decided: the reason says what made that needless."


class Brand(Identified, Annotatable, Base):
    __tablename__ = "brands"
    name: Mapped[str]
    website: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    logo_url: Mapped[str | None]
    organization_id: Mapped[str | None] = mapped_column(String(12), ForeignKey("organizations.id"), index=True)
    instagram: Mapped[str] = mapped_column(server_default="")
    facebook: Mapped[str] = mapped_column(server_default="")
    twitter: Mapped[str] = mapped_column(server_default="")
    linkedin: Mapped[str] = mapped_column(server_default="")
    youtube: Mapped[str] = mapped_column(server_default="")
    tiktok: Mapped[str] = mapped_column(server_default="")
    pinterest: Mapped[str] = mapped_column(server_default="")
    threads: Mapped[str] = mapped_column(server_default="")
    claimed_at: Mapped[datetime | None]
    is_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    has_social_links: Mapped[bool] = mapped_column(
        Boolean, Computed(" || ".join(SOCIAL_LINKS) + " <> ''", persisted=True)
    )


Index("ix_brands_name", func.lower(Brand.name), Brand.id)


class BrandVerification(Identified, Base):
    """One attempt to prove that an organization owns a brand. `subject` is the prefix, the domain, or a remark."""

    __tablename__ = "brand_verifications"
    __table_args__ = (Index("ix_brand_verifications_queue", "state", "created"),)
    brand_id: Mapped[str] = mapped_column(String(12), ForeignKey("brands.id", ondelete="CASCADE"), index=True)
    organization_id: Mapped[str] = mapped_column(String(12), ForeignKey("organizations.id", ondelete="CASCADE"))
    requested_by: Mapped[str | None] = mapped_column(String(12))
    method: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    subject: Mapped[str]
    token: Mapped[str] = mapped_column(server_default="")  # what the DNS record or the file must hold
    needs_review: Mapped[bool] = mapped_column(server_default=text("false"))  # waits for a person
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class CompanyPrefix(Identified, Base):
    """A GS1 company prefix that a registry, or the operator by the command line, recorded for an organization.

    `resolver_url`: the root of the resolver that handles every key below the prefix, if it is not this one.
    """

    __tablename__ = "company_prefixes"
    __table_args__ = (UniqueConstraint("prefix"),)
    organization_id: Mapped[str] = mapped_column(
        String(12), ForeignKey("organizations.id", ondelete="CASCADE"), index=True
    )
    prefix: Mapped[str]
    source: Mapped[str]
    resolver_url: Mapped[str | None]
