"""Whose word counts: the rule by itself, and the one function through which product fields change."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_gql.core.db import Connection, Database
from closient_gql.core.models.products import DataSource
from resolvers.products.facts import OWNER_CONFIDENCE, Statement, settle, state
from resolvers.products.fields import COLUMNS
from resolvers.products.rules import CROWD_THRESHOLD, RANKS, Fact, best, standing
from resolvers.viewer import Viewer
from tests import make

OWNER, OTHER = make.make_id(1), make.make_id(2)
START = datetime(2026, 1, 1, tzinfo=UTC)
VIEWER = Viewer(user_id=make.make_id(77))


# --- the rule

FACT = st.builds(
    Fact,
    field=st.just("description"),
    source=st.sampled_from(list(DataSource)),
    value=st.text(max_size=3),
    confidence=st.sampled_from([0.0, 0.3, CROWD_THRESHOLD, 0.9, 1.0]),
    stated_by=st.sampled_from([None, OWNER, OTHER]),
    stated_at=st.integers(0, 3).map(lambda days: START + timedelta(days)),
)
FACTS = st.lists(FACT, max_size=8, unique_by=lambda fact: fact.source)


def test_every_source_has_a_rank() -> None:
    assert set(RANKS) == set(DataSource)
    assert max(RANKS, key=lambda source: RANKS[source]) is DataSource.CLAIMED
    order = ["claimed", "gtin1_authoritative", "brand_site_crawl", "imported", "open_food_facts", "crowd_sourced",
             "ai_extracted"]  # fmt: skip
    ranks = [RANKS[source] for value in order for source in DataSource if source.value == value]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == len(ranks)


@given(FACTS, st.sampled_from([None, OWNER]), st.randoms())
def test_the_best_fact(facts: list[Fact], owner: str | None, random: Any) -> None:
    found = best(facts, owner)
    shuffled = facts.copy()
    random.shuffle(shuffled)
    assert best(shuffled, owner) == found  # whatever the order
    allowed = [f for f in facts if f.source is not DataSource.CROWD_SOURCED or f.confidence >= CROWD_THRESHOLD]
    assert (found is None) == (not allowed)
    for other in allowed:
        assert found is not None
        theirs, ours = RANKS[standing(other, owner)], RANKS[standing(found, owner)]
        assert theirs <= ours
        if theirs == ours:
            assert (other.confidence, other.stated_at) <= (found.confidence, found.stated_at)


@given(FACTS)
def test_the_owner_is_always_shown(facts: list[Fact]) -> None:
    own = [f for f in facts if f.source is DataSource.CLAIMED and f.stated_by == OWNER]
    assert not own or best(facts, OWNER) == own[0]
    assert all(standing(f, None) is DataSource.IMPORTED for f in own)  # once it owns the product no more


# --- the function


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 6)
    yield found
    await found.close()


async def say(
    database: Database, source: DataSource, *statements: tuple[int, str, Any], confidence: float = 0.9,
    by: str | None = None,
) -> set[str]:  # fmt: skip
    async with database.transaction() as write:
        return await state(
            write, VIEWER, [Statement(make.make_id(n), field, value) for n, field, value in statements],
            source=source, confidence=confidence, organization_id=by,
        )  # fmt: skip


async def organization(connection: Connection, id: str) -> None:
    await make.insert(connection, "organizations", id=id, name="X", country="DE")


async def product(connection: Connection, number: int = 1, **values: Any) -> None:
    given = {"product_name": "", "data_source": "open_food_facts", "confidence_score": 0.8}
    await make.product(connection, number, **(given | values))


async def shown(connection: Connection, number: int = 1) -> Any:
    return await connection.fetchrow("SELECT * FROM products WHERE id = $1", make.make_id(number))


async def test_sources_by_rank_and_what_the_product_shows(connection: Connection, database: Database) -> None:
    await organization(connection, OWNER)
    await product(connection, owner_id=OWNER, product_name="From the row", field_confidence={"product_name": 0.6})
    one = {make.make_id(1)}
    assert await say(database, DataSource.AI_EXTRACTED, (1, "description", "by a model")) == one
    assert await say(database, DataSource.OPEN_FOOD_FACTS, (1, "description", "by the crowd's file")) == one
    assert await say(database, DataSource.AI_EXTRACTED, (1, "description", "again"), confidence=1.0) == set()
    assert await say(database, DataSource.CLAIMED, (1, "description", "by us"), by=OWNER) == one
    assert await say(database, DataSource.IMPORTED, (1, "description", "late"), confidence=1.0, by=OTHER) == set()
    row = await shown(connection)
    assert (row["description"], row["product_name"], row["data_source"]) == ("by us", "From the row", "claimed")
    assert row["field_confidence"] == {"description": 0.9, "product_name": 0.6}
    assert row["confidence_score"] == 0.75
    facts = await connection.fetch("SELECT field, source, value, stated_by FROM product_facts ORDER BY field, source")
    assert [tuple(f) for f in facts] == [
        ("description", "ai_extracted", "again", None), ("description", "claimed", "by us", OWNER),
        ("description", "imported", "late", OTHER), ("description", "open_food_facts", "by the crowd's file", None),
        ("product_name", "open_food_facts", "From the row", None),
    ]  # fmt: skip
    history = await connection.fetch(
        "SELECT field, old, new, source, organization_id, user_id FROM product_history ORDER BY created"
    )
    assert [tuple(h) for h in history] == [
        ("description", "", "by a model", "ai_extracted", None, VIEWER.user_id),
        ("description", "by a model", "by the crowd's file", "open_food_facts", None, VIEWER.user_id),
        ("description", "by the crowd's file", "by us", "claimed", OWNER, VIEWER.user_id),
    ]


async def test_saying_the_same_changes_nothing(connection: Connection, database: Database) -> None:
    await organization(connection, OWNER)
    await product(connection, owner_id=OWNER)
    said = (
        (1, "product_name", "  Name "),
        (1, "labels", ["organic", "organic", "vegan"]),
        (1, "country_of_origin", "de"),
    )
    assert await say(database, DataSource.CLAIMED, *said, by=OWNER) == {make.make_id(1)}
    before = await shown(connection)
    assert (before["product_name"], before["labels"], before["country_of_origin"]) == (
        "Name", ["organic", "vegan"], "DE",
    )  # fmt: skip
    events = await connection.fetchval("SELECT count(*) FROM events")
    assert await say(database, DataSource.CLAIMED, *said, by=OWNER) == set()
    assert await shown(connection) == before
    assert await connection.fetchval("SELECT count(*) FROM events") == events
    assert await connection.fetchval("SELECT count(*) FROM product_history") == 3


async def test_crowd_sourced_needs_certainty(connection: Connection, database: Database) -> None:
    await product(connection)
    assert await say(database, DataSource.CROWD_SOURCED, (1, "description", "maybe"), confidence=0.69) == set()
    assert (await shown(connection))["description"] == ""
    assert await connection.fetchval("SELECT value FROM product_facts") == "maybe"
    assert len(await say(database, DataSource.CROWD_SOURCED, (1, "description", "sure"), confidence=0.7)) == 1
    assert (await shown(connection))["description"] == "sure"
    assert len(await say(database, DataSource.CROWD_SOURCED, (1, "description", "no"), confidence=0.1)) == 1
    row = await shown(connection)
    assert (row["description"], row["field_confidence"], row["confidence_score"]) == ("", {}, 0)


async def test_the_owner_may_say_that_there_is_none(connection: Connection, database: Database) -> None:
    await organization(connection, OWNER)
    await product(connection, owner_id=OWNER, description="Old", country_of_origin="FR", length=3.0)
    said = [(1, "description", ""), (1, "country_of_origin", None), (1, "length", None)]
    await say(database, DataSource.CLAIMED, *said, by=OWNER)
    row = await shown(connection)
    assert (row["description"], row["country_of_origin"], row["length"]) == ("", None, None)
    assert "description" not in row["field_confidence"]


async def test_net_content_is_value_and_unit(connection: Connection, database: Database) -> None:
    await organization(connection, OWNER)
    await product(connection, owner_id=OWNER, net_content="13 oz", net_content_value=13.0, net_content_uom="ONZ")

    async def after(text: str) -> tuple[Any, ...]:
        await say(database, DataSource.CLAIMED, (1, "net_content", text), by=OWNER)
        row = await shown(connection)
        return row["net_content"], row["net_content_value"], row["net_content_uom"]

    assert await after("350 g") == ("350 g", 350, "GRM")
    assert await after("1.5 l") == ("1.5 l", 1.5, "LTR")
    assert await after("12 fl oz") == ("12 fl oz", 12, "OZA")
    assert await after("6 x 330 ml") == ("6 x 330 ml", 1980, "MLT")
    assert await after("a handful") == ("a handful", None, None)
    await say(database, DataSource.CLAIMED, (1, "net_content", "a pack"), (1, "net_content_value", 2),
              (1, "net_content_uom", "KGM"), by=OWNER)  # fmt: skip
    row = await shown(connection)
    assert (row["net_content"], row["net_content_value"], row["net_content_uom"]) == ("a pack", 2, "KGM")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("product_name", "x" * 256, "must have at most 255 characters"),
        ("product_name", "a\0", "must not contain the null character"),
        ("product_name", 5, "must be a string"),
        ("image_url", "javascript:alert(1)", "must be a web address that begins with https:// or http://"),
        ("country_of_origin", "Germany", "must be a country code, such as DE (ISO 3166-1 alpha-2)"),
        ("gpc_brick_code", "123", "must be a GPC code of 8 digits"),
        ("length", float("nan"), "must be a number, 0 or more"),
        ("length", -1, "must be a number, 0 or more"),
        ("primary_language", "english", "must be a language of ISO 639-1, such as en"),
        ("labels", "organic", "must be a list"),
    ],
)
async def test_values_that_do_not_fit(
    connection: Connection, database: Database, field: str, value: Any, message: str
) -> None:
    await product(connection)
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace(")", r"\)")):
        await say(database, DataSource.IMPORTED, (1, field, value))
    assert await connection.fetchval("SELECT count(*) FROM product_facts") == 0


async def test_one_and_a_thousand_are_the_same_statements(connection: Connection, database: Database) -> None:
    await organization(connection, OWNER)
    counts: list[int] = []
    for numbers in (range(1), range(1, 1001)):
        for n in numbers:
            await product(connection, n, product_name=f"Product {n}", owner_id=OWNER)
        said = [Statement(make.make_id(n), "description", f"Text {n}") for n in numbers]
        queries: list[str] = []
        async with database.transaction() as write:
            with write.connection.query_logger(lambda record: queries.append(record.query)):  # noqa: B023
                changed = await state(
                    write, VIEWER, said, source=DataSource.CLAIMED, confidence=OWNER_CONFIDENCE, organization_id=OWNER
                )
                await asyncio.sleep(0)
        counts.append(len(queries))
        assert changed == {make.make_id(n) for n in numbers}
    assert counts == [5, 5]  # products, facts; facts, products, history
    assert (await shown(connection, 700))["description"] == "Text 700"
    assert await connection.fetchval("SELECT count(*) FROM product_history") == 1001


async def test_at_the_same_time_nothing_is_lost(connection: Connection, database: Database) -> None:
    """Eight sources about three products in different orders: no deadlock, and all is known afterwards."""
    for n in range(3):
        await product(connection, n)
    sources = [source for source in DataSource if source is not DataSource.CLAIMED][:8]
    await asyncio.gather(
        *(
            say(database, source, *[(n, "description", f"{source.value} {n}") for n in order])
            for source, order in zip(sources, [(0, 1, 2), (2, 1, 0)] * 4, strict=True)
        )
    )
    assert await connection.fetchval("SELECT count(*) FROM product_facts") == 24
    assert {(await shown(connection, n))["description"] for n in range(3)} == {
        f"gtin1_authoritative {n}" for n in range(3)
    }


async def test_a_former_owner_counts_as_an_import(connection: Connection, database: Database) -> None:
    await organization(connection, OWNER)
    await product(connection, owner_id=OWNER)
    await say(database, DataSource.CLAIMED, (1, "description", "ours"), by=OWNER)
    await say(database, DataSource.BRAND_SITE_CRAWL, (1, "description", "on our site"))
    assert (await shown(connection))["description"] == "ours"
    async with database.transaction() as write:
        await write.connection.execute("UPDATE products SET owner_id = NULL")
        assert await settle(write, VIEWER, [make.make_id(1)]) == {make.make_id(1)}
    row = await shown(connection)
    assert (row["description"], row["data_source"]) == ("on our site", "brand_site_crawl")


def test_every_column_that_somebody_states_is_a_field() -> None:
    from closient_gql.core.models.products import Product

    assert set(Product.__table__.c.keys()) - set(COLUMNS) == {
        "id", "gtin", "created", "modified",  # what it is
        "owner_id", "is_claimed", "claimed_at", "claim_verification_status", "resolver_enabled",  # its claim
        "data_source", "confidence_score", "field_confidence",  # what follows from the facts
    }  # fmt: skip
    assert set(COLUMNS) <= set(Product.__table__.c.keys())
