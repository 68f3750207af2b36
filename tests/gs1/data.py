"""The vectors, and values made up for any AI of the dictionary."""

import json
import random
from pathlib import Path
from typing import Any

from closient_gql.core.gs1 import checks, codes, linters
from closient_gql.core.gs1.dictionary import Component, Entry, default

ENTRIES = default().entries
_ALPHABETS = {"N": "0123456789", "X": checks.CSET82, "Y": linters.CSET39, "Z": linters.CSET64}
_MADE = {
    "iso3166": sorted(codes.COUNTRIES), "iso3166999": [*sorted(codes.COUNTRIES), "999"],
    "iso3166alpha2": sorted(codes.COUNTRY_LETTERS), "iso4217": sorted(codes.CURRENCIES),
    "packagetype": sorted(codes.PACKAGE_TYPES), "mediatype": sorted(codes.MEDIA_TYPES), "yesno": ["0", "1"],
    "winding": ["0", "1", "9"], "iso5218": ["0", "1", "2", "9"], "zero": ["0"], "hyphen": ["-"],
    "yymmdd": ["240229", "261231", "000101"], "yymmd0": ["240200", "261231", "750630"],
    "yyyymmdd": ["19990131", "20240229"], "hh": ["00", "23"], "hhmi": ["0000", "2359"], "mi": ["00", "59"],
    "ss": ["00", "59"], "latitude": ["0000000000", "1800000000"], "longitude": ["0000000000", "3600000000"],
    "pieceoftotal": ["0101", "0299", "1010"], "posinseqslash": ["1/1", "2/3"], "iban": ["DE91100000000123456789"],
    "couponcode": ["012345612345611110123", "01234561234561111012335006064500606"],
    "couponposoffer": ["001234561234560123456"], "importeridx": ["-", "A", "7"],
}  # fmt: skip


def vectors(name: str) -> Any:
    return json.loads((Path(__file__).parent / "vectors" / f"{name}.json").read_text(encoding="utf-8"))


def value_for(entry: Entry, rnd: random.Random) -> str:
    """A valid value of an AI."""
    parts = []
    for component in entry.components:
        if component.optional and rnd.random() < 0.4:
            break
        parts.append(_part(component, rnd))
    return "".join(parts)


def _part(component: Component, rnd: random.Random) -> str:
    for name in component.linters:
        if name in _MADE:
            return rnd.choice(_MADE[name])
    length = rnd.randint(component.shortest, component.longest)
    names = component.linters
    if "csumalpha" in names:
        body = f"1987{''.join(rnd.choices(checks.CSET82, k=rnd.randint(1, component.longest - 6)))}A"
        body = body[: component.longest - 2]
        return body + checks.check_pair(body)
    text = "".join(rnd.choices(_ALPHABETS[component.alphabet], k=length))
    if "gcppos1" in names and component.alphabet != "N":
        return f"9506{text}"[: component.longest]
    if "csum" in names:
        return text[:-1] + checks.check_digit(text[:-1])
    if "nonzero" in names or "nozeroprefix" in names:
        return "7" + text[1:]
    return text.replace("%", "x") if "pcenc" in names else text
