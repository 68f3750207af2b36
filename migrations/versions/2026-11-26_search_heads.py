"""What a document is said to be: a laptop bag is a bag.

Revision: 2026_11_26_search_heads
Follows: 2026_11_26_digital_link
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_search_heads"
down_revision = "2026_11_26_digital_link"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "search_documents", sa.Column("heads", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("search_documents", "heads")
