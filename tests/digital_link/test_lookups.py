"""Look-ups of codes that are not remembered: many at once, each with what is its own."""

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any

import pytest

from closient_gql.core.db import Connection, Database
from closient_gql.core.errors import Unavailable
from closient_gql.core.gs1 import Element
from resolvers.digital_link.lookups import Lookups, Path
from tests import make


class Counted(Lookups):
    """Notes how many paths each statement is about."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.batches: list[int] = []

    async def _found(self, paths: Collection[Path]) -> Any:
        self.batches.append(len(paths))
        return await super()._found(paths)


@pytest.fixture
async def lookups(database_url: str) -> AsyncIterator[Counted]:
    database = Database(database_url, 1)
    yield Counted(database)
    await database.close()


def gtin(number: int) -> Path:
    return (Element("01", make.make_gtin(number)),)


async def test_as_many_as_last_time_go_together(lookups: Counted, connection: Connection) -> None:
    for number in range(24):
        await make.product(connection, number)

    async def ask(begin: int) -> list[str | None]:
        return [(known := await lookups.of(gtin(begin + n))).product and known.product.gtin for n in range(4)]

    found = await asyncio.gather(*(ask(begin) for begin in range(0, 24, 4)))
    assert [each for four in found for each in four] == [make.make_gtin(n) for n in range(24)]
    assert lookups.batches == [1, 6, 6, 6, 5]
    for _ in range(2):  # nobody else comes in the moment
        assert (await lookups.of(gtin(30))).product is None
    assert lookups.batches[5:] == [1, 1]


async def test_a_key_of_another_kind_is_not_the_product(lookups: Counted, connection: Connection) -> None:
    """A GRAI can have the digits of a GTIN."""
    await make.product(connection, 1)
    same = (Element("8003", make.make_gtin(1)),)
    first, *rest = await asyncio.gather(*(lookups.of(path) for path in (gtin(2), gtin(1), same)))
    assert lookups.batches == [1, 2]
    assert [each.product is not None for each in (first, *rest)] == [False, True, False]


async def test_all_hear_of_a_database_that_is_away(lookups: Counted, connection: Connection) -> None:
    await make.product(connection, 1)
    there, lookups.database = lookups.database, Database("postgresql://nobody@127.0.0.1:1/none", 1)
    found = await asyncio.gather(*(lookups.of(gtin(number)) for number in (1, 1, 2)), return_exceptions=True)
    assert [type(each) for each in found] == [Unavailable] * 3
    lookups.database = there
    known = await lookups.of(gtin(1))
    assert known.product is not None
