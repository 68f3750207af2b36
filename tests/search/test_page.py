"""The page at /search without JavaScript: what a browser gets that runs no scripts."""

import re
from typing import Any

import pytest

from tests.conftest import Client
from tests.search.market import HERE

PLACE: dict[str, Any] = {"lat": str(HERE["latitude"]), "lon": str(HERE["longitude"])}


async def got(client: Client, status: int = 200, **query: Any) -> str:
    answer = await client.get("/search", params=query, follow_redirects=True)
    assert answer.status_code == status, answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "style=" not in answer.text
    assert "<script>" not in answer.text
    return answer.text


def names_in(text: str) -> list[str]:
    return re.findall(r"<h3>(?:<a [^>]*>)?([^<]+)", text)


async def test_the_first_answer(shopper: Client) -> None:
    assert "autofocus" in await got(shopper)
    text = await got(shopper, q="gluten free cookies", where="21201")
    assert names_in(text) == ["Vegan Cookies", "Gluten Free Rice Cookies", "Certified Rice Cookies"]
    assert "<strong>3 products</strong>" in text
    assert 'aria-label="Remove: no gluten"' in text
    assert "$4.00" in text
    assert text.count('<a href="#hit-') == 2, "one mark for each store"
    assert re.findall(r'class="distance">([^<]+)', text) == ["1.44 km", "2.15 km", "2.15 km"]


async def test_a_conversation_by_forms(shopper: Client) -> None:
    answer = await shopper.get("/search", params={"q": "cookies"} | PLACE)
    assert answer.status_code == 303
    id = answer.headers["location"].partition("session=")[2]
    for text in ("but cheaper", "in stock"):
        answer = await shopper.post("/search", data={"session": id, "q": text})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/search?session={id}")
    shown = await got(shopper, session=id)
    assert re.findall(r'aria-label="Remove: ([^"]+)"', shown) == ["at most 3.99 USD", "in stock"]
    assert names_in(shown) == ["Oat Cookies", "Mystery Cookies", "Gluten Free Rice Cookies"]
    assert "What you said" in shown
    for _ in range(2):  # a second press does no harm
        answer = await shopper.post("/search", data={"session": id, "remove": "price_max"})
        assert answer.status_code == 303
    assert re.findall(r'aria-label="Remove: ([^"]+)"', await got(shopper, session=id)) == ["in stock"]
    assert await got(shopper, session=id, page="x") == await got(shopper, session=id, page="1")


async def test_online_instead(shopper: Client) -> None:
    text = await got(shopper, q="whole milk", **PLACE)
    assert "Online instead" in text
    assert 'href="https://shop.example.org/m"' in text
    assert "<svg" not in text


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ({"q": "cookies"}, 200, "Say where to look"),
        ({"q": "cookies", "where": "Nowhereville"}, 200, "No place \u201cNowhereville\u201d is known"),
        ({"q": "cookies near Atlantis"}, 200, "No place \u201cAtlantis\u201d is known"),
        ({"q": "cookies", "lat": "91", "lon": "nan"}, 200, "Say where to look"),
        ({"q": "x" * 501} | PLACE, 422, "must have at most 500 characters"),
        ({"q": "gtin:123"} | PLACE, 422, "names a GTIN that is none"),
        ({"q": "a\0b"} | PLACE, 422, "null character"),
        ({"session": "gone"}, 404, "That search has ended"),
    ],
)
async def test_what_goes_wrong_is_said(shopper: Client, query: Any, status: int, says: str) -> None:
    text = await got(shopper, status, **query)
    assert says in text
    assert 'role="search"' in text


async def test_other_bad_requests(shopper: Client) -> None:
    assert (await shopper.post("/search", data={"session": "gone", "q": "x"})).status_code == 404
    assert (await shopper.post("/search", data={"session": "gone", "remove": "price_max"})).status_code == 404
    assert (await shopper.post("/search", content=b"\xff=\xff")).status_code == 400
    assert (await shopper.put("/search")).status_code == 405
    assert (await shopper.get("/static/search/routes.py")).status_code == 404
    assert (await shopper.get("/static/search/page.css")).status_code == 200


async def test_what_people_type_is_escaped(shopper: Client) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x> cookies"
    text = await got(shopper, q=evil, **PLACE)
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;" in text


def test_maps_beyond_the_antimeridian_and_at_the_pole() -> None:
    from closient_gql.server.search_page.map import Mark, draw

    def centers(latitude: float, longitude: float, *places: tuple[float, float, float]) -> list[tuple[float, float]]:
        marks = [Mark(n, 1, "S", *place, True) for n, place in enumerate(places, 1)]
        drawn = draw(latitude, longitude, "", marks)
        return [(float(x), float(y)) for x, y in re.findall(r'class="there" cx="([\d.]+)" cy="([\d.]+)"', drawn)][::-1]

    ((x, y),) = centers(0.0, 179.99, (0.0, -179.99, 2.2))
    assert (x, y) == (374.0, 200.0), "to the east"
    (first, second) = centers(90.0, 0.0, (89.99, 0.0, 1.1), (89.99, 180.0, 1.1))
    assert first == (200.0, 374.0)
    assert second == (200.0, 26.0)
    assert draw(0.0, 0.0, "", []) == ""
