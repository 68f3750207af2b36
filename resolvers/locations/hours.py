"""When places are open: a weekly form with holidays and special days, or a text in OpenStreetMap's syntax.

The form is the rule: a span that does not end after it begins ends on the next day, whatever that day is, and special
days outdo holidays, which outdo the week. A text is read as the form that means the same, if there is one (`read`);
others (seasons, sunsets, weeks of the year) are kept and evaluated by a library. It also knows the holidays.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours as Expression
from opening_hours import State, UnknownCountryError  # type: ignore[attr-defined]  # its stubs forget the errors

from closient_gql.core.enums import Described

DAY = timedelta(days=1)
SOON, HORIZON = 9, 400  # days in which a change is looked for; one that is further away is none


class Weekday(Described):
    MONDAY = "monday", "Monday."
    TUESDAY = "tuesday", "Tuesday."
    WEDNESDAY = "wednesday", "Wednesday."
    THURSDAY = "thursday", "Thursday."
    FRIDAY = "friday", "Friday."
    SATURDAY = "saturday", "Saturday."
    SUNDAY = "sunday", "Sunday."


WEEK = tuple(Weekday)


@dataclass(frozen=True, order=True)
class TimeSpan:
    """From and to, as HH:MM on the place's clock; 24:00 is the end of the day."""

    opens: str
    closes: str

    @property
    def overnight(self) -> bool:
        return self.closes <= self.opens


@dataclass(frozen=True)
class WeeklySpan:
    """A span of every week."""

    day: Weekday
    opens: str
    closes: str


@dataclass(frozen=True)
class SpecialDays:
    """Days, first and last included, on which other hours are kept; without any it is closed."""

    first: date
    last: date
    hours: tuple[TimeSpan, ...] = ()


@dataclass(frozen=True)
class Form:
    """The weekly form. `holidays` are the hours of public holidays: None, as on any other day; empty, closed."""

    weekly: tuple[WeeklySpan, ...]
    holidays: tuple[TimeSpan, ...] | None = None
    special: tuple[SpecialDays, ...] = ()

    def on(self, day: date, country: str | None) -> Sequence[TimeSpan]:
        """The hours of one day."""
        if found := next((each for each in self.special if each.first <= day <= each.last), None):
            return found.hours
        if self.holidays is not None and is_holiday(country, day):
            return self.holidays
        return [TimeSpan(each.opens, each.closes) for each in self.weekly if each.day is WEEK[day.weekday()]]


Hours = Form | str
"""A form, or a text in OpenStreetMap's syntax that no form can say."""


@dataclass(frozen=True)
class Where:
    """What a place's clock, its holidays and its sunsets depend on."""

    time_zone: str
    country: str | None = None
    latitude: float = 0.0
    longitude: float = 0.0


@dataclass(frozen=True, order=True)
class Open:
    """A time during which a place is open."""

    opens: datetime
    closes: datetime


# --- how they are stored


def stored(hours: Hours | None) -> Any:
    """As the column `opening_hours` holds them."""
    if hours is None or isinstance(hours, str):
        return {"osm": hours} if hours else None
    special = [[each.first.isoformat(), each.last.isoformat(), pairs(each.hours)] for each in hours.special]
    return {
        "weekly": [[each.day.value, each.opens, each.closes] for each in hours.weekly],
        "holidays": None if hours.holidays is None else pairs(hours.holidays),
        "special": special,
    }


def pairs(spans: Iterable[TimeSpan]) -> list[list[str]]:
    return [[span.opens, span.closes] for span in spans]


def spans(found: Iterable[Sequence[str]]) -> tuple[TimeSpan, ...]:
    return tuple(TimeSpan(*each) for each in found)


def loaded(found: Any) -> Hours | None:
    """From what the column holds."""
    if found is None or "osm" in found:
        return found and str(found["osm"])
    return Form(
        tuple(WeeklySpan(Weekday(day), opens, closes) for day, opens, closes in found["weekly"]),  # type: ignore[call-arg]  # by value
        None if found["holidays"] is None else spans(found["holidays"]),
        tuple(
            SpecialDays(date.fromisoformat(first), date.fromisoformat(last), spans(hours))
            for first, last, hours in found["special"]
        ),
    )


# --- the clock


def is_open(hours: Hours, where: Where, at: datetime) -> bool | None:
    """Whether it is open at a moment; None if the text itself says that this is not known."""
    if isinstance(hours, str):
        state, _ = expression(hours, where).state(at.astimezone(ZoneInfo(where.time_zone)))
        return None if state == State.UNKNOWN else state == State.OPEN
    today = at.astimezone(ZoneInfo(where.time_zone)).date()
    return any(span.opens <= at < span.closes for span in opened(hours, where, today - DAY, 2))


def next_change(hours: Hours, where: Where, at: datetime) -> datetime | None:
    """When it opens or closes next; None if it does not for a year."""
    today = at.astimezone(ZoneInfo(where.time_zone)).date()
    always = isinstance(hours, Form) and hours.holidays is None and not hours.special  # every week is the same
    for days in (SOON, 2 * SOON if always else HORIZON):  # clocks skip a night of the week once at most
        end = datetime.combine(today + days * DAY, time(), ZoneInfo(where.time_zone)).astimezone(UTC)
        for span in merged(opened(hours, where, today - DAY, days + 1)):
            change = span.opens if at < span.opens else span.closes
            if at < change < end:
                return change
    return None


def merged(found: Iterable[Open]) -> list[Open]:
    """In UTC and in order; those that touch are one."""
    out: list[Open] = []
    for span in sorted(Open(each.opens.astimezone(UTC), each.closes.astimezone(UTC)) for each in found):
        if out and span.opens <= out[-1].closes:
            out[-1] = Open(out[-1].opens, max(span.closes, out[-1].closes))
        else:
            out.append(span)
    return out


def opened(hours: Hours, where: Where, first: date, days: int) -> list[Open]:
    """When it is open, on the place's clock: spans that begin on these days of its calendar."""
    zone = ZoneInfo(where.time_zone)
    if isinstance(hours, str):
        return opened_by_text(hours, where, first, days)
    found = [
        Open(moment(day, span.opens, zone), moment(day + DAY * span.overnight, span.closes, zone))
        for day in (first + DAY * place for place in range(days))
        for span in hours.on(day, where.country)
    ]
    # in UTC: what lies in the hour that a clock skips would close before it opens
    return [each for each in found if each.opens.astimezone(UTC) < each.closes.astimezone(UTC)]


def moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == "24:00":
        day, clock = day + DAY, "00:00"
    return datetime.combine(day, time.fromisoformat(clock), zone)


# --- what the library does


@lru_cache(maxsize=5_000)
def expression(text: str, where: Where) -> Expression:
    """The text as the library evaluates it. Of a country whose holidays it does not know, there are none."""
    coords = (where.latitude, where.longitude)

    def parsed(country: str | None) -> Expression:
        zone = ZoneInfo(where.time_zone)
        return Expression(text, zone, country, coords, auto_country=False, max_interval_days=HORIZON)

    try:
        return parsed(where.country)
    except UnknownCountryError:
        return parsed(None)


@lru_cache(maxsize=20_000)
def is_holiday(country: str | None, day: date) -> bool:
    """Whether a day is a public holiday in all of a country."""
    return country is not None and expression("PH", Where("UTC", country)).is_open(
        datetime.combine(day, time(12), ZoneInfo("UTC"))
    )


def opened_by_text(text: str, where: Where, first: date, days: int) -> list[Open]:
    """As `opened`. What lasts a day or longer is told by the day."""
    zone = ZoneInfo(where.time_zone)
    start = datetime.combine(first, time(), zone)
    end = datetime.combine(first + days * DAY, time(), zone)
    found = expression(text, where).intervals(start - 2 * DAY, end + 2 * DAY)
    # two open times that touch, with other remarks, are one
    runs = [list(run) for state, run in groupby(found, key=lambda each: each[2]) if state == State.OPEN]
    parts = [part for run in runs for part in by_day(run[0][0], run[-1][1])]
    return [part for part in parts if start <= part.opens < end]


def by_day(begin: datetime, until: datetime) -> Iterator[Open]:
    """A time in one piece, or a piece for each day if it lasts one or longer."""
    if until - begin >= DAY:  # on the clock: both are of one zone
        while (midnight := datetime.combine(begin.date() + DAY, time(), begin.tzinfo)) < until:
            yield Open(begin, midnight)
            begin = midnight
    yield Open(begin, until)


def zone_at(latitude: float, longitude: float) -> str:
    """The IANA time zone of a point; UTC on the high seas and at the poles."""
    change = Expression("12:00-13:00", coords=(latitude, longitude), auto_country=False).next_change()
    return getattr(change and change.tzinfo, "key", "UTC")
