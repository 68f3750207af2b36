"""Who gets the demo key, and what the pages send along."""

import pathlib
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from closient_gql.core.settings import settings
from closient_gql.server import pages

KEY = "csu_AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEf_84041098"
PAGES = ["/", "/graphql", "/docs"]
API = SimpleNamespace(title="Things & <more>", mount="/things/api/v1", description='"Quoted"')


@pytest.fixture
def app(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Starlette]:
    (tmp_path / "demo.key").write_text(f"{KEY}\n")
    monkeypatch.setenv("CLOSIENT_HOME", str(tmp_path))
    monkeypatch.setenv("CLOSIENT_DEMO", "true")
    monkeypatch.delenv("CLOSIENT_PUBLIC_URL", raising=False)
    settings.cache_clear()
    docs = pages.playground(API.title, "/things/api/v1/openapi.json")
    app = Starlette(routes=[Route("/graphql", pages.explorer), Route("/docs", docs), *pages.ROUTES])
    app.state.apis = [API]
    yield app
    settings.cache_clear()


def get(app: Starlette, path: str, host: str = "localhost:8000", client: str = "127.0.0.1", **headers: str) -> str:
    """The text of a page."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = TestClient(app, client=(client, 5000)).get(path, headers={"host": host, "accept": "text/html"} | named)
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_this_machine_gets_the_demo_key(app: Starlette, path: str, host: str) -> None:
    assert KEY in get(app, path, host)
    assert KEY in get(app, path, host, client="::1")
    assert KEY in get(app, path, host, client="::ffff:127.0.0.1")


@pytest.mark.parametrize("path", PAGES)
def test_nobody_else_does(app: Starlette, path: str) -> None:
    for host in [
        "example.com",
        "localhost.example.com",
        "127.0.0.1.example.com",
        "192.0.2.1",
        "[",
        "localhost@example.com",
    ]:
        assert KEY not in get(app, path, host)
    for client in ["192.0.2.1", "::ffff:192.0.2.1", "testclient"]:
        assert KEY not in get(app, path, client=client)
    for header in ["x_forwarded_for", "forwarded", "via", "x_real_ip", "x_forwarded_host"]:
        assert KEY not in get(app, path, **{header: "127.0.0.1"})
    assert KEY not in get(app, path, origin="http://example.com")


@pytest.mark.parametrize(
    ("name", "value"), [("DEMO", "false"), ("PUBLIC_URL", "https://example.com"), ("HOME", "/none")]
)
def test_settings_can_forbid_it(app: Starlette, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"CLOSIENT_{name}", value)
    settings.cache_clear()
    assert not any(KEY in get(app, path) for path in PAGES)


@pytest.mark.parametrize("path", PAGES)
def test_pages_keep_to_themselves(app: Starlette, path: str) -> None:
    response = TestClient(app).get(path, headers={"accept": "text/html", "origin": "http://example.com"})
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in response.headers
    assert "<script>" not in response.text
    assert "style=" not in response.text
    assert "Things &amp; &lt;more&gt;" in response.text


def test_index_for_programs(app: Starlette) -> None:
    answer = TestClient(app, base_url="http://localhost:8000").get("/", headers={"accept": "application/json"}).json()
    assert answer["graphql"] == "http://localhost:8000/graphql"
    assert answer["apis"] == [
        {
            "title": API.title,
            "mount": "http://localhost:8000/things/api/v1",
            "openapi": "http://localhost:8000/things/api/v1/openapi.json",
            "docs": "http://localhost:8000/things/api/v1/docs",
        }
    ]


def test_a_subgraph_has_no_rest(app: Starlette) -> None:
    app.state.apis = []
    assert "REST APIs</" not in get(app, "/")


def test_assets(app: Starlette) -> None:
    client = TestClient(app)
    script = client.get(f"{pages.PACKAGES['graphiql']}/graphiql.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    own = client.get("/static/own/explorer.css")
    assert own.headers["content-type"] == "text/css; charset=utf-8"
    assert own.headers["cache-control"] == "no-cache"
    assert own.headers["x-content-type-options"] == "nosniff"
    again = client.get("/static/own/explorer.css", headers={"if-none-match": own.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
    assert client.get("/static/own/explorer.html").status_code == 404
    assert client.get("/static/own/..%2f..%2fpages.py").status_code == 404
