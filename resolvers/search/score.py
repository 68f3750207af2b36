"""How relevant a document is to a query: how well it fits decides whether it passes, its score where it stands.

    fit = min(cosine, nearest) + coverage · C + density · D        (C and D are weighted by rareness, 0 to 1)
    score = fit + head, if the document is what is looked for

The cosine says whether the meaning fits; past `nearest` more of it says nothing more. Coverage C is the share of what
is looked for that the document has at all, density D how much of the document it is: of a name that is nothing but the
words looked for more than of a long one. A meaning of at least `alone` passes without words, but not where numbers are
looked for: those of two models are near. What a document is, is what its name says (heads.py): `laptop` looks for
laptops first, and for laptop bags after them. Every part grows with how well it fits: what is better never scores less.

A query is answered if something fits it by `threshold`. Then what answers a part of it can come, too: whatever scores
at least `partial`.

Measured and compared in docs/decisions/0019.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from resolvers.search.calibration import Calibration

SAME, WRITTEN, NEAR = 0.9, 0.8, 0.7
"""What counts less: a word that means the same, the same written as one word or as two, and one that a mistyped one may
also be."""
SECOND = 0.1
"""What the weaker of the two, the name and the rest, adds."""
LENGTH = 0.2
"""How much length takes away."""
KIND = 0.75
"""What a word of the category counts: about as much as one of a name of ten words."""
PHRASE = 0.61
"""What brings the rank of a phrase, 1 if it is there, to that of a word that is there once."""


class Found(NamedTuple):
    """Of one term in one document: PostgreSQL's `ts_rank` with weights 1 in the name, in the category, or in all else,
    and 0 elsewhere; the best of its alternatives, those that mean the same counting `SAME`, those that are written in
    another way `WRITTEN`, those that are only near it `NEAR`. `presence`: 1 if the document has it, what they count if
    only one of those, 0 if none."""

    presence: float = 0.0
    name: float = 0.0
    kind: float = 0.0
    rest: float = 0.0


@dataclass(frozen=True)
class Lengths:
    """Words of the name, and of everything else."""

    name: int
    rest: int


def strength(found: Found, lengths: Lengths) -> float:
    """How much of the document the term is, 0 to 1."""
    name = found.name / (1 + LENGTH * math.log(1 + lengths.name))
    rest = found.rest / (1 + LENGTH * math.log(1 + lengths.rest))
    return max((max(name, rest) + SECOND * min(name, rest)) / (1 + SECOND), KIND * found.kind)


def weighted(values: Sequence[float], weights: Sequence[float]) -> float:
    total = sum(weights)
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / total if total else 0.0


def fit(
    cosine: float | None,
    found: Sequence[Found],
    weights: Sequence[float],
    lengths: Lengths,
    by: Calibration,
    *,
    exact: bool = False,
) -> float:
    """How well one document fits. `cosine`: None where no vectors are compared; `weights`: the idf of each term;
    `exact`: whether a number is looked for."""
    coverage = weighted([each.presence for each in found], weights)
    density = weighted([strength(each, lengths) for each in found], weights)
    meaning = by.wordless if cosine is None else min(cosine, by.nearest)
    fits = meaning + by.coverage * coverage + by.density * density
    return max(fits, by.threshold) if cosine is not None and cosine >= by.alone and not exact else fits
