"""What it may cost."""

import re

from resolvers.search.constraints.model import MOST_PRICE
from resolvers.search.constraints.numbers import BEFORE, BEHIND, NUMBER, amount, currency_of, is_hundredth, number
from resolvers.search.constraints.text import Text, rule


def money(n: int) -> str:
    return rf"(?P<pre{n}>{BEFORE})? ?(?P<n{n}>{NUMBER})(?P<k{n}>k\b)? ?(?P<post{n}>{BEHIND})?"


_COST = (
    r"(?:(?:that |which )?(?:cost(?:s|ing)?|priced?|is|are|for|at|with a (?:price|budget)|"
    r"(?:the |my |a )?(?:price|budget)(?: range)?)(?: of|:)? )?"
)
_MOST = (
    r"(?:(?:nothing|none|not anything|never) (?:over|above|more than)|(?:(?:ca|wo|do|would|should|could) ?n'?t|"
    r"cannot|can not|will not|do not)(?: want to)? (?:spend|pay|go) (?:more than|over|above)|"
    r"make (?:it|that)(?= ?[$\u20ac\u00a3])|sub|(?:price )?cap(?:ped)?(?: of| at)?|under|below|less than|lower than|"
    r"cheaper than|beneath|at most|"
    r"no more than|not more than|up to|upto|"
    r"max(?:imum)?(?: price| of)?:?|"
    r"not (?:over|above|exceeding)|(?:does ?n'?t|do ?n'?t|should ?n'?t|must ?n'?t|does not|should not|must not|"
    r"not) cost(?:ing)?(?: me)? (?:more than|over)|"
    r"(?:with)?in(?: a| my)?(?: budget(?: of)?)?(?= ?[$\u20ac\u00a3]| \d+ (?:dollars?|bucks?|euros?))|"
    r"(?:i (?:have|only have|can spend)|spend(?:ing)?)(?: (?:only|at most|up to|no more than|less than))?|"
    r"(?:maximum|top|highest) (?:price|budget)(?: of| is|:)?|(?:a )?budget(?: of| is|:)?|not? (?:more|pricier|"
    r"dearer) than|never more than|<=?|\u2264)"
)
_LEAST = (
    r"(?:over|above|more than|higher than|at least|no less than|not less than|not (?:under|below)|"
    r"min(?:imum)?(?: price| of)?:?|starting (?:at|from)|"
    r"upwards of|from|greater than|exceeding|>=?|\u2265|(?:minimum|lowest) price(?: of| is|:)?)"
)
RANGE = rule(
    rf"{_COST}(?:(?:in the range of |in the |priced |ranging )?(?:between|from|btwn) |\()?{money(1)} ?(?:-|to|and|"
    rf"until|up to|\.\.) ?{money(2)}(?: range)?\)?"
)
MOST = rule(rf"(?<![\w$]){_COST}{_MOST} ?{money(1)}(?: or (?:less|under|below|cheaper))?")
MOST_BEHIND = rule(
    rf"(?<![\w.,]){_COST}{money(1)} ?(?:or (?:less|under|below|cheaper|lower)|max(?:imum)?\b|tops\b|at (?:the )?most|"
    rf"budget)"
)
LEAST = rule(rf"(?<![\w$]){_COST}{_LEAST} ?{money(1)}(?: or (?:more|above|over|higher|up))?")
LEAST_BEHIND = rule(
    rf"(?<![\w.,]){_COST}{money(1)} ?(?:or (?:more|above|over|higher|up)\b|(?:and|&) (?:up|above)\b|\+(?!\w))"
)
ABOUT = rule(
    rf"(?<!\w){_COST}(?P<how>around|about|roughly|approximately|circa|close to|near|~|exactly|for|at) ?{money(1)}"
)
NEXT = re.compile(
    r"^[\s,]*(?:$|[.;|!?)]|(?:and|or|but|near|within|in|with|without|for|that|which|please|each|total|from|at|if|now|"
    r"today|"
    r"then|only|instead|maximum|max|tops|around|close|on|is|are)\b)",
    re.IGNORECASE,
)
"""What may follow a number that is a price though no currency stands beside it."""
_OTHER_THINGS = re.compile(
    r"\b(?:rat(?:ed|ings?)|stars?|reviews?|size|aged?|ages|pack|model|version|spf|calories|kcal|serves|feeds|%|"
    r"percent)\b[^|]*$"
)


CENTS = rule(
    rf"(?P<whole>{NUMBER})(?P<unit> (?:dollars?|bucks?|euros?|pounds?))(?: and)? (?:(?P<digits>\d\d?) cents?|"
    r"(?P<words>fifty|twenty[- ]five|seventy[- ]five|ninety[- ]nine)(?: cents?)?"
    r"(?=\W*$|[,;.]| (?:and|or|near|within)\b))"
)


def with_cents(found: re.Match[str]) -> str:
    """`3 dollars and 50 cents`, `a buck fifty`."""
    return f"{amount(found['whole']) + amount(found['digits'] or found['words']) / 100:.2f}{found['unit']}"


def prices(text: Text) -> None:
    text.left = CENTS.sub(with_cents, text.left)
    text.take(RANGE, lambda found: between(text, found))
    for pattern, key in (
        (MOST, "price_max"),
        (MOST_BEHIND, "price_max"),
        (LEAST, "price_min"),
        (LEAST_BEHIND, "price_min"),
    ):
        text.take(pattern, lambda found, key=key: bound(text, found, key))  # type: ignore[misc]
    text.take(ABOUT, lambda found: about(text, found))


def priced(text: Text, found: re.Match[str], *numbers: str) -> bool:
    """Whether these numbers are amounts of money."""
    signs = [found[f"{part}{n}"] for n in numbers for part in ("pre", "post")]
    if any(signs):
        return True
    if not any(character.isdigit() for n in numbers for character in found[f"n{n}"]) and not re.search(
        r"\b(?:price|cost|budget|spend)", found[0], re.IGNORECASE
    ):
        return False
    if re.search(r"\b(?:pric|cost|budget|spend|cap)", found[0], re.IGNORECASE):
        return True
    return bool(NEXT.search(text.left[found.end() :])) and not _OTHER_THINGS.search(text.before(found))


def value_of(found: re.Match[str], n: str, unit: str | None = None) -> float:
    value = amount(found[f"n{n}"]) * (1000 if found[f"k{n}"] else 1)
    return min(value / 100 if is_hundredth(unit or found[f"post{n}"]) else value, MOST_PRICE)


def between(text: Text, found: re.Match[str]) -> bool | None:
    if not priced(text, found, "1", "2"):
        return False
    joined = re.search(r"\b(?:between|from|btwn|range|pric|cost)", found[0], re.IGNORECASE)
    signs = [found[f"{part}{n}"] for n in "12" for part in ("pre", "post")]
    if not joined and not any(signs):
        return False
    if re.search(r"\band\b", found[0]) and not joined:
        return False
    shared = found["post2"] if not (found["pre1"] or found["post1"]) else None  # 50 to 80 cents
    low, high = sorted((value_of(found, "1", shared), value_of(found, "2")))
    back = text.takes_back(found)
    for key, value in (("price_min", low), ("price_max", high)):
        text.unset(key) if back else text.set(key, number(value))
    note_currency(text, found, "1", "2")
    return True


def bound(text: Text, found: re.Match[str], key: str) -> bool | None:
    if not priced(text, found, "1"):
        return False
    text.set(key, number(value_of(found, "1")), found)
    note_currency(text, found, "1")
    return True


def about(text: Text, found: re.Match[str]) -> bool | None:
    """`around $10` is from 8 to 12; `for $10` is at most that."""
    if not (found["pre1"] or found["post1"]):
        return False
    value, how = value_of(found, "1"), found["how"].lower()
    if how == "for":
        text.set("price_max", number(value), found)
    else:
        margin = 0.0 if how in ("exactly", "at") else 0.2
        text.set("price_min", number(value * (1 - margin)))
        text.set("price_max", number(min(value * (1 + margin), MOST_PRICE)))
    note_currency(text, found, "1")
    return True


def note_currency(text: Text, found: re.Match[str], *numbers: str) -> None:
    signs = [currency_of(found[f"{part}{n}"]) for n in numbers for part in ("pre", "post")]
    if sign := next(filter(None, signs), ""):
        text.found["currency"] = sign
