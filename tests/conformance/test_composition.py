"""Any division of the graph into subgraphs composes, by both libraries, to the API of the whole graph."""

import json
import random
import subprocess
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, build_schema

import schema
from tests.conformance.conftest import Node

pytestmark = pytest.mark.node

RANDOM_DIVISIONS = 4  # in each of two tests
MORE = ("alpha", "beta", "gamma", "delta", "epsilon")  # of more_domains.py
Division = Sequence[tuple[str, ...]]
FOREIGN = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])

type Query { reviewed: [Product!]! }
type Product @key(fields: "id") { id: ID! reviews: [Review!]! }
type Review @key(fields: "id") { id: ID! stars: Int! brand: Brand }
type Brand @key(fields: "id") { id: ID! name: String! @external slogan: String! @requires(fields: "name") }
"""
FOREIGN_BY_GTIN = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])

scalar GTIN
type Query { stocked: [Product!]! }
type Product @key(fields: "gtin") { gtin: GTIN! stock: Int! }
"""


def divisions_of(domains: Sequence[str], seed: int = 0) -> list[Division]:
    """The whole, each domain alone, and some by chance: always the same ones."""
    by_chance = [random_division(domains, seed + n) for n in range(RANDOM_DIVISIONS)]
    return [[tuple(domains)], [(domain,) for domain in domains], *by_chance]


def random_division(domains: Sequence[str], seed: int) -> Division:
    dice = random.Random(seed)
    groups = dice.randint(2, max(2, len(domains) - 1))
    divided: dict[int, list[str]] = {}
    for domain in domains:
        divided.setdefault(dice.randrange(groups), []).append(domain)
    return [tuple(group) for group in divided.values()]


def subgraph(domains: Iterable[str]) -> dict[str, str]:
    name = "-".join(domains)
    return {"name": name, "url": f"http://{name}.invalid/graphql", "schema": name}


def compose(
    node: Node, divisions: Sequence[Division], sdl: dict[str, str] | None = None, **foreign: str
) -> list[dict[str, Any]]:
    """What each library makes of each division, with these further subgraphs in all of them."""
    groups = {group for division in divisions for group in division}
    sdl = sdl or {"-".join(group): schema.graph(*group).as_str() for group in groups}
    asked = [[subgraph(domains) for domains in division] + [subgraph([name]) for name in foreign]
             for division in divisions]  # fmt: skip
    results: list[dict[str, Any]] = node.run("compose.mjs", given={"schemas": sdl | foreign, "divisions": asked})
    for division, result in zip(divisions, results, strict=True):
        for library, made in result.items():
            assert (made["errors"], made["hints"]) == ([], []), f"{library}: {division}"
    return results


def one_api(divisions: Sequence[Division], results: Sequence[dict[str, Any]]) -> str:
    """The API that all divisions give."""
    api: str = results[0]["apollo"]["api"]
    for division, result in zip(divisions, results, strict=True):
        for library, made in result.items():
            assert made["api"] == api, f"{library}: {division}"
    return api


def test_every_division_is_the_whole_graph(node: Node) -> None:
    divisions = divisions_of(schema.DOMAINS)
    api = one_api(divisions, compose(node, divisions))
    assert "type Product {" in api
    # and clients of the gateway see it without the machinery
    ours, seen = shape(schema.graph()._schema), shape(build_schema(api))
    assert ours.pop("_Service") == {"sdl"}
    assert ours["Query"] - seen["Query"] == {"_service", "_entities"}
    ours["Query"] = seen["Query"]
    assert seen == ours


def test_so_it_is_with_domains_that_may_come(node: Node) -> None:
    """Mutations, unions, fields that need others' fields, entities that nobody points to, domains with nothing."""
    made = divisions_of((*schema.DOMAINS, *MORE), RANDOM_DIVISIONS)
    done = subprocess.run(
        [sys.executable, "-m", "tests.conformance.more_domains"], input=json.dumps(made), text=True,
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    api = one_api(made, compose(node, made, json.loads(done.stdout)))
    for line in ("union Hit = Product | Widget", "type Gadget {", "  widgetCreate(widget: Widget", "  rating: Int"):
        assert line in api


def shape(graph: GraphQLSchema) -> dict[str, set[str]]:
    """The fields of each type that is not part of GraphQL itself."""
    kinds = (GraphQLObjectType, GraphQLInputObjectType)
    return {kind.name: set(kind.fields) for kind in graph.type_map.values()
            if isinstance(kind, kinds) and not kind.name.startswith("__")}  # fmt: skip


def test_composes_with_subgraphs_of_others(node: Node) -> None:
    divisions = divisions_of(schema.DOMAINS)[:2]
    for foreign, field in ((FOREIGN, "reviews:"), (FOREIGN_BY_GTIN, "stock:")):
        assert field in one_api(divisions, compose(node, divisions, foreign=foreign))
