"""From texts to lexemes, and from what is typed to what is looked for."""

from dataclasses import dataclass, field
from functools import cached_property

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resolvers.search.analysis import analyse, lexemes_sought
from resolvers.search.typos import Spelling
from resolvers.search.words import lexemes, stem, synonyms


@dataclass
class Words:
    frequency: dict[str, int]
    documents: int = 1_000
    shown: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, set[str]] = field(default_factory=dict)

    @cached_property
    def spelling(self) -> Spelling:
        return Spelling(self.frequency, self.shown)


KNOWN = Words(
    {
        "iphone": 40, "12": 300, "13": 200, "case": 90, "laptop": 60, "notebook": 80, "gaming": 20, "mouse": 50,
        "lamp": 40, "keyboard": 70, "battery": 80, "smart": 30, "watch": 30, "smartwatch": 10, "16gb": 40, "16": 90,
        "gb": 90, "keks": 5, "xbox": 4, "box": 400, "brother": 20, "tn": 9, "2110": 2, "cooky": 50, "boy": 2, "cook": 3,
        "desk": 5,
    },
    shown={"battery": "batteries", "keks": "Kekse", "cooky": "cookies"},
    foreign={"de": {"keks"}, "fi": {"keks"}, "fr": {"cook"}},
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Rice Cookies", "en", [("rice", 1), ("cooky", 2)]),
        ("Brother TN-2110", "en", [("brother", 1), ("tn", 2), ("2110", 3), ("tn2110", 3)]),
        ("16 GB", "", [("16", 1), ("gb", 2), ("16gb", 2)]),
        ("16GB", "", [("16gb", 1), ("16", 1), ("gb", 1)]),
        ("11,9 cm", "", [("11.9", 1), ("cm", 2), ("11.9cm", 2)]),
        ('68.6 cm (27")', "", [("68.6", 1), ("cm", 2), ("68.6cm", 2), ("27", 3), ("inch", 4), ("27inch", 4)]),
        ("27-inch", "en", [("27", 1), ("inch", 2), ("27inch", 2)]),
        ("27 inches", "en", [("27", 1), ("inch", 2), ("27inch", 2)]),
        ('called "model 27"', "en", [("called", 1), ("model", 2), ("27", 3)]),
        ("Crème Brûlée", "fr", [("crem", 1), ("brule", 2)]),
        ("Kekse", "de", [("keks", 1)]),
        ("men's shoes", "en", [("men", 1), ("shoe", 2)]),
        ("\x00 🍪 …", "en", []),
        ("שלום", "he", [("שלום", 1)]),
    ],
)
def test_what_a_text_is_made_of(text: str, language: str, found: list[tuple[str, int]]) -> None:
    assert [(each.lexeme, each.position) for each in lexemes(text, language)] == found


@pytest.mark.parametrize(
    ("plural", "singular"),
    [("batteries", "battery"), ("boxes", "box"), ("tomatoes", "tomato"), ("shoes", "shoe"), ("glass", "glass"),
     ("status", "status"), ("tennis", "tennis"), ("cases", "case"), ("watches", "watch"), ("gaming", "gaming"),
     ("pies", "pie")],
)  # fmt: skip
def test_singular_and_plural_are_one(plural: str, singular: str) -> None:
    assert stem(plural, "en") == stem(singular, "en") == singular


def test_synonyms_stand_for_each_other() -> None:
    assert ("notebook",) in synonyms()["laptop",]
    assert ("laptop",) in synonyms()["notebook",]
    assert ("smartwatch",) in synonyms()["smart", "watch"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("latop", "laptop"), ("kyeboard", "keyboard"), ("gamign mouse", "gaming mouse"), ("laop", "lamp"),
        ("bateery", "batteries"), ("xox", "xbox"), ("ihone", "iphone"), ("keybo", "keyboard"), ("KEYBOARD", "keyboard"),
        ("dsek", "desk"), ("cookis", "cookies"),
        # nothing to correct, or nothing that may be
        ("iphone 14", "iphone 14"), ("2111", "2111"), ("tn2111", "tn 2111"), ("boys", "boys"), ("doys", "doys"),
        ("bxo", "bxo"), ("netflix", "netflix"),
        # words that there are, though not here, and such as would begin with a letter far from theirs
        ("match", "match"), ("nooks", "nooks"), ("gattery", "gattery"), ("vattery", "batteries"),
    ],
)  # fmt: skip
def test_what_is_typed_wrong(typed: str, read: str) -> None:
    assert analyse(typed, KNOWN).text == read


def alternatives(text: str) -> list[tuple[tuple[str, ...], ...]]:
    return [term.phrases for term in analyse(text, KNOWN).terms]


def test_what_is_looked_for() -> None:
    assert alternatives("the laptop") == [(("laptop",), ("notebook",))]
    assert alternatives("smart watch") == [(("smart",), ("smartwatch",)), (("watch",), ("smartwatch",))]
    assert alternatives("Kekse") == [(("keks",), ("cooky",))]
    assert alternatives("16 gb") == [(("16gb",), ("16", "gb"))]
    assert alternatives('27" case') == alternatives("27 inch case") == [(("27inch",), ("27", "inch")), (("case",),)]
    assert alternatives('"iphone 12"')[0] == (("iphone",),)  # a quotation mark, and no sign for inches
    # a number means nothing without the word before it, and is no other number
    assert alternatives("iphone 12") == [
        (("iphone",),), (("iphone", "12"), ("iphone", "", "12"), ("iphone12",)),
    ]  # fmt: skip
    assert analyse("iphone 12", KNOWN).exact
    assert not analyse("iphone case", KNOWN).exact
    codes = ("tn2110x", "211055", "iphone12", "16gb", "laptop", "12")
    assert [analyse(each, KNOWN).is_code for each in codes] == [True, True, False, False, False, False]


def test_words_that_are_written_as_one_or_as_two() -> None:
    assert alternatives("key board") == [(("key",), ("keyboard",)), (("board",), ("keyboard",))]
    assert analyse("laptopcase", KNOWN).corrections == {"laptopcase": "laptop case"}
    (term,) = analyse("laptopcases", KNOWN).terms  # in no document as one
    assert (term.alternatives, term.written, term.idf) == (
        (("laptop", "case"),),
        (),
        analyse("laptop", KNOWN).terms[0].idf,
    )
    (term,) = analyse("smartwatch", KNOWN).terms
    assert term.phrases == (("smartwatch",), ("smart", "watch"))
    assert analyse("keybord", KNOWN).text == "keyboard"  # a mistake, and no bord
    assert alternatives("iphone12 case") == alternatives("iphone 12 case")
    assert alternatives('"laptopcase"') == [(("laptopcase",),)]


def test_a_word_that_there_is_may_still_be_typed_wrong() -> None:
    (term,) = analyse("match", KNOWN).terms
    assert (term.alternatives, term.near) == ((("match",),), (("watch",),))


def test_a_number_that_is_not_there_counts_as_much_as_the_word_before_it() -> None:
    word, number = analyse("iphone 12", KNOWN).terms
    assert number.idf == word.idf > analyse("12", KNOWN).terms[0].idf


def test_the_syntax_of_web_searches() -> None:
    read = analyse('"smart watch" mouse OR keyboard -case -"xbox box"', KNOWN)
    assert [each[0] for each in read.required] == [("smart", "watch"), ("mouse",)]
    assert ("keyboard",) in read.required[1]
    assert {("case",), ("xbox", "box")} <= set(read.excluded)
    assert [term.typed for term in read.terms] == ["smart", "watch", "mouse", "keyboard"]


def test_words_that_say_nothing_are_looked_for_if_there_are_no_others() -> None:
    assert [term.typed for term in analyse("the for", KNOWN).terms] == ["the", "for"]
    assert [term.typed for term in analyse("the case", KNOWN).terms] == ["case"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
@example("")
@example("word " * 2_000)
@example('"no end')
@example("'; DROP TABLE products; --")
@example("a & !b | (c:* <-> d)")
@example("🍪 \u202e\x00 OR OR -")
def test_any_text_is_a_query(text: str) -> None:
    read = analyse(text, KNOWN)
    assert len(read.terms) <= 16
    assert "\x00" not in read.text
    words = [lexeme for term in read.terms for each in term.alternatives for lexeme in each]
    assert not any(set(word) & set("'\"&|!():*<> \x00") for word in words)
    assert all(term.alternatives and term.idf > 0 for term in read.terms)
    assert all(each for each in lexemes_sought(text))


@settings(max_examples=40, deadline=None)
@given(st.from_regex(r"[a-z]{3,8}[0-9]{1,6}|[0-9]{1,14}", fullmatch=True))
def test_nothing_with_a_digit_is_corrected(text: str) -> None:
    assert not analyse(text, KNOWN).corrections
