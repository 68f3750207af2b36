"""From a request to variables: REST names and stored enum values in, GraphQL names out; every problem is collected."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    get_named_type,
)
from graphql.pyutils import Undefined

from closient_gql.core.bounds import NONE, Bounds
from closient_gql.core.errors import Detail, Invalid
from closient_gql.server.rest.compile import Endpoint, Parameter
from schema.declare import snake
from schema.guard import limits

WORDS = {"Int": "an integer", "Float": "a number", "Boolean": "true or false", "String": "a string", "ID": "a string"}
MAPS = ("Metadata",)  # scalars that are objects: `metadata[key]=value` in forms
Levels = tuple[Bounds, ...]


class Form(dict[str, Any]):
    """A form body: its leaves are texts still."""


def form(pairs: Iterable[tuple[str, str]]) -> Form:
    """`a=1&a=2&metadata[x]=y&metadata[z]=` as `{a: [1, 2], metadata: {x: y, z: ""}}`; `metadata=` clears the map."""
    found = Form()
    for name, value in pairs:
        inner = re.fullmatch(r"([^\[\]]+)\[([^\[\]]*)\]", name)
        below = found.setdefault(inner[1] if inner else name, {} if inner else [])
        if inner and isinstance(below, dict):
            below[inner[2]] = value
        elif not inner and isinstance(below, list):
            below.append(value)
        else:  # both forms of one name: nobody knows what is meant, and as a name of its own it is refused
            found.setdefault(name if inner else f"{name}=", []).append(value)
    return found


class Reading:
    """One request being read. `problems` says everything that is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[Detail] = []

    def problem(self, where: str, message: str) -> Any:
        self.problems.append(Detail(field=where or "body", message=message))
        return None

    def parameter(self, parameter: Parameter, given: Mapping[str, Any], found: dict[str, Any]) -> None:
        """Puts one variable into `found`, from the texts or values in `given`."""
        name = parameter.rest_name
        if name in given:
            found[parameter.name] = self.value(parameter.type, given[name], parameter.bounds, name)
        elif parameter.required:
            self.problem(name, "is required")

    def value(self, kind: Any, value: Any, bounds: Levels, where: str) -> Any:
        """The value as a variable of this type; None, and a problem, if it is not one."""
        if isinstance(kind, GraphQLNonNull):
            if value is None:
                return self.problem(where, "must not be null")
            kind = kind.of_type
        if value is None:
            return None
        if isinstance(kind, GraphQLList):
            return self.items(kind, value, bounds, where)
        if isinstance(kind, GraphQLInputObjectType):
            return self.object(kind, value, where)
        if isinstance(kind, GraphQLEnumType):
            names = {stored(item): name for name, item in kind.values.items()}
            if not isinstance(value, str) or value not in names:
                return self.problem(where, f"must be one of {', '.join(map(str, names))}")
            return names[value]
        return self.scalar(kind, value, bounds, where)

    def items(self, kind: GraphQLList[Any], value: Any, bounds: Levels, where: str) -> Any:
        if not isinstance(value, list):
            return self.problem(where, "must be an array")
        if text := bounds[0].problem(value):
            return self.problem(where, text)
        inner = bounds[1:] or (NONE,)
        prefix = f"{where}." if where else ""  # a body that is a list itself has no name
        return [self.value(kind.of_type, item, inner, f"{prefix}{n}") for n, item in enumerate(value)]

    def scalar(self, kind: GraphQLScalarType, value: Any, bounds: Levels, where: str) -> Any:
        if kind is GraphQLID and not isinstance(value, str):  # the graph takes numbers for ids, OpenAPI says strings
            return self.problem(where, "must be a string")
        try:
            read = kind.coerce_input_value(value)
        except GraphQLError as error:
            own = error.original_error
            return self.problem(where, str(own) if own else f"must be {WORDS.get(kind.name, f'a valid {kind.name}')}")
        except ValueError as error:
            return self.problem(where, str(error))
        if text := bounds[0].problem(read if isinstance(read, Decimal) else value):
            return self.problem(where, text)
        return value

    def object(self, kind: GraphQLInputObjectType, value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            return self.problem(where, "must be an object")
        names = {snake(name): name for name in kind.fields}
        prefix = f"{where}." if where else ""
        self.unknown(value, names, prefix)
        found = {}
        for rest_name, name in names.items():
            item = kind.fields[name]
            if rest_name in value:
                found[name] = self.value(item.type, value[rest_name], limits(item), f"{prefix}{rest_name}")
            elif isinstance(item.type, GraphQLNonNull) and item.default_value is Undefined:
                self.problem(f"{prefix}{rest_name}", "is required")
        return found

    def unknown(self, value: Mapping[str, Any], names: Iterable[str], prefix: str = "") -> None:
        known = set(names)
        for name in value:
            if name not in known:
                self.problem(f"{prefix}{name}", "is not known")


def variables(endpoint: Endpoint, path: Mapping[str, str], query: Mapping[str, list[str]], body: Any) -> dict[str, Any]:
    """The variables of the endpoint's operation.

    Args:
        path: the parameters in the path. query: those behind `?`, each with all its values.
        body: JSON or a `Form`, None without a body.

    Raises:
        Invalid: something is wrong; every problem is told at once.
    """
    reading = Reading()
    found: dict[str, Any] = {}
    for parameter in endpoint.parameters:
        if parameter.place == "path":
            texts = {name: [value] for name, value in path.items()}
            reading.parameter(parameter, from_texts(parameter, texts), found)
        elif parameter.place == "query":
            reading.parameter(parameter, from_texts(parameter, query), found)
        elif parameter.place == "body":
            value = from_form(get_named_type(parameter.type), body) if isinstance(body, Form) else body
            found[parameter.name] = reading.value(parameter.type, value, parameter.bounds, "")
    properties = [p for p in endpoint.parameters if p.place == "property"]
    if properties:
        read_properties(reading, properties, body, found)
    if reading.problems:
        raise Invalid(reading.problems)
    return found


def read_properties(reading: Reading, properties: list[Parameter], body: Any, found: dict[str, Any]) -> None:
    """A body that is no input object of its own: its properties are variables."""
    body = {} if body is None else body
    if not isinstance(body, dict):
        reading.problem("", "must be an object")
        return
    reading.unknown(body, [p.rest_name for p in properties])
    for parameter in properties:
        given = from_texts(parameter, body) if isinstance(body, Form) else body
        reading.parameter(parameter, given, found)


def from_texts(parameter: Parameter, texts: Mapping[str, Any]) -> dict[str, Any]:
    """`{name: value}` of one parameter, if it is there."""
    name = parameter.rest_name
    return {name: from_text(parameter.type, texts[name])} if name in texts else {}


def from_form(kind: Any, body: Form) -> dict[str, Any]:
    """A form as the input object it stands for."""
    fields = {snake(name): field.type for name, field in kind.fields.items()}
    return {name: from_text(fields[name], texts) if name in fields else texts for name, texts in body.items()}


def from_text(kind: Any, texts: Any) -> Any:
    """What the texts of one name say: the last one counts, all of them for a list, `name[key]` for a map."""
    if isinstance(texts, dict):
        return texts
    is_list = isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)
    name = get_named_type(kind).name
    if name in MAPS and texts == [""]:
        return {}
    found = [_one(name, text) for text in texts]
    return found if is_list else found[-1]


def _one(name: str, text: str) -> Any:
    if name == "Boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if name == "Int" and re.fullmatch("[+-]?[0-9]{1,18}", text, re.ASCII):
        return int(text)
    if name == "Float" and re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", text, re.ASCII):
        return float(text)
    return text


def stored(item: Any) -> Any:
    """A stored enum value, from the graph's."""
    return getattr(item.value, "value", item.value)
