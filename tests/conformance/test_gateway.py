"""Through a gateway over several processes, each with some domains, the answers are those of the whole graph."""

import contextlib
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

import schema
from tests.conformance.conftest import Node, post, serving
from tests.conftest import Served

pytestmark = pytest.mark.node

APPS = {
    "attached": ("closient_gql.server.app:application", 2),
    "detached": ("tests.conformance.detached:create_app", 3),
}
"""What each process runs, and how many there are at the most; domains are dealt out to them in turn."""
QUERIES = {
    "product to brand to products": """query ($gtin: GTIN! = "00009800895007") {
        product(gtin: $gtin) { id gtin productName created brand { id name hasSocialLinks organization { name }
          products(first: 3) { totalCount nodes { gtin productName brand { name } } pageInfo { endCursor } } } }
    }""",
    "a page of products": """{
        products(page: 2, pageSize: 5, ordering: NAME) { pagination { totalCount totalPages hasNext }
          edges { cursor node { gtin brand { name metadata organizationId organization { name country } } } } }
    }""",
    "brands, aliases, fragments": """query ($first: Int = 3) {
        some: brands(first: $first) { nodes { ...B } }
        more: brands(first: 1, ordering: NAME_DESC) { nodes { ...B } }
      }
      fragment B on Brand { label: name products(last: 2) { nodes { gtin brand { id } } } }""",
    "several codes": """{
        productsByGtin(codes: ["009800895007", "4006381333931", "12"]) { status product { brand { name } } }
    }""",
    "the caller": """{
        viewer { user { email } organizations { id name } apiKey { kind isActive } } quota { windows { seconds quota } }
    }""",
    "nothing found": '{ brand(id: "zzzzzzzzzzzz") { name } product(gtin: "4006381333931") { gtin } }',
    "not valid": "{ brands(first: 1000) { nodes { name } } viewer { apiKey { kind } } }",
}


@contextlib.contextmanager
def divided(node: Node, app: tuple[str, int], database_url: str, folder: pathlib.Path) -> Iterator[str]:
    """The address of a gateway over the domains, dealt out to processes of their own."""
    factory, processes = app
    groups = [group for n in range(processes) if (group := schema.DOMAINS[n::processes])]
    environments = [{"CLOSIENT_DOMAINS": ",".join(group), "DATABASE_URL": database_url} for group in groups]
    with serving([(factory, environment) for environment in environments]) as urls:
        names = ["-".join(group) for group in groups]
        sdl = [post(url, "{ _service { sdl } }")["data"]["_service"]["sdl"] for url in urls]
        division = [{"name": name, "url": url, "schema": name} for name, url in zip(names, urls, strict=True)]
        given = {"schemas": dict(zip(names, sdl, strict=True)), "divisions": [division]}
        [composed] = node.run("compose.mjs", given=given)
        file = folder / "supergraph.graphql"
        file.write_text(composed["guild"]["supergraph"])
        with node.serve("gateway.mjs", str(file)) as port:
            yield f"http://127.0.0.1:{port}/"


# one test for each kind of process: starting them takes longer than all questions together
@pytest.mark.parametrize("app", APPS.values(), ids=list(APPS))
def test_same_answers(node: Node, app: tuple[str, int], served: Served, demo_url: str, tmp_path: pathlib.Path) -> None:
    with divided(node, app, demo_url, tmp_path) as gateway:
        for name, query in QUERIES.items():
            whole, found = (post(url, query, served.key) for url in (f"{served.url}/graphql", gateway))
            assert whole["data"], name
            assert found["data"] == whole["data"], name
            assert codes(found) == codes(whole), name
        without_key = post(gateway, QUERIES["product to brand to products"])
        assert without_key["data"] == {"product": None}
        assert codes(without_key) == ["UNAUTHORIZED"]


def codes(answer: dict[str, Any]) -> list[str]:
    return sorted(error["extensions"]["code"] for error in answer.get("errors", ()))
