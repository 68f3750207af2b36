"""Documents follow the outbox: nothing is missed, whatever is written when, deleted or restored."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from closient_gql.core.db import Connection, Database, Reader, prepare
from closient_gql.core.models.search import DocumentKind
from resolvers.context import Context
from resolvers.search import documents, indexing, vectors, vocabulary
from resolvers.search.status import status_of
from tests import make
from tests.products.test_changes import settled

DOCUMENTS = """
SELECT kind, id, language, words::text, name_length, rest_length, embedded_text, named, traces, whole, complete, listed,
    listed_traces FROM search_documents ORDER BY kind, id
"""
WORDS = "SELECT language, lexeme, documents FROM search_words ORDER BY language, lexeme"
REAL_WORDS = """
SELECT language, lexeme, count(*)::int AS documents
FROM (SELECT language, unnest(tsvector_to_array(words)) AS lexeme FROM search_documents) AS each
GROUP BY 1, 2 ORDER BY 1, 2
"""
STALE = """
SELECT id FROM search_documents d WHERE EXISTS (
    SELECT FROM events e WHERE e.entity = 'product' AND e.entity_id = d.id AND e.transaction >= d.seen)
"""
VERSION = "SELECT version FROM search_progress"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(database_url, 6)
    yield found
    await found.close()


async def names(connection: Connection) -> list[str]:
    rows = await connection.fetch("SELECT embedded_text FROM search_documents WHERE kind = 'product' ORDER BY id")
    return [row["embedded_text"] for row in rows]


async def test_whatever_happens_the_index_is_as_if_made_anew(connection: Connection, database: Database) -> None:
    """Documents, counts of words, and texts that wait for vectors, after every few random writes."""
    chance = random.Random(7)
    await vectors.settle(database)
    brands = [await make.brand(connection, name) for name in ("Acme", "Globex")]
    await indexing.follow(database)

    async def change(number: int) -> None:
        id, word = make.make_id(number), chance.choice(["oats", "milk", "nuts", "Reis"])
        match chance.randrange(7):
            case 0 | 1:
                await connection.execute("DELETE FROM products WHERE id = $1", id)
                await make.product(
                    connection, number, product_name=f"{word} {number % 3}", brand_id=chance.choice([*brands, None]),
                    primary_language=chance.choice(["en", "de", ""]),
                )  # fmt: skip
            case 2:
                await connection.execute("DELETE FROM products WHERE id = $1", id)
            case 3:
                await connection.execute("UPDATE products SET product_name = $2 WHERE id = $1", id, word)
            case 4:
                await connection.execute(
                    "INSERT INTO ingredients (id, product_id, name) SELECT $2, id, $3 FROM products WHERE id = $1",
                    id, make.make_id(chance.randrange(10**9)), word,
                )  # fmt: skip
            case 5:
                await connection.execute("DELETE FROM ingredients WHERE product_id = $1", id)
            case 6:
                await connection.execute("UPDATE brands SET name = $2 WHERE id = $1", brands[0], f"Acme {word}")

    for _ in range(6):
        for number in [chance.randrange(12) for _ in range(10)]:
            await change(number)
        await settled(connection)
        await indexing.follow(database)
        followed, words = await connection.fetch(DOCUMENTS), await connection.fetch(WORDS)
        assert await connection.fetch(STALE) == []
        assert words == await connection.fetch(REAL_WORDS)
        assert await connection.fetch("SELECT id, text_hash FROM search_vectors ORDER BY id") == await connection.fetch(
            "SELECT id, text_hash FROM search_documents WHERE kind = 'product' ORDER BY id"
        )
        await indexing.everything(database)
        assert followed == await connection.fetch(DOCUMENTS)
        assert words == await connection.fetch(WORDS)
    assert followed


async def test_a_transaction_that_comes_late_is_not_passed_by(
    connection: Connection, database: Database, database_url: str
) -> None:
    await settled(connection)
    await indexing.follow(database)
    late = await asyncpg.connect(database_url)
    await prepare(late)
    open_ = late.transaction()
    await open_.start()
    await make.product(late, 1, product_name="late")
    await make.product(connection, 2, product_name="early")
    assert await indexing.follow(database) == 0  # its turn comes when nothing before it can come any more
    await open_.commit()
    await late.close()
    await settled(connection)
    assert await indexing.follow(database) == 2
    assert sorted(await names(connection)) == ["early", "late"]


async def test_words_of_hidden_retailers_are_nobodys(connection: Connection, database: Database) -> None:
    """They would be suggested and corrected to; who may see the retailer still finds it by them."""
    owner = await make.insert(connection, "organizations", name="Owner")
    await make.insert(connection, "retailers", name="Everybodys Quxmart")
    await make.insert(connection, "retailers", name="Zorblax Depot", organization_id=owner)
    await make.insert(connection, "retailers", name="Everybodys Foldedshop", is_active=False)
    await indexing.everything(database)
    known = await vocabulary.load(Context(Reader(database)), 0)
    assert (known.frequency, known.spelling.corrections("zorblx")) == ({"everybody": 1, "quxmart": 1}, [])
    await connection.execute("DELETE FROM retailers WHERE organization_id = $1", owner)
    assert (await vocabulary.load(Context(Reader(database)), 0)).frequency == known.frequency


async def test_what_is_deleted_is_gone_at_once(connection: Connection, database: Database) -> None:
    retailer = await make.insert(connection, "retailers", name="Corner")
    one = await make.product(connection, 1, product_name="rare")
    await vectors.settle(database)
    await indexing.follow(database)
    await connection.execute("DELETE FROM products WHERE id = $1", one)
    await connection.execute("DELETE FROM retailers WHERE id = $1", retailer)
    counts = "SELECT (SELECT count(*) FROM search_documents), (SELECT count(*) FROM search_vectors)"
    assert tuple(await connection.fetchrow(counts)) == (0, 0)  # type: ignore[arg-type]
    await settled(connection)
    await indexing.follow(database)
    assert await connection.fetch(WORDS) == []  # the product's event has the retailer's counted, too
    await make.insert(connection, "retailers", name="Gone")
    await settled(connection)
    await indexing.follow(database)
    await connection.execute("DELETE FROM retailers")
    await indexing.recount_words(database)
    assert await connection.fetch(WORDS) == []


async def test_what_is_deleted_while_it_is_read(
    connection: Connection, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await indexing.follow(database)
    await make.product(connection, 1, product_name="stays")
    gone = await make.product(connection, 2, product_name="goes")
    await settled(connection)
    read = documents.read

    async def deleting(*given: Any) -> Any:
        found = await read(*given)
        await connection.execute("DELETE FROM products WHERE id = $1", gone)
        return found

    monkeypatch.setattr(documents, "read", deleting)
    await indexing.follow(database)
    assert await names(connection) == ["stays"]


async def test_a_document_older_than_its_product(connection: Connection, database: Database) -> None:
    one = await make.product(connection, 1, product_name="before")
    await settled(connection)
    await indexing.follow(database)
    version = await connection.fetchval(VERSION)
    assert await connection.fetch(STALE) == []
    await make.insert(connection, "ingredients", product_id=one, name="milk")  # the product's own row does not change
    assert [row["id"] for row in await connection.fetch(STALE)] == [one]
    await settled(connection)
    assert await indexing.follow(database) == 1
    assert await connection.fetch(STALE) == []
    assert await connection.fetchval("SELECT named FROM search_documents") == ["milk"]
    assert await connection.fetchval(VERSION) > version
    await connection.execute(
        "INSERT INTO events (type, entity, entity_id) VALUES ('product.recalled', 'product', $1)", one
    )
    await settled(connection)
    assert await indexing.follow(database) == 0  # nothing that it is searched by


async def test_another_database_is_read_from_the_beginning(connection: Connection, database: Database) -> None:
    """A backup that was restored on another server: places in its outbox mean nothing there."""
    await make.product(connection, 1, product_name="one")
    await settled(connection)
    await indexing.follow(database)
    await connection.execute("UPDATE search_progress SET origin = 'other', transaction = '999999999999'")
    await connection.execute("UPDATE search_documents SET embedded_text = 'wrong'")
    assert (await status_of(database)).behind is None
    await indexing.follow(database)
    assert await names(connection) == ["one"]
    assert (await status_of(database)).behind == 0


async def test_of_two_at_once_one_writes(connection: Connection, database: Database) -> None:
    await indexing.follow(database)
    for number in range(30):
        await make.product(connection, number, product_name=f"n{number}")
    await settled(connection)
    done = await asyncio.gather(indexing.follow(database), indexing.follow(database), indexing.everything(database))
    assert sum(done[:2]) == 30
    assert len(await names(connection)) == 30
    assert await connection.fetch(WORDS) == await connection.fetch(REAL_WORDS)


async def test_status(connection: Connection, database: Database) -> None:
    await make.brand(connection, "Acme")
    found = await status_of(database)
    assert (found.documents, found.behind, found.models) == ([("product", 0, 0), ("brand", 0, 1), ("retailer", 0, 0)],
                                                             None, [])  # fmt: skip
    await settled(connection)
    await indexing.follow(database)
    await make.product(connection, 1)
    found = await status_of(database)
    assert (list(found.documents), found.behind) == ([("product", 0, 1), ("brand", 1, 1), ("retailer", 0, 0)], 1)
    assert {kind.value for kind in DocumentKind} == {"product", "brand", "retailer"}
