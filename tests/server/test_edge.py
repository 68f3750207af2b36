"""The outermost layer: request ids, addresses, methods, media types, caching, headers and clients that misbehave."""

import asyncio
import json
import logging
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import httpx2
import pytest

from closient_gql.core.settings import settings
from closient_gql.server import edge, requests
from closient_gql.server.supervise import api_command, wait_ready
from tests.conftest import Client

QUOTA = "/account/api/v1/quota"
ITEMS, LOOKUP = "/products/api/v1/trade-items", "/products/api/v1/products/lookup"
KNOWN = "00009800895007"
PRODUCT = f"/products/api/v1/products/{KNOWN}"


def error_of(answer: httpx2.Response) -> tuple[int, str, str]:
    """Status, code and message of an envelope that is complete."""
    found = answer.json()["error"]
    assert set(found) == {"code", "message", "status", "details"}
    assert found["status"] == answer.status_code
    return found["status"], found["code"], found["message"]


# --- request ids


async def test_request_ids(api: Client) -> None:
    for given in ("a", "0af7651916cd43dd8448eb211c80319c", "Az0._-", "x" * 64):
        assert (await api.get("/healthz", headers={"X-Request-ID": given})).headers["X-Request-ID"] == given
    hostile = [b"", b"x" * 65, b"a b", b"<script>", b'"', b"a;b", b"\xc3\xa9", b"\xff", b"a,b", b"a/b", b"\xd9\xa1"]
    made = [(await api.get("/healthz", headers={b"X-Request-ID": each})).headers["X-Request-ID"] for each in hostile]
    made += [(await api.get(path)).headers["X-Request-ID"] for path in ("/", "/nothing", "/graphql", QUOTA)]
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in made)
    assert len(set(made)) == len(made)


# --- addresses and methods


async def test_trailing_slashes_change_nothing(demo_api: Client) -> None:
    for path in (PRODUCT, ITEMS, "/products/api/v1/docs", "/products/api/v1/openapi.json", "/healthz"):
        without, one, two = [await demo_api.get(path + slashes) for slashes in ("", "/", "//")]
        assert without.status_code == one.status_code == two.status_code == 200
        assert without.content == one.content == two.content
    both = [(await demo_api.post(path, json={"codes": [KNOWN]})).content for path in (LOOKUP, LOOKUP + "/")]
    assert both[0] == both[1]
    graph = await demo_api.post("/graphql/", json={"query": "{ __typename }"})
    assert graph.json() == {"data": {"__typename": "Query"}}
    missing = await demo_api.get("/products/api/v1/nothing/")
    assert error_of(missing) == (404, "NOT_FOUND", "There is nothing at this address.")


async def test_unknown_addresses(api: Client) -> None:
    for path in ("/nothing", "/products", "/products/api/v1", "/products/api/v1/", "/products/api/v2/products",
                 "//products/api/v1/trade-items", "/static/../pyproject.toml", "/static/%2e%2e/%2e%2e/pyproject.toml",
                 "/products/api/v1/products/4006381333931/nothing", "/.env", "/%00", "/%ED%A0%80", "/%zz"):  # fmt: skip
        assert error_of(await api.get(path)) == (404, "NOT_FOUND", "There is nothing at this address."), path


async def test_methods(api: Client) -> None:
    for path, allowed in (
        (QUOTA, "GET, HEAD, OPTIONS"),
        (LOOKUP, "OPTIONS, POST"),
        (f"{PRODUCT}/content", "GET, HEAD, OPTIONS"),
    ):
        options = await api.options(path)
        assert (options.status_code, options.headers["Allow"], options.content) == (204, allowed, b"")
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW"} - set(allowed.split(", ")):
            answer = await api.request(method, path)
            message = f"This address answers {allowed} only."
            assert error_of(answer) == (405, "BAD_REQUEST", message), (method, path)
            assert answer.headers["Allow"] == allowed
    for method in ("PUT", "DELETE", "TRACE"):
        answer = await api.request(method, "/graphql")
        assert (answer.status_code, answer.headers["Allow"].startswith("GET, ")) == (405, True)
        assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST", "status": 405, "details": None}
    health = await api.post("/healthz")
    assert error_of(health) == (405, "BAD_REQUEST", "This address answers GET, HEAD only.")


# --- bodies and media types


async def test_bodies_that_are_too_large(api: Client) -> None:
    most = settings().max_body
    expected = (413, "BAD_REQUEST", f"The body is too large: at most {most} bytes are allowed.")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(most // 65_536 + 2):
            yield b" " * 65_536

    just = b'{"codes": []}'.ljust(most)
    assert (await api.post(LOOKUP, content=just)).status_code == 422
    assert error_of(await api.post(LOOKUP, content=just + b" ")) == expected
    assert error_of(await api.post(LOOKUP, content=chunks())) == expected
    lying = await api.post(LOOKUP, content=b"{}", headers={"Content-Length": "9" * 30})
    assert error_of(lying) == expected
    graph = await api.post("/graphql", content=b" " * (most + 1), headers={"Content-Type": "application/json"})
    assert (graph.status_code, graph.json()["errors"][0]["message"]) == (413, expected[2])


async def test_media_types_of_bodies(api: Client, demo_api: Client) -> None:
    for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonp", "x", "json"):
        answer = await demo_api.post(LOOKUP, content=b'{"codes": ["1"]}', headers={"Content-Type": kind})
        message = f"The body must be application/json or application/x-www-form-urlencoded, not {kind.split(';')[0]}."
        assert error_of(answer) == (415, "BAD_REQUEST", message)
    for kind in ("application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json", ""):
        answer = await demo_api.post(LOOKUP, content=b'{"codes": ["1"]}', headers={"Content-Type": kind})
        assert answer.status_code == 200, kind
    form = await demo_api.post(LOOKUP, data={"codes": [KNOWN, "1"]})
    assert [each["status"] for each in form.json()] == ["found", "invalid"]
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/graphql", ""):
        answer = await api.post("/graphql", content=b'{"query": "{ __typename }"}', headers={"Content-Type": kind})
        assert answer.status_code == 415
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_media_types_of_graphql_answers(api: Client) -> None:
    new, old = "application/graphql-response+json", "application/json"
    for accept, kind in (
        ("*/*", old), ("", old), (old, old), (new, new), (f"{new}, {old}", new), (f"{old}, {new};q=0.9", old),
        (f"{new};q=0, */*", old), ("application/*", old), (f"text/html, {new};q=0.1", new), (f"{new};q=x", new),
    ):  # fmt: skip
        answer = await api.post("/graphql", json={"query": "{ __typename }"}, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind), accept
    for accept in (
        "text/css",
        "application/xml",
        f"{old};q=0",
        "image/*",
        "nonsense",
        ";;;",
        "application/problem+json",
    ):
        answer = await api.post("/graphql", json={"query": "{ __typename }"}, headers={"Accept": accept})
        assert answer.status_code == 406, accept
        assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST", "status": 406, "details": None}


async def test_problem_details(demo_api: Client) -> None:
    wanted = {"Accept": "text/plain, Application/Problem+JSON;q=0.9"}
    answer = await demo_api.get(ITEMS + "?page=0&page_size=101", headers=wanted)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()) == (422, {
        "type": "about:blank", "title": "Unprocessable Entity", "status": 422, "detail": "The request is not valid.",
        "code": "VALIDATION_ERROR",
        "errors": [{"field": "page", "message": "must be at least 1"},
                   {"field": "page_size", "message": "must be at most 100"}],
    })  # fmt: skip
    for method, path, status, code in (
        ("GET", "/nothing", 404, "NOT_FOUND"), ("GET", "/products/api/v1/nothing", 404, "NOT_FOUND"),
        ("DELETE", QUOTA, 405, "BAD_REQUEST"), ("GET", "/products/api/v1/products/4006381333931", 404, "NOT_FOUND"),
    ):  # fmt: skip
        problem = (await demo_api.request(method, path, headers=wanted)).json()
        assert (problem["status"], problem["code"], problem["errors"]) == (status, code, None)
    good = await demo_api.get(PRODUCT, headers=wanted)
    assert (good.status_code, good.headers["Content-Type"]) == (200, "application/json")


# --- caching


async def test_etags(demo_api: Client) -> None:
    first = await demo_api.get(PRODUCT)
    tag = first.headers["ETag"]
    assert re.fullmatch(r'W/"[0-9a-f]{24}"', tag)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert {"Accept", "X-API-Key"} <= set(first.headers["Vary"].split(", "))
    assert (await demo_api.get(PRODUCT)).headers["ETag"] == tag
    assert (await demo_api.get(PRODUCT + "/content")).headers["ETag"] != tag
    for have in (tag, tag.removeprefix("W/"), f'"x", {tag} , W/"y"', "*", " * "):
        for method in ("GET", "HEAD"):
            answer = await demo_api.request(method, PRODUCT, headers={"If-None-Match": have})
            assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag), have
            assert "Content-Type" not in answer.headers
            assert answer.headers["Vary"] == first.headers["Vary"]
    for have in ("", '"x"', tag[:-2] + '"', tag.upper(), ",,,", "W/", '""'):
        assert (await demo_api.get(PRODUCT, headers={"If-None-Match": have})).status_code == 200, have
    missing = await demo_api.get("/products/api/v1/products/4006381333931", headers={"If-None-Match": "*"})
    assert missing.status_code == 404, "what is not there has no version"
    posted = await demo_api.post(LOOKUP, json={"codes": [KNOWN]}, headers={"If-None-Match": "*"})
    assert (posted.status_code, "ETag" in posted.headers) == (200, False)


# --- what the log and the metrics say


def counted(method: str, route: str, status: int) -> float:
    return float(edge.REQUESTS.labels(method, route, str(status))._value.get())


async def test_metrics_know_routes_not_addresses(demo_api: Client) -> None:
    cases = (
        ("GET", PRODUCT, "/products/api/v1/products/{gtin}", 200),
        ("GET", "/products/api/v1/products/4006381333931", "/products/api/v1/products/{gtin}", 404),
        ("GET", "/graphql?query={__typename}", "/graphql", 200),
        ("GET", "/secret-in-a-path", "other", 404),
        ("BREW", "/another", "other", 404),
    )
    for method, path, route, status in cases:
        labels = (method if method != "BREW" else "OTHER", route, status)
        before = counted(*labels)
        assert (await demo_api.request(method, path)).status_code == status
        assert counted(*labels) == before + 1, route
    text = (await demo_api.get("/metrics")).text
    assert "secret" not in text
    assert 'closient_http_requests_total{method="OTHER",route="other",status="404"}' in text


async def test_a_fault_of_ours_is_masked_and_logged(
    api: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr("closient_gql.server.gate.caller", broken)
    monkeypatch.setattr("closient_gql.server.health.Json", broken)
    message = "Something went wrong on our side. The request id helps us to find it."
    with caplog.at_level(logging.ERROR):
        for path in (QUOTA, "/healthz"):
            answer = await api.get(path)
            assert error_of(answer) == (500, "INTERNAL_ERROR", message)
            assert answer.headers["X-Request-ID"]
        graph = await api.get("/graphql?query={__typename}")
    extensions = {"code": "INTERNAL_ERROR", "status": 500, "details": None}
    assert (graph.status_code, graph.json()) == (500, {"errors": [{"message": message, "extensions": extensions}]})
    assert caplog.text.count("the secret reason") >= 3


async def test_names_of_operations_are_cut_in_the_log(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends them could fill the disk: a megabyte for each request."""
    lines: list[dict[str, object]] = []
    monkeypatch.setattr("closient_gql.server.edge.log.info", lambda _, **line: lines.append(line))
    monkeypatch.setattr(edge.LOGGER, "isEnabledFor", lambda _: True)
    await api.post("/graphql", json={"query": "query " + "a" * 10_000 + " { __typename }"})
    assert [line["operation"] for line in lines] == ["a" * 100]


# --- over a real socket


@pytest.fixture(scope="module")
def watched(demo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, pathlib.Path]]:
    """A server of this module's own, and what it says."""
    said = tmp_path_factory.mktemp("edge") / "stderr"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = api_command(settings(), "127.0.0.1", port, 1, False)
    environment = {**os.environ, "DATABASE_URL": demo_url, "CLOSIENT_LOG_LEVEL": "error"}
    with said.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stderr=file)
    try:
        assert wait_ready(process, "127.0.0.1", port)
        yield f"http://127.0.0.1:{port}", said
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def server(watched: tuple[str, pathlib.Path]) -> Iterator[str]:
    """Its address; the test fails if it has anything to say: what clients do wrong is no fault of ours."""
    url, said = watched
    yield url
    with urllib.request.urlopen(url + "/healthz", timeout=5) as answer:
        assert answer.status == 200
    assert said.read_text() == ""


def send(url: str, *parts: bytes, wait: float = 10) -> bytes:
    """What the server answers to these bytes, until it closes or the answer is complete."""
    address = urlsplit(url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=wait) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except OSError:  # it has answered and closed already
            pass
        answer = b""
        try:
            while part := connection.recv(65_536):
                answer += part
        except (TimeoutError, ConnectionResetError):
            pass
        return answer


def head(path: str, *headers: bytes, method: bytes = b"GET") -> bytes:
    lines = (method + b" " + path.encode() + b" HTTP/1.1", b"Host: localhost", b"Connection: close", *headers)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def test_head_is_get_without_a_body(server: str, demo_key: str) -> None:
    names = ("Content-Type", "Content-Length", "ETag", "Vary", "Cache-Control", "RateLimit-Policy")
    with httpx2.Client(base_url=server, headers={"X-API-Key": demo_key}) as client:
        for path in (PRODUCT, ITEMS, "/healthz", "/products/api/v1/nothing", "/products/api/v1/import/template"):
            get, head = client.get(path), client.head(path)
            assert (head.status_code, head.content) == (get.status_code, b"")
            assert [head.headers.get(name) for name in names] == [get.headers.get(name) for name in names], path
            assert int(get.headers["Content-Length"]) == len(get.content) > 0
        quota = client.head(QUOTA)
        assert (quota.status_code, quota.content) == (200, b"")


HEADERS = {
    "one header of 1 MB": [b"X-Junk: " + b"a" * 2**20],
    "a key of 1 MB": [b"X-API-Key: csu_" + b"a" * 2**20],
    "1 MB of small headers": [b"X-%d: %s" % (n, b"a" * 90) for n in range(10_000)],
    "a name of 1 MB": [b"X" * 2**20 + b": x"],
}


@pytest.mark.parametrize("lines", HEADERS.values(), ids=HEADERS)
def test_headers_of_a_megabyte(server: str, lines: list[bytes]) -> None:
    for path in (QUOTA, "/graphql", "/healthz"):
        started = time.monotonic()
        answer = send(server, head(path, *lines))
        assert re.match(rb"HTTP/1.1 (431|400) ", answer), answer[:100]
        assert time.monotonic() - started < 5
        if answer.startswith(b"HTTP/1.1 431"):
            error = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
            message = f"The headers are too large: at most {settings().max_headers} bytes."
            assert error == {"code": "BAD_REQUEST", "message": message, "status": 431, "details": None}


def test_an_address_of_a_megabyte_and_broken_requests(server: str) -> None:
    for request in (
        head("/" + "a" * 2**20), head(QUOTA + "?" + "a=b&" * 2**18), b"\x00\xff\r\n\r\n", b"GET\r\n\r\n",
        head("/ HTTP/1.1\r\nX: y"), head(QUOTA, b"Content-Length: x"), head(QUOTA, b"bad header"),
    ):  # fmt: skip
        answer = send(server, request)
        assert re.match(rb"HTTP/1.1 4\d\d |HTTP/1.1 200 |$", answer), answer[:100]


def post(length: int) -> bytes:
    return head(LOOKUP, b"Content-Type: application/json", b"Content-Length: %d" % length, method=b"POST")


def drop(url: str, request: bytes, read: int = 0, reset: bool = False) -> None:
    """Sends, reads a little, and is gone; `reset`: without saying goodbye."""
    address = urlsplit(url)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=10) as connection:
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        connection.sendall(request)
        if read:
            connection.recv(read)


def test_clients_that_leave(server: str, demo_key: str) -> None:
    key = b"X-API-Key: " + demo_key.encode()
    everything = head(ITEMS + "?page_size=100", key)
    query = "{products(first:100){nodes{gtin brand{name} ingredients(first:50){nodes{name}}}}}"
    graph = head("/graphql?query=" + query, key)
    for reset in (False, True):
        drop(server, post(1000) + b'{"codes": ["1"', reset=reset)  # in the middle of a body
        drop(server, post(1000), reset=reset)
        drop(server, b"GET /account/api/v1/qu", reset=reset)  # in the middle of the head
        for request in (everything, graph):
            drop(server, request, reset=reset)  # before the answer
            drop(server, request, read=100, reset=reset)  # in the middle of it
    assert send(server, head(QUOTA, key)).startswith(b"HTTP/1.1 200 ")
    time.sleep(0.3)  # whatever is still running for them comes to its end


async def test_a_client_that_leaves_or_stops_in_the_middle_of_a_body_is_no_error(
    api: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the application itself sees and says then, without a server in between."""
    monkeypatch.setattr(requests, "PATIENCE", 0.01)
    monkeypatch.setattr(requests, "SLOWEST", 2**40)
    for path, leaves in ((LOOKUP, True), ("/graphql", True), (LOOKUP, False), ("/graphql", False)):
        ends = [{"type": "http.disconnect"}] if leaves else []
        messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, *ends])
        sent: list[dict[str, object]] = []

        async def receive(messages=messages) -> object:  # type: ignore[no-untyped-def]
            for message in messages:
                return message
            return await asyncio.Future()

        async def send(message, sent=sent) -> None:  # type: ignore[no-untyped-def]
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
                 "root_path": "", "scheme": "http", "headers": [(b"content-type", b"application/json")],
                 "server": ("testserver", 80), "client": ("127.0.0.1", 1)}  # fmt: skip
        with caplog.at_level(logging.WARNING):
            await asyncio.wait_for(api.app(scope, receive, send), 5)  # type: ignore[attr-defined]
        assert sent[0]["status"] == 400
        assert (b"did not come to its end" in sent[1]["body"]) is not leaves  # type: ignore[operator]
    assert caplog.text == ""
