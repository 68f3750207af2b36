"""The owner's view of a product: what the owner states, and nothing else, in the graph and over REST."""

import inspect
from typing import Any

import orjson
import pytest
from graphql import GraphQLField, GraphQLObjectType, GraphQLUnionType, get_named_type, is_required_argument

import schema
from closient_gql.core.db import Connection, Database
from closient_gql.core.models.account import KeyKind
from closient_gql.core.models.products import DataSource
from resolvers.products.facts import OWNER_CONFIDENCE, Statement, state
from resolvers.products.fields import COLUMNS, FIELDS
from resolvers.viewer import ANONYMOUS, Viewer
from resolvers.views import MARK, empty_kind
from tests import make
from tests.conftest import Client
from tests.products.test_graph import Graph
from tests.products.test_graph import database as database
from tests.products.test_writes import ask

OWNER, FORMER = make.make_id(9001), make.make_id(9002)
FULL, BARE = 1, 2  # the products: everything of others, and nothing at all
SAMPLES: dict[str, Any] = {  # of fields that are no texts
    "image_url": "https://{0}.example/", "brand_product_page_url": "https://{0}.example/", "country_of_origin": "FR",
    "countries_sold": ["FR"], "primary_language": "fr", "net_content_value": 7.5, "net_content_uom": "KGM",
    "labels": ["{0}"], "metadata": {"{0}": "{0}"}, "ingredients": [{"name": "{0}", "percentage": 7.5}],
    "nutrition": {"serving_size": "{0}", "label_format": "EU",
                  "nutrients": [{"name": "{0}", "amount": 7.5, "unit": "g"}]},
}  # fmt: skip


def sample(name: str, word: str, brand: str, category: str) -> Any:
    """A value of this field that has this word in it, where it is a text."""
    if name.endswith("_id"):
        return brand if name == "brand_id" else category
    if name.endswith("_uom") and name not in SAMPLES:
        return "CMT"
    if name.startswith("gpc_"):
        return "77777777"
    if COLUMNS.get(name) and COLUMNS[name].empty is None and name not in SAMPLES:
        return 7.5
    return orjson.loads(orjson.dumps(SAMPLES.get(name, "{0}")).replace(b"{0}", word.encode()))


async def said(database: Database, product: int, source: DataSource, by: str | None, word: str, *names: str) -> None:
    """States these fields, all if none is named."""
    async with database.transaction() as write:
        brand, category = [
            await write.connection.fetchval(f"SELECT id FROM {table} WHERE name = $1", word)  # noqa: S608
            for table in ("brands", "product_categories")
        ]
        statements = [
            Statement(make.make_id(product), name, sample(name, word, brand, category)) for name in names or FIELDS
        ]
        await state(write, ANONYMOUS, statements, source=source, confidence=OWNER_CONFIDENCE, organization_id=by)


async def image(connection: Connection, title: str, **values: Any) -> str:
    return await make.insert(
        connection, "product_images", product_id=make.make_id(FULL), title=title, image_url=f"https://{title}.example/",
        **values,
    )  # fmt: skip


@pytest.fixture
async def shop(connection: Connection, database: Database) -> Graph:
    """Of FULL a former owner and others say all that can be said, and of BARE nobody anything. OWNER owns both."""
    for id in (OWNER, FORMER):
        await make.insert(connection, "organizations", id=id, name=f"Organization {id}", country="DE")
    for word, owner in (("foreign", None), ("own", OWNER)):
        await make.insert(connection, "product_categories", slug=word, name=word)
        await make.insert(
            connection,
            "brands",
            name=word,
            organization_id=owner,
            website=f"https://{word}-site.example",
            twitter="foreign",
        )
    for n in (FULL, BARE):
        await make.product(connection, n, product_name="", data_source="open_food_facts", owner_id=FORMER)
    await said(database, FULL, DataSource.CLAIMED, FORMER, "foreign")
    await said(database, FULL, DataSource.OPEN_FOOD_FACTS, None, "foreign", "description", "ingredients")
    await image(connection, "foreign", data_source="claimed", stated_by_id=FORMER)
    await image(connection, "foreign")
    await connection.execute("UPDATE products SET owner_id = $1", OWNER)
    return Graph(database, Viewer(KeyKind.USER, None, None, None))


# --- generically


def selection(kind: GraphQLObjectType, depth: int) -> str:
    """Everything that can be asked of this type without arguments, so many levels down."""
    return " ".join(filter(None, (field_of(name, field, depth) for name, field in kind.fields.items())))


def field_of(name: str, field: GraphQLField, depth: int) -> str:
    inner = get_named_type(field.type)
    if any(map(is_required_argument, field.args.values())):
        return ""
    if isinstance(inner, GraphQLUnionType):
        return f"{name} {{ __typename }}"
    if not isinstance(inner, GraphQLObjectType):
        return name
    below = selection(inner, depth - 1) if depth else ""
    return f"{name} {{ {below} }}" if below else ""


VIEWED = ("Product", "Brand", "ProductCategory", "ProductImage", "Ingredient", "NutritionFacts")
PRODUCT: Any = schema.graph()._schema.type_map["Product"]


async def view(shop: Graph, product: int) -> dict[str, Any]:
    """What the owner's view has, three levels down; asked field by field, because there is a limit to one question."""
    found: dict[str, Any] = {}
    for name, field in PRODUCT.fields.items():
        if asked := field_of(name, field, 3):
            query = f"query ($gtin: GTIN!) {{ product(gtin: $gtin, ownerOnly: true) {{ {asked} }} }}"
            found |= (await shop.ask(query, gtin=make.make_gtin(product)))["product"]
    return found


async def test_what_others_say_makes_no_difference(shop: Graph) -> None:
    """Field by field, also of what later domains add: the view is the same as if nobody had said anything."""
    full, bare = [await view(shop, n) for n in (FULL, BARE)]
    identity = {"id", "gtin", "created", "modified"}
    assert {name for name in full if full[name] != bare[name]} == identity | {"ownerStated"}
    other = bare
    while full := full.pop("ownerStated", {}):  # the view of the view
        other = other["ownerStated"]
        assert {name for name in full if full[name] != other[name]} - {"ownerStated"} == identity
    empty: tuple[Any, ...] = (None, "", [], {}, 0, False)
    shown = {name for name, value in bare.items() if value not in empty and not nothing_in(value)}
    assert shown == identity | {"ownerId", "isClaimed", "resolverEnabled", "dataSource", "ownerStated"}
    assert bare["dataSource"] == "CLAIMED"


def nothing_in(value: Any) -> bool:
    return isinstance(value, dict) and value.get("nodes") == [] and value.get("totalCount") == 0


async def test_what_the_owner_says_is_shown(shop: Graph, connection: Connection, database: Database) -> None:
    await said(database, FULL, DataSource.CLAIMED, OWNER, "own")
    own = await image(connection, "own", data_source="claimed", stated_by_id=OWNER, confidence=0.95)
    found = await view(shop, FULL)
    assert "foreign" not in repr(found)
    assert found["ownerStated"]["productName"] == found["productName"] == "own"
    said_of = {fact["field"] for fact in found["facts"]}
    assert said_of == {field.rest_name for field in FIELDS.values()} | {"images"}
    assert {(f["source"], f["statedById"], f["isShown"]) for f in found["facts"]} == {("CLAIMED", OWNER, True)} | {
        ("CLAIMED", OWNER, True)
    }
    for name in COLUMNS:
        if not name.endswith("_id"):
            assert found[camel(name)] == sample(name, "own", "", ""), name
    (picture,) = found["allImages"]
    assert (picture["id"], picture["source"], picture["confidence"]) == (own, "CLAIMED", 0.95)
    assert [i["name"] for i in found["allIngredients"]] == ["own"]
    assert [n["name"] for n in found["nutrition"]["nutrients"]] == ["own"]
    assert found["images"]["totalCount"] == found["ingredients"]["totalCount"] == 1
    brand = {name: value for name, value in found["brand"].items() if value not in (None, "", False, {})}
    assert set(brand) == {"id", "name", "created", "products", "verifications"}
    assert found["brand"]["products"]["nodes"] == found["brand"]["verifications"]["nodes"] == []
    assert found["category"]["name"] == "own"


async def test_views_and_rows_in_one_question(shop: Graph, connection: Connection, database: Database) -> None:
    """Their loads are one, and each gets its own."""
    await said(database, FULL, DataSource.CLAIMED, OWNER, "own", "ingredients", "brand_id")
    own = await image(connection, "own", data_source="claimed", stated_by_id=OWNER)
    asked = "allImages { id } images { totalCount } brand { website } nutrition { servingSize } history { totalCount }"
    query = "query ($gtin: GTIN!) { a: product(gtin: $gtin, ownerOnly: true) { %s } b: product(gtin: $gtin) { %s } }"
    data = await shop.ask(query % (asked, asked), gtin=make.make_gtin(FULL))
    assert data["a"] == {
        "allImages": [{"id": own}], "images": {"totalCount": 1}, "brand": {"website": ""}, "nutrition": None,
        "history": {"totalCount": 0},
    }  # fmt: skip
    assert (len(data["b"]["allImages"]), data["b"]["images"], data["b"]["brand"]) == (
        3, {"totalCount": 3}, {"website": "https://own-site.example"},
    )  # fmt: skip
    assert data["b"]["nutrition"] == {"servingSize": "foreign"}
    assert data["b"]["history"]["totalCount"] > 30


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def test_every_relation_has_an_answer_for_views() -> None:
    """One that knows of views, or one that can be empty. Of the first kind are these and no others."""
    seeing = set()
    for kind in schema.graph()._schema.type_map.values():
        for field in kind.fields.values() if isinstance(kind, GraphQLObjectType) else ():
            metadata: Any = getattr(field.extensions.get("strawberry-definition"), "metadata", {})
            function: Any = metadata.get("function")
            if hasattr(function, MARK):
                seeing.add(function.__name__)
            elif metadata.get("kind") == "batch" and kind.name in VIEWED:
                answers = inspect.signature(function, eval_str=True).return_annotation
                assert empty_kind(answers), f"{kind.name}: {function.__name__} must see views, or be able to be empty"
    assert seeing == {
        "images_of", "all_images_of", "ingredients_of", "all_ingredients_of", "nutrition_of", "nutrients_of",
        "brands_of", "categories_of", "facts_of", "owner_stated_of", "sources_of_images",
    }  # fmt: skip


LIST = "query ($first: Int) { products(first: $first) { nodes { ownerStated { %s } } } }"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [("productName", 2), ("productName brand { name } category { name }", 4), ("allImages { source }", 4),
     ("ingredients { nodes { name } } nutrition { nutrients { name } }", 5)],
)  # fmt: skip
async def test_statements_do_not_grow(
    shop: Graph, connection: Connection, database: Database, fields: str, expected: int
) -> None:
    for n in range(3, 33):
        await make.product(connection, n, owner_id=OWNER)
        await said(database, n, DataSource.CLAIMED, OWNER, "own")
    await connection.execute("DELETE FROM products WHERE product_name <> 'own'")
    await connection.execute(
        "INSERT INTO product_images (id, product_id, data_source, stated_by_id)"
        " SELECT id, id, 'claimed', $1 FROM products",
        OWNER,
    )
    counts = []
    for first in (1, 30):
        await shop.ask(LIST % fields, first=first)
        counts.append(shop.statements)
    assert counts == [expected, expected]


# --- over REST


async def test_over_rest(api: Client, shop: Graph, connection: Connection, database: Database) -> None:
    reader = await make.account(connection)
    await said(database, FULL, DataSource.CLAIMED, OWNER, "own", "product_name", "ingredients")
    own = await image(connection, "own", data_source="claimed", stated_by_id=OWNER)

    async def get(path: str, status: int = 200, product: int = FULL) -> Any:
        return await ask(api, reader, "GET", f"/{path}".format(make.make_gtin(product)), status)

    found = await get("products/{}?owner_only=true")
    assert {name: value for name, value in found.items() if value not in (None, "", {}, 0)} == {
        "id": make.make_id(FULL), "gtin": make.make_gtin(FULL), "is_claimed": True, "owner_id": OWNER,
        "product_name": "own", "data_source": "claimed", "confidence_score": 0.95,
        "field_confidence": {"product_name": 0.95, "ingredients": 0.95},
    }  # fmt: skip
    everything = await get("products/{}")
    assert (everything["description"], everything["brand"]) == ("foreign", "foreign")
    content = await get("products/{}/content?owner_only=true")
    assert [i["id"] for i in content["images"]] == [own]
    assert [i["name"] for i in content["ingredients"]] == ["own"]
    assert content["nutrition"] is None
    assert len((await get("products/{}/content?owner_only=false"))["images"]) == 3
    images = await get("products/{}/images?owner_only=true&page_size=1")
    assert (images["pagination"]["total_count"], images["data"][0]["id"]) == (1, own)
    assert len((await get("products/{}/ingredients?owner_only=true"))["data"]) == 1
    await get("products/{}/nutrition?owner_only=true", 404)
    detail = await get("trade-items/{}?owner_only=true")
    assert b"foreign" not in orjson.dumps([found, content, images, detail])
    bare = await get("products/{}/images?owner_only=true", product=BARE)
    assert (bare["data"], bare["pagination"]["total_count"]) == ([], 0)
    await get("products/{}?owner_only=maybe", 422)
    facts = await get("products/{}/facts?owner_only=true")
    assert [(f["field"], f["value"]) for f in facts["facts"]] == [
        ("product_name", "own"), ("ingredients", "own 7.5%"), ("images", "https://own.example/"),
    ]  # fmt: skip
