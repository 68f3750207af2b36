"""Filters are promises: in SQL they say what the rules of facts say, and nothing that is not known."""

import random
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from closient_gql.core.db import Connection, Database, Query, Reader
from closient_gql.core.models.account import KeyKind, MemberRole
from closient_gql.core.models.search import SearchDocument
from resolvers.certifications import clock, known
from resolvers.certifications.facts import Allergen, DietType, Presence, Suitability
from resolvers.context import Context
from resolvers.products.queries import products_by_id
from resolvers.search.asked import Filters, SearchKind
from resolvers.search.filters import filtering, joined
from resolvers.search.label import label_of, normal
from resolvers.search.substances import pattern_of
from resolvers.viewer import Viewer
from tests import make
from tests.certifications.test_facts import food
from tests.conftest import Client
from tests.search import world
from tests.search.asking import names
from tests.search.world import Item

D = SearchDocument
NAMES = (
    "wheat flour", "rice flour", "oat flakes", "milk powder", "soy lecithin", "peanuts", "almonds", "sesame seeds",
    "salt", "palm oil", "Palm Kernel Oils", "sucralose", "water", "tuna", "shrimps", "mustard seeds", "celery", "eggs",
    "soy sauce", "spices", "beef gelatin", "honey", "red wine", "bacon",
)  # fmt: skip
KNOWN_FREE = (Presence.FREE_FROM, Presence.NOT_NAMED)


@pytest.fixture
async def ctx(database_url: str) -> AsyncIterator[Context]:
    database = Database(database_url, 3)
    yield Context(Reader(database))
    await database.close()


async def passing(ctx: Context, **filters: Any) -> set[str]:
    """Ids of the products that a filter leaves."""
    shape, values = filtering(Filters(**filters), ctx.viewer)
    rows: Any = await ctx.read.all(Query(D, joined(select(D.id).select_from(D)).where(*shape.conditions)), **values)
    return {row.id for row in rows}


def anything(rng: random.Random, number: int) -> Item:
    """A product with any label, claims that hold, and claims that do not."""
    day = clock.today()
    until = rng.choice([None, None, day, day - timedelta(days=1), date(2020, 1, 1)])
    return Item(
        number, f"Product {number}", "Acme", tuple(rng.sample(NAMES, rng.choice([0, 1, 2, 3]))),
        tuple(rng.sample(NAMES, rng.choice([0, 0, 0, 1]))), cut=rng.random() < 0.2,
        claims=tuple(rng.sample([code for code, *_ in world.CLAIMS], rng.choice([0, 0, 1, 2]))),
        certified=tuple(rng.sample([code for code, *_ in world.CERTIFICATIONS], rng.choice([0, 0, 1]))),
        until=until, language=rng.choice(["en", "en", "fr", "fi", ""]),
        values={"gpc_segment_code": rng.choice([world.FOOD, world.FOOD, world.FOOD, "", "82000000"])},
    )  # fmt: skip


async def test_filters_say_what_the_facts_say(connection: Connection, ctx: Context) -> None:
    """Of 200 products with any label: each allergen, each diet, and two of each together."""
    rng = random.Random(7)
    made = await world.fill(connection)
    ids = [await world.add(connection, made, anything(rng, n)) for n in range(100, 300)]
    await world.documents(ctx.read.database)
    products = [each for each in await products_by_id(ctx, ids) if each]
    allergens = {p.id: {f.allergen: f.presence for f in facts} for p, facts in
                 zip(products, await known.allergens_of(ctx, products), strict=True)}  # fmt: skip
    diets = {p.id: {f.diet for f in facts if f.suitability is Suitability.SUITABLE} for p, facts in
             zip(products, await known.diets_of(ctx, products), strict=True)}  # fmt: skip
    for some in [
        *([a] for a in Allergen),
        [Allergen.GLUTEN, Allergen.MILK],
        [Allergen.PEANUTS, Allergen.NUTS],
        [Allergen.MUSTARD, Allergen.GLUTEN, Allergen.PEANUTS],
    ]:
        free = {id for id in ids if all(allergens[id][each] in KNOWN_FREE for each in some)}
        assert await passing(ctx, exclude_allergens=tuple(each.value for each in some)) & set(ids) == free, some
        kept = {
            id
            for id in ids
            if not any(allergens[id][each] in (Presence.CONTAINS, Presence.MAY_CONTAIN) for each in some)
        }
        lenient = await passing(ctx, exclude_allergens=tuple(each.value for each in some), keep_unknown=True)
        assert lenient & set(ids) == kept, some
    for wanted in [*({d} for d in DietType), {DietType.VEGAN, DietType.GLUTEN_FREE}]:
        suited = {id for id in ids if wanted <= diets[id]}
        assert await passing(ctx, diets=tuple(each.value for each in wanted)) & set(ids) == suited, wanted
    assert 0 < len(await passing(ctx, exclude_allergens=("gluten",))) < 200  # the sample has both


async def test_what_changed_since_it_was_indexed_promises_nothing(connection: Connection, ctx: Context) -> None:
    made = await world.fill(connection)
    id = await world.add(connection, made, Item(500, "Plain", listed=("rice flour",)))
    await world.documents(ctx.read.database)
    free = {"exclude_allergens": ("milk",)}
    assert id in await passing(ctx, **free)
    await make.insert(connection, "ingredients", product_id=id, name="milk", priority=9)
    assert id not in await passing(ctx, **free)  # at once, before anything is indexed
    await connection.execute("DELETE FROM ingredients WHERE product_id = $1 AND name = 'milk'", id)
    assert id not in await passing(ctx, **free)  # it is right again, and nobody knows yet
    assert id in await passing(ctx, **free, keep_unknown=True)
    await world.caught_up(ctx.read.database)
    assert id in await passing(ctx, **free)
    await connection.execute("UPDATE search_progress SET origin = 'another'")  # a backup, on another server
    assert id not in await passing(ctx, **free)
    await connection.execute("DELETE FROM search_progress")  # documents are being made for the first time
    assert id in await passing(ctx, **free)
    await connection.execute("UPDATE products SET product_name = 'Other' WHERE id = $1", id)
    assert id not in await passing(ctx, **free)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"excludeAllergens": ["GLUTEN"]}, ["Certified Rice Cookies", "Gluten Free Rice Cookies",
                                            "Rice Cookies with Traces", "Vegan Cookies"]),
        ({"excludeAllergens": ["GLUTEN", "PEANUTS"]}, ["Certified Rice Cookies", "Gluten Free Rice Cookies",
                                                       "Vegan Cookies"]),
        ({"diets": ["GLUTEN_FREE"]}, ["Certified Rice Cookies", "Gluten Free Rice Cookies"]),
        ({"diets": ["GLUTEN_FREE"], "certifications": ["usda-organic"]}, ["Certified Rice Cookies"]),
        ({"certifications": ["Vegan"]}, ["Contradicting Cookies", "Vegan Cookies"]),
        ({"certifications": ["no_such_thing"]}, []),
        ({"avoidSubstances": ["palm oil"]}, ["Certified Rice Cookies", "Contradicting Cookies",
                                             "Gluten Free Rice Cookies", "Palmless Cookies"]),
        ({"countriesOfOrigin": ["US"]}, ["Gluten Free Rice Cookies", "Oat Cookies"]),
        ({"gpcCodes": ["50000000"], "isClaimed": False, "countriesOfOrigin": ["FR"]}, ["Certified Rice Cookies"]),
        ({"isClaimed": True}, []),
    ],
)  # fmt: skip
async def test_filters_of_the_graph(unlimited: Client, filters: Any, found: list[str]) -> None:
    """What is unknown does not pass: mystery, lists that break off, claims that ran out or that the label denies."""
    assert sorted(await names(unlimited, "cookies", filters=filters)) == found


async def test_recalls_and_prices(connection: Connection, database_url: str) -> None:
    made = await world.fill(connection)
    one, two = make.make_id(1), make.make_id(2)
    recall = await make.insert(connection, "recalls", source_system="FDA", title="Recall", status="ONGOING")
    await connection.execute("INSERT INTO recall_products (recall_id, gtin, product_id) VALUES ($1, $2, $3)",
                             recall, make.make_gtin(1), one)  # fmt: skip
    store = await make.insert(connection, "online_stores", retailer_id=made.retailers["Acme Store"], currency="USD",
                              url="https://acme.example", domain="acme.example")  # fmt: skip
    for product, price in ((one, 5), (two, 9)):
        await make.insert(connection, "online_offers", product_id=product, online_store_id=store, price=price)
    database = Database(database_url, 2)
    await world.documents(database)
    ctx = Context(Reader(database))
    assert await passing(ctx, recalled=True) == {one}
    assert one not in await passing(ctx, recalled=False)
    assert await passing(ctx, price_max=Decimal("5"), currency="USD") == {one}
    assert await passing(ctx, price_min=Decimal("5.01"), currency="USD") == {two}
    assert await passing(ctx, price_min=Decimal("0"), currency="EUR") == set()
    await connection.execute("UPDATE online_offers SET status = 'discontinued' WHERE product_id = $1", one)
    assert await passing(ctx, price_min=Decimal("0"), currency="USD") == {two}
    await database.close()


async def test_retailers_are_seen_by_their_own(connection: Connection, ctx: Context) -> None:
    await world.fill(connection)
    account = await make.account(connection)
    await make.insert(connection, "retailers", name="Ours", organization_id=account.organization_id)
    await world.documents(ctx.read.database)
    assert len(await passing(ctx, kinds=(SearchKind.RETAILER,))) == 1  # neither theirs nor what is closed
    ctx.viewer = Viewer(KeyKind.USER, memberships={account.organization_id: MemberRole.OWNER})
    assert len(await passing(ctx, kinds=(SearchKind.RETAILER,))) == 2
    ctx.viewer = Viewer(KeyKind.PUBLISHABLE, organization_id=account.organization_id)
    assert len(await passing(ctx, kinds=(SearchKind.RETAILER,))) == 1


@pytest.mark.parametrize(
    ("slug", "listed"),
    [
        ("strawberry", "Strawberries"), ("strawberries", "strawberry puree"), ("tomato", "Tomatoes"),
        ("potatoes", "potato"), ("radish", "radishes"), ("chili", "chilies"), ("kiwi", "kiwis"),
        ("paraben", "Methylparaben"),
        ("sulfate", "Sodium Laureth Sulfate"), ("e951", "aspartame"), ("gelatine", "GELATIN"), ("parfum", "Fragrance"),
        ("monosodium-glutamate", "E621"), ("red-meat", "beef"), ("sulfates", "SLES"),
        ("artificial-sweetener", "sucralose"),
    ],
)  # fmt: skip
def test_substances_are_found_by_any_of_their_names(slug: str, listed: str) -> None:
    pattern = pattern_of(slug)
    assert pattern
    assert re.search(pattern, f" {normal(listed)} ")
    assert re.search(pattern_of("water", slug) or "", f" {normal(listed)} ")  # one for all of them


def test_what_only_its_name_says_is_no_milk_passes_no_filter() -> None:
    assert label_of(food("Soy milk, vegan butter")).named == ("milk", "soybeans")
    assert label_of(food("Soy milk, coconut cream")).named == ("soybeans",)
