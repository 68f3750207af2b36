"""Words of traits and colours, as shoppers write them, and the slugs that they mean."""

from resolvers.search.words import singular


def forms(word: str) -> tuple[str, ...]:
    """An English noun and its plural; of a plural the singular, too."""
    if word.endswith("s"):
        return word, singular(word)
    ends = {"y": "ies", "o": "oes"} if word[-2] not in "aeiou" else {}
    return word, word + "s", word[:-1] + ends.get(word[-1], word[-1] + "s")


ALLERGENS: dict[str, tuple[str, ...]] = {
    "milk": ("milk", "dairy", "lactose", "casein", "whey", "dairy products", "milk products", "cow's milk", "cows milk",
             "dairies", "milk protein", "butterfat", "milk solids", "milk powder", "milk fat", "whey protein",
             "cow milk", "cow's milk protein", "cows milk protein", "milk proteins", "caseinate", "diary"),
    "eggs": ("egg", "eggs", "egg white", "egg whites", "egg products", "egg yolk", "egg yolks"),
    "fish": ("fish", "fish sauce", "fish oil"),
    "crustaceans": ("crustacean", "crustaceans", "shrimp", "shrimps", "prawn", "prawns", "crab", "crabs", "lobster",
                    "lobsters", "crayfish"),
    "molluscs": ("mollusc", "molluscs", "mollusk", "mollusks", "mussel", "mussels", "oyster", "oysters",
                 "oyster sauce", "clam", "clams", "scallop", "scallops", "squid", "calamari", "octopus"),
    "nuts": ("tree nut", "tree nuts", "treenuts", "tree-nuts", "tree-nut"),
    "gluten": ("gluten", "wheat", "barley", "rye", "spelt", "wheat flour", "semolina", "wheat starch", "wheat gluten",
               "couscous", "bulgur", "seitan"),
    "peanuts": ("peanut", "peanuts", "groundnut", "groundnuts", "peanut butter", "peanut oil"),
    "soybeans": ("soy", "soya", "soybean", "soybeans", "soy beans", "soja", "tofu", "edamame", "soy lecithin",
                 "soya lecithin", "soy protein", "soya protein"),
    "sesame-seeds": ("sesame", "sesame seed", "sesame seeds", "tahini"),
    "celery": ("celery", "celeriac"),
    "mustard": ("mustard",),
    "sulphur-dioxide-and-sulphites": ("sulphite", "sulphites", "sulfite", "sulfites", "sulphur dioxide",
                                      "sulfur dioxide"),
    "lupin": ("lupin", "lupine", "lupins"),
}  # fmt: skip
SEVERAL: dict[str, tuple[str, ...]] = {
    "nut": ("nuts", "peanuts"), "nuts": ("nuts", "peanuts"), "any nuts": ("nuts", "peanuts"),
    "shellfish": ("crustaceans", "molluscs"), "seafood": ("fish", "crustaceans", "molluscs"),
    **{f"{top} {n}{behind}": tuple(ALLERGENS) for top in ("top", "big", "major", "all") for n in ("14", "fourteen")
       for behind in ("", " allergens", " allergen")},
}  # fmt: skip
"""Who says nuts and may be ill from them means peanuts, too."""
MAJOR = ("milk", "eggs", "fish", "crustaceans", "nuts", "peanuts", "gluten", "soybeans", "sesame-seeds")
"""The nine of the United States (FALCPA, FASTER)."""
_SUCH = ("allergens", "major allergens", "common allergens", "top allergens", "food allergens", "allergen")
SEVERAL |= dict.fromkeys(_SUCH, MAJOR) | {
    f"{the}{big} {nine}{behind}": MAJOR
    for the in ("", "the ") for big in ("big", "top", "major") for nine in ("nine", "9", "eight", "8")
    for behind in ("", " allergens", " allergen")
}  # fmt: skip
KINDS_OF_NUTS = ("almond", "cashew", "hazelnut", "walnut", "pecan", "pistachio", "macadamia", "brazil nut", "pine nut")
"""Of these lists of ingredients tell; allergens are known of all tree nuts together."""
KINDS_OF_FISH = ("anchovy", "salmon", "tuna", "cod", "sardine", "mackerel", "herring", "haddock", "tilapia", "trout")
"""As with nuts: who is ill from one of them avoids all."""
IN_OTHER_LANGUAGES: dict[str, tuple[str, ...]] = {
    "milk": ("leche", "lactosa", "lácteos", "lacteos", "lait", "milch", "laktose", "lattosio"),
    "eggs": ("huevo", "huevos", "oeuf", "oeufs", "œufs", "eier", "uova"),
    "fish": ("pescado", "poisson", "poissons", "fisch", "pesce"),
    "crustaceans": ("crustáceos", "crustaceos", "crustacés", "krebstiere", "crostacei"),
    "gluten": ("glutine", "trigo", "blé", "weizen"),
    "peanuts": (
        "cacahuate",
        "cacahuates",
        "cacahuete",
        "cacahuetes",
        "maní",
        "arachide",
        "arachides",
        "cacahuètes",
        "erdnuss",
        "erdnüsse",
        "erdnüssen",
        "arachidi",
    ),
    "soybeans": ("soia",),
    "sesame-seeds": ("sésamo", "sesamo", "sésame", "sesam"),
}
"""Behind `sin`, `sans`, `ohne` and `senza`, and before `-frei`, where English has no word for it."""
_NUTS = ("nueces", "frutos secos", "noix", "fruits à coque", "nuss", "nüsse", "nüssen", "noci", "frutta a guscio")
SEVERAL |= dict.fromkeys(_NUTS, ("nuts", "peanuts")) | {"mariscos": ("crustaceans", "molluscs")}
AVOIDED: dict[str, tuple[str, ...]] = SEVERAL | {
    word: (slug,) for of in (ALLERGENS, IN_OTHER_LANGUAGES) for slug, words in of.items() for word in words
}
ALLERGIC = (
    AVOIDED
    | {
        form: (slug,)
        for slug, kinds in (("nuts", KINDS_OF_NUTS), ("fish", KINDS_OF_FISH))
        for word in kinds
        for form in forms(word)
    }
    | {"coeliac": ("gluten",)}
)
"""What somebody is ill from. Of those it is the whole group that is avoided."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "vegan": ("vegan", "plant based", "plant-based", "vegans", "animal free", "animal-free", "no animal products",
              "without animal products", "no animal ingredients", "nothing from animals", "free of animal products"),
    "vegetarian": ("vegetarian", "vegetarians", "meatless", "meat free", "meat-free", "no meat", "without meat"),
    "kosher": ("kosher",),
    "halal": ("halal", "halaal"),
    "usda_organic": ("usda organic", "usda-organic", "usda certified organic"),
    "eu_organic_farming": ("eu organic", "eu-organic"),
    "organic": ("organic", "organically grown", "organics"),
    "non_gmo_project": ("non gmo project", "non-gmo project", "non-gmo project verified", "non gmo project verified"),
    "non_gmo": ("non gmo", "non-gmo", "no gmo", "no gmos", "gmo free", "gmo-free", "without gmo", "without gmos",
                "not genetically modified", "nongmo"),
    "fair_trade": ("fair trade", "fairtrade", "fair-trade", "fairly traded"),
    "fair_for_life": ("fair for life",),
    "cruelty_free": ("cruelty free", "cruelty-free", "not tested on animals", "no animal testing",
                     "without animal testing", "not animal tested"),
    "leaping_bunny": ("leaping bunny",),
    "marine_stewardship_council_label": ("msc certified", "msc", "marine stewardship council"),
    "forest_stewardship_council_label": ("fsc certified", "fsc", "forest stewardship council"),
    "without_added_sugar": ("no added sugar", "no added sugars", "no-added-sugar", "without added sugar",
                            "without added sugars", "no sugar added", "no-sugar-added", "unsweetened"),
    "low_fat": ("low fat", "low-fat", "lowfat"),
    "reduced_fat": ("reduced fat", "reduced-fat"),
    "fat_free": ("fat free", "fat-free", "nonfat", "non-fat", "no fat"),
    "high_protein": ("high protein", "high-protein", "protein rich", "protein-rich"),
    "hypoallergenic": ("hypoallergenic", "hypo-allergenic"),
    "non_comedogenic": ("non comedogenic", "non-comedogenic", "noncomedogenic"),
    "dermatologically_tested": ("dermatologically tested", "dermatologist tested", "dermatologist-tested"),
    "biodegradable": ("biodegradable",),
    "eco_friendly": ("eco friendly", "eco-friendly", "environmentally friendly"),
    "sustainable_palm_oil": ("sustainable palm oil", "rspo"),
    "sustainable": ("sustainably made", "sustainable"),
    "gluten_free": ("certified gluten free", "certified gluten-free", "gluten-free certified", "gluten free certified"),
}  # fmt: skip
WITHOUT: dict[str, tuple[str, ...]] = {
    "free_from_artificial_colouring": (
        "artificial color", "artificial colors", "artificial colour", "artificial colours", "artificial coloring",
        "artificial colouring", "food dye", "food dyes", "artificial dyes", "dyes", "dye",
    ),
    "free_from_artificial_flavouring": (
        "artificial flavor", "artificial flavors", "artificial flavour", "artificial flavours", "artificial flavoring",
        "artificial flavouring",
    ),
    "preservative_free": ("preservative", "preservatives", "artificial preservatives"),
    "additive_free": ("additive", "additives"),
}  # fmt: skip
"""What has too many names on labels to be looked for there: only a claim says that it is not in a product."""
REQUIRED |= {
    slug: tuple(
        form.format(word)
        for word in words
        for form in ("no {}", "without {}", "without any {}", "free of {}", "free from {}", "{} free", "{}-free")
    )
    for slug, words in WITHOUT.items()
}
DIETARY = {word: slug for slug, words in REQUIRED.items() for word in words}

SUBSTANCES: dict[str, tuple[str, ...]] = {
    "palm_oil": ("palm oil", "palmoil", "palm fat", "palm kernel oil"),
    "sugar": ("sugar", "sugars", "refined sugar"),
    "artificial_sweeteners": ("artificial sweetener", "artificial sweeteners", "sweeteners", "sweetener"),
    "high_fructose_corn_syrup": ("high fructose corn syrup", "high-fructose corn syrup", "hfcs"),
    "corn_syrup": ("corn syrup",),
    "monosodium_glutamate": ("msg", "monosodium glutamate", "glutamate"),
    "red_40": ("red 40", "red40", "red dye 40", "red dye", "allura red"),
    "yellow_5": ("yellow 5", "tartrazine"),
    "titanium_dioxide": ("titanium dioxide", "e171"),
    "hydrogenated_oil": ("hydrogenated oil", "hydrogenated oils", "hydrogenated fat"),
    "trans_fat": ("trans fat", "trans fats"),
    "seed_oils": ("seed oil", "seed oils"),
    "sulfates": ("sulfate", "sulfates", "sulphate", "sulphates", "sls", "sles"),
    "parabens": ("paraben", "parabens"),
    "phthalates": ("phthalate", "phthalates"),
    "silicones": ("silicone", "silicones"),
    "fragrance": ("fragrance", "fragrances", "perfume", "perfumes", "scent", "scents", "parfum"),
    "mineral_oil": ("mineral oil", "mineral oils"),
    "alcohol": ("alcohol",),
    "pork": ("pork", "pig", "bacon", "ham", "lard"),
    "beef": ("beef",),
    "chicken": ("chicken",),
    "gelatin": ("gelatin", "gelatine"),
    "onion": ("onion", "onions"),
    "raisins": ("raisin", "raisins", "sultanas"),
    "corn": ("corn", "maize"),
    "grain": ("grain", "grains"),
    "starch": ("starch",),
    "salt": ("salt", "sodium"),
    "tomato": ("tomato", "tomatoes"),
    "chili": ("chili", "chilli", "chilies", "chillies"),
    "coriander": ("cilantro", "coriander"),
    **{word.replace(" ", "_"): (word,) for word in (
        "sucralose", "aspartame", "saccharin", "stevia", "sorbitol", "xylitol", "erythritol", "maltitol", "inulin",
        "caffeine", "fluoride", "aluminum", "talc", "formaldehyde", "triclosan", "oxybenzone", "octinoxate",
        "nitrates", "nitrites", "carrageenan", "xanthan gum", "lecithin", "yeast", "garlic", "honey", "cinnamon",
        "coconut", "coconut oil", "canola oil", "sunflower oil", "rapeseed oil", "soybean oil", "vanilla", "chocolate",
        "cocoa", "banana", "strawberry", "kiwi", "citrus", "mango", "mushrooms", "peppers", "potato", "rice", "quinoa",
        "buckwheat", "ginger", "mint", "licorice", "liquorice", "butter", "cheese", "cream", "meat", "lamb", "turkey",
        "latex", "ammonia", "bleach", "chlorine", "phosphates", "acetone", "retinol", "quinine", "taurine",
        "benzoyl peroxide", "salicylic acid", "sodium benzoate", "potassium sorbate", "citric acid", "maltodextrin",
        "dextrose", "fructose", "glucose syrup", "palm kernel", "shea butter", "beeswax", "carmine", "shellac",
        "olives", "celery salt", "seeds", "beans", "lentils", "chickpeas", "peas",
    )},
    **{f"{word.replace(' ', '_')}s": (word, word + "s") for word in KINDS_OF_NUTS},
    **{word: (word,) for word in KINDS_OF_FISH},
    "olive_oil": ("olive oil",), "red_meat": ("red meat",),
}  # fmt: skip
SUBSTANCE = {
    form: slug.replace("_", "-") for slug, words in SUBSTANCES.items() for word in words for form in forms(word)
}

COLORS = (
    "black", "white", "red", "blue", "green", "yellow", "orange", "purple", "pink", "brown", "grey", "gray", "silver",
    "gold", "beige", "navy", "teal", "turquoise", "maroon", "violet", "magenta", "cyan", "khaki", "burgundy",
    "lavender", "charcoal", "ivory", "coral", "bronze", "copper", "olive", "mint", "peach", "cream", "tan", "indigo",
    "crimson", "multicolor", "multicolour", "transparent",
)  # fmt: skip
SHADES = r"(?:dark |light |bright |navy |royal |sky |rose |pale |neon |hot |deep |forest |lime |midnight )?"
ALSO_THINGS = frozenset((
    "orange", "gold", "silver", "lavender", "charcoal", "ivory", "coral", "bronze", "copper", "olive", "mint",
    "peach", "cream", "tan", "burgundy", "transparent",
))  # fmt: skip
"""Colours only where the text says so: `in orange`, `orange ones`."""
NAMES = {
    "red": "wine|bull|pepper|peppers|onion|onions|lentils?|beans?|cabbage|meat|velvet|curry|rice|grapes?|kidney|"
           "delicious|potato(?:es)?|snapper|leicester|chil[il]i?(?:es)?|lobster|dragon|bell|cross|hot|sea|fruits?|"
           "rooibos",
    "green": "tea|teas|beans?|peas?|onions?|olives?|curry|salad|apples?|peppers?|giant|lentils?|chil[il]i?(?:es)?|"
             "mountain|juice|smoothie|bell|energy|matcha|works|goddess|coffee|card|day",
    "black": "tea|teas|beans?|pepper|forest|coffee|olives?|friday|berr(?:y|ies)|sesame|rice|pudding|currants?|"
             "cherr(?:y|ies)|garlic|truffles?|label|cumin|eyed|and decker|& decker|cod|angus|angus|seed|turtle|bean",
    "white": "wine|bread|chocolate|rice|tea|sugar|beans?|vinegar|fish|pepper|claw|flour|castle|cheddar|noise|tuna|"
             "fudge|balsamic|mushrooms?|onions?|corn|meat|board|wheat|truffle|peach",
    "brown": "rice|sugar|bread|eggs?|ale|sauce|mustard|butter|flour|lentils?",
    "blue": "cheese|berr(?:y|ies)|diamond|moon|buffalo|corn|agave|bell|ray|tooth|stilton|crab|raspberry|bunny",
    "yellow": "mustard|onions?|cake|tail|corn|squash|peppers?|rice|lentils?|peas|fin|split|5",
    "pink": "salmon|salt|lady|lemonade|grapefruit|pepper|peppercorns?|himalayan|guava",
    "purple": "rice|potato(?:es)?|cabbage|sprouting|yam|carrots?|corn",
    "navy": "beans?|seals?", "grey": "goose|poupon", "gray": "fox",
}  # fmt: skip
"""Behind these colours, words that make them part of a name: `red wine`, `green tea`."""
