"""Images, ingredients, nutrition panels and metadata have a source, a time and a confidence, like other fields.

Revision: 2026_11_26_provenance
Follows: 2026_11_26_brand_names
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_provenance"
down_revision = "2026_11_26_brand_names"
branch_labels = None
depends_on = None

# Who said it is known of what was written through the graph: the audit log has it. What was loaded has its product's
# source, unless an owner has stated anything of that product since: then the row's source may be the owner's, who did
# not say this. The best other source of the product's facts is taken instead.
IMAGES = """
    UPDATE product_images SET data_source = origin.source, confidence = origin.confidence,
        stated_by_id = origin.organization_id, stated_at = product_images.created
    FROM (
        SELECT images.id, said.organization_id,
            CASE WHEN said.organization_id IS NOT NULL THEN 'claimed'
                WHEN products.data_source <> 'claimed' THEN products.data_source
                ELSE coalesce(other.source, 'imported') END AS source,
            CASE WHEN said.organization_id IS NOT NULL THEN 0.95
                ELSE coalesce(other.confidence, products.confidence_score) END AS confidence
        FROM product_images AS images JOIN products ON products.id = images.product_id
        LEFT JOIN (
            SELECT DISTINCT ON (changes->>'image') changes->>'image' AS image, organization_id FROM audit_entries
            WHERE action = 'product.image_added'
        ) AS said ON said.image = images.id
        LEFT JOIN LATERAL (
            SELECT source, confidence FROM product_facts
            WHERE product_id = products.id AND source <> 'claimed' ORDER BY field <> 'image_url', source LIMIT 1
        ) AS other ON true
    ) AS origin
    WHERE product_images.id = origin.id
"""
# What the tables show of products of which something was stated before; of the others the row's source still holds.
CONTENT = """
    INSERT INTO product_facts (product_id, field, source, value, confidence, stated_by, stated_at)
    SELECT products.id, content.field,
        CASE WHEN said.organization_id IS NOT NULL THEN 'claimed'
            WHEN products.data_source <> 'claimed' THEN products.data_source
            ELSE coalesce(other.source, 'imported') END,
        content.value,
        CASE WHEN said.organization_id IS NOT NULL THEN 0.95
            ELSE coalesce(other.confidence, products.confidence_score) END,
        said.organization_id, coalesce(said.created, products.created)
    FROM (
        SELECT product_id, 'ingredients' AS field,
            jsonb_agg(jsonb_build_object('name', name, 'is_major_allergen', is_major_allergen, 'may_contain',
                may_contain, 'notes', notes, 'percentage', percentage, 'origin', origin) ORDER BY priority, id
            ) AS value,
            max(created) AS created
        FROM ingredients GROUP BY product_id
        UNION ALL
        SELECT product_id, 'nutrition', jsonb_build_object(
            'serving_size', serving_size, 'label_format', label_format, 'serving_size_g', serving_size_g,
            'servings_per_container', servings_per_container, 'nutrients', coalesce((
                SELECT jsonb_agg(jsonb_build_object('name', name, 'amount', amount, 'unit', unit, 'daily_value_pct',
                    daily_value_pct) ORDER BY priority)
                FROM nutrient_values AS line WHERE line.product_id = panel.product_id
            ), '[]')), NULL
        FROM nutrition_facts AS panel
        UNION ALL
        SELECT id, 'metadata', metadata, NULL
        FROM products WHERE metadata <> '{}'
    ) AS content JOIN products ON products.id = content.product_id
    LEFT JOIN (
        SELECT DISTINCT ON (field, target_id) field, target_id, organization_id, created
        FROM audit_entries JOIN (VALUES
            ('ingredients', 'product.ingredients_replaced'), ('ingredients', 'product.created'),
            ('nutrition', 'product.nutrition_replaced'),
            ('metadata', 'product.created'), ('metadata', 'product.updated')
        ) AS writes (field, action) USING (action)
        ORDER BY field, target_id, created DESC
    ) AS said ON said.field = content.field AND said.target_id = products.id
        AND (content.created IS NULL OR said.created = content.created) -- lines were written in that transaction
    LEFT JOIN LATERAL (
        SELECT source, confidence FROM product_facts
        WHERE product_id = products.id AND source <> 'claimed' ORDER BY source LIMIT 1
    ) AS other ON true
    WHERE said.organization_id IS NOT NULL
        OR EXISTS (SELECT FROM product_facts WHERE product_facts.product_id = products.id)
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.add_column("product_images", sa.Column("data_source", sa.Text(), server_default="imported", nullable=False))
    op.add_column("product_images", sa.Column("confidence", sa.Float(), server_default="0", nullable=False))
    op.add_column("product_images", sa.Column("stated_by_id", sa.String(length=12), nullable=True))
    op.add_column(
        "product_images",
        sa.Column("stated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.execute(IMAGES)
    op.execute(CONTENT)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: what was written since would be lost.")
