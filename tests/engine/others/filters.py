"""Everything that arguments can be: their resolvers answer with what they were given."""

import enum
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    parse_value,
)
from hypothesis import strategies as st
from hypothesis_graphql import nodes

from tests.engine.others import Chance, Other, later


class Unit(enum.Enum):
    KILO = "kg"
    POUND = "lb"


@dataclass
class Range:
    """What an input object becomes."""

    low: Any = None
    high: Any = None
    units: list[Unit] = field(default_factory=list)


def read_amount(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no amount") from None


def write_amount(value: Any) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"{value!r} is no amount")
    return f"{value:f}"


AMOUNT = GraphQLScalarType("Amount", serialize=write_amount, parse_value=read_amount)
JSON = GraphQLScalarType("JSON")
UNIT = GraphQLEnumType("Unit", dict(Unit.__members__))
ORDER = GraphQLEnumType("Order", {
    "ASC": ("price", 1), "DESC": GraphQLEnumValue(["price", -1], deprecation_reason="Nobody wants it."), "NONE": None,
})  # fmt: skip
RANGE = GraphQLInputObjectType("Range", {
    "low": GraphQLInputField(AMOUNT, out_name="low"), "high": GraphQLInputField(AMOUNT),
    "units": GraphQLInputField(GraphQLList(GraphQLNonNull(UNIT)), default_value=[Unit.KILO]),
}, out_type=lambda given: Range(**given))  # fmt: skip
ONE = GraphQLInputObjectType("OneOf", {
    "id": GraphQLInputField(GraphQLID), "name": GraphQLInputField(GraphQLString), "at": GraphQLInputField(RANGE),
}, is_one_of=True)  # fmt: skip
WHERE: GraphQLInputObjectType = GraphQLInputObjectType("Where", lambda: {
    "_and": GraphQLInputField(GraphQLList(GraphQLNonNull(WHERE)), out_name="all_of"),
    "_not": GraphQLInputField(WHERE, out_name="not_"),
    "price": GraphQLInputField(RANGE), "name": GraphQLInputField(GraphQLString, default_value="*"),
    "flags": GraphQLInputField(GraphQLList(GraphQLList(GraphQLBoolean))),
    "level": GraphQLInputField(GraphQLNonNull(GraphQLInt), default_value=3),
    "old": GraphQLInputField(GraphQLInt, deprecation_reason="Gone."),
})  # fmt: skip
ARGUMENTS = {
    "where": GraphQLArgument(WHERE, out_name="condition"),
    "orderBy": GraphQLArgument(GraphQLList(GraphQLNonNull(ORDER)), out_name="order_by"),
    "limit": GraphQLArgument(GraphQLNonNull(GraphQLInt), default_value=10),
    "offset": GraphQLArgument(GraphQLInt, deprecation_reason="Use cursors."),
    "one": GraphQLArgument(ONE),
    "matrix": GraphQLArgument(GraphQLList(GraphQLNonNull(GraphQLList(GraphQLFloat))), default_value=[[1, 2.5], None]),
    "amount": GraphQLArgument(AMOUNT), "json": GraphQLArgument(JSON), "id": GraphQLArgument(GraphQLID),
    "unit": GraphQLArgument(GraphQLNonNull(UNIT), default_value=Unit.POUND),
}  # fmt: skip


class Filters:
    def __init__(self, seed: int, calm: bool) -> None:
        self.chance, self.calm = Chance(seed), calm

    def items(self, source: Any, info: Any, **given: Any) -> Any:
        if given["limit"] < 0:
            raise ValueError(f"{given['limit']} is less than nothing.")
        told = [{"given": shown(given), "price": given.get("amount", Decimal(1))} for _ in range(given["limit"] % 4)]
        for each in told:
            each["matrix"] = given.get("matrix")
            each["unit"], each["order"] = given["unit"], given.get("order_by")
        found = self.chance.value(told, "items", shown(given))
        del (given.get("order_by") or [])[1:]  # whoever is given something may change it, unless it is the schema's own
        if isinstance(given.get("json"), dict):
            given["json"]["changed"] = True
        return found if self.calm else later(found)

    def parse(self, source: Any, info: Any, **given: Any) -> str:
        return shown(given)

    def schema(self) -> GraphQLSchema:
        item: GraphQLObjectType = GraphQLObjectType("Item", lambda: {
            "given": GraphQLField(GraphQLNonNull(GraphQLString)), "price": GraphQLField(GraphQLNonNull(AMOUNT)),
            "matrix": GraphQLField(GraphQLList(GraphQLNonNull(GraphQLList(GraphQLInt)))),
            "unit": GraphQLField(UNIT), "order": GraphQLField(GraphQLList(ORDER)),
            "parse": GraphQLField(GraphQLNonNull(GraphQLString), ARGUMENTS, self.parse),
            "items": GraphQLField(GraphQLList(GraphQLNonNull(item)), ARGUMENTS, self.items),
        })  # fmt: skip
        fields = {
            "items": GraphQLField(GraphQLNonNull(GraphQLList(item)), ARGUMENTS, self.items),
            "parse": GraphQLField(GraphQLString, ARGUMENTS, self.parse),
        }
        return GraphQLSchema(GraphQLObjectType("Query", fields), GraphQLObjectType("Mutation", fields))


def shown(value: Any) -> str:
    return repr(sorted(value.items())) if isinstance(value, dict) else repr(value)


FILTERS = Other(
    "filters",
    lambda seed, calm: Filters(seed, calm).schema(),
    scalars={
        "Amount": st.decimals(-100, 100, places=2).map(lambda n: nodes.String(str(n))),
        "JSON": st.sampled_from(["1", '"ü"', "{a: [1, {b: null}]}", "[]", "1.5", "null"]).map(parse_value),
    },
)
