"""What can be said of certifications and claims, and of products that carry them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.countries import Country
from closient_gql.core.models.certifications import ClaimSource, VerificationStatus
from resolvers.products.inputs import Metadata, Organization

LONG = 5_000
Code = Annotated[
    str,
    Bounds(max_length=50, pattern=r"^[A-Za-z0-9_.-]*$"),
    Doc("Machine code such as USDA_ORGANIC, without regard to case; empty for none."),
]
Label = Annotated[str, Bounds(min_length=1, max_length=255, pattern=r"\S"), Doc("Name for people.")]
Text = Annotated[str, Bounds(max_length=LONG), Doc("In words.")]
Short = Annotated[str, Bounds(max_length=255), Doc("In a few words.")]
Url = Annotated[str, Bounds(max_length=2048, pattern=r"^(https?://[^\s/?#]+\S*)?$"), Doc("Address; empty for none.")]
From = Annotated[date | None, Doc("First day on which it holds; null: ever since.")]
Until = Annotated[date | None, Doc("Last day on which it holds; null: without an end.")]
Number = Annotated[str, Bounds(max_length=100), Doc("Number of the certificate; empty if unknown.")]
Issuer = Annotated[str, Bounds(max_length=255), Doc("Who issued this certificate, where it is not the body itself.")]
Check = Annotated[Url, Doc("Where the certificate can be looked up.")]
Scope = Annotated[Text, Doc("What of the product it covers.")]
Value = Annotated[str, Bounds(max_length=255), Doc("Its grade or share, such as 95 %: GS1 certificationValue.")]
Audit = Annotated[date | None, Doc("Day of the last audit.")]
Initial = Annotated[date | None, Doc("Day on which the product was certified for the first time.")]
Countries = Annotated[
    list[Country], Bounds(max_length=300), Doc("Where it holds: ISO 3166-1 alpha-2; empty: anywhere.")
]
Status = Annotated[
    VerificationStatus | None,
    Doc(
        "What was checked. Only an authority can make it `verified`; the owner can take it back to `unverified`. "
        "`expired` follows from expiration_date and cannot be set otherwise."
    ),
]
Source = Annotated[ClaimSource, Doc("Who stands behind the claim.")]
EvidenceUrl = Annotated[Url, Doc("A page that shows it.")]
EvidenceNote = Annotated[Text, Doc("What shows it; of claims that require a definition: that definition.")]


@dataclass(kw_only=True)
class CertificationAssignmentInput:
    certification_id: Annotated[Id, Doc("Id of the certification: everybody's, or the organization's own.")]
    metadata: Metadata = ABSENT
    valid_from: From = None
    expiration_date: Until = None
    certificate_number: Number = ""
    issuing_body: Issuer = ""
    verification_url: Check = ""
    verification_status: Status = None
    scope: Scope = ""
    certification_value: Value = ""
    audit_date: Audit = None
    initial_certification_date: Initial = None
    certificate_countries: Countries | None = None


@dataclass(kw_only=True)
class CertificationAssignmentPatch:
    """What is not given stays. Null clears a date and leaves a text as it is."""

    metadata: Metadata = ABSENT
    valid_from: From = ABSENT
    expiration_date: Until = ABSENT
    certificate_number: Number | None = None
    issuing_body: Issuer | None = None
    verification_url: Check | None = None
    verification_status: Status = None
    scope: Scope | None = None
    certification_value: Value | None = None
    audit_date: Audit = ABSENT
    initial_certification_date: Initial = ABSENT
    certificate_countries: Countries | None = None


@dataclass(kw_only=True)
class ClaimAssignmentInput:
    claim_id: Annotated[Id, Doc("Id of the claim.")]
    metadata: Metadata = ABSENT
    source: Source = ClaimSource.BRAND_SELF_DECLARED
    valid_from: From = None
    expiration_date: Until = None
    evidence_url: EvidenceUrl = ""
    evidence_note: EvidenceNote = ""


@dataclass(kw_only=True)
class ClaimAssignmentPatch:
    """What is not given stays. Null clears a date and leaves a text as it is."""

    metadata: Metadata = ABSENT
    source: Source | None = None
    valid_from: From = ABSENT
    expiration_date: Until = ABSENT
    evidence_url: EvidenceUrl | None = None
    evidence_note: EvidenceNote | None = None


@dataclass(kw_only=True)
class CertificationInput:
    """A certification of an organization's own."""

    label: Label
    organization_id: Organization = None
    code: Code = ""
    description: Text = ""
    url: Url = ""
    program: Annotated[Short, Doc("The programme: GS1 certificationAgency.")] = ""
    standard: Annotated[Short, Doc("The standard that it follows: GS1 certificationStandard.")] = ""
    certification_body_id: Annotated[Id | None, Doc("Id of the body that issues it.")] = None


@dataclass(kw_only=True)
class CertificationPatch:
    """Null leaves a text as it is, and clears the body."""

    label: Label | None = None
    code: Code | None = None
    description: Text | None = None
    url: Url | None = None
    program: Annotated[Short | None, Doc("The programme: GS1 certificationAgency.")] = None
    standard: Annotated[Short | None, Doc("The standard that it follows: GS1 certificationStandard.")] = None
    certification_body_id: Annotated[Id | None, Doc("Id of the body that issues it; null for none.")] = ABSENT
