"""Words that are typed wrong, by the words that the catalogue has.

Nothing with a digit is ever corrected: it would become another product.
"""

import gzip
import json
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from functools import cache, cached_property
from itertools import islice, takewhile

from rapidfuzz import process
from rapidfuzz.distance import OSA

from closient_gql.adapters.embeddings.minilm import TOKENIZER
from resolvers.search.words import ENGLISH, has_digit, plain, stem

SHORTEST, LONG = 3, 8
"""Letters of a word that is corrected; of one in which two mistakes are."""
CERTAIN = 5
"""Letters of a word the first of which may be another one."""
PREFIX, COMPLETIONS = 3, 12
"""Letters of a word that is taken for the beginning of one; how many it is taken for."""
FAR = 1.5
"""How much less likely, in the logarithm, another correction may be than the best."""
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
BESIDE = (*ROWS, *(row[::-1] for row in ROWS))
_KEY = 2


class Spelling:
    """The words of a catalogue: in how many documents each lexeme is, and a readable form of each.

    A word with one mistake keeps its first two letters, its last two, or all of them in another order, so that only
    words of about its length that share those are compared: a thousand of 200,000.
    """

    def __init__(self, frequency: Mapping[str, int], shown: Mapping[str, str] | None = None) -> None:
        self.frequency, self.shown = frequency, shown or {}

    @cached_property
    def _forms(self) -> dict[str, str]:
        """Words to compare with, and the lexeme of each: lexemes themselves, and how they are written."""
        written = {plain(form): lexeme for lexeme, form in self.shown.items() if lexeme in self.frequency}
        written = {form: lexeme for form, lexeme in written.items() if form.isalpha()}
        return written | {lexeme: lexeme for lexeme in self.frequency if lexeme.isalpha()}

    @cached_property
    def _buckets(self) -> dict[tuple[int, str], list[str]]:
        found: dict[tuple[int, str], list[str]] = {}
        for form in self._forms:
            for key in keys(form):
                found.setdefault((len(form), key), []).append(form)
        return found

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._forms)

    def prepare(self) -> None:
        """Does now what the first question would do: some seconds, where there are 200,000 words."""
        _ = self._buckets, self._sorted, common_words()

    def written(self, lexeme: str) -> str:
        return self.shown.get(lexeme, lexeme)

    def corrections(self, word: str, most: int = 3) -> list[str]:
        """Lexemes that the word was meant to be, the likeliest first. Those that are far less likely are left out."""
        if len(word) < SHORTEST or not word.isalpha():
            return []
        scored: dict[str, float] = {}
        for form, distance in self._near(word).items():
            lexeme = self._forms[form]
            scored[lexeme] = max(scored.get(lexeme, -math.inf), self._likelihood(word, form, distance))
        best = sorted(scored, key=lambda lexeme: (-scored[lexeme], lexeme))
        return [lexeme for lexeme in best[:most] if scored[lexeme] > scored[best[0]] - FAR]

    def _near(self, word: str) -> dict[str, float]:
        """Forms with one mistake, in long words two. Of three letters nothing is known but that one was left out."""
        found: dict[str, float] = {}
        mistakes = 2 if len(word) >= LONG else 1
        shortest = len(word) + 1 if len(word) == SHORTEST else len(word) - mistakes
        for length in range(shortest, len(word) + mistakes + 1):
            for key in keys(word):
                near = self._buckets.get((length, key), ())
                for form, n, _ in process.extract(word, near, scorer=OSA.distance, score_cutoff=mistakes, limit=None):
                    found[form] = n
        if len(word) < CERTAIN:  # boys are no toys
            return {form: n for form, n in found.items() if word[0] == form[0] or not is_another(word, form)}
        return found

    def _likelihood(self, word: str, form: str, mistakes: float) -> float:
        """Logarithmic. A mistake costs as much as being twenty times as rare, a wrong letter more than one that is
        missing, too many or in the wrong place; the first letter is seldom wrong."""
        wrong = is_another(word, form)
        frequency = self.frequency[self._forms[form]]
        return math.log(1 + frequency) - 3.0 * mistakes - (1.0 if wrong else 0.0) + (1.0 if word[0] == form[0] else 0.0)

    def completions(self, beginning: str, most: int = COMPLETIONS) -> list[str]:
        """Lexemes of words that begin so, the most frequent first."""
        if len(beginning) < PREFIX or has_digit(beginning):
            return []
        found: dict[str, int] = {}
        start = bisect_left(self._sorted, beginning)
        for form in takewhile(lambda form: form.startswith(beginning), islice(self._sorted, start, None)):
            found[self._forms[form]] = self.frequency[self._forms[form]]
        return sorted(found, key=lambda lexeme: (-found[lexeme], lexeme))[:most]


def is_doubtful(word: str, meant: str) -> bool:
    """Whether a correction is only a guess: of a word that there is, though not in this catalogue (a lawn is no LAN),
    or of one that would have to begin with a letter that is not beside it on the keyboard (a mower has no power)."""
    first, other = word[:1], meant[:1]
    replaced = first != other and word[1:2] == meant[1:2] and not any(first + other in row for row in BESIDE)
    return replaced or not common_words().isdisjoint((word, stem(word, ENGLISH)))


@cache
def common_words() -> frozenset[str]:
    """The 22,500 words that MiniLM's tokenizer has whole: the commonest ones of English texts."""
    vocabulary = json.loads(gzip.decompress(TOKENIZER.read_bytes()))["model"]["vocab"]
    return frozenset(word for word in vocabulary if word.isalpha())


def is_another(word: str, form: str) -> bool:
    """Whether a letter was another one, not only missing, too many or in the wrong place."""
    return len(word) == len(form) and Counter(word) != Counter(form)


def keys(word: str) -> tuple[str, ...]:
    """What a word shares with one that is near it: its beginning, its end, or all its letters."""
    return "^" + word[:_KEY], word[-_KEY:] + "$", "".join(sorted(word))
