"""A library by Strawberry: relay nodes and connections, generics, loaders, permissions, what inputs may be."""

import enum
from collections.abc import AsyncIterator, Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from hypothesis import strategies as st
from hypothesis_graphql import nodes
from strawberry import relay
from strawberry.dataloader import DataLoader
from strawberry.field_extensions import InputMutationExtension
from strawberry.scalars import JSON

from tests.engine.others import Chance, Other

T = TypeVar("T")
MANY = 9  # books


@strawberry.enum
class Genre(enum.Enum):
    NOVEL = "novel"
    ESSAY = strawberry.enum_value("essay", deprecation_reason="Nobody reads them.")


class Members(strawberry.BasePermission):
    message = "Members only."

    def has_permission(self, source: Any, info: strawberry.Info, **given: Any) -> bool:
        return bool(info.context["member"])


@strawberry.interface
class Titled:
    title: str

    @strawberry.field
    def loud(self, times: int = 1) -> str:
        return self.title.upper() * min(times, 3)


@strawberry.type
class Author(relay.Node):
    code: relay.NodeID[int]
    name: str | None

    @classmethod
    def resolve_nodes(cls, *, info: strawberry.Info, node_ids: Iterable[str], required: bool = False) -> Any:
        return [author(int(id)) if id.isdecimal() else None for id in node_ids]

    @strawberry.field
    async def books(self, info: strawberry.Info, genre: Genre | None = None) -> list["Book"]:
        found: list[Book] = await info.context["books"].load(self.code)
        return [book for book in found if genre in (None, book.genre)]


@strawberry.type
class Book(Titled, relay.Node):
    code: relay.NodeID[int]
    genre: Genre
    price: Decimal
    published: date | None
    tags: list[list[str]]
    extra: JSON

    @classmethod
    async def resolve_nodes(cls, *, info: strawberry.Info, node_ids: Iterable[str], required: bool = False) -> Any:
        return [book(info, int(id)) if id.isdecimal() else None for id in node_ids]

    @strawberry.field(deprecation_reason="There may be several.")  # type: ignore[untyped-decorator]
    async def author(self, info: strawberry.Info) -> Author | None:
        return await info.context["authors"].load(self.code % 4)  # type: ignore[no-any-return]

    @strawberry.field(permission_classes=[Members])  # type: ignore[untyped-decorator]
    def notes(self, info: strawberry.Info) -> str | None:
        return info.context["chance"].value("Notes.", "notes", self.code)  # type: ignore[no-any-return]


@strawberry.type
class Shelf(Titled):
    rows: list[Book | None]


@strawberry.type
class Page(Generic[T]):
    items: list[T]
    total: int


@strawberry.input(one_of=True)
class By:
    title: strawberry.Maybe[str]
    genre: strawberry.Maybe[Genre]


@strawberry.input
class Filter:
    genres: list[Genre] = strawberry.field(default_factory=lambda: [Genre.NOVEL])
    below: Decimal | None = strawberry.UNSET
    since: date | None = None
    either: list["Filter"] | None = strawberry.UNSET
    named: str = strawberry.field(default="*", name="as")


Found = Annotated[Book | Author | Shelf, strawberry.union("Found")]


def author(code: int) -> Author:
    return Author(code=code, name=f"Author {code}" if code else None)


def book(info: strawberry.Info, code: int) -> Book:
    chance: Chance = info.context["chance"]
    return Book(
        code=code, title=chance.value(f"Book {code}", "title", code), genre=[Genre.NOVEL, Genre.ESSAY][code % 2],
        price=Decimal(code) / 4, published=date(2000, 1, code % 28 + 1) if code % 3 else None,
        tags=chance.value([["a"], []], "tags", code), extra=JSON({"code": [code, None]}),
    )  # fmt: skip


def told(filter: Filter) -> str:
    either = [told(each) for each in filter.either] if filter.either else filter.either
    return f"{[each.name for each in filter.genres]} {filter.below!r} {filter.since!r} {either!r} {filter.named!r}"


@strawberry.type
class Query:
    node: relay.Node = relay.node()
    nodes: list[relay.Node | None] = relay.node()

    @relay.connection(relay.ListConnection[Book])  # type: ignore[untyped-decorator]
    async def all_books(self, info: strawberry.Info, filter: Filter | None = None) -> AsyncIterator[Book]:
        for code in range(MANY):
            found = book(info, code)
            if filter is None or found.genre in filter.genres:
                yield found

    @relay.connection(relay.ListConnection[Author])  # type: ignore[untyped-decorator]
    def authors(self) -> Iterable[Author]:
        return [author(code) for code in range(4)]

    @strawberry.field
    def page(self, info: strawberry.Info, filter: Filter, by: By | None = None) -> Page[Book]:
        return Page(items=[book(info, len(told(filter)) % MANY)], total=len(repr(by)) % 7)

    @strawberry.field
    def told(self, filter: Filter = strawberry.UNSET, ids: list[relay.GlobalID] | None = None) -> str:
        return f"{told(filter) if filter else filter!r} {[str(id) for id in ids or []]}"

    @strawberry.field
    async def search(self, info: strawberry.Info, text: str = "") -> list[Found]:
        chance: Chance = info.context["chance"]
        books = [book(info, code) for code in range(len(text) % 4)]
        return chance.value([*books, author(1), Shelf(title="A", rows=[*books, None])], "search", text)  # type: ignore[no-any-return]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def rename(self, info: strawberry.Info, code: int, title: str | None = None) -> Book:
        if not title:
            raise ValueError("A book needs a title.")
        found = book(info, code % MANY)
        found.title = title
        return found

    @strawberry.mutation(extensions=[InputMutationExtension()])  # type: ignore[untyped-decorator]
    def lend(self, info: strawberry.Info, id: relay.GlobalID, until: date | None = None) -> Found:
        chance: Chance = info.context["chance"]
        return chance.value(book(info, len(str(id)) % MANY), "lend")  # type: ignore[no-any-return]


SCHEMA = strawberry.Schema(Query, Mutation, types=[Author, Book, Shelf])


def context(seed: int) -> dict[str, Any]:
    async def authors(codes: list[int]) -> list[Author | Exception]:
        return [author(code) if code != 3 else ValueError(f"Nobody is author {code}.") for code in codes]

    async def of_authors(codes: list[int]) -> list[list[Book]]:
        return [[book(info, number) for number in range(MANY) if number % 4 == code] for code in codes]

    found: dict[str, Any] = {"chance": Chance(seed), "member": seed % 2}
    info: Any = type("Info", (), {"context": found})
    return found | {"authors": DataLoader(authors), "books": DataLoader(of_authors)}


IDS = [relay.to_base64(kind, n) for kind, n in (("Book", 1), ("Author", 2), ("Book", "x"), ("Nothing", 1))]
LIBRARY = Other(
    "library",
    lambda seed, calm: SCHEMA,
    context,
    scalars={
        "Decimal": st.decimals(-9, 9, places=1).map(lambda n: nodes.String(str(n))),
        "Date": st.dates().map(lambda day: nodes.String(day.isoformat())),
        "JSON": st.just(nodes.Int(1)),
    },
    can_be_calm=False,
)
