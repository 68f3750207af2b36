"""Generated requests, good and bad, against everything that is published: no fault of ours, no undocumented answer.

Few in the suite, and always the same: of the 20,000 values at the bounds of fields every third, and three examples of
each operation; `scripts/fuzz requests` sends all, and other examples each time.
"""

import os
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle
from typing import Any
from zlib import crc32

import orjson
import pytest
import requests
import schemathesis
from graphql import StringValueNode, print_schema
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.meta import TestPhase
from schemathesis.pytest._test_builder import build_operation_test  # of the version that the lock file names
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

import schema
from closient_gql.core.settings import CHECKOUT
from closient_gql.server.rest.apis import APIS
from closient_gql.server.rest.handle import FORM
from tests.conftest import Served
from tests.openapi import document, operations

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))  # of each operation; 0: the suite's own few
PART = 1 if EXAMPLES else 3  # of the values at the bounds of fields, which one is sent: each, or every third
GRAPH = schema.graph()._schema
ROOTS = [kind for kind in (GRAPH.query_type, GRAPH.mutation_type) if kind]
KNOWN = "00009800895007"
UPLOADS = ("multipart/form-data", "text/csv", "application/x-ndjson")
SETTINGS = settings(
    max_examples=EXAMPLES or 3, derandomize=not EXAMPLES, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def text(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[StringValueNode]:
    return strategy.map(lambda value: StringValueNode(value=value))


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
schemathesis.graphql.scalar("GTIN", text(st.just(KNOWN) | TEXTS))
schemathesis.graphql.scalar("Country", text(st.sampled_from(["DE", "us"]) | TEXTS))
schemathesis.graphql.scalar("Metadata", text(TEXTS))
schemathesis.graphql.scalar("_Any", text(TEXTS))
for name in ("DateTime", "Date", "Decimal", "Currency", "Confidences", "Gs1AiValues"):
    schemathesis.graphql.scalar(name, text(TEXTS))


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> bytes:
    """What schemathesis has no form for: one JSON value, or a text as it is."""
    return value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else orjson.dumps(value)


@pytest.fixture(scope="module")
def session(served: Served) -> Iterator[requests.Session]:
    with requests.Session() as found:
        found.headers["X-API-Key"] = served.key
        yield found


@cache
def openapi(domain: str) -> Any:
    (api,) = (each for each in APIS if each.domain == domain)
    config = SchemathesisConfig.from_path(CHECKOUT / "schemathesis.toml")
    return schemathesis.openapi.from_dict(document(api), config=config)


def call(case: Any, **given: Any) -> Any:
    """The answer; where the limits are spent, that of the next window."""
    while (answer := case.call(**given)).status_code == 429:
        time.sleep(int(answer.headers["retry-after"][0]))
    return answer


@cache
def whole_graph() -> Any:
    return schemathesis.graphql.from_file(print_schema(GRAPH))


def undecided(case: Any, status: int) -> list[Any]:
    """Checks that cannot be made of an answer."""
    if case.media_type == FORM:  # texts only: `codes=A` is a text and a list of one alike; 2,000 at most
        return [negative_data_rejection, *([positive_data_acceptance] if status == 400 else [])]
    if status == 403 and any(body.media_type in UPLOADS for body in case.operation.body):
        return [negative_data_rejection]  # who may not send a file is told so before it is read
    return []


@SETTINGS
def rest(case: Any, served: Served, session: requests.Session) -> None:
    mount = case.operation.schema.raw_schema["servers"][0]["url"]
    answer = call(case, base_url=served.url + mount, session=session)
    case.validate_response(answer, excluded_checks=undecided(case, answer.status_code))
    if case.meta.generation.mode is GenerationMode.POSITIVE and "gtin" in case.path_parameters:
        case.path_parameters["gtin"] = KNOWN  # guessed ones hardly ever exist
        case.validate_response(call(case, base_url=served.url + mount, session=session))


@SETTINGS
def graphql(case: Any, served: Served, session: requests.Session) -> None:
    answer = call(case, base_url=f"{served.url}/graphql", session=session)
    assert answer.status_code == 200, answer.text
    codes = [error["extensions"]["code"] for error in answer.json().get("errors", [])]
    assert "INTERNAL_ERROR" not in codes, answer.text


def run(operation: Any, send: Callable[..., None], served: Served, session: requests.Session) -> None:
    """What `schemathesis.parametrize` would make of an operation, made when the test runs.

    That takes 35 s for all of them, and while tests are collected every worker would do it.
    """
    load_all_checks()
    test = build_operation_test(
        config=operation.schema.config, operation=operation, test_func=send, given_kwargs={}, feedback=NO_FEEDBACK
    )
    given = getattr(test, "hypothesis_explicit_examples", [])
    mine = crc32(operation.label.encode()) % PART  # another for each operation: many take the same fields
    turns = cycle(n == mine for n in range(PART))
    given[:] = [each for each in given if each.kwargs["case"].meta.phase.name is not TestPhase.COVERAGE or next(turns)]
    test(served=served, session=session)


@pytest.mark.parametrize(
    ("domain", "name"), [(api.domain, name) for api in APIS for name in operations(api.domain)]
)  # fmt: skip
def test_rest(domain: str, name: str, served: Served, session: requests.Session) -> None:
    run(openapi(domain).find_operation_by_id(name), rest, served, session)


@pytest.mark.parametrize(
    "field", [f"{kind.name}.{field}" for kind in ROOTS for field in kind.fields]
)  # fmt: skip
def test_graphql(field: str, served: Served, session: requests.Session) -> None:
    kind, name = field.split(".")
    run(whole_graph()[kind][name], graphql, served, session)
