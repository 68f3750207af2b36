"""What a selection looks like as JSON: one tree, from which both the renderer and the OpenAPI schema are made."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)

from schema.declare import snake

Render = Callable[[Any], Any]


@dataclass
class Shape:
    """An object, a leaf (`fields` is None) or a list of either."""

    type: GraphQLOutputType
    fields: dict[str, "Shape"] | None = None  # by response key of the operation
    component: str | None = None  # the documented schema's name, where the selection is one fragment
    description: str | None = None
    value: bool = False  # @value: stands for its only field
    default: Any = None  # @default: stands for null
    keys: dict[str, str] = field(default_factory=dict)  # response key -> REST key

    @property
    def meaning(self) -> str | None:
        """What is said of it; of what stands for its only field, what is said of that."""
        (inner,) = self.fields.values() if self.value and self.fields else (None,)
        return inner.meaning if inner else self.description

    def renderer(self) -> Render:
        """From what the graph answered to what REST answers."""
        render = self._of(self.type)
        if self.default is None:
            return render
        return lambda item: self.default if (found := render(item)) is None else found

    def _of(self, kind: Any) -> Render:
        if isinstance(kind, GraphQLNonNull):
            return self._of(kind.of_type)
        if isinstance(kind, GraphQLList):
            inner = self._of(kind.of_type)
            return lambda items: None if items is None else [inner(item) for item in items]
        if isinstance(kind, GraphQLEnumType):
            stored = {name: getattr(v.value, "value", v.value) for name, v in kind.values.items()}
            return lambda name: None if name is None else stored[name]
        if self.fields is None:
            return as_it_is
        parts = [(key, self.keys[key], shape.renderer()) for key, shape in self.fields.items()]
        if self.value:
            ((key, _, only),) = parts
            return lambda item: None if item is None else only(item[key])
        plain = [(key, out) for key, out, inner in parts if inner is as_it_is]
        others = [part for part in parts if part[2] is not as_it_is]
        order = {out: None for _, out, _ in parts}

        def render(item: Any) -> Any:
            if item is None:
                return None
            made = order | {out: item[key] for key, out in plain}
            for key, out, inner in others:
                made[out] = inner(item[key])
            return made

        return render


def as_it_is(leaf: Any) -> Any:
    return leaf


class Shapes:
    """Makes shapes of selections.

    Raises:
        ValueError: a selection that REST has no form for.
    """

    def __init__(self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.schema, self.fragments = schema, fragments

    def of_field(self, parent: GraphQLObjectType, node: FieldNode) -> Shape:
        definition = parent.fields[node.name.value]
        shape = Shape(definition.type, description=definition.description)
        always(node)
        for directive in node.directives or ():
            if directive.name.value == "value":
                check_value(node)
                shape.value = True
            elif directive.name.value == "default":
                shape.default = value_from_ast_untyped((directive.arguments or ())[0].value)
        if node.selection_set:
            inner = get_named_type(definition.type)
            if not isinstance(inner, GraphQLObjectType):
                raise ValueError(f"{node.name.value} is of the abstract type {inner.name}, which REST has no form for")
            shape.fields = self.of_selections(inner, node.selection_set)
            shape.keys = {key: snake(key) for key in shape.fields}
            shape.component = component_of(node.selection_set)
        return shape

    def of_selections(self, parent: GraphQLObjectType, selection: SelectionSetNode) -> dict[str, Shape]:
        found: dict[str, Shape] = {}
        for node in selection.selections:
            if isinstance(node, FieldNode):
                found[(node.alias or node.name).value] = self.of_field(parent, node)
            elif isinstance(node, FragmentSpreadNode):
                always(node)
                found |= self.of_selections(parent, self.fragments[node.name.value].selection_set)
            elif isinstance(node, InlineFragmentNode):
                raise ValueError("inline fragments have no form in REST; use a named fragment")
        return found


def always(node: FieldNode | FragmentSpreadNode) -> None:
    """Raises:
    ValueError: it is there under a condition, but documents promise every field.
    """
    if any(directive.name.value in ("skip", "include") for directive in node.directives or ()):
        raise ValueError("@skip and @include have no form in REST: every field is always there")


def check_value(node: FieldNode) -> None:
    """Raises:
    ValueError: `@value` stands on a leaf, or on more than one field, or on a fragment.
    """
    selections = node.selection_set.selections if node.selection_set else ()
    if len(selections) != 1 or not isinstance(selections[0], FieldNode):
        raise ValueError(f"@value on {node.name.value} needs exactly one selected field")


def component_of(selection: SelectionSetNode) -> str | None:
    """The name of the only fragment that is selected."""
    only = selection.selections[0] if len(selection.selections) == 1 else None
    return only.name.value if isinstance(only, FragmentSpreadNode) else None
