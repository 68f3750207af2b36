"""Places that are named in a text: `near 21201`, `in Baltimore, MD`. ZIP codes and towns of the United States are known
here; others are looked up by who calls (resolvers.search.origins)."""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from closient_gql.adapters.geocoding import zip_codes
from closient_gql.core.countries import country_names
from resolvers.products.allergens import plain
from resolvers.search.constraints.text import TAKEN, Text, rule

STATES = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA", "colorado": "CO",
    "connecticut": "CT", "delaware": "DE", "district of columbia": "DC", "florida": "FL", "georgia": "GA",
    "hawaii": "HI", "idaho": "ID", "illinois": "IL", "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY",
    "louisiana": "LA", "maine": "ME", "maryland": "MD", "massachusetts": "MA", "michigan": "MI", "minnesota": "MN",
    "mississippi": "MS", "missouri": "MO", "montana": "MT", "nebraska": "NE", "nevada": "NV", "new hampshire": "NH",
    "new jersey": "NJ", "new mexico": "NM", "new york": "NY", "north carolina": "NC", "north dakota": "ND",
    "ohio": "OH", "oklahoma": "OK", "oregon": "OR", "pennsylvania": "PA", "rhode island": "RI", "south carolina": "SC",
    "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT", "vermont": "VT", "virginia": "VA",
    "washington": "WA", "west virginia": "WV", "wisconsin": "WI", "wyoming": "WY", "puerto rico": "PR",
}  # fmt: skip
NICKNAMES = {"nyc": "new york", "new york city": "new york", "la": "los angeles", "sf": "san francisco",
             "philly": "philadelphia", "dc": "washington", "washington dc": "washington",
             "washington d.c.": "washington", "bmore": "baltimore", "vegas": "las vegas"}  # fmt: skip
LARGE = 5
"""A town of so many ZIP codes is recognised in lower case, too, behind `in`."""
_STATE = "|".join(STATES)
_END = (
    rf"(?=\s*(?:$|[|;.!?)]|,(?! ?(?:[A-Z]{{2}}|{_STATE})\b)| (?:under|below|over|above|for|with|without|that|which|"
    rf"within|and|but|or|in stock|open|please|"
    r"at|by|on|from|cheaper|less|more|up to|between|instead|now|today|who|only|no|not|is|are)\b))"
)
ZIP = re.compile(
    r"\b(?:(?:near(?:by)?(?: to)?|close to|around|in|at|of|from|to|by|next to|"
    r"for)(?: the)?(?: area(?: of)?)?(?: (?:zip|postal)(?: code)?)?|zip(?: code)?|postal code)[: ]+"
    r"(?P<zip>\d{5})(?:-\d{4})?(?: area)?\b(?! (?:reviews?|ratings?|people))",
    re.IGNORECASE,
)
NEAR = re.compile(
    r"\b(?:near(?:by)?(?: to)?|close to|closest to|nearest(?: to)?|around|next to|in the (?:area|vicinity|"
    r"neighbou?rhood) of|not far from|of|from|outside(?: of)?|downtown|in|at)"
    r" (?:the )?(?:city of |town of |downtown )?(?P<place>[^\W\d_][\w.'-]*(?:,? [^\W\d_][\w.'-]*){0,4}?)" + _END,
    re.IGNORECASE,
)
_COUNTRY = rule(rf", ?(?P<name>{'|'.join(map(re.escape, country_names()))})\b")
SURE = re.compile(r"near|close|next to|in the (?:area|vicinity|neigh)|not far", re.IGNORECASE)


@dataclass(frozen=True)
class Town:
    """A town of the United States, by the middle of its ZIP codes."""

    name: str
    latitude: float
    longitude: float
    size: int  # ZIP codes


@cache
def towns() -> dict[str, list[Town]]:
    """By name in lower case; those of one name with the most ZIP codes first."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for _, city, state, latitude, longitude in csv.reader(zip_codes()):
        found.setdefault((city, state), []).append((float(latitude), float(longitude)))
    by_name: dict[str, list[Town]] = {}
    for (city, state), points in found.items():
        middle = [sorted(axis)[len(axis) // 2] for axis in zip(*points, strict=True)]
        by_name.setdefault(plain(city), []).append(Town(f"{city}, {state}", middle[0], middle[1], len(points)))
    for same in by_name.values():
        same.sort(key=lambda town: (-town.size, town.name))
    return by_name


@cache
def codes() -> Counter[str]:
    return Counter(line.split(",", 1)[0] for line in zip_codes())


def town(text: str) -> Town | None:
    """`Baltimore`, `Baltimore MD`, `springfield, illinois`; of several the largest."""
    words = plain(text).replace(",", " ").split()
    whole = " ".join(words)
    for name in (whole, NICKNAMES.get(whole, "")):
        if found := towns().get(name):
            return found[0]
    for length in (1, 2):
        state = " ".join(words[-length:])
        code = STATES.get(state) or (state.upper() if len(state) == 2 else "")
        name = " ".join(words[:-length])
        for each in towns().get(NICKNAMES.get(name, name), ()):
            if each.name.endswith(f", {code}"):
                return each
    return None


def places(text: Text) -> None:
    """The first place that is named. Of the words behind `near` the longest known name is it."""
    text.take(NEAR, lambda found: named(text, found))


def codes_named(text: Text) -> None:
    """ZIP codes, before their digits could be a price."""
    text.take(ZIP, lambda found: zip_code(text, found))


def zip_code(text: Text, found: "re.Match[str]") -> bool | None:
    sure = found[0].lower().startswith(("near", "close", "zip", "postal", "next", "around", "in", "at"))
    if not sure and found["zip"] not in codes():
        return False
    text.found.setdefault("place", found["zip"])
    return True


def country_at(text: str) -> str:
    """The name of a country that a text begins with, behind a comma: of a town elsewhere with the name of one here."""
    found = _COUNTRY.match(text)
    return found[0] if found and country_names().get(found["name"].lower(), "US") != "US" else ""


def named(text: Text, found: "re.Match[str]") -> bool | None:
    start, words = found.start("place"), found["place"].split()
    if re.match(r"of\b|from\b", found[0], re.IGNORECASE) and not text.left[: found.start()].rstrip().endswith(TAKEN):
        return False  # it belongs to a distance: `5 km from Towson`
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        known = town(name.rstrip(",."))
        sure = SURE.match(found[0])
        if known and (sure or name[0].isupper() or known.size >= LARGE):
            end = start + len(name)
            country = country_at(text.left[end:])
            text.found.setdefault("place", name.rstrip(",.") + country.rstrip(" .,"))
            text.cut(found.start(), end + len(country))
            return False  # what is behind it stays
    if SURE.match(found[0]) and not re.match(r"in\b", found[0], re.IGNORECASE):
        text.found.setdefault("place", " ".join(words))
        return True
    return False
