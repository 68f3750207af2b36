"""Makes the demo's facts of packaging, impacts and grades out of the samples of Open Food Facts and Open Beauty Facts.

    python scripts/demo-data/sustainability.py openfoodfacts-products-min.jsonl.gz openbeautyfacts-products-min.jsonl.gz

Writes closient_gql/demo/sustainability.jsonl.gz, whose README says what is in it, and prints what it could not map.
The same input gives the same bytes.
"""

import gzip
import json
import pathlib
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from text import clean  # noqa: E402

DEMO = ROOT / "closient_gql/demo"
OUTPUT = DEMO / "sustainability.jsonl.gz"
Row = dict[str, Any]
MATERIALS = {  # tags of the source, without their language -> GS1 PackagingMaterialTypeCode
    "plastic": "PLASTIC_OTHER",
    "o-7-other-plastics": "PLASTIC_OTHER",
    "pet-1-polyethylene-terephthalate": "POLYMER_PET",
    "pet": "POLYMER_PET",
    "hdpe-2-high-density-polyethylene": "POLYMER_HDPE",
    "ldpe-4-low-density-polyethylene": "POLYMER_LDPE",
    "pp-5-polypropylene": "POLYMER_PP",
    "ps-6-polystyrene": "POLYMER_PS",
    "cardboard": "PAPER_PAPERBOARD",
    "non-corrugated-cardboard": "PAPER_PAPERBOARD",
    "corrugated-cardboard": "PAPER_CORRUGATED",
    "paper": "PAPER_PAPER",
    "glass": "GLASS",
    "clear-glass": "GLASS",
    "coloured-glass": "GLASS_COLOURED",
    "green-glass": "GLASS_COLOURED",
    "metal": "METAL_OTHER",
    "aluminium": "METAL_ALUMINUM",
    "steel": "METAL_STEEL",
    "tinplate": "METAL_TIN",
    "wood": "WOOD_OTHER",
    "tetra-pak": "LAMINATED_CARTON",
}
SHAPES = {
    "aerosol-can", "bag", "bottle", "box", "brick", "bucket", "can", "card", "container", "drink-can", "film", "jar",
    "individual-bag", "individual-wrapper", "label", "lid", "packet", "pot", "sachet", "sleeve", "strip", "tray",
    "tube", "wrapper",
}  # fmt: skip
SYNONYMS = {  # words of other languages, and words for two things at once
    "plastique": "plastic", "kunststoff": "plastic", "metall": "metal", "verre": "glass", "carton": "cardboard",
    "hdpe": "hdpe-2-high-density-polyethylene", "ldpe": "ldpe-4-low-density-polyethylene",
    "pe-ld": "ldpe-4-low-density-polyethylene", "flacon": "bottle", "bouteille": "bottle", "flasche": "bottle",
    "flasche-n": "bottle", "boite": "box", "etui": "box", "dose-n": "can", "aerosol": "aerosol-can",
    "flacon-plastique": "bottle,plastic", "bouteille-plastique": "bottle,plastic", "flacon-verre": "bottle,glass",
    "tube-plastique": "tube,plastic", "etui-carton": "box,cardboard", "boite-carton": "box,cardboard",
    "pet-bottle": "bottle,pet",
}  # fmt: skip
unmapped: Counter[str] = Counter()


def tag(value: object) -> str:
    return clean(value).lower().removeprefix("en:").strip()


def material_of(text: object) -> str:
    """The code of one material; COMPOSITE for several, "" for none that is known."""
    names = [tag(part) for part in str(text or "").split(",")]
    codes = {MATERIALS[name] for name in names if name in MATERIALS}
    unmapped.update(name for name in names if name and name != "unknown" and name not in MATERIALS)
    return "COMPOSITE" if len(codes) > 1 else next(iter(codes), "")


def structured(pieces: Iterable[Row]) -> list[Row]:
    """What the source knows piece by piece."""
    found = []
    for piece in pieces:
        shape, count = tag(piece.get("shape")), str(piece.get("number_of_units") or "1")
        record = {
            "shape": shape if shape not in ("unknown", "packaging") else "",
            "material": material_of(piece.get("material")),
            "quantity": int(count) if count.isdecimal() and 0 < int(count) <= 1000 else 1,
            "recyclable": tag(piece.get("recycling")) == "recycle",
        }
        if record["shape"] or record["material"]:
            found.append(record)
    return found


def tagged(tags: Iterable[object]) -> list[Row]:
    """One piece, where the source has only words: its form and material where they say one, and the words."""
    written = list(dict.fromkeys(tag(each) for each in tags if tag(each)))
    words = list(dict.fromkeys(word for each in written for word in SYNONYMS.get(each, each).split(",")))
    shapes, codes = [word for word in words if word in SHAPES], {MATERIALS[w] for w in words if w in MATERIALS}
    unmapped.update(word for word in words if word not in SHAPES and word not in MATERIALS)
    if not shapes and not codes:
        return []
    return [
        {
            "shape": shapes[0] if len(shapes) == 1 else "",
            "material": "COMPOSITE" if len(codes) > 1 else next(iter(codes), ""),
            "text": ", ".join(written)[:200],
            "quantity": 1,
        }
    ]


def grade(value: object) -> str:
    return "" if value in (None, "", "unknown", "not-applicable") else str(value)


def graded(row: Row, scheme: str) -> list[Any]:
    """Grade and number of a scheme; empty if it has no grade."""
    found = grade(row.get(f"{scheme}_grade"))
    return [found, row.get(f"{scheme}_score")] if found else []


def record_of(row: Row) -> Row:
    footprint = ((row.get("ecoscore_data") or {}).get("agribalyse")) or {}
    co2 = footprint.get("co2_total")
    return {
        "packaging": structured(row.get("packagings") or []) or tagged(row.get("packaging_tags") or []),
        "co2": round(co2, 4) if co2 else None,
        "co2_of": clean(footprint.get("name_en"))[:200] if co2 else "",
        "eco": graded(row, "ecoscore"),
        "nutri": graded(row, "nutriscore"),
        "nova": row.get("nova_group"),
    }


def trimmed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: trimmed(item) for key, item in value.items() if item not in (None, "", [], False)}
    return [trimmed(item) for item in value] if isinstance(value, list) else value


def lines(source: str | pathlib.Path) -> list[Row]:
    with gzip.open(source) as file:
        return [json.loads(line) for line in file]


def main(sources: list[str]) -> None:
    known = {row["gtin"] for row in lines(DEMO / "products.jsonl.gz")}
    found: dict[str, Row] = {}
    for place, source in enumerate(sources):
        for row in lines(source):
            gtin = str(row.get("code") or "").zfill(14)
            if gtin in known and gtin not in found:
                record = record_of(row)
                if place:  # beauty: the grades of foods mean nothing there
                    record |= {"eco": [], "nutri": [], "nova": None}
                if record := trimmed(record):
                    found[gtin] = {"gtin": gtin} | record
    text = "".join(json.dumps(found[gtin], separators=(",", ":"), ensure_ascii=False) + "\n" for gtin in sorted(found))
    OUTPUT.write_bytes(gzip.compress(text.encode(), mtime=0))
    kinds = Counter(key for record in found.values() for key in record if key != "gtin")
    sys.stdout.write(f"{len(found)} products: {dict(kinds)}\nnot mapped: {unmapped.most_common(40)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
