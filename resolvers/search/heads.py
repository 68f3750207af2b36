"""What a thing is, by its name: a `laptop sleeve` is a sleeve and no laptop, a `case for iPad` a case.

In English, words that follow each other name one thing, and the last of them says what it is: those before it only say
which. So of each run of words, parted by punctuation, numbers and prepositions, all count as what it is but those with
a noun of the list (things.txt) behind them, and those behind a preposition. In other languages all words do: what
stands where is another matter in each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from resolvers.search.words import ENGLISH, Token, has_digit, lexemes, stem, things, tokens_of

FOR = frozenset(
    ("for", "f", "with", "w", "without", "to", "in", "on", "from", "at", "by", "via", "per", "your", "its", "incl",
     "including")
)  # fmt: skip
"""Behind these stands what it is for, or what comes with it."""
PARTING = frozenset(("of", "the", "a", "an"))
"""Words that part two runs and begin nothing."""
JOINING = frozenset(("and", "or", "n"))
"""Words that part none: milk and white chocolate is chocolate."""
ENDING = frozenset(",;.:|")
"""What ends what a preposition begins; an oblique does not: for iPod/iPhone."""


def heads_of(text: str, language: str) -> set[str]:
    """The lexemes of what a text says that the thing is."""
    if language not in ("", ENGLISH):
        return {each.lexeme for each in lexemes(text, language)}
    found = [*runs(text), Run()]
    return {
        word
        for run, after in pairwise(found)
        for n, word in enumerate(run.words)
        if is_head(word, run.words[n + 1 :] + (after.words[1:] if run.goes_on else []))
    }


def is_head(word: str, behind: Sequence[str]) -> bool:
    return not any(other in things() and other != word for other in behind)


@dataclass
class Run:
    """Words by their lexemes. `goes_on`: an oblique follows, so that what the next run ends with says what this is,
    too: a camera/camcorder battery is no camera, a printer/scanner both."""

    words: list[str] = field(default_factory=list)
    goes_on: bool = False


def runs(text: str) -> Iterator[Run]:
    """The runs of words, without those behind a preposition."""
    run: list[str] = []
    aside = False
    for token in tokens_of(text):
        parted = token.parted.strip("&+")
        ends = bool(parted) or parts(token)
        if ends and run:
            if not aside:
                yield Run(run, parted == "/" and not parts(token))
            run = []
        if token.plain in FOR:
            aside = True
        elif not ENDING.isdisjoint(parted) or (parts(token) and token.plain not in PARTING):
            aside = False
        if not parts(token) and token.plain not in JOINING:
            run.append(stem(token.plain, ENGLISH))
    if run and not aside:
        yield Run(run)


def parts(token: Token) -> bool:
    """Whether a word belongs to no run: it parts two."""
    word = token.plain
    return word in FOR or word in PARTING or has_digit(word)
