"""Root fields of brands."""

from resolvers.brands import commands, queries, verifications
from schema.brands.types import Brand, BrandVerification
from schema.declare import Mutation, Query, extend, root
from schema.shared import Connection


@extend(Query)
class BrandQueries:
    brand: Brand | None = root(queries.brand, "The brand with this id.")
    brands: Connection[Brand] | None = root(queries.brands, "All brands, claimed and unclaimed alike.")
    brand_verifications: Connection[BrandVerification] | None = root(
        verifications.brand_verifications, "How an organization of the caller's has tried to verify a brand."
    )
    brand_verification: BrandVerification | None = root(
        verifications.brand_verification, "One verification of a brand of the caller's organization."
    )


@extend(Mutation)
class BrandMutations:
    brand_create: Brand | None = root(
        commands.create_brand,
        "Makes a brand that belongs to an organization from the start. A conflict if the organization has a brand of "
        "this name, or if there is one that nobody has claimed: then claim that.",
    )
    brand_claim: Brand | None = root(
        commands.claim_brand,
        "Links a brand that nobody has claimed to an organization, for ever, and its unowned products with it.",
    )
    brand_update: Brand | None = root(
        commands.update_brand, "Changes a brand of the caller's organization: what is given and not null."
    )
    brand_verify: BrandVerification | None = root(
        verifications.verify_brand,
        "Asks for a brand to be verified. A pending request by the same method gives way to the new one.",
    )
    brand_verification_check: BrandVerification | None = root(
        verifications.check_verification, "Has the domain of a pending verification looked at once more."
    )
