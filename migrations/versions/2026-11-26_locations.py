"""Places: the table of locations, with a point that is found by index.

Revision: 2026_11_26_locations
Follows: 2026_11_26_gpc
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from closient_gql.core.models.locations import point

revision = "2026_11_26_locations"
down_revision = "2026_11_26_gpc"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "locations",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="store", nullable=False),
        sa.Column("latitude", sa.Float(precision=53), nullable=False),
        sa.Column("longitude", sa.Float(precision=53), nullable=False),
        sa.Column(
            "point",
            point(),
            sa.Computed("st_setsrid(st_makepoint(longitude, latitude), 4326)::geography", persisted=True),
            nullable=False,
        ),
        sa.Column("position_source", sa.Text(), server_default="given", nullable=False),
        sa.Column("street_address", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("postal_code", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("website", sa.Text(), server_default="", nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("opening_hours", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("services", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("categories", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("gln", sa.Text(), nullable=True),
        sa.Column("last_inventory_sync", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_locations_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
    )
    op.create_index(
        "ix_locations_point", "locations", ["point"], postgresql_using="gist", postgresql_where=sa.text("is_active")
    )
    op.create_index(
        "ix_locations_name", "locations", ["organization_id", sa.literal_column("lower(name)"), "id"], unique=False
    )
    for column in ("reference", "gln"):
        op.create_index(
            f"uq_locations_{column}",
            "locations",
            ["organization_id", column],
            unique=True,
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
            postgresql_nulls_not_distinct=True,
        )


def downgrade() -> None:
    op.drop_table("locations")
