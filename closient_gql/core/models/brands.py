"""Brands, claimed by an organization or not."""

from sqlalchemy import Boolean, Computed, ForeignKey, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.models.base import Annotatable, Base, Identified

SOCIAL_LINKS = ("instagram", "facebook", "twitter", "linkedin", "youtube", "tiktok", "pinterest", "threads")


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
    has_social_links: Mapped[bool] = mapped_column(
        Boolean, Computed(" || ".join(SOCIAL_LINKS) + " <> ''", persisted=True)
    )


Index("ix_brands_name", func.lower(Brand.name), Brand.id)
