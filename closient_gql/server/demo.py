"""The demo: real products, loaded once, and a made-up user, organization, claims and key, all marked as demo.

The products are those of `closient_gql/demo`. Ids follow from what a row stands for, so they are the same everywhere.
"""

import itertools
import os
import pathlib
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime

from closient_gql.core.db import Connection
from closient_gql.core.keys import hash_key, new_key
from closient_gql.core.settings import Settings
from closient_gql.server.demo_certifications import certifications
from closient_gql.server.demo_compliance import compliance
from closient_gql.server.demo_offers import offers
from closient_gql.server.demo_places import places
from closient_gql.server.demo_retailers import retailers
from closient_gql.server.demo_rows import Progress, Row, demo_id, insert, insert_all, lines_of, silent
from closient_gql.server.demo_sustainability import sustainability

LOCK = int.from_bytes(b"demodata")  # of the sets and of the key, so that two processes take turns
CLAIMED = ("Mt. Olive", "Welch's", "Bourjois")  # brands that Demo Organization plays the owner of
EMAIL = "demo@example.org"
DEMO = {"demo": "true"}  # the metadata of everything made up
FOODS = {"source": "Open Food Facts by Lifyzer, 2019; ODbL 1.0"}  # the metadata of its foods
DERIVED = {"net_content_value", "country_of_origin", "category"}  # read out of other fields: less certain

USER, ORGANIZATION, KEY = (demo_id(kind, "demo") for kind in ("user", "organization", "api_key"))


async def load(connection: Connection, progress: Progress = silent) -> list[str]:
    """Load the demo sets that this database has never had: each in one transaction, whole or not at all.

    A GTIN that is there already is left as it is. Two processes take turns.

    Returns:
        The names of the sets that were loaded now.
    """
    loaded = []
    for name, rows in DEMO_SETS.items():
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            if await connection.fetchval("SELECT name FROM demo_sets WHERE name = $1", name) is None:
                await rows(connection, progress)
                await connection.execute("INSERT INTO demo_sets (name) VALUES ($1)", name)
                loaded.append(name)
    return loaded


async def ensure_key(connection: Connection, settings: Settings) -> str:
    """The raw key of the demo user: that of the file if the database still takes it, otherwise a new one.

    It has no role ceiling and wide limits, and replaces its predecessor. Only its owner can read the file.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        raw = _read(settings.demo_key_file)
        if raw and await connection.fetchval(
            "SELECT true FROM api_keys JOIN memberships m USING (user_id) WHERE hash = $1 AND is_active AND"
            " expires_at IS NULL AND api_keys.role IS NULL AND m.organization_id = $2 AND m.role = 'owner'",
            hash_key(raw),
            ORGANIZATION,
        ):
            return raw
        await _people(connection)
        raw = new_key("csu")
        await connection.execute(
            "INSERT INTO api_keys (id, kind, hash, name, user_id, metadata, rate_limit_per_minute, rate_limit_per_day)"
            """ VALUES ($1, 'csu', $2, 'Demo key', $3, '{"demo": "true"}', 10000, 1000000)"""
            " ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, created = now(), last_used = NULL, is_active = true,"
            " expires_at = NULL, role = NULL, organization_id = NULL, user_id = excluded.user_id,"
            " rate_limit_per_minute = excluded.rate_limit_per_minute, rate_limit_per_day = excluded.rate_limit_per_day",
            KEY,
            hash_key(raw),
            await connection.fetchval("SELECT id FROM users WHERE email = $1", EMAIL),
        )
        _write(settings.demo_key_file, raw)  # before the commit: what cannot be kept is not made
    return raw


def _read(path: pathlib.Path) -> str:
    """What the file holds, if there is one and nobody else could read it."""
    try:
        return "" if path.stat().st_mode & 0o077 else path.read_text().strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _write(path: pathlib.Path, raw: str) -> None:
    """The file with this content, mode 0600, there at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # exclusive, 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(raw + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


async def _people(connection: Connection) -> None:
    """Demo User, who owns Demo Organization."""
    await insert(connection, "users", [{"id": USER, "email": EMAIL, "name": "Demo User", "metadata": DEMO}])
    organization = {"id": ORGANIZATION, "name": "Demo Organization", "country": "US", "is_brand": True}
    await insert(connection, "organizations", [organization | {"metadata": DEMO}])
    user = await connection.fetchval("SELECT id FROM users WHERE email = $1", EMAIL)
    membership = {"id": demo_id("membership", "demo"), "organization_id": ORGANIZATION, "user_id": user}
    await insert(connection, "memberships", [membership | {"role": "owner"}])


# --- products-1 --------------------------------------------------------------------------------------------------
def records() -> list[Row]:
    """The demo products; closient_gql/demo/README.md says what a record holds."""
    return lines_of("products.jsonl.gz")


async def _products(connection: Connection, progress: Progress) -> None:
    await store(connection, progress, records(), {})


async def _foods(connection: Connection, progress: Progress) -> None:
    """4,000 foods with ingredients, for searches that avoid something."""
    found = lines_of("foods.jsonl.gz")
    await store(connection, progress, found, FOODS)
    await certifications(connection, progress, [record["gtin"] for record in found])


async def store(connection: Connection, progress: Progress, found: list[Row], metadata: dict[str, str]) -> None:
    taken = await connection.fetch("SELECT gtin FROM products WHERE gtin = ANY($1)", [r["gtin"] for r in found])
    there = {row["gtin"] for row in taken}
    found = [record for record in found if record["gtin"] not in there]
    slugs = sorted({slug for record in found for slug in record.get("categories", ())})
    same = await connection.fetch("SELECT slug, id FROM product_categories WHERE slug = ANY($1)", slugs)
    categories = {slug: demo_id("category", slug) for slug in slugs} | {row["slug"]: row["id"] for row in same}

    await _people(connection)
    tables: dict[str, list[Row]] = {
        "brands": list(_brands(found)),
        "product_categories": list(_categories(found, categories)),
        "products": [_product(record, categories) | {"metadata": metadata} for record in found],
        "product_images": [row for record in found for row in _images(record)],
        "ingredients": [row for record in found for row in _ingredients(record)],
        "nutrition_facts": [_panel(record) for record in found if "nutrition" in record],
        "nutrient_values": [row for record in found for row in _nutrients(record)],
    }
    await insert_all(connection, {table: rows for table, rows in tables.items() if rows}, progress)


def _brands(found: list[Row]) -> Iterator[Row]:
    for name in sorted({record["brand"] for record in found if "brand" in record}):
        claimed = name in CLAIMED
        yield {
            "id": demo_id("brand", name),
            "name": name,
            "organization_id": ORGANIZATION if claimed else None,
            "metadata": DEMO if claimed else {},
        }


def _categories(found: list[Row], ids: dict[str, str]) -> Iterator[Row]:
    paths = [record["categories"] for record in found if "categories" in record]
    above = {below: slug for path in paths for slug, below in itertools.pairwise(path)}
    for slug, new in ids.items():
        name = slug.replace("-", " ").capitalize()
        yield {"id": new, "slug": slug, "name": name, "parent_id": ids.get(above.get(slug, ""))}


def _product_id(record: Row) -> str:
    return demo_id("product", record["gtin"])


def _product(record: Row, categories: dict[str, str]) -> Row:
    brand, path, front = record.get("brand"), record.get("categories"), record.get("images", [{}])[0]
    row = {
        "product_name": record["name"],
        "description": record.get("description", ""),
        "manufacturer": record.get("manufacturer", ""),
        "image_url": front["url"] if front.get("kind") == "front" else "",
        "country_of_origin": record.get("origin"),
        "countries_sold": record.get("sold", []),
        "primary_language": record.get("language", ""),
        "net_content": record.get("net", ""),
        "net_content_value": record.get("net_value"),
        "net_content_uom": record.get("net_unit"),
        "usage_instructions": record.get("usage", ""),
        "brand_product_page_url": record.get("url", ""),
        "labels": record.get("labels", []),
    }
    certain = float(record["confidence"])
    told = [field for field, value in row.items() if value] + ["brand"] * bool(brand) + ["category"] * bool(path)
    claimed = brand in CLAIMED
    return row | {
        "id": _product_id(record),
        "gtin": record["gtin"],
        "data_source": "open_food_facts",
        "confidence_score": certain,
        "field_confidence": {field: round(certain * (0.8 if field in DERIVED else 1), 2) for field in told},
        "brand_id": demo_id("brand", brand) if brand else None,
        "category_id": categories[path[-1]] if path else None,
        "owner_id": ORGANIZATION if claimed else None,
        "claim_verification_status": "unverified" if claimed else None,
        "created": datetime.fromtimestamp(record["created"], UTC),
        "modified": datetime.fromtimestamp(record["modified"], UTC),
    }


def _images(record: Row) -> Iterator[Row]:
    for place, image in enumerate(record.get("images", ())):
        yield {
            "id": demo_id("image", f"{record['gtin']} {image['kind']}"),
            "product_id": _product_id(record),
            "title": image["kind"].capitalize(),
            "is_primary": image["kind"] == "front",
            "priority": place,
            "image_url": image["url"],
            "thumbnail_url": image["url"].replace(".400.", ".200."),
            "width": image["w"],
            "height": image["h"],
            "data_source": "open_food_facts",
            "confidence": float(record["confidence"]),
            "stated_at": datetime.fromtimestamp(record["created"], UTC),
        }


def _ingredients(record: Row) -> Iterator[Row]:
    for place, ingredient in enumerate(record.get("ingredients", ())):
        yield {
            "id": demo_id("ingredient", f"{record['gtin']} {place}"),
            "product_id": _product_id(record),
            "name": ingredient["name"],
            "is_major_allergen": ingredient.get("allergen", False),
            "may_contain": ingredient.get("may", False),
            "priority": place,
            "notes": ingredient.get("notes", ""),
            "percentage": ingredient.get("percent"),
            "origin": ingredient.get("origin", ""),
        }


def _panel(record: Row) -> Row:
    panel = record["nutrition"]
    return {
        "product_id": _product_id(record),
        "serving_size": panel.get("serving", ""),
        "label_format": panel["format"],
        "serving_size_g": panel.get("serving_g"),
    }


def _nutrients(record: Row) -> Iterator[Row]:
    for place, (name, amount, unit, *daily) in enumerate(record.get("nutrition", {}).get("nutrients", ())):
        value = {"name": name, "amount": amount, "unit": unit, "daily_value_pct": daily[0] if daily else None}
        yield {"product_id": _product_id(record), "priority": place} | value


async def _compliance(connection: Connection, progress: Progress) -> None:
    await compliance(connection, progress, ORGANIZATION, DEMO)


async def _certifications(connection: Connection, progress: Progress) -> None:
    await certifications(connection, progress, [record["gtin"] for record in records()])


DEMO_SETS: dict[str, Callable[[Connection, Progress], Awaitable[None]]] = {
    "products-1": _products,
    "places-1": places,
    "retailers-1": retailers,
    "offers-1": offers,
    "compliance-1": _compliance,
    "certifications-1": _certifications,
    "sustainability-1": sustainability,
    "foods-1": _foods,
}
"""Every set under its name and version. A later set is a new name: sets that were loaded are never loaded again."""
