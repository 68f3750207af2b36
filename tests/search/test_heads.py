"""What a thing is, by its name, and what answers only a part of a query."""

import pytest

from resolvers.search.analysis import analyse
from resolvers.search.heads import heads_of
from tests.conftest import Client
from tests.search.asking import graph, names
from tests.search.test_words import KNOWN


@pytest.mark.parametrize(
    ("text", "is_it", "is_not"),
    [
        ("Kensington SP17 Classic Laptop Sleeve", "sleeve", "laptop"),
        ("Kensington Mouse Wrist Pillow - Black", "pillow", "mouse"),
        ("HP Compaq 6910p Notebook 35.8 cm (14.1\")", "notebook", ""),
        ("Targus Compact USB keyboard QWERTY Black", "keyboard", "usb"),
        ("Sleeve for iPad - 9\"/22cm", "sleeve", "ipad"),
        ("Dock for iPod/iPhone, FM", "fm", "iphone"),
        ("Lexmark printer ribbon", "ribbon", "printer"),
        ("Milk Chocolate Bar", "bar", "milk"),
        ("Chocolate Milk", "milk", "chocolate"),
        ("Organic Whole Milk, 1 gal", "milk", ""),
        ("Granola with Honey", "granola", "honey"),
        ("Bag of Chips", "chip", ""),
        ("Cat and mouse", "mouse", ""),
        ("Milk And White Milk Chocolate Truffles", "truffle", "milk"),
        ("Salt & Vinegar Chips", "chip", "salt"),
        ("mouse mouse", "mouse", ""),
        ("Sony NP-BN1 camera/camcorder battery", "battery", "camera"),
        ("server/workstation motherboard", "motherboard", "server"),
        ("HP printer/scanner", "printer", "hp"),
        ("fridge part/accessory White", "part", "fridge"),
        ("", "", "x"),
    ],
)  # fmt: skip
def test_what_a_name_says_that_a_thing_is(text: str, is_it: str, is_not: str) -> None:
    found = heads_of(text, "en")
    assert {is_it} - {""} <= found
    assert is_not not in found


def test_in_other_languages_every_word_counts() -> None:
    assert heads_of("Tasche für Laptop", "de") == {"tasch", "fur", "laptop"}
    assert "laptop" in heads_of("Laptoptasche, Laptop", "de")


@pytest.mark.parametrize(
    ("query", "heads"),
    [
        ("gaming mouse", ("mouse",)),
        ("case for iphone 12", ("case",)),
        ("iphone 12", ("iphone",)),
        ("laptop", ("laptop", "notebook")),
        ("12", ()),
        ("for", ("for",)),
    ],
)
def test_what_a_query_looks_for(query: str, heads: tuple[str, ...]) -> None:
    assert analyse(query, KNOWN).heads == heads


async def test_what_answers_a_part_comes_after_what_answers_all(unlimited: Client) -> None:
    document = """query ($partial: Boolean!) { search(query: "gluten free rice cookies", interpret: false,
        partial: $partial, kinds: [PRODUCT], first: 100) {
        totalCount threshold nodes { name score partial explanation { partial text } } } }"""
    found = (await graph(unlimited, document, partial=True))["search"]
    whole = (await graph(unlimited, document, partial=False))["search"]
    assert [node["name"] for node in whole["nodes"]] == ["Gluten Free Rice Cookies"]
    assert whole["totalCount"] == 1 < found["totalCount"] == len(found["nodes"])
    first, *others = found["nodes"]
    assert (first["name"], first["partial"]) == ("Gluten Free Rice Cookies", False)
    assert all(node["partial"] and node["explanation"]["partial"] for node in others)
    assert all("a part of the query" in node["explanation"]["text"] for node in others)
    assert all(whole["threshold"] > node["score"] - 0.1 >= found["threshold"] - 0.1 for node in others)


async def test_where_nothing_answers_all_of_it_nothing_answers_a_part(unlimited: Client) -> None:
    assert await names(unlimited, "widget microscope telescope") == []
    assert "Red Widget" in await names(unlimited, "red widget")


async def test_where_nothing_has_the_size_it_is_found_in_others_as_a_part(unlimited: Client) -> None:
    document = """query ($partial: Boolean!) { search(query: "whole milk 3 gb", kinds: [PRODUCT], partial: $partial) {
        nodes { name partial explanation { text matches { term weight fields } } } } }"""
    assert (await graph(unlimited, document, partial=False))["search"]["nodes"] == []
    (first, *_) = (await graph(unlimited, document, partial=True))["search"]["nodes"]
    assert (first["name"], first["partial"]) == ("Whole Milk", True)
    assert first["explanation"]["matches"][-1] == {"term": "3 gb", "weight": 0.0, "fields": []}
    assert "It has no 3 gb." in first["explanation"]["text"]
    assert "a part of the query; nothing answers all of it" in first["explanation"]["text"]
    assert await names(unlimited, "hammer 9999") == await names(unlimited, "3 gb") == []
