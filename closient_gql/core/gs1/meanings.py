"""What a value means: the day, the amount with its unit or currency.

Sources: GS1 General Specifications, 3.4 (dates; day 00 is the last of the month), 3.6 (measures, prices: the last digit
of the AI says how many decimals there are), 7.12 (centuries). Units are codes of UN/ECE Recommendation 20.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from closient_gql.core.gs1.dictionary import Dictionary, default
from closient_gql.core.gs1.linters import days_in, full_year

UNITS = {
    "310": "KGM", "311": "MTR", "312": "MTR", "313": "MTR", "314": "MTK", "315": "LTR", "316": "MTQ", "320": "LBR",
    "321": "INH", "322": "FOT", "323": "YRD", "324": "INH", "325": "FOT", "326": "YRD", "327": "INH", "328": "FOT",
    "329": "YRD", "330": "KGM", "331": "MTR", "332": "MTR", "333": "MTR", "334": "MTK", "335": "LTR", "336": "MTQ",
    "337": "28", "340": "LBR", "341": "INH", "342": "FOT", "343": "YRD", "344": "INH", "345": "FOT", "346": "YRD",
    "347": "INH", "348": "FOT", "349": "YRD", "350": "INK", "351": "FTK", "352": "YDK", "353": "INK", "354": "FTK",
    "355": "YDK", "356": "APZ", "357": None, "360": "QTL", "361": "GLL", "362": "QTL", "363": "GLL", "364": "INQ",
    "365": "FTQ", "366": "YDQ", "367": "INQ", "368": "FTQ", "369": "YDQ", "394": "P1",
}  # fmt: skip
"""Units of measures, by the AI without its last digit. (357n) has ounces of weight or of volume: which is left open."""

_MONEY = {"390", "391", "392", "393", "395"}
_DATES = {"yymmdd", "yymmd0", "yyyymmdd", "yyyymmd0"}


class Meaning(NamedTuple):
    """What is known of a value; nothing of most.

    Attributes:
        day: the first date in it; None in the year 0000, which linters let through and no calendar has.
        amount: of a measure or of money.
        unit: of a measure: UN/ECE Recommendation 20; None where the AI leaves it open.
        currency: of money: ISO 4217, three digits; None where the AI leaves it open.
    """

    day: date | None = None
    amount: Decimal | None = None
    unit: str | None = None
    currency: str | None = None


def meaning(ai: str, value: str, dictionary: Dictionary | None = None) -> Meaning:
    """The meaning of a value that is right."""
    kind = ai[:3]
    if len(ai) == 4 and kind in UNITS:
        return Meaning(amount=_decimal(value, ai), unit=UNITS[kind])
    if len(ai) == 4 and kind in _MONEY:
        with_currency = kind in ("391", "393")
        amount = _decimal(value[3:] if with_currency else value, ai)
        return Meaning(amount=amount, currency=value[:3] if with_currency else None)
    entry = (dictionary or default()).entries.get(ai)
    first = entry.components[0] if entry else None
    if first and not _DATES.isdisjoint(first.linters):
        return Meaning(day=_day(value[: first.longest]))
    return Meaning()


def _decimal(digits: str, ai: str) -> Decimal:
    return Decimal(digits).scaleb(-int(ai[3]))


def _day(text: str) -> date | None:
    year, month, day = int(text[:-4]), int(text[-4:-2]), int(text[-2:])
    year = full_year(year) if len(text) == 6 else year
    return date(year, month, day or days_in(year, month)) if year else None
