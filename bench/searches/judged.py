"""Chorus' Icecat products and what people have judged of them (github.com/querqy/chorus; Apache-2.0, Icecat Open
Content Licence)."""

import csv
import hashlib
import json
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closient_gql.core.db import Database
from tests import make

Product = Mapping[str, Any]
FILES = ("1.json.zip", "ratings-dev.csv", "typo-queries-dev.json")
COLUMNS = ["id", "gtin", "product_name", "description", "data_source", "primary_language", "brand_id", "category_id",
           "country_of_origin"]  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """`products`: those that are judged before all others. `ratings`: of each query the grades, 0 to 3, by the id of
    the product here. `typos`: each query with a mistake."""

    products: Sequence[Product]
    ratings: Mapping[str, Mapping[str, int]]
    typos: Mapping[str, str]

    @property
    def answered(self) -> list[str]:
        """The queries that something is relevant to."""
        return [query for query, grades in self.ratings.items() if any(grades.values())]

    @property
    def parts(self) -> dict[str, set[str]]:
        """All queries, and the two halves of them: constants may be chosen on the one, and are judged on the other."""
        dev = {query for query in self.ratings if is_dev(query)}
        return {"all": set(self.ratings), "dev": dev, "validation": set(self.ratings) - dev}


def is_dev(query: str) -> bool:
    """The half that a query is in: by its hash, so that it stays there whatever else is asked."""
    return hashlib.md5(query.encode(), usedforsecurity=False).digest()[0] % 2 == 0


def id_of(n: int) -> str:
    return f"p{n:011}"


def read(folder: Path, most: int) -> Judged:
    """At least the products that are judged, then others up to so many."""
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        sys.exit(f"bench search: {', '.join(missing)} missing in {folder}. Set BENCH_ICECAT (see bench/search.py).")
    products: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.json.zip")):
        with zipfile.ZipFile(path) as archive:
            products += [each for name in archive.namelist() for each in json.loads(archive.read(name))]
    with (folder / "ratings-dev.csv").open(newline="") as file:
        rows = [(row["query"], row["docid"], int(row["rating"])) for row in csv.DictReader(file)]
    judged = {docid for _, docid, _ in rows}
    products.sort(key=lambda each: (each["id"] not in judged, each["id"]))
    places = {each["id"]: n for n, each in enumerate(products)}
    ratings: dict[str, dict[str, int]] = {}
    for query, docid, grade in rows:
        ratings.setdefault(query, {})[id_of(places[docid])] = grade
    typos = json.loads((folder / "typo-queries-dev.json").read_text())
    return Judged(products[: max(most, len(judged))], ratings, typos)


def kind_of(product: Product) -> str:
    kind = str(product.get("attr_t_product_type") or "")
    return "" if kind.isdigit() else kind


async def fill(database: Database, products: Sequence[Product], start: int, end: int) -> None:
    """Some of the products, every other one of a country; with the first the brands and categories of all."""
    brands = {name: f"b{n:011}" for n, name in enumerate(sorted({each["supplier"] for each in products}))}
    kinds = {name: f"c{n:011}" for n, name in enumerate(sorted(set(map(kind_of, products)) - {""}))}
    rows = [
        (id_of(n), make.make_gtin(n + 1), each["title"], each.get("short_description") or "", "imported", "en",
         brands[each["supplier"]], kinds.get(kind_of(each)), "US" if n % 2 else None)
        for n, each in enumerate(products[start:end], start)
    ]  # fmt: skip
    async with database.acquire() as connection:
        if not start:
            for table, columns, ids in (
                ("brands", ["id", "name"], [(id, name) for name, id in brands.items()]),
                ("product_categories", ["id", "slug", "name"], [(id, id, name) for name, id in kinds.items()]),
            ):
                await connection.copy_records_to_table(table, records=ids, columns=columns)
        await connection.copy_records_to_table("products", records=rows, columns=COLUMNS)
