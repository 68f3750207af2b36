"""The published documents: valid, complete, and true of what is answered."""

import re
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from closient_gql.core.settings import settings
from closient_gql.server.ratelimit import MemoryLimiter, Window
from closient_gql.server.rest.apis import APIS, Api
from closient_gql.server.routes import EXTRA
from tests.conftest import Client
from tests.openapi import document

EVERY = {"400", "401", "429", "500", "503"}  # an operation of any kind can answer with these
OPERATIONS = [
    pytest.param(api, method, path, id=f"{method.upper()} {api.mount}{path}")
    for api in APIS
    for path, item in document(api)["paths"].items()
    for method in item
]
NEVER_REFUSED = {"track_brand_locator_widget_events", "track_widget_analytics_events"}  # 204 always
BEYOND_JSON = [extra.described["operationId"] for extra in EXTRA]
GTIN, ID = "4006381333931", "ack3p9tw6x7r"  # of nothing


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.domain)
def test_documents_are_valid(api: Api) -> None:
    found = document(api)
    validate(found)
    assert found["openapi"] == "3.1.0"
    assert found["info"].keys() == {"title", "version", "description"}
    assert found["servers"] == [{"url": api.mount}]
    for name, schema in found["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert f"#/components/schemas/{name}" in str(found) or name in ("Error", "Problem"), f"{name} is not used"


@pytest.mark.parametrize(("api", "method", "path"), OPERATIONS)
def test_operations_are_described(api: Api, method: str, path: str) -> None:
    operation = document(api)["paths"][path][method]
    assert operation["summary"].endswith(".")
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"])
    declared = {tag["name"] for tag in document(api)["tags"]}
    assert len(operation["tags"]) == 1
    assert set(operation["tags"]) <= declared or operation["operationId"] in BEYOND_JSON
    assert operation["security"] in ([{"ApiKey": []}], [{}, {"ApiKey": []}])
    if operation["operationId"] in NEVER_REFUSED:
        assert set(operation["responses"]) == {"204"}
        return
    scanned = "servers" in operation  # at the root of the site: for everybody, in the words of GS1
    assert set(operation["responses"]) >= (EVERY - {"401", "429"} if scanned else EVERY)
    assert {"413", "415"} <= set(operation["responses"]) or "requestBody" not in operation
    assert [p["name"] for p in operation["parameters"] if p["in"] == "path"] == re.findall(r"\{(\w+)\}", path)
    for parameter in operation["parameters"]:
        assert parameter["description"], parameter["name"]
        assert re.fullmatch("[a-z_]+", parameter["name"]) or scanned
    for status, response in operation["responses"].items():
        assert response["description"]
        if status >= "400":
            assert {kind: each for kind, each in response["content"].items() if kind != "text/html" or not scanned} == {
                "application/json": {"schema": {"$ref": "#/components/schemas/Error"}},
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
            }
    assert scanned or operation["responses"]["429"]["headers"].keys() == {"Retry-After"}


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.domain)
def test_properties_are_described(api: Api) -> None:
    """Of schemas that stand for types of the graph; meaning, unit and source are said there."""
    lacking = [
        f"{name}.{key}"
        for name, schema in document(api)["components"]["schemas"].items()
        if name not in ("Error", "Problem")
        for key, inner in schema.get("properties", {}).items()
        if not inner.get("description")
    ]
    assert lacking == []


async def test_documents_are_served(api: Client) -> None:
    for each in APIS:
        answer = await api.get(f"{each.mount}/openapi.json", headers={"Origin": "https://elsewhere.example"})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.json() == document(each)
    catalog = await api.get("/.well-known/api-catalog")
    assert catalog.headers["Content-Type"] == "application/linkset+json"
    assert [link["anchor"] for link in catalog.json()["linkset"]] == [f"http://testserver{a.mount}/" for a in APIS]
    for link in catalog.json()["linkset"]:
        assert (await api.get(link["service-desc"][0]["href"])).json()["openapi"] == "3.1.0"
        assert (await api.get(link["service-doc"][0]["href"])).headers["Content-Type"] == "text/html; charset=utf-8"


def conforms(api: Api, method: str, path: str, answer: Any) -> None:
    """What the tests' client checks by itself, for both forms of an error."""
    responses = document(api)["paths"][path][method]["responses"]
    kind = answer.headers["Content-Type"]
    schema = responses[str(answer.status_code)]["content"][kind]["schema"]
    whole = {**schema, "components": document(api)["components"]}
    jsonschema.Draft202012Validator(whole).validate(answer.json())


async def test_errors_are_answered_in_both_documented_forms(demo_api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every operation, every status that any caller can bring about."""
    for parameters in OPERATIONS:
        api, method, path = parameters.values
        assert isinstance(api, Api)
        operation = document(api)["paths"][path][method]
        if operation["operationId"] in NEVER_REFUSED or "servers" in operation:  # nobody is refused at the root
            continue
        address = api.mount + re.sub(r"\{\w+\}", ID, str(path).replace("{gtin}", GTIN).replace("{version}", "1"))
        demo_api.app.state.limiter = MemoryLimiter()  # type: ignore[attr-defined]  # bad keys spend the address's limit
        for wanted in ("application/json", "application/problem+json"):
            await check_errors(demo_api, monkeypatch, api, str(method), str(path), address, {"Accept": wanted})


async def check_errors(
    client: Client, monkeypatch: pytest.MonkeyPatch, api: Api, method: str, path: str, address: str, wanted: Any
) -> None:
    async def ask(expected: int, **given: Any) -> None:
        headers = wanted | given.pop("headers", {})
        answer = await client.request(method, address, headers=headers, **given)
        assert (answer.status_code, answer.headers["Content-Type"]) == (expected, wanted["Accept"]), address
        conforms(api, method, path, answer)

    operation = document(api)["paths"][path][method]
    await ask(401, headers={"X-API-Key": "malformed"})
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        await ask(400, content=b"{")
        await ask(415, content=b"x", headers={"Content-Type": "text/plain"})
        await ask(422, json=5)
        await ask(413, content=b" " * (settings().max_body + 1))
    elif method == "get" and operation["operationId"] not in BEYOND_JSON and "{" in path:
        asked = [p["name"] for p in operation["parameters"] if p["in"] == "query" and p.get("required")]
        await ask(422 if asked else 404)
    with monkeypatch.context() as patched:
        patched.setattr("closient_gql.server.gate.caller", spent)
        await ask(429)
        patched.setattr("closient_gql.server.gate.caller", broken)
        await ask(500)


class Nothing(Window):
    """No requests at all."""

    def __post_init__(self) -> None: ...


def spent(*_: Any) -> Any:
    """A caller who has no requests left."""
    return "nobody", (Nothing(60, 0),)


def broken(*_: Any) -> Any:
    raise RuntimeError("a fault of ours")
