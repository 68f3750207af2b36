"""Which lots a recall covers, and whether one lot is among them: pure, no I/O.

A recall says its lots in one of three shapes (contract: compliance, RecallLotCodesStored): a list of strings, free text
such as "lots A through B", or `{"exacts": […], "ranges": [[from, to], …]}`. All are read into `Lots` once, when the
recall is written. Lots are compared as they are printed (GS1 AI 10), without regard to case and outer white space.

- exact: the same characters;
- range: both ends included, a lot of the same length only, and of the same shape: where both ends have a digit the
  lot has one, and where both have a letter it has a letter, so that 13A does not lie between 130 and 140;
- prefix: everything that begins with it, or whose beginning lies in a range of beginnings;
- wildcard: `*` for any characters or none, `?` for one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from closient_gql.core.bounds import unstorable

MOST_LOTS = 20_000  # of one recall
MOST_TEXT = 200_000  # characters that say them
LONGEST = 100  # characters of one code; GS1 AI 10 has 20 at most, older recalls have longer ones
Pair = tuple[str | None, str | None]


def normal(code: str) -> str:
    """A lot as it is compared."""
    return " ".join(code.upper().split())


def kind(character: str) -> str:
    """What stands at a place of a code: a digit, a letter, or this very character."""
    if "0" <= character <= "9":
        return "digit"
    return "letter" if "A" <= character <= "Z" else character


def alike(code: str, low: str, high: str) -> bool:
    """Whether a code has the shape that both ends of a range have, where they have the same."""
    return all(kind(c) == kind(a) for c, a, b in zip(code, low, high, strict=True) if kind(a) == kind(b))


def within(code: str, low: str | None, high: str | None) -> bool:
    """Whether a lot lies between two, which are included. None is no limit on that side; the length still counts."""
    low_, high_ = low or high, high or low
    if low_ is None or high_ is None or not len(code) == len(low_) == len(high_) or not alike(code, low_, high_):
        return False
    return (low is None or low <= code) and (high is None or code <= high)


def is_range(low: str, high: str) -> bool:
    """Whether two codes can be the ends of a range: of one length, and in order."""
    return len(low) == len(high) and low <= high


def like(code: str, pattern: str) -> bool:
    """Whether a lot fits a pattern. A regular expression would take for ever on `*A*A*A*A*A*`."""
    at = place = 0
    star, resume = -1, 0
    while at < len(code):
        if place < len(pattern) and pattern[place] == "*":
            star, resume, place = place, at, place + 1
        elif place < len(pattern) and pattern[place] in ("?", code[at]):
            at, place = at + 1, place + 1
        elif star >= 0:
            resume += 1
            at, place = resume, star + 1
        else:
            return False
    return not pattern[place:].strip("*")


@dataclass(frozen=True)
class Lots:
    """What a recall covers. `every`: all lots; `besides`: but not these; `parts`: what each also says for itself."""

    exacts: frozenset[str] = frozenset()
    ranges: tuple[Pair, ...] = ()
    prefixes: tuple[tuple[str, str], ...] = ()  # from, to: of equal length
    patterns: tuple[str, ...] = ()
    every: bool = False
    besides: "Lots | None" = field(default=None)
    parts: "tuple[Lots, ...]" = ()

    def covers(self, lot: str) -> bool:
        """Whether this lot is recalled, printed with or without white space."""
        code = normal(lot)
        return self._covers(code) or (" " in code and self._covers(code.replace(" ", "")))

    def _covers(self, code: str) -> bool:
        if any(part.covers(code) for part in self.parts):
            return True
        if not code or (self.besides is not None and self.besides.covers(code)):
            return False
        return (
            self.every
            or code in self.exacts
            or any(within(code, low, high) for low, high in self.ranges)
            or any(within(code[: len(low)], low, high) for low, high in self.prefixes)
            or any(like(code, pattern) for pattern in self.patterns)
        )

    def __bool__(self) -> bool:
        return bool(self.every or self.exacts or self.ranges or self.prefixes or self.patterns or self.parts)

    def stored(self) -> dict[str, Any]:
        """As JSON holds it; `Lots.load` is the way back."""
        found: dict[str, Any] = {
            "exacts": sorted(self.exacts), "ranges": self.ranges, "prefixes": self.prefixes, "patterns": self.patterns,
        }  # fmt: skip
        found = {name: list(value) for name, value in found.items() if value}
        if self.every:
            found["every"] = True
        if self.besides:
            found["besides"] = self.besides.stored()
        if self.parts:
            found["parts"] = [part.stored() for part in self.parts]
        return found

    @staticmethod
    def load(stored: Mapping[str, Any]) -> "Lots":
        return Lots(
            frozenset(stored.get("exacts", ())),
            tuple((low, high) for low, high in stored.get("ranges", ())),
            tuple((low, high) for low, high in stored.get("prefixes", ())),
            tuple(stored.get("patterns", ())),
            stored.get("every", False),
            Lots.load(stored["besides"]) if "besides" in stored else None,
            tuple(map(Lots.load, stored.get("parts", ()))),
        )


class LotError(ValueError):
    """Lot codes that cannot be meant. The message says which, and why."""


def read(codes: Any) -> Lots:
    """The lots that are said in any of the three shapes.

    Texts are read as well as they can be, and never refused: they are what authorities write. The structured shape is
    what programs write, and must be right.

    Raises:
        LotError: it has none of the shapes, is too long, or a structured range is none.
    """
    from resolvers.compliance.lot_text import read_item, read_text  # it builds on this module

    checked(codes)
    if isinstance(codes, str):
        return read_text(codes)
    return structured(codes) if isinstance(codes, Mapping) else union(read_item(code) for code in codes)


def checked(codes: Any) -> None:
    """Whether `read` can read this, without reading texts, which takes its time.

    Raises:
        LotError: as `read`.
    """
    if isinstance(codes, str):
        if len(codes) > MOST_TEXT:
            raise LotError(f"must have at most {MOST_TEXT} characters")
        return
    if isinstance(codes, list | tuple):
        if len(codes) > MOST_LOTS:
            raise LotError(f"must have at most {MOST_LOTS} lots")
        if sum(len(check(code, "a lot")) for code in codes) > MOST_TEXT:
            raise LotError(f"must have at most {MOST_TEXT} characters")
        return
    if isinstance(codes, Mapping):
        structured(codes)
        return
    raise LotError('must be a list of lots, a text, or {"exacts": […], "ranges": [[from, to], …]}')


def structured(codes: Mapping[str, Any]) -> Lots:
    if unknown := set(codes) - {"exacts", "ranges", "prefixes"}:
        raise LotError(f"has exacts, ranges and prefixes; {', '.join(sorted(map(str, unknown)))} is not known")
    for name, value in codes.items():
        if not isinstance(value, list | tuple):
            raise LotError(f"{name} must be a list")
    if sum(map(len, codes.values())) > MOST_LOTS:
        raise LotError(f"must have at most {MOST_LOTS} lots")
    singles = [normal(check(code, "exacts: a lot")) for code in codes.get("exacts", ())]
    prefixes = [normal(check(code, "prefixes: a beginning")) for code in codes.get("prefixes", ())]
    return Lots(
        frozenset(code for code in singles if not wild(code)),
        tuple(ends(pair) for pair in codes.get("ranges", ())),
        tuple((code.rstrip("*"), code.rstrip("*")) for code in prefixes),
        tuple(code for code in singles if wild(code)),
    )


def wild(code: str) -> bool:
    return "*" in code or "?" in code


def ends(pair: Any) -> Pair:
    """Raises:
    LotError: it is not two lots of the same length in order.
    """
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise LotError("ranges: a range is two lots: [from, to]")
    low, high = (normal(check(end, "ranges: an end")) for end in pair)
    if not (low + high).isascii():
        raise LotError(f"ranges: {low} to {high} is not in letters and digits of ASCII, which have an order")
    if len(low) != len(high):
        raise LotError(f"ranges: {low} and {high} differ in length, so nothing lies between them")
    if low > high:
        raise LotError(f"ranges: {low} comes after {high}; the smaller end comes first")
    return low, high


def check(code: Any, what: str) -> str:
    """Raises:
    LotError: it is no text, has nothing but white space, or is too long.
    """
    if not isinstance(code, str):
        raise LotError(f"{what} must be a string")
    if not code.strip() or len(code) > LONGEST * 10:
        raise LotError(f"{what} must have 1 to {LONGEST * 10} characters")
    if problem := unstorable(code):
        raise LotError(f"{what} {problem}")
    return code


def union(parts: Iterable[Lots]) -> Lots:
    """What any of them covers. What one of them leaves out is left out by that one only."""
    every: Sequence[Lots] = list(parts)
    found = [part for part in every if not part.besides]
    return Lots(
        frozenset().union(*(part.exacts for part in found)),
        tuple(pair for part in found for pair in part.ranges),
        tuple(pair for part in found for pair in part.prefixes),
        tuple(pattern for part in found for pattern in part.patterns),
        any(part.every for part in found),
        parts=tuple(part for part in every if part.besides),
    )
