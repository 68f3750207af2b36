"""The demo foods: real GTINs, and a list that may have been cut says nothing of what it does not name."""

from closient_gql.core.gs1.gtin import parse_gtin
from closient_gql.server.demo import records
from closient_gql.server.demo_rows import lines_of
from resolvers.certifications.facts import Known, LabelLine, Presence, allergens_of, reliable
from resolvers.products.labels import BREAKS_OFF
from resolvers.search.label import label_of


def test_what_they_are() -> None:
    foods = lines_of("foods.jsonl.gz")
    gtins = [food["gtin"] for food in foods]
    assert (len(gtins), len(set(gtins)), gtins == sorted(gtins)) == (4_000, 4_000, True)
    assert [parse_gtin(gtin) for gtin in gtins] == gtins
    assert not set(gtins) & {record["gtin"] for record in records()}
    cut = [food for food in foods if any(BREAKS_OFF in line.get("notes", "") for line in food["ingredients"])]
    assert len(cut) == 1_541
    said = [label for food in foods for label in food.get("labels", ())]
    assert {label: said.count(label) for label in sorted(set(said))} == {
        "no-gluten": 62, "organic": 228, "vegan": 31, "vegetarian": 31,
    }  # fmt: skip
    assert any("cookies" in food["name"].lower() for food in foods if "no-gluten" in food.get("labels", ()))


def test_what_is_cut_is_unknown() -> None:
    for food in lines_of("foods.jsonl.gz")[::40]:
        lines = [
            LabelLine(line["name"], line.get("notes", ""), line.get("may", False), line.get("allergen", False))
            for line in food["ingredients"]
        ]
        known = Known(lines, (), food["language"], is_food="nutrition" in food)
        cut = any(BREAKS_OFF in line.notes for line in lines)
        found = {fact.presence for fact in allergens_of(known)}
        assert cut <= (not reliable(known)), food["gtin"]
        assert cut <= (Presence.NOT_NAMED not in found), food["gtin"]
        label = label_of(known)
        assert (label.whole, cut <= (not label.complete)) == (reliable(known), True), food["gtin"]
