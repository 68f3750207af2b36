"""How locations are found, and what follows from their rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Boolean, ColumnElement, Text, any_, bindparam, cast, func, select

from closient_gql.adapters.geocoding import Found, PostalCodes
from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.countries import Country
from closient_gql.core.db import KEYS, Columns, Query
from closient_gql.core.enums import Described
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.models.locations import COLUMNS, Location, LocationKind
from closient_gql.core.paging import Listing, Slice, Window
from resolvers import access
from resolvers.account.queries import organizations_by_id
from resolvers.context import Context
from resolvers.locations import hours, osm_hours
from resolvers.locations.hours import Form, Hours, Open, SpecialDays, TimeSpan, WeeklySpan, Where
from resolvers.locations.inputs import CategoryFilter, ServiceFilter
from resolvers.locations.rules import one_line
from resolvers.roles import May, require

Moment = Annotated[datetime | None, Doc("As of when; now, if nothing is said. In the years 1900 to 9990.")]
YEARS = range(1900, 9991)
"""In which hours can be asked for: from where OpenStreetMap's years begin, to what leaves room for a look ahead."""


class LocationOrder(Described):
    """The stored value is the REST form; LOCATIONS.orders has the same names."""

    NAME = "name", "By name, A to Z, without regard to case."
    NAME_DESC = "-name", "By name, Z to A."
    CREATED = "created", "Oldest first."
    CREATED_DESC = "-created", "Newest first."


def has_word(words: Any, name: str) -> ColumnElement[bool]:
    """Whether a word is among those of a column, without regard to case, as they are kept (`rules.words`)."""
    asked = func.lower(func.btrim(bindparam(name, type_=Text)))
    found: ColumnElement[bool] = asked == any_(cast(func.lower(cast(words, Text)), ARRAY(Text)))
    return found


BY_ID = Query(Location, select(*COLUMNS).where(Location.id == func.any(KEYS)), reads=("is_active", "organization_id"))
LOCATIONS = Listing(
    "locations",
    Location,
    select(*COLUMNS),
    orders={"name": func.lower(Location.name, type_=Text), "created": Location.created.expression},
    filters={
        "organization_id": Location.organization_id == bindparam("organization_id"),
        "name": func.strpos(func.lower(Location.name), func.lower(bindparam("name", type_=Text))) > 0,
        "city": func.lower(Location.city) == func.lower(bindparam("city", type_=Text)),
        "region": Location.region == func.upper(bindparam("region", type_=Text)),
        "postal_code": Location.postal_code == bindparam("postal_code"),
        "country": Location.country == bindparam("country"),
        "kind": Location.kind == bindparam("kind"),
        "category": has_word(Location.categories, "category"),
        "service": has_word(Location.services, "service"),
        "is_active": Location.is_active == bindparam("is_active", type_=Boolean),
    },
)
POSTAL_CODES = PostalCodes()


# --- finding


async def locations_by_id(ctx: Context, ids: Sequence[str], columns: Columns | None = None) -> list[Location | None]:
    """Locations by id. Those that are not active are found by members of their organization only."""
    found = await ctx.read.by_key(BY_ID, "id", ids, columns)
    return [each if each and visible(ctx, each) else None for each in found]


def visible(ctx: Context, location: Location) -> bool:
    """Whether the caller may know of the location: active ones are part of the catalogue."""
    return location.is_active or ctx.viewer.belongs_to(location.organization_id)


@access.key
async def location(
    ctx: Context, id: Annotated[Id, Doc("Id of the location.")], columns: Columns | None = None
) -> Location | None:
    """The location with this id."""
    found: Location | None = await ctx.find(locations_by_id, id, columns)
    return found


@access.user
async def locations(
    ctx: Context,
    window: Window,
    organization_id: Annotated[Id, Doc("An organization that the caller belongs to.")],
    *,
    name: Annotated[str | None, Bounds(max_length=255), Doc("Part of the name, without regard to case.")] = None,
    city: Annotated[str | None, Bounds(max_length=255), Doc("The city, without regard to case.")] = None,
    region: Annotated[str | None, Bounds(max_length=6), Doc("State or province: ISO 3166-2.")] = None,
    postal_code: Annotated[str | None, Bounds(max_length=20), Doc("The postal code.")] = None,
    country: Annotated[Country | None, Doc("ISO 3166-1 alpha-2.")] = None,
    kind: Annotated[LocationKind | None, Doc("Only places of this kind.")] = None,
    category: CategoryFilter = None,
    service: ServiceFilter = None,
    is_active: Annotated[bool | None, Doc("Only those that everybody sees, or only the others.")] = None,
    ordering: Annotated[LocationOrder | None, Doc("By name if nothing is said.")] = None,
) -> Slice[Location]:
    """Locations of one organization of the caller's.

    Raises:
        NotFound: resolvers.roles.require.
    """
    require(ctx, organization_id, May.VIEW)
    (found,) = await LOCATIONS.slices(
        ctx.read, window, order=ordering.value if ordering else "name", organization_id=organization_id, name=name,
        city=city, region=region, postal_code=postal_code, country=country, kind=kind.value if kind else None,
        category=category, service=service, is_active=is_active,
    )  # fmt: skip
    return found


@access.key
async def geocode(
    ctx: Context,
    country: Annotated[Country, Doc("ISO 3166-1 alpha-2.")],
    postal_code: Annotated[str, Bounds(min_length=1, max_length=20), Doc("A postal code; ZIP+4 is read as its ZIP.")],
) -> Found | None:
    """The middle of a postal code's area; None if the table does not have it."""
    return POSTAL_CODES.find(country, postal_code)


# --- what follows from the row


async def organizations_of(ctx: Context, locations: Sequence[Location]) -> list[object]:
    """The organization itself is visible to its members only."""
    return await ctx.find_all(organizations_by_id, [location.organization_id for location in locations])


async def addresses_of(ctx: Context, locations: Sequence[Location]) -> list[str]:
    return [one_line(at.street_address, at.city, at.region, at.postal_code, at.country) for at in locations]


@dataclass(frozen=True)
class OpeningHours:
    """When a place is open, and where that is."""

    hours: Hours
    where: Where

    @property
    def weekly(self) -> Sequence[WeeklySpan] | None:
        return self.hours.weekly if isinstance(self.hours, Form) else None

    @property
    def public_holidays(self) -> Sequence[TimeSpan] | None:
        return self.hours.holidays if isinstance(self.hours, Form) else None

    @property
    def special_days(self) -> Sequence[SpecialDays]:
        return self.hours.special if isinstance(self.hours, Form) else ()

    @property
    def osm(self) -> str:
        return osm_hours.text_of(self.hours)


@dataclass(frozen=True)
class OpenDay:
    """A day and its hours. A span belongs to the day that it begins on."""

    date: date
    hours: Sequence[Open]


def opening_hours(location: Location) -> OpeningHours | None:
    found = hours.loaded(location.opening_hours)
    where = Where(location.time_zone, location.country, location.latitude, location.longitude)
    return None if found is None else OpeningHours(found, where)


async def hours_of(ctx: Context, locations: Sequence[Location]) -> list[OpeningHours | None]:
    return [opening_hours(location) for location in locations]


async def open_of(ctx: Context, locations: Sequence[Location], *, at: Moment = None) -> list[bool | None]:
    """Whether each is open, by the clock."""
    when = moment_of(at)
    found = map(opening_hours, locations)
    return [hours.is_open(each.hours, each.where, when) if each else None for each in found]


def moment_of(at: datetime | None) -> datetime:
    """Raises:
    Invalid: it is too far away.
    """
    check_year(at, "at")
    return at or datetime.now(UTC)


def check_year(day: date | None, field: str) -> None:
    if day is not None and day.year not in YEARS:
        raise Invalid([Detail(field=field, message=f"must lie in the years {YEARS[0]} to {YEARS[-1]}")])


async def changes_of(ctx: Context, locations: Sequence[Location], *, at: Moment = None) -> list[datetime | None]:
    """When each opens or closes next."""
    when = moment_of(at)
    found = map(opening_hours, locations)
    return [hours.next_change(each.hours, each.where, when) if each else None for each in found]


async def days_of(
    ctx: Context,
    all_hours: Sequence[OpeningHours],
    *,
    since: Annotated[
        date | None, Doc("The first day; today, where the place is, if nothing is said. 1900 to 9990.")
    ] = None,
    count: Annotated[int, Bounds(minimum=1, maximum=31), Doc("How many days.")] = 7,
) -> list[list[OpenDay]]:
    """Days with their hours: holidays and special days applied.

    Raises:
        Invalid: they are too far away.
    """
    check_year(since, "since")
    return [days_from(each, since or datetime.now(ZoneInfo(each.where.time_zone)).date(), count) for each in all_hours]


def days_from(found: OpeningHours, first: date, count: int) -> list[OpenDay]:
    by_day: dict[date, list[Open]] = {first + place * hours.DAY: [] for place in range(count)}
    for span in hours.opened(found.hours, found.where, first, count):
        by_day[span.opens.date()].append(span)
    return [OpenDay(day, sorted(spans)) for day, spans in by_day.items()]
