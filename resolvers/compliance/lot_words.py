"""The words of recall notices: what they mean for a reader of lots, and how a text is taken apart into them."""

import re
from dataclasses import dataclass


def words(text: str) -> frozenset[str]:
    """The words of a text, to be looked up."""
    return frozenset(text.split())


KEYWORDS = words("lot lots batch batches lot/batch batch/lot lots/batches lote lotes lotcode lotcodes")
CODES = words("code codes coding")  # keywords where a text says neither lot nor batch
FILLERS = words(
    "number numbers numbered no nos num nums coded id ids identification identified identifier identifiers "
    "# № := = are is be include includes included including affected recalled impacted subject following these those "
    "this the with were was that which has have having marked labeled labelled stamped printed embossed bearing bears "
    "from within range ranges ranging sequence sequential series consecutive inclusive inclusively both only either "
    "also whose namely in by being an n° nº nr nr. num."
)
LABELS = words("manufacturing production julian case carton package code codes")  # ahead of a list only
ALL = words("all any every entire everything")
CONNECTORS = words("and & or / plus et y und and/or")
RANGES = words("through thru to - until till ~ → … .. ... à au al hasta thru. bis")
PREFIX = words("beginning begin begins starting start starts prefix prefixed prefixes first")
SUFFIX = words("ending end ends suffix last")
CONTAINS = words("containing contain contains")
AFTER_MODE = words("letter letters digit digits character characters one two three four five six seven eight")
UPWARDS = words("above higher later greater after up onward onwards beyond newer")
DOWNWARDS = words("below lower earlier before prior less older")
DATES = words(
    "exp exp. expires expire expired expiry expiration expiring best bb bbd bbe use best-by best-before use-by sell "
    "sell-by enjoy freeze mfg mfd manufactured made packed pack packaged produced date dates dated day days"
)
DATE_WORDS = words("by before if used date dates of on sold between and through to thru - the or after")
UNITS = words(
    "case cases unit units lb lbs pound pounds bottle bottles box boxes oz ounce ounces kg g gram grams ml l package "
    "packages carton cartons piece pieces count ct pallet pallets bag bags jar jars can cans pack packs % gallon "
    "gallons tray trays pouch pouches container containers states stores"
)
STOPS = words(
    "upc upcs gtin gtins ean eans barcode sku skus supc plu plus item items est establishment product products sold "
    "distributed shipped size net wt weight model models serial of at for not n/a na none unknown various multiple "
    "nationwide oracle ndc case-upc phone tel tel. us usa texas produced contact consumers see attached list available "
    "applicable"
)
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
DATE = re.compile(
    rf"\d{{1,4}}[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?|\d{{1,2}}[/.-]\d{{4}}|{MONTH}\.?|\d{{1,2}}[ -]?{MONTH}[ -]?\d{{0,4}}|"
    rf"{MONTH}[ /-]?\d{{1,4}}"
    r"(?:[/-]\d{1,4})?|(?:19|20)\d\d|\d{1,2}(?:st|nd|rd|th)?|\d{6}|\d{8}",
    re.IGNORECASE | re.ASCII,
)
MAY_BE_A_LOT = re.compile(r"\d{6}|\d{8}|\d{1,2}", re.ASCII)  # only directly behind a word for dates are these dates
CODE = re.compile(r"[A-Z0-9*?](?:[A-Z0-9*?_./:+'&-]*[A-Z0-9*?+])?", re.ASCII)
TIDY = (
    (re.compile(r"#s\b"), " "),
    (re.compile(r"\((s|es)\)", re.IGNORECASE), r"\1"),  # lot(s)
    (re.compile("[\u2010-\u2015\u2212]"), "-"),
    (re.compile("[\u00a0\u2000-\u200b\u202f]"), " "),
    (re.compile("[\"\u201c\u201d\u2018\u00ab\u00bb]|(?<!\\w)['\u2019]|['\u2019](?!\\w)"), " "),
    (re.compile(r"(?i)(?<!\w)(lots?|batch(?:es)?|codes?|numbers?|nos?\.?|num)\s*[#:=№.]+"), r"\1 "),
    (re.compile(r"(?i)(?<!\w)(lot|batch)(?=\d)"), r"\1 "),  # LOT22123
    (re.compile(r"(?i)\bas well as\b"), " and "),
    (
        re.compile(r"(?i)\band (?:all|any) (?:subsequent|later|following|higher|newer)\b(?: lots?\b| batch(?:es)?\b)?"),
        "and later",
    ),
    (
        re.compile(r"(?i)\band (?:all|any) (?:previous|earlier|prior|lower|older)\b(?: lots?\b| batch(?:es)?\b)?"),
        "and earlier",
    ),
    (re.compile(r"(?i)/(?=(?:exp|best|bb|use|mfg)\b)"), " "),
    (re.compile(r"->"), " → "),
    (re.compile(r"(?<=\w)(…|\.{2,})(?=\s|$|[,;])"), "*"),  # L23…
    (re.compile(r"(?<=\w)(\.{2,3}|[~→])(?=\w)"), r" \1 "),
    (re.compile(r"(?i)\b(?:up|prior) to(?: and including)?\b"), " through "),
)
WORDS = re.compile(r"[^\s,;|()\[\]{}•·]+|[,;|()\[\]{}•·]|\n+")
SEPARATORS = frozenset(",;|•·.:")
MOST_JOINED, MOST_SKIPPED, LONGEST_REMARK = 4, 8, 100  # words


@dataclass
class Word:
    """One word of the text; `low` is what it is looked up by, `code` what it says as a code, if it can be one."""

    text: str
    low: str
    code: str | None
    glued: bool  # a hyphen stood at its beginning: `9036 -9040`

    @property
    def digits(self) -> bool:
        return bool(self.code) and any(kind.isdigit() for kind in self.code or "")

    @property
    def ends(self) -> bool:
        return self.low in SEPARATORS or self.low == "\n"


def words_of(text: str) -> list[Word]:
    for pattern, new in TIDY:
        text = pattern.sub(new, text)
    found: list[Word] = []
    for part in WORDS.findall(text):
        if part.startswith("\n"):
            found.append(Word("\n", "\n", None, False))
            continue
        stripped = part.strip(":#=") if len(part) > 1 else part
        glued = len(stripped) > 1 and stripped[0] == "-"
        trailing = len(stripped) > 1 and stripped[-1] == "-"
        bare = stripped.strip("-") if glued or trailing else stripped
        ended = len(bare) > 1 and bare[-1] == "." and bare.lower() not in RANGES
        inner = bare.rstrip(".") if ended else bare
        if not inner:
            continue
        if glued:
            found.append(Word("-", "-", None, False))
        code = inner.upper() if CODE.fullmatch(inner.upper()) else None
        found.append(Word(inner, inner.lower(), code, glued))
        if trailing:
            found.append(Word("-", "-", None, False))
        if ended and inner.lower() not in FILLERS and inner.lower() not in DATES:
            found.append(Word(".", ".", None, False))
        if len(part) > 1 and part[-1] == ":":
            found.append(Word(":", ":", None, False))
    return found
