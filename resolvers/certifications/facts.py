"""Allergens and diets as facts, and how far each can be relied on. Pure rules, no I/O.

Whoever relies on them may be ill from a mistake, so the rules are one-sided:

- An allergen is in the product if its list of ingredients names it, whatever a claim says; then the confidence is low.
- It may be in it if the list of traces names it.
- It is free of it only if an active claim or certification says so, and nothing names it.
- That the list does not name it counts for something only where the list can be relied on to name it: food, in a
  language whose words are known here, with a list that is whole. Then it is `not_named`, which is less than free of it.
  A list that says cookies, or flour, but no cereal is not whole: it leaves out what they are made of. So is one of
  something that is called a wafer.
- Nor is anything known of what a named ingredient may hide: soy sauce the wheat that it is brewed with, spices mustard.
  The same goes for what the product is called by: peanut butter cookies that list no peanuts.
- In all other cases, a list that is missing or breaks off above all, nothing is known.
- A diet is suited only if an active claim or certification says so, and nothing named speaks against it: allergens, and
  what else comes of animals (`resolvers.certifications.animals`). Traces of gluten speak against a diet without it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from closient_gql.core.enums import Described
from resolvers.certifications.animals import Animal, animals_in
from resolvers.products.allergens import WORDS, allergens_in, hidden_in, plain
from resolvers.products.labels import BREAKS_OFF, DECLARED_ALLERGEN, LONGEST


class Allergen(Described):
    """The value is the slug that `resolvers.products.allergens` and searches use."""

    MILK = "milk", "Milk and products thereof, lactose included."
    EGGS = "eggs", "Eggs and products thereof."
    FISH = "fish", "Fish and products thereof."
    CRUSTACEANS = "crustaceans", "Crustaceans and products thereof."
    MOLLUSCS = "molluscs", "Molluscs and products thereof."
    NUTS = "nuts", "Tree nuts and products thereof."
    GLUTEN = "gluten", "Cereals that contain gluten, wheat among them."
    PEANUTS = "peanuts", "Peanuts and products thereof."
    SOYBEANS = "soybeans", "Soybeans and products thereof."
    SESAME = "sesame-seeds", "Sesame seeds and products thereof."
    CELERY = "celery", "Celery and products thereof."
    MUSTARD = "mustard", "Mustard and products thereof."
    SULPHITES = "sulphur-dioxide-and-sulphites", "Sulphur dioxide and sulphites above 10 mg in a kilogram."
    LUPIN = "lupin", "Lupin and products thereof."


GS1_CODES = {
    Allergen.MILK: "AM", Allergen.EGGS: "AE", Allergen.FISH: "AF", Allergen.CRUSTACEANS: "AC", Allergen.MOLLUSCS: "UM",
    Allergen.NUTS: "AN", Allergen.GLUTEN: "AW", Allergen.PEANUTS: "AP", Allergen.SOYBEANS: "AY", Allergen.SESAME: "AS",
    Allergen.CELERY: "BC", Allergen.MUSTARD: "BM", Allergen.SULPHITES: "AU", Allergen.LUPIN: "NL",
}  # fmt: skip
"""GS1 AllergenTypeCode."""
assert {each.value for each in Allergen} == set(WORDS)


class Presence(Described):
    CONTAINS = "contains", "It is in the product."
    MAY_CONTAIN = "may_contain", "It may be in it, as traces."
    FREE_FROM = "free_from", "The product is said to be free of it."
    NOT_NAMED = "not_named", "A whole list of ingredients does not name it. That is less than free of it."
    UNKNOWN = "unknown", "Nothing is known. It does not mean: free of it."


class DietType(Described):
    VEGAN = "vegan", "Nothing of animals."
    VEGETARIAN = "vegetarian", "Nothing of slaughtered animals."
    KOSHER = "kosher", "Allowed by Jewish dietary law."
    HALAL = "halal", "Allowed by Islamic dietary law."
    ORGANIC = "organic", "From organic farming."
    GLUTEN_FREE = "gluten_free", "For coeliacs: at most 20 mg of gluten in a kilogram."


class Suitability(Described):
    SUITABLE = "suitable", "An active claim or certification says that it suits the diet."
    UNSUITABLE = "unsuitable", "It holds, or may hold traces of, something that the diet excludes."
    UNKNOWN = "unknown", "Nothing is known. It does not mean: suitable, or unsuitable."


class FactConfidence(Described):
    HIGH = "high", "The label declares it, or an authority has verified it."
    MEDIUM = "medium", "The owner or the label says so, or a whole list does not name it; nobody has verified it."
    LOW = "low", "What is said contradicts itself; the cautious side is shown."
    UNKNOWN = "unknown", "Nothing is known."


_SEAFOOD = frozenset({Allergen.FISH, Allergen.CRUSTACEANS, Allergen.MOLLUSCS})
_SLAUGHTERED = frozenset({Animal.MEAT, Animal.PORK, Animal.PARTS})
EXCLUDED: dict[DietType, frozenset[Allergen | Animal]] = {
    DietType.VEGAN: _SEAFOOD | _SLAUGHTERED | {Allergen.MILK, Allergen.EGGS, Animal.BEES},
    DietType.VEGETARIAN: _SEAFOOD | _SLAUGHTERED,
    DietType.KOSHER: frozenset({Allergen.CRUSTACEANS, Allergen.MOLLUSCS, Animal.PORK}),
    DietType.HALAL: frozenset({Animal.PORK, Animal.ALCOHOL}),
    DietType.GLUTEN_FREE: frozenset({Allergen.GLUTEN}),
}
NO_TRACES = frozenset({DietType.GLUTEN_FREE})
"""Diets that traces speak against, too."""
LANGUAGES = frozenset({"en", "fr", "de", "es"})
"""Those of `resolvers.products.allergens`: in others, what is not found may still be there."""

_MADE = (
    r"\b(cookies?|biscuits?|crackers?|cakes?|breads?|(bread)?crumbs?|breading|wafers?|waffles?|pretzels?|pasta|noodles?"
    r"|macaroni|spaghetti|ravioli|dough|crusts?|batter|croutons?|tortillas?|buns?|pancakes?|muffins?|brownies?|pizza"
    r"|do(ugh)?nuts?|dumplings?|sandwich(es)?|gaufrettes?|pates|biscottes?|chapelure|kekse?|brot|nudeln?|waffeln?"
    r"|paniermehl|teig|kuchen|galletas?|fideos|barquillos?)\b"
)
MADE_OF_FLOUR = re.compile(
    _MADE +
    # flour of nobody says what
    r"|^((enriched|(un)?bleached|bromated|all|purpose|white|plain|organic|fine|pastry|self|rising|raising) )*flour\b"
    r"|^(farine|mehl|harina)$"
)
IS_MADE = re.compile(  # wafers filled with cream, not pasta sauce
    _MADE + r"(?=\W*$| *[,;.(]| (filled|with|in|and|covered|dipped|stuffed|topped|mix)\b)"
)
FLOURS = re.compile(  # what cookies can be made of instead; soya flour goes along with another
    r"\b((?<!soya )(?<!soy )flours?|meal|starch|rice|corn|maize|masa|potato(es)?|quinoa|chickpeas?|cassava"
    r"|tapioca|farines?|riz|fecule|mehl"
    r"|reis|mais|starke|harina|arroz|maiz|almidon)\b(?! (syrup|sugar|oil|bran))"
)
OTHER_FLOUR = re.compile(r"\b(gluten free|rice (noodles?|pasta|cakes?|crackers?)|corn tortillas?)\b")


@dataclass(frozen=True)
class Said:
    """One active claim or certification: what it says, and whether an authority has verified it."""

    code: str
    verified: bool
    diets: Sequence[str]
    free_from: Sequence[str]


@dataclass(frozen=True)
class LabelLine:
    """One line of a list of ingredients."""

    name: str
    notes: str = ""
    may_contain: bool = False
    is_major_allergen: bool = False


@dataclass(frozen=True)
class Known:
    """Everything that the facts of one product follow from. `is_food`: whether it is known to be food; `name`: what it
    is called."""

    lines: Sequence[LabelLine] = ()
    said: Sequence[Said] = ()
    language: str = ""
    is_food: bool = False
    name: str = ""


@dataclass(frozen=True)
class AllergenFact:
    allergen: Allergen
    presence: Presence
    confidence: FactConfidence
    basis: list[str] = field(default_factory=list)

    @property
    def gs1_code(self) -> str:
        return GS1_CODES[self.allergen]


@dataclass(frozen=True)
class DietFact:
    diet: DietType
    suitability: Suitability
    confidence: FactConfidence
    basis: list[str] = field(default_factory=list)


def allergens_of(known: Known) -> list[AllergenFact]:
    """One fact for each allergen, always all of them, in their order."""
    named, traces = naming(known.lines, may_contain=False), naming(known.lines, may_contain=True)
    told = frozenset(each.value for each in Allergen) - hidden(known) if reliable(known) else frozenset[str]()
    return [allergen_fact(each, named, traces, known.said, each.value in told) for each in Allergen]


def naming(lines: Iterable[LabelLine], *, may_contain: bool) -> dict[str, list[str]]:
    """The lines that name each allergen, or what else diets exclude, by its slug."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.may_contain is may_contain:
            text = f"{line.name} {'' if line.notes == DECLARED_ALLERGEN else line.notes}"
            for slug in sorted(allergens_in(text) | animals_in(text)):
                found.setdefault(slug, []).append(line.name)
    return found


def hidden(known: Known) -> frozenset[str]:
    """The slugs of allergens that may be in it without being listed: what ingredients are made with as a rule, and what
    the product is called by."""
    lines = (hidden_in(f"{line.name} {line.notes}") for line in known.lines)
    return frozenset(allergens_in(known.name)).union(*lines)


def reliable(known: Known) -> bool:
    """Whether the list of ingredients would name every allergen that is in the product."""
    listed = [line for line in known.lines if not line.may_contain and line.notes != DECLARED_ALLERGEN]
    unreadable = any(line.is_major_allergen and not allergens_in(f"{line.name} {line.notes}") for line in known.lines)
    return (
        known.is_food
        and known.language in LANGUAGES
        and bool(listed)
        and not unreadable  # somebody says that it is an allergen, and which one cannot be told
        and not any(breaks_off(line) for line in known.lines)
        and not unexplained(listed, known.name)
    )


def unexplained(lines: Sequence[LabelLine], name: str) -> bool:
    """Whether it is made of flour, or of something that is, by its name or its list, but no cereal is listed."""
    called, *texts = (readable(text) for text in (name, *(f"{line.name} {line.notes}" for line in lines)))
    made = any(MADE_OF_FLOUR.search(text) and not OTHER_FLOUR.search(text) for text in texts)
    if not any(FLOURS.search(text) for text in texts):
        made = made or bool(IS_MADE.search(called) and not OTHER_FLOUR.search(called))
    return made and Allergen.GLUTEN.value not in naming(lines, may_contain=False)


def readable(text: str) -> str:
    return plain(text).replace("-", " ").strip()


def breaks_off(line: LabelLine) -> bool:
    """Whether the list is cut behind or in this line."""
    text = line.name.rstrip()
    return (
        BREAKS_OFF in line.notes
        or len(text) >= LONGEST  # cut to what is stored
        or text.endswith(("...", "\u2026", ",", "("))
        or any(text.count(opening) != text.count(closing) for opening, closing in ("()", "[]"))
    )


def allergen_fact(
    allergen: Allergen,
    named: dict[str, list[str]],
    traces: dict[str, list[str]],
    said: Sequence[Said],
    told: bool,
) -> AllergenFact:
    """`told`: whether the list would name it."""
    slug = allergen.value
    free = [each for each in said if slug in each.free_from]
    codes = [each.code for each in free]
    if slug in named:
        confidence = FactConfidence.LOW if free else FactConfidence.HIGH
        return AllergenFact(allergen, Presence.CONTAINS, confidence, [*named[slug], *codes])
    if slug in traces:
        confidence = FactConfidence.LOW if free else FactConfidence.MEDIUM
        return AllergenFact(allergen, Presence.MAY_CONTAIN, confidence, [*traces[slug], *codes])
    if free:
        return AllergenFact(allergen, Presence.FREE_FROM, confidence_in(free), codes)
    if told:
        return AllergenFact(allergen, Presence.NOT_NAMED, FactConfidence.MEDIUM)
    return AllergenFact(allergen, Presence.UNKNOWN, FactConfidence.UNKNOWN)


def confidence_in(said: Iterable[Said]) -> FactConfidence:
    return FactConfidence.HIGH if any(each.verified for each in said) else FactConfidence.MEDIUM


def diets_of(known: Known) -> list[DietFact]:
    """One fact for each diet, always all of them, in their order. That nothing speaks against a diet says nothing."""
    named, traces = naming(known.lines, may_contain=False), naming(known.lines, may_contain=True)
    return [diet_fact(each, named, traces if each in NO_TRACES else {}, known.said) for each in DietType]


def diet_fact(
    diet: DietType, named: dict[str, list[str]], traces: dict[str, list[str]], said: Sequence[Said]
) -> DietFact:
    suits = [each for each in said if diet.value in each.diets]
    excluded = sorted(each.value for each in EXCLUDED.get(diet, ()))
    holds, may_hold = ([name for slug in excluded for name in lines.get(slug, ())] for lines in (named, traces))
    codes = [each.code for each in suits]
    if holds or may_hold:
        sure = FactConfidence.HIGH if holds else FactConfidence.MEDIUM
        basis = list(dict.fromkeys([*holds, *may_hold, *codes]))
        return DietFact(diet, Suitability.UNSUITABLE, FactConfidence.LOW if suits else sure, basis)
    if suits:
        return DietFact(diet, Suitability.SUITABLE, confidence_in(suits), codes)
    return DietFact(diet, Suitability.UNKNOWN, FactConfidence.UNKNOWN)


def confidence_of(facts: Sequence[AllergenFact]) -> FactConfidence:
    """How far the facts can be relied on together: no further than the least certain of them."""
    order = list(FactConfidence)
    return max((fact.confidence for fact in facts), key=order.index)
