"""Amounts of money, each in its currency; exact, never floating."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from closient_gql.core.bounds import Bounds, Doc

DECIMALS = 4
MOST = 10**12 - 1
_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
MINOR_UNITS = {currency: digits for digits, codes in _DIGITS.items() for currency in codes.split()}
"""Digits behind the point where they are not two (ISO 4217, table A.1: minor unit)."""

Amount = Annotated[
    Decimal,
    Bounds(minimum=0, maximum=MOST, decimals=DECIMALS),
    Doc("A bare number, such as 5.99, in the currency of the store."),
]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str


def as_written(amount: Decimal, currency: str) -> Decimal:
    """The amount with as many digits behind the point as its currency has, or more if it has more: 5.9 USD is 5.90,
    599.0000 JPY is 599, and 1.899 EUR of fuel stays that."""
    exponent = amount.normalize().as_tuple().exponent
    assert isinstance(exponent, int)  # it is finite
    return amount.quantize(Decimal(1).scaleb(min(exponent, -MINOR_UNITS.get(currency, 2))))


def money(amount: Decimal | None, currency: str) -> Money | None:
    """Both together; None: unknown."""
    return None if amount is None else Money(as_written(amount, currency), currency)
