"""From `rest.graphql` to endpoints: everything is looked up and checked here, once, at start-up."""

import pathlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    NameNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    extend_schema,
    get_named_type,
    parse,
    type_from_ast,
    validate,
    value_from_ast_untyped,
    visit,
)
from graphql.language import Visitor
from graphql.pyutils import Undefined

from closient_gql.core.bounds import NONE, Bounds
from closient_gql.engine import Operation, Operations
from closient_gql.server.rest.apis import APIS, Api, api_of
from closient_gql.server.rest.shapes import Render, Shape, Shapes
from schema.declare import snake
from schema.guard import OURS as OURS_IN_STRAWBERRY
from schema.guard import limits

DIRECTIVES = (pathlib.Path(__file__).parent / "directives.graphql").read_text()
OURS = ("rest", "value", "default", "extend")
PAGE = """query ($page: Int! = 1, $pageSize: Int! = 25) { list(page: $page, pageSize: $pageSize) {
  pagination { page pageSize totalCount totalPages hasNext hasPrevious } } }"""
WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")


class RestError(Exception):
    """A rest.graphql file does not fit the graph. Raised at start-up, with file and line."""


@dataclass
class Parameter:
    """One input of an endpoint: a variable of its operation."""

    name: str
    type: GraphQLInputType
    place: str  # path, query, body (the whole body) or property (of the body)
    default: Any = Undefined
    bounds: tuple[Bounds, ...] = (NONE,)
    description: str | None = None

    @cached_property
    def rest_name(self) -> str:
        return snake(self.name)

    @property
    def may_have_slashes(self) -> bool:
        pattern = self.bounds[0].pattern
        return get_named_type(self.type).name == "String" and (pattern is None or bool(re.search(pattern, "a/b")))

    @property
    def required(self) -> bool:
        return self.default is Undefined and isinstance(self.type, GraphQLNonNull)


@dataclass
class Endpoint:
    """One REST endpoint, ready to answer."""

    api: Api
    name: str  # the operationId
    method: str
    path: str  # below the API's mount
    tag: str
    status: int
    errors: list[str]
    description: str
    access: str  # public, key or user: of the root field's function
    operation: Operation
    root: str
    shape: Shape
    paged: bool
    where: str  # file and line
    parameters: list[Parameter] = field(default_factory=list)
    render: Render = field(init=False)

    def __post_init__(self) -> None:
        self.render = self.shape.renderer()

    @cached_property
    def body(self) -> list[Parameter]:
        return [p for p in self.parameters if p.place in ("body", "property")]

    @property
    def route(self) -> str:
        """The path as it is matched. A text in it may have slashes (a lot, GS1 AI 10), which come as %2F, unless its
        pattern takes none."""
        texts = {p.rest_name for p in self.parameters if p.place == "path" and p.may_have_slashes}
        return re.sub(r"\{(\w+)\}", lambda found: f"{{{found[1]}:path}}" if found[1] in texts else found[0], self.path)

    @property
    def reads(self) -> bool:
        return self.operation.kind is OperationType.QUERY


@dataclass
class Source:
    """One rest.graphql, parsed. `document` has no fragment that only adds to another file's."""

    domain: str
    path: str
    document: DocumentNode


class WithoutOurs(Visitor):
    """`@rest` and its like are ours: the graph itself does not know them."""

    def enter_directive(self, node: Any, *_: Any) -> Any:
        return self.REMOVE if node.name.value in OURS else None


def compile_files(operations: Operations, files: Iterable[tuple[str, pathlib.Path]]) -> list[Endpoint]:
    """The endpoints of `(domain, rest.graphql)` files, in order.

    Raises:
        RestError: an operation does not fit the graph, or two endpoints have the same name or address.
    """
    sources = [Source(domain, str(path), read(path)) for domain, path in files]
    fragments: dict[str, FragmentDefinitionNode] = {}
    for source in sources:
        for node in source.document.definitions:
            if isinstance(node, FragmentDefinitionNode):
                where = f"{source.path}:{line_of(node)}"
                fragments[node.name.value] = merged(fragments.get(node.name.value), node, where)
    check(operations.schema, sources, fragments)
    endpoints = [
        Compiler(operations, fragments, source.domain, node, f"{source.path}:{line_of(node)}").endpoint()
        for source in sources
        for node in source.document.definitions
        if isinstance(node, OperationDefinitionNode)
    ]
    for what in (lambda e: e.name, lambda e: (e.method, e.api.mount, re.sub(r"\{\w+\}", "{}", e.path))):
        seen: dict[Any, str] = {}
        for endpoint in endpoints:
            first = seen.setdefault(what(endpoint), endpoint.where)
            if first is not endpoint.where:
                raise RestError(f"{endpoint.where}: there is an endpoint {what(endpoint)} already, at {first}")
    return endpoints


def read(path: pathlib.Path) -> DocumentNode:
    try:
        return parse(path.read_text())
    except GraphQLError as error:
        raise RestError(f"{path}:{error.locations[0].line if error.locations else 1}: {error.message}") from error


def merged(before: FragmentDefinitionNode | None, node: FragmentDefinitionNode, where: str) -> FragmentDefinitionNode:
    """The fragment with what a later domain adds to it by `@extend`."""
    adds = any(d.name.value == "extend" for d in node.directives or ())
    name = node.name.value
    if adds and before is None:
        raise RestError(f"{where}: no earlier domain defines the fragment {name}, so it cannot be extended.")
    if not adds and before is not None:
        raise RestError(f"{where}: the fragment {name} exists already; add to it by `fragment {name} on … @extend`.")
    if before is None:
        return node
    selections = (*before.selection_set.selections, *node.selection_set.selections)
    return replace(before, selection_set=replace(before.selection_set, selections=selections))


def check(schema: GraphQLSchema, sources: list[Source], fragments: dict[str, FragmentDefinitionNode]) -> None:
    known = extend_schema(schema, parse(DIRECTIVES))
    operations = [d for s in sources for d in s.document.definitions if isinstance(d, OperationDefinitionNode)]
    whole = DocumentNode(definitions=(*operations, *fragments.values()))
    if errors := validate(known, whole):
        raise RestError("\n".join(f"{places(e, sources)}: {e.message}" for e in errors))


def places(error: GraphQLError, sources: list[Source]) -> str:
    """File and line of an error."""
    node = error.nodes[0] if error.nodes else None
    for source in sources:
        if node and node.loc and source.document.loc and node.loc.source is source.document.loc.source:
            return f"{source.path}:{error.locations[0].line if error.locations else 0}"
    return "rest.graphql"


def definition_metadata(field: GraphQLField) -> Mapping[str, Any]:
    """What the field's declaration says: kind, function, access."""
    found: Mapping[str, Any] = field.extensions[OURS_IN_STRAWBERRY].metadata
    return found


def line_of(node: OperationDefinitionNode | FragmentDefinitionNode) -> int:
    named: Node = node.name or node
    return named.loc.start_token.line if named.loc else 0


class Compiler:
    """Makes one endpoint of one operation."""

    def __init__(
        self,
        operations: Operations,
        fragments: dict[str, FragmentDefinitionNode],
        domain: str,
        node: OperationDefinitionNode,
        where: str,
    ) -> None:
        self.operations, self.schema, self.fragments = operations, operations.schema, fragments
        self.domain, self.node, self.where = domain, node, where
        self.sources: dict[str, GraphQLArgument | GraphQLInputField] = {}  # variable -> what it is passed to
        self.used: dict[str, FragmentDefinitionNode] = {}

    def fail(self, message: str) -> RestError:
        return RestError(f"{self.where}: {message}")

    def endpoint(self) -> Endpoint:
        node = self.node
        rest = next((d for d in node.directives or () if d.name.value == "rest"), None)
        fields = [s for s in node.selection_set.selections if isinstance(s, FieldNode)]
        if rest is None or node.name is None or len(node.selection_set.selections) != 1 or not fields:
            raise self.fail("an operation of this file needs a name, @rest and one root field")
        given: dict[str, Any] = {a.name.value: value_from_ast_untyped(a.value) for a in rest.arguments or ()}
        api, path = self.address(given["path"])
        root = self.schema.get_root_type(node.operation)
        assert isinstance(root, GraphQLObjectType)
        self.shape(root, fields[0])
        paged = get_named_type(list(self.chain(root, node))[-1][0].type).name.endswith("Connection")
        operation = self.with_page(node) if paged else node
        (selection,) = operation.selection_set.selections
        assert isinstance(selection, FieldNode)
        shape = self.shape(root, selection)
        if paged:
            self.name_data(shape)
        self.trace(root, operation.selection_set.selections)
        parameters = self.parameters(operation, given["method"], path)
        document = visit(DocumentNode(definitions=(operation, *self.used.values())), WithoutOurs())
        ready = self.operations.adopt(document, node.name.value, trusted=True)
        ready.compile()
        return Endpoint(
            api=api, name=node.name.value, method=given["method"], path=path, tag=given["tag"],
            status=given.get("status", 200), errors=given.get("errors", []),
            description=node.description.value if node.description else "",
            access=definition_metadata(root.fields[selection.name.value]).get("access", "public"),
            operation=ready,
            root=(selection.alias or selection.name).value, shape=shape, paged=paged, where=self.where,
            parameters=parameters,
        )  # fmt: skip

    def shape(self, root: GraphQLObjectType, selection: FieldNode) -> Shape:
        try:
            return Shapes(self.schema, self.fragments).of_field(root, selection)
        except ValueError as error:
            raise self.fail(str(error)) from None

    def name_data(self, page: Shape) -> None:
        """The items of a page are its `data`."""
        while page.value and page.fields:
            (page,) = page.fields.values()
        if "nodes" not in page.keys:
            raise self.fail("a page must select its nodes, under that name")
        page.keys["nodes"] = "data"

    def address(self, path: str) -> tuple[Api, str]:
        """The API and the path below its mount."""
        own = next((api for api in APIS if api.domain == self.domain), None)
        api = api_of(path) or own
        if api is None:
            raise self.fail(f"the domain {self.domain} has no REST API in closient_gql/server/rest/apis.py")
        if not path.startswith("/"):
            raise self.fail(f"the path {path!r} does not begin with a slash")
        return api, path.removeprefix(api.mount)

    def chain(self, parent: GraphQLObjectType, node: Any) -> Iterator[tuple[Any, FieldNode]]:
        """The root field, and on through `@value`: the last one is what the endpoint answers with."""
        (selection,) = node.selection_set.selections
        assert isinstance(selection, FieldNode)
        definition = parent.fields[selection.name.value]
        yield definition, selection
        inner = get_named_type(definition.type)
        if any(d.name.value == "value" for d in selection.directives or ()) and isinstance(inner, GraphQLObjectType):
            yield from self.chain(inner, selection)

    def with_page(self, node: OperationDefinitionNode) -> OperationDefinitionNode:
        """Every page takes page and page_size and answers `pagination`: nobody has to write that."""
        (added,) = parse(PAGE).definitions
        assert isinstance(added, OperationDefinitionNode)
        (extra,) = added.selection_set.selections
        assert isinstance(extra, FieldNode)

        def paged(field: FieldNode) -> FieldNode:
            assert field.selection_set
            if any(d.name.value == "value" for d in field.directives or ()):
                (inner,) = field.selection_set.selections
                assert isinstance(inner, FieldNode)
                return replace(field, selection_set=replace(field.selection_set, selections=(paged(inner),)))
            inside = (*field.selection_set.selections, *extra.selection_set.selections)  # type: ignore[union-attr]
            arguments = (*(field.arguments or ()), *(extra.arguments or ()))
            return replace(field, arguments=arguments, selection_set=replace(field.selection_set, selections=inside))

        (selection,) = node.selection_set.selections
        assert isinstance(selection, FieldNode)
        variables = (*(node.variable_definitions or ()), *(added.variable_definitions or ()))
        return replace(
            node,
            variable_definitions=variables,
            selection_set=replace(node.selection_set, selections=(paged(selection),)),
        )

    def trace(self, parent: GraphQLObjectType, selections: Any) -> None:
        """Where each variable goes: limits and descriptions come from there. Collects the fragments in use, too."""
        for node in selections:
            if isinstance(node, FieldNode):
                definition = parent.fields[node.name.value]
                for argument in node.arguments or ():
                    self.flow(definition.args[argument.name.value], argument.value)
                inner = get_named_type(definition.type)
                if node.selection_set and isinstance(inner, GraphQLObjectType):
                    self.trace(inner, node.selection_set.selections)
            else:
                fragment = self.used[node.name.value] = self.fragments[node.name.value]
                self.trace(parent, fragment.selection_set.selections)

    def flow(self, target: GraphQLArgument | GraphQLInputField, value: Any) -> None:
        if isinstance(value, VariableNode):
            self.sources[value.name.value] = target
        elif isinstance(value, ObjectValueNode):
            inner = get_named_type(target.type)
            assert isinstance(inner, GraphQLInputObjectType)
            for part in value.fields:
                self.flow(inner.fields[part.name.value], part.value)

    def parameters(self, operation: OperationDefinitionNode, method: str, path: str) -> list[Parameter]:
        found = [self.parameter(node, method, path) for node in operation.variable_definitions or ()]
        in_path = set(re.findall(r"\{(\w+)\}", path))
        if lost := in_path - {p.rest_name for p in found}:
            raise self.fail(f"the path names {', '.join(sorted(lost))}, which is no variable")
        places = [p.place for p in found]
        if places.count("body") > 1 or ("body" in places and "property" in places):
            raise self.fail("an input object is the whole body: there can be only one, and nothing beside it")
        return found

    def parameter(self, node: Any, method: str, path: str) -> Parameter:
        name: NameNode = node.variable.name
        kind = type_from_ast(self.schema, node.type)
        source = self.sources.get(name.value)
        if source is None:
            raise self.fail(f"${name.value} is the value of no argument, so nothing is known of its limits")
        if f"{{{snake(name.value)}}}" in path:
            place = "path"
        elif isinstance(get_named_type(kind), GraphQLInputObjectType):
            place = "body"
        else:
            place = "property" if method in WITH_BODY else "query"
        default = value_from_ast_untyped(node.default_value) if node.default_value else source.default_value
        own = node.description.value if node.description else None
        return Parameter(name.value, kind, place, default, limits(source), own or source.description)
