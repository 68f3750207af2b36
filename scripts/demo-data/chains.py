"""Makes the demo chains.

    python scripts/demo-data/chains.py brands.jsonl.gz

Writes chains.jsonl.gz in closient_gql/demo, whose README says what is in it, and prints what was left out and why. The
same input gives the same bytes.
"""

import gzip
import io
import json
import pathlib
import sys
from collections import Counter
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from closient_gql.core.countries import countries  # noqa: E402

Row = dict[str, Any]
dropped: Counter[str] = Counter()


def chain(record: Row) -> Row:
    tags = record["tags"]
    names = {record["name"], tags.get("name", ""), tags["brand"], tags.get("name:en", ""), *record["match"]}
    return {
        "id": record["id"],
        "name": record["name"],
        "category": record["category"].split("/")[1],
        "wikidata": tags.get("brand:wikidata"),
        "countries": sorted({code for place in record["include"] if (code := country(place))}),
        "names": sorted({name.casefold() for name in names if name}),
    }


def country(place: object) -> str | None:
    """The country of a part of the index's geography: `us`, `us-pa.geojson`; none of regions, circles and the world."""
    code = place.split("-")[0].removesuffix(".geojson").upper() if isinstance(place, str) else ""
    if code in countries():
        return code
    dropped["areas that are no country"] += 1
    return None


def main() -> None:
    with gzip.open(sys.argv[1], "rt") as file:
        rows = [chain(json.loads(line)) for line in file]
    rows.sort(key=lambda row: str(row["id"]))
    lines = [json.dumps({k: v for k, v in row.items() if v}, ensure_ascii=False, separators=(",", ":")) for row in rows]
    text, path = io.BytesIO(), ROOT / "closient_gql/demo/chains.jsonl.gz"
    with gzip.GzipFile("", "wb", 9, text, mtime=0) as out:
        out.write("".join(line + "\n" for line in lines).encode())
    path.write_bytes(text.getvalue())
    print(path.relative_to(ROOT), len(lines), path.stat().st_size, dict(dropped))  # noqa: T201


if __name__ == "__main__":
    main()
