"""Which major allergens a text speaks of.

The nine of the United States (FALCPA, FASTER) and the fourteen of the European Union (1169/2011, annex II), as words in
the languages of the catalogue: English, French, German, Spanish.
"""

import re
import unicodedata

_PLANTS = (  # whose "milk", "butter" and "cream" are none; the plant itself still counts
    "cocoa|cacao|peanuts?|almonds?|nut|shea|cashews?|hazelnuts?|apple|cookie|coconut|soya?|oat|rice|karite|"
    "cacahuetes?|coco|soja|amandes?|riz|arachides?"
)
_DAIRY = re.compile(rf"\b(?:({_PLANTS}) (?:butter|milk|cream)|(?:beurre|lait|creme) de ({_PLANTS}))\b")
_NOT = re.compile(
    r"\b(?:buckwheat|buck wheat|cream of tartar|creme de tartre|butter (?:beans?|lettuce)|kakaobutter|"
    r"noix de (?:coco|muscade)|milk thistle|malt(?:itol|ose)|gluten[ -]free|(?:sans|sin) gluten)\b"
)
WORDS = {
    "milk": r"milk\w*|lait|leche|(?:voll|mager|butter|kondens)?milch\w*|cream|creme|butter|butterfat|butteroil|"
    r"buttermilk|beurre|butterreinfett|ghee|cheese|fromage|cheddar|mozzarella|parmesan|romano|ricotta|mascarpone|"
    r"emmental\w*|whey\w*|molke\w*|lacto(?:se|serum)|milchzucker|caseine?|caseinate|yogh?urt|"
    r"yaourt|kefir|latte",
    "eggs": r"eggs?|oeufs?|œufs?|huevos?|eier|eigelb|vollei\w*|huhnerei\w*|albumen",
    "fish": r"fish|poissons?|anchov\w+|anchois|salmon|saumon|tuna|thon|cod|cabillaud|sardines?|tilapia|"
    r"pollock|haddock|trout|herring|mackerel|surimi",
    "crustaceans": r"crab\w*|lobsters?|shrimps?|prawns?|crevettes?|homard|krill|crustace\w+|shellfish",
    "molluscs": r"mussels?|oysters?|clams?|squid|scallops?|calmars?|moules?|encornets?|octopus|molluscs?",
    "nuts": r"almonds?|amandes?|mandeln?|hazelnuts?|noisettes?|haselnuss\w*|walnuts?|noix|cashews?|cajou|"
    r"pecans?|pistach\w+|macadamias?|nuts?|nuss\w*|marzipan|gianduja|praline",
    "gluten": r"wheat|ble|froment|weizen\w*|trigo|gluten|rye|seigle|roggen\w*|barley|orge|gerste\w*|"
    r"malt|malted|oats?|oatmeal|avoine|hafer\w*|spelt|epeautre|dinkel\w*|kamut|semolina|"
    r"semoule|durum|couscous|bulgh?ur|farro|triticale",
    "peanuts": r"peanuts?|groundnuts?|cacahu\w+|arachides?|erdnuss\w*",
    "soybeans": r"soy|soya\w*|soja\w*|soybeans?|edamame|tofu",
    "sesame-seeds": r"sesam\w*|tahini",
    "celery": r"celery|celeri|sellerie|celeriac",
    "mustard": r"mustard|moutarde|senf\w*|mostaza",
    "sulphur-dioxide-and-sulphites": r"(?:meta)?(?:bi)?sul(?:ph|f)ites?|sul(?:ph|f)ur dioxide|"
    r"anhydride sulfureux|metabisul\w+|e22[0-8]",
    "lupin": r"lupine?s?",
}
_PATTERNS = {name: re.compile(rf"\b(?:{words})\b") for name, words in WORDS.items()}


def plain(text: str) -> str:
    """Lower case without accents, for comparing."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def allergens_in(text: str) -> set[str]:
    """The allergens, by their keys in WORDS, that an ingredient's name speaks of."""
    said = _DAIRY.sub(r"\1\2", _NOT.sub(" ", plain(text)))
    return {name for name, pattern in _PATTERNS.items() if pattern.search(said)}
