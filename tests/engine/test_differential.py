"""Compiled operations answer what graphql-core answers: `scripts/fuzz` compares 20,000 and more, others each time."""

import asyncio
import warnings
from typing import Any

import pytest
from graphql import GraphQLError, build_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import queries

from closient_gql.engine import Result
from tests.engine.differential import Both, check, check_other, differences
from tests.engine.fuzz import OTHERS, documents
from tests.engine.others import Other
from tests.engine.worlds import World

SDL = """
    type Query { node(id: ID!, deep: Boolean = true): Node  nodes(first: Int): [Node!]  named: [Named] }
    interface Named { name: String! }
    type Node implements Named { id: ID!  name: String!  parent: Node  children(of: [Kind!]): [Node]!  weight: Float }
    type Leaf implements Named { name: String!  kind: Kind! }
    enum Kind { BIG SMALL }
"""


def few(examples: int) -> settings:
    every = list(HealthCheck)
    return settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=every
    )  # fmt: skip


def test_generated_worlds() -> None:
    """Schemas, documents, variables and data at random, with all kinds of errors in them: 500 operations and more."""
    compared = []

    @few(80)
    @given(st.integers(0, 10**9))
    def one(seed: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # graphql-core drops coroutines when an error cancels a list
            count, found = asyncio.run(check(seed))
        assert found == []
        compared.append(count)

    one()
    assert sum(compared) >= 500


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.name)
def test_schemas_as_others_write_them(other: Other) -> None:
    """Documents of hypothesis-graphql, and variants of them: some 30 operations of each schema."""
    compared = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for source, seed in documents(other, 7, 5):
            count, found = asyncio.run(check_other(other, source, seed))
            assert found == []
            compared += count
    assert compared >= 10


def schema() -> Any:
    def node(source: Any, info: Any, **arguments: Any) -> Any:
        if info.path.key == "broken":
            raise ValueError("broken")
        found = {"__typename": "Node", "id": 7, "name": "n", "parent": None, "children": [None], "weight": 0.5}
        return found if info.field_name in ("node", "parent") else [found, found | {"name": None}]

    made = build_schema(SDL)
    assert made.query_type
    for field in made.query_type.fields.values():
        field.resolve = node
    return made


@few(10)
@given(queries(SDL))
def test_documents_of_hypothesis_graphql(source: str) -> None:
    both = Both(schema())
    prepared = both.prepare(source)
    assert prepared is not None

    async def run() -> list[str]:
        ours, theirs = [await operation.execute({}, None) for operation in prepared]
        return differences(ours, theirs, ordered=True)

    assert asyncio.run(run()) == []


@pytest.mark.parametrize(
    ("data", "message", "path"),
    [({"a": 2}, "x", ["a"]), ({"a": True}, "x", ["a"]), ({"a": 1}, "y", ["a"]), ({"a": 1}, "x", ["b"])],
)
def test_a_difference_is_seen(data: Any, message: str, path: list[Any]) -> None:
    one = Result({"a": 1}, [GraphQLError("x", path=["a"])])
    assert differences(one, one, ordered=True) == []
    assert differences(one, Result(data, [GraphQLError(message, path=path)]), ordered=True)


def test_worlds_are_the_same_for_the_same_seed() -> None:
    one, other = World(5), World(5)
    assert [one.document() for _ in range(3)] == [other.document() for _ in range(3)]
    assert World(6).document() != World(5).document()
