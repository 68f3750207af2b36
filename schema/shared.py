"""The graph's shared vocabulary: values, which have no owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import strawberry

from closient_gql.core import paging
from closient_gql.core.paging import Slice, totals_of
from resolvers.context import Context
from schema.declare import column, relation, value

T = TypeVar("T")


@value(paging.PageInfo, says="Where a list by cursor stands.")
class PageInfo:
    has_next_page: bool = column("Whether there are items behind these.")
    has_previous_page: bool = column("Whether there are items ahead of these.")
    start_cursor: str | None = column("Cursor of the first item.")
    end_cursor: str | None = column("Cursor of the last item: `after` of the next request.")


@strawberry.type(description="An item with its place in the list.")
class Edge(Generic[T]):
    node: T = column("The item.")
    cursor: str = column("Its place: stable, also when items are added.")


@dataclass(frozen=True)
class Totals:
    """The page block of one slice."""

    page: int
    page_size: int
    total_count: int

    @property
    def total_pages(self) -> int:
        return -(-self.total_count // self.page_size)

    @property
    def has_next(self) -> bool:
        return self.page < self.total_pages

    @property
    def has_previous(self) -> bool:
        return self.page > 1 and self.total_count > 0


@value(Totals, says="The page block of the REST envelope.")
class Pagination:
    page: int = column("Number of this page, from 1.")
    page_size: int = column("Items on one page.")
    total_count: int = column("Items in the whole list.")
    total_pages: int = column("Pages of the whole list.")
    has_next: bool = column("Whether there is a next page.")
    has_previous: bool = column("Whether there is a page before this one.")


async def totals(ctx: Context, slices: Sequence[Slice[Any]]) -> list[int]:
    """Counted only when selected, one statement for any number of lists."""
    return await totals_of(ctx.read, slices)


async def paginations(ctx: Context, slices: Sequence[Slice[Any]]) -> list[Totals]:
    counts = await totals(ctx, slices)
    return [Totals(s.window.number, s.window.size, n) for s, n in zip(slices, counts, strict=True)]


@strawberry.type(description="A list by page or by cursor.")
class Connection(Generic[T]):
    nodes: list[T] = column("The items.")
    edges: list[Edge[T]] = column("The items with their cursors.")
    page_info: PageInfo = column("Where this part of the list stands.")
    total_count: int = relation(totals, "Items in the whole list. Counted only when it is selected.")
    pagination: Pagination = relation(paginations, "The page block, as REST gives it. Costs a count.")
