"""What the feeds of all authorities are read into, and what they share: texts, dates, places."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

import orjson

EARLIEST = date(1966, 1, 1)
"""No authority published a recall in a feed before; a date before that is a slip of the pen."""
TAGS = re.compile(r"<(?:!--.*?--|/?[a-zA-Z][^<>]*)>", re.DOTALL)
BREAKS = re.compile(r"<(?:br|/p|/li|/div|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
SPACES = re.compile(r"[^\S\n]+")
MOST_TEXT = 200_000  # characters of one field; a recall of 10,000 lots has some 100,000


class FeedError(Exception):
    """A document of a feed cannot be read as what it should be. The message says why; nothing of it is taken."""


@dataclass(frozen=True)
class Notice:
    """One recall as its authority tells it.

    `codes`: the texts that may name GTINs. `lots`: the text that may name lots. `changed`: the last day on which the
    authority says it changed something; the feed is read on from there.
    """

    number: str
    title: str
    status: str  # values of core.models.compliance
    severity: str
    description: str = ""
    hazard: str = ""
    remedy: str = ""
    public_url: str = ""
    company_name: str = ""
    recall_date: date | None = None
    jurisdictions: tuple[str, ...] = ()
    codes: str = ""
    lots: str = ""
    changed: date | None = None


@dataclass
class Page:
    """One document, read: its notices, what was wrong with others, and where the next document is."""

    notices: list[Notice] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    following: str | None = None


class Feed(Protocol):
    """The feed of one authority."""

    source: str  # a value of RecallSource
    max_bytes: int

    def first(self, since: date | None) -> str:
        """The address of the first document that has all that changed on that day or later; None: of everything."""
        ...

    def read(self, url: str, status: int, body: bytes, today: date) -> Page:
        """What the answer of that address says.

        Raises:
            FeedError: it is no answer of this feed.
        """
        ...


def document(body: bytes, kind: type[Any], what: str) -> Any:
    """The JSON of an answer, which must be an array or an object.

    Raises:
        FeedError: it is not JSON (or was cut off), or is something else.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise FeedError(f"{what} is not whole JSON: {error} ({len(body):,} bytes came). Nothing was taken.") from None
    if not isinstance(found, kind):
        raise FeedError(f"{what} is not the JSON {'array' if kind is list else 'object'} that it should be.")
    return found


def ok(status: int, what: str) -> None:
    """Raises:
    FeedError: the answer is no success.
    """
    if status != 200:
        raise FeedError(f"{what} answered with status {status}.")


def plain(value: Any) -> str:
    """A text field without mark-up, entities and invisible characters; numbers as text, everything else as nothing."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    text = html.unescape(TAGS.sub(" ", BREAKS.sub("\n", value[: MOST_TEXT * 2])))
    text = "".join(c for c in text if c == "\n" or c.isprintable() or c in "\t\u00a0")
    lines = (SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)[:MOST_TEXT]


def line(value: Any, most: int = 500) -> str:
    """The same on one line."""
    return plain(value).replace("\n", " ")[:most].strip()


def with_lots(text: str) -> str:
    """A text that is about more than lots, if it speaks of them at all; else nothing."""
    return text if re.search(r"\b(?:lots?|batch(?:es)?)\b", text, re.IGNORECASE) else ""


def joined(items: Any, *names: str) -> str:
    """The texts under these names in a list of objects, one a line."""
    found = [line(item.get(name)) for item in dicts(items) for name in names]
    return "\n".join(dict.fromkeys(text for text in found if text))


def dicts(items: Any) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def address(value: Any) -> str:
    """A web address, or nothing."""
    found = line(value, 2048)
    return found if re.fullmatch(r"https?://[^\s<>\"]+", found) else ""


def day(value: Any, today: date, problems: list[str], what: str) -> date | None:
    """The day that a field says: YYYY-MM-DD, with or without a time, or YYYYMMDD.

    One that is none, or lies in another century, is told among the problems and left out: the recall itself is real.
    """
    text = line(value)
    if not text:
        return None
    if re.fullmatch("[0-9]{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        problems.append(f"{what} {text[:40]!r} is not a date; left out")
        return None
    if not EARLIEST <= found <= today + timedelta(days=1):  # it is tomorrow already in some places
        problems.append(f"{what} {found} cannot be right; left out")
        return None
    return found


ROMAN = {"I": "CLASS_I", "II": "CLASS_II", "III": "CLASS_III", "1": "CLASS_I", "2": "CLASS_II", "3": "CLASS_III"}


def severity(value: Any) -> str:
    """The class that a text names: `Class II`, `High - Class I`, `Class 1`, `Type III`."""
    found = re.search(r"\b(?:class|type)\s*(III|II|I|1|2|3)\b", line(value), re.IGNORECASE)
    return ROMAN[found[1].upper()] if found else "UNKNOWN"


STATES = {
    "Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR", "California": "CA", "Colorado": "CO",
    "Connecticut": "CT", "Delaware": "DE", "District of Columbia": "DC", "Florida": "FL", "Georgia": "GA",
    "Guam": "GU", "Hawaii": "HI", "Idaho": "ID", "Illinois": "IL", "Indiana": "IN", "Iowa": "IA", "Kansas": "KS",
    "Kentucky": "KY", "Louisiana": "LA", "Maine": "ME", "Maryland": "MD", "Massachusetts": "MA", "Michigan": "MI",
    "Minnesota": "MN", "Mississippi": "MS", "Missouri": "MO", "Montana": "MT", "Nebraska": "NE", "Nevada": "NV",
    "New Hampshire": "NH", "New Jersey": "NJ", "New Mexico": "NM", "New York": "NY", "North Carolina": "NC",
    "North Dakota": "ND", "Ohio": "OH", "Oklahoma": "OK", "Oregon": "OR", "Pennsylvania": "PA", "Puerto Rico": "PR",
    "Rhode Island": "RI", "South Carolina": "SC", "South Dakota": "SD", "Tennessee": "TN", "Texas": "TX", "Utah": "UT",
    "Vermont": "VT", "Virginia": "VA", "Virgin Islands": "VI", "Washington": "WA", "West Virginia": "WV",
    "Wisconsin": "WI", "Wyoming": "WY",
}  # fmt: skip
PLACES = re.compile(rf"\b(?:{'|'.join(sorted(STATES, key=len, reverse=True))})\b|\b(?:{'|'.join(STATES.values())})\b")


def states(text: Any) -> tuple[str, ...]:
    """Where in the United States, as ISO 3166-2 codes; `US` alone where no state is named, or the whole nation."""
    said = line(text, 5000)
    if re.search(r"nation-?\s?wide|throughout the (?:us|united states)", said, re.IGNORECASE):
        return ("US",)
    # "or", "in", "me" and the like are words; only capitals are codes
    found = {f"US-{STATES.get(place, place)}" for place in PLACES.findall(said)}
    return tuple(sorted(found)) or ("US",)


def take(items: Sequence[Any], page: Page, one: Any) -> Page:
    """Reads one record after another; a record that is none costs that record only."""
    for place, item in enumerate(items):
        if not isinstance(item, dict):
            page.problems.append(f"record {place} is no object; left out")
            continue
        notice = one(item, page.problems)
        if notice is None or not notice.number or not notice.title:
            if notice is not None:
                page.problems.append(f"record {place} has no number or no title; left out")
            continue
        page.notices.append(notice)
    return page
