"""One operation, compiled: a plan for each shape of its @skip and @include, kept for the next time."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)

from closient_gql.engine.arguments import Variables
from closient_gql.engine.execute import execute
from closient_gql.engine.plan import Plan, Unsupported
from closient_gql.engine.run import Known, Run

MOST_SHAPES = 8  # of one operation that are kept
OURS_NOT = ("defer", "stream", "experimental_disableErrorPropagation")


class Compiled:
    """An operation that fits the schema. `hints`: whether errors may say what else there is.

    Raises:
        Unsupported: it is one for graphql-core.
    """

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, *, hints: bool = True
    ) -> None:
        if operation.operation is OperationType.SUBSCRIPTION:
            raise Unsupported("subscription")
        if schema.get_directive("defer") or schema.get_directive("stream"):
            raise Unsupported("incremental")
        self.schema, self.document, self.operation = schema, document, operation
        used = _Directives()
        for node in (operation, *(d for d in document.definitions if isinstance(d, FragmentDefinitionNode))):
            if isinstance(node, FragmentDefinitionNode) and node.variable_definitions:
                raise Unsupported("fragment variables")
            visit(node, used)
        if found := used.names.intersection(OURS_NOT):
            raise Unsupported(min(found))
        self.conditions = sorted(used.conditions)
        self.variables = Variables(schema, operation, hints=hints)
        self._plans: OrderedDict[tuple[bool, ...], Plan] = OrderedDict()

    @property
    def size(self) -> int:
        """How many fields all of its plans have: memory follows it."""
        return sum(plan.size for plan in self._plans.values())

    def plan(self, variables: Mapping[str, Any]) -> Plan:
        """The plan for these (coerced) variables.

        Raises:
            Unsupported: a condition is neither true nor false, or there are too many fields.
        """
        shape = tuple([variables.get(name) for name in self.conditions])
        if (found := self._plans.get(shape)) is not None:  # type: ignore[arg-type]
            return found
        if not all(isinstance(value, bool) for value in shape):
            raise Unsupported("condition")
        made = Plan(self.schema, self.document, self.operation, dict(zip(self.conditions, shape, strict=True)))  # type: ignore[arg-type]
        if len(self._plans) >= MOST_SHAPES:
            self._plans.popitem(last=False)
        self._plans[shape] = made  # type: ignore[index]
        return made

    async def execute(
        self, given: Mapping[str, Any], context: Any, root: Any, known: Known, compiled: Callable[[], None]
    ) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
        """Runs it; `compiled` is called once a plan was made. `known`: answers that are always the same.

        Raises:
            Unsupported: see `plan`; nothing has run then.
        """
        variables = self.variables.coerce(given)
        if isinstance(variables, list):
            return None, variables
        before = len(self._plans)
        run = Run(self.plan(variables.coerced), variables, context, root, known)
        if len(self._plans) != before:
            compiled()
        return run.finish(await execute(run))


class _Directives(Visitor):
    """Which directives there are, and the variables that fields and fragments depend on."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.conditions: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        self.names.add(node.name.value)
        if node.name.value in ("skip", "include"):
            values: list[Node] = [argument.value for argument in node.arguments or ()]
            self.conditions.update(value.name.value for value in values if isinstance(value, VariableNode))
