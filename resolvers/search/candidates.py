"""The one set of a search: what passes the filters and the gate (docs/decisions/0020).

What is counted, paged and drawn up into facets is this set and nothing else, and a request finds it once. What a text
means is compared and what it says at the same time; which model there is, how rare words are and how many documents the
filters leave is asked all at once.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import Text, bindparam, select

from closient_gql.adapters.embeddings import EmbeddingError
from closient_gql.core.db import Query
from closient_gql.core.gs1.gtin import GtinError, parse_code
from closient_gql.core.models.search import SearchDocument
from closient_gql.core.paging import position_of
from resolvers.context import Context
from resolvers.search.analysis import Analysis, Phrase, analyse
from resolvers.search.asked import Asked, Degradation, Hit, Passing, SearchKind, Term
from resolvers.search.calibration import DEFAULT, Calibration
from resolvers.search.candidates_sql import Shape, candidates, few, source
from resolvers.search.documents import quoted
from resolvers.search.filters import D, Filtering, P, filtering
from resolvers.search.models import models
from resolvers.search.score import PHRASE
from resolvers.search.vocabulary import vocabulary

_GTIN = re.compile(r"^\s*gtin:\s*", re.IGNORECASE)

NEVER = 2.0
"""A cosine that there is not."""
FEW = 20_000
"""So many documents, if the filters leave no more, are all compared."""
NEAREST, WORDIEST = 600, 600
"""Where they leave more: so many of each index."""


async def passing(ctx: Context, asked: Asked) -> Passing:
    """Everything that passes, best first. A request finds it once, however often it asks."""
    found: Passing = await ctx.find(_passing, asked)
    return found


async def _passing(ctx: Context, all_asked: Sequence[Asked]) -> list[Passing]:
    return list(await asyncio.gather(*(search(ctx, asked) for asked in all_asked)))


async def search(ctx: Context, asked: Asked) -> Passing:
    """A code finds the product that has it, and nothing else; everything else is compared."""
    try:
        gtin = parse_code(_GTIN.sub("", asked.query))
    except GtinError:
        return await compared(ctx, asked)
    shape, values = filtering(asked.filters, ctx.viewer)
    rows: Any = await ctx.read.all(by_code(shape), gtin=gtin, **values)
    if not rows and "/" not in asked.query:  # a number that happens to be one: it may be something else's
        return await compared(ctx, asked, meaning=False)
    hits = [Hit(SearchKind.PRODUCT, row.id, 1.0, known=row.known, asked=asked) for row in rows]
    return Passing(hits, 1.0, code=gtin)


@cache
def by_code(shape: Filtering) -> Query[Any]:
    found = source(select(D.id, shape.known.label("known")))
    return Query(SearchDocument, found.where(P.gtin == bindparam("gtin", type_=Text), *shape.conditions))


async def compared(ctx: Context, asked: Asked, *, meaning: bool = True) -> Passing:
    """What is near enough in words and meaning."""
    words = await vocabulary(ctx)
    await words.learn(ctx, asked.query)
    query = analyse(asked.query, words)
    filters, values = filtering(asked.filters, ctx.viewer)
    values |= words_sought(query)
    shape = Shape(filters, False, bool(query.terms), bool(query.required), bool(query.excluded), partial=asked.partial)
    seen, exact = await asyncio.gather(
        meaning_of(ctx, query) if meaning and not query.is_code else wordless(),
        are_few(ctx, shape, values, words.documents),
    )
    by = replace(seen.calibration, alone=NEVER) if query.exact else seen.calibration
    if seen.vector is None and not query.terms:
        return Passing([], by.threshold, seen.degraded)
    shape = replace(shape, vector=seen.vector is not None, exact=exact)
    values |= {"vector": seen.vector, "slot": seen.slot, "furthest": 1 - by.floor, **asdict(by)}
    rows = await answers(ctx, shape, values)
    if not rows and asked.partial and (any_size := query.without_sizes()):
        query = any_size
        rows = await answers(ctx, shape, values | words_sought(query))
    hits = sorted((hit_of(row, asked, not query.absent) for row in rows), key=position_of)
    gate = by.partial if asked.partial else by.threshold
    return Passing(hits, gate, seen.degraded, seen.model, terms_of(query), query.corrections, query.absent)


async def answers(ctx: Context, shape: Shape, values: Mapping[str, Any]) -> Sequence[Any]:
    """What passes, and if anything fits all that is asked for, what answers a part of it."""
    rows: Any = await ctx.read.all(candidates(shape), most_near=NEAREST, most_wordy=WORDIEST, **values)
    return rows if any(row.fits for row in rows) else ()


async def are_few(ctx: Context, shape: Shape, values: dict[str, Any], documents: int) -> bool:
    """Whether every document that the filters leave is to be compared. They are counted only where it is not plain."""
    if documents <= FEW or not shape.narrows:
        return documents <= FEW
    (left,) = await ctx.read.all(few(shape), most=FEW + 1, **values)
    return bool(left.n <= FEW)


@dataclass(frozen=True)
class Meaning:
    """The query as its model sees it."""

    vector: Sequence[float] | None = None
    slot: int | None = None
    model: str | None = None
    degraded: Degradation | None = None
    calibration: Calibration = DEFAULT


async def wordless() -> Meaning:
    return Meaning()


async def meaning_of(ctx: Context, query: Analysis) -> Meaning:
    """Where there is no model, or it does not answer, words alone are compared; the answer says so."""
    there = await models(ctx)
    if there.active is None:
        return Meaning(degraded=Degradation.INDEXING if there.indexing else Degradation.NO_MODEL)
    try:
        vector = await there.active.embed_query(query.text)
    except EmbeddingError:
        return Meaning(degraded=Degradation.NO_MODEL)
    degraded = Degradation.INDEXING if there.indexing else None
    by = Calibration.of(there.active.calibration)
    return Meaning(vector, there.active.slot, there.active.name, degraded, by)


def words_sought(query: Analysis) -> dict[str, Any]:
    """The words of a query, as the statements want them: a row for each alternative of each term."""
    rows = [
        (place, phrase(each), term.idf, counts, counts * (PHRASE if len(each) > 1 else 1.0))
        for place, term in enumerate(query.terms)
        for counts, each in term.counted
    ]
    names = ("places", "alternatives", "idfs", "counts", "ranks")
    found: dict[str, Any] = {name: [row[n] for row in rows] for n, name in enumerate(names)}
    return found | {
        "total_idf": sum(term.idf for term in query.terms) or 1.0,
        "any_word": " | ".join(row[1] for row in rows),
        "heads": query.heads,
        "required": [any_of(each) for each in query.required],
        "excluded": [phrase(each) for each in query.excluded],
    }


def any_of(phrases: Iterable[Phrase]) -> str:
    """One of these, as a tsquery; empty for none."""
    return " | ".join(map(phrase, phrases))


def phrase(lexemes: Phrase) -> str:
    """Lexemes that follow each other, as a tsquery; quoted, so that none is syntax. An empty one is any word."""
    text, gap = "", 1
    for lexeme in lexemes:
        if not lexeme:
            gap += 1
            continue
        text, gap = f"{text} <{gap}> {quoted(lexeme)}" if text else quoted(lexeme), 1
    return f"({text})"


def hit_of(row: Any, asked: Asked, whole: bool) -> Hit:
    """`whole`: whether it was looked for with all that the query says."""
    kind = SearchKind(row.kind)  # type: ignore[call-arg]
    return Hit(kind, row.id, row.score, row.cosine, row.coverage, row.known, not (row.fits and whole), asked)


def terms_of(query: Analysis) -> list[Term]:
    total = sum(term.idf for term in query.terms) or 1.0
    return [
        Term(term.typed, [" ".join(filter(None, each)) for each in term.phrases], any_of(term.phrases),
             term.idf / total)
        for term in query.terms
    ]  # fmt: skip
