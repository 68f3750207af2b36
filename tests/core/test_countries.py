"""Countries, their parts, currencies: those that there are."""

from collections.abc import Callable
from typing import Any

import pytest

from closient_gql.core.countries import parse_country, parse_currency, parse_region


@pytest.mark.parametrize(
    ("parse", "given", "code"),
    [(parse_country, "de", "DE"), (parse_country, "LI", "LI"), (parse_currency, "chf", "CHF"),
     (parse_currency, "XOF", "XOF"), (parse_region, "us", "US"), (parse_region, "us-md", "US-MD"),
     (parse_region, "GB-ENG", "GB-ENG"), (parse_region, "LI-07", "LI-07")],
)  # fmt: skip
def test_known(parse: Callable[[Any], str], given: str, code: str) -> None:
    assert parse(given) == code


@pytest.mark.parametrize(
    ("parse", "given"),
    [(parse_country, each) for each in ("XX", "UK", "USA", "D", "", "\u0131e", None, 1, "de ")]
    + [(parse_currency, each) for each in ("XXX", "XTS", "XAU", "ZZZ", "DEM", "EU", "euro", None, 978)]
    + [(parse_region, each) for each in ("US-ZZ", "XX-MD", "US-", "US-MDX", "", None, "US_MD")],
)
def test_unknown(parse: Callable[[Any], str], given: object) -> None:
    with pytest.raises(ValueError, match=r"must be a (country|currency) code"):
        parse(given)
