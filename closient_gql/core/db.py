"""The database: SQLAlchemy Core statements, compiled once, fetched by asyncpg as records that read like the model.

500 rows of 13 columns take 1.95 ms as records, 5.5 ms as SQLAlchemy Core rows and 11.7 ms as ORM objects.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

import asyncpg
import orjson
from sqlalchemy import ARRAY, Executable, Select, Text, bindparam
from sqlalchemy.dialects.postgresql.asyncpg import dialect as postgresql

from closient_gql.core.errors import Conflict, Unavailable
from closient_gql.core.pool import Pool, Session
from closient_gql.core.tracing import span

M = TypeVar("M")
if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:  # generic for type checkers only
    Connection = asyncpg.Connection
SETTINGS = {
    "application_name": "closient", "jit": "off", "TimeZone": "UTC",
    # of indexes of vectors: on with what they have where a filter leaves too little, nearest first
    "hnsw.iterative_scan": "strict_order", "hnsw.ef_search": "200", "hnsw.max_scan_tuples": "200000",
    "hnsw.scan_mem_multiplier": "8",
}  # fmt: skip
DIALECT = postgresql()  # type: ignore[no-untyped-call]
KEYS = bindparam("keys", type_=ARRAY(Text))
"""The keys of a batch: `select(...).where(column == func.any(KEYS))`, run with `keys=[...]`."""
ANY_KEY = "= any($1::TEXT[])"  # how that is compiled


class Row(asyncpg.Record):
    """A record with attributes: a field's default resolver is getattr, and so nothing has to be resolved."""

    columns: ClassVar[frozenset[str]] = frozenset()  # what every row of this class carries
    attributes_are_items: ClassVar[bool] = True  # the engine reads items: seven times faster than __getattr__

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:  # hasattr() must keep working: Strawberry asks rows for its own marker attributes
            raise AttributeError(f"{type(self).__name__} has no column {name!r} (was it selected?)") from None


Columns = Callable[[type], "frozenset[str] | None"]
"""What a caller wants of the rows of a model: their columns; None: all. A batch function that has a parameter of this
type is told by the graph what an operation reads; it may give more (docs/decisions/0025)."""
SHAPES = 1_000  # of statements that are kept compiled, each for some columns


_rows: dict[type, type[Row]] = {}


def row_of(model: type) -> type[Row]:
    """The record class of a model: what isinstance() sees. Type checkers see the model itself."""
    if model not in _rows:
        columns = frozenset(cast(Any, model).__table__.c.keys())
        _rows[model] = type(model.__name__ + "Row", (Row,), {"columns": columns})
    return _rows[model]


def narrowed(statement: Select[Any], columns: Collection[str]) -> Select[Any]:
    """The statement with no other columns than these."""
    kept = [each for each in statement.selected_columns if each.key in columns]
    return statement.with_only_columns(*kept, maintain_column_froms=True)


class Query(Generic[M]):
    """One statement, compiled when it is defined; its bindparams are given by name when it runs.

    `reads`: columns that whoever runs it looks at, whatever else is wanted of the rows.
    """

    def __init__(self, model: type[M], statement: Executable, reads: Collection[str] = ()) -> None:
        compiled = statement.compile(dialect=DIALECT)  # type: ignore[attr-defined]
        self.model, self.statement, self.reads = model, statement, reads
        self.row, self.sql = row_of(model), str(compiled)
        self.names: list[str] = compiled.positiontup or []
        # for one key: PostgreSQL plans `= any(array)` anew each time, which takes as long as finding the row
        self.for_one = self.sql.replace(ANY_KEY, "= $1::TEXT") if self.names == ["keys"] else self.sql
        self.fixed: dict[str, Any] = compiled.params

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """The values in the order of the statement's placeholders."""
        return [values.get(name, self.fixed[name]) for name in self.names]

    @lru_cache(maxsize=SHAPES)  # noqa: B019  queries live as long as the process
    def only(self, columns: frozenset[str], key: str) -> "Query[M]":
        """The same with no more columns than are wanted: these, the key by which rows are told apart, and `reads`."""
        assert isinstance(self.statement, Select)
        wanted = {*columns, key, *self.reads}
        if all(each.key in wanted for each in self.statement.selected_columns):
            return self
        return Query(self.model, narrowed(self.statement, wanted), self.reads)


OPTIONS: dict[str, Any] = {
    "timeout": 5, "command_timeout": 30,
    "server_settings": SETTINGS,
}  # fmt: skip
AWAY = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,  # shut down, or starting up
    asyncpg.TooManyConnectionsError,
    asyncpg.TransactionRollbackError,  # two wait for each other: one of them gives way, and may try again
)


class Database:
    """Connections to one database. Every failure to reach it is `Unavailable`; the next call tries anew.

    Nothing is connected before it is needed, so a server starts while its database is away.
    """

    def __init__(self, url: str, size: int) -> None:
        self.url = url
        self._pool = Pool(self._connect, size)

    async def _connect(self) -> Session:
        session: Session = await asyncpg.connect(self.url, connection_class=Session, **OPTIONS)
        try:
            await prepare(session)
        except BaseException:
            session.terminate()
            raise
        return session

    async def close(self, patience: float = 10.0) -> None:
        """Lets running statements end, for so many seconds at most."""
        await self._pool.close(patience)

    def acquire(self) -> "Acquired":
        """A connection for the block: `async with database.acquire() as connection`.

        Raises:
            Unavailable: the server cannot be reached, or went away in between.
        """
        return Acquired(self._pool)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Writer"]:
        """One transaction: committed at the end of the block, rolled back if it raises."""
        async with self.acquire() as connection, connection.transaction():
            yield Writer(connection)


class Acquired:
    """One connection of a pool, for a block. A class, because a generator costs more than the pool does."""

    __slots__ = ("_pool", "_session")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __aenter__(self) -> Connection:
        try:
            self._session = await self._pool.take()
        except AWAY as error:
            raise Unavailable() from error
        return self._session

    async def __aexit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        await self._pool.give(self._session)
        if isinstance(error, AWAY):
            raise Unavailable() from error


def library_pool(url: str, size: int) -> "asyncpg.pool.Pool[asyncpg.Record]":
    """A pool of asyncpg's own, for libraries that want one; to be awaited, or entered by `async with`."""
    return asyncpg.create_pool(url, init=prepare, min_size=1, max_size=size, **OPTIONS)


async def prepare(connection: Any) -> None:
    """JSON columns are Python values on every connection."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, encoder=lambda value: orjson.dumps(value).decode(), decoder=orjson.loads, schema="pg_catalog"
        )


class Fetch:
    """What reading and writing share: statements in, rows that read like the model out."""

    def __init__(self) -> None:
        self.statements: list[str] = []  # tests pin how many there are

    async def fetch(self, sql: str, arguments: list[Any], row: type[Row]) -> list[Any]:
        raise NotImplementedError

    async def all(self, query: Query[M], **values: Any) -> Sequence[M]:
        """Every row."""
        return await self._run(query.sql, query.arguments(values), query.row)

    async def _run(self, sql: str, arguments: list[Any], row: type[Row]) -> Sequence[Any]:
        self.statements.append(sql)
        with span("statement", db__system="postgresql", db__statement=sql[:2000]):
            return await self.fetch(sql, arguments, row)

    async def one(self, query: Query[M], **values: Any) -> M | None:
        """The first row, or None."""
        found = await self.all(query, **values)
        return found[0] if found else None

    async def by_key(
        self, query: Query[M], column: str, keys: Sequence[Any], columns: Columns | None = None
    ) -> list[M | None]:
        """Rows in the order of the keys; duplicates and nulls are welcome. `columns`: by default all that there is."""
        wanted = {key for key in keys if key is not None}
        if not wanted:
            return [None] * len(keys)
        if columns is not None and (names := columns(query.model)) is not None:
            query = query.only(names, column)
        if len(wanted) == 1 and query.for_one is not query.sql:
            rows = await self._run(query.for_one, list(wanted), query.row)
        else:
            rows = await self.all(query, keys=list(wanted))
        found = {row[column]: row for row in rows}
        return [found.get(key) for key in keys]

    async def by_parent(self, query: Query[M], column: str, parents: Sequence[Any]) -> list[list[M]]:
        """Rows grouped below their parents, in the order of the parents."""
        groups: dict[Any, list[M]] = {parent: [] for parent in parents}
        for row in await self.all(query, keys=list(groups)) if groups else ():
            groups[row[column]].append(row)  # type: ignore[index]
        return [groups[parent] for parent in parents]


class Reader(Fetch):
    """What one request reads with: a connection for each statement, because batches run concurrently."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database

    async def fetch(self, sql: str, arguments: list[Any], row: type[Row]) -> list[Any]:
        async with self.database.acquire() as connection:
            return list(await connection.fetch(sql, *arguments, record_class=row))


class Writer(Fetch):
    """One transaction. What it fetches sees its own writes; `connection` is there for jobs and COPY."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.connection = connection

    async def fetch(self, sql: str, arguments: list[Any], row: type[Row]) -> list[Any]:
        return list(await self.connection.fetch(sql, *arguments, record_class=row))


@contextmanager
def conflicts(taken: Mapping[str, str]) -> Iterator[None]:
    """What is unique and taken already is a conflict: `taken` has the message for each constraint by its name.

    Raises:
        Conflict: in the block one of them was violated.
    """
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        if (message := taken.get(error.constraint_name or "")) is None:
            raise
        raise Conflict(message) from None


Batch = Callable[..., Awaitable[Sequence[Any]]]
"""`(ctx, parents, **arguments)`: one answer for each parent, in order."""
