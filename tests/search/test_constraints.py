"""What texts say: `phrasings.txt` has one a line, with the words that are left and what was found."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from resolvers.certifications.facts import Allergen
from resolvers.search.asked import Asked
from resolvers.search.constraints.model import LISTS, MOST_KM, Availability, ConstraintKey, Reading, Scope
from resolvers.search.constraints.reading import read
from resolvers.search.constraints.refinement import Seen, State, begin, follow
from resolvers.search.constraints.vocabulary import ALLERGENS, ALLERGIC
from resolvers.search.spoken import spoken

LINES = (Path(__file__).parent / "phrasings.txt").read_text("utf-8").splitlines()


def shown(reading: Reading) -> tuple[str, dict[str, Any]]:
    found: dict[str, Any] = dict(reading.add) | {f"-{key}": value for key, value in reading.drop.items()}
    for name in ("currency", "place", "here", "gtin", "resets", "problem"):
        if getattr(reading, name):
            found[name] = getattr(reading, name)
    if reading.relations:
        found["relations"] = [each.value for each in reading.relations]
    if reading.notes:
        found["notes"] = len(reading.notes)
    return reading.words, found


def test_phrasings() -> None:
    assert len(LINES) > 400
    for line in LINES:
        text, _, expected = line.partition(" => ")
        words, _, facts = expected.partition("{")
        assert (text, *shown(read(text))) == (text, words.strip(), orjson.loads("{" + facts))


PIECES = st.sampled_from(
    ["no", "without", "nuts", "milk", "free", "-", "under", "$", "5", "km", "near", "21201", "red", "not", "in",
     "stock", "vegan", "and", ",", "or", "cheaper", "instead", "never mind", "within", "a", "minute", "walk", "between",
     "|", "\x00",
     "celiac", "gf", "allergic to", "traces of", "nothing with", "must be", "is a must",
     "gtin:", "1e999", "9" * 40, "Baltimore", "\u20ac", "\u0130", "is fine", "('", "[", "\\", "ones", "online", "only"]
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example("around 9999999999999 euros")
@given(st.one_of(st.lists(PIECES, max_size=25).map(" ".join), st.text(max_size=500)))
def test_any_text_is_read(text: str) -> None:
    reading = read(text)
    assert set(reading.add) <= {key.value for key in ConstraintKey}
    for key, value in reading.add.items():
        assert isinstance(value, list if key in LISTS else str | int | float)
    assert 0 < reading.add.get("distance_km", 1) <= MOST_KM
    assert 0 <= reading.add.get("price_max", 0) < 10**12
    assert set(reading.add.get("exclude_allergens", ())) <= {each.value for each in Allergen}
    assert reading.add.get("availability", "in_stock") in [each.value for each in Availability]
    assert reading.add.get("scope", "local") in [each.value for each in Scope]
    orjson.dumps(reading.add)
    step = follow(begin(reading, {}).state, read(text), Seen((1.0, 2.0), "USD", (1.0,)), {})
    low, high = (step.state.constraints.get(key) for key in ("price_min", "price_max"))
    assert low is None or high is None or low <= high


def test_vocabulary_knows_all_allergens() -> None:
    assert set(ALLERGENS) == {each.value for each in Allergen}
    assert {slug for slugs in ALLERGIC.values() for slug in slugs} == set(ALLERGENS)


@pytest.mark.parametrize(
    ("query", "words", "allergens", "substances"),
    [
        ("granola with almonds no peanuts", "granola with almonds", ("peanuts",), ()),
        ("cookies, not vegan, no milk", "cookies", ("milk",), ()),
        ("gluten free cookies free of lanolin", "cookies free of lanolin", ("gluten",), ()),
        ("shampoo free of parabens and nuts", "shampoo", ("nuts", "peanuts"), ("parabens",)),
        ("bpa free bottle", "bpa free bottle", (), ()),
        ('"no milk" cookies', '"no milk" cookies', (), ()),
    ],
)
def test_what_a_query_avoids_is_a_filter(query: str, words: str, allergens: Any, substances: Any) -> None:
    """Also where it says something else that no filter can promise, or takes something back."""
    asked, _ = spoken(Asked(query=query))
    found = (asked.query, asked.filters.exclude_allergens, asked.filters.avoid_substances)
    assert found == (words, allergens, substances)


# --- what follows

SEEN = Seen((2.0, 4.0, 6.0), "USD", (0.5, 1.5, 2.5))


def after(*texts: str, kept: dict[str, Any] | None = None) -> Any:
    """The last step of a conversation."""
    step = begin(read(texts[0]), kept or {})
    for text in texts[1:]:
        step = follow(step.state, read(text), SEEN, kept or {})
    return step


@pytest.mark.parametrize(
    ("texts", "refines", "base", "constraints"),
    [
        (["cookies", "but cheaper"], True, "cookies", {"price_max": 3.99}),
        (["cookies", "the cheapest"], True, "cookies", {"price_max": 2}),
        (["cookies under $3", "cheaper"], True, "cookies", {"price_max": 3}),
        (["cookies", "more expensive"], True, "cookies", {"price_min": 4.01}),
        (["cookies", "closer"], True, "cookies", {"distance_km": 1.49}),
        (["cookies", "farther away"], True, "cookies", {"distance_km": 20}),
        (["cookies within 40 km", "further out"], True, "cookies", {"distance_km": 50}),
        (["shoes", "in red"], True, "shoes", {"color": "red"}),
        (["shoes in red", "in blue instead"], True, "shoes", {"color": "blue"}),
        (["shoes", "within 2 km"], True, "shoes", {"distance_km": 2}),
        (["cookies", "no nuts", "vegan", "no milk"], True, "cookies",
         {"exclude_allergens": ["nuts", "peanuts", "milk"], "require_certifications": ["vegan"]}),
        (["cookies, vegan", "not vegan"], True, "cookies", {}),
        (["cookies no nuts or milk", "milk is fine"], True, "cookies", {"exclude_allergens": ["nuts", "peanuts"]}),
        (["cookies under $5", "forget the price"], True, "cookies", {}),
        (["cookies under $5", "tea instead"], False, "tea", {}),
        (["cookies under $5", "never mind, coffee in stock"], False, "coffee", {"availability": "in_stock"}),
        (["cookies under $5", "forget that"], False, "cookies", {}),
        (["cookies under $5", "start over"], False, "cookies", {}),
        (["cookies under $5", "what about pizza"], False, "pizza", {}),
        (["cookies", "chocolate cookies"], True, "chocolate cookies", {}),
        (["cookies", "but with chocolate"], True, "cookies chocolate", {}),
        (["cookie dough", "cookies vegan"], True, "cookie dough", {"require_certifications": ["vegan"]}),
        (["cases", "without screen protectors"], True, 'cases -"screen protectors"', {}),
        (["cookies under $5", "over $10"], True, "cookies", {"price_min": 10}),
        (["cookies over $5", "under $2"], True, "cookies", {"price_max": 2}),
        (["cookies over $5", "under 8 euros"], True, "cookies", {"price_max": 8}),
        (["cookies over $5", "under 8"], True, "cookies", {"price_min": 5, "price_max": 8}),
        (["cookies", "gtin:4006381333931"], False, "", {}),
        (["I have a nut allergy", "cookies"], True, "cookies", {"exclude_allergens": ["nuts", "peanuts"]}),
        (["vegan near me", "cheaper"], True, "", {"require_certifications": ["vegan"], "price_max": 3.99}),
        (["cookies", "no milk either"], True, "cookies", {"exclude_allergens": ["milk"]}),
        (["cookies, no milk", "actually I need them nut free"], True, "cookies",
         {"exclude_allergens": ["milk", "nuts", "peanuts"]}),
        (["cookies, no milk", "never mind, almonds are ok"], True, "cookies", {"exclude_allergens": ["milk"]}),
    ],
)  # fmt: skip
def test_conversations(texts: list[str], refines: bool, base: str, constraints: dict[str, Any]) -> None:
    step = after(*texts)
    assert (step.is_refinement, step.state.base_query, step.state.constraints) == (refines, base, constraints)
    assert step.explanation.endswith((".", "%"))


def test_explanations_are_for_people() -> None:
    assert after("cookies", "under $3, no nuts").explanation == (
        "Refines \u201ccookies\u201d: the text names nothing else to search for. Added: at most $3, no nuts, peanuts."
    )
    assert after("cookies under 3 euros", "any price").explanation.endswith("Removed: at most 3 EUR.")
    assert after("cookies over $5", "under $2").explanation.endswith(
        "price_min 5 was dropped: it contradicts what was said now."
    )
    assert (
        after("cookies", "pizza").explanation
        == "A new search: \u201cpizza\u201d has no word in common with \u201ccookies\u201d."
    )
    assert after("cookies, no nuts", "milk is fine").explanation.endswith("names nothing else to search for.")
    assert after("cookies, no nuts", "any price").explanation.endswith("names nothing else to search for.")
    assert after("cookies, no nuts, under $5", "pizza").explanation.endswith(" Dropped: no nuts, peanuts.")
    unseen = follow(State("tea"), read("cheaper"), Seen(), {})
    assert "Nothing was seen yet" in unseen.explanation
    assert unseen.state == State("tea")


def test_a_new_search_keeps_what_it_is_given() -> None:
    kept = {"exclude_allergens": ["peanuts"]}
    assert after("bars with peanuts", kept=kept).explanation == "A new search. Removed: no peanuts."
    assert after("cookies", "no milk", kept=kept).added == {"exclude_allergens": ["milk"]}
    assert after("cookies", "no milk", "tea instead", kept=kept).state.constraints == kept


def test_money_is_not_rounded_up() -> None:
    assert Decimal(str(after("cookies", "cheaper").state.constraints["price_max"])) < Decimal(4)


@pytest.mark.parametrize("form", ["{}, no peanuts", "peanut free {}", "{} but my son is allergic to peanuts"])
def test_whatever_else_is_said_peanuts_are_avoided(form: str) -> None:
    for line in LINES[::3]:
        text = form.format(line.partition(" => ")[0])
        reading = read(text)
        said = reading.gtin or reading.problem or "peanuts" in reading.add.get("exclude_allergens", ())
        assert said or "free delivery" in text, text
