"""Amounts: exact, read from JSON numbers, shown with the digits of their currency."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_gql.core.bounds import bounds_of
from closient_gql.core.money import Amount, as_written, money
from schema.scalars import parse_decimal


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("5.9", "USD", "5.90"), ("5.9900", "USD", "5.99"), ("1.899", "EUR", "1.899"), ("0", "CHF", "0.00"),
     ("599.0000", "JPY", "599"), ("599.5", "JPY", "599.5"), ("1.25", "KWD", "1.250"), ("1200000", "VND", "1200000"),
     ("1E+3", "USD", "1000.00")],
)  # fmt: skip
def test_digits_of_the_currency(amount: str, currency: str, text: str) -> None:
    assert f"{as_written(Decimal(amount), currency):f}" == text
    assert money(None, currency) is None


@given(st.decimals(min_value=0, max_value=10**9, places=4), st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_it_stays_the_same_amount(amount: Decimal, currency: str) -> None:
    assert as_written(amount, currency) == amount


@pytest.mark.parametrize(
    ("said", "amount"), [(5.99, "5.99"), ("5.990", "5.990"), (7, "7"), (0.1, "0.1"), (1e22, "1E+22"), (" 3 ", "3")]
)
def test_a_number_is_what_it_says(said: Any, amount: str) -> None:
    assert str(parse_decimal(said)) == amount


@pytest.mark.parametrize(
    "said", [None, True, "", "x", "NaN", "Infinity", float("nan"), float("inf"), "1e999999", "1e-999", "9" * 41, [], {}]
)
def test_what_is_no_number(said: Any) -> None:
    with pytest.raises(ValueError, match="must be a decimal number"):
        parse_decimal(said)


@pytest.mark.parametrize(
    ("amount", "problem"),
    [("0", None), ("999999999999.9999", "must be at most 999999999999"), ("999999999999", None),
     ("-0.01", "must be at least 0"), ("0.0001", None), ("1.10000000", None),
     ("0.00001", "must have at most 4 digits behind the point")],
)  # fmt: skip
def test_bounds_of_amounts(amount: str, problem: str | None) -> None:
    assert bounds_of(Amount)[0].problem(Decimal(amount)) == problem
