"""Documents and variables that are not as they should be: what graphql-core says of them, and nothing else happens."""

import math
from typing import Any

import pytest
from graphql import build_schema, execute, parse, validate

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
