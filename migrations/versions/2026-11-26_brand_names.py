"""A brand's name is part of what its products show: they were changed when it changes, and no reader misses that.

Revision: 2026_11_26_brand_names
Follows: 2026_11_23_writing
"""

from alembic import op

revision = "2026_11_26_brand_names"
down_revision = "2026_11_23_writing"
branch_labels = None
depends_on = None

# Who gives a product a brand holds the brand's name until the transaction ends. Without that, a rename at the same time
# does not see the product, and the product's own event may be read before the new name is there: a copy would keep the
# old one.
HOLD = """
    CREATE OR REPLACE FUNCTION announce_product() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            INSERT INTO events (type, entity, entity_id, organization_id, data)
            VALUES ('product.deleted', 'product', OLD.id, OLD.owner_id, jsonb_build_object('gtin', OLD.gtin));
            RETURN NULL;
        END IF;
        IF NEW.brand_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.brand_id IS DISTINCT FROM OLD.brand_id) THEN
            PERFORM FROM brands WHERE id = NEW.brand_id FOR SHARE;
        END IF;
        IF TG_OP = 'INSERT' THEN
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
"""
# The products' own trigger writes the events. Locked in the order of ids, as everywhere.
TOUCH = """
    CREATE OR REPLACE FUNCTION announce_brand_name() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM products WHERE brand_id = NEW.id ORDER BY id FOR NO KEY UPDATE;
        UPDATE products SET modified = clock_timestamp() WHERE brand_id = NEW.id;
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    op.execute(HOLD)
    op.execute(TOUCH)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: what was written since would be lost.")
