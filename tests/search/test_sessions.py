"""Sessions over REST: what people say, what it comes to, what is found."""

import asyncio
from typing import Any

import pytest
from geographiclib.geodesic import Geodesic  # type: ignore[import-untyped]

from closient_gql.core.db import Connection
from resolvers.search.demand import bucket_of
from tests import make
from tests.conftest import Client
from tests.search.market import HERE, MYSTERY, NORTH, OATS, OFFERS, names
from tests.search.world import ITEMS

SESSION = "/search/api/v1/search/session"
TITLES = {item.number: item.name for item in ITEMS}
DAY = 24


async def opened(client: Client, query: str, status: int = 200, key: str = "", **body: Any) -> Any:
    headers = {"X-API-Key": key} if key else {}
    answer = await client.post(SESSION, json={"query": query} | HERE | body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def said(client: Client, session: Any, query: str, status: int = 200, key: str = "", **body: Any) -> Any:
    headers = {"X-API-Key": key} if key else {}
    path = f"{SESSION}/{session['session_id']}/query"
    answer = await client.post(path, json={"query": query} | body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def kilometres(store: int) -> float:
    found = Geodesic.WGS84.Inverse(HERE["latitude"], HERE["longitude"], *NORTH[store])
    return float(found["s12"]) / 1000


def rank(age: float | None) -> int:
    return 2 if age is None else 0 if age <= 1 else 1 if age <= DAY else 2 if age < 48 else 3


def expected(radius: float = 10.0, **wanted: Any) -> list[tuple[str, int, int]]:
    """By hand: names, the store, and how many others. `products`: what passes the gate."""
    best: dict[int, list[Any]] = {}
    for number, store, price, pieces, age in OFFERS:
        passes = kilometres(store) <= radius and number in wanted.get("products", TITLES)
        passes = passes and (not wanted.get("in_stock") or bool(pieces))
        if "most" in wanted:
            passes = passes and price is not None and price <= wanted["most"]
        if passes:
            key = (kilometres(store), rank(age), price if price is not None else 1e9)
            best.setdefault(number, []).append((key, store))
    hits = sorted((min(found), number, len(found)) for number, found in best.items())
    return [(TITLES[number], store, count - 1) for (_, store), number, count in hits]


def shown(answer: Any) -> list[tuple[str, int, int]]:
    stores = {place: n for n, place in enumerate(NORTH)}
    return [
        (hit["product"]["name"], stores[hit["store"]["latitude"], hit["store"]["longitude"]], hit["other_stores_count"])
        for hit in answer["results"]
    ]


COOKIES = frozenset(range(1, 12)) - {10}


@pytest.mark.parametrize(
    ("query", "body", "wanted"),
    [
        ("cookies", {}, {"products": COOKIES}),
        ("cookies", {"radius_km": 50}, {"products": COOKIES, "radius": 50.0}),
        ("cookies within 2 km", {}, {"products": COOKIES, "radius": 2.0}),
        ("cookies in stock", {"radius_km": 50}, {"products": COOKIES, "radius": 50.0, "in_stock": True}),
        ("cookies", {"in_stock": True}, {"products": COOKIES, "in_stock": True}),
        ("cookies under $3.60", {}, {"products": COOKIES, "most": 3.6}),
        ("cookies", {"constraints": {"price_max": 2, "distance_km": 6}},
         {"products": COOKIES, "most": 2, "radius": 6.0}),
        ("gluten free cookies", {"radius_km": 50}, {"products": {2, 3, 8}, "radius": 50.0}),
        ("vegan cookies", {}, {"products": {8}}),
        ("anything under $4", {}, {"most": 4}),
        ("gtin:" + make.make_gtin(OATS), {}, {"products": {OATS}}),
        ("red widget", {}, {"products": {24}}),
    ],
)  # fmt: skip
async def test_distance_is_the_order(shopper: Client, query: str, body: Any, wanted: Any) -> None:
    answer = await opened(shopper, query, **body)
    assert shown(answer) == expected(**wanted)
    assert answer["total_count"] == len(answer["results"])
    distances = [hit["store"]["distance_km"] for hit in answer["results"]]
    assert distances == sorted(distances)
    assert answer["online_alternatives"] == []


async def test_a_conversation(shopper: Client) -> None:
    session = await opened(shopper, "gluten free cookies near 21201", radius_km=50, latitude=10.0, longitude=10.0)
    assert len(session["session_id"]) == 32
    assert session["base_query"] == "cookies"
    assert session["active_constraints"] == {"exclude_allergens": ["gluten"]}
    assert session["search_history"] == ["gluten free cookies near 21201"]
    assert session["is_expired"] is False
    assert (session["latitude"], session["longitude"], session["place"]) == (39.2946, -76.6252, "21201 Baltimore")
    assert names(session["results"]) == ["Vegan Cookies", "Gluten Free Rice Cookies", "Certified Rice Cookies"]
    cheaper = await said(shopper, session, "but cheaper")
    assert cheaper["is_refinement"] is True
    assert cheaper["new_constraints"] == {"price_max": 5.99}
    assert cheaper["active_constraints"] == {"exclude_allergens": ["gluten"], "price_max": 5.99}
    assert [hit["offer"]["price"]["amount"] for hit in cheaper["results"]] == ["4.00", "5.00", "5.00"]
    assert cheaper["classification_explanation"].startswith("Refines \u201ccookies\u201d")
    path = f"{SESSION}/{session['session_id']}/constraints"
    removed = (await shopper.delete(f"{path}/price_max")).json()
    assert removed["active_constraints"] == {"exclude_allergens": ["gluten"]}
    assert removed["results"] == session["results"]
    assert (await shopper.delete(f"{path}/price_max")).status_code == 404
    assert (await shopper.delete(f"{path}/size")).status_code == 422
    new = await said(shopper, session, "never mind, show me the red widget")
    assert (new["is_refinement"], new["base_query"], new["active_constraints"]) == (False, "widget", {"color": "red"})
    assert new["search_history"] == [
        "gluten free cookies near 21201",
        "but cheaper",
        "never mind, show me the red widget",
    ]
    assert names(new["results"]) == ["Red Widget"]
    state = (await shopper.get(f"{SESSION}/{session['session_id']}")).json()
    assert state["results"] == new["results"]


async def test_refine_takes_constraints_alone(shopper: Client) -> None:
    session = await opened(shopper, "cookies")
    path = f"{SESSION}/{session['session_id']}/refine"
    body = {"constraints": {"exclude_allergens": ["wheat"], "price_max": 4.5}}
    found = (await shopper.post(path, json=body)).json()
    assert found["active_constraints"] == {"exclude_allergens": ["gluten"], "price_max": 4.5}
    assert found["query"] == "cookies"
    gone = (await shopper.post(path, json={"constraints": {"exclude_allergens": None}})).json()
    assert gone["active_constraints"] == {"price_max": 4.5}
    assert (await shopper.post(path, json={})).status_code == 422
    worded = (await shopper.post(path, json={"query": "in stock"})).json()
    assert worded["active_constraints"] == {"price_max": 4.5, "availability": "in_stock"}


async def test_a_contradiction_is_explained(shopper: Client) -> None:
    session = await opened(shopper, "cookies under $3")
    later = await said(shopper, session, "over $10")
    assert later["active_constraints"] == {"price_min": 10}
    assert "price_max 3 was dropped: it contradicts" in later["classification_explanation"]


async def test_a_place_that_does_not_exist(shopper: Client) -> None:
    session = await opened(shopper, "cookies near Atlantis Bay")
    assert (session["latitude"], session["longitude"]) == (HERE["latitude"], HERE["longitude"])
    assert "No place \u201cAtlantis Bay\u201d is known" in session["classification_explanation"]
    abroad = await opened(shopper, "cookies in Paris, France")
    assert "No place \u201cParis, France\u201d is known" in abroad["classification_explanation"]  # one of Texas is
    assert session["total_count"] == 5
    there = await said(shopper, session, "near Beverly Hills, CA")
    assert (there["place"], there["total_count"]) == ("Beverly Hills, CA", 0)
    back = await said(shopper, session, "near me")
    assert (back["latitude"], back["place"], back["total_count"]) == (HERE["latitude"], "", 5)
    assert back["classification_explanation"].endswith("nothing else to search for.")


async def test_online_alternatives_only_where_nothing_local_passes(shopper: Client) -> None:
    milk = await opened(shopper, "whole milk")
    assert (milk["results"], milk["total_count"]) == ([], 0)
    assert names(milk["online_alternatives"]) == ["Whole Milk"]
    (only,) = milk["online_alternatives"]
    assert only["offer"]["price"] == {"amount": "2.00", "currency": "USD"}
    assert (only["offer"]["stock_status"], only["offer"]["url"]) == ("in_stock", "https://shop.example.org/m")
    assert only["store"]["url"] == "https://shop.example.org"
    assert (await said(shopper, milk, "local only"))["online_alternatives"] == []
    online = await opened(shopper, "oat cookies online only")
    assert online["results"] == []
    assert "Oat Cookies" in names(online["online_alternatives"])


async def test_unknown_is_not_free_of(shopper: Client) -> None:
    """A product of which nothing is known passes no promise."""
    found = await opened(shopper, "cookies without peanuts", radius_km=50)
    assert TITLES[MYSTERY] not in names(found["results"])


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(90, 0), (-90, 180), (0, 180), (0, -180), (89.9999, -179.9999), (39.29, 180)]
)
async def test_the_ends_of_the_earth(shopper: Client, latitude: float, longitude: float) -> None:
    found = await opened(shopper, "cookies", latitude=latitude, longitude=longitude, radius_km=50)
    assert (found["results"], found["total_count"]) == ([], 0)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"query": ""}, "query"), ({"query": "   "}, "query"), ({"query": "x" * 501}, "query"),
        ({"query": None}, "query"),
        ({"query": "a\0b"}, "query"), ({"latitude": 90.1}, "latitude"), ({"longitude": -180.1}, "longitude"),
        ({"latitude": "x"}, "latitude"), ({"latitude": None}, "latitude"), ({"radius_km": 51}, "radius_km"),
        ({"radius_km": 0}, "radius_km"), ({"query": "gtin:123"}, "query"), ({"query": "gtin:4006381333932"}, "query"),
        ({"constraints": {"exclude_allergens": ["moon"]}}, "constraints.exclude_allergens.0"),
        ({"constraints": {"price_min": 5, "price_max": 4}}, "constraints.price_min"),
        ({"constraints": {"price_min": -1}}, "constraints.price_min"),
        ({"constraints": {"size": 4}}, "constraints.size"), ({"constraints": {"scope": "moon"}}, "constraints.scope"),
    ],
)  # fmt: skip
async def test_bad_input(shopper: Client, body: Any, field: str) -> None:
    answer = await shopper.post(SESSION, json={"query": "cookies"} | HERE | body)
    assert answer.status_code == 422, answer.text
    assert field in [each["field"] for each in answer.json()["error"]["details"]]


async def test_sessions_end(shopper: Client, market_rows: Connection) -> None:
    session = await opened(shopper, "cookies")
    id = session["session_id"]
    move = "UPDATE search_sessions SET expires_at = now() + $2 * interval '1 minute' WHERE id = $1"
    await market_rows.execute(move, id, 1)
    await said(shopper, session, "in stock")
    left = "SELECT expires_at - now() > interval '29 minutes' FROM search_sessions WHERE id = $1"
    assert await market_rows.fetchval(left, id)
    await market_rows.execute(move, id, 1)
    assert (await shopper.delete(f"{SESSION}/{id}/constraints/availability")).status_code == 200
    assert await market_rows.fetchval(left, id)
    await market_rows.execute(move, id, -1)
    for answer in (
        await shopper.get(f"{SESSION}/{id}"),
        await shopper.post(f"{SESSION}/{id}/query", json={"query": "tea"}),
        await shopper.post(f"{SESSION}/{id}/refine", json={"query": "tea"}),
        await shopper.delete(f"{SESSION}/{id}/constraints/scope"),
        await shopper.post(f"{SESSION}/unknown/query", json={"query": "tea"}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_constraints_do_not_grow_without_end(shopper: Client) -> None:
    many = [[f"thing {n}" for n in range(start, start + 50)] for start in (0, 50, 100)]
    session = await opened(shopper, "cookies", constraints={"avoid_substances": many[0]})
    await said(shopper, session, "cookies", constraints={"avoid_substances": many[1]})
    refused = await said(shopper, session, "cookies", 422, constraints={"avoid_substances": many[2][:1]})
    assert refused["error"]["details"][0]["field"] == "constraints.avoid_substances"


async def test_two_refinements_at_once_are_both_kept(shopper: Client) -> None:
    session = await opened(shopper, "cookies")
    texts = ["no milk", "vegan", "under $9", "within 7 km", "in stock", "no soy", "no eggs", "organic"]
    await asyncio.gather(*(said(shopper, session, text) for text in texts))
    state = (await shopper.get(f"{SESSION}/{session['session_id']}")).json()
    assert sorted(state["search_history"]) == sorted(["cookies", *texts])
    active = state["active_constraints"]
    assert sorted(active["exclude_allergens"]) == ["eggs", "milk", "soybeans"]
    assert sorted(active["require_certifications"]) == ["organic", "vegan"]
    assert (active["price_max"], active["distance_km"], active["availability"]) == (9, 7, "in_stock")


async def test_a_users_session_is_the_users_own(shopper: Client, person: make.Account, market_rows: Connection) -> None:
    session = await opened(shopper, "cookies", key=person.key)
    other = (await make.account(market_rows)).key
    for key in ("", other):
        await said(shopper, session, "in stock", 404, key=key)
    await said(shopper, session, "in stock", key=person.key)
    anonymous = await opened(shopper, "cookies")
    await said(shopper, anonymous, "in stock", key=other)


async def test_stored_preferences_narrow(shopper: Client, person: make.Account) -> None:
    key = {"X-API-Key": person.key}
    traits = [("tree_nuts", "ALLERGEN", "AVOID"), ("latex", "ALLERGEN", "AVOID"), ("vegan", "DIETARY", "REQUIRE"),
              ("halal", "RELIGIOUS", "PREFER"), ("local", "SOURCING", "NEUTRAL")]  # fmt: skip
    body = [{"trait": trait, "category": category, "stance": stance} for trait, category, stance in traits]
    assert (await shopper.put("/account/api/v1/preferences", json=body, headers=key)).status_code == 200
    stored = {"exclude_allergens": ["nuts"], "require_certifications": ["vegan"], "avoid_substances": ["latex"]}
    session = await opened(shopper, "cookies", key=person.key)
    assert session["active_constraints"] == stored
    more = await said(shopper, session, "no milk", key=person.key)
    assert more["active_constraints"] == stored | {"exclude_allergens": ["nuts", "milk"]}
    new = await said(shopper, session, "hammers instead", key=person.key)
    assert new["active_constraints"] == stored
    assert (await opened(shopper, "cookies"))["active_constraints"] == {}


async def test_threads(shopper: Client, person: make.Account, market_rows: Connection) -> None:
    key = {"X-API-Key": person.key}
    assert (await shopper.get("/search/api/v1/threads", headers=key)).json() == []
    await opened(shopper, "x" * 100, key=person.key)
    session = await opened(shopper, "cookies", key=person.key)
    await said(shopper, session, "gluten free", key=person.key)
    latest, first = (await shopper.get("/search/api/v1/threads", headers=key)).json()
    assert (latest["title"], latest["last_user_message"]) == ("cookies", "gluten free")
    assert set(latest) == {"public_id", "title", "last_user_message", "modified"}
    assert len(first["title"]) == 80
    path = f"/search/api/v1/threads/{latest['public_id']}"
    thread = (await shopper.get(path, headers=key)).json()
    assert thread["session_id"] == session["session_id"]
    lines = [(line["role"], line["text"], line["total_count"]) for line in thread["messages"]]
    assert [line[0] for line in lines] == ["user", "assistant"] * 2
    assert lines[2] == ("user", "gluten free", None)
    assert lines[1][2] == 5
    assert thread["messages"][3]["active_constraints"] == {"exclude_allergens": ["gluten"]}
    assert thread["messages"][3]["gtins"] == [make.make_gtin(each) for each in (8, 2, 3)]
    await market_rows.execute("DELETE FROM search_sessions WHERE id = $1", session["session_id"])
    assert (await shopper.get(path, headers=key)).json()["session_id"] is None
    other = {"X-API-Key": (await make.account(market_rows)).key}
    assert (await shopper.get(path, headers=other)).status_code == 404
    assert (await shopper.get("/search/api/v1/threads")).status_code == 401
    business = {"X-API-Key": (await make.account(market_rows, kind="csb")).key}
    assert (await shopper.get("/search/api/v1/threads", headers=business)).status_code == 403


async def test_demand_is_told_without_a_place(shopper: Client, market_rows: Connection) -> None:
    await opened(shopper, "zebra hammers near 21201 under $30", radius_km=50)
    row = await market_rows.fetchrow("SELECT * FROM events WHERE type = 'demand.searched' ORDER BY id DESC LIMIT 1")
    assert row is not None
    data = row["data"]
    assert (data["query"], data["place"], data["constraints"]) == ("zebra hammers", "39.25,-76.65", ["price_max"])
    assert data["total"] == len(data["impressions"])
    assert "39.29" not in str(data)
    assert "-76.6" not in str(data).replace("-76.65", "")
    assert await market_rows.fetchval("SELECT count(*) FROM search_sessions WHERE id = $1", row["entity_id"]) == 0


@pytest.mark.parametrize(
    ("latitude", "longitude", "bucket"),
    [(39.29, -76.61, "39.25,-76.65"), (90, 0, "89.95,0.05"), (-90, 180, "-89.95,-179.95"), (0, -180, "0.05,-179.95"),
     (-0.01, 179.99, "-0.05,179.95")],
)  # fmt: skip
def test_buckets(latitude: float, longitude: float, bucket: str) -> None:
    assert bucket_of(latitude, longitude) == bucket


async def test_strangers_open_so_many_in_a_minute(shopper: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from closient_gql.core.settings import settings

    limit = settings().rate_search_sessions_per_minute
    assert limit == 30
    answers = [(await shopper.post(SESSION, json={"query": "x"} | HERE)).status_code for _ in range(limit + 1)]
    assert answers[-1] == 429
    assert set(answers[:-1]) == {200}
