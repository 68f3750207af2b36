"""A small catalogue to be searched: products whose labels are known, half known and unknown."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from closient_gql.core.db import Connection, Database
from resolvers.search import indexing, status, vectors
from tests import make

FOOD = "50000000"
BREAKS = "the list breaks off here"
Coded = tuple[str, list[str], list[str]]
CLAIMS: tuple[tuple[str, str, list[str], list[str]], ...] = (
    ("VEGAN", "DIETARY", ["vegan", "vegetarian"], []),
    ("FREE_FROM_GLUTEN", "ALLERGEN_FREE", ["gluten_free"], ["gluten"]),
    ("FREE_FROM_PALM_OIL", "INGREDIENT_ABSENCE", [], []),
)
CERTIFICATIONS: tuple[Coded, ...] = (
    ("USDA_ORGANIC", ["organic"], []),
    ("CROSSED_GRAIN_SYMBOL", ["gluten_free"], ["gluten"]),
)


@dataclass(frozen=True)
class Item:
    """One product; `traces` are what it may contain, `cut` says that the list breaks off."""

    number: int
    name: str
    brand: str = ""
    listed: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    cut: bool = False
    claims: tuple[str, ...] = ()
    certified: tuple[str, ...] = ()
    until: date | None = None  # of claims and certifications
    language: str = "en"
    country: str | None = None
    description: str = ""
    values: dict[str, Any] = field(default_factory=dict)


OATS = ("oat flakes", "sugar", "palm oil", "salt")
RICE = ("rice flour", "sugar", "sunflower oil", "eggs")
ITEMS = (
    Item(1, "Oat Cookies", "Acme", OATS, country="US"),
    Item(2, "Gluten Free Rice Cookies", "Acme", RICE, claims=("FREE_FROM_GLUTEN",), country="US"),
    Item(3, "Certified Rice Cookies", "Bestow", RICE, certified=("CROSSED_GRAIN_SYMBOL", "USDA_ORGANIC"), country="FR"),
    Item(4, "Mystery Cookies", "Bestow"),
    Item(5, "Cut Cookies", "Bestow", ("rice flour", "sugar"), cut=True),
    Item(6, "Formerly Free Cookies", "Acme", ("rice flour",), cut=True, claims=("FREE_FROM_GLUTEN",),
         until=date(2020, 1, 1)),
    Item(7, "Contradicting Cookies", "Acme", ("wheat flour", "sugar"), claims=("FREE_FROM_GLUTEN", "VEGAN")),
    Item(8, "Vegan Cookies", "Caro", ("rice flour", "sugar", "palm oil"), claims=("VEGAN",)),
    Item(9, "Rice Cookies with Traces", "Caro", ("rice flour", "sugar"), traces=("peanuts", "palm kernel oil")),
    Item(10, "Biscuits sans huile", "Caro", ("farine de riz", "huile de palme"), language="fr"),
    Item(11, "Palmless Cookies", "Caro", ("rice flour",), cut=True, claims=("FREE_FROM_PALM_OIL",)),
    Item(20, "Whole Milk", "Dairyland", ("milk",), description="Fresh milk of cows."),
    Item(21, "Soy Drink", "Dairyland", ("water", "soybeans"), description="Like milk, without milk."),
    Item(22, "Hammer 1234", "Toolbox", values={"gpc_segment_code": "82000000", "net_content": ""}),
    Item(23, "Hammer 1235", "Toolbox", values={"gpc_segment_code": "82000000"}),
    Item(24, "Red Widget", "Toolbox", description="A red widget for hammers.", values={"gpc_segment_code": ""}),
    Item(25, "Blue Widget", "Toolbox", description="A widget that is blue.", values={"gpc_segment_code": ""}),
)  # fmt: skip


@dataclass
class World:
    """Ids by what they are called."""

    brands: dict[str, str] = field(default_factory=dict)
    retailers: dict[str, str] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    certifications: dict[str, str] = field(default_factory=dict)


async def fill(connection: Connection) -> World:
    """Everything but the documents and vectors: `index` makes them."""
    world = World()
    for code, category, diets, free in CLAIMS:
        world.claims[code] = await make.insert(
            connection, "claims", code=code, label=code.title(), category=category, diets=diets, free_from=free
        )
    for code, diets, free in CERTIFICATIONS:
        world.certifications[code] = await make.insert(
            connection, "certifications", code=code, label=code.title(), diets=diets, free_from=free
        )
    for item in ITEMS:
        await add(connection, world, item)
    for name, values in (("Acme Store", {}), ("Closed Store", {"is_active": False})):
        world.retailers[name] = await make.insert(connection, "retailers", name=name, **values)
    return world


async def add(connection: Connection, world: World, item: Item) -> str:
    """A product with what is printed on it, and what it carries; gives its id."""
    if item.brand and item.brand not in world.brands:
        world.brands[item.brand] = await make.brand(connection, item.brand)
    values = {"gpc_segment_code": FOOD} | item.values
    id = await make.product(
        connection, item.number, product_name=item.name, brand_id=world.brands.get(item.brand),
        description=item.description, primary_language=item.language, country_of_origin=item.country, **values,
    )  # fmt: skip
    lines = [(name, False) for name in item.listed] + [(name, True) for name in item.traces]
    for place, (name, may_contain) in enumerate(lines):
        last = item.cut and name == item.listed[-1]
        await make.insert(
            connection, "ingredients", product_id=id, name=name, may_contain=may_contain, priority=place,
            notes=BREAKS if last else "",
        )  # fmt: skip
    for code in item.claims:
        await make.insert(
            connection, "claim_assignments", product_id=id, claim_id=world.claims[code], expiration_date=item.until
        )
    for code in item.certified:
        await make.insert(
            connection, "certification_assignments", product_id=id, certification_id=world.certifications[code],
            expiration_date=item.until,
        )  # fmt: skip
    return id


async def documents(database: Database) -> None:
    """All documents, and nothing behind. What other tests do on this server is waited for: until it has ended nobody
    can tell what it will have changed."""
    await indexing.everything(database)
    await caught_up(database)


async def caught_up(database: Database) -> None:
    for _ in range(400):
        await indexing.follow(database)
        if not (await status.status_of(database)).behind:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the documents do not catch up")


async def index(url: str) -> None:
    """What a worker does: documents and vectors of all that there is."""
    database = Database(url, 3)
    try:
        await documents(database)
        await vectors.settle(database)
        await vectors.embed(database)
    finally:
        await database.close()
