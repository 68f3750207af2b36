"""GS1 Digital Link URIs, uncompressed: read, checked and built.

Source: GS1 Digital Link Standard, URI syntax, 1.4; what is allowed where is in the syntax dictionary. The domain is
held against its characters only, as the standard's reference does: resolvers live under names of every kind.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import quote

from closient_gql.core.gs1.combinations import check_combinations
from closient_gql.core.gs1.dictionary import Dictionary, Entry, PathNode, default
from closient_gql.core.gs1.elements import STRICT, Element, Elements, Options, check_elements
from closient_gql.core.gs1.errors import Gs1Error

CANONICAL_STEM = "https://id.gs1.org"
ALPHAS = {
    "cpid": "8010", "cpsn": "8011", "cpv": "22", "gcn": "255", "gdti": "253", "giai": "8004", "ginc": "401",
    "gln": "414", "glnx": "254", "gmn": "8013", "grai": "8003", "gsin": "402", "gsrn": "8018", "gsrnp": "8017",
    "gtin": "01", "itip": "8006", "lot": "10", "party": "417", "refno": "8020", "ser": "21", "srin": "8019",
    "sscc": "00",
}  # fmt: skip
"""Names that Digital Link 1.0 allowed in place of AIs; withdrawn since 1.2."""

_CHARACTERS = r"A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%"
_HOST = r"[A-Za-z0-9\-.:\[\]]+"
_PATH = r"[A-Za-z0-9\-._~:/\[\]@!$&'()*+,;=%]"
_QUERY = r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]"
match_uri = re.compile(rf"((?:https?|HTTPS?)://{_HOST})(/{_PATH}*)(?:\?({_QUERY}*))?(?:#([{_CHARACTERS}]*))?").fullmatch
_STEM = re.compile(rf"(?:https?|HTTPS?)://{_HOST}(?:/{_PATH}*)?").fullmatch
_new = tuple.__new__  # Element(...), without its arguments being counted once more
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_DELIMITER = re.compile("&|;(?=[0-9]{2,4}=)")  # the standard's grammar has both; a ; before no AI may be of a value


class DigitalLink(NamedTuple):
    """A Digital Link URI that was found right.

    Attributes:
        stem: scheme, domain and custom path, without a slash at the end.
        path: the primary key and its qualifiers, in order.
        attributes: the AIs of the query, in order.
        other: what else is in the query, as it is written: `linkType=gs1:pip`.
        fragment: behind #; None where there is none.
    """

    stem: str
    path: Elements
    attributes: Elements = ()
    other: tuple[str, ...] = ()
    fragment: str | None = None

    @property
    def elements(self) -> Elements:
        return self.path + self.attributes

    @property
    def qualifiers(self) -> list[str]:
        """The AIs behind the key, which have in it what they require: see `combination_errors`."""
        return [ai for ai, _ in self.path[1:]]

    @property
    def uri(self) -> str:
        """The URI, its percent encoding in one form, attributes and other parameters in this order."""
        query = "&".join((*(f"{ai}={escape(value, query=True)}" for ai, value in self.attributes), *self.other))
        path = "".join(f"/{ai}/{escape(value)}" for ai, value in self.path)
        tail = "" if self.fragment is None else f"#{self.fragment}"
        return f"{self.stem}{path}{'?' if query else ''}{query}{tail}"


def escape(text: str, query: bool = False) -> str:
    """Percent-encodes all but letters, digits, - . _ and ~; in a query a space becomes +."""
    if text.isalnum() and text.isascii():
        return text
    written = quote(text, safe="", encoding="latin-1")
    return written.replace("%20", "+") if query else written


def unescape(text: str, query: bool = False) -> str:
    """Decodes percent encoding once; what is no encoding stays. A byte becomes the character of its number.

    Raises:
        Gs1Error: VALUE_HAS_NUL: it contains an encoded null character.
    """
    if query:
        text = text.replace("+", " ")
    found = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if "\0" in found:
        raise Gs1Error("VALUE_HAS_NUL")
    return found


def parse_uri(uri: str, options: Options = STRICT, dictionary: Dictionary | None = None) -> DigitalLink:
    """Reads a Digital Link URI and checks everything about it: syntax, path, every value, combinations.

    Raises:
        Gs1Error: it is not right; with `ai` where it is a value, else `start` and `end` count in the URI.
    """
    found = match_uri(uri)
    if found is None:
        raise why_no_uri(uri)
    known = dictionary or default()
    origin, path_text, query, fragment = found.groups()
    segments = path_text.split("/")
    if options.alphas:
        segments = without_alphas(segments)
    at = key_place(segments, known)
    path, node = read_path(segments, at, options, known)
    attributes, other = _read_query(query, path, node, options, known) if query else ((), ())
    link = DigitalLink(origin + "/".join(segments[:at]), path, attributes, other, fragment)
    if options.combinations:
        check_combinations(link.elements, known, link.qualifiers)
    return link


def why_no_uri(uri: str) -> Gs1Error:
    if bad := re.search(f"[^{_CHARACTERS}]", uri):
        return Gs1Error("URI_CHARACTERS", start=bad.start(), end=bad.end())
    if not re.match("(?:https?|HTTPS?)://", uri):
        return Gs1Error("URI_SCHEME")
    return Gs1Error("URI_DOMAIN")


def without_alphas(segments: list[str]) -> list[str]:
    """The segments of a path with AIs in place of convenience alphas: where AIs stand, every second from the end."""
    found = segments.copy()
    found[-2::-2] = [ALPHAS.get(segment, segment) for segment in segments[-2::-2]]
    return found


def key_place(segments: list[str], known: Dictionary) -> int:
    """Where the primary key stands: the last one, looked for from the end in steps of AI and value."""
    at = len(segments) - 2
    while at > 0:
        ai = segments[at]
        if ai in known.roots:
            return at
        if ai not in known.entries:
            break
        at -= 2
    raise Gs1Error("URI_NO_KEY")


def read_path(segments: list[str], at: int, options: Options, known: Dictionary) -> tuple[Elements, PathNode]:
    elements = []
    next_nodes = known.roots
    node = None
    for place in range(at, len(segments), 2):
        ai = segments[place]
        node = next_nodes.get(ai)
        if node is None:
            raise Gs1Error("URI_SEQUENCE", f"({ai}) cannot stand in the path, or not in this place.")
        text = segments[place + 1]
        entry = known.entries[ai]
        if "%" not in text and entry.fits(text):
            elements.append(_new(Element, (ai, text)))
        else:
            elements.append(_element(entry, text, False, options))
        next_nodes = node.next
    assert node is not None
    return tuple(elements), node


def _element(entry: Entry, text: str, query: bool, options: Options) -> Element:
    value = text
    if "%" in text or (query and "+" in text):
        try:
            value = unescape(text, query)
        except Gs1Error as error:
            raise Gs1Error(error.code, ai=entry.ai) from None
    if not entry.fits(value):
        if options.short_gtins and entry.ai == "01" and len(value) in (8, 12, 13) and value.isdecimal():
            value = value.zfill(14)
        entry.validate(value)
    return Element(entry.ai, value)


def _read_query(query: str, path: Elements, node: PathNode, options: Options,
                known: Dictionary) -> tuple[Elements, tuple[str, ...]]:  # fmt: skip
    """The AIs of the query, and what else is in it; numbers that are no AIs are not allowed."""
    elements: list[Element] = []
    other: list[str] = []
    seen = {ai for ai, _ in path}
    for pair in query.split("&") if ";" not in query else _DELIMITER.split(query):
        ai, equals, text = pair.partition("=")
        entry = known.entries.get(ai) if equals else None
        if entry is None:
            if equals and ai.isdecimal():
                raise Gs1Error("AI_UNKNOWN", f"There is no Application Identifier {ai!r}.")
            if pair:
                other.append(pair)
            continue
        if "%" not in text and "+" not in text and entry.fits(text):
            element = _new(Element, (ai, text))
        else:
            element = _element(entry, text, True, options)
        if ai in seen:
            raise Gs1Error("AI_DUPLICATE", ai=ai)
        if not entry.attribute:
            raise Gs1Error("URI_NOT_ATTRIBUTE", ai=ai)
        if ai in node.strays:
            raise Gs1Error("URI_BELONGS_IN_PATH", ai=ai)
        seen.add(ai)
        elements.append(element)
    return tuple(elements), tuple(other)


def build_uri(elements: Sequence[tuple[str, str]], stem: str = CANONICAL_STEM, options: Options = STRICT,
              dictionary: Dictionary | None = None) -> str:  # fmt: skip
    """A Digital Link URI for these elements, every one of them checked.

    The first primary key leads; the qualifiers that fit it follow in their order; the others become attributes, in
    the order given, those of predefined length first. An AI that occurs again is written once.

    Raises:
        Gs1Error: an element is wrong, there is no primary key, or an AI can stand neither in the path nor the query.
    """
    known = dictionary or default()
    link = arrange(check_elements(elements, replace(options, combinations=False), known), stem, known)
    if options.combinations:  # last: what a qualifier requires can be its key
        check_combinations(elements, known, link.qualifiers)
    return link.uri


def check_stem(stem: str) -> None:
    """
    Raises:
        Gs1Error: URI_STEM: no Digital Link URI can begin like this.
    """
    if not _STEM(stem):
        raise Gs1Error("URI_STEM")


def arrange(elements: Elements, stem: str = CANONICAL_STEM, dictionary: Dictionary | None = None) -> DigitalLink:
    """The same for elements that were found right, as a DigitalLink.

    Raises:
        Gs1Error: there is no primary key, an AI can stand nowhere, or the stem is none.
    """
    known = dictionary or default()
    check_stem(stem)
    values = dict(reversed(elements))
    key = next((ai for ai, _ in elements if ai in known.roots), None)
    if key is None:
        raise Gs1Error("NO_PRIMARY_KEY")
    candidates = [path for path in known.paths if path[0] == key and all(ai in values for ai in path)]
    path = max(candidates, key=len)  # the first of the longest
    rest = {ai: known.find(ai, unknown=True) for ai, _ in elements if ai not in path}
    for ai, entry in rest.items():
        if entry is None or not entry.attribute:
            raise Gs1Error("URI_NOT_ATTRIBUTE", ai=ai)
    ordered = sorted(rest, key=lambda ai: rest[ai].fnc1)  # type: ignore[union-attr]
    return DigitalLink(
        stem.rstrip("/"),
        tuple(Element(ai, values[ai]) for ai in path),
        tuple(Element(ai, values[ai]) for ai in ordered),
    )
