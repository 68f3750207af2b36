"""Searches in conversation: sessions, which live half an hour, and what signed-in users keep of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from closient_gql.core.enums import Described
from closient_gql.core.models.account import User  # noqa: F401  sessions refer to users
from closient_gql.core.models.base import Base, Identified


class MessageRole(Described):
    USER = "user", "What the person said."
    ASSISTANT = "assistant", "What it was answered."


class SearchSession(Base):
    """One conversation. Whoever knows `id` may go on with it, unless it is a user's: then only that user.

    It is measured from `latitude` and `longitude`: where the person is (`home_…`), or the place that the text names.
    `query`, `is_refinement`, `added` and `explanation` are of the last text, `seen` of what was last shown.
    """

    __tablename__ = "search_sessions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str | None] = mapped_column(String(12), ForeignKey("users.id", ondelete="CASCADE"), index=True)
    base_query: Mapped[str]  # what relevance is measured by
    gtin: Mapped[str] = mapped_column(server_default="")  # or the one product that is asked for
    constraints: Mapped[dict[str, Any]] = mapped_column(JSONB)  # resolvers.search.constraints.model
    currency: Mapped[str] = mapped_column(server_default="")  # of the prices among them: ISO 4217, $, empty: any
    home_latitude: Mapped[float] = mapped_column(Float(53))
    home_longitude: Mapped[float] = mapped_column(Float(53))
    latitude: Mapped[float] = mapped_column(Float(53))
    longitude: Mapped[float] = mapped_column(Float(53))
    place: Mapped[str] = mapped_column(server_default="")  # its name; empty: where the person is
    radius_km: Mapped[float] = mapped_column(Float(53))  # unless a constraint says another distance
    history: Mapped[list[str]] = mapped_column(server_default="{}")
    query: Mapped[str]
    is_refinement: Mapped[bool]
    added: Mapped[dict[str, Any]] = mapped_column(JSONB)
    explanation: Mapped[str]
    seen: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SearchThread(Identified, Base):
    """A conversation that a user keeps; it outlives its session. No place is kept."""

    __tablename__ = "search_threads"
    user_id: Mapped[str] = mapped_column(String(12), ForeignKey("users.id", ondelete="CASCADE"))
    session_id: Mapped[str | None] = mapped_column(
        String(64), ForeignKey("search_sessions.id", ondelete="SET NULL"), unique=True
    )
    title: Mapped[str]
    last_user_message: Mapped[str]
    modified: Mapped[datetime] = mapped_column(server_default=func.now())


Index("ix_search_threads_order", SearchThread.user_id, SearchThread.modified.desc(), SearchThread.id)


class SearchMessage(Base):
    """One line of a transcript. `data` of an answer: constraints, how many hits there were, GTINs of the first."""

    __tablename__ = "search_messages"
    thread_id: Mapped[str] = mapped_column(
        String(12), ForeignKey("search_threads.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[str]
    text: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
