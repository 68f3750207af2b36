"""What clients make of a document: variables for arguments, directives, fragments, and values that do not fit."""

from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    is_non_null_type,
    parse,
    parse_type,
    print_ast,
    value_from_ast_untyped,
    visit,
)

WRONG = [None, "", "x", -1, 2**40, 1.5, float("nan"), True, [], [None], {}, {"a": 1}, "half \ud800"]


def varied(source: str, schema: GraphQLSchema, random: Random) -> tuple[str, dict[str, Any]]:
    """The document, changed here and there, and variables for it."""
    info = TypeInfo(schema)
    changes = Changes(info, random)
    changed: DocumentNode = visit(parse(source), TypeInfoVisitor(info, changes))
    operation = next(d for d in changed.definitions if isinstance(d, OperationDefinitionNode))
    declared = [*(operation.variable_definitions or ()), *changes.declared.values()]
    operation = copied(operation, variable_definitions=tuple(declared))
    text = "\n".join(map(print_ast, (operation, *changes.fragments)))
    return text, changes.variables


def misfits(variables: dict[str, Any], random: Random) -> dict[str, Any]:
    """The same variables, but some left out, some turned around, and now and then one that does not fit."""
    found: dict[str, Any] = {}
    for name, value in variables.items():
        fate = random.random()
        if fate < 0.1:
            continue
        found[name] = random.choice(WRONG) if fate > 0.95 else not value if isinstance(value, bool) else value
    return found


def copied(node: Any, **changed: Any) -> Any:
    return type(node)(**{key: getattr(node, key) for key in node.keys} | changed)


class Changes(Visitor):
    """What is changed, and what it takes."""

    def __init__(self, info: TypeInfo, random: Random) -> None:
        super().__init__()
        self.info, self.random = info, random
        self.variables: dict[str, Any] = {}
        self.declared: dict[str, VariableDefinitionNode] = {}
        self.fragments: list[FragmentDefinitionNode] = []

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def variable(self, kind: str, default: Any = None) -> VariableNode:
        name = f"v{len(self.declared)}"
        node = VariableNode(name=NameNode(value=name))
        self.declared[name] = VariableDefinitionNode(
            variable=node, type=parse_type(kind), default_value=default, directives=()
        )
        return node

    def leave_argument(self, node: ArgumentNode, *_: Any) -> Any:
        kind = self.info.get_input_type()
        if kind is None or isinstance(node.value, VariableNode) or not self.chance(0.5):
            return None
        value: Any = value_from_ast_untyped(node.value)
        if self.chance(0.3) and not (is_non_null_type(kind) and value is None):  # a default, and perhaps nothing else
            made = self.variable(str(kind).removesuffix("!"), node.value)
            if self.chance(0.7):
                return copied(node, value=made)
        else:
            made = self.variable(str(kind))
        self.variables[made.name.value] = self.random.choice(WRONG) if self.chance(0.05) else value
        return copied(node, value=made)

    def leave_field(self, node: FieldNode, *_: Any) -> Any:
        return copied(node, directives=(*(node.directives or ()), self.condition())) if self.chance(0.1) else None

    def condition(self) -> DirectiveNode:
        value: Any = BooleanValueNode(value=self.chance(0.5))
        if self.chance(0.5):
            value = self.variable("Boolean!")
            self.variables[value.name.value] = self.chance(0.5)
        name = self.random.choice(["skip", "include"])
        return DirectiveNode(
            name=NameNode(value=name), arguments=(ArgumentNode(name=NameNode(value="if"), value=value),)
        )

    def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> Any:
        parent = self.info.get_parent_type()
        if parent is None or not self.chance(0.3):
            return None
        typename = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
        selections = list(node.selections)
        if self.chance(0.5):
            selections.insert(self.random.randrange(len(selections) + 1), typename)
        at = self.random.randrange(len(selections) + 1)
        some = SelectionSetNode(selections=tuple(selections[at:] or [typename]))
        on = NamedTypeNode(name=NameNode(value=parent.name))
        if self.chance(0.5):
            name = NameNode(value=f"F{len(self.fragments)}")
            self.fragments.append(FragmentDefinitionNode(
                name=name, type_condition=on, directives=(), selection_set=some, variable_definitions=(),
            ))  # fmt: skip
            spread: Any = FragmentSpreadNode(name=name, directives=(), arguments=())
        else:
            spread = InlineFragmentNode(type_condition=on, directives=(), selection_set=some)
        twice = [self.random.choice(selections)] if self.chance(0.3) else []
        return SelectionSetNode(selections=(*selections[:at], spread, *twice))
