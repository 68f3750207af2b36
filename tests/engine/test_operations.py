"""What the engine refuses, what an operation costs, and what it remembers."""

import time
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    build_schema,
    get_introspection_query,
    get_named_type,
)

from closient_gql.engine import Limits, NoSuchOperation, Operations, Refused, Trace

SCHEMA = build_schema("""
    type Query {
      node: Node  list(first: Int, of: [Int]): List  some: [Node!]!  plain: Named  either: Either  text: String
    }
    type Mutation { change: Node }
    type List { nodes: [Node!]!  total: Int }
    interface Named { child: Node }
    type Node implements Named { id: ID!  child: Node  children(first: Int): List  self: Node }
    type Other { id: ID! }
    union Either = Node | Other
""")


def size(field: GraphQLField, arguments: Mapping[str, Any]) -> int | None:
    """`first` says how long the list below is; 25 if nothing is said."""
    if isinstance(get_named_type(field.type), GraphQLObjectType) and "first" in field.args:
        first = arguments.get("first")
        return first if isinstance(first, int) and first > 0 else 25
    return None


def operations(**limits: int) -> Operations:
    return Operations(SCHEMA, size, Limits(**limits))


def refusal(source: str, variables: Mapping[str, Any] | None = None, **limits: int) -> str:
    with pytest.raises(Refused) as caught:
        operations(**limits).prepare(source).check_budget(variables or {})
    return str(caught.value)


# --- limits


def test_tokens() -> None:
    assert operations(tokens=7).prepare("{ text node { id } }")
    assert "token" in refusal("{ text node { id } }", tokens=6)


def test_aliases() -> None:
    many = "{" + " ".join(f"a{n}: text" for n in range(3_000)) + "}"
    assert refusal(many) == "The document has 3000 aliases or repeated fields; at most 100 are allowed."
    ten_thousand = "{" + " ".join(f"a{n}: text" for n in range(10_000)) + "}"
    assert "token" in refusal(ten_thousand)
    assert "10000 aliases" in refusal(ten_thousand, tokens=100_000)
    assert operations().prepare("{" + " ".join(f"a{n}: text" for n in range(100)) + "}")


def test_a_repeated_field_counts_as_an_alias() -> None:
    assert "150 aliases" in refusal("{ text" + " text" * 150 + "}")
    in_fragments = "{ ...A ...B } fragment A on Query { text node { id } } fragment B on Query { text node { id } }"
    assert operations(aliases=0).prepare(in_fragments)


def test_depth() -> None:
    def nested(fields: int) -> str:
        return "{ node {" + "child {" * (fields - 2) + "id" + "}" * fields

    assert operations().prepare(nested(14))
    assert refusal(nested(15 + 1)) == "The operation is 16 fields deep; at most 15 are allowed."
    by_fragments = "{ node { ...A } } fragment A on Node { child { ...B } } fragment B on Node { child { id } }"
    assert operations(depth=4).prepare(by_fragments)
    assert "4 fields deep" in refusal(by_fragments, depth=3)
    inline = "{ node { ... { ... on Node { child { id } } } } }"
    assert operations(depth=3).prepare(inline)


def test_introspection_has_limits_of_its_own() -> None:
    assert operations(depth=1, cost=1).prepare(get_introspection_query()).cost({}) == 0
    deep = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    assert "introspection depth" in refusal(deep)


@pytest.mark.parametrize(
    "more",
    [
        "{ __schema { a: types { ...T } b: types { ...T } c: types { ...T } } }",
        "query ($n: String!) { a: __type(name: $n) { ...T } b: __type(name: $n) { ...T } __schema { types { ...T } } }",
        "{ ... { ...A } } fragment A on Query { __schema { types { ...B } } } fragment B on __Type { x: fields { ...F }"
        " y: fields { ...F } z: fields { ...F } ... { ...T } }",
        "{ __schema { queryType { ...A } } }"
        + "".join(f"fragment {a} on __Type {{ ...{b} ...{b} }}" for a, b in pairwise("ABCDEFGHIJKLMNOPQ"))
        + "fragment Q on __Type { name }",
    ],
)
def test_the_schema_is_told_once_or_twice_in_a_document(more: str) -> None:
    """Else 2 kB of document ask for 50 MB, and for minutes in which nobody else is answered."""
    whole = """
        fragment T on __Type { kind name description fields { ...F } enumValues { name } }
        fragment F on __Field { name description type { ...R } args { name description type { ...R } } }
        fragment R on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }"""
    used = whole if "...T" in more else ""
    once = '{ __schema { types { ...T } } one: __type(name: "Node") { ...T } none: __type(name: "No") { ...T } }'
    assert operations().prepare(once + whole)
    assert refusal(more + used) == (
        "The document asks for the schema more than 2 times over. Ask for less of it, or less often."
    )


async def test_introspection_can_be_off() -> None:
    """And then nothing else tells what there is: no hint, no SDL of a subgraph."""
    federated = build_schema(
        "type Query { node(of: Kind): Node _service: Service! } type Service { sdl: String _service: ID }"
        " type Node { _service: Service } enum Kind { LARGE }"
    )
    for introspection, said in ((True, " Did you mean"), (False, "")):
        each = Operations(federated, size, introspection=introspection)
        with pytest.raises(Refused, match=f"Cannot query field 'nodes' on type 'Query'.{said}"):
            each.prepare("{ nodes { id } }")
        result = await each.prepare("query ($k: Kind) { node(of: $k) { __typename } }").execute({"k": "LARG"})
        assert ("Did you mean" in result.errors[0].message) is introspection
        traced = await each.prepare("query ($k: Kind) { node(of: $k) { __typename } }").execute(
            {"k": "LARG"}, None, Trace()
        )
        assert ("Did you mean" in traced.errors[0].message) is introspection
    assert each.prepare("{ node { _service { _service } } }")
    with pytest.raises(Refused, match="so has '_service'"):
        each.prepare("{ ... { sdl: _service { sdl } } }")
    closed = Operations(SCHEMA, size, introspection=False)
    for question in ("{ __schema { types { name } } }", '{ __type(name: "Node") { name } }'):
        with pytest.raises(Refused, match="introspection"):
            closed.prepare(question)
    assert closed.prepare("{ __typename node { __typename } }")


@pytest.mark.parametrize(
    "source",
    [
        "{ node { ...A } } fragment A on Node { child { ...A } }",
        "{ node { ...A } } fragment A on Node { ...B } fragment B on Node { ...A }",
        "{ ...A } fragment A on Query { ...A }",
    ],
)
def test_recursive_fragments(source: str) -> None:
    assert "within itself" in refusal(source)


@pytest.mark.parametrize("many", [150, 1_000, 3_000])
def test_nesting_without_depth(many: int) -> None:
    inline = "{" + "...{" * many + "text" + "}" * many + "}"
    chain = "{...F0}" + "".join(f"fragment F{n} on Query{{...F{n + 1}}}" for n in range(many))
    chain += f"fragment F{many} on Query{{text}}"
    values = "{ list(of: " + "[" * many + "]" * many + ") { total } }"
    for source in (inline, chain, values):
        refusal(source, tokens=100_000)  # one way or the other: never an error of another kind


def test_work_is_bounded_before_it_is_done() -> None:
    """Each of these took seconds, or would have taken for ever."""
    doubled = "{ node { ...F0 } }" + "".join(f"fragment F{n} on Node {{ ...F{n + 1} ...F{n + 1} }}" for n in range(80))
    doubled += "fragment F80 on Node { child { id } }"
    aliased = "{ node { ...F0 } }"
    for n in range(13):
        fields = " ".join(f"a{i}: child {{ ...F{n + 1} }}" for i in range(7))
        aliased += f"fragment F{n} on Node {{ {fields} }}"
    aliased += "fragment F13 on Node { id }"
    similar = "{" + "".join(f"...F{n} " for n in range(600)) + "}"
    similar += "".join(f"fragment F{n} on Query {{ node {{ child {{ id }} }} }}" for n in range(600))
    started = time.process_time()
    assert "at most 10000 are allowed" in refusal(doubled)
    assert "at most 10000 are allowed" in refusal(aliased)
    assert "too much to be checked" in refusal(similar)
    assert time.process_time() - started < 5  # about 0.6 s on a quiet machine


def test_problems_are_counted() -> None:
    with pytest.raises(Refused) as caught:
        operations().prepare("{" + " ".join(f"x{n}" for n in range(500)) + "}")
    assert len(caught.value.errors) == 21  # the last one says that there are more


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "Syntax Error"), ("{", "Syntax Error"), ("{ text", "Syntax Error"), ("\x00", "Syntax Error"),
        ("\ud800", "Syntax Error"), ("type A { b: Int }", "not executable"), ("{ nothing }", "Cannot query field"),
        ("fragment A on Query { text }", "never used"), ("mutation { nothing }", "Cannot query field"),
        ("subscription { text }", "not supported"),
    ],
)  # fmt: skip
def test_what_is_no_operation(source: str, words: str) -> None:
    assert words in refusal(source)


def test_the_operation_of_a_name() -> None:
    both = "query A { text } mutation B { change { id } }"
    assert operations().prepare(both, "B").kind.value == "mutation"
    for name in (None, "C", ""):
        with pytest.raises(NoSuchOperation):
            operations().prepare(both, name)


# --- price


@pytest.mark.parametrize(
    ("source", "variables", "cost"),
    [
        ("{ text __typename }", {}, 0),
        ("{ node { id } }", {}, 1),
        ("{ node { child { id } self { id } } }", {}, 3),
        ("{ some { id } }", {}, 10),
        ("{ list { total } }", {}, 1),
        ("{ list { nodes { id } } }", {}, 1 + 25),
        ("{ list(first: 3) { nodes { id child { id } } } }", {}, 1 + 3 * 2),
        ("{ list(first: 3) { nodes { children(first: 4) { nodes { id } } } } }", {}, 1 + 3 * (1 + 1 + 4)),
        ("query ($n: Int) { list(first: $n) { nodes { id } } }", {"n": 7}, 1 + 7),
        ("query ($n: Int) { list(first: $n) { nodes { id } } }", {"n": 100.0}, 1 + 100),
        ("query ($n: Int) { list(first: $n) { nodes { id } } }", {}, 1 + 25),
        ("query ($n: Int = 9) { list(first: $n) { nodes { id } } }", {}, 1 + 9),
        ("query ($n: Int = 9) { list(first: $n) { nodes { id } } }", {"n": None}, 1 + 25),
        ("query ($n: Int) { list(first: $n) { nodes { id } } }", {"n": "many"}, 1 + 25),
        ("query ($n: Int) { list(first: $n) { nodes { id } } }", {"n": -5}, 1 + 25),
        ("query ($n: Int) { list(first: $n) { nodes { id } } }", {"n": 1e300}, 1 + 25),
        ("query ($n: Int) { list(first: $n) { nodes { id } } }", {"n": 2**31}, 1 + 25),
        ("query ($n: Int) { list(first: $n) { nodes { id } } }", {"n": float("nan")}, 1 + 25),
        ("{ list(first: 2) { ...L } } fragment L on List { nodes { ...N } } fragment N on Node { self { id } }", {}, 5),
        ("{ a: list(first: 2) { ...L } b: list(first: 3) { ...L } } fragment L on List { nodes { id } }", {}, 2 + 5),
        ("{ list(first: 2) { nodes { ... { child { id } } } } }", {}, 1 + 2 * 2),
        ("{ either { ... on Node { child { id } } ... on Other { id } } }", {}, 2),
        ("{ plain { child { id } } }", {}, 2),
        ("{ node @skip(if: true) { id } }", {}, 1),
        ("mutation { change { child { id } } }", {}, 2),
    ],
)
def test_price(source: str, variables: dict[str, Any], cost: int) -> None:
    operation = operations(cost=cost).prepare(source)
    assert operation.cost(variables) == cost
    operation.check_budget(variables)
    if cost:
        assert f"with {cost} objects" in refusal(source, variables, cost=cost - 1)


def test_a_default_of_the_schema_says_how_long_a_list_is() -> None:
    schema = build_schema(
        "type Query { list(first: Int = 7, kind: Kind = BIG): [Node] } type Node { id: ID } enum Kind { BIG }"
    )
    engine = Operations(schema, lambda field, arguments: arguments.get("first"))
    assert engine.prepare("{ list { id } }").cost({}) == 7
    assert engine.prepare("{ list(first: 2) { id } }").cost({}) == 2


# --- cache


def test_documents_are_kept_and_the_oldest_forgotten() -> None:
    engine = operations(documents=2)
    first = engine.prepare("{ text }")
    assert engine.prepare("{ text }") is first
    engine.prepare("{ node { id } }")
    assert engine.prepare("{ text }") is first  # and with that it is the newest
    engine.prepare("{ some { id } }")
    assert engine.prepare("{ text }") is first
    assert len(engine._ready) == 2


def test_long_documents_do_not_fill_the_memory() -> None:
    engine = operations(characters=1_000)
    first = engine.prepare("{ text }")
    for n in range(20):
        engine.prepare(f"{{ text }} # {n} {'x' * 300}")
    assert len(engine._ready) == 3
    assert engine._characters == sum(length for _, length in engine._ready.values()) <= 1_000
    engine.prepare("{ text } #" + "x" * 2_000)  # answered all the same
    assert (len(engine._ready), engine._characters) == (0, 0)
    assert engine.prepare("{ text }") is not first


def test_what_is_refused_is_not_kept() -> None:
    engine = operations()
    for source in ("{", "{ nothing }"):
        with pytest.raises(Refused):
            engine.prepare(source)
    assert len(engine._ready) == 0


# --- execution


async def test_a_trace_has_every_field() -> None:
    def resolve(source: Any, info: GraphQLResolveInfo[Any]) -> Any:
        return {"id": "1"}

    async def later(source: Any, info: GraphQLResolveInfo[Any]) -> Any:
        return {"id": "2"}

    async def broken(source: Any, info: GraphQLResolveInfo[Any]) -> Any:
        raise ValueError("no")

    schema = build_schema("type Query { now: N later: N list: [N] broken: N } type N { id: ID }")
    assert schema.query_type
    for name, function in (("now", resolve), ("later", later), ("broken", broken)):
        schema.query_type.fields[name].resolve = function
    schema.query_type.fields["list"].resolve = lambda source, info: [{"id": "3"}, {"id": "4"}]
    operation = Operations(schema, size).prepare("{ now { id } other: later { id } list { id } broken { id } }")
    trace = Trace()
    result = await operation.execute({}, None, trace)
    assert result.data == {"now": {"id": "1"}, "other": {"id": "2"}, "list": [{"id": "3"}, {"id": "4"}], "broken": None}
    assert len(result.errors) == 1
    assert result.data == (await operation.execute({}, None)).data
    children = trace.root.children
    assert {name: list(node.children) for name, node in children.items()} == {
        "now": ["id"], "other": ["id"], "list": [0, 1], "broken": [],
    }  # fmt: skip
    assert b"\x0a\x05other" in children["other"].parts  # its name in the answer, then that in the schema
    assert b"\x72\x05later" in children["other"].parts
    assert trace.encoded()
