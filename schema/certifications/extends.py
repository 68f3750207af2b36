"""What certifications add to products, and their root fields."""

from resolvers.certifications import assignments, catalogue, claim_commands, commands, known, own, queue
from resolvers.certifications.facts import FactConfidence
from schema.certifications.types import (
    AllergenFact,
    Certification,
    CertificationAssignment,
    CertificationBody,
    Claim,
    ClaimAssignment,
    DietFact,
)
from schema.declare import Mutation, Query, extend, relation, root
from schema.products.types import Product
from schema.shared import Connection


@extend(Product)
class ProductFacts:
    certifications: Connection[CertificationAssignment] = relation(
        assignments.certifications_of, "The certifications that it carries, those that ran out included."
    )
    all_certifications: list[CertificationAssignment] = relation(
        assignments.all_certifications_of, "The same, unpaged.", size=5
    )
    claims: Connection[ClaimAssignment] = relation(
        assignments.claims_of, "What is claimed of it, by label, such as vegan. Not who claims to own it."
    )
    all_claims: list[ClaimAssignment] = relation(assignments.all_claims_of, "The same, unpaged.", size=5)
    allergens: list[AllergenFact] = relation(
        known.allergens_of, "What is known of each allergen: always all fourteen. Unknown does not mean free.", size=14
    )
    allergen_confidence: FactConfidence | None = relation(
        known.allergen_confidence_of, "How far its allergens are known: no further than the least certain of them."
    )
    diets: list[DietFact] = relation(
        known.diets_of, "What is known of each diet: always all six. Unknown does not mean suitable.", size=6
    )


@extend(Query)
class CertificationQueries:
    certification: Certification | None = root(
        catalogue.certification, "The certification with this id: everybody's, or one of the caller's organizations."
    )
    certifications: Connection[Certification] | None = root(
        catalogue.certifications, "Everybody's certifications, and those of the caller's organizations."
    )
    certification_body: CertificationBody | None = root(catalogue.certification_body, "The body with this id.")
    certification_bodies: Connection[CertificationBody] | None = root(
        catalogue.certification_bodies, "All bodies that issue certifications."
    )
    claim: Claim | None = root(catalogue.claim, "The claim with this id.")
    claims: Connection[Claim] | None = root(catalogue.claims, "All claims.")
    product_certifications: list[CertificationAssignment] | None = root(
        assignments.product_certifications, "All certifications of the product with this GTIN, without separators.",
        size=5,
    )  # fmt: skip
    product_claims: list[ClaimAssignment] | None = root(
        assignments.product_claims, "All claims of the product with this GTIN, without separators.", size=5
    )
    certifications_to_verify: Connection[CertificationAssignment] | None = root(
        queue.certifications_to_verify, "What waits for an authority: unverified, running, with evidence."
    )


@extend(Mutation)
class CertificationMutations:
    certification_create: Certification | None = root(
        own.create_certification, "Makes a certification of an organization's own."
    )
    certification_update: Certification | None = root(
        own.update_certification, "Changes a certification of an organization's own."
    )
    certification_delete: bool | None = root(
        own.delete_certification, "Deletes a certification of an organization's own that no product carries."
    )
    product_certification_assign: CertificationAssignment | None = root(
        commands.assign_certification, "A product of the caller's carries a certification from now on."
    )
    product_certification_update: CertificationAssignment | None = root(
        commands.update_certification_assignment,
        "Changes a certification of a product of the caller's; authorities verify it, of any product.",
    )
    product_certification_remove: bool | None = root(
        commands.remove_certification, "A product of the caller's no longer carries a certification. Answers true."
    )
    product_claim_assign: ClaimAssignment | None = root(
        claim_commands.assign_claim, "A product of the caller's makes a claim from now on."
    )
    product_claim_update: ClaimAssignment | None = root(
        claim_commands.update_claim_assignment, "Changes a claim of a product of the caller's."
    )
    product_claim_remove: bool | None = root(
        claim_commands.remove_claim, "A product of the caller's no longer makes a claim. Answers true."
    )
