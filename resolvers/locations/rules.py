"""What holds for places: pure, without a database."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from closient_gql.core.countries import parse_region
from closient_gql.core.errors import Detail
from resolvers.locations import osm_hours
from resolvers.locations.hours import Form, Hours, SpecialDays, TimeSpan, WeeklySpan, zone_at
from resolvers.locations.inputs import OpeningHoursInput, TimeSpanInput, WeeklySpanInput

SWAPPED = "latitude and longitude are swapped: this is not in {}, and the other way round it would be"
CODE_BEHIND = frozenset(("US", "CA", "AU", "NZ", "GB", "IE", "IN", "SG", "ZA", "PR"))
"""Countries that write the postal code behind the city, and the state between them."""


def one_line(street: str, city: str, region: str, postal_code: str, country: str) -> str:
    """An address as it is written where it is, in one line, the country by its code."""
    state = region.partition("-")[2]
    if country in CODE_BEHIND:
        parts = [street, city, " ".join(filter(None, (state, postal_code))), country]
    else:
        parts = [street, " ".join(filter(None, (postal_code, city))), country]
    return ", ".join(part for part in parts if part)


@cache
def zone_countries() -> dict[str, str]:
    """The country of each time zone that is one country's (zone.tab of the IANA time zone database)."""
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {zone: country for country, _, zone, *_ in rows}


def country_at(latitude: float, longitude: float) -> str | None:
    """The country whose clock shows the time at a point; None at sea. Off by some hundred metres at borders."""
    return zone_countries().get(zone_at(latitude, longitude))


def swapped(latitude: float, longitude: float, country: str) -> str | None:
    """What to say if a point is not in its country, but would be with latitude and longitude the other way round."""
    fits = abs(longitude) <= 90 and country_at(latitude, longitude) != country
    return SWAPPED.format(country) if fits and country_at(longitude, latitude) == country else None


def region_problem(region: str, country: str) -> str | None:
    """What is wrong with a subdivision."""
    try:
        code = parse_region(region)
    except ValueError:
        code = None
    if code is None or "-" not in code:
        return "must be the code of a part of a country, such as US-MD (ISO 3166-2)"
    return None if code.startswith(f"{country}-") else f"is not a part of {country}"


def zone_problem(name: str) -> str | None:
    return None if name in zones() else "must be a time zone, such as Europe/Berlin (IANA)"


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"Factory", "localtime", "posixrules"}  # no places


def hours_of(given: OpeningHoursInput, problems: list[Detail], field: str = "opening_hours") -> Hours | None:
    """The hours that an input says; what is wrong with it is added to the problems."""
    others = (given.weekly, given.public_holidays, given.special_days)
    if (given.osm is None) == all(other is None for other in others):
        problems.append(Detail(field=field, message="give either weekly (and what goes with it) or osm"))
        return None
    if given.osm is not None:
        try:
            return osm_hours.read(given.osm)
        except ValueError as error:
            problems.append(Detail(field=f"{field}.osm", message=str(error)))
            return None
    special = given.special_days or []
    lists: dict[str, Sequence[WeeklySpanInput | TimeSpanInput]] = {
        "weekly": given.weekly or [],
        "public_holidays": given.public_holidays or [],
    }
    lists |= {f"special_days.{place}.hours": each.hours or [] for place, each in enumerate(special)}
    for name, found in lists.items():
        for place, span in enumerate(found):
            if span.opens == span.closes:
                message = "must not end when it begins; a whole day is 00:00 to 24:00"
                problems.append(Detail(field=f"{field}.{name}.{place}.closes", message=message))
    for place, each in enumerate(special):
        if each.last and each.last < each.first:
            problems.append(Detail(field=f"{field}.special_days.{place}.last", message="must not be before first"))
    return Form(
        tuple(WeeklySpan(each.day, each.opens, each.closes) for each in given.weekly or ()),
        None if given.public_holidays is None else spans(given.public_holidays),
        tuple(SpecialDays(each.first, each.last or each.first, spans(each.hours or ())) for each in special),
    )


def spans(given: Iterable[TimeSpanInput]) -> tuple[TimeSpan, ...]:
    return tuple(TimeSpan(each.opens, each.closes) for each in given)


def words(given: Iterable[str] | None) -> list[str]:
    """Each once, in their order, without regard to case."""
    found: dict[str, str] = {}
    for word in given or ():
        found.setdefault(word.strip().lower(), word.strip())
    return list(found.values())
