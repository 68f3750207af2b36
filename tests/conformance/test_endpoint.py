"""What the endpoint adds to GraphQL over HTTP: the price, the trace, refusals in the caller's media type."""

from typing import Any

import pytest

from tests.conftest import Client

NEWER = "application/graphql-response+json"


async def ask(client: Client, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
    body = {"query": query, "variables": variables}
    return (await client.post("/graphql", json=body, headers=headers)).json()


LIST = "query ($n: Int) { products(first: $n) { nodes { brand { name } } totalCount } }"


async def test_the_price_is_the_figure_of_the_budget(demo_api: Client) -> None:
    wanted = {"X-GraphQL-Cost": "1"}
    for given, cost in (({"n": 3}, 7), ({"n": 3.0}, 7), ({}, 51), ({"n": None}, 51)):
        answer = await ask(demo_api, LIST, wanted, **given)
        assert answer["extensions"] == {"cost": cost}
        assert len(answer["data"]["products"]["nodes"]) == (cost - 1) // 2
    assert "extensions" not in await ask(demo_api, LIST, n=3)
    nested = "{ brands(first: 100) { nodes { products(first: 100) { nodes { id } } } } }"
    [error] = (await ask(demo_api, nested, wanted))["errors"]
    assert "10201 objects; at most 10000" in error["message"]  # 1 + 100 * (1 + 1 + 100)
    assert error["extensions"]["code"] == "BAD_REQUEST"


async def test_a_trace_is_given_to_gateways_only(demo_api: Client) -> None:
    wanted = {"apollo-federation-include-trace": "ftv1", "X-GraphQL-Cost": "1"}
    answer = await ask(demo_api, LIST, wanted, n=1)
    assert set(answer["extensions"]) == {"cost", "ftv1"}
    assert answer["data"] == (await ask(demo_api, LIST, {"apollo-federation-include-trace": "no"}, n=1))["data"]


@pytest.mark.parametrize("accept", ["application/json", NEWER])
async def test_refusals_come_in_the_media_type_that_was_asked_for(demo_api: Client, accept: str) -> None:
    headers = {"Accept": accept}
    for answer in (
        await demo_api.post("/graphql", content=b"{", headers={**headers, "Content-Type": "application/json"}),
        await demo_api.post("/graphql", content=b"{}", headers={**headers, "Content-Type": "text/plain"}),
        await demo_api.post("/graphql", json=[], headers=headers),
        await demo_api.post("/graphql", json=[{"query": "{ __typename }"}], headers=headers),
        await demo_api.post("/graphql", json="{ __typename }", headers=headers),
        await demo_api.get("/graphql", headers=headers),
        await demo_api.get("/graphql", params={"query": "{ __typename }", "variables": "{"}, headers=headers),
    ):
        assert answer.headers["content-type"] == accept
        assert answer.status_code in (400, 415)
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"), ("*/*", "application/json"), ("application/*", "application/json"),
        ("text/plain, application/json;q=0.1", "application/json"), (f"{NEWER}, application/json", NEWER),
        (f"{NEWER};q=0.5, application/json", "application/json"), (f"{NEWER};q=0, */*", "application/json"),
        (f"APPLICATION/JSON;q=0.2, {NEWER.upper()};q=0.9", NEWER), ("application/json;q=0, */*;q=0.1", NEWER),
        ("text/plain", None), ("image/*", None),
    ],
)  # fmt: skip
async def test_the_media_type_is_negotiated(demo_api: Client, accept: str | None, kind: str | None) -> None:
    headers = {"Accept": accept} if accept else {"Accept": ""}
    answer = await demo_api.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert answer.status_code == (200 if kind else 406)
    assert answer.headers["content-type"] == (kind or "application/json")
