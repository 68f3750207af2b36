"""GTINs in free text, as recall notices print them: "UPC 0 12345 67890 5", "UPCs: 012345678905, 0-12345-67891-2".

Pure, no I/O. A number counts if its check digit is right (GS1 General Specifications, 7.9); nothing is completed or
guessed. What a text calls a UPC and is none (ten digits without the first and the check digit, a slip of the pen) is
told apart, so that a person can look at it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from closient_gql.core.gs1.gtin import Gtin, GtinError, parse_gtin

CALLED = re.compile(
    r"(?<![a-z])(?P<gtin>upcs?|u\.p\.c\.|gtins?|eans?|cups?|bar ?codes?|universal product codes?)(?![a-z])"
    r"|(?<![a-z])(?:lots?|batch(?:es)?|codes?|items?|skus?|supc|model|serial|phone|tel|fax|call|est|date|exp|ndc|"
    r"best|sell|use|case count|order)(?![a-z])",
    re.IGNORECASE,
)
NUMBERS = re.compile(r"(?<![A-Za-z0-9./-])[0-9]+(?:[ -][0-9]+)*(?![A-Za-z0-9]|[./-][A-Za-z0-9])")
PRINTED = (  # the groups in which scanners' digits are printed below the bars
    (1, 5, 5, 1), (1, 6, 6), (6, 6), (1, 2, 5, 5, 1), (1, 2, 3, 5, 3), (4, 4), (5, 5, 1, 1), (2, 5, 5, 1), (3, 5, 5, 1),
    (1, 5, 6), (6, 5, 1), (1, 11), (11, 1), (1, 3, 5, 4), (1, 10, 1), (2, 5, 5, 2), (3, 4, 5, 1), (3, 4, 4, 2),
)  # fmt: skip
PRINTED_TOO_SHORT = ((5, 5), (1, 5, 5), (5, 5, 1))
LENGTHS = (8, 12, 13, 14)
TOO_SHORT = (10, 11)  # a UPC without its first digit, its check digit, or both
MOST = 2_000  # of one recall


@dataclass(frozen=True)
class Found:
    """What one text says: GTINs of 14 digits, and what is called one and is none; each once, in their order."""

    gtins: tuple[Gtin, ...]
    unread: tuple[str, ...]


def read(text: str) -> Found:
    """The GTINs of a text, whatever stands around them."""
    gtins: dict[Gtin, None] = {}
    unread: dict[str, None] = {}
    for digits, called in numbers(text):
        gtin = parsed(digits)
        if gtin and (called or len(digits) > 8):  # eight digits by themselves are a date as often as not
            gtins[gtin] = None
        elif called and not gtin and len(digits) in LENGTHS + TOO_SHORT:
            unread[digits] = None
    return Found(tuple(gtins)[:MOST], tuple(unread)[:MOST])


def parsed(digits: str) -> Gtin | None:
    try:
        found = parse_gtin(digits)
    except GtinError:
        return None
    return None if set(digits) == {"0"} else found


def numbers(text: str) -> Iterator[tuple[str, bool]]:
    """Every number that is long enough, its groups put together, and whether the text calls it a GTIN: the last word
    before it that says what numbers are decides."""
    words = [(found.start(), found["gtin"] is not None) for found in CALLED.finditer(text)]
    at, called = 0, False
    for run in NUMBERS.finditer(text):
        while at < len(words) and words[at][0] < run.start():
            called = words[at][1]
            at += 1
        yield from ((digits, called) for digits in together(re.split("[ -]", run[0])))


def together(groups: list[str]) -> Iterator[str]:
    """Groups of digits as whole numbers: those that are printed in groups are one, each other group is its own."""
    at = 0
    while at < len(groups):
        lengths = [tuple(map(len, groups[at : at + size])) for size in range(5, 1, -1)]
        fits = [sizes for sizes in lengths if sizes in PRINTED and parsed("".join(groups[at : at + len(sizes)]))]
        fits += [sizes for sizes in lengths if sizes in PRINTED[:4] or sizes in PRINTED_TOO_SHORT]
        size = len(fits[0]) if fits else 1
        yield "".join(groups[at : at + size])
        at += size
