"""What a link is said of: the path of a Digital Link URI, exactly or in part.

    /01/09506000134352                 a key
    /01/09506000134352/10/ABC%2F1      with qualifiers, in the order of the standard
    /01/09506000134352/21/{serial}     with a qualifier of any value, which the link's address may name: ?s={serial}
    /8004/095060001343*                every key that begins like this; what follows is {1}

A request looks for the anchors that it could mean, the most exact first (`levels`): the standard's walk up the tree,
which leaves qualifiers out from the end. Where that finds nothing, they may be left out of the middle as well: a serial
number names an item with or without its batch.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import quote

from closient_gql.core.gs1 import Element, Gs1Error
from closient_gql.core.gs1.dictionary import Dictionary, Entry, PathNode, default
from closient_gql.core.gs1.digital_link import escape, unescape

ANY, REST = "{}", "*"
DOTS = (".", "..")  # in place of a variable they would take steps in the path that the owner has written
REST_NAME = "1"
_ORIGIN = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]{0,31})\}")
_ASKED = re.compile(r"\{([A-Za-z0-9_]{1,32})\}")
SHORT_GTINS = (8, 12, 13)


class AnchorError(ValueError):
    """A text that is no anchor; the message follows the field's name."""


class Anchor(NamedTuple):
    """`text` is how it is stored; `variables` are the names of what is left open, in order."""

    text: str
    ai: str
    value: str
    variables: tuple[str, ...]

    @property
    def gtin(self) -> str | None:
        return self.value if self.ai == "01" else None

    @property
    def partial(self) -> bool:
        return self.text.endswith(REST)


def parse_anchor(text: str) -> Anchor:
    """Reads an anchor, given as a path or as a whole URI.

    Raises:
        AnchorError: it is none; the message says where.
    """
    path = _ORIGIN.sub("", text.strip(), count=1).rstrip("/")
    segments = path.split("/")
    if segments[0] or len(segments) < 3 or len(segments) % 2 == 0 or "?" in path or "#" in path:
        raise AnchorError("must be the path of a Digital Link URI, such as /01/09506000134352/10/ABC")
    return _Reader(segments[1:]).anchor()


class _Reader:
    def __init__(self, segments: list[str]) -> None:
        self.pairs = list(zip(segments[::2], segments[1::2], strict=True))
        self.variables: list[str] = []
        self.known: Dictionary = default()

    def anchor(self) -> Anchor:
        nodes, parts, values = self.known.roots, [""], []
        for place, (ai, text) in enumerate(self.pairs):
            node: PathNode | None = nodes.get(ai)
            if node is None:
                raise AnchorError(f"has ({ai[:8]}), which {'may not stand there' if place else 'is no primary key'}")
            value, written = self.value(self.known.entries[ai], text, first=not place, last=len(self.pairs) == 1)
            parts += [ai, written]
            values.append(value)
            nodes = node.next
        if len(set(self.variables)) < len(self.variables):
            raise AnchorError("names two variables alike")
        return Anchor("/".join(parts), self.pairs[0][0], values[0], tuple(self.variables))

    def value(self, entry: Entry, text: str, *, first: bool, last: bool) -> tuple[str, str]:
        """A value, and how the stored anchor writes it."""
        if variable := _VARIABLE.fullmatch(text):
            if first:
                raise AnchorError("must say its primary key; only qualifiers can be variables")
            self.variables.append(variable[1])
            return "", ANY
        partial = first and last and text.endswith(REST)
        if partial and not varies(entry.ai):
            raise AnchorError(f"cannot be a part of ({entry.ai}): such keys have one length")
        try:
            value = unescape(text[:-1] if partial else text)
            if entry.ai == "01" and len(value) in SHORT_GTINS:
                value = value.zfill(14)
            entry.validate(value)
        except Gs1Error as error:
            raise AnchorError(f"is not valid: {error}") from None
        if partial:
            self.variables.append(REST_NAME)
        return value, escape(value) + (REST if partial else "")


@cache
def varies(ai: str) -> bool:
    """Whether keys of this AI have different lengths, so that a part of one can stand for many."""
    entry = default().entries[ai]
    return entry.shortest != entry.longest


# --- looking for them


class Level(NamedTuple):
    """One place in the tree: the elements that it has, and the anchors that mean it, the most exact first."""

    path: str
    qualifiers: tuple[Element, ...]
    anchors: tuple[str, ...]


@lru_cache(256)
def _kept(count: int) -> tuple[tuple[int, ...], ...]:
    """Which qualifiers are kept: all, then one fewer from the end each time, as the standard walks; then other choices,
    the larger ones first."""
    walk = [tuple(range(length)) for length in range(count, -1, -1)]
    sets = [tuple(n for n in range(count) if mask >> n & 1) for mask in range(2**count)]
    others = sorted(set(sets) - set(walk), key=lambda kept: (len(kept), kept), reverse=True)
    return (*walk, *others)


def levels(path: Sequence[Element]) -> list[Level]:
    """Where links of an identified thing can stand, in the order in which they count; its own path first."""
    key = f"/{path[0].ai}/{escape(path[0].value)}"
    if len(path) == 1:
        return [Level(key, (), (key, *_parts(path[0])))]
    rest = path[1:]
    written = [f"/{element.ai}/{escape(element.value)}" for element in rest]
    found = []
    for kept in _kept(len(rest)):
        anchors = [key]
        for n in kept:
            backs = (written[n],) if rest[n].value in DOTS else (written[n], f"/{rest[n].ai}/{ANY}")
            anchors = [front + back for front in anchors for back in backs]
        anchors += _parts(path[0]) if not kept else ()
        found.append(Level(key + "".join(written[n] for n in kept), tuple(rest[n] for n in kept), tuple(anchors)))
    return found


def _parts(key: Element) -> Iterator[str]:
    """Anchors of the beginnings of a key, the longest first."""
    if varies(key.ai):
        shortest = default().entries[key.ai].shortest
        for length in range(len(key.value) - 1, shortest - 1, -1):
            if key.value[length:] not in DOTS:
                yield f"/{key.ai}/{escape(key.value[:length])}{REST}"


def bound(anchor: str, variables: Sequence[str], key: Element, level: Level) -> Mapping[str, str]:
    """What the variables of an anchor are in a request, percent-encoded."""
    if not variables:
        return {}
    if anchor.endswith(REST):
        begun = unescape(anchor.rpartition("/")[2][:-1])
        return {REST_NAME: quote(key.value[len(begun) :], safe="")}
    segments = anchor.split("/")[3:]
    open_ = {ai for ai, text in zip(segments[::2], segments[1::2], strict=True) if text == ANY}
    values = [quote(element.value, safe="") for element in level.qualifiers if element.ai in open_]
    return dict(zip(variables, values, strict=True))


def filled(href: str, values: Mapping[str, str]) -> str:
    """The address with its variables filled in."""
    return _ASKED.sub(lambda found: values.get(found[1], found[0]), href) if values else href


def asked(href: str) -> list[str]:
    """The variables that an address names."""
    return _ASKED.findall(href)


def unfolded(href: str) -> str:
    """The address with something harmless in place of its variables, so that it can be checked as an address.

    Raises:
        AnchorError: one stands where it would decide which host is asked.
    """
    front = re.match(r"[a-z]+://[^/?#]*", href, re.IGNORECASE)
    if front and "{" in front[0]:
        raise AnchorError("may have variables behind the host only")
    return _ASKED.sub("x", href)
