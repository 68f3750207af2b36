"""What can be said of a product when it is made or changed."""

from dataclasses import dataclass
from typing import Annotated

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models.products import LabelFormat, NutrientUnit, ReporterRelationship
from resolvers.products.fields import BY_REST_NAME, LONG
from resolvers.products.printed import MOST_INGREDIENTS, MOST_NUTRIENTS

MOST_IMAGES = 100
Name = Annotated[str, Bounds(max_length=255), Doc("Name as people read it on the package.")]
Text = Annotated[str, Bounds(max_length=LONG), Doc("What it is.")]
Origin = Annotated[
    str,
    Bounds(max_length=2, pattern="^([A-Za-z]{2})?$"),
    Doc("Where it was made: ISO 3166-1 alpha-2; empty if unknown."),
]
NetContent = Annotated[
    str,
    Bounds(max_length=100),
    Doc("Net content as on the package, such as 350 g. Value and unit are read from it where it plainly says them."),
]
Metadata = Annotated[
    dict[str, str] | None,
    Doc("Merged: keys that are not named stay, an empty value removes its key, {} or null clears all."),
]
LabelText = Annotated[
    str,
    Bounds(max_length=LONG),
    Doc("The list as on the label, such as: Sugar, chocolate 20% (cocoa mass, milk), salt. May contain nuts."),
]
Organization = Annotated[
    Id | None, Doc("The organization that the caller acts for; can be left out by who belongs to one only.")
]
GtinOf = Annotated[Gtin, Doc("GTIN in any form.")]
PlainGtin = Annotated[
    Gtin,
    Bounds(min_length=8, max_length=14, pattern="^[0-9]{8,14}$"),
    Doc("GTIN of 8, 12, 13 or 14 digits, without separators."),
]
FieldName = Annotated[
    str,
    Bounds(pattern=f"^({'|'.join(BY_REST_NAME)})$"),
    Doc("A field of products, by its REST name, such as net_content."),
]


@dataclass(kw_only=True)
class OrganizationRef:
    organization_id: Organization = None


@dataclass(kw_only=True)
class ProductCreate:
    gtin: Annotated[Gtin, Doc("Its GTIN, in any form.")]
    metadata: Metadata = ABSENT
    organization_id: Organization = None
    product_name: Name = ""
    description: Text = ""
    country_of_origin: Origin = ""
    net_content: NetContent = ""
    ingredients: Annotated[LabelText | None, Doc("The list of ingredients as on the label; it is taken apart.")] = None


@dataclass(kw_only=True)
class ProductPatch:
    """Null means: as it is. An empty text says that there is none."""

    metadata: Metadata = ABSENT
    product_name: Name | None = None
    brand: Annotated[
        str | None,
        Bounds(max_length=255),
        Doc("Name of a brand of the same organization, without regard to case; it is made if there is none."),
    ] = None
    description: Text | None = None
    manufacturer: Annotated[str | None, Bounds(max_length=255), Doc("Who makes it.")] = None
    country_of_origin: Origin | None = None
    net_content: NetContent | None = None
    usage_instructions: Annotated[str | None, Bounds(max_length=LONG), Doc("How it is used.")] = None
    brand_product_page_url: Annotated[
        str | None, Bounds(max_length=2048, pattern=r"^(https?://[^\s/?#]+\S*)?$"), Doc("Its page on the brand's site.")
    ] = None
    primary_language: Annotated[
        str | None,
        Bounds(max_length=10, pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,6})?)?$"),
        Doc("Language of its texts: ISO 639-1."),
    ] = None
    organization_id: Organization = None


@dataclass(kw_only=True)
class ClaimReportIn:
    reporter_email: Annotated[
        str,
        Bounds(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$"),
        Doc("Where the reporter can be reached. Never shown to who claimed the product."),
    ]
    reporter_relationship: Annotated[ReporterRelationship, Doc("How the reporter stands to the product.")]
    reason: Annotated[str, Bounds(min_length=10, max_length=5000, pattern=r"\S"), Doc("What is wrong with the claim.")]
    reporter_phone: Annotated[str, Bounds(max_length=32), Doc("Telephone number.")] = ""
    reporter_company: Annotated[str, Bounds(max_length=255), Doc("Whom the reporter speaks for.")] = ""
    supporting_url: Annotated[
        str, Bounds(max_length=2000, pattern=r"^(https?://\S+)?$"), Doc("A page that shows it.")
    ] = ""


@dataclass(kw_only=True)
class NutrientLine:
    name: Annotated[str, Bounds(min_length=1, max_length=100, pattern=r"\S"), Doc("Name as on the panel.")]
    amount: Annotated[float, Bounds(minimum=0, maximum=1e9), Doc("Amount in the unit.")]
    unit: Annotated[NutrientUnit, Doc("Unit of the amount.")]
    daily_value_pct: Annotated[
        float | None, Bounds(minimum=0, maximum=1e6), Doc("Percent of the daily value, where the format has one.")
    ] = None


@dataclass(kw_only=True)
class NutritionPanel:
    serving_size: Annotated[str, Bounds(max_length=255), Doc("What amounts refer to, as on the label.")]
    label_format: Annotated[LabelFormat, Doc("The law that the panel follows.")]
    nutrients: Annotated[
        list[NutrientLine], Bounds(min_length=1, max_length=MOST_NUTRIENTS), Doc("The lines, in label order.")
    ]
    serving_size_g: Annotated[float | None, Bounds(minimum=0, maximum=1e9), Doc("The serving in grams.")] = None
    servings_per_container: Annotated[
        float | None, Bounds(minimum=0, maximum=1e9), Doc("Servings in one package; may be fractional.")
    ] = None


@dataclass(kw_only=True)
class IngredientLine:
    name: Annotated[str, Bounds(min_length=1, max_length=255, pattern=r"\S"), Doc("Name as on the label.")]
    is_major_allergen: Annotated[
        bool | None, Doc("Whether law demands that it be named; if nothing is said, its name decides.")
    ] = None
    may_contain: Annotated[bool, Doc("True for traces: named after the list, not part of it.")] = False
    notes: Annotated[str, Bounds(max_length=255), Doc("What the label adds.")] = ""
    percentage: Annotated[
        float | None, Bounds(minimum=0, maximum=100), Doc("Share of the product in percent, where it is stated.")
    ] = None
    origin: Annotated[str, Bounds(max_length=255), Doc("Where it comes from, as on the label.")] = ""


@dataclass(kw_only=True)
class IngredientList:
    """One of the two."""

    ingredients: Annotated[
        list[IngredientLine] | None, Bounds(max_length=MOST_INGREDIENTS), Doc("The lines, in label order.")
    ] = None
    text: LabelText | None = None
