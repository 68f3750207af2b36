"""The committed snapshots of the SDL and the OpenAPI documents: what the platform promises, in the open."""

import json
import pathlib
import sys
from typing import Any

from graphql import build_schema, find_breaking_changes

import schema
from closient_gql.core.settings import Settings
from closient_gql.server.app import endpoints_of, openapi_of, operations_of
from closient_gql.server.rest.apis import APIS
from schema import graph

FOLDER = pathlib.Path(schema.__file__).parent / "snapshots"
FEDERATION = """
scalar FieldSet
directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @shareable on OBJECT | FIELD_DEFINITION
directive @external on FIELD_DEFINITION
directive @requires(fields: FieldSet!) on FIELD_DEFINITION
directive @link(url: String!, import: [String]) repeatable on SCHEMA
"""


def sdl(*domains: str) -> str:
    """The SDL of the whole graph, or of the subgraph of these domains."""
    return graph(*domains).as_str() + "\n"


def made() -> dict[pathlib.Path, str]:
    """Every snapshot as it is now."""
    endpoints = endpoints_of(operations_of(graph(), Settings()))
    found = {FOLDER / "closient.graphql": sdl()}
    for api in APIS:
        text = json.dumps(openapi_of(api, endpoints), indent=1, ensure_ascii=False)
        found[FOLDER / "openapi" / f"{api.domain}.json"] = text + "\n"
    return found


def write() -> int:
    """Renews the snapshots; gives the exit status."""
    for path, text in made().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


def check() -> int:
    """Says what differs, breaking changes by name; gives the exit status: 1 if anything differs."""
    differing = {path: text for path, text in made().items() if not path.exists() or path.read_text() != text}
    for path, text in differing.items():
        say(f"{path.name} differs from what the code makes. Renew it by: closient schema export --write")
        for line in breaking(path.read_text(), text, path.suffix) if path.exists() else ():
            say(f"  breaking: {line}")
    return 1 if differing else 0


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


def breaking(old: str, new: str, suffix: str) -> list[str]:
    """What callers of the old one would miss in the new one."""
    if suffix == ".graphql":
        before, after = (build_schema(FEDERATION + text, assume_valid_sdl=True) for text in (old, new))
        return [change.description for change in find_breaking_changes(before, after)]
    return breaking_openapi(json.loads(old), json.loads(new))


def breaking_openapi(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Operations and response fields that are gone, operationIds that changed, parameters that became required."""
    found = []
    for path, item in old["paths"].items():
        for method, operation in item.items():
            name = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                found.append(f"{name} is gone")
                continue
            if now["operationId"] != operation["operationId"]:
                found.append(f"{name}: operationId {operation['operationId']} became {now['operationId']}")
            before = {p["name"] for p in operation["parameters"] if p.get("required")}
            found += [
                f"{name}: the parameter {p['name']} became required"
                for p in now["parameters"]
                if p.get("required") and p["name"] not in before
            ]
            gone = {p["name"] for p in operation["parameters"]} - {p["name"] for p in now["parameters"]}
            found += [f"{name}: the parameter {parameter} is gone" for parameter in sorted(gone)]
    for name, component in old["components"]["schemas"].items():
        now = new["components"]["schemas"].get(name)
        if now is None:
            found.append(f"the schema {name} is gone")
        else:
            gone = set(component.get("properties", ())) - set(now.get("properties", ()))
            found += [f"{name}.{field} is gone" for field in sorted(gone)]
    return found
