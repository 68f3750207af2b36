"""Colours that are wanted, or not. Behind some of them stands what makes a name of them: red wine, green tea."""

import re

from resolvers.search.constraints.text import Text, rule
from resolvers.search.constraints.vocabulary import ALSO_THINGS, COLORS, NAMES, SHADES

_COLOR = rf"{SHADES}(?:{'|'.join(COLORS)})"
_COLORS = rf"(?P<colors>(?:{_COLOR})(?:(?:,? or |, ?|/)(?:{_COLOR}))*)"
COLOR_NOT = rule(
    rf"\b(?:not|no|non|but not|never|without|except(?: for)?|anything but|any colou?r (?:but|except)|other than|"
    rf"avoid|exclude)[ -](?:in )?(?:the colou?r )?{_COLORS}(?: ones?)?\b"
)
COLOR_SAID = rule(
    rf"\b(?:(?:only )?in (?:the colou?rs? )?(?:a )?|colou?r(?:s)?(?: is|:|=| should be| must be)? ?|(?:make|"
    rf"want) (?:it|them) (?:in )?|(?:it |they )?(?:must|should) be |only |but |something )"
    rf"{_COLORS}(?: colou?r(?:ed)?)?(?: ones?| please)*\b(?! \w+s\b(?<! ones))|"
    rf"\b{_COLORS.replace('colors', 'ones')}[ -](?:ones?|colou?r(?:ed)?|versions?)\b"
)
COLOR_FIRST = rule(rf"\b{_COLORS}\b")


def said_colors(text: Text) -> None:
    """`in red`, `red ones`, `not red`: before places are looked for."""
    text.take(COLOR_NOT, lambda found: color(text, found, "not "))
    text.take(COLOR_SAID, lambda found: color(text, found))


def colors(text: Text) -> None:
    """`red shoes`."""
    text.take(COLOR_FIRST, lambda found: color(text, found, sure=False))


def color(text: Text, found: "re.Match[str]", how: str = "", sure: bool = True) -> bool | None:
    listed = (found.groupdict().get("colors") or found.groupdict().get("ones") or "").lower()
    names = [" ".join(each.split()) for each in re.split(r",? or |, ?|/", listed) if each.strip()]
    last = names[-1].split()[-1]
    if re.match(r",? [A-Z]{2}\b", text.left[found.end() :]):  # a town: Orange, CA
        return False
    if re.match(rf"[ -]?(?:{NAMES.get(last, '(?!)')})\b", text.left[found.end() :], re.IGNORECASE):
        return False
    alone = not text.left[: found.start()].strip(" |,.") and not text.left[found.end() :].strip(" |,.")
    if not sure and last in ALSO_THINGS and not alone:
        return False
    value = how + " or ".join(dict.fromkeys(names))
    if text.takes_back(found):
        text.add["color"] = "not " + value
    else:
        text.set("color", value)
    return True
