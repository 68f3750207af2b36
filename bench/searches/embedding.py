"""Vectors of a whole catalogue on all cores, by the model that the product runs on one; kept from run to run.

With BENCH_VECTORS=FILE vectors that were made before are read from it, by the hash of their text and the model's.
"""

import asyncio
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.searches.copies import INDEXES, definitions_of, remade
from closient_gql.adapters.embeddings.minilm import MiniLm
from closient_gql.core.db import Database
from resolvers.search import vectors

PIECE = 64
WAITING = """
SELECT v.kind, v.id, v.text_hash, d.embedded_text FROM search_vectors v JOIN search_documents d USING (kind, id)
WHERE v.vector IS NULL
"""
STORE = """
UPDATE search_vectors v SET vector = given.vector::halfvec
FROM unnest($1::text[], $2::text[], $3::text[]) AS given (kind, id, vector)
WHERE (v.kind, v.id) = (given.kind, given.id)
"""


@cache
def model() -> MiniLm:
    return MiniLm()


def work(texts: Sequence[str]) -> list[list[float]]:
    """In a process of the pool."""
    return [list(vector) for vector in asyncio.run(model().embed(texts, 600))]


async def embed(database: Database) -> None:
    """A vector for everything that waits for one; then the model is active."""
    await vectors.settle(database)
    async with database.acquire() as connection:
        rows = await connection.fetch(WAITING)
        known = remembered({row["text_hash"]: row["embedded_text"] for row in rows})
        definitions = await definitions_of(connection, INDEXES[:1])
        await connection.execute(f"DROP INDEX {INDEXES[0]}")
        for start in range(0, len(rows), 1_000):
            some = rows[start : start + 1_000]
            said = [vectors.literal(known[row["text_hash"]]) for row in some]
            await connection.execute(STORE, [row["kind"] for row in some], [row["id"] for row in some], said)
        await remade(connection, definitions)
    await vectors.embed(database)


def remembered(texts: Mapping[str, str]) -> dict[str, Any]:
    """The vectors of these texts by their hashes, made where they are not remembered."""
    path = os.environ.get("BENCH_VECTORS")
    file = Path(f"{path}-{MiniLm.model.version}.npz") if path else None
    known: dict[str, Any] = {}
    if file and file.exists():
        with np.load(file) as stored:
            known = dict(zip(stored["hashes"].tolist(), stored["vectors"], strict=True))
    missing = [hash for hash in texts if hash not in known]
    missing.sort(key=lambda hash: len(texts[hash]))
    pieces = [missing[n : n + PIECE] for n in range(0, len(missing), PIECE)]
    if not pieces:
        return known
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for piece, made in zip(
            pieces, pool.map(work, [[texts[hash] for hash in each] for each in pieces]), strict=True
        ):
            known |= dict(zip(piece, made, strict=True))
    if file:
        np.savez(file, hashes=np.array(list(known)), vectors=np.array(list(known.values()), np.float32))
    return known
