"""Places."""

from datetime import date as Date
from datetime import datetime

import strawberry

from closient_gql.adapters import geocoding
from closient_gql.core.gs1.gln import Gln
from closient_gql.core.models import account
from closient_gql.core.models import locations as models
from closient_gql.core.models.locations import LocationKind, PositionSource
from resolvers.locations import hours, inputs, nearby, queries
from resolvers.locations.hours import Weekday
from schema.account.types import Organization
from schema.declare import adopt_enum, adopt_input, column, entity, relation, value

adopt_enum(LocationKind, "What a place is for.")
adopt_enum(PositionSource, "How it is known where a place is.")
adopt_enum(Weekday, "A day of the week.")
adopt_enum(queries.LocationOrder, "How locations are sorted.")
adopt_input(inputs.NearInput, "NearInput", "A place to measure from, and how far.")
adopt_input(inputs.TimeSpanInput, "TimeSpanInput", "A time during which a place is open.")
adopt_input(inputs.WeeklySpanInput, "WeeklySpanInput", "A time during which a place is open every week.")
adopt_input(inputs.SpecialDaysInput, "SpecialDaysInput", "Dates on which other hours are kept.")
adopt_input(inputs.OpeningHoursInput, "OpeningHoursInput", "When a place is open: a weekly form, or a text.")
adopt_input(inputs.LocationInput, "LocationInput", "A location that is to be made.")
adopt_input(inputs.LocationPatch, "LocationPatch", "What is to change of a location. Null means: as it is.")


@value(hours.TimeSpan, says="A time during which a place is open, on its own clock.")
class TimeSpan:
    opens: str = column("HH:MM.")
    closes: str = column("HH:MM; 24:00 is the end of the day, and what is not later than `opens` is on the next day.")


@value(hours.WeeklySpan, says="A time during which a place is open every week, on its own clock.")
class WeeklySpan:
    day: Weekday = column("The day on which it opens.")
    opens: str = column("HH:MM.")
    closes: str = column("HH:MM; 24:00 is the end of the day, and what is not later than `opens` is on the next day.")


@value(hours.SpecialDays, says="Dates on which other hours are kept.")
class SpecialDays:
    first: Date = column("The first day.")
    last: Date = column("The last day.")
    hours: list[TimeSpan] = column("When it is open on each of them; none: closed.")


@value(hours.Open, says="A time during which a place is open, as moments.")
class OpenSpan:
    opens: datetime = column("When it opens.")
    closes: datetime = column("When it closes.")


@value(queries.OpenDay, says="A day, and when a place opens on it.")
class OpenDay:
    date: Date = column("The day, where the place is.")
    hours: list[OpenSpan] = column("Times that begin on this day, in order; none: closed.")


@value(queries.OpeningHours, says="When a place is open.")
class OpeningHours:
    weekly: list[WeeklySpan] | None = column(
        "When it is open in an ordinary week; null: no week is ordinary (seasons, sunsets), and only `osm` says it."
    )
    public_holidays: list[TimeSpan] | None = column(
        "The hours of the country's public holidays; none: closed; null: as on any other day."
    )
    special_days: list[SpecialDays] = column("Dates with other hours. They outdo holidays; the first counts.")
    osm: str = column("All of it in OpenStreetMap's syntax.")
    days: list[OpenDay] = relation(
        queries.days_of, "The hours of some days: holidays and special days applied, as moments.", size=7
    )


CLOCK = (
    "opening_hours",
    "time_zone",
    "country",
    "latitude",
    "longitude",
)  # what resolvers need to know whether it is open


@entity(models.Location, keys={"id": queries.locations_by_id}, says="A place: a store, or another point of service.")
class Location:
    id: strawberry.ID = column("Id of the location.")
    organization_id: strawberry.ID | None = column(
        "Id of the organization that it belongs to; null: nobody's, known from open data."
    )
    organization: Organization | None = relation(
        queries.organizations_of,
        "The organization that it belongs to, for its members only.",
        reads=["organization_id"],
    )
    reference: str | None = column("Its owner's own number of it, by which imports find it again.")
    name: str = column("Name as it stands over the door.")
    kind: LocationKind = column("What it is for.")
    latitude: float = column("Decimal degrees north, WGS 84.")
    longitude: float = column("Decimal degrees east, WGS 84.")
    position_source: PositionSource = column("How it is known where it is.")
    distance_km: float | None = relation(
        nearby.distances_of, "How far it is from a point: kilometres on the spheroid (WGS 84), to two decimals."
    )
    address: str = relation(
        queries.addresses_of,
        "Its address in one line, as it is written in its country.",
        reads=["street_address", "city", "region", "postal_code", "country"],
    )
    street_address: str = column("Street and number; empty if unknown.")
    city: str = column("City or place; empty if unknown.")
    region: str = column("State or province: ISO 3166-2, such as US-MD; empty if unknown.")
    postal_code: str = column("Postal code; empty if unknown.")
    country: str = column("Country: ISO 3166-1 alpha-2.")
    phone: str = column("Phone number; empty if unknown.")
    website: str = column("Address of its own page; empty if unknown.")
    time_zone: str = column("Its clock: a name of the IANA time zone database, such as America/New_York.")
    opening_hours: OpeningHours | None = relation(queries.hours_of, "When it is open; null: not known.", reads=CLOCK)
    is_open: bool | None = relation(
        queries.open_of, "Whether it is open, by the clock where it is; null: not known.", reads=CLOCK
    )
    next_change: datetime | None = relation(
        queries.changes_of, "When it opens or closes next; null: not known, or not for a year.", reads=CLOCK
    )
    services: list[str] = column("What is done there: pharmacy, parking, …")
    categories: list[str] = column("What kind of shop it is: supermarket, bakery, …")
    gln: Gln | None = column("Its GS1 Global Location Number.")
    last_inventory_sync: datetime | None = column("When its stock was last heard of.")
    is_active: bool = column("Whether everybody may see it; others are seen by their owners only.")
    metadata: dict[str, str] = column("The owner's own notes.")
    created: datetime = column("When it was first known.")
    modified: datetime = column("When it was last changed.")


@value(account.Organization, says="The organization whose places are shown, for everybody.")
class LocatorOrganization:
    id: strawberry.ID = column("Id of the organization.")
    name: str = column("Its name.")


@value(nearby.StoreLocator, says="What an organization's store locator shows.")
class StoreLocator:
    organization: LocatorOrganization = column("The organization that the key acts for.")
    locations: list[Location] = relation(
        nearby.places_of, "Its open places within the radius, nearest first.", size=100
    )


@value(geocoding.Found, says="Where an address is.", name="GeocodedPlace")
class GeocodedPlace:
    latitude: float = column("Decimal degrees north, WGS 84.")
    longitude: float = column("Decimal degrees east, WGS 84.")
    city: str = column("City or place.")
    region: str = column("State or province: ISO 3166-2; empty if unknown.")
    source: PositionSource = column("How it is known.")
