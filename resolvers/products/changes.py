"""The change feed of products: every creation, update and deletion, from the beginning, in an order that misses none.

A consumer begins without a cursor, stores `end_cursor` together with what it made of the page, and asks on from there.
Whatever it is interrupted at, it ends with an exact copy, because a change shows what has the GTIN now, not then: it
is stored by its GTIN, or removed where there is nothing. What changes it after that comes later in the feed.

The order is (transaction, id). A transaction's events become visible all at once, but not in the order of their ids;
so only transactions are shown that are older than every one still under way in the database server: nothing can be
committed later in a place that was passed already. A transaction that stays open for long delays the feed, and loses
nothing. It is not the order of commits: where a GTIN was deleted and came back, these two can be the other way round.
Such a deletion is shown as an update.

All events are kept. Should old ones be deleted one day, or the database be replaced by a backup, a consumer cannot go
on from its cursor: it is told so, and begins anew with an empty copy.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import orjson
from sqlalchemy import text

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.db import Query
from closient_gql.core.enums import Described
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models.platform import Event
from closient_gql.core.paging import Cursor
from resolvers import access
from resolvers.context import Context

MOST = 1_000


class ChangeKind(Described):
    CREATED = "created", "The product is new."
    UPDATED = "updated", "Something of it changed: a field, its owner, its brand's name, or what is printed on it."
    DELETED = "deleted", "It is gone, and nothing else has its GTIN."


@dataclass(frozen=True)
class ProductChange:
    """One event. `product_id` and `gtin` are the product's at that time."""

    cursor: str
    kind: ChangeKind
    gtin: Gtin
    product_id: str
    at: datetime


@dataclass(frozen=True)
class ProductChanges:
    """One page of the feed."""

    nodes: Sequence[ProductChange]
    end_cursor: str | None
    has_more: bool


# The origin is this database and no other: a backup in its place is another one, and so is a copy on another server.
# Transaction ids travel as text: asyncpg does not know their type. What is back is looked up for each deletion of the
# page (that is what its LIMIT is for): as a condition, PostgreSQL would read all products to find them.
PAGE = Query(
    Event,
    text("""
    SELECT here.origin, page.id, CAST(page.transaction AS text) AS transaction, page.type, page.entity_id, page.data,
        page.created, again.back
    FROM (
        SELECT left(md5(concat(system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()))), 8)
            AS origin FROM pg_control_system()
    ) AS here LEFT JOIN LATERAL (
        SELECT id, transaction, type, entity_id, data, created FROM events
        WHERE entity = 'product' AND type IN ('product.created', 'product.updated', 'product.deleted')
            AND (transaction, id) > (CAST(CAST(:transaction AS text) AS xid8), CAST(:id AS bigint))
            AND transaction < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY transaction, id LIMIT CAST(:most AS bigint)
    ) AS page ON true LEFT JOIN LATERAL (
        SELECT true AS back FROM products WHERE page.type = 'product.deleted' AND gtin = page.data->>'gtin' LIMIT 1
    ) AS again ON true
    ORDER BY page.transaction, page.id
    """),
)


@access.key
async def product_changes(
    ctx: Context,
    after: Annotated[Cursor | None, Doc("Changes behind this cursor only; from the very first one without it.")] = None,
    first: Annotated[int, Bounds(minimum=1, maximum=MOST), Doc("How many changes.")] = 100,
) -> ProductChanges:
    """One page of the feed, in one statement. Behind the last change the page is empty and `end_cursor` is `after`.

    Raises:
        Invalid: `after` is no cursor of this feed, or one of another database.
    """
    origin, transaction, id = ("", "0", 0) if after is None else read_cursor(after)
    rows: Sequence[Any] = await ctx.read.all(PAGE, transaction=transaction, id=id, most=first + 1)
    here = rows[0].origin
    if after is not None and origin != here:
        message = "is a cursor of another database, or of the time before a backup: begin without one"
        raise Invalid([Detail(field="after", message=message)])
    nodes = [change_of(row) for row in rows if row.id is not None]
    shown = nodes[:first]
    return ProductChanges(shown, shown[-1].cursor if shown else after, len(nodes) > first)


def change_of(row: Any) -> ProductChange:
    kind = ChangeKind("updated" if row.back else row.type.removeprefix("product."))  # type: ignore[call-arg]
    cursor = write_cursor(row.origin, row.transaction, row.id)
    return ProductChange(cursor, kind, row.data["gtin"], row.entity_id, row.created)


def write_cursor(origin: str, transaction: str, id: int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([origin, transaction, id])).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[str, str, int]:
    """Raises:
    Invalid: it is not one that `write_cursor` made.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        origin, transaction, id = orjson.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        fits = isinstance(origin, str) and 0 <= int(transaction) < 2**64 and type(id) is int and 0 <= id < 2**63
        if not fits:
            raise ValueError(cursor)
        return origin, str(int(transaction)), id
    except (ValueError, TypeError):
        raise Invalid([Detail(field="after", message="is not a cursor of this feed")]) from None
