"""Allergens that are typed wrong: `glutin free` and `alergic to penuts` must be understood. Pure rules, no I/O."""

import re
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from resolvers.search.constraints.vocabulary import ALLERGIC
from resolvers.search.typos import common_words
from resolvers.search.words import ENGLISH, stem

SHORTEST = 5
"""Letters of a word that is recognised with one mistake in it."""
_TELLING = ("allergic", "allergy", "allergies", "intolerant", "intolerance", "celiac", "coeliac", "anaphylactic")
NAMES = sorted(name for name in {*ALLERGIC, *_TELLING} if name.isalpha() and len(name) >= SHORTEST)
_SAYS_SO = re.compile(r"\b(?:no|not|non|n[o']?t|without|w/o|avoid|free|fre+|al{1,3}[ea]r|intol|c[oe]*l)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def respelled(text: str) -> str:
    """The text with the names of allergens put right, where it may say that something is avoided."""
    return _WORD.sub(lambda found: meant(found[0]), text) if _SAYS_SO.search(text) else text


@lru_cache(10_000)
def meant(word: str) -> str:
    """What an unknown word is one mistake away from, if its first letter is right; else the word itself."""
    plain = word.lower()
    if len(plain) < SHORTEST - 1 or not common_words().isdisjoint((plain, stem(plain, ENGLISH))) or plain in NAMES:
        return word
    near = process.extract(plain, NAMES, scorer=OSA.distance, score_cutoff=1, limit=None)
    return next((name for name, *_ in near if name[0] == plain[0]), word)
