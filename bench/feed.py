"""The change feed: time of a page at its beginning and behind 200,000 events, against the page as a plain list."""

import asyncio

from bench import fresh_database, quantile, result, say, timed
from closient_gql.core.db import Reader
from closient_gql.core.models.account import KeyKind
from closient_gql.core.settings import Settings
from closient_gql.server.app import operations_of
from resolvers.context import Context
from resolvers.viewer import Viewer
from schema import graph

EVENTS, PRODUCTS, PAGE, TIMES = 200_000, 20_000, 100, 100
FILL = """
INSERT INTO products (id, gtin, product_name, data_source)
SELECT translate(lpad(n::text, 12, '0'), '0123456789', 'aceghjkpqr'), lpad(n::text, 14, '0'), 'Product ' || n, 'claimed'
FROM generate_series(1, $1::int) AS n
"""
CHANGE = "UPDATE products SET description = description || 'x'"
FEED = """query ($after: String) { productChanges(after: $after, first: 100) {
  nodes { cursor kind gtin product { id gtin productName description } } endCursor hasMore } }"""
LIST = "{ products(first: 100) { nodes { id gtin productName description } } }"


async def main() -> None:
    operations = operations_of(graph(), Settings())
    feed, listing = operations.prepare(FEED), operations.prepare(LIST)
    async with fresh_database() as database:
        async with database.acquire() as connection:
            await connection.execute(FILL, PRODUCTS)
            for _ in range(EVENTS // PRODUCTS - 1):
                await connection.execute(CHANGE)
            await connection.execute("ANALYZE")

        async def ask(operation: object, **variables: object) -> tuple[dict[str, object], float]:
            context = Context(Reader(database), Viewer(KeyKind.USER))
            with timed() as seconds:
                answer = await operation.execute(variables, context)  # type: ignore[attr-defined]
            assert not answer.errors
            return answer.data, seconds[0]

        after, read, pages = None, 0, []
        while True:
            data, seconds = await ask(feed, after=after)
            page = data["productChanges"]
            assert isinstance(page, dict)
            pages.append(seconds)
            read, after = read + len(page["nodes"]), page["endCursor"]
            if not page["hasMore"]:
                break
        lists = [(await ask(listing))[1] for _ in range(TIMES)]
        early, late, plain = (quantile(times, 0.5) for times in (pages[1:TIMES], pages[-TIMES:], lists))
        say(f"{read:,} changes of {PRODUCTS:,} products in {sum(pages):.1f} s: {read / sum(pages):,.0f} a second")
        first, last = early * 1000, late * 1000
        say(f"a page of {PAGE}: {first:.2f} ms at the beginning, {last:.2f} ms at the end")
        say(f"the same products as a plain list: {plain * 1000:.2f} ms")
        result(
            changes=read, changes_a_second=read / sum(pages), first_pages_ms=first, last_pages_ms=last,
            list_ms=plain * 1000, last_to_first=late / early, feed_to_list=late / plain,
        )  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main())
