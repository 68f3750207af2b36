"""Lists: by page or by cursor, for the root or for many parents in one statement; counted only when asked.

A `Listing` finds a part of a list in the database; a `Computed` one is found as a whole, and its parts are cut from it.
"""

import base64
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Annotated, Any, Generic, Protocol, TypeVar

import orjson
from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, Text, bindparam, func, select, true, tuple_
from sqlalchemy.orm import QueryableAttribute

from closient_gql.core.bounds import Bounds, Doc, PageNumber, PageSize, unstorable
from closient_gql.core.db import Columns, Fetch, Query, narrowed
from closient_gql.core.errors import Detail, Invalid

M = TypeVar("M")
S = TypeVar("S", bound="Slice[Any]")
Cursor = Annotated[str, Bounds(max_length=2000)]
Position = tuple[Any, str]  # the value that the list is ordered by, and the id that breaks ties
DEFAULT_SIZE = 25


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which part of a list is wanted: the paging arguments, and of each row the columns (by default all that there is).

    A field whose function takes a Window has all of these arguments, and the graph says the columns.
    """

    first: Annotated[PageSize | None, Doc("How many items, from the front. 25 by default.")] = None
    after: Annotated[Cursor | None, Doc("Items behind this cursor only.")] = None
    last: Annotated[PageSize | None, Doc("How many items, from the end.")] = None
    before: Annotated[Cursor | None, Doc("Items ahead of this cursor only.")] = None
    page: Annotated[PageNumber | None, Doc("The page, from 1; instead of cursors.")] = None
    page_size: Annotated[PageSize | None, Doc("Items on one page. 25 by default.")] = None
    columns: Columns | None = None

    def __post_init__(self) -> None:
        forward = self.first is not None or self.after is not None
        if (self.page or self.page_size) and (forward or self.backward):
            raise Invalid([Detail(field="page", message="use either page and pageSize, or cursors")])
        if forward and self.backward:
            raise Invalid([Detail(field="last", message="use either first and after, or last and before")])

    @property
    def number(self) -> int:
        return self.page or 1

    @property
    def size(self) -> int:
        return self.page_size or self.first or self.last or DEFAULT_SIZE

    @property
    def backward(self) -> bool:
        return self.last is not None or self.before is not None


@dataclass(frozen=True, slots=True)
class Edge:
    node: Any
    cursor: str


@dataclass(frozen=True, slots=True)
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class Named(Protocol):
    """A list of which cursors say the name."""

    @property
    def name(self) -> str: ...


@dataclass
class Slice(Generic[M]):
    """What one list answers. The connection type of the schema is a declaration over it."""

    nodes: Sequence[M]
    window: Window
    has_more: bool  # in the direction of reading
    order: str
    listing: Named
    parent: Any
    shared: tuple[frozenset[str], Mapping[str, Any]] = field(repr=False)
    total: int | None = field(default=None, kw_only=True)  # of the whole list, if it is known already

    @classmethod
    def empty(cls, window: Window) -> "Slice[M]":
        """One that has nothing, whatever is asked: no statement counts it."""
        return cls([], window, False, "", NOTHING, None, (frozenset(), {}), total=0)

    @property
    def edges(self) -> list[Edge]:
        return [Edge(row, self.cursor(row)) for row in self.nodes]

    @property
    def page_info(self) -> PageInfo:
        window = self.window
        return PageInfo(
            has_next_page=bool(window.before) if window.backward else self.has_more,
            has_previous_page=self.has_more if window.backward else bool(window.after) or window.number > 1,
            start_cursor=self.cursor(self.nodes[0]) if self.nodes else None,
            end_cursor=self.cursor(self.nodes[-1]) if self.nodes else None,
        )

    def cursor(self, row: Any) -> str:
        """Where this row stands, in this order of this list: opaque to callers."""
        position = [self.listing.name, self.order, row.sort_, row.id]
        return base64.urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


@dataclass(frozen=True, eq=False)
class Listing(Generic[M]):
    """Declared once for each list: which rows, which filters and orders exist, below which parent column.

    `source` selects the model's columns; `orders` maps a name to what is sorted by (never null), `-name` being the
    same backwards; `filters` maps a name to a condition with a bindparam of that name.
    """

    name: str
    model: type[M]
    source: Select[Any]
    orders: Mapping[str, ColumnElement[Any]]
    filters: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    parent: QueryableAttribute[Any] | None = None

    @property
    def key(self) -> Any:
        return self.model.id  # type: ignore[attr-defined]

    @lru_cache(maxsize=1_000)  # noqa: B019  one entry for each shape of question; listings live as long as the process
    def query(
        self, filters: frozenset[str], order: str, seek: bool, backward: bool, columns: frozenset[str] | None = None
    ) -> Query[M]:
        column = self.orders[order.removeprefix("-")]
        descending = order.startswith("-") != backward
        source = self.source
        if columns is not None:
            source = narrowed(source, {*columns, self.key.key})
        statement = source.add_columns(column.label("sort_")).where(*self.conditions(filters))
        if seek:
            here, there = tuple_(column, self.key), tuple_(bindparam("at0", type_=column.type), bindparam("at1"))
            statement = statement.where(here < there if descending else here > there)
        by = (column.desc(), self.key.desc()) if descending else (column, self.key)
        limit, offset = bindparam("limit_", type_=BigInteger), bindparam("offset_", type_=BigInteger)
        if self.parent is None:
            return Query(self.model, statement.order_by(*by).limit(limit).offset(offset))
        parents = func.unnest(bindparam("parents", type_=ARRAY(Text))).table_valued("id").render_derived()
        each = statement.where(self.parent == parents.c.id).order_by(*by).limit(limit).offset(offset).lateral("each")
        outer = [c.desc() if descending else c for c in (each.c.sort_, each.c[self.key.key])]
        return Query(self.model, select(parents.c.id.label("parent_"), each).join(each, true()).order_by(*outer))

    @cache  # noqa: B019
    def counting(self, filters: frozenset[str]) -> Query[Any]:
        source = self.source.where(*self.conditions(filters))
        if self.parent is None:
            # the count has no column of the list: without its tables it would count one row, of nothing
            return Query(self.model, source.with_only_columns(func.count().label("n"), maintain_column_froms=True))
        source = source.where(self.parent == func.any(bindparam("parents", type_=ARRAY(Text))))
        return Query(
            self.model,
            source.with_only_columns(self.parent.label("parent_"), func.count().label("n")).group_by(self.parent),
        )

    def conditions(self, filters: frozenset[str]) -> list[ColumnElement[bool]]:
        return [self.filters[name] for name in sorted(filters)]

    def position(self, order: str, cursor: str, argument: str) -> Position:
        """What a cursor of this list says.

        Raises:
            Invalid: it is no cursor, or one of another list or order.
        """
        return read_cursor(cursor, argument, self.name, order, self.orders[order.removeprefix("-")].type.python_type)

    async def slices(
        self, read: Fetch, window: Window, parents: Sequence[Any] = (None,), /, *, order: str, **given: Any
    ) -> list[Slice[M]]:
        """One slice for each parent, in one statement. Filters that are None do not filter."""
        given = {name: value for name, value in given.items() if value is not None}
        shape = frozenset(given)
        cursor, argument = (window.before, "before") if window.backward else (window.after, "after")
        position = self.position(order, cursor, argument) if cursor is not None else None
        values = given | {"limit_": window.size + 1, "offset_": (window.number - 1) * window.size}
        values |= {"parents": list({p for p in parents if p is not None})}
        values |= dict(zip(("at0", "at1"), position or (), strict=False))
        groups: dict[Any, list[M]] = {parent: [] for parent in parents}
        wanted = window.columns(self.model) if window.columns else None
        query = self.query(shape, order, position is not None, window.backward, wanted)
        for row in await read.all(query, **values):
            groups[getattr(row, "parent_", None) if self.parent is not None else None].append(row)
        return [self._slice(groups[parent], window, order, parent, (shape, given)) for parent in parents]

    def _slice(self, rows: list[M], window: Window, order: str, parent: Any, shared: Any) -> Slice[M]:
        nodes = rows[: window.size]
        if window.backward:
            nodes = nodes[::-1]
        return Slice(nodes, window, len(rows) > window.size, order, self, parent, shared)


@dataclass(frozen=True)
class Computed:
    """A list that is computed as a whole. Its items have a `sort_`, a number, and an `id`, and come in that order."""

    name: str

    def slice(self, items: Sequence[Any], window: Window, order: str, cls: type[S], **given: Any) -> S:
        """A part of the list, as `cls`, a kind of Slice with the further fields in `given`.

        Raises:
            Invalid: the cursor is not one of this list.
        """
        cursor, argument = (window.before, "before") if window.backward else (window.after, "after")
        start, end = 0, len(items)
        if cursor is not None:
            here = read_cursor(cursor, argument, self.name, order, float)
            # where its row stands now: with the catalogue all scores change a little
            here = next((position_of(item) for item in items if item.id == here[1]), here)
            if window.backward:
                end = bisect_left(items, here, key=position_of)
            else:
                start = bisect_right(items, here, key=position_of)
        if window.backward:
            start, more = max(0, end - window.size), end > window.size
        else:
            start += (window.number - 1) * window.size
            more = end > start + window.size
            end = min(end, start + window.size)
        shared: tuple[frozenset[str], Mapping[str, Any]] = (frozenset(), {})
        return cls(items[start:end], window, more, order, self, None, shared, total=len(items), **given)


def position_of(item: Any) -> Position:
    return item.sort_, item.id


def read_cursor(cursor: str, argument: str, list_: str, order: str, kind: type) -> Position:
    """What a cursor says of a list whose order is by values of this kind.

    Raises:
        Invalid: it is no cursor, or one of another list or order.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        name, given, value, key = orjson.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, TypeError):
        raise Invalid([Detail(field=argument, message="is not a cursor")]) from None
    if kind is datetime and isinstance(value, str):
        try:
            value = datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):  # the second: there it is before the year 1 or after 9999
            value = None
    fits = type(value) is kind or (kind is float and type(value) is int)
    if kind is int and fits:
        fits = -(2**31) <= value < 2**31  # PostgreSQL's integer: such are the columns
    if (name, given) != (list_, order) or not fits or not isinstance(key, str):
        raise Invalid([Detail(field=argument, message="is a cursor of another list or order")])
    if any(isinstance(part, str) and unstorable(part) for part in (value, key)):
        raise Invalid([Detail(field=argument, message="is not a cursor")])
    return value, key


NOTHING: Listing[Any] = Listing("nothing", object, select(), {})


async def totals_of(read: Fetch, slices: Sequence[Slice[Any]]) -> list[int]:
    """Total counts of any number of slices: one statement for all that come from the same list and filters."""
    groups: dict[Any, list[Slice[Any]]] = {}
    for each in slices:
        if each.total is not None:
            continue
        shape, given = each.shared
        groups.setdefault((each.listing, shape, repr(sorted(given.items()))), []).append(each)
    counts = {id(each): each.total for each in slices if each.total is not None}
    for members in groups.values():
        assert isinstance(members[0].listing, Listing)
        listing, (shape, given) = members[0].listing, members[0].shared
        rows = await read.all(listing.counting(shape), **given, parents=[each.parent for each in members])
        found = {getattr(row, "parent_", None) if listing.parent is not None else None: row.n for row in rows}
        counts |= {id(each): found.get(each.parent, 0) for each in members}
    return [counts[id(each)] for each in slices]
