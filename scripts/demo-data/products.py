"""Makes the demo products out of the samples of Open Food Facts and Open Beauty Facts.

    python scripts/demo-data/products.py openfoodfacts-products-min.jsonl.gz openbeautyfacts-products-min.jsonl.gz

Writes closient_gql/demo/products.jsonl.gz, whose README says what is in it, and prints what was left out and why.
The same input gives the same bytes.
"""

import argparse
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

from food import ingredients, nutrition  # noqa: E402
from text import clean, company, countries, key, letters, net_content, origin  # noqa: E402

from closient_gql.core.gs1.gtin import GtinError, parse_gtin  # noqa: E402

OUTPUT = ROOT / "closient_gql/demo/products.jsonl.gz"
Row = dict[str, Any]
KINDS = ("front", "ingredients", "nutrition", "packaging")
CATEGORY_DEPTH = 6


def gtin_of(row: Row) -> str:
    """The GTIN, or "" and a reason."""
    code = str(row.get("code") or "")
    if len(code) == 13 and re.match("02|04|2", code):  # numbers of one shop, or of the database itself
        raise GtinError("restricted circulation number")
    return parse_gtin(code)


def name_of(row: Row) -> str:
    """The product's name in its own language, else in English, else in any, else what the product is."""
    language = row.get("lang") or ""
    tried = ["product_name", f"product_name_{language}", "product_name_en"]
    tried += sorted(k for k in row if re.fullmatch("product_name_[a-z]{2}", k))
    tried += ["product_name_en_imported", "product_name_fr_imported", "generic_name"]
    names = (clean(row.get(k)) for k in tried)
    return next((name[:255] for name in names if letters(name) >= 2), "")


def images_of(row: Row, host: str) -> list[Row]:
    """The selected images, front first, by the documented scheme of addresses: 400 pixels at most."""
    code = str(row["code"]).zfill(13)
    folder = f"https://images.{host}/images/products/{code[:3]}/{code[3:6]}/{code[6:9]}/{code[9:]}"
    images, languages, out = row.get("images") or {}, [row.get("lang"), row.get("lc")], []
    for kind in KINDS:
        wanted = [f"{kind}_{language}" for language in languages]
        wanted += [*sorted(k for k in images if re.fullmatch(f"{kind}_[a-z]{{2}}", k)), kind]
        for name in wanted:
            image = images.get(name) or {}
            size = (image.get("sizes") or {}).get("400")
            if size and image.get("rev") and "200" in image["sizes"]:
                url = f"{folder}/{name}.{image['rev']}.400.jpg"
                out.append({"kind": kind, "url": url, "w": int(size["w"]), "h": int(size["h"])})
                break
    return out


def tags(row: Row, field: str) -> list[str]:
    return list(dict.fromkeys(clean(tag).removeprefix("en:") for tag in row.get(field) or [] if clean(tag)))


def confidence_of(row: Row, record: Row) -> float:
    """The source's completeness, 0 to 1; where it has none, 0.7 of the share of these fields that are there."""
    if (stated := row.get("completeness")) is not None:
        return round(min(max(float(stated), 0), 1), 2)
    fields = ("name", "brand", "description", "net", "categories", "ingredients", "images", "sold")
    return round(0.7 * sum(1 for field in fields if record.get(field)) / len(fields), 2)


def record_of(row: Row, gtin: str, name: str, *, food: bool) -> Row:
    sold = countries(row.get("countries_tags") or [])
    net = clean(row.get("quantity"))
    if not re.search(r"\d", net):
        net = ""
    measure = net_content(net)
    link = clean(row.get("link"))
    description = clean(row.get("generic_name"))
    lang = str(row.get("lang") or "")
    record: Row = {
        "gtin": gtin,
        "name": name,
        "brand": company(re.split("[,;]", str(row.get("brands") or ""))[0]),
        "manufacturer": company(row.get("brand_owner")),
        "description": description if letters(description) >= 3 and description != name else "",
        "url": link if re.fullmatch(r"https?://[^\s<>\"]{4,500}", link) else "",
        "usage": clean(row.get("preparation")),
        "language": lang if re.fullmatch("[a-z]{2}", lang) and lang not in ("xx", "la") else "",
        "sold": sold,
        "origin": origin(row.get("manufacturing_places"), row.get("origins"), row.get("labels_tags") or []),
        "net": net[:60],
        "net_value": measure[0] if measure else None,
        "net_unit": measure[1] if measure else None,
        "categories": list(row.get("categories_hierarchy") or []),
        "images": images_of(row, "openfoodfacts.org" if food else "openbeautyfacts.org"),
        "ingredients": ingredients(row, food=food),
        "nutrition": nutrition(row, sold) if food else None,
        "labels": tags(row, "labels_tags"),
        "nova": row.get("nova_group") if food else None,
        "nutriscore": grade(row.get("nutriscore_grade")),
        "ecoscore": grade(row.get("ecoscore_grade")),
        "packaging": tags(row, "packaging_tags"),
        "allergens": tags(row, "allergens_tags"),
        "traces": tags(row, "traces_tags"),
        "created": int(row["created_t"]),
        "modified": int(row["last_modified_t"]),
        "kind": "food" if food else "beauty",
    }
    record["confidence"] = confidence_of(row, record)
    return record


def grade(value: object) -> str:
    return "" if value in (None, "unknown", "not-applicable") else str(value)


def settle_brands(records: list[Row]) -> None:
    """One spelling for each brand: the commonest, then the one that is not all in one case, then by alphabet."""
    spellings: dict[str, Counter[str]] = {}
    for record in records:
        if letters(record["brand"]) < 2:
            record["brand"] = ""
        else:
            spellings.setdefault(key(record["brand"]), Counter())[record["brand"]] += 1
    best = {
        brand: min(found, key=lambda name: (-found[name], name.islower() or name.isupper(), name))
        for brand, found in spellings.items()
    }
    for record in records:
        record["brand"] = best.get(key(record["brand"]), "")


def settle_categories(records: list[Row]) -> None:
    """A path in one tree for each product, from general to specific.

    The source lists all ancestors in a graph. Here a category's parent is the rarest of those that come before it in
    every product that has it: a strict order, so a tree. Tags outside the taxonomy (with capitals, spaces, in other
    languages) are left out, unless they are a category of the taxonomy in another spelling.
    """
    host = {"non-food-products", "open-beauty-facts"}  # what the database is, not what the product is
    known = {tag[3:] for record in records for tag in record["categories"] if re.fullmatch("en:[a-z0-9-]+", tag)} - host
    for record in records:
        slugs = (re.sub("[^a-z0-9]+", "-", tag[3:].lower()) for tag in record["categories"] if tag.startswith("en:"))
        record["categories"] = list(dict.fromkeys(slug for slug in slugs if slug in known))
    count = Counter(slug for record in records for slug in record["categories"])
    before: dict[str, set[str]] = {}
    for record in records:
        for place, slug in enumerate(record["categories"]):
            earlier = set(record["categories"][:place])
            before[slug] = before[slug] & earlier if slug in before else earlier
    parent = {slug: min(found, key=lambda a: (count[a], -len(before[a]), a)) for slug, found in before.items() if found}

    def path(slug: str) -> list[str]:
        return [*(path(parent[slug]) if slug in parent else []), slug]

    for record in records:
        paths = [path(slug) for slug in record["categories"]]
        record["categories"] = max(paths, key=len, default=[])[:CATEGORY_DEPTH]


def read(path: pathlib.Path, dropped: Counter[str]) -> list[Row]:
    records = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            dropped["read"] += 1
            try:
                gtin = gtin_of(row)
            except GtinError as error:
                dropped["restricted" if "restricted" in str(error) else "wrong check digit or form"] += 1
                continue
            if not (name := name_of(row)):
                dropped["without a name"] += 1
                continue
            records.append(record_of(row, gtin, name, food=row.get("product_type") != "beauty"))
    return records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("samples", nargs="+", type=pathlib.Path)
    dropped: Counter[str] = Counter()
    found: dict[str, Row] = {}
    for path in parser.parse_args().samples:
        for record in read(path, dropped):
            dropped["twice"] += record["gtin"] in found
            found.setdefault(record["gtin"], record)
    records = [found[gtin] for gtin in sorted(found)]
    settle_brands(records)
    settle_categories(records)
    text = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, text, mtime=0) as out:
        for record in records:
            slim = {k: v for k, v in record.items() if v not in (None, "", [], {})}
            out.write(json.dumps(slim, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    OUTPUT.write_bytes(text.getvalue())
    fields = Counter(k for record in records for k, v in record.items() if v not in (None, "", [], {}))
    print(dict(dropped), f"{len(records)} written, {OUTPUT.stat().st_size} bytes", dict(fields), sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()
