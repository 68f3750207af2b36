"""Files of places, read: CSV or GeoJSON, row by row, each good or reported. Pure, no I/O.

A column means the same under the name that people, spreadsheet programs or OpenStreetMap give it. Cells that are empty
say nothing. CSV: `resolvers.products.tables`. GeoJSON: RFC 7946, features that are points.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from closient_gql.core.bounds import bounds_of
from closient_gql.core.countries import parse_country
from closient_gql.core.errors import BadRequest, Detail, Invalid
from closient_gql.core.gs1.gln import parse_gln
from closient_gql.core.models.locations import LocationKind
from resolvers.locations import osm_hours, rules
from resolvers.locations.hours import stored
from resolvers.locations.inputs import LocationInput
from resolvers.products.tables import DELIMITERS, TableError, plain, records, text_of

MOST_ROWS = 10_000
COLUMNS: dict[str, tuple[str, ...]] = {
    "reference": ("reference", "ref", "store_number", "store_id", "storenum", "number", "id"),
    "name": ("name", "store_name", "title"),
    "latitude": ("latitude", "lat", "y"),
    "longitude": ("longitude", "lon", "lng", "long", "x"),
    "street_address": ("street_address", "street", "address", "addr_full"),
    "city": ("city", "town", "addr_city"),
    "region": ("region", "state", "province", "addr_state"),
    "postal_code": ("postal_code", "zip", "zip_code", "zipcode", "postcode", "addr_postcode"),
    "country": ("country", "country_code", "addr_country"),
    "phone": ("phone", "telephone", "contact_phone"),
    "website": ("website", "url", "contact_website"),
    "time_zone": ("time_zone", "timezone"),
    "opening_hours": ("opening_hours", "hours"),
    "services": ("services",),
    "categories": ("categories", "category", "shop", "amenity"),
    "gln": ("gln",),
    "kind": ("kind",),
    "is_active": ("is_active", "active"),
}
MEANING = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
BOUNDS = {name: bounds_of(hint) for name, hint in inspect.get_annotations(LocationInput, eval_str=True).items()}
STREET, NUMBER = "addr_street", "addr_housenumber"  # OpenStreetMap has them apart
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class RowError:
    """A row that was left out: its line in a CSV file (the header is line 1) or the number of its feature in GeoJSON
    (from 1), why, and which column, by the file's own name for it."""

    row: int
    message: str
    column: str | None = None


@dataclass(frozen=True)
class Row:
    """A row that can be imported: values as the columns hold them, of the cells that say something."""

    row: int
    values: Mapping[str, Any]


@dataclass
class Sheet:
    """A file that was read."""

    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.rows) + len(self.errors)


@dataclass(frozen=True)
class Raw:
    """A row as the file has it: cells by the file's own names of columns; or why it cannot be read."""

    row: int
    cells: Mapping[str, str]
    problem: str | None = None


def read(data: bytes) -> Sheet:
    """The rows of a file, each good or wrong.

    Raises:
        Invalid: it is neither CSV nor GeoJSON in UTF-8, or names no columns.
        BadRequest: it is a workbook (415), or has too many rows (413).
    """
    if data.startswith(WORKBOOKS):
        raise BadRequest("The file is a spreadsheet program's workbook. Save it as CSV in UTF-8.", 415)
    try:
        content = text_of(data)
    except TableError as error:
        raise unreadable(str(error)) from None
    sheet = Sheet()
    for raw in features(content) if content.lstrip().startswith("{") else lines(content):
        found = RowError(raw.row, raw.problem) if raw.problem else row_of(raw)
        sheet.rows.append(found) if isinstance(found, Row) else sheet.errors.append(found)
        if sheet.total > MOST_ROWS:
            raise BadRequest(f"The file has more than {MOST_ROWS:,} rows. Split it.", 413)
    return sheet


def unreadable(message: str) -> Invalid:
    return Invalid([Detail(field="file", message=message)])


# --- the two formats


def lines(content: str) -> Iterator[Raw]:
    """The rows of a CSV file; the delimiter is the one that makes most sense of the header."""

    def header(delimiter: str) -> tuple[int, list[str]]:
        first = next((each for each in records(content, delimiter) if not each.blank), None)
        names = [cell.strip() for cell in first.cells] if first else []
        return sum(normal(name) in MEANING for name in names), names

    delimiter = max(DELIMITERS, key=lambda each: header(each)[0])
    known, names = header(delimiter)
    if not known:
        raise unreadable("has no header line that names columns such as name, latitude, longitude, country")
    for record in [each for each in records(content, delimiter) if not each.blank][1:]:
        cells = [plain(cell.strip()) for cell in record.cells]
        problem = record.problem
        if not problem and (len(cells) < len(names) or any(cells[len(names) :])):
            problem = f"has {len(cells)} columns, and the header {len(names)}"
        yield Raw(record.line, dict(zip(names, cells, strict=False)), problem)


def features(content: str) -> Iterator[Raw]:
    """The features of a GeoJSON document."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise unreadable(f"is not JSON: {error}") from None
    items = found.get("features") if found.get("type") == "FeatureCollection" else [found]
    if found.get("type") not in ("FeatureCollection", "Feature") or not isinstance(items, list):
        raise unreadable("is no GeoJSON: a FeatureCollection, or a Feature, is needed (RFC 7946)")
    for number, item in enumerate(items, 1):
        try:
            yield Raw(number, cells_of(item))
        except ValueError as error:
            yield Raw(number, {}, str(error))


def cells_of(feature: Any) -> dict[str, str]:
    """Raises:
    ValueError: it is no feature, or no point.
    """
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise ValueError("must be a Feature")
    properties, geometry = feature.get("properties"), feature.get("geometry")
    properties = {} if properties is None else properties
    if not isinstance(properties, dict):
        raise ValueError("must have an object of properties")
    cells = {str(name): cell_of(value) for name, value in properties.items()}
    if feature.get("id") is not None:
        cells = {"id": cell_of(feature["id"])} | cells
    if geometry is None:
        return cells
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind != "Point":
        raise ValueError(f"must be a Point, and is {f'a {kind}' if isinstance(kind, str) else 'none'}")
    place = geometry.get("coordinates")
    if not isinstance(place, list) or len(place) < 2 or not all(type(each) in (int, float) for each in place):
        raise ValueError("must have the coordinates [longitude, latitude]")
    return cells | {"longitude": repr(place[0]), "latitude": repr(place[1])}


def cell_of(value: Any) -> str:
    """A property as a CSV file would have it."""
    if isinstance(value, list):
        return ";".join(map(cell_of, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else " ".join(str(value).split())


# --- cells to columns


def normal(name: str) -> str:
    return short_normal(name[:100])  # longer ones mean nothing, and are not to be kept


@lru_cache(maxsize=1_000)
def short_normal(name: str) -> str:
    return re.sub(r"[\s_:.-]+", "_", name.strip().lower())


def row_of(raw: Raw) -> Row | RowError:
    """The row, or everything that is wrong with it."""
    names: dict[str, str] = {}
    found: dict[str, str] = {}
    parts = {normal(name): cell for name, cell in raw.cells.items()}
    for name, cell in raw.cells.items():
        meaning = MEANING.get(normal(name))
        if meaning and cell and meaning not in found:
            found[meaning], names[meaning] = cell, name
    if STREET in parts and "street_address" not in found:
        found["street_address"] = f"{parts.get(NUMBER, '')} {parts[STREET]}".strip()
    problems: list[tuple[str, str]] = []
    values: dict[str, Any] = {}
    for name, cell in found.items():
        try:
            values[name] = bounded(name, PARSE.get(name, str)(cell))
        except ValueError as error:
            problems.append((names.get(name, name), str(error)))
    problems += [] if problems else together(values, names)
    if problems:
        (column, message), *others = problems
        return RowError(raw.row, "; ".join([message, *(f"{name} {said}" for name, said in others)]), column)
    return Row(raw.row, values)


def together(values: dict[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What does not fit together. Country and region get their full form."""
    here = values.get("latitude"), values.get("longitude")
    if (here[0] is None) != (here[1] is None):
        given, lost = ("latitude", "longitude") if here[1] is None else ("longitude", "latitude")
        yield names[given], f"is of no use without {lost}"
        return
    if here[0] is not None and here[1] is not None:
        values.setdefault("country", rules.country_at(here[0], here[1]))
        if values["country"] is None:
            del values["country"]
        elif problem := rules.swapped(here[0], here[1], values["country"]):
            yield names["latitude"], problem
    if region := values.get("region"):
        country = values.get("country", region.partition("-")[0])
        values["region"] = region = region if "-" in region else f"{country}-{region}"  # MD is US-MD
        if problem := rules.region_problem(region, country):
            yield names["region"], problem


def bounded(name: str, value: Any) -> Any:
    """Raises:
    ValueError: the value is beyond the bounds of its field.
    """
    if name in ("opening_hours", "region"):  # `together` looks at regions
        return value
    levels = BOUNDS[name]
    items = value if isinstance(value, list) else ()
    problem = levels[0].problem(value) or next(filter(None, (levels[1].problem(item) for item in items)), None)
    if problem:
        raise ValueError(problem)
    return value


def number(cell: str) -> float:
    """Raises:
    ValueError: it is no number; a comma is a point in half of the world.
    """
    if not re.fullmatch(r"[+-]?[0-9]{1,3}([.,][0-9]{1,20})?|[+-]?[0-9.]+e[+-]?[0-9]{1,2}", cell, re.IGNORECASE):
        raise ValueError("must be decimal degrees, such as 39.2904")
    return float(cell.replace(",", "."))


def website(cell: str) -> str:
    return cell if cell.startswith(("http://", "https://")) else f"https://{cell}"


def zone(cell: str) -> str:
    if problem := rules.zone_problem(cell):
        raise ValueError(problem)
    return cell


def kind(cell: str) -> str:
    known = [each.value for each in LocationKind]
    if cell.lower() not in known:
        raise ValueError(f"must be one of {', '.join(known)}")
    return cell.lower()


def truth(cell: str) -> bool:
    if cell.lower() not in TRUTH:
        raise ValueError("must be true or false")
    return TRUTH[cell.lower()]


def words(cell: str) -> list[str]:
    return rules.words(word for word in re.split("[;,]", cell) if word.strip())


PARSE: dict[str, Callable[[str], Any]] = {
    "latitude": number,
    "longitude": number,
    "country": parse_country,
    "region": str.upper,
    "website": website,
    "time_zone": zone,
    "opening_hours": lambda cell: stored(osm_hours.read(cell)),
    "services": words,
    "categories": words,
    "gln": parse_gln,
    "kind": kind,
    "is_active": truth,
}
