"""A schema of graphql-core that knows nothing of this project, as a user brings it along; and what README.md says."""

import ast
import asyncio
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, build_schema, execute, parse

from closient_gql import engine
from closient_gql.engine import Many, Operations

SDL = """
    interface Animal { name: String!  mother: Animal }
    type Dog implements Animal { name: String!  mother: Animal  barks(times: Int = 2, loud: Boolean): String }
    type Cat implements Animal { name: String!  mother: Animal  lives: Int!  mood: Mood }
    enum Mood { CALM CROSS }
    type Query { animals: [Animal!]  dog(name: String!): Dog  version: String  broken: [Cat!] }
    type Mutation { rename(name: String!, to: String!): Dog! }
    type Subscription { counted(to: Int!): Int }
"""


@dataclass
class Dog:
    """A method is a field with arguments."""

    name: str
    mother: Any = None

    async def barks(self, info: Any, times: int, loud: bool = False) -> str:
        return ("WUFF" if loud else "wuff") * times


@dataclass
class Kennel:
    """The root value."""

    version: str = "1.0"
    dogs: list[Dog] = field(default_factory=lambda: [Dog("Rex", {"__typename": "Cat", "name": "Mia", "lives": 9})])

    @property
    def animals(self) -> list[Any]:
        return [*self.dogs, {"__typename": "Cat", "name": "Tom", "lives": 7, "mood": "CROSS"}]

    def broken(self, info: Any) -> list[Any]:
        return [{"name": "Tom", "lives": None}, ValueError("no cat")]


def schema() -> Any:
    made = build_schema(SDL)
    fields: Any = made.query_type.fields if made.query_type else {}

    async def dog(kennel: Kennel, info: Any, name: str) -> Dog | None:
        return next((dog for dog in kennel.dogs if dog.name == name), None)

    def rename(kennel: Kennel, info: Any, name: str, to: str) -> Dog:
        if not to:
            raise GraphQLError("A dog needs a name.", extensions={"code": "NAMELESS"})
        return Dog(to)

    async def counted(root: Any, info: Any, to: int) -> AsyncIterator[dict[str, int]]:
        for number in range(to):
            yield {"counted": number}

    fields["dog"].resolve = dog
    made.mutation_type.fields["rename"].resolve = rename  # type: ignore[union-attr]
    made.subscription_type.fields["counted"].subscribe = counted  # type: ignore[union-attr]
    made.type_map["Animal"].resolve_type = lambda value, info, kind: (  # type: ignore[attr-defined]
        "Dog" if isinstance(value, Dog) else value.get("__typename")
    )
    return made


SCHEMA = schema()
OPERATIONS: list[tuple[str, dict[str, Any]]] = [
    ("{ version animals { __typename name mother { name ... on Cat { lives } } ... on Cat { mood } } }", {}),
    ("query ($n: Int) { dog(name: \"Rex\") { a: barks b: barks(times: $n) barks(times: 1, loud: true) } }", {"n": 3}),
    ("query ($n: Int) { dog(name: \"Rex\") { barks(times: $n) } }", {"n": "many"}),
    ("{ dog(name: \"Nobody\") { name } broken { name lives } }", {}),
    ('mutation { a: rename(name: "Rex", to: "Max") { name } b: rename(name: "Rex", to: "") { name } }', {}),
]  # fmt: skip


@pytest.mark.parametrize("root", [Kennel(), {"version": "dict", "dogs": [], "animals": None}, None], ids=type)
@pytest.mark.parametrize(("source", "variables"), OPERATIONS)
async def test_it_answers_what_it_answered(source: str, variables: dict[str, Any], root: Any) -> None:
    answer: Any = execute(SCHEMA, parse(source), root, None, variables)
    expected = await answer if hasattr(answer, "__await__") else answer
    ways: list[str] = []
    found = await Operations(SCHEMA, observe=ways.append).prepare(source).execute(variables, root=root)
    assert found.data == expected.data
    assert [e.formatted for e in found.errors] == [e.formatted for e in expected.errors or ()]
    assert ways in (["compiled"], [])  # [] where variables do not fit: nothing ran


async def test_subscriptions() -> None:
    operation = Operations(SCHEMA).prepare("subscription ($n: Int!) { counted(to: $n) }")
    assert [event.data async for event in operation.subscribe({"n": 2})] == [{"counted": 0}, {"counted": 1}]


@pytest.mark.parametrize("compiling", [True, False])
async def test_one_that_is_cancelled(compiling: bool) -> None:
    """Resolvers that are waited for are cancelled, in lists and below them; nothing goes on."""
    schema = build_schema("type Query { all: [Thing!]!  one: Thing } type Thing { slow: Int  all: [Thing!]! }")
    fields: Any = [schema.type_map[name].fields for name in ("Query", "Thing")]  # type: ignore[attr-defined]
    begun, ended = asyncio.Semaphore(0), []

    async def slow(source: Any, info: Any) -> int:
        begun.release()
        try:
            return await asyncio.sleep(60, 1)
        finally:
            ended.append(info.path.as_list())

    async def later(source: Any, info: Any) -> Any:
        return [{}, {}]

    fields[0]["all"].resolve, fields[0]["one"].resolve = later, lambda *_: {}
    fields[1]["slow"].resolve, fields[1]["all"].resolve = slow, later
    operation = Operations(schema, compiling=compiling).prepare(
        "{ all { slow all { slow } } one { slow other: slow } }"
    )
    before = asyncio.all_tasks()
    running = asyncio.create_task(operation.execute({}))
    for _ in range(2 + 4 + 2):
        await begun.acquire()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(ended) == 8
    assert asyncio.all_tasks() == before


async def test_what_the_readme_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its examples, one after the other: that with graphql-core, with Strawberry, and how a schema is asked."""
    text = (Path(engine.__file__).parent / "README.md").read_text()
    ask, by_strawberry, by_core = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    module = ModuleType("readme")
    monkeypatch.setitem(sys.modules, "readme", module)
    names = vars(module)
    exec(by_strawberry, names)
    user, many = names["User"], names["friends_of"]
    calls: list[tuple[list[str], frozenset[str]]] = []

    async def friends(ids: list[str], columns: frozenset[str]) -> dict[str, list[Any]]:
        calls.append((ids, columns))
        return {id: [user(id=strawberry.ID("8"), name="Ann"), user(id=strawberry.ID("9"), name="Bob")] for id in ids}

    def one(root: Any, info: Any, id: str) -> Any:
        return user(id=strawberry.ID(id), name="Eve")

    query = strawberry.type(type("Query", (), {"user": strawberry.field(resolver=one_of(user))}))
    core = build_schema("type Query { user(id: ID!): User } type User { id: ID!  name: String!  friends: [User!]! }")
    core.query_type.fields["user"].resolve = one  # type: ignore[union-attr]
    exec(by_core, {"schema": core, "Many": Many, "friends_of": many})
    for schema in (strawberry.Schema(query), core):
        names |= {"schema": schema, "context": SimpleNamespace(friends=friends)}
        await eval(compile(ask, "README.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
        assert names["result"].errors == []
        assert names["result"].data == {"user": {"name": "Eve", "friends": [{"name": "Ann"}, {"name": "Bob"}]}}
    assert calls == [(["7"], frozenset({"name"}))] * 2
    names["context"] = SimpleNamespace(friends=friends)
    slow = await Operations(strawberry.Schema(query), compiling=False).prepare(
        '{ user(id: "7") { name friends { name } } }'
    ).execute({}, names["context"])  # fmt: skip
    assert slow.data == names["result"].data


def one_of(user: Any) -> Any:
    def one(id: strawberry.ID) -> user:
        return user(id=id, name="Eve")

    return one
