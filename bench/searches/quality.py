"""How relevant searches are, before the gate and behind it, beside all other ways, on the same queries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench import say
from bench.searches import ways
from bench.searches.judged import Judged
from bench.searches.measures import RECALL, auc, interval, interval_pooled, ndcg, precision_at
from closient_gql.core.db import Database
from resolvers.search.asked import Hit

OURS, WHOLE, OPEN = "ours", "ours_whole", "ours_ungated"
"""What the product answers; of it what answers the whole query; and the order before the gate."""
LOWEST = -9.0
MEASURES = {"ndcg_unjudged_irrelevant": False, "ndcg_judged": True}
Orders = dict[str, dict[str, Sequence[str]]]


@dataclass
class Found:
    """By way and query, the orders; and by query what answers all of it and what a part, how everything fits and the
    cosines."""

    orders: Orders = field(default_factory=dict)
    mistyped: Orders = field(default_factory=dict)
    whole: dict[str, set[str]] = field(default_factory=dict)
    partial: dict[str, set[str]] = field(default_factory=dict)
    fits: dict[str, dict[str, float]] = field(default_factory=dict)
    cosines: dict[str, dict[str, float]] = field(default_factory=dict)


async def collect(database: Database, judged: Judged) -> Found:
    found, libraries = Found(), ways.lexical(judged.products)
    for query in judged.ratings:
        hits = await ways.ask(database, query)
        found.partial[query] = {hit.id for hit in hits}
        found.whole[query] = {hit.id for hit in hits if not hit.partial}
        keep(found.orders, query, orders_of(hits))
        found.cosines[query] = await ways.cosines(database, query)
    async with ways.ungated(database):
        for query in judged.ratings:
            keep(found.orders, query, {OPEN: [hit.id for hit in await ways.ask(database, query)]})
        for query in judged.answered:
            hits = await ways.ask(database, judged.typos.get(query, query))
            keep(found.mistyped, query, {OPEN: [hit.id for hit in hits]})
    async with ways.ungated(database, **ways.FIT):
        for query in judged.ratings:
            found.fits[query] = {hit.id: hit.score for hit in await ways.ask(database, query)}
    for query in judged.answered:
        typo = judged.typos.get(query, query)
        keep(found.orders, query, await ways.others(database, libraries, query, found.cosines[query]))
        keep(found.mistyped, query, orders_of(await ways.ask(database, typo)))
        near = await ways.cosines(database, typo)
        keep(found.mistyped, query, await ways.others(database, libraries, typo, near))
    return found


def orders_of(hits: Sequence[Hit]) -> dict[str, list[str]]:
    return {OURS: [hit.id for hit in hits], WHOLE: [hit.id for hit in hits if not hit.partial]}


def keep(orders: Orders, query: str, found: Mapping[str, Sequence[str]]) -> None:
    for way, order in found.items():
        orders.setdefault(way, {})[query] = order


# --- orders


def order_measures(judged: Judged, found: Found) -> dict[str, Any]:
    tables = [(name, found.orders, only) for name, only in MEASURES.items()]
    tables.append(("ndcg_judged_typos", found.mistyped, True))
    return {name: compared(judged, orders, judged_only=only) for name, orders, only in tables}


def compared(judged: Judged, orders: Orders, *, judged_only: bool) -> dict[str, Any]:
    """Of each way the mean of all queries and of each half, and the intervals of what ours, as it is answered and as it
    is before the gate, is better by."""
    by_way = {
        way: {query: ndcg(order[query], judged.ratings[query], judged=judged_only) for query in judged.answered}
        for way, order in orders.items()
    }
    rows: dict[str, Any] = {}
    for way, values in by_way.items():
        row: dict[str, Any] = {part: mean([x for q, x in values.items() if q in queries])
                               for part, queries in judged.parts.items()}  # fmt: skip
        for mine in (OURS, OPEN):
            if way not in (OURS, WHOLE, OPEN):
                row[f"{mine}_better"] = interval(*paired(by_way[mine], values))
        rows[way] = row
    return rows


def paired(mine: Mapping[str, float], other: Mapping[str, float]) -> tuple[list[float], list[float]]:
    return [mine[query] for query in mine], [other[query] for query in mine]


def mean(values: Sequence[float]) -> float:
    return round(sum(values) / max(len(values), 1), 4)


# --- the gate


def gate_measures(judged: Judged, found: Found) -> dict[str, Any]:
    """What the threshold does, of all queries and of each half; and what any threshold could, beside cosine's."""
    result: dict[str, Any] = {
        part: decisions(judged, found.whole, queries) for part, queries in judged.parts.items()
    } | {"with_parts_of_answers": decisions(judged, found.partial, set(judged.ratings))}
    for name, measure in (("auc", auc), (f"precision_at_recall_{RECALL}", precision_at)):
        result[name] = separation(judged, found, measure)
    return result


def decisions(judged: Judged, passed: Mapping[str, set[str]], queries: set[str]) -> dict[str, Any]:
    pairs = [
        (id in passed[query], grade > 0)
        for query in judged.ratings if query in queries
        for id, grade in judged.ratings[query].items()
    ]  # fmt: skip
    both = sum(passes and right for passes, right in pairs)
    answered = [query for query in judged.answered if query in queries]
    unanswered = [query for query in queries if query not in set(answered)]
    rejected, kept = (sum(not passed[q] for q in unanswered), sum(bool(passed[q]) for q in answered))
    return {
        "precision": round(both / max(sum(passes for passes, _ in pairs), 1), 4),
        "recall": round(both / max(sum(right for _, right in pairs), 1), 4),
        "rejected": f"{rejected}/{len(unanswered)}", "kept": f"{kept}/{len(answered)}",
    }  # fmt: skip


def separation(judged: Judged, found: Found, measure: Callable[[Any, Any], float]) -> dict[str, Any]:
    """A measure of how documents fit and of cosine alone, over all judged pairs."""

    def values(scores: Mapping[str, Mapping[str, float]], queries: Sequence[str]) -> list[Any]:
        return [np.array([scores[q].get(id, LOWEST) for id in judged.ratings[q]]) for q in queries]

    def rights(queries: Sequence[str]) -> list[Any]:
        return [np.array([grade > 0 for grade in judged.ratings[q].values()]) for q in queries]

    row: dict[str, Any] = {"ours": {}, "cosine": {}}
    for part, some in judged.parts.items():
        queries = [query for query in judged.ratings if query in some]
        for name, scores in (("ours", found.fits), ("cosine", found.cosines)):
            row[name][part] = round(
                measure(np.concatenate(values(scores, queries)), np.concatenate(rights(queries))), 4
            )
    every = list(judged.ratings)
    row["ours_better"] = interval_pooled(
        measure, values(found.fits, every), values(found.cosines, every), rights(every)
    )
    return row


# --- all of it


async def measure(database: Database, judged: Judged) -> dict[str, Any]:
    found = await collect(database, judged)
    orders, gate = order_measures(judged, found), gate_measures(judged, found)
    for name, rows in orders.items():
        say(f"{name:26} all    dev    valid.  ours better by               ours before the gate better by")
        for way, row in rows.items():
            better = [str(row.get(f"{mine}_better", "")) for mine in (OURS, OPEN)]
            say(f"  {way:22} {row['all']:.4f} {row['dev']:.4f} {row['validation']:.4f}  {better[0]:28} {better[1]}")
    for name, value in gate.items():
        say(f"gate, {name}: {value}")
    return {**orders, "gate": gate}
