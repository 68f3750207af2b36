"""What an operation does: its selections and fields, merged and resolved against the schema, before anything runs.

Fields are collected by graphql-core's own functions, for one shape of @skip and @include, so fragments, type conditions
and merging are as it has them. Selections on the types of an interface or a union are made when they are first met.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from graphql.type.definition import GraphQLLeafType

from closient_gql.engine.arguments import FieldArguments
from closient_gql.engine.leaves import Coerce, coercion, list_coercion
from closient_gql.engine.sources import Asked, Attribute, Default, Each, Many, Typename, source_of

MOST_FIELDS = 20_000  # of one operation, fragments spread out


class Unsupported(Exception):
    """The operation is one for graphql-core; `reason` is a word for it, of a few."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Plan:
    """One operation for one shape of its conditions: `shape` holds the variables of @skip and @include.

    Raises:
        Unsupported: it is spread out into too many fields.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        shape: Mapping[str, bool],
    ) -> None:
        self.schema, self.document, self.operation = schema, document, operation
        self.definitions = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.fragments = {name: FragmentDetails(node) for name, node in self.definitions.items()}
        self.shape = VariableValues({}, dict(shape))
        self.size, self.whole = 0, False  # fields; grows on while types of interfaces and unions are met
        self.serial = operation.operation is OperationType.MUTATION
        root = schema.get_root_type(operation.operation)
        if root is None:
            raise Unsupported("no root type")
        found = collect_fields(schema, self.fragments, self.shape, root, operation).grouped_field_set
        self.root = Selection(self, root, found)
        self.whole = True

    def below(self, field: "Field", kind: GraphQLObjectType) -> "Selection":
        """What is selected of a field's value if it is of this type."""
        found = collect_subfields(
            self.schema, self.fragments, self.shape, self.operation, kind, field.details
        ).grouped_field_set
        return Selection(self, kind, found)

    def grow(self, fields: int) -> None:
        self.size += fields
        if self.size > MOST_FIELDS and not self.whole:
            raise Unsupported("too large")


class Selection:
    """What is asked of an object of one type.

    `fields`: all, in the order of the answer; `later`: those that are not done where the object is made.
    """

    def __init__(self, plan: Plan, kind: GraphQLObjectType, grouped: GroupedFieldSet) -> None:
        self.plan, self.kind = plan, kind
        plan.grow(1 + len(grouped))
        self.fields: list[Field] = []
        for key, details in grouped.items():
            definition = plan.schema.get_field(kind, details[0].node.name.value)
            if definition is not None:
                self.fields.append(Field(plan, kind, key, len(self.fields), details, definition))
        self.later = [field for field in self.fields if not field.inline]
        self.functions: dict[type, Any] = {}  # by the class of parents; see generate.py

    @cached_property
    def waits(self) -> bool:
        """Whether anything in it, or below, may have to be waited for."""
        return any(field.waits for field in self.later)

    @cached_property
    def asked(self) -> Asked:
        """What is read of a parent."""
        read = [(field, field.source.name) for field in self.fields if isinstance(field.source, Attribute | Default)]
        return Asked(
            frozenset(name for _, name in read),
            frozenset(field.name for field in self.fields if isinstance(field.source, Many | Each)),
            tuple((name, field.asked) for field, name in read if not field.leaf),
        )


class Field:
    """One field of a selection.

    `nullable` and `lists`: whether null is allowed at each level, from the field inwards, and how many lists there are.
    `reads`: a leaf that is read off its parent, where the parent's object is made. `inline`: that, or `__typename`.
    """

    def __init__(
        self,
        plan: Plan,
        parent: GraphQLObjectType,
        key: str,
        order: int,
        details: list[FieldDetails],
        definition: GraphQLField,
    ) -> None:
        self.plan, self.parent, self.key, self.order = plan, parent, key, order
        self.details, self.definition = details, definition
        self.nodes: list[FieldNode] = [each.node for each in details]
        self.name = self.nodes[0].name.value
        self.source = source_of(plan.schema, definition, self.name)
        self.arguments = FieldArguments(definition, self.nodes[0])
        self.nullable, self.lists = levels(definition.type)
        self.type: Any = get_named_type(definition.type)
        self.leaf = is_leaf_type(self.type)
        serial = plan.serial and parent is plan.schema.mutation_type
        given = not definition.args or self.arguments.fixed is not None  # else they may be wrong
        self.reads = (
            isinstance(self.source, Attribute | Default) and self.leaf and self.lists <= 1 and given and not serial
        )
        self.inline = isinstance(self.source, Typename) or self.reads
        self._selections: dict[GraphQLObjectType, Selection] = {}
        self.simple = is_object_type(self.type) and self.type.is_type_of is None and self.lists <= 1
        if is_object_type(self.type):
            self.selection(self.type)

    @cached_property
    def same(self) -> bool:
        """Whether it is introspection without variables: the same in every answer."""
        if self.name not in ("__schema", "__type"):
            return False
        fields = [self]
        for field in fields:
            if field.arguments.fixed is None and field.definition.args:
                return False
            fields += [below for kind in field.possible for below in field.selection(kind).fields]
        return True

    @property
    def leaf_type(self) -> GraphQLLeafType:
        found: GraphQLLeafType = self.type
        return found

    @cached_property
    def coerce(self) -> Coerce:
        """What a leaf's value comes to, or a list of them; raises for what is not as it should be."""
        one, null = coercion(self.leaf_type), self.nullable[0]
        full = list_coercion(one, self.nullable[1]) if self.lists else one
        return lambda value: None if value is None and null else full(value)

    def selection(self, kind: GraphQLObjectType) -> Selection:
        """What is selected of a value of this type."""
        if kind not in self._selections:
            self._selections[kind] = self.plan.below(self, kind)
        return self._selections[kind]

    @property
    def possible(self) -> Sequence[GraphQLObjectType]:
        if self.leaf:
            return ()
        return [self.type] if is_object_type(self.type) else self.plan.schema.get_possible_types(self.type)

    @cached_property
    def waits(self) -> bool:
        """Whether its values, or something below them, may have to be waited for."""
        if isinstance(self.source, Many | Each):
            return True
        return not self.leaf and (not is_object_type(self.type) or self.selection(self.type).waits)

    @cached_property
    def asked(self) -> Asked:
        """What is read of its values."""
        found = Asked()
        for kind in self.possible:
            found |= self.selection(kind).asked
        return found


def levels(kind: Any) -> tuple[tuple[bool, ...], int]:
    """Whether null is allowed at each level of lists, from the outside, and how many lists there are."""
    nullable: list[bool] = []
    while True:
        required = is_non_null_type(kind)
        nullable.append(not required)
        kind = kind.of_type if required else kind
        if not is_list_type(kind):
            return tuple(nullable), len(nullable) - 1
        kind = kind.of_type
