"""Reading free text of the source: plain words, countries, quantities."""

import html
import re
import unicodedata
from collections.abc import Iterable

_TAG = re.compile(r"<[^<>]{0,80}>")
_COMPANY = re.compile(r"  (?=(?:Inc|Incorporated|Llc|Ltd|Co|Corp)\b)", re.IGNORECASE)  # a comma that an import lost


def clean(value: object) -> str:
    """One line of plain text: no mark-up, no entities, no control or invisible characters, single spaces."""
    if not isinstance(value, str):
        return ""
    text = _TAG.sub(" ", html.unescape(html.unescape(value)))
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zs", "Zl", "Zp") else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn") and c != "\ufffd")
    return " ".join(text.split()).strip(" ,;|`")


def company(value: object) -> str:
    """As `clean`, for names of companies and brands."""
    return clean(_COMPANY.sub(", ", value)) if isinstance(value, str) else ""


def plain(text: str) -> str:
    """Lower case without accents, for comparing."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def key(text: str) -> str:
    """What two spellings of one name share: its letters and digits."""
    return "".join(c for c in plain(text) if c.isalnum())


def words(tag: str) -> str:
    """A tag as words: `en:sesame-seeds` is `Sesame seeds`."""
    text = re.sub(r"\bci (?=\d)", "CI ", clean(tag.split(":", 1)[-1].replace("-", " ")))  # a colour index number
    return text[:1].upper() + text[1:]


def letters(text: str) -> int:
    return sum(c.isalpha() for c in text)


# --- countries ---------------------------------------------------------------------------------------------------
COUNTRIES = {
    code: names.split(", ")
    for code, names in {
        "AE": "united arab emirates", "AR": "argentina, argentine", "AT": "austria, osterreich, autriche",
        "AU": "australia, australie", "BE": "belgium, belgique, belgie, belgien", "BG": "bulgaria, bulgarie",
        "BO": "bolivia", "BR": "brazil, bresil, brasil", "CA": "canada, kanada", "CH": "switzerland, suisse, schweiz",
        "CN": "china, chine", "CZ": "czech republic, republique tcheque", "DE": "germany, allemagne, deutschland",
        "DK": "denmark, danemark", "DO": "dominican republic", "DZ": "algeria, algerie", "EG": "egypt, egypte",
        "ES": "spain, espagne, espana", "FI": "finland, finlande", "FR": "france, frankreich, francia",
        "GA": "gabon", "GB": "united kingdom, royaume uni, uk, angleterre, england, ecosse, scotland, great britain",
        "GP": "guadeloupe", "GR": "greece, grece", "HK": "hong kong", "ID": "indonesia, indonesie",
        "IE": "ireland, irlande", "IL": "israel", "IN": "india, inde", "IT": "italy, italie, italia",
        "JP": "japan, japon", "KR": "south korea, coree du sud, korea", "LU": "luxembourg", "LV": "latvia, lettonie",
        "MA": "morocco, maroc", "MC": "monaco", "MN": "mongolia", "MQ": "martinique", "MX": "mexico, mexique",
        "NC": "new caledonia", "NL": "netherlands, pays bas, nederland", "NO": "norway, norvege",
        "NZ": "new zealand", "PF": "french polynesia, polynesie francaise", "PH": "philippines",
        "PL": "poland, pologne, polska", "PT": "portugal", "RE": "reunion, la reunion", "RO": "romania, roumanie",
        "RU": "russia, russie", "SE": "sweden, suede", "SG": "singapore", "SI": "slovenia, slovenie",
        "SN": "senegal", "SY": "syrie, syria", "TH": "thailand, thailande", "TN": "tunisia, tunisie",
        "TR": "turkey, turquie, turkiye", "TW": "taiwan", "UA": "ukraine",
        "US": "united states, usa, u s a, etats unis, estados unidos, vereinigte staaten von amerika, "
              "united states of america, california",
        "VN": "vietnam", "ZA": "south africa, afrique du sud",
    }.items()
}  # fmt: skip
_BY_NAME = {name: code for code, names in COUNTRIES.items() for name in names}
_MADE_IN = re.compile(r"en:(?:made-in|fabrique-en|fabrique-au)-(.+)")


def country(name: str) -> str:
    """ISO 3166-1 alpha-2 of a country's name or tag, or nothing."""
    name = re.sub(r"[^a-z]+", " ", plain(name.split(":", 1)[-1])).strip()
    return _BY_NAME.get(name) or _BY_NAME.get(name.rpartition(" ")[2], "")


def countries(tags: Iterable[str]) -> list[str]:
    return sorted({code for tag in tags if (code := country(tag))})


def origin(places: object, origins: object, labels: Iterable[str]) -> str:
    """The one country that a text is about: where it was made, else where it comes from, else what a label says."""
    made = ",".join(match[1] for label in labels if (match := _MADE_IN.fullmatch(label)))
    for text in (clean(places), clean(origins), made):
        if text:
            found = countries(text.split(","))
            several = len(found) > 1 or bool(re.search(r"union europ|european union|agricultur", plain(text)))
            return found[0] if found and not several else ""
    return ""


# --- quantities --------------------------------------------------------------------------------------------------
_UNITS = {  # UN/ECE Recommendation 20
    "MGM": "mg", "GRM": "g|gr|grs|gramm|gram|grams|grammes", "KGM": "kg|kgs", "MLT": "ml|мл", "CLT": "cl",
    "DLT": "dl", "LTR": "l|lt|liter|litre|liters|litres", "ONZ": "oz|ounce|ounces|onz", "LBR": "lb|lbs|pound|pounds",
    "OZA": r"fl\.?\s*oz|fluid ounces?|oza", "GLL": "gal|gallon|gallons", "PTL": "pt|pint", "QTL": "qt|quart",
    "H87": "pieces|pcs|count|ct|pièces|stück",
}  # fmt: skip
_UNIT = "|".join(f"(?P<{code}>{forms})" for code, forms in sorted(_UNITS.items(), key=lambda unit: unit[0] != "OZA"))
_QUANTITY = re.compile(
    rf"(?:(?P<times>\d+)\s*[x\u00d7*]\s*)?(?P<number>\d+(?:[.,]\d+)?)\s*(?:{_UNIT})(?![^\W\d_])", re.IGNORECASE
)  # fmt: skip


def net_content(quantity: str) -> tuple[float, str] | None:
    """Value and unit: the first that the text states; of a sum ("50 + 15 ml (65 ml)") its total."""
    found = _QUANTITY.search(quantity.rpartition("(")[2] if "+" in quantity else quantity)
    if not found:
        return None
    code = next(code for code in _UNITS if found[code])
    amount = round(float(found["number"].replace(",", ".")) * int(found["times"] or 1), 4)
    return (amount, code) if amount > 0 else None
