"""Measures of orders and of scores, and how sure they are."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

DEPTH, DRAWS, RECALL = 10, 2_000, 0.8
Array = Any


def gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:DEPTH]))


def ndcg(order: Sequence[str], grades: Mapping[str, int], *, judged: bool) -> float:
    """nDCG@10, exponential gain. `judged`: what nobody has judged is passed over; else it is irrelevant."""
    found = [grades.get(id, 0) for id in order if not judged or id in grades]
    return gain(found) / gain(sorted(grades.values(), reverse=True))


def auc(scores: Array, relevant: Array) -> float:
    """How often something relevant has the higher score, of all pairs with something that is not."""
    others, mine = np.sort(scores[~relevant]), scores[relevant]
    below = np.searchsorted(others, mine, "left") + np.searchsorted(others, mine, "right")
    return float(below.mean() / 2 / len(others))


def precision_at(scores: Array, relevant: Array) -> float:
    """The precision of the highest threshold that lets `RECALL` of what is relevant through."""
    mine = np.sort(scores[relevant])[::-1]
    passes = scores >= mine[math.ceil(RECALL * len(mine)) - 1]
    return float(relevant[passes].mean())


def interval(mine: Sequence[float], other: Sequence[float]) -> list[float]:
    """Of the mean difference, 95 of 100: drawn from the queries, in pairs."""
    differences = np.array(mine) - np.array(other)
    chance = np.random.default_rng(7)
    drawn = chance.integers(0, len(differences), (DRAWS, len(differences)))
    return inner(differences[drawn].mean(axis=1))


def interval_pooled(
    measure: Callable[[Array, Array], float], mine: Sequence[Array], other: Sequence[Array], relevant: Sequence[Array]
) -> list[float]:
    """The same of a measure of all pairs at once: queries are drawn, with all of their pairs."""
    chance, differences = random.Random(7), []
    places = range(len(relevant))
    for _ in range(DRAWS // 4):
        drawn = chance.choices(places, k=len(relevant))
        right = np.concatenate([relevant[n] for n in drawn])
        if right.any() and not right.all():
            ours, theirs = (np.concatenate([scores[n] for n in drawn]) for scores in (mine, other))
            differences.append(measure(ours, right) - measure(theirs, right))
    return inner(differences)


def inner(values: Any) -> list[float]:
    return [round(float(x), 4) for x in np.quantile(values, (0.025, 0.975))]


def fused(*orders: Sequence[str], most: int = 1_000) -> list[str]:
    """Reciprocal rank fusion."""
    scores: dict[str, float] = {}
    for order in orders:
        for place, id in enumerate(order[:most], 1):
            scores[id] = scores.get(id, 0) + 1 / (60 + place)
    return sorted(scores, key=lambda id: -scores[id])
