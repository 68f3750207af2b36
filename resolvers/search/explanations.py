"""Why a hit passed the gate, and what a search made of what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resolvers.context import Context
from resolvers.search.asked import FIELDS, Degradation, Hit, Passing, Term
from resolvers.search.candidates import passing
from resolvers.search.candidates_sql import FIELDS_OF
from resolvers.search.results import Results
from resolvers.search.spoken import Spoken


@dataclass(frozen=True)
class MatchedTerm:
    term: str
    searched: Sequence[str]
    weight: float
    fields: Sequence[str]


@dataclass(frozen=True)
class Explanation:
    score: float
    threshold: float
    partial: bool
    cosine: float | None
    coverage: float
    model: str | None
    matches: Sequence[MatchedTerm]
    text: str


@dataclass(frozen=True)
class Correction:
    typed: str
    searched: str


async def explanations_of(ctx: Context, hits: Sequence[Hit]) -> list[Explanation]:
    """One statement for each search: where its words stand."""
    found: dict[tuple[Any, ...], Explanation] = {}
    for asked in dict.fromkeys(hit.asked for hit in hits):
        assert asked is not None  # only what a search found is explained
        mine, what = [hit for hit in hits if hit.asked == asked], await passing(ctx, asked)
        for hit, bits in zip(mine, await fields_of(ctx, mine, what.terms), strict=True):
            found[asked, hit.kind, hit.id] = explained(hit, what, bits)
    return [found[hit.asked, hit.kind, hit.id] for hit in hits]


async def fields_of(ctx: Context, hits: Sequence[Hit], terms: Sequence[Term]) -> list[Sequence[int]]:
    """For each hit, for each term, bits of the fields that have it."""
    if not terms:
        return [() for _ in hits]
    rows: Any = await ctx.read.all(
        FIELDS_OF, kinds=[hit.kind.value for hit in hits], keys=[hit.id for hit in hits],
        terms=[term.query for term in terms],
    )  # fmt: skip
    found = {(row.kind, row.id): row.matched for row in rows}
    return [found.get((hit.kind.value, hit.id), [0] * len(terms)) for hit in hits]


def explained(hit: Hit, found: Passing, bits: Sequence[int]) -> Explanation:
    matches = [matched(term, each) for term, each in zip(found.terms, bits, strict=True)]
    matches += [MatchedTerm(size, [size], 0.0, []) for size in found.absent]
    return Explanation(
        hit.score,
        found.threshold,
        hit.partial,
        hit.cosine,
        hit.coverage,
        found.model,
        matches,
        in_words(hit, found, matches),
    )


def matched(term: Term, bits: int) -> MatchedTerm:
    fields = [name for n, name in enumerate(FIELDS) if bits >> n & 1]
    return MatchedTerm(term.typed, term.searched, term.weight, fields)


def in_words(hit: Hit, found: Passing, matches: Sequence[MatchedTerm]) -> str:
    if found.code:
        return f"It has the GTIN {found.code}."
    there = [f"{match.term} ({', '.join(match.fields)})" for match in matches if match.fields]
    lost = [match.term for match in matches if not match.fields]
    said = [f"It has {', '.join(there)}."] if there else []
    said += [f"It has no {', '.join(lost)}."] if lost else []
    said += [f"Its meaning is {hit.cosine:.2f} near."] if hit.cosine is not None else ["Only words were compared."]
    others = "nothing answers" if found.absent else "others answer"
    said += [f"It answers a part of the query; {others} all of it."] if hit.partial else []
    return " ".join([*said, f"Its score of {hit.score:.2f} passes {found.threshold:.2f}."])


async def degradations_of(ctx: Context, slices: Sequence[Results]) -> list[Degradation | None]:
    return [each.passing.degraded for each in slices]


async def thresholds_of(ctx: Context, slices: Sequence[Results]) -> list[float]:
    return [each.passing.threshold for each in slices]


async def corrections_of(ctx: Context, slices: Sequence[Results]) -> list[list[Correction]]:
    return [[Correction(*pair) for pair in each.passing.corrections.items()] for each in slices]


async def interpretations_of(ctx: Context, slices: Sequence[Results]) -> list[Sequence[Spoken]]:
    return [each.interpreted for each in slices]
