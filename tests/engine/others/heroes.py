"""Heroes, droids and their ships: interfaces and a union, told apart in three ways; some resolvers are asynchronous."""

from typing import Any

from graphql import (
    GraphQLArgument,
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
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
)

from tests.engine.others import Chance, Other, later

EPISODE = GraphQLEnumType("Episode", {"NEWHOPE": 4, "EMPIRE": 5, "JEDI": 6})
LENGTH = GraphQLEnumType("LengthUnit", {"METER": "m", "FOOT": "ft"})
STARS = GraphQLNonNull(GraphQLInt)
COLOR = GraphQLInputObjectType(
    "ColorInput", {name: GraphQLInputField(STARS, default_value=255) for name in ("red", "green", "blue")}
)
REVIEW = GraphQLInputObjectType("ReviewInput", {
    "stars": GraphQLInputField(STARS), "commentary": GraphQLInputField(GraphQLString),
    "favoriteColor": GraphQLInputField(COLOR, out_name="color"),
})  # fmt: skip
NUMBER = 12  # of heroes, of whom every third is a droid, and every fourth flies


class Being:
    def __init__(self, world: "World", number: int) -> None:
        self.world, self.number = world, number

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        plain = {"id": self.number, "name": f"Hero {self.number}", "height": 1.5, "primaryFunction": "Talks",
                 "length": 34.4, "coordinates": [[1.0, 2], [3.5, None]], "homePlanet": None}  # fmt: skip
        return self.world.chance.value(plain[name], self.number, name)


class Human(Being): ...


class Droid(Being): ...


class Ship(Being): ...


class World:
    """The schema and who lives in it."""

    def __init__(self, seed: int, calm: bool) -> None:
        self.chance, self.calm = Chance(seed), calm
        self.schema = self.build()

    def being(self, number: Any) -> Being | None:
        if not isinstance(number, int) or not 0 <= number < NUMBER:
            return None
        return (Droid if number % 3 == 0 else Ship if number % 4 == 0 else Human)(self, number)

    # --- resolvers

    def hero(self, source: Any, info: Any, episode: int | None = None) -> Any:
        return self.chance.value(self.being(episode or 1), "hero", episode)

    def friends(self, being: Being, info: Any, first: int = 2) -> Any:
        some = self.chance.of("friends", being.number).sample(range(NUMBER + 2), max(0, min(first or 0, 5)))
        found = [self.being(number) for number in some]
        value = self.chance.value([each for each in found if not isinstance(each, Ship)], being.number, first)
        return value if self.calm else later(value)

    def appears_in(self, being: Being, info: Any) -> Any:
        return iter(self.chance.value((4, 6) if being.number % 2 else [7], "appears", being.number))

    def secret(self, being: Being, info: Any) -> Any:
        raise PermissionError(f"{info.path.key} of {being.number} is secret.")

    def length(self, ship: Ship, info: Any, unit: str = "m") -> Any:
        return ship.length * (3.28 if unit == "ft" else 1)

    def search(self, source: Any, info: Any, text: str | None = None) -> Any:
        found = [self.being(number) for number in range(len(text or "") % NUMBER)]
        if self.calm:
            return found
        return [later(each) if self.chance.of("search", place).random() < 0.3 else each
                for place, each in enumerate(found)]  # fmt: skip

    def create_review(self, source: Any, info: Any, episode: int | None = None, review: Any = None) -> Any:
        value = {"stars": review["stars"], "commentary": review.get("commentary"), "color": str(sorted(review.items()))}
        value = self.chance.value(value, "review", str(review))
        return value if self.calm else later(value)

    def type_of(self, value: Any, info: Any, kind: Any) -> Any:
        name = type(value).__name__
        return name if self.calm or not isinstance(value, Droid) else later(name)

    # --- types

    def build(self) -> GraphQLSchema:
        character = GraphQLInterfaceType("Character", lambda: self.shared(character), resolve_type=self.type_of)
        human, droid, ship = (self.kind(character, *each) for each in self.kinds())
        found = GraphQLUnionType("SearchResult", [human, droid, ship])  # by is_type_of
        review = GraphQLObjectType("Review", {
            "stars": GraphQLField(STARS), **{n: GraphQLField(GraphQLString) for n in ("commentary", "color")},
        })  # fmt: skip
        query = GraphQLObjectType("Query", {
            "hero": GraphQLField(character, {"episode": GraphQLArgument(EPISODE, default_value=5)}, self.hero),
            "search": GraphQLField(
                GraphQLList(GraphQLNonNull(found)), {"text": GraphQLArgument(GraphQLString)}, self.search),
            **{name: GraphQLField(kind, {"id": GraphQLArgument(GraphQLNonNull(GraphQLID))}, self.by_id(cls))
               for name, kind, cls in (("human", human, Human), ("droid", droid, Droid), ("starship", ship, Ship))},
        })  # fmt: skip
        mutation = GraphQLObjectType("Mutation", {"createReview": GraphQLField(review, {
            "episode": GraphQLArgument(EPISODE), "review": GraphQLArgument(GraphQLNonNull(REVIEW)),
        }, self.create_review)})  # fmt: skip
        return GraphQLSchema(query, mutation, types=[human, droid, ship])

    def kind(self, character: Any, name: str, cls: type, is_character: bool, own: Any) -> GraphQLObjectType:
        return GraphQLObjectType(
            name, lambda: (self.shared(character) if is_character else {}) | own,
            interfaces=[character] if is_character else [], is_type_of=lambda value, info: isinstance(value, cls),
        )  # fmt: skip

    def kinds(self) -> Any:
        return (
            ("Human", Human, True, {"height": GraphQLField(GraphQLFloat), "homePlanet": GraphQLField(GraphQLString)}),
            ("Droid", Droid, True, {"primaryFunction": GraphQLField(GraphQLNonNull(GraphQLString))}),
            ("Ship", Ship, False, {
                "id": GraphQLField(GraphQLNonNull(GraphQLID)), "name": GraphQLField(GraphQLString),
                "length": GraphQLField(GraphQLFloat, {"unit": GraphQLArgument(LENGTH, default_value="m")}, self.length),
                "coordinates": GraphQLField(GraphQLList(GraphQLNonNull(GraphQLList(GraphQLFloat)))),
            }),
        )  # fmt: skip

    def shared(self, character: Any) -> dict[str, GraphQLField]:
        first = GraphQLArgument(GraphQLInt, default_value=2, deprecation_reason="Nobody has that many.")
        return {
            "id": GraphQLField(GraphQLNonNull(GraphQLID)), "name": GraphQLField(GraphQLNonNull(GraphQLString)),
            "friends": GraphQLField(GraphQLList(character), {"first": first}, self.friends),
            "appearsIn": GraphQLField(GraphQLNonNull(GraphQLList(EPISODE)), resolve=self.appears_in),
            "secretBackstory": GraphQLField(GraphQLString, resolve=self.secret, deprecation_reason="It is secret."),
        }  # fmt: skip

    def by_id(self, cls: type) -> Any:
        def resolve(source: Any, info: Any, id: str) -> Any:
            found = self.being(int(id) % NUMBER) if id.isdecimal() else None
            return found if isinstance(found, cls) else None

        return resolve


HEROES = Other("heroes", lambda seed, calm: World(seed, calm).schema)
