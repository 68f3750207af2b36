"""Whether searches that avoid something keep it: 28 pairs of a query and a diet over real foods.

What a label says is read here by a list of words of its own, not by the product's rules: what the one overlooks the
other need not. Foods are those of the demo, or with BENCH_FOODS all that its folder has (products.jsonl.gz of
Lifyzer's copy of Open Food Facts, ODbL), whose text is then the one of the source.
"""

import gzip
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import say
from closient_gql.core.db import Database, Reader
from closient_gql.core.gs1.gtin import GtinError
from closient_gql.server import demo
from closient_gql.server.demo_certifications import certifications
from closient_gql.server.demo_rows import lines_of
from resolvers.context import Context
from resolvers.products.labels import BREAKS_OFF
from resolvers.search.asked import Asked, Filters, SearchKind
from resolvers.search.candidates import passing
from resolvers.search.spoken import spoken

TOP, CUT = 10, 254  # characters that a text of the source has if it may have been cut
SCRIPTS = Path(__file__).parents[2] / "scripts/demo-data"
KINDS = (SearchKind.PRODUCT,)
QUERIES = ("cookies", "chocolate", "bread", "soup", "ice cream", "pasta", "granola bar")
DAIRY = (
    r"milk|milkfat|skim|butter|buttermilk|butterfat|butteroil|cream|cheeses?|cheddar|mozzarella|parmesan|romano|asiago|"
    r"ricotta|gouda|provolone|feta|whey|casein|caseinates?|lactose|yogh?urt|ghee|kefir|curds?|half and half"
)
NUTS = (
    r"almonds?|cashews?|walnuts?|pecans?|pistachios?|hazelnuts?|filberts?|macadamias?|brazil nuts?|tree nuts?|peanuts?|"
    r"groundnuts?"
)
ANIMALS = (
    r"eggs?|beef|pork|bacon|ham|chicken|turkey|veal|lamb|lard|tallow|gelatine?|anchov(?:y|ies)|tuna|salmon|cod|fish|"
    r"shrimps?|crab|clams?|oysters?|honey|carmine|cochineal|"
) + DAIRY
CEREALS = (
    r"wheat|barley|rye|oats?|oatmeal|malt|malted|spelt|semolina|durum|farro|bulgh?ur|couscous|seitan|kamut|triticale|"
    r"gluten"
)
PLANT = (
    "coconut|coco|almond|soy|soya|rice|oat|cashew|cocoa|cacao|shea|peanut|nut|hemp|apple|sunflower|sesame|pumpkin|seed"
)
HARMLESS = re.compile(
    rf"\b(?:(?P<plant>{PLANT}) (?:milk|butter|cream|cheese)s?|cream of (?:tartar|coconut)|butter ?beans?|butternut|"
    r"buckwheat|(?:gluten|wheat|dairy|milk|lactose|egg|nut|peanut)[ -]free|milk thistle|(?:cocoa|cacao) butter|creamed|"
    r"non[ -]?dairy creamer|jelly ?fish|coconut)\b"
)
TRACES = re.compile(r"\b(?:may contain|made in a|made on|produced (?:in|on)|processed (?:in|on)|manufactured (?:in|on)|"
                    r"packaged (?:in|on))\b[^.]*")  # fmt: skip


@dataclass(frozen=True)
class Diet:
    """`said`: how people ask for it; `words`: what a label must not name. With `traces` not as traces, either."""

    said: str
    filters: Filters
    words: str
    traces: bool = True


DIETS = (
    Diet("gluten free {}", Filters(kinds=KINDS, exclude_allergens=("gluten",)), CEREALS),
    Diet("dairy free {}", Filters(kinds=KINDS, exclude_allergens=("milk",)), DAIRY),
    Diet("{} without nuts and peanuts", Filters(kinds=KINDS, exclude_allergens=("nuts", "peanuts")), NUTS),
    Diet("vegan {}", Filters(kinds=KINDS, diets=("vegan",)), ANIMALS, traces=False),
)


@dataclass(frozen=True)
class Food:
    """What its label says; `cut`: the text breaks off, nobody knows where; `labels`: what it claims."""

    text: str
    cut: bool
    labels: Sequence[str]


def read(folder: str | None) -> tuple[list[dict[str, Any]], dict[str, Food]]:
    """Records as the demo loads them, and their labels by GTIN."""
    if folder is None:
        found = lines_of("foods.jsonl.gz")
        return found, {record["gtin"]: printed(record) for record in found}
    sys.path.insert(0, str(SCRIPTS))
    from foods import record_of  # how the demo's foods are made, too

    records: dict[str, dict[str, Any]] = {}
    labels: dict[str, Food] = {}
    with gzip.open(Path(folder) / "products.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            try:
                record = record_of(row)
            except GtinError:
                continue
            text = row["ingredients"]
            records[record["gtin"]] = record
            labels[record["gtin"]] = Food(text, len(text) >= CUT, record.get("labels", ()))
    return list(records.values()), labels


def printed(record: Mapping[str, Any]) -> Food:
    lines = record["ingredients"]
    text = "; ".join(
        f"{'may contain ' if line.get('may') else ''}{line['name']} {line.get('notes', '')}." for line in lines
    )
    return Food(text, any(BREAKS_OFF in line.get("notes", "") for line in lines), record.get("labels", ()))


def names(food: Food, diet: Diet) -> str | None:
    """A word of its label that the diet forbids."""
    text = food.text.casefold()
    if not diet.traces:
        text = TRACES.sub(" ", text)
    found = re.search(rf"\b(?:{diet.words})\b", HARMLESS.sub(lambda match: f" {match['plant'] or ''} ", text))
    return found[0] if found else None


async def fill(database: Database, records: list[dict[str, Any]]) -> None:
    async with database.acquire() as connection:
        await demo.store(connection, lambda done, total: None, records, demo.FOODS)
        await certifications(connection, lambda done, total: None, [record["gtin"] for record in records])


async def measure(database: Database, labels: Mapping[str, Food]) -> dict[str, Any]:
    """Of the first ten of each pair, asked for in words, as a filter of the graph, and as one of REST, which keeps what
    nothing is known of: how many name what they must not, or may."""
    async with database.acquire() as connection:
        gtins = {row["id"]: row["gtin"] for row in await connection.fetch("SELECT id, gtin FROM products")}
    hits = violations = unknown = empty = 0
    for query in QUERIES:
        for diet in DIETS:
            keeping = Filters(**{**vars(diet.filters), "keep_unknown": True})
            said, _ = spoken(Asked(query=diet.said.format(query), filters=Filters(kinds=KINDS), partial=True))
            ways = {"words": said, "filter": Asked(query=query, filters=diet.filters, partial=True),
                    "rest": Asked(query=query, filters=keeping, partial=True)}  # fmt: skip
            for way, asked in ways.items():
                found = [labels[gtins[hit.id]] for hit in (await passing(Context(Reader(database)), asked)).hits[:TOP]]
                hits, empty = hits + len(found), empty + (not found)
                for food in found:
                    if word := names(food, diet):
                        violations += 1
                        say(f"{diet.said.format(query)} ({way}) gives one with {word}: {food.text[:200]}")
                    elif food.cut and not food.labels and way != "rest":
                        unknown += 1
                        say(f"{diet.said.format(query)} ({way}) gives one that breaks off: {food.text[:200]}")
    return {"pairs": len(QUERIES) * len(DIETS), "foods": len(labels), "hits": hits, "violations": violations,
            "unknown": unknown, "searches_without_hits": empty}  # fmt: skip
