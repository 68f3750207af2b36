"""What a deleted organization leaves behind: whose word it is then, and which locks are taken first."""

import asyncio
from typing import Any

from closient_gql.core.db import Connection, Database
from closient_gql.core.models.products import DataSource
from resolvers.account.release import release
from resolvers.products.facts import settle
from resolvers.viewer import ANONYMOUS
from tests import make
from tests.products.test_provenance import OWNER, organization, product, say, shown
from tests.products.test_provenance import database as database


async def released(database: Database) -> None:
    async with database.transaction() as write:
        await release(write, ANONYMOUS, OWNER)


async def test_its_word_is_the_public_s(connection: Connection, database: Database) -> None:
    await organization(connection, OWNER)
    await product(connection, owner_id=OWNER)
    await make.insert(
        connection, "product_images", product_id=make.make_id(1), data_source="claimed", stated_by_id=OWNER
    )
    await say(database, DataSource.CROWD_SOURCED, (1, "product_name", "of the public"))
    await say(database, DataSource.OPEN_FOOD_FACTS, (1, "description", "of a file"))
    said = [(1, "product_name", "ours"), (1, "description", "ours"), (1, "ingredients", [{"name": "Oats"}])]
    await say(database, DataSource.CLAIMED, *said, confidence=0.5, by=OWNER)
    await released(database)

    def state_of(row: Any) -> tuple[Any, ...]:
        return row["owner_id"], row["product_name"], row["description"], row["data_source"], row["field_confidence"]

    expected = (
        None, "ours", "of a file", "open_food_facts", {"product_name": 0.7, "description": 0.9, "ingredients": 0.7},
    )  # fmt: skip
    assert state_of(await shown(connection)) == expected
    assert await connection.fetchval("SELECT name FROM ingredients") == "Oats"
    assert await connection.fetchval("SELECT data_source FROM product_images") == "crowd_sourced"
    async with database.transaction() as write:  # and so it stays, whoever touches the product next
        assert await settle(write, ANONYMOUS, [make.make_id(1)]) == set()


async def test_of_what_only_it_has_said_the_source_is_the_public(connection: Connection, database: Database) -> None:
    await organization(connection, OWNER)
    await product(connection, owner_id=OWNER, data_source="claimed", product_name="Loaded", confidence_score=0.3)
    await released(database)
    row = await shown(connection)
    assert (row["product_name"], row["data_source"], row["confidence_score"]) == ("Loaded", "crowd_sourced", 0.7)
    assert await say(database, DataSource.AI_EXTRACTED, (1, "description", "x")) == {make.make_id(1)}
    assert (await shown(connection))["data_source"] == "crowd_sourced"


async def test_brands_are_locked_before_products(connection: Connection, database: Database) -> None:
    """As imports do: while it waits for a brand it has locked no product."""
    await organization(connection, OWNER)
    brand = await make.brand(connection, "Acme", OWNER)
    await product(connection, owner_id=OWNER)
    async with database.transaction() as other:
        await other.connection.execute("SELECT FROM brands WHERE id = $1 FOR UPDATE", brand)
        task = asyncio.create_task(released(database))
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        async with asyncio.timeout(10):
            while not await connection.fetchval(waiting):  # noqa: ASYNC110  no event says so
                await asyncio.sleep(0.01)
        assert await connection.fetchval("SELECT count(*) FROM (SELECT FROM products FOR UPDATE NOWAIT) AS free") == 1
    await task
    assert (await shown(connection))["owner_id"] is None
