"""GS1 element strings: Application Identifiers with their values, in all forms that are not URIs.

    bracketed     (01)09506000134352(10)ABC123     for people; `\\(` is a bracket that belongs to a value
    element string  0109506000134352 10ABC123<GS>…   what scanners give; GS (ASCII 29) is FNC1 as a separator
    data string   ^010950600013435210ABC123^…      the same with ^ for FNC1, also in front (GS1 Syntax Engine)

Source: GS1 General Specifications, sections 4.14 (combinations), 7.8 (FNC1 and predefined lengths).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from closient_gql.core.gs1.combinations import check_combinations
from closient_gql.core.gs1.dictionary import Dictionary, Entry, default
from closient_gql.core.gs1.errors import Gs1Error

GS = "\x1d"


class Element(NamedTuple):
    """An Application Identifier and its value, without brackets, separators or percent encoding."""

    ai: str
    value: str


Elements = tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """How strictly GS1 data is read.

    Attributes:
        combinations: AIs that exclude or require each other are checked. Switch it off for one of several symbols
            on the same item: the rules hold for all their data together.
        unknown_ais: AIs that are not allocated are let through (never in Digital Link URIs).
        alphas: the convenience alphas of Digital Link 1.0, such as `/gtin/`, are read.
        short_gtins: GTINs of 8, 12 and 13 digits are read in Digital Link URIs.
    """

    combinations: bool = True
    unknown_ais: bool = False
    alphas: bool = False
    short_gtins: bool = False


STRICT = Options()


def parse_bracketed(text: str, options: Options = STRICT, dictionary: Dictionary | None = None) -> Elements:
    """The elements of bracketed AI text.

    Raises:
        Gs1Error: it is not that, or an AI or a value is not right.
    """
    known = dictionary or default()
    elements = []
    at = 0
    while at < len(text):
        close = text.find(")", at)
        if text[at] != "(" or close < 0:
            raise Gs1Error("BRACKETS", start=at, end=len(text) if text[at] == "(" else at + 1)
        entry = _entry(known, text[at + 1 : close], options, at + 1)
        value, at = _bracketed_value(text, close + 1)
        entry.validate(value)
        elements.append(Element(entry.ai, value))
    return _checked(elements, options, known)


def _bracketed_value(text: str, start: int) -> tuple[str, int]:
    """The value that begins here, and where the next AI begins."""
    end = text.find("(", start)
    while end > 0 and text[end - 1] == "\\":
        end = text.find("(", end + 1)
    end = len(text) if end < 0 else end
    return text[start:end].replace("\\(", "("), end


def _entry(known: Dictionary, ai: str, options: Options, at: int) -> Entry:
    entry = known.find(ai, options.unknown_ais)
    if entry is None:
        words = f"There is no Application Identifier {ai!r}; a ( that belongs to a value is written \\(."
        raise Gs1Error("AI_UNKNOWN", words, start=at, end=at + len(ai))
    return entry


def _checked(elements: list[Element], options: Options, known: Dictionary) -> Elements:
    if not elements:
        raise Gs1Error("EMPTY")
    if options.combinations:
        check_combinations(elements, known)
    return tuple(elements)


def parse_element_string(text: str, options: Options = STRICT, dictionary: Dictionary | None = None) -> Elements:
    """The elements of what a scanner gives, without symbology identifier. A separator in front is passed over.

    Raises:
        Gs1Error: an AI or a value is not right; `start` and `end` of an unknown AI count in the text.
    """
    return read_elements(text, 1 if text.startswith(GS) else 0, GS, options, dictionary or default())


def parse_data_string(text: str, options: Options = STRICT, dictionary: Dictionary | None = None) -> Elements:
    """The same for a text in which ^ stands for FNC1, which must begin with it.

    Raises:
        Gs1Error: FNC1 is missing, or an AI or a value is not right.
    """
    if not text.startswith("^"):
        raise Gs1Error("FNC1_MISSING", start=0, end=min(1, len(text)))
    return read_elements(text, 1, "^", options, dictionary or default())


def read_elements(text: str, at: int, separator: str, options: Options, known: Dictionary) -> Elements:
    """The elements from a place in a text on.

    Raises:
        Gs1Error: as `parse_element_string`.
    """
    elements = []
    length = len(text)
    while at < length:
        entry = known.match(text, at, options.unknown_ais)
        if entry is None:
            raise Gs1Error(
                "AI_UNKNOWN", f"No Application Identifier begins with {text[at : at + 4]!r}.",
                start=at, end=min(at + 4, length),
            )  # fmt: skip
        at += len(entry.ai)
        most = length if entry.fnc1 else min(at + entry.longest, length)  # what goes on there is the next element
        end = text.find(separator, at, most)
        end = most if end < 0 else end
        value = text[at:end]
        entry.validate(value)
        elements.append(Element(entry.ai, value))
        at = end + 1 if text[end : end + 1] == separator else end
    return _checked(elements, options, known)


def check_elements(elements: Sequence[tuple[str, str]], options: Options = STRICT,
                   dictionary: Dictionary | None = None) -> Elements:  # fmt: skip
    """The same elements, every AI, value and combination found right.

    Raises:
        Gs1Error: something is not; with `ai` where it is a value.
    """
    known = dictionary or default()
    found = []
    for ai, value in elements:
        entry = known.find(ai, options.unknown_ais)
        if entry is None:
            raise Gs1Error("AI_UNKNOWN", f"There is no Application Identifier {ai!r}.")
        entry.validate(value)
        found.append(Element(ai, value))
    return _checked(found, options, known)


def build_bracketed(elements: Sequence[tuple[str, str]]) -> str:
    """Bracketed AI text; `parse_bracketed` gives the same elements back."""
    return "".join(f"({ai}){value.replace('(', chr(92) + '(')}" for ai, value in elements)


def build_element_string(elements: Sequence[tuple[str, str]], dictionary: Dictionary | None = None) -> str:
    """What a scanner would give: in this order, with a separator (GS) where a length is not predefined.

    The string is shortest when AIs of predefined length come first (General Specifications, 7.8.6).
    """
    return _build(elements, GS, dictionary or default())


def build_data_string(elements: Sequence[tuple[str, str]], dictionary: Dictionary | None = None) -> str:
    """The same with ^ for FNC1, also in front."""
    return "^" + _build(elements, "^", dictionary or default())


def _build(elements: Sequence[tuple[str, str]], separator: str, known: Dictionary) -> str:
    parts = []
    for nth, (ai, value) in enumerate(elements, 1):
        entry = known.find(ai, unknown=True)
        more = nth < len(elements) and (entry is None or entry.fnc1)
        parts.append(f"{ai}{value}{separator if more else ''}")
    return "".join(parts)
