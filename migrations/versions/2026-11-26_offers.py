"""Offers: the nearest ones by index, history of prices, feeds.

Revision: 2026_11_26_offers
Follows: 2026_11_26_retailers
"""

import sqlalchemy as sa
from alembic import op

from closient_gql.core.models.locations import point

revision = "2026_11_26_offers"
down_revision = "2026_11_26_retailers"
branch_labels = None
depends_on = None

# Offers carry the point of their location, so that the nearest ones of a product are found in one index. FOR SHARE: a
# location that is being moved is waited for, and one that is about to be waits for the offer and then moves it, too.
PLACES = (
    """
    CREATE FUNCTION place_offer() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        SELECT l.point INTO NEW.point
        FROM physical_stores s JOIN locations l ON l.id = s.location_id WHERE s.id = NEW.physical_store_id FOR SHARE;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER place_offer BEFORE INSERT ON in_store_offers
        FOR EACH ROW WHEN (NEW.point IS NULL) EXECUTE FUNCTION place_offer()
    """,
    """
    CREATE FUNCTION move_offers() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE in_store_offers o SET point = l.point
        FROM physical_stores s JOIN locations l ON l.id = s.location_id
        WHERE o.physical_store_id = s.id AND CASE TG_TABLE_NAME WHEN 'locations' THEN l.id ELSE s.id END = NEW.id;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER move_offers AFTER UPDATE OF latitude, longitude ON locations FOR EACH ROW
        WHEN (NEW.latitude <> OLD.latitude OR NEW.longitude <> OLD.longitude) EXECUTE FUNCTION move_offers()
    """,
    """
    CREATE TRIGGER move_offers AFTER UPDATE OF location_id ON physical_stores FOR EACH ROW
        WHEN (NEW.location_id <> OLD.location_id) EXECUTE FUNCTION move_offers()
    """,
    "UPDATE in_store_offers o SET point = l.point FROM physical_stores s, locations l"
    " WHERE s.id = o.physical_store_id AND l.id = s.location_id",
)


def history(kind: str) -> tuple[str, ...]:
    """Whatever changes prices, by REST, a feed or SQL, leaves its history: a statement of ten thousand rows is one
    statement more. EXECUTE, because a plan that was kept from a statement of no rows takes hours for many."""
    store = {"in_store": "physical_store", "online": "online_store"}[kind]
    return (
        f"""
        CREATE FUNCTION note_{kind}_prices() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            EXECUTE $sql$
                INSERT INTO {kind}_price_changes (created, offer_id, old_price, new_price, currency, source)
                SELECT clock_timestamp(), n.id, o.price, n.price, s.currency, n.source
                FROM before o JOIN after n ON n.id = o.id JOIN {store}s s ON s.id = n.{store}_id
                WHERE n.price IS DISTINCT FROM o.price
            $sql$;
            RETURN NULL;
        END $$
        """,  # noqa: S608  names of our own
        f"""
        CREATE TRIGGER note_prices AFTER UPDATE ON {kind}_offers
            REFERENCING OLD TABLE AS before NEW TABLE AS after
            FOR EACH STATEMENT EXECUTE FUNCTION note_{kind}_prices()
        """,
    )


def upgrade() -> None:
    op.add_column("in_store_offers", sa.Column("point", point(), nullable=True))
    for statement in (*PLACES, *history("in_store"), *history("online")):
        op.execute(statement)
    op.create_index(
        "ix_in_store_offers_near",
        "in_store_offers",
        [sa.text("hashtextextended(product_id, 0)"), "point"],
        postgresql_using="gist",
    )
    op.create_table(
        "offer_feeds",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organization_id", sa.String(length=12), nullable=False),
        sa.Column("user_id", sa.String(length=12), nullable=True),
        sa.Column("inventory_source_id", sa.String(length=12), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_priority", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.Column("total_rows", sa.Integer(), nullable=False),
        sa.Column("processed_rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("outranked_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_offer_feeds_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["inventory_source_id"],
            ["inventory_sources.id"],
            name=op.f("fk_offer_feeds_inventory_source_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_feeds")),
    )
    op.create_index("ix_offer_feeds_order", "offer_feeds", ["organization_id", "created", "id"], unique=False)
    op.create_index(op.f("ix_offer_feeds_inventory_source_id"), "offer_feeds", ["inventory_source_id"], unique=False)
    op.create_index(
        "ix_offer_feeds_open",
        "offer_feeds",
        ["organization_id", "digest"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "offer_feed_errors",
        sa.Column("feed_id", sa.String(length=12), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("column", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["offer_feeds.id"], name=op.f("fk_offer_feed_errors_feed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feed_id", "line", name=op.f("pk_offer_feed_errors")),
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: what was written since would be lost.")
