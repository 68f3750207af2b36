"""Products and what is printed on them: images, ingredients, nutrition."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Computed, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.base import Annotatable, Base, Identified
from closient_gql.core.models.brands import Brand  # noqa: F401  products refer to brands


class DataSource(Described):
    CROWD_SOURCED = "crowd_sourced", "Contributed by the public."
    CLAIMED = "claimed", "Stated by the organization that claimed the product."
    IMPORTED = "imported", "From a file that somebody imported."
    AI_EXTRACTED = "ai_extracted", "Read off a label or page by a model."
    BRAND_SITE_CRAWL = "brand_site_crawl", "From the brand's own site."
    GTIN1_AUTHORITATIVE = "gtin1_authoritative", "From the registry entry of the GTIN's licensee."
    EXTERNAL_API = "external_api", "From a partner's interface."
    OPEN_FOOD_FACTS = "open_food_facts", "From Open Food Facts or its sister projects."
    USDA_FDC = "usda_fdc", "From USDA FoodData Central."
    FDA_NDC = "fda_ndc", "From the FDA's National Drug Code directory."
    AFFILIATE_FEED = "affiliate_feed", "From an affiliate network's product feed."
    DATAKICK = "datakick", "From Datakick."
    COMMON_CRAWL_WDC = "common_crawl_wdc", "From structured data on web pages (Web Data Commons)."


class ClaimVerificationStatus(Described):
    UNVERIFIED = "unverified", "Claimed, nothing checked yet."
    PENDING = "pending", "A check is under way."
    VERIFIED = "verified", "The claim was checked and holds."
    REJECTED = "rejected", "The claim was checked and does not hold."


class LabelFormat(Described):
    US_FDA = "US_FDA", "Nutrition Facts of the United States."
    EU = "EU", "Nutrition declaration of the European Union, per 100 g or 100 ml."
    CA_CFIA = "CA_CFIA", "Nutrition facts table of Canada."
    AU_NZ = "AU_NZ", "Nutrition information panel of Australia and New Zealand."
    UK = "UK", "Nutrition declaration of the United Kingdom."


class NutrientUnit(Described):
    GRAM = "g", "Grams."
    MILLIGRAM = "mg", "Milligrams."
    MICROGRAM = "mcg", "Micrograms."
    KILOCALORIE = "kcal", "Kilocalories."
    KILOJOULE = "kJ", "Kilojoules."
    PERCENT = "%", "Percent, of volume for alcohol."
    INTERNATIONAL_UNIT = "IU", "International units."


class ProductCategory(Identified, Base):
    __tablename__ = "product_categories"
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    parent_id: Mapped[str | None] = mapped_column(String(12), ForeignKey("product_categories.id"), index=True)


class Product(Identified, Annotatable, Base):
    """`owner_id` is the one place that says who claimed a product; claiming a brand sets it on the brand's products."""

    __tablename__ = "products"
    gtin: Mapped[str] = mapped_column(String(14), unique=True)
    product_name: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    manufacturer: Mapped[str] = mapped_column(server_default="")
    image_url: Mapped[str] = mapped_column(server_default="")
    country_of_origin: Mapped[str | None]
    countries_sold: Mapped[list[str]] = mapped_column(server_default="{}")
    primary_language: Mapped[str] = mapped_column(server_default="")
    net_content: Mapped[str] = mapped_column(server_default="")
    net_content_value: Mapped[float | None]
    net_content_uom: Mapped[str | None]
    usage_instructions: Mapped[str] = mapped_column(server_default="")
    brand_product_page_url: Mapped[str] = mapped_column(server_default="")
    ai_summary: Mapped[str] = mapped_column(server_default="")
    length: Mapped[float | None]
    length_uom: Mapped[str] = mapped_column(server_default="")
    width: Mapped[float | None]
    width_uom: Mapped[str] = mapped_column(server_default="")
    height: Mapped[float | None]
    height_uom: Mapped[str] = mapped_column(server_default="")
    depth: Mapped[float | None]
    depth_uom: Mapped[str] = mapped_column(server_default="")
    gross_weight: Mapped[float | None]
    gross_weight_uom: Mapped[str] = mapped_column(server_default="")
    net_weight: Mapped[float | None]
    net_weight_uom: Mapped[str] = mapped_column(server_default="")
    gpc_brick_code: Mapped[str] = mapped_column(server_default="")
    gpc_class_code: Mapped[str] = mapped_column(server_default="")
    gpc_family_code: Mapped[str] = mapped_column(server_default="")
    gpc_segment_code: Mapped[str] = mapped_column(server_default="")
    labels: Mapped[list[str]] = mapped_column(server_default="{}")
    data_source: Mapped[str]
    confidence_score: Mapped[float] = mapped_column(server_default="0")
    field_confidence: Mapped[dict[str, float]] = mapped_column(server_default="{}")
    brand_id: Mapped[str | None] = mapped_column(String(12), ForeignKey("brands.id"))
    category_id: Mapped[str | None] = mapped_column(String(12), ForeignKey("product_categories.id"), index=True)
    owner_id: Mapped[str | None] = mapped_column(String(12), ForeignKey("organizations.id"))
    is_claimed: Mapped[bool] = mapped_column(Boolean, Computed("owner_id IS NOT NULL", persisted=True))
    claim_verification_status: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    resolver_enabled: Mapped[bool] = mapped_column(server_default=text("true"))  # false once a claim was released
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


Index("ix_products_name", func.lower(Product.product_name), Product.id)
Index("ix_products_created", Product.created, Product.id)
Index("ix_products_modified", Product.modified, Product.id)
Index("ix_products_confidence", Product.confidence_score, Product.id)
Index("ix_products_brand", Product.brand_id, func.lower(Product.product_name), Product.id)
Index("ix_products_owner", Product.owner_id, func.lower(Product.product_name), Product.id)
Index(
    "ix_products_name_trigrams",
    func.lower(Product.product_name).label("name"),
    postgresql_using="gin",
    postgresql_ops={"name": "gin_trgm_ops"},
)


class ProductImage(Identified, Base):
    """Each image is a statement of its own, and a product shows those of all sources (docs/decisions/0013)."""

    __tablename__ = "product_images"
    __table_args__ = (Index("ix_product_images_order", "product_id", text("is_primary DESC"), "priority", "id"),)
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    is_primary: Mapped[bool] = mapped_column(server_default=text("false"))
    priority: Mapped[int] = mapped_column(server_default="0")
    image_url: Mapped[str | None]
    thumbnail_url: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    data_source: Mapped[str] = mapped_column(server_default="imported")  # of what was loaded without a word about it
    confidence: Mapped[float] = mapped_column(server_default="0")
    stated_by_id: Mapped[str | None] = mapped_column(String(12))
    stated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Ingredient(Identified, Base):
    """`priority` is the place on the label, from 0."""

    __tablename__ = "ingredients"
    __table_args__ = (Index("ix_ingredients_order", "product_id", "priority", "id"),)
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"))
    name: Mapped[str]
    is_major_allergen: Mapped[bool] = mapped_column(server_default=text("false"))
    may_contain: Mapped[bool] = mapped_column(server_default=text("false"))
    priority: Mapped[int] = mapped_column(server_default="0")
    notes: Mapped[str] = mapped_column(server_default="")
    percentage: Mapped[float | None]
    origin: Mapped[str] = mapped_column(server_default="")


class NutritionFacts(Base):
    __tablename__ = "nutrition_facts"
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    serving_size: Mapped[str] = mapped_column(server_default="")
    label_format: Mapped[str]
    serving_size_g: Mapped[float | None]
    servings_per_container: Mapped[float | None]


class NutrientValue(Base):
    """One line of a nutrition panel; `priority` is its place, from 0."""

    __tablename__ = "nutrient_values"
    product_id: Mapped[str] = mapped_column(
        String(12), ForeignKey("nutrition_facts.product_id", ondelete="CASCADE"), primary_key=True
    )
    priority: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    amount: Mapped[float]
    unit: Mapped[str]
    daily_value_pct: Mapped[float | None]


class ProductFact(Base):
    """What one source says of one field of a product. The best of them is what the product's column shows, or the
    tables of ingredients or of nutrition.

    `value` is JSON in the field's own form; `stated_by` is the organization, for claimed and imported facts.
    """

    __tablename__ = "product_facts"
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    confidence: Mapped[float]
    stated_by: Mapped[str | None] = mapped_column(String(12))
    stated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ProductChange(Identified, Base):
    """History by field: what a product showed before and after."""

    __tablename__ = "product_history"
    __table_args__ = (Index("ix_product_history_order", "product_id", "created", "id"),)
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"))
    field: Mapped[str]
    old: Mapped[Any] = mapped_column(JSONB, nullable=True)
    new: Mapped[Any] = mapped_column(JSONB, nullable=True)
    source: Mapped[str]
    confidence: Mapped[float]
    organization_id: Mapped[str | None] = mapped_column(String(12))
    user_id: Mapped[str | None] = mapped_column(String(12))


class ReporterRelationship(Described):
    BRAND_REP = "brand_rep", "Works for the brand."
    LEGAL = "legal", "A lawyer."
    CONSUMER = "consumer", "Bought or uses the product."
    COMPETITOR = "competitor", "Works for a competitor."
    STAFF = "staff", "Works for the platform."
    OTHER = "other", "Somebody else."


class ReportStatus(Described):
    OPEN = "open", "Received; not weighty enough to be looked at by itself."
    UNDER_REVIEW = "under_review", "Together with others weighty enough: a person looks at it."
    RESOLVED = "resolved", "Decided."
    DISMISSED = "dismissed", "Looked at and found empty."


class ClaimReport(Identified, Base):
    """Somebody disputes who owns a product. The reporter is never shown to the claimant; the address weighs."""

    __tablename__ = "claim_reports"
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"), index=True)
    organization_id: Mapped[str | None] = mapped_column(String(12))  # who had claimed it then
    reporter_email: Mapped[str]
    reporter_relationship: Mapped[str]
    reporter_phone: Mapped[str] = mapped_column(server_default="")
    reporter_company: Mapped[str] = mapped_column(server_default="")
    supporting_url: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str]
    source_ip: Mapped[str]
    weight: Mapped[float]
    status: Mapped[str]
