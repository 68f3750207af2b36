"""The demo data: loaded whole and once, exact facts of real products, and a key that survives restarts."""

import asyncio
import os
import pathlib
import stat
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from closient_gql.core.db import Connection, prepare
from closient_gql.core.gs1.gtin import parse_gtin
from closient_gql.core.ids import PATTERN
from closient_gql.core.keys import hash_key, key_kind
from closient_gql.core.models.account import KeyKind
from closient_gql.core.models.products import LabelFormat, NutrientUnit
from closient_gql.core.settings import Settings
from closient_gql.server import demo
from closient_gql.server.demo_rows import demo_id
from tests.databases import clone

COUNTS = {
    "users": 1, "organizations": 1, "memberships": 1, "brands": 496, "product_categories": 379, "products": 1735,
    "product_images": 1900, "ingredients": 24338, "nutrition_facts": 932, "nutrient_values": 10471, "locations": 3244,
    "demo_sets": len(demo.DEMO_SETS),
}  # fmt: skip
SETS = sorted(demo.DEMO_SETS)
OTHERS = ("users", "organizations", "memberships", "locations", "demo_sets")  # that are not of the products' set
NUTELLA = "00009800895007"


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database_url)
    await prepare(connection)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
def loaded_url(prefix: str, demo_template: str) -> str:
    return clone(f"{prefix}_loaded", demo_template)


@pytest.fixture
async def loaded(loaded_url: str) -> AsyncIterator[Connection]:
    """The demo data as it was loaded, to be read only."""
    connection = await asyncpg.connect(loaded_url)
    await prepare(connection)
    yield connection
    await connection.close()


@pytest.fixture
def settings(tmp_path: pathlib.Path) -> Settings:
    return Settings(home=tmp_path / "home")


async def counts(connection: Connection) -> dict[str, int]:
    return {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in COUNTS}  # noqa: S608


async def fetch(connection: Connection, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await connection.fetch(sql, *arguments)]


async def test_loads_once_and_shows_progress(connection: Connection) -> None:
    seen: list[tuple[int, int]] = []
    assert sorted(await demo.load(connection, lambda done, total: seen.append((done, total)))) == SETS
    assert await counts(connection) == COUNTS
    begins = [place for place, (done, _) in enumerate(seen) if done == 0]
    parts = [seen[begin:end] for begin, end in pairwise([*begins, len(seen)])]
    assert len(parts) == len(SETS)
    assert parts[0][-1][1] == sum(n for table, n in COUNTS.items() if table not in OTHERS)
    for part in parts:
        total = part[-1][1]
        assert (part[0], part[-1], part) == ((0, total), (total, total), sorted(part))

    await connection.execute("UPDATE products SET product_name = 'Mine' WHERE gtin = $1", NUTELLA)
    await connection.execute("DELETE FROM products WHERE gtin = '00009800892204'")
    assert await demo.load(connection) == []
    assert await connection.fetchval("SELECT count(*) FROM products") == COUNTS["products"] - 1
    assert await connection.fetchval("SELECT product_name FROM products WHERE gtin = $1", NUTELLA) == "Mine"


async def test_two_at_once_load_it_once(database_url: str) -> None:
    both = [await asyncpg.connect(database_url) for _ in range(2)]
    loaded = await asyncio.gather(*(demo.load(connection) for connection in both))
    assert sorted(loaded[0] + loaded[1]) == SETS
    assert await counts(both[0]) == COUNTS
    for connection in both:
        await connection.close()


async def test_a_failure_in_the_middle_leaves_nothing(connection: Connection) -> None:
    def fail(done: int, total: int) -> None:
        if done > total / 2:
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        await demo.load(connection, fail)
    assert set((await counts(connection)).values()) == {0}


async def test_leaves_alone_what_is_there(connection: Connection) -> None:
    await connection.execute("INSERT INTO product_categories (id, slug, name) VALUES ('mymymymymymy', 'snacks', 'My')")
    mine = "INSERT INTO products (id, gtin, product_name, data_source) VALUES ('mymymymymymy', $1, 'Mine', 'imported')"
    await connection.execute(mine, NUTELLA)
    await demo.load(connection)
    mine = "SELECT product_name, data_source, brand_id FROM products WHERE gtin = $1"
    assert await fetch(connection, mine, NUTELLA) == [("Mine", "imported", None)]
    assert await connection.fetchval("SELECT count(*) FROM ingredients WHERE product_id = 'mymymymymymy'") == 0
    assert await connection.fetchval("SELECT count(*) FROM products") == COUNTS["products"]
    below = "SELECT name FROM product_categories WHERE parent_id = 'mymymymymymy' AND slug = 'sweet-snacks'"
    assert await connection.fetchval(below) == "Sweet snacks"


async def test_a_product_in_detail(loaded: Connection) -> None:
    row = await loaded.fetchrow("SELECT p.*, b.name brand FROM products p JOIN brands b ON b.id = brand_id "
                                    "WHERE gtin = $1", NUTELLA)  # fmt: skip
    assert row is not None
    product = dict(row)
    assert {k: product[k] for k in ("id", "product_name", "brand", "manufacturer", "country_of_origin")} == {
        "id": demo_id("product", NUTELLA), "product_name": "Nutella", "brand": "Nutella",
        "manufacturer": "Ferrero U.S.A., Incorporated", "country_of_origin": "CA",
    }  # fmt: skip
    assert (product["net_content"], product["net_content_value"], product["net_content_uom"]) == ("13 oz", 13.0, "ONZ")
    assert (product["countries_sold"], product["labels"], product["primary_language"]) == (["US"], ["no-gluten"], "en")
    assert (product["data_source"], product["confidence_score"]) == ("open_food_facts", 0.8)
    assert product["field_confidence"]["product_name"] == 0.8
    assert product["field_confidence"]["country_of_origin"] == 0.64
    assert (product["is_claimed"], product["metadata"]) == (False, {})
    assert product["created"].isoformat() == "2015-01-18T07:38:56+00:00"
    assert product["modified"].isoformat() == "2024-06-10T20:10:54+00:00"

    of = "WHERE product_id = $1 ORDER BY priority"
    images = f"SELECT title, is_primary, image_url, width, height FROM product_images {of}"  # noqa: S608
    base = "https://images.openfoodfacts.org/images/products/000/980/089/5007/"
    assert await fetch(loaded, images, product["id"]) == [
        ("Front", True, base + "front_en.12.400.jpg", 349, 400),
        ("Ingredients", False, base + "ingredients_en.44.400.jpg", 400, 71),
        ("Nutrition", False, base + "nutrition_en.46.400.jpg", 400, 136),
        ("Packaging", False, base + "packaging_en.48.400.jpg", 346, 400),
    ]
    assert product["image_url"] == base + "front_en.12.400.jpg"

    ingredients = f"SELECT name, is_major_allergen, may_contain, notes FROM ingredients {of}"  # noqa: S608
    assert await fetch(loaded, ingredients, product["id"]) == [
        ("sugar", False, False, ""), ("palm oil", False, False, ""), ("hazelnuts", True, False, ""),
        ("cocoa", False, False, ""), ("skim milk", True, False, ""), ("whey", True, False, ""),
        ("lecithin as emulsifier", False, False, ""), ("vanillin", False, False, ""),
        ("an artificial flavor", False, False, ""), ("Soybeans", True, False, "declared as an allergen"),
    ]  # fmt: skip
    panel = "SELECT serving_size, serving_size_g, label_format FROM nutrition_facts WHERE product_id = $1"
    assert await fetch(loaded, panel, product["id"]) == [("2 Tbsp (37 g)", 37.0, "US_FDA")]
    nutrients = f"SELECT name, amount, unit, daily_value_pct FROM nutrient_values {of}"  # noqa: S608
    assert await fetch(loaded, nutrients, product["id"]) == [
        ("Calories", 200, "kcal", None), ("Total Fat", 12, "g", 15), ("Saturated Fat", 4, "g", 20),
        ("Trans Fat", 0, "g", None), ("Cholesterol", 5, "mg", 2), ("Sodium", 15, "mg", 1),
        ("Total Carbohydrate", 23, "g", 8), ("Dietary Fiber", 1, "g", 4), ("Total Sugars", 21, "g", None),
        ("Protein", 2, "g", None), ("Calcium", 40, "mg", 3), ("Iron", 0.722, "mg", 4), ("Vitamin A", 0, "IU", None),
        ("Vitamin C", 0, "mg", 0),
    ]  # fmt: skip

    path = """WITH RECURSIVE up AS (SELECT slug, parent_id, 1 AS n FROM product_categories WHERE id = $1 UNION ALL
              SELECT c.slug, c.parent_id, n + 1 FROM product_categories c JOIN up ON c.id = up.parent_id)
              SELECT slug FROM up ORDER BY n"""
    assert [slug for (slug,) in await fetch(loaded, path, product["category_id"])] == [
        "cocoa-and-hazelnuts-spreads", "chocolate-spreads", "hazelnut-spreads", "sweet-spreads", "breakfasts",
    ]  # fmt: skip


async def test_all_rows_are_sound(loaded: Connection) -> None:
    for (gtin,) in await fetch(loaded, "SELECT gtin FROM products"):
        assert parse_gtin(gtin) == gtin
    for table in ("products", "brands", "product_categories", "product_images", "ingredients"):
        wrong = f"SELECT id FROM {table} WHERE id !~ $1"  # noqa: S608
        assert await fetch(loaded, wrong, PATTERN) == []
    for wrong in (
        "SELECT gtin FROM products WHERE product_name = '' OR product_name ~ '[[:cntrl:]]'",
        "SELECT name FROM ingredients WHERE name = '' OR name ~ '&[a-z]+;|[<>[:cntrl:]]'",
        "SELECT gtin FROM products WHERE confidence_score NOT BETWEEN 0 AND 1",
        "SELECT name FROM ingredients WHERE percentage NOT BETWEEN 0 AND 100",
        "SELECT name FROM nutrient_values WHERE amount < 0",
        "SELECT min(name) FROM brands GROUP BY lower(name) HAVING count(*) > 1",
    ):
        assert await fetch(loaded, wrong) == []
    units = {unit for (unit,) in await fetch(loaded, "SELECT DISTINCT unit FROM nutrient_values")}
    assert units <= {unit.value for unit in NutrientUnit}
    formats = {name for (name,) in await fetch(loaded, "SELECT DISTINCT label_format FROM nutrition_facts")}
    assert formats <= {name.value for name in LabelFormat}


async def test_what_is_made_up_says_so(loaded: Connection) -> None:
    owners = """SELECT u.email, u.name, u.metadata, o.name, o.country, o.is_brand, o.metadata, m.role
                FROM memberships m JOIN users u ON u.id = user_id JOIN organizations o ON o.id = organization_id"""
    assert await fetch(loaded, owners) == [
        ("demo@example.org", "Demo User", {"demo": "true"}, "Demo Organization", "US", True, {"demo": "true"}, "owner")
    ]
    claims = """SELECT b.name, count(*), array_agg(DISTINCT claim_verification_status), bool_and(is_claimed), b.metadata
                FROM products p JOIN brands b ON b.id = brand_id
                WHERE b.organization_id IS NOT NULL OR owner_id IS NOT NULL GROUP BY b.id ORDER BY b.name"""
    assert await fetch(loaded, claims) == [
        ("Bourjois", 21, ["unverified"], True, {"demo": "true"}),
        ("Mt. Olive", 79, ["unverified"], True, {"demo": "true"}),
        ("Welch's", 22, ["unverified"], True, {"demo": "true"}),
    ]


async def test_the_key_is_kept(connection: Connection, settings: Settings) -> None:
    raw = await demo.ensure_key(connection, settings)
    assert key_kind(raw) is KeyKind.USER
    assert settings.demo_key_file.read_text() == raw + "\n"
    assert stat.S_IMODE(settings.demo_key_file.stat().st_mode) == 0o600
    assert os.listdir(settings.home) == ["demo.key"]
    assert await demo.ensure_key(connection, settings) == raw
    row = """SELECT k.id, hash, role, rate_limit_per_minute, rate_limit_per_day, email
             FROM api_keys k JOIN users u ON u.id = user_id"""
    assert await fetch(connection, row) == [(demo.KEY, hash_key(raw), None, 10_000, 1_000_000, "demo@example.org")]


@pytest.mark.parametrize("trouble", ["lost file", "changed file", "open file", "lost row", "revoked", "expires"])
async def test_a_key_that_is_no_longer_good_is_made_anew(
    connection: Connection, settings: Settings, trouble: str
) -> None:
    old = await demo.ensure_key(connection, settings)
    match trouble:
        case "lost file":
            settings.demo_key_file.unlink()
        case "changed file":
            settings.demo_key_file.write_bytes(b"\xff\x00 no key")
        case "open file":
            settings.demo_key_file.chmod(0o644)
        case "lost row":
            await connection.execute("DELETE FROM users")
        case "revoked":
            await connection.execute("UPDATE api_keys SET is_active = false")
        case "expires":
            await connection.execute("UPDATE api_keys SET expires_at = now()")
    new = await demo.ensure_key(connection, settings)
    assert new != old
    assert await fetch(connection, "SELECT hash, is_active, expires_at FROM api_keys") == [(hash_key(new), True, None)]
    assert stat.S_IMODE(settings.demo_key_file.stat().st_mode) == 0o600
    assert await demo.ensure_key(connection, settings) == new


async def test_a_key_that_cannot_be_kept_is_not_made(connection: Connection, tmp_path: pathlib.Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="home"):
        await demo.ensure_key(connection, Settings(home=tmp_path / "home"))
    assert await fetch(connection, "SELECT id FROM api_keys") == []


async def test_two_at_once_agree_on_the_key(database_url: str, settings: Settings) -> None:
    both = [await asyncpg.connect(database_url) for _ in range(2)]
    first, second = await asyncio.gather(*(demo.ensure_key(connection, settings) for connection in both))
    assert first == second
    for connection in both:
        await connection.close()
