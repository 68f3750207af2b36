"""Certifications and claims: the catalogues of what there is, and what products carry."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.base import Annotatable, Base, Identified
from closient_gql.core.models.products import Product  # noqa: F401  assignments refer to products


class VerificationStatus(Described):
    UNVERIFIED = "unverified", "Stated by the product's owner or its label; nobody has checked it."
    VERIFIED = "verified", "An authority has checked it as it stands, and it has not run out."
    EXPIRED = "expired", "It has run out, verified or not."


class ClaimCategory(Described):
    DIETARY = "DIETARY", "Whom the product suits: vegan, kosher."
    INGREDIENT_ABSENCE = "INGREDIENT_ABSENCE", "What is not in it: no palm oil, no parabens."
    ALLERGEN_FREE = "ALLERGEN_FREE", "Free of an allergen: gluten, milk."
    PROCESS = "PROCESS", "How it is made or tested: not tested on animals."
    SUSTAINABILITY = "SUSTAINABILITY", "What it does to the environment: recyclable."
    OTHER = "OTHER", "Everything else."


class ClaimSource(Described):
    BRAND_SELF_DECLARED = "BRAND_SELF_DECLARED", "The brand says so, and nobody else."
    THIRD_PARTY_VERIFIED = "THIRD_PARTY_VERIFIED", "The brand says that somebody else has checked it."


class CertificationBody(Identified, Base):
    """Who issues certifications."""

    __tablename__ = "certification_bodies"
    name: Mapped[str] = mapped_column(String(255))
    website: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    logo_url: Mapped[str | None]


Index("uq_certification_bodies_name", func.lower(CertificationBody.name), unique=True)


class Certification(Identified, Base):
    """A certification as such. `organization_id`: whose own one it is; null: everybody's. Codes are unique among those
    of everybody, and among those of each organization; empty ones are none."""

    __tablename__ = "certifications"
    label: Mapped[str] = mapped_column(String(255))
    code: Mapped[str] = mapped_column(String(50), server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    url: Mapped[str] = mapped_column(server_default="")
    logo_url: Mapped[str | None]
    program: Mapped[str] = mapped_column(server_default="")
    standard: Mapped[str] = mapped_column(server_default="")
    gs1_code: Mapped[str] = mapped_column(server_default="")
    diets: Mapped[list[str]] = mapped_column(server_default="{}")  # what it says of diets: DietType
    free_from: Mapped[list[str]] = mapped_column(server_default="{}")  # and of allergens: Allergen
    certification_body_id: Mapped[str | None] = mapped_column(
        String(12), ForeignKey("certification_bodies.id"), index=True
    )
    organization_id: Mapped[str | None] = mapped_column(
        String(12), ForeignKey("organizations.id", ondelete="CASCADE"), index=True
    )


_coded = Certification.code != ""
Index(
    "uq_certifications_code", func.upper(Certification.code), unique=True,
    postgresql_where=_coded & Certification.organization_id.is_(None),
)  # fmt: skip
Index(
    "uq_certifications_organization_id_code", Certification.organization_id, func.upper(Certification.code),
    unique=True, postgresql_where=_coded & Certification.organization_id.is_not(None),
)  # fmt: skip


class Claim(Identified, Base):
    """A claim that brands make, as such."""

    __tablename__ = "claims"
    code: Mapped[str] = mapped_column(String(50))
    label: Mapped[str] = mapped_column(String(100))
    category: Mapped[str]
    requires_definition: Mapped[bool] = mapped_column(server_default=text("false"))
    description: Mapped[str] = mapped_column(server_default="")
    gs1_code: Mapped[str] = mapped_column(server_default="")
    diets: Mapped[list[str]] = mapped_column(server_default="{}")
    free_from: Mapped[list[str]] = mapped_column(server_default="{}")


Index("uq_claims_code", func.upper(Claim.code), unique=True)


class Validity:
    """Days of UTC, both included; null is open. `expired_at`: when its running out was told, once for each end."""

    valid_from: Mapped[date | None]
    expiration_date: Mapped[date | None]
    expired_at: Mapped[datetime | None]
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


class CertificationAssignment(Identified, Annotatable, Validity, Base):
    """A product carries a certification. `verification_status` is never `expired` here: that follows from the clock."""

    __tablename__ = "certification_assignments"
    __table_args__ = (UniqueConstraint("product_id", "certification_id"),)
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"))
    certification_id: Mapped[str] = mapped_column(
        String(12), ForeignKey("certifications.id", ondelete="CASCADE"), index=True
    )
    certificate_number: Mapped[str] = mapped_column(String(100), server_default="")
    issuing_body: Mapped[str] = mapped_column(String(255), server_default="")
    verification_url: Mapped[str] = mapped_column(server_default="")
    verification_status: Mapped[str] = mapped_column(server_default=VerificationStatus.UNVERIFIED.value)
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[str | None] = mapped_column(String(12))  # the authority: an organization
    verified_by_user_id: Mapped[str | None] = mapped_column(String(12))
    scope: Mapped[str] = mapped_column(server_default="")
    certification_value: Mapped[str] = mapped_column(String(255), server_default="")
    audit_date: Mapped[date | None]
    initial_certification_date: Mapped[date | None]
    certificate_countries: Mapped[list[str]] = mapped_column(server_default="{}")
    evidence_key: Mapped[str | None]
    evidence_type: Mapped[str] = mapped_column(server_default="")
    evidence_at: Mapped[datetime | None]
    evidence_by_id: Mapped[str | None] = mapped_column(String(12))  # whose members see it: not a later owner's


class ClaimAssignment(Identified, Annotatable, Validity, Base):
    """A product makes a claim."""

    __tablename__ = "claim_assignments"
    __table_args__ = (UniqueConstraint("product_id", "claim_id"),)
    product_id: Mapped[str] = mapped_column(String(12), ForeignKey("products.id", ondelete="CASCADE"))
    claim_id: Mapped[str] = mapped_column(String(12), ForeignKey("claims.id"), index=True)
    source: Mapped[str] = mapped_column(server_default=ClaimSource.BRAND_SELF_DECLARED.value)
    evidence_url: Mapped[str] = mapped_column(server_default="")
    evidence_note: Mapped[str] = mapped_column(server_default="")


# what waits for an authority
Index(
    "ix_certification_assignments_evidence",
    CertificationAssignment.evidence_at,
    CertificationAssignment.id,
    postgresql_where=CertificationAssignment.evidence_at.is_not(None),
)
# what the daily job looks for
Index(
    "ix_certification_assignments_ending", CertificationAssignment.expiration_date,
    postgresql_where=CertificationAssignment.expired_at.is_(None),
)  # fmt: skip
Index(
    "ix_claim_assignments_ending", ClaimAssignment.expiration_date,
    postgresql_where=ClaimAssignment.expired_at.is_(None),
)  # fmt: skip
