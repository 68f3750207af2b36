"""CSV as people have it (RFC 4180 and its neighbours), read line by line: pure, no I/O.

A record that cannot be read costs that record only: reading goes on in the next line, where the `csv` module would take
everything up to the next quote, or the rest of the file, for one cell. Lines are counted as an editor counts them.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")
MARKED = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
NEWLINE = re.compile("\r\n|\r|\n")
OPEN = "has a quote that is not closed"
BEHIND = "has text behind a closing quote; quotes within a quoted cell are written twice"


class TableError(ValueError):
    """The file as a whole cannot be read as a table. The message says why, and what to do."""


@dataclass(frozen=True)
class Record:
    """One row and the line that it begins in, from 1. With a problem, there are no cells."""

    line: int
    cells: Sequence[str]
    problem: str | None = None

    @property
    def blank(self) -> bool:
        return not self.problem and not any(cell.strip() for cell in self.cells)


def text_of(data: bytes) -> str:
    """The text of a file in UTF-8, with or without its mark.

    Raises:
        TableError: it is in another encoding; nothing is guessed, since a wrong guess would be stored.
    """
    if encoding := next((name for mark, name in MARKED.items() if data.startswith(mark)), None):
        raise TableError(f"is in {encoding}: save it as CSV in UTF-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data[:100]:  # the header: UTF-16 without a mark reads as UTF-8 with null characters in between
        raise TableError("is not text in UTF-8: it begins with null characters, as in UTF-16. Save it as CSV in UTF-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1
        byte = f"0x{data[error.start]:02X}"
        raise TableError(f"is not UTF-8: byte {byte} in line {line} is none. Save it as CSV in UTF-8") from None


def records(text: str, delimiter: str = ",") -> Iterator[Record]:
    """Every record, blank ones included."""
    plain = re.compile(f"[^{re.escape(delimiter)}\r\n]*")
    ends = (delimiter, "\r", "\n", "")
    at, line = 0, 1
    while at < len(text):
        end = NEWLINE.search(text, at)
        stop = end.start() if end else len(text)
        if text.find('"', at, stop) < 0:  # most lines: three times as fast
            yield Record(line, text[at:stop].split(delimiter))
            at, line = end.end() if end else stop, line + 1
            continue
        begun, cells, problem = at, list[str](), None
        while True:
            if text.startswith('"', at):
                closed = quoted(text, at + 1)
                if closed is None:
                    problem = OPEN
                    break
                cell, at = closed
                if text[at : at + 1] not in ends:
                    problem = BEHIND
                    break
            else:
                found = plain.match(text, at)
                assert found
                cell, at = found.group(), found.end()
            cells.append(cell)
            if text[at : at + 1] != delimiter:
                break
            at += 1
        end = NEWLINE.search(text, begun if problem else at)
        at = end.end() if end else len(text)
        yield Record(line, [] if problem else cells, problem)
        line += text.count("\n", begun, at) + text.count("\r", begun, at) - text.count("\r\n", begun, at)


def quoted(text: str, at: int) -> tuple[str, int] | None:
    """The cell whose opening quote is just before `at`, and where its closing one ends; None if it has none."""
    parts = []
    while (end := text.find('"', at)) >= 0:
        if not text.startswith('"', end + 1):
            parts.append(text[at:end])
            return "".join(parts), end + 1
        parts.append(text[at : end + 1])  # a quote written twice is one
        at = end + 2
    return None


FORMULA = re.compile(r"'*[=+\-@\t\r]")


def neutral(cell: str) -> str:
    """The cell as it is written into a CSV file: a spreadsheet program would run text that begins like a formula, and
    takes an apostrophe before it as "this is text"."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def plain(cell: str) -> str:
    """The cell as it was before `neutral`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
