"""The REST generator on a toy graph: what it refuses, by file and line, and what it makes of files and bodies."""

import pathlib
from typing import Annotated, Any, cast

import httpx2
import pytest
import strawberry
from starlette.applications import Starlette

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.db import Database
from closient_gql.core.enums import Described
from closient_gql.engine import Operations
from closient_gql.server.hearing import Hearing
from closient_gql.server.rest.apis import APIS
from closient_gql.server.rest.compile import Endpoint, RestError, compile_files
from closient_gql.server.rest.handle import route
from closient_gql.server.rest.openapi import OpenApi
from schema.declare import adopt_enum
from schema.scalars import CONFIG

# --- a toy graph


class Colour(Described):
    RED = "dark-red", "Like wine."
    BLUE = "sky blue", "Like the sky."


adopt_enum(Colour, "Colours.")


@strawberry.input(description="A new thing.")
class ThingCreateInput:
    name: Annotated[str, Bounds(min_length=1, max_length=5), Doc("Its name.")]
    colour: Colour = Colour.RED
    item_count: Annotated[int | None, Bounds(minimum=1)] = strawberry.UNSET
    weight: float | None = strawberry.UNSET
    is_new: bool | None = strawberry.UNSET
    tags: Annotated[list[Annotated[str, Bounds(max_length=3)]] | None, Bounds(max_length=2)] = strawberry.UNSET
    metadata: dict[str, str] | None = strawberry.UNSET


@strawberry.type(description="A maker.")
class Maker:
    name: str = "ACME"
    site: str | None = None


@strawberry.type(description="A thing.")
class Thing:
    full_name: str
    colour: Colour | None = None
    seen: strawberry.Private[dict[str, Any] | None] = None

    @strawberry.field
    def maker(self) -> Maker | None:
        return Maker() if self.full_name != "alone" else None

    @strawberry.field
    def item_count(self) -> int | None:
        return cast("int | None", (self.seen or {}).get("item_count"))

    @strawberry.field
    def said(self) -> str:
        """Everything that was sent, and nothing that was not."""
        return repr({key: item for key, item in (self.seen or {}).items() if item is not strawberry.UNSET})


def things() -> list[Thing]:
    return [Thing(full_name="one", colour=Colour.BLUE), Thing(full_name="alone")]


def thing(name: str, wanted_count: int = 3) -> Thing | None:
    return None if name == "none" else Thing(full_name=name, seen={"item_count": wanted_count})


def thing_create(input: ThingCreateInput) -> Thing:
    return Thing(full_name=input.name, colour=input.colour, seen=dict(vars(input)))


def key_only() -> str:
    return "secret"


def root(resolver: Any, access: str = "public") -> Any:
    return strawberry.field(resolver=resolver, metadata={"access": access})


@strawberry.type
class Query:
    things: list[Thing] = root(things)
    thing: Thing | None = root(thing)
    key_only: str = root(key_only, "key")


@strawberry.type
class Mutation:
    thing_create: Thing = root(thing_create)


TOY = Operations(strawberry.Schema(Query, Mutation, config=CONFIG)._schema, lambda field, arguments: None)
FRAGMENT = "fragment ThingOut on Thing { fullName colour }\n"


def rest(method: str = "GET", path: str = "/things", more: str = "") -> str:
    return f'@rest(method: {method}, path: "{path}", tag: "things"{more})'


def compiled(tmp_path: pathlib.Path, *texts: str, domain: str = "products") -> list[Endpoint]:
    """The endpoints of files with these texts, each in a folder of its own."""
    files = []
    for number, text in enumerate(texts):
        file = tmp_path / f"{number}.graphql"
        file.write_text(text)
        files.append((domain, file))
    return compile_files(TOY, files)


# --- what does not fit is refused when the server starts

LIST = f"query list_things {rest()} {{ things {{ fullName }} }}\n"
WRONG: dict[str, tuple[str, int, str]] = {
    "no GraphQL": ("\n\nquery {{", 3, "Syntax Error: Expected Name, found '{'."),
    "a misspelt field": (f"query a {rest()} {{\n things {{\n fulName }} }}", 3, "Cannot query field 'fulName' on type"),
    "a misspelt root field": (f"query a {rest()} {{ thnigs {{ fullName }} }}", 1, "Cannot query field 'thnigs'"),
    "a misspelt argument": (f'query a {rest()} {{ thing(nam: "x") {{ fullName }} }}', 1, "Unknown argument 'nam'"),
    "a wrong type": (f"query a($n: Int!) {rest()} {{ thing(name: $n) {{ fullName }} }}", 1, "Variable '$n' of type"),
    "a wrong path variable": (
        f"\nquery a($name: String!) {rest(path='/things/{nam}')} {{ thing(name: $name) {{ fullName }} }}", 2,
        "the path names nam, which is no variable",
    ),
    "a path in camel case": (
        f"query a($name: String!, $wantedCount: Int) {rest(path='/things/{name}/{wantedCount}')} "
        "{ thing(name: $name, wantedCount: $wantedCount) { fullName } }", 1,
        "the path names wantedCount, which is no variable",
    ),
    "a path without a slash": (f"query a {rest(path='things')} {{ things {{ fullName }} }}", 1, "the path 'things'"),
    "a wrong method": (f"query a {rest('FETCH')} {{ things {{ fullName }} }}", 1, "Value 'FETCH' does not exist"),
    "a wrong error": (
        f"query a {rest(more=', errors: [GONE]')} {{ things {{ fullName }} }}", 1, "Value 'GONE' does not exist",
    ),
    "no tag": ('query a @rest(method: GET, path: "/x") { things { fullName } }', 1, "Argument '@rest(tag:)' of"),
    "no @rest": ("query a { things { fullName } }", 1, "an operation of this file needs a name, @rest and one root"),
    "no name": (f"query {rest()} {{ things {{ fullName }} }}", 1, "an operation of this file needs a name, @rest and"),
    "two root fields": (
        f"query a {rest()} {{ things {{ fullName }} other: things {{ fullName }} }}", 1,
        "an operation of this file needs a name, @rest and one root field",
    ),
    "a fragment at the root": (
        f"query a {rest()} {{ ...F }} fragment F on Query {{ things {{ fullName }} }}", 1,
        "an operation of this file needs a name, @rest and one root field",
    ),
    "a missing fragment": (f"query a {rest()} {{\n things {{ ...Gone }} }}", 2, "Unknown fragment 'Gone'."),
    "a fragment nobody uses": (LIST + FRAGMENT, 2, "Fragment 'ThingOut' is never used."),
    "a fragment of another type": (
        f"query a {rest()} {{ things {{ maker {{ ...ThingOut }} }} }}\n" + FRAGMENT, 1, "Fragment 'ThingOut' cannot be",
    ),
    "@extend of nothing": (
        f"{LIST}fragment Gone on Thing @extend {{ fullName }}", 2, "no earlier domain defines the fragment Gone",
    ),
    "the same fragment twice": (
        f"query a {rest()} {{ things {{ ...ThingOut }} }}\n{FRAGMENT}{FRAGMENT}", 3, "the fragment ThingOut exists",
    ),
    "the same name twice": (LIST + LIST.replace('"/things"', '"/more"'), 1, "There can be only one operation named"),
    "the same address twice": (
        LIST + LIST.replace("list_things", "see_things"), 2,
        "there is an endpoint ('GET', '/products/api/v1', '/things') already, at ",
    ),
    "the same address but for the variable's name": (
        f"query a($name: String!) {rest(path='/t/{name}')} {{ thing(name: $name) {{ fullName }} }}\n"
        f"query b($other: String!) {rest(path='/t/{other}')} {{ thing(name: $other) {{ fullName }} }}", 2,
        "there is an endpoint ('GET', '/products/api/v1', '/t/{}') already, at ",
    ),
    "@value on two fields": (
        f"query a {rest()} {{ things {{ maker @value {{ name site }} }} }}", 1, "@value on maker needs exactly one",
    ),
    "@value on two fields of the root": (
        f"query a {rest()} {{ things @value {{ fullName colour }} }}", 1, "@value on things needs exactly one",
    ),
    "@value on a leaf": (f"query a {rest()} {{ things {{ fullName @value }} }}", 1, "@value on fullName needs exactly"),
    "@value on a fragment": (
        f"query a {rest()} {{ things @value {{ ...ThingOut }} }}\n" + FRAGMENT, 1, "@value on things needs exactly one",
    ),
    "an inline fragment": (f"query a {rest()} {{ things {{ ... {{ fullName }} }} }}", 1, "inline fragments have"),
    "a field under a condition": (
        f"query a {rest()} {{ things {{ fullName @skip(if: true) }} }}", 1, "@skip and @include have no form in REST",
    ),
    "a fragment under a condition": (
        f"query a {rest()} {{ things {{ ...ThingOut @include(if: false) }} }}\n" + FRAGMENT, 1, "@skip and @include",
    ),
    "a variable that goes nowhere": (
        f'query a($x: Boolean!) {rest()} {{ thing(name: "x") {{ maker {{ name @include(if: $x) }} }} }}', 1, "@skip",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "message"), WRONG.values(), ids=WRONG)
def test_refused_with_file_and_line(tmp_path: pathlib.Path, text: str, line: int, message: str) -> None:
    with pytest.raises(RestError) as raised:
        compiled(tmp_path, text)
    assert str(raised.value).startswith(f"{tmp_path}/0.graphql:{line}: {message}")


def test_every_fault_is_told_at_once(tmp_path: pathlib.Path) -> None:
    with pytest.raises(RestError) as raised:
        compiled(tmp_path, f"query a {rest()} {{ things {{ x }} }}", f"query b {rest(path='/b')} {{ things {{ y }} }}")
    first, second = str(raised.value).splitlines()
    assert first.startswith(f"{tmp_path}/0.graphql:1: Cannot query field 'x'")
    assert second.startswith(f"{tmp_path}/1.graphql:1: Cannot query field 'y'")


def test_a_domain_without_an_api(tmp_path: pathlib.Path) -> None:
    with pytest.raises(RestError, match=r"0\.graphql:1: the domain toys has no REST API in closient_gql"):
        compiled(tmp_path, LIST, domain="toys")


# --- what fits


def test_extending_a_fragment(tmp_path: pathlib.Path) -> None:
    base = f"query list_things {rest()} {{ things {{ ...ThingOut }} }}\n{FRAGMENT}"
    more = "fragment ThingOut on Thing @extend { maker @value { name } }"
    (endpoint,) = compiled(tmp_path, base, more)
    assert endpoint.shape.component == "ThingOut"
    thing = {"fullName": "one", "colour": "BLUE", "maker": {"name": "ACME"}}
    assert endpoint.render([thing]) == [{"full_name": "one", "colour": "sky blue", "maker": "ACME"}]
    schema = OpenApi(endpoint.api, [endpoint]).document["components"]["schemas"]["ThingOut"]
    assert list(schema["properties"]) == ["full_name", "colour", "maker"] == schema["required"]


def test_an_absolute_path_belongs_to_another_api(tmp_path: pathlib.Path) -> None:
    text = LIST + f"query see_things {rest(path='/brands/api/v1/things')} {{ things {{ fullName }} }}"
    own, other = compiled(tmp_path, text)
    assert [(e.api.domain, e.path) for e in (own, other)] == [("products", "/things"), ("brands", "/things")]
    documents = {api.domain: OpenApi(api, [e for e in (own, other) if e.api is api]).document for api in APIS}
    named = {domain: [o["operationId"] for item in d["paths"].values() for o in item.values()]
             for domain, d in documents.items() if d["paths"]}  # fmt: skip
    assert named == {"brands": ["see_things"], "products": ["list_things"]}


def test_values_and_defaults(tmp_path: pathlib.Path) -> None:
    text = f'query a {rest()} {{ things {{ maker @value @default(value: "none") {{ name }} }} }}'
    (endpoint,) = compiled(tmp_path, text)
    assert endpoint.render([{"maker": {"name": "ACME"}}, {"maker": None}]) == [{"maker": "ACME"}, {"maker": "none"}]
    answer = OpenApi(endpoint.api, [endpoint]).output(endpoint.shape)
    assert answer["items"]["properties"]["maker"]["type"] == "string"


# --- bodies and forms, through the whole handler

FILE = f"""
{FRAGMENT}
mutation create_thing($input: ThingCreateInput!) {rest("POST", more=", status: 201")} {{
  thingCreate(input: $input) {{ fullName colour said }}
}}
query list_things {rest()} {{ things {{ ...ThingOut maker @value {{ name }} }} }}
query get_thing($name: String!, $wantedCount: Int) {rest(path="/things/{name}")} {{
  thing(name: $name, wantedCount: $wantedCount) {{ ...ThingOut itemCount }}
}}
query get_secret {rest(path="/secret")} {{ keyOnly }}
"""


@pytest.fixture
def client(tmp_path: pathlib.Path) -> httpx2.AsyncClient:
    by_path: dict[str, list[Endpoint]] = {}
    for endpoint in compiled(tmp_path, FILE):
        by_path.setdefault(endpoint.path, []).append(endpoint)
    app = Starlette(routes=[route(path, group) for path, group in by_path.items()])
    app.state.database, app.state.hearing = None, Hearing(Database("", 1), [])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://testserver")


FORMS: dict[str, dict[str, Any]] = {
    "name=x": {},
    "name=x&colour=sky+blue&is_new=TRUE&item_count=7&weight=2.50": {
        "colour": Colour.BLUE, "is_new": True, "item_count": 7, "weight": 2.5,
    },
    "name=a&name=b": {"name": "b"},
    "name=x&tags=1&tags=2": {"tags": ["1", "2"]},
    "name=x&tags=1": {"tags": ["1"]},
    "name=x&metadata[a]=1&metadata[b]=&metadata[a+b]=%C3%A9": {"metadata": {"a": "1", "b": "", "a b": "é"}},
    "name=x&metadata%5Ba%5D=1": {"metadata": {"a": "1"}},
    "name=x&metadata=": {"metadata": {}},
    "name=x&metadata[a]=1&metadata[a]=2": {"metadata": {"a": "2"}},
    "name=x&weight=1e2": {"weight": 100.0},
}  # fmt: skip
BAD_FORMS: dict[str, list[str]] = {
    "": ["name: is required"],
    "name=": ["name: must have at least 1 characters"],
    "name=x&colour=RED": ["colour: must be one of dark-red, sky blue"],
    "name=x&is_new=1&item_count=one&weight=heavy": [
        "item_count: must be an integer", "weight: must be a number", "is_new: must be true or false",
    ],
    "name=x&item_count=0": ["item_count: must be at least 1"],
    "name=x&item_count=2147483648": ["item_count: must be an integer"],
    "name=x&weight=nan": ["weight: must be a number"],
    "name=x&weight=inf": ["weight: must be a number"],
    "name=x&weight=1e999": ["weight: must be a number"],
    "name=x&tags=1&tags=2&tags=3": ["tags: must have at most 2 items"],
    "name=x&tags=long": ["tags.0: must have at most 3 characters"],
    "name=x&tags[a]=1": ["tags: must be an array"],
    "name=x&metadata=text": ["metadata: must be an object of strings"],
    "name[a]=x": ["name: must be a string"],
    "name=x&metadata=&metadata[a]=1": ["metadata[a]: is not known"],
    "name=x&metadata[a]=1&metadata=": ["metadata=: is not known"],
    "name=x&metadata[]=1": ["metadata: must have keys of 1 to 40 characters"],
    "name=x&metadata[" + "k" * 41 + "]=1": ["metadata: must have keys of 1 to 40 characters"],
    "name=x&nick=y&full_name=z": ["nick: is not known", "full_name: is not known"],
    "name=toolong&colour=&nick=": [
        "nick: is not known", "name: must have at most 5 characters", "colour: must be one of dark-red, sky blue",
    ],
}  # fmt: skip


def details(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [f"{each['field']}: {each['message']}" for each in answer.json()["error"]["details"]]


async def test_forms(client: httpx2.AsyncClient) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for text, expected in FORMS.items():
        answer = await client.post("/things", content=text, headers=kind)
        assert answer.status_code == 201, answer.text
        sent: dict[str, Any] = {"name": "x", "colour": Colour.RED} | expected
        assert answer.json()["said"] == repr({key: sent[key] for key in ORDER if key in sent}), text
        assert answer.json()["colour"] == sent["colour"].value
    for text, problems in BAD_FORMS.items():
        assert details(await client.post("/things", content=text, headers=kind)) == problems, text


ORDER = ("name", "colour", "item_count", "weight", "is_new", "tags", "metadata")


async def test_json_says_what_a_form_says(client: httpx2.AsyncClient) -> None:
    body: dict[str, Any] = {"name": "x", "colour": "sky blue", "item_count": None, "tags": [], "metadata": {"a": "1"}}
    answer = await client.post("/things", json=body)
    assert answer.json()["said"] == repr(body | {"colour": Colour.BLUE})
    wrong = {"name": 5, "colour": "BLUE", "item_count": "7", "weight": True, "is_new": "true", "tags": [1, None],
             "metadata": {"a": 1}, "itemCount": 1}  # fmt: skip
    assert details(await client.post("/things", json=wrong)) == [
        "itemCount: is not known", "name: must be a string", "colour: must be one of dark-red, sky blue",
        "item_count: must be an integer", "weight: must be a number", "is_new: must be true or false",
        "tags.0: must be a string", "tags.1: must not be null",
        "metadata: must have strings as values, but 'a' has not",
    ]  # fmt: skip
    assert details(await client.post("/things", json=[])) == ["body: must be an object"]
    assert details(await client.post("/things")) == ["body: must not be null"]
    for number in (2**31, 2**63, 10**40, 1.5, 1e300):
        assert details(await client.post("/things", json={"name": "x", "item_count": number})) == [
            "item_count: must be an integer"
        ]


async def test_answers(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/things")).json() == [
        {"full_name": "one", "colour": "sky blue", "maker": "ACME"},
        {"full_name": "alone", "colour": None, "maker": None},
    ]
    assert (await client.get("/things/x?wanted_count=5")).json() == {"full_name": "x", "colour": None, "item_count": 5}
    assert (await client.get("/things/x")).json()["item_count"] == 3, "the graph's own default"
    missing = await client.get("/things/none")
    assert (missing.status_code, missing.json()["error"]["message"]) == (404, "There is no such thing.")
    assert (await client.options("/things")).headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert (await client.get("/secret")).json() == "secret"
