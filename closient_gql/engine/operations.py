"""Operations, made ready once and run often."""

import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    MiddlewareManager,
    OperationDefinitionNode,
    OperationType,
    assert_valid_schema,
    execute,
    parse,
    specified_rules,
    subscribe,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.base import BaseSchema

from closient_gql.engine.compiled import Compiled
from closient_gql.engine.introspection import TIMES, NoIntrospection, asks_for_schema, check_introspection, whole
from closient_gql.engine.limits import Limits, check_aliases, check_depth
from closient_gql.engine.plan import Unsupported
from closient_gql.engine.price import Price, Pricer, Size
from closient_gql.engine.run import Known
from closient_gql.engine.trace import Trace

MOST_PROBLEMS = 20  # of one document that are told
# Comparisons that one document may cost until it is refused: 0.2 s. The library's own 500,000 are 2 s, in which nobody
# else is answered. It is meant to be assigned.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000


class Refused(Exception):
    """The document cannot be run. `errors` says why: it is no GraphQL, does not fit the schema, or is too large."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


class NoSuchOperation(Refused):
    """The document has no operation of that name, or several and none was named."""


@dataclass(frozen=True)
class Result:
    """`data` as graphql-core gives it; `errors` located, with the original exception in `original_error`."""

    data: dict[str, Any] | None
    errors: list[GraphQLError]


Observe = Callable[[str], None]
"""Told how each operation was run: "compiled", or the reason why graphql-core ran it."""


class Operation:
    """One operation of a document that fits the schema, ready to run.

    `fields`: how many fields it was compiled to, all of its shapes together; 0 before it ran.
    """

    def __init__(
        self, owner: "Operations", document: DocumentNode, node: OperationDefinitionNode, price: Price
    ) -> None:
        self.schema, self.document, self.node, self.price = owner.schema, document, node, price
        self.budget, self._owner, self.fields = owner.limits.cost, owner, 0
        self.kept = False  # in the cache of its owner
        self._compiled: Compiled | None = None
        self._unsupported: str | None = None if owner.compiling else "off"

    @property
    def kind(self) -> OperationType:
        return self.node.operation

    @property
    def name(self) -> str | None:
        return self.node.name.value if self.node.name else None

    def cost(self, variables: Mapping[str, Any]) -> int:
        """The price with these variables: the figure that is compared with the budget."""
        return self.price(variables)

    def check_budget(self, variables: Mapping[str, Any]) -> None:
        """Raises:
        Refused: the operation asks for more objects than one operation may.
        """
        if (cost := self.cost(variables)) > self.budget:
            message = f"The operation may answer with {cost} objects; at most {self.budget} are allowed. Ask for fewer."
            raise Refused([GraphQLError(message, self.node)])

    def compile(self, variables: Mapping[str, Any] | None = None) -> bool:
        """Compiles it now, rather than when it is run for the first time; says whether it can be.

        Only for the shape that these variables give, if it has @skip or @include with a variable.
        """
        try:
            self._compile().plan(variables or {})
        except Unsupported:
            return False
        self._grown()
        return True

    async def execute(
        self, variables: Mapping[str, Any], context: Any = None, trace: Trace | None = None, root: Any = None
    ) -> Result:
        """Runs it. Never raises for what happens in resolvers: that is in the result's errors.

        `root` is the parent of root fields. Cancelling it cancels what it waits for.
        """
        reason = "trace"
        if trace is None:
            try:
                return await self._run_compiled(variables, context, root)
            except Unsupported as unsupported:  # found before anything ran
                reason = unsupported.reason
        self._owner.observe(reason)
        return await self._run_by_core(variables, context, trace, root)

    async def subscribe(
        self, variables: Mapping[str, Any], context: Any = None, root: Any = None
    ) -> AsyncIterator[Result]:
        """The results of a subscription, one for each event; what the stream of events raises is raised here.

        graphql-core runs it.
        """
        self._owner.observe("subscription")
        answer: Any = subscribe(
            self.schema, self.document, root, variable_values=fresh(dict(variables)), context_value=context,
            operation_name=self.name,
        )  # fmt: skip
        events = await answer if isinstance(answer, Awaitable) else answer
        if isinstance(events, ExecutionResult):  # it could not begin
            yield Result(events.data, list(events.errors or ()))
            return
        async with aclosing(events):
            async for event in events:
                yield Result(event.data, list(event.errors or ()))

    def _compile(self) -> Compiled:
        if self._unsupported is not None:
            raise Unsupported(self._unsupported)
        if self._compiled is None:
            try:
                self._compiled = Compiled(self.schema, self.document, self.node, hints=self._owner.introspection)
            except Unsupported as unsupported:
                self._unsupported = unsupported.reason
                raise
        return self._compiled

    async def _run_compiled(self, variables: Mapping[str, Any], context: Any, root: Any) -> Result:
        result = await self._compile().execute(variables, context, root, self._owner.known, self._grown)
        self._owner.observe("compiled")
        return Result(*result)

    def _grown(self) -> None:
        assert self._compiled
        before, self.fields = self.fields, self._compiled.size
        if self.kept:
            self._owner.grown(self.fields - before)

    async def _run_by_core(
        self, variables: Mapping[str, Any], context: Any, trace: Trace | None = None, root: Any = None
    ) -> Result:
        answer: Any = execute(
            self.schema,
            self.document,
            root,
            variable_values=fresh(dict(variables)),
            context_value=context,
            operation_name=self.name,
            middleware=MiddlewareManager(trace) if trace else None,
            hide_suggestions=not self._owner.introspection,
        )
        result: ExecutionResult = await answer if isinstance(answer, Awaitable) else answer
        return Result(result.data, list(result.errors or ()))


def fresh(value: Any) -> Any:
    """A copy of objects and lists, because resolvers of Strawberry's own change them; files stay what they are."""
    if isinstance(value, dict):
        return {key: fresh(item) for key, item in value.items()}
    return [fresh(item) for item in value] if isinstance(value, list) else value


class Operations:
    """The operations of one schema.

    Args:
        schema: of Strawberry, or of graphql-core; what a resolver needs is the context that `execute` is given.
        size: how long the schema's lists may be (price.py); if it says nothing, all are taken for ten items long.
        limits: what a document may be.
        introspection: whether documents may ask for the schema; else errors do not hint at it, either.
        compiling: whether operations are compiled; else graphql-core runs all.
        observe: is told how each operation was run.
    """

    def __init__(
        self, schema: GraphQLSchema | BaseSchema, size: Size = lambda field, arguments: None,
        limits: Limits | None = None, *, introspection: bool = True, compiling: bool = True,
        observe: Observe = lambda reason: None,
    ) -> None:  # fmt: skip
        own: GraphQLSchema = schema if isinstance(schema, GraphQLSchema) else schema._schema  # type: ignore[attr-defined]
        assert_valid_schema(own)
        self.schema, self.size, self.limits = own, size, limits or Limits()
        self.compiling, self.observe = compiling, observe
        self.introspection = introspection
        self.rules = [*specified_rules, *([] if introspection else [NoIntrospection])]
        self._ready: OrderedDict[tuple[bytes, str | None], tuple[Operation, int]] = OrderedDict()
        self._characters = self._fields = 0
        self.known: Known = OrderedDict()

    def prepare(self, source: str, name: str | None = None) -> Operation:
        """The operation of this name (or the only one) of a document, from the cache if it was there before.

        Raises:
            Refused: the document cannot be run.
        """
        key = hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest(), name
        if (found := self._ready.get(key)) is not None:
            self._ready.move_to_end(key)
            return found[0]
        operation = self.adopt(self.parse(source), name)
        self._ready[key] = operation, len(source)
        operation.kept = True
        self._characters += len(source)
        while len(self._ready) > self.limits.documents or self._characters > self.limits.characters:
            self._forget_oldest()
        return operation

    @cached_property
    def _most_of_schema(self) -> int:
        return TIMES * whole(self.schema)

    def problems(self, document: DocumentNode) -> list[GraphQLError]:
        """What of the document does not fit the schema. Whoever may not ask for the schema gets no hints either."""
        hide = not self.introspection
        return validate(self.schema, document, self.rules, max_errors=MOST_PROBLEMS, hide_suggestions=hide)

    def grown(self, fields: int) -> None:
        """An operation that is kept has so many fields more: the oldest go while all have more than they may."""
        self._fields += fields
        while self._fields > self.limits.fields and self._ready:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        _, (operation, length) = self._ready.popitem(last=False)
        operation.kept = False
        self._characters -= length
        self._fields -= operation.fields

    def parse(self, source: str) -> DocumentNode:
        """Raises:
        Refused: it is no GraphQL, or too large.
        """
        try:
            document = parse(source, max_tokens=self.limits.tokens)
            check_aliases(document, self.limits)
        except GraphQLSyntaxError as error:
            raise Refused([error]) from None
        except GraphQLError as error:
            raise Refused([error]) from None
        except RecursionError:
            raise Refused([GraphQLError("The document is nested too deeply.")]) from None
        return document

    def adopt(self, document: DocumentNode, name: str | None = None, *, trusted: bool = False) -> Operation:
        """An operation of a parsed document. `trusted`: of our own; it fits the schema and has no limits.

        Raises:
            Refused: the document does not fit the schema, or is too large.
        """
        try:
            if not trusted and (errors := self.problems(document)):
                raise Refused([explained(error) for error in errors])
            node = operation_of(document, name)
            fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
            if not trusted:
                check_depth(node, fragments, self.limits)
                if asks_for_schema(document):
                    check_introspection(self.schema, document, self._most_of_schema)
            price = Pricer(self.schema, self.size, fragments).price(node)
        except GraphQLError as error:
            raise Refused([error]) from None
        except RecursionError:
            raise Refused([GraphQLError("The document is nested too deeply.")]) from None
        return Operation(self, document, node, price)


def explained(error: GraphQLError) -> GraphQLError:
    """The library's one error that does not say what is wrong."""
    if isinstance(error, ValidationAbortedError) and error.message == "Validation aborted.":
        return GraphQLError("The document repeats or nests fields or fragments too much to be checked.")
    return error


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """Raises:
    NoSuchOperation: it is not there, or it must be named.
    """
    found = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is not None:
        found = [d for d in found if d.name and d.name.value == name]
        if not found:
            raise NoSuchOperation([GraphQLError(f"The document has no operation named {name!r}.")])
    if len(found) != 1:
        raise NoSuchOperation([GraphQLError("Say by operationName which operation of the document is to run.")])
    return found[0]
