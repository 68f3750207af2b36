"""Searches in conversation: sessions, threads of signed-in users and their transcripts.

Revision: 2026_11_26_search_sessions
Follows: 2026_11_26_search
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_search_sessions"
down_revision = "2026_11_26_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=12), nullable=True),
        sa.Column("base_query", sa.Text(), nullable=False),
        sa.Column("gtin", sa.Text(), server_default="", nullable=False),
        sa.Column("constraints", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("home_latitude", sa.Float(precision=53), nullable=False),
        sa.Column("home_longitude", sa.Float(precision=53), nullable=False),
        sa.Column("latitude", sa.Float(precision=53), nullable=False),
        sa.Column("longitude", sa.Float(precision=53), nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("radius_km", sa.Float(precision=53), nullable=False),
        sa.Column("history", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("is_refinement", sa.Boolean(), nullable=False),
        sa.Column("added", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_search_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_sessions")),
    )
    op.create_index(op.f("ix_search_sessions_expires_at"), "search_sessions", ["expires_at"], unique=False)
    op.create_index(op.f("ix_search_sessions_user_id"), "search_sessions", ["user_id"], unique=False)
    op.create_table(
        "search_threads",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("user_id", sa.String(length=12), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("last_user_message", sa.Text(), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["search_sessions.id"], name=op.f("fk_search_threads_session_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_search_threads_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_threads")),
        sa.UniqueConstraint("session_id", name=op.f("uq_search_threads_session_id")),
    )
    op.create_index(
        "ix_search_threads_order", "search_threads", ["user_id", sa.literal_column("modified DESC"), "id"], unique=False
    )
    op.create_table(
        "search_messages",
        sa.Column("thread_id", sa.String(length=12), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["search_threads.id"], name=op.f("fk_search_messages_thread_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("thread_id", "position", name=op.f("pk_search_messages")),
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: what was written since would be lost.")
