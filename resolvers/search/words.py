"""Placeholder until wip/ranking's is merged."""

import re
from typing import NamedTuple

from resolvers.products.allergens import plain

_WORD = re.compile(r"\w+")


class Lexeme(NamedTuple):
    lexeme: str
    shown: str
    position: int


def lexemes(text: str, language: str) -> list[Lexeme]:
    return [Lexeme(plain(w)[:100], w.casefold(), n) for n, w in enumerate(_WORD.findall(text), 1)]
