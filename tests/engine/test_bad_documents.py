"""Documents and variables that are not as they should be: what graphql-core says of them, and nothing else happens."""

import math
from typing import Any

import pytest
from graphql import GraphQLError, build_schema, execute, parse, validate

from closient_gql.engine import Limits, Operations, Refused

SCHEMA = build_schema("""
    type Query { node(id: ID!, of: Kind): Node  number(a: Int, b: Float, in: Given): Float }
    type Node { id: ID!  name: String!  parent: Node  other(first: Int): Node }
    enum Kind { BIG SMALL }
    input Given { a: Int!  inner: Given  many: [Float!] }
""")
GENEROUS = Limits(tokens=10**6, aliases=10**6, depth=10**3, cost=10**12)
DOCUMENTS = (
    "{ node(id: 1) { name: id name } }",
    "{ node(id: 1) { x: other(first: 1) { id } x: other(first: 2) { id } } }",
    "{ node(id: 1) { ...Nobody } }",
    "{ node(id: 1) { ...A } } fragment A on Node { parent { ...B } } fragment B on Node { parent { ...A } }",
    "{ node(id: 1) { ...A } } fragment A on Kind { id }",
    "{ node { id } }",
    "{ node(id: 1, id: 2) { id } }",
    "{ node(id: 1, of: HUGE) { id } }",
    "{ node(id: 1) }",
    "{ number { id } }",
    "query ($a: Int) { number(b: $b) }",
    "query ($a: Node) { number }",
    "{ number(a: 99999999999) }",
    "{ number(in: {a: 1, b: 2}) }",
    "{ number @unknown }",
    "query A { number } query A { number }",
    "{ number } fragment Unused on Node { id }",
    "{ __proto__ __class__ }",
)
VALUES: tuple[Any, ...] = (
    math.nan, math.inf, -math.inf, "text", True, 2**31, 2**70, 1.5, [], {}, {"a": math.nan},
    {"a": 1, "many": [math.inf]}, {"a": 1, "inner": {"a": "x"}}, {"a": 1, "unknown": 1},
    {"a": 1, "many": [None]}, "half \ud800", "__import__('os')",
)  # fmt: skip


@pytest.mark.parametrize("source", DOCUMENTS)
def test_documents_that_do_not_fit(source: str) -> None:
    expected = validate(SCHEMA, parse(source))
    assert expected
    with pytest.raises(Refused) as refused:
        Operations(SCHEMA, limits=GENEROUS).prepare(source)
    assert [e.formatted for e in refused.value.errors] == [e.formatted for e in expected]


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("head", ["$a: Int", "$b: Float!", "$in: Given"])
async def test_variables_that_do_not_fit(head: str, value: Any) -> None:
    name = head.partition(":")[0]
    source = f"query ({head}) {{ number({name[1:]}: {name}) }}"
    root = {"number": 1.5}
    expected: Any = execute(SCHEMA, parse(source), root, variable_values={name[1:]: value})
    found = await Operations(SCHEMA).prepare(source).execute({name[1:]: value}, None)
    assert [e.formatted for e in found.errors] == [e.formatted for e in expected.errors or ()]


@pytest.mark.parametrize(
    "source",
    [
        "{ " + "number " * 100_000 + "}",
        "{ node(id: 1) " + "{ parent " * 5_000 + "{ id }" + " }" * 5_000 + " }",
        "{ " + " ".join(f"a{n}: number" for n in range(3_000)) + " }",
        "query (" + "".join(f"$v{n}: Int " for n in range(20_000)) + ") { number }",
        "{ number(in: " + "{inner: " * 20_000 + "1" + "}" * 20_000 + ") }",
    ],
    ids=["tokens", "deep", "wide", "variables", "literal"],
)
def test_documents_that_are_too_large_are_refused_at_once(source: str) -> None:
    operations = Operations(SCHEMA)
    with pytest.raises(Refused):
        operations.prepare(source)
    assert not operations._ready


def chain(depth: int) -> str:
    return "{ node(id: 1) " + "{ parent " * depth + "{ id name }" + " }" * depth + " }"


@pytest.mark.parametrize(
    "source",
    [
        chain(95),
        "{ " + " ".join(f"a{n}: node(id: {n}) {{ id }}" for n in range(300)) + " }",
        "{ node(id: 1) { ...F0 } } fragment F9 on Node { id } "
        + " ".join(f"fragment F{n} on Node {{ parent {{ ...F{n + 1} }} ...F{n + 1} }}" for n in range(9)),
        "{ " + "number " * 200 + "}",
    ],
    ids=["deep", "wide", "fragments that double", "repeated"],
)
async def test_large_documents_that_are_allowed(source: str) -> None:
    class Node:
        id, name = 7, None  # which is an error, as deep as it stands

        @property
        def parent(self) -> "Node":
            return self

    root = {"node": Node(), "number": 0.5}
    expected: Any = execute(SCHEMA, parse(source), root)
    ways: list[str] = []
    found = await Operations(SCHEMA, limits=GENEROUS, observe=ways.append).prepare(source).execute({}, root=root)
    assert ways == ["compiled"]
    assert found.data == expected.data
    assert [e.formatted for e in found.errors] == [e.formatted for e in expected.errors or ()]


def refuse(given: Any) -> Any:
    raise GraphQLError(f"{given} will not do")


@pytest.mark.parametrize(
    "source",
    [
        "{ number(in: {a: 1}) }",
        "query ($in: Given) { number(in: $in) }",
        "query ($in: Given = {a: 2}) { number(in: $in) }",
        "query ($b: Boolean!) { number(in: {a: 1}) @include(if: $b) }",
    ],
)
async def test_input_that_a_schema_refuses_by_itself(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a literal, in variables, in a default: found when it is compiled, and said when it runs."""
    monkeypatch.setattr(SCHEMA.type_map["Given"], "out_type", refuse)
    for variables in ({}, {"in": {"a": 3}, "b": True}, {"b": False}):
        expected: Any = execute(SCHEMA, parse(source), {"number": 1.5}, variable_values=variables)
        found = await Operations(SCHEMA).prepare(source).execute(variables, root={"number": 1.5})
        assert found.data == expected.data
        assert [e.formatted for e in found.errors] == [e.formatted for e in expected.errors or ()]


@pytest.mark.parametrize("kind", [dict, "attributes"])
async def test_arguments_of_fields_without_a_resolver(kind: Any) -> None:
    """They are not used, and yet they may be wrong: null where it may not be, by a variable with a default."""
    schema = build_schema("type Query { a(n: Int!): Int  of(n: Int!): Query  many(n: Int!): [Int!] }")
    given: dict[str, Any] = {"a": 1, "many": [1], "of": {"a": 2}}
    root = given if kind is dict else type("Root", (), given)()
    source = "query ($n: Int = 1) { a(n: $n) b: a(n: 3) many(n: $n) of(n: $n) { a(n: $n) } }"
    for variables in ({}, {"n": None}, {"n": 2}):
        expected: Any = execute(schema, parse(source), root, variable_values=variables)
        found = await Operations(schema).prepare(source).execute(variables, root=root)
        assert found.data == expected.data
        assert [e.formatted for e in found.errors] == [e.formatted for e in expected.errors or ()]
