"""Numbers as people write them: digits, words, decimals of both kinds, currencies."""

import re

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_ROUND = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS = {word: 10 * n for n, word in enumerate(_ROUND, 2)}
WORDS = {
    **{word: float(n) for n, word in enumerate(_UNITS)},
    **{word: float(n) for word, n in _TENS.items()},
    "a": 1.0, "an": 1.0, "half a": 0.5, "half an": 0.5, "a half": 0.5, "a quarter": 0.25, "a quarter of a": 0.25,
    "a quarter of an": 0.25, "a couple of": 2.0, "a couple": 2.0, "couple": 2.0, "a few": 3.0, "a dozen": 12.0,
    "hundred": 100.0, "a hundred": 100.0, "one hundred": 100.0, "one and a half": 1.5, "two hundred": 200.0,
    "three hundred": 300.0, "five hundred": 500.0, "a thousand": 1000.0, "one thousand": 1000.0,
}  # fmt: skip
_COMPOUND = re.compile(rf"({'|'.join(_TENS)})[- ]({'|'.join(_UNITS[1:10])})", re.IGNORECASE)
_SPELLED = "|".join(sorted((re.escape(word) for word in WORDS), key=len, reverse=True))
DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+"
NUMBER = rf"(?:{DIGITS}|{_COMPOUND.pattern.replace('(', '(?:')}|\b(?:{_SPELLED})\b)"
"""Matches a number, without a group of its own."""

CURRENCIES = {
    "$": "$", "dollar": "$", "buck": "$", "cent": "$", "\u00a2": "$", "usd": "USD", "us$": "USD", "cad": "CAD",
    "aud": "AUD", "\u20ac": "EUR", "euro": "EUR", "eur": "EUR", "\u00a3": "GBP", "pound": "GBP", "quid": "GBP",
    "gbp": "GBP", "pence": "GBP", "\u00a5": "JPY", "yen": "JPY", "jpy": "JPY", "chf": "CHF", "franc": "CHF",
}  # fmt: skip
"""A dollar sign is of any dollar: a price in stores' own currency is compared with it."""
DOLLARS = frozenset(("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BBD", "BSD", "JMD", "TTD"))
BEFORE = r"us\$|[$\u20ac\u00a3\u00a5]|\b(?:usd|eur|gbp|cad|aud|chf|jpy)\b"
BEHIND = (
    r"[$\u20ac\u00a3\u00a5](?!\s*\d)|\u00a2|"
    r"\b(?:cents?|pence|dollars?|bucks?|euros?|eur|usd|gbp|cad|aud|chf|jpy|quid|yen|francs?|pounds?(?! of\b))\b"
)


def amount(text: str) -> float:
    """The value of what `NUMBER` matched."""
    plain = " ".join(text.lower().split())
    if compound := _COMPOUND.fullmatch(plain):
        return float(_TENS[compound[1]] + _UNITS.index(compound[2]))
    if plain in WORDS:
        return WORDS[plain]
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        return float(plain.replace(",", ""))
    return float(plain.replace(",", "."))


def is_hundredth(sign: str | None) -> bool:
    """Whether an amount is of cents."""
    return bool(sign and re.match(r"cent|pence|\u00a2", sign.strip(), re.IGNORECASE))


def number(value: float) -> float | int:
    """As it is shown: 5 for 5.0, and no more than two decimals."""
    value = round(value, 2)
    return int(value) if value == int(value) else value


def currency_of(sign: str | None) -> str:
    """ISO 4217, `$` for any dollar, empty for none."""
    plain = (sign or "").strip().lower()
    return CURRENCIES.get(plain) or CURRENCIES.get(plain.rstrip("s"), "")
