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
    select,
    union,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from closient_gql.core.db import Query
from closient_gql.core.models.search import DIMENSIONS, SearchDocument, SearchVector
from resolvers.search.filters import D, Filtering, joined, texts

V = SearchVector
WEIGHTS = "ABCD"
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


def by_word() -> Any:
    """The terms: `plain` finds a document that has one anywhere, `a` to `d` in one field each."""
    columns = [texts(f"terms_{name}") for name in ("plain", *WEIGHTS.lower())]
    given = func.unnest(*columns, bindparam("idfs", type_=ARRAY(Double)))
    names = ("plain", *WEIGHTS.lower(), "idf")
    table = given.table_valued(*names, with_ordinality="n").render_derived(name="given")
    parsed = [cast(table.c[name], TSQUERY).label(name) for name in names[:-1]]
    return select(*parsed, table.c.idf, table.c.n).cte("terms").prefix_with("MATERIALIZED")


@cache
def candidates(shape: Shape) -> Query[Any]:
    """kind, id, cosine, known, and of each term in which fields it stands (`Hit.matched`)."""
    terms = by_word()
    any_word = D.words.bool_op("@@")(cast(bindparam("any_word", type_=Text), TSQUERY)) if shape.words else false()
    near = func.coalesce(bindparam("furthest", type_=Double) >= DISTANCE, false()) if shape.vector else false()
    cosine = (1 - DISTANCE) if shape.vector else cast(null(), Double)
    fields = case((D.words.bool_op("@@")(terms.c.plain), bits(terms)), else_=0)
    matched = func.array(select(fields).select_from(terms).order_by(terms.c.n).correlate(D).scalar_subquery())
    columns = [D.kind, D.id, cosine.label("cosine"), shape.filtering.known.label("known"),
               (matched if shape.words else literal_column("'{}'::int[]")).label("matched")]  # fmt: skip
    found = source(select(*columns))
    if shape.vector:
        found = found.outerjoin(V, (V.slot == SLOT) & (V.kind == D.kind) & (V.id == D.id))
    if shape.exact:
        return Query(SearchDocument, found.where(any_word | near, *shape.conditions))
    parts: list[Any] = []
    if shape.vector:
        parts.append(nearest(shape))
    if shape.words:
        parts.append(wordiest(shape, terms, any_word))
    both: Any = union(*parts)
    chosen = both.cte("chosen")
    return Query(SearchDocument, found.join(chosen, (chosen.c.kind == D.kind) & (chosen.c.id == D.id)))


def bits(terms: Any) -> Any:
    found: Any = literal(0)
    for n, weight in enumerate(WEIGHTS.lower()):
        found = found.op("|")(case((D.words.bool_op("@@")(terms.c[weight]), literal_column(str(1 << n))), else_=0))
    return found


def nearest(shape: Shape) -> Any:
    """Of the index of vectors."""
    found = joined(select(V.kind, V.id).select_from(V).join(D, (D.kind == V.kind) & (D.id == V.id)))
    found = found.where(V.slot == SLOT, *shape.conditions).order_by(DISTANCE)
    return found.limit(bindparam("most_near", type_=BigInteger)).subquery().select()


def wordiest(shape: Shape, terms: Any, any_word: Any) -> Any:
    """Of the index of words: what has most of what is rare."""
    weight = select(func.sum(terms.c.idf)).where(D.words.bool_op("@@")(terms.c.plain)).correlate(D).scalar_subquery()
    found = source(select(D.kind, D.id)).where(any_word, *shape.conditions).order_by(weight.desc(), D.id)
    return found.limit(bindparam("most_wordy", type_=BigInteger)).subquery().select()
