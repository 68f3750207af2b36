"""What a document may be: its size is limited before it is validated, its depth after."""

from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`tokens`, `aliases`: of a document. `depth`: of nested fields. `cost`: see price.py. `documents`: kept ready."""

    tokens: int = 10_000
    aliases: int = 100
    depth: int = 15
    cost: int = 10_000
    documents: int = 1_000


def aliases_in(document: DocumentNode) -> int:
    """How many fields of the document have an alias. Fragments count once: this runs before validation."""
    count, waiting = 0, [d for d in document.definitions if hasattr(d, "selection_set")]
    stack: list[Any] = [d.selection_set for d in waiting]
    while stack:
        for selection in stack.pop().selections:
            if isinstance(selection, FieldNode) and selection.alias is not None:
                count += 1
            if inner := getattr(selection, "selection_set", None):
                stack.append(inner)
    return count


def depth_of(operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]) -> int:
    """How many fields deep the operation is, fragments included. Introspection (`__schema` …) does not count."""
    known: dict[str, int] = {}

    def of(selections: SelectionSetNode) -> int:
        return max((one(selection) for selection in selections.selections), default=0)

    def one(selection: Any) -> int:
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in known:
                known[name] = of(fragments[name].selection_set)
            return known[name]
        if isinstance(selection, FieldNode):
            if selection.name.value.startswith("__"):
                return 0
            return 1 + (of(selection.selection_set) if selection.selection_set else 0)
        return of(selection.selection_set)  # an inline fragment

    return of(operation.selection_set)


def check_aliases(document: DocumentNode, limits: Limits) -> None:
    """Raises:
    GraphQLError: there are too many. Overlapping fields take quadratic time to validate, so this comes first.
    """
    if (count := aliases_in(document)) > limits.aliases:
        raise GraphQLError(f"The document has {count} aliases; at most {limits.aliases} are allowed.")


def check_depth(
    operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode], limits: Limits
) -> None:
    """Raises:
    GraphQLError: fields are nested too deeply.
    """
    if (depth := depth_of(operation, fragments)) > limits.depth:
        raise GraphQLError(f"The operation is {depth} fields deep; at most {limits.depth} are allowed.", operation)
