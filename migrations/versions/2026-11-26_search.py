"""What is searched: documents, their vectors by model, the words of all; brands and retailers tell of changes.

Revision: 2026_11_26_search
Follows: 2026_11_26_content
"""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

from closient_gql.core.models.platform import Xid8

revision = "2026_11_26_search"
down_revision = "2026_11_26_content"
branch_labels = None
depends_on = None

# A vector fits into a page; apart from its row it would take two reads more each time.
PARTITIONS = (
    "ALTER TABLE search_vectors ALTER COLUMN vector SET STORAGE PLAIN",
    *(f"CREATE TABLE search_vectors_{n} PARTITION OF search_vectors FOR VALUES IN ({n})" for n in (0, 1)),
)
# Products tell of themselves already, of their brand's name, too.
TRIGGERS = (
    """
    CREATE FUNCTION announce_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO events (type, entity, entity_id, data)
        VALUES ('search.changed', 'search', NEW.id, jsonb_build_object('kind', TG_ARGV[0]));
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER announce_search AFTER INSERT OR UPDATE OF name, description, website ON brands
        FOR EACH ROW EXECUTE FUNCTION announce_search('brand')
    """,
    """
    CREATE TRIGGER announce_search AFTER INSERT OR UPDATE OF name, category, website ON retailers
        FOR EACH ROW EXECUTE FUNCTION announce_search('retailer')
    """,
)


def upgrade() -> None:
    op.create_table(
        "search_models",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), server_default="", nullable=False),
        sa.Column("calibration", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("slot IN (0, 1)", name=op.f("ck_search_models_slot")),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_search_models")),
    )
    op.create_index("uq_search_models_state", "search_models", ["state"], unique=True)
    op.create_table(
        "search_progress",
        sa.Column("id", sa.Integer(), autoincrement=False, server_default="1", nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("transaction", Xid8(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_search_progress_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_progress")),
    )
    op.create_table(
        "search_words",
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("lexeme", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("language", "lexeme", name=op.f("pk_search_words")),
    )
    op.create_table(
        "search_documents",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column(
            "product_id",
            sa.String(length=12),
            sa.Computed("CASE WHEN kind = 'product' THEN id END", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "brand_id",
            sa.String(length=12),
            sa.Computed("CASE WHEN kind = 'brand' THEN id END", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "retailer_id",
            sa.String(length=12),
            sa.Computed("CASE WHEN kind = 'retailer' THEN id END", persisted=True),
            nullable=True,
        ),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("name_length", sa.Integer(), nullable=False),
        sa.Column("rest_length", sa.Integer(), nullable=False),
        sa.Column("embedded_text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=32), sa.Computed("md5(embedded_text)", persisted=True), nullable=False),
        sa.Column("seen", Xid8(), nullable=False),
        sa.Column("named", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("traces", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("whole", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("complete", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("listed", sa.Text(), server_default="", nullable=False),
        sa.Column("listed_traces", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_search_documents_brand_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_search_documents_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["retailer_id"], ["retailers.id"], name=op.f("fk_search_documents_retailer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_search_documents")),
        sa.UniqueConstraint("brand_id", name=op.f("uq_search_documents_brand_id")),
        sa.UniqueConstraint("product_id", name=op.f("uq_search_documents_product_id")),
        sa.UniqueConstraint("retailer_id", name=op.f("uq_search_documents_retailer_id")),
    )
    op.create_index("ix_search_documents_words", "search_documents", ["words"], unique=False, postgresql_using="gin")
    op.create_table(
        "search_vectors",
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("text_hash", sa.String(length=32), nullable=False),
        sa.Column("vector", HALFVEC(1024), nullable=True),
        sa.ForeignKeyConstraint(
            ["kind", "id"],
            ["search_documents.kind", "search_documents.id"],
            name=op.f("fk_search_vectors_kind_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["slot"], ["search_models.slot"], name=op.f("fk_search_vectors_slot")),
        sa.PrimaryKeyConstraint("slot", "kind", "id", name=op.f("pk_search_vectors")),
        postgresql_partition_by="LIST (slot)",
    )
    op.create_index("ix_search_vectors_document", "search_vectors", ["kind", "id"], unique=False)
    op.create_index(
        "ix_search_vectors_near",
        "search_vectors",
        ["vector"],
        unique=False,
        postgresql_using="hnsw",
        postgresql_ops={"vector": "halfvec_cosine_ops"},
    )
    op.create_index(
        "ix_search_vectors_waiting",
        "search_vectors",
        ["slot", "kind", "id"],
        unique=False,
        postgresql_where=sa.text("vector IS NULL"),
    )
    op.create_index("ix_events_search", "events", ["transaction", "id"], postgresql_where=sa.text("entity = 'search'"))
    for statement in (*PARTITIONS, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: what was written since would be lost.")
