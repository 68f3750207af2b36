"""Relevance as people have judged it: a few of the products and queries of `scripts/bench search`, by the real model.

What is asserted is how good answers are, not which score they have: whoever changes the ranking may do so, but not for
the worse. The limits lie a little below what was measured; `judged.json` says where it comes from.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from bench.searches.measures import ndcg
from closient_gql.core.db import Connection, Database, Reader, prepare
from closient_gql.core.settings import settings
from resolvers.context import Context
from resolvers.search.asked import Asked, Filters, SearchKind
from resolvers.search.candidates import passing
from tests import make
from tests.databases import clone
from tests.search import world

JUDGED: Any = orjson.loads((Path(__file__).parent / "judged.json").read_bytes())
QUERIES: Mapping[str, Mapping[str, Any]] = JUDGED["queries"]
GRADES = {
    query: {make.make_id(int(n)): grade for n, grade in each["grades"].items()} for query, each in QUERIES.items()
}
ANSWERED = [query for query, grades in GRADES.items() if any(grades.values())]
LEAST = {"all": 0.82, "judged": 0.82, "typos": 0.82, "precision": 0.76, "recall": 0.67, "kept": 0.9, "first": 10,
         "rejected": 4}  # fmt: skip
"""nDCG@10 with what nobody judged as irrelevant, and passed over; precision and recall of the gate; of twelve queries
with an answer how many have one, and begin with it; of four without how many have none."""


async def fill(connection: Connection) -> None:
    brands: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for n, each in enumerate(JUDGED["products"]):
        if each["brand"] not in brands:
            brands[each["brand"]] = await make.brand(connection, each["brand"])
        if each["kind"] and each["kind"] not in kinds:
            slug = f"kind-{len(kinds)}"
            kinds[each["kind"]] = await make.insert(connection, "product_categories", slug=slug, name=each["kind"])
        await make.product(
            connection, n, product_name=each["title"], description=each["description"], primary_language="en",
            brand_id=brands[each["brand"]], category_id=kinds.get(each["kind"]),
        )  # fmt: skip


@pytest.fixture
def real_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The model of this machine."""
    monkeypatch.setenv("CLOSIENT_EMBEDDINGS_URL", "")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def judged_url(prefix: str, template: str, real_model: None) -> str:
    url = clone(f"{prefix}_judged", template)

    async def load() -> None:
        connection = await asyncpg.connect(url)
        await prepare(connection)
        await fill(connection)
        await connection.close()
        await world.index(url)

    asyncio.run(load())
    return url


@pytest.fixture
async def judged(judged_url: str) -> AsyncIterator[Database]:
    database = Database(judged_url, 2)
    yield database
    await database.close()


async def found(database: Database, query: str, *, partial: bool = True) -> list[str]:
    asked = Asked(query=query, filters=Filters(kinds=(SearchKind.PRODUCT,)), partial=partial)
    answer = await passing(Context(Reader(database)), asked)
    assert answer.model is not None
    return [hit.id for hit in answer.hits]


def quality(orders: Mapping[str, Sequence[str]], *, judged: bool) -> float:
    return sum(ndcg(orders[query], GRADES[query], judged=judged) for query in ANSWERED) / len(ANSWERED)


async def test_answers_are_as_good_as_people_have_judged(judged: Database) -> None:
    orders = {query: await found(judged, query) for query in QUERIES}
    mistyped = {query: await found(judged, QUERIES[query]["typo"]) for query in ANSWERED}
    whole = {query: await found(judged, query, partial=False) for query in QUERIES}
    pairs = [(id in whole[query], grade > 0) for query, each in GRADES.items() for id, grade in each.items()]
    right = sum(passes and relevant for passes, relevant in pairs)
    measured = {
        "all": quality(orders, judged=False), "judged": quality(orders, judged=True),
        "typos": quality(mistyped, judged=True),
        "precision": right / sum(passes for passes, _ in pairs),
        "recall": right / sum(relevant for _, relevant in pairs),
        "kept": sum(bool(orders[query]) for query in ANSWERED) / len(ANSWERED),
        "first": sum(GRADES[query].get(orders[query][0], 0) > 0 for query in ANSWERED if orders[query]),
        "rejected": sum(not orders[query] for query in QUERIES if query not in ANSWERED),
    }  # fmt: skip
    short = {name: (value, LEAST[name]) for name, value in measured.items() if value < LEAST[name]}
    assert not short, short
