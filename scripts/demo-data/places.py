"""Makes the demo places and the table of postal codes.

    python scripts/demo-data/places.py shops.geojson walmart_store_openings.csv us_zipcodes.csv.gz

Writes osm-shops.jsonl.gz and walmart.jsonl.gz in closient_gql/demo and us-postal-codes.csv.gz in closient_gql/data,
whose READMEs say what is in them, and prints what was left out and why. The same input gives the same bytes.
"""

import argparse
import csv
import gzip
import io
import json
import pathlib
import re
import sys
from collections import Counter
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from closient_gql.adapters.geocoding import PostalCodes, zip_codes  # noqa: E402
from resolvers.locations import osm_hours  # noqa: E402
from resolvers.locations.hours import zone_at  # noqa: E402
from resolvers.locations.rules import country_at  # noqa: E402

Row = dict[str, Any]
dropped: Counter[str] = Counter()


def compressed(path: pathlib.Path, lines: list[str]) -> None:
    text = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, text, mtime=0) as out:
        out.write("".join(line + "\n" for line in lines).encode())
    path.write_bytes(text.getvalue())
    print(path.relative_to(ROOT), len(lines), path.stat().st_size)  # noqa: T201


def slim(rows: list[Row]) -> list[str]:
    kept = ({name: value for name, value in row.items() if value not in (None, "", [])} for row in rows)
    return [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in kept]


def postal_codes(path: pathlib.Path) -> None:
    """Sorted by code; military post offices are nowhere."""
    with gzip.open(path, "rt") as file:
        rows = [row for row in csv.reader(file) if row[0].isdigit()]
    kept = sorted(row for row in rows if float(row[3]) or float(row[4]))
    dropped["military post offices"] = len(rows) - len(kept)
    compressed(ROOT / "closient_gql/data/us-postal-codes.csv.gz", [",".join(row) for row in kept])
    zip_codes.cache_clear()


# --- OpenStreetMap


def shop(feature: Row) -> Row | None:
    tags = {key: " ".join(str(value).split()) for key, value in feature["properties"].items()}
    if not tags.get("name"):
        dropped["shops without a name"] += 1
        return None
    longitude, latitude = feature["geometry"]["coordinates"]
    country = tags.get("addr:country") or country_at(latitude, longitude)
    state = tags.get("addr:state", "")
    return {
        "ref": feature["id"],
        "name": tags["name"],
        "brand": tags.get("brand"),
        "lat": latitude,
        "lon": longitude,
        "street": street(tags, number_first=country in ("US", "SG")),
        "city": tags.get("addr:city"),
        "region": f"{country}-{state}" if re.fullmatch("[A-Z]{2}", state) else None,
        "postal_code": tags.get("addr:postcode"),
        "country": country,
        "phone": phone(tags.get("phone") or tags.get("contact:phone") or "", country or ""),
        "website": website(tags.get("website") or tags.get("url") or ""),
        "time_zone": zone_at(latitude, longitude),
        "hours": hours(tags.get("opening_hours", "")),
        "categories": [tags[key] for key in ("shop", "amenity") if tags.get(key, "yes") != "yes"],
        "services": services(tags),
    }


def street(tags: Row, *, number_first: bool) -> str:
    number, name = tags.get("addr:housenumber", ""), tags.get("addr:street", "")
    parts = (number, name) if number_first else (name, number)
    return ", ".join(filter(None, (" ".join(filter(None, parts)) if name else "", tags.get("addr:unit", ""))))


def phone(text: str, country: str) -> str:
    digits = re.sub("[^0-9]", "", text)
    if country == "US" and len(digits) == 10:
        return f"+1 {digits[:3]} {digits[3:6]} {digits[6:]}"
    return text


def website(text: str) -> str:
    return text if not text or text.startswith("http") else f"http://{text}"


def hours(text: str) -> str:
    """The text, if it is in OpenStreetMap's syntax."""
    try:
        return osm_hours.text_of(osm_hours.read(text)) if text else ""
    except ValueError:
        dropped["opening hours in other words"] += 1
        return ""


def services(tags: Row) -> list[str]:
    found = [
        re.sub("[:_]", " ", key.removeprefix("service:"))
        for key in tags
        if key.startswith("service:") and tags[key] == "yes"
    ]
    found += ["prescriptions"] * (tags.get("dispensing") == "yes") + ["ATM"] * (tags.get("atm") == "yes")
    return found + ["wheelchair access"] * (tags.get("wheelchair") == "yes")


# --- Walmart


def walmart(row: Row) -> Row | None:
    code, state = row["ZIPCODE"].zfill(5), row["STRSTATE"]
    if not PostalCodes().find("US", code):
        dropped["Walmarts of unknown ZIP code"] += 1
    latitude, longitude = float(row["LAT"]), float(row["LON"])
    super_ = row["date_super"] or row["type_store"] == "Supercenter"
    return {
        "ref": f"walmart/{row['storenum']}",
        "name": "Walmart Supercenter" if super_ else "Walmart",
        "brand": "Walmart",
        "lat": latitude,
        "lon": longitude,
        "street": titled(row["STREETADDR"]),
        "city": titled(row["STRCITY"]),
        "region": f"US-{state}",
        "postal_code": code,
        "country": "US",
        "time_zone": zone_at(latitude, longitude),
        "categories": ["department_store", *(["supermarket"] if super_ else [])],
    }


def titled(text: str) -> str:
    """Words in capitals as they are written otherwise; what has small letters stays."""
    text = " ".join(text.split())
    return re.sub(r"\b([A-Z])([A-Z]+)\b", lambda word: word[1] + word[2].lower(), text) if text.isupper() else text


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("shops", "walmart", "postal_codes"):
        parser.add_argument(name, type=pathlib.Path)
    given = parser.parse_args()
    postal_codes(given.postal_codes)
    shops = [row for feature in json.loads(given.shops.read_text())["features"] if (row := shop(feature))]
    compressed(ROOT / "closient_gql/demo/osm-shops.jsonl.gz", slim(sorted(shops, key=lambda row: str(row["ref"]))))
    with given.walmart.open(newline="") as file:
        stores = [row for each in csv.DictReader(file) if (row := walmart(each))]
    compressed(ROOT / "closient_gql/demo/walmart.jsonl.gz", slim(sorted(stores, key=lambda row: int(row["ref"][8:]))))
    print(dict(dropped))  # noqa: T201


if __name__ == "__main__":
    main()
