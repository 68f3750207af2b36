"""Allergens and diets: unknown where nothing is known, and never free from by silence."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.certifications.facts import (
    Allergen,
    DietType,
    FactConfidence,
    Known,
    LabelLine,
    Presence,
    Said,
    Suitability,
    allergens_of,
    confidence_of,
    diets_of,
)
from resolvers.products.labels import parse_label

CHOCOLATE = "Sugar, cocoa butter, skimmed milk powder, hazelnuts. May contain peanuts."


def food(text: str, *said: Said, language: str = "en", is_food: bool = True) -> Known:
    lines = [LabelLine(each.name, each.notes, each.may_contain, each.is_major_allergen) for each in parse_label(text)]
    return Known(lines, said, language, is_food)


def facts(known: Known) -> dict[str, tuple[str, str]]:
    return {each.allergen.value: (each.presence.value, each.confidence.value) for each in allergens_of(known)}


def diets(known: Known) -> dict[str, tuple[str, str]]:
    return {each.diet.value: (each.suitability.value, each.confidence.value) for each in diets_of(known)}


GLUTEN_FREE = Said("FREE_FROM_GLUTEN", False, ["gluten_free"], ["gluten"])
CROSSED_GRAIN = Said("CROSSED_GRAIN_SYMBOL", True, ["gluten_free"], ["gluten"])
VEGAN = Said("VEGAN", False, ["vegan", "vegetarian"], [])
UNKNOWN, NOT_NAMED = ("unknown", "unknown"), ("not_named", "medium")


def test_a_whole_list() -> None:
    found = facts(food(CHOCOLATE))
    assert found["milk"] == ("contains", "high")
    assert found["nuts"] == ("contains", "high")
    assert found["peanuts"] == ("may_contain", "medium")
    named = {"milk", "nuts", "peanuts"}
    assert {found[each.value] for each in Allergen if each.value not in named} == {NOT_NAMED}
    assert [each.gs1_code for each in allergens_of(Known())] == [
        "AM", "AE", "AF", "AC", "UM", "AN", "AW", "AP", "AY", "AS", "BC", "BM", "AU", "NL",
    ]  # fmt: skip
    (milk, *_) = allergens_of(food(CHOCOLATE))
    assert milk.basis == ["skimmed milk powder"]


@pytest.mark.parametrize(
    "known",
    [
        Known(language="en", is_food=True),  # no list at all
        food(""),
        food("May contain nuts."),  # traces are no list
        food("Contains: milk."),  # nor is what is declared beside it
        food("Sugar, wheat flour, mil..."),
        food("Sugar, wheat flour\u2026"),
        food("Sugar, wheat flour, "),
        food("Sugar, wheat flour and"),
        food("Sugar, wheat flour, emulsifier (soy lecithin"),
        food("Sugar, wheat flour... May contain nuts."),
        food("Zucchero, farina, latte", language="it"),  # whose words are not known here
        food("Sugar, wheat flour", language=""),
        food("Aqua, Glycerin, Parfum", is_food=False),
        Known([LabelLine("Sugar"), LabelLine("x" * 255)], language="en", is_food=True),  # cut to what is stored
        Known([LabelLine("Sugar"), LabelLine("Kamelmilch", is_major_allergen=True)], language="en", is_food=True),
    ],
)
def test_what_a_list_that_is_missing_or_breaks_off_does_not_name_is_unknown(known: Known) -> None:
    found = facts(known)
    assert {found[slug] for slug in ("eggs", "fish", "celery", "lupin", "sesame-seeds")} == {UNKNOWN}
    assert "not_named" not in {presence for presence, _ in found.values()}
    assert confidence_of(allergens_of(known)) is FactConfidence.UNKNOWN
    assert found.get("gluten") in (UNKNOWN, ("contains", "high")), "what it names counts all the same"


@pytest.mark.parametrize(
    "text",
    [
        "Iced almonette cookies", "Sugar, almonds, wafers", "Zucker, Kekse, Kakao", "Zucker, Mehl", "Flour, peanuts",
        "Enriched unbleached flour, water",
    ],
)  # fmt: skip
def test_who_lists_cookies_or_flour_but_no_cereal_leaves_something_out(text: str) -> None:
    found = facts(food(text, language="de" if "Zucker" in text else "en"))
    assert found["gluten"] == found["milk"] == found["eggs"] == UNKNOWN
    assert facts(food(text, GLUTEN_FREE))["gluten"] == ("free_from", "medium")


def test_of_what_flour_it_is_can_be_said() -> None:
    for text in ("Sugar, cookie pieces (wheat flour, sugar)", "Rice noodles, salt", "Gluten-free crackers, salt",
                 "Rice flour, salt", "Garbanzo bean flour"):  # fmt: skip
        assert facts(food(text))["celery"] == NOT_NAMED
    assert facts(food("Rice noodles, salt"))["gluten"] == NOT_NAMED


def test_claims_and_certifications() -> None:
    for said, expected in (
        ([GLUTEN_FREE], ("free_from", "medium")),
        ([CROSSED_GRAIN], ("free_from", "high")),
        ([GLUTEN_FREE, CROSSED_GRAIN], ("free_from", "high")),
        ([replace(CROSSED_GRAIN, verified=False)], ("free_from", "medium")),
        ([VEGAN], UNKNOWN),
    ):
        assert facts(Known(said=said))["gluten"] == expected
        assert facts(Known(said=said))["milk"] == UNKNOWN, "vegan is no statement about traces of milk"
    # the label is believed before the claim, and the contradiction is told
    assert facts(food("Sugar, wheat flour", GLUTEN_FREE))["gluten"] == ("contains", "low")
    assert facts(food("Sugar. May contain wheat.", CROSSED_GRAIN))["gluten"] == ("may_contain", "low")


def test_diets() -> None:
    assert set(diets(food(CHOCOLATE)).values()) == {("unsuitable", "high"), UNKNOWN}
    assert diets(food(CHOCOLATE))["vegan"] == ("unsuitable", "high")
    assert diets(food(CHOCOLATE))["vegetarian"] == UNKNOWN, "that nothing speaks against it says nothing"
    assert diets(food("Sugar, cocoa", VEGAN))["vegan"] == ("suitable", "medium")
    assert diets(food("Sugar, milk", VEGAN))["vegan"] == ("unsuitable", "low")
    assert diets(food("Sugar, milk", VEGAN))["vegetarian"] == ("suitable", "medium")
    assert diets(food("Water, shrimps"))["kosher"] == ("unsuitable", "high")
    assert diets(food("Sugar, barley malt"))["gluten_free"] == ("unsuitable", "high")
    assert diets(Known(said=[CROSSED_GRAIN]))["gluten_free"] == ("suitable", "high")
    assert set(diets(food("Sugar, salt")).values()) == {UNKNOWN}
    assert set(diets(Known()).values()) == {UNKNOWN}


NAMES = st.sampled_from(["Sugar", "milk", "wheat flour", "hazelnuts", "salt", "soy lecithin...", "eggs (", "fish,"])
LINES = st.lists(st.builds(LabelLine, NAMES, may_contain=st.booleans()), max_size=5)
SAID = st.lists(st.sampled_from([GLUTEN_FREE, CROSSED_GRAIN, VEGAN]), max_size=3)


@settings(max_examples=150, deadline=None)
@given(LINES, SAID, st.sampled_from(["en", "it", ""]), st.booleans())
def test_nothing_is_free_of_anything_by_silence(
    lines: list[LabelLine], said: list[Said], language: str, is_food: bool
) -> None:
    known = Known(lines, said, language, is_food)
    stated = {slug for each in said for slug in each.free_from}
    for fact in allergens_of(known):
        if fact.presence is Presence.FREE_FROM:
            assert fact.allergen.value in stated
        assert (fact.presence is Presence.UNKNOWN) == (fact.confidence is FactConfidence.UNKNOWN)
    silent = allergens_of(replace(known, said=[]))
    assert {fact.presence for fact in silent}.isdisjoint({Presence.FREE_FROM})
    for diet in diets_of(replace(known, said=[])):
        assert diet.suitability is not Suitability.SUITABLE
    # more lines never make an allergen less present
    order = [Presence.CONTAINS, Presence.MAY_CONTAIN]
    more = allergens_of(replace(known, lines=[*lines, LabelLine("celery")]))
    for fewer, now in zip(allergens_of(known), more, strict=True):
        if fewer.presence in order:
            assert now.presence in order[: order.index(fewer.presence) + 1]
    assert len(diets_of(known)) == len(DietType)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Bambu, wafer filled with hazelnut cream", False), ("English Muffins", False), ("Cookies, Lemon Burst", False),
        ("Vanilla Cake Mix", False), ("Pasta Sauce", True), ("Cake Topper with Candle", True),
        ("Gluten-Free Cookies", True), ("Hazelnut Cream", True),
    ],
)  # fmt: skip
def test_what_is_made_of_flour_by_its_name_lists_a_cereal_or_not_everything(name: str, known: bool) -> None:
    listed = food("Sugar, hazelnuts, cocoa")
    called = facts(replace(listed, name=name))
    assert called["gluten"][0] == ("not_named" if known else "unknown")
    soya, rice = (facts(replace(food(f"Sugar, {flour} flour"), name=name))["gluten"][0] for flour in ("soya", "rice"))
    assert (soya, rice) == (called["gluten"][0], "not_named")
    assert facts(replace(food("Sugar, corn syrup"), name=name))["gluten"][0] == called["gluten"][0]
    assert facts(replace(food("Sugar, wheat flour"), name=name))["gluten"][0] == "contains"
