"""Lists: pages and cursors visit every row once, in order, also while rows are added."""

import base64
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import asyncpg
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closient_gql.core.db import Connection, Database, Reader, prepare
from closient_gql.core.errors import Invalid
from closient_gql.core.paging import Window, read_cursor, totals_of
from resolvers.brands.queries import BRANDS
from resolvers.products.queries import PRODUCTS
from tests import make

ORDERS = ["product_name", "-product_name", "created", "-created", "confidence_score", "-confidence_score", "brand"]


@pytest.fixture
async def read(database_url: str, connection: Connection) -> AsyncIterator[Reader]:
    """60 products; names, confidences and times repeat, so that ties are broken by id."""
    brands = [await make.brand(connection, name) for name in ("Beta", "alpha")]
    for n in range(60):
        await make.product(
            connection, n, product_name=f"Name {n % 7}", confidence_score=(n % 5) / 4,
            brand_id=brands[n % 3] if n % 3 < 2 else None,
        )  # fmt: skip
    database = Database(database_url, 2)
    yield Reader(database)
    await database.close()


async def walk(read: Reader, order: str, size: int, backward: bool) -> list[str]:
    """The whole list by cursors."""
    seen: list[str] = []
    cursor: str | None = None
    while True:
        window = Window(last=size, before=cursor) if backward else Window(first=size, after=cursor)
        (found,) = await PRODUCTS.slices(read, window, order=order)
        ids = [row.id for row in found.nodes]
        seen = ids + seen if backward else seen + ids
        info = found.page_info
        more, cursor = (
            (info.has_previous_page, info.start_cursor) if backward else (info.has_next_page, info.end_cursor)
        )
        if not more:
            return seen


@pytest.mark.parametrize("order", ORDERS)
async def test_pages_and_cursors_agree(read: Reader, order: str) -> None:
    (whole,) = await PRODUCTS.slices(read, Window(page_size=100), order=order)
    ids = [row.id for row in whole.nodes]
    assert len(set(ids)) == 60
    pages = []
    for number in range(1, 8):
        (page,) = await PRODUCTS.slices(read, Window(page=number, page_size=9), order=order)
        pages += [row.id for row in page.nodes]
    assert pages == ids
    assert await walk(read, order, 7, backward=False) == ids
    assert await walk(read, order, 7, backward=True) == ids
    (past,) = await PRODUCTS.slices(read, Window(page=99, page_size=9), order=order)
    assert list(past.nodes) == []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.sampled_from(ORDERS), size=st.integers(1, 100), backward=st.booleans())
async def test_any_size_visits_every_row_once(read: Reader, order: str, size: int, backward: bool) -> None:
    seen = await walk(read, order, size, backward)
    assert len(seen) == len(set(seen)) == 60


async def test_rows_added_on_the_way_move_nothing(read: Reader, connection: Connection) -> None:
    (first,) = await PRODUCTS.slices(read, Window(first=30), order="product_name")
    await make.product(connection, 1000, product_name="AAA")  # ahead of everything
    await make.product(connection, 1001, product_name="zzz")  # behind everything
    (rest,) = await PRODUCTS.slices(read, Window(first=100, after=first.page_info.end_cursor), order="product_name")
    ids = [row.id for row in (*first.nodes, *rest.nodes)]
    assert len(ids) == len(set(ids)) == 61
    assert make.make_id(1000) not in ids


async def test_totals_of_several_lists_are_counted_apart(read: Reader) -> None:
    (all_,) = await PRODUCTS.slices(read, Window(first=1), order="created")
    (some,) = await PRODUCTS.slices(read, Window(first=1), order="created", q="name 3")
    (none,) = await PRODUCTS.slices(read, Window(first=1), order="created", q="nothing")
    before = len(read.statements)
    assert await totals_of(read, [all_, some, none, all_]) == [60, 9, 0, 60]
    assert len(read.statements) == before + 3


async def test_a_list_without_conditions_is_counted_whole(read: Reader) -> None:
    (brands,) = await BRANDS.slices(read, Window(first=1), order="name")
    assert await totals_of(read, [brands]) == [2]


@pytest.mark.parametrize(
    ("cursor", "problem"),
    [
        ("nonsense!", "is not a cursor"),
        ("", "is not a cursor"),
        ("e30", "is not a cursor"),  # {}
        ("WzFd", "is not a cursor"),  # [1]
        ("W251bGwsbnVsbCxudWxsLG51bGxd", "is a cursor of another list or order"),
        ("é", "is not a cursor"),
    ],
)
async def test_broken_cursors(read: Reader, cursor: str, problem: str | None) -> None:
    if problem is None:
        await PRODUCTS.slices(read, Window(after=cursor), order="created")
        return
    with pytest.raises(Invalid) as caught:
        await PRODUCTS.slices(read, Window(after=cursor), order="created")
    assert caught.value.details == [{"field": "after", "message": problem}]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (datetime, "0001-01-01T00:00:00+14:00"),
        (datetime, "9999-12-31T23:00:00-14:00"),
        (datetime, "2026-13-01"),
        (int, 2**31),
        (int, -(2**31) - 1),
        (int, True),
    ],
)
def test_cursors_with_values_that_no_row_has(kind: type, value: Any) -> None:
    cursor = base64.urlsafe_b64encode(orjson.dumps(["list", "order", value, "id"])).decode()
    with pytest.raises(Invalid):
        read_cursor(cursor, "after", "list", "order", kind)


async def test_a_cursor_of_another_order_is_foreign(read: Reader) -> None:
    (found,) = await PRODUCTS.slices(read, Window(first=1), order="created")
    with pytest.raises(Invalid) as caught:
        await PRODUCTS.slices(read, Window(before=found.page_info.end_cursor), order="product_name")
    assert caught.value.details == [{"field": "before", "message": "is a cursor of another list or order"}]


@pytest.mark.parametrize("mixed", [{"page": 1, "first": 2}, {"page_size": 2, "after": "x"}, {"first": 1, "last": 1}])
def test_pages_and_cursors_do_not_mix(mixed: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        Window(**mixed)  # type: ignore[arg-type]


async def test_raw_fetching_gives_what_sqlalchemy_gives(database_url: str) -> None:
    """Records skip SQLAlchemy's type processors: both ways must agree on every column."""
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import create_async_engine

    from closient_gql.core.models.products import Product

    plain = await asyncpg.connect(database_url)
    await prepare(plain)
    await make.product(plain, 1, metadata={"a": "ü"}, labels=["x", "y"], field_confidence={"gtin": 0.25},
                       net_content_value=1.5, country_of_origin="DE")  # fmt: skip
    await plain.close()
    database = Database(database_url, 1)
    (record,) = (await PRODUCTS.slices(Reader(database), Window(first=1), order="created"))[0].nodes
    await database.close()
    engine = create_async_engine(database_url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:
        row = (await connection.execute(select(Product.__table__))).mappings().one()
    await engine.dispose()
    assert {name: record[name] for name in row} == dict(row)  # type: ignore[index]
