"""Net contents as packages state them: "350 g", "1.5 l", "6 x 330 ml"."""

import re

UNITS = {  # UN/ECE Recommendation 20; what labels write for it, in the languages of the catalogue
    "MGM": "mg", "GRM": "g|gr|grs|gramm|gram|grams|grammes", "KGM": "kg|kgs", "MLT": "ml|мл", "CLT": "cl",
    "DLT": "dl", "LTR": "l|lt|liter|litre|liters|litres", "ONZ": "oz|ounce|ounces|onz", "LBR": "lb|lbs|pound|pounds",
    "OZA": r"fl\.?\s*oz|fluid ounces?|oza", "GLL": "gal|gallon|gallons", "PTL": "pt|pint", "QTL": "qt|quart",
    "H87": "pieces|pcs|count|ct|pièces|stück",
}  # fmt: skip
_UNIT = "|".join(f"(?P<{code}>{forms})" for code, forms in sorted(UNITS.items(), key=lambda unit: unit[0] != "OZA"))
_QUANTITY = re.compile(
    rf"(?<![\w.,])(?:(?P<times>\d{{1,4}})\s*[x\u00d7*]\s*)?(?P<number>\d{{1,9}}(?:[.,]\d{{1,6}})?)"
    rf"\s*(?:{_UNIT})(?![^\W\d_])",
    re.IGNORECASE | re.ASCII,
)

SMALL = ("MGM", "GRM", "MLT")
THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
"""Of small units: "1.000 g" is a thousand for some, and one for others; of "1.500 kg" nobody doubts that it is 1.5."""


def net_content_of(text: str) -> tuple[float, str] | None:
    """Value and UN/ECE code: the first quantity that the text states; of a sum ("50 + 15 ml (65 ml)") its total.

    None where the text does not plainly say one: nothing is guessed.
    """
    found = _QUANTITY.search(text.rpartition("(")[2] if "+" in text else text)
    if found is None:
        return None
    code = next(code for code in UNITS if found[code])
    if code in SMALL and THOUSANDS.fullmatch(found["number"]):
        return None
    amount = round(float(found["number"].replace(",", ".")) * int(found["times"] or 1), 4)
    return (amount, code) if amount > 0 else None
