"""Where a place is that a text names: a postal code or a town of the United States, a town that a known location is
in, or whatever the geocoder knows."""

import re
from dataclasses import dataclass

from sqlalchemy import Text, bindparam, func, select

from closient_gql.adapters.geocoding import Address, geocoder_of
from closient_gql.core.countries import country_names
from closient_gql.core.db import Query
from closient_gql.core.errors import Unavailable
from closient_gql.core.models.locations import Location
from closient_gql.core.settings import settings
from resolvers.context import Context
from resolvers.locations.queries import POSTAL_CODES
from resolvers.search.constraints.places import town

ZIP = re.compile(r"[0-9]{5}")
WORD, COUNTRY = bindparam("word", type_=Text), bindparam("country", type_=Text)
_middle = func.percentile_disc(0.5)
KNOWN = Query(
    Location,
    select(
        _middle.within_group(Location.latitude).label("latitude"),
        _middle.within_group(Location.longitude).label("longitude"),
        func.mode().within_group(Location.city).label("city"),
    )
    .where(
        Location.is_active.expression,
        COUNTRY.is_(None) | (Location.country == COUNTRY),
        (func.lower(Location.city) == func.lower(WORD)) | (func.lower(Location.postal_code) == func.lower(WORD)),
    )
    .group_by(Location.country, Location.region)
    .order_by(func.count().desc(), Location.country, Location.region)
    .limit(1),
)


@dataclass(frozen=True)
class Place:
    """A place by its name. Degrees of WGS 84."""

    name: str
    latitude: float
    longitude: float


async def place_of(ctx: Context, text: str) -> Place | None:
    """The longest beginning of the text that is a place; None: it is known to nobody."""
    name, _, behind = text.rpartition(",")
    if code := country_names().get(behind.strip().lower()) if name else None:
        return await in_country(ctx, name.strip(), code)
    words = text.split()
    for count in range(len(words), 0, -1):
        if found := await known(ctx, " ".join(words[:count]).strip(" ,.")):
            return found
    return await asked(text)


async def in_country(ctx: Context, name: str, country: str) -> Place | None:
    row = await ctx.read.one(KNOWN, word=name, country=country)
    return Place(row.city or name, row.latitude, row.longitude) if row else await asked(name, country)


async def known(ctx: Context, name: str) -> Place | None:
    if ZIP.fullmatch(name):
        found = POSTAL_CODES.find("US", name)
        return Place(f"{name} {found.city}", found.latitude, found.longitude) if found else None
    if there := town(name):
        return Place(there.name, there.latitude, there.longitude)
    row = await ctx.read.one(KNOWN, word=name, country=None)
    return Place(row.city or name, row.latitude, row.longitude) if row else None


async def asked(text: str, country: str = "") -> Place | None:
    """What the geocoder says, if there is one; one that is away knows nothing."""
    try:
        found = await geocoder_of(settings()).find(Address(country=country, city=text))
    except Unavailable:
        return None
    return Place(text, found.latitude, found.longitude) if found else None
