"""The price of an operation: how many objects it may answer with, at the most.

A field with a selection costs one for each object that it may give; below a list everything counts as often as the
list is long. How long a list may be comes from the function that the schema's owner hands in: it sees the field and
its arguments. Leaves are free, and so is introspection, which has a limit of its own (introspection.py). The price is
worked out once for a document, as an expression over its variables, and then costs microseconds.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    value_from_ast_untyped,
)
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_default_value

Arguments = Mapping[str, Any]
Size = Callable[[GraphQLField, Arguments], int | None]
"""How many items the lists at or right below a field have, or None if the field says nothing of it."""
Price = Callable[[Arguments], int]
UNKNOWN_LIST = 10  # items of a list that nobody says anything of
Known = dict[tuple[str, int | None], int]
Part = Callable[[Arguments, int | None, Known], int]
"""Price of a part for one parent: given variables, the size that its parent's paging arguments set, and the prices of
fragments that are known already. A fragment is priced once, or a few nested ones would take for ever."""


class Pricer:
    """Makes the price of one operation. `size` knows the schema's lists."""

    def __init__(self, schema: GraphQLSchema, size: Size, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.schema, self.size, self.fragments = schema, size, fragments
        self.parts: dict[str, Part] = {}  # of fragments

    def price(self, operation: OperationDefinitionNode) -> Price:
        """The price of the operation, as a function of its variables as they were sent."""
        defaults = {
            node.variable.name.value: value_from_ast_untyped(node.default_value)
            for node in operation.variable_definitions or ()
            if node.default_value
        }
        whole = self.of(self.schema.get_root_type(operation.operation), operation.selection_set)
        return lambda variables: whole({**defaults, **variables}, None, {})

    def of(self, parent: Any, selections: SelectionSetNode) -> Part:
        parts = [part for node in selections.selections if (part := self.one(parent, node)) is not None]
        return lambda variables, size, known: sum([part(variables, size, known) for part in parts])

    def one(self, parent: Any, node: Any) -> Part | None:
        if isinstance(node, FragmentSpreadNode):
            return self.of_fragment(node.name.value)
        if not isinstance(node, FieldNode):
            condition = node.type_condition
            return self.of(self.schema.get_type(condition.name.value) if condition else parent, node.selection_set)
        if node.name.value.startswith("__") or not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return None
        return self.of_field(parent.fields[node.name.value], node)

    def of_fragment(self, name: str) -> Part:
        fragment = self.fragments[name]
        if name not in self.parts:
            self.parts[name] = self.of(self.schema.get_type(fragment.type_condition.name.value), fragment.selection_set)
        part = self.parts[name]

        def price(variables: Arguments, size: int | None, known: Known) -> int:
            if (found := known.get((name, size))) is None:
                found = known[name, size] = part(variables, size, known)
            return found

        return price

    def of_field(self, field: GraphQLField, node: FieldNode) -> Part | None:
        if node.selection_set is None:
            return None
        inner = get_named_type(field.type)
        assert is_composite_type(inner)
        below, arguments = self.of(inner, node.selection_set), arguments_of(field, node)
        own_size, is_list, size_of = field, has_list(field.type), self.size

        def price(variables: Arguments, parent_size: int | None, known: Known) -> int:
            given = size_of(own_size, {name: value(variables) for name, value in arguments})
            if not is_list:
                return 1 + below(variables, given, known)
            count = given if given is not None else parent_size if parent_size is not None else UNKNOWN_LIST
            return count * (1 + below(variables, None, known))

        return price


def has_list(kind: Any) -> bool:
    while isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    return isinstance(kind, GraphQLList)


def whole_number(value: Any) -> Any:
    """An Int may be sent as 100.0; what is too large for one is refused when the operation runs, so it has no price."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    if not -(2**31) <= value < 2**31:
        return None
    return int(value) if value == int(value) else value


def arguments_of(field: GraphQLField, node: FieldNode) -> Sequence[tuple[str, Callable[[Arguments], Any]]]:
    """The arguments by their Python names, each as a function of the variables."""

    def reader(value: Any) -> Callable[[Arguments], Any]:
        if isinstance(value, VariableNode):
            name = value.name.value
            return lambda variables: whole_number(variables.get(name))
        literal = value_from_ast_untyped(value)
        return always(literal)

    found = []
    for name, argument in field.args.items():
        given = next((a.value for a in node.arguments or () if a.name.value == name), None)
        if given is not None:
            found.append((name, reader(given)))
        elif (default := default_of(argument)) is not Undefined:
            found.append((name, always(default)))
    return found


def always(value: Any) -> Callable[[Arguments], Any]:
    """Whatever the variables are."""
    return lambda variables: value


def default_of(argument: GraphQLArgument) -> Any:
    """The argument's default, written in SDL or in Python; Undefined if it has none, or one that is wrong."""
    try:
        return coerce_default_value(argument)
    except Exception:  # says so when the operation runs
        return Undefined
