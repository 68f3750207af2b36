"""Substances that somebody avoids: how labels name them. Pure rules, no I/O.

A slug is the substance's name (`palm-oil`, `sucralose`). Some have several names on labels, in English and as INCI or
E numbers; a label in another language says nothing of them (`resolvers.search.filters`).
"""

import re

from resolvers.search.label import normal

_SWEET = ("aspartame", "sucralose", "saccharin", "acesulfame", "neotame", "advantame", "cyclamate", "e950",
          "e951", "e952", "e954", "e955", "e961", "artificial sweetener", "sweetener")  # fmt: skip
NAMES: dict[str, tuple[str, ...]] = {
    "palm-oil": ("palm oil", "palm kernel oil", "palm fat", "palm kernel fat", "palm olein", "palm stearin", "palm"),
    "msg": ("monosodium glutamate", "glutamate", "msg", "e621", "e 621"),
    "monosodium-glutamate": ("monosodium glutamate", "glutamate", "msg", "e621", "e 621"),
    "high-fructose-corn-syrup": ("high fructose corn syrup", "hfcs", "glucose fructose syrup", "isoglucose"),
    "hfcs": ("high fructose corn syrup", "hfcs", "glucose fructose syrup", "isoglucose"),
    "aspartame": ("aspartame", "e951", "e 951"),
    "sucralose": ("sucralose", "splenda", "e955", "e 955"),
    "acesulfame-k": ("acesulfame k", "acesulfame potassium", "acesulfame", "e950", "e 950"),
    "saccharin": ("saccharin", "sodium saccharin", "e954", "e 954"),
    "titanium-dioxide": ("titanium dioxide", "ci 77891", "e171", "e 171"),
    "carrageenan": ("carrageenan", "carrageen", "irish moss", "e407", "e 407"),
    "parabens": ("paraben", "methylparaben", "ethylparaben", "propylparaben", "butylparaben", "isobutylparaben"),
    "sulfates": ("sodium lauryl sulfate", "sodium laureth sulfate", "ammonium lauryl sulfate", "sles", "sls", "sulfate",
                 "sulphate"),
    "salt": ("salt", "sodium chloride"),
    "silicones": ("silicone", "dimethicone", "cyclomethicone", "cyclopentasiloxane"),
    "phthalates": ("phthalate", "diethyl phthalate", "dibutyl phthalate"),
    "hydrogenated-oil": ("hydrogenated", "partially hydrogenated"),
    "trans-fat": ("trans fat", "hydrogenated", "partially hydrogenated"),
    "gelatin": ("gelatin", "gelatine", "e441"),
    "caffeine": ("caffeine", "coffee", "guarana", "green tea extract"),
    "alcohol": ("alcohol", "alcohol denat", "ethanol", "rum", "wine", "brandy", "beer"),
    "sugar": ("sugar", "sucrose", "glucose", "fructose", "dextrose", "maltose", "syrup", "honey", "molasses", "agave"),
    "artificial-sweeteners": _SWEET,
    "sweeteners": (*_SWEET, "stevia", "steviol", "erythritol", "xylitol", "sorbitol", "maltitol", "mannitol",
                   "isomalt"),
    "red-40": ("red 40", "allura red", "e129", "e 129", "ci 16035"),
    "yellow-5": ("yellow 5", "tartrazine", "e102", "e 102", "ci 19140"),
    "seed-oils": ("sunflower oil", "rapeseed oil", "canola oil", "soybean oil", "soya oil", "corn oil",
                  "cottonseed oil", "grapeseed oil", "safflower oil", "vegetable oil", "rice bran oil"),
    "mineral-oil": ("mineral oil", "paraffinum liquidum", "petrolatum", "paraffin"),
    "fragrance": ("fragrance", "parfum", "perfume", "aroma"),
    "pork": ("pork", "pig", "bacon", "ham", "lard", "pancetta", "prosciutto", "salami", "pepperoni", "chorizo"),
    "red-meat": ("red meat", "beef", "veal", "tallow", "pork", "bacon", "ham", "lard", "lamb", "mutton", "venison",
                 "bison", "goat meat"),
    "meat": ("meat", "pork", "bacon", "ham", "lard", "salami", "pepperoni", "chorizo", "beef", "veal",
             "lamb", "chicken", "turkey", "duck", "sausage", "tallow"),
    "chicken": ("chicken", "poultry"),
    "beef": ("beef", "tallow", "veal"),
    "corn": ("corn", "maize", "cornstarch", "cornmeal"),
    "grain": ("grain", "wheat", "oat", "rye", "barley", "spelt", "rice", "corn", "maize", "millet",
              "sorghum", "semolina"),
    "chocolate": ("chocolate", "cocoa", "cacao"),
    "raisins": ("raisin", "sultana"),
    "coriander": ("coriander", "cilantro"),
    "citrus": ("citrus", "lemon", "orange", "lime", "grapefruit", "mandarin", "yuzu"),
    "chili": ("chili", "chilis", "chilies", "chilli", "chillis", "chillies", "chile", "cayenne", "jalapeno"),
    "kiwi": ("kiwi", "kiwis", "kiwifruit"),
}  # fmt: skip
_ONE = (
    "msg",
    "hfcs",
    "aspartame",
    "sucralose",
    "acesulfame-k",
    "saccharin",
    "titanium-dioxide",
    "carrageenan",
    "gelatin",
    "red-40",
    "yellow-5",
    "palm-oil",
    "fragrance",
    "coriander",
)
"""Whose names all mean the same: whoever avoids one of them avoids all."""
LONGEST = 100
_ODD = re.compile(r"[\s_-]+")


def slug_of(text: str) -> str:
    """`Palm_Oil` and `palm oil` are `palm-oil`; empty if nothing is left."""
    return _ODD.sub("-", text.strip().casefold()).strip("-")


_BY_NAME = {normal(name): NAMES[slug] for slug in _ONE for name in NAMES[slug]}
_BY_NAME |= {normal(slug): names for slug, names in NAMES.items()}


def pattern_of(*slugs: str) -> str | None:
    """What finds any of these substances in `Label.listed`, as one regular expression of words alone; None: they have
    no words. One, because PostgreSQL remembers 32: of more each would be read anew for each label."""
    names = [name for slug in slugs for name in _BY_NAME.get(normal(slug), (slug.replace("-", " "),))]
    found = sorted({text for name in names if (text := normal(name))})
    return f" ({'|'.join(found)}) " if found else None


def claim_of(slug: str) -> str:
    """The claim that says that a product is free of it, if there is one of that code."""
    return f"FREE_FROM_{slug.replace('-', '_').upper()}"
