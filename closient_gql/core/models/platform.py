"""What the platform keeps about itself: events, who changed what, effects that have happened, demo sets."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from closient_gql.core.models.base import Base, Identified


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class Event(Base):
    """One thing that happened, written in the transaction that made it happen: the outbox.

    Readers take events in the order (`transaction`, `id`) and only those whose transaction is older than every one
    still under way (`pg_snapshot_xmin`): nothing can be committed later in a place that was passed already.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_order", "transaction", "id"),
        Index("ix_events_entity", "entity", "entity_id", "id"),
        Index("ix_events_products", "transaction", "id", postgresql_where=text("entity = 'product'")),
        Index("ix_events_search", "transaction", "id", postgresql_where=text("entity = 'search'")),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    transaction: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))
    type: Mapped[str]  # dotted: product.updated
    entity: Mapped[str]  # product
    entity_id: Mapped[str]
    organization_id: Mapped[str | None] = mapped_column(String(12))  # whose subscribers hear of it; null: everybody's
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditEntry(Identified, Base):
    """Who changed what in an organization. Never changed, never deleted with its actor."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_order", "organization_id", "created", "id"),)
    organization_id: Mapped[str] = mapped_column(String(12), ForeignKey("organizations.id", ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(String(12))  # null: the platform itself, or the command line
    key_id: Mapped[str | None] = mapped_column(String(12))
    action: Mapped[str]  # dotted: member.invited
    target_type: Mapped[str]
    target_id: Mapped[str]
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class Receipt(Base):
    """An effect that has happened, written in the effect's own transaction, so that it happens once."""

    __tablename__ = "receipts"
    consumer: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    created: Mapped[datetime] = mapped_column(server_default=func.now())


class DeadLetter(Identified, Base):
    """A job that failed as often as it may. It waits here until somebody retries or drops it."""

    __tablename__ = "dead_letters"
    job: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    error: Mapped[str]
    attempts: Mapped[int]


class DemoSet(Base):
    """A set of demo data that was loaded. It stays when its rows are changed or deleted: each set loads once."""

    __tablename__ = "demo_sets"
    name: Mapped[str] = mapped_column(primary_key=True)
    loaded: Mapped[datetime] = mapped_column(server_default=func.now())
