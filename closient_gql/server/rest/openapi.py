"""OpenAPI 3.1 from the same endpoints that answer the requests."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull
from graphql.pyutils import Undefined

from closient_gql.core.bounds import NONE, Bounds
from closient_gql.server.rest.apis import Api
from closient_gql.server.rest.compile import Endpoint, Parameter
from closient_gql.server.rest.read import stored
from closient_gql.server.rest.shapes import Shape
from schema.declare import snake
from schema.guard import limits
from schema.scalars import JSON_SCHEMAS

Json = dict[str, Any]
STATUS = {"FORBIDDEN": 403, "NOT_FOUND": 404, "CONFLICT": 409}
CODES = ["BAD_REQUEST", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "CONFLICT", "VALIDATION_ERROR", "RATE_LIMITED",
         "INTERNAL_ERROR"]  # fmt: skip
ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "description": "What went wrong. Branch on `code`; retry 429 and 5xx only, 429 after `retry_after_seconds`.",
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "status", "details"],
            "properties": {
                "code": {"type": "string", "enum": CODES},
                "message": {"type": "string"},
                "status": {"type": "integer"},
                "details": {
                    "type": ["array", "null"],
                    "description": "For validation: every field that is wrong.",
                    "items": {
                        "type": "object",
                        "required": ["field", "message"],
                        "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                    },
                },
                "retry_after_seconds": {"type": "integer", "minimum": 1, "description": "With RATE_LIMITED only."},
            },
        }
    },
}
PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "description": "The same as RFC 9457 problem details, for clients that accept application/problem+json.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": CODES},
        "errors": ERROR["properties"]["error"]["properties"]["details"],
        "retry_after_seconds": {"type": "integer", "minimum": 1},
    },
}
LIMIT_HEADERS = {
    "RateLimit-Limit": "Quota of the most restrictive window.",
    "RateLimit-Remaining": "Requests left in that window.",
    "RateLimit-Reset": "Seconds until that window starts anew.",
}
SECURITY = {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A `csu_` or `csb_` key."}}


def errors_of(endpoint: Endpoint) -> list[int]:
    """The error statuses that an endpoint of its kind can answer with."""
    found = {400, 422, 429, 500, 503} | {STATUS[name] for name in endpoint.errors}
    if endpoint.access != "public":
        found.add(403 if endpoint.access == "user" else 401)
    found.add(401)  # a key that is not good is refused everywhere
    if not endpoint.paged or any(p.place == "path" for p in endpoint.parameters):
        found.add(404)
    if endpoint.body:
        found |= {413, 415}
    return sorted(found)


class OpenApi:
    """The document of one API. `document` is ready to be served."""

    def __init__(self, api: Api, endpoints: Sequence[Endpoint], version: str = "1.0.0") -> None:
        self.components: Json = {"Error": ERROR, "Problem": PROBLEM}
        tags = list(dict.fromkeys(endpoint.tag for endpoint in endpoints))
        self.document: Json = {
            "openapi": "3.1.0",
            "info": {"title": api.title, "version": version, "description": api.description},
            "servers": [{"url": api.mount}],
            "tags": [{"name": tag} for tag in tags],
            "paths": {},
            "components": {"schemas": self.components, "securitySchemes": SECURITY},
        }
        for endpoint in endpoints:
            self.document["paths"].setdefault(endpoint.path, {})[endpoint.method.lower()] = self.operation(endpoint)

    def operation(self, endpoint: Endpoint) -> Json:
        answer: Json = {"description": HTTPStatus(endpoint.status).phrase, "headers": headers()}
        if endpoint.status != 204:
            # null means 404: the document never promises it
            answer["content"] = {"application/json": {"schema": self.output(endpoint.shape, answer=True)}}
        if endpoint.reads and endpoint.method == "GET":
            answer["headers"] |= {"ETag": header("Changes when the answer does.")}
        responses = {str(endpoint.status): answer}
        if "ETag" in answer["headers"]:
            responses["304"] = {"description": "What the client has by If-None-Match is still true."}
        summary, _, description = endpoint.description.partition("\n")
        operation: Json = {
            "operationId": endpoint.name,
            "tags": [endpoint.tag],
            "summary": summary,
            **({"description": description.strip()} if description.strip() else {}),
            "security": [{"ApiKey": []}] if endpoint.access != "public" else [{}, {"ApiKey": []}],
            "parameters": [self.parameter(p) for p in endpoint.parameters if p.place in ("path", "query")],
            "responses": responses | {str(status): error(status) for status in errors_of(endpoint)},
        }
        if endpoint.body:
            operation["requestBody"] = self.body(endpoint)
        return operation

    def body(self, endpoint: Endpoint) -> Json:
        (first, *_) = endpoint.body
        if first.place == "body":
            schema, required = self.input(first.type), first.required
        else:
            schema, required = self.properties(endpoint), any(p.required for p in endpoint.body)
        kinds = ("application/json", "application/x-www-form-urlencoded")
        return {"required": required, "content": {kind: {"schema": schema} for kind in kinds}}

    def properties(self, endpoint: Endpoint) -> Json:
        """A body of single properties; its schema is called after the operation: LookupProductsIn."""
        name = "".join(word.capitalize() for word in endpoint.name.split("_")) + "In"
        self.components[name] = {
            "type": "object",
            "properties": {p.rest_name: described(self.of_parameter(p), p.description) for p in endpoint.body},
            "required": [p.rest_name for p in endpoint.body if p.required],
            "additionalProperties": False,
        }
        return {"$ref": f"#/components/schemas/{name}"}

    def parameter(self, parameter: Parameter) -> Json:
        required = parameter.required or parameter.place == "path"
        found = {"name": parameter.rest_name, "in": parameter.place, "required": required}
        return described(found | {"schema": self.of_parameter(parameter)}, parameter.description)

    def of_parameter(self, parameter: Parameter) -> Json:
        kind = parameter.type.of_type if isinstance(parameter.type, GraphQLNonNull) else parameter.type
        in_text = parameter.place in ("path", "query")  # a text is never null
        nullable = not in_text and not isinstance(parameter.type, GraphQLNonNull)
        schema = self.input(kind, parameter.bounds, nullable=nullable)
        if parameter.default not in (Undefined, None):
            schema = schema | {"default": parameter.default}
        return schema

    def input(self, kind: Any, bounds: tuple[Bounds, ...] = (NONE,), nullable: bool = True) -> Json:
        own = bounds[0].json_schema()
        if isinstance(kind, GraphQLNonNull):
            return self.input(kind.of_type, bounds, nullable=False)
        if isinstance(kind, GraphQLList):
            items = {key.replace("Length", "Items"): value for key, value in own.items()}
            inner = self.input(kind.of_type, bounds[1:] or (NONE,))
            return or_null({"type": "array", "items": inner} | items, nullable)
        if isinstance(kind, GraphQLInputObjectType):
            name = kind.name.removesuffix("put")  # ProductCreateInput is documented as ProductCreateIn
            if name not in self.components:
                self.components[name] = {}
                self.components[name] |= self.input_object(kind)
            return or_null({"$ref": f"#/components/schemas/{name}"}, nullable)
        return or_null(self.leaf(kind, 0) | own, nullable)

    def input_object(self, kind: GraphQLInputObjectType) -> Json:
        properties, required = {}, []
        for name, field in kind.fields.items():
            schema = self.input(field.type, limits(field))
            if field.default_value not in (Undefined, None):
                default = getattr(field.default_value, "value", field.default_value)  # of an enum the stored value
                schema = schema | {"default": default}
            properties[snake(name)] = described(schema, field.description)
            if isinstance(field.type, GraphQLNonNull) and field.default_value is Undefined:
                required.append(snake(name))
        found = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        return described(found, kind.description)

    def leaf(self, kind: Any, side: int) -> Json:
        if isinstance(kind, GraphQLEnumType):
            meanings = "\n".join(f"- `{stored(v)}`: {v.description}" for v in kind.values.values())
            self.components[kind.name] = {
                "type": "string",
                "enum": [stored(v) for v in kind.values.values()],
                "description": f"{kind.description or ''}\n\n{meanings}".strip(),
            }
            return {"$ref": f"#/components/schemas/{kind.name}"}
        return dict(JSON_SCHEMAS[kind.name][side])

    def output(self, shape: Shape, kind: Any = None, not_null: bool = False, answer: bool = False) -> Json:
        """`answer`: what an endpoint answers with, which is never null, however deep below `@value` it lies."""
        kind = kind or shape.type
        if isinstance(kind, GraphQLNonNull):
            return self.output(shape, kind.of_type, True, answer)
        not_null = not_null or answer or shape.default is not None
        if isinstance(kind, GraphQLList):
            return or_null({"type": "array", "items": self.output(shape, kind.of_type)}, not not_null)
        if shape.fields is None:
            return or_null(self.leaf(kind, 1), not not_null)
        if shape.value:
            (inner,) = shape.fields.values()
            return or_null(self.output(inner, None, shape.default is not None, answer), not not_null)
        if shape.component is None:
            return or_null(self.object(shape), not not_null)
        if shape.component not in self.components:
            self.components[shape.component] = {}
            self.components[shape.component] |= described(self.object(shape), kind.description)
        return or_null({"$ref": f"#/components/schemas/{shape.component}"}, not not_null)

    def object(self, shape: Shape) -> Json:
        assert shape.fields is not None
        properties = {
            shape.keys[key]: described(self.output(inner), inner.meaning) for key, inner in shape.fields.items()
        }
        return {"type": "object", "properties": properties, "required": list(properties)}


def header(description: str) -> Json:
    return {"description": description, "schema": {"type": "string"}}


def headers() -> Json:
    return {name: header(text) for name, text in LIMIT_HEADERS.items()}


def error(status: int) -> Json:
    found: Json = {"description": HTTPStatus(status).phrase}
    if status == 429:
        found["headers"] = {"Retry-After": header("Seconds after which a request is let through.")}
    return found | {
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Error"}},
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
        }
    }


def described(schema: Json, description: str | None) -> Json:
    return schema | {"description": description} if description else schema


def or_null(schema: Json, nullable: bool = True) -> Json:
    if not nullable:
        return schema
    if "anyOf" in schema:
        null = {"type": "null"}
        return schema if null in schema["anyOf"] else schema | {"anyOf": [*schema["anyOf"], null]}
    if "$ref" in schema:
        return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}]}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return schema | {"type": [*kinds, "null"]}
