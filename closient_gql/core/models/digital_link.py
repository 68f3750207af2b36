"""What Digital Link URIs lead to: links, rules, GTINs that were given up; whether destinations answer; scans."""

from datetime import date, datetime, time

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.account import Organization  # noqa: F401  links belong to organizations
from closient_gql.core.models.base import Annotatable, Base, Identified
from closient_gql.core.models.products import Product  # noqa: F401  and rules are about products


class RuleScope(Described):
    ORGANIZATION = "ORGANIZATION", "Everything that the organization owns."
    BRAND = "BRAND", "The products of one brand."
    PRODUCT = "PRODUCT", "One product."
    BATCH = "BATCH", "One batch of a product."
    SERIAL = "SERIAL", "One item of a product, by its serial number."


class RuleDestination(Described):
    HOSTED_PAGE = "HOSTED_PAGE", "The page about the product that the platform makes."
    CUSTOM_URL = "CUSTOM_URL", "An address of the organization's own."


class DeadUrl(Described):
    SKIP_RULE = "SKIP_RULE", "The next rule that matches decides."
    FALLBACK_TO_HOSTED = "FALLBACK_TO_HOSTED", "The hosted page is shown."


class Link(Identified, Annotatable, Base):
    """One typed link of one identified thing.

    `anchor` is how it is looked up: the path of the Digital Link URI in its one form, `/01/09506000134352/10/ABC%2F1`,
    with `{}` for a qualifier of any value and `*` at the end of a key that only begins like this. `variables` are the
    names of those in turn, by which `href` may ask for what stands there: `…?serial={serial}`.
    """

    __tablename__ = "links"
    __table_args__ = (
        Index("ix_links_anchor", "anchor"),
        Index("ix_links_order", "organization_id", "created", "id"),
        Index("ix_links_gtin", "gtin", postgresql_where=text("gtin IS NOT NULL")),
        Index(
            "uq_links_default", "organization_id", "anchor", unique=True,
            postgresql_where=text("link_type = 'defaultLink'"),
        ),
    )  # fmt: skip
    organization_id: Mapped[str] = mapped_column(String(12), ForeignKey("organizations.id", ondelete="CASCADE"))
    anchor: Mapped[str]
    gtin: Mapped[str | None] = mapped_column(String(14))  # of the primary key, if that is one
    variables: Mapped[list[str]] = mapped_column(server_default="{}")
    item_description: Mapped[str] = mapped_column(server_default="")
    link_type: Mapped[str]  # a term of the GS1 Web Vocabulary: pip
    href: Mapped[str]
    title: Mapped[str]
    hreflang: Mapped[list[str]] = mapped_column(server_default="{}")
    media_type: Mapped[str] = mapped_column(server_default="")
    context: Mapped[list[str]] = mapped_column(server_default="{}")
    is_public: Mapped[bool] = mapped_column(server_default=text("true"))
    forward_query: Mapped[bool] = mapped_column(server_default=text("true"))
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


class ResolutionRule(Identified, Annotatable, Base):
    """Where scans go, if everything that it asks for is met. What is null or empty asks for nothing.

    `scope_id`: null for ORGANIZATION, the id of a brand, the GTIN of a product, `{gtin}/10/{lot}` or
    `{gtin}/21/{serial}`. Days of the week and times of day are those of `timezone` (UTC if null); day 0 is Monday.
    """

    __tablename__ = "resolution_rules"
    __table_args__ = (
        UniqueConstraint(
            "organization_id", "scope_type", "scope_id", "order_index", name="uq_resolution_rules_order",
            postgresql_nulls_not_distinct=True, deferrable=True, initially="IMMEDIATE",
        ),
        CheckConstraint("(scope_type = 'ORGANIZATION') = (scope_id IS NULL)", name="scope"),
        CheckConstraint("(destination_type = 'CUSTOM_URL') = (custom_url IS NOT NULL)", name="destination"),
        Index("ix_resolution_rules_custom_url", "custom_url", postgresql_where=text("custom_url IS NOT NULL")),
    )  # fmt: skip
    organization_id: Mapped[str] = mapped_column(String(12), ForeignKey("organizations.id", ondelete="CASCADE"))
    scope_type: Mapped[str]
    scope_id: Mapped[str | None]
    product_id: Mapped[str | None] = mapped_column(
        String(12), ForeignKey("products.id", ondelete="CASCADE"), index=True
    )
    order_index: Mapped[int]
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    destination_type: Mapped[str]
    custom_url: Mapped[str | None]
    on_custom_url_dead: Mapped[str] = mapped_column(server_default="FALLBACK_TO_HOSTED")
    absolute_start_at: Mapped[datetime | None]
    absolute_end_at: Mapped[datetime | None]
    annual_start_mmdd: Mapped[str | None] = mapped_column(String(5))
    annual_end_mmdd: Mapped[str | None] = mapped_column(String(5))
    days_of_week: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    time_of_day_start: Mapped[time | None]
    time_of_day_end: Mapped[time | None]
    timezone: Mapped[str | None]
    link_type: Mapped[str | None]
    location_countries: Mapped[list[str] | None]
    location_regions: Mapped[list[str] | None]
    location_cities: Mapped[list[str] | None]
    languages: Mapped[list[str] | None]
    devices: Mapped[list[str] | None]
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


class ProductSuccessor(Base):
    """A GTIN that was given up, and the one that stands for it: codes that are printed already keep leading somewhere.

    Always one step: when a successor is given up itself, those before it follow.
    """

    __tablename__ = "product_successors"
    __table_args__ = (CheckConstraint("gtin <> successor_gtin", name="another"),)
    gtin: Mapped[str] = mapped_column(String(14), primary_key=True)
    successor_gtin: Mapped[str] = mapped_column(String(14), index=True)
    organization_id: Mapped[str | None] = mapped_column(
        String(12), ForeignKey("organizations.id", ondelete="CASCADE"), index=True
    )
    created: Mapped[datetime] = mapped_column(server_default=func.now())


class UrlHealth(Base):
    """Whether an address that rules lead to answers. `failures`: how often in turn it did not."""

    __tablename__ = "url_health"
    url: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(server_default="0")
    is_dead: Mapped[bool] = mapped_column(server_default=text("false"))
    checked_at: Mapped[datetime | None]
    failed_since: Mapped[datetime | None]
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(server_default="")


class Scan(Base):
    """Scans of one code by one kind of visitor with one answer, within a moment: `count` of them. No address, no
    person. No foreign keys: what was scanned is kept whatever becomes of the product."""

    __tablename__ = "scans"
    __table_args__ = (
        Index("ix_scans_waiting", "id", postgresql_where=text("NOT rolled_up")),
        Index("ix_scans_at", "at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    count: Mapped[int]
    ai: Mapped[str]
    value: Mapped[str]
    level: Mapped[str]
    product_id: Mapped[str | None] = mapped_column(String(12))
    organization_id: Mapped[str | None] = mapped_column(String(12))
    rule_id: Mapped[str | None] = mapped_column(String(12))
    answer: Mapped[str]
    device: Mapped[str]
    country: Mapped[str]
    is_bot: Mapped[bool]
    rolled_up: Mapped[bool] = mapped_column(server_default=text("false"))


class ScanDay(Base):
    """Scans of one code on one day (UTC), by device, country and whether a person or a program scanned. Empty texts
    stand for what is not known, as a key has no nulls."""

    __tablename__ = "scan_days"
    __table_args__ = (Index("ix_scan_days_product", "product_id", "day"),)
    organization_id: Mapped[str] = mapped_column(String(12), server_default="", primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    ai: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(String(12), server_default="", primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(primary_key=True)
    is_bot: Mapped[bool] = mapped_column(primary_key=True)
    scans: Mapped[int] = mapped_column(BigInteger)
