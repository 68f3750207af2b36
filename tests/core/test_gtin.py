"""GTINs: every form in, 14 digits out, nothing guessed."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_gql.core.gs1.gtin import CheckDigitError, GtinError, check_digit, parse_code, parse_gtin, upc_e

BODIES = st.sampled_from([7, 11, 12, 13]).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n))


@pytest.mark.parametrize(
    ("body", "digit"),
    [
        ("629104150021", "3"),  # the worked example of the General Specifications
        ("400638133393", "1"),
        ("03600029145", "2"),
        ("9638507", "4"),
        ("0950600013435", "2"),
        ("0000000000000", "0"),
    ],
)
def test_check_digits(body: str, digit: str) -> None:
    assert check_digit(body) == digit


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("4006381333931", "04006381333931"),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("09506000134352", "09506000134352"),
        ("400-6381 333931", "04006381333931"),
        ("4\u00a0006381333931", "04006381333931"),
    ],
)
def test_every_form_is_read_as_14_digits(text: str, gtin: str) -> None:
    assert parse_gtin(text) == gtin


@pytest.mark.parametrize(
    "text",
    ["", "123", "400638133393", "40063813339311", "4006381333931a", "٤٠٠٦٣٨١٣٣٣٩٣١",
     "\uff14006381333931", "4006381333931\n", "\x004006381333931", "4006381333931" + " " * 40, None, 4006381333931,
     ["4006381333931"], "123456789"],
)  # fmt: skip
def test_what_is_no_gtin(text: object) -> None:
    with pytest.raises(GtinError):
        parse_gtin(text)


def test_a_wrong_check_digit_says_the_right_one() -> None:
    with pytest.raises(CheckDigitError, match="400638133393 is followed by 1, not by 2"):
        parse_gtin("4006381333932")


@given(BODIES)
def test_the_right_check_digit_is_the_only_one(body: str) -> None:
    right = check_digit(body)
    assert parse_gtin(body + right) == (body + right).zfill(14)
    for wrong in set("0123456789") - {right}:
        with pytest.raises(CheckDigitError):
            parse_gtin(body + wrong)


@given(BODIES, st.integers(min_value=0, max_value=12))
def test_one_wrong_digit_is_always_found(body: str, place: int) -> None:
    whole = body + check_digit(body)
    place %= len(body)
    changed = whole[:place] + str((int(whole[place]) + 1) % 10) + whole[place + 1 :]
    with pytest.raises(CheckDigitError):
        parse_gtin(changed)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(GtinError):
        assert len(parse_code(text)) == 14


@pytest.mark.parametrize(
    "code",
    ["https://id.gs1.org/01/09506000134352", "HTTPS://ID.GS1.ORG/01/09506000134352/10/ABC1/21/12?17=201225",
     "http://example.com/some/path/01/9506000134352/", " https://example.org/01/09506000134352#part ",
     "https://id.gs1.org/01/0950600013%34352", "09506000134352", "https://a.b/my%20shop/01/09506000134352?q=a%20b",
     "https://id.gs1.org/01/09506000134352/10/%2F01%2F04006381333931"],
)  # fmt: skip
def test_digital_links(code: str) -> None:
    assert parse_code(code) == "09506000134352"


@pytest.mark.parametrize(
    "code",
    ["https://id.gs1.org/02/09506000134352", "https://id.gs1.org/", "ftp://id.gs1.org/01/09506000134352",
     "https://id.gs1.org/01/0950600013435x", "id.gs1.org/01/09506000134352", "/01/09506000134352",
     "https://id.gs1.org/01/09506000134352" + "x" * 2000, "//", "https://id.gs1.org/01/123"],
)  # fmt: skip
def test_addresses_without_a_gtin(code: str) -> None:
    with pytest.raises(GtinError):
        parse_code(code)


def test_a_digital_link_with_a_wrong_check_digit() -> None:
    with pytest.raises(CheckDigitError):
        parse_code("https://id.gs1.org/01/09506000134353")


@pytest.mark.parametrize(
    ("digits", "gtin"),
    [("04252614", "042100005264"), ("01234531", "012300000451"), ("01234543", "012340000053"),
     ("01234558", "012345000058"), ("04252615", None), ("14252614", None), ("0425261", None)],
)  # fmt: skip
def test_the_digits_of_a_upc_e_symbol(digits: str, gtin: str | None) -> None:
    assert upc_e(digits) == gtin


def test_what_may_be_a_upc_e_is_said_and_not_guessed() -> None:
    with pytest.raises(
        CheckDigitError, match=r"not by 4; if it was read from a UPC-E symbol, its GTIN is 042100005264$"
    ):
        parse_gtin("04252614")
