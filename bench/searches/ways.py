"""Ways to rank: the product's own, and those that it is held against.

tantivy and bm25s are installed by name (`pip install --group bench`); without them their rows are missing, and it says
so. Their fields, weights and constants are the best of some fifty that were tried on all the judged queries, so they
are flattered.
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import numpy as np
import Stemmer

from bench import say
from bench.searches.judged import Product, id_of
from bench.searches.measures import fused
from closient_gql.core.db import Database, Reader
from resolvers.context import Context
from resolvers.search.asked import Asked, Filters, Hit, SearchKind
from resolvers.search.candidates import passing
from resolvers.search.models import models
from resolvers.search.spoken import spoken

Order = list[str]
Lexical = Callable[[str], Order]
MOST = 3_000
FULL_TEXTS = """
CREATE TABLE IF NOT EXISTS full_texts AS
SELECT id, to_tsvector('english', product_name || ' ' || description) AS words FROM products
"""
FULL_TEXT = """
SELECT id FROM full_texts, websearch_to_tsquery('english', $1) AS q
WHERE words @@ q ORDER BY ts_rank(words, q) DESC, id LIMIT 1000
"""
COSINES = "SELECT id, 1 - (vector <=> ($2::real[])::halfvec(1024)) AS cosine FROM search_vectors WHERE slot = $1"
PRODUCTS = Filters(kinds=(SearchKind.PRODUCT,))
OPEN = {"threshold": -9.0, "partial": -9.0, "alone": 0.2}
"""A calibration that lets everything pass that has a word, or a cosine of so much."""
FIT = {"head": 0.0}
"""One whose scores are the fits that the gate decides by."""
BOOSTS = {"title": 1.0, "brand": 0.5, "mpn": 0.5, "description": 1.0}


async def ask(database: Database, query: str) -> Sequence[Hit]:
    """What the product answers: what passes the gate, and what answers a part of it."""
    asked, _ = spoken(Asked(query=query, filters=PRODUCTS, partial=True))
    return (await passing(Context(Reader(database)), asked)).hits


@asynccontextmanager
async def ungated(database: Database, **also: float) -> AsyncIterator[None]:
    """For the block the active model lets everything pass: what is found is the order before the gate. `also`: other
    values of its calibration."""
    async with database.acquire() as connection:
        before = await connection.fetchval("SELECT calibration FROM search_models WHERE state = 'active'")
        await calibrate(database, before | OPEN | also)
        yield
        await calibrate(database, before)


async def calibrate(database: Database, said: Mapping[str, float]) -> None:
    async with database.acquire() as connection:
        await connection.execute("UPDATE search_models SET calibration = $1 WHERE state = 'active'", said)


async def cosines(database: Database, query: str) -> dict[str, float]:
    """Of every product with a vector, nearest first."""
    there = (await models(Context(Reader(database)))).active
    assert there
    vector = await there.embed_query(query)
    async with database.acquire() as connection:
        rows = await connection.fetch(COSINES, there.slot, vector)
    return {row["id"]: row["cosine"] for row in sorted(rows, key=lambda row: (-row["cosine"], row["id"]))}


async def full_text(database: Database, query: str) -> Order:
    """PostgreSQL's own."""
    async with database.acquire() as connection:
        await connection.execute(FULL_TEXTS)
        return [row["id"] for row in await connection.fetch(FULL_TEXT, query)]


def lexical(products: Sequence[Product]) -> dict[str, Lexical]:
    """Those libraries that are there."""
    found: dict[str, Lexical] = {}
    for name, build in (("bm25s", bm25s_of), ("tantivy", tantivy_of)):
        with suppress(ImportError):
            found[name] = build(products)
    if missing := {"bm25s", "tantivy"} - set(found):
        say(f"without {' and '.join(sorted(missing))}, which are not installed: pip install --group bench")
    return found


def bm25s_of(products: Sequence[Product]) -> Lexical:
    """BM25 of title, number and description in one field."""
    import bm25s

    stemmer = Stemmer.Stemmer("english")
    texts = [f"{each['title']} {each['name']} {each.get('short_description') or ''}" for each in products]
    index = bm25s.BM25(k1=0.6, b=0.8)
    options = {"stopwords": "en", "stemmer": stemmer, "show_progress": False}
    index.index(bm25s.tokenize(texts, **options), show_progress=False)

    def order(query: str) -> Order:
        words = bm25s.tokenize([query], return_ids=False, **options)[0]
        scores = index.get_scores(words) if words else np.zeros(len(products))
        best = np.argsort(-scores, kind="stable")[:MOST]
        return [id_of(int(n)) for n in best if scores[n] > 0]

    return order


def tantivy_of(products: Sequence[Product]) -> Lexical:
    """Of each word the best field, and a little of the others."""
    import tantivy

    schema = tantivy.SchemaBuilder()
    for name in BOOSTS:
        schema.add_text_field(name, tokenizer_name="en_stem")
    schema.add_integer_field("n", stored=True)
    index = tantivy.Index(schema.build())
    writer = index.writer(num_threads=1)  # several would order ties by chance
    for n, each in enumerate(products):
        texts = {"title": each["title"], "brand": each["supplier"], "mpn": each["name"],
                 "description": each.get("short_description") or ""}  # fmt: skip
        writer.add_document(tantivy.Document(n=n, **texts))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def word(text: str) -> Any:
        fields = [tantivy.Query.boost_query(index.parse_query(text, [name]), by) for name, by in BOOSTS.items()]
        return tantivy.Occur.Should, tantivy.Query.disjunction_max_query(fields, 0.1)

    def order(query: str) -> Order:
        words = re.sub(r"[^\w ]", " ", query).split()
        found = searcher.search(tantivy.Query.boolean_query([word(each) for each in words]), MOST)
        return [id_of(searcher.doc(address)["n"][0]) for _, address in found.hits]

    return order


async def others(
    database: Database, libraries: Mapping[str, Lexical], query: str, cosines: Mapping[str, float]
) -> dict[str, Order]:
    """All baselines: words alone, vectors alone, and both by reciprocal rank."""
    near = list(cosines)
    words = {"full_text": await full_text(database, query), **{name: order(query) for name, order in libraries.items()}}
    fusions = {f"fusion_{name}": fused(order, near) for name, order in words.items()}
    return {"embeddings": near, **words, **fusions}
