"""A number of an authority belongs to its feed: what somebody else wrote under it stands beside.

Revision: 2026_11_26_recall_numbers
Follows: 2026_11_26_search_heads
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_recall_numbers"
down_revision = "2026_11_26_search_heads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("uq_recalls_source", table_name="recalls")
    op.create_index(
        "uq_recalls_source",
        "recalls",
        ["source_system", "source_id"],
        unique=True,
        postgresql_where=sa.text("fingerprint <> ''"),
    )
    op.create_index("uq_recalls_own", "recalls", ["organization_id", "source_system", "source_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_recalls_own", table_name="recalls")
    op.drop_index("uq_recalls_source", table_name="recalls")
    op.create_index("uq_recalls_source", "recalls", ["source_system", "source_id"], unique=True)
