"""Where an address is: a table of postal codes that is always there, and a geocoder that the operator may name.

Geocoders speak the protocol of Nominatim (`GET /search?format=jsonv2&street=…&countrycodes=…`), as Nominatim itself,
Photon's and LocationIQ's gateways do. They are asked for single places, never for imports.
"""

import csv
import gzip
import pathlib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import httpx2
import orjson

from closient_gql.core.errors import Unavailable
from closient_gql.core.models.locations import PositionSource
from closient_gql.core.settings import Settings

DATA = pathlib.Path(__file__).parents[1] / "data"
PATIENCE = 5.0  # seconds
TERRITORIES = frozenset(("PR", "GU", "VI", "AS", "MP"))  # countries of their own in ISO 3166-1, with ZIP codes
ASSOCIATED = frozenset(("FM", "MH", "PW"))  # states of their own, with ZIP codes


@dataclass(frozen=True)
class Address:
    """What is known of where a place is. `region` is an ISO 3166-2 code or empty."""

    country: str
    postal_code: str = ""
    street: str = ""
    city: str = ""
    region: str = ""


@dataclass(frozen=True)
class Found:
    """A position in decimal degrees (WGS 84), and where it is."""

    latitude: float
    longitude: float
    city: str
    region: str
    source: PositionSource


class Geocoder(Protocol):
    """Somebody who knows where addresses are."""

    async def find(self, address: Address) -> Found | None:
        """Where it is; None if it is not known.

        Raises:
            Unavailable: it could not be asked.
        """


class PostalCodes:
    """The middle of a postal code's area: 42,249 ZIP codes of the United States (`closient_gql/data/README.md`)."""

    def find(self, country: str, postal_code: str) -> Found | None:
        code = postal_code.strip()[:5] if country in {"US", *TERRITORIES, *ASSOCIATED} else ""
        lines = zip_codes()
        place = bisect_left(lines, code)
        if len(code) < 5 or place == len(lines) or not lines[place].startswith(code + ","):
            return None
        _, city, state, latitude, longitude = next(csv.reader([lines[place]]))
        if country not in ("US", state):
            return None
        region = "" if state in ASSOCIATED or country != "US" else f"US-{state}"
        return Found(float(latitude), float(longitude), city, region, PositionSource.POSTAL_CODE)


@cache
def zip_codes() -> Sequence[str]:
    """Lines of `code,city,state,latitude,longitude`, in order."""
    return gzip.decompress((DATA / "us-postal-codes.csv.gz").read_bytes()).decode().splitlines()


class NoGeocoder:
    """The default: postal codes alone."""

    async def find(self, address: Address) -> Found | None:
        return None


class Nominatim:
    """A server at an address that the operator gave, so it may be in the operator's own network."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/") + "/search"

    async def find(self, address: Address) -> Found | None:
        asked = {"street": address.street, "city": address.city, "postalcode": address.postal_code,
                 "state": address.region.partition("-")[2], "countrycodes": address.country.lower()}  # fmt: skip
        query = {name: value for name, value in asked.items() if value} | {"format": "jsonv2", "limit": "1"}
        try:
            async with httpx2.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
                answer = await client.get(self.url, params=query, headers={"User-Agent": "Closient/1.0"})
                answer.raise_for_status()
                return self.read(orjson.loads(answer.content), address)
        except (httpx2.HTTPError, ValueError, LookupError, TypeError) as error:
            message = "The geocoder cannot be asked right now. Give latitude and longitude, or try again later."
            raise Unavailable(message) from error

    def read(self, found: Any, address: Address) -> Found | None:
        if found == []:
            return None
        latitude, longitude = float(found[0]["lat"]), float(found[0]["lon"])
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            raise ValueError("no position on earth")
        return Found(latitude, longitude, address.city, address.region, PositionSource.GEOCODER)


def geocoder_of(settings: Settings) -> Geocoder:
    """The geocoder of the settings."""
    return Nominatim(settings.geocoder_url) if settings.geocoder_url else NoGeocoder()
