"""Schemas, data, documents and variables made at random from a seed, for holding one executor against another.

A value follows from the seed, its object and its field alone, so both executors see the same ones. Some are wrong in
all ways that there are: null where none may be, of another type, exceptions, things to wait for, lists that end with
an error.
"""

import random
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from closient_gql.engine.sources import Many

VARIABLES = {"yes": "Boolean!", "no": "Boolean! = false", "i": "Int!", "j": "Int", "k": "Int = 3", "p": "Point",
             "q": "Color = RED"}  # fmt: skip


def write_odd(value: Any) -> Any:
    """A scalar that refuses some values and makes nothing of others."""
    if value == "refused":
        raise ValueError("This one cannot be written.")
    return None if value == "nothing" else {"odd": value}


ODD = GraphQLScalarType("Odd", serialize=write_odd)
COLOR = GraphQLEnumType("Color", {"RED": 1, "GREEN": "green", "BLUE": None})
POINT = GraphQLInputObjectType(
    "Point",
    {"x": GraphQLInputField(GraphQLNonNull(GraphQLInt)), "y": GraphQLInputField(GraphQLInt, default_value=7)},
)
LEAVES: dict[Any, list[Any]] = {
    GraphQLString: ["a", "ü", ""], GraphQLInt: [0, 1, -5, 2**31 - 1], GraphQLFloat: [0.5, -1.0, 1e300],
    GraphQLBoolean: [True, False], GraphQLID: ["1", "x"], ODD: [1, "b", [1]], COLOR: [1, "green", "BLUE"],
}  # fmt: skip
STRANGE: list[Any] = [
    None, None, None, 7, -1.5, 2.0, "text", "7", True, 2**40, float("nan"), float("inf"), -float("inf"), b"bytes",
    object, {"a": 1}, ["list"], [], ("tuple",), {"set"}, "refused", "nothing", 1j,
]  # fmt: skip


def called(*_: Any, **__: Any) -> str:
    """A value that is a function."""
    return "called"


class Thing:
    """An object with attributes, some of which raise when they are read."""

    def __init__(self, world: "World", kind: GraphQLObjectType, number: int) -> None:
        self._world, self._kind, self._number = world, kind, number

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        value = self._world.value_of(self, self._kind, name, later=self._world.waiting)
        if isinstance(value, Raised):
            raise value.error
        return value


class OtherThing(Thing):
    """Objects of one type need not be of one class."""


class Items(Mapping[str, Any]):
    """An object with items."""

    def __init__(self, world: "World", kind: GraphQLObjectType, number: int) -> None:
        self._world, self._kind, self._number = world, kind, number

    def __getitem__(self, name: str) -> Any:
        if name == "__typename":
            return self._kind.name
        return self._world.plain_value(self, self._kind, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._kind.fields)

    def __len__(self) -> int:
        return len(self._kind.fields)


class Raised:
    """A resolver that raises, where another one gives a value."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class World:
    """One schema with its data. `waiting`: some resolvers are asynchronous; none is in the `calm` world of the same
    seed, which is else the same in everything."""

    def __init__(self, seed: int, *, calm: bool = False) -> None:
        self.seed, self.random = seed, random.Random(seed)
        self.waiting = self.random.random() < 0.4 and not calm
        self.strangeness = self.random.choice([0, 0.02, 0.1, 0.3])
        self.objects: list[GraphQLObjectType] = []
        self.abstract: list[Any] = []
        self.schema = self._schema()

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    # --- schema

    def _schema(self) -> GraphQLSchema:
        shared = {f"s{n}": self._leaf_type() for n in range(3)}
        named = GraphQLInterfaceType(
            "Named", lambda: {name: GraphQLField(kind) for name, kind in shared.items()},
            resolve_type=self.resolve_type,
        )  # fmt: skip
        for number in range(self.random.randint(2, 4)):
            self.objects.append(self._object(f"T{number}", named, shared, self.chance(0.5)))
        self.abstract.append(GraphQLUnionType("Either", self.objects[:2], resolve_type=self.resolve_type))
        if any(kind.interfaces for kind in self.objects):
            self.abstract.append(named)
        query = GraphQLObjectType("Query", lambda: self._fields("Query"))
        mutation = GraphQLObjectType("Mutation", lambda: self._fields("Mutation"))
        return GraphQLSchema(query, mutation, types=self.objects)

    def _object(self, name: str, named: GraphQLInterfaceType, shared: Any, implements: bool) -> GraphQLObjectType:
        test = self.random.choice([None, None, lambda value, info: not isinstance(value, OtherThing)])

        def fields() -> dict[str, GraphQLField]:
            own = self._fields(name)
            if implements:
                own |= {key: self._field(kind, plain=True) for key, kind in shared.items()}
            return own

        return GraphQLObjectType(name, fields, interfaces=[named] if implements else [], is_type_of=test)

    def _leaf_type(self) -> Any:
        return self._wrapped(self.random.choice(list(LEAVES)))

    def _wrapped(self, kind: Any) -> Any:
        for _ in range(self.random.choice([0, 0, 0, 1, 1, 2])):
            kind = GraphQLList(GraphQLNonNull(kind) if self.chance(0.4) else kind)
        return GraphQLNonNull(kind) if self.chance(0.4) else kind

    def _fields(self, name: str) -> dict[str, GraphQLField]:
        fields = {f"l{n}": self._field(self._leaf_type()) for n in range(self.random.randint(2, 5))}
        for number in range(self.random.randint(1, 3)):
            fields[f"o{number}"] = self._field(self._wrapped(self.random.choice(self.objects + self.abstract)))
        return fields

    def _field(self, kind: Any, plain: bool = False) -> GraphQLField:
        arguments = {}
        if not plain and self.chance(0.3):
            arguments = {
                "a": GraphQLArgument(GraphQLInt, default_value=3), "b": GraphQLArgument(GraphQLList(GraphQLString)),
                "c": GraphQLArgument(GraphQLNonNull(GraphQLInt) if self.chance(0.5) else COLOR),
                "d": GraphQLArgument(POINT, out_name="out"),
            }  # fmt: skip
        field = GraphQLField(kind, arguments)
        way = self.random.choice(["default", "default", "sync", "async", "many"])
        if way == "sync" or (way in ("async", "many") and not self.waiting):
            field.resolve = self.resolve
        elif way in ("async", "many"):
            field.resolve = self.resolve_later
        if way == "many":
            field.extensions["many"] = Many(self.answers(field))
        return field

    # --- values

    def resolve_type(self, value: Any, info: Any, kind: Any) -> Any:
        name = value._kind.name if isinstance(value, Thing | Items) else "Nothing"
        if self.waiting and info.field_name == "o1":

            async def later() -> str:
                return str(name)

            return later()
        return name

    def resolve(self, source: Any, info: Any, **arguments: Any) -> Any:
        found = self.value_of(source, info.parent_type, info.field_name, arguments, self.waiting)
        if isinstance(found, Raised):
            raise found.error
        return found

    async def resolve_later(self, source: Any, info: Any, **arguments: Any) -> Any:
        found = self.value_of(source, info.parent_type, info.field_name, arguments)
        if isinstance(found, Raised):
            raise found.error
        return found

    def answers(self, field: GraphQLField) -> Any:
        """The same for all parents at once."""

        async def call(context: Any, parents: Any, arguments: Any, asked: Any) -> list[Any]:
            kind, name = next(
                (kind, name)
                for kind in (*self.objects, self.schema.query_type, self.schema.mutation_type)
                for name, each in kind.fields.items()  # type: ignore[union-attr]
                if each is field
            )
            found = [self.value_of(parent, kind, name, arguments) for parent in parents]
            return [each.error if isinstance(each, Raised) else each for each in found]

        return call

    def value_of(self, source: Any, kind: Any, name: str, arguments: Any = None, later: bool = False) -> Any:
        """What a field of an object has, or raises."""
        chance = self._chance(source, name, arguments)
        if chance.random() < self.strangeness / 3:
            return Raised(ValueError(f"{kind}.{name} of {getattr(source, '_number', 0)} is broken."))
        return self._value(chance, kind.fields[name].type, chance.random() < 0.05 and later)

    def plain_value(self, source: Any, kind: Any, name: str) -> Any:
        return self._value(self._chance(source, name, None), kind.fields[name].type, False)

    def _chance(self, source: Any, name: str, arguments: Any) -> random.Random:
        return random.Random(f"{self.seed} {getattr(source, '_number', 0)} {name} {arguments!r}")

    def _value(self, chance: random.Random, kind: Any, later: bool = False) -> Any:
        value = self._now(chance, kind)
        if later:

            async def wait() -> Any:
                return value

            return wait()
        return value

    def _now(self, chance: random.Random, kind: Any) -> Any:
        if chance.random() < self.strangeness / 2:
            return chance.choice([*STRANGE, ValueError("a value that is an error"), called])
        if is_non_null_type(kind):
            kind = kind.of_type
        elif chance.random() < 0.15:
            return None
        if is_list_type(kind):
            return self._list(chance, [self._now(chance, kind.of_type) for _ in range(chance.randint(0, 3))])
        if is_leaf_type(kind):
            return chance.choice(LEAVES[kind])
        kinds = [kind] if isinstance(kind, GraphQLObjectType) else self.schema.get_possible_types(kind)
        made: Any = chance.choice([Thing, Thing, Thing, OtherThing, Items, dict])
        kind, number = chance.choice(kinds), chance.randint(1, 10**9)
        if made is not dict:
            return made(self, kind, number)
        return Items(self, kind, number) if self.abstract_above(kind) else dict(Items(self, kind, number).items())

    def abstract_above(self, kind: Any) -> bool:
        return kind in self.objects[:2] or bool(kind.interfaces)

    def _list(self, chance: random.Random, items: list[Any]) -> Any:
        if chance.random() >= self.strangeness:
            return items
        way = chance.choice(["tuple", "iterator", "broken", "async"])
        if way == "tuple":
            return tuple(items)
        if way == "async" and self.waiting:
            return self._later(items)
        return self._iterate(items, way == "broken")

    @staticmethod
    def _iterate(items: list[Any], broken: bool) -> Iterator[Any]:
        yield from items
        if broken:
            raise ValueError("This list ends with an error.")

    @staticmethod
    async def _later(items: list[Any]) -> AsyncIterator[Any]:
        for item in items:
            yield item

    # --- documents

    def document(self) -> str:
        """A document, most often one that fits the schema."""
        return Writer(self).document()

    def variables(self) -> dict[str, Any]:
        found: dict[str, Any] = {"yes": self.chance(0.5), "no": self.chance(0.5), "i": self.random.randint(0, 3)}
        if self.chance(0.5):
            found["j"] = self.random.choice([None, 1, 2.0])
        if self.chance(0.3):
            found["k"] = self.random.choice([None, 2])  # null is no value of what is required where it is used
        if self.chance(0.5):
            found["p"] = self.random.choice([{"x": 1}, {"x": 2, "y": None}, None])
        if self.chance(0.1):
            name = self.random.choice(["yes", "i", "j", "p", "q"])
            found[name] = self.random.choice([None, "x", 2**40, float("nan"), float("inf"), [], {"x": "y"}, {"z": 1}])
        return found


class Writer:
    """Writes one document."""

    def __init__(self, world: World) -> None:
        self.world, self.random, self.fragments = world, world.random, list[str]()
        self.names = 0
        self.spreads: list[tuple[str, Any]] = []

    def document(self) -> str:
        schema = self.world.schema
        root, word = (schema.mutation_type, "mutation") if self.world.chance(0.2) else (schema.query_type, "query")
        body = self.selections(root, 4)
        text = f"{body}\n" + "\n".join(self.fragments)
        used = [f"${name}: {kind}" for name, kind in VARIABLES.items() if re.search(rf"\${name}\b", text)]
        head = f"({', '.join(used)})" if used else ""
        return f"{word} {head} {text}"

    def selections(self, kind: Any, depth: int) -> str:
        parts = [self.selection(kind, depth) for _ in range(self.random.randint(1, 5))]
        return "{ " + " ".join(parts) + " }"

    def selection(self, kind: Any, depth: int) -> str:
        fields = getattr(kind, "fields", {})
        if depth > 1 and self.world.chance(0.2 if fields else 0.8):
            return self.fragment(kind, depth)
        names = [name for name in fields if depth > 1 or is_leaf_type(get_named_type(fields[name].type))]
        if not names or self.world.chance(0.1):
            return f"__typename{self.condition()}"
        name = self.random.choice(names)
        field = fields[name]
        self.names += 1
        alias = self.random.choice([f"a{self.names}: ", f"a{self.names}: ", ""])
        inner = get_named_type(field.type)
        below = "" if is_leaf_type(inner) else " " + self.selections(inner, depth - 1)
        return f"{alias}{name}{self.arguments(field, bool(alias))}{self.condition()}{below}"

    def fragment(self, kind: Any, depth: int) -> str:
        target = self.target(kind)
        if self.spreads and self.world.chance(0.2):
            name, on = self.random.choice(self.spreads)
            if on is target:
                return f"...{name}{self.condition()}"
        if self.world.chance(0.3):
            self.names += 1
            name = f"F{self.names}"
            self.fragments.append(f"fragment {name} on {target} {self.selections(target, depth - 1)}")
            self.spreads.append((name, target))
            return f"...{name}{self.condition()}"
        on = f" on {target}" if target is not kind or self.world.chance(0.5) else ""
        return f"...{on}{self.condition()} {self.selections(target, depth - 1)}"

    def target(self, kind: Any) -> Any:
        """A type that values of this type may be of."""
        if isinstance(kind, GraphQLObjectType):
            return self.random.choice([kind, kind, *kind.interfaces])
        return self.random.choice([kind, *self.world.schema.get_possible_types(kind)])

    def condition(self) -> str:
        if self.world.chance(0.85):
            return ""
        directive = self.random.choice(["skip", "include"])
        return f" @{directive}(if: {self.random.choice(['$yes', '$no', 'true', 'false'])})"

    def arguments(self, field: GraphQLField, aliased: bool) -> str:
        if not field.args:
            return ""
        required = is_non_null_type(field.args["c"].type)
        given = [
            self.random.choice(["c: $i", "c: $k"]) if required else self.random.choice(["c: RED", "c: $q", "c: GREEN"])
        ]
        if aliased:
            given += [
                text for text in (
                    self.random.choice(["a: 1", "a: $j", "a: null", "a: $i"]),
                    self.random.choice(['b: ["x"]', 'b: "y"', "b: []", "b: null"]),
                    self.random.choice(["d: $p", "d: {x: 1}", "d: {x: $i, y: $j}", "d: null"]),
                ) if self.world.chance(0.5)
            ]  # fmt: skip
            if not required and self.world.chance(0.3):
                given = given[1:]
        return f"({', '.join(given)})" if given else ""
