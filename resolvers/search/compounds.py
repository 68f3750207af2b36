"""Words that are written as one or as two: `head phones`, `powerbank`."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from resolvers.search.words import ENGLISH, Token, stem

SHORTEST_HALF = 3
"""Letters: what is shorter is in too many words."""


_MODEL = re.compile(r"([^\W\d_]{2,})(\d{1,5})")


def apart(token: Token, frequency: Mapping[str, int]) -> list[Token]:
    """A word and the number behind it, if nothing has them as one: `iphone12`."""
    model = _MODEL.fullmatch(token.plain)
    if model is None or token.plain in frequency or stem(model[1], ENGLISH) not in frequency:
        return [token]
    return [Token(part, part) for part in model.groups()]


def halves(word: str, frequency: Mapping[str, int]) -> tuple[str, str] | None:
    """The lexemes of two known words that a word is made of: of several pairs the one whose rarer word is the least
    rare."""
    if not word.isalpha():
        return None
    cuts = range(SHORTEST_HALF, len(word) - SHORTEST_HALF + 1)
    pairs = [(stem(word[:n], ENGLISH), stem(word[n:], ENGLISH)) for n in cuts]
    common = {pair: min(frequency.get(half, 0) for half in pair) for pair in pairs}
    best = max(common, key=lambda pair: common[pair], default=None)
    return best if best and common[best] else None


def joined(words: Sequence[str], frequency: Mapping[str, int]) -> list[list[str]]:
    """For each word the lexemes that documents write it and its neighbour as."""
    found: list[list[str]] = [[] for _ in words]
    for n, (one, other) in enumerate(pairwise(words)):
        lexeme = stem(one + other, ENGLISH)
        if (one + other).isalpha() and lexeme in frequency:
            found[n].append(lexeme)
            found[n + 1].append(lexeme)
    return found
