"""What a person says of itself: trait preferences and profile."""

import asyncio
from typing import Any

import pytest

from closient_gql.core.db import Connection
from tests.account.world import Caller, Person, person
from tests.conftest import Client

NUTS = {"trait": "tree_nuts", "category": "ALLERGEN", "stance": "AVOID"}
VEGAN = {"trait": "vegan", "trait_label": "Plants only", "category": "DIETARY", "stance": "REQUIRE"}


@pytest.fixture
async def me(connection: Connection) -> Person:
    return await person(connection, None)


@pytest.fixture
async def call(api: Client, me: Person) -> Caller:
    return Caller(api, me.key)


async def test_a_list_is_replaced_in_its_order(call: Caller) -> None:
    empty = await call("GET", "/preferences")
    assert (empty.status_code, empty.json()) == (200, [])
    stored = [VEGAN, NUTS | {"trait_label": "Tree nuts"}]
    assert (await call("PUT", "/preferences", [VEGAN, NUTS])).json() == stored
    assert (await call("GET", "/preferences")).json() == stored
    assert (await call("PUT", "/preferences", [NUTS, VEGAN])).json() == stored[::-1]
    data = (await call.graph("{ viewer { preferences { trait stance } } }"))["data"]
    assert data["viewer"]["preferences"] == [
        {"trait": "tree_nuts", "stance": "AVOID"}, {"trait": "vegan", "stance": "REQUIRE"},
    ]  # fmt: skip
    assert (await call("PUT", "/preferences", [])).json() == []
    assert (await call("GET", "/preferences")).json() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([NUTS, VEGAN, NUTS], "2.trait"),
        ([NUTS | {"trait": "Tree Nuts"}], "0.trait"),
        ([NUTS | {"trait": "tree__nuts"}], "0.trait"),
        ([NUTS | {"category": "FOOD"}], "0.category"),
        ([NUTS | {"stance": "avoid"}], "0.stance"),
        ([{"trait": "x"}], "0.category"),
        ([None], "0"),
        ({"trait": "x"}, "body"),
        ([NUTS | {"trait": f"t{n}"} for n in range(201)], "body"),
    ],
)
async def test_what_cannot_be_preferences(call: Caller, body: Any, field: str) -> None:
    await call("PUT", "/preferences", [VEGAN])
    answer = await call("PUT", "/preferences", body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == field
    assert [each["trait"] for each in (await call("GET", "/preferences")).json()] == ["vegan"], "nothing was changed"


async def test_of_two_lists_at_once_one_is_kept_whole(call: Caller) -> None:
    lists = [[NUTS | {"trait": f"{letter}{n}"} for n in range(20)] for letter in "ab"]
    answers = await asyncio.gather(*(call("PUT", "/preferences", each) for each in lists))
    assert [answer.status_code for answer in answers] == [200, 200]
    kept = [each["trait"] for each in (await call("GET", "/preferences")).json()]
    assert kept in [[each["trait"] for each in one] for one in lists]


async def test_the_profile(call: Caller, me: Person) -> None:
    answer = await call("PATCH", "/whoami", {"name": " Ann ", "metadata": {"a": "1"}})
    assert (answer.status_code, answer.json()["user_id"]) == (200, me.user_id)
    merged = (await call("PATCH", "/whoami", {"metadata": {"b": "2"}})).json()
    assert (merged["name"], merged["metadata"]) == ("Ann", {"a": "1", "b": "2"})
    assert (await call("PATCH", "/whoami", data={"metadata[a]": ""})).json()["metadata"] == {"b": "2"}
    assert (await call("PATCH", "/whoami", {"metadata": {}})).json()["metadata"] == {}
    assert (await call("PATCH", "/whoami", {"email": "x@y.example"})).status_code == 422
