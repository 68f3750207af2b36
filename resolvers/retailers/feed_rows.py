"""The rows of an offer feed: a table (CSV) or a JSON object in each line (NDJSON), read into offers. Pure, no I/O.

A row that is wrong is reported and left out. An empty cell, like a null, says nothing and changes nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from typing import Any

import orjson

from closient_gql.core.bounds import unstorable
from closient_gql.core.countries import parse_country, parse_currency
from closient_gql.core.errors import BadRequest, Detail, Invalid
from closient_gql.core.gs1.gtin import parse_gtin
from closient_gql.core.models.offer_feeds import FeedFormat
from closient_gql.core.models.retailers import FulfillmentType, OfferStatus, StockLevel
from closient_gql.core.money import DECIMALS, MOST
from resolvers.products.imports import WORKBOOKS, RowError
from resolvers.products.tables import DELIMITERS, Record, TableError, plain, records, text_of

MOST_ROWS = 100_000
LARGEST = 2**31 - 1  # of an integer column
IN_STORE, ONLINE = "in_store", "online"
Read = Callable[[Any], Any]


class Wrong(ValueError):
    """What is wrong with a row, and in which column."""

    def __init__(self, column: str | None, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


# --- one value: from a cell (a text without white space around it) or from JSON


def text(limit: int) -> Read:
    def read(value: Any) -> str:
        if not isinstance(value, str | int) or isinstance(value, bool):  # a number as an article's number is fine
            raise ValueError("must be a text")
        found = str(value).strip()
        if problem := unstorable(found):
            raise ValueError(problem)
        if len(found) > limit:
            raise ValueError(f"must have at most {limit} characters")
        return found

    return read


def amount(value: Any) -> Decimal:
    try:
        found = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise ValueError("must be a number such as 5.99")
    if not 0 <= found <= MOST:
        raise ValueError(f"must be 0 to {MOST}")
    exponent = found.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -DECIMALS and found != round(found, DECIMALS):
        raise ValueError(f"must have at most {DECIMALS} decimals")
    return found


def whole(least: int) -> Read:
    def read(value: Any) -> int:
        if isinstance(value, str) and re.fullmatch("[0-9]{1,10}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError("must be a whole number")
        if not least <= value <= LARGEST:
            raise ValueError(f"must be {least} to {LARGEST}")
        return value

    return read


def one_of(kind: type[Enum]) -> Read:
    values = [str(member.value) for member in kind]
    known = {value: value for value in values} | {value.upper(): value for value in values}

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"must be one of {', '.join(values)}")
        return known[value]

    return read


def flag(value: Any) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    found = value if isinstance(value, bool) else known.get(str(value).lower())
    if found is None:
        raise ValueError("must be true or false")
    return found


def address(value: Any) -> str:
    found: str = text(1000)(value)
    if not re.match(r"https?://[^\s/?#]+", found, re.IGNORECASE) or re.search(r"\s", found):
        raise ValueError("must be an address that begins with https:// or http://")
    return found


def countries(value: Any) -> list[str]:
    items = re.split(r"[\s,;|]+", value.strip(" ,;|")) if isinstance(value, str) else value
    if not isinstance(items, list) or len(items) > 300:
        raise ValueError("must be a list of country codes")
    return sorted({parse_country(item) for item in items})


@lru_cache(2**16)
def known_gtin(value: str) -> str:
    return parse_gtin(value)  # a feed names each product many times


def gtin(value: Any) -> str:
    return known_gtin(value) if isinstance(value, str) else parse_gtin(value)


@dataclass(frozen=True)
class Column:
    """What one column of a feed holds. `of`: the kind of offer that has it, if it is not both."""

    name: str
    read: Read
    kind: str  # of the column in the database
    of: str | None = None
    aliases: tuple[str, ...] = ()


VALUES = (
    Column("price", amount, "numeric"),
    Column("status", one_of(OfferStatus), "text"),
    Column("source_reference", text(255), "text"),
    Column("quantity_on_hand", whole(0), "integer", IN_STORE, ("quantity", "stock")),
    Column("aisle", text(100), "text", IN_STORE),
    Column("store_pickup_available", flag, "boolean", IN_STORE),
    Column("url", address, "text", ONLINE),
    Column("fulfillment_type", one_of(FulfillmentType), "text", ONLINE),
    Column("stock_level", one_of(StockLevel), "text", ONLINE),
    Column("delivery_countries", countries, "text[]", ONLINE),
    Column("shipping_cost", amount, "numeric", ONLINE),
    Column("lead_time_days", whole(0), "integer", ONLINE),
    Column("min_order_quantity", whole(1), "integer", ONLINE),
)
"""What a row says of its offer: the fields of the contract's InStoreOfferIn and OnlineOfferIn."""
STORES = ("physical_store_id", "store_number", "online_store_id")
KEYS = (
    Column("gtin", gtin, "text", None, ("barcode", "upc", "ean", "gtin_8", "gtin_12", "gtin_13", "gtin_14")),
    Column("physical_store_id", text(12), "text"),
    Column("store_number", text(100), "text", None, ("store",)),
    Column("online_store_id", text(12), "text"),
    Column("sku", text(100), "text"),
    Column("currency", parse_currency, "text", None, ("price_currency",)),
)  # fmt: skip
"""Which offer a row is about: a product, one of the organization's stores, and its article number, if it has one. The
currency is that of the store: another one is wrong."""
ALL = (*KEYS, *VALUES)
PLACES = {column.name: place for place, column in enumerate(VALUES)}
MEANING = {name: column for column in ALL for name in (column.name, *column.aliases)}
ONLY = {IN_STORE: {c.name for c in VALUES if c.of == IN_STORE}, ONLINE: {c.name for c in VALUES if c.of == ONLINE}}


@dataclass(frozen=True, slots=True)
class Offered:
    """What one row says. `values` are those of `VALUES`, in order; None says nothing."""

    line: int
    gtin: str
    store_id: str
    kind: str
    sku: str
    values: Sequence[Any]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.gtin, self.store_id, self.sku


@dataclass(frozen=True)
class Stores:
    """The stores that a feed may speak of, the organization's or the one of its source: ids, and physical ones by the
    retailer's own number of them; and the currency of each."""

    physical: frozenset[str]
    online: frozenset[str]
    numbers: Mapping[str, Sequence[str]]
    currencies: Mapping[str, str]


# --- the file


@dataclass(frozen=True)
class Feed:
    """A file that can be read, at least its first line. `names` is the header of a table."""

    format: FeedFormat
    content: str
    delimiter: str = ","
    names: Sequence[str] = ()

    def lines(self) -> Iterator[Record]:
        """The rows with content, without the header. Of NDJSON each has one cell."""
        if self.format is FeedFormat.NDJSON:
            for number, line in enumerate(self.content.split("\n"), 1):
                if line.strip():
                    yield Record(number, [line])
            return
        found = filled(self.content, self.delimiter)
        next(found)
        yield from found


def open_feed(data: bytes, format: FeedFormat) -> Feed:
    """Raises:
    Invalid: it is not UTF-8, is empty, or its header lacks what every row needs.
    BadRequest: it is a workbook (415).
    """
    if data.startswith(WORKBOOKS):
        raise BadRequest("The file is a spreadsheet program's workbook. Save it as CSV in UTF-8.", 415)
    try:
        content = text_of(data)
    except TableError as error:
        raise wrong(str(error)) from None
    if not content.strip():
        raise wrong("is empty")
    if format is FeedFormat.NDJSON:
        return Feed(format, content)
    delimiter = max(DELIMITERS, key=lambda d: len(known(header_of(content, d))))
    names = header_of(content, delimiter)
    columns = {MEANING[name].name for name in known(names)}
    if "gtin" not in columns:
        raise wrong("has no column gtin in its header, line 1")
    if not columns & {*STORES}:
        raise wrong(f"has no column that says the store in its header, line 1: one of {', '.join(STORES)}")
    if twice := sorted(name for name in columns if sum(MEANING[n].name == name for n in known(names)) > 1):
        raise wrong(f"has two columns for {', '.join(twice)} in its header, line 1")
    return Feed(format, content, delimiter, names)


def wrong(message: str) -> Invalid:
    return Invalid([Detail(field="file", message=message)])


def filled(content: str, delimiter: str) -> Iterator[Record]:
    return (record for record in records(content, delimiter) if not record.blank)


def header_of(content: str, delimiter: str) -> Sequence[str]:
    first = next(filled(content, delimiter), None)
    return [cell.strip() for cell in first.cells] if first else []


def plainly(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().lower())


def known(names: Sequence[str]) -> list[str]:
    return [plain for name in names if (plain := plainly(name)) in MEANING]


def count(feed: Feed) -> int:
    """How many rows it has.

    Raises:
        Invalid: it has none.
        BadRequest: too many (413).
    """
    total = 0
    for _ in feed.lines():
        total += 1
        if total > MOST_ROWS:
            raise BadRequest(f"The feed has more than {MOST_ROWS:,} rows. Split it.", 413)
    if not total:
        raise wrong("has no rows")
    return total


# --- its rows


def read(feed: Feed, stores: Stores) -> Iterator[Offered | RowError]:
    """Every row with content, in order: what it says, or what is wrong with it. Of rows about the same offer the first
    one counts, and the others are wrong."""
    seen: dict[tuple[str, str, str], int] = {}
    cells = cells_of_json if feed.format is FeedFormat.NDJSON else table(feed)
    for record in feed.lines():
        try:
            row = offered(record.line, cells(record), stores)
            if (first := seen.setdefault(row.key, record.line)) != record.line:
                raise Wrong(None, f"is about the same offer as line {first}")
        except Wrong as error:
            yield RowError(record.line, error.message, error.column)
        else:
            yield row


Cells = list[tuple[Column, str, Any]]  # column, its name in the file, what is in it; of those that say something


def table(feed: Feed) -> Callable[[Record], Cells]:
    width = len(feed.names)
    plan = [(MEANING[plainly(n)], n, place) for place, n in enumerate(feed.names) if plainly(n) in MEANING]

    def cells(record: Record) -> Cells:
        found = record.cells
        if record.problem:
            raise Wrong(None, record.problem)
        if len(found) < width or any(cell.strip() for cell in found[width:]):
            raise Wrong(None, f"has {len(found)} columns, and the header {width}")
        return [(column, name, cell) for column, name, place in plan if (cell := plain(found[place].strip()))]

    return cells


def cells_of_json(record: Record) -> Cells:
    try:
        found = orjson.loads(record.cells[0])
    except orjson.JSONDecodeError as error:
        raise Wrong(None, f"is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Wrong(None, "must be a JSON object")
    cells: dict[str, tuple[Column, str, Any]] = {}
    for name, value in found.items():
        said = value.strip() if isinstance(value, str) else value
        if (column := MEANING.get(plainly(name))) and said is not None and said != "":
            if column.name in cells:
                raise Wrong(name, f"says the same as {cells[column.name][1]}: {column.name} must be said once")
            cells[column.name] = column, name, said
    return [*cells.values()]


def offered(line: int, cells: Cells, stores: Stores) -> Offered:
    """Raises:
    Wrong: the first thing that is wrong with the row.
    """
    keys: dict[str, Any] = {}
    values: list[Any] = [None] * len(VALUES)
    for column, name, cell in cells:
        try:
            value = column.read(cell)
        except (ValueError, TypeError) as error:
            raise Wrong(name, str(error)) from None
        if (place := PLACES.get(column.name)) is None:
            keys[column.name] = value
        else:
            values[place] = value
    if "gtin" not in keys:
        raise Wrong("gtin", "is required")
    store_id, kind = store_of(keys, stores)
    for column, name, _ in cells:
        if column.of not in (None, kind):
            raise Wrong(name, f"is of {'online' if kind == IN_STORE else 'in-store'} offers only")
        if column.name == "currency" and keys["currency"] != (its := stores.currencies[store_id]):
            raise Wrong(name, f"must be {its}: the store decides it")
    return Offered(line, keys["gtin"], store_id, kind, keys.get("sku", ""), values)


def store_of(keys: Mapping[str, Any], stores: Stores) -> tuple[str, str]:
    """Id and kind of the store that the row names."""
    named = [name for name in STORES if name in keys]
    if len(named) != 1:
        raise Wrong(named[0] if named else None, f"must name one store, by one of {', '.join(STORES)}")
    (name,), given = named, keys[named[0]]
    if name == "store_number":
        found = stores.numbers.get(given, ())
        if len(found) > 1:
            raise Wrong(name, "is the number of several of your stores: use physical_store_id")
        if found:
            return found[0], IN_STORE
    elif given in (stores.physical if name == "physical_store_id" else stores.online):
        return given, IN_STORE if name == "physical_store_id" else ONLINE
    raise Wrong(name, "is not a store of your organization, or not the one that its inventory source speaks for")
