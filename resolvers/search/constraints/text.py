"""A text that rules take their parts out of, so that what is left are the words to search for."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, ClassVar

from resolvers.search.constraints.model import LISTS, Constraints, Reading, Relation

TAKEN = "|"
"""Stands in the place of every character that was taken: nothing is joined across it."""
_SIGNS = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-",
                        "\u2212": "-", "\u00a0": " ", TAKEN: " "})  # fmt: skip
_BACK = re.compile(
    r"\b(?:(?<!n't )(?<!dont )(?<!not )(?<!never )(?:forget|drop|remove|ignore|lose|undo|clear|cancel|lift|skip|"
    r"scratch|"
    r"scrap)|never ?mind|no longer|not|no need (?:for|to be)|"
    r"(?:does ?n['o]?t|do ?n['o]?t|need ?n['o]?t|does not|do not)(?: (?:have|need) to| have| need)?(?: be)?|"
    r"needn't|isn't|aren't)(?: (?:about|the|my|that|being|it|worry about|care about|necessarily|be|only|just|filter|"
    r"for|any ?more))* *$",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"^[\s,]*(?:(?:is|are|'s|'re|would be)\s+(?:also |totally |perfectly |all )?"
    r"(?:ok(?:ay)?|fine|allowed|alright|all right|no (?:problem|issue)|good)|"
    r"(?:doesn't|does not|don't|do not|isn't|is not|aren't|are not|not)\s+(?:all that |really |so |that |absolutely )?"
    r"(?:matter|required|needed|necessary|important|essential|a must))\b",
    re.IGNORECASE,
)


class Wording:
    """A pattern of what people say. Those with the names of all substances take up to 0.2 s to compile, all of them
    0.7: too much for every start of every command. So each is compiled when it is first needed, or by `prepare`."""

    made: ClassVar[list["Wording"]] = []

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.made.append(self)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)

    def search(self, text: str) -> "re.Match[str] | None":
        return self.compiled.search(text)

    def match(self, text: str) -> "re.Match[str] | None":
        return self.compiled.match(text)

    def fullmatch(self, text: str) -> "re.Match[str] | None":
        return self.compiled.fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self.compiled.finditer(text)

    def sub(self, by: "str | Callable[[re.Match[str]], str]", text: str) -> str:
        return self.compiled.sub(by, text)


rule = Wording


def prepare() -> None:
    """Compiles what the first text would have to wait for."""
    for each in Wording.made:
        _ = each.compiled


Rule = Callable[[re.Match[str]], bool | None]


class Text:
    """One text, and what was found in it so far."""

    def __init__(self, text: str) -> None:
        plain = unicodedata.normalize("NFKC", text).translate(_SIGNS)
        self.left = " ".join(plain.split())
        self.add: Constraints = {}
        self.drop: dict[str, list[str] | None] = {}
        self.found: dict[str, Any] = {}  # the other parts of a Reading
        self.relations: list[Relation] = []
        self.notes: list[str] = []
        self.maybe = False  # whether it begins anew only if words are left

    def take(self, pattern: Wording | re.Pattern[str], rule: Rule) -> None:
        """Takes out every match for which the rule does not say False."""
        for found in list(pattern.finditer(self.left)):
            if TAKEN not in self.left[found.start() : found.end()] and rule(found) is not False:
                self.cut(found.start(), found.end())

    def cut(self, start: int, end: int) -> None:
        self.left = self.left[:start] + TAKEN * (end - start) + self.left[end:]

    def set(self, key: str, value: Any, at: "re.Match[str] | None" = None) -> None:
        """A constraint, or, where the words before or behind it say so, that it is taken back."""
        if at is not None and self.takes_back(at):
            self.unset(key, value)
        elif key in LISTS:
            self.add[key] = [*self.add.get(key, []), *(v for v in value if v not in self.add.get(key, []))]
        else:
            self.add[key] = value

    def unset(self, key: str, value: Any = None) -> None:
        """Takes a constraint back: these slugs of a list, or all of it."""
        if key in LISTS and value is not None:
            known = self.drop.setdefault(key, [])
            if known is not None:
                known += [slug for slug in value if slug not in known]
        else:
            self.drop[key] = None

    def takes_back(self, at: "re.Match[str]") -> bool:
        """Whether the words around it take it back; those before it are cut, too."""
        if before := _BACK.search(self.left[: at.start()]):
            self.cut(before.start(), at.start())
            return True
        if behind := _AFTERWARDS.search(self.left[at.end() :]):
            self.cut(at.end(), at.end() + behind.end())
            return True
        return False

    def before(self, at: "re.Match[str]", words: int = 3) -> str:
        """The last words before a match, in lower case."""
        return " ".join(self.left[: at.start()].lower().split()[-words:])

    def reading(self, words: str) -> Reading:
        unique = tuple(dict.fromkeys(self.relations))
        return Reading(
            words=words, add=self.add, drop=self.drop, relations=unique, notes=tuple(self.notes), **self.found
        )
