"""A place for code: nodes, connections and edges in SDL, over dataclasses and dictionaries, with graphql-core's own
resolver. Methods are fields with arguments; the types of interfaces are told by `__typename` and by `is_type_of`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema
from hypothesis import strategies as st
from hypothesis_graphql import nodes

from tests.engine.others import Chance, Other, later

SDL = """
scalar DateTime
scalar URI
interface Node { id: ID! }
interface Actor { login: String!  url(size: Int = 40): URI! }
interface Starrable implements Node { id: ID!  stargazerCount: Int!  viewerHasStarred: Boolean! }
type User implements Node & Actor {
  id: ID!  login: String!  url(size: Int = 40): URI!  name: String  createdAt: DateTime!
  repositories(first: Int, after: String, last: Int, privacy: Privacy, orderBy: Order): RepositoryConnection!
}
type Organization implements Node & Actor { id: ID!  login: String!  url(size: Int = 40): URI!  members: [User]! }
type Bot implements Actor { login: String!  url(size: Int = 40): URI! }
type Repository implements Node & Starrable {
  id: ID!  name: String!  owner: Actor!  isPrivate: Boolean!  stargazerCount: Int!  viewerHasStarred: Boolean!
  diskUsage: Int  topics: [[String!]]  createdAt: DateTime  shortDescription: String @deprecated(reason: "See topics.")
  issues(first: Int = 2, labels: [String!], states: [State!] = [OPEN], filterBy: IssueFilters): IssueConnection!
}
type Issue implements Node {
  id: ID!  number: Int!  title: String!  state: State!  author: Actor  timeline(first: Int): [TimelineItem]
  assignees: [User!]!  repository: Repository!
}
type Comment implements Node { id: ID!  body: String!  author: Actor }
type Labeled { label: String!  at: DateTime! }
type Closed { at: DateTime!  closer: Either }
union TimelineItem = Comment | Labeled | Closed
union Either = Issue | Repository
type PageInfo { hasNextPage: Boolean!  endCursor: String }
type RepositoryConnection { edges: [RepositoryEdge]  nodes: [Repository]  pageInfo: PageInfo!  totalCount: Int! }
type RepositoryEdge { cursor: String!  node: Repository }
type IssueConnection { nodes: [Issue]  pageInfo: PageInfo!  totalCount: Int! }
enum Privacy { PUBLIC PRIVATE }
enum State { OPEN CLOSED }
enum OrderField { NAME STARGAZERS }
enum Direction { ASC DESC }
input Order { field: OrderField!  direction: Direction! = ASC }
input IssueFilters { assignee: String = "*"  since: DateTime  states: [State!] = [OPEN, CLOSED]  mentioned: [String] }
input StarInput { starrableId: ID!  clientMutationId: String }
type StarPayload { starrable: Starrable  clientMutationId: String }
type Query {
  node(id: ID!): Node  nodes(ids: [ID!]!): [Node]!  viewer: User!  user(login: String!): User
  repository(owner: String!, name: String!): Repository
}
type Mutation { addStar(input: StarInput!): StarPayload  removeStar(input: StarInput!): StarPayload! }
"""


@dataclass
class Thing:
    forge: "Forge"
    number: int

    def has(self, name: str, value: Any) -> Any:
        return self.forge.chance.value(value, type(self).__name__, self.number, name)

    @property
    def id(self) -> str:
        return f"{type(self).__name__[0]}{self.number}"

    def url(self, info: Any, size: int | None) -> Any:
        return self.has("url", f"https://forge.example/{self.number}?{size}")


class User(Thing):
    @property
    def login(self) -> Any:
        return self.has("login", f"user{self.number}")

    name = None

    @property
    def createdAt(self) -> Any:
        return self.has("created", datetime(2020, 1, self.number % 28 + 1, tzinfo=UTC))

    def repositories(self, info: Any, **given: Any) -> Any:
        found = [Repository(self.forge, self.number * 2 + n) for n in range(3)]
        if given.get("orderBy", {}) and given["orderBy"]["direction"] == "DESC":
            found.reverse()
        return self.forge.soon(connection(found, given.get("first"), str(sorted(given.items()))))


class Organization(Thing):
    @property
    def login(self) -> str:
        return f"org{self.number}"

    def members(self, info: Any) -> Any:
        return self.has("members", (User(self.forge, self.number + n) if n != 1 else None for n in range(3)))


class Repository(Thing):
    isPrivate, diskUsage = False, 2**33  # the latter is no Int of GraphQL

    def __getattr__(self, name: str) -> Any:
        plain = {"name": f"repo{self.number}", "stargazerCount": self.number, "viewerHasStarred": self.number % 2 == 0,
                 "topics": [["a", "b"], [], None], "createdAt": None, "shortDescription": ""}  # fmt: skip
        if name not in plain:
            raise AttributeError(name)
        return self.has(name, plain[name])

    def owner(self, info: Any) -> Any:
        place = self.number % 3
        return self.has("owner", Bot(self.forge).shown() if place == 2 else (User, Organization)[place](self.forge, 3))

    def issues(self, info: Any, **given: Any) -> Any:
        found = [Issue(self.forge, self.number * 3 + n) for n in range(4)]
        states = given.get("states")
        found = [each for each in found if states is None or each.state in states]
        return self.has("issues", connection(found, given.get("first"), str(sorted(given))))


class Issue(Thing):
    @property
    def state(self) -> str:
        return ("OPEN", "CLOSED")[self.number % 2]

    def title(self, info: Any) -> Any:
        return self.forge.soon(self.has("title", f"Issue {self.number}"))

    def author(self, info: Any) -> Any:
        return self.forge.soon(self.has("author", User(self.forge, self.number % 4)))

    def assignees(self, info: Any) -> Any:
        return [self.has(f"assignee{n}", User(self.forge, n)) for n in range(self.number % 3)]

    def repository(self, info: Any) -> "Repository":
        return Repository(self.forge, self.number // 3)

    def timeline(self, info: Any, first: int | None = None) -> Any:
        at = datetime(2024, 2, 29, tzinfo=UTC)
        items: list[Any] = [
            {"__typename": "Comment", "id": "C1", "body": self.has("body", "Yes."), "author": None},
            {"__typename": "Labeled", "label": "bug", "at": at},
            {"__typename": "Closed", "at": at, "closer": self.has("closer", Issue(self.forge, self.number + 1))},
            self.has("item", {"__typename": "Label"}),
        ]
        return items[: first if first is None else max(first, 0)]


@dataclass
class Bot:
    forge: "Forge"

    def shown(self) -> dict[str, Any]:
        """A dictionary with a function in it."""
        return {"__typename": "Bot", "login": "bot", "url": lambda info, size: f"https://bot.example/{size}"}


def connection(found: Sequence[Any], first: int | None, cursor: str) -> dict[str, Any]:
    some = found[: None if first is None else max(first, 0)]
    return {
        "nodes": list(some), "edges": [{"cursor": cursor, "node": each} for each in some], "totalCount": len(found),
        "pageInfo": {"hasNextPage": len(some) < len(found), "endCursor": cursor if some else None},
    }  # fmt: skip


KINDS = {"U": User, "O": Organization, "R": Repository, "I": Issue}


class Forge:
    def __init__(self, seed: int, calm: bool) -> None:
        self.chance, self.calm = Chance(seed), calm

    def soon(self, value: Any) -> Any:
        return value if self.calm else later(value)

    def node(self, source: Any, info: Any, id: str) -> Any:
        number = sum(map(ord, id)) % 40
        kind = list(KINDS.values())[number % 4]
        return self.chance.value(kind(self, number), "node", id)

    def star(self, source: Any, info: Any, input: Any) -> Any:
        found = Repository(self, len(input["starrableId"]))
        return self.soon(self.chance.value({"starrable": found, **input}, "star"))

    def schema(self) -> GraphQLSchema:
        made = build_schema(SDL)
        types: Any = made.type_map
        query, mutation = types["Query"].fields, types["Mutation"].fields
        query["node"].resolve = self.node
        query["nodes"].resolve = lambda source, info, ids: (self.node(source, info, id) for id in ids)
        query["viewer"].resolve = lambda source, info: self.soon(User(self, 1))
        query["user"].resolve = lambda source, info, login: self.chance.value(User(self, len(login)), "user", login)
        query["repository"].resolve = lambda source, info, owner, name: Repository(self, len(owner) + len(name))
        mutation["addStar"].resolve = mutation["removeStar"].resolve = self.star
        for kind in KINDS.values():  # those that are dictionaries say their name
            types[kind.__name__].is_type_of = lambda value, info, kind=kind: isinstance(value, kind)
        types["Issue"].fields["number"].resolve = lambda issue, info: issue.number
        types["DateTime"].coerce_output_value = written
        types["DateTime"].coerce_input_value = read
        return made


def written(value: Any) -> str:
    if not isinstance(value, datetime):
        raise GraphQLError(f"{value!r} is no DateTime.")
    return value.isoformat()


def read(value: Any) -> datetime:
    return datetime.fromisoformat(value)


FORGE = Other(
    "forge",
    lambda seed, calm: Forge(seed, calm).schema(),
    scalars={
        "DateTime": st.datetimes(timezones=st.just(UTC)).map(lambda when: nodes.String(when.isoformat())),
        "URI": st.just(nodes.String("https://forge.example/")),
    },
)
