"""Variables and arguments: coerced as graphql-core does, with what does not depend on a request worked out before.

Whatever is not plain goes to graphql-core's own functions, which also say what is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_argument_values, get_variable_values
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal, coerce_input_value

MOST_ERRORS = 50  # of the variables of one request, as graphql-core has it
IMMUTABLE = (str, int, float, bool, type(None))


class NotPlain(Exception):
    """It takes graphql-core's own functions."""


class Variables:
    """The variables of one operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode, *, hints: bool = True) -> None:
        self.schema, self.nodes, self.hints = schema, operation.variable_definitions or (), hints
        try:
            found = [get_variable_signature(schema, node) for node in self.nodes]
            self._plain: list[_Variable] | None = list(map(_variable, found))
        except Exception:  # also of a default that a type of the schema's own does not take
            self._plain = None

    def coerce(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """The values of the variables, or what is wrong with them."""
        try:
            return self._quickly(given)
        except Exception:  # whatever it was: the next one says it
            values, hide = dict(given), not self.hints
            return get_variable_values(self.schema, self.nodes, values, max_errors=MOST_ERRORS, hide_suggestions=hide)

    def _quickly(self, given: Mapping[str, Any]) -> VariableValues:
        if self._plain is None:
            raise NotPlain
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for each in self._plain:
            name = each.signature.name
            value = given.get(name, Undefined)
            if value is Undefined:
                sources[name] = each.missing
                if each.default is not Undefined:
                    coerced[name] = each.default
                elif each.required:
                    raise NotPlain
                continue
            found = coerce_input_value(value, each.signature.type)
            if found is Undefined:
                raise NotPlain
            sources[name] = VariableValueSource(each.signature, value)
            coerced[name] = found
        return VariableValues(sources, coerced)


@dataclass(frozen=True)
class _Variable:
    """A leaf, with a default that requests can share or none."""

    signature: GraphQLVariableSignature
    required: bool
    default: Any
    missing: VariableValueSource


def _variable(signature: GraphQLVariableSignature | GraphQLError) -> _Variable:
    if isinstance(signature, GraphQLError):
        raise NotPlain
    kind: Any = signature.type
    required = is_non_null_type(kind)
    inner = kind.of_type if required else kind
    default = coerce_default_value(signature) if signature.default is not None else Undefined
    if is_list_type(inner) or is_input_object_type(inner) or not shareable(default):
        raise NotPlain
    return _Variable(signature, required, default, VariableValueSource(signature))


class FieldArguments:
    """The arguments of one field of an operation.

    `fixed`: the same in every request, and nothing in it that a resolver could change; else None.
    """

    def __init__(self, field: GraphQLField, node: FieldNode) -> None:
        self.field, self.node = field, node
        try:
            self._plain: list[_Argument] | None = self._parts()
        except Exception:  # a value that is none, or that a type of the schema's own does not take: said when it runs
            self._plain = None
        plain = self._plain
        fixed = plain is not None and all(each.variable is None for each in plain)
        self.fixed = self.coerce(VariableValues({}, {})) if fixed else None

    def _parts(self) -> list["_Argument"]:
        given = {argument.name.value: argument.value for argument in self.node.arguments or ()}
        parts = []
        for name, argument in self.field.args.items():
            node, required = given.get(name), is_non_null_type(argument.type)
            variable = node.name.value if isinstance(node, VariableNode) else None
            if node is None or variable:
                value = coerce_default_value(argument)
            else:
                value = coerce_input_literal(node, argument.type)
            if not shareable(value) or (required and not variable and value in (None, Undefined)):
                raise NotPlain
            if node is not None and not variable and value is Undefined:
                raise NotPlain
            parts.append(_Argument(argument.out_name or name, variable, value, required))
        return parts

    def coerce(self, variables: VariableValues) -> dict[str, Any]:
        """The values, by their names for the resolver.

        Raises:
            GraphQLError: a variable has a value that the argument cannot have.
        """
        if self._plain is None:
            return get_argument_values(self.field, self.node, variables)
        coerced, found = variables.coerced, {}
        for each in self._plain:
            value = each.value if each.variable is None else coerced.get(each.variable, each.value)
            if value is None and each.required:
                return get_argument_values(self.field, self.node, variables)  # says what is wrong
            if value is not Undefined:
                found[each.name] = value
            elif each.required:
                return get_argument_values(self.field, self.node, variables)
        return found


@dataclass(frozen=True)
class _Argument:
    """`value` is what it is without a variable, or where that one is missing."""

    name: str
    variable: str | None
    value: Any
    required: bool


def shareable(value: Any) -> bool:
    """Whether nobody who is given the value could change it for others."""
    return isinstance(value, IMMUTABLE) or value is Undefined
