"""The base of all tables, and the columns that most of them share."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ARRAY, DateTime, MetaData, Numeric, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """A table. Enums are stored as text, so that a new member needs no migration; their values are checked in code."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012
        str: Text(),
        datetime: DateTime(timezone=True),  # without a zone the answer would be no date-time
        Decimal: Numeric(),
        dict[str, str]: JSONB(),
        dict[str, float]: JSONB(),
        list[str]: ARRAY(Text()),
    }


class Identified:
    """Public id and time of creation."""

    id: Mapped[str] = mapped_column(String(12), primary_key=True, sort_order=-2)
    created: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=-1)


class Annotatable:
    """`metadata`: a flat map of strings that belongs to the caller (the attribute's name is taken by SQLAlchemy)."""

    metadata_: Mapped[dict[str, str]] = mapped_column("metadata", server_default="{}")
