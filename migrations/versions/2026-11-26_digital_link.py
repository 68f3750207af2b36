"""What Digital Link URIs lead to: links, rules, successors, health of destinations, scans; whoever caches it is told.

Revision: 2026_11_26_digital_link
Follows: 2026_11_26_search_sessions
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_digital_link"
down_revision = "2026_11_26_search_sessions"
branch_labels = None
depends_on = None

# Whoever caches what the resolver needs listens to this channel. `k:` and a primary key, `o:` and an organization whose
# rules changed, `*`: anything may have. A product that is new is not announced: that there is none is never cached.
ANNOUNCE = (
    """
    CREATE FUNCTION announce_link() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE found text;
    BEGIN
        FOREACH found IN ARRAY ARRAY[OLD.anchor, NEW.anchor] LOOP
            IF found IS NOT NULL THEN
                PERFORM pg_notify('closient_resolver', CASE WHEN strpos(found, '*') > 0 THEN '*'
                    ELSE 'k:/' || split_part(found, '/', 2) || '/' || split_part(found, '/', 3) END);
            END IF;
        END LOOP;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER announce_link AFTER INSERT OR UPDATE OR DELETE ON links
        FOR EACH ROW EXECUTE FUNCTION announce_link()
    """,
    """
    CREATE FUNCTION announce_rule() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('closient_resolver', 'o:' || coalesce(NEW.organization_id, OLD.organization_id));
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER announce_rule AFTER INSERT OR UPDATE OR DELETE ON resolution_rules
        FOR EACH ROW EXECUTE FUNCTION announce_rule()
    """,
    """
    CREATE FUNCTION announce_resolution() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('closient_resolver', '*');
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER announce_resolution AFTER UPDATE OF deleted_at ON organizations
        FOR EACH STATEMENT EXECUTE FUNCTION announce_resolution()
    """,
    """
    CREATE TRIGGER announce_resolution AFTER INSERT OR UPDATE OR DELETE ON company_prefixes
        FOR EACH STATEMENT EXECUTE FUNCTION announce_resolution()
    """,
    """
    CREATE FUNCTION announce_url_health() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('closient_resolver', 'o:' || organization_id)
        FROM (SELECT DISTINCT organization_id FROM resolution_rules
            WHERE custom_url IN (OLD.url, NEW.url)) AS concerned;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER announce_url_health AFTER INSERT OR UPDATE OF is_dead OR DELETE ON url_health
        FOR EACH ROW EXECUTE FUNCTION announce_url_health()
    """,
    """
    CREATE FUNCTION announce_resolved_product() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('closient_resolver', 'k:/01/' || OLD.gtin);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER announce_resolved_product AFTER UPDATE ON products FOR EACH ROW
        WHEN ((OLD.gtin, OLD.product_name, OLD.owner_id, OLD.brand_id, OLD.resolver_enabled)
            IS DISTINCT FROM (NEW.gtin, NEW.product_name, NEW.owner_id, NEW.brand_id, NEW.resolver_enabled))
        EXECUTE FUNCTION announce_resolved_product()
    """,
    """
    CREATE TRIGGER announce_gone_product AFTER DELETE ON products
        FOR EACH ROW EXECUTE FUNCTION announce_resolved_product()
    """,
    """
    CREATE FUNCTION announce_successor() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('closient_resolver', 'k:/01/' || coalesce(NEW.gtin, OLD.gtin));
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER announce_successor AFTER INSERT OR UPDATE OR DELETE ON product_successors
        FOR EACH ROW EXECUTE FUNCTION announce_successor()
    """,
    # A GTIN that a product had keeps leading to it; what had led to that GTIN goes on to the new one. Links and rules
    # move.
    """
    CREATE FUNCTION keep_gtin() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM product_successors WHERE gtin = NEW.gtin;
        UPDATE product_successors SET successor_gtin = NEW.gtin WHERE successor_gtin = OLD.gtin;
        INSERT INTO product_successors (gtin, successor_gtin, organization_id) VALUES (OLD.gtin, NEW.gtin, NEW.owner_id)
            ON CONFLICT (gtin) DO UPDATE SET successor_gtin = NEW.gtin, organization_id = NEW.owner_id;
        UPDATE resolution_rules SET scope_id = NEW.gtin || substr(scope_id, 15) WHERE product_id = NEW.id
            AND scope_type IN ('PRODUCT', 'BATCH', 'SERIAL');
        UPDATE links SET gtin = NEW.gtin, anchor = '/01/' || NEW.gtin || substr(anchor, 19) WHERE gtin = OLD.gtin
            AND starts_with(anchor, '/01/') AND organization_id = NEW.owner_id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER keep_gtin AFTER UPDATE OF gtin ON products
        FOR EACH ROW WHEN (NEW.gtin <> OLD.gtin) EXECUTE FUNCTION keep_gtin()
    """,
)


def upgrade() -> None:
    op.add_column("company_prefixes", sa.Column("resolver_url", sa.Text(), nullable=True))
    op.create_table(
        "scan_days",
        sa.Column("organization_id", sa.String(length=12), server_default="", nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ai", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("product_id", sa.String(length=12), server_default="", nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("scans", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id",
            "day",
            "ai",
            "value",
            "product_id",
            "device",
            "country",
            "is_bot",
            name=op.f("pk_scan_days"),
        ),
    )
    op.create_index("ix_scan_days_product", "scan_days", ["product_id", "day"], unique=False)
    op.create_table(
        "scans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ai", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("product_id", sa.String(length=12), nullable=True),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("rule_id", sa.String(length=12), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("rolled_up", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
    )
    op.create_index("ix_scans_at", "scans", ["at"], unique=False)
    op.create_index("ix_scans_waiting", "scans", ["id"], unique=False, postgresql_where=sa.text("NOT rolled_up"))
    op.create_table(
        "url_health",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_dead", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_url_health")),
    )
    op.create_table(
        "links",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=False),
        sa.Column("anchor", sa.Text(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=True),
        sa.Column("variables", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("item_description", sa.Text(), server_default="", nullable=False),
        sa.Column("link_type", sa.Text(), nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("hreflang", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("media_type", sa.Text(), server_default="", nullable=False),
        sa.Column("context", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_public", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("forward_query", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_links_organization_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index("ix_links_anchor", "links", ["anchor"], unique=False)
    op.create_index("ix_links_gtin", "links", ["gtin"], unique=False, postgresql_where=sa.text("gtin IS NOT NULL"))
    op.create_index("ix_links_order", "links", ["organization_id", "created", "id"], unique=False)
    op.create_index(
        "uq_links_default",
        "links",
        ["organization_id", "anchor"],
        unique=True,
        postgresql_where=sa.text("link_type = 'defaultLink'"),
    )
    op.create_table(
        "product_successors",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("successor_gtin", sa.String(length=14), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("gtin <> successor_gtin", name=op.f("ck_product_successors_another")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_product_successors_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("gtin", name=op.f("pk_product_successors")),
    )
    op.create_index(
        op.f("ix_product_successors_organization_id"), "product_successors", ["organization_id"], unique=False
    )
    op.create_index(
        op.f("ix_product_successors_successor_gtin"), "product_successors", ["successor_gtin"], unique=False
    )
    op.create_table(
        "resolution_rules",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=False),
        sa.Column("scope_type", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=True),
        sa.Column("product_id", sa.String(length=12), nullable=True),
        sa.Column("order_index", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("destination_type", sa.Text(), nullable=False),
        sa.Column("custom_url", sa.Text(), nullable=True),
        sa.Column("on_custom_url_dead", sa.Text(), server_default="FALLBACK_TO_HOSTED", nullable=False),
        sa.Column("absolute_start_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("absolute_end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("annual_start_mmdd", sa.String(length=5), nullable=True),
        sa.Column("annual_end_mmdd", sa.String(length=5), nullable=True),
        sa.Column("days_of_week", sa.ARRAY(sa.Integer()), nullable=True),
        sa.Column("time_of_day_start", sa.Time(), nullable=True),
        sa.Column("time_of_day_end", sa.Time(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("link_type", sa.Text(), nullable=True),
        sa.Column("location_countries", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("location_regions", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("location_cities", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("devices", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "(destination_type = 'CUSTOM_URL') = (custom_url IS NOT NULL)", name=op.f("ck_resolution_rules_destination")
        ),
        sa.CheckConstraint(
            "(scope_type = 'ORGANIZATION') = (scope_id IS NULL)", name=op.f("ck_resolution_rules_scope")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_resolution_rules_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_resolution_rules_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolution_rules")),
        sa.UniqueConstraint(
            "organization_id",
            "scope_type",
            "scope_id",
            "order_index",
            deferrable=True,
            initially="IMMEDIATE",
            name="uq_resolution_rules_order",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_resolution_rules_custom_url",
        "resolution_rules",
        ["custom_url"],
        unique=False,
        postgresql_where=sa.text("custom_url IS NOT NULL"),
    )
    op.create_index(op.f("ix_resolution_rules_product_id"), "resolution_rules", ["product_id"], unique=False)
    for statement in ANNOUNCE:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: what was written since would be lost.")
