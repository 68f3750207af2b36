"""The Brands API."""

import pytest

from closient_gql.core.db import Connection
from tests import make
from tests.conftest import Client

BRANDS = "/brands/api/v1/brands"


@pytest.fixture
async def me(api: Client, connection: Connection) -> make.Account:
    found = await make.account(connection)
    api.headers["X-API-Key"] = found.key
    return found


async def test_lists_by_name_and_time(api: Client, connection: Connection, me: make.Account) -> None:
    for name in ("beta", "Alpha", "gamma"):
        await make.brand(connection, name, me.organization_id if name == "beta" else None)
    orders = {"": ["Alpha", "beta", "gamma"], "-name": ["gamma", "beta", "Alpha"],
              "created": ["beta", "Alpha", "gamma"], "-created": ["gamma", "Alpha", "beta"]}  # fmt: skip
    for order, names in orders.items():
        page = (await api.get(BRANDS, params={"ordering": order} if order else {})).json()
        assert [item["name"] for item in page["data"]] == names
        assert page["pagination"]["total_count"] == 3
    assert [i["name"] for i in (await api.get(BRANDS, params={"name": "ALPH"})).json()["data"]] == ["Alpha"]
    own = (await api.get(BRANDS, params={"organization_id": me.organization_id})).json()
    assert [item["name"] for item in own["data"]] == ["beta"]
    assert own["pagination"]["total_count"] == 1


async def test_a_brand_in_detail(api: Client, connection: Connection, me: make.Account) -> None:
    id = await make.insert(connection, "brands", name="Beta", organization_id=me.organization_id, instagram="@beta")
    found = (await api.get(f"{BRANDS}/{id}")).json()
    assert (found["organization_id"], found["has_social_links"], found["instagram"], found["threads"]) == (
        me.organization_id, True, "@beta", "",
    )  # fmt: skip
    assert (await api.get(f"{BRANDS}/aaaaaaaaaaaa")).json()["error"]["message"] == "There is no such brand."
    wrong = await api.get(f"{BRANDS}/2sP1Y9pZ4xQ6rNvHwT3kBe")
    assert (wrong.status_code, wrong.json()["error"]["details"][0]["field"]) == (422, "id")


async def test_special_characters_are_plain_text(api: Client, connection: Connection, me: make.Account) -> None:
    await make.brand(connection, "100%_Pure\\'; DROP TABLE brands; --")
    for text in ("%", "_", "\\", "'; drop"):
        page = (await api.get(BRANDS, params={"name": text})).json()
        assert page["pagination"]["total_count"] == 1
    assert (await api.get(BRANDS, params={"name": "%x"})).json()["data"] == []
