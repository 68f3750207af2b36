"""Every answer of a REST endpoint is held against the OpenAPI document that the same application publishes."""

import re
from functools import cache
from typing import Any

import httpx2
import jsonschema

from closient_gql.core.settings import Settings
from closient_gql.server.app import endpoints_of, openapi_of, operations_of
from closient_gql.server.rest.apis import APIS, Api, api_of
from schema import graph

NO_BODY = (204, 304)


@cache
def document(api: Api) -> dict[str, Any]:
    return openapi_of(api, endpoints_of(operations_of(graph(), Settings())))


@cache
def operations(api: Api) -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    """Method, address and operation; addresses without parameters come first."""
    found = [
        (method.upper(), path, operation)
        for path, item in document(api)["paths"].items()
        for method, operation in item.items()
    ]
    found.sort(key=lambda each: "{" in each[1])
    return [(m, re.compile(api.mount + re.sub(r"\{\w+\}", "[^/]+", p) + "/?"), o) for m, p, o in found]


def operation_of(method: str, path: str) -> tuple[Api, dict[str, Any]] | None:
    api = api_of(path)
    method = "GET" if method == "HEAD" else method
    for candidate, pattern, operation in operations(api) if api else ():
        if candidate == method and pattern.fullmatch(path):
            return api, operation  # type: ignore[return-value]
    return None


async def checking(response: httpx2.Response) -> None:
    """Fails the test whose answer its document does not promise. An event hook of the tests' clients."""
    found = operation_of(response.request.method, response.request.url.path)
    if found is None:
        return
    api, operation = found
    name = f"{operation['operationId']} answered {response.status_code}"
    promised = operation["responses"].get(str(response.status_code))
    assert promised is not None, f"{name}, which its document does not name"
    if response.status_code in NO_BODY or response.request.method == "HEAD":
        return
    await response.aread()
    kind = response.headers["content-type"].split(";")[0]
    assert kind in promised["content"], f"{name} as {kind}"
    if kind.endswith("json"):
        schema = {**promised["content"][kind]["schema"], "components": document(api)["components"]}
        jsonschema.Draft202012Validator(schema).validate(response.json())
