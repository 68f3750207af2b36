"""Who scans, as far as anybody needs to know: class of device, robot or not, country. Nothing of it names a person.

The address is looked up in the file of `CLOSIENT_GEOIP_FILE` (MaxMind's format, MMDB), if there is one, and forgotten.
"""

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

import maxminddb
import structlog
from crawleruseragents import is_crawler  # type: ignore[import-untyped]

from closient_gql.core.enums import Described
from closient_gql.core.settings import settings

LONGEST = 400  # characters of a User-Agent that are looked at
log = structlog.get_logger(__name__)


class Device(Described):
    MOBILE = "mobile", "A telephone."
    TABLET = "tablet", "A tablet."
    DESKTOP = "desktop", "Any other device with a person in front."
    BOT = "bot", "A program: a crawler, a preview, a library. Not billed."


class Visitor(NamedTuple):
    """Where a scan comes from. Places are empty if unknown: country as ISO 3166-1 alpha-2, region as ISO 3166-2
    (`US-TX`), city by its English name."""

    device: Device
    country: str = ""
    region: str = ""
    city: str = ""


def visitor_of(user_agent: str, address: str) -> Visitor:
    """Who that is. Never raises; what was seen lately is known by heart."""
    return Visitor(device_of(user_agent[:LONGEST]), *place_of(address))


# --- devices


# What most robots call themselves: the list of all of them takes half a millisecond.
GENERIC = re.compile(r"bot\b|bot/|crawl|spider|preview|monitor|headless|\b(http|fetch|client|library)\b", re.IGNORECASE)
TABLETS = re.compile(r"iPad|Tablet|PlayBook|Silk(?!.*Mobile)|Kindle|SM-T\d|Android(?!.*Mobile)")
PHONES = re.compile(r"iPhone|iPod|Mobi|Android|Windows Phone|BlackBerry|Opera Mini|KaiOS")


@lru_cache(4096)
def device_of(user_agent: str) -> Device:
    """The class of device that a User-Agent names. One that names nothing is a program: every browser has a name."""
    if not user_agent.strip() or GENERIC.search(user_agent) or is_crawler(user_agent):
        return Device.BOT
    if TABLETS.search(user_agent):
        return Device.TABLET
    return Device.MOBILE if PHONES.search(user_agent) else Device.DESKTOP


# --- places


@cache
def reader_of(path: str) -> maxminddb.Reader | None:
    """The file, opened once in a process; None if there is none, or none that can be read, which the log says."""
    if not path:
        return None
    try:
        return maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        log.error("the file of CLOSIENT_GEOIP_FILE cannot be read: scans have no country", error=str(error))
        return None


def place_of(address: str) -> tuple[str, str, str]:
    """Country, region and city of a network address; empty ones if unknown."""
    reader = reader_of(settings().geoip_file)
    if reader is None or not address:
        return "", "", ""
    try:
        found = reader.get(address)
    except (ValueError, maxminddb.InvalidDatabaseError):
        return "", "", ""
    return read_place(found) if isinstance(found, dict) else ("", "", "")


def read_place(found: dict[str, Any]) -> tuple[str, str, str]:
    """From an entry of a database of countries or cities. Anything may stand in a file: only what fits is taken."""

    def text(value: Any, *keys: str) -> str:
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, str) else ""

    country = text(found, "country", "iso_code") or text(found, "country_code")
    if not re.fullmatch("[A-Z]{2}", country):
        return "", "", ""
    divisions = found.get("subdivisions")
    division = text(divisions[0], "iso_code") if isinstance(divisions, list) and divisions else ""
    return country, f"{country}-{division}" if division else "", text(found, "city", "names", "en")
