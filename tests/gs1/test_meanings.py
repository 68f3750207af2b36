"""What values mean: days, measures, money."""

from datetime import date
from decimal import Decimal

import pytest

from closient_gql.core.gs1 import Options, check_elements, meaning
from closient_gql.core.gs1.meanings import UNITS
from tests.gs1.data import ENTRIES


@pytest.mark.parametrize(
    ("ai", "value", "expected"),
    [
        ("17", "260200", (date(2026, 2, 28), None, None, None)),
        ("7003", "2802292359", (date(2028, 2, 29), None, None, None)),
        ("7250", "19991231", (date(1999, 12, 31), None, None, None)),
        ("3103", "000195", (None, Decimal("0.195"), "KGM", None)),
        ("3200", "000007", (None, Decimal(7), "LBR", None)),
        ("3932", "9781299", (None, Decimal("12.99"), None, "978")),
        ("3922", "1299", (None, Decimal("12.99"), None, None)),
        ("3941", "0125", (None, Decimal("12.5"), "P1", None)),
        ("10", "260200", (None, None, None, None)),
        ("7250", "00000101", (None, None, None, None)),  # a year that no calendar has
        ("3571", "000125", (None, Decimal("12.5"), None, None)),  # ounces of weight, or of volume
    ],
)
def test_meanings(ai: str, value: str, expected: tuple[object, ...]) -> None:
    check_elements([(ai, value)], Options(combinations=False))
    assert meaning(ai, value) == expected


def test_every_measure_has_a_unit() -> None:
    measures = {ai[:3] for ai in ENTRIES if len(ai) == 4 and ai[:2] in ("31", "32", "33", "34", "35", "36")}
    assert measures | {"394"} == set(UNITS)
