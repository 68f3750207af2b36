"""Coupon codes of North America, as carried by AIs (8110) and (8112).

Sources: North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols; GS1 AI (8112) Coupon Data
Specification. Codes are fields of digits; a length indicator (VLI) before a field says how many digits it has.
"""

import re
from collections.abc import Callable

from closient_gql.core.gs1.errors import Fault

_NON_DIGIT = re.compile("[^0-9]")
Check = Callable[[str], Fault | None]


class _Stop(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class _Reader:
    """Goes over the digits; stops at the first field that is not right."""

    def __init__(self, value: str) -> None:
        self.value, self.at, self.end = value, 0, len(value)

    def fail(self, code: str, start: int, end: int) -> None:
        raise _Stop(Fault(f"COUPON_{code}", start, end))

    def option(self, digit: str) -> bool:
        """Whether the optional field of this number comes next; its number is then passed over."""
        if self.value[self.at : self.at + 1] != digit:
            return False
        self.at += 1
        return True

    def digit(self, allowed: str, missing: str, invalid: str = "") -> int:
        """One digit out of `allowed`."""
        if self.at == self.end:
            self.fail(missing, 0, self.end)
        found = self.value[self.at]
        if found not in allowed:
            self.fail(invalid, self.at, self.at + 1)
        self.at += 1
        return int(found)

    def take(self, count: int, truncated: str) -> str:
        """A field of so many digits. If nothing of it is there, the code is wrong as a whole."""
        if self.end - self.at < count:
            self.fail(truncated, self.at if self.at < self.end else 0, self.end)
        self.at += count
        return self.value[self.at - count : self.at]

    def field(self, name: str, allowed: str, more: int = 0) -> str:
        """A field behind its length indicator: that many digits and `more`."""
        count = self.digit(allowed, f"MISSING_{name}_VLI", f"INVALID_{name}_LENGTH") + more
        return self.take(count, f"TRUNCATED_{name}")

    def prefix(self, name: str, allowed: str, check: Check) -> None:
        """A GS1 Company Prefix behind its length indicator; 9 stands for: the same as that of the first purchase."""
        if "9" in allowed and self.value[self.at : self.at + 1] == "9":
            self.at += 1
            return
        found = self.field(name, allowed, 6)
        if fault := check(found):
            raise _Stop(Fault(fault.code, self.at - len(found), self.at))

    def date(self, name: str, check: Check) -> str:
        found = self.take(6, f"TOO_SHORT_FOR_{name}_DATE")
        if check(found):
            spelt = "EXIPIRATION" if name == "EXPIRATION" else name  # so in the reference
            self.fail(f"INVALID_{spelt}_DATE", self.at - 6, self.at)
        return found

    def finish(self) -> None:
        if self.at != self.end:
            self.fail("EXCESS_DATA", self.at, self.end)


def _run(value: str, read: Callable[[_Reader], None]) -> Fault | None:
    if found := _NON_DIGIT.search(value):
        return Fault("NON_DIGIT_CHARACTER", found.start(), found.end())
    try:
        read(_Reader(value))
    except _Stop as stop:
        return stop.fault
    return None


def coupon_code(value: str, prefix: Check, date: Check) -> Fault | None:
    """AI (8110). `prefix` and `date` lint a company prefix and a date YYMMDD."""

    def read(r: _Reader) -> None:
        r.prefix("GCP", "0123456", prefix)
        r.take(6, "TRUNCATED_OFFER_CODE")
        r.field("SAVE_VALUE", "12345")
        _purchase(r, "1ST")
        if r.option("1"):
            name = "ADDITIONAL_PURCHASE_RULES_CODE"
            r.digit("0123", f"MISSING_{name}", f"INVALID_{name}")
            _purchase(r, "2ND")
            r.prefix("2ND_PURCHASE_GCP", "01234569", prefix)
        if r.option("2"):
            _purchase(r, "3RD")
            r.prefix("3RD_PURCHASE_GCP", "01234569", prefix)
        _dates(r, date)
        if r.option("5"):
            r.field("SERIAL_NUMBER", "0123456789", 6)
        if r.option("6"):
            r.prefix("RETAILER_GCP_OR_GLN", "1234567", prefix)
        if r.option("9"):
            r.digit("01256", "MISSING_SAVE_VALUE_CODE", "INVALID_SAVE_VALUE_CODE")
            r.digit("012", "MISSING_SAVE_VALUE_APPLIES_TO_ITEM", "INVALID_SAVE_VALUE_APPLIES_TO_ITEM")
            r.digit("0123456789", "MISSING_STORE_COUPON_FLAG")
            r.digit("01", "MISSING_DONT_MULTIPLY_FLAG", "INVALID_DONT_MULTIPLY_FLAG")
        r.finish()

    return _run(value, read)


def _purchase(r: _Reader, nth: str) -> None:
    r.field(f"{nth}_PURCHASE_REQUIREMENT", "12345")
    name = f"{nth}_PURCHASE_REQUIREMENT_CODE"
    r.digit("012349", f"MISSING_{name}", f"INVALID_{name}")
    r.take(3, f"TRUNCATED_{nth}_PURCHASE_FAMILY_CODE")


def _dates(r: _Reader, check: Check) -> None:
    expires = r.date("EXPIRATION", check) if r.option("3") else None
    if r.option("4"):
        starts = r.date("START", check)
        if expires is not None and starts > expires:
            r.fail("EXPIRATION_BEFORE_START", r.at - 14, r.at)


def positive_offer(value: str) -> Fault | None:
    """AI (8112)."""

    def read(r: _Reader) -> None:
        r.digit("01", "MISSING_FORMAT_CODE", "INVALID_FORMAT_CODE")
        r.field("FUNDER", "0123456", 6)
        r.take(6, "TRUNCATED_OFFER_CODE")
        r.field("SERIAL_NUMBER", "0123456789", 6)
        r.finish()

    return _run(value, read)
