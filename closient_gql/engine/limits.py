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
    """`tokens`, `aliases`: of a document. `depth`: of nested fields. `cost`: see price.py. `documents`: kept ready.

    `characters`: of all documents kept ready; a parsed document takes several hundred times its length. `fields`: of
    all operations kept ready, as compiled, fragments spread out; each takes about three kilobytes.
    """

    tokens: int = 10_000
    aliases: int = 100
    depth: int = 15
    cost: int = 10_000
    documents: int = 1_000
    characters: int = 500_000
    fields: int = 50_000


NESTING = 100  # selection sets inside of each other, fragments included: far below Python's own limit of recursion


def aliases_in(document: DocumentNode) -> int:
    """How many fields of the document have an alias, or stand in a selection a second time.

    Fragments count once: this runs before validation.
    """
    count = 0
    stack: list[Any] = [d.selection_set for d in document.definitions if hasattr(d, "selection_set")]
    while stack:
        seen: set[str] = set()
        for selection in stack.pop().selections:
            if isinstance(selection, FieldNode):
                count += selection.alias is not None or selection.name.value in seen
                seen.add(selection.name.value)
            if inner := getattr(selection, "selection_set", None):
                stack.append(inner)
    return count


def depth_of(operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode]) -> tuple[int, int]:
    """How deep the operation is, in fields and in selection sets, fragments included.

    The fields of introspection (`__schema` …) do not count: GraphQL has a rule of its own for them.
    """
    known: dict[str, tuple[int, int]] = {}

    def of(selections: SelectionSetNode | None) -> tuple[int, int]:
        if selections is None:
            return 0, 0
        inner = [one(selection) for selection in selections.selections]
        return max((fields for fields, _ in inner), default=0), 1 + max((sets for _, sets in inner), default=0)

    def one(selection: Any) -> tuple[int, int]:
        if isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name not in known:
                known[name] = of(fragments[name].selection_set)
            return known[name]
        fields, sets = of(selection.selection_set)
        if isinstance(selection, FieldNode):
            fields = 0 if selection.name.value.startswith("__") else fields + 1
        return fields, sets

    return of(operation.selection_set)


def check_aliases(document: DocumentNode, limits: Limits) -> None:
    """Raises:
    GraphQLError: there are too many. Overlapping fields take quadratic time to validate, so this comes first.
    """
    if (count := aliases_in(document)) > limits.aliases:
        found = f"{count} aliases or repeated fields"
        raise GraphQLError(f"The document has {found}; at most {limits.aliases} are allowed.")


def check_depth(
    operation: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode], limits: Limits
) -> None:
    """Raises:
    GraphQLError: fields are nested too deeply.
    """
    depth, nesting = depth_of(operation, fragments)
    if depth > limits.depth:
        raise GraphQLError(f"The operation is {depth} fields deep; at most {limits.depth} are allowed.", operation)
    if nesting > NESTING:
        raise GraphQLError(f"The operation nests {nesting} selections; at most {NESTING} are allowed.", operation)
