"""Placeholder."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from resolvers.search.vocabulary import Vocabulary
from resolvers.search.words import lexemes


@dataclass(frozen=True)
class QueryTerm:
    typed: str
    alternatives: tuple[tuple[str, ...], ...]
    idf: float


@dataclass(frozen=True)
class Analysis:
    text: str
    terms: tuple[QueryTerm, ...]
    required: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)


def analyse(text: str, words: Vocabulary) -> Analysis:
    req = [tuple(l.lexeme for l in lexemes(p, "")) for p in re.findall(r'"([^"]+)"', text)]
    exc = [tuple(l.lexeme for l in lexemes(p, "")) for p in re.findall(r"(?:^|\s)-(\w+)", text)]
    rest = re.sub(r"(?:^|\s)-\w+", " ", text)

    def idf(x):
        return math.log(1 + words.documents / (1 + words.frequency.get(x, 0)))

    terms = tuple(QueryTerm(l.shown, ((l.lexeme,),), idf(l.lexeme)) for l in lexemes(rest, ""))
    return Analysis(rest.strip(), terms, tuple(r for r in req if r), tuple(e for e in exc if e))


def coverage(terms: Sequence[QueryTerm], matched: Sequence[int]) -> float:
    total = sum(t.idf for t in terms)
    return sum(t.idf for t, m in zip(terms, matched) if m) / total if total else 0.0


def score(cosine: float | None, coverage: float) -> float:
    return coverage if cosine is None else 0.6 * max(cosine, 0) + 0.4 * coverage


THRESHOLD = 0.4
FLOOR = 0.6
