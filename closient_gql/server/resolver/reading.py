"""What a request for a Digital Link says: the link itself, and the wishes in its query."""

import re
from typing import NamedTuple
from urllib.parse import quote

from closient_gql.core.gs1 import Element, Gs1Error
from closient_gql.core.gs1.checks import gtin14_fits
from closient_gql.core.gs1.dictionary import default
from resolvers.digital_link.uris import STEM, parsed, wishes

KEYS = frozenset(ai.encode() for ai in default().roots)
"""Primary keys: how paths begin that are answered here. Convenience alphas (/gtin/) left the standard in 1.3."""
LONGEST = 8_192  # bytes of a path with its query
MOST_PATHS = 20_000
PLAIN = len("/01/09506000134352")
_COMPRESSED = re.compile(rb"/[A-Za-z0-9_-]{8,}")
_SAFE = "!$&'()*+,;=:@/?-._~%[]"
Path = tuple[Element, ...]


class Asked(NamedTuple):
    """A request, read.

    Attributes:
        path: the primary key and its qualifiers.
        query: what is passed on, as it was sent; of a compressed link, what it says beyond its path.
        link_type: as it was written; None if nothing is said. `context` likewise.
        compressed: the whole uncompressed link, of a compressed one.
    """

    path: Path
    query: str = ""
    link_type: str | None = None
    context: str | None = None
    compressed: str | None = None


def may_be_compressed(raw: bytes) -> bool:
    """Whether a path has the form of a Digital Link that is compressed as a whole."""
    return _COMPRESSED.fullmatch(raw.rstrip(b"/")) is not None


_paths: dict[bytes, Path] = {}  # of codes that were scanned before: most requests have no query


def read(raw: bytes, query: bytes, compressed: bool = False) -> Asked:
    """Reads and checks a request.

    Args:
        raw: the path as it was sent, percent-encoded; slashes at its end do not count.
        compressed: it is compressed as a whole; if not, what follows the primary key still can be.

    Raises:
        Gs1Error: it is no Digital Link URI that is right.
    """
    path = raw.rstrip(b"/")
    if not query and (known := known_path(path)) is not None:
        return Asked(known)
    if len(path) + len(query) > LONGEST:
        raise Gs1Error("URI_CHARACTERS", f"The address is too long: at most {LONGEST} characters.")
    given = query.decode("latin-1")
    if not given.isascii() or not given.isprintable() or re.search(r'[ "<>\\^`{|}#]', given):
        given = quote(query, safe=_SAFE)  # what no address may contain, sent all the same
    uri = f"{STEM}{path.decode('latin-1')}{'?' if given else ''}{given}"
    link, packed = parsed(uri, compressed)
    if link.stem != STEM:
        raise Gs1Error("URI_SEQUENCE", "A Digital Link has one primary key, and the path begins with it.")
    if packed:
        given = link.uri.partition("?")[2]
        return Asked(link.path, given, *wishes(link.other), compressed=link.uri[len(STEM) :])
    if not query:
        remember(path, link.path)
        return Asked(link.path)
    return Asked(link.path, given, *wishes(link.other))


def without_context(query: str) -> str:
    """A query without its context, which has been heeded."""
    return "&".join(pair for pair in query.split("&") if pair.partition("=")[0].lower() != "context")


def known_path(path: bytes) -> Path | None:
    """The path of a request without a query that is a GTIN alone, or was read before; None: it has to be read."""
    found = _paths.get(path)
    if found is None and len(path) == PLAIN and path.startswith(b"/01/"):
        digits = path[4:].decode("latin-1")
        if gtin14_fits(digits):
            return (Element("01", digits),)
    return found


def remember(raw: bytes, path: Path) -> None:
    if len(_paths) >= MOST_PATHS:
        _paths.clear()
    _paths[raw] = path
