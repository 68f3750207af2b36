"""GET /search/api/v1/search, as the contract has it; suggestions, similar products, codes, what is said of hits."""

from typing import Any

import pytest

from closient_gql.core.db import Database, Reader
from closient_gql.core.settings import Settings, settings
from closient_gql.server.app import operations_of
from closient_gql.server.ratelimit import MemoryLimiter
from resolvers.context import Context
from resolvers.search import candidates, models, vocabulary
from resolvers.search.asked import Asked, Degradation, Filters
from resolvers.search.candidates import passing
from schema import graph as whole_graph
from tests import make
from tests.conftest import Client
from tests.search.asking import PAGE, graph, names, rest, search


async def test_a_row_says_what_is_documented(unlimited: Client) -> None:
    found = await rest(unlimited, q="certified rice cookies", type="product", limit=1)
    (row,) = found["results"]
    assert row.pop("rank") > 0
    assert row == {
        "type": "product",
        "id": make.make_id(3),
        "name": "Certified Rice Cookies",
        "description": "",
        "metadata": {"gtin": make.make_gtin(3), "brand": "Bestow"},
        "certifications": ["crossed_grain_symbol", "gluten_free", "organic", "usda_organic"],
        "contains_allergens": ["eggs"],
        "substance_flags": [],
        "allergen_data_confidence": "medium",
    }
    assert (found["query"], found["total_count"]) == ("certified rice cookies", 1)


async def test_brands_and_retailers_are_found_and_pass_unfiltered(unlimited: Client) -> None:
    found = await rest(unlimited, q="acme", exclude_allergens="gluten", require_certifications="vegan")
    kinds = {row["name"]: row["type"] for row in found["results"] if row["type"] != "product"}
    assert kinds == {"Acme": "brand", "Acme Store": "retailer"}
    assert [row["type"] for row in (await rest(unlimited, q="acme", type="brand"))["results"]] == ["brand"]
    both = await rest(unlimited, q="acme", type=["brand", "retailer"])
    assert sorted(row["type"] for row in both["results"]) == ["brand", "retailer"]
    assert [row["allergen_data_confidence"] for row in both["results"]] == ["low", "low"]


async def test_unknown_products_are_kept_marked_and_come_last(unlimited: Client) -> None:
    found = await rest(unlimited, q="cookies", exclude_allergens=["gluten"], type="product", limit=100)
    confidence = [(row["name"], row["allergen_data_confidence"]) for row in found["results"]]
    known = [name for name, how in confidence if how != "low"]
    assert sorted(known) == [
        "Certified Rice Cookies", "Gluten Free Rice Cookies", "Rice Cookies with Traces", "Vegan Cookies",
    ]  # fmt: skip
    assert [how == "low" for _, how in confidence] == sorted(how == "low" for _, how in confidence)
    assert {"Mystery Cookies", "Cut Cookies", "Formerly Free Cookies"} < {
        name for name, how in confidence if how == "low"
    }
    assert not {"Oat Cookies", "Contradicting Cookies"} & {name for name, _ in confidence}
    assert found["total_count"] == len(found["results"])
    for part in ([*known],):
        ranks = [row["rank"] for row in found["results"] if row["name"] in part]
        assert ranks == sorted(ranks, reverse=True)


async def test_traces_are_dropped_and_substances_flagged(unlimited: Client) -> None:
    found = await rest(unlimited, q="cookies", exclude_allergens=["tree-nuts", "peanut"], limit=100)
    assert "Rice Cookies with Traces" not in [row["name"] for row in found["results"]]
    rows = (await rest(unlimited, q="cookies", avoid_substances="Palm_Oil", limit=100))["results"]
    flags = {row["name"]: row["substance_flags"] for row in rows}
    assert flags["Rice Cookies with Traces"] == ["palm-oil"]
    assert flags["Mystery Cookies"] == []
    assert not {"Oat Cookies", "Vegan Cookies"} & set(flags)


async def test_all_certifications_are_required(unlimited: Client) -> None:
    found = await rest(unlimited, q="cookies", require_certifications=["gluten-free", "USDA_ORGANIC"], type="product")
    assert [row["name"] for row in found["results"]] == ["Certified Rice Cookies"]


WRONG: tuple[tuple[Any, str], ...] = (
    ({}, "q"),
    ({"q": ""}, "q"),
    ({"q": " \t"}, "q"),
    ({"q": "x" * 256}, "q"),
    ({"q": "x" * 10_000}, "q"),
    ({"q": "a\0b"}, "q"),
    ({"q": "x", "type": "shop"}, "type.0"),
    ({"q": "x", "limit": "0"}, "limit"),
    ({"q": "x", "limit": "101"}, "limit"),
    ({"q": "x", "limit": "many"}, "limit"),
    ({"q": "x", "exclude_allergens": ["milk", "kryptonite"]}, "exclude_allergens.1"),
    ({"q": "x", "exclude_allergens": ["milk"] * 500}, "exclude_allergens"),
    ({"q": "x", "require_certifications": ["; DROP TABLE"]}, "require_certifications.0"),
    ({"q": "x", "avoid_substances": ["(.*)+"]}, "avoid_substances.0"),
)


async def test_what_is_wrong_is_said(unlimited: Client) -> None:
    for parameters, field in WRONG:
        found = await rest(unlimited, 422, **parameters)
        assert found["error"]["code"] == "VALIDATION_ERROR"
        assert [detail["field"] for detail in found["error"]["details"]] == [field]


ODD = (
    '"not closed', "'; DROP TABLE products; --", "a & b | !c <-> d:*", "((((", "🍪🍪", "عربي بحث", "a\x07b\x1b[0m",
    "the and of", "-", "--", "-milk", '""', "OR", "OR OR OR", "\\", "%", "_", "NaN", "null", "1e999", "x" * 255,
    "e\u0301" * 100, "\u202eabc", "cookies -cookies", '"rice cookies" OR', ":* & !", "😀 OR -😀",
)  # fmt: skip


async def test_anything_can_be_looked_for(unlimited: Client) -> None:
    """An answer, never an error; and by the same rules as any other."""
    for odd in ODD:
        found = await rest(unlimited, q=odd, limit=100)
        assert found["query"] == odd
        assert found["total_count"] == len(found["results"])
        whole = await search(unlimited, odd, first=100)
        assert whole["totalCount"] == len(whole["nodes"])
        await graph(unlimited, "query ($q: String!) { searchSuggestions(query: $q) { text } }", q=odd[:100])


async def test_long_queries_and_many_filters_of_the_graph(unlimited: Client) -> None:
    for variables in ({"query": "x" * 10_000}, {"query": "x", "filters": {"diets": ["VEGAN"] * 500}},
                      {"query": "x", "filters": {"price": {"currency": "USD"}}},
                      {"query": "x", "filters": {"gpcCodes": ["food"]}}):  # fmt: skip
        answer = await unlimited.post("/graphql", json={"query": PAGE, "variables": variables})
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "VALIDATION_ERROR", variables
    filters = {"brandIds": [make.make_id(n) for n in range(100)], "certifications": [f"c{n}" for n in range(100)]}
    assert (await search(unlimited, "cookies", filters=filters))["totalCount"] == 0


async def test_words_that_must_be_there_or_must_not(unlimited: Client) -> None:
    """Phrases and exclusions are promises, as filters are."""
    assert all("rice cookies" in name.lower() for name in await names(unlimited, '"rice cookies"'))
    assert len(await names(unlimited, '"rice cookies"')) == 3
    assert not [name for name in await names(unlimited, "cookies -rice") if "Rice" in name]
    assert await names(unlimited, '"cookies rice"') == []


@pytest.mark.parametrize("code", ["{gtin}", "{short}", "https://id.gs1.org/01/{gtin}", "gtin:{gtin}", " {spaced} "])
async def test_a_code_finds_what_has_it_and_nothing_else(unlimited: Client, code: str) -> None:
    gtin = make.make_gtin(20)
    spaced = f"{gtin[1:7]} {gtin[7:]}"
    query = code.format(gtin=gtin, short=gtin[6:], spaced=spaced)
    assert await names(unlimited, query) == ["Whole Milk"]
    assert await names(unlimited, query, filters={"excludeAllergens": ["MILK"]}) == []
    unknown = code.format(gtin=make.make_gtin(999), short=make.make_gtin(999)[6:], spaced=make.make_gtin(999)[1:])
    assert await names(unlimited, unknown) == []
    assert [row["name"] for row in (await rest(unlimited, q=query))["results"]] == ["Whole Milk"]


async def test_numbers_are_never_corrected(unlimited: Client) -> None:
    found = await search(unlimited, "hammer 1236", first=100)
    assert found["corrections"] == []
    assert (await names(unlimited, "hammer 1234"))[0] == "Hammer 1234"
    assert (await names(unlimited, "hammer 1235"))[0] == "Hammer 1235"


async def test_why_a_hit_passed(unlimited: Client) -> None:
    document = """{ search(query: "rice cookies", first: 1) { threshold nodes { score explanation {
        score threshold cosine coverage model text matches { term searched weight fields } } } } }"""
    found = (await graph(unlimited, document))["search"]
    (hit,) = found["nodes"]
    why = hit["explanation"]
    assert (why["score"], why["threshold"]) == (hit["score"], found["threshold"])
    assert why["model"] == "hashed-words"
    assert -1 <= why["cosine"] <= 1
    assert why["coverage"] == pytest.approx(1)
    assert [match["term"] for match in why["matches"]] == ["rice", "cookies"]
    assert all("name" in match["fields"] for match in why["matches"])
    assert sum(match["weight"] for match in why["matches"]) == pytest.approx(1)
    assert "rice" in why["text"]


async def test_hits_lead_on_into_the_graph(unlimited: Client) -> None:
    document = """{ search(query: "whole milk", kinds: [PRODUCT], first: 1) { nodes {
        product { gtin brand { name products { totalCount } } similar(first: 3) { productName } }
        brand { id } retailer { id } } } }"""
    (hit,) = (await graph(unlimited, document))["search"]["nodes"]
    assert hit["product"]["gtin"] == make.make_gtin(20)
    assert hit["product"]["brand"] == {"name": "Dairyland", "products": {"totalCount": 2}}
    assert (hit["brand"], hit["retailer"]) == (None, None)
    assert len(hit["product"]["similar"]) == 3
    assert "Whole Milk" not in [each["productName"] for each in hit["product"]["similar"]]


async def test_similar_products_keep_filters(unlimited: Client) -> None:
    document = """query ($q: String!) { search(query: $q, kinds: [PRODUCT], first: 2) { nodes { product { productName
        similar(first: 50, filters: {diets: [GLUTEN_FREE]}) { productName } } } } }"""
    for hit in (await graph(unlimited, document, q="oat cookies"))["search"]["nodes"]:
        others = {"Certified Rice Cookies", "Gluten Free Rice Cookies"} - {hit["product"]["productName"]}
        assert {each["productName"] for each in hit["product"]["similar"]} == others


async def test_suggestions(unlimited: Client) -> None:
    async def texts(typed: str, **more: Any) -> list[tuple[str, str]]:
        answer = await unlimited.get("/search/api/v1/suggestions", params={"q": typed, **more})
        return [(each["kind"], each["text"]) for each in answer.json()]

    assert ("words", "cookies") in await texts("cook")
    assert ("words", "rice cookies") in await texts("rice cook")
    assert ("brand", "Acme") in await texts("acm") or ("words", "acme") in await texts("acm")
    assert ("product", "Whole Milk") in await texts("Whole M") or ("words", "Whole milk") in await texts("Whole M")
    assert len(await texts("c", limit=2)) <= 2
    assert await texts("zzzz") == await texts("%") == await texts(" ") == []


async def test_anonymous_callers_search_sixty_times_a_minute(searched: Client) -> None:
    """A request counts once, however often it searches; a key has its own limits."""
    searched.app.state.limiter = MemoryLimiter(lambda: 30.0)  # type: ignore[attr-defined]  # time stands still
    document = "{ " + " ".join(f'a{n}: search(query: "milk {n}") {{ totalCount }}' for n in range(5)) + " }"
    left = int((await searched.post("/graphql", json={"query": document})).headers["RateLimit-Remaining"])
    answer = await searched.get("/search/api/v1/search?q=milk")
    assert answer.headers["RateLimit-Policy"] == "60;w=60"
    assert int(answer.headers["RateLimit-Remaining"]) == left - 1 == 58
    for _ in range(59):
        assert answer.status_code == 200
        answer = await searched.get("/search/api/v1/search?q=milk")
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "RATE_LIMITED"
    assert answer.headers["Retry-After"] == "30"


async def test_without_a_model_words_are_compared_and_the_answer_says_so(
    unlimited: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSIENT_EMBEDDINGS_URL", "none:")
    settings.cache_clear()
    monkeypatch.setattr(models, "_queries", {})
    answer = await unlimited.get("/search/api/v1/search?q=rice cookies")
    assert answer.headers["X-Search-Degraded"] == "no-model"
    assert answer.json()["results"][0]["name"] in ("Certified Rice Cookies", "Gluten Free Rice Cookies")
    whole = await search(unlimited, "rice cookies")
    assert whole["degraded"] == "NO_MODEL"
    assert all(node["score"] >= whole["threshold"] for node in whole["nodes"])
    monkeypatch.undo()
    settings.cache_clear()


async def test_statements(searched_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same number for any number of hits: what there is of models, and the candidates; where there are many and
    something narrows them, how many are left."""
    monkeypatch.setattr(vocabulary, "REST", 1e9)
    database = Database(searched_url, 2)
    try:
        await passing(Context(Reader(database)), Asked(query="warm"))
        for query in ("rice cookies", "milk"):
            ctx = Context(Reader(database))
            found = await passing(ctx, Asked(query=query))
            assert found.hits
            assert await passing(ctx, Asked(query=query)) is found
            assert len(ctx.read.statements) == 2, ctx.read.statements
        monkeypatch.setattr(candidates, "FEW", 5)
        for filters, count in ((Filters(), 2), (Filters(diets=("vegan",)), 3)):
            ctx = Context(Reader(database))
            await passing(ctx, Asked(query="rice cookies", filters=filters))
            assert len(ctx.read.statements) == count, ctx.read.statements
    finally:
        await database.close()


async def test_before_anything_is_indexed(database_url: str) -> None:
    database = Database(database_url, 2)
    found = await passing(Context(Reader(database)), Asked(query="milk"))
    assert (list(found.hits), found.degraded) == ([], Degradation.NO_MODEL)
    await database.close()


async def test_what_the_text_says_is_a_filter(unlimited: Client) -> None:
    """In the graph nothing unknown passes; over REST it does, marked, after what is known."""
    document = """query ($q: String!, $interpret: Boolean) { search(query: $q, interpret: $interpret, first: 100) {
        interpreted { key slugs } nodes { name } } }"""
    found = (await graph(unlimited, document, q="gluten free cookies"))["search"]
    assert found["interpreted"] == [{"key": "EXCLUDE_ALLERGENS", "slugs": ["gluten"]}]
    free = {"Certified Rice Cookies", "Gluten Free Rice Cookies", "Rice Cookies with Traces", "Vegan Cookies"}
    assert {node["name"] for node in found["nodes"]} == free
    rows = (await rest(unlimited, q="gluten free cookies", limit=100))["results"]
    assert {row["name"] for row in rows if row["allergen_data_confidence"] != "low"} == free
    assert not {"Oat Cookies", "Contradicting Cookies"} & {row["name"] for row in rows}
    assert {row["name"] for row in (await rest(unlimited, q="vegan cookies"))["results"]} == {
        "Contradicting Cookies", "Vegan Cookies",
    }  # fmt: skip
    for query, interpret in (('"gluten free" cookies', True), ("gluten free cookies", False)):
        found = (await graph(unlimited, document, q=query, interpret=interpret))["search"]
        assert found["interpreted"] == []
        assert "Gluten Free Rice Cookies" in {node["name"] for node in found["nodes"]}


ROWS = """query ($limit: Int!) { catalogSearch(query: "cookies", limit: $limit, excludeAllergens: ["gluten"]) {
    results { name description metadata certifications containsAllergens substanceFlags allergenDataConfidence } } }"""
WHY = """query ($limit: Int!) { search(query: "cookies", first: $limit) { totalCount threshold
    facets(kinds: [BRAND, KIND]) { buckets { count } }
    nodes { name explanation { text } product { productName } } } }"""
STATEMENTS = {ROWS: 8, WHY: 5}
"""Models, candidates; products, brands, codes, three of facts; or a facet, products, places of words."""


async def test_as_many_statements_for_one_row_as_for_ten(searched_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "REST", 1e9)  # once known, words are not asked after again
    operations = operations_of(whole_graph(), Settings())
    database = Database(searched_url, 4)
    try:
        await passing(Context(Reader(database)), Asked(query="warm"))
        for document in (ROWS, WHY):
            counts = []
            for limit in (1, 10):
                ctx = Context(Reader(database))
                result = await operations.prepare(document).execute({"limit": limit}, ctx)
                assert not result.errors
                counts.append(len(ctx.read.statements))
            assert counts == [STATEMENTS[document]] * 2
    finally:
        await database.close()
