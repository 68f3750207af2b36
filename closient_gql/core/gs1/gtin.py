"""GTINs: read in any of their forms, held as 14 digits (GS1 General Specifications, sections 3.3.2 and 7.9)."""

import re
from typing import NewType
from urllib.parse import unquote

from closient_gql.core.gs1.checks import check_digit, gtin14_fits

__all__ = ["CheckDigitError", "Gtin", "GtinError", "check_digit", "parse_code", "parse_gtin"]

Gtin = NewType("Gtin", str)
"""A GTIN of 14 digits, zeros padded on the left, its check digit verified."""

_DIGITS = re.compile(r"[0-9]{8}|[0-9]{12,14}")
_SEPARATORS = re.compile(r"[ \t\u00a0-]")
_DIGITAL_LINK = re.compile(
    r"https?://[^/?#\s]+(?:/[^?#\s]*)?/01/(?P<gtin>(?:[0-9]|%3[0-9]){8,14})(?:[/?#]\S*)?", re.IGNORECASE
)
_LONGEST = 2_000  # of a Digital Link URI; longer ones are not read at all


class GtinError(ValueError):
    """The text is no GTIN. The message says why, in words for the person who typed it."""


class CheckDigitError(GtinError):
    """The text has the form of a GTIN, but its last digit does not fit the others."""


def parse_gtin(value: object) -> Gtin:
    """The GTIN-14 that `value` says: 8, 12, 13 or 14 digits; spaces and hyphens between them are passed over.

    Raises:
        GtinError: it is not a text, or has other characters or another number of digits.
        CheckDigitError: its check digit is wrong; the message says which it should be.
    """
    if isinstance(value, str) and len(value) == 14 and gtin14_fits(value):
        return Gtin(value)
    if not isinstance(value, str):
        raise GtinError("must be a GTIN written as a string of 8, 12, 13 or 14 digits")
    digits = _SEPARATORS.sub("", value) if len(value) <= 40 else ""
    if not _DIGITS.fullmatch(digits):
        raise GtinError("must be a GTIN of 8, 12, 13 or 14 digits")
    right = check_digit(digits[:-1])
    if digits[-1] != right:
        wrong = f"has a wrong check digit: {digits[:-1]} is followed by {right}, not by {digits[-1]}"
        upc = upc_e(digits)
        raise CheckDigitError(f"{wrong}; if it was read from a UPC-E symbol, its GTIN is {upc}" if upc else wrong)
    return Gtin(digits.zfill(14))


def upc_e(digits: str) -> str | None:
    """The GTIN-12 that a UPC-E symbol with these eight digits stands for (General Specifications, 5.2.2.4.2).

    None where no such symbol has these digits. Eight digits can be a GTIN-8 as well: nothing here decides which.
    """
    if not re.fullmatch("0[0-9]{7}", digits):
        return None
    body, last = digits[1:6], digits[6]
    if last in "012":
        item = f"{body[:2]}{last}0000{body[2:]}"
    elif last in "34":
        cut = int(last)
        item = f"{body[:cut]}00000{body[cut:]}"
    else:
        item = f"{body}0000{last}"
    upc = f"0{item}{digits[7]}"
    return upc if check_digit(upc[:-1]) == upc[-1] else None


def parse_code(value: str) -> Gtin:
    """The GTIN in a code as people have it: a GTIN in any form, or an uncompressed GS1 Digital Link URI with `/01/`.

    Raises:
        GtinError, CheckDigitError: as `parse_gtin`; also for an address that has no GTIN.
    """
    text = value.strip()
    if "/" not in text:
        return parse_gtin(text)
    found = _DIGITAL_LINK.fullmatch(text) if len(text) <= _LONGEST else None
    if not found:
        raise GtinError("must be a GTIN, or a GS1 Digital Link URI with /01/ and a GTIN")
    return parse_gtin(unquote(found["gtin"]))  # alone: what is encoded elsewhere is no part of the path's structure
