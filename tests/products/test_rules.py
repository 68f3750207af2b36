"""Bulk look-up: what a code alone says."""

import pytest

from resolvers.products.lookup import LookupStatus, ProductLookup, read_code


@pytest.mark.parametrize(
    ("code", "status", "gtin"),
    [
        ("96385074", LookupStatus.UNKNOWN, "00000096385074"),
        ("036000291452", LookupStatus.UNKNOWN, "00036000291452"),
        ("https://id.gs1.org/01/09506000134352/10/A1", LookupStatus.UNKNOWN, "09506000134352"),
        ("96385075", LookupStatus.INVALID_CHECK_DIGIT, None),
        ("https://id.gs1.org/01/09506000134353", LookupStatus.INVALID_CHECK_DIGIT, None),
        ("hello", LookupStatus.INVALID, None),
        ("", LookupStatus.INVALID, None),
    ],
)
def test_codes(code: str, status: LookupStatus, gtin: str | None) -> None:
    found = read_code(code)
    assert (found.code, found.status, found.gtin, found.product) == (code, status, gtin, None)
    assert bool(found.message) == (status not in (LookupStatus.UNKNOWN, LookupStatus.FOUND))


def test_a_lookup_compares_by_value() -> None:
    assert read_code("96385074") == ProductLookup("96385074", LookupStatus.UNKNOWN, read_code("96385074").gtin)
