"""What becomes of a product and its packaging."""

from datetime import date as Date

import strawberry

from closient_gql.core.models import sustainability as models
from closient_gql.core.models.products import DataSource
from closient_gql.core.models.sustainability import (
    ComponentType,
    EndOfLifeType,
    GradeScheme,
    ImpactType,
    PackagingLevel,
    RecyclabilityStatus,
    RecyclingStream,
)
from resolvers.sustainability import inputs, queries
from schema.declare import adopt_enum, adopt_input, column, relation, value

adopt_enum(PackagingLevel, "What packaging is around.")
adopt_enum(RecyclabilityStatus, "Whether packaging can be recycled.")
adopt_enum(RecyclingStream, "What a material is collected with.")
adopt_enum(ComponentType, "What a part of a product is.")
adopt_enum(EndOfLifeType, "What should be done with a product that is not used any more.")
adopt_enum(ImpactType, "What is measured of the impact on the environment.")
adopt_enum(GradeScheme, "A public scheme that gives grades to products.")
adopt_input(inputs.RecyclabilityInput, "RecyclabilityInput", "How far packaging can be recycled.")
adopt_input(inputs.PackagingInput, "PackagingInput", "A piece of packaging, whole: what is left out is unknown.")
adopt_input(inputs.ComponentInput, "ComponentInput", "A part of a product, whole.")
adopt_input(inputs.EndOfLifeInput, "EndOfLifeInput", "What should be done with a product at its end, whole.")
adopt_input(inputs.ImpactInput, "EnvironmentalImpactInput", "An impact on the environment, whole.")
adopt_input(inputs.CircularityInput, "CircularityInput", "How circular a product is, whole.")


@value(models.Recyclability, says="How far packaging can be recycled, as somebody has assessed it.")
class Recyclability:
    status: RecyclabilityStatus = column("Whether it can be recycled.")
    recyclability_code: str = column("Code on the packaging, such as PET-1 (Decision 97/129/EC); empty if unknown.")
    recyclability_percentage: float | None = column("How much of its weight can be recycled, in percent.")
    recycling_stream: RecyclingStream | None = column("What it is collected with.")
    recycling_instructions: str = column("What people should do with it; empty if nothing is said.")
    recycling_instructions_url: str = column("A page that shows how; empty if there is none.")
    conditions: str = column("Under which conditions; empty for none.")
    description: str = column("Remarks; empty for none.")
    assessed_by: str = column("Who has assessed it; empty if unknown.")
    assessment_date: Date | None = column("When it was assessed.")
    assessment_standard: str = column("By which standard, such as ISO_14021; empty if unknown.")
    valid_regions: str = column('Where it holds, such as "US, CA, EU"; empty: everywhere.')
    valid_until: Date | None = column("The last day on which it holds; null: without end.")


@value(models.Packaging, says="A piece of packaging.")
class Packaging:
    id: strawberry.ID = column("Id of the piece of packaging.")
    packaging_type: PackagingLevel = column("What it is around.")
    description: str = column("What it is; empty if nothing is said.")
    shape: str = column("Its form, such as bottle or tray; empty if unknown.")
    material: str = column("Its material: GS1 PackagingMaterialTypeCode, such as POLYMER_PET; empty if unknown.")
    quantity: int = column("How many of them there are.")
    is_recyclable: bool | None = column("Whether it can be recycled; null: unknown.")
    is_reusable: bool | None = column("Whether it is made to be used again; null: unknown.")
    weight_grams: float | None = column("Weight of one of them, empty, in grams; null: unknown.")
    recycled_content_percentage: float | None = column("Recycled material in it, in percent of its weight.")
    data_source: DataSource = column("Who says so.")
    recyclability: Recyclability | None = relation(queries.assessments_of, "Its assessment; null: there is none.")


@value(models.Component, says="A part of a product.")
class Component:
    id: strawberry.ID = column("Id of the part.")
    name: str = column("What it is called.")
    description: str = column("More about it; empty if nothing is said.")
    quantity: float = column("How many of them.")
    component_type: ComponentType = column("What it is.")
    is_separable: bool = column("Whether people can take it off.")
    separation_instructions: str = column("How it is taken off; empty if nothing is said.")
    weight_grams: float | None = column("Weight of one of them in grams; null: unknown.")
    priority: int = column("Its place: smaller ones come first.")


@value(models.EndOfLife, says="What should be done with a product that is not used any more.")
class EndOfLifeInstruction:
    id: strawberry.ID = column("Id of the instruction.")
    instruction_type: EndOfLifeType = column("What should be done.")
    description: str = column("How; empty if nothing is said.")
    valid_regions: str = column('Where it holds, such as "US, CA, EU"; empty: everywhere.')
    priority: int = column("Its place: smaller ones come first.")
    collection_url: str = column("A page that names places of collection; empty if there is none.")


@value(models.EnvironmentalImpact, says="One impact of a product on the environment.")
class EnvironmentalImpact:
    id: strawberry.ID = column("Id of the impact.")
    impact_type: ImpactType = column("What is measured.")
    score_value: float = column("How much, in the unit.")
    unit: str = column("Unit of it: code of UN/ECE Recommendation 20, such as KGM; C62 for a bare number.")
    methodology_reference: str = column("How it was measured; empty if unknown.")
    notes: str = column("Remarks, such as what the amount is for; empty for none.")
    assessment_date: Date | None = column("When it was assessed; null: unknown.")
    data_source: DataSource = column("Who says so.")


@value(models.Circularity, says="How circular a product is, as somebody has assessed it.")
class Circularity:
    assessment_date: Date | None = column("When it was assessed; null: unknown.")
    methodology: str = column("How it was assessed; empty if unknown.")
    overall_score: float = column("How circular it is, 0 to 10.")
    durability_score: float | None = column("How long it lasts, 0 to 10; null: not assessed.")
    recyclability_score: float | None = column("How well it can be recycled, 0 to 10; null: not assessed.")
    repairability_score: float | None = column("How well it can be repaired, 0 to 10; null: not assessed.")
    reusability_score: float | None = column("How well it can be used again, 0 to 10; null: not assessed.")


@value(models.ProductGrade, says="A grade that a public scheme gives to a product.")
class ProductGrade:
    scheme: GradeScheme = column("The scheme.")
    grade: str = column("The grade, in the scheme's own words.")
    value: float | None = column("The number behind the grade; null: none is published.")
    data_source: DataSource = column("Who says so.")


@value(queries.Sustainability, says="What becomes of a product: what is not known is null or empty, never absent.")
class Sustainability:
    packaging: list[Packaging] = relation(queries.packaging_of, "Packaging, from the inside outwards.", size=3)
    components: list[Component] = relation(queries.components_of, "Parts, by priority, then by name.", size=3)
    end_of_life_instructions: list[EndOfLifeInstruction] = relation(
        queries.end_of_life_of, "What to do with it at its end, by priority, then by type.", size=3
    )
    environmental_impacts: list[EnvironmentalImpact] = relation(queries.impacts_of, "Its impacts, by type.", size=3)
    circularity: Circularity | None = relation(queries.circularity_of, "How circular it is; null: not assessed.")
    recyclability: Recyclability | None = relation(
        queries.best_of,
        "The assessment of its best packaging: that with the highest percentage; null: none is assessed.",
    )
    grades: list[ProductGrade] = relation(queries.grades_of, "Grades of public schemes.", size=3)
