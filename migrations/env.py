"""How Alembic reaches the database: one connection, one transaction for all migrations, a lock, short lock timeouts."""

import asyncio

import asyncpg
import pgvector.sqlalchemy  # noqa: F401  teaches SQLAlchemy to read its types
from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from closient_gql.core.models import Base
from closient_gql.core.models.platform import Xid8

ischema_names |= {"xid8": Xid8}  # SQLAlchemy does not know it; geography it knows by geoalchemy2
LOCK = 7_214_005  # of pg_advisory_xact_lock: two processes that start at once migrate one after the other


def ours(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """PostGIS and pgqueuer bring tables of their own; partitions are parts of one of ours."""
    return not (kind == "table" and reflected and compare_to is None and (name or "").startswith(FOREIGN))


FOREIGN = ("spatial_ref_sys", "pgqueuer", "alembic_version", "search_vectors_")  # the last: partitions


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=ours,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        context.run_migrations()


async def online(url: str) -> None:
    """asyncpg reads the URL, as it does everywhere else: SQLAlchemy knows neither `postgres://` nor `sslmode`."""
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(online(context.config.attributes["url"]))
