"""A search beside the embedding and the bare SQL that it needs, in turns, so that all have the same weather."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from bench import quantile, timed
from closient_gql.adapters.embeddings import embedder_of
from closient_gql.core.db import SETTINGS, Database, prepare
from closient_gql.core.settings import settings
from closient_gql.server.app import settle

TURNS, WARMING = 40, 10
Search = Callable[[Database, int], Awaitable[tuple[str, int]]]
"""Does the n-th search, of a text that nobody has said before; gives the text that was embedded, and how many hits."""


async def recording(database: Database) -> list[tuple[str, Sequence[Any]]]:
    """Where the statements of its one connection are written down from now on, with their values."""
    found: list[tuple[str, Sequence[Any]]] = []

    def log(query: Any) -> None:
        found.append((query.query, query.args))

    async with database.acquire() as connection:
        connection.add_query_logger(log)
    return found


async def beside(database: Database, search: Search) -> dict[str, float]:
    """A search, its parts, and what they come to beside each other; in milliseconds.

    The bare SQL are the very statements that a search runs, with their values, one after another on one connection that
    does nothing else: what is added to them is all that the platform does."""
    model = embedder_of(settings())
    assert model is not None
    one = Database(database.url, 1)
    statements = await recording(one)
    settle()  # as a server does: what the bench holds is not looked through again and again
    bare = await asyncpg.connect(database.url, server_settings=SETTINGS)
    await prepare(bare)
    whole, embedding, sql, hits = list[float](), list[float](), list[float](), list[int]()
    for n in range(-WARMING, TURNS):  # at first statements are prepared, and their plans settled
        with timed() as all_:
            text, count = await search(database, n + WARMING)
        statements.clear()
        await search(one, n + WARMING + TURNS + WARMING)
        with timed() as embedded:
            await model.embed([text], 60)
        with timed() as bare_:
            for query, values in statements:
                await bare.fetch(query, *values)
        if n >= 0:
            whole.append(all_[0] * 1000)
            embedding.append(embedded[0] * 1000)
            sql.append(bare_[0] * 1000)
            hits.append(count)
    await bare.close()
    await one.close()
    needed = [a + b for a, b in zip(embedding, sql, strict=True)]
    return {
        "p50_ms": quantile(whole, 0.5), "p95_ms": quantile(whole, 0.95), "embedding_ms": quantile(embedding, 0.5),
        "sql_ms": quantile(sql, 0.5), "needed_p50_ms": quantile(needed, 0.5), "needed_p95_ms": quantile(needed, 0.95),
        "hits": float(sorted(hits)[len(hits) // 2]), "statements": float(len(statements)),
        "p50_to_needed": quantile(whole, 0.5) / quantile(needed, 0.5),
        "p95_to_needed": quantile(whole, 0.95) / quantile(needed, 0.95),
    }  # fmt: skip


def told(found: dict[str, float]) -> str:
    return (
        f"  a search with {found['hits']:.0f} hits: {found['p50_ms']:.1f} ms (p95 {found['p95_ms']:.1f}); of these the"
        f" embedding takes {found['embedding_ms']:.1f}, the bare SQL of {found['statements']:.0f} statements"
        f" {found['sql_ms']:.1f}; p50 is {found['p50_to_needed']:.2f}, p95 {found['p95_to_needed']:.2f} times both"
    )
