"""CSV files, as tests write them."""

import csv
import io
from typing import Any

from tests import make


def gtin(number: int) -> str:
    return make.make_gtin(number)


def written(*rows: Any, delimiter: str = ",", newline: str = "\r\n") -> str:
    out = io.StringIO(newline="")
    quoting: Any = csv.QUOTE_MINIMAL if newline == "\r\n" else csv.QUOTE_ALL  # or it would leave a lone "\r" bare
    csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=quoting).writerows(rows)
    return out.getvalue()
