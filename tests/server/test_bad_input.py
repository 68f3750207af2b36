"""What callers get wrong: each has its clear error, over REST and GraphQL, and nothing is an error of ours."""

import base64
import gzip
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Client

ITEMS, LOOKUP = "/products/api/v1/trade-items", "/products/api/v1/products/lookup"
BRANDS, PRODUCT = "/brands/api/v1/brands", "/products/api/v1/products/"
UNKNOWN = "4006381333931"
NEWER = "application/graphql-response+json"
NO_ID = "must match ^[aceghjkpqrtwxy346789]{12}$"
NO_GTIN = "must be a GTIN of 8, 12, 13 or 14 digits"
Detail = tuple[str, str]


@pytest.fixture
async def client(demo_api: Client, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Client]:
    """The demo data; the test fails if anything is logged as an error of ours."""
    yield demo_api
    assert [record.message for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


def invalid(answer: Any) -> list[Detail]:
    """The details of a 422."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (422, "VALIDATION_ERROR", 422), answer.text
    assert error["message"] == "The request is not valid."
    return [(detail["field"], detail["message"]) for detail in error["details"]]


def bad(answer: Any) -> str:
    """The message of a 400."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["status"], error["details"]) == (400, "BAD_REQUEST", 400, None)
    return str(error["message"])


# --- REST: what stands in the address

QUERIES: dict[str, list[Detail]] = {
    "page=0": [("page", "must be at least 1")],
    "page=-1": [("page", "must be at least 1")],
    "page_size=0": [("page_size", "must be at least 1")],
    "page_size=101": [("page_size", "must be at most 100")],
    "page=0&page_size=101": [("page", "must be at least 1"), ("page_size", "must be at most 100")],
    "page=2147483648": [("page", "must be an integer")],
    "page=9223372036854775808": [("page", "must be an integer")],
    "page=" + "9" * 5000: [("page", "must be an integer")],
    "page=1.0": [("page", "must be an integer")],
    "page=1e3": [("page", "must be an integer")],
    "page=0x10": [("page", "must be an integer")],
    "page=1_0": [("page", "must be an integer")],
    "page=%D9%A1": [("page", "must be an integer")],
    "page=nan": [("page", "must be an integer")],
    "page=inf": [("page", "must be an integer")],
    "page=": [("page", "must be an integer")],
    "page=true": [("page", "must be an integer")],
    "page=1&page=x": [("page", "must be an integer")],
    "is_claimed=yes": [("is_claimed", "must be true or false")],
    "is_claimed=1": [("is_claimed", "must be true or false")],
    "category_id=x": [("category_id", NO_ID)],
    "category_id=%00": [("category_id", NO_ID)],
    "q=%00": [("q", "must not contain the null character")],
    "brand=a%00b&q=%00": [
        ("brand", "must not contain the null character"), ("q", "must not contain the null character"),
    ],
    "ordering=NAME": [("ordering", "must be one of product_name, -product_name, brand, -brand, created, -created, "
                       "confidence_score, -confidence_score")],
    "updated_since=9999-12-31T23:59:59-14:00": [("updated_since", "must lie in the years 1 to 9999 of UTC")],
    "updated_since=0001-01-01T00:00:00%2B14:00": [("updated_since", "must lie in the years 1 to 9999 of UTC")],
    "data_source=": [("data_source", "must be one of ")],
    "country_of_origin=DEU": [("country_of_origin", "must be ")],
}  # fmt: skip


async def test_parameters_of_the_query(client: Client) -> None:
    for query, expected in QUERIES.items():
        found = invalid(await client.get(f"{ITEMS}?{query}"))
        assert [field for field, _ in found] == [field for field, _ in expected], query
        for (_, message), (_, start) in zip(found, expected, strict=True):
            assert message.startswith(start), query


async def test_queries_that_are_no_text(client: Client) -> None:
    message = "The query is not a form in UTF-8 of at most 2000 pairs."
    for query in ("q=%ED%A0%80", "q=%FF", "%C0%80=1", "&".join(["a=1"] * 2001)):
        assert bad(await client.get(f"{ITEMS}?{query}")) == message, query
    for harmless in (
        "q=%zz",
        "q=%",
        "q=%F0%9F%8D%AB",
        "q=a;b",
        "=",
        "&&&",
        "q",
        "nothing=1",
        "q[]=1",
        "q=%2525",
        "updated_since=9999-12-31T23:59:59Z",
        "updated_since=0001-01-01T00:00:00Z",
    ):
        assert (await client.get(f"{ITEMS}?{harmless}")).status_code == 200, harmless


async def test_the_last_page_there_can_be(client: Client) -> None:
    answer = (await client.get(f"{ITEMS}?page=2147483647&page_size=100")).json()
    assert answer["data"] == []
    assert (answer["pagination"]["page"], answer["pagination"]["has_next"]) == (2147483647, False)


async def test_parameters_of_the_path(client: Client) -> None:
    for text in ("%00", "%ED%A0%80", "%zz", "x", "123456789", "0" * 15, "9" * 5000, "%F0%9F%8D%AB", "1e7", "+12345678",
                 "%D9%A1" * 8, "null", "4006381333931%00"):  # fmt: skip
        assert invalid(await client.get(PRODUCT + text)) == [("gtin", NO_GTIN)], text
    wrong = "has a wrong check digit: 400638133393 is followed by 1, not by 0"
    assert invalid(await client.get(PRODUCT + "4006381333930/content")) == [("gtin", wrong)]
    for text in ("x", "%00", "ACK3P9TW6X7R", "ack3p9tw6x7", "ack3p9tw6x7rr", "1" * 12, "2" * 10_000):
        assert invalid(await client.get(f"{BRANDS}/{text}")) == [("id", NO_ID)], text
    assert (await client.get(f"{BRANDS}/ack3p9tw6x7r")).status_code == 404
    assert (await client.get(PRODUCT + "4006381333931%2Fcontent")).status_code == 404


# --- REST: bodies

DEEP = b'{"codes": [' + b"[" * 10_000 + b"]" * 10_000 + b"]}"
BROKEN = [b"{", b"", b"nope", b'{"codes": NaN}', b'{"codes": [Infinity]}', b"{'codes': []}", b'{"codes": \xff}',
          b'{"codes": ["\\ud800"]}', b'{"codes": ["\xed\xa0\x80"]}', DEEP,
          b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b'{"codes": []} x', b"\xef\xbb\xbf{}", b'{"codes": [01]}',
          b'{"codes": ["\x00"]}', b'{"codes": ["\n"]}', b"\x00", b'{"codes":[]}'.decode().encode("utf-16")]  # fmt: skip
BODIES: list[tuple[Any, list[Detail]]] = [
    ([1], [("body", "must be an object")]),
    ("codes", [("body", "must be an object")]),
    (5, [("body", "must be an object")]),
    (True, [("body", "must be an object")]),
    (None, [("codes", "is required")]),
    ({}, [("codes", "is required")]),
    ({"codes": None}, [("codes", "must not be null")]),
    ({"codes": "4006381333931"}, [("codes", "must be an array")]),
    ({"codes": {}}, [("codes", "must be an array")]),
    ({"codes": []}, [("codes", "must have at least 1 items")]),
    ({"codes": ["1"] * 1001}, [("codes", "must have at most 1000 items")]),
    ({"codes": ["1", 2, None, 2**63, 2.5, True, ["x"], {}]}, [
        ("codes.1", "must be a string"), ("codes.2", "must not be null"),
        *((f"codes.{n}", "must be a string") for n in range(3, 8)),
    ]),
    ({"codes": ["\0", "x" * 2001]}, [
        ("codes.0", "must not contain the null character"), ("codes.1", "must have at most 500 characters"),
    ]),
    ({"codes": ["1"], "Codes": 1, "a\0b": 2}, [("Codes", "is not known"), ("a\0b", "is not known")]),
    ({"codes": 1, "more": 2}, [("more", "is not known"), ("codes", "must be an array")]),
]  # fmt: skip


async def test_bodies_that_are_no_json(client: Client) -> None:
    for body in BROKEN:
        answer = await client.post(LOOKUP, content=body, headers={"Content-Type": "application/json"})
        if body == b"":
            assert invalid(answer) == [("codes", "is required")]
        else:
            assert bad(answer).startswith("The body is not JSON: "), body[:40]
        graph = await client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
        assert graph.status_code == 400, body[:40]
        assert graph.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_bodies_that_are_not_what_they_should_be(client: Client) -> None:
    for body, expected in BODIES:
        assert invalid(await client.post(LOOKUP, json=body)) == expected, str(body)[:60]


async def test_bodies_that_are_compressed(client: Client) -> None:
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    for path, where in ((LOOKUP, "error"), ("/graphql", "errors")):
        answer = await client.post(path, content=gzip.compress(b'{"codes": ["x"]}'), headers=packed)
        assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "identity"), path
        assert "not as gzip" in str(answer.json()[where])
    plain = {"Content-Encoding": "Identity"}
    assert (await client.post(LOOKUP, json={"codes": ["x"]}, headers=plain)).status_code == 200


async def test_duplicate_keys_mean_the_last(client: Client) -> None:
    answer = await client.post(LOOKUP, content=b'{"codes": 1, "codes": ["x"]}', headers={"Content-Type": "a/b+json"})
    assert [each["status"] for each in answer.json()] == ["invalid"]


async def test_forms_that_are_none(client: Client) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    message = "The body is not a form in UTF-8 of at most 2000 pairs."
    for body in (b"codes=%ff", b"codes=\xff", b"&".join([b"codes=1"] * 2001)):
        assert bad(await client.post(LOOKUP, content=body, headers=kind)) == message
    for text, expected in (
        ("", [("codes", "is required")]),
        ("codes[a]=1", [("codes", "must be an array")]),
        ("codes=%00", [("codes.0", "must not contain the null character")]),
        ("code=1&codes=2", [("code", "is not known")]),
        ("&".join(["codes=1"] * 1001), [("codes", "must have at most 1000 items")]),
    ):
        assert invalid(await client.post(LOOKUP, content=text, headers=kind)) == expected, text[:40]


# --- GraphQL


def cursor(position: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def products(arguments: str) -> str:
    return f"{{ products({arguments}) {{ nodes {{ id }} }} }}"


ONLY = "The request is not valid."
NO_CURSORS: list[Any] = [
    [], {}, "x", None, 5, [1, 2, 3], [[["products"]]], ["products", "product_name", "\0", "y"],
]  # fmt: skip
FOREIGN: list[Any] = [
    [1, 2, 3, 4], ["brands", "name", "a", "b"], ["products", "product_name", 5, "b"],
    ["products", "product_name", {"a": 1}, "b"], ["products", "product_name", "a", None],
    ["products", "-product_name", "a", "b"], ["products", "created", "yesterday", "b"],
]  # fmt: skip
FIELDS: list[tuple[str, Detail]] = [  # the operation runs; the field is null, with an error of its own
    ("page: 0", ("page", "must be at least 1")),
    ("pageSize: 101", ("pageSize", "must be at most 100")),
    ("first: 0", ("first", "must be at least 1")),
    ("last: 101", ("last", "must be at most 100")),
    ("first: -2147483648", ("first", "must be at least 1")),
    ("page: 1, first: 1", ("page", "use either page and pageSize, or cursors")),
    ("first: 1, last: 1", ("last", "use either first and after, or last and before")),
    ('after: "x"', ("after", "is not a cursor")),
    ('before: "é"', ("before", "is not a cursor")),
    ('after: "%%%"', ("after", "is not a cursor")),
    (f'after: "{"A" * 2001}"', ("after", "must have at most 2000 characters")),
    (r'after: "\u0000"', ("after", "must not contain the null character")),
    *((f'after: "{cursor(each)}"', ("after", "is not a cursor")) for each in NO_CURSORS),
    *((f'after: "{cursor(each)}"', ("after", "is a cursor of another list or order")) for each in FOREIGN),
    (f'ordering: CREATED, after: "{cursor(["products", "created", "yesterday", "b"])}"',
     ("after", "is a cursor of another list or order")),
    (r'q: "\u0000"', ("q", "must not contain the null character")),
    ("categoryId: 5", ("categoryId", NO_ID)),
]  # fmt: skip
DOCUMENTS: list[tuple[str, str]] = [  # nothing runs
    ("{", "Syntax Error: "),
    ("query", "Syntax Error: "),
    ("{ products(first: 1 { nodes { id } } }", "Syntax Error: "),
    ("{ nothing }", "Cannot query field 'nothing' on type 'Query'."),
    ("{ products { nodes } }", "Field 'nodes' of type"),
    (products("ordering: NOPE"), "Value 'NOPE' does not exist in 'ProductOrder' enum."),
    (products('ordering: "NAME"'), "Enum 'ProductOrder' cannot represent non-enum value"),
    (products("page: 2147483648"), "Int cannot represent non 32-bit signed integer value: 2147483648"),
    (products("page: 1" + "0" * 400), "Int cannot represent non 32-bit signed integer value"),
    (products("first: 1e400"), "Int cannot represent non-integer value"),
    (products("first: true"), "Int cannot represent non-integer value: true"),
    (products(r'q: "\uD800"'), "Syntax Error: Invalid Unicode escape sequence"),
    (products("nothing: 1"), "Unknown argument 'nothing'"),
    ("query A { __typename } query B { __typename }", "Say by operationName"),
    ("subscription { x }", "The subscription operation is not supported"),
    ("fragment A on Product { ...B } fragment B on Product { ...A } { products { nodes { ...A } } }",
     "Cannot spread fragment 'A' within itself via 'B'."),
    ("fragment A on Product { brand { products { nodes { ...A } } } } { products { nodes { ...A } } }",
     "Cannot spread fragment 'A' within itself."),
    ("{ " + " ".join(f"a{n}: __typename" for n in range(101)) + " }", "The document has 101 aliases"),
    ("{ " + " ".join(f"a{n}: __typename" for n in range(10_000)) + " }", "Syntax Error: Document contains more than"),
    ("{ a" * 10_000 + " }" * 10_000, "Syntax Error: Document "),
    ("{ ... " * 4_000 + "{ __typename }" + " }" * 4_000, "Syntax Error: Document is nested too deeply."),
    (products("q: " + "[" * 4_000 + "]" * 4_000), "Syntax Error: Document is nested too deeply."),
    ("{ products { nodes { " + "brand { products { nodes { " * 5 + "id" + " } } }" * 5 + " } } }", "The operation"),
    (products("first: 100").replace("id", "brand { products(first: 100) { nodes { id } } }"),
     "The operation may answer with 10301 objects; at most 10000 are allowed."),
]  # fmt: skip
VARIABLES: list[tuple[Any, str]] = [
    ({"n": "x"}, "Int cannot represent non-integer value: 'x'"),
    ({"n": 1.5}, "Int cannot represent non-integer value: 1.5"),
    ({"n": True}, "Int cannot represent non-integer value: True"),
    ({"n": [1]}, "Int cannot represent non-integer value: [1]"),
    ({"n": {"a": 1}}, "Int cannot represent non-integer value: {'a': 1}"),
    ({"n": -(2**31) - 1}, "Int cannot represent non 32-bit signed integer value: -2147483649"),
    ({"n": 1e300}, "Int cannot represent non 32-bit signed integer value: 1e+300"),
    ({"n": None}, "Expected value of non-null type 'Int!' not to be None."),
    ({"m": 1}, "Expected a value of non-null type 'Int!' to be provided."),
    (None, "Expected a value of non-null type 'Int!' to be provided."),
]


async def ask(client: Client, document: str, variables: Any = None) -> Any:
    """The answer in the older media type; the newer one differs in its status alone."""
    body = {"query": document, "variables": variables}
    old = await client.post("/graphql", json=body)
    new = await client.post("/graphql", json=body, headers={"Accept": NEWER})
    found = old.json()
    assert (old.status_code, new.json()) == (200, found), old.text[:300]
    assert new.status_code == (200 if "data" in found else 400)
    return found


async def test_arguments_that_are_not_valid(client: Client) -> None:
    for arguments, (field, message) in FIELDS:
        found = await ask(client, products(arguments))
        assert found["data"] == {"products": None}, arguments
        (error,) = found["errors"]
        details = [{"field": field, "message": message}]
        assert error["extensions"] == {"code": "VALIDATION_ERROR", "status": 422, "details": details}, arguments
        assert (error["message"], error["path"]) == (ONLY, ["products"])


async def test_documents_that_cannot_run(client: Client) -> None:
    for document, message in DOCUMENTS:
        found = await ask(client, document)
        assert "data" not in found
        assert found["errors"][0]["message"].startswith(message), document[:80]
        assert found["errors"][0]["extensions"] == {"code": "BAD_REQUEST", "status": 400, "details": None}


async def test_variables_that_do_not_fit(client: Client) -> None:
    for variables, message in VARIABLES:
        found = await ask(client, "query ($n: Int!) { products(first: $n) { nodes { id } } }", variables)
        assert "data" not in found
        (error,) = found["errors"]
        assert error["message"] == f"Variable '$n' has invalid value: {message}"
        assert error["extensions"] == {"code": "VALIDATION_ERROR", "status": 422, "details": None}
    for gtin in ("4006381333930", "1", "", "x" * 10_000, 4006381333931, None, ["4006381333931"], "\0"):
        found = await ask(client, "query ($g: GTIN!) { product(gtin: $g) { id } }", {"g": gtin})
        assert found["errors"][0]["extensions"]["code"] == "VALIDATION_ERROR", gtin


async def test_of_a_list_that_is_too_long_not_every_item_is_told(client: Client) -> None:
    """As in REST. Looking at all of them took most of two seconds for a body of 1 MB."""
    query = "query ($c: [String!]!) { productsByGtin(codes: $c) { code } }"
    (error,) = (await ask(client, query, {"c": ["\0"] * 1001}))["errors"]
    assert error["extensions"]["details"] == [{"field": "codes", "message": "must have at most 1000 items"}]


async def test_null_where_only_execution_sees_that_it_may_not_be(client: Client) -> None:
    """A variable with a default may be null, although what it is passed to may not (specification, 5.8.5)."""
    for document, field in (
        ('query ($v: GTIN = "4006381333931") { product(gtin: $v) { id } }', "product"),
        ('query ($v: String = "") { productsByGtin(codes: [$v]) { code } }', "productsByGtin"),
        ("query ($v: Boolean = true) { products(first: 1) { nodes { id @skip(if: $v) } } }", "products"),
        ('mutation ($v: GTIN = "4006381333931") { productClaim(gtin: $v) { gtin } }', "productClaim"),
    ):
        found = await ask(client, document, {"v": None})
        (error,) = found["errors"]
        assert (found["data"], error["path"][0]) == ({field: None}, field), found
        assert error["message"].endswith("not to be None."), error
        assert error["extensions"] == {"code": "VALIDATION_ERROR", "status": 422, "details": None}


async def test_a_cursor_outlives_what_it_points_at(client: Client) -> None:
    found = await ask(client, products(f'first: 1, after: "{cursor(["products", "product_name", "zzzz", "gone"])}"'))
    assert found["data"]["products"] is not None


async def test_requests_that_are_not_of_graphqls_form(client: Client) -> None:
    good: dict[str, Any] = {"query": "{ __typename }"}
    bodies: tuple[Any, ...] = (
        [], [good], "x", 5, False, {}, {"query": None}, {"query": 5}, {"query": " "},
        good | {"variables": []}, good | {"variables": "{}"}, good | {"operationName": 5}, good | {"extensions": 5},
    )  # fmt: skip
    for body in bodies:
        answer = await client.post("/graphql", json=body)
        assert answer.status_code == 400, body
        assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST", "status": 400, "details": None}
    for query in ("variables={", "variables=[]", "variables=%ff", "extensions=1", "operationName=x"):
        answer = await client.get("/graphql?query={__typename}&" + query)
        assert answer.status_code in (200, 400)
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST", query


def doubling(steps: int) -> str:
    """Written out it would be two to the power of `steps` fields."""
    chain = "".join(f"fragment F{n} on Product {{ ...F{n + 1} ...F{n + 1} }} " for n in range(steps))
    return f'{{ product(gtin: "{UNKNOWN}") {{ ...F0 }} }} {chain} fragment F{steps} on Product {{ brand {{ id }} }}'


async def test_fragments_that_double(client: Client) -> None:
    assert await ask(client, doubling(8)) == {"data": {"product": None}}
    started = time.monotonic()
    found = await ask(client, doubling(200))
    assert "data" not in found or found["data"] == {"product": None}
    assert time.monotonic() - started < 2, "the server stood still"


# --- anything at all

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["codes", "a"]) | st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_values)
async def test_no_body_is_an_error_of_ours(client: Client, body: Any) -> None:
    content = json.dumps(body).encode()
    for path in (LOOKUP, "/graphql"):
        answer = await client.post(path, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code in (200, 400, 422)
    variables = {
        "query": "query ($c: [String!]!) { productsByGtin(codes: $c) { code status } }",
        "variables": {"c": body},
    }
    answer = await client.post("/graphql", json=variables)
    assert answer.status_code in (200, 400)
    assert not any(e["extensions"]["code"] == "INTERNAL_ERROR" for e in answer.json().get("errors", ()))
