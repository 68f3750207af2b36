"""Reads GS1 data of whatever form: what people paste, what scanners send, what other systems call an identifier."""

from enum import StrEnum
from typing import NamedTuple

from closient_gql.core.gs1.compression import parse_link
from closient_gql.core.gs1.dictionary import Dictionary
from closient_gql.core.gs1.digital_link import DigitalLink
from closient_gql.core.gs1.elements import (
    GS,
    STRICT,
    Element,
    Elements,
    Options,
    parse_bracketed,
    parse_data_string,
    parse_element_string,
)
from closient_gql.core.gs1.epc import parse_urn
from closient_gql.core.gs1.errors import Gs1Error
from closient_gql.core.gs1.gtin import CheckDigitError, GtinError, parse_gtin
from closient_gql.core.gs1.scan import Symbology, parse_scan

LONGEST = 8_000  # characters; the longest URI of one AI of each kind is shorter


class Form(StrEnum):
    """Forms that GS1 data is written in."""

    BRACKETED = "bracketed"
    ELEMENT_STRING = "element_string"
    DIGITAL_LINK = "digital_link"
    COMPRESSED_LINK = "compressed_link"
    EPC_URN = "epc_urn"
    SCAN = "scan"
    GTIN = "gtin"


class Reading(NamedTuple):
    """What a text says.

    Attributes:
        form: how it is written.
        elements: its AIs; empty for a scan of other text.
        link: the Digital Link URI, if it is one.
        symbology: of a scan.
    """

    form: Form
    elements: Elements
    link: DigitalLink | None = None
    symbology: Symbology | None = None


def read(text: str, options: Options = STRICT, dictionary: Dictionary | None = None) -> Reading:
    """Reads GS1 data; the form shows in how it begins.

    Bare digits of a GTIN's length are one, or wrong: a mistyped 4006381333932 is not read as an order number (400).
    An element string of that length is told from it by FNC1 in front (GS or ^), or by brackets.

    Raises:
        Gs1Error: it is of no form, or not right.
    """
    if len(text) > LONGEST:
        raise Gs1Error("TOO_LONG_TEXT")
    if not text:
        raise Gs1Error("EMPTY")
    if text[0] == "]":
        scan = parse_scan(text, options, dictionary)
        return Reading(Form.SCAN, scan.elements, scan.link, scan.symbology)
    if text[0] == "(":
        return Reading(Form.BRACKETED, parse_bracketed(text, options, dictionary))
    if text.startswith("urn:"):
        return Reading(Form.EPC_URN, parse_urn(text, dictionary))
    if text[:4].lower() == "http":
        link, compressed = parse_link(text, options, dictionary)
        return Reading(Form.COMPRESSED_LINK if compressed else Form.DIGITAL_LINK, link.elements, link)
    if text[0] == "^":
        return Reading(Form.ELEMENT_STRING, parse_data_string(text, options, dictionary))
    if text[0] != GS and not (text[0].isascii() and text[0].isdecimal()):
        raise Gs1Error("FORM_UNKNOWN", start=0, end=1)
    return _read_digits(text, options, dictionary)


def _read_digits(text: str, options: Options, dictionary: Dictionary | None) -> Reading:
    try:
        return Reading(Form.GTIN, (Element("01", parse_gtin(text)),))
    except CheckDigitError as error:
        if "-" not in text:  # which a value may contain
            last = len(text.rstrip())
            raise Gs1Error("INCORRECT_CHECK_DIGIT", f"As a GTIN it {error}.", start=last - 1, end=last) from None
    except GtinError:
        pass
    return Reading(Form.ELEMENT_STRING, parse_element_string(text, options, dictionary))
