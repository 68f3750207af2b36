"""Countries (ISO 3166-1 alpha-2), their subdivisions (ISO 3166-2) and currencies (ISO 4217): those that there are."""

from functools import cache
from typing import NewType

import pycountry

Country = NewType("Country", str)
Currency = NewType("Currency", str)
Region = NewType("Region", str)

SHARED = frozenset(("XAF", "XCD", "XCG", "XOF", "XPF"))
"""Codes in X are metals, units of account and tests; these alone are money of several states."""


@cache
def countries() -> frozenset[str]:
    """Every country's code."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


@cache
def regions() -> frozenset[str]:
    """Every country's code, and those of its subdivisions."""
    return countries() | {part.code for part in pycountry.subdivisions}


@cache
def currencies() -> frozenset[str]:
    """Every currency's code."""
    codes = {currency.alpha_3 for currency in pycountry.currencies}
    return frozenset(code for code in codes if not code.startswith("X")) | (SHARED & codes)


def capitals(value: object, most: int) -> str:
    """The text in capitals; empty if it cannot be a code."""
    return value.upper() if isinstance(value, str) and len(value) <= most and value.isascii() else ""


def parse_country(value: object) -> Country:
    """A country's code, in capitals.

    Raises:
        ValueError: it is none.
    """
    code = capitals(value, 2)
    if code not in countries():
        raise ValueError("must be a country code, such as DE (ISO 3166-1 alpha-2)")
    return Country(code)


def parse_currency(value: object) -> Currency:
    """A currency's code, in capitals.

    Raises:
        ValueError: it is none.
    """
    code = capitals(value, 3)
    if code not in currencies():
        raise ValueError("must be a currency code, such as EUR (ISO 4217)")
    return Currency(code)


def parse_region(value: object) -> Region:
    """The code of a country, or of a subdivision of one, in capitals.

    Raises:
        ValueError: it is none.
    """
    code = capitals(value, 6)
    if code not in regions():
        raise ValueError("must be a country code, such as US, or that of a part of one, such as US-CA (ISO 3166)")
    return Region(code)
