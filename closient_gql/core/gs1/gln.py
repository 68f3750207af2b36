"""GLNs: Global Location Numbers of 13 digits (GS1 General Specifications, sections 2.4 and 7.9)."""

import re
from typing import NewType

from closient_gql.core.gs1.gtin import check_digit

Gln = NewType("Gln", str)
"""A GLN of 13 digits, its check digit verified."""

_SEPARATORS = re.compile(r"[ \t\u00a0-]")


def parse_gln(value: object) -> Gln:
    """The GLN that `value` says; spaces and hyphens between the digits are passed over.

    Raises:
        ValueError: it is no text of 13 digits, or its check digit is wrong; the message says which it should be.
    """
    digits = _SEPARATORS.sub("", value) if isinstance(value, str) and len(value) <= 40 else ""
    if not re.fullmatch("[0-9]{13}", digits):
        raise ValueError("must be a GLN of 13 digits, written as a string")
    right = check_digit(digits[:-1])
    if digits[-1] != right:
        raise ValueError(f"has a wrong check digit: {digits[:-1]} is followed by {right}, not by {digits[-1]}")
    return Gln(digits)
