"""Retailers: who sells, their stores, offers, promotions, regional overrides, history of prices, who says so.

Revision: 2026_11_26_retailers
Follows: 2026_11_26_locations
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_retailers"
down_revision = "2026_11_26_locations"
branch_labels = None
depends_on = None

# A public id as closient_gql.core.ids makes it, for rows that are made in SQL. The bytes are those of a random UUID
# that hold nothing but chance (RFC 9562, 5.4).
NEW_ID = """
CREATE FUNCTION new_id() RETURNS text LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT string_agg(substr('aceghjkpqrtwxy346789', 1 + get_byte(bytes, place) % 20, 1), '')
    FROM uuid_send(gen_random_uuid()) AS bytes, unnest('{0,1,2,3,4,5,9,10,11,12,13,14}'::int[]) AS place
$$
"""


def upgrade() -> None:
    op.execute(NEW_ID)
    op.create_table(
        "retailers",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), server_default="", nullable=False),
        sa.Column("gln", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("marketplace_regions", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("is_canonical", sa.Boolean(), sa.Computed("organization_id IS NULL", persisted=True), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_retailers_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retailers")),
    )
    op.create_index("ix_retailers_name", "retailers", [sa.literal_column("lower(name)"), "id"], unique=False)
    op.create_index("ix_retailers_organization_id", "retailers", ["organization_id"], unique=False)
    op.create_table(
        "online_stores",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("retailer_id", sa.String(length=12), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("countries", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_online_stores_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["retailer_id"], ["retailers.id"], name=op.f("fk_online_stores_retailer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_online_stores")),
        sa.UniqueConstraint("retailer_id", "url", name=op.f("uq_online_stores_retailer_id_url")),
    )
    op.create_index("ix_online_stores_domain", "online_stores", ["domain"], unique=False)
    op.create_index("ix_online_stores_order", "online_stores", ["organization_id", "created", "id"], unique=False)
    op.create_table(
        "physical_stores",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("retailer_id", sa.String(length=12), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("location_id", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_physical_stores_location_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_physical_stores_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["retailer_id"], ["retailers.id"], name=op.f("fk_physical_stores_retailer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_physical_stores")),
        sa.UniqueConstraint("retailer_id", "location_id", name=op.f("uq_physical_stores_retailer_id_location_id")),
    )
    op.create_index("ix_physical_stores_location_id", "physical_stores", ["location_id"], unique=False)
    op.create_index("ix_physical_stores_order", "physical_stores", ["organization_id", "created", "id"], unique=False)
    op.create_index(
        "uq_physical_stores_number",
        "physical_stores",
        ["retailer_id", "number"],
        unique=True,
        postgresql_where=sa.text("number <> ''"),
    )
    op.create_table(
        "in_store_offers",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("physical_store_id", sa.String(length=12), nullable=False),
        sa.Column("quantity_on_hand", sa.Integer(), nullable=True),
        sa.Column("aisle", sa.Text(), server_default="", nullable=False),
        sa.Column("store_pickup_available", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sku", sa.Text(), server_default="", nullable=False),
        sa.Column("price", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("source", sa.Text(), server_default="manual", nullable=False),
        sa.Column("source_priority", sa.Integer(), server_default="20", nullable=False),
        sa.Column("source_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("is_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("inventory_synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_in_store_offers_price")),
        sa.CheckConstraint("quantity_on_hand >= 0", name=op.f("ck_in_store_offers_quantity")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_in_store_offers_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["physical_store_id"],
            ["physical_stores.id"],
            name=op.f("fk_in_store_offers_physical_store_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_in_store_offers_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_in_store_offers")),
        sa.UniqueConstraint(
            "product_id", "physical_store_id", "sku", name=op.f("uq_in_store_offers_product_id_physical_store_id_sku")
        ),
    )
    op.create_index("ix_in_store_offers_order", "in_store_offers", ["organization_id", "created", "id"], unique=False)
    op.create_index("ix_in_store_offers_physical_store_id", "in_store_offers", ["physical_store_id"], unique=False)
    op.create_table(
        "inventory_sources",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="manual", nullable=False),
        sa.Column("source_priority", sa.Integer(), server_default="20", nullable=False),
        sa.Column("physical_store_id", sa.String(length=12), nullable=True),
        sa.Column("online_store_id", sa.String(length=12), nullable=True),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("last_sync_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(physical_store_id, online_store_id) <= 1", name=op.f("ck_inventory_sources_store")
        ),
        sa.ForeignKeyConstraint(
            ["online_store_id"],
            ["online_stores.id"],
            name=op.f("fk_inventory_sources_online_store_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_inventory_sources_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["physical_store_id"],
            ["physical_stores.id"],
            name=op.f("fk_inventory_sources_physical_store_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_sources")),
    )
    op.create_index(
        op.f("ix_inventory_sources_online_store_id"), "inventory_sources", ["online_store_id"], unique=False
    )
    op.create_index(
        "ix_inventory_sources_order", "inventory_sources", ["organization_id", "created", "id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_sources_physical_store_id"), "inventory_sources", ["physical_store_id"], unique=False
    )
    op.create_table(
        "online_offers",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("online_store_id", sa.String(length=12), nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("fulfillment_type", sa.Text(), server_default="standard", nullable=False),
        sa.Column("stock_level", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("delivery_countries", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("shipping_cost", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.Column("min_order_quantity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("sku", sa.Text(), server_default="", nullable=False),
        sa.Column("price", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("source", sa.Text(), server_default="manual", nullable=False),
        sa.Column("source_priority", sa.Integer(), server_default="20", nullable=False),
        sa.Column("source_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("is_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("inventory_synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_online_offers_price")),
        sa.CheckConstraint("shipping_cost >= 0", name=op.f("ck_online_offers_shipping")),
        sa.ForeignKeyConstraint(
            ["online_store_id"], ["online_stores.id"], name=op.f("fk_online_offers_online_store_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_online_offers_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_online_offers_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_online_offers")),
        sa.UniqueConstraint(
            "product_id", "online_store_id", "sku", name=op.f("uq_online_offers_product_id_online_store_id_sku")
        ),
    )
    op.create_index("ix_online_offers_online_store_id", "online_offers", ["online_store_id"], unique=False)
    op.create_index("ix_online_offers_order", "online_offers", ["organization_id", "created", "id"], unique=False)
    op.create_table(
        "in_store_price_changes",
        sa.Column("id", sa.String(length=12), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("offer_id", sa.String(length=12), nullable=False),
        sa.Column("old_price", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("new_price", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["in_store_offers.id"], name=op.f("fk_in_store_price_changes_offer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_in_store_price_changes")),
    )
    op.create_index(
        "ix_in_store_price_changes_order", "in_store_price_changes", ["offer_id", "created", "id"], unique=False
    )
    op.create_table(
        "in_store_promotions",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("offer_id", sa.String(length=12), nullable=False),
        sa.Column("promotional_price", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("start_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promotion_type", sa.Text(), server_default="SALE", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("end_date > start_date", name=op.f("ck_in_store_promotions_dates")),
        sa.CheckConstraint("promotional_price >= 0", name=op.f("ck_in_store_promotions_price")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["in_store_offers.id"], name=op.f("fk_in_store_promotions_offer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_in_store_promotions")),
    )
    op.create_index(
        "ix_in_store_promotions_end_date",
        "in_store_promotions",
        ["end_date"],
        unique=False,
        postgresql_where=sa.text("is_active"),
    )
    op.create_index(
        "ix_in_store_promotions_order", "in_store_promotions", ["offer_id", "start_date", "id"], unique=False
    )
    op.create_table(
        "online_price_changes",
        sa.Column("id", sa.String(length=12), server_default=sa.text("new_id()"), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("offer_id", sa.String(length=12), nullable=False),
        sa.Column("old_price", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("new_price", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["online_offers.id"], name=op.f("fk_online_price_changes_offer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_online_price_changes")),
    )
    op.create_index(
        "ix_online_price_changes_order", "online_price_changes", ["offer_id", "created", "id"], unique=False
    )
    op.create_table(
        "online_promotions",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("offer_id", sa.String(length=12), nullable=False),
        sa.Column("promotional_price", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("start_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promotion_type", sa.Text(), server_default="SALE", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("end_date > start_date", name=op.f("ck_online_promotions_dates")),
        sa.CheckConstraint("promotional_price >= 0", name=op.f("ck_online_promotions_price")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["online_offers.id"], name=op.f("fk_online_promotions_offer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_online_promotions")),
    )
    op.create_index(
        "ix_online_promotions_end_date",
        "online_promotions",
        ["end_date"],
        unique=False,
        postgresql_where=sa.text("is_active"),
    )
    op.create_index("ix_online_promotions_order", "online_promotions", ["offer_id", "start_date", "id"], unique=False)
    op.create_table(
        "regional_overrides",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("offer_id", sa.String(length=12), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("price", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("price_currency", sa.String(length=3), nullable=True),
        sa.Column("quantity_on_hand", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), server_default="manual", nullable=False),
        sa.Column("source_priority", sa.Integer(), server_default="20", nullable=False),
        sa.Column("source_reference", sa.Text(), nullable=True),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_regional_overrides_price")),
        sa.CheckConstraint("quantity_on_hand >= 0", name=op.f("ck_regional_overrides_quantity")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["online_offers.id"], name=op.f("fk_regional_overrides_offer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regional_overrides")),
        sa.UniqueConstraint("offer_id", "region", "source", name=op.f("uq_regional_overrides_offer_id_region_source")),
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: what was written since would be lost.")
