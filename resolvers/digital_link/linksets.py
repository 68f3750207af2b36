"""Linksets: all that is known of an identified thing (RFC 9264), in the profile of the GS1 resolver standard.

The profile's schema (GS1-Conformant Resolver 1.2, linkset-schema) knows languages of two letters, with or without a
country; narrower ones are shown by their first part.
"""

import re
from collections.abc import Sequence
from typing import Any

from closient_gql.core.gs1 import Element
from resolvers.digital_link import linktypes
from resolvers.digital_link.anchors import levels
from resolvers.digital_link.found import Found, Target

CONTEXT_PATH = "/.well-known/gs1resolver-context.jsonld"
SUCCESSOR = "successor-version"  # IANA's registry of link relations, RFC 5829
_SHOWN = re.compile(r"[a-z]{2}(-[a-z]{2})?", re.IGNORECASE)


def linkset(found: Found, base: str) -> dict[str, Any]:
    """The linkset of a path: one member for each level that has links, the path's own first.

    Args:
        base: scheme and host of this resolver: anchors are Digital Link URIs there.
    """
    members = []
    for branch in found.branches:
        member: dict[str, Any] = {"anchor": base + branch.path, "itemDescription": branch.description}
        for name, links in branch.links.items():
            member[linktypes.NAMESPACE + name] = [shown(link, base, name) for link in links]
        members.append(member)
    if found.successor is not None:
        path = levels([Element("01", found.successor), *found.path[1:]])[0].path
        title = found.product.name if found.product and found.product.name else f"GTIN {found.successor}"
        members[0][SUCCESSOR] = [{"href": base + path, "title": title}]
    return {"linkset": members}


def shown(link: Target, base: str, name: str) -> dict[str, Any]:
    """One link. The default link has no attributes that could tell it from others."""
    told: dict[str, Any] = {"href": absolute(link.href, base), "title": link.title}
    if name != linktypes.DEFAULT:
        if link.media_type:
            told["type"] = link.media_type
        if tags := languages(link.hreflang):
            told["hreflang"] = tags
        if link.context:
            told["context"] = list(link.context)
    if not link.forward:
        told["fwqs"] = False
    return told


def languages(tags: Sequence[str]) -> list[str]:
    """The tags in the form of the standard's schema, each once; "undetermined" is none."""
    found = []
    for tag in tags:
        match = _SHOWN.fullmatch(tag) or _SHOWN.fullmatch(tag.partition("-")[0])
        if match and match[0] not in found:
            found.append(match[0])
    return found


def absolute(href: str, base: str) -> str:
    """A path of this server as a whole address."""
    return base + href if href.startswith("/") else href
