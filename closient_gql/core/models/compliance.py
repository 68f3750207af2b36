"""Recalls and what they touch, safety notices, the Food Traceability List, and how far feeds of recalls were read."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.account import Organization  # noqa: F401  recalls refer to organizations
from closient_gql.core.models.base import Annotatable, Base, Identified
from closient_gql.core.models.products import Product  # noqa: F401  and to products


class RecallStatus(Described):
    ONGOING = "ONGOING", "Under way: products with these lots are still being taken back."
    COMPLETED = "COMPLETED", "The company has taken back what it could; the authority has not closed it."
    TERMINATED = "TERMINATED", "Closed by the authority."
    UNKNOWN = "UNKNOWN", "The authority does not say. It counts as open."


OPEN = (RecallStatus.ONGOING.value, RecallStatus.UNKNOWN.value)
"""What "open" means (contract: compliance, behaviours)."""


class RecallSeverity(Described):
    CLASS_I = "CLASS_I", "Use may cause serious harm or death (21 CFR 7.3(m))."
    CLASS_II = "CLASS_II", "Use may cause harm that passes; serious harm is unlikely."
    CLASS_III = "CLASS_III", "Use is not likely to cause harm."
    UNKNOWN = "UNKNOWN", "Not classified, or not yet."


class RecallSource(Described):
    FDA = "FDA", "Food and Drug Administration, United States."
    FSIS = "FSIS", "Food Safety and Inspection Service of the Department of Agriculture, United States."
    CPSC = "CPSC", "Consumer Product Safety Commission, United States."
    HEALTH_CANADA = "HEALTH_CANADA", "Health Canada and the Canadian Food Inspection Agency."


class Recall(Identified, Base):
    """One recall. `lot_codes` is what was written, in any of its three shapes; `lots` is what it was read as
    (`resolvers.compliance.lots`), so that nothing is parsed when somebody asks.

    `organization_id`: who wrote it by hand; null for what came from a feed, which only that feed changes.
    """

    __tablename__ = "recalls"
    __table_args__ = (
        # a feed's number is the feed's: nobody keeps its recall away by writing one under that number first
        Index(
            "uq_recalls_source", "source_system", "source_id", unique=True, postgresql_where=text("fingerprint <> ''")
        ),
        Index("uq_recalls_own", "organization_id", "source_system", "source_id", unique=True),
    )
    source_system: Mapped[str]
    source_id: Mapped[str | None]  # the authority's own number
    title: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="UNKNOWN")
    severity: Mapped[str] = mapped_column(server_default="UNKNOWN")
    description: Mapped[str] = mapped_column(server_default="")
    hazard: Mapped[str] = mapped_column(server_default="")
    remedy: Mapped[str] = mapped_column(server_default="")
    public_url: Mapped[str] = mapped_column(server_default="")
    company_name: Mapped[str] = mapped_column(server_default="")
    recall_date: Mapped[date | None]
    jurisdictions: Mapped[list[str]] = mapped_column(server_default="{}")
    lot_codes: Mapped[Any] = mapped_column(JSONB, nullable=True)
    lots: Mapped[Any] = mapped_column(JSONB, nullable=True)
    unread_codes: Mapped[list[str]] = mapped_column(server_default="{}")  # said to be a GTIN, and none
    fingerprint: Mapped[str] = mapped_column(server_default="")  # of the feed's record: the same again changes nothing
    organization_id: Mapped[str | None] = mapped_column(
        String(12), ForeignKey("organizations.id", ondelete="SET NULL"), index=True
    )
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


class RecallProduct(Base):
    """A GTIN that a recall names, and the product that has it; null: none is known here so far."""

    __tablename__ = "recall_products"
    __table_args__ = (
        Index("ix_recall_products_product_id", "product_id", "recall_id"),
        Index("ix_recall_products_waiting", "gtin", postgresql_where=text("product_id IS NULL")),
    )
    recall_id: Mapped[str] = mapped_column(String(12), ForeignKey("recalls.id", ondelete="CASCADE"), primary_key=True)
    gtin: Mapped[str] = mapped_column(String(14), primary_key=True)
    product_id: Mapped[str | None] = mapped_column(String(12), ForeignKey("products.id", ondelete="SET NULL"))


class RecallFeed(Base):
    """How far the feed of one authority was read. `position`: the last day of which everything is in."""

    __tablename__ = "recall_feeds"
    source_system: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[date | None]
    tried_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]  # when it was last read to the end
    error: Mapped[str] = mapped_column(server_default="")  # of the last attempt; empty: it went well
    records: Mapped[int] = mapped_column(server_default="0")  # of the last attempt, like all that follows
    added: Mapped[int] = mapped_column(server_default="0")
    changed: Mapped[int] = mapped_column(server_default="0")
    problems: Mapped[list[str]] = mapped_column(server_default="{}")


class NoticeStatus(Described):
    DRAFT = "draft", "Seen by the organization that writes it only."
    PUBLISHED = "published", "Seen by everybody."
    WITHDRAWN = "withdrawn", "Was published, and does not hold any more."


class NoticeSeverity(Described):
    """The signal words of ANSI Z535.6."""

    DANGER = "danger", "Will cause death or serious injury if it is not avoided."
    WARNING = "warning", "Could cause death or serious injury."
    CAUTION = "caution", "Could cause minor or moderate injury."
    NOTICE = "notice", "Not about injury: damage, or advice."


class SafetyNotice(Identified, Annotatable, Base):
    """A safety notice. `texts` is `[{language, title, message, instructions}]`, the first one being the original.
    `lots` of null means every lot, `regions` of none everywhere."""

    __tablename__ = "safety_notices"
    __table_args__ = (Index("ix_safety_notices_order", "organization_id", "created", "id"),)
    organization_id: Mapped[str] = mapped_column(String(12), ForeignKey("organizations.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(server_default="draft")
    severity: Mapped[str]
    texts: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    lot_codes: Mapped[Any] = mapped_column(JSONB, nullable=True)
    lots: Mapped[Any] = mapped_column(JSONB, nullable=True)
    regions: Mapped[list[str]] = mapped_column(server_default="{}")
    url: Mapped[str] = mapped_column(server_default="")
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


class SafetyNoticeProduct(Base):
    __tablename__ = "safety_notice_products"
    notice_id: Mapped[str] = mapped_column(
        String(12), ForeignKey("safety_notices.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Mapped[str] = mapped_column(
        String(12), ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class FtlCategory(Described):
    """FDA's Food Traceability List (21 CFR 1.1300; FSMA section 204)."""

    CHEESE_SOFT = "cheese_soft", "Fresh soft or soft unripened, soft ripened and semi-soft cheeses of pasteurized milk."
    CHEESE_UNPASTEURIZED = "cheese_unpasteurized", "Cheeses of unpasteurized milk, other than hard ones."
    SHELL_EGGS = "shell_eggs", "Shell eggs of the domesticated chicken."
    NUT_BUTTERS = "nut_butters", "Nut butters: of tree nuts and peanuts."
    CUCUMBERS = "cucumbers", "Cucumbers, fresh."
    HERBS = "herbs", "Herbs, fresh."
    LEAFY_GREENS = "leafy_greens", "Leafy greens, fresh, cut or not."
    MELONS = "melons", "Melons, fresh."
    PEPPERS = "peppers", "Peppers, fresh."
    SPROUTS = "sprouts", "Sprouts, fresh."
    TOMATOES = "tomatoes", "Tomatoes, fresh."
    TROPICAL_TREE_FRUITS = "tropical_tree_fruits", "Tropical tree fruits, fresh, such as mango and papaya."
    CUT_FRUITS = "cut_fruits", "Fruits, fresh-cut."
    CUT_VEGETABLES = "cut_vegetables", "Vegetables other than leafy greens, fresh-cut."
    FINFISH_HISTAMINE = "finfish_histamine", "Finfish that form histamine, such as tuna and mackerel."
    FINFISH_CIGUATOXIN = "finfish_ciguatoxin", "Finfish that may carry ciguatoxin, such as grouper and snapper."
    FINFISH_OTHER = "finfish_other", "Other finfish, fresh, frozen or previously frozen."
    SMOKED_FINFISH = "smoked_finfish", "Smoked finfish, refrigerated, frozen or previously frozen."
    CRUSTACEANS = "crustaceans", "Crustaceans, fresh, frozen or previously frozen."
    MOLLUSCAN_SHELLFISH = "molluscan_shellfish", "Bivalve molluscs, fresh, frozen or previously frozen."
    DELI_SALADS = "deli_salads", "Ready-to-eat deli salads, refrigerated."


class FtlDesignation(Base):
    """Whether a product contains a food of the Food Traceability List, as its owner states it."""

    __tablename__ = "ftl_designations"
    __table_args__ = (CheckConstraint("contains_ftl_substance = (cardinality(ftl_categories) > 0)", name="categories"),)
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    contains_ftl_substance: Mapped[bool]
    ftl_categories: Mapped[list[str]] = mapped_column(server_default="{}")
    ftl_notes: Mapped[str] = mapped_column(server_default="")
    modified: Mapped[datetime] = mapped_column(server_default=func.now())
