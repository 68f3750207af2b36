"""Which major allergens a text speaks of.

The nine of the United States (FALCPA, FASTER) and the fourteen of the European Union (1169/2011, annex II), as words in
the languages of the catalogue, English, French, German, Spanish, with the plainest of their neighbours': a list in
Italian, Dutch or Portuguese on a product that says it is in English must not look free of milk. Rather one word too
many than one too few. Any sign or digit ends a word: sources mark allergens as `_milk_`, and number them.
"""

import re
import unicodedata

_PLANTS = (  # whose "milk", "butter" and "cream" are none; the plant itself still counts
    "cocoa|cacao|peanuts?|almonds?|nut|shea|cashews?|hazelnuts?|walnuts?|pecans?|pistachios?|macadamias?|apple|pumpkin|"
    "mango|avocado|seeds?|sunflower|hemp|pea|flax|sesame|cookie|coconut|soya?|oat|rice|karite|cacahuetes?|coco|soja|"
    "amandes?|riz|arachides?|almendras?|arroz|avena"
)
_DAIRY = re.compile(
    rf"\b(?:({_PLANTS}) (?:butter|milk|cream|creamer)s?"
    rf"|(?:beurre|lait|creme|leche|mantequilla|crema) d(?:e |['\u2019])({_PLANTS}))\b"
)
_VEGAN = re.compile(r"\b(?:vegan|plant[ -]based) (?:butter|milk|cream|creamer|cheese|yogh?urt)s?\b")
"""What should be none, by its name alone."""
_NOT = re.compile(
    r"\b(?:buckwheat|buck wheat|cream of tartar|creme de tartre|butter(?:head)? (?:beans?|lettuce)|butternut|"
    r"kakaobutter|"
    r"noix de (?:coco|muscade)|nuez moscada|nata de coco|milk thistle|malt(?:itol|ose)|(?:gluten|wheat)[ -]free|(?:no|"
    r"sans|sin) gluten|"
    r"non[ -]?dairy|dairy[ -]free|oyster (?:mushrooms?|crackers?)|crab ?apples?|egg[ -]?plants?|bean curd)\b"
)
WORDS = {
    "milk": r"milk\w*|laits?|laiti\w+|leche|(?!(?:kokos|soja|hafer|mandel|reis|dinkel)milch)\w*milch(?!saure)\w*|"
    r"creams?|cremes?|crema|"
    r"butters?|butter(?:fat|oil|milk|fett|reinfett|schmalz)\w*|beurres?|babeurre|mantequilla|ghee|sahne\w*|\w*rahm\w*|"
    r"schmand|cheeses?|fromages?|\w*kase\w*|quesos?|formagg\w+|cheddar|mozzarella|parmesan\w*|parmigian\w+|romano|"
    r"ricotta|mascarpone|emmental\w*|gouda|edam|edamer|feta|brie|camembert|gruyere|gorgonzola|roquefort|provolone|"
    r"asiago|"
    r"pecorino|manchego|cotija|neufchatel|halloumi|paneer|skyr|labneh|burrata|quark|topfen|curds?|custard|whey\w*|"
    r"\w*molke\w*|lacto(?:se|serum|albumin|globulin)\w*|laktose|lactosa|milchzucker|\w*casein\w*|kasein\w*|"
    r"suero lacteo|lacteos?|yogh?urts?|\w*joghurt\w*|yaourts?|yogur|kefir|latte|dairy|nata|half (?:and|&) half|"
    r"melk\w*|roomboter|kaas|leite|queijos?|manteiga",
    "eggs": r"eggs?|eggnog|(?:oe|œ)ufs?|huevos?|yemas?|ei|eier\w*|eigelb\w*|eiweiss\w*|\w*vollei\w*|huhnerei\w*|"
    r"albumen|(?:ov)?albumin\w*|lysozym\w*|meringues?|(?<!vegan )(?<!eggless )mayonnaises?|e1105(?!\d)|uov[ao]|ovos?|"
    r"ovoprodu\w+",
    "fish": r"(?!(?:cray|craw|cuttle|shell|jelly)fish)\w*fish(?:es)?|poissons?|pescados?|pesce|"
    r"(?!tintenfisch)\w*fisch\w*|"
    r"anchov\w+|anchois|anchoas?|boqueron\w*|acciugh\w+|sardell\w+|sardin\w+|salmon|saumons?|\w*lachs\w*|tunas?|thons?|"
    r"atun|tonno|cod|cabillaud|morue|bacalao|kabeljau|dorsch\w*|tilapias?|poll[oa]ck|haddock|hake|merlus?|merluza|"
    r"whiting|"
    r"halibut|heilbutt|flounder|trout|truites?|trucha|forelle\w*|herrings?|harengs?|hering\w*|matjes|mackerel|"
    r"maquereaux?|makrele\w*|caballa|surimi|bonito|katsuobushi|dashi|swai|basa|pangasius|barramundi|sturgeon|caviar|"
    r"kaviar|roe|mahi|snapper|grouper|sea ?bass|eels?|perch|walleye|pike|carp|sprats?|smelts?|capelin|kippers?|"
    r"isinglass",
    "crustaceans": r"crab\w*|lobsters?|langoust\w+|langostin\w+|shrimps?|prawns?|scampi|crevettes?|gambas?|camaron\w*|"
    r"cangrejos?|bogavante|homards?|hummer\w*|\w*garnele\w*|krabbe\w*|krebs\w*|krustentier\w*|krill|crustac\w+|"
    r"shellfish|cra[yw]fish|ecreviss\w+|gamber\w+",
    "molluscs": r"mussels?|moules?|mejillon\w*|\w*muschel\w*|oysters?|huitres?|ostras?|austern?|clams?|almejas?|"
    r"palourdes?|squids?|calamar\w*|calmars?|encornets?|\w*tintenfisch\w*|scallops?|vieiras?|saint[ -]jacques|"
    r"petoncles?|octopus|poulpes?|pulpos?|sepia|seiches?|cuttlefish|abalones?|conch|cockles?|whelks?|bulots?|"
    r"escargots?|"
    r"snails?|moll?us[ck]\w*|weichtier\w*",
    "nuts": r"almond\w*|amandes?|almendr\w+|mandel(?!a)\w*|hazel ?nuts?|noisettes?|avellan\w+|walnuts?|noix|nuez|"
    r"nueces|"
    r"cashew\w*|cajou|kaschu\w*|anacard\w+|pecans?|pekan\w*|pistach\w+|pistazie\w*|macadamias?|brazils?|nuts?|"
    r"treenut\w*|pinenuts?|(?!erdnuss|kokosnuss|muskatnuss|\w*genuss)\w*nuss\w*|pinones|pignol\w+|marzipan|mazapan|"
    r"gianduj\w+|pralin\w+|frangipan\w+|nutella|turron|nocciol\w+|mandorl\w+",
    "gluten": r"wheat\w*|bles?|froment|(?!buchweizen)\w*weizen\w*|trigo|gluten|rye|seigle|\w*roggen\w*|centeno|"
    r"barley\w*|orge|cebada|\w*gerste\w*|malts?|malted|maltee?s?|malta|\w*malz\w*|oats?|oatmeal|oatmilk|avoine|"
    r"avena|hafer\w*|spelt|epeautre|espelta|dinkel\w*|grunkern\w*|einkorn|emmer|kamut|khorasan|semolina|semola|semoule|"
    r"griess\w*|durum|couscous|bulgh?ur|boulgh?our|farro|freekeh|triticale|seitan|frumento|tarwe\w*|haver\w*",
    "peanuts": r"peanut\w*|ground ?nuts?|cacahu\w+|arachides?|erdnuss\w*|mani|amendoim|pinda\w*",
    "soybeans": r"soy(?!ez|eux)\w*|soj[ae]\w*|soia|shoyu|tamari|edamame|tofu|tempeh|natto|okara",
    "sesame-seeds": r"sesam\w*|tahin\w*|ajonjoli|gomasio|halva|halwa",
    "celery": r"celer(?:y|is?|iac)|\w*sellerie\w*|apio|sedano",
    "mustard": r"mustards?|moutardes?|senf\w*|mostaza|senape|dijon",
    "sulphur-dioxide-and-sulphites": r"\w*sul(?:ph|f)it\w*|sul(?:ph|f)ur dioxide|sul(?:ph|f)ured|schwefeldioxid|"
    r"dioxyde de soufre|anhydride sulfureux|dioxido de azufre|meta ?bisul\w+|so2|e ?22[0-8](?!\d)",
    "lupin": r"lupin\w*|altramu\w+|tremoc\w+",
}
_SPICES = r"spices?|seasonings?|epices?|gewurz\w*|especias?|bouillon|broth|stock|curry|natural flavou?r(?:ing)?s?"
_SAUCES = r"worcester\w*|teriyaki|hoisin|surimi"
HIDING = {  # what is made of, or with, an allergen as a rule, and need not be
    "milk": r"imitation|creamers?|toffees?|fudge|butterscotch|caramels|nougat|dulce de leche",
    "eggs": r"mayonnaises?|aioli|hollandaise|caesar|tartar sauce|brioche|surimi|nougat",
    "fish": r"worcester\w*|caesar|kimchi",
    "crustaceans": r"surimi|kimchi|glucosamine",
    "molluscs": r"surimi",
    "nuts": r"pesto|nougat|amaretto|granola|muesli|trail mix",
    "gluten": rf"{_SAUCES}|(?<!tamari )(?<!coconut )soy sauce|sauce soja|sojasauce|salsa de soja|shoyu|ponzu|"
    r"(?<!root )(?<!ginger )(?:beer|ale)|stout|lager|bieres?|bier|cerveza|brewer.?s yeast|graham|panko|farina|orzo|"
    r"udon|"
    r"ramen|soba|granola|muesli|matz[ao]|licorice(?! root)|caesar|cereals?|cereales|"
    r"hydroly[sz]ed (?:vegetable|plant) protein",
    "peanuts": r"mixed nuts|nut mix|trail mix",
    "soybeans": rf"{_SAUCES}|(?<!chickpea )miso|(?:vegetable|plant) proteins?|tvp|e ?322(?!\d)|"
    r"(?<!sunflower )(?<!canola )(?<!rapeseed )(?<!egg )lecithin[es]?s?(?! (?:de |from )?(?:sunflower|tournesol|colza|"
    r"girasol))",
    "sesame-seeds": r"hummus|houmous|za.?atar|furikake",
    "celery": _SPICES,
    "mustard": rf"{_SPICES}|caesar|mayonnaises?|salad dressing",
    "sulphur-dioxide-and-sulphites": r"wines?|vins?|wein|vino",
}


def _patterns(words: dict[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(rf"(?<![a-z])(?:{some})(?![a-z])", re.ASCII) for name, some in words.items()}


_NAMED, _HIDING = _patterns(WORDS), _patterns(HIDING)


def plain(text: str) -> str:
    """Lower case without accents, for comparing."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def allergens_in(text: str) -> set[str]:
    """The allergens, by their keys in WORDS, that an ingredient's name speaks of."""
    return _found(_NAMED, text)


def imitates_dairy(text: str) -> bool:
    """Whether it is called vegan butter or the like."""
    return bool(_VEGAN.search(plain(text)))


def hidden_in(text: str) -> set[str]:
    """Those that may be in it without being named: soy sauce is brewed with wheat as a rule, spices may be mustard."""
    return _found(_HIDING, text)


def _found(patterns: dict[str, re.Pattern[str]], text: str) -> set[str]:
    said = _VEGAN.sub("imitation", _NOT.sub(" ", plain(text).replace("_", " ")))
    said = _DAIRY.sub(r"\1\2", said)
    return {name for name, pattern in patterns.items() if pattern.search(said)}
