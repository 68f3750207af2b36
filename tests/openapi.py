"""Every answer of a REST endpoint is held against the OpenAPI document that the same application publishes."""

import re
from functools import cache
from typing import Any

import httpx2
import jsonschema

from closient_gql.core.settings import Settings
from closient_gql.server.app import endpoints_of, openapi_of, operations_of
from closient_gql.server.rest.apis import APIS, Api, api_of
from closient_gql.server.rest.compile import Endpoint
from schema import graph

NO_BODY = (204, 304, 307)


@cache
def endpoints() -> list[Endpoint]:
    """Compiled once: all documents are made of them."""
    return endpoints_of(operations_of(graph(), Settings()))


@cache
def document(api: Api) -> dict[str, Any]:
    return openapi_of(api, endpoints())


@cache
def paths(api: Api) -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Addresses and their operations by method; addresses without parameters come first (OpenAPI, path templating)."""
    found = sorted(document(api)["paths"].items(), key=lambda each: "{" in each[0])
    return [
        (re.compile(root_of(api, next(iter(item.values()))) + re.sub(r"\{\w+\}", "[^/]+", path) + "/?"), item)
        for path, item in found
    ]


def operation_of(method: str, path: str) -> tuple[Api, dict[str, Any]] | None:
    """The operation that a request is for; None if no document has it."""
    api = api_of(path) or next(each for each in APIS if each.domain == "digital_link")
    item = next((item for pattern, item in paths(api) if pattern.fullmatch(path)), {})
    operation = item.get("get" if method == "HEAD" else method.lower())
    return (api, operation) if operation else None


def operation_name(answer: httpx2.Response) -> str | None:
    """The operationId of what was asked."""
    found = operation_of(answer.request.method, answer.request.url.path)
    return found[1]["operationId"] if found else None


def operations(domain: str) -> dict[str, tuple[str, str, int]]:
    """Every endpoint of a domain's document: operationId -> method, path, and the status of success."""
    (api,) = (each for each in APIS if each.domain == domain)
    return {
        each["operationId"]: (method.upper(), root_of(api, each) + path, min(map(int, each["responses"])))
        for path, item in document(api)["paths"].items()
        for method, each in item.items()
    }


def root_of(api: Api, operation: dict[str, Any]) -> str:
    """Where an operation's path begins: at the API's mount, unless it says another server."""
    found: str = operation.get("servers", [{"url": api.mount}])[0]["url"]
    return found.rstrip("/")


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
