"""What is counted, paged and drawn up into facets is one set."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closient_gql.core.paging import Slice, Window
from resolvers.search import candidates
from resolvers.search.asked import Hit, SearchKind
from resolvers.search.queries import HITS
from tests.conftest import Client
from tests.search.asking import FACETS, graph, search

SINGLE = ["KIND", "BRAND", "CATEGORY", "COUNTRY", "GPC_SEGMENT", "GPC_FAMILY", "GPC_CLASS", "GPC_BRICK"]
WORDS = st.sampled_from(
    ["cookies", "rice", "milk", "widget", "hammer", "acme", "free", "oil", "-vegan", "-rice", '"rice cookies"']
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "excludeAllergens": st.lists(st.sampled_from(["GLUTEN", "PEANUTS", "EGGS", "MILK"]), max_size=2),
        "diets": st.lists(st.sampled_from(["VEGAN", "GLUTEN_FREE", "ORGANIC"]), max_size=2),
        "avoidSubstances": st.lists(st.sampled_from(["palm-oil", "sugar"]), max_size=1),
        "countriesOfOrigin": st.lists(st.sampled_from(["US", "FR"]), max_size=2),
        "isClaimed": st.booleans(),
        "isRecalled": st.booleans(),
    },
)


async def pages(client: Client, size: int, **asked: Any) -> list[Any]:
    found, page = list[Any](), 1
    while nodes := (await search(client, page=page, pageSize=size, **asked))["nodes"]:
        found, page = [*found, *nodes], page + 1
    return found


async def forwards(client: Client, size: int, **asked: Any) -> list[Any]:
    found, after = list[Any](), None
    while True:
        part = await search(client, first=size, after=after, **asked)
        found += part["nodes"]
        if not part["pageInfo"]["hasNextPage"]:
            return found
        after = part["pageInfo"]["endCursor"]


async def backwards(client: Client, size: int, **asked: Any) -> list[Any]:
    found, before = list[Any](), None
    while True:
        part = await search(client, last=size, before=before, **asked)
        found = [*part["nodes"], *found]
        if not part["pageInfo"]["hasPreviousPage"]:
            return found
        before = part["pageInfo"]["startCursor"]


@pytest.mark.parametrize("few", [20_000, 0])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.lists(WORDS, min_size=1, max_size=3).map(" ".join), filters=FILTERS, size=st.integers(1, 4))
async def test_total_pages_and_facets_agree(
    unlimited: Client, monkeypatch: pytest.MonkeyPatch, few: int, query: str, filters: dict[str, Any], size: int
) -> None:
    """With few documents, all of which are compared, as with many, of which indexes choose."""
    monkeypatch.setattr(candidates, "FEW", few)
    asked: dict[str, Any] = {"query": query, "filters": filters}
    whole = await search(unlimited, first=100, **asked)
    ids = [(node["kind"], node["id"]) for node in whole["nodes"]]
    assert len(set(ids)) == len(ids) == whole["totalCount"]
    assert all(node["score"] >= whole["threshold"] for node in whole["nodes"])
    order = [(-node["score"], node["id"]) for node in whole["nodes"]]
    assert order == sorted(order)
    for walk in (pages, forwards, backwards):
        assert await walk(unlimited, size, **asked) == whole["nodes"]
    found = (await graph(unlimited, FACETS, **asked, by=SINGLE))["search"]
    for facet in found["facets"]:
        assert facet["singleValued"]
        assert sum(bucket["count"] for bucket in facet["buckets"]) == found["totalCount"] == len(ids)


@pytest.mark.parametrize("change", [-0.01, 0.01])
def test_a_cursor_is_a_row(change: float) -> None:
    """Whatever changes in the catalogue changes how rare words are, and so every score a little."""

    def hits(names: str, change: float = 0.0) -> list[Hit]:
        return [Hit(SearchKind.PRODUCT, name, 1.5 - n // 2 / 10 + change) for n, name in enumerate(names)]

    def part(hits: list[Hit], **window: Any) -> Slice[Hit]:
        return HITS.slice(hits, Window(**window), "relevance", Slice)

    first = part(hits("abcdef"), first=3)
    cursor = first.cursor(first.nodes[-1])
    later = hits("abcdef", change)
    assert [hit.id for hit in part(later, first=2, after=cursor).nodes] == ["d", "e"]
    assert [hit.id for hit in part(later, last=9, before=cursor).nodes] == ["a", "b"]
    gone = [hit for hit in hits("abcdef") if hit.id != "c"]
    assert [hit.id for hit in part(gone, first=2, after=cursor).nodes] == ["d", "e"]


async def test_a_facet_counts_what_filtering_by_it_finds(unlimited: Client) -> None:
    """Also one with several values for each hit; over the whole set, not over a page of it."""
    by = {"DIET": "diets", "CERTIFICATION": "certifications", "BRAND": "brandIds", "COUNTRY": "countriesOfOrigin"}
    found = (await graph(unlimited, FACETS, query="cookies", by=list(by)))["search"]
    for facet in found["facets"]:
        for bucket in facet["buckets"]:
            if (value := bucket["value"]) is not None:
                given = [value.upper() if facet["kind"] == "DIET" else value]
                narrowed = await search(unlimited, "cookies", filters={by[facet["kind"]]: given})
                assert narrowed["totalCount"] == bucket["count"], bucket
    assert {facet["kind"]: facet["singleValued"] for facet in found["facets"]} == {
        "DIET": False, "CERTIFICATION": False, "BRAND": True, "COUNTRY": True,
    }  # fmt: skip


async def test_cursors_are_those_of_searches(unlimited: Client) -> None:
    for after in ("nonsense", "WyJwcm9kdWN0cyIsIm5hbWUiLCJ4IiwieSJd"):
        answer = await unlimited.post(
            "/graphql",
            json={
                "query": 'query ($a: String) { search(query: "x", after: $a) { totalCount } }',
                "variables": {"a": after},
            },
        )
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "VALIDATION_ERROR"
        assert error["extensions"]["details"][0]["field"] == "after"
