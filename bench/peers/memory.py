"""The shop in memory: the bare answer, the engine, Strawberry as it comes.

`uvicorn --factory bench.peers.memory:bare` and so on; each answers POST /graphql.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader

from bench.peers import shop
from closient_gql.engine import Asked, Many, Operations
from closient_gql.server.app import settle

Answer = Callable[[dict[str, Any]], Awaitable[bytes]]


def serving(answer: Answer) -> Starlette:
    async def endpoint(request: Request) -> Response:
        return Response(await answer(orjson.loads(await request.body())), media_type="application/json")

    app = Starlette()
    app.add_route("/graphql", endpoint, methods=["POST"])
    settle()
    return app


# --- the bare answer


def writer(of: dict[str, str], more: str = "") -> Callable[..., dict[str, Any]]:
    """A function with a dict display of all fields: nothing in Python is quicker."""
    parts = [f"{shop.camel(name)!r}: o.{name}{'.value' if name == 'status' else ''}" for name in of]
    made: Callable[..., dict[str, Any]] = eval(f"lambda o: {{{', '.join(parts)}}}")
    return made


product_of, brand_of, offer_of, location_of = map(writer, (shop.PRODUCT, shop.BRAND, shop.OFFER, shop.LOCATION))


def products(first: int) -> list[dict[str, Any]]:
    rows = shop.PRODUCTS[:first]
    brands = {id: brand_of(shop.BRAND_BY_ID[id]) for id in {row.brand_id for row in rows}}
    found = []
    for row in rows:
        product = product_of(row)
        product["brand"] = brands[row.brand_id]
        offers = product["offers"] = []
        for offer in shop.OFFERS_OF[row.id]:
            shown = offer_of(offer)
            shown["location"] = location_of(shop.LOCATION_BY_ID[offer.location_id])
            offers.append(shown)
        found.append(product)
    return found


def product(id: str) -> dict[str, Any]:
    row = shop.PRODUCT_BY_ID[id]
    brand = shop.BRAND_BY_ID[row.brand_id]
    return {
        "id": row.id, "name": row.name, "gtin": row.gtin, "price": row.price, "status": row.status.value,
        "brand": {"id": brand.id, "name": brand.name},
    }  # fmt: skip


def bare() -> Starlette:
    async def answer(given: dict[str, Any]) -> bytes:
        variables = given["variables"]
        if "id" in variables:
            return orjson.dumps({"data": {"product": product(variables["id"])}})
        return orjson.dumps({"data": {"products": products(variables["first"])}})

    return serving(answer)


# --- with a graph

Status = strawberry.enum(shop.Status, name="Status")
TYPES = {"ID": strawberry.ID, "String": str, "Float": float, "Int": int, "Boolean": bool, "DateTime": datetime,
         "Status": Status}  # fmt: skip
Batch = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]


def declared(name: str, of: dict[str, str], more: dict[str, Any]) -> Any:
    """A Strawberry type with these fields."""
    hints: dict[str, Any] = {
        key: TYPES[kind.rstrip("!")] if kind.endswith("!") else TYPES[kind] | None for key, kind in of.items()
    }
    return strawberry.type(type(name, (), {"__annotations__": hints, **more}))


class Reading:
    """Where rows come from. Those in memory here; from PostgreSQL in database.py."""

    async def products(self, first: int, asked: Asked) -> Sequence[Any]:
        return shop.PRODUCTS[:first]

    async def product(self, id: str, asked: Asked) -> Any:
        return shop.PRODUCT_BY_ID.get(id)

    async def brands(self, products: Sequence[Any], asked: Asked) -> Sequence[Any]:
        return [shop.BRAND_BY_ID[row.brand_id] for row in products]

    async def offers(self, products: Sequence[Any], asked: Asked) -> Sequence[Any]:
        return [shop.OFFERS_OF[row.id] for row in products]

    async def locations(self, offers: Sequence[Any], asked: Asked) -> Sequence[Any]:
        return [shop.LOCATION_BY_ID[row.location_id] for row in offers]


def schema_of(reading: Reading, extensions: Sequence[Any] = ()) -> strawberry.Schema:
    """The graph. Resolvers use a DataLoader, as one does with Strawberry; the engine takes the batch functions."""
    everything = Asked()

    def field(kind: Any, batch: Any) -> Any:
        async def resolve(root: Any, info: strawberry.Info) -> Any:
            return await info.context[batch.__name__].load(root)

        async def many(context: Any, parents: Sequence[Any], arguments: dict[str, Any], asked: Asked) -> Sequence[Any]:
            found: Sequence[Any] = await batch(parents, asked)
            return found

        resolve.__annotations__["return"] = kind
        return strawberry.field(resolver=resolve, metadata={"many": Many(many)})

    location = declared("Location", shop.LOCATION, {})
    brand = declared("Brand", shop.BRAND, {})
    offer = declared("Offer", shop.OFFER, {"location": field(location, reading.locations)})
    product = declared(
        "Product", shop.PRODUCT,
        {"brand": field(brand, reading.brands), "offers": field(list[offer], reading.offers)},
    )  # fmt: skip

    async def find(root: Any, first: int) -> Any:
        return await reading.products(first, everything)

    async def get(root: Any, id: strawberry.ID) -> Any:
        return await reading.product(id, everything)

    async def find_many(context: Any, parents: Any, given: dict[str, Any], asked: Asked) -> list[Any]:
        return [await reading.products(given["first"], asked)]

    async def get_many(context: Any, parents: Any, given: dict[str, Any], asked: Asked) -> list[Any]:
        return [await reading.product(given["id"], asked)]

    find.__annotations__["return"], get.__annotations__["return"] = list[product], product | None
    roots = {
        "products": strawberry.field(resolver=find, metadata={"many": Many(find_many)}),
        "product": strawberry.field(resolver=get, metadata={"many": Many(get_many)}),
    }
    return strawberry.Schema(strawberry.type(type("Query", (), roots)), extensions=list(extensions))


def compiled(reading: Reading) -> Starlette:
    """What our own endpoint does, without what is around it: prepare, execute, one dump."""
    operations = Operations(schema_of(reading)._schema, lambda field, arguments: None)

    async def answer(given: dict[str, Any]) -> bytes:
        operation = operations.prepare(given["query"], given.get("operationName"))
        result = await operation.execute(given["variables"], None)
        assert not result.errors
        return orjson.dumps({"data": result.data})

    return serving(answer)


def engine() -> Starlette:
    return compiled(Reading())


def loading(reading: Reading, extensions: Sequence[Any] = ()) -> Starlette:
    """Strawberry's own application, with DataLoaders."""

    def loader(batch: Any) -> DataLoader[Any, Any]:
        async def load(parents: list[Any]) -> Sequence[Any]:
            found: Sequence[Any] = await batch(parents, Asked())
            return found

        return DataLoader(load, cache_key_fn=id)

    class View(GraphQL[Any, Any]):
        async def get_context(self, request: Any, response: Any = None) -> Any:
            return {batch.__name__: loader(batch) for batch in (reading.brands, reading.offers, reading.locations)}

    app = Starlette()
    app.add_route("/graphql", View(schema_of(reading, extensions)), methods=["POST"])  # type: ignore[arg-type]  # an application is taken, too
    return app


def plain() -> Starlette:
    return loading(Reading())
