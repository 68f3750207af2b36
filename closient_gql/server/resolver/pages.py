"""What people see where a code leads to no single place: a list of links, or why there is none."""

import html
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from closient_gql.core.errors import DomainError
from resolvers.digital_link.linktypes import NAMESPACE, link_types

KIND = "text/html; charset=utf-8"
HEADERS = [
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                                 b"form-action 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]  # fmt: skip
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b }}
h1 {{ font-size: 1.5rem }} h2 {{ font-size: 1.1rem; margin-bottom: .3rem }} li {{ margin: .6rem 0 }}
a {{ color: #0b5394 }} small {{ color: #595959 }} </style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>
"""


def page(title: str, body: str) -> bytes:
    return PAGE.format(title=html.escape(title), body=body).encode()


def item(link: Mapping[str, Any]) -> str:
    """One link, with what tells it from others."""
    told = [*link.get("hreflang", ()), link.get("type", ""), *map(str, link.get("context", ()))]
    small = " · ".join(filter(None, told))
    lang = f' hreflang="{html.escape(link["hreflang"][0])}"' if link.get("hreflang") else ""
    more = f" <small>{html.escape(small)}</small>" if small else ""
    return f'<li><a href="{html.escape(link["href"])}"{lang}>{html.escape(link["title"])}</a>{more}</li>'


def choice(description: str, links: Sequence[Mapping[str, Any]]) -> bytes:
    """Several links, of which the visitor chooses one."""
    return page(description, f"<p>Choose where to go:</p><ul>{''.join(map(item, links))}</ul>")


def links(members: Sequence[Mapping[str, Any]]) -> bytes:
    """A linkset."""
    parts = []
    for member in members:
        if len(members) > 1:
            parts.append(f"<p>{html.escape(member['itemDescription'])}</p>")
        for name, several in member.items():
            if isinstance(several, list):
                known = link_types().get(name.removeprefix(NAMESPACE))
                label = known.label if known else name
                parts.append(f"<h2>{html.escape(label)}</h2><ul>{''.join(map(item, several))}</ul>")
    return page(members[0]["itemDescription"], "".join(parts))


def failure(error: DomainError) -> bytes:
    """Why there is nothing."""
    return page(HTTPStatus(error.status).phrase, f"<p>{html.escape(error.message)}</p>")
