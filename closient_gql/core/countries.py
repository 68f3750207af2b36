"""Countries (ISO 3166-1 alpha-2), their subdivisions (ISO 3166-2) and currencies (ISO 4217): those that there are."""

from collections.abc import Mapping
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


COMMON_NAMES = {"uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "usa": "US", "america": "US",
                "holland": "NL", "south korea": "KR", "russia": "RU", "ivory coast": "CI", "turkey": "TR"}  # fmt: skip
"""What countries are called and ISO 3166 does not list."""


@cache
def country_names() -> Mapping[str, str]:
    """Their codes by their English names, in lower case."""
    return COMMON_NAMES | {
        name.lower(): country.alpha_2
        for country in pycountry.countries
        for name in (country.name, getattr(country, "common_name", country.name))
    }


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
