"""How relevant a document is to a query: one number, which orders and, against a threshold, decides.

    score = min(cosine, nearest) + coverage · C + density · D        (C and D are weighted by rareness, 0 to 1)

The cosine says whether the meaning fits; past `nearest` more of it says nothing more. Coverage C is the share of what is
looked for that the document has at all, density D how much of the document it is: of a name that is nothing but the
words looked for more than of a long one. Every part grows with how well it fits, so a better document never scores less.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from resolvers.search.calibration import Calibration

SYNONYM = 0.7
"""What counts less: a synonym, a word that a mistyped one may also be."""
SECOND = 0.1
"""What the weaker of the two, the name and the rest, adds."""
LENGTH = 0.2
"""How much length takes away."""


class Found(NamedTuple):
    """Of one term in one document: PostgreSQL's `ts_rank` with weights 1 in the name and 0 elsewhere, and the other way
    round; 0 to 1, 0 if it is not there. `near`: the same of what is near the term."""

    name: float = 0.0
    rest: float = 0.0
    near_name: float = 0.0
    near_rest: float = 0.0


@dataclass(frozen=True)
class Lengths:
    """Words of the name, and of everything else."""

    name: int
    rest: int


def presence(found: Found) -> float:
    """1 if the document has the term, less if it has only something near it, 0 if neither."""
    if found.name > 0 or found.rest > 0:
        return 1.0
    return SYNONYM if found.near_name > 0 or found.near_rest > 0 else 0.0


def strength(found: Found, lengths: Lengths) -> float:
    """How much of the document the term is, 0 to 1."""
    name = max(found.name, SYNONYM * found.near_name) / (1 + LENGTH * math.log(1 + lengths.name))
    rest = max(found.rest, SYNONYM * found.near_rest) / (1 + LENGTH * math.log(1 + lengths.rest))
    return (max(name, rest) + SECOND * min(name, rest)) / (1 + SECOND)


def weighted(values: Sequence[float], weights: Sequence[float]) -> float:
    total = sum(weights)
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / total if total else 0.0


def score(
    cosine: float | None, found: Sequence[Found], weights: Sequence[float], lengths: Lengths, by: Calibration
) -> float:
    """The score of one document. `cosine`: None where no vectors are compared; `weights`: the idf of each term."""
    coverage = weighted([presence(each) for each in found], weights)
    density = weighted([strength(each, lengths) for each in found], weights)
    meaning = by.wordless if cosine is None else min(cosine, by.nearest)
    return meaning + by.coverage * coverage + by.density * density
