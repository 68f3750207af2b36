"""What is compiled, and how: calls, batches, errors, what is kept, what is left to graphql-core."""

import asyncio
import gc
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import strawberry
from graphql import GraphQLField, build_schema, get_introspection_query

from closient_gql.engine import Asked, Limits, Many, Operation, Operations
from closient_gql.engine.generate import Generator, kind_of
from tests.engine.differential import differences

SDL = """
    directive @note on FIELD | QUERY
    type Query { things(n: Int = 2): [Thing!]  thing: Thing  must: Thing!  either: Either }
    type Mutation { add(n: Int!): Int!  fail: Int! }
    type Subscription { things: Int }
    type Thing { id: ID!  name: String  owner: Owner  parts: [Thing!]  owners: [[Owner]!] }
    type Owner { id: ID!  name: String!  things: [Thing!] }
    union Either = Thing | Owner
"""
Rows = list[dict[str, Any]]


class Shop:
    """A schema whose batch functions say how they were called."""

    def __init__(self) -> None:
        self.schema = build_schema(SDL)
        self.calls: list[tuple[str, int, Asked]] = []
        self.answers: dict[str, Any] = {}
        self.ways: list[str] = []
        self.operations = Operations(self.schema, lambda *_: None, observe=self.ways.append)

    def many(self, kind: str, name: str) -> GraphQLField:
        field: GraphQLField = self.schema.type_map[kind].fields[name]  # type: ignore[attr-defined]

        async def call(context: Any, parents: Sequence[Any], given: dict[str, Any], asked: Asked) -> Sequence[Any]:
            self.calls.append((name, len(parents), asked))
            await asyncio.sleep(0)
            answer = self.answers[name]
            found: Sequence[Any] = answer(parents, **given) if callable(answer) else answer
            return found

        field.extensions["many"] = Many(call)
        return field

    async def ask(self, source: str, **variables: Any) -> tuple[Any, list[tuple[str, Any]]]:
        result = await self.operations.prepare(source).execute(variables, None)
        return result.data, [(error.message, error.path) for error in result.errors]


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.answers["things"] = lambda parents, n: [[{"id": str(i), "name": f"t{i}"} for i in range(n)]]
    made.answers["owner"] = lambda parents: [{"id": p["id"], "name": "o"} for p in parents]
    for kind, name in (("Query", "things"), ("Thing", "owner"), ("Thing", "parts")):
        made.many(kind, name)
    return made


# --- relations


async def test_a_relation_is_one_call_for_a_level(shop: Shop) -> None:
    shop.answers["parts"] = lambda parents: [[{"id": "p"}] * int(p["id"]) for p in parents]
    data, errors = await shop.ask("{ things(n: 3) { id owner { name } parts { id owner { id } } } }")
    assert errors == []
    assert [len(thing["parts"]) for thing in data["things"]] == [0, 1, 2]
    assert sorted((name, count) for name, count, _ in shop.calls) == [
        ("owner", 3), ("owner", 3), ("parts", 3), ("things", 1),
    ]  # fmt: skip


async def test_a_function_is_told_what_is_asked_for(shop: Shop) -> None:
    await shop.ask("{ things { ...A owner { id name: id } } } fragment A on Thing { name parts { id } __typename }")
    asked = {name: asked for name, _, asked in shop.calls}
    assert asked["things"] == Asked(frozenset({"name"}), frozenset({"owner", "parts"}))
    assert asked["owner"] == Asked(frozenset({"id"}))


@pytest.mark.parametrize("count", [0, 1, 3, 4])
async def test_too_few_or_too_many_answers(shop: Shop, count: int) -> None:
    shop.answers["owner"] = [{"id": "1", "name": "o"}] * count
    data, errors = await shop.ask("{ things(n: 2) { owner { id } } }")
    assert data == {"things": [{"owner": None}, {"owner": None}]}
    message = f"The function of Thing.owner gave {count} answers for 2 parents."
    assert errors == [(message, ["things", 0, "owner"]), (message, ["things", 1, "owner"])]


async def test_an_answer_that_is_an_exception_is_the_error_of_its_place(shop: Shop) -> None:
    shop.answers["owner"] = [{"id": "1", "name": "o"}, ValueError("not this one")]
    data, errors = await shop.ask("{ things(n: 2) { owner { id } } }")
    assert (data, errors) == (
        {"things": [{"owner": {"id": "1"}}, {"owner": None}]}, [("not this one", ["things", 1, "owner"])],
    )  # fmt: skip


async def test_an_answer_that_is_no_list(shop: Shop) -> None:
    shop.answers["owner"] = None
    data, errors = await shop.ask("{ things(n: 1) { owner { id } } }")
    assert data == {"things": [{"owner": None}]}
    assert [path for _, path in errors] == [["things", 0, "owner"]]


async def test_what_checks_arguments_is_asked_first(shop: Shop) -> None:
    def check(given: Mapping[str, Any]) -> None:
        if given["n"] > 5:
            raise ValueError(f"{given['n']} are too many")

    shop.schema.query_type.fields["things"].extensions["check"] = check  # type: ignore[union-attr]
    assert await shop.ask("query ($n: Int) { things(n: $n) { id } }", n=6) == (
        {"things": None}, [("6 are too many", ["things"])],
    )  # fmt: skip
    assert shop.calls == []
    assert (await shop.ask("query ($n: Int) { things(n: $n) { id } }", n=1))[0] == {"things": [{"id": "0"}]}


async def test_cancelling_ends_everything_below(shop: Shop) -> None:
    begun, ended = asyncio.Event(), []

    async def slow(context: Any, parents: Any, given: Any, asked: Any) -> Any:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(1)

    for name in ("owner", "parts"):
        shop.schema.type_map["Thing"].fields[name].extensions["many"] = Many(slow)  # type: ignore[attr-defined]
    before = asyncio.all_tasks()
    running = asyncio.create_task(shop.ask("{ things { owner { id } parts { id } } }"))
    await begun.wait()
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended == [1, 1]
    assert asyncio.all_tasks() == before


# --- errors


async def test_null_travels_up_and_errors_below_it_never_happened(shop: Shop) -> None:
    shop.answers["owner"] = lambda parents: [{"id": "1", "name": None}, {"id": None, "name": None}]
    data, errors = await shop.ask("{ things(n: 2) { owner { a: name id b: name } } }")
    cannot = "Cannot return null for non-nullable field Owner.{}."
    assert data == {"things": [{"owner": None}, {"owner": None}]}
    assert errors == [
        (cannot.format("name"), ["things", 0, "owner", "a"]), (cannot.format("name"), ["things", 1, "owner", "a"]),
    ]  # fmt: skip
    assert await shop.ask("{ must { id } }") == (
        None,
        [("Cannot return null for non-nullable field Query.must.", ["must"])],
    )


async def test_a_mutation_stops_at_the_error_that_ends_it(shop: Shop) -> None:
    done: list[int] = []
    fields = shop.schema.mutation_type.fields  # type: ignore[union-attr]

    async def add(source: Any, info: Any, n: int) -> int:
        await asyncio.sleep(0.001 / n)
        done.append(n)
        return n

    def fail(source: Any, info: Any) -> int:
        raise ValueError("no")

    fields["add"].resolve, fields["fail"].resolve = add, fail
    assert await shop.ask("mutation { a: add(n: 1) b: add(n: 2) a: add(n: 1) }") == ({"a": 1, "b": 2}, [])
    assert done == [1, 2]
    assert await shop.ask("mutation { a: add(n: 3) fail b: add(n: 4) }") == (None, [("no", ["fail"])])
    assert done == [1, 2, 3]


async def test_attributes_are_read_once(shop: Shop) -> None:
    """Also of an object that turns out to be wrong: a property may have effects."""

    class Thing:
        reads = 0

        @property
        def id(self) -> Any:
            Thing.reads += 1
            return [1]

        @property
        def name(self) -> str:
            Thing.reads += 1
            raise ValueError("no name")

    shop.answers["things"] = lambda parents, n: [[Thing()]]
    data, errors = await shop.ask("{ things { name id } }")
    assert (data["things"], Thing.reads) == (None, 2)
    assert [message for message, _ in errors] == ["no name", "ID cannot represent value: [1]"]


# --- Strawberry


@strawberry.type
class Owner:
    name: str


@strawberry.type
class Car:
    doors: int

    @strawberry.field
    def owner(self, info: strawberry.Info, loud: bool = False) -> Owner:
        return Owner(name="ANN" if loud else info.context["owner"])


class Never(strawberry.BasePermission):
    message = "Never."

    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        return False


@strawberry.type
class Query:
    @strawberry.field
    async def cars(self, doors: list[int]) -> list[Car]:
        return [Car(doors=n) for n in doors]

    @strawberry.field(permission_classes=[Never])  # type: ignore[untyped-decorator]
    def secret(self) -> str | None:
        return "secret"


async def test_a_schema_of_strawberry_as_it_comes() -> None:
    schema = strawberry.Schema(Query)._schema
    ways: list[str] = []
    compiled = Operations(schema, lambda *_: None, observe=ways.append)
    source = "{ cars(doors: [3, 5]) { __typename doors owner { name } loud: owner(loud: true) { name } } secret }"
    context = {"owner": "Bob"}
    ours = await compiled.prepare(source).execute({}, context)
    theirs = await Operations(schema, lambda *_: None, compiling=False).prepare(source).execute({}, context)
    assert differences(ours, theirs, ordered=False) == []
    assert ours.data
    assert ours.data["cars"][1] == {
        "__typename": "Car", "doors": 5, "owner": {"name": "Bob"}, "loud": {"name": "ANN"},
    }  # fmt: skip
    assert [error.message for error in ours.errors] == ["Never."]
    assert ways == ["compiled"]


# --- what is left to graphql-core


async def test_what_is_not_compiled_says_so(shop: Shop) -> None:
    fields = shop.schema.subscription_type.fields  # type: ignore[union-attr]
    fields["things"].resolve = lambda *_: 5
    assert await shop.ask("subscription { things }") == ({"things": 5}, [])
    source = "query ($yes: Boolean = true) { things(n: 1) @include(if: $yes) { id } }"
    data, errors = await shop.ask(source, yes=None)
    assert (data, len(errors)) == (None, 1)
    assert (await shop.ask(source))[0] == (await shop.ask(source, yes=True))[0] == {"things": [{"id": "0"}]}
    assert shop.ways == ["subscription", "condition", "compiled", "compiled"]


def test_an_operation_that_is_too_large_is_not_compiled() -> None:
    text = " ".join(f"a{n}: id" for n in range(99))
    spread = "{ things { ...F0 } }" + "".join(
        f"fragment F{n} on Thing {{ {text} p: owner {{ things {{ ...F{n + 1} }} }} q: parts {{ ...F{n + 1} }} }}"
        for n in range(10)
    )
    spread += "fragment F10 on Thing { id }"
    schema = build_schema(SDL)
    operations = Operations(schema, lambda *_: 0, Limits(aliases=10**6, depth=100, cost=10**9))
    assert not operations.prepare(spread).compile()


# --- what is kept


def fields_of(operations: Operations) -> int:
    return sum(operation.fields for operation, _ in operations._ready.values())


async def test_shapes_are_kept_apart_and_not_without_end(shop: Shop) -> None:
    names = [f"v{n}" for n in range(6)]
    head = ", ".join(f"${name}: Boolean!" for name in names)
    source = f"query ({head}) {{ things(n: 1) {{ {' '.join(f'{n}: id @skip(if: ${n})' for n in names)} }} }}"
    for shape in range(64):
        skipped = {name: bool(shape >> n & 1) for n, name in enumerate(names)}
        data, _ = await shop.ask(source, **skipped)
        assert data == {"things": [{name: "0" for name in names if not skipped[name]}]}
    compiled = shop.operations.prepare(source)._compiled
    assert compiled
    assert len(compiled._plans) == 8


async def test_a_stream_of_documents_does_not_stay(shop: Shop) -> None:
    operations = Operations(shop.schema, lambda *_: None, Limits(documents=20, fields=60))
    for number in range(120):
        await operations.prepare(f"{{ things(n: 1) {{ id a{number}: name }} }}").execute({}, None)
    gc.collect()
    assert sum(isinstance(each, Operation) and each._owner is operations for each in gc.get_objects()) <= 20
    assert 0 < fields_of(operations) == operations._fields <= 60


async def test_introspection_is_kept(shop: Shop) -> None:
    data, errors = await shop.ask(get_introspection_query())
    again, _ = await shop.ask(get_introspection_query())
    assert errors == []
    assert data["__schema"] is again["__schema"]
    by_name = "query ($name: String!) { __type(name: $name) { name } }"
    for name in ("Thing", "Owner"):
        assert (await shop.ask(by_name, name=name))[0] == {"__type": {"name": name}}
    assert len(shop.operations.known) == 1


# --- what is generated


def source_of(operation: Operation, parents: Sequence[Any]) -> str:
    assert operation.compile()
    assert operation._compiled
    (plan,) = operation._compiled._plans.values()
    field = plan.root.fields[0]
    selection = field.selection(field.type)
    _, access = kind_of(parents, selection.fields)
    return Generator(selection.fields, access).fill().source


def test_generated_source_has_names_of_the_schema_only(shop: Shop) -> None:
    source = "{ thing { __import__: id  quit: name  id  os_system: name  __class__: __typename } }"
    text = source_of(shop.operations.prepare(source), [{}])
    words = set(re.findall(r"[A-Za-z_]\w*", text))
    ours = {"def", "fill", "parents", "out", "odd", "add", "append", "for", "o", "in", "try", "except", "Exception",
            "as", "error", "if", "not", "is", "and", "None", "str", "get", "len", "return", "tb_lineno", "__class__",
            "__traceback__"}  # fmt: skip
    assert {word for word in words - ours if not re.fullmatch(r"[vwc]\d+", word)} == {"id", "name"}


async def test_names_that_are_words_of_python() -> None:
    schema = build_schema(
        "type Query { thing: Thing } type Thing { class: String  None: String  def: Int! __x: ID }".replace(
            "__x", "x__"
        )
    )
    assert schema.query_type
    thing = {"class": "c", "None": "n", "def": 1, "x__": "i"}
    for parent in (thing, type("Thing", (), thing)()):
        schema.query_type.fields["thing"].resolve = lambda *_, parent=parent: parent
        result = (
            await Operations(schema, lambda *_: None)
            .prepare("{ thing { class None def x__ if: def } }")
            .execute({}, None)
        )
        assert result.data == {"thing": thing | {"if": 1}}
