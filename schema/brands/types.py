"""Brands."""

from datetime import datetime

import strawberry

from closient_gql.core.models import brands as models
from closient_gql.core.models.brands import VerificationMethod, VerificationState
from resolvers.brands import inputs, queries, verifications
from schema.account.types import Organization
from schema.declare import adopt_enum, adopt_input, column, entity, relation
from schema.shared import Connection

BrandOrder = adopt_enum(queries.BrandOrder, "How brands are sorted.")
adopt_enum(VerificationMethod, "How an organization shows that a brand is its own.")
adopt_enum(VerificationState, "What a verification came to.")
adopt_input(inputs.BrandInput, "BrandInput", "A brand that is to be made.")
adopt_input(inputs.BrandPatch, "BrandPatch", "What is to change of a brand. Null means: as it is.")
adopt_input(inputs.BrandVerificationInput, "BrandVerificationInput", "What shows that a brand is its organization's.")


@entity(
    models.BrandVerification,
    keys={"id": verifications.verifications_by_id},
    says="One attempt to show that a brand is its organization's. Visible to members of the organization only.",
)
class BrandVerification:
    id: strawberry.ID = column("Id of the verification.")
    brand_id: strawberry.ID = column("Id of the brand.")
    method: VerificationMethod = column("How ownership is to be shown.")
    subject: str = column("What is checked: the prefix, the domain, or a remark for people.")
    state: VerificationState = column("What it came to.")
    reason: str = column("Why it stands as it does, and what to do next.")
    needs_review: bool = column("Whether it waits for a person.")
    record: str | None = relation(
        verifications.records_of, "For a domain: the text of its DNS TXT record, or a line of the file."
    )
    file_url: str | None = relation(verifications.files_of, "For a domain: where the file may be instead of a record.")
    created: datetime = column("When it was asked for.")
    decided_at: datetime | None = column("When it was decided.")


@entity(models.Brand, keys={"id": queries.brands_by_id}, says="A brand, claimed by an organization or not.")
class Brand:
    id: strawberry.ID = column("Id of the brand.")
    name: str = column("Name as it stands on products.")
    website: str = column("Address of its site; empty if unknown.")
    description: str = column("What it stands for, in its own words; empty if unknown.")
    logo_url: str | None = column("Address of its logo.")
    organization_id: strawberry.ID | None = column("Id of the organization that claimed it; null: nobody has.")
    organization: Organization | None = relation(
        queries.organizations_of, "The organization that claimed it, for its members only.", reads=["organization_id"]
    )
    has_social_links: bool = column("Whether any of the eight social links is set.")
    instagram: str = column("Instagram; empty if unknown.")
    facebook: str = column("Facebook; empty if unknown.")
    twitter: str = column("X, formerly Twitter; empty if unknown.")
    linkedin: str = column("LinkedIn; empty if unknown.")
    youtube: str = column("YouTube; empty if unknown.")
    tiktok: str = column("TikTok; empty if unknown.")
    pinterest: str = column("Pinterest; empty if unknown.")
    threads: str = column("Threads; empty if unknown.")
    claimed_at: datetime | None = column("When it was claimed.")
    is_verified: bool = column("Whether it was checked that the brand is the organization's that claimed it.")
    verifications: Connection[BrandVerification] = relation(
        verifications.verifications_of,
        "How its organization has tried to verify it, newest first; for members only.",
        reads=["id"],
    )
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was first known.")
