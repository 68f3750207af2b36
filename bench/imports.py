"""The CSV import: 10,000 rows as one file, against one file for each row; and the same file again."""

import asyncio
import csv
import io
import sys
import time

from bench import fresh_database, quantile, result, say, timed
from closient_gql.core.db import Database, Reader
from closient_gql.core.models.account import KeyKind, MemberRole
from resolvers.context import Context
from resolvers.products.imports import ProductImport, import_file, read
from resolvers.viewer import Viewer
from tests import make

HEADER = ("gtin", "product_name", "brand", "manufacturer", "description", "image_url", "country", "net_content")
ONE_BY_ONE = 200


def file_of(numbers: range) -> bytes:
    """Rows with every column, of a hundred brands."""
    out = io.StringIO()
    csv.writer(out).writerows(
        [HEADER, *((make.make_gtin(n), f"Product {n}", f"Brand {n % 100}", "Example Foods Ltd", "Oats, nuts. " * 10,
                    f"https://example.org/{n}.jpg", "DE", f"{n % 900 + 1} g") for n in numbers)]
    )  # fmt: skip
    return out.getvalue().encode()


class Lag:
    """How long the event loop kept others waiting, at worst."""

    def __init__(self) -> None:
        self.times: list[float] = [0.0]

    async def watch(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.005)
            self.times.append(time.perf_counter() - begun - 0.005)


async def shop(database: Database) -> Viewer:
    async with database.acquire() as connection:
        account = await make.account(connection, role="editor")
        await connection.execute("UPDATE organizations SET is_brand = true")
    return Viewer(KeyKind.USER, None, None, account.user_id, None, {account.organization_id: MemberRole.EDITOR})


async def main(rows: int) -> None:
    async with fresh_database() as database:
        viewer = await shop(database)

        async def send(data: bytes) -> ProductImport:
            return await import_file(Context(Reader(database), viewer), data)

        data = file_of(range(1, rows + 1))
        with timed() as reading:
            read(data)
        lag = Lag()
        watching = asyncio.create_task(lag.watch())
        with timed() as bulk:
            assert (await send(data)).created == rows
        watching.cancel()
        with timed() as again:
            assert (await send(data)).skipped == rows
        files = [file_of(range(n, n + 1)) for n in range(rows + 1, rows + 1 + ONE_BY_ONE)]
        with timed() as single:
            for each in files:
                assert (await send(each)).created == 1
        say(f"{rows} rows, {len(data):,} bytes: read in {reading[0]:.2f} s, imported in {bulk[0]:.2f} s")
        say(f"the same file again: {again[0]:.2f} s")
        say(f"row by row: {single[0] / ONE_BY_ONE * 1000:.2f} ms a row; in bulk {bulk[0] / rows * 1000:.2f} ms")
        say(f"the event loop was busy for {max(lag.times) * 1000:.0f} ms at a time, at worst")
        result(
            rows=rows, read_seconds=reading[0], import_seconds=bulk[0], again_seconds=again[0],
            bulk_ms_a_row=bulk[0] / rows * 1000, single_ms_a_row=single[0] / ONE_BY_ONE * 1000,
            bulk_is_faster_by=single[0] / ONE_BY_ONE / (bulk[0] / rows),
            loop_lag_worst_ms=max(lag.times) * 1000, loop_lag_p99_ms=quantile(lag.times, 0.99) * 1000,
        )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
