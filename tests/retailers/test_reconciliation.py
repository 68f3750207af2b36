"""Whose word counts when sources disagree, and how much stock can be believed: tables of cases."""

from datetime import UTC, datetime, timedelta

import asyncpg
import orjson
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime, bindparam, select

from closient_gql.core.db import DIALECT
from closient_gql.core.models.retailers import SOURCE_PRIORITIES, InventoryConfidence, OfferSource
from resolvers.retailers.confidence import confidence_of, confidence_sql
from resolvers.retailers.reconciliation import prevails
from tests import databases

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
POS, MANUAL, SCRAPE, USERS = ("pos_sync", 10), ("manual", 20), ("scrape", 50), ("user_feedback", 60)
Said = tuple[tuple[str, int], timedelta]
CASES: list[tuple[Said, Said, bool, str]] = [  # the new word and its age, the old one and its age, which counts, why
    ((POS, 0 * HOUR), (POS, HOUR), True, "one source: the later word"),
    ((POS, 2 * HOUR), (POS, HOUR), False, "one source: a word that comes late"),
    ((POS, HOUR), (POS, HOUR), True, "one source, the same moment: a correction"),
    ((("manual", 5), 0 * HOUR), (("manual", 20), HOUR), True, "one source: rank does not matter"),
    ((("manual", 90), 0 * HOUR), (("manual", 20), HOUR), True, "one source: rank does not matter, either way"),
    ((POS, HOUR), (SCRAPE, 0 * HOUR), True, "a better source, though older"),
    ((SCRAPE, 0 * HOUR), (POS, HOUR), False, "a worse source, though newer"),
    ((SCRAPE, 0 * HOUR), (POS, 48 * HOUR - TICK), False, "the better word is not stale yet"),
    ((SCRAPE, 0 * HOUR), (POS, 48 * HOUR), True, "the better word is stale"),
    ((POS, 48 * HOUR - TICK), (SCRAPE, 0 * HOUR), True, "the better word is not that much older"),
    ((POS, 48 * HOUR), (SCRAPE, 0 * HOUR), False, "a better word from two days before"),
    ((SCRAPE, 100 * HOUR), (POS, 101 * HOUR), False, "between two old words, rank decides"),
    ((("scrape", 20), 0 * HOUR), (MANUAL, HOUR), True, "equal ranks: the later word"),
    ((("scrape", 20), HOUR), (MANUAL, 0 * HOUR), False, "equal ranks: the later word, either way"),
    ((("scrape", 20), HOUR), (MANUAL, HOUR), False, "equal ranks and moments: the name that comes first"),
    ((MANUAL, HOUR), (("scrape", 20), HOUR), True, "equal ranks and moments: either way"),
    ((USERS, 0 * HOUR), (SCRAPE, 0 * HOUR), False, "the ranks of sources"),
]
SIDE = "({0}->>'source')", "({0}->>'priority')::integer", "({0}->>'at')::timestamptz"
RULE = prevails(*(tuple(part.format(side) for part in SIDE) for side in ("new", "old")))  # type: ignore[arg-type]


async def decide(pairs: list[tuple[Said, Said]]) -> list[bool]:
    """What the rule says of each pair of a new and an old word."""
    connection = await asyncpg.connect(databases.SERVER)
    try:
        words = [[orjson.dumps({"source": s, "priority": p, "at": NOW - age}).decode() for (s, p), age in pair]
                 for pair in pairs]  # fmt: skip
        pairs_ = "unnest($1::jsonb[], $2::jsonb[]) WITH ORDINALITY AS pairs (new, old, place)"
        rows = await connection.fetch(
            f"SELECT {RULE} AS new_one FROM {pairs_} ORDER BY place",  # noqa: S608  the rule that is tested
            *map(list, zip(*words, strict=True)),
        )
        return [row["new_one"] for row in rows]
    finally:
        await connection.close()


async def test_whose_word_counts() -> None:
    found = await decide([(new, old) for new, old, _, _ in CASES])
    assert [why for (_, _, counts, why), is_so in zip(CASES, found, strict=True) if counts is not is_so] == []


async def test_the_order_of_arrival_does_not_matter() -> None:
    """Of two words of different sources exactly one counts, whichever comes first."""
    ages = [0 * HOUR, HOUR, 47 * HOUR, 48 * HOUR, 49 * HOUR, 96 * HOUR]
    sources = [POS, MANUAL, SCRAPE, ("brand", 20)]
    words = [(source, age) for source in sources for age in ages]
    pairs = [(a, b) for a in words for b in words if a[0][0] != b[0][0]]
    found = dict(zip(pairs, await decide(pairs), strict=True))
    assert len(pairs) == 432
    assert [pair for pair in pairs if found[pair] is found[pair[1], pair[0]]] == []


def test_the_ranks_of_sources() -> None:
    best_first = sorted(OfferSource, key=lambda source: SOURCE_PRIORITIES[source])
    assert [source.value for source in best_first] == [
        "pos_sync", "manual", "brand", "affiliate_feed", "scrape", "user_feedback",
    ]  # fmt: skip


LEVELS = [
    (timedelta(minutes=-5), "confirmed"),
    (0 * HOUR, "confirmed"),
    (HOUR, "confirmed"),
    (HOUR + TICK, "likely"),
    (24 * HOUR, "likely"),
    (24 * HOUR + TICK, "uncertain"),
    (48 * HOUR - TICK, "uncertain"),
    (48 * HOUR, "stale"),
    (24 * 365 * HOUR, "stale"),
    (None, "uncertain"),
]


async def in_sql(ages: list[timedelta | None]) -> list[str]:
    synced, now = (bindparam(name, type_=DateTime(timezone=True)) for name in ("synced", "now"))
    compiled = select(confidence_sql(synced, now)).compile(dialect=DIALECT)
    connection = await asyncpg.connect(databases.SERVER)
    try:
        statement = await connection.prepare(str(compiled))
        values = compiled.params
        found = []
        for age in ages:
            given = values | {"synced": None if age is None else NOW - age, "now": NOW}
            found.append(await statement.fetchval(*(given[name] for name in compiled.positiontup or ())))
        return found
    finally:
        await connection.close()


def in_python(age: timedelta | None) -> str:
    return str(confidence_of(None if age is None else NOW - age, NOW).value)


async def test_confidence_by_age() -> None:
    ages = [age for age, _ in LEVELS]
    expected = [level for _, level in LEVELS]
    assert [in_python(age) for age in ages] == expected
    assert await in_sql(ages) == expected
    assert {level for _, level in LEVELS} == {level.value for level in InventoryConfidence}


async def test_both_rules_are_one() -> None:
    edges = [timedelta(hours=h) + n * TICK for h in (0, 1, 24, 48) for n in (-1, 0, 1)]
    spread = [timedelta(seconds=s) for s in range(-4_000, 200_000, 3_777)]
    ages: list[timedelta | None] = [*edges, *spread, None]
    assert await in_sql(ages) == [in_python(age) for age in ages]


AGES = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9))


@given(AGES, AGES)
def test_confidence_only_falls(age: timedelta, more: timedelta) -> None:
    order = ["confirmed", "likely", "uncertain", "stale"]
    assert order.index(in_python(age + more)) >= order.index(in_python(age))
