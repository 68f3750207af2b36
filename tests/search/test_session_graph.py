"""Sessions in the graph: pages, facets, boxes of a map, what hits lead to, how many statements that takes."""

import asyncio
from typing import Any

import pytest

from closient_gql.core.db import Database, Reader
from closient_gql.core.paging import Window
from resolvers.context import Context
from resolvers.search import hit_details
from resolvers.search.session_hits import hits_of
from resolvers.search.sessions import session_of
from tests.conftest import Client
from tests.search.asking import graph
from tests.search.market import HERE

OPEN = """
mutation ($input: SearchSessionInput!, $first: Int, $after: String) { searchSessionOpen(input: $input) {
  sessionId totalCount isRefinement classificationExplanation activeConstraints place degraded
  hits(first: $first, after: $after) { totalCount nodes { id distanceKm } } } }
"""
LOOK = """
query ($id: String!, $first: Int, $after: String, $last: Int, $before: String, $bounds: MapBoundsInput, $from: Float,
       $to: Float, $kinds: [SearchFacetKind!]! = [BRAND, CATEGORY, DIET]) {
  searchSession(sessionId: $id) { totalCount
    hits(first: $first, after: $after, last: $last, before: $before, bounds: $bounds, fromKm: $from, toKm: $to) {
      totalCount pagination { totalCount } pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
      distanceBuckets { fromKm toKm count }
      facets(kinds: $kinds) { kind singleValued buckets { value label count } }
      nodes {
        id distanceKm otherStoresCount
        product { gtin productName brand { name } offers(first: 1, near: {latitude: 39.29, longitude: -76.61}) {
          nodes { ... on InStoreOffer { id } } } }
        store { id name distanceKm physicalStore { id } location { id latitude } }
        offer { id price { amount } inventoryConfidence inStoreOffer { id effectivePrice { amount } } }
      } } } }
"""


async def begun(client: Client, query: str = "cookies", **given: Any) -> Any:
    answer = await graph(client, OPEN, input={"query": query, "radiusKm": 50.0} | HERE | given)
    return answer["searchSessionOpen"]


async def looked(client: Client, id: str, **variables: Any) -> Any:
    return (await graph(client, LOOK, id=id, **variables))["searchSession"]["hits"]


async def test_hits_lead_on(shopper: Client) -> None:
    session = await begun(shopper)
    hits = await looked(shopper, session["sessionId"])
    for node in hits["nodes"]:
        assert node["store"]["id"] == node["store"]["physicalStore"]["id"]
        assert node["offer"]["id"] == node["offer"]["inStoreOffer"]["id"] == node["product"]["offers"]["nodes"][0]["id"]
        shown = node["offer"]["price"]
        assert shown == node["offer"]["inStoreOffer"]["effectivePrice"]


async def test_totals_are_pages_are_facets(shopper: Client) -> None:
    session = await begun(shopper)
    whole = await looked(shopper, session["sessionId"])
    ids = [node["id"] for node in whole["nodes"]]
    assert len(ids) == whole["totalCount"] == whole["pagination"]["totalCount"] == session["totalCount"] == 5
    assert sum(bucket["count"] for bucket in whole["distanceBuckets"]) == 5
    assert whole["distanceBuckets"] == [
        {"fromKm": 1.0, "toKm": 2.0, "count": 3}, {"fromKm": 2.0, "toKm": 5.0, "count": 2},
    ]  # fmt: skip
    for facet in whole["facets"]:
        if facet["singleValued"]:
            assert sum(bucket["count"] for bucket in facet["buckets"]) == 5
    brands = {bucket["label"]: bucket["count"] for bucket in whole["facets"][0]["buckets"]}
    assert brands == {"Acme": 2, "Bestow": 2, "Caro": 1}
    walked, cursor = [], None
    while True:
        page = await looked(shopper, session["sessionId"], first=2, after=cursor)
        assert (page["totalCount"], page["facets"]) == (5, whole["facets"])
        walked += [node["id"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert walked == ids
    last = await looked(shopper, session["sessionId"], last=2)
    assert [node["id"] for node in last["nodes"]] == ids[-2:]


async def test_buckets_and_boxes_compose(shopper: Client) -> None:
    session = await begun(shopper)
    far = await looked(shopper, session["sessionId"], **{"from": 2.0, "to": 5.0})
    assert [node["distanceKm"] for node in far["nodes"]] == [2.22, 2.22]
    box = {"south": 39.305, "west": -76.62, "north": 39.35, "east": -76.60}
    inside = await looked(shopper, session["sessionId"], bounds=box)
    assert {node["distanceKm"] for node in inside["nodes"]} == {2.22}
    assert [node["distanceKm"] for node in inside["nodes"]] == sorted(node["distanceKm"] for node in inside["nodes"])
    assert inside["totalCount"] == 4
    across = box | {"west": 170.0, "east": -76.60}  # over the antimeridian, and as far as here
    assert (await looked(shopper, session["sessionId"], bounds=across))["totalCount"] == 4
    beyond = box | {"west": 170.0, "east": -170.0}
    assert (await looked(shopper, session["sessionId"], bounds=beyond))["totalCount"] == 0
    wrong = {"query": LOOK, "variables": {"id": session["sessionId"], "bounds": box | {"south": 40.0}}}
    answer = (await shopper.post("/graphql", json=wrong)).json()
    assert answer["errors"][0]["extensions"]["details"] == [{"field": "bounds.south", "message": "is north of north"}]


async def test_unknown_sessions_are_not_found(shopper: Client) -> None:
    answer = (await shopper.post("/graphql", json={"query": LOOK, "variables": {"id": "x"}})).json()
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(("query", "statements"), [("cookies", 6), ("anything under $9", 4)])
async def test_the_number_of_statements(market_url: str, shopper: Client, query: str, statements: int) -> None:
    """However many hits: the gate, one for all offers, one for each kind of thing that is shown."""
    session = await begun(shopper, query)
    database = Database(market_url, 3)
    counts = []
    for size in (1, 1, 100):  # the first one also reads what a process keeps: words, the model
        ctx = Context(Reader(database))
        found = await session_of(ctx, session["sessionId"])
        ctx.read.statements.clear()
        (hits,) = await hits_of(ctx, [found], Window(first=size))
        await asyncio.gather(hit_details.stores_of(ctx, hits.nodes), hit_details.offers_of(ctx, hits.nodes))
        counts.append(len(ctx.read.statements))
    await database.close()
    assert counts[1:] == [statements, statements]


async def test_offers_are_the_same_from_either_end(
    market_url: str, shopper: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the products, and from the places around."""
    session = await begun(shopper, "cookies in stock under $9")
    database = Database(market_url, 3)
    found = []
    for many in (0, 5_000):
        monkeypatch.setattr("resolvers.search.local.MANY", many)
        ctx = Context(Reader(database))
        found.append(await hits_of(ctx, [await session_of(ctx, session["sessionId"])], Window()))
    await database.close()
    (from_places,), (from_products,) = found
    assert from_places.nodes == from_products.nodes != []
