"""The shop in PostgreSQL: one statement that gives the whole answer, the engine, Strawberry over SQLAlchemy's ORM.

`uvicorn --factory bench.peers.database:engine` and so on; SHOP_URL says where it is.
"""

import asyncio
import os
from collections.abc import Sequence
from functools import cache
from typing import Any

import asyncpg
import orjson
from sqlalchemy import Boolean, Column, DateTime, Float, Integer, MetaData, Table, Text, select
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import registry
from starlette.applications import Starlette

from bench.peers import memory, shop
from closient_gql.core.db import Row
from closient_gql.engine import Asked

CONNECTIONS = 8
OF = {"product": shop.PRODUCT, "brand": shop.BRAND, "offer": shop.OFFER, "location": shop.LOCATION}


class Pool:
    """Connections, made when the first is needed."""

    def __init__(self) -> None:
        self._pool: Any = None
        self._making = asyncio.Lock()

    async def fetch(self, sql: str, *given: Any) -> list[Any]:
        async with self._making:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    os.environ["SHOP_URL"], min_size=CONNECTIONS, max_size=CONNECTIONS, record_class=Row,
                    server_settings={"search_path": "shop", "jit": "off"},
                )  # fmt: skip
        async with self._pool.acquire() as connection:
            return list(await connection.fetch(sql, *given))


def whole_answer() -> str:
    """The statement that PostgreSQL answers the question with by itself."""

    def pairs(table: str, of: dict[str, str]) -> str:
        return ", ".join(f"'{shop.camel(name)}', {table}.{name}" for name in of)

    location = f"json_build_object({pairs('l', shop.LOCATION)})"
    offer = f"json_build_object({pairs('o', shop.OFFER)}, 'location', {location})"
    offers = f"""(SELECT json_agg({offer}) FROM offer o JOIN location l ON l.id = o.location_id
        WHERE o.product_id = p.id)"""  # noqa: S608  names of our own
    each = f"""json_build_object({pairs("p", shop.PRODUCT)}, 'brand', json_build_object({pairs("b", shop.BRAND)}),
        'offers', coalesce({offers}, '[]'))"""
    return f"""SELECT json_build_object('data', json_build_object('products', coalesce(
        json_agg({each} ORDER BY p.id), '[]')))::text
        FROM (SELECT * FROM product ORDER BY id LIMIT $1) p JOIN brand b ON b.id = p.brand_id"""  # noqa: S608


def json_agg() -> Starlette:
    pool, sql = Pool(), whole_answer()

    async def answer(given: dict[str, Any]) -> bytes:
        ((text,),) = await pool.fetch(sql, given["variables"]["first"])
        return bytes(text, "utf-8")

    return memory.serving(answer)


class Reading(memory.Reading):
    """Batch functions over records; of each table the columns that are asked for, and the keys."""

    def __init__(self) -> None:
        self.pool = Pool()

    @staticmethod
    @cache
    def sql(table: str, asked: Asked, behind: str, *keys: str) -> str:
        names = sorted(asked.attributes | set(keys)) if asked.attributes else [*OF[table], *keys]
        return f"SELECT {', '.join(dict.fromkeys(names))} FROM {table} {behind}"  # noqa: S608  names of our own

    async def products(self, first: int, asked: Asked) -> Sequence[Any]:
        sql = self.sql("product", asked, "ORDER BY id LIMIT $1", "id", "brand_id")
        return await self.pool.fetch(sql, first)

    async def product(self, id: str, asked: Asked) -> Any:
        found = await self.pool.fetch(self.sql("product", asked, "WHERE id = $1", "id", "brand_id"), id)
        return found[0] if found else None

    async def brands(self, products: Sequence[Any], asked: Asked) -> Sequence[Any]:
        return await self.by_id("brand", [row["brand_id"] for row in products], asked)

    async def locations(self, offers: Sequence[Any], asked: Asked) -> Sequence[Any]:
        return await self.by_id("location", [row["location_id"] for row in offers], asked)

    async def by_id(self, table: str, keys: Sequence[str], asked: Asked) -> Sequence[Any]:
        rows = await self.pool.fetch(self.sql(table, asked, "WHERE id = ANY($1::text[])", "id"), list({*keys}))
        found = {row["id"]: row for row in rows}
        return [found[key] for key in keys]

    async def offers(self, products: Sequence[Any], asked: Asked) -> Sequence[Any]:
        found: dict[str, list[Any]] = {row["id"]: [] for row in products}
        sql = self.sql("offer", asked, "WHERE product_id = ANY($1::text[])", "product_id", "location_id")
        for row in await self.pool.fetch(sql, list(found)):
            found[row["product_id"]].append(row)
        return list(found.values())


def engine() -> Starlette:
    return memory.compiled(Reading())


class Mapped(memory.Reading):
    """The same by SQLAlchemy's ORM."""

    def __init__(self) -> None:
        status = ENUM(shop.Status, name="status", create_type=False)
        kinds = {"ID": Text, "String": Text, "Float": Float, "Int": Integer, "Boolean": Boolean,
                 "DateTime": DateTime(timezone=True), "Status": status}  # fmt: skip
        more = {"offer": ("product_id", "location_id")}
        metadata, mapper = MetaData(schema="shop"), registry()
        self.models: dict[str, Any] = {}
        for name, of in OF.items():
            columns: list[Column[Any]] = [
                Column(key, kinds[kind.rstrip("!")], primary_key=key == "id") for key, kind in of.items()
            ]
            columns += [Column(key, Text) for key in more.get(name, ())]
            self.models[name] = type(name.title(), (), {})
            mapper.map_imperatively(self.models[name], Table(name, metadata, *columns))
        url = os.environ["SHOP_URL"].replace("postgresql:", "postgresql+asyncpg:", 1)
        made = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0)
        self.session = async_sessionmaker(made, expire_on_commit=False)

    async def all(self, statement: Any) -> Sequence[Any]:
        async with self.session() as session:
            return (await session.scalars(statement)).all()

    async def products(self, first: int, asked: Asked) -> Sequence[Any]:
        model = self.models["product"]
        return await self.all(select(model).order_by(model.id).limit(first))

    async def by_id(self, name: str, keys: Sequence[str]) -> Sequence[Any]:
        model = self.models[name]
        found = {row.id: row for row in await self.all(select(model).where(model.id.in_({*keys})))}
        return [found[key] for key in keys]

    async def brands(self, products: Sequence[Any], asked: Asked) -> Sequence[Any]:
        return await self.by_id("brand", [row.brand_id for row in products])

    async def locations(self, offers: Sequence[Any], asked: Asked) -> Sequence[Any]:
        return await self.by_id("location", [row.location_id for row in offers])

    async def offers(self, products: Sequence[Any], asked: Asked) -> Sequence[Any]:
        model, found = self.models["offer"], {row.id: list[Any]() for row in products}
        for row in await self.all(select(model).where(model.product_id.in_(list(found)))):
            found[row.product_id].append(row)
        return list(found.values())


def plain() -> Starlette:
    return memory.loading(Mapped())


def route() -> Starlette:
    """The bare route that REST is measured against: one indexed select of all columns of the same product."""
    pool = Pool()

    async def answer(request: Any) -> memory.Response:
        rows = await pool.fetch("SELECT * FROM public.products WHERE gtin = $1", request.path_params["gtin"])
        return memory.Response(orjson.dumps(dict(rows[0])), media_type="application/json")

    app = Starlette()
    app.add_route("/products/api/v1/products/{gtin}", answer)
    memory.settle()
    return app
