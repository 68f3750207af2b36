"""What can be said of a place."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from closient_gql.core.absent import ABSENT
from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.countries import Country
from closient_gql.core.gs1.gln import Gln
from closient_gql.core.models.locations import LocationKind
from resolvers.locations.hours import Weekday
from resolvers.locations.osm_hours import MOST_CHARACTERS

EVERYWHERE_KM = 20_004.0
"""Nothing is further: half of a meridian of WGS 84, the longest shortest way, has 20,003.93 km."""
CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
MOST_WORDS, MOST_SPANS, MOST_SPECIAL = 50, 70, 100

Latitude = Annotated[float, Bounds(minimum=-90, maximum=90), Doc("Decimal degrees north, WGS 84.")]
Longitude = Annotated[float, Bounds(minimum=-180, maximum=180), Doc("Decimal degrees east, WGS 84.")]
RadiusKm = Annotated[
    float, Bounds(minimum=0.001), Doc("Kilometres. More than half the way round the earth means everywhere.")
]
Limit = Annotated[int, Bounds(minimum=1, maximum=100), Doc("How many, after they are sorted by distance.")]
Name = Annotated[str, Bounds(min_length=1, max_length=255, pattern=r"\S"), Doc("Name as it stands over the door.")]
Line = Annotated[str, Bounds(max_length=255), Doc("Empty if unknown.")]
Region = Annotated[
    str,
    Bounds(max_length=6, pattern="^([A-Za-z]{2}-[A-Za-z0-9]{1,3})?$"),
    Doc("State or province: ISO 3166-2, such as US-MD; empty if unknown."),
]
Phone = Annotated[
    str,
    Bounds(max_length=50, pattern=r"^[0-9+()./ x;-]*$"),
    Doc("Phone number, best as +1 410 555 0100; empty if unknown."),
]
Website = Annotated[
    str, Bounds(max_length=2048, pattern=r"^(https?://[^\s<>]+)?$"), Doc("Address of its own page; empty if unknown.")
]
Zone = Annotated[
    str,
    Bounds(max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$"),
    Doc("Its clock: a name of the IANA time zone database. By default, what the clocks show where it is."),
]
CategoryFilter = Annotated[
    str | None, Bounds(max_length=100), Doc("Only places of this category, without regard to case.")
]
ServiceFilter = Annotated[
    str | None, Bounds(max_length=100), Doc("Only places with this service, without regard to case.")
]
Word = Annotated[str, Bounds(min_length=1, max_length=100, pattern=r"\S")]
Words = Annotated[list[Word], Bounds(max_length=MOST_WORDS)]
Reference = Annotated[
    str,
    Bounds(min_length=1, max_length=100, pattern=r"\S"),
    Doc("The owner's own number of it, by which imports find it again; each of an organization's has another."),
]
Metadata = Annotated[
    dict[str, str] | None,
    Doc("Merged: keys that are not named stay, an empty value removes its key, {} or null clears all."),
]
Opens = Annotated[str, Bounds(pattern=f"^{CLOCK}$"), Doc("HH:MM on the place's clock.")]
Closes = Annotated[
    str, Bounds(pattern=f"^({CLOCK}|24:00)$"), Doc("HH:MM, 24:00 at most; what is not later is on the next day.")
]


@dataclass(kw_only=True)
class NearInput:
    """A place to measure from."""

    latitude: Latitude
    longitude: Longitude
    radius_km: RadiusKm | None = None


@dataclass(kw_only=True)
class WeeklySpanInput:
    day: Annotated[Weekday, Doc("The day on which it opens.")]
    opens: Opens
    closes: Closes


@dataclass(kw_only=True)
class TimeSpanInput:
    opens: Opens
    closes: Closes


@dataclass(kw_only=True)
class SpecialDaysInput:
    first: Annotated[date, Doc("The first day.")]
    last: Annotated[date | None, Doc("The last day; the first if nothing is said.")] = None
    hours: Annotated[
        list[TimeSpanInput] | None, Bounds(max_length=MOST_SPANS), Doc("None: closed.")
    ] = None  # fmt: skip


@dataclass(kw_only=True)
class OpeningHoursInput:
    """Either `weekly` and what goes with it, or `osm`."""

    weekly: Annotated[
        list[WeeklySpanInput] | None,
        Bounds(max_length=MOST_SPANS),
        Doc("When it is open in an ordinary week; a day that is not named is closed."),
    ] = None
    public_holidays: Annotated[
        list[TimeSpanInput] | None,
        Bounds(max_length=MOST_SPANS),
        Doc("The hours of the country's public holidays; an empty list: closed; null: as on any other day."),
    ] = None
    special_days: Annotated[
        list[SpecialDaysInput] | None,
        Bounds(max_length=MOST_SPECIAL),
        Doc("Dates with other hours. They outdo holidays; of several for one date the first counts."),
    ] = None
    osm: Annotated[
        str | None,
        Bounds(max_length=MOST_CHARACTERS),
        Doc("Instead of the others: a text in OpenStreetMap's syntax, such as Mo-Fr 09:00-18:00; PH off."),
    ] = None


Hours = Annotated[OpeningHoursInput | None, Doc("When it is open; null: not known.")]


@dataclass(kw_only=True)
class LocationInput:
    name: Name
    country: Annotated[Country, Doc("ISO 3166-1 alpha-2.")]
    kind: Annotated[LocationKind, Doc("What it is for.")] = LocationKind.STORE
    latitude: Annotated[
        Latitude | None, Doc("Decimal degrees north, WGS 84. Without a position it is found by the address.")
    ] = None
    longitude: Longitude | None = None
    street_address: Annotated[Line, Doc("Street and number; empty if unknown.")] = ""
    city: Annotated[Line, Doc("City or place; empty if unknown.")] = ""
    region: Region = ""
    postal_code: Annotated[str, Bounds(max_length=20), Doc("Postal code; empty if unknown.")] = ""
    phone: Phone = ""
    website: Website = ""
    time_zone: Zone | None = None
    opening_hours: Hours = None
    services: Annotated[Words | None, Doc("What is done there: pharmacy, parking, …")] = None
    categories: Annotated[Words | None, Doc("What kind of shop it is: supermarket, bakery, …")] = None
    gln: Annotated[Gln | None, Doc("Its GS1 Global Location Number.")] = None
    reference: Reference | None = None
    is_active: Annotated[bool, Doc("Whether everybody may see it.")] = True
    metadata: Metadata = ABSENT


@dataclass(kw_only=True)
class LocationPatch:
    """Null means: as it is; but of `openingHours`, `gln` and `reference` null clears."""

    name: Name | None = None
    kind: Annotated[LocationKind | None, Doc("What it is for.")] = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    street_address: Annotated[Line | None, Doc("Street and number; empty if unknown.")] = None
    city: Annotated[Line | None, Doc("City or place; empty if unknown.")] = None
    region: Region | None = None
    postal_code: Annotated[str | None, Bounds(max_length=20), Doc("Postal code; empty if unknown.")] = None
    country: Annotated[Country | None, Doc("ISO 3166-1 alpha-2.")] = None
    phone: Phone | None = None
    website: Website | None = None
    time_zone: Zone | None = None
    opening_hours: Annotated[OpeningHoursInput | None, Doc("When it is open; null clears.")] = ABSENT
    services: Annotated[Words | None, Doc("What is done there, all of it.")] = None
    categories: Annotated[Words | None, Doc("What kind of shop it is, all of them.")] = None
    gln: Annotated[Gln | None, Doc("Its GS1 Global Location Number; null clears.")] = ABSENT
    reference: Annotated[Reference | None, Doc("The owner's own number of it; null clears.")] = ABSENT
    is_active: Annotated[bool | None, Doc("Whether everybody may see it.")] = None
    metadata: Metadata = ABSENT
