"""Products and what is printed on them."""

from datetime import datetime

import strawberry

from closient_gql.core.countries import Country
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models import products as models
from closient_gql.core.models.products import ClaimVerificationStatus, DataSource, LabelFormat, NutrientUnit
from resolvers.brands.queries import brands_by_id
from resolvers.products import lookup, queries, relations
from schema.brands.types import Brand
from schema.declare import adopt_enum, column, entity, reference, relation, value
from schema.scalars import Confidences
from schema.shared import Connection

adopt_enum(DataSource, "Where data comes from.")
adopt_enum(ClaimVerificationStatus, "What is known of a claim of ownership.")
adopt_enum(LabelFormat, "The law that a nutrition panel follows.")
adopt_enum(NutrientUnit, "Unit of a nutrient's amount.")
adopt_enum(lookup.LookupStatus, "What a code came to.")
adopt_enum(queries.ProductOrder, "How products are sorted.")
UOM = "UN/ECE Recommendation 20 code, such as CMT or GRM; empty if unknown."


@entity(models.ProductCategory, keys={"id": queries.categories_by_id}, says="A category of products, part of a tree.")
class ProductCategory:
    id: strawberry.ID = column("Id of the category.")
    slug: str = column("Short name in lower case, unique.")
    name: str = column("Name for people, in English.")
    parent: "ProductCategory | None" = reference("parent_id", queries.categories_by_id, "The category above it.")


@entity(models.ProductImage, keys={"id": relations.images_by_id}, says="A picture of a product.")
class ProductImage:
    id: strawberry.ID = column("Id of the image.")
    title: str = column("What it shows; empty if unknown.")
    description: str = column("What it shows, for people who do not see it; empty if unknown.")
    is_primary: bool = column("Whether it is the one that stands for the product.")
    priority: int = column("Place among the others, from 0.")
    image_url: str | None = column("Address of the image.")
    thumbnail_url: str | None = column("Address of a small version.")
    width: int | None = column("Pixels.")
    height: int | None = column("Pixels.")
    created: datetime = column("When it was first known.")


@entity(
    models.Ingredient, keys={"id": relations.ingredients_by_id}, says="One line of a product's list of ingredients."
)
class Ingredient:
    id: strawberry.ID = column("Id of the line.")
    name: str = column("Name as on the label.")
    is_major_allergen: bool = column("Whether it is one of the allergens that law demands to be named.")
    may_contain: bool = column("True for traces: named after the list, not part of it.")
    priority: int = column("Place on the label, from 0.")
    notes: str = column("What the label adds; empty if nothing.")
    percentage: float | None = column("Share of the product in percent, where it is stated.")
    origin: str = column("Where it comes from, as on the label; empty if not stated.")


@value(models.NutrientValue, says="One line of a nutrition panel.")
class NutrientValue:
    name: str = column("Name as on the panel.")
    amount: float = column("Amount in the unit, for one serving or as the panel's format says.")
    unit: NutrientUnit = column("Unit of the amount.")
    daily_value_pct: float | None = column("Percent of the daily value, where the format has one.")


@value(models.NutritionFacts, says="A nutrition panel.")
class NutritionFacts:
    serving_size: str = column("What amounts refer to, as on the label.")
    label_format: LabelFormat = column("The law that the panel follows.")
    serving_size_g: float | None = column("The same in grams.")
    servings_per_container: float | None = column("May be a fraction.")
    nutrients: list[NutrientValue] = relation(relations.nutrients_of, "In label order.", size=25)


@entity(
    models.Product,
    keys={"id": queries.products_by_id, "gtin": queries.products_by_gtin},
    says="A trade item, identified by its GTIN (GS1 General Specifications, 2.1).",
)
class Product:
    id: strawberry.ID = column("Id of the product.")
    gtin: Gtin = column("Its GTIN, as 14 digits.")
    product_name: str = column("Name as people read it on the package; empty if unknown.")
    description: str = column("What it is; empty if unknown.")
    manufacturer: str = column("Who makes it; empty if unknown.")
    image_url: str = column("Address of its primary image; empty if there is none.")
    country_of_origin: Country | None = column("Where it was made.")
    countries_sold: list[Country] = column("Where it is sold.")
    primary_language: str = column("Language of its texts: ISO 639-1; empty if unknown.")
    net_content: str = column("Net content as on the package, such as 350 g; empty if unknown.")
    net_content_value: float | None = column("Net content as a number, in netContentUom.")
    net_content_uom: str | None = column("Unit of the net content: UN/ECE Recommendation 20 code, such as GRM or MLT.")
    usage_instructions: str = column("How it is used; empty if unknown.")
    brand_product_page_url: str = column("Its page on the brand's site; empty if unknown.")
    ai_summary: str = column("A summary written by a model; empty if there is none.")
    length: float | None = column("Length of the package, in lengthUom.")
    length_uom: str = column(UOM)
    width: float | None = column("Width of the package, in widthUom.")
    width_uom: str = column(UOM)
    height: float | None = column("Height of the package, in heightUom.")
    height_uom: str = column(UOM)
    depth: float | None = column("Depth of the package, in depthUom.")
    depth_uom: str = column(UOM)
    gross_weight: float | None = column("Weight with packaging, in grossWeightUom.")
    gross_weight_uom: str = column(UOM)
    net_weight: float | None = column("Weight without packaging, in netWeightUom.")
    net_weight_uom: str = column(UOM)
    gpc_brick_code: str = column("GS1 Global Product Classification: brick; empty if unknown.")
    gpc_class_code: str = column("GS1 Global Product Classification: class; empty if unknown.")
    gpc_family_code: str = column("GS1 Global Product Classification: family; empty if unknown.")
    gpc_segment_code: str = column("GS1 Global Product Classification: segment; empty if unknown.")
    labels: list[str] = column("Labels on the package as slugs, such as organic, as the source names them.")
    data_source: DataSource = column("Where its data comes from.")
    confidence_score: float = column("How sure the data is as a whole: 0 to 1.")
    field_confidence: Confidences = column("How sure each field is.")
    is_claimed: bool = column("Whether an organization has claimed it.")
    owner_id: strawberry.ID | None = column("Id of the organization that claimed it.")
    claim_verification_status: ClaimVerificationStatus | None = column("What is known of that claim; null: no claim.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was first known.")
    modified: datetime = column("When it last changed.")
    brand: Brand | None = reference("brand_id", brands_by_id, "Its brand.")
    category: ProductCategory | None = reference("category_id", queries.categories_by_id, "Its most exact category.")
    images: Connection[ProductImage] = relation(relations.images_of, "Its images, primary first, then by priority.")
    all_images: list[ProductImage] = relation(relations.all_images_of, "The same, unpaged.", size=10)
    ingredients: Connection[Ingredient] = relation(relations.ingredients_of, "Its ingredients in label order.")
    all_ingredients: list[Ingredient] = relation(relations.all_ingredients_of, "The same, unpaged.", size=25)
    nutrition: NutritionFacts | None = relation(relations.nutrition_of, "Its nutrition panel.")


@value(lookup.ProductLookup, says="What one code of a bulk look-up came to.")
class ProductLookup:
    code: str = column("The code as it was given.")
    status: lookup.LookupStatus = column("What it came to.")
    gtin: Gtin | None = column("The GTIN that it says, as 14 digits.")
    product: Product | None = column("The product, if there is one.")
    message: str | None = column("What is wrong with the code, in words.")
