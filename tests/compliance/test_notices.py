"""Safety notices by REST, and what owners state of the Food Traceability List."""

from typing import Any

from closient_gql.core.db import Connection
from tests.compliance.conftest import API, NOBODY, PRODUCTS, World, key
from tests.conftest import Client

EN = {"language": "en", "title": "Hot surface", "message": "The lid gets hot.", "instructions": "Use a cloth."}
FR = {"language": "fr-CA", "title": "Surface chaude", "message": "", "instructions": ""}


async def test_the_life_of_a_notice(mine: Client, connection: Connection, world: World) -> None:
    own, gtin = f"{API}/organizations/{world.owner.organization_id}/safety-notices", world.gtins[1]
    body = {
        "gtins": [gtin, world.gtins[2]], "severity": "warning", "texts": [EN, FR], "affected_lots": "lots 10 to 20",
        "regions": ["US-CA", "CA"], "url": "https://x.example/notice", "metadata": {"case": "7"},
    }  # fmt: skip
    answer = await mine.post(own, json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert {name: made[name] for name in body} == body
    assert (made["organization_id"], made["status"], made["published_at"], made["withdrawn_at"], made["text"]) == (
        world.owner.organization_id, "draft", None, None, EN,
    )  # fmt: skip
    one, public = f"{API}/safety-notices/{made['id']}", f"{API}/products/{gtin}/safety-notices"
    # a draft is the organization's alone
    assert (await mine.get(one)).json() == made
    assert (await mine.get(one, headers=key(world.other))).status_code == 404
    assert (await mine.get(public)).json()["data"] == []
    # published: everybody's, without a key
    published = (await mine.patch(one, json={"status": "published"})).json()
    assert (published["status"], published["withdrawn_at"]) == ("published", None)
    assert published["published_at"] > made["created"]
    own_key = mine.headers.pop("X-API-Key")
    listed = await mine.get(public)
    assert (listed.status_code, listed.json()["data"]) == (200, [published])
    mine.headers["X-API-Key"] = own_key
    assert (await mine.get(one, headers=key(world.other))).json() == published
    for query, found in [
        ({"lot": "15"}, True), ({"lot": "21"}, False), ({"region": "US-CA"}, True), ({"region": "US"}, True),
        ({"region": "US-TX"}, False),
        ({"region": "CA-ON"}, True), ({"region": "DE"}, False), ({"severity": "danger"}, False),
        ({"lot": "10", "region": "CA", "severity": "warning"}, True),
    ]:  # fmt: skip
        assert [bool((await mine.get(public, params=query)).json()["data"])] == [found], query
    for language, title in [("fr", FR["title"]), ("fr-CA", FR["title"]), ("fr-FR", FR["title"]), ("de", EN["title"])]:
        answer = await mine.get(one, params={"language": language})
        assert answer.json()["text"]["title"] == title
    # withdrawn: gone for others, and no draft again
    withdrawn = (await mine.patch(one, json={"status": "withdrawn"})).json()
    assert withdrawn["withdrawn_at"] > published["published_at"] == withdrawn["published_at"]
    assert (await mine.get(public)).json()["data"] == []
    answer = await mine.patch(one, json={"status": "draft"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        409, "A notice that is withdrawn cannot become draft.",
    )  # fmt: skip
    assert (await mine.get(own, params={"status": "withdrawn"})).json()["data"] == [withdrawn]
    assert (await mine.get(own, params={"status": "draft"})).json()["data"] == []
    assert (await mine.delete(one)).status_code == 204
    assert (await mine.get(one)).status_code == 404
    kinds = await connection.fetch("SELECT type FROM events WHERE entity = 'safety_notice' ORDER BY id")
    assert [row["type"].removeprefix("safety_notice.") for row in kinds] == [
        "created", "updated", "published", "updated", "withdrawn", "deleted",
    ]  # fmt: skip


async def test_changes_of_a_notice(mine: Client, world: World) -> None:
    own = f"{API}/organizations/{world.owner.organization_id}/safety-notices"
    body = {"gtins": [world.gtins[1]], "severity": "notice", "texts": [EN], "status": "published"}
    made = (await mine.post(own, json=body)).json()
    assert made["published_at"] is not None
    one = f"{API}/safety-notices/{made['id']}"
    change = {
        "gtins": [world.gtins[2]], "severity": "danger", "texts": [FR], "affected_lots": ["A"], "regions": ["US"],
        "url": "https://y.example", "metadata": {"a": "b"},
    }  # fmt: skip
    changed = (await mine.patch(one, json=change)).json()
    assert {name: changed[name] for name in change} == change
    assert (await mine.patch(one, json={"severity": None, "texts": None})).json() == changed
    cleared = (await mine.patch(one, json={"affected_lots": None, "metadata": {"a": ""}})).json()
    assert (cleared["affected_lots"], cleared["metadata"]) == (None, {})
    for gtin, count in ((world.gtins[1], 0), (world.gtins[2], 1)):
        answer = await mine.get(f"{API}/products/{gtin}/safety-notices", params={"lot": "anything"})
        assert answer.json()["pagination"]["total_count"] == count


async def test_notices_that_cannot_be(mine: Client, world: World) -> None:
    own = f"{API}/organizations/{world.owner.organization_id}/safety-notices"
    body = {"gtins": [world.gtins[1]], "severity": "notice", "texts": [EN]}
    wrong: list[tuple[dict[str, Any], int, str, str]] = [
        ({"gtins": [world.gtins[9]]}, 422, "gtins.0", "there is no product with this GTIN"),
        ({"texts": []}, 422, "texts", "must have at least 1 items"),
        ({"texts": [EN, EN | {"language": "EN"}]}, 422, "texts.1.language", "is there already; each language once"),
        ({"texts": [EN | {"title": ""}]}, 422, "texts.0.title", "must have at least 1 characters"),
        ({"texts": [EN | {"language": "english!"}]}, 422, "texts.0.language", "must match"),
        ({"status": "withdrawn"}, 422, "status", "must be draft or published: nothing new is withdrawn"),
        ({"affected_lots": {"ranges": [["9", "10"]]}}, 422, "affected_lots", "differ in length"),
        ({"regions": ["California"]}, 422, "regions.0", "must have at most 6 characters"),
        ({"severity": "hot"}, 422, "severity", "must be one of danger, warning, caution, notice"),
    ]
    for change, status, field, says in wrong:
        answer = await mine.post(own, json=body | change)
        assert answer.status_code == status, answer.text
        problems = answer.json()["error"]["details"]
        assert [(d["field"], says in d["message"]) for d in problems] == [(field, True)], answer.text
    answer = await mine.post(own, json=body | {"gtins": [world.gtins[3]]})
    assert (answer.status_code, world.gtins[3] in answer.json()["error"]["message"]) == (403, True)
    assert (await mine.get(own)).json()["data"] == []  # nothing half written
    others = f"{API}/organizations/{world.other.organization_id}/safety-notices"
    assert [(await mine.post(others, json=body)).status_code, (await mine.get(others)).status_code] == [404, 404]
    about = {"gtins": [world.gtins[3]], "severity": "danger", "texts": [EN]}
    theirs = f"{API}/organizations/{world.authority.organization_id}/safety-notices"
    assert (await mine.post(theirs, json=about, headers=key(world.authority))).status_code == 201
    unknown = f"{API}/safety-notices/{NOBODY}"
    assert [(await mine.get(unknown)).status_code, (await mine.delete(unknown)).status_code] == [404, 404]


async def test_the_food_traceability_list(mine: Client, connection: Connection, world: World) -> None:
    url, content = f"{API}/products/{world.gtins[1]}/ftl", f"{PRODUCTS}/products/{world.gtins[1]}/content"
    assert (await mine.get(url)).status_code == 404
    said = {"contains_ftl_substance": True, "ftl_categories": ["nut_butters", "herbs"], "ftl_notes": "Spread"}
    assert (await mine.put(url, json=said)).json() == said
    assert (await mine.get(url)).json() == said == (await mine.get(content)).json()["ftl"]
    none = {"contains_ftl_substance": False, "ftl_categories": [], "ftl_notes": ""}
    assert (await mine.put(url, json={"contains_ftl_substance": False})).json() == none
    for wrong in (
        {"contains_ftl_substance": True},
        {"contains_ftl_substance": False, "ftl_categories": ["herbs"]},
    ):
        answer = await mine.put(url, json=wrong)
        assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "ftl_categories")
    assert (await mine.get(url)).json() == none
    theirs = await mine.put(f"{API}/products/{world.gtins[3]}/ftl", json=none)
    assert theirs.status_code == 403
    assert [(await mine.delete(url)).status_code, (await mine.delete(url)).status_code] == [204, 404]
    assert await connection.fetchval("SELECT count(*) FROM ftl_designations") == 0
