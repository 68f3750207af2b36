"""Searches as tests ask them."""

from typing import Any

from tests.conftest import Client

PAGE = """
query ($query: String!, $filters: SearchFiltersInput, $kinds: [SearchKind!], $first: Int, $after: String, $last: Int,
       $before: String, $page: Int, $pageSize: Int) {
  search(query: $query, filters: $filters, kinds: $kinds, first: $first, after: $after, last: $last, before: $before,
         page: $page, pageSize: $pageSize) {
    totalCount threshold degraded corrections { typed searched }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { kind id score name }
  }
}
"""
FACETS = """
query ($query: String!, $filters: SearchFiltersInput, $kinds: [SearchKind!], $by: [SearchFacetKind!]!) {
  search(query: $query, filters: $filters, kinds: $kinds) {
    totalCount facets(kinds: $by) { kind singleValued buckets { value label count } }
  }
}
"""


async def graph(client: Client, document: str, /, **variables: Any) -> Any:
    """The data; a test fails with the errors."""
    answer = await client.post("/graphql", json={"query": document, "variables": variables})
    body = answer.json()
    assert "errors" not in body, body["errors"]
    return body["data"]


async def search(client: Client, query: str, **variables: Any) -> Any:
    return (await graph(client, PAGE, query=query, **variables))["search"]


async def names(client: Client, query: str, **variables: Any) -> list[str]:
    """Of all hits, in their order."""
    found = await search(client, query, **{"first": 100} | variables)
    assert found["totalCount"] == len(found["nodes"])
    return [node["name"] for node in found["nodes"]]


async def rest(client: Client, status: int = 200, **parameters: Any) -> Any:
    answer = await client.get("/search/api/v1/search", params=parameters)
    assert answer.status_code == status, answer.text
    return answer.json()
