"""What comes of animals, besides allergens, and what else diets exclude: as words of lists of ingredients.

English, French, German and Spanish, as in `resolvers.products.allergens`. What stands in for meat is none: vegan bacon.
"""

import re

from closient_gql.core.enums import Described
from resolvers.products.allergens import plain


class Animal(Described):
    """What lists of ingredients name that diets exclude, and that is no allergen."""

    MEAT = "meat", "Meat and poultry."
    PORK = "pork", "Meat and fat of pigs."
    PARTS = "parts", "Gelatin, lard, rennet, carmine and what else is made of killed animals."
    BEES = "bees", "Honey, wax and what else animals make, milk and eggs apart."
    ALCOHOL = "alcohol", "Alcohol and drinks with it."


_PORK = (
    r"pork|ham|hams|bacon|lardo|prosciutto|pancetta|pepperoni|salami|chorizo|mortadella|porc|jambons?|lardons?|"
    r"saucissons?|"
    r"\w*schwein\w*|\w*speck|\w*schinken\w*|cerdo|jamon|tocino"
)
_MEAT = (
    r"beef|veal|sausages?|lamb(?!.?s? lettuce)|mutton|venison|bison|rabbit|chickens?(?! of the woods| eggs?)|"
    r"(?<!from )(?<!of )turkey(?! tail)|ducks?(?! eggs?| sauce)|geese|poultry|pastrami|bologna|frankfurters?|franks|"
    r"wieners?|hot ?dogs?|meats?|meatballs?|jerky|tripe|giblets|"
    r"liver|"
    r"boeuf|veau|saucisses?|agneau|poulets?|dinde|canard|volailles?|viandes?|foie gras|"
    r"(?!\w*fruchtfleisch)\w*fleisch\w*|rinder\w*|\w*wurst\w*|huhn|huhner(?!ei)\w*|hahnchen\w*|geflugel\w*|"
    r"truthahn\w*|puten\w*|lamm\w*|"
    r"carnes?|ternera|cordero|pollo|pavo"
)
_PARTS = (
    r"(?:\w*gelatin|gelatine)s?|gelatina|lard|tallow\w*|suet|animal fats?|"
    r"(?:animal|calf|lamb|kid) rennet|presure animale|carmine?|cochineal|karmin|cochenille|cochinilla|e ?120(?!\d)|"
    r"natural red 4|ci 75470|keratin|\w*[ck]ollagen\w*|bone broth|saindoux|schweineschmalz|manteca de cerdo|isinglass|"
    r"pepsin|e ?542(?!\d)"
)
_BEES = (
    r"honey(?! ?(?:dew|crisp))|miel|\w*honig\w*|beeswax|bienenwachs|cire d.abeilles?|cera de abejas?|royal jelly|"
    r"gelee royale|"
    r"propolis|bee pollen|e ?901(?!\d)|shellac|schellack|gomme laque|e ?904(?!\d)|confectioner.?s glaze|lanolin|"
    r"adeps lanae|"
    r"cera (?:alba|flava)"
)
_ALCOHOL = (
    r"(?:ethyl |grain )alcohol|alcohol denat|ethanol|wines?(?! vinegar)|(?<!root )(?<!ginger )beer|rum|brandy|cognac|"
    r"whiske?y|bourbon (?:flavou?r|sauce)|vodka|liqueurs?|kirsch|sherry(?! vinegar)|marsala|champagne(?! vinegar)|"
    r"tequila|sake|mirin"
)
_WORDS = {
    Animal.MEAT: rf"{_PORK}|{_MEAT}", Animal.PORK: rf"{_PORK}|lard|saindoux|pork gelatin",
    Animal.PARTS: _PARTS, Animal.BEES: _BEES, Animal.ALCOHOL: _ALCOHOL,
}  # fmt: skip
_PATTERNS = {each.value: re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.ASCII) for each, words in _WORDS.items()}
_ANY = rf"(?:{_PORK}|{_MEAT}|{_PARTS}|{_BEES}|{_ALCOHOL})"
_INSTEAD = re.compile(  # vegan smoked bacon; but no salt added chicken is chicken
    rf"(?<![a-z])(?:(?:vegan|vegetarian|veggie|meatless|plant[ -]?based|imitation|mock|faux)[ -](?:\w+ ){{0,2}}{_ANY}|"
    rf"(?:no|non|without|sans|sin|ohne|artificial|synthetic|soy|coconut|nut|pecan|walnut|alcohol[ -]free)[ -]{_ANY}|"
    rf"{_ANY}[ -]free)(?![a-z])",
    re.ASCII,
)


def animals_in(text: str) -> set[str]:
    """What of an animal an ingredient's name speaks of, by the values of `Animal`."""
    said = _INSTEAD.sub(" ", plain(text).replace("_", " "))
    return {name for name, pattern in _PATTERNS.items() if pattern.search(said)}
