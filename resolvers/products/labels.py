"""Lists of ingredients as labels print them, taken apart. Pure rules, no I/O.

    "Sugar, chocolate 20% (cocoa mass, milk), salt. May contain nuts."

becomes Sugar; chocolate (20 percent); cocoa mass; milk; salt; nuts, which it may contain. Brackets are flattened:
what stands in them follows what it explains, in the order of the label.
"""

import html
import re
import unicodedata
from dataclasses import dataclass, field, replace

from resolvers.products.allergens import allergens_in

LONGEST = 255
DECLARED, DECLARED_ALLERGEN = "declared on the label", "declared as an allergen"
BREAKS_OFF = "the list breaks off here"
"""Note of the last line of a list that is not whole: what it does not name may still be in the product."""
_OPEN, _CLOSE = "([{", ")]}"
_SIGNS = frozenset(_OPEN + _CLOSE + ",;:.•\n")
_EDGES = " .:*-\u2013•·_\"'/|=<>?&%"
_OR = re.compile(r"(?<!\w)(?:and|or|et|ou|und|oder|y|&|/)(?!\w)", re.IGNORECASE)
_HEADER = re.compile(r"^\W*(?:ingr[eé]dients?|ingredientes|zutaten)\s*[:\u2013-]?\s+(?!\W)", re.IGNORECASE)
_BREAK = r"(?:^|(?<=[.,;)\]\n])\s*)"
_MAY = re.compile(
    _BREAK + r"(?:(?:may|can|might)(?: also)? contain(?: (?:small )?(?:traces?|amounts?)(?: of)?)?(?: the following)?|"
    r"traces? (?:of|de|d['\u2019])|peut (?:aussi )?contenir(?: des traces (?:d[eu]s?|d['\u2019]))?|"
    r"traces [ée]ventuelles (?:d[eu]s?|d['\u2019])|kann(?: auch)?(?: spuren von)?(?= [^.]{0,300}enthalten)|"
    r"puede contener(?: trazas de)?)\b['\u2019]?\s*:?\s*(?!s? *(?:less than )?\d)(?P<what>[^.\n]*)\.?",
    re.IGNORECASE,
)
_CONTAINS = re.compile(
    _BREAK + r"(?:allerg(?:en|y) (?:advice|information|info)|allergens?|allerg[eè]nes?|alérgenos|contains|contient|"
    r"enth[aä]lt|contiene)\b\s*:?\s*(?!\s*(?:less than )?\d)(?P<what>[^.\n]*)\.?",
    re.IGNORECASE,
)
_LESS = re.compile(  # "contains 2% or less of each of the following:"
    r"(?:contains )?(?:less than )?\d{1,2}(?:[.,]\d{1,3})? ?% (?:or less )?of(?: each)?(?: of)?(?: the following)?\b",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"(?:\b(?:min(?:imum|destens|\.)?|at least) ?)?(?<![\d.,])(\d{1,3}(?:[.,]\d{1,6})?) ?%", re.IGNORECASE | re.ASCII
)
_ORIGIN_WORD = re.compile(r"origine?|herkunft|origen", re.IGNORECASE)
_E_NUMBER = re.compile(r"E ?\d{3,4}[a-z]?", re.IGNORECASE)
_ORIGIN = re.compile(r"(?:origine?|herkunft|origen|product of|produit de)\b ?:? ?(\w.*)", re.IGNORECASE)
_REMARK = re.compile(r"(?:from|de|aus|of|with|contains|organic|bio|biologique|ecol[oó]gico)\b.*", re.IGNORECASE)
_SHORT = re.compile(r"(?<!\w)(?:\w|min|max|vit|incl|approx|ca|art|nat|no|st)$", re.IGNORECASE)
_DOTS = re.compile(r"\.{3}|\u2026")
_CUT = re.compile(r"(?:[,;:(\[{&/+-]|\b(?:and|or|et|ou|und|oder|y|with|avec|mit|con))\s*$", re.IGNORECASE)
_AND = re.compile(r"^(?:and|et|und|y|&|or|oder|ou) ", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One ingredient. `percentage` is more than 0 and at most 100."""

    name: str
    is_major_allergen: bool = False
    may_contain: bool = False
    notes: str = ""
    percentage: float | None = None
    origin: str = ""


@dataclass
class _Item:
    """An ingredient being read: what stands before its brackets, and behind them."""

    texts: list[str] = field(default_factory=list)
    percentage: float | None = None
    notes: list[str] = field(default_factory=list)
    origin: str = ""


def parse_label(text: str) -> list[Line]:
    """The ingredients that a label lists, in its order; then what it declares without listing it; then what it may
    contain. Never fails: what cannot be read as an ingredient is left out."""
    broken = breaks_off(text := clean(text))
    text, traces = without(_MAY, text)
    text, declared = without(_CONTAINS, text)
    text = _LESS.sub(" ", _HEADER.sub("", text))
    lines = lines_of(text.replace("\n", " " if re.search("[,;]", text) else ","))
    if lines and (broken or breaks_off(text)):
        lines[-1] = replace(lines[-1], notes=", ".join(filter(None, (lines[-1].notes, BREAKS_OFF))))
    shown = {allergen for line in lines for allergen in allergens_in(f"{line.name} {line.notes}")}
    for line in listed(declared):
        allergens = allergens_in(line.name)
        if not allergens:
            lines.append(replace(line, notes=DECLARED))
        elif allergens - shown:
            lines.append(replace(line, notes=DECLARED_ALLERGEN))
    return lines + [replace(line, may_contain=True) for line in listed(traces)]


def breaks_off(text: str) -> bool:
    """Whether a list was cut: it says so by dots, stops behind a sign or word that something must follow, or leaves a
    bracket open."""
    return bool(_DOTS.search(text) or _CUT.search(text)) or any(
        text.count(opening) > text.count(closing) for opening, closing in zip(_OPEN, _CLOSE, strict=True)
    )


def clean(text: str) -> str:
    """Plain text: no mark-up, no entities, no control or invisible characters, single spaces; lines stay."""
    text = unicodedata.normalize("NFC", re.sub(r"<[^<>]{0,80}>", " ", html.unescape(text)))
    kept = (c if c == "\n" or unicodedata.category(c)[0] not in "CZ" else " " for c in text)
    return re.sub(r" *\n[ \n]*", "\n", re.sub(" +", " ", "".join(kept))).strip()


def without(statement: "re.Pattern[str]", text: str) -> tuple[str, str]:
    """The text without such sentences, and what they name."""
    named, kept, at = list[str](), list[str](), 0
    while found := statement.search(text, at):
        what = inside_brackets(found["what"])
        kept.append(text[at : found.start()])
        named.append(what)
        at = found.end() if what == found["what"] else found.start("what") + len(what)
    return "".join([*kept, text[at:]]), ", ".join(named)


def inside_brackets(text: str) -> str:
    """The text up to a bracket that is closed and was not opened in it: `flour (wheat, may contain malt), milk`."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in _OPEN) - (sign in _CLOSE)
        if depth < 0:
            return text[:place]
    return text


def listed(text: str) -> list[Line]:
    """What a sentence names: "milk, nuts and soy"."""
    return lines_of(re.sub(r"\b(?:enthalten|may be present)\b", "", _OR.sub(",", text)))


def lines_of(text: str) -> list[Line]:
    return [line for item in items(text) if (line := line_of(item))]


def items(text: str) -> list[_Item]:
    """The items of a list, those in brackets behind what they explain."""
    found: list[_Item] = []
    above: list[_Item | None] = []  # whose brackets are open
    closed: _Item | None = None  # whose brackets were just closed: more may be said of it
    start = 0
    for place, sign in enumerate(text + ","):
        if sign not in _SIGNS or inside_number(text, place) or (sign == "." and not ends(text, place)):
            continue
        said = text[start:place].strip()
        if sign == ":" and _ORIGIN_WORD.fullmatch(said):
            continue
        start = place + 1
        item = closed
        if closed is not None:
            read(closed, said)
        elif said and not (above and above[-1] and remark(above[-1], said)):
            item = _Item()
            read(item, said)
            found.append(item)
        closed = None
        if sign in _OPEN:
            above.append(item)
        elif sign in _CLOSE and above:
            closed = above.pop()
    return found


def inside_number(text: str, place: int) -> bool:
    """Whether the sign at `place` stands between two digits, as in 1,5 or 2.5. A bracket always is one."""
    return (
        text[place : place + 1] in ",.:"
        and 0 < place < len(text) - 1
        and text[place - 1].isdigit()
        and text[place + 1].isdigit()
    )


def ends(text: str, place: int) -> bool:
    """Whether the full stop at `place` ends a sentence rather than an abbreviation."""
    return text[place + 1 : place + 2] in ("", " ") and not _SHORT.search(text[max(0, place - 12) : place])


def read(item: _Item, said: str) -> None:
    """Adds what stands before or behind an item's brackets."""
    if share := share_of(said):
        item.percentage = item.percentage or share
        said = _SHARE.sub("", said, count=1)
    if said.strip():
        item.texts.append(said.strip())


def remark(item: _Item, said: str) -> bool:
    """Whether what stands in an item's brackets is said of it, and no ingredient: its share, its origin."""
    share, rest = share_of(said), tidy(_SHARE.sub("", said, count=1))
    if share and sum(c.isalpha() for c in rest) < 2:
        item.percentage = item.percentage or share
    elif origin := _ORIGIN.fullmatch(rest):
        item.origin = item.origin or origin[1][:LONGEST]
    elif _REMARK.fullmatch(rest):
        item.notes.append(rest[:LONGEST])
    else:
        return False
    return True


def share_of(said: str) -> float | None:
    found = _SHARE.search(said)
    share = float(found[1].replace(",", ".")) if found else 0.0
    return share if 0 < share <= 100 else None


def tidy(text: str) -> str:
    return _AND.sub("", re.sub(r"\s+", " ", text).strip(_EDGES)).strip(_EDGES)


def line_of(item: _Item) -> Line | None:
    name = tidy(" ".join(item.texts))[:LONGEST].strip()
    if sum(c.isalpha() for c in name) < 2 and not _E_NUMBER.fullmatch(name):
        return None
    notes = ", ".join(item.notes)[:LONGEST]
    allergen = bool(allergens_in(f"{name} {notes}"))
    return Line(name, allergen, notes=notes, percentage=item.percentage, origin=item.origin)
