"""Many products out of few: copies of their documents, each with its vector shifted a little."""

from collections.abc import Sequence

import numpy as np

from closient_gql.core.db import Connection
from resolvers.search.indexing import CHANGED
from resolvers.search.vectors import literal

SHIFTS, SHIFTED, MODEL = 997, 0.33, 384  # a copy has a cosine of 0.95
MEMORY = "SET maintenance_work_mem = '1200MB'; SET max_parallel_maintenance_workers = 2"
SHIFT = "CREATE TEMPORARY TABLE shifts (n int PRIMARY KEY, vector halfvec(1024))"
INDEXES = ("ix_search_vectors_near", "ix_search_documents_words")
COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
WHERE table_name = 'search_documents' AND is_generated = 'NEVER' AND column_name <> 'id'
"""
DOCUMENTS = """
INSERT INTO search_documents (id, {0})
SELECT copies_id, {0} FROM (SELECT id AS copies_id, original FROM copies) AS c
JOIN search_documents ON (kind, id) = ('product', original)
"""
VECTORS = """
INSERT INTO search_vectors (slot, kind, id, text_hash, vector)
SELECT slot, kind, c.id, text_hash, v.vector + s.vector
FROM copies c JOIN search_vectors v ON (v.kind, v.id) = ('product', c.original) JOIN shifts s ON s.n = c.n % 997
"""
WORDS = "UPDATE search_words SET documents = documents * $2::bigint / $1::bigint"


async def copy(connection: Connection, there: int, wanted: int) -> None:
    """Documents and vectors of the products in the table `copies` (original, id, n), which are to be like others.
    Indexes are dropped before and made anew: that is faster. `there`, `wanted`: how many there were, and are to be."""
    chance = np.random.default_rng(7)
    shifts = chance.normal(0, SHIFTED / MODEL**0.5, (SHIFTS, MODEL)).tolist()
    await connection.execute(SHIFT)
    rows = [(n, literal([*each, *[0.0] * (1024 - MODEL)])) for n, each in enumerate(shifts)]
    await connection.executemany("INSERT INTO shifts SELECT $1, ($2::text)::halfvec", rows)
    definitions = await definitions_of(connection, INDEXES)
    await connection.execute(f"DROP INDEX {', '.join(INDEXES)}; SET session_replication_role = replica")
    await connection.execute(DOCUMENTS.format(await connection.fetchval(COLUMNS)), timeout=600)
    await connection.execute(VECTORS, timeout=600)
    await connection.execute(WORDS, there, wanted)
    await remade(connection, definitions)
    await connection.execute("RESET session_replication_role; DROP TABLE shifts, copies")
    await connection.execute(CHANGED)
    await connection.execute("ANALYZE", timeout=600)


async def definitions_of(connection: Connection, names: Sequence[str]) -> list[str]:
    """How to make indexes anew, on every partition."""
    found = [await connection.fetchval("SELECT pg_get_indexdef($1::regclass)", name) for name in names]
    return [each.replace(" ON ONLY ", " ON ") for each in found]


async def remade(connection: Connection, definitions: Sequence[str]) -> None:
    await connection.execute(MEMORY)
    for definition in definitions:
        await connection.execute(definition, timeout=900)
    await connection.execute("RESET maintenance_work_mem; RESET max_parallel_maintenance_workers")
