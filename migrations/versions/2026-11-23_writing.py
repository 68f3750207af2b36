"""Writing: members, invitations, preferences, verifications, claims, provenance, the outbox, who changed what.

Revision: 2026_11_23_writing
Follows: 2026_11_23_foundation
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from closient_gql.core.models.platform import Xid8

revision = "2026_11_23_writing"
down_revision = "2026_11_23_foundation"
branch_labels = None
depends_on = None


# Whatever changes a product, by the graph, an import or SQL, is an event: the change feed misses nothing.
CHANGES = (
    """
    CREATE FUNCTION announce_product() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            INSERT INTO events (type, entity, entity_id, organization_id, data)
            VALUES ('product.deleted', 'product', OLD.id, OLD.owner_id, jsonb_build_object('gtin', OLD.gtin));
        ELSIF TG_OP = 'INSERT' THEN
            INSERT INTO events (type, entity, entity_id, organization_id, data)
            VALUES ('product.created', 'product', NEW.id, NEW.owner_id, jsonb_build_object('gtin', NEW.gtin));
        ELSIF NEW IS DISTINCT FROM OLD THEN
            IF NEW.gtin <> OLD.gtin THEN
                INSERT INTO events (type, entity, entity_id, organization_id, data)
                VALUES ('product.deleted', 'product', OLD.id, OLD.owner_id, jsonb_build_object('gtin', OLD.gtin));
            END IF;
            INSERT INTO events (type, entity, entity_id, organization_id, data)
            VALUES ('product.updated', 'product', NEW.id, NEW.owner_id, jsonb_build_object('gtin', NEW.gtin));
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER announce_product AFTER INSERT OR UPDATE OR DELETE ON products
        FOR EACH ROW EXECUTE FUNCTION announce_product()
    """,
    """
    CREATE TRIGGER announce_organizations AFTER UPDATE OF deleted_at ON organizations
        FOR EACH STATEMENT EXECUTE FUNCTION announce_keys()
    """,
    # What is printed on a product is part of it; so is its brand's name. Gone products are not found any more.
    """
    CREATE FUNCTION announce_content() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO events (type, entity, entity_id, organization_id, data)
        SELECT 'product.updated', 'product', id, owner_id, jsonb_build_object('gtin', gtin)
        FROM products WHERE id IN (SELECT product_id FROM changed) ORDER BY id;
        RETURN NULL;
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER announce_{event.lower()} AFTER {event} ON {table}
            REFERENCING {"OLD" if event == "DELETE" else "NEW"} TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION announce_content()
        """
        for table in ("product_images", "ingredients", "nutrition_facts", "nutrient_values")
        for event in ("INSERT", "UPDATE", "DELETE")
    ),
    """
    CREATE FUNCTION announce_brand_name() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO events (type, entity, entity_id, organization_id, data)
        SELECT 'product.updated', 'product', id, owner_id, jsonb_build_object('gtin', gtin)
        FROM products WHERE brand_id = NEW.id ORDER BY id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER announce_brand_name AFTER UPDATE OF name ON brands
        FOR EACH ROW WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION announce_brand_name()
    """,
    """
    INSERT INTO events (type, entity, entity_id, organization_id, data)
    SELECT 'product.created', 'product', id, owner_id, jsonb_build_object('gtin', gtin) FROM products ORDER BY id
    """,
)


def upgrade() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("transaction", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_entity", "events", ["entity", "entity_id", "id"], unique=False)
    op.create_index("ix_events_order", "events", ["transaction", "id"], unique=False)
    op.create_index(
        "ix_events_products",
        "events",
        ["transaction", "id"],
        unique=False,
        postgresql_where=sa.text("entity = 'product'"),
    )
    op.create_table(
        "receipts",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "key", name=op.f("pk_receipts")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=False),
        sa.Column("user_id", sa.String(length=12), nullable=True),
        sa.Column("key_id", sa.String(length=12), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audit_entries_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_order", "audit_entries", ["organization_id", "created", "id"], unique=False)
    op.create_table(
        "company_prefixes",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_company_prefixes_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_prefixes")),
        sa.UniqueConstraint("prefix", name=op.f("uq_company_prefixes_prefix")),
    )
    op.create_index(op.f("ix_company_prefixes_organization_id"), "company_prefixes", ["organization_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("invited_by", sa.String(length=12), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["users.id"], name=op.f("fk_invitations_invited_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_invitations_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index(
        "ix_invitations_open",
        "invitations",
        ["organization_id", "email"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_index(op.f("ix_invitations_organization_id"), "invitations", ["organization_id"], unique=False)
    op.create_table(
        "trait_preferences",
        sa.Column("user_id", sa.String(length=12), nullable=False),
        sa.Column("trait", sa.Text(), nullable=False),
        sa.Column("trait_label", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_trait_preferences_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "trait", name=op.f("pk_trait_preferences")),
    )
    op.create_table(
        "brand_verifications",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("brand_id", sa.String(length=12), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.String(length=12), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), server_default="", nullable=False),
        sa.Column("needs_review", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_brand_verifications_brand_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_brand_verifications_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand_verifications")),
    )
    op.create_index(op.f("ix_brand_verifications_brand_id"), "brand_verifications", ["brand_id"], unique=False)
    op.create_index("ix_brand_verifications_queue", "brand_verifications", ["state", "created"], unique=False)
    op.create_table(
        "claim_reports",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("reporter_email", sa.Text(), nullable=False),
        sa.Column("reporter_relationship", sa.Text(), nullable=False),
        sa.Column("reporter_phone", sa.Text(), server_default="", nullable=False),
        sa.Column("reporter_company", sa.Text(), server_default="", nullable=False),
        sa.Column("supporting_url", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source_ip", sa.Text(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_claim_reports_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_reports")),
    )
    op.create_index(op.f("ix_claim_reports_product_id"), "claim_reports", ["product_id"], unique=False)
    op.create_table(
        "product_facts",
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("stated_by", sa.String(length=12), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_facts_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "field", "source", name=op.f("pk_product_facts")),
    )
    op.create_table(
        "product_history",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("old", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("new", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("user_id", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_history_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_history")),
    )
    op.create_index("ix_product_history_order", "product_history", ["product_id", "created", "id"], unique=False)
    op.add_column("api_keys", sa.Column("replaced_by", sa.String(length=12), nullable=True))
    op.add_column("brands", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("brands", sa.Column("is_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("organizations", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("products", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "products", sa.Column("resolver_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.create_index("ix_products_modified", "products", ["modified", "id"], unique=False)

    for statement in CHANGES:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: what was written since would be lost.")
