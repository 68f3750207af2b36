"""What rules say, in the form in which it is stored."""

from collections.abc import Callable
from datetime import date, time
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from closient_gql.core.countries import regions
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.digital_link import RuleDestination
from resolvers.digital_link.destinations import check
from resolvers.digital_link.linktypes import parse_link_type

Values = dict[str, Any]


def plain(value: Any) -> Any:
    """An input's value as it is stored."""
    if isinstance(value, list):
        return [getattr(each, "value", each) for each in value]
    return getattr(value, "value", value)


async def settle(values: Values, address: str | None) -> None:
    """Brings values into the form in which they are stored.

    Args:
        address: a custom URL that is new, and has to be checked.

    Raises:
        Invalid: with everything that is wrong.
    """
    problems: list[Detail] = []

    def wrong(field: str, message: str) -> None:
        problems.append(Detail(field=field, message=message))

    custom = values["destination_type"] == RuleDestination.CUSTOM_URL.value
    if custom and not values["custom_url"]:
        wrong("custom_url", "is required by the destination CUSTOM_URL")
    if not custom and values["custom_url"]:
        wrong("custom_url", "is for the destination CUSTOM_URL only")
    if address and custom:
        try:
            values["custom_url"] = await check(address)
        except ValueError as error:
            wrong("custom_url", str(error))
    for name in ("location_countries", "location_regions", "location_cities", "languages", "devices", "days_of_week"):
        values[name] = sorted(set(map(tidy(name), values[name]))) if values[name] else None
    if unknown := [each for each in values["location_regions"] or () if each not in regions()]:
        wrong("location_regions", f"has {unknown[0]}, which is no code of ISO 3166-2")
    if values["timezone"] is not None and values["timezone"] not in zones():
        wrong("timezone", "is no name of the IANA time zone database, such as America/Chicago")
    if values["link_type"] is not None:
        link_type = parse_link_type(values["link_type"]) or parse_link_type(f"gs1:{values['link_type']}")
        if link_type is None:
            wrong("link_type", "is no link type of the GS1 Web Vocabulary, such as gs1:pip")
        values["link_type"] = link_type
    wrong_times(values, wrong)
    if problems:
        raise Invalid(problems)


def tidy(name: str) -> Callable[[Any], Any]:
    """How an item of a list is written."""
    if name == "location_regions":
        return str.upper
    return str.strip if name == "location_cities" else lambda each: each


def wrong_times(values: Values, wrong: Callable[[str, str], None]) -> None:
    start, end = values["absolute_start_at"], values["absolute_end_at"]
    if start is not None and end is not None and end <= start:
        wrong("absolute_end_at", "must be later than absolute_start_at")
    first, last = values["annual_start_mmdd"], values["annual_end_mmdd"]
    if (first is None) != (last is None):
        wrong("annual_end_mmdd" if last is None else "annual_start_mmdd", "is needed: a window has two ends")
    for name in ("annual_start_mmdd", "annual_end_mmdd"):
        if values[name] is not None and not is_day(values[name]):
            wrong(name, "is no day of any year")
    if values["time_of_day_end"] is not None and (values["time_of_day_start"] or time.min) == values["time_of_day_end"]:
        wrong("time_of_day_end", "must differ from time_of_day_start: no time would lie between them")


def is_day(text: str) -> bool:
    try:
        date.fromisoformat(f"2024-{text}")  # a leap year
    except ValueError:
        return False
    return True


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())
