"""What becomes of products: packaging, parts, disposal, impacts, circularity, grades of public schemes.

Revision: 2026_11_26_sustainability
Follows: 2026_11_26_certifications
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_sustainability"
down_revision = "2026_11_26_certifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "end_of_life_instructions",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("instruction_type", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_regions", sa.Text(), server_default="", nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("collection_url", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_end_of_life_instructions_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_end_of_life_instructions")),
    )
    op.create_index(
        op.f("ix_end_of_life_instructions_product_id"), "end_of_life_instructions", ["product_id"], unique=False
    )
    op.create_table(
        "environmental_impacts",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("impact_type", sa.Text(), nullable=False),
        sa.Column("score_value", sa.Double(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("methodology_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("assessment_date", sa.Date(), nullable=True),
        sa.Column("data_source", sa.Text(), server_default="claimed", nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_environmental_impacts_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environmental_impacts")),
    )
    op.create_index(op.f("ix_environmental_impacts_product_id"), "environmental_impacts", ["product_id"], unique=False)
    op.create_table(
        "product_circularity",
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("assessment_date", sa.Date(), nullable=True),
        sa.Column("methodology", sa.Text(), server_default="", nullable=False),
        sa.Column("overall_score", sa.Double(), nullable=False),
        sa.Column("durability_score", sa.Double(), nullable=True),
        sa.Column("recyclability_score", sa.Double(), nullable=True),
        sa.Column("repairability_score", sa.Double(), nullable=True),
        sa.Column("reusability_score", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_circularity_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_circularity")),
    )
    op.create_table(
        "product_components",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", sa.Double(), server_default="1", nullable=False),
        sa.Column("component_type", sa.Text(), nullable=False),
        sa.Column("is_separable", sa.Boolean(), nullable=False),
        sa.Column("separation_instructions", sa.Text(), server_default="", nullable=False),
        sa.Column("weight_grams", sa.Double(), nullable=True),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("weight_grams >= 0 AND quantity >= 0", name=op.f("ck_product_components_amounts")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_components_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_components")),
    )
    op.create_index(op.f("ix_product_components_product_id"), "product_components", ["product_id"], unique=False)
    op.create_table(
        "product_grades",
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("data_source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_grades_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "scheme", name=op.f("pk_product_grades")),
    )
    op.create_table(
        "product_packaging",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("packaging_type", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("shape", sa.Text(), server_default="", nullable=False),
        sa.Column("material", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("is_recyclable", sa.Boolean(), nullable=True),
        sa.Column("is_reusable", sa.Boolean(), nullable=True),
        sa.Column("weight_grams", sa.Double(), nullable=True),
        sa.Column("recycled_content_percentage", sa.Double(), nullable=True),
        sa.Column("data_source", sa.Text(), server_default="claimed", nullable=False),
        sa.CheckConstraint("recycled_content_percentage BETWEEN 0 AND 100", name=op.f("ck_product_packaging_recycled")),
        sa.CheckConstraint("weight_grams >= 0", name=op.f("ck_product_packaging_weight")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_packaging_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_packaging")),
    )
    op.create_index(op.f("ix_product_packaging_product_id"), "product_packaging", ["product_id"], unique=False)
    op.create_table(
        "packaging_recyclability",
        sa.Column("packaging_id", sa.String(length=12), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("recyclability_code", sa.Text(), server_default="", nullable=False),
        sa.Column("recyclability_percentage", sa.Double(), nullable=True),
        sa.Column("recycling_stream", sa.Text(), nullable=True),
        sa.Column("recycling_instructions", sa.Text(), server_default="", nullable=False),
        sa.Column("recycling_instructions_url", sa.Text(), server_default="", nullable=False),
        sa.Column("conditions", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("assessed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("assessment_date", sa.Date(), nullable=True),
        sa.Column("assessment_standard", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_regions", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "recyclability_percentage BETWEEN 0 AND 100", name=op.f("ck_packaging_recyclability_percentage")
        ),
        sa.CheckConstraint("valid_until >= assessment_date", name=op.f("ck_packaging_recyclability_validity")),
        sa.ForeignKeyConstraint(
            ["packaging_id"],
            ["product_packaging.id"],
            name=op.f("fk_packaging_recyclability_packaging_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("packaging_id", name=op.f("pk_packaging_recyclability")),
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: what was written since would be lost.")
