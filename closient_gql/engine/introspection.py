"""What questions about the schema may cost.

Prices (price.py) know nothing of them, and graphql-core's own rule limits their depth alone: a document of 2 kB that
asks ninety times for everything takes ninety times as long. How much a schema has to say is known, so it is counted.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    StringValueNode,
    get_introspection_query,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
)
from graphql.validation import NoSchemaIntrospectionCustomRule

META = {"__schema": "__Schema", "__type": "__Type"}  # by what they answer with
TIMES = 2  # as much as the whole schema takes


class NoIntrospection(NoSchemaIntrospectionCustomRule):
    """Nothing tells the schema: neither introspection nor the SDL that Apollo Federation asks a subgraph for."""

    def enter_field(self, node: FieldNode, *given: Any) -> None:
        super().enter_field(node, *given)
        if node.name.value == "_service" and self.context.get_parent_type() is self.context.schema.query_type:
            self.report_error(GraphQLError("GraphQL introspection has been disabled, and so has '_service'.", node))


class TooMuch(Exception):
    """More than there may be was counted."""


class Counter:
    """`count`: what the questions of one document select, for each object that they are answered with. What the answer
    merges counts as often as it is written."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, most: int | None = None) -> None:
        self.schema, self.most, self.count = schema, most, 0
        self.info = SimpleNamespace(schema=schema)
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        for node in asks_for_schema(document):
            self.ask(node)

    def ask(self, node: FieldNode) -> None:
        """`__type` of a variable may be any type, and so counts as all of them."""
        kind: Any = self.schema.get_type(META[node.name.value])
        found: list[Any] = [self.schema]
        if node.name.value == "__type":
            name = node.arguments[0].value if node.arguments else None
            known: Mapping[str, Any] = self.schema.type_map
            found = [known.get(name.value)] if isinstance(name, StringValueNode) else list(known.values())
        for each in found:
            self.walk(kind, each, node.selection_set)

    def walk(self, kind: Any, source: Any, selections: SelectionSetNode | None) -> None:
        """Everything that is selected of one object of the introspection, and of those below it.

        Raises:
            TooMuch: it is more than there may be. Every step counts, spreads of fragments too, so this ends soon.
        """
        if source is None or selections is None:
            return
        for node in selections.selections:
            self.count += 1
            if self.most is not None and self.count > self.most:
                raise TooMuch
            if isinstance(node, FragmentSpreadNode):
                self.walk(kind, source, self.fragments[node.name.value].selection_set)
            elif isinstance(node, InlineFragmentNode):
                self.walk(kind, source, node.selection_set)
            elif isinstance(node, FieldNode) and node.selection_set is not None:
                self.below(kind, source, node)

    def below(self, kind: Any, source: Any, node: FieldNode) -> None:
        definition = kind.fields[node.name.value]
        arguments = {"includeDeprecated": True} if "includeDeprecated" in definition.args else {}
        value, inner = definition.resolve(source, self.info, **arguments), get_named_type(definition.type)
        for each in value or () if is_list_type(get_nullable_type(definition.type)) else (value,):
            self.walk(inner, each, node.selection_set)


def asks_for_schema(document: DocumentNode) -> list[FieldNode]:
    """Every question about the schema that stands in a document."""
    found: list[FieldNode] = []
    stack: list[Any] = [d.selection_set for d in document.definitions if hasattr(d, "selection_set")]
    while stack:
        for selection in stack.pop().selections:
            if isinstance(selection, FieldNode) and selection.name.value in META:
                found.append(selection)
            elif inner := getattr(selection, "selection_set", None):
                stack.append(inner)
    return found


def whole(schema: GraphQLSchema) -> int:
    """What the question for everything counts."""
    return Counter(schema, parse(get_introspection_query(input_value_deprecation=True))).count


def check_introspection(schema: GraphQLSchema, document: DocumentNode, most: int) -> None:
    """Raises:
    GraphQLError: it counts more than `most`.
    """
    try:
        Counter(schema, document, most)
    except TooMuch:
        message = f"The document asks for the schema more than {TIMES} times over. Ask for less of it, or less often."
        raise GraphQLError(message) from None
