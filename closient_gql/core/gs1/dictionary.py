"""The GS1 Barcode Syntax Dictionary: which Application Identifiers there are, and what each demands.

The dictionary is data (`data/gs1-syntax-dictionary.txt`, its grammar is in its own comments): a new release is a new
file. Reading it makes a validator for every AI once; nothing of what is validated is remembered.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import product
from typing import Any

from closient_gql.core.gs1 import checks, linters
from closient_gql.core.gs1.errors import Fault, Gs1Error, faulty
from closient_gql.core.gs1.linters import LINTERS, Linter

_CLASSES = {
    "N": ("[0-9]", linters.digits),
    "X": (f"[{re.escape(checks.CSET82)}]", linters.cset82),
    "Y": (f"[{re.escape(linters.CSET39)}]", linters.cset39),
    "Z": (f"[{re.escape(linters.CSET64)}=]", linters.cset64),
}
_COMPONENT = re.compile(r"(\[)?([NXYZ])(\.\.)?(\d+)\]?((?:,\w+)*)")
_IMPLIED = {"gcppos1", "gcppos2"}  # by the form of a numeric component that is long enough
# General Specifications 7.8.5: AIs whose length is known from their first two digits, allocated or not
_PREDEFINED = {"00": 18, "01": 14, "02": 14, "03": 14, "20": 2, "41": 13} | {
    str(n): 6 for n in (*range(11, 20), *range(31, 37))
}
LONGEST_UNKNOWN = 90


class DictionaryError(ValueError):
    """A syntax dictionary that cannot be read."""


@dataclass(frozen=True)
class Component:
    """A part of a value: its alphabet (N, X, Y or Z), its length, and the linters that look at it."""

    alphabet: str
    shortest: int
    longest: int
    optional: bool
    linters: tuple[str, ...]

    @property
    def pattern(self) -> str:
        length = f"{{{self.longest}}}" if self.shortest == self.longest else f"{{{self.shortest},{self.longest}}}"
        return f"({_CLASSES[self.alphabet][0]}{length}){'?' if self.optional else ''}"

    @property
    def checks(self) -> Iterator[tuple[str, Linter]]:
        """The linters that still have something to say once the pattern matches."""
        for name in self.linters:
            if not (name in _IMPLIED and self.alphabet == "N" and self.shortest > linters.SHORTEST_PREFIX):
                yield name, LINTERS[name]
        if self.alphabet == "Z":
            yield "cset64", linters.cset64


@dataclass(frozen=True)
class Requirement:
    """One `req` attribute: at least one of the groups must be there, all members of it."""

    text: str
    groups: tuple[tuple[frozenset[str], ...], ...]
    alone: frozenset[str]  # AIs each of which is enough

    def met(self, present: frozenset[str] | set[str]) -> bool:
        return not self.alone.isdisjoint(present) or any(
            all(not member.isdisjoint(present) for member in group) for group in self.groups
        )


@dataclass(frozen=True, eq=False)
class Entry:
    """What the dictionary says of one AI.

    Attributes:
        fnc1: whether a separator must follow the value, because its length is not predefined.
        attribute: whether it may stand in the query of a Digital Link URI.
        excludes: AIs that must not occur with it.
        sequences: for a primary key, the qualifiers that may follow it, in order; alternatives.
        fits: whether a value is right; fast, and true exactly where `explain` finds nothing.
    """

    ai: str
    title: str
    fnc1: bool
    attribute: bool
    components: tuple[Component, ...]
    requires: tuple[Requirement, ...] = ()
    excludes: frozenset[str] = frozenset()
    sequences: tuple[tuple[str, ...], ...] = ()
    known: bool = True
    shortest: int = field(init=False)
    longest: int = field(init=False)
    fits: Callable[[str], Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "shortest", sum(c.shortest for c in self.components if not c.optional))
        put(self, "longest", sum(c.longest for c in self.components))
        put(self, "fits", _validator(self.components))

    @property
    def _lengths(self) -> str:
        return f"{self.shortest}" if self.shortest == self.longest else f"{self.shortest} to {self.longest}"

    def explain(self, value: str) -> Gs1Error | None:
        """What is wrong with a value, in the order in which the reference looks."""
        if not value:
            return Gs1Error("VALUE_EMPTY", ai=self.ai)
        if len(value) < self.shortest:
            words = f"The value is too short: {len(value)} characters, {self._lengths} are needed."
            return Gs1Error("VALUE_TOO_SHORT", words, ai=self.ai)
        if len(value) > self.longest:
            words = f"The value is too long: {len(value)} characters, {self._lengths} are allowed."
            return Gs1Error("VALUE_TOO_LONG", words, ai=self.ai, start=self.longest, end=len(value))
        if "^" in value:
            return Gs1Error("VALUE_HAS_CARET", ai=self.ai, start=value.index("^"), end=value.index("^") + 1)
        at = 0
        for component in self.components:
            part = value[at : at + component.longest]
            if component.optional and not part:
                continue
            if len(part) < component.shortest:
                return Gs1Error("VALUE_LENGTH", ai=self.ai)
            if fault := _lint(component, part):
                return faulty(fault.shifted(at), self.ai)
            at += len(part)
        return None

    def validate(self, value: str) -> None:
        """
        Raises:
            Gs1Error: the value is not one that this AI can have.
        """
        if not self.fits(value):
            raise self.explain(value) or Gs1Error("VALUE_LENGTH", ai=self.ai)


def _lint(component: Component, part: str) -> Fault | None:
    for lint in (_CLASSES[component.alphabet][1], *(LINTERS[name] for name in component.linters)):
        if fault := lint(part):
            return fault
    return None


@cache
def _validator(components: tuple[Component, ...]) -> Callable[[str], Any]:
    """One regular expression for the form, then whatever linters say more than it."""
    form = re.compile("".join(c.pattern for c in components), re.ASCII).fullmatch
    found = [(nth, *check) for nth, c in enumerate(components, 1) for check in c.checks]
    if not found:
        return form
    if len(components) == 1 and len(found) == 1:
        name, lint = found[0][1:]
        if name == "csum" and components[0].longest == 14:
            return checks.gtin14_fits
        if name == "csum":
            return lambda value: form(value) and checks.check_digit_fits(value)
        return lambda value: form(value) and lint(value) is None
    pairs = tuple((nth, lint) for nth, _, lint in found)

    def fits(value: str) -> bool:
        match = form(value)
        if match is None:
            return False
        for nth, lint in pairs:
            part = match[nth]
            if part is not None and lint(part) is not None:
                return False
        return True

    return fits


class PathNode:
    """A place in the path of a Digital Link URI, behind a key and maybe qualifiers.

    Attributes:
        next: the qualifiers that may follow.
        strays: AIs that could stand in this path and therefore must not stand in the query.
    """

    __slots__ = ("next", "strays")

    def __init__(self) -> None:
        self.next: dict[str, PathNode] = {}
        self.strays: frozenset[str] = frozenset()


def _roots(entries: Iterable[Entry]) -> tuple[dict[str, PathNode], list[tuple[str, ...]]]:
    """The paths that are possible, as a tree below each primary key and as a sorted list."""
    paths = sorted(
        {(entry.ai, *chosen) for entry in entries for sequence in entry.sequences for chosen in _choices(sequence)}
    )
    nodes: dict[tuple[str, ...], PathNode] = {path: PathNode() for path in paths}
    for path, node in nodes.items():
        if len(path) > 1:
            nodes[path[:-1]].next[path[-1]] = node
        node.strays = frozenset(
            longer[at] for longer in paths if len(longer) == len(path) + 1
            for at in range(1, len(longer)) if longer[:at] + longer[at + 1 :] == path
        )  # fmt: skip
    return {path[0]: node for path, node in nodes.items() if len(path) == 1}, paths


def _choices(sequence: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every way to leave some of a sequence out."""
    for kept in product((False, True), repeat=len(sequence)):
        yield tuple(ai for ai, keep in zip(sequence, kept, strict=True) if keep)


class Dictionary:
    """All Application Identifiers of one release of the syntax dictionary."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = {entry.ai: entry for entry in entries}
        self.lengths: dict[str, int] = {}
        for ai in self.entries:
            if self.lengths.setdefault(ai[:2], len(ai)) != len(ai):
                raise DictionaryError(f"AIs that begin with {ai[:2]} have different lengths")
        self.roots, self.paths = _roots(self.entries.values())

    @classmethod
    def parse(cls, text: str) -> "Dictionary":
        """
        Raises:
            DictionaryError: a line is not in the dictionary's grammar, or names a linter that there is not.
        """
        found: list[Entry] = []
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                try:
                    found += _entries(line)
                except (ValueError, KeyError, IndexError) as error:
                    raise DictionaryError(f"line {number} of the syntax dictionary: {error}") from error
        return cls(found)

    def find(self, ai: str, unknown: bool = False) -> Entry | None:
        """The entry of an AI; with `unknown`, one made up for an AI that is not allocated but could be."""
        entry = self.entries.get(ai)
        if entry or not unknown or not (2 <= len(ai) <= 4 and ai.isascii() and ai.isdecimal()):
            return entry
        length = self.lengths.get(ai[:2])
        if length is None:
            return _unknown(ai, None)
        return _unknown(ai, _PREDEFINED.get(ai[:2])) if length == len(ai) else None

    def match(self, text: str, at: int, unknown: bool = False) -> Entry | None:
        """The entry of the AI that begins here. AIs whose own length is not known cannot be found like this."""
        length = self.lengths.get(text[at : at + 2])
        return self.find(text[at : at + length], unknown) if length else None


def _unknown(ai: str, length: int | None) -> Entry:
    component = Component("X", length or 1, length or LONGEST_UNKNOWN, False, ())
    return Entry(ai, "unknown", length is None, False, (component,), known=False)


def _entries(line: str) -> Iterator[Entry]:
    body, _, title = line.partition("#")
    ais, *words = body.split()
    flags = words.pop(0) if not re.match(r"\[?[NXYZ]", words[0]) else ""
    components = tuple(_component(word) for word in words if "=" not in word and word != "dlpkey")
    attributes = [word.partition("=")[::2] for word in words if "=" in word or word == "dlpkey"]
    first, _, last = ais.partition("-")
    if not re.fullmatch("[0-9]{2,4}", first) or not components or any(c is None for c in components):
        raise ValueError(f"not an entry: {line.strip()}")
    sequences = [alternative for key, value in attributes if key == "dlpkey" for alternative in value.split("|")]
    for number in range(int(first), int(last or first) + 1):
        ai = f"{number:0{len(first)}}"
        yield Entry(
            ai, title.strip(), "*" not in flags, "?" in flags, tuple(c for c in components if c),
            requires=tuple(_requirement(value, ai) for key, value in attributes if key == "req"),
            excludes=frozenset(
                each for key, value in attributes if key == "ex" for pattern in value.split(",")
                for each in _expand(pattern)
            ) - {ai},
            sequences=tuple(tuple(filter(None, sequence.split(","))) for sequence in sequences),
        )  # fmt: skip


def _component(word: str) -> Component | None:
    found = _COMPONENT.fullmatch(word)
    if not found:
        return None
    optional, alphabet, variable, length, names = found.groups()
    linted = tuple(filter(None, names.split(",")))
    if missing := [name for name in linted if name not in LINTERS]:
        raise ValueError(f"no linter {missing[0]}")
    return Component(alphabet, 1 if variable else int(length), int(length), bool(optional), linted)


def _requirement(text: str, ai: str) -> Requirement:
    groups = tuple(
        tuple(_expand(member) - {ai} for member in group.split("+")) for group in text.split(",")
    )  # an AI does not satisfy what it demands itself
    alone = frozenset(each for group in groups if len(group) == 1 for each in group[0])
    return Requirement(text, tuple(group for group in groups if len(group) > 1), alone)


@cache
def _expand(pattern: str) -> frozenset[str]:
    """`310n` stands for 3100 to 3109."""
    digits = pattern.rstrip("n")
    open_places = len(pattern) - len(digits)
    return frozenset(digits + "".join(rest) for rest in product("0123456789", repeat=open_places))


@cache
def default() -> Dictionary:
    """The dictionary that comes with the package."""
    file = resources.files("closient_gql.core.gs1").joinpath("data/gs1-syntax-dictionary.txt")
    return Dictionary.parse(file.read_text(encoding="utf-8"))
