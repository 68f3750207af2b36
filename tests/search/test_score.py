"""The score that SQL computes is that of the rules (resolvers.search.score)."""

from dataclasses import asdict
from typing import Any

import pytest

from closient_gql.core.db import Database, Reader
from resolvers.context import Context
from resolvers.search import candidates, candidates_sql
from resolvers.search.analysis import analyse
from resolvers.search.asked import Filters
from resolvers.search.calibration import Calibration
from resolvers.search.filters import filtering
from resolvers.search.score import Found, Lengths, fit
from resolvers.search.vocabulary import vocabulary

RANKS = """
SELECT kind, id, name_length, rest_length, heads, ARRAY(
    SELECT ARRAY[coalesce(max(counts), 0), coalesce(max(ts_rank('{0,0,0,1}', words, query) * ranks), 0),
        coalesce(max(ts_rank('{0,1,0,0}', words, query) * ranks), 0),
        coalesce(max(ts_rank('{1,0,1,0}', words, query) * ranks), 0)]
    FROM generate_series(0, $5) AS term LEFT JOIN (SELECT p, q::tsquery AS query, counts, ranks
        FROM unnest($1::int[], $2::text[], $3::float[], $4::float[]) AS t(p, q, counts, ranks)) AS given
        ON p = term AND words @@ query
    GROUP BY term ORDER BY term) AS ranks
FROM search_documents
"""


@pytest.mark.parametrize(
    "query", ["rice cookies", "hammer 1234 widget", "cookys", "milk acme", "whole m", "biscuit 4 pack"]
)
@pytest.mark.parametrize("meaning", [True, False])
async def test_sql_scores_as_the_rules_do(searched_url: str, query: str, meaning: bool) -> None:
    database = Database(searched_url, 2)
    ctx, by = Context(Reader(database)), Calibration(0.5, 0.3, 0.4, 0.15, -1.0, -1.0, 0.9, 0.2)  # everything passes
    try:
        read = analyse(query, await vocabulary(ctx))
        seen = await candidates.meaning_of(ctx, read)
        shape, values = filtering(Filters(), ctx.viewer)
        values |= candidates.words_sought(read) | asdict(by) | {"slot": seen.slot, "vector": seen.vector, "furthest": 3}
        sql = candidates_sql.candidates(candidates_sql.Shape(shape, meaning, True))
        found: Any = await ctx.read.all(sql, **values)
        async with database.acquire() as connection:
            rows = {(row["kind"], row["id"]): row for row in await connection.fetch(
                RANKS, *(values[name] for name in ("places", "alternatives", "counts", "ranks")),
                len(read.terms) - 1)}  # fmt: skip
    finally:
        await database.close()
    assert found
    for hit in found:
        row = rows[hit.kind, hit.id]
        lengths = Lengths(row["name_length"], row["rest_length"])
        weights = [term.idf for term in read.terms]
        said = fit(hit.cosine, [Found(*ranks) for ranks in row["ranks"]], weights, lengths, by)
        head = by.head if set(row["heads"]) & set(read.heads) else 0.0
        assert hit.score == pytest.approx(said + head, abs=1e-6)
    assert (len(found) > 15) is meaning  # without words, all that have a vector
