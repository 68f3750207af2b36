"""Makes the demo foods out of Lifyzer's copy of Open Food Facts.

    python scripts/demo-data/foods.py products.jsonl.gz

Writes closient_gql/demo/foods.jsonl.gz, whose README says what is in it, and prints what was left out and why.
The same input gives the same bytes.
"""

import argparse
import gzip
import hashlib
import io
import json
import pathlib
import re
import sys
from collections import Counter
from dataclasses import replace
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from food import nutrition  # noqa: E402
from text import clean, letters, plain  # noqa: E402

from closient_gql.core.gs1.gtin import GtinError, parse_gtin  # noqa: E402
from resolvers.products.labels import BREAKS_OFF, Line, parse_label  # noqa: E402

OUTPUT = ROOT / "closient_gql/demo/foods.jsonl.gz"
OTHER = ROOT / "closient_gql/demo/products.jsonl.gz"
WANTED = 4_000
CUT = 254  # characters: a text as long as this was cut, or may have been
COPIED = 1_561_939_200  # 2019-07-01: when the copy was made, the source does not say of each product
CONFIDENCE = 0.5
_ENGLISH = re.compile(r"\b(?:and|water|sugar|salt|oil|flour|milk|of|flavor|acid|less|corn|or)\b")
_OTHER = re.compile(r"\b(?:de|et|eau|sel|huile|sucre|farine|lait|y|agua|sal|azucar|du|des|und|wasser|salz)\b")
_SAID = {  # what a name promises, as the label of Open Food Facts
    "no-gluten": re.compile(r"\bgluten[ -]free\b"),
    "vegan": re.compile(r"\bvegan\b"),
    "vegetarian": re.compile(r"\bvegetarian\b"),
    "organic": re.compile(r"(?<!made with )\borganic\b"),
}
_NUTRIENTS = {"fat": "fat", "saturated_fat": "saturated-fat", "carbohydrates": "carbohydrates", "sugars": "sugars",
              "fiber": "fiber", "protein": "proteins", "salt": "salt", "sodium": "sodium"}  # fmt: skip
Row = dict[str, Any]


def english(text: str) -> bool:
    """Nothing of another language is in it, or twice as much English."""
    text = plain(text)
    other = len(_OTHER.findall(text))
    return not other or len(_ENGLISH.findall(text)) > 2 * other


def ingredients(text: str) -> list[Row]:
    """The lines of the list; one that may have been cut breaks off, whatever its end looks like."""
    lines = parse_label(text)
    if lines and len(text) >= CUT and not any(BREAKS_OFF in line.notes for line in lines):
        last = max((place for place, line in enumerate(lines) if not line.may_contain), default=len(lines) - 1)
        lines[last] = replace(lines[last], notes=", ".join(filter(None, (lines[last].notes, BREAKS_OFF))))
    return [entry(line) for line in lines]


def entry(line: Line) -> Row:
    values = {"name": line.name, "percent": line.percentage, "allergen": line.is_major_allergen,
              "may": line.may_contain, "notes": line.notes, "origin": line.origin}  # fmt: skip
    return {key: value for key, value in values.items() if value}


def record_of(row: Row) -> Row:
    """Raises:
    GtinError: with the reason why the product is left out.
    """
    code = str(row["barcode"])
    if re.match("00000|02|04|2", code.zfill(13)):
        raise GtinError("numbers of one shop")
    gtin, name = parse_gtin(code), clean(row["name"])[:255]
    if letters(name) < 3:
        raise GtinError("without a name")
    if not english(f"{name}, {row['ingredients']}"):
        raise GtinError("not in English")
    facts = {f"{to}_100g": float(row[key]) for key, to in _NUTRIENTS.items() if key in row}
    panel, lines = nutrition({"nutriments": facts}, ["US"]), ingredients(row["ingredients"])
    if panel is None or not lines:
        raise GtinError("without ingredients or nutrition")
    said = [label for label, words in _SAID.items() if words.search(plain(name))]
    record = {"gtin": gtin, "name": name, "language": "en", "sold": ["US"], "ingredients": lines, "nutrition": panel,
              "labels": said, "created": COPIED, "modified": COPIED, "confidence": CONFIDENCE}  # fmt: skip
    return {key: value for key, value in record.items() if value}


def lot(record: Row) -> tuple[bool, str]:
    """Those that promise something first, but for the many organic ones; then by lot."""
    rare = bool({*record.get("labels", ())} - {"organic"})
    return not rare, hashlib.sha256(record["gtin"].encode()).hexdigest()


def read(path: pathlib.Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("products", type=pathlib.Path)
    dropped: Counter[str] = Counter()
    there = {record["gtin"] for record in read(OTHER)}
    found: dict[str, Row] = {}
    for row in read(parser.parse_args().products):
        try:
            record = record_of(row)
        except GtinError as error:
            dropped[str(error)] += 1
            continue
        if record["gtin"] in there or record["gtin"] in found:
            dropped["twice"] += 1
        else:
            found[record["gtin"]] = record
    chosen = sorted(sorted(found.values(), key=lot)[:WANTED], key=lambda record: record["gtin"])
    text = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, text, mtime=0) as out:
        for record in chosen:
            out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    OUTPUT.write_bytes(text.getvalue())
    said = Counter(label for record in chosen for label in record.get("labels", ()))
    broken = sum(any(BREAKS_OFF in line.get("notes", "") for line in record["ingredients"]) for record in chosen)
    lines = sum(len(record["ingredients"]) for record in chosen)
    print(dict(dropped), f"{len(found)} fit, {len(chosen)} written, {OUTPUT.stat().st_size} bytes", dict(said),  # noqa: T201
          f"{broken} lists break off, {lines} ingredients", sep="\n")  # fmt: skip


if __name__ == "__main__":
    main()
