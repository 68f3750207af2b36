"""Promotions: their ends, who sees them, the daily job. Both kinds of offer behave alike."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from closient_gql.core.db import Connection, Database
from resolvers.retailers.jobs import SCHEDULES
from resolvers.retailers.promotions import end_promotions, runs
from tests import make
from tests.conftest import Client
from tests.retailers.world import API, Shop, details, events, got, in_store, online, trail

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
START, END = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (NOW - DAY, NOW + DAY))
GOOD: dict[str, Any] = {"promotional_price": 3.5, "start_date": START, "end_date": END}
KINDS = (("in-store", in_store, "USD", "in_store_promotions"), ("online", online, "EUR", "online_promotions"))


@pytest.mark.parametrize(("kind", "make_offer", "currency", "table"), KINDS)
async def test_a_promotion(
    api: Client, connection: Connection, mine: Shop, kind: str, make_offer: Any, currency: str, table: str
) -> None:
    offer = await make_offer(connection, mine, price=5)
    path = f"{API}/{kind}-offers/{offer}/promotions"
    body = GOOD | {"promotion_type": "BOGO", "description": " Two! ", "metadata": {"a": "b"}}
    made = await api.post(path, json=body)
    assert made.status_code == 200, made.text
    promotion = made.json()
    assert promotion == {
        "id": promotion["id"], "short_id": promotion["id"], "offer_id": offer, "promotional_price": "3.50",
        "start_date": START, "end_date": END, "metadata": {"a": "b"}, "currency": currency, "promotion_type": "BOGO",
        "description": "Two!", "is_active": True,
    }  # fmt: skip
    one = f"{API}/{kind}-promotions/{promotion['id']}"
    assert await got(api, one) == promotion
    over = await api.put(one, json={"end_date": f"{NOW - DAY / 2:%Y-%m-%dT%H:%M:%SZ}", "promotional_price": "0"})
    assert (over.json()["is_active"], over.json()["promotional_price"]) == (False, "0.00")
    assert (await api.put(one, json={"end_date": END})).json()["is_active"] is True
    earlier = (await api.post(path, json=GOOD | {"start_date": "2020-01-01", "end_date": "2020-01-02"})).json()
    assert earlier["is_active"] is False  # for the history
    always = GOOD | {"start_date": "0001-01-01T00:00:00Z", "end_date": "9999-12-31T23:59:59.999999Z"}
    ever = (await api.post(path, json=always)).json()["id"]  # no infinities, which nobody could read again
    assert [each["id"] for each in await got(api, path)] == [ever, earlier["id"], promotion["id"]]  # a bare array
    assert (await api.delete(one)).status_code == 204
    for answer in (await api.get(one), await api.put(one, json={}), await api.delete(one)):
        words = "in store" if kind == "in-store" else "online"
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, f"There is no such {words} promotion.")
    assert [action.split(".")[1] for action, _ in await trail(connection, promotion["id"])] == [
        "created", "updated", "updated", "deleted",
    ]  # fmt: skip
    assert [each for each, _ in await events(connection, promotion["id"])] == [
        "promotion.created", "promotion.updated", "promotion.updated", "promotion.deleted",
    ]  # fmt: skip
    assert (await api.delete(f"{API}/{kind}-offers/{offer}")).status_code == 204
    assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608  they go with the offer


async def test_what_cannot_be(api: Client, connection: Connection, mine: Shop) -> None:
    offer = await in_store(connection, mine)
    path = f"{API}/in-store-offers/{offer}/promotions"
    promotion = (await api.post(path, json=GOOD)).json()
    one = f"{API}/in-store-promotions/{promotion['id']}"
    for wrong, field in (
        ({"end_date": START}, "end_date"),  # ends when it starts
        ({"start_date": END, "end_date": START}, "end_date"),
        ({"promotional_price": -1}, "promotional_price"), ({"promotional_price": "x"}, "promotional_price"),
        ({"promotional_price": "0.00001"}, "promotional_price"), ({"start_date": "yesterday"}, "start_date"),
        ({"end_date": "9999-12-31T23:59:59-01:00"}, "end_date"), ({"start_date": 5}, "start_date"),
        ({"promotion_type": "sale"}, "promotion_type"), ({"description": "x" * 1001}, "description"),
        ({"offer_id": offer}, "offer_id"), ({"is_active": True}, "is_active"), ({"currency": "USD"}, "currency"),
    ):  # fmt: skip
        assert [name for name, _ in details(await api.post(path, json=GOOD | wrong))] == [field], wrong
        assert [name for name, _ in details(await api.put(one, json=wrong))] == [field], wrong
    assert details(await api.put(one, json={"end_date": START})) == [("end_date", "must be after start_date")]
    assert details(await api.post(path, json={})) == [
        (name, "is required") for name in ("promotional_price", "start_date", "end_date")
    ]
    assert await got(api, path) == [promotion]
    for table in ("in_store_promotions", "online_promotions"):  # the database says so, too
        with pytest.raises(asyncpg.CheckViolationError, match="dates"):
            await make.insert(
                connection, table, offer_id=offer, promotional_price=1, start_date=NOW, end_date=NOW
            )  # fmt: skip


@pytest.mark.parametrize(
    ("active", "start", "end", "counts"),
    [(True, -1, 1, True), (True, 0, 1, True), (True, -1, 0, True), (True, 1, 2, False), (True, -2, -1, False),
     (False, -1, 1, False)],
)  # fmt: skip
def test_when_a_promotion_counts(active: bool, start: int, end: int, counts: bool) -> None:
    """Both ends are included."""
    row = SimpleNamespace(is_active=active, start_date=NOW + start * DAY, end_date=NOW + end * DAY)
    assert runs(row, NOW) is counts


async def test_the_daily_job(api: Client, connection: Connection, mine: Shop) -> None:
    database = Database(api.app.state.database_url, 2)  # type: ignore[attr-defined]
    ids = {}
    for _, make_offer, _, table in KINDS:
        offer = await make_offer(connection, mine)
        for name, end in (("over", -DAY), ("runs", DAY), ("was over", -2 * DAY)):
            ids[table, name] = await make.insert(
                connection, table, offer_id=offer, promotional_price=1, start_date=NOW - 3 * DAY, end_date=NOW + end,
                is_active=name != "was over",
            )  # fmt: skip
    assert sorted(await asyncio.gather(end_promotions(database), end_promotions(database))) in ([0, 2], [1, 1])
    assert await end_promotions(database) == 0
    for _, _, _, table in KINDS:
        rows = await connection.fetch(f"SELECT id FROM {table} WHERE is_active")  # noqa: S608
        assert [row["id"] for row in rows] == [ids[table, "runs"]]
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 3  # noqa: S608  they stay
    assert {"end_promotions": ("5 0 * * *", end_promotions)} == SCHEDULES
    await database.close()


async def test_others_see_what_counts_now(api: Client, connection: Connection, mine: Shop, theirs: Shop) -> None:
    offer = await in_store(connection, mine)
    path = f"{API}/in-store-offers/{offer}/promotions"
    for start, end in ((NOW - DAY, NOW + DAY), (NOW + DAY, NOW + 2 * DAY), (NOW - 2 * DAY, NOW - DAY)):
        body = {"promotional_price": 1, "start_date": start.isoformat(), "end_date": end.isoformat()}
        assert (await api.post(path, json=body)).status_code == 200
    query = """query ($given: [_Any!]!) { _entities(representations: $given) {
        ... on InStoreOffer { promotions { promotionalPrice startDate } } } }"""
    given = {"given": [{"__typename": "InStoreOffer", "id": offer}]}
    for key, count in ((mine.account.key, 3), (theirs.account.key, 1)):
        answer = await api.post("/graphql", json={"query": query, "variables": given}, headers={"X-API-Key": key})
        assert len(answer.json()["data"]["_entities"][0]["promotions"]) == count
    assert (await api.get(path, headers={"X-API-Key": theirs.account.key})).status_code == 404
