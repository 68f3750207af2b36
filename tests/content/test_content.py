"""Content management: draft, review, published; versions; who changed what; several at once; by itself at its time."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from closient_gql.core.db import Connection, Database, Reader
from closient_gql.core.errors import NotFound
from closient_gql.core.models.content import ContentItem
from resolvers.content.compare import differences
from resolvers.content.items import current_of, gtins_of, nearest
from resolvers.content.publishing import publish_due
from resolvers.context import Context
from tests import make
from tests.conftest import Client

GTIN = make.make_gtin(1)
BASE = "/content/api/v1"
PAST = datetime(2020, 1, 1, tzinfo=UTC)
MARKUP = "Water <b>&amp;</b> <script>alert(1)</script>"


class Editor:
    def __init__(self, api: Client, account: make.Account) -> None:
        self.api, self.account, self.headers = api, account, {"X-API-Key": account.key}

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200, **params: Any) -> Any:
        answer = await self.api.request(
            method, f"{BASE}/{path}", json=body, headers=self.headers, params=params or None
        )
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def create(self, language: str = "en", **values: Any) -> Any:
        body = {"language": language, "title": f"Title {language}"} | values
        return await self.ask("POST", f"products/{GTIN}/content", body, 201)

    async def publish(self, item: Any, **more: Any) -> Any:
        version = {"version": item["version"]}
        await self.ask("POST", f"content-items/{item['id']}/submit", version)
        return await self.ask("POST", f"content-items/{item['id']}/publish", version | more)

    async def product(self) -> Any:
        return (await self.api.get(f"/products/api/v1/products/{GTIN}", headers=self.headers)).json()


@pytest.fixture
async def editor(api: Client, connection: Connection) -> Editor:
    account = await make.account(connection, role="editor")
    await make.product(connection, 1, owner_id=account.organization_id, primary_language="en", description="Old")
    return Editor(api, account)


async def test_from_draft_to_what_the_product_shows(editor: Editor, connection: Connection) -> None:
    images = [{"url": "https://example.org/a.png", "alt": "Front"}]
    sections = [{"kind": "list", "heading": "Why", "body": "One\nTwo", "image_url": ""}]
    item = await editor.create(title=f" {MARKUP} ", images=images, sections=sections, note="First", confidence=0.9)
    assert {name: item[name] for name in ("gtin", "language", "status", "version", "published_version")} == {
        "gtin": GTIN, "language": "en", "status": "draft", "version": 1, "published_version": None,
    }  # fmt: skip
    content = item["content"]
    assert (content["title"], content["images"], content["sections"]) == (MARKUP, images, sections)
    assert (content["user_id"], content["note"]) == (editor.account.user_id, "First")
    assert content["provenance"] == [
        {"field": name, "source": "claimed", "confidence": 0.9, "version": 1, "user_id": editor.account.user_id}
        for name in ("images", "sections", "title")
    ]
    await editor.ask("GET", f"products/{GTIN}/content", status=404)
    assert (await editor.product())["product_name"] == "Product 0001"

    path = f"content-items/{item['id']}"
    await editor.ask("POST", f"{path}/publish", {"version": 1}, 409)
    submitted = await editor.ask("POST", f"{path}/submit", {"version": 1})
    assert submitted["status"] == "review"
    published = await editor.ask("POST", f"{path}/publish", {"version": 1})
    assert (published["status"], published["published_version"]) == ("published", 1)
    seen = await editor.ask("GET", f"products/{GTIN}/content")
    assert (seen["title"], seen["images"], seen["sections"]) == (MARKUP, images, sections)
    product = await editor.product()
    assert (product["product_name"], product["image_url"]) == (MARKUP, "https://example.org/a.png")
    assert product["description"] == "Old", "what content is silent about stays"
    assert product["field_confidence"]["product_name"] == 0.9

    changed = await editor.ask("PATCH", path, {"version": 1, "title": "Water", "source": "imported"})
    assert (changed["status"], changed["version"], changed["published_version"]) == ("draft", 2, 1)
    origins = {each["field"]: (each["source"], each["version"]) for each in changed["content"]["provenance"]}
    assert origins == {"title": ("imported", 2), "images": ("claimed", 1), "sections": ("claimed", 1)}
    assert (await editor.ask("GET", f"products/{GTIN}/content"))["title"] == MARKUP, "until the next is published"
    same = await editor.ask("PATCH", path, {"version": 2, "title": "Water"})
    assert same["version"] == 2
    versions = await editor.ask("GET", f"{path}/versions")
    assert ([each["version"] for each in versions["data"]], versions["pagination"]["total_count"]) == ([2, 1], 2)
    assert (await editor.ask("GET", f"{path}/versions/1"))["title"] == MARKUP
    await editor.ask("GET", f"{path}/versions/3", status=404)
    assert await editor.ask("GET", f"{path}/diff", from_version=1, to_version=2) == {
        "from_version": 1, "to_version": 2, "changes": [{"field": "title", "old": MARKUP, "new": "Water"}],
    }  # fmt: skip
    await editor.ask("GET", f"{path}/diff", status=422, from_version=1, to_version=3)
    actions = [row[0] for row in await connection.fetch("SELECT action FROM audit_entries ORDER BY created")]
    assert actions == [f"content.{what}" for what in ("created", "submitted", "published", "updated")]

    withdrawn = await editor.ask("POST", f"{path}/withdraw", {"version": 2})
    assert (withdrawn["published_version"], withdrawn["status"]) == (None, "draft")
    await editor.ask("GET", f"products/{GTIN}/content", status=404)
    await editor.ask("DELETE", path, status=204)
    await editor.ask("GET", path, status=404)


async def test_two_at_once(editor: Editor) -> None:
    item = await editor.create()
    path = f"content-items/{item['id']}"
    await editor.ask("POST", f"{path}/submit", {"version": 1})

    async def post(method: str, where: str, body: Any) -> Any:
        return await editor.api.request(method, f"{BASE}/{path}{where}", json=body, headers=editor.headers)

    both = await asyncio.gather(*(post("POST", "/publish", {"version": 1}) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    (lost,) = [answer.json()["error"] for answer in both if answer.status_code == 409]
    assert (lost["code"], lost["message"]) == ("CONFLICT", "Version 1, the current one, is published.")

    writes = await asyncio.gather(*(post("PATCH", "", {"version": 1, "title": name}) for name in ("One", "Two")))
    assert sorted(answer.status_code for answer in writes) == [200, 409]
    (lost,) = [answer.json()["error"] for answer in writes if answer.status_code == 409]
    assert lost["details"] == [{"field": "version", "message": "the current version is 2"}]
    for move in ("submit", "reject", "publish", "withdraw"):
        await editor.ask("POST", f"{path}/{move}", {"version": 1}, 409)
    await editor.ask("POST", f"products/{GTIN}/content", {"language": "EN", "title": "x"}, 409)


async def test_what_is_deleted_while_it_is_shown_is_not_there(editor: Editor, database_url: str) -> None:
    item = ContentItem(id="x", product_id="y", version=1)
    database = Database(database_url, 1)
    ctx = Context(Reader(database))
    for relation in (current_of, gtins_of):
        (found,) = await relation(ctx, [item])
        assert isinstance(found, NotFound)
    await database.close()


async def test_what_is_due_is_published_by_itself(editor: Editor, connection: Connection, database_url: str) -> None:
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    items = [await editor.publish(await editor.create(language), at=later) for language in ("en", "de", "fr")]
    assert {item["status"] for item in items} == {"scheduled"}
    database = Database(database_url, 3)
    assert await publish_due(database) == 0
    edited = await editor.ask("PATCH", f"content-items/{items[2]['id']}", {"version": 1, "title": "Neuf"})
    assert (edited["status"], edited["publish_at"]) == ("draft", None)
    await connection.execute("UPDATE content_items SET publish_at = $1 WHERE status = 'scheduled'", PAST)
    assert sorted(await asyncio.gather(publish_due(database), publish_due(database)))[-1] > 0
    assert await publish_due(database) == 0
    found = await editor.ask("GET", f"organizations/{editor.account.organization_id}/content-items")
    assert {each["language"]: each["status"] for each in found["data"]} == {
        "en": "published", "de": "published", "fr": "draft",
    }  # fmt: skip
    assert (await editor.product())["product_name"] == "Title en"
    assert (await editor.ask("GET", f"products/{GTIN}/content", language="de-AT"))["title"] == "Title de"

    await editor.publish(edited, at=later)
    await connection.execute("UPDATE content_items SET publish_at = $1 WHERE status = 'scheduled'", PAST)
    await connection.execute("UPDATE products SET owner_id = NULL")
    assert await publish_due(database) == 0
    back = await editor.ask("GET", f"content-items/{edited['id']}")
    assert (back["status"], back["publish_at"]) == ("review", None)
    await editor.ask("GET", f"products/{GTIN}/content", status=404)  # a former owner's is not the product's
    await editor.ask("POST", f"content-items/{edited['id']}/publish", {"version": 2}, 409)
    await database.close()


async def test_a_language_of_its_own_and_one_of_the_product(editor: Editor, connection: Connection) -> None:
    await editor.publish(await editor.create("de"))
    assert (await editor.product())["product_name"] == "Product 0001", "not its primary language"
    await connection.execute("UPDATE products SET primary_language = ''")
    await editor.publish(await editor.create("fr", description="Eau"))
    product = await editor.product()
    assert (product["product_name"], product["description"]) == ("Title fr", "Eau")
    assert await connection.fetchval("SELECT primary_language FROM products") == "fr"


async def test_missing_translations(editor: Editor, connection: Connection) -> None:
    organization = editor.account.organization_id
    await make.product(connection, 2, owner_id=organization)  # without a language
    await make.product(connection, 3)  # somebody else's
    await editor.publish(await editor.create("de"))
    await editor.create("fr")
    path = f"organizations/{organization}/missing-translations"
    found = await editor.ask("GET", path, languages=["de", "fr", "en", "EN"])
    assert [(each["gtin"], each["missing"]) for each in found["data"]] == [
        (GTIN, ["fr"]), (make.make_gtin(2), ["EN", "de", "fr"]),
    ]  # fmt: skip
    assert found["pagination"]["total_count"] == 2
    default = await editor.ask("GET", path)
    assert [each["missing"] for each in default["data"]] == [["fr"], ["de", "fr"]]
    await editor.ask("GET", path, status=422, languages=["d1"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"language": "english"}, "language"),
        ({"images": [{"url": "javascript:alert(1)"}]}, "images.0.url"),
        ({"images": [{"url": ""}]}, "images.0.url"),
        ({"sections": [{"kind": "image"}]}, "sections.0.image_url"),
        ({"sections": [{"heading": " "}]}, "sections.0.body"),
        ({"confidence": 1.01}, "confidence"),
        ({"source": "rumour"}, "source"),
    ],
)
async def test_what_is_refused(editor: Editor, connection: Connection, body: Any, field: str) -> None:
    body = {"language": "en", "title": "x"} | body
    error = (await editor.ask("POST", f"products/{GTIN}/content", body, 422))["error"]
    assert field in [each["field"] for each in error["details"]]
    assert await connection.fetchval("SELECT count(*) FROM content_items") == 0


@pytest.mark.parametrize(
    ("languages", "wanted", "place"),
    [
        ([], ["en"], None), (["de"], [None, ""], 0), (["de", "en"], ["en", "de"], 1), (["de", "en"], ["en-US"], 1),
        (["de", "en-GB"], ["en"], 1), (["de", "en-GB", "en"], ["en-US"], 2), (["de", "fr"], ["it", "fr"], 1),
        (["de", "deu"], ["deu"], 1), (["fr", "FR-ca"], ["fr-CA"], 1),
    ],
)  # fmt: skip
def test_the_nearest_language(languages: list[str], wanted: list[str | None], place: int | None) -> None:
    assert nearest(languages, wanted) == place


def test_differences_of_lists() -> None:
    class Version:
        title, description = "A", ""

        def __init__(self, *urls: str) -> None:
            self.images, self.sections = [{"url": url} for url in urls], list[dict[str, str]]()

    found = differences(Version("a", "b"), Version("c"))
    assert [(each.field, each.old, each.new) for each in found] == [
        ("images.0.url", "a", "c"), ("images.1.url", "b", None),
    ]  # fmt: skip


async def test_statements_for_any_number_of_products(
    editor: Editor, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await editor.publish(await editor.create())
    for n in range(2, 101):
        await make.product(connection, n)
    seen: list[str] = []
    fetch = Reader.fetch

    async def counted(self: Reader, sql: str, arguments: Any, row: Any) -> Any:
        seen.extend([sql] * ("api_keys" not in sql))  # which are cached
        return await fetch(self, sql, arguments, row)

    monkeypatch.setattr(Reader, "fetch", counted)
    query = """query ($first: Int!) { products(first: $first, ordering: CREATED) { nodes {
        content(language: "en") { title sections { body } } readiness { score dataFields { key } } } } }"""
    for first in (1, 100):
        seen.clear()
        answer = await editor.api.post(
            "/graphql", json={"query": query, "variables": {"first": first}}, headers=editor.headers
        )
        nodes = answer.json()["data"]["products"]["nodes"]
        assert (len(nodes), len(seen)) == (first, 3), "products, content, images"
    assert nodes[0]["content"]["title"] == "Title en"
