"""Foundation: account, brands, products; the job queue; keys announce their changes.

Revision: 2026_11_23_foundation
Follows: nothing
"""

import sqlalchemy as sa
from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from sqlalchemy.dialects import postgresql

from migrations import EXTENSIONS

revision = "2026_11_23_foundation"
down_revision = None
branch_labels = None
depends_on = None


# A process that caches callers listens to this channel; last_used is written often and changes nothing that is cached.
ANNOUNCE = (
    """
    CREATE FUNCTION announce_key() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('closient_keys', encode(OLD.hash, 'hex'));
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION announce_keys() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('closient_keys', '*');
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER announce_key AFTER DELETE OR UPDATE OF kind, hash, role, organization_id, user_id, is_active,
        expires_at, rate_limit_per_minute, rate_limit_per_day ON api_keys
        FOR EACH ROW EXECUTE FUNCTION announce_key()
    """,
    """
    CREATE TRIGGER announce_keys AFTER INSERT OR UPDATE OR DELETE ON memberships
        FOR EACH STATEMENT EXECUTE FUNCTION announce_keys()
    """,
)


def upgrade() -> None:
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.create_table(
        "demo_sets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("loaded", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_demo_sets")),
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), server_default="", nullable=False),
        sa.Column("is_brand", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
    )
    op.create_table(
        "product_categories",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["product_categories.id"], name=op.f("fk_product_categories_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_categories")),
        sa.UniqueConstraint("slug", name=op.f("uq_product_categories_slug")),
    )
    op.create_index(op.f("ix_product_categories_parent_id"), "product_categories", ["parent_id"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("user_id", sa.String(length=12), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rate_limit_per_minute", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rate_limit_per_day", sa.Integer(), server_default="0", nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("kind <> 'csu' OR user_id IS NOT NULL", name=op.f("ck_api_keys_holder")),
        sa.CheckConstraint("kind = 'csu' OR organization_id IS NOT NULL", name=op.f("ck_api_keys_organization")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_api_keys_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_keys_hash")),
    )
    op.create_index(
        "ix_api_keys_expires_at",
        "api_keys",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("is_active AND expires_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_api_keys_organization_id"), "api_keys", ["organization_id"], unique=False)
    op.create_index(op.f("ix_api_keys_user_id"), "api_keys", ["user_id"], unique=False)
    op.create_table(
        "brands",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("logo_url", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("instagram", sa.Text(), server_default="", nullable=False),
        sa.Column("facebook", sa.Text(), server_default="", nullable=False),
        sa.Column("twitter", sa.Text(), server_default="", nullable=False),
        sa.Column("linkedin", sa.Text(), server_default="", nullable=False),
        sa.Column("youtube", sa.Text(), server_default="", nullable=False),
        sa.Column("tiktok", sa.Text(), server_default="", nullable=False),
        sa.Column("pinterest", sa.Text(), server_default="", nullable=False),
        sa.Column("threads", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "has_social_links",
            sa.Boolean(),
            sa.Computed(
                "instagram || facebook || twitter || linkedin || youtube || tiktok || pinterest || threads <> ''",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_brands_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brands")),
    )
    op.create_index("ix_brands_name", "brands", [sa.literal_column("lower(name)"), "id"], unique=False)
    op.create_index(op.f("ix_brands_organization_id"), "brands", ["organization_id"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=False),
        sa.Column("user_id", sa.String(length=12), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_memberships_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("organization_id", "user_id", name=op.f("uq_memberships_organization_id_user_id")),
    )
    op.create_index(op.f("ix_memberships_user_id"), "memberships", ["user_id"], unique=False)
    op.create_table(
        "products",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("product_name", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("manufacturer", sa.Text(), server_default="", nullable=False),
        sa.Column("image_url", sa.Text(), server_default="", nullable=False),
        sa.Column("country_of_origin", sa.Text(), nullable=True),
        sa.Column("countries_sold", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("primary_language", sa.Text(), server_default="", nullable=False),
        sa.Column("net_content", sa.Text(), server_default="", nullable=False),
        sa.Column("net_content_value", sa.Double(), nullable=True),
        sa.Column("net_content_uom", sa.Text(), nullable=True),
        sa.Column("usage_instructions", sa.Text(), server_default="", nullable=False),
        sa.Column("brand_product_page_url", sa.Text(), server_default="", nullable=False),
        sa.Column("ai_summary", sa.Text(), server_default="", nullable=False),
        sa.Column("length", sa.Double(), nullable=True),
        sa.Column("length_uom", sa.Text(), server_default="", nullable=False),
        sa.Column("width", sa.Double(), nullable=True),
        sa.Column("width_uom", sa.Text(), server_default="", nullable=False),
        sa.Column("height", sa.Double(), nullable=True),
        sa.Column("height_uom", sa.Text(), server_default="", nullable=False),
        sa.Column("depth", sa.Double(), nullable=True),
        sa.Column("depth_uom", sa.Text(), server_default="", nullable=False),
        sa.Column("gross_weight", sa.Double(), nullable=True),
        sa.Column("gross_weight_uom", sa.Text(), server_default="", nullable=False),
        sa.Column("net_weight", sa.Double(), nullable=True),
        sa.Column("net_weight_uom", sa.Text(), server_default="", nullable=False),
        sa.Column("gpc_brick_code", sa.Text(), server_default="", nullable=False),
        sa.Column("gpc_class_code", sa.Text(), server_default="", nullable=False),
        sa.Column("gpc_family_code", sa.Text(), server_default="", nullable=False),
        sa.Column("gpc_segment_code", sa.Text(), server_default="", nullable=False),
        sa.Column("labels", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("data_source", sa.Text(), nullable=False),
        sa.Column("confidence_score", sa.Double(), server_default="0", nullable=False),
        sa.Column("field_confidence", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("brand_id", sa.String(length=12), nullable=True),
        sa.Column("category_id", sa.String(length=12), nullable=True),
        sa.Column("owner_id", sa.String(length=12), nullable=True),
        sa.Column("is_claimed", sa.Boolean(), sa.Computed("owner_id IS NOT NULL", persisted=True), nullable=False),
        sa.Column("claim_verification_status", sa.Text(), nullable=True),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_products_brand_id")),
        sa.ForeignKeyConstraint(["category_id"], ["product_categories.id"], name=op.f("fk_products_category_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organizations.id"], name=op.f("fk_products_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("gtin", name=op.f("uq_products_gtin")),
    )
    op.create_index(
        "ix_products_brand", "products", ["brand_id", sa.literal_column("lower(product_name)"), "id"], unique=False
    )
    op.create_index(op.f("ix_products_category_id"), "products", ["category_id"], unique=False)
    op.create_index("ix_products_confidence", "products", ["confidence_score", "id"], unique=False)
    op.create_index("ix_products_created", "products", ["created", "id"], unique=False)
    op.create_index("ix_products_name", "products", [sa.literal_column("lower(product_name)"), "id"], unique=False)
    op.create_index(
        "ix_products_name_trigrams",
        "products",
        [sa.literal_column("lower(product_name)").label("name")],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_products_owner", "products", ["owner_id", sa.literal_column("lower(product_name)"), "id"], unique=False
    )
    op.create_table(
        "ingredients",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_major_allergen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("may_contain", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("percentage", sa.Double(), nullable=True),
        sa.Column("origin", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_ingredients_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ingredients")),
    )
    op.create_index("ix_ingredients_order", "ingredients", ["product_id", "priority", "id"], unique=False)
    op.create_table(
        "nutrition_facts",
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("serving_size", sa.Text(), server_default="", nullable=False),
        sa.Column("label_format", sa.Text(), nullable=False),
        sa.Column("serving_size_g", sa.Double(), nullable=True),
        sa.Column("servings_per_container", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_nutrition_facts_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_nutrition_facts")),
    )
    op.create_table(
        "product_images",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("is_primary", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("thumbnail_url", sa.Text(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_images_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_images")),
    )
    op.create_index(
        "ix_product_images_order",
        "product_images",
        ["product_id", sa.literal_column("is_primary DESC"), "priority", "id"],
        unique=False,
    )
    op.create_table(
        "nutrient_values",
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount", sa.Double(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("daily_value_pct", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["nutrition_facts.product_id"],
            name=op.f("fk_nutrient_values_product_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_id", "priority", name=op.f("pk_nutrient_values")),
    )
    for statement in ANNOUNCE:
        op.execute(statement)
    install_queue(QueryBuilderEnvironment().build_install_query())


def install_queue(script: str) -> None:
    """The job queue's own tables, as the pinned library makes them: several statements, so past SQLAlchemy."""
    connection = op.get_bind().connection.dbapi_connection
    assert connection
    connection.run_async(lambda raw: raw.execute(script))


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first migration: drop the database instead.")
