"""The statements that find candidates: what the filters leave, near in meaning or with a word of the query.

Where the filters leave few documents, every one of them is compared, and nothing can be lost. Where they leave many,
the nearest come from the index of vectors, and those that have most of the words from the index of words.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Double,
    Integer,
    SmallInteger,
    Text,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from closient_gql.core.db import Query
from closient_gql.core.models.search import DIMENSIONS, SearchDocument, SearchVector
from resolvers.search.filters import D, Filtering, joined, texts
from resolvers.search.score import KIND, LENGTH, SECOND

V = SearchVector
NUMBERS = ("nearest", "wordless", "coverage", "density", "head", "threshold", "partial", "alone")
IN_NAME, IN_KIND, IN_REST = (  # of D, C, B and A
    cast([*each], ARRAY(REAL)) for each in ((0, 0, 0, 1), (0, 1, 0, 0), (1, 0, 1, 0))
)
SLOT = bindparam("slot", type_=SmallInteger)
VECTOR = cast(bindparam("vector", type_=ARRAY(REAL)), HALFVEC(DIMENSIONS))
DISTANCE = V.vector.cosine_distance(VECTOR)


@dataclass(frozen=True)
class Shape:
    """What a search looks like, without its values: a statement is made once for each."""

    filtering: Filtering
    vector: bool  # whether meanings are compared
    words: bool  # whether words are
    required: bool = False  # phrases that must be there
    excluded: bool = False  # words that must not
    exact: bool = True  # whether every document that the filters leave is compared
    partial: bool = False  # whether what answers a part of the query is found, too

    @property
    def narrows(self) -> bool:
        """Whether there is any condition but who may see what."""
        return bool(self.filtering.names or self.filtering.kinds or self.required or self.excluded)

    @property
    def conditions(self) -> list[Any]:
        """What every hit keeps."""
        found = [*self.filtering.conditions]
        if self.required:
            found.append(D.words.bool_op("@@")(func.all(cast(texts("required"), ARRAY(TSQUERY)))))
        if self.excluded:
            found.append(~D.words.bool_op("@@")(func.any(cast(texts("excluded"), ARRAY(TSQUERY)))))
        return found


def source(statement: Any) -> Any:
    return joined(statement.select_from(D))


@cache
def few(shape: Shape) -> Query[Any]:
    """How many documents the filters leave, up to one more than is asked about."""
    inside = source(select(literal(1))).where(*shape.conditions).limit(bindparam("most", type_=BigInteger)).subquery()
    return Query(SearchDocument, select(func.count().label("n")).select_from(inside))


def given_terms() -> Any:
    """The terms of a search, a row for each word or phrase that one can be: which term, how rare that is, what being
    there counts and what its rank does. PostgreSQL shares out the rank of alternatives in one query."""
    columns = [bindparam("places", type_=ARRAY(Integer)), texts("alternatives"),
               *(bindparam(name, type_=ARRAY(Double)) for name in ("idfs", "counts", "ranks"))]  # fmt: skip
    names = ("place", "alternative", "idf", "counts", "ranks")
    table = func.unnest(*columns).table_valued(*names).render_derived(name="given")
    query = cast(table.c.alternative, TSQUERY).label("query")
    columns = [table.c.place, query, table.c.idf, table.c.counts, table.c.ranks]
    return select(*columns).cte("terms").prefix_with("MATERIALIZED")


@cache
def candidates(shape: Shape) -> Query[Any]:
    """kind, id, score, fits, cosine, coverage, known: of what passes the gate, or may."""
    terms = given_terms()
    any_word = D.words.bool_op("@@")(cast(bindparam("any_word", type_=Text), TSQUERY)) if shape.words else false()
    near = func.coalesce(bindparam("furthest", type_=Double) >= DISTANCE, false()) if shape.vector else false()
    cosine = (1 - DISTANCE) if shape.vector else cast(null(), Double)
    columns = [D.kind, D.id, D.words, D.name_length, D.rest_length, D.heads]
    found = source(select(*columns, cosine.label("cosine"), shape.filtering.known.label("known")))
    if shape.vector:
        found = found.outerjoin(V, (V.slot == SLOT) & (V.kind == D.kind) & (V.id == D.id))
    if shape.exact:
        found = found.where(any_word | near, *shape.conditions)
    else:
        chosen = indexed(shape, terms, any_word)
        found = found.join(chosen, (chosen.c.kind == D.kind) & (chosen.c.id == D.id))
    return Query(SearchDocument, gated(found.subquery("each"), terms, shape))


def indexed(shape: Shape, terms: Any, any_word: Any) -> Any:
    """What the indexes choose."""
    parts: list[Any] = []
    if shape.vector:
        parts.append(nearest(shape))
    if shape.words:
        parts.append(wordiest(shape, terms, any_word))
    both: Any = union(*parts)
    return both.cte("chosen")


def nearest(shape: Shape) -> Any:
    """Of the index of vectors."""
    found = joined(select(V.kind, V.id).select_from(V).join(D, (D.kind == V.kind) & (D.id == V.id)))
    found = found.where(V.slot == SLOT, *shape.conditions).order_by(DISTANCE)
    return found.limit(bindparam("most_near", type_=BigInteger)).subquery().select()


def wordiest(shape: Shape, terms: Any, any_word: Any) -> Any:
    """Of the index of words: what has most of what is rare."""
    there = (
        select(func.max(terms.c.idf * terms.c.counts).label("weight"))
        .where(D.words.bool_op("@@")(terms.c.query))
        .group_by(terms.c.place)
        .correlate(D)
        .subquery()
    )
    weight = select(func.sum(there.c.weight)).scalar_subquery()
    found = source(select(D.kind, D.id)).where(any_word, *shape.conditions).order_by(weight.desc().nulls_last(), D.id)
    return found.limit(bindparam("most_wordy", type_=BigInteger)).subquery().select()


# --- the score, as resolvers.search.score has it


def gated(each: Any, terms: Any, shape: Shape) -> Any:
    """What of it passes, or does if anything answers the whole query."""
    by = {name: bindparam(name, type_=Double) for name in NUMBERS}
    # least() passes over null: what has no vector would be as near as can be
    meaning = case((each.c.cosine.is_(None), by["wordless"]), else_=func.least(each.c.cosine, by["nearest"]))
    columns = [each.c.kind, each.c.id, each.c.cosine, each.c.known]
    near = case((each.c.cosine >= by["alone"], by["threshold"]))  # greatest() passes over null
    if not shape.words:
        fit = func.greatest(meaning, near)
        fits = (fit >= by["threshold"]).label("fits")
        columns += [fit.label("score"), fits, literal(0.0, Double).label("coverage")]
        return select(*columns).where(fit >= by["threshold"])
    said = covered(each, terms)
    fit = func.greatest(meaning + by["coverage"] * said.c.coverage + by["density"] * said.c.density, near)
    score = fit + case((each.c.heads.bool_op("&&")(texts("heads")), by["head"]), else_=0.0)
    columns += [score.label("score"), (fit >= by["threshold"]).label("fits"), said.c.coverage]
    statement = select(*columns).select_from(each.join(said, true()))
    return statement.where(
        or_(fit >= by["threshold"], score >= by["partial"]) if shape.partial else fit >= by["threshold"]
    )


def covered(each: Any, terms: Any) -> Any:
    """Of one document, its coverage and its density: presence and `score.strength`, weighted by rareness."""
    best = (
        select(
            terms.c.idf,
            func.max(terms.c.counts).label("presence"),
            *(
                func.max(rank(each, terms, weights)).label(name)
                for name, weights in (("name", IN_NAME), ("kind", IN_KIND), ("rest", IN_REST))
            ),
        )
        .where(each.c.words.bool_op("@@")(terms.c.query))
        .group_by(terms.c.place, terms.c.idf)
        .correlate(each)
        .subquery("best")
    )
    name, rest = (
        value / (1 + LENGTH * func.ln(1 + length))
        for value, length in ((best.c.name, each.c.name_length), (best.c.rest, each.c.rest_length))
    )
    said = (func.greatest(name, rest) + SECOND * func.least(name, rest)) / (1 + SECOND)
    strength = func.greatest(said, KIND * best.c.kind)
    return (
        select(
            *(
                func.coalesce(func.sum(best.c.idf * value) / bindparam("total_idf", type_=Double), 0.0, type_=Double)
                .label(label)
                for label, value in (("coverage", best.c.presence), ("density", strength))
            )
        )
        .correlate(each)
        .lateral("said")
    )  # fmt: skip


def rank(each: Any, terms: Any, weights: Any) -> Any:
    return cast(func.ts_rank(weights, each.c.words, terms.c.query) * terms.c.ranks, Double)


# --- where the words of a search stand


def fields() -> Query[Any]:
    """Of some documents, for each term the fields that have it or what is near it: bits of `asked.FIELDS`."""
    asked = func.unnest(texts("terms")).table_valued("term", with_ordinality="n").render_derived(name="asked")
    terms = select(cast(asked.c.term, TSQUERY).label("query"), asked.c.n).cte("terms").prefix_with("MATERIALIZED")
    given = func.unnest(texts("kinds"), texts("keys")).table_valued("kind", "id").render_derived(name="hits")
    bits: Any = literal_column("0")
    for n, weight in enumerate("abcd"):
        there = func.ts_filter(D.words, literal_column(f"'{{{weight}}}'::\"char\"[]")).bool_op("@@")(terms.c.query)
        bits = bits.op("|")(case((there, literal_column(str(1 << n))), else_=literal_column("0")))
    matched = func.array(select(bits).select_from(terms).order_by(terms.c.n).correlate(D).scalar_subquery())
    statement = select(D.kind, D.id, matched.label("matched"))
    return Query(SearchDocument, statement.join(given, (given.c.kind == D.kind) & (given.c.id == D.id)))


FIELDS_OF = fields()
