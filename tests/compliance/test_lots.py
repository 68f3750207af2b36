"""Lots as recall notices word them: which are covered, and which are not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.compliance.lots import LotError, Lots, read

CASES: list[tuple[Any, str, str]] = [  # what the recall says, lots that it covers, lots that it does not
    # the contract's three shapes
    (["ABC123", "abc124"], "ABC123 abc123 Abc124", "ABC12 ABC1234 ABC125"),
    ({"exacts": ["X1"], "ranges": [["100", "120"]]}, "x1 100 110 120", "X2 099 121 1100 10A 0100 11"),
    ({"ranges": [["L098", "L102"]]}, "L098 l099 L100 L102", "L097 L103 L0A1 M100 L1000"),
    ({"prefixes": ["L23"]}, "L23 L2301 l239", "L22 XL23"),
    ({"exacts": []}, "", "A 1"),
    ([], "", "A 1"),
    ("", "", "A 1"),
    (["L23*", "?9Z"], "L23 L2399 A9Z", "L2 9Z AA9Z"),
    (["130-140", "A through C"], "130-140 130 135 140 a B C", "129 141 13A D AB"),
    (["Lot 77", "AB 12"], "77 AB12", "78 LOT"),
    # ranges in words
    ("lots A through B", "A B a", "C AB LOTS THROUGH"),
    ("LOTS A THROUGH C", "A B C", "D LOTS"),
    ("lots a thru c", "A b C", "D"),
    ("Lots AA to AD", "AA AB AD", "AE A B"),
    ("lot numbers 123, 124 and 130-140", "123 124 130 135 140", "125 129 141 13A 1300 AND"),
    ("LOT NUMBERS 123, 124 AND 130-140", "123 124 130 135 140", "125 129 141 AND NUMBERS"),
    ("Lots 100 through 105", "100 103 105", "99 106 0100"),
    ("Lot 100 thru lot 105", "100 103 105", "099 106"),
    ("lots 1234 - 1240; 1250 \u2013 1252", "1234 1237 1240 1250 1251 1252", "1241 1249 1253"),
    ("Lot codes: 9035, 9036 -9040", "9035 9036 9038 9040", "9034 9041"),
    ("lots between 200 and 210", "200 205 210", "199 211"),
    ("batches numbered from B100 to B110 inclusive", "B100 B105 B110", "B111 C105 B1"),
    ("lots 0815 up to and including 0820", "0815 0818 0820", "0814 0821"),
    ("Lots L 1234 through L 1240", "L1234 L1237 1237 L1240", "L1241 1241"),
    ("lots 22-100 through 22-110", "22-100 22-105 22-110", "22-111 22105"),
    ("lots 300 and above", "300 301 999", "299 1000"),
    ("lots 300 or lower", "300 299 001", "301 29"),
    ("all lots through 450", "450 449 001", "451 4500"),
    ("lots 21001A - 21005A", "21001A 21003A 21005A", "21006A 210030"),
    # ends that make no range
    ("lots 99 through 105", "99 105", "100 104"),
    ("lots 140 through 130", "140 130", "135"),
    ("lot 22-123", "22-123", "22 123 22-124"),
    ("lots \uff11\uff12\uff13-\uff11\uff12\uff15", "", "123 124 125"),
    # lists
    (
        "Lot #: 69403A, 69403B, Exp 10/15; 69404A, 69405A, Exp 11/15",
        "69403A 69403B 69404A 69405A",
        "10/15 EXP 11/15 10",
    ),
    ("lot code 19250 or 19251", "19250 19251", "19252"),
    ("Lot number 092118S, oracle Item # 36948", "092118S", "36948 ORACLE"),
    ("Batch: 0004711598, Production date 04/26/2012, Iff Code 76185.", "0004711598", "76185 04/26/2012 26"),
    ("Manufacturing Lot Code:  2T330-04515-101", "2T330-04515-101", "2T330 04515 101"),
    ("Lots: 2A1; 2A2 / 2A3 & 2A4\n2A5 • 2A6 | 2A7", "2A1 2A2 2A3 2A4 2A5 2A6 2A7", "2A8"),
    ("Lot 123 (500 cases), Lot 124 (300 cases)", "123 124", "500 300"),
    ("Product (lot 123) and product (lot 124)", "123 124", "PRODUCT"),
    ("Lot(s): 123 & 124", "123 124", "S"),
    ("Lots 123, 124, and 125 sold in 2023 at 40 stores", "123 124 125", "2023 40"),
    ("Lots 123/124/125", "123 124 125", "126"),
    ("Lot No. 7741, Best By 12 JAN 2024, and Lot No. 7742, Best By 13 JAN 2024", "7741 7742", "12 2024 JAN 13"),
    ("LOT:ABC123;LOT:ABC124", "ABC123 ABC124", "LOT"),
    ("UPC 012345678905, lots 123 and 124", "123 124", "012345678905"),
    ("Lot 123, UPC 012345678905", "123", "012345678905 UPC"),
    ("lot codes “K8A1” and 'K8A2'", "K8A1 K8A2", "K8A3"),
    ("The following lots are affected: 55A, 55B.", "55A 55B", "THE AFFECTED"),
    ("Lots 501 502 503", "501 502 503 501502503", "504"),
    ("Lot 1234. The product was sold in 2023.", "1234", "2023 THE"),
    ("12345", "12345", "1234 123456"),
    ("ABC", "ABC", "AB"),
    ("A1, B2", "A1 B2", "A2"),
    ("Code 4411 and 4412", "4411 4412", "CODE"),
    # beginnings, ends, wildcards
    ("lots beginning with 23", "23 2301 23ZZ", "2 0123 32"),
    ('All lot codes starting with "L21" or "L22"', "L2101 L22", "L23 L2"),
    ("lot codes ending in B", "12B B", "12A B1"),
    ("lots beginning with 22 through 37", "2201 3055 37Z", "2101 3801 2"),
    ("Lot numbers L23*", "L2301 l23", "L24"),
    ("Lot 2105XX", "210501 2105AB", "21051 2106AB"),
    ("lots 21?5", "2115 21A5", "2116"),
    # all, and all but
    ("All lots", "1 ABC", ""),
    ("ALL LOT CODES", "1 ABC", ""),
    ("All lot codes and best before dates currently on shelf", "77", ""),
    ("all affected lots: 12A, 12B", "12A 12B", "12C"),
    ("All lots except 7A and 7B", "7C 1", "7A 7b"),
    ("Lots 100-110, excluding lot 105", "100 104 110", "105 111"),
    ("Everything except lot 12", "13 A", "12"),
    (["All lots except 7A", "7A"], "7A 7B", ""),  # each entry leaves out what it says, and no other's
    ("Lots 100-110, excluding lot 105, and lots 200-210 except 205", "100 110 200 210", "105 111 211"),
    ("Excluding lot 105, lots 100-110 are recalled", "100 110", "105 99 ABC"),
    ("All lots except lots 7A and 8-9", "7B 1", "7A 8 9"),
    ("Lots other than 123 are not affected. Lot 123 is recalled.", "123", "124"),
    ("Lots 98-102, 7", "98 102 7", "100 97"),
    ("lot numbers 5-15", "5 15", "10"),
    ("lotes 123 al 130", "123 125 130", "131"),
    ("lots A1-A10, B7", "A1 A10 B7 A1-A10", "A11 B1"),
    # told in sentences
    ("Lot numbers are printed on the bottom: 77A, 77B", "77A 77B", "ON BOTTOM"),
    ("The lot number is 4F22 and the case code is 881", "4F22", "881"),
    ("first 3 digits of the lot code are 123", "123 1239", "124"),
    ("Lot numbers whose first four digits are 2301 through 2310", "2301 2305Z 23109", "2311 230"),
    ("Lots manufactured between 2023-01-01 and 2023-02-01: A12, A13", "A12 A13", "2023-01-01"),
    ("Lot number 8123, expiration date 03/2025; Lot number 8124, expiration date 04/2025", "8123 8124", "03/2025 8125"),
    ("Only model BHC001 from batch 202408 is included.", "202408", "BHC001 IS INCLUDED"),
    ("lots 1000+", "1000 1001", "999"),
    ("LOT N° 12 as well as lots #s 14, 15", "12 14 15", "13 S"),
    ('with a lot code of 0246595911 and "Best Before" date of October 2021', "0246595911", "OCTOBER 2021 OF"),
    ('Lot number begins with an "A"', "A1", "B1"),
    ("all lots prior to and including lot 450", "450 449", "451 1"),
    ("Lot 450 and all subsequent lots; lots 77 onwards", "450 451 77 78", "449 76"),
    ("between lots 100 and 110", "100 105 110", "111"),
    ("Lot 1234/Exp 12-25", "1234", "12 13 25"),
    ("LOT 100 -> 105", "100 103 105", "106"),
    ("1) lot 123 2) lot 124", "123 124", "1 2"),
    ('"Lot: 120400 EXP 12/005" or "EXP 01/2006 LOT 120400"', "120400", "12/005 2006"),
    # what says nothing of lots
    ("All natural cookies", "", "NATURAL COOKIES 1"),
    ("Best By: 08/27/19", "", "08/27/19 08 27 19 BEST BY"),
    ("SUPC #4351050", "", "4351050 SUPC"),
    ("Lot: N/A", "", "N/A N A"),
    ("330 - 16 oz. units of a lot of things", "", "330 16 THINGS OF"),
    ("no lot numbers available", "", "AVAILABLE NO"),
]


@pytest.mark.parametrize(("codes", "covered", "others"), CASES, ids=[str(case[0])[:50] for case in CASES])
def test_lots_as_notices_word_them(codes: Any, covered: str, others: str) -> None:
    lots = read(codes)
    assert {lot: lots.covers(lot) for lot in covered.split()} == dict.fromkeys(covered.split(), True), lots
    assert {lot: lots.covers(lot) for lot in others.split()} == dict.fromkeys(others.split(), False), lots


@pytest.mark.parametrize(
    ("codes", "says"),
    [
        ({"ranges": [["99", "105"]]}, "ranges: 99 and 105 differ in length, so nothing lies between them"),
        ({"ranges": [["140", "130"]]}, "ranges: 140 comes after 130; the smaller end comes first"),
        (
            {"ranges": [["\uff11\uff12\uff13", "\uff11\uff12\uff15"]]},
            "ranges: \uff11\uff12\uff13 to \uff11\uff12\uff15 is not in letters and digits of ASCII, "
            "which have an order",
        ),
        ({"ranges": ["100"]}, "ranges: a range is two lots: [from, to]"),
        ({"ranges": [["1", "2", "3"]]}, "ranges: a range is two lots: [from, to]"),
        ({"ranges": [[1, 2]]}, "ranges: an end must be a string"),
        ({"exacts": [""]}, "exacts: a lot must have 1 to 1000 characters"),
        ({"exacts": "A"}, "exacts must be a list"),
        ({"singles": []}, "has exacts, ranges and prefixes; singles is not known"),
        ([7], "a lot must be a string"),
        (7, 'must be a list of lots, a text, or {"exacts": […], "ranges": [[from, to], …]}'),
    ],
)
def test_lots_that_cannot_be_meant(codes: Any, says: str) -> None:
    with pytest.raises(LotError) as error:
        read(codes)
    assert str(error.value) == says


def test_white_space_that_is_printed_in_a_lot() -> None:
    lots = read({"exacts": ["A110"], "ranges": [["B100", "B120"]]})
    assert [lots.covers(lot) for lot in ("A 110", "b 110 ", "A 1 10", "C 110", " ")] == [True, True, True, False, False]


def test_ten_thousand_lots() -> None:
    text = "Lots: " + ", ".join(f"L{n:05d}" for n in range(10_000))
    for codes in (text, [f"L{n:05d}" for n in range(10_000)]):
        lots = read(codes)
        assert len(lots.exacts) == 10_000
        assert [lots.covers(lot) for lot in ("l00000", "L09999", "L10000")] == [True, True, False]
    with pytest.raises(LotError, match="at most 20000 lots"):
        read([str(n) for n in range(20_001)])


WORDS = ["lots", "through", "and", ",", "(", ")", "all", "except", "exp", "-", "beginning with", "10"]
LOT = st.text("AB019-.", min_size=1, max_size=6)


@given(st.text(max_size=80) | st.lists(LOT | st.sampled_from(WORDS)).map(" ".join))
def test_any_text_is_read_and_comes_back_from_storage(text: str) -> None:
    lots = read(text)
    assert Lots.load(lots.stored()) == lots
    assert not lots.covers("")


@given(st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 9999))
def test_a_range_of_numbers_is_that_of_their_values(low: int, high: int, lot: int) -> None:
    low, high = sorted((low, high))
    for codes in ({"ranges": [[f"{low:04d}", f"{high:04d}"]]}, f"lots {low:04d} through {high:04d}"):
        assert read(codes).covers(f"{lot:04d}") is (low <= lot <= high)
