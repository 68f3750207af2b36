"""Vectors: of the text that is still there, of one model at a time, taken over in one step; queries and their cache."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest

from closient_gql.adapters.embeddings import EmbeddingError, Model, Vector
from closient_gql.adapters.embeddings.hashed import Hashed
from closient_gql.core.db import Connection, Database, Reader
from resolvers.context import Context
from resolvers.search import indexing, models, vectors
from resolvers.search.jobs import FOLLOWERS
from tests import make
from tests.products.test_changes import settled

MODELS = "SELECT slot, name, state FROM search_models ORDER BY slot"
OF_SLOTS = """
SELECT slot, count(*) AS all, count(vector) AS there FROM search_vectors GROUP BY slot ORDER BY slot
"""
WRONG = """
SELECT v.id FROM search_vectors v JOIN search_documents d USING (kind, id)
WHERE v.text_hash <> d.text_hash OR v.vector::text <> $1::jsonb->>(v.slot || ' ' || d.embedded_text)
"""


class Other(Hashed):
    """A model that turns the other's vectors round, and does what a test wants before it answers."""

    model = Model("other", "7", "")

    def __init__(self, before: Callable[[], Awaitable[None]] | None = None, name: str = "other") -> None:
        self.before, self.model, self.asked = before, Model(name, "7"), 0

    async def embed(self, texts: Sequence[str], within: float) -> list[Vector]:
        self.asked += 1
        if self.before is not None:
            await self.before()
        return [[-x for x in vector] for vector in await super().embed(texts, within)]


class Chosen:
    """The settings' model, as a test changes it. All that were chosen can still be asked."""

    def __init__(self) -> None:
        self.now: Any = Hashed()
        self.known: list[Any] = []

    def choose(self, embedder: Any) -> None:
        self.known.append(self.now)
        self.now = embedder

    def of(self, model: Model, settings: Any) -> Any:
        return next((each for each in (self.now, *self.known) if each is not None and each.model == model), None)


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Chosen:
    found = Chosen()
    monkeypatch.setattr(vectors, "embedder_of", lambda settings: found.now)
    monkeypatch.setattr(vectors, "embedder_for", found.of)
    monkeypatch.setattr(models, "embedder_for", found.of)
    return found


@pytest.fixture
async def database(database_url: str, connection: Connection) -> AsyncIterator[Database]:
    found = Database(database_url, 6)
    for number in range(5):
        await make.product(connection, number, product_name=f"product {number}")
    await make.brand(connection, "Acme")
    await indexing.follow(found)
    yield found
    await found.close()


async def run(database: Database) -> int:
    await vectors.settle(database)
    return await vectors.embed(database)


async def states(connection: Connection) -> list[tuple[int, str, str]]:
    return [tuple(row) for row in await connection.fetch(MODELS)]


async def slots(connection: Connection) -> list[tuple[int, int, int]]:
    return [tuple(row) for row in await connection.fetch(OF_SLOTS)]


async def searched(database: Database) -> models.Models:
    return await models.models(Context(Reader(database)))


async def test_the_first_model(connection: Connection, database: Database, chosen: Chosen) -> None:
    assert await searched(database) == models.Models(None, False)
    await vectors.settle(database)
    assert (await states(connection), await slots(connection)) == ([(0, "hashed-words", "building")], [(0, 5, 0)])
    assert await searched(database) == models.Models(None, True)
    assert await vectors.embed(database) == 5  # brands have none
    assert (await states(connection), await slots(connection)) == ([(0, "hashed-words", "active")], [(0, 5, 5)])
    found = await searched(database)
    assert found.active is not None
    assert (found.active.slot, found.active.name, found.indexing) == (0, "hashed-words", False)
    near = "SELECT id FROM search_vectors WHERE slot = 0 ORDER BY vector <=> $1::real[]::halfvec(1024) LIMIT 1"
    assert await connection.fetchval(near, await found.active.embed_query("product 3")) == make.make_id(3)
    assert await run(database) == 0  # and again: nothing to do
    await connection.execute("UPDATE products SET product_name = 'new' WHERE id = $1", make.make_id(3))
    await settled(connection)
    await indexing.follow(database)
    assert (await slots(connection), (await searched(database)).indexing) == ([(0, 5, 4)], True)
    assert await run(database) == 1
    assert (await slots(connection), (await searched(database)).indexing) == ([(0, 5, 5)], False)
    await connection.execute("UPDATE products SET product_name = '' WHERE id = $1", make.make_id(3))
    await settled(connection)
    await indexing.follow(database)
    assert (await slots(connection), (await searched(database)).indexing) == ([(0, 4, 4)], False)  # no text, no vector


async def test_another_model_takes_over(connection: Connection, database: Database, chosen: Chosen) -> None:
    await run(database)
    during: list[Any] = []

    async def look() -> None:
        during.append((await searched(database)).active)
        if len(during) == 1:  # something changes while the new model is being built
            await connection.execute("UPDATE products SET product_name = 'changed' WHERE id = $1", make.make_id(0))
            await make.product(connection, 9, product_name="product 9")
            await settled(connection)
            await indexing.follow(database)

    other = Other(look)
    chosen.choose(other)
    assert await run(database) == 7  # five, one of them in vain; then that and the new one
    assert [each.name for each in during] == ["hashed-words", "hashed-words"]
    assert await states(connection) == [(0, "hashed-words", "retired"), (1, "other", "active")]
    found = await searched(database)
    assert found.active is not None
    assert (found.active.slot, found.active.name) == (1, "other")
    rows = await connection.fetch(
        "SELECT v.slot, v.text_hash = d.text_hash AS same, v.vector::real[] AS vector, d.embedded_text AS text"
        " FROM search_vectors v JOIN search_documents d USING (kind, id) WHERE v.slot = 1"
    )
    assert len(rows) == 6
    for row in rows:
        (vector,) = await other.embed([row["text"]], 1)
        assert row["same"]
        assert sum(x * y for x, y in zip(row["vector"], vector, strict=True)) == pytest.approx(1, abs=1e-3)


async def test_the_one_before_stays_for_who_still_reads_it(
    connection: Connection, database: Database, chosen: Chosen
) -> None:
    await run(database)
    chosen.choose(Other())
    await run(database)
    await vectors.forget_retired(database)
    assert await slots(connection) == [(0, 5, 5), (1, 5, 5)]
    await connection.execute("UPDATE search_models SET since = since - interval '11 minutes' WHERE state = 'retired'")
    await vectors.forget_retired(database)
    assert (await states(connection), await slots(connection)) == ([(1, "other", "active")], [(1, 5, 5)])
    chosen.choose(Hashed())  # and back, into the place that is free
    await run(database)
    assert await states(connection) == [(0, "hashed-words", "active"), (1, "other", "retired")]
    chosen.choose(Other(name="third"))  # before the time of the retired one is over
    await run(database)
    assert await states(connection) == [(0, "hashed-words", "retired"), (1, "third", "active")]


async def test_minds_that_change(connection: Connection, database: Database, chosen: Chosen) -> None:
    await run(database)
    chosen.choose(Other())
    await vectors.settle(database)
    assert await states(connection) == [(0, "hashed-words", "active"), (1, "other", "building")]
    chosen.choose(Other(name="third"))
    await vectors.settle(database)
    assert await states(connection) == [(0, "hashed-words", "active"), (1, "third", "building")]
    chosen.choose(Hashed())
    await vectors.settle(database)
    assert (await states(connection), await slots(connection)) == ([(0, "hashed-words", "active")], [(0, 5, 5)])
    await vectors.settle(database, anew=True)
    assert await states(connection) == [(0, "hashed-words", "active"), (1, "hashed-words", "building")]
    assert await run(database) == 5
    assert await states(connection) == [(0, "hashed-words", "retired"), (1, "hashed-words", "active")]
    chosen.choose(None)  # no model: what there is stays
    assert await run(database) == 0
    assert await states(connection) == [(0, "hashed-words", "retired"), (1, "hashed-words", "active")]


async def test_a_vector_of_a_text_that_changed_meanwhile_is_not_stored(
    connection: Connection, database: Database, chosen: Chosen
) -> None:
    async def change() -> None:
        if other.asked == 1:
            await connection.execute("UPDATE products SET product_name = 'changed' WHERE id = $1", make.make_id(0))
            await settled(connection)
            await indexing.follow(database)

    other = Other(change)
    chosen.choose(other)
    await run(database)
    assert other.asked == 2
    found = await connection.fetchval("SELECT vector::real[] FROM search_vectors WHERE id = $1", make.make_id(0))
    (wanted,) = await other.embed(["changed"], 1)
    assert sum(x * y for x, y in zip(found, wanted, strict=True)) == pytest.approx(1, abs=1e-3)


async def test_a_vector_of_a_model_that_was_dropped_meanwhile_is_not_stored(
    connection: Connection, database: Database, chosen: Chosen
) -> None:
    async def change() -> None:
        if other.asked == 1:
            chosen.choose(Other(name="third"))
            await vectors.settle(database)

    other = Other(change)
    chosen.choose(other)
    await run(database)
    assert (await states(connection), await slots(connection)) == ([(0, "third", "building")], [(0, 5, 0)])
    await run(database)
    assert (await states(connection), await slots(connection)) == ([(0, "third", "active")], [(0, 5, 5)])


async def test_a_model_that_fails(
    connection: Connection, database: Database, chosen: Chosen, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        if other.asked == 2:
            raise EmbeddingError("It is down.")

    monkeypatch.setattr(vectors, "AT_ONCE", 2)
    other = Other(fail)
    chosen.choose(other)
    with pytest.raises(EmbeddingError, match=r"It is down\."):
        await run(database)
    assert (await states(connection), await slots(connection)) == ([(0, "other", "building")], [(0, 5, 2)])
    assert await run(database) == 3
    assert await states(connection) == [(0, "other", "active")]
    held = """SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
        WHERE locktype = 'advisory' AND datname = current_database()"""
    assert await connection.fetchval(held) == 0


async def test_one_process_at_a_time(database: Database, chosen: Chosen) -> None:
    other = Other(lambda: asyncio.sleep(0.05))
    chosen.choose(other)
    await vectors.settle(database)
    stopped = asyncio.create_task(vectors.embed(database))
    while not other.asked:  # noqa: ASYNC110  it says so by no event
        await asyncio.sleep(0.001)
    stopped.cancel()
    await asyncio.wait([stopped])
    assert sorted(await asyncio.gather(vectors.embed(database), vectors.embed(database))) == [0, 5]
    assert other.asked == 2


async def test_queries_are_remembered(chosen: Chosen) -> None:
    other = Other(lambda: asyncio.sleep(0.01))
    chosen.choose(other)
    active = models.Active(0, other.model, {})
    one, two, three = await asyncio.gather(
        active.embed_query("oat bar"), active.embed_query("  oat \n bar "), active.embed_query("milk")
    )
    assert (one == two, one == three, other.asked) == (True, False, 2)
    assert (await active.embed_query("oat bar"), other.asked) == (one, 2)
    leaving = asyncio.create_task(active.embed_query("nuts"))
    staying = asyncio.create_task(active.embed_query("nuts"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (len(await staying), other.asked) == (1024, 3)


async def test_queries_of_a_model_that_fails(chosen: Chosen, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail() -> None:
        if other.asked == 1:
            raise EmbeddingError("It is down.")

    other = Other(fail)
    chosen.choose(other)
    active = models.Active(0, other.model, {})
    for _ in range(3):
        with pytest.raises(EmbeddingError, match=r"It is down\."):
            await active.embed_query("oat bar")
    assert other.asked == 1  # nobody waits for it a second time
    monkeypatch.setattr(models, "PAUSE", 0.0)
    assert len(await active.embed_query("oat bar")) == 1024
    with pytest.raises(EmbeddingError, match="The search index is of the model gone, which the settings do not give"):
        await models.Active(0, Model("gone"), {}).embed_query("x")


async def test_the_worker_does_all_of_it(connection: Connection, database: Database, chosen: Chosen) -> None:
    for _, follow in FOLLOWERS.values():
        await follow(database)
    assert (await states(connection), await slots(connection)) == ([(0, "hashed-words", "active")], [(0, 5, 5)])
