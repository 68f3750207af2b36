"""Lists of ingredients as labels print them."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resolvers.products.labels import LONGEST, parse_label
from resolvers.products.quantities import net_content_of

Row = tuple[str, float | None, bool, bool]


def read(text: str) -> list[Row]:
    return [(line.name, line.percentage, line.is_major_allergen, line.may_contain) for line in parse_label(text)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("Water", [("Water", None, False, False)]),
        ("Ingredients: Sugar; salt.", [("Sugar", None, False, False), ("salt", None, False, False)]),
        (
            "Tomatoes 60%, whey powder (from milk), spices (12,5 %)",
            [("Tomatoes", 60, False, False), ("whey powder", None, True, False), ("spices", 12.5, False, False)],
        ),
        (
            "Enriched Flour (Wheat Flour, Vitamin B1 [Thiamin]), Soy Lecithin. CONTAINS: WHEAT, SOY AND EGG. "
            "MAY CONTAIN PEANUTS.",
            [
                ("Enriched Flour", None, False, False), ("Wheat Flour", None, True, False),
                ("Vitamin B1", None, False, False), ("Thiamin", None, False, False),
                ("Soy Lecithin", None, True, False), ("EGG", None, True, False), ("PEANUTS", None, True, True),
            ],
        ),
        (
            "Zutaten: Zucker, HASELNÜSSE (13%), Magermilchpulver 8,7%, Emulgator: Lecithine (Soja). "
            "Kann Spuren von Erdnüssen enthalten.",
            [
                ("Zucker", None, False, False), ("HASELNÜSSE", 13, True, False),
                ("Magermilchpulver", 8.7, True, False), ("Emulgator", None, False, False),
                ("Lecithine", None, False, False), ("Soja", None, True, False), ("Erdnüssen", None, True, True),
            ],
        ),
        (
            "Sucre, huile de palme, cacao maigre 7,4%. Peut contenir des traces d'arachides et de lait.",
            [
                ("Sucre", None, False, False), ("huile de palme", None, False, False),
                ("cacao maigre", 7.4, False, False), ("arachides", None, True, True), ("de lait", None, True, True),
            ],
        ),
        ("Oats\nSalt\nMay contain nuts", [("Oats", None, True, False), ("Salt", None, False, False),
                                          ("nuts", None, True, True)]),
        ("Cocoa butter, coconut milk, buckwheat", [("Cocoa butter", None, False, False),
                                                   ("coconut milk", None, False, False),
                                                   ("buckwheat", None, False, False)]),
        ("E471,E472, vit. C, 2.5% fat", [("E471", None, False, False), ("E472", None, False, False),
                                         ("vit. C", None, False, False), ("fat", 2.5, False, False)]),
        ("Sugar, less than 2% of: salt, 150% juice", [("Sugar", None, False, False), ("salt", None, False, False),
                                                      ("150% juice", None, False, False)]),
        ("<b>Sugar</b> &amp; salt\u200b, , ; () )", [("Sugar & salt", None, False, False)]),
        ("a, 1, %, (((", []),
    ],
)  # fmt: skip
def test_labels(text: str, rows: list[Row]) -> None:
    assert read(text) == rows


def test_what_is_said_of_an_ingredient() -> None:
    tomato, whey, extra = (
        parse_label("Tomatoes (origin: Italy), whey (from milk), sugar. Contains caffeine.")[:2]
        + (parse_label("Sugar. Contains caffeine.")[1:])
    )
    assert (tomato.origin, whey.notes, extra.name, extra.notes) == ("Italy", "from milk", "caffeine",
                                                                   "declared on the label")  # fmt: skip


def test_traces_end_with_the_bracket_that_they_stand_in() -> None:
    lines = parse_label("Flour (wheat, may contain malt), walnuts. May contains 2% or less of: egg. May contain soy.")
    assert [(line.name, line.may_contain) for line in lines] == [
        ("Flour", False), ("wheat", False), ("walnuts", False), ("May", False), ("egg", False),
        ("malt", True), ("soy", True),
    ]  # fmt: skip


SIGNS = st.sampled_from([*"ab Zß,;:.()[]{}%0159\n-*\u200b\0", "milk", "contains", "may contain ", "traces of "])


@given(st.one_of(st.text(max_size=200), st.lists(SIGNS, max_size=80).map("".join)))
@example("AA0)0")
def test_anything_can_be_read(text: str) -> None:
    for line in parse_label(text):
        assert 0 < len(line.name) <= LONGEST
        assert line.name == line.name.strip()
        assert not set(line.name) & set("()[]{};\n")
        assert line.percentage is None or 0 < line.percentage <= 100


WORD = st.sampled_from(["sugar", "palm oil", "cocoa mass", "salt", "water", "beet juice", "milk", "wheat flour"])
SHARE = st.one_of(st.none(), st.integers(1, 100), st.sampled_from([0.5, 12.5, 99.9]))
LIST: st.SearchStrategy[Any] = st.recursive(
    st.lists(st.tuples(WORD, SHARE, st.just([])), min_size=1, max_size=4),
    lambda below: st.lists(st.tuples(WORD, SHARE, st.one_of(st.just([]), below)), min_size=1, max_size=4),
    max_leaves=12,
)


def printed(items: Any, behind: bool) -> str:
    def one(name: str, share: float | None, below: Any) -> str:
        said = f" {share:g}%" if share else ""
        inner = f" ({printed(below, behind)})" if below else ""
        return f"{name}{inner}{said}" if behind else f"{name}{said}{inner}"

    return ", ".join(one(*item) for item in items)


def flat(items: Any) -> list[tuple[str, float | None]]:
    return [row for name, share, below in items for row in [(name, share), *flat(below)]]


@given(LIST, st.booleans())
def test_what_is_printed_is_read(items: Any, behind: bool) -> None:
    lines = parse_label(printed(items, behind))
    assert [(line.name, line.percentage) for line in lines] == flat(items)
    assert all(line.is_major_allergen == (line.name in ("milk", "wheat flour")) for line in lines)


def test_long_texts_are_quick() -> None:
    """Seconds would mean that the time grows faster than the text."""
    for part in ("(", "a (", "may contain ", "kann ", ", contains ", "1,", "% ", ". ", "<", "&amp;"):
        parse_label((part * 20_000)[:20_000])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("350 g", (350, "GRM")), ("1.5 l", (1.5, "LTR")), ("1,5l", (1.5, "LTR")), ("12 fl oz", (12, "OZA")),
        ("13 oz", (13, "ONZ")), ("6 x 330 ml", (1980, "MLT")), ("50 + 15 ml (65 ml)", (65, "MLT")),
        ("2 x 100g", (200, "GRM")), ("20 pieces", (20, "H87")), ("about 1 kg", (1, "KGM")),
        ("a handful", None), ("", None), ("0 g", None), ("12", None), ("5 gramophones", None), ("v1.2.3 g", None),
        ("9" * 100 + " g", None), ("1.000 g", None), ("1,500 ml", None), ("1,500 kg", (1.5, "KGM")),
        ("0.125 g", (0.125, "GRM")), ("1.25 g", (1.25, "GRM")),
    ],
)  # fmt: skip
def test_net_contents(text: str, found: Any) -> None:
    assert net_content_of(text) == found
