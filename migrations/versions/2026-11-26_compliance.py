"""Recalls, what they touch, safety notices, the Food Traceability List, feeds; authorities among organizations.

Revision: 2026_11_26_compliance
Follows: 2026_11_26_offers
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_compliance"
down_revision = "2026_11_26_offers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recall_feeds",
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("position", sa.Date(), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("records", sa.Integer(), server_default="0", nullable=False),
        sa.Column("added", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problems", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("source_system", name=op.f("pk_recall_feeds")),
    )
    op.create_table(
        "recalls",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("source_system", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="UNKNOWN", nullable=False),
        sa.Column("severity", sa.Text(), server_default="UNKNOWN", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("hazard", sa.Text(), server_default="", nullable=False),
        sa.Column("remedy", sa.Text(), server_default="", nullable=False),
        sa.Column("public_url", sa.Text(), server_default="", nullable=False),
        sa.Column("company_name", sa.Text(), server_default="", nullable=False),
        sa.Column("recall_date", sa.Date(), nullable=True),
        sa.Column("jurisdictions", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("lot_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("lots", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("unread_codes", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("fingerprint", sa.Text(), server_default="", nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_recalls_organization_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalls")),
    )
    op.create_index(op.f("ix_recalls_organization_id"), "recalls", ["organization_id"], unique=False)
    op.create_index("uq_recalls_source", "recalls", ["source_system", "source_id"], unique=True)
    op.create_table(
        "safety_notices",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lot_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("lots", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("regions", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_safety_notices_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_notices")),
    )
    op.create_index("ix_safety_notices_order", "safety_notices", ["organization_id", "created", "id"], unique=False)
    op.create_table(
        "ftl_designations",
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("contains_ftl_substance", sa.Boolean(), nullable=False),
        sa.Column("ftl_categories", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("ftl_notes", sa.Text(), server_default="", nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "contains_ftl_substance = (cardinality(ftl_categories) > 0)", name=op.f("ck_ftl_designations_categories")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_ftl_designations_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_ftl_designations")),
    )
    op.create_table(
        "recall_products",
        sa.Column("recall_id", sa.String(length=12), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_recall_products_product_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["recall_id"], ["recalls.id"], name=op.f("fk_recall_products_recall_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recall_id", "gtin", name=op.f("pk_recall_products")),
    )
    op.create_index("ix_recall_products_product_id", "recall_products", ["product_id", "recall_id"], unique=False)
    op.create_index(
        "ix_recall_products_waiting",
        "recall_products",
        ["gtin"],
        unique=False,
        postgresql_where=sa.text("product_id IS NULL"),
    )
    op.create_table(
        "safety_notice_products",
        sa.Column("notice_id", sa.String(length=12), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["safety_notices.id"], name=op.f("fk_safety_notice_products_notice_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_safety_notice_products_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "product_id", name=op.f("pk_safety_notice_products")),
    )
    op.create_index(
        op.f("ix_safety_notice_products_product_id"), "safety_notice_products", ["product_id"], unique=False
    )
    op.add_column(
        "organizations", sa.Column("is_authority", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: what was written since would be lost.")
