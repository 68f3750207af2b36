"""Countries (ISO 3166-1 alpha-2) and currencies (ISO 4217), by form."""

import re
from typing import NewType

Country = NewType("Country", str)
Currency = NewType("Currency", str)


def parse_country(value: object) -> Country:
    """Two letters, in capitals.

    Raises:
        ValueError: it is not that.
    """
    if not isinstance(value, str) or not re.fullmatch("[A-Za-z]{2}", value):
        raise ValueError("must be a country code of two letters (ISO 3166-1 alpha-2)")
    return Country(value.upper())


def parse_currency(value: object) -> Currency:
    """Three letters, in capitals.

    Raises:
        ValueError: it is not that.
    """
    if not isinstance(value, str) or not re.fullmatch("[A-Za-z]{3}", value):
        raise ValueError("must be a currency code of three letters (ISO 4217)")
    return Currency(value.upper())
