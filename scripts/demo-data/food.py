"""What is printed on food: ingredients with their allergens, and the nutrition panel."""

import re
from typing import Any

from text import clean, letters, plain, words

from resolvers.products.labels import BREAKS_OFF, breaks_off

# --- allergens ---------------------------------------------------------------------------------------------------
# The nine of the United States (FALCPA, FASTER) and the fourteen of the European Union (1169/2011, annex II), as
# words in the languages of the samples. An ingredient is one if its name, or its name in the taxonomy, has such a word.
_PLANTS = (  # whose "milk", "butter" and "cream" are none; the plant itself still counts
    "cocoa|cacao|peanuts?|almonds?|nut|shea|cashews?|hazelnuts?|apple|cookie|coconut|soya?|oat|rice|karite|"
    "cacahuetes?|coco|soja|amandes?|riz|arachides?"
)
_DAIRY = re.compile(rf"\b(?:({_PLANTS}) (?:butter|milk|cream)|(?:beurre|lait|creme) de ({_PLANTS}))\b")
_NOT = re.compile(
    r"\b(?:buckwheat|buck wheat|cream of tartar|creme de tartre|butter (?:beans?|lettuce)|kakaobutter|"
    r"noix de (?:coco|muscade)|milk thistle|malt(?:itol|ose)|gluten[ -]free|(?:sans|sin) gluten)\b"
)
_WORDS = {
    "en:milk": r"milk\w*|lait|leche|milch\w*|cream|creme|butter|butterfat|butteroil|buttermilk|beurre|"
    r"butterreinfett|ghee|cheese|fromage|cheddar|mozzarella|parmesan|romano|ricotta|mascarpone|"
    r"emmental\w*|whey\w*|molke\w*|lacto(?:se|serum)|milchzucker|caseine?|caseinate|yogh?urt|"
    r"yaourt|kefir|latte",
    "en:eggs": r"eggs?|oeufs?|œufs?|huevos?|eier|eigelb|vollei\w*|huhnerei\w*|albumen",
    "en:fish": r"fish|poissons?|anchov\w+|anchois|salmon|saumon|tuna|thon|cod|cabillaud|sardines?|tilapia|"
    r"pollock|haddock|trout|herring|mackerel|surimi",
    "en:crustaceans": r"crab\w*|lobsters?|shrimps?|prawns?|crevettes?|homard|krill|crustace\w+|shellfish",
    "en:molluscs": r"mussels?|oysters?|clams?|squid|scallops?|calmars?|moules?|encornets?|octopus|molluscs?",
    "en:nuts": r"almonds?|amandes?|mandeln?|hazelnuts?|noisettes?|haselnuss\w*|walnuts?|noix|cashews?|cajou|"
    r"pecans?|pistach\w+|macadamias?|nuts?|marzipan|gianduja|praline",
    "en:gluten": r"wheat|ble|froment|weizen\w*|trigo|gluten|rye|seigle|roggen\w*|barley|orge|gerste\w*|"
    r"malt|malted|oats?|oatmeal|avoine|hafer\w*|spelt|epeautre|dinkel\w*|kamut|semolina|"
    r"semoule|durum|couscous|bulgh?ur|farro|triticale",
    "en:peanuts": r"peanuts?|groundnuts?|cacahu\w+|arachides?|erdnuss\w*",
    "en:soybeans": r"soy|soya\w*|soja\w*|soybeans?|edamame|tofu",
    "en:sesame-seeds": r"sesam\w*|tahini",
    "en:celery": r"celery|celeri|sellerie|celeriac",
    "en:mustard": r"mustard|moutarde|senf\w*|mostaza",
    "en:sulphur-dioxide-and-sulphites": r"(?:meta)?(?:bi)?sul(?:ph|f)ites?|sul(?:ph|f)ur dioxide|"
    r"anhydride sulfureux|metabisul\w+|e22[0-8]",
    "en:lupin": r"lupine?s?",
}
_ALLERGENS = {tag: re.compile(rf"\b(?:{words_})\b") for tag, words_ in _WORDS.items()}


def allergens_in(name: str, tag: str = "") -> set[str]:
    """The allergens, by their tags, that an ingredient's name or its name in the taxonomy speaks of."""
    text = f"{plain(name)} | {plain(tag.split(':', 1)[-1]).replace('-', ' ')}"
    text = _DAIRY.sub(r"\1\2", _NOT.sub(" ", text))
    return {allergen for allergen, pattern in _ALLERGENS.items() if pattern.search(text)}


# --- ingredients -------------------------------------------------------------------------------------------------
_STATEMENT = re.compile(  # and signs that only scanning errors have
    r"(?:may |peut |kann |puede )?(?:contain|conten|contien)|allerg|ingr[eé]dients?\b|trac(?:e|as)\b|less than"
    r"|.*[?<>{}|=]"
)
_ERROR = re.compile(r"[?<>{}|=]")
_LONGEST = 80  # longer ones are sentences


def _flat(items: list[dict[str, Any]], *, food: bool) -> list[tuple[str, dict[str, Any]]]:
    """Names and entries, depth first. A cosmetic's single sub-ingredient is its other name: "aqua (water)"."""
    out: list[tuple[str, dict[str, Any]]] = []
    for item in items:
        name, below = clean(item.get("text")).replace("_", ""), item.get("ingredients") or []
        if not food and len(below) == 1 and (other := clean(below[0].get("text"))):
            name, below = f"{name} ({other})", below[0].get("ingredients") or []
        name = re.sub(r"^(?:and|et|und|y) ", "", name.strip(" .:*-•·[]{}"), flags=re.IGNORECASE)
        out += [(name, item), *_flat(below, food=food)]
    return out


def _percentage(value: object) -> float | None:
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        return None
    return round(number, 3) if 0 < number <= 100 else None


def ingredients(row: dict[str, Any], *, food: bool) -> list[dict[str, Any]]:
    """In label order. After it: declared allergens that no ingredient's name shows, and what may be in it as traces."""
    out: list[dict[str, Any]] = []
    shown: set[str] = set()
    broken = breaks_off(clean(row.get("ingredients_text")))
    for name, item in _flat(row.get("ingredients") or [], food=food):
        if letters(name) < 2 or len(name) > _LONGEST or _STATEMENT.match(plain(name)):
            broken |= len(name) > _LONGEST or _ERROR.search(name) is not None  # what it was is not known
            continue
        tags = [tag for part in ("labels", "processing") for tag in str(item.get(part) or "").split(",") if tag.strip()]
        notes = list(dict.fromkeys(words(tag.strip()).lower() for tag in tags if tag.strip().startswith("en:")))
        found = allergens_in(name, str(item.get("id") or "")) if food else set()
        shown |= found
        entry = {
            "name": name,
            "percent": _percentage(item.get("percent")),
            "allergen": bool(found),
            "notes": ", ".join(note for note in notes if note not in name.lower()),
            "origin": ", ".join(words(tag) for tag in str(item.get("origins") or "").split(",") if tag[:3] == "en:"),
        }
        out.append({k: v for k, v in entry.items() if v})
    if out and broken:
        out[-1]["notes"] = ", ".join(filter(None, (out[-1].get("notes"), BREAKS_OFF)))
    if out and food:
        declared = [tag for tag in row.get("allergens_tags") or [] if tag in _WORDS and tag not in shown]
        out += [{"name": words(tag), "allergen": True, "notes": "declared as an allergen"} for tag in declared]
    for tag in row.get("traces_tags") or []:
        if letters(name := words(tag)) > 1 and name != "Aucune":  # "none" in French
            entry = {"name": name, "allergen": food and bool(allergens_in(name)), "may": True}
            out.append({k: v for k, v in entry.items() if v})
    return out


# --- nutrition ---------------------------------------------------------------------------------------------------
_G, _MG, _MCG = ("g", 1.0), ("mg", 1e3), ("mcg", 1e6)
# key in the source: (name in the US, name elsewhere, (unit, units in a gram), most that 100 g can hold in grams,
# daily value of the US in that unit: 21 CFR 101.9(c)(8)(iv) and (c)(9), adults). No daily value where the source's
# figure is in another measure than the regulation's: vitamin A in RAE, folate in DFE, protein corrected by quality.
_NUTRIENTS: dict[str, tuple[str, str, tuple[str, float], float, float | None]] = {
    "fat": ("Total Fat", "Fat", _G, 100, 78),
    "saturated-fat": ("Saturated Fat", "Saturates", _G, 100, 20),
    "trans-fat": ("Trans Fat", "Trans fat", _G, 100, None),
    "polyunsaturated-fat": ("Polyunsaturated Fat", "Polyunsaturates", _G, 100, None),
    "monounsaturated-fat": ("Monounsaturated Fat", "Monounsaturates", _G, 100, None),
    "cholesterol": ("Cholesterol", "Cholesterol", _MG, 4, 300),
    "sodium": ("Sodium", "Sodium", _MG, 40, 2300),
    "carbohydrates": ("Total Carbohydrate", "Carbohydrate", _G, 100, 275),
    "fiber": ("Dietary Fiber", "Fibre", _G, 100, 28),
    "sugars": ("Total Sugars", "Sugars", _G, 100, None),
    "added-sugars": ("Added Sugars", "Added sugars", _G, 100, 50),
    "polyols": ("Sugar Alcohol", "Polyols", _G, 100, None),
    "starch": ("Starch", "Starch", _G, 100, None),
    "proteins": ("Protein", "Protein", _G, 100, None),
    "salt": ("Salt", "Salt", _G, 100, None),
    "alcohol": ("Alcohol", "Alcohol", ("%", 1.0), 100, None),
    "vitamin-d": ("Vitamin D", "Vitamin D", _MCG, 0.001, 20),
    "calcium": ("Calcium", "Calcium", _MG, 5, 1300),
    "iron": ("Iron", "Iron", _MG, 0.2, 18),
    "potassium": ("Potassium", "Potassium", _MG, 20, 4700),
    "vitamin-a": ("Vitamin A", "Vitamin A", _MCG, 0.03, None),
    "vitamin-c": ("Vitamin C", "Vitamin C", _MG, 5, 90),
    "vitamin-e": ("Vitamin E", "Vitamin E", _MG, 1, 15),
    "vitamin-k": ("Vitamin K", "Vitamin K", _MCG, 0.01, 120),
    "vitamin-b1": ("Thiamin", "Thiamin", _MG, 0.1, 1.2),
    "vitamin-b2": ("Riboflavin", "Riboflavin", _MG, 0.1, 1.3),
    "vitamin-pp": ("Niacin", "Niacin", _MG, 1, 16),
    "vitamin-b6": ("Vitamin B6", "Vitamin B6", _MG, 0.1, 1.7),
    "folates": ("Folate", "Folate", _MCG, 0.01, None),
    "vitamin-b9": ("Folate", "Folate", _MCG, 0.01, None),
    "vitamin-b12": ("Vitamin B12", "Vitamin B12", _MCG, 0.001, 2.4),
    "biotin": ("Biotin", "Biotin", _MCG, 0.01, 30),
    "pantothenic-acid": ("Pantothenic Acid", "Pantothenic acid", _MG, 0.5, 5),
    "phosphorus": ("Phosphorus", "Phosphorus", _MG, 5, 1250),
    "iodine": ("Iodine", "Iodine", _MCG, 0.01, 150),
    "magnesium": ("Magnesium", "Magnesium", _MG, 5, 420),
    "zinc": ("Zinc", "Zinc", _MG, 0.5, 11),
    "selenium": ("Selenium", "Selenium", _MCG, 0.01, 55),
    "copper": ("Copper", "Copper", _MG, 0.1, 0.9),
    "manganese": ("Manganese", "Manganese", _MG, 0.5, 2.3),
}
_MICRO = list(_NUTRIENTS)[list(_NUTRIENTS).index("vitamin-d") :]
_ORDER = {  # of the lines on the label
    "US_FDA": ["kcal", "fat", "saturated-fat", "trans-fat", "polyunsaturated-fat", "monounsaturated-fat",
               "cholesterol", "sodium", "carbohydrates", "fiber", "sugars", "added-sugars", "polyols", "proteins",
               "alcohol", *_MICRO],
    "CA_CFIA": ["kcal", "fat", "saturated-fat", "trans-fat", "carbohydrates", "fiber", "sugars", "polyols", "proteins",
                "cholesterol", "sodium", "alcohol", *_MICRO],
    "AU_NZ": ["kJ", "kcal", "proteins", "fat", "saturated-fat", "trans-fat", "carbohydrates", "sugars", "fiber",
              "sodium", "alcohol", *_MICRO],
    "EU": ["kJ", "kcal", "fat", "saturated-fat", "monounsaturated-fat", "polyunsaturated-fat", "carbohydrates",
           "sugars", "polyols", "starch", "fiber", "proteins", "salt", "alcohol", *_MICRO],
}  # fmt: skip
_ORDER["UK"] = _ORDER["EU"]
_UNITS = {"", "g", "mg", "µg", "μg", "mcg", "iu", "% vol", "% vol / *"}
_FORMATS = (("US", "US_FDA"), ("GB", "UK"), ("CA", "CA_CFIA"), ("AU", "AU_NZ"), ("NZ", "AU_NZ"))
_SERVING = (  # codes of units, and what imports have said twice
    (r"\bONZ\b", "oz"), (r"\bOZA\b", "fl oz"), (r"\bGRM\b", "g"), (r"\bMLT\b", "ml"), (r" \| ABOUT\b", ", about"),
    (r" \|? ?\(\)", ""), (r"^(.+) \(\1\)$", r"\1"),
)  # fmt: skip


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, int | float | str) else -1.0
    except ValueError:
        return None
    return number if 0 <= number < 1e6 else None


def _rounded(name: str, amount: float) -> float:
    """As the Nutrition Facts label must state it (21 CFR 101.9(c)(1) to (7)): the source has scaled it to 100 g and
    back. Elsewhere and for vitamins and minerals: four digits that count."""
    step: float
    match name:
        case "kcal":
            step = 1 if amount < 5 else 5 if amount <= 50 else 10
        case "fat" | "saturated-fat" | "trans-fat" | "polyunsaturated-fat" | "monounsaturated-fat":
            step = 0.5 if amount < 5 else 1
        case "cholesterol":
            step = 1 if amount < 5 else 5
        case "sodium":
            step = 5 if amount <= 140 else 10
        case "carbohydrates" | "fiber" | "sugars" | "added-sugars" | "polyols" | "proteins":
            step = 0.1 if amount < 1 else 1
        case _:
            return float(f"{amount:.4g}")
    return round(round(amount / step) * step, 1)


def _line(name: str, basis: str, facts: dict[str, Any], label: str) -> list[Any] | None:
    """Name, amount, unit and percent of the daily value of one nutrient."""
    american = label == "US_FDA"
    if name in ("kcal", "kJ"):
        amount, hundred = (_number(facts.get(f"energy_{per}")) for per in (basis, "100g"))  # always in kJ
        direct = _number(facts.get(f"energy-kcal_{basis}"))
        if (amount is None and direct is None) or (hundred or 0) > 3900:
            return None
        if name == "kcal":
            value = direct if direct is not None else (amount or 0) / 4.184
        else:
            value = amount if amount is not None else (direct or 0) * 4.184
        title = "Calories" if label in ("US_FDA", "CA_CFIA") else "Energy"
        return [title, _rounded("kcal", value) if american and name == "kcal" else round(value), name]
    us, other, (unit, scale), most, daily = _NUTRIENTS[name]
    grams, hundred = (_number(facts.get(f"{name}_{per}")) for per in (basis, "100g"))
    stated = str(facts.get(f"{name}_unit") or "").lower()
    if grams is None or (hundred or 0) > most or stated not in _UNITS:
        return None
    if name == "vitamin-a" and stated == "iu":
        unit, scale = "IU", 1 / 0.3e-6
    amount = grams * scale
    if name == "alcohol" and not amount:
        return None
    value = _rounded(name, amount) if american else float(f"{amount:.4g}")
    line = [us if american else other, value, unit]
    return [*line, round(100 * value / daily)] if american and daily else line


def _contradicts(lines: list[list[Any]]) -> bool:
    """Whether the energy is far from what fat, carbohydrate and protein make: one of them is mistyped."""
    told = {(name.split()[-1], unit): amount for name, amount, unit, *_ in lines if not name.startswith(("Trans", "S"))}
    fat, carbohydrate, protein = (told.get((name, "g")) for name in ("Fat", "Carbohydrate", "Protein"))
    energy = told.get(("Calories", "kcal"), told.get(("Energy", "kcal")))
    if energy is None or fat is None or carbohydrate is None or protein is None:
        return False
    made: float = 9 * fat + 4 * carbohydrate + 4 * protein
    return bool(made > 2 * energy + 40 or energy > 2 * made + 40)


def nutrition(row: dict[str, Any], sold: list[str]) -> dict[str, Any] | None:
    """The panel of the first of these that the product is sold in: US, UK, Canada, Australia or New Zealand, EU."""
    facts = row.get("nutriments") or {}
    if row.get("no_nutrition_data") == "on":
        return None
    label = next((label for code, label in _FORMATS if code in sold), "EU")
    serving = clean(row.get("serving_size"))
    for pattern, word in _SERVING:
        serving = re.sub(pattern, word, serving)
    grams = _number(row.get("serving_quantity"))
    if not re.search(r"\d\s*(?:g|gr|grams?)\b", serving, re.IGNORECASE):
        grams = None
    basis = "100g"
    if label in ("US_FDA", "CA_CFIA"):
        if serving and _number(facts.get("energy-kcal_serving")) is not None:
            basis = "serving"
        else:
            serving, grams = "100 g", 100.0
    if grams and basis == "serving" and (_number(facts.get("energy-kcal_serving")) or 0) > 9.3 * grams + 5:
        return None  # more than pure fat: serving and values do not belong together
    lines = [line for name in _ORDER[label] if (line := _line(name, basis, facts, label))]
    if len({line[0] for line in lines} & {"Calories", "Energy", "Total Fat", "Fat", "Protein"}) < 2:
        return None
    if _contradicts(lines):
        return None
    panel = {"format": label, "serving": serving, "serving_g": grams or None, "nutrients": lines}
    return {k: v for k, v in panel.items() if v}
