"""Who may do what at the endpoints of the Search API: everybody, with and without a key; threads are their user's."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests import make
from tests.permissions import KEY, PERSON, PUBLIC, Row, World

HERE = {"latitude": 39.29, "longitude": -76.61}
PLACE = {"lat": "39.29", "lon": "-76.61"}


async def session(world: World) -> Mapping[str, Any]:
    """Nobody's: whoever knows its id may go on with it."""
    id = await make.insert(
        world.connection, "search_sessions", id=f"session-{world.n}", base_query="cookies", query="cookies",
        constraints={"scope": "local"}, added={}, home_latitude=39.29, home_longitude=-76.61, radius_km=10.0,
        is_refinement=False, explanation="", expires_at=datetime.now(UTC) + timedelta(minutes=30), **HERE,
    )  # fmt: skip
    return {"session_id": id, "key": "scope"}


async def theirs(world: World) -> Mapping[str, Any]:
    """A thread of a user whose key nobody here has."""
    user = await make.insert(world.connection, "users", email=f"thread{world.n}@example.net")
    id = await make.insert(
        world.connection, "search_threads", user_id=user, title="cookies", last_user_message="cookies"
    )
    return {"public_id": id}


async def products(world: World) -> Mapping[str, Any]:
    one, two = world.n, world.n
    for n in (one, two):
        await make.product(world.connection, n)
    return {"gtin": make.make_gtin(one), "other": make.make_gtin(two)}


ROWS = {
    "search_the_catalog": Row(PUBLIC, query={"q": "cookies"}),
    "suggest_searches": Row(PUBLIC, query={"q": "coo"}),
    "open_a_conversational_search_session": Row(PUBLIC, body={"query": "cookies"} | HERE),
    "submit_a_follow_up_query_within_a_session": Row(PUBLIC, session, body={"query": "cheaper"}),
    "refine_a_session": Row(PUBLIC, session, body={"query": "cheaper"}),
    "get_search_session": Row(PUBLIC, session),
    "remove_a_constraint_from_the_session": Row(PUBLIC, session),
    "list_my_chat_threads": Row(PERSON),
    "get_chat_thread": Row(PERSON, theirs, granted=404),
    "discover_nearby": Row(PUBLIC, query=PLACE),
    "plan_shopping_trip": Row(PUBLIC, body={"items": ["cookies"]} | HERE),
    "list_product_alternatives": Row(KEY, products, query=PLACE),
}
