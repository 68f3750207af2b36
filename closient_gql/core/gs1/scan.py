"""Scan data: what scanners give, with its symbology identifier, and back.

Source: GS1 General Specifications, sections 5.1.3 (symbology identifiers), 5.5 to 5.10; ISO/IEC 15424. EAN/UPC
carries digits, the other linear symbologies AIs, two-dimensional ones AIs, a Digital Link URI or any text. A
composite component is a second message behind `|`.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from closient_gql.core.gs1.checks import check_digit_fits
from closient_gql.core.gs1.combinations import check_combinations
from closient_gql.core.gs1.compression import parse_link
from closient_gql.core.gs1.dictionary import Dictionary, default
from closient_gql.core.gs1.digital_link import DigitalLink
from closient_gql.core.gs1.elements import GS, STRICT, Element, Elements, Options, parse_data_string, read_elements
from closient_gql.core.gs1.errors import Gs1Error


class Symbology(StrEnum):
    """Symbologies that carry GS1 data."""

    EAN13 = "EAN-13"
    EAN8 = "EAN-8"
    UPCA = "UPC-A"
    UPCE = "UPC-E"
    ITF14 = "ITF-14"
    GS1_128 = "GS1-128"
    DATABAR = "GS1 DataBar Omnidirectional"
    DATABAR_LIMITED = "GS1 DataBar Limited"
    DATABAR_EXPANDED = "GS1 DataBar Expanded"
    DATA_MATRIX = "Data Matrix"
    QR = "QR Code"
    DOTCODE = "DotCode"


_BY_IDENTIFIER = {
    "I1": Symbology.ITF14,
    "E0": Symbology.EAN13, "E3": Symbology.EAN13, "E4": Symbology.EAN8,
    "C1": Symbology.GS1_128, "e0": Symbology.DATABAR_EXPANDED,
    "d1": Symbology.DATA_MATRIX, "d2": Symbology.DATA_MATRIX, "Q1": Symbology.QR, "Q3": Symbology.QR,
    "J0": Symbology.DOTCODE, "J1": Symbology.DOTCODE,
}  # fmt: skip
_TWO_DIMENSIONAL = {  # identifiers for plain data and for AIs
    Symbology.DATA_MATRIX: ("d1", "d2"), Symbology.QR: ("Q1", "Q3"), Symbology.DOTCODE: ("J0", "J1"),
}  # fmt: skip
_PRIMARY = {Symbology.EAN13: 13, Symbology.EAN8: 8, Symbology.UPCA: 12, Symbology.UPCE: 12, Symbology.ITF14: 14}
_AIS = {"C1", "e0", "d2", "Q3", "J1"}
_START = 3  # of the message, behind the symbology identifier
_COMPOSITE = "]e0"
_WITH_ADD_ON = "E3"
_ADD_ON = re.compile("[0-9]{2}|[0-9]{5}").fullmatch  # of periodicals and books: an issue, a price
_SCHEMES = ("https://", "HTTPS://", "http://", "HTTP://")


@dataclass(frozen=True)
class Scan:
    """What one scan said.

    Attributes:
        symbology: the first one that has this identifier; GS1-128 and composites share theirs with others.
        data: the message as a data string: AIs with ^ for FNC1 (`^0109…`), digits (an add-on behind them), a URI or any
            text; a composite component behind `|`. Text that would look like AIs has a backslash in front.
        elements: the AIs in it; a GTIN of EAN/UPC or ITF-14 is (01).
        link: the Digital Link URI that it is, if it is one.
    """

    symbology: Symbology
    data: str
    elements: Elements = ()
    link: DigitalLink | None = None


def parse_scan(text: str, options: Options = STRICT, dictionary: Dictionary | None = None) -> Scan:
    """Reads scan data.

    Raises:
        Gs1Error: the symbology identifier is missing or of no GS1 symbology, or the data is not right.
    """
    if len(text) < _START or text[0] != "]":
        raise Gs1Error("SYMBOLOGY_MISSING")
    identifier, message = text[1:_START], text[_START:]
    symbology = _BY_IDENTIFIER.get(identifier)
    if symbology is None:
        raise Gs1Error("SYMBOLOGY_UNKNOWN", start=0, end=_START)
    if identifier == _WITH_ADD_ON:
        return _parse_with_add_on(message)
    if symbology in _PRIMARY:
        return _parse_primary(symbology, text, options, dictionary)
    if identifier in _AIS:
        data, elements = _parse_ais(text, _START, options, dictionary)
        return Scan(symbology, data, elements)
    link = _parse_link(message, options, dictionary) if message.startswith(_SCHEMES) else None
    guarded = f"\\{message}" if message.lstrip("\\").startswith("^") else message
    return Scan(symbology, guarded, link.elements if link else (), link)


def _parse_ais(text: str, at: int, options: Options, dictionary: Dictionary | None) -> tuple[str, Elements]:
    """A message of AIs from a place in the scan data on, as a data string and as elements."""
    caret = text.find("^", at)
    if caret >= 0:
        raise Gs1Error("VALUE_HAS_CARET", start=caret, end=caret + 1)
    return "^" + text[at:].replace(GS, "^"), read_elements(text, at, GS, options, dictionary or default())


def _parse_link(message: str, options: Options, dictionary: Dictionary | None) -> DigitalLink:
    try:
        return parse_link(message, options, dictionary)[0]
    except Gs1Error as error:
        if error.ai is None and error.start is not None and error.end is not None:  # they count in the scan data
            error.start, error.end = error.start + _START, error.end + _START
        raise


def _parse_primary(symbology: Symbology, text: str, options: Options, dictionary: Dictionary | None) -> Scan:
    length = _PRIMARY[symbology]
    end = _START + length
    primary, rest = text[_START:end], text[end:]
    _check_primary(primary, length)
    gtin = Element("01", primary.zfill(14))
    if not rest:
        return Scan(symbology, primary, (gtin,))
    if symbology is Symbology.ITF14 or not rest.startswith(f"|{_COMPOSITE}"):
        raise _wrong_length(length)
    alone = replace(options, combinations=False)
    data, composite = _parse_ais(text, end + len(_COMPOSITE) + 1, alone, dictionary)
    elements = (gtin, *composite)
    if options.combinations:  # of both components together
        check_combinations(elements, dictionary or default())
    return Scan(symbology, f"{primary}|{data}", elements)


def _parse_with_add_on(message: str) -> Scan:
    primary, add_on = message[:13], message[13:]
    _check_primary(primary, 13)
    if not _ADD_ON(add_on):
        raise Gs1Error("PRIMARY_LENGTH", "Two or five digits of an add-on must follow the 13 of the primary message.")
    return Scan(Symbology.EAN13, message, (Element("01", primary.zfill(14)),))


def _check_primary(digits: str, length: int) -> None:
    if len(digits) != length:
        raise _wrong_length(length)
    if not (digits.isascii() and digits.isdecimal()):
        raise Gs1Error("NON_DIGIT_CHARACTER")
    if not check_digit_fits(digits):
        raise Gs1Error("INCORRECT_CHECK_DIGIT")


def _wrong_length(right: int) -> Gs1Error:
    return Gs1Error("PRIMARY_LENGTH", f"The primary message of this symbology has {right} digits.")


def build_scan(symbology: Symbology, data: str, dictionary: Dictionary | None = None) -> str:
    """What a scanner gives for a symbol of this kind that carries `data`, a data string as `Scan.data` is.

    Raises:
        Gs1Error: the symbology cannot carry the data, or the data is not right.
    """
    known = dictionary or default()
    if symbology in _TWO_DIMENSIONAL:
        plain, ais = _TWO_DIMENSIONAL[symbology]
        return f"]{ais}{_ais(data, known)}" if data.startswith("^") else f"]{plain}{_plain(data, known)}"
    linear, bar, composite = data.partition("|")
    if bar and not composite.startswith("^"):
        raise Gs1Error("SYMBOLOGY_DATA")
    second = _ais(composite, known) if bar else ""
    if symbology is Symbology.ITF14 and bar:
        raise Gs1Error("SYMBOLOGY_DATA")
    if symbology in _PRIMARY:
        pad = "0" if symbology in (Symbology.UPCA, Symbology.UPCE) else ""
        identifier = {Symbology.EAN8: "E4", Symbology.ITF14: "I1"}.get(symbology, "E0")
        tail = f"|{_COMPOSITE}{second}" if bar else ""
        return f"]{identifier}{pad}{_primary(linear, _PRIMARY[symbology])}{tail}"
    if symbology in (Symbology.DATABAR, Symbology.DATABAR_LIMITED):
        gtin = _primary(linear, 14)
        if symbology is Symbology.DATABAR_LIMITED and gtin > "19999999999999":
            raise Gs1Error("PRIMARY_TOO_LARGE")
        return f"{_COMPOSITE}01{gtin}{second}"
    if not linear.startswith("^"):
        raise Gs1Error("SYMBOLOGY_DATA")
    identifier = "]C1" if symbology is Symbology.GS1_128 and not bar else _COMPOSITE
    return f"{identifier}{_ais(linear, known)}{_separator(linear, known) if bar else ''}{second}"


def _ais(data: str, known: Dictionary) -> str:
    parse_data_string(data, Options(combinations=False), known)
    return data[1:].replace("^", GS)


def _separator(linear: str, known: Dictionary) -> str:
    """Between the last AI of the linear component and the composite one, if its length is not predefined."""
    last = parse_data_string(linear, Options(combinations=False), known)[-1]
    return GS if known.entries[last.ai].fnc1 and not linear.endswith("^") else ""


def _plain(data: str, known: Dictionary) -> str:
    if data.startswith(_SCHEMES):
        parse_link(data, Options(combinations=False), known)
    return data[1:] if data.lstrip("\\").startswith("^") else data


def _primary(data: str, length: int) -> str:
    """The digits of the primary message; a GTIN behind (01) loses the zeros that the symbology has no room for."""
    lead = "^01" + "0" * (14 - length)
    digits = data.removeprefix(lead)
    _check_primary(digits, length)
    return digits
