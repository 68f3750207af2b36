"""The pages for people: the index, the explorer at `/graphql`, a playground for each REST API, and their assets.

They load nothing from elsewhere, and a content security policy proves it. None of them may ever carry an
`Access-Control-Allow-Origin` header, because the demo key can stand in them.
"""

import html
import importlib.metadata
import ipaddress
import os
import pathlib
import secrets
import shlex
import string
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from closient_gql.core.settings import settings

Endpoint = Callable[[Request], Awaitable[Response]]

HERE = pathlib.Path(__file__).parent
OWN = HERE / "explorer"
VENDORED = HERE / "static"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' {styles}; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "vary": "Accept",
}
PROXY_HEADERS = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".graphql": "application/graphql; charset=utf-8",
}
FIRST_QUERY = "{ products(first: 3) { nodes { gtin productName brand { name } } } }"
LINK = '<a href="$mount/docs">$title</a>'
MENU = "<details><summary>REST APIs</summary><div>$items</div></details>"
CARD = """<li><strong>$title</strong><p>$description</p><code>$mount</code>
<span><a href="$mount/docs">Playground</a><a href="$mount/openapi.json">openapi.json</a></span></li>"""
CARDS = '<section id="apis"><h2>REST APIs</h2><ul class="apis">$items</ul></section>'


class Api(Protocol):
    """What the pages need to know of a REST API; the app keeps the list in `app.state.apis`."""

    @property
    def title(self) -> str: ...
    @property
    def mount(self) -> str: ...
    @property
    def description(self) -> str: ...


class Html(str):
    """Text that is HTML already."""


def render(name: str, **values: str) -> Html:
    """The template of that name with every value escaped that is not `Html`."""
    return fill((OWN / name).read_text("utf-8"), **values)


def fill(template: str, **values: str) -> Html:
    """The same for a template that is at hand."""
    safe = {k: v if isinstance(v, Html) else html.escape(v) for k, v in values.items()}
    return Html(string.Template(template).substitute(safe))


def page(content: Html, nonce: str = "") -> Response:
    """A page with the headers that keep it to itself; styles that scripts add need its nonce."""
    policy = POLICY.format(styles=f"'nonce-{nonce}'" if nonce else "").replace(" ;", ";")
    return HTMLResponse(content, headers=PAGE_HEADERS | {"content-security-policy": policy})


def vendored(package: str) -> str:
    """The address of a vendored package, whatever its version."""
    (folder,) = VENDORED.glob(f"{package}-[0-9]*")
    return f"/static/{folder.name}"


PACKAGES = {
    "react": vendored("react"),
    "react_dom": vendored("react-dom"),
    "graphiql": vendored("graphiql"),
    "plugin": vendored("graphiql-plugin-explorer"),
    "swagger": vendored("swagger-ui-dist"),
}


def is_loopback(host: str | None) -> bool:
    """Whether an address or the name in a URL is this machine's own."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def host_of(url: str) -> str | None:
    """The name in a URL, None if there is none or it is broken."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def demo_key(request: Request) -> str:
    """The demo key if this page may show it, else nothing.

    Only a browser on the same machine gets it: the client's address is loopback, so is the name it asked for (a foreign
    name that leads here is DNS rebinding), no proxy stands between, and no page of another origin asks.
    A proxy on this machine that hides itself can only be told by `CLOSIENT_PUBLIC_URL` (or `CLOSIENT_DEMO=false`).
    """
    public = settings().public_url
    allowed = (
        settings().demo_mode
        and request.client is not None
        and is_loopback(request.client.host)
        and is_loopback(host_of(f"//{request.headers.get('host', '')}"))
        and (not public or is_loopback(host_of(public)))
        and not any(name in request.headers for name in (*PROXY_HEADERS, "origin"))
    )
    try:
        return settings().demo_key_file.read_text("ascii").strip() if allowed else ""
    except (OSError, UnicodeDecodeError):
        return ""


def key_tag(request: Request) -> Html:
    """The demo key for the scripts of a page, if it may have it."""
    key = demo_key(request)
    return fill('<meta name="closient-key" content="$key">', key=key) if key else Html()


def apis_of(request: Request) -> list[Api]:
    """The REST APIs that this app serves."""
    return list(getattr(request.app.state, "apis", ()))


def each_api(template: str, request: Request, around: str) -> Html:
    """The template for each API, inside another one; nothing where none is served (a subgraph has none)."""
    apis = apis_of(request)
    items = (fill(template, title=api.title, mount=api.mount, description=api.description) for api in apis)
    return fill(around, items=Html("".join(items))) if apis else Html()


def apis_menu(request: Request) -> Html:
    """The playgrounds as a menu of the bar."""
    return each_api(LINK, request, MENU)


async def explorer(request: Request) -> Response:
    """GraphiQL on `/graphql`, with the API key at hand and working examples."""
    nonce = secrets.token_urlsafe(16)
    values = {"nonce": nonce, "key": key_tag(request), "apis": apis_menu(request)}
    return page(render("explorer.html", **values, **PACKAGES), nonce)


def playground(title: str, openapi_url: str) -> Endpoint:
    """The page that documents one REST API and lets one try it."""

    async def endpoint(request: Request) -> Response:
        values = {"title": title, "openapi": openapi_url, "key": key_tag(request), "apis": apis_menu(request)}
        return page(render("playground.html", **values, **PACKAGES))

    return endpoint


async def index(request: Request) -> Response:
    """What this is and where everything stands, for people; the same as JSON for clients that accept only that."""
    base = (settings().public_url or str(request.base_url)).rstrip("/")
    accept = request.headers.get("accept", "")
    if "application/json" in accept and "text/html" not in accept:
        return JSONResponse(summary(request, base), headers={"vary": "Accept"})
    key = demo_key(request)
    lines = (
        f"curl {shlex.quote(base + '/graphql')}",
        "-H 'Content-Type: application/json'",
        f"-H 'X-API-Key: {key or 'YOUR_KEY'}'",
        f"""-d '{{"query": "{FIRST_QUERY}"}}'""",
    )
    apis = each_api(CARD, request, CARDS)
    button = Html('<a class="button second" href="#apis">See the REST APIs</a>' if apis else "")
    search = Html('<a class="button second" href="/search">Search near you</a>' if apis else "")
    note = "This key is for the demo data; it is shown on this machine only." if key else "Put in your API key."
    curl = " \\\n  ".join(lines)
    return page(
        render(
            "index.html",
            curl=curl,
            key_note=note,
            rest=apis,
            rest_button=button,
            search_button=search,
            version=version(),
        )
    )


def summary(request: Request, base: str) -> dict[str, Any]:
    """The index for programs."""
    return {
        "name": "closient-gql",
        "version": version(),
        "graphql": f"{base}/graphql",
        "apis": [
            {
                "title": api.title,
                "mount": f"{base}{api.mount}",
                "openapi": f"{base}{api.mount}/openapi.json",
                "docs": f"{base}{api.mount}/docs",
            }
            for api in apis_of(request)
        ],
        "docs": f"{base}/",
    }


def version() -> str:
    """The version of this package."""
    try:
        return importlib.metadata.version("closient-gql")
    except importlib.metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return "development"


async def favicon(request: Request) -> Response:
    """Our mark, for browsers that ask without being told where it is."""
    return FileResponse(OWN / "favicon.svg", media_type=MEDIA_TYPES[".svg"], headers={"cache-control": "max-age=86400"})


class Assets(StaticFiles):
    """Files with their true types; those whose address has a version may be kept for ever."""

    def __init__(self, directory: pathlib.Path, cache: str) -> None:
        super().__init__(directory=directory)
        self.cache = cache

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        return ("", None) if path.endswith(".html") else super().lookup_path(path)  # our templates

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        media_type = MEDIA_TYPES.get(pathlib.Path(full_path).suffix)
        if media_type and "content-type" in response.headers:
            response.headers["content-type"] = media_type
        response.headers["cache-control"] = self.cache
        response.headers["x-content-type-options"] = "nosniff"
        return response


ROUTES: list[BaseRoute] = [
    Route("/", index),
    Route("/favicon.ico", favicon),
    Mount("/static/own", Assets(OWN, "no-cache")),
    Mount("/static", Assets(VENDORED, "public, max-age=31536000, immutable")),
]
