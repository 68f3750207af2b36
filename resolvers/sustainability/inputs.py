"""What the owner of a product can say of what becomes of it. What an input leaves out is unknown."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.models.sustainability import (
    ComponentType,
    EndOfLifeType,
    ImpactType,
    PackagingLevel,
    RecyclabilityStatus,
    RecyclingStream,
)

Text = Annotated[str, Bounds(max_length=5000)]
Name = Annotated[str, Bounds(max_length=255)]
Grams = Annotated[float | None, Bounds(minimum=0, maximum=1e9)]
Percentage = Annotated[float | None, Bounds(minimum=0, maximum=100)]
Score = Annotated[float | None, Bounds(minimum=0, maximum=10)]
Url = Annotated[str, Bounds(max_length=2048, pattern=r"^(https?://[^\s<>\"]+)?$")]
Code = Annotated[str, Bounds(max_length=60, pattern="^([A-Z0-9][A-Z0-9_-]*)?$")]
Priority = Annotated[int, Bounds(minimum=0, maximum=10_000), Doc("Its place: smaller ones come first.")]
_REGION = "[A-Z]{2}(-[A-Z0-9]{1,3})?"
Regions = Annotated[
    str,
    Bounds(max_length=500, pattern=f"^({_REGION}( *, *{_REGION})*)?$"),
    Doc('Where it holds, as text: "US, CA, EU"; ISO 3166-1 alpha-2, ISO 3166-2, or EU. Empty: everywhere.'),
]


@dataclass(kw_only=True)
class RecyclabilityInput:
    status: Annotated[RecyclabilityStatus, Doc("Whether it can be recycled.")]
    recyclability_code: Annotated[Code, Doc("Code on the packaging, such as PET-1 (Decision 97/129/EC).")] = ""
    recyclability_percentage: Annotated[Percentage, Doc("How much of its weight can be recycled, in percent.")] = None
    recycling_stream: Annotated[RecyclingStream | None, Doc("What it is collected with.")] = None
    recycling_instructions: Annotated[Text, Doc("What people should do with it.")] = ""
    recycling_instructions_url: Annotated[Url, Doc("A page that shows how.")] = ""
    conditions: Annotated[Text, Doc("Under which conditions.")] = ""
    description: Annotated[Text, Doc("Remarks.")] = ""
    assessed_by: Annotated[Name, Doc("Who has assessed it.")] = ""
    assessment_date: Annotated[date | None, Doc("When.")] = None
    assessment_standard: Annotated[Code, Doc("By which standard, such as ISO_14021.")] = ""
    valid_regions: Regions = ""
    valid_until: Annotated[date | None, Doc("The last day on which the assessment holds.")] = None


@dataclass(kw_only=True)
class PackagingInput:
    packaging_type: Annotated[PackagingLevel, Doc("What it is around.")]
    description: Annotated[Text, Doc("What it is.")] = ""
    shape: Annotated[Name, Doc("Its form, such as bottle or tray.")] = ""
    material: Annotated[Code, Doc("Its material: GS1 PackagingMaterialTypeCode, such as POLYMER_PET.")] = ""
    quantity: Annotated[int, Bounds(minimum=1, maximum=100_000), Doc("How many of them there are.")] = 1
    is_recyclable: Annotated[bool | None, Doc("Whether it can be recycled.")] = None
    is_reusable: Annotated[bool | None, Doc("Whether it is made to be used again.")] = None
    weight_grams: Annotated[Grams, Doc("Weight of one of them, empty, in grams.")] = None
    recycled_content_percentage: Annotated[Percentage, Doc("Recycled material in it, in percent of its weight.")] = None
    recyclability: Annotated[RecyclabilityInput | None, Doc("Its assessment.")] = None


@dataclass(kw_only=True)
class ComponentInput:
    name: Annotated[Name, Bounds(min_length=1, max_length=255, pattern=r"\S"), Doc("What it is called.")]
    component_type: Annotated[ComponentType, Doc("What it is.")]
    is_separable: Annotated[bool, Doc("Whether people can take it off.")]
    description: Annotated[Text, Doc("More about it.")] = ""
    quantity: Annotated[float, Bounds(minimum=0, maximum=1e9), Doc("How many of them.")] = 1
    separation_instructions: Annotated[Text, Doc("How it is taken off.")] = ""
    weight_grams: Annotated[Grams, Doc("Weight of one of them in grams.")] = None
    priority: Priority = 0


@dataclass(kw_only=True)
class EndOfLifeInput:
    instruction_type: Annotated[EndOfLifeType, Doc("What should be done.")]
    description: Annotated[Text, Doc("How.")] = ""
    valid_regions: Regions = ""
    priority: Priority = 0
    collection_url: Annotated[Url, Doc("A page that names places of collection.")] = ""


@dataclass(kw_only=True)
class ImpactInput:
    impact_type: Annotated[ImpactType, Doc("What is measured.")]
    score_value: Annotated[float, Bounds(minimum=-1e12, maximum=1e12), Doc("How much; negative: it takes away.")]
    unit: Annotated[
        str,
        Bounds(min_length=2, max_length=3, pattern="^[A-Z0-9]{2,3}$"),
        Doc("Unit of it: code of UN/ECE Recommendation 20, such as KGM, LTR, KWH, or C62 for a bare number."),
    ]
    methodology_reference: Annotated[Text, Doc("How it was measured: a standard or study.")] = ""
    notes: Annotated[Text, Doc("Remarks, such as what the amount is for.")] = ""
    assessment_date: Annotated[date | None, Doc("When.")] = None


@dataclass(kw_only=True)
class CircularityInput:
    overall_score: Annotated[float, Bounds(minimum=0, maximum=10), Doc("How circular it is, 0 to 10.")]
    durability_score: Annotated[Score, Doc("How long it lasts, 0 to 10.")] = None
    recyclability_score: Annotated[Score, Doc("How well it can be recycled, 0 to 10.")] = None
    repairability_score: Annotated[Score, Doc("How well it can be repaired, 0 to 10.")] = None
    reusability_score: Annotated[Score, Doc("How well it can be used again, 0 to 10.")] = None
    methodology: Annotated[Text, Doc("How it was assessed.")] = ""
    assessment_date: Annotated[date | None, Doc("When.")] = None
