"""Prices by quantity, so that packages of different sizes can be compared (contract: guides, compare-products)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from closient_gql.core.money import MINOR_UNITS, Money
from resolvers.products.quantities import net_content_of

GRAMS = {"MGM": "0.001", "GRM": "1", "KGM": "1000", "ONZ": "28.349523125", "LBR": "453.59237"}
MILLILITRES = {"MLT": "1", "CLT": "10", "DLT": "100", "LTR": "1000", "OZA": "29.5735295625", "GLL": "3785.411784",
               "PTL": "473.176473", "QTL": "946.352946"}  # fmt: skip
"""Measures of the United States where there are several. Codes of UN/ECE Recommendation 20."""
PIECES = {"H87": "1"}
MEASURES = (("100 g", 100, GRAMS), ("100 ml", 100, MILLILITRES), ("1 piece", 1, PIECES))


@dataclass(frozen=True)
class UnitPrice:
    """What so much of a product costs: `per` is 100 g, 100 ml or 1 piece."""

    price: Money
    per: str


def content_of(product: Any) -> tuple[float, str] | None:
    """Net content and the code of its unit: as it is stored, else as the package states it."""
    if product.net_content_value and product.net_content_uom:
        return product.net_content_value, product.net_content_uom
    return net_content_of(product.net_content)


def unit_price(price: Money | None, content: tuple[float, str] | None) -> UnitPrice | None:
    """None: price or content is not known, or the unit is no measure of weight, volume or number."""
    if price is None or content is None:
        return None
    value, code = content
    for per, size, units in MEASURES:
        if code in units and (base := Decimal(str(value)) * Decimal(units[code])) > 0:
            digits = MINOR_UNITS.get(price.currency, 2)
            amount = (price.amount * size / base).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
            return UnitPrice(Money(amount, price.currency), per)
    return None
