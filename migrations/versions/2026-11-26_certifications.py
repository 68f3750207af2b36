"""Certifications and claims: the catalogues, and what products carry.

Revision: 2026_11_26_certifications
Follows: 2026_11_26_compliance
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_certifications"
down_revision = "2026_11_26_compliance"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certification_bodies",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("website", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("logo_url", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_bodies")),
    )
    op.create_index(
        "uq_certification_bodies_name", "certification_bodies", [sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "claims",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("requires_definition", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("gs1_code", sa.Text(), server_default="", nullable=False),
        sa.Column("diets", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("free_from", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index("uq_claims_code", "claims", [sa.literal_column("upper(code)")], unique=True)
    op.create_table(
        "certifications",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=50), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("logo_url", sa.Text(), nullable=True),
        sa.Column("program", sa.Text(), server_default="", nullable=False),
        sa.Column("standard", sa.Text(), server_default="", nullable=False),
        sa.Column("gs1_code", sa.Text(), server_default="", nullable=False),
        sa.Column("diets", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("free_from", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("certification_body_id", sa.String(length=12), nullable=True),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(
            ["certification_body_id"], ["certification_bodies.id"], name=op.f("fk_certifications_certification_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_certifications_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certifications")),
    )
    op.create_index(
        op.f("ix_certifications_certification_body_id"), "certifications", ["certification_body_id"], unique=False
    )
    op.create_index(op.f("ix_certifications_organization_id"), "certifications", ["organization_id"], unique=False)
    op.create_index(
        "uq_certifications_code",
        "certifications",
        [sa.literal_column("upper(code)")],
        unique=True,
        postgresql_where=sa.text("code != '' AND organization_id IS NULL"),
    )
    op.create_index(
        "uq_certifications_organization_id_code",
        "certifications",
        ["organization_id", sa.literal_column("upper(code)")],
        unique=True,
        postgresql_where=sa.text("code != '' AND organization_id IS NOT NULL"),
    )
    op.create_table(
        "certification_assignments",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("certification_id", sa.String(length=12), nullable=False),
        sa.Column("certificate_number", sa.String(length=100), server_default="", nullable=False),
        sa.Column("issuing_body", sa.String(length=255), server_default="", nullable=False),
        sa.Column("verification_url", sa.Text(), server_default="", nullable=False),
        sa.Column("verification_status", sa.Text(), server_default="unverified", nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by_id", sa.String(length=12), nullable=True),
        sa.Column("verified_by_user_id", sa.String(length=12), nullable=True),
        sa.Column("scope", sa.Text(), server_default="", nullable=False),
        sa.Column("certification_value", sa.String(length=255), server_default="", nullable=False),
        sa.Column("audit_date", sa.Date(), nullable=True),
        sa.Column("initial_certification_date", sa.Date(), nullable=True),
        sa.Column("certificate_countries", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("evidence_key", sa.Text(), nullable=True),
        sa.Column("evidence_type", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence_by_id", sa.String(length=12), nullable=True),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("expiration_date", sa.Date(), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certifications.id"],
            name=op.f("fk_certification_assignments_certification_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_certification_assignments_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_assignments")),
        sa.UniqueConstraint(
            "product_id", "certification_id", name=op.f("uq_certification_assignments_product_id_certification_id")
        ),
    )
    op.create_index(
        op.f("ix_certification_assignments_certification_id"),
        "certification_assignments",
        ["certification_id"],
        unique=False,
    )
    op.create_index(
        "ix_certification_assignments_evidence",
        "certification_assignments",
        ["evidence_at", "id"],
        unique=False,
        postgresql_where=sa.text("evidence_at IS NOT NULL"),
    )
    op.create_index(
        "ix_certification_assignments_ending",
        "certification_assignments",
        ["expiration_date"],
        unique=False,
        postgresql_where=sa.text("expired_at IS NULL"),
    )
    op.create_table(
        "claim_assignments",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("claim_id", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), server_default="BRAND_SELF_DECLARED", nullable=False),
        sa.Column("evidence_url", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence_note", sa.Text(), server_default="", nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("expiration_date", sa.Date(), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_assignments_claim_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_claim_assignments_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_assignments")),
        sa.UniqueConstraint("product_id", "claim_id", name=op.f("uq_claim_assignments_product_id_claim_id")),
    )
    op.create_index(op.f("ix_claim_assignments_claim_id"), "claim_assignments", ["claim_id"], unique=False)
    op.create_index(
        "ix_claim_assignments_ending",
        "claim_assignments",
        ["expiration_date"],
        unique=False,
        postgresql_where=sa.text("expired_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_claim_assignments_ending", table_name="claim_assignments", postgresql_where=sa.text("expired_at IS NULL")
    )
    op.drop_index(op.f("ix_claim_assignments_claim_id"), table_name="claim_assignments")
    op.drop_table("claim_assignments")
    op.drop_index(
        "ix_certification_assignments_ending",
        table_name="certification_assignments",
        postgresql_where=sa.text("expired_at IS NULL"),
    )
    op.drop_index(op.f("ix_certification_assignments_certification_id"), table_name="certification_assignments")
    op.drop_table("certification_assignments")
    op.drop_index(
        "uq_certifications_organization_id_code",
        table_name="certifications",
        postgresql_where=sa.text("code != '' AND organization_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_certifications_code",
        table_name="certifications",
        postgresql_where=sa.text("code != '' AND organization_id IS NULL"),
    )
    op.drop_index(op.f("ix_certifications_organization_id"), table_name="certifications")
    op.drop_index(op.f("ix_certifications_certification_body_id"), table_name="certifications")
    op.drop_table("certifications")
    op.drop_index("uq_claims_code", table_name="claims")
    op.drop_table("claims")
    op.drop_index("uq_certification_bodies_name", table_name="certification_bodies")
    op.drop_table("certification_bodies")
