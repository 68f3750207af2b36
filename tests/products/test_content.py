"""Sources of ingredients, nutrition and images: who says what, whose word is shown, and what was shown before."""

import asyncio
from typing import Any

import asyncpg
import pytest

from closient_gql.core.db import Connection, Database
from closient_gql.core.models.products import DataSource
from migrations import upgrade
from resolvers.products.facts import Statement, settle, state
from tests import make
from tests.conftest import Client
from tests.databases import named, run
from tests.products.test_images import images, upload
from tests.products.test_provenance import OWNER, VIEWER, organization, product, say
from tests.products.test_provenance import database as database
from tests.products.test_writes import ask, claimed

OATS, RYE = [{"name": "Oats", "percentage": 60}], [{"name": "Rye"}, {"name": "nuts", "may_contain": True}]
PANEL = {
    "serving_size": "30 g", "label_format": "EU",
    "nutrients": [{"name": "Fat", "amount": 3.5, "unit": "g"}, {"name": "Salt", "amount": 1, "unit": "g"}],
}  # fmt: skip


def both(ingredients: Any, panel: Any) -> tuple[tuple[int, str, Any], ...]:
    return (1, "ingredients", ingredients), (1, "nutrition", panel)


async def lines(connection: Connection) -> list[tuple[Any, ...]]:
    rows = await connection.fetch("SELECT name, percentage, may_contain FROM ingredients ORDER BY priority")
    return [tuple(row) for row in rows]


async def nutrients(connection: Connection) -> list[tuple[Any, ...]]:
    rows = await connection.fetch("SELECT name, amount FROM nutrient_values ORDER BY priority")
    return [tuple(row) for row in rows]


async def facts(connection: Connection, field: str) -> list[tuple[Any, ...]]:
    rows = await connection.fetch(
        "SELECT source, confidence, stated_by FROM product_facts WHERE field = $1 ORDER BY source", field
    )
    return [tuple(row) for row in rows]


async def test_the_best_list_and_panel_are_shown(connection: Connection, database: Database) -> None:
    await organization(connection, OWNER)
    await product(connection, owner_id=OWNER)
    one = {make.make_id(1)}
    assert await say(database, DataSource.OPEN_FOOD_FACTS, *both(OATS, PANEL)) == one
    assert (await lines(connection), await nutrients(connection)) == (
        [("Oats", 60, False)],
        [("Fat", 3.5), ("Salt", 1)],
    )
    assert await say(database, DataSource.CLAIMED, *both(RYE, None), by=OWNER) == one
    assert (await lines(connection), await nutrients(connection)) == (
        [("Rye", None, False), ("nuts", None, True)], [],
    )  # fmt: skip
    assert await connection.fetchval("SELECT count(*) FROM nutrition_facts") == 0
    written = await connection.fetch("SELECT xmin, id FROM ingredients")
    assert await say(database, DataSource.CLAIMED, *both(RYE, None), by=OWNER) == set()
    assert await say(database, DataSource.USDA_FDC, *both(OATS, PANEL)) == set()  # known, and not shown
    assert await connection.fetch("SELECT xmin, id FROM ingredients") == written
    assert await facts(connection, "nutrition") == [
        ("claimed", 0.9, OWNER), ("open_food_facts", 0.9, None), ("usda_fdc", 0.9, None),
    ]  # fmt: skip
    row = await connection.fetchrow("SELECT data_source, field_confidence FROM products")
    assert tuple(row or ()) == ("claimed", {"ingredients": 0.9})
    async with database.transaction() as write:  # released: the former owner's word is an import
        await write.connection.execute("UPDATE products SET owner_id = NULL")
        assert await settle(write, VIEWER, one) == one
    assert (await lines(connection), await nutrients(connection)) == (
        [("Oats", 60, False)],
        [("Fat", 3.5), ("Salt", 1)],
    )
    history = await connection.fetch(
        "SELECT field, source, old IS NULL, new IS NULL FROM product_history ORDER BY created"
    )
    assert [tuple(h) for h in history if h["field"] == "nutrition"] == [
        ("nutrition", "open_food_facts", True, False), ("nutrition", "claimed", False, True),
        ("nutrition", "usda_fdc", True, False),
    ]  # fmt: skip


async def test_what_was_loaded_has_the_source_of_its_product(connection: Connection, database: Database) -> None:
    await organization(connection, OWNER)
    await product(connection, field_confidence={"ingredients": 0.6})
    await make.insert(connection, "ingredients", product_id=make.make_id(1), name="Oats")
    line = await connection.fetchval("SELECT id FROM ingredients")
    async with database.transaction() as write:
        await settle(write, VIEWER, [make.make_id(1)])
        await write.connection.execute("UPDATE products SET owner_id = $1", OWNER)
    await say(database, DataSource.CLAIMED, (1, "description", "ours"), by=OWNER)
    assert await facts(connection, "ingredients") == [("open_food_facts", 0.6, None)]
    assert await connection.fetchval("SELECT id FROM ingredients") == line  # nothing was written anew


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("ingredients", "Oats", "must be a list of objects"),
        ("ingredients", [{"name": " "}], "must have a name of at most 255 characters"),
        ("ingredients", [{"name": "Oats", "percentage": 101}], "must have percentages of at most 100"),
        ("ingredients", [{"name": "x"}] * 501, "must have at most 500 items"),
        ("nutrition", [], "must be an object with nutrients"),
        ("nutrition", PANEL | {"label_format": "XX"}, "must have a label_format, one of"),
        (
            "nutrition",
            PANEL | {"nutrients": [{"name": "Fat", "unit": "g"}]},
            "must have nutrients with an amount and a unit",
        ),
        ("nutrition", PANEL | {"serving_size_g": -1}, "must have as serving_size_g a number, 0 or more"),
        ("metadata", {"a": 1}, "must have strings as values"),
    ],
)
async def test_values_that_do_not_fit(
    connection: Connection, database: Database, field: str, value: Any, message: str
) -> None:
    await product(connection)
    with pytest.raises(ValueError, match=message):
        await say(database, DataSource.IMPORTED, (1, field, value))
    assert await connection.fetchval("SELECT count(*) FROM product_facts") == 0


async def test_one_and_many_are_the_same_statements(connection: Connection, database: Database) -> None:
    counts = []
    for numbers in (range(1), range(1, 101)):
        for n in numbers:
            await product(connection, n)
        said = [Statement(make.make_id(n), "ingredients", RYE) for n in numbers]
        said += [Statement(make.make_id(n), "nutrition", PANEL) for n in numbers]
        queries: list[str] = []
        async with database.transaction() as write:
            with write.connection.query_logger(lambda record: queries.append(record.query)):  # noqa: B023
                await state(write, VIEWER, said, source=DataSource.IMPORTED, confidence=1, organization_id=None)
        counts.append(len(queries))
    assert counts == [10, 10]  # the five of columns; delete and insert a list; delete and insert a panel, its lines
    assert await connection.fetchval("SELECT count(*) FROM nutrient_values") == 202


async def test_facts_and_history_over_rest(api: Client, connection: Connection, database: Database) -> None:
    own = await make.account(connection)
    gtin = await claimed(connection, 1, own)
    path = f"/products/{gtin}"
    await say(database, DataSource.OPEN_FOOD_FACTS, (1, "ingredients", OATS), (1, "nutrition", PANEL))
    await make.insert(connection, "product_images", product_id=make.make_id(1), data_source="open_food_facts",
                      confidence=0.5, image_url="https://off.example/1", is_primary=True)  # fmt: skip
    await ask(api, own, "PUT", f"{path}/ingredients", 200, {"text": "Rye. May contain nuts."})
    picture = (await upload(api, own, gtin, 201))["image_url"]

    async def told(query: str = "") -> list[tuple[Any, ...]]:
        found = (await ask(api, own, "GET", f"{path}/facts{query}", 200))["facts"]
        names = ("field", "value", "source", "confidence", "stated_by_id", "is_shown")
        return [tuple(f[name] for name in names) for f in found if f["field"] in ("ingredients", "nutrition", "images")]

    ours = [
        ("ingredients", "Rye. May contain: nuts", "claimed", 0.95, own.organization_id, True),
        ("images", picture, "claimed", 0.95, own.organization_id, True),
    ]
    panel = ("nutrition", "EU, 30 g: Fat 3.5 g, Salt 1 g", "open_food_facts", 0.9, None, True)
    theirs = ("ingredients", "Oats 60%", "open_food_facts", 0.9, None, False)
    foreign = ("images", "https://off.example/1", "open_food_facts", 0.5, None, True)
    assert await told() == [ours[0], theirs, panel, ours[1], foreign]
    assert await told("?owner_only=true") == ours
    assert await told("?field=images") == [ours[1], foreign]
    changes = (await ask(api, own, "GET", f"{path}/history?field=images", 200))["data"]
    assert [(c["old"], c["new"], c["source"], c["organization_id"]) for c in changes] == [
        ("https://off.example/1", f"https://off.example/1, {picture}", "claimed", own.organization_id)
    ]
    changes = (await ask(api, own, "GET", f"{path}/history?field=ingredients", 200))["data"]
    assert [(c["old"], c["new"]) for c in changes] == [("Oats 60%", "Rye. May contain: nuts"), (None, "Oats 60%")]
    await ask(api, own, "DELETE", f"{path}/nutrition", 204)
    error = await ask(api, own, "DELETE", f"{path}/nutrition", 404)
    assert error["error"]["message"] == "This product has no nutrition facts."
    assert ("nutrition", None, "claimed", 0.95, own.organization_id, True) in await told()
    await ask(api, own, "DELETE", path, 200)  # released: an import from now on
    assert [f[:3] for f in await told("?field=images")] == [
        ("images", picture, "imported"), ("images", "https://off.example/1", "open_food_facts"),
    ]  # fmt: skip
    assert await told("?owner_only=true") == []
    assert len(await images(api, own, gtin)) == 2
    question = {"query": f'{{ product(gtin: "{gtin}") {{ allImages {{ source statedById }} }} }}'}
    answer = (await api.post("/graphql", json=question, headers={"X-API-Key": own.key})).json()
    assert answer["data"]["product"]["allImages"] == [
        {"source": "OPEN_FOOD_FACTS", "statedById": None}, {"source": "IMPORTED", "statedById": own.organization_id},
    ]  # fmt: skip


async def test_metadata_has_a_source_too(api: Client, connection: Connection) -> None:
    former, own = await make.account(connection), await make.account(connection)
    gtin = await claimed(connection, 1, former)
    path = f"/products/{gtin}"
    await ask(api, former, "PATCH", path, 200, {"metadata": {"sku": "1"}})
    await ask(api, former, "DELETE", path, 200)
    await ask(api, own, "POST", f"{path}/claim", 200)
    assert (await ask(api, own, "GET", path, 200))["metadata"] == {"sku": "1"}
    found = await ask(api, own, "GET", f"{path}?owner_only=true", 200)
    assert (found["metadata"], found["field_confidence"], found["data_source"]) == ({}, {}, "claimed")
    await ask(api, own, "PATCH", path, 200, {"metadata": {"sku": "", "lot": "2"}})
    found = await ask(api, own, "GET", f"{path}?owner_only=true", 200)
    assert (found["metadata"], found["confidence_score"]) == ({"lot": "2"}, 0)  # a note tells nothing of the product


def test_rows_of_before(prefix: str) -> None:
    """The migration finds out who said what: of writes from the audit log, of other rows from their products."""
    run(f'CREATE DATABASE "{prefix}_before"')
    url = named(f"{prefix}_before")
    upgrade(url, "2026_11_26_brand_names")
    asyncio.run(fill_as_before(url))
    upgrade(url)
    pictures, said = asyncio.run(sources_in(url))
    assert pictures == [
        ("loaded", "open_food_facts", 0.5, None), ("touched", "usda_fdc", 0.7, None),
        ("uploaded", "claimed", 0.95, OWNER),
    ]  # fmt: skip
    assert said == [
        (make.make_id(2), "ingredients", "usda_fdc", None), (make.make_id(2), "metadata", "claimed", OWNER),
        (make.make_id(2), "nutrition", "claimed", OWNER),
    ]  # fmt: skip


async def sources_in(url: str) -> list[list[tuple[Any, ...]]]:
    connection = await asyncpg.connect(url)
    found = [
        await connection.fetch(
            "SELECT title, data_source, confidence, stated_by_id FROM product_images ORDER BY title"
        ),
        await connection.fetch(
            "SELECT product_id, field, source, stated_by FROM product_facts WHERE field <> 'description' ORDER BY 1, 2"
        ),
    ]
    await connection.close()
    return [[tuple(row) for row in rows] for rows in found]


async def fill_as_before(url: str) -> None:
    """Product 1 was loaded, of 2 its owner has stated something since."""
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO organizations (id, name, country) VALUES ($1, 'X', 'DE')", OWNER)
    for n, source in ((1, "open_food_facts"), (2, "claimed")):
        id = make.make_id(n)
        await connection.execute(
            "INSERT INTO products (id, gtin, data_source, confidence_score, owner_id) VALUES ($1, $2, $3, 0.5, $4)",
            id, make.make_gtin(n), source, OWNER if n == 2 else None,
        )  # fmt: skip
        await connection.execute("INSERT INTO ingredients (id, product_id, name) VALUES ($1, $1, 'Oats')", id)
    two = make.make_id(2)
    for n, title in enumerate(("loaded", "touched", "uploaded")):
        await connection.execute(
            "INSERT INTO product_images (id, product_id, title) VALUES ($1, $2, $3)",
            make.make_id(10 + n), make.make_id(1) if n == 0 else two, title,
        )  # fmt: skip
    await connection.execute('UPDATE products SET metadata = \'{"a": "b"}\' WHERE id = $1', two)
    await connection.execute("INSERT INTO nutrition_facts (product_id, label_format) VALUES ($1, 'EU')", two)
    await connection.execute(
        "INSERT INTO product_facts (product_id, field, source, value, confidence)"
        " VALUES ($1, 'description', 'usda_fdc', '1', 0.7)",
        two,
    )
    told = [("product.image_added", f'{{"image": "{make.make_id(12)}"}}'), ("product.nutrition_replaced", "{}"),
            ("product.updated", "{}")]  # fmt: skip
    for n, (action, changes) in enumerate(told):
        await connection.execute(
            "INSERT INTO audit_entries (id, organization_id, action, target_type, target_id, changes)"
            " VALUES ($1, $2, $3, 'product', $4, $5)", make.make_id(20 + n), OWNER, action, two, changes,
        )  # fmt: skip
    await connection.close()
