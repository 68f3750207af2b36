"""The linters of the GS1 Barcode Syntax Dictionary: each looks at one component of a value and says what is wrong.

A linter takes the component and gives None, or the first Fault. Names, codes and places are those of the reference
tests of the dictionary. `LINTERS` has all of them by name; a dictionary may use any.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Literal

from closient_gql.core.gs1 import checks, codes, coupons
from closient_gql.core.gs1.errors import Fault

Linter = Callable[[str], Fault | None]
Lookup = Callable[[str], Literal["valid", "invalid", "offline"]]
SHORTEST_PREFIX = 4  # digits of a GS1 Company Prefix
_NON_DIGIT = re.compile("[^0-9]")


def _whole(code: str, value: str) -> Fault:
    return Fault(code, 0, len(value))


def digits(value: str) -> Fault | None:
    """`csetnumeric`: digits 0 to 9 only; those of other scripts are none."""
    found = _NON_DIGIT.search(value)
    return Fault("NON_DIGIT_CHARACTER", found.start(), found.end()) if found else None


def _alphabet(characters: str, code: str) -> Linter:
    other = re.compile(f"[^{re.escape(characters)}]").search

    def lint(value: str) -> Fault | None:
        found = other(value)
        return Fault(code, found.start(), found.end()) if found else None

    return lint


CSET39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CSET64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
cset82 = _alphabet(checks.CSET82, "INVALID_CSET82_CHARACTER")
cset39 = _alphabet(CSET39, "INVALID_CSET39_CHARACTER")
_base64 = _alphabet(CSET64, "INVALID_CSET64_CHARACTER")


def cset64(value: str) -> Fault | None:
    """URI-safe base 64. Padding is optional; where there is some, the length is a multiple of three."""
    body = value.rstrip("=")
    padding = len(value) - len(body)
    if padding > 2 or (padding and len(value) % 3):
        return Fault("INVALID_CSET64_PADDING", len(body), len(value))
    return _base64(body)


def csum(value: str) -> Fault | None:
    """The last digit is the check digit of the others."""
    if not value:
        return _whole("TOO_SHORT_FOR_CHECK_DIGIT", value)
    if fault := digits(value):
        return fault
    return None if checks.check_digit_fits(value) else Fault("INCORRECT_CHECK_DIGIT", len(value) - 1, len(value))


def csumalpha(value: str) -> Fault | None:
    """The last two characters are the check characters of the others."""
    if len(value) < 2:
        return _whole("TOO_SHORT_FOR_CHECK_PAIR", value)
    if len(value) > checks.LONGEST_PAIRED:
        return _whole("TOO_LONG_FOR_CHECK_PAIR_IMPLEMENTATION", value)
    body, pair = value[:-2], value[-2:]
    if fault := cset82(body):
        return fault
    return None if checks.check_pair(body) == pair else Fault("INCORRECT_CHECK_PAIR", len(body), len(value))


def prefix_linter(lookup: Lookup | None = None, offset: int = 0) -> Linter:
    """`gcppos1`, and with offset 1 `gcppos2`: a GS1 Company Prefix begins here.

    Without a lookup only the form is known: at least four digits. A lookup is asked for the value from there on.
    """

    def lint(value: str) -> Fault | None:
        rest = value[offset:]
        if len(rest) < SHORTEST_PREFIX:
            return Fault("TOO_SHORT_FOR_GCP", offset if rest else 0, len(value))
        if found := _NON_DIGIT.search(rest[:SHORTEST_PREFIX]):
            return Fault("INVALID_GCP_PREFIX", found.start() + offset, found.end() + offset)
        known = lookup(rest) if lookup else "valid"
        if known == "valid":
            return None
        code = "GCP_DATASOURCE_OFFLINE" if known == "offline" else "INVALID_GCP_PREFIX"
        return Fault(code, offset, len(value))

    return lint


def hasnondigit(value: str) -> Fault | None:
    return None if _NON_DIGIT.search(value) else _whole("REQUIRES_NON_DIGIT_CHARACTER", value)


def importeridx(value: str) -> Fault | None:
    if len(value) != 1:
        return _whole("IMPORTER_IDX_MUST_BE_ONE_CHARACTER", value)
    return None if value in CSET64 else _whole("INVALID_IMPORT_IDX_CHARACTER", value)


def nonzero(value: str) -> Fault | None:
    return digits(value) or (None if value.strip("0") else _whole("ILLEGAL_ZERO_VALUE", value))


def nozeroprefix(value: str) -> Fault | None:
    return Fault("ILLEGAL_ZERO_PREFIX", 0, 1) if value[:1] == "0" else digits(value)


def zero(value: str) -> Fault | None:
    return None if value and not value.strip("0") else _whole("NOT_ZERO", value)


def hyphen(value: str) -> Fault | None:
    return None if value and not value.strip("-") else _whole("NOT_HYPHEN", value)


def _one_of(allowed: frozenset[str], code: str) -> Linter:
    def lint(value: str) -> Fault | None:
        return None if value in allowed else _whole(code, value)

    return lint


def iban(value: str) -> Fault | None:
    """An International Bank Account Number (ISO 13616-1), by its country, characters and check digits."""
    if len(value) <= 10:
        return _whole("IBAN_TOO_SHORT", value)
    if len(value) > 34:
        return _whole("IBAN_TOO_LONG", value)
    if value[:2] not in codes.COUNTRY_LETTERS:
        return Fault("ILLEGAL_IBAN_COUNTRY_CODE", 0, 2)
    if found := re.compile("[^0-9A-Z]").search(value, 2):
        return Fault("INVALID_IBAN_CHARACTER", found.start(), found.end())
    return None if checks.iban_fits(value) else Fault("INCORRECT_IBAN_CHECKSUM", 2, 4)


def days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


_ORDINARY_DAYS = frozenset(f"{m:02}{d:02}" for m in range(1, 13) for d in range(1, days_in(2001, m) + 1))
_MONTHS = frozenset(f"{m:02}00" for m in range(1, 13))


def full_year(yy: int, today: int | None = None) -> int:
    """The year of two digits: the one nearest to now, 49 years ahead to 50 back (General Specifications, 7.12)."""
    now = today or date.today().year
    year = now - now % 100 + yy
    if yy - now % 100 >= 51:
        return year - 100
    return year + 100 if yy - now % 100 <= -50 else year


def _date(length: int, day_zero: bool) -> Linter:
    """YYMMDD or YYYYMMDD; with day 00 for the whole month where `day_zero`."""

    ordinary = _ORDINARY_DAYS | _MONTHS if day_zero else _ORDINARY_DAYS

    def lint(value: str) -> Fault | None:
        if value[-4:] in ordinary and len(value) == length and value.isascii() and value.isdecimal():
            return None
        if len(value) != length:
            return _whole("DATE_TOO_SHORT" if len(value) < length else "DATE_TOO_LONG", value)
        if fault := digits(value):
            return fault
        year, month, day = int(value[:-4]), int(value[-4:-2]), int(value[-2:])
        if not 1 <= month <= 12:
            return Fault("ILLEGAL_MONTH", length - 4, length - 2)
        most = days_in(full_year(year) if length == 6 else year, month)
        if day > most or (day == 0 and not day_zero):
            return Fault("ILLEGAL_DAY", length - 2, length)
        return None

    return lint


def _two_digits(name: str, limit: int) -> Linter:
    def lint(value: str) -> Fault | None:
        if len(value) != 2:
            return _whole(f"{name}_TOO_{'SHORT' if len(value) < 2 else 'LONG'}", value)
        if fault := digits(value):
            return fault
        return _whole(f"ILLEGAL_{name}", value) if int(value) >= limit else None

    return lint


_hour, _minute, _second = _two_digits("HOUR", 24), _two_digits("MINUTE", 60), _two_digits("SECOND", 60)


def hhmi(value: str) -> Fault | None:
    if len(value) != 4:
        return _whole(f"HOUR_WITH_MINUTE_TOO_{'SHORT' if len(value) < 4 else 'LONG'}", value)
    if fault := digits(value) or _hour(value[:2]):
        return fault
    minute = _minute(value[2:])
    return minute.shifted(2) if minute else None


def _degrees(name: str, limit: int) -> Linter:
    """Ten digits: degrees from the pole or the antimeridian in units of 1e-7 (General Specifications, 3.5.10)."""

    def lint(value: str) -> Fault | None:
        if len(value) != 10:
            return _whole(f"{name}_INVALID_LENGTH", value)
        if fault := digits(value):
            return fault
        return _whole(f"INVALID_{name}", value) if int(value) > limit else None

    return lint


def pcenc(value: str) -> Fault | None:
    """A percent sign is followed by two hexadecimal digits."""
    found = re.search("%(?![0-9A-Fa-f]{2})", value)
    return Fault("INVALID_PERCENT_SEQUENCE", found.start(), min(found.start() + 3, len(value))) if found else None


def pieceoftotal(value: str) -> Fault | None:
    """The number of a piece and the number of pieces, both with as many digits."""
    half = len(value) // 2
    if not value or len(value) % 2:
        return _whole("INVALID_LENGTH_FOR_PIECE_OF_TOTAL", value)
    if fault := digits(value):
        return fault
    piece, total = value[:half], value[half:]
    if not piece.strip("0"):
        return Fault("ZERO_PIECE_NUMBER", 0, half)
    if not total.strip("0"):
        return Fault("ZERO_TOTAL_PIECES", half, len(value))
    return _whole("PIECE_NUMBER_EXCEEDS_TOTAL", value) if piece > total else None


def posinseqslash(value: str) -> Fault | None:
    """A position and the number of all, with a slash between them."""
    found = re.fullmatch("([0-9]+)/([0-9]+)", value)
    if not found:
        return _whole("POSITION_IN_SEQUENCE_MALFORMED", value)
    for group in (1, 2):
        if found[group][0] == "0":
            return Fault("ILLEGAL_ZERO_PREFIX", found.start(group), found.end(group))
    position, end = found[1], found[2]
    return _whole("POSITION_EXCEEDS_END", value) if (len(position), position) > (len(end), end) else None


gcppos1, gcppos2 = prefix_linter(), prefix_linter(offset=1)
yymmdd = _date(6, day_zero=False)


def couponcode(value: str) -> Fault | None:
    return coupons.coupon_code(value, gcppos1, yymmdd)


LINTERS: dict[str, Linter] = {
    "couponcode": couponcode, "couponposoffer": coupons.positive_offer, "cset39": cset39, "cset64": cset64,
    "cset82": cset82, "csetnumeric": digits, "csum": csum, "csumalpha": csumalpha, "gcppos1": gcppos1,
    "gcppos2": gcppos2, "hasnondigit": hasnondigit, "hh": _hour, "hhmi": hhmi, "hyphen": hyphen, "iban": iban,
    "importeridx": importeridx, "iso3166": _one_of(codes.COUNTRIES, "NOT_ISO3166"),
    "iso3166999": _one_of(codes.COUNTRIES | {"999"}, "NOT_ISO3166_OR_999"),
    "iso3166alpha2": _one_of(codes.COUNTRY_LETTERS, "NOT_ISO3166_ALPHA2"),
    "iso4217": _one_of(codes.CURRENCIES, "NOT_ISO4217"),
    "iso5218": _one_of(frozenset("0129"), "INVALID_BIOLOGICAL_SEX_CODE"),
    "latitude": _degrees("LATITUDE", 1_800_000_000), "longitude": _degrees("LONGITUDE", 3_600_000_000),
    "mediatype": _one_of(codes.MEDIA_TYPES, "INVALID_MEDIA_TYPE"), "mi": _minute, "nonzero": nonzero,
    "nozeroprefix": nozeroprefix, "packagetype": _one_of(codes.PACKAGE_TYPES, "INVALID_PACKAGE_TYPE"), "pcenc": pcenc,
    "pieceoftotal": pieceoftotal, "posinseqslash": posinseqslash, "ss": _second,
    "winding": _one_of(frozenset("019"), "INVALID_WINDING_DIRECTION"),
    "yesno": _one_of(frozenset("01"), "NOT_ZERO_OR_ONE"), "yymmd0": _date(6, day_zero=True), "yymmdd": yymmdd,
    "yyyymmd0": _date(8, day_zero=True), "yyyymmdd": _date(8, day_zero=False), "zero": zero,
}  # fmt: skip
