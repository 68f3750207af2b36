"""HTML from Python, in which every text is escaped that is not `Html` already."""

import html
from collections.abc import Iterable
from urllib.parse import urlsplit

from closient_gql.server.pages import Html

Child = str | None | Iterable["Child"]
VOID = frozenset(("img", "input", "link", "meta", "br"))
NOTHING = Html()


def el(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Html:
    """One element. `class_` and `for_` are written without the line, other lines become hyphens; attributes that are
    None or False are left out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{html.escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(children)}</{name}>")


def joined(children: Child, between: str = "") -> Html:
    """Children one after the other; None is nothing."""
    if children is None:
        return NOTHING
    if isinstance(children, str):
        return children if isinstance(children, Html) else Html(html.escape(children))
    return Html(between.join(found for found in map(joined, children) if found))


def web_address(url: str | None) -> str | None:
    """An address that may be a link: of the web, or on this server; None for any other (`javascript:` …)."""
    if not url or url != url.strip():
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme in ("http", "https") and parts.netloc:
        return url
    return url if url.startswith("/") and not url.startswith(("//", "/\\")) else None


def outward(url: str | None, *children: Child) -> Html:
    """A link that leads away, and says nothing of where from; its text alone if the address is none of the web."""
    address = web_address(url)
    return el("a", *children, href=address, rel="noopener noreferrer nofollow") if address else joined(children)
