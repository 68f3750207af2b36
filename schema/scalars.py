"""The graph's scalars, and what each is in JSON Schema: as input and as output. REST documents are made from these."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NewType

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY

from closient_gql.core.countries import Country, Currency, parse_country, parse_currency
from closient_gql.core.gs1.gln import Gln, parse_gln
from closient_gql.core.gs1.gtin import Gtin, parse_gtin
from closient_gql.core.ids import PATTERN, PublicId
from closient_gql.core.metadata import parse_metadata
from resolvers.compliance import lots
from resolvers.compliance.inputs import LotCodes, RecallOrdering
from resolvers.search.constraints.model import LISTS, NUMBERS, ConstraintKey

TIME_FORM = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
Confidences = NewType("Confidences", dict[str, float])
AiValues = NewType("AiValues", dict[str, str])
ConstraintMap = NewType("ConstraintMap", dict[str, Any])
Counts = NewType("Counts", dict[str, int])


def write_datetime(value: datetime) -> str:
    if value.tzinfo is UTC:  # as the database gives them
        return value.isoformat()[:-6] + "Z"
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


EARLIEST = datetime.min.replace(tzinfo=UTC) + timedelta.resolution
LATEST = datetime.max.replace(tzinfo=UTC) - timedelta.resolution
"""The very ends of the calendar mean the infinities to the database's driver, which gives back what no clock shows."""


def parse_datetime(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError("must be a date and time of ISO 8601, such as 2026-01-31T12:00:00Z")
    try:
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        return min(max(found, EARLIEST), LATEST)
    except OverflowError:
        raise ValueError("must lie in the years 1 to 9999 of UTC") from None


def parse_date(value: object) -> date:
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        raise ValueError("must be a date of ISO 8601, such as 2026-01-31") from None


def parse_time(value: object) -> time:
    if not isinstance(value, str) or not re.fullmatch(TIME_FORM, value):
        raise ValueError("must be a time of day, such as 08:30 or 08:30:00")
    return time.fromisoformat(value)


MOST_DIGITS = 40


def parse_decimal(value: object) -> Decimal:
    """A number of JSON, or one written as a string. A JSON number is what it says (5.99, not its binary neighbour)."""
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    try:
        found = Decimal(text) if len(text) <= MOST_DIGITS else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or abs(found.adjusted()) > MOST_DIGITS:
        raise ValueError('must be a decimal number, such as 12.50 or "12.50"')
    return found


def parse_lots(value: object) -> object:
    """Lots as they were given, once it is sure that they can be read."""
    lots.checked(value)
    return value


def _scalar(name: str, says: str, parse: Callable[[Any], Any], write: Callable[[Any], Any] = lambda v: v) -> Any:
    return strawberry.scalar(name=name, description=says, parse_value=parse, serialize=write)


def _read_only(value: object) -> Any:
    raise ValueError("cannot be written")


SCALARS: dict[object, Any] = {
    Gtin: _scalar(
        "GTIN",
        "A GTIN: 8, 12, 13 or 14 digits when written, spaces and hyphens between them allowed, check digit verified; "
        "always 14 digits when read (GS1 General Specifications, 3.3.2).",
        parse_gtin,
    ),
    Gln: _scalar(
        "GLN",
        "A Global Location Number: 13 digits, check digit verified; spaces and hyphens between them are allowed when "
        "written (GS1 General Specifications, 2.4).",
        parse_gln,
    ),
    datetime: _scalar("DateTime", "A moment in ISO 8601, in UTC when read.", parse_datetime, write_datetime),
    date: _scalar("Date", "A day in ISO 8601: YYYY-MM-DD.", parse_date, date.isoformat),
    time: _scalar("Time", "A time of day: HH:MM or HH:MM:SS, the latter when read.", parse_time, time.isoformat),
    Decimal: _scalar(
        "Decimal",
        "An exact decimal number: a string when read, a string or a number when written.",
        parse_decimal,
        lambda v: f"{v:f}",
    ),
    Country: _scalar("Country", "A country: ISO 3166-1 alpha-2.", parse_country),
    Currency: _scalar("Currency", "A currency: ISO 4217.", parse_currency),
    dict[str, str]: _scalar(
        "Metadata",
        "A flat map of strings that the platform never reads: at most 50 keys of 40 characters, values of 500.",
        parse_metadata,
    ),
    RecallOrdering: _scalar("RecallOrdering", "recall_date or severity, with a - before it for descending.", str),
    LotCodes: _scalar(
        "LotCodes",
        'Lots of a product: a list of lots, a text such as "lots A through B", or {"exacts": […], "ranges": [[from, '
        'to]], "prefixes": […]}. A range has ends of the same length, the smaller first; `*` and `?` are wildcards.',
        parse_lots,
    ),
    PublicId: DEFAULT_SCALAR_REGISTRY[strawberry.ID],
    AiValues: _scalar("Gs1AiValues", "Values of GS1 Application Identifiers by their digits.", _read_only),
    ConstraintMap: _scalar(
        "SearchConstraints", "Constraints of a search by key: texts, numbers, and lists of slugs.", _read_only
    ),
    Confidences: _scalar("Confidences", "How sure each field is, by its REST name: 0 (guessed) to 1.", _read_only),
    Counts: _scalar("Counts", "How many there are of each, by name.", _read_only),
}
CONFIG = StrawberryConfig(scalar_map=SCALARS)

TEXT = {"type": "string"}
METADATA = {"type": "object", "additionalProperties": TEXT | {"maxLength": 500}, "maxProperties": 50,
            "propertyNames": {"maxLength": 40}}  # fmt: skip
LOTS = {"type": "array", "items": TEXT | {"minLength": 1, "maxLength": 10 * lots.LONGEST}}
LOTS_BY_KIND = {"type": "object", "additionalProperties": False, "properties": {
    "exacts": LOTS, "prefixes": LOTS, "ranges": {"type": "array", "items": LOTS | {"minItems": 2, "maxItems": 2}},
}}  # fmt: skip
SLUGS = {"type": "array", "items": TEXT}
CONSTRAINTS = {"type": "object", "additionalProperties": False, "properties": {
    key.value: SLUGS if key.value in LISTS else {"type": "number"} if key in NUMBERS else TEXT for key in ConstraintKey
}}  # fmt: skip
DECIMAL_FORM = r"^-?[0-9]{1,20}(\.[0-9]{1,18})?$"
GTIN_FORM = r"^[ \t\u00a0-]*(?:[0-9][ \t\u00a0-]*){8}(?:(?:[0-9][ \t\u00a0-]*){4,6})?$"
GLN_FORM = r"^[ \t\u00a0-]*(?:[0-9][ \t\u00a0-]*){13}$"
Both = tuple[dict[str, Any], dict[str, Any]]


def _both(schema: dict[str, Any]) -> Both:
    return schema, schema


JSON_SCHEMAS: dict[str, Both] = {
    "String": _both(TEXT),
    "ID": _both(TEXT | {"pattern": PATTERN}),
    "Int": _both({"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}),
    "Float": _both({"type": "number"}),
    "Boolean": _both({"type": "boolean"}),
    "DateTime": _both(TEXT | {"format": "date-time"}),
    "Date": _both(TEXT | {"format": "date"}),
    "Time": _both(TEXT | {"pattern": TIME_FORM}),
    "Decimal": ({"type": ["number", "string"], "pattern": DECIMAL_FORM}, TEXT | {"pattern": DECIMAL_FORM}),
    "Country": (TEXT | {"pattern": "^[A-Za-z]{2}$", "maxLength": 2}, TEXT | {"maxLength": 2}),
    "Currency": (TEXT | {"pattern": "^[A-Za-z]{3}$"}, TEXT | {"pattern": "^[A-Z]{3}$"}),
    "GTIN": (
        TEXT | {"minLength": 8, "maxLength": 40, "pattern": GTIN_FORM, "examples": ["4006381333931"]},
        TEXT | {"pattern": r"^\d{14}$"},
    ),
    "GLN": (TEXT | {"minLength": 13, "maxLength": 40, "pattern": GLN_FORM}, TEXT | {"pattern": r"^\d{13}$"}),
    "RecallOrdering": _both(TEXT | {"pattern": "^-?(recall_date|severity)$"}),
    "LotCodes": _both({"anyOf": [LOTS, TEXT | {"maxLength": lots.MOST_TEXT}, LOTS_BY_KIND]}),
    "Metadata": _both(METADATA),
    "Gs1AiValues": _both(
        {"type": "object", "additionalProperties": TEXT, "propertyNames": {"pattern": "^[0-9]{2,4}$"}}
    ),
    "SearchConstraints": _both(CONSTRAINTS),
    "Confidences": _both({"type": "object", "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}}),
    "Counts": _both({"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}),
}
