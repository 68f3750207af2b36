"""Allergens and diets: unknown where nothing is known, and never free from by silence."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.certifications.animals import animals_in
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
from resolvers.products.allergens import allergens_in, hidden_in
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
        Known([LabelLine("Sugar"), LabelLine("Geheimnis", is_major_allergen=True)], language="en", is_food=True),
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


@pytest.mark.parametrize(
    ("slug", "named", "others"),
    [
        ("milk", "_milk_ | MILK2 | blue cheeses | H-Milch | Kondensmilch | Süßrahmbutter | Ziegenkäse | half & half"
         " | mantequilla | queso | Magermilchjoghurt | dairy solids | substances laitières | babeurre | melk",
         "Kokosmilch | coconut milk | vegan cheese | sunflower butter | beurre d'amandes | Milchsäure | laitue"
         " | non-dairy | butternut squash | noix de coco"),
        ("eggs", "_egg_ yolks | mayonnaise | lysozyme | Ei | Volleipulver | jaune d'œuf | ovoproduits | meringues",
         "eggplant | vegan mayonnaise | Eis | weiß"),
        ("fish", "catfish | whitefish | bonito | swai | Thunfisch | Seelachs | atún | morue | caviar | barramundi",
         "crawfish | shellfish | frisch | Tintenfisch"),
        ("crustaceans", "crawfish tails | Garnelen | gambas | camarones | crustacés", "crab apples | Krusten"),
        ("molluscs", "calamari | abalone | huître | Miesmuscheln | mollusks | oyster sauce", "oyster mushrooms"),
        ("nuts", "Walnüsse | Pistazien | almendras | nueces | nutella | pralines | almondmilk | brazils | noisettes_",
         "Kokosnuss | Muskatnuss | Genuss | nutmeg | coconut | nuez moscada | doughnut"),
        ("gluten", "_wheat_ flour | avena | cebada | centeno | Hartweizengrieß | Malzextrakt | khorasan | seitan",
         "Buchweizen | wheat-free | maltodextrin | trigonella | l. bulgaricus"),
        ("peanuts", "_peanut_ oil | peanutty | maní | beurre d'_arachides_", "arachidonic acid | pea"),
        ("soybeans", "_soy_ lecithin | soymilk | tamari | tempeh", "soyez | sunflower lecithin"),
        ("sesame-seeds", "ajonjolí | tahina", "til"),
        ("mustard", "_moutarde_ | Dijon", "must"),
        ("sulphur-dioxide-and-sulphites", "sulfiting agents | E 223 | Natriummetabisulfit | Schwefeldioxid | sulfito",
         "unsulfured molasses | sodium bisulfate | sulfate"),
        ("lupin", "Lupinenmehl | lupini beans", "lapin"),
        ("celery", "apio | Knollensellerie | céleri", "celebration"),
    ],
)  # fmt: skip
def test_words_of_allergens(slug: str, named: str, others: str) -> None:
    assert [word for word in named.split(" | ") if slug not in allergens_in(word)] == []
    assert [word for word in others.split(" | ") if slug in allergens_in(word)] == []


def test_what_an_ingredient_may_hide_is_unknown_of_that_allergen_alone() -> None:
    for text, slugs in (
        ("soy sauce", {"gluten"}), ("tamari soy sauce", set()), ("root beer", set()), ("pale ale", {"gluten"}),
        ("worcestershire sauce", {"fish", "gluten", "soybeans"}), ("lecithin", {"soybeans"}), ("pesto", {"nuts"}),
        ("sunflower lecithin", set()), ("spices", {"celery", "mustard"}), ("non-dairy creamer", {"milk"}),
        ("red wine vinegar", {"sulphur-dioxide-and-sulphites"}), ("hummus", {"sesame-seeds"}), ("water", set()),
    ):  # fmt: skip
        assert hidden_in(text) == slugs, text
        found = facts(food(f"Rice, {text}, salt"))
        silent = {each for each, fact in found.items() if fact == UNKNOWN}
        assert silent == slugs, text
        assert facts(food(f"Rice, {text}", GLUTEN_FREE))["gluten"] == ("free_from", "medium")
    assert facts(food("Rice, soy sauce (water, wheat)"))["gluten"] == ("contains", "high")


@pytest.mark.parametrize(
    ("text", "vegan", "vegetarian", "kosher", "halal"),
    [
        ("Beans, beef gelatin", 0, 0, 1, 1), ("Sugar, honey", 0, 1, 1, 1), ("Rice, bacon", 0, 0, 0, 0),
        ("Sugar, carmine", 0, 0, 1, 1), ("Sugar, confectioner's glaze", 0, 1, 1, 1), ("Rice, red wine", 1, 1, 1, 0),
        ("Rice, wine vinegar", 1, 1, 1, 1), ("Eau, blanc de poulet", 0, 0, 1, 1), ("Reis, Rindfleisch", 0, 0, 1, 1),
        ("Arroz, jamón", 0, 0, 0, 0), ("Water, lard", 0, 0, 0, 0), ("Rice, _chicken_ broth", 0, 0, 1, 1),
        ("Oats, vegan bacon, plant-based chicken", 1, 1, 1, 1), ("Fruchtfleisch, Wasser", 1, 1, 1, 1),
        ("Honeydew melon, turkey tail mushrooms", 1, 1, 1, 1), ("Vegetable rennet, no gelatin", 1, 1, 1, 1),
        ("No salt added chicken, soy sauce beef", 0, 0, 1, 1), ("Gelatin-free, e1200, artificial beef", 1, 1, 1, 1),
        ("Sugar, bourbon vanilla, sugar alcohol", 1, 1, 1, 1), ("Water, ground beef", 0, 0, 1, 1),
    ],
)  # fmt: skip
def test_what_of_animals_speaks_against_diets(text: str, vegan: int, vegetarian: int, kosher: int, halal: int) -> None:
    said = Said("ALL", True, ["vegan", "vegetarian", "kosher", "halal"], [])
    found = diets(food(text, said, language="de"))
    for diet, suits in (("vegan", vegan), ("vegetarian", vegetarian), ("kosher", kosher), ("halal", halal)):
        assert found[diet] == (("suitable", "high") if suits else ("unsuitable", "low")), diet
    silent = diets(food(text))
    assert (silent["vegan"] == UNKNOWN) is (vegan == 1)
    assert animals_in("oyster mushrooms") == set()


def test_what_it_is_called_by_is_not_unnamed() -> None:
    cookies = replace(food("Rice flour, sugar"), name="Peanut Butter Cookies")
    assert facts(cookies)["peanuts"] == UNKNOWN
    assert facts(cookies)["eggs"] == NOT_NAMED
    assert facts(replace(cookies, said=[Said("NO_PEANUTS", False, [], ["peanuts"])]))["peanuts"][0] == "free_from"


def test_traces_of_gluten_speak_against_a_diet_without_it() -> None:
    text = "Rice. May contain wheat and milk."
    assert diets(food(text, CROSSED_GRAIN))["gluten_free"] == ("unsuitable", "low")
    assert diets(food(text))["gluten_free"] == ("unsuitable", "medium")
    assert diets(food(text, VEGAN))["vegan"] == ("suitable", "medium"), "traces of milk are an accident"
