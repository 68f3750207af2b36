"""How relevant searches are: judged queries, beside other ways to rank, in one run, through the product's own path.

    BENCH_ICECAT=FOLDER scripts/bench search [products]

FOLDER has Chorus' Icecat products and judgements (github.com/querqy/chorus; Apache-2.0, Icecat Open Content
Licence): 1.json.zip to 4.json.zip, ratings-dev.csv, typo-queries-dev.json. `products`: at least those that are judged,
then others up to so many; all of them by default, of which the model takes the most time.
"""

import asyncio
import csv
import json
import math
import os
import random
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import fresh_database, quantile, result, say, timed
from closient_gql.core.db import Database, Reader
from resolvers.context import Context
from resolvers.search import indexing, vectors
from resolvers.search.asked import Asked, Filters, SearchKind
from resolvers.search.candidates import passing
from resolvers.search.models import models
from tests import make

DEPTH, DRAWS = 10, 2_000
Ratings = dict[str, dict[str, int]]
Orders = dict[str, list[str]]
FULL_TEXT = """
SELECT p.id FROM products p, websearch_to_tsquery('english', $1) AS q,
    to_tsvector('english', p.product_name || ' ' || p.description) AS words
WHERE words @@ q ORDER BY ts_rank(words, q) DESC, p.id LIMIT 1000
"""
NEAREST = """
SELECT id FROM search_vectors WHERE slot = $1 AND vector IS NOT NULL
ORDER BY vector <=> ($2::real[])::halfvec(1024), id LIMIT 20000
"""


def read(folder: Path, most: int) -> tuple[list[dict[str, Any]], Ratings, dict[str, str]]:
    """The products, the grade of each judged one by query, and each query with a mistake."""
    missing = [
        name for name in ("1.json.zip", "ratings-dev.csv", "typo-queries-dev.json") if not (folder / name).is_file()
    ]
    if missing:
        sys.exit(f"bench search: {', '.join(missing)} missing in {folder}. Set BENCH_ICECAT (see bench/search.py).")
    products: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.json.zip")):
        with zipfile.ZipFile(path) as archive:
            products += [each for name in archive.namelist() for each in json.loads(archive.read(name))]
    ratings: Ratings = {}
    with (folder / "ratings-dev.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            ratings.setdefault(row["query"], {})[row["docid"]] = int(row["rating"])
    judged = {docid for each in ratings.values() for docid in each}
    products.sort(key=lambda each: (each["id"] not in judged, each["id"]))
    return products[: max(most, len(judged))], ratings, json.loads((folder / "typo-queries-dev.json").read_text())


async def fill(database: Database, products: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The ids of the products by those of the judgements."""
    brands = {name: f"b{n:011}" for n, name in enumerate(sorted({each["supplier"] for each in products}))}
    types = {each["id"]: str(each.get("attr_t_product_type") or "") for each in products}
    named = sorted({kind for kind in types.values() if kind and not kind.isdigit()})
    kinds = {name: f"c{n:011}" for n, name in enumerate(named)}
    ids = {each["id"]: f"p{n:011}" for n, each in enumerate(products)}
    rows = [
        (ids[each["id"]], make.make_gtin(n + 1), each["title"], each.get("short_description") or "", "imported", "en",
         brands[each["supplier"]], kinds.get(types[each["id"]]))
        for n, each in enumerate(products)
    ]  # fmt: skip
    columns = [
        "id",
        "gtin",
        "product_name",
        "description",
        "data_source",
        "primary_language",
        "brand_id",
        "category_id",
    ]
    async with database.acquire() as connection:
        await connection.copy_records_to_table(
            "brands", records=[(v, k) for k, v in brands.items()], columns=["id", "name"]
        )
        await connection.copy_records_to_table(
            "product_categories", records=[(v, v, k) for k, v in kinds.items()], columns=["id", "slug", "name"]
        )
        await connection.copy_records_to_table("products", records=rows, columns=columns)
    return ids


# --- measures


def gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:DEPTH]))


def ndcg(order: Sequence[str], grades: Mapping[str, int], *, judged: bool) -> float:
    """`judged`: what nobody has judged is passed over; else it is irrelevant."""
    found = [grades.get(id, 0) for id in order if not judged or id in grades]
    return gain(found) / gain(sorted(grades.values(), reverse=True))


def interval(mine: Sequence[float], other: Sequence[float]) -> list[float]:
    """Of the mean difference, 95 of 100: drawn from the queries, in pairs."""
    chance, differences = random.Random(7), [a - b for a, b in zip(mine, other, strict=True)]
    means = sorted(sum(chance.choices(differences, k=len(differences))) / len(differences) for _ in range(DRAWS))
    return [round(means[int(DRAWS * share)], 4) for share in (0.025, 0.975)]


def fused(*orders: Sequence[str]) -> list[str]:
    """Reciprocal rank fusion of the first hundred."""
    scores: dict[str, float] = {}
    for order in orders:
        for place, id in enumerate(order[:100], 1):
            scores[id] = scores.get(id, 0) + 1 / (60 + place)
    return sorted(scores, key=lambda id: -scores[id])


# --- ways to rank


async def ask(database: Database, query: str) -> list[tuple[str, float]]:
    asked = Asked(query=query, filters=Filters(kinds=(SearchKind.PRODUCT,)))
    return [(hit.id, hit.score) for hit in (await passing(Context(Reader(database)), asked)).hits]


async def nearest(database: Database, query: str) -> list[str]:
    there = (await models(Context(Reader(database)))).active
    assert there
    vector = await there.embed_query(query)
    async with database.acquire() as connection:
        return [row["id"] for row in await connection.fetch(NEAREST, there.slot, vector)]


async def full_text(database: Database, query: str) -> list[str]:
    async with database.acquire() as connection:
        return [row["id"] for row in await connection.fetch(FULL_TEXT, query)]


async def measure(database: Database, ratings: Ratings, typos: Mapping[str, str]) -> dict[str, Any]:
    answered = [query for query, grades in ratings.items() if any(grades.values())]
    ours: Orders = {}
    times: list[float] = []
    passed: dict[str, set[str]] = {}
    for query in ratings:
        await ask(database, query)  # prepares
        with timed() as seconds:
            hits = await ask(database, query)
        times.append(seconds[0])
        ours[query], passed[query] = [id for id, _ in hits], {id for id, _ in hits}
    near = {query: await nearest(database, query) for query in answered}
    words = {query: await full_text(database, query) for query in answered}
    ways = {"ours": ours, "embeddings": near, "full_text": words,
            "fusion": {query: fused(words[query], near[query]) for query in answered}}  # fmt: skip
    found: dict[str, Any] = {}
    for judged in (False, True):
        label = "judged" if judged else "all"
        values = {name: [ndcg(order[q], ratings[q], judged=judged) for q in answered] for name, order in ways.items()}
        means = {name: sum(each) / len(each) for name, each in values.items()}
        found[f"ndcg_{label}"] = {name: round(mean, 4) for name, mean in means.items()}
        found[f"ndcg_{label}_difference"] = {
            name: interval(values["ours"], values[name]) for name in values if name != "ours"
        }
    mistyped = {q: [id for id, _ in await ask(database, typos.get(q, q))] for q in answered}
    found["ndcg_typos"] = round(sum(ndcg(mistyped[q], ratings[q], judged=True) for q in answered) / len(answered), 4)
    pairs = [(id in passed[q], grade > 0) for q, grades in ratings.items() for id, grade in grades.items()]
    let, right = sum(p for p, _ in pairs), sum(r for _, r in pairs)
    both = sum(p and r for p, r in pairs)
    unanswered = [query for query in ratings if query not in answered]
    found["gate"] = {
        "precision": round(both / max(let, 1), 4), "recall": round(both / right, 4),
        "rejected": f"{sum(not passed[q] for q in unanswered)}/{len(unanswered)}",
        "kept": f"{sum(bool(passed[q]) for q in answered)}/{len(answered)}",
    }  # fmt: skip
    return found | {"p50_ms": quantile(times, 0.5) * 1000, "p95_ms": quantile(times, 0.95) * 1000}


async def main(most: int) -> None:
    folder = Path(os.environ.get("BENCH_ICECAT", "."))
    products, ratings, typos = read(folder, most)
    async with fresh_database(4) as database:
        ids = await fill(database, products)
        ratings = {query: {ids[docid]: grade for docid, grade in each.items()} for query, each in ratings.items()}
        with timed() as seconds:
            await indexing.everything(database)
            await vectors.settle(database)
            await vectors.embed(database)
        say(f"{len(products):,} products indexed and embedded in {seconds[0]:.0f} s")
        found = await measure(database, ratings, typos)
        for name, value in found.items():
            say(f"{name}: {value}")
        result(products=len(products), **found)


if __name__ == "__main__":
    asyncio.run(main(*(int(given) for given in sys.argv[1:]), *(1_000_000,)[len(sys.argv) - 1 :]))
