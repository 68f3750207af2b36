"""Apollo's suite for subgraphs, on its own toy schema: our engine and endpoint, two of its subgraphs, a gateway."""

import pathlib

import pytest

from tests.conformance.conftest import FOLDER, Node, free_port, serving
from tests.conformance.toy.graph import schema

pytestmark = pytest.mark.node

REFERENCE = pathlib.Path(__file__).parent / "toy/products.graphql"
SUITE = FOLDER / "node_modules/@apollo/federation-subgraph-compatibility-tests/dist/subgraphs"
TOY = "tests.conformance.toy.app:create_app"


def test_all_checks_pass(node: Node, tmp_path: pathlib.Path) -> None:
    users, inventory = free_port(), free_port()
    given = {"schemas": {"products": schema.as_str()}}
    subgraphs = [{"name": "products", "schema": "products", "url": ""}]
    for name, port in (("users", users), ("inventory", inventory)):
        given["schemas"][name] = (SUITE / name / f"{name}.graphql").read_text()
        subgraphs.append({"name": name, "schema": name, "url": f"http://localhost:{port}/"})
    with (
        serving([(TOY, {})]) as [products],
        node.serve(str(SUITE / "users/index.js"), USERS_PORT=str(users)),
        node.serve(str(SUITE / "inventory/index.js"), INVENTORY_PORT=str(inventory)),
    ):
        subgraphs[0]["url"] = products
        [composed] = node.run("compose.mjs", given=given | {"divisions": [subgraphs]})
        assert {library: made["errors"] for library, made in composed.items()} == {"apollo": [], "guild": []}
        supergraph = tmp_path / "supergraph.graphql"
        supergraph.write_text(composed["apollo"]["supergraph"])
        with node.serve("gateway.mjs", str(supergraph)) as gateway:
            router = f"http://127.0.0.1:{gateway}/"
            checks = node.run("suite.mjs", products, router, str(REFERENCE))
    assert {check["name"]: check["error"] for check in checks if check["error"]} == {}
    assert len(checks) == 23
