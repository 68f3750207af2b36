"""Certifications and claims, and the products that carry them."""

from datetime import date, datetime

import strawberry

from closient_gql.core.countries import Country
from closient_gql.core.models import certifications as models
from closient_gql.core.models.certifications import ClaimCategory, ClaimSource, VerificationStatus
from resolvers.certifications import assignments, catalogue, facts, inputs
from resolvers.certifications.facts import Allergen, DietType, FactConfidence, Presence, Suitability
from schema.declare import adopt_enum, adopt_input, column, entity, relation, value
from schema.products.types import Product

adopt_enum(VerificationStatus, "What is known of a certificate.")
adopt_enum(ClaimCategory, "What a claim is about.")
adopt_enum(ClaimSource, "Who stands behind a claim.")
adopt_enum(catalogue.BodyOrder, "How certification bodies are sorted.")
adopt_enum(catalogue.CatalogueOrder, "How certifications and claims are sorted.")
adopt_enum(assignments.AssignmentOrder, "How the certifications of a product are sorted.")
adopt_enum(
    Allergen, "The allergens that the European Union (Regulation 1169/2011, annex II) or the United States name."
)
adopt_enum(Presence, "Whether an allergen is in a product.")
adopt_enum(DietType, "A diet.")
adopt_enum(Suitability, "Whether a product suits a diet.")
adopt_enum(FactConfidence, "How far a fact can be relied on.")
adopt_input(inputs.CertificationInput, "CertificationInput", "A certification of an organization's own.")
adopt_input(inputs.CertificationPatch, "CertificationPatch", "What is to change of a certification.")
adopt_input(
    inputs.CertificationAssignmentInput,
    "CertificationAssignmentInput",
    "A certification that a product is to carry.",
)
adopt_input(
    inputs.CertificationAssignmentPatch,
    "CertificationAssignmentPatch",
    "What is to change. What is not given stays; null clears a date and leaves a text as it is.",
)
adopt_input(inputs.ClaimAssignmentInput, "ClaimAssignmentInput", "A claim that a product is to make.")
adopt_input(
    inputs.ClaimAssignmentPatch,
    "ClaimAssignmentPatch",
    "What is to change. What is not given stays; null clears a date and leaves a text as it is.",
)
GS1 = "Its term in the GS1 Web Vocabulary, such as DietTypeCode-VEGAN; empty if there is none."
FROM = "First day on which it holds; null: ever since."
UNTIL = "Last day on which it holds; null: without an end."
ACTIVE = "Whether its validity includes today, in UTC."


@entity(models.CertificationBody, keys={"id": catalogue.bodies_by_id}, says="Who issues certifications.")
class CertificationBody:
    id: strawberry.ID = column("Id of the body.")
    name: str = column("Its name.")
    website: str = column("Address of its site; empty if unknown.")
    description: str = column("What it does; empty if unknown.")
    logo_url: str | None = column("Address of its logo.")


@entity(
    models.Certification,
    keys={"id": catalogue.certifications_by_id},
    says="A certification as such: everybody's, or an organization's own, which only its members find.",
)
class Certification:
    id: strawberry.ID = column("Id of the certification.")
    label: str = column("Name for people.")
    code: str = column(
        "Machine code such as USDA_ORGANIC, unique among everybody's and within each organization; empty for none."
    )
    description: str = column("What it stands for; empty if unknown.")
    url: str = column("Its page; empty if unknown.")
    logo_url: str | None = column("Address of its logo.")
    program: str = column("The programme: GS1 certificationAgency; empty if unknown.")
    standard: str = column("The standard that it follows: GS1 certificationStandard; empty if unknown.")
    gs1_code: str = column(GS1)
    certification_body: CertificationBody | None = relation(assignments.bodies_of, "Who issues it.")
    organization_id: strawberry.ID | None = relation(
        assignments.organizations_shown, "Whose own it is, for members; null: everybody's."
    )


@entity(models.Claim, keys={"id": catalogue.claims_by_id}, says="A claim that brands make, as such.")
class Claim:
    id: strawberry.ID = column("Id of the claim.")
    code: str = column("Machine code such as FREE_FROM_GLUTEN, unique.")
    label: str = column("Name for people.")
    category: ClaimCategory = column("What it is about.")
    requires_definition: bool = column("Whether it means something only with the brand's own definition.")
    description: str = column("What it stands for; empty if that is plain.")
    gs1_code: str = column(GS1)


@value(models.CertificationAssignment, says="A product carries a certification.")
class CertificationAssignment:
    certification_id: strawberry.ID = column("Id of the certification.")
    certification: Certification = relation(assignments.certifications_carried, "The certification.")
    product: Product = relation(assignments.products_carrying, "The product.")
    is_active: bool = relation(assignments.whether_active, ACTIVE)
    metadata: dict[str, str] = column("The owner's own notes.")
    valid_from: date | None = column(FROM)
    expiration_date: date | None = column(UNTIL)
    certificate_number: str = column("Number of the certificate; empty if unknown.")
    issuing_body: str = column("Who issued this certificate, where it is not the body itself; empty if unknown.")
    verification_url: str = column("Where the certificate can be looked up; empty if unknown.")
    verification_status: VerificationStatus = relation(
        assignments.statuses_of, "What is known of it today: what has run out is expired."
    )
    verified_at: datetime | None = column("When an authority verified it as it stands; null: none has.")
    verified_by_id: strawberry.ID | None = column("Id of the authority, an organization, that verified it.")
    has_evidence: bool = relation(assignments.whether_evident, "Whether there is evidence, for the owner's members "
                                  "and for authorities.")  # fmt: skip
    evidence_at: datetime | None = column("When the evidence was uploaded.")
    scope: str = column("What of the product it covers; empty if unknown.")
    certification_value: str = column("Its grade or share: GS1 certificationValue; empty if there is none.")
    audit_date: date | None = column("Day of the last audit.")
    initial_certification_date: date | None = column("Day on which the product was certified for the first time.")
    certificate_countries: list[Country] = column("Where it holds; empty: anywhere.")
    modified: datetime = column("When it last changed.")


@value(models.ClaimAssignment, says="A product makes a claim.")
class ClaimAssignment:
    claim_id: strawberry.ID = column("Id of the claim.")
    claim: Claim = relation(assignments.claims_made, "The claim.")
    product: Product = relation(assignments.products_carrying, "The product.")
    is_active: bool = relation(assignments.whether_active, ACTIVE)
    metadata: dict[str, str] = column("The owner's own notes.")
    source: ClaimSource = column("Who stands behind it.")
    valid_from: date | None = column(FROM)
    expiration_date: date | None = column(UNTIL)
    evidence_url: str = column("A page that shows it; empty if there is none.")
    evidence_note: str = column("What shows it, or the brand's own definition; empty if there is none.")
    modified: datetime = column("When it last changed.")


@value(facts.AllergenFact, says="What is known of one allergen in one product.")
class AllergenFact:
    allergen: Allergen = column("The allergen.")
    gs1_code: str = column("Its GS1 AllergenTypeCode, such as AM for milk.")
    presence: Presence = column("Whether it is in the product.")
    confidence: FactConfidence = column("How far that can be relied on.")
    basis: list[str] = column("What it follows from: names on the label, codes of claims and certifications.")


@value(facts.DietFact, says="What is known of one product and one diet.")
class DietFact:
    diet: DietType = column("The diet.")
    suitability: Suitability = column("Whether the product suits it.")
    confidence: FactConfidence = column("How far that can be relied on.")
    basis: list[str] = column("What it follows from: names on the label, codes of claims and certifications.")
