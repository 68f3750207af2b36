"""How far the index is: for operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from closient_gql.core.db import Database
from resolvers.search import indexing

DOCUMENTS = """
SELECT kind, (SELECT count(*) FROM search_documents d WHERE d.kind = things.kind) AS there, of FROM (VALUES
    (1, 'product', (SELECT count(*) FROM products)), (2, 'brand', (SELECT count(*) FROM brands)),
    (3, 'retailer', (SELECT count(*) FROM retailers))
) AS things (place, kind, of) ORDER BY place
"""
BEHIND = """
SELECT count(*) FROM events WHERE entity IN ('product', 'search') AND (transaction, id) > ($1::text::xid8, $2::bigint)
"""
WORDS = "SELECT count(*) FROM (SELECT DISTINCT lexeme FROM search_words) AS each"
MODELS = """
SELECT m.name, m.version, m.endpoint, m.state, m.since, count(v.vector) AS vectors,
    count(*) FILTER (WHERE v.slot IS NOT NULL AND v.vector IS NULL) AS waiting
FROM search_models m LEFT JOIN search_vectors v USING (slot) GROUP BY m.slot ORDER BY m.state
"""


@dataclass(frozen=True)
class Status:
    """`documents`: for each kind, how many there are, and of how many things. `behind`: events that are not read yet;
    None: the index was never made."""

    documents: Sequence[tuple[str, int, int]]
    behind: int | None
    words: int
    models: Sequence[Any]


async def status_of(database: Database) -> Status:
    async with database.acquire() as connection:
        origin = await connection.fetchval(indexing.ORIGIN)
        place = await connection.fetchrow(indexing.PLACE, origin)
        return Status(
            [tuple(row) for row in await connection.fetch(DOCUMENTS)],
            await connection.fetchval(BEHIND, *place) if place else None,
            await connection.fetchval(WORDS),
            await connection.fetch(MODELS),
        )
