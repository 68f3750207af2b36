"""Opening hours in OpenStreetMap's syntax: read as the weekly form that means the same, and written from one.

Syntax: the OpenStreetMap wiki, Key:opening_hours/specification.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from functools import lru_cache

from opening_hours import OpeningHours as Expression
from opening_hours import ParserError  # type: ignore[attr-defined]  # its stubs forget the errors

from closient_gql.core.bounds import unstorable
from resolvers.locations.hours import (
    WEEK,
    Form,
    Hours,
    Open,
    TimeSpan,
    WeeklySpan,
    Where,
    merged,
    opened,
)

MOST_CHARACTERS = 1_000
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKLY = re.compile(r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|off|closed|open|24/7|[0-9]{1,2}:[0-9]{2}|[-,; ])*")
"""Texts that speak of days of the week and public holidays only."""
MONDAY, HOLIDAY, THERE = date(2027, 3, 1), date(2027, 4, 29), Where("UTC", "JP")
"""Where such a text is looked at: an ordinary week, and a Thursday that is a holiday in Japan, which has many."""


def read(text: str) -> Hours:
    """What a text says: as a form, or the text itself where no form says the same.

    Raises:
        ValueError: it is not in OpenStreetMap's syntax; the message says from where on.
    """
    return plainly(" ".join(text.split()))


@lru_cache(maxsize=2_000)
def plainly(text: str) -> Hours:
    """As `read`, of a text without needless space: a file may have millions, which are not to be kept."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"must have at most {MOST_CHARACTERS} characters")
    if problem := unstorable(text):
        raise ValueError(problem)
    try:
        Expression(text)
    except ParserError as error:
        place = re.search(r"--> 1:(\d+)", str(error))
        rest = text[int(place[1]) - 1 :][:40] if place else ""
        found = f": {rest!r} is not understood" if rest else ""
        raise ValueError(f"must be in OpenStreetMap's syntax, such as Mo-Fr 09:00-18:00; PH off{found}") from None
    return form_of(text) or text


def form_of(text: str) -> Form | None:
    """The form, from when the library has it open in a week and on a holiday; None if a year shows a difference."""
    if not WEEKLY.fullmatch(text):
        return None
    weekly = tuple(WeeklySpan(WEEK[o.opens.weekday()], *clock(o)) for o in opened(text, Where("UTC"), MONDAY, 7))
    holidays = tuple(TimeSpan(*clock(o)) for o in opened(text, THERE, HOLIDAY, 1)) if "PH" in text else None
    form, days = Form(weekly, holidays), 365 if "PH" in text else 14
    same = merged(opened(form, THERE, MONDAY, days)) == merged(opened(text, THERE, MONDAY, days))
    return form if same else None


def clock(span: Open) -> tuple[str, str]:
    """From and to on the clock; the end of the day is 24:00."""
    ends_day = span.closes.time() == time() and span.closes.date() == span.opens.date() + timedelta(days=1)
    return f"{span.opens:%H:%M}", "24:00" if ends_day else f"{span.closes:%H:%M}"


def text_of(hours: Hours) -> str:
    """The hours in OpenStreetMap's syntax.

    There a rule outdoes all others for its day, the end of the night before included. So days with nights are added to
    each other by a comma; where a night runs into a holiday or a special day, the text has it end at midnight.
    """
    if isinstance(hours, str):
        return hours
    nights = any(TimeSpan(each.opens, each.closes).overnight for each in hours.weekly)
    rules = [(", " if nights else "; ").join(weekly_rules(hours.weekly)) or "off"]
    if hours.holidays is not None:
        rules.append(f"PH {times_of(hours.holidays)}")
    for days in reversed(hours.special):  # of a form's the first counts, of a text's the last
        until = "" if days.first == days.last else f"-{date_text(days.last)}"
        rules.append(f"{date_text(days.first)}{until} {times_of(days.hours)}")
    return "; ".join(rules)


def weekly_rules(weekly: Iterable[WeeklySpan]) -> Iterator[str]:
    """Days in a row that have the same hours are one rule."""
    spans = list(weekly)
    hours = [times_of(TimeSpan(s.opens, s.closes) for s in spans if s.day is day) for day in WEEK]
    first = 0
    for place in range(1, len(WEEK) + 1):
        if place == len(WEEK) or hours[place] != hours[first]:
            if hours[first] != "off":
                yield f"{DAYS[first] if place - first == 1 else f'{DAYS[first]}-{DAYS[place - 1]}'} {hours[first]}"
            first = place


def times_of(spans: Iterable[TimeSpan]) -> str:
    return ",".join(f"{span.opens}-{span.closes}" for span in sorted(spans)) or "off"


def date_text(day: date) -> str:
    return f"{day.year:04d} {MONTHS[day.month - 1]} {day.day:02d}"
