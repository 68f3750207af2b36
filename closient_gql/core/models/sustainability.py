"""What becomes of a product and its packaging: packaging, parts, disposal, impacts, circularity, grades."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.base import Base, Identified
from closient_gql.core.models.products import Product  # noqa: F401  everything here is about products


class PackagingLevel(Described):
    """ISO 21067-1; Regulation (EU) 2025/40, article 3."""

    PRIMARY = "PRIMARY", "Around the product itself: what a consumer buys."
    SECONDARY = "SECONDARY", "Around several of them: a multipack, a shelf-ready tray."
    TERTIARY = "TERTIARY", "For handling and transport: pallets, stretch film."


class RecyclabilityStatus(Described):
    WIDELY_RECYCLABLE = "WIDELY_RECYCLABLE", "Most people can have it recycled where they live."
    CHECK_LOCALLY = "CHECK_LOCALLY", "Recycled in some places only."
    STORE_DROP_OFF = "STORE_DROP_OFF", "Recycled if it is brought to a collection point."
    COMPOSTABLE = "COMPOSTABLE", "Not recycled, but composted."
    NOT_YET_RECYCLABLE = "NOT_YET_RECYCLABLE", "Hardly anywhere recycled today."
    NOT_RECYCLABLE = "NOT_RECYCLABLE", "Cannot be recycled."
    UNKNOWN = "UNKNOWN", "Assessed without a result."


class RecyclingStream(Described):
    PLASTIC_PET = "PLASTIC_PET", "Polyethylene terephthalate (1)."
    PLASTIC_HDPE = "PLASTIC_HDPE", "High-density polyethylene (2)."
    PLASTIC_PVC = "PLASTIC_PVC", "Polyvinyl chloride (3)."
    PLASTIC_LDPE = "PLASTIC_LDPE", "Low-density polyethylene, mostly film (4)."
    PLASTIC_PP = "PLASTIC_PP", "Polypropylene (5)."
    PLASTIC_PS = "PLASTIC_PS", "Polystyrene (6)."
    PLASTIC_OTHER = "PLASTIC_OTHER", "Other plastics (7)."
    PAPER = "PAPER", "Paper."
    CARDBOARD = "CARDBOARD", "Cardboard and paperboard."
    CARTON = "CARTON", "Beverage cartons and other composites of paper."
    GLASS = "GLASS", "Glass of any colour."
    STEEL = "STEEL", "Steel and tinplate."
    ALUMINIUM = "ALUMINIUM", "Aluminium."
    WOOD = "WOOD", "Wood and cork."
    TEXTILE = "TEXTILE", "Textiles."
    ORGANIC = "ORGANIC", "What is composted or digested."
    ELECTRONICS = "ELECTRONICS", "Electrical and electronic equipment."
    BATTERY = "BATTERY", "Batteries and accumulators."
    OTHER = "OTHER", "Another stream."


class ComponentType(Described):
    PRODUCT_BODY = "PRODUCT_BODY", "The product itself, or its main part."
    CLOSURE = "CLOSURE", "A cap, lid or valve."
    HANDLE = "HANDLE", "What it is held by."
    LABEL = "LABEL", "A label or sleeve."
    BATTERY = "BATTERY", "A battery or accumulator."
    ELECTRONICS = "ELECTRONICS", "Electronics."
    TEXTILE = "TEXTILE", "A textile part."
    REFILL = "REFILL", "A part that is replaced in use."
    ACCESSORY = "ACCESSORY", "A part that comes with it."
    OTHER = "OTHER", "Another part."


class EndOfLifeType(Described):
    REUSE = "REUSE", "Use it again."
    REFILL = "REFILL", "Have it filled again."
    REPAIR = "REPAIR", "Have it repaired."
    DONATE = "DONATE", "Give it to somebody."
    RETURN = "RETURN", "Bring it back, against a deposit or to the maker."
    RECYCLE = "RECYCLE", "Put it where its material is collected."
    COMPOST = "COMPOST", "Put it into the compost or organic waste."
    HAZARDOUS_WASTE = "HAZARDOUS_WASTE", "Bring it to a collection of hazardous waste."
    DISPOSE = "DISPOSE", "Put it into the residual waste."
    OTHER = "OTHER", "What the description says."


class ImpactType(Described):
    CARBON_FOOTPRINT = "CARBON_FOOTPRINT", "Greenhouse gases, as the same warming by CO2."
    WATER_USE = "WATER_USE", "Water used."
    ENERGY_USE = "ENERGY_USE", "Energy used."
    WASTE = "WASTE", "Waste made."
    LAND_USE = "LAND_USE", "Land occupied or changed."
    ACIDIFICATION = "ACIDIFICATION", "Acidification of soil and water."
    EUTROPHICATION = "EUTROPHICATION", "Too many nutrients in soil and water."
    BIODIVERSITY = "BIODIVERSITY", "What it does to the variety of species."
    SINGLE_SCORE = "SINGLE_SCORE", "All impacts, weighted into one number; more is worse."
    ENVIRONMENTAL_SCORE = "ENVIRONMENTAL_SCORE", "A rating, 0 to 100 and more with a bonus; more is better."
    OTHER = "OTHER", "What the notes say."


class GradeScheme(Described):
    NUTRI_SCORE = "NUTRI_SCORE", "Nutri-Score: nutritional quality, a (best) to e."
    NOVA = "NOVA", "NOVA: how far a food is processed, 1 (not) to 4 (ultra-processed)."
    ECO_SCORE = "ECO_SCORE", "Environmental score of Open Food Facts, a-plus (best) to f."


def product_id() -> MappedColumn[str]:
    return mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"), index=True)


class Packaging(Identified, Base):
    """One piece of packaging; `material` is a code of GS1's PackagingMaterialTypeCode."""

    __tablename__ = "product_packaging"
    __table_args__ = (
        CheckConstraint("weight_grams >= 0", name="weight"),
        CheckConstraint("recycled_content_percentage BETWEEN 0 AND 100", name="recycled"),
    )
    product_id: Mapped[str] = product_id()
    packaging_type: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    shape: Mapped[str] = mapped_column(server_default="")
    material: Mapped[str] = mapped_column(server_default="")
    quantity: Mapped[int] = mapped_column(server_default="1")
    is_recyclable: Mapped[bool | None]
    is_reusable: Mapped[bool | None]
    weight_grams: Mapped[float | None]
    recycled_content_percentage: Mapped[float | None]
    data_source: Mapped[str] = mapped_column(server_default="claimed")


class Recyclability(Base):
    """The assessment of one piece of packaging."""

    __tablename__ = "packaging_recyclability"
    __table_args__ = (
        CheckConstraint("recyclability_percentage BETWEEN 0 AND 100", name="percentage"),
        CheckConstraint("valid_until >= assessment_date", name="validity"),
    )
    packaging_id: Mapped[str] = mapped_column(
        String(12), ForeignKey("product_packaging.id", ondelete="CASCADE"), primary_key=True
    )
    status: Mapped[str]
    recyclability_code: Mapped[str] = mapped_column(server_default="")
    recyclability_percentage: Mapped[float | None]
    recycling_stream: Mapped[str | None]
    recycling_instructions: Mapped[str] = mapped_column(server_default="")
    recycling_instructions_url: Mapped[str] = mapped_column(server_default="")
    conditions: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    assessed_by: Mapped[str] = mapped_column(server_default="")
    assessment_date: Mapped[date | None]
    assessment_standard: Mapped[str] = mapped_column(server_default="")
    valid_regions: Mapped[str] = mapped_column(server_default="")
    valid_until: Mapped[date | None]


class Component(Identified, Base):
    __tablename__ = "product_components"
    __table_args__ = (CheckConstraint("weight_grams >= 0 AND quantity >= 0", name="amounts"),)
    product_id: Mapped[str] = product_id()
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    quantity: Mapped[float] = mapped_column(server_default="1")
    component_type: Mapped[str]
    is_separable: Mapped[bool]
    separation_instructions: Mapped[str] = mapped_column(server_default="")
    weight_grams: Mapped[float | None]
    priority: Mapped[int] = mapped_column(server_default="0")


class EndOfLife(Identified, Base):
    __tablename__ = "end_of_life_instructions"
    product_id: Mapped[str] = product_id()
    instruction_type: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    valid_regions: Mapped[str] = mapped_column(server_default="")
    priority: Mapped[int] = mapped_column(server_default="0")
    collection_url: Mapped[str] = mapped_column(server_default="")


class EnvironmentalImpact(Identified, Base):
    """`unit` is a code of UN/ECE Recommendation 20."""

    __tablename__ = "environmental_impacts"
    product_id: Mapped[str] = product_id()
    impact_type: Mapped[str]
    score_value: Mapped[float]
    unit: Mapped[str]
    methodology_reference: Mapped[str] = mapped_column(server_default="")
    notes: Mapped[str] = mapped_column(server_default="")
    assessment_date: Mapped[date | None]
    data_source: Mapped[str] = mapped_column(server_default="claimed")


class Circularity(Base):
    """One assessment of a product; scores from 0 to 10."""

    __tablename__ = "product_circularity"
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    assessment_date: Mapped[date | None]
    methodology: Mapped[str] = mapped_column(server_default="")
    overall_score: Mapped[float]
    durability_score: Mapped[float | None]
    recyclability_score: Mapped[float | None]
    repairability_score: Mapped[float | None]
    reusability_score: Mapped[float | None]


class ProductGrade(Base):
    """A grade that a public scheme gives to a product. `value` is the number behind it, where one is published."""

    __tablename__ = "product_grades"
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    scheme: Mapped[str] = mapped_column(primary_key=True)
    grade: Mapped[str]
    value: Mapped[float | None]
    data_source: Mapped[str]
