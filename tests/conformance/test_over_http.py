"""GraphQL over HTTP, as graphql-http's audit of servers sees it."""

import pytest

from tests.conformance.conftest import Node
from tests.conftest import Served

pytestmark = pytest.mark.node


def test_the_audit_finds_nothing(node: Node, served: Served) -> None:
    checks = node.run("audit.mjs", f"{served.url}/graphql", served.key)
    assert [check for check in checks if check["status"] != "ok"] == []
    assert len(checks) == 61
