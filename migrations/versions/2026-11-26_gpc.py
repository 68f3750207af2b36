"""The GS1 Global Product Classification: a place for the release that an operator loads.

Revision: 2026_11_26_gpc
Follows: 2026_11_26_provenance
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_gpc"
down_revision = "2026_11_26_provenance"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gpc_categories",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(["parent_code"], ["gpc_categories.code"], name=op.f("fk_gpc_categories_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_gpc_categories")),
    )
    op.create_index(op.f("ix_gpc_categories_parent_code"), "gpc_categories", ["parent_code"])


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: what was written since would be lost.")
