"""How files of products are read: any table as it was written, and what is wrong with rows and files."""

import io
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from closient_gql.core.errors import BadRequest, Invalid
from resolvers.products.imports import RowError, read
from resolvers.products.tables import DELIMITERS, FORMULA, neutral, plain, records
from tests.products.files import gtin, written

URL = "/products/api/v1/import/csv"
CELLS = st.text(st.characters(codec="utf-8") | st.sampled_from("\"',;\t|\r\n= "), max_size=12)


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6),
    st.sampled_from(DELIMITERS),
    st.sampled_from(("\n", "\r\n")),
)
def test_any_table_is_read_as_it_was_written(table: list[list[str]], delimiter: str, newline: str) -> None:
    text = written(*table, delimiter=delimiter, newline=newline)
    found = list(records(text, delimiter))
    assert [list(record.cells) for record in found] == table
    assert [record.problem for record in found] == [None] * len(table)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=6))
def test_lines_are_counted_as_an_editor_counts_them(table: list[list[str]]) -> None:
    begins, line = [], 1
    for row in table:
        begins.append(line)
        line += len(io.StringIO(written(row), newline=None).readlines())
    assert [record.line for record in records(written(*table))] == begins


@given(st.text(max_size=200) | st.text(alphabet='"a,\n\r;', max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    assert len(list(records(text))) <= len(text)


@given(st.binary(max_size=200) | st.text(alphabet='"gtin,4006381\n\r;=\0', max_size=80).map(str.encode))
@example(b"gtin\n")
@example(b"\xef\xbb\xbfgtin\n4006381333931")
def test_any_file_is_read_or_refused_and_every_row_counts_once(data: bytes) -> None:
    with suppress(BadRequest, Invalid):
        sheet = read(data)
        assert sheet.total == len(sheet.rows) + len(sheet.errors) + sheet.repeated
        assert [row.line for row in sheet.rows] == sorted(row.line for row in sheet.rows)


@given(CELLS)
@example("'=1+1")
@example("''=1+1")
@example("'")
def test_formulas_are_made_harmless_and_come_back(cell: str) -> None:
    assert plain(neutral(cell)) == cell
    assert neutral(cell)[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert (neutral(cell) != cell) == bool(FORMULA.match(cell))


def test_a_quote_that_is_not_closed_costs_one_row() -> None:
    sheet = read(f'gtin,name\n{gtin(1)},a\n{gtin(2)},"b\n{gtin(3)},c\n{gtin(4)},"d" e\n{gtin(5)},5" pipe\n'.encode())
    assert [(row.gtin, row.values["product_name"]) for row in sheet.rows] == [
        (gtin(1), "a"), (gtin(3), "c"), (gtin(5), '5" pipe'),
    ]  # fmt: skip
    assert sheet.errors == [
        RowError(3, "has text behind a closing quote; quotes within a quoted cell are written twice"),
        RowError(5, "has text behind a closing quote; quotes within a quoted cell are written twice"),
    ]
    (error,) = read(f'gtin,name\n{gtin(2)},"b\n{gtin(3)},c\n'.encode()).errors
    assert error == RowError(2, "has a quote that is not closed")


def test_what_is_wrong_with_rows_is_said_with_line_and_column() -> None:
    sheet = read(
        written(
            ("Barcode", "Title", "Country", "Photo-URL", "size"),
            ("4006381333932", "x", "", "", ""),
            (gtin(1), "two\r\nlines", "Germany", "ftp://x", ""),
            ("", "no GTIN", "", "", ""),
            ("4,00638E+12", "x", "", "", ""),
            (gtin(2), "x", "", "", "", "too many"),
            (gtin(3), "too few"),
            (gtin(4), "null\0", "", "", "x" * 101),
            (gtin(5), "spare empty cells", "", "", "", "", " "),
            (),
            ("", " ", "", "", ""),
            (gtin(5)[1:], "again", "", "", ""),
        ).encode()
    )
    assert [row.gtin for row in sheet.rows] == [gtin(5)]
    assert (sheet.repeated, sheet.total) == (1, 9)
    assert [(error.line, error.column) for error in sheet.errors] == [
        (2, "Barcode"), (3, "Country"), (5, "Barcode"), (6, "Barcode"), (7, None), (8, None), (9, "Title"),
    ]  # fmt: skip
    messages = [error.message for error in sheet.errors]
    assert messages[0] == "has a wrong check digit: 400638133393 is followed by 1, not by 2"
    assert messages[1].endswith("; Photo-URL must be a web address that begins with https:// or http://")
    assert messages[2:6] == [
        "is required",
        "is a number that a spreadsheet program has shortened: make the column text, and enter it anew",
        "has 6 columns, and the header 5",
        "has 2 columns, and the header 5",
    ]
    assert messages[6] == "must not contain the null character; size must have at most 100 characters"


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_delimiters_marks_and_names(delimiter: str) -> None:
    text = written(
        (" EAN ", "Product Name", "colour", "NAME", "Origin"), (gtin(1), "", "red", "Name", "de"), delimiter=delimiter
    )
    (row,) = read(b"\xef\xbb\xbf" + text.encode()).rows
    assert (row.line, row.gtin, row.values) == (2, gtin(1), {"product_name": "Name", "country_of_origin": "DE"})


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"", 422, "has no header line"),
        (b"\n , \n", 422, "has no header line"),
        (b"name,brand\na,b\n", 422, "has no column with GTINs. Its name in the header, line 1, is one of gtin, "
         "barcode, upc, ean, gtin-8, gtin-12, gtin-13, gtin-14"),
        ("gtin,name\n1,a\r\n2,Müsli\n".encode("latin-1"), 422,
         "is not UTF-8: byte 0xFC in line 3 is none. Save it as CSV in UTF-8"),
        ("gtin\n1\n".encode("utf-16"), 422, "is in UTF-16: save it as CSV in UTF-8"),
        ("gtin\n1\n".encode("utf-16-le"), 422,
         "is not text in UTF-8: it begins with null characters, as in UTF-16. Save it as CSV in UTF-8"),
        (b"gtin\n" + b",\n" * 200_001, 413, "The file has more than 200,000 lines, most of them blank. Remove those."),
        (b"PK\x03\x04....", 415, "The file is a spreadsheet program's workbook. Save it as CSV in UTF-8."),
        (b"gtin\n" + b"1\n" * 10_001, 413, "The file has more than 10,000 rows. Split it."),
    ],
)  # fmt: skip
def test_files_that_are_refused(data: bytes, status: int, said: str) -> None:
    with pytest.raises((Invalid, BadRequest)) as caught:
        read(data)
    assert caught.value.status == status
    details = caught.value.details
    assert (details[0]["message"] if details else caught.value.message) == said
