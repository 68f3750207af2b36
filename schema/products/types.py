"""Products and what is printed on them."""

from datetime import datetime

import strawberry

from closient_gql.core.countries import Country
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models import products as models
from closient_gql.core.models.products import (
    ClaimVerificationStatus,
    DataSource,
    LabelFormat,
    NutrientUnit,
    ReporterRelationship,
    ReportStatus,
)
from resolvers.products import claims, inputs, lookup, provenance, queries, relations, stated
from schema.brands.types import Brand
from schema.declare import adopt_enum, adopt_input, column, entity, reference, relation, value
from schema.scalars import Confidences
from schema.shared import Connection

adopt_enum(DataSource, "Where data comes from.")
adopt_enum(ClaimVerificationStatus, "What is known of a claim of ownership.")
adopt_enum(LabelFormat, "The law that a nutrition panel follows.")
adopt_enum(NutrientUnit, "Unit of a nutrient's amount.")
adopt_enum(lookup.LookupStatus, "What a code came to.")
adopt_enum(queries.ProductOrder, "How products are sorted.")
adopt_enum(ReporterRelationship, "How somebody who disputes a claim stands to the product.")
adopt_enum(ReportStatus, "What became of a report.")
adopt_input(inputs.OrganizationRef, "OrganizationRefInput", "The organization that the caller acts for.")
adopt_input(inputs.ProductCreate, "ProductCreateInput", "A product that is to be made and claimed.")
adopt_input(inputs.ProductPatch, "ProductPatchInput", "What is to change of a product. Null means: as it is.")
adopt_input(inputs.ClaimReportIn, "ClaimReportInput", "A dispute of who owns a product.")
adopt_input(inputs.NutrientLine, "NutrientInput", "One line of a nutrition panel.")
adopt_input(inputs.NutritionPanel, "NutritionFactsInput", "A whole nutrition panel.")
adopt_input(inputs.IngredientLine, "IngredientInput", "One line of a list of ingredients.")
adopt_input(inputs.IngredientList, "IngredientsInput", "A whole list of ingredients: its lines, or the label's text.")
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
    source: DataSource = relation(
        provenance.sources_of_images,
        "Who says that it is an image of the product. What a former owner said is imported.",
    )
    stated_at: datetime = column("When it was said, or first known here.")
    stated_by_id: strawberry.ID | None = column("Id of the organization that said it, if one did.")
    confidence: float = column("How sure it is: 0 to 1.")


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


@value(provenance.StatedFact, says="What one source says of one field of a product.")
class ProductFact:
    field: str = column("The field, by its REST name, such as net_content, ingredients or images.")
    value: str | None = relation(
        provenance.facts_as_text,
        "What it says, as text: a brand by its name, lists with commas, a panel line by line. Null: there is none.",
    )
    source: DataSource = column("Who says so. What a former owner said is imported.")
    stated_at: datetime = column("When it was said, or first known here.")
    stated_by_id: strawberry.ID | None = column("Id of the organization that said it, if one did.")
    confidence: float = column("How sure it is: 0 to 1.")
    is_shown: bool = column("Whether it is what the product shows.")


@value(models.ProductChange, says="A change of what a product shows of one field.")
class FieldChange:
    id: strawberry.ID = column("Id of the change.")
    field: str = relation(provenance.fields_changed, "The field, by its REST name, such as net_content.")
    old: str | None = relation(provenance.before_as_text, "What it showed before, as text. Null: nothing.")
    new: str | None = relation(provenance.after_as_text, "What it shows since then, as text. Null: nothing.")
    source: DataSource = column("Whose statement is shown since then.")
    confidence: float = column("How sure that is: 0 to 1.")
    organization_id: strawberry.ID | None = column("Id of the organization whose statement made the change.")
    created: datetime = column("When it changed.")


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
    claimed_at: datetime | None = column("When it was claimed; null: no claim.")
    resolver_enabled: bool = column("Whether its Digital Link resolves; false once a claim was released.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was first known.")
    modified: datetime = column("When it last changed.")
    brand: Brand | None = relation(stated.brands_of, "Its brand.", reads=["brand_id"])
    category: ProductCategory | None = relation(stated.categories_of, "Its most exact category.", reads=["category_id"])
    images: Connection[ProductImage] = relation(
        relations.images_of, "Its images, primary first, then by priority.", reads=["id"]
    )
    all_images: list[ProductImage] = relation(relations.all_images_of, "The same, unpaged.", reads=["id"], size=10)
    ingredients: Connection[Ingredient] = relation(
        relations.ingredients_of, "Its ingredients in label order.", reads=["id"]
    )
    all_ingredients: list[Ingredient] = relation(
        relations.all_ingredients_of, "The same, unpaged.", reads=["id"], size=25
    )
    nutrition: NutritionFacts | None = relation(relations.nutrition_of, "Its nutrition panel.", reads=["id"])
    facts: list[ProductFact] = relation(
        provenance.facts_of,
        "What every source says of its fields; the product shows the best.",
        size=50,
    )
    owner_stated: "Product" = relation(
        stated.owner_stated_of,
        "The product as its owner states it: every field that the owner does not state is null or empty, and so is all"
        " that the owner has not stated of what belongs to it. Of brand and category there is the name.",
    )
    history: Connection[FieldChange] = relation(
        provenance.history_of, "What its fields showed before, newest change first.", reads=["id"]
    )


@value(lookup.ProductLookup, says="What one code of a bulk look-up came to.")
class ProductLookup:
    code: str = column("The code as it was given.")
    status: lookup.LookupStatus = column("What it came to.")
    gtin: Gtin | None = column("The GTIN that it says, as 14 digits.")
    product: Product | None = column("The product, if there is one.")
    message: str | None = column("What is wrong with the code, in words.")


@value(claims.Receipt, says="What a claim of a product came to.")
class ProductClaimReceipt:
    gtin: Gtin = column("The product's GTIN, as 14 digits.")
    owner_id: strawberry.ID = column("Id of the organization that owns the product now.")
    claimed_at: datetime = column("Since when.")
    claim_verification_status: ClaimVerificationStatus = column("What is known of the claim: at first nothing.")
    message: str = column("What it means, in words.")
    product: Product = column("The product.")


@value(claims.Report, says="What somebody who disputes a claim is told.")
class ClaimReport:
    id: strawberry.ID = column("Id of the report.")
    gtin: Gtin = column("The product's GTIN, as 14 digits.")
    message: str = column("What happens now, in words.")
    status: ReportStatus = column("Whether it waits for others or is looked at.")
