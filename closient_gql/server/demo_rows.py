"""What all demo sets are made with. Ids follow from what a row stands for, so they are the same everywhere."""

import gzip
import hashlib
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from closient_gql.core.db import Connection
from closient_gql.core.ids import ALPHABET, LENGTH

DATA = pathlib.Path(__file__).parents[1] / "demo"
PER_STATEMENT = 4_000  # rows

Row = dict[str, Any]
Progress = Callable[[int, int], None]
"""Called with how many rows are in, and of how many."""


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


def demo_id(kind: str, key: str) -> str:
    """The id of a demo row, from what it is and what it is called."""
    number, letters = int.from_bytes(hashlib.sha256(f"{kind}\0{key}".encode()).digest()), ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return letters


def lines_of(name: str) -> list[Row]:
    """The records of a file of `closient_gql/demo`, whose README says what they hold."""
    return [orjson.loads(line) for line in gzip.decompress((DATA / name).read_bytes()).splitlines()]


async def insert(connection: Connection, table: str, rows: list[Row]) -> None:
    """Insert rows, which name the same columns, in one statement; those that are there already stay as they are."""
    columns = ", ".join(rows[0])
    await connection.execute(
        f"INSERT INTO {table} ({columns}) SELECT {columns}"  # noqa: S608  names of our own
        f" FROM json_populate_recordset(NULL::{table}, $1::text::json) ON CONFLICT DO NOTHING",
        orjson.dumps(rows).decode(),
    )


async def insert_all(connection: Connection, tables: Mapping[str, Sequence[Row]], progress: Progress) -> None:
    """Insert the rows of several tables, in this order, and tell how far it is."""
    done, total = 0, sum(map(len, tables.values()))
    progress(done, total)
    for table, rows in tables.items():
        for start in range(0, len(rows), PER_STATEMENT):
            part = list(rows[start : start + PER_STATEMENT])
            await insert(connection, table, part)
            done += len(part)
            progress(done, total)
