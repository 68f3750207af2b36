"""A schema of Strawberry that knows nothing of this project, as a user brings it along: it answers what it answered."""

import asyncio
import enum
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

import pytest
import strawberry
from graphql import GraphQLError
from strawberry.dataloader import DataLoader
from strawberry.extensions import FieldExtension

from closient_gql.engine import Asked, Many, Operation, Operations

T = TypeVar("T")
AUTHORS = {"1": "Ursula", "2": "Stanisław", "3": None}


@strawberry.enum
class Genre(enum.Enum):
    NOVEL = "novel"
    ESSAY = strawberry.enum_value("essay", description="Short.")


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Author(Node):
    name: str

    @strawberry.field
    async def books(self, info: strawberry.Info, genre: Genre | None = None) -> list["Book"]:
        books: list[Book] = await info.context["books"].load(self.id)
        return [book for book in books if genre in (None, book.genre)]


class Shouting(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **given: Any) -> Any:
        return str(next_(source, info, **given)).upper()


class Members(strawberry.BasePermission):
    message = "Members only."

    async def has_permission(self, source: Any, info: strawberry.Info, **given: Any) -> bool:
        await asyncio.sleep(0)
        return bool(info.context["member"])


@strawberry.type
class Book(Node):
    title: str
    genre: Genre
    price: Decimal
    published: date | None
    author_id: strawberry.Private[str]

    @strawberry.field
    async def author(self, info: strawberry.Info) -> Author:
        author: Author = await info.context["authors"].load(self.author_id)
        return author

    @strawberry.field(extensions=[Shouting()])  # type: ignore[untyped-decorator]
    def loud(self, times: int = 1) -> str:
        return self.title * times

    @strawberry.field(permission_classes=[Members])  # type: ignore[untyped-decorator]
    async def notes(self) -> str | None:
        return f"notes on {self.title}"


@strawberry.type
class Page(Generic[T]):
    items: list[T]
    total: int


@strawberry.type
class Shelf:
    label: str


Found = Annotated[Book | Author | Shelf, strawberry.union("Found")]


@strawberry.input
class Filter:
    genres: list[Genre] = strawberry.field(default_factory=list)
    below: Decimal | None = strawberry.UNSET


def books() -> list[Book]:
    return [
        Book(id=strawberry.ID(str(n)), title=f"Book {n}", genre=[Genre.NOVEL, Genre.ESSAY][n % 2],
             price=Decimal(n) / 4, published=date(2000, 1, n) if n % 3 else None, author_id=str(n % 3 + 1))
        for n in range(1, 7)
    ]  # fmt: skip


@strawberry.type
class Query:
    @strawberry.field
    def books(self, filter: Filter | None = None) -> Page[Book]:
        given = filter or Filter()
        found = [
            book for book in books()
            if (not given.genres or book.genre in given.genres) and (not given.below or book.price < given.below)
        ]  # fmt: skip
        return Page(items=found, total=len(found))

    @strawberry.field
    async def search(self, text: str) -> list[Found]:
        await asyncio.sleep(0)
        return [*(book for book in books() if text in book.title), Author(id=strawberry.ID("1"), name="Ursula"),
                Shelf(label="A")]  # fmt: skip

    @strawberry.field
    def nodes(self) -> list[Node]:
        return [books()[0], Author(id=strawberry.ID("2"), name="Stanisław")]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def rename(self, info: strawberry.Info, id: strawberry.ID, title: str) -> Book:
        info.context["log"].append(title)
        if not title:
            raise ValueError("A book needs a title.")
        (book,) = [book for book in books() if book.id == id]
        book.title = title
        return book


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def countdown(self, start: int) -> AsyncIterator[int]:
        if start > 5:
            raise ValueError("That takes too long.")
        for number in range(start, 0, -1):
            yield number


SCHEMA = strawberry.Schema(Query, Mutation, Subscription)


def context(member: bool = False) -> dict[str, Any]:
    async def authors(ids: list[str]) -> list[Author | Exception]:
        log.append(f"authors {sorted(ids)}")
        return [
            Author(id=strawberry.ID(id), name=name) if (name := AUTHORS[id]) else ValueError(f"Nobody is author {id}.")
            for id in ids
        ]

    async def of_authors(ids: list[str]) -> list[list[Book]]:
        log.append(f"books of {sorted(ids)}")
        return [[book for book in books() if book.author_id == id] for id in ids]

    log: list[str] = []
    return {"authors": DataLoader(authors), "books": DataLoader(of_authors), "member": member, "log": log}


OPERATIONS: list[tuple[str, dict[str, Any]]] = [
    ("{ books { total items { __typename id title genre price published } } }", {}),
    ("{ books { items { loud three: loud(times: 3) author { name books(genre: ESSAY) { author { name } } } } } }", {}),
    ("query ($f: Filter) { books(filter: $f) { items { id notes } } }", {"f": {"genres": ["ESSAY"], "below": "1.0"}}),
    ("query ($f: Filter) { books(filter: $f) { total } }", {"f": {"genres": ["POEM"]}}),
    ("query ($f: Filter) { books(filter: $f) { total } }", {"f": {"below": "cheap"}}),
    ('{ search(text: "Book 1") { ... on Node { id } ... on Book { author { name } } ... on Shelf { label } } }', {}),
    ("{ nodes { __typename id ... on Author { books { title } } } }", {}),
    ('mutation { rename(id: "1", title: "A") { title author { name } } b: rename(id: "2", title: "") { id } }', {}),
    ("{ __type(name: \"Book\") { fields { name type { name kind ofType { name } } } } }", {}),
    ("query ($yes: Boolean!) { books { total @skip(if: $yes) items @include(if: $yes) { id } } }", {"yes": True}),
]  # fmt: skip


def told(errors: Sequence[GraphQLError] | None) -> list[Any]:
    """What is said of errors, in any order: several are waited for at once."""
    return sorted((error.formatted for error in errors or ()), key=str)


@pytest.mark.parametrize("member", [True, False])
@pytest.mark.parametrize(("source", "variables"), OPERATIONS)
async def test_it_answers_what_it_answered(source: str, variables: dict[str, Any], member: bool) -> None:
    ways: list[str] = []
    operations = Operations(SCHEMA, observe=ways.append)
    mine, theirs = context(member), context(member)
    expected: Any = await SCHEMA.execute(source, variables, context_value=theirs)
    found = await operations.prepare(source).execute(variables, mine)
    assert (found.data, told(found.errors)) == (expected.data, told(expected.errors))
    assert mine["log"] == theirs["log"]  # loaders are called as often, for as many
    assert ways in (["compiled"], [])  # [] where variables do not fit: nothing ran


async def test_subscriptions() -> None:
    async def ask(start: Any) -> list[tuple[Any, list[str]]]:
        operation = Operations(SCHEMA).prepare("subscription ($n: Int!) { countdown(start: $n) }")
        events = operation.subscribe({"n": start}, None)
        return [(event.data, [error.message for error in event.errors]) async for event in events]

    assert await ask(2) == [({"countdown": 2}, []), ({"countdown": 1}, [])]
    ((data, (message,)),) = await ask("two")
    assert data is None
    assert "'two'" in message
    with pytest.raises(ValueError, match="That takes too long"):
        await ask(6)


async def test_one_field_for_all_parents() -> None:
    """What a user changes to make it quick: the resolver stays, and one function answers for a whole level."""
    calls: list[tuple[int, frozenset[str]]] = []

    async def authors_of(context: Any, books: Sequence[Any], given: dict[str, Any], asked: Asked) -> Sequence[Any]:
        calls.append((len(books), asked.attributes))
        return await asyncio.gather(
            *(context["authors"].load(book.author_id) for book in books), return_exceptions=True
        )

    (field,) = [f for f in Book.__strawberry_definition__.fields if f.python_name == "author"]  # type: ignore[attr-defined]
    before, field.metadata = field.metadata, {"many": Many(authors_of)}
    try:
        source = "{ books(filter: {genres: [ESSAY]}) { items { author { name } } } }"
        expected: Any = await SCHEMA.execute(source, context_value=context())
        operation: Operation = Operations(SCHEMA).prepare(source)
        found = await operation.execute({}, context())
    finally:
        field.metadata = before
    assert calls == [(3, frozenset({"name"}))]
    assert (found.data, told(found.errors)) == (expected.data, told(expected.errors))
