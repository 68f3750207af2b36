"""What a query asks for: its terms, what each of them can be in a document, and how much each counts.

The syntax is that of web searches: `"words that follow each other"`, `-without`, `this OR that`. Nothing is an error:
what is no syntax is words.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Protocol

from resolvers.search.compounds import apart, halves, joined
from resolvers.search.heads import FOR
from resolvers.search.score import NEAR, SAME, WRITTEN
from resolvers.search.typos import SHORTEST, Spelling, is_doubtful
from resolvers.search.words import (
    ENGLISH,
    UNITS,
    Token,
    has_digit,
    inches,
    is_measure,
    is_number,
    plain,
    stem,
    stems,
    stop_words,
    synonyms,
    tokens_of,
)

MOST_TERMS = 16
"""Words of a query that are looked for; what is longer is a text, and its meaning is compared."""
MOST_READ = 1_000
"""Characters of a query that are read."""
SHORT = 4
"""Digits of a number that means nothing without the word beside it: "iphone 12", "16 gb"."""

Phrase = tuple[str, ...]
"""Lexemes that follow each other; `""` stands for one word, whichever."""


class Vocabulary(Protocol):
    """What is known of the catalogue's words. `documents`: how many there are; `foreign`: by language, the lexemes of
    documents that are not in English."""

    @property
    def documents(self) -> int: ...
    @property
    def frequency(self) -> Mapping[str, int]: ...
    @property
    def foreign(self) -> Mapping[str, Set[str]]: ...
    @property
    def spelling(self) -> Spelling: ...


@dataclass(frozen=True)
class Term:
    """A word, or several that are looked for as one. A document has it if it has one of `alternatives`, or, counting
    less, one of `same`, which mean the same, of `written`, the same written as one word or as two, or of `near`: other
    words that a mistyped one may be. `idf`: how much it counts. `head`: whether it says what the thing is that is
    looked for: the case, of a `phone case for travel`. `measure`: it is a number and its unit."""

    typed: str
    alternatives: tuple[Phrase, ...]
    same: tuple[Phrase, ...] = ()
    near: tuple[Phrase, ...] = ()
    idf: float = 1.0
    head: bool = False
    measure: bool = False
    written: tuple[Phrase, ...] = ()

    @property
    def counted(self) -> tuple[tuple[float, Phrase], ...]:
        """All that it can be, and what each counts."""
        kinds = ((1.0, self.alternatives), (SAME, self.same), (WRITTEN, self.written), (NEAR, self.near))
        return tuple((counts, phrase) for counts, phrases in kinds for phrase in phrases)

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        return tuple(phrase for _, phrase in self.counted)


@dataclass(frozen=True)
class Analysis:
    """`text`: what is embedded. `required`: of each of these, one must be there. `excluded`: none of these may be.
    `corrections`: as typed, as searched. `exact`: whether a number is looked for, so that meaning alone does not do.
    `absent`: sizes that are no longer among the terms, because nothing of that size answers the query."""

    text: str
    terms: tuple[Term, ...] = ()
    required: tuple[tuple[Phrase, ...], ...] = ()
    excluded: tuple[Phrase, ...] = ()
    corrections: Mapping[str, str] = field(default_factory=dict)
    exact: bool = False
    absent: tuple[str, ...] = ()

    @property
    def heads(self) -> tuple[str, ...]:
        """Lexemes of what the thing is that is looked for."""
        return tuple(dict.fromkeys(phrase[-1] for term in self.terms if term.head for phrase in term.phrases))

    @property
    def is_code(self) -> bool:
        """Whether it is nothing but model numbers, of which a model knows no meaning."""
        return bool(self.terms) and all(is_code(term) for term in self.terms)

    def without_sizes(self) -> "Analysis | None":
        """What is asked for, in whatever size; None where no size is, or nothing else."""
        sizes = tuple(term.typed for term in self.terms if term.measure)
        terms = tuple(term for term in self.terms if not term.measure)
        return replace(self, terms=terms, absent=sizes) if sizes and terms else None


@dataclass(frozen=True)
class Part:
    """A piece of a query: words, and what was written around them."""

    words: tuple[Token, ...]
    quoted: bool = False
    excluded: bool = False
    following_or: bool = False


_PART = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))')


def parts_of(text: str) -> list[Part]:
    """A quote that does not close is none. OR in capitals, between two parts, joins them."""
    text = inches(text[:MOST_READ])
    found: list[Part] = []
    pending_or = False
    for match in _PART.finditer(text.replace("“", '"').replace("”", '"').replace("„", '"')):
        if match["plain"] == "OR" and not match["minus"]:
            pending_or = bool(found) and not found[-1].excluded
            continue
        words = tuple(tokens_of(match["quoted"] if match["quoted"] is not None else match["plain"]))
        if words:
            excluded = match["minus"] is not None
            found.append(Part(words, match["quoted"] is not None, excluded, pending_or and not excluded))
            pending_or = False
    return found


def lexemes_sought(text: str) -> set[str]:
    """Every lexeme that a query can be about as it is typed, to be looked up before it is analysed."""
    return {each for part in parts_of(text) for token in part.words for each in stems(token.plain)}


def analyse(text: str, vocabulary: Vocabulary) -> Analysis:
    """Reads a query. What is not in the vocabulary and is near a word of it is taken for that word."""
    parts = parts_of(text)
    wanted = [part for part in parts if not part.excluded]
    words, corrections = corrected(wanted, vocabulary)
    terms = list(dict.fromkeys(terms_of(words, vocabulary)))[:MOST_TERMS]
    return Analysis(
        " ".join(word.read for word in words),
        tuple(terms),
        tuple(required(wanted)),
        tuple(phrase for part in parts if part.excluded for phrase in phrases(part)),
        corrections,
        any(has_digit(word.plain) or len(word.plain) == 1 for word in words),
    )


def is_code(term: Term) -> bool:
    return has_digit(term.typed) and not term.measure and len(term.typed) > SHORT


def required(parts: Sequence[Part]) -> Iterator[tuple[Phrase, ...]]:
    """Phrases in quotes, and those of which one must be there: this OR that."""
    groups: list[list[Part]] = []
    for part in parts:
        if part.following_or:
            groups[-1].append(part)
        else:
            groups.append([part])
    for group in groups:
        if len(group) > 1 or group[0].quoted:
            yield tuple(dict.fromkeys(phrase for part in group for phrase in phrases(part)))


def phrases(part: Part) -> list[Phrase]:
    """A part word by word, in each language that words are stemmed in."""
    options = [stems(token.plain) for token in part.words]
    longest = max(len(each) for each in options)
    return list(dict.fromkeys(tuple(each[min(n, len(each) - 1)] for each in options) for n in range(longest)))


# --- words


@dataclass(frozen=True)
class Word:
    """A word of a query. `lexemes`: what it is in documents; `others`: what it may have been meant to be; `halves`: two
    words that it is made of; `aside`: it stands behind a preposition, and says what the thing is for."""

    typed: str
    plain: str
    read: str
    lexemes: tuple[str, ...]
    others: tuple[str, ...] = ()
    halves: Phrase = ()
    aside: bool = False

    @property
    def can_be_head(self) -> bool:
        return not self.aside and len(self.plain) > 1 and not has_digit(self.plain)


def corrected(parts: Sequence[Part], vocabulary: Vocabulary) -> tuple[list[Word], dict[str, str]]:
    """The words without those that say nothing, unless there are no others. In quotes nothing is corrected."""
    tokens = [(each, part.quoted) for part in parts for token in part.words
              for each in ([token] if part.quoted else apart(token, vocabulary.frequency))]  # fmt: skip
    telling = [each for each in tokens if each[0].plain not in stop_words()] or tokens
    aside = behind_preposition(tokens, telling)
    words: list[Word] = []
    corrections: dict[str, str] = {}
    for n, (token, quoted) in enumerate(telling):
        word = known(token, vocabulary)
        if not quoted:
            word = understood(word, vocabulary, last=n == len(telling) - 1)
        if word.read != word.typed:
            corrections[token.shown] = word.read
        lexemes = word.lexemes or (stem(token.plain, ENGLISH),)
        words.append(replace(word, lexemes=lexemes, aside=n >= aside))
    return words, corrections


def understood(word: Word, vocabulary: Vocabulary, *, last: bool) -> Word:
    """What a word is meant to be. One that nothing has is two words written as one, if those are in more documents than
    what it may have been meant to be."""
    two = halves(word.plain, vocabulary.frequency) or ()
    if word.lexemes:
        return replace(doubted(word, vocabulary), halves=two)
    meant = guessed(word, vocabulary, last=last)
    if two and min(count([half], vocabulary) for half in two) > count(meant.lexemes, vocabulary):
        return replace(word, halves=two, read=" ".join(two))
    return replace(meant, halves=two)


def behind_preposition(tokens: Sequence[tuple[Token, bool]], telling: Sequence[tuple[Token, bool]]) -> int:
    """From which telling word on a query says what the thing is for."""
    seen = 0
    for each in tokens:
        if seen and each[0].plain in FOR:
            return seen
        seen += each in telling
    return seen


def known(token: Token, vocabulary: Vocabulary) -> Word:
    """In English if it is English, else in whatever language it is known in."""
    english = stem(token.plain, ENGLISH)
    if english in vocabulary.frequency:
        return Word(token.shown, token.plain, token.shown, (english,))
    found = [token.plain] if token.plain in vocabulary.frequency else []
    for language, lexemes in vocabulary.foreign.items():
        if (lexeme := stem(token.plain, language)) in lexemes:  # a stem of one language is often a word of another
            found.append(lexeme)
    return Word(token.shown, token.plain, token.shown, tuple(dict.fromkeys(found)))


def doubted(word: Word, vocabulary: Vocabulary) -> Word:
    """A word that nothing has as it is written, of which only the stem in some other language is known, and that is far
    likelier typed wrong: both."""
    written = vocabulary.spelling.written
    as_written = {stem(word.plain, ENGLISH), word.plain}
    if any({lexeme, plain(written(lexeme))} & as_written for lexeme in word.lexemes):
        return word
    meant = guessed(replace(word, lexemes=()), vocabulary, last=False)
    if count(meant.lexemes, vocabulary) <= count(word.lexemes, vocabulary):
        return word
    return replace(meant, lexemes=(*meant.lexemes, *word.lexemes))


def count(lexemes: Iterable[str], vocabulary: Vocabulary) -> int:
    return max((vocabulary.frequency.get(lexeme, 0) for lexeme in lexemes), default=0)


def guessed(word: Word, vocabulary: Vocabulary, *, last: bool) -> Word:
    """A last word that begins others is one that is still being typed; else it is one that is typed wrong."""
    spelling = vocabulary.spelling
    going_on = spelling.completions(word.plain) if last else []
    if going_on:
        return replace(word, read=spelling.written(going_on[0]), lexemes=tuple(going_on))
    meant = spelling.corrections(word.plain)
    if not meant and len(singular := stem(word.plain, ENGLISH)) > SHORTEST:
        meant = spelling.corrections(singular)
    if not meant:
        return word
    if is_doubtful(word.plain, meant[0]):
        return replace(word, others=tuple(meant))
    return replace(word, read=spelling.written(meant[0]), lexemes=(meant[0],), others=tuple(meant[1:]))


# --- terms


def terms_of(words: Sequence[Word], vocabulary: Vocabulary) -> Iterator[Term]:
    same = same_words(words, vocabulary)
    written = [[(each,) for each in some] for some in joined([word.plain for word in words], vocabulary.frequency)]
    head = max((n for n, word in enumerate(words) if word.can_be_head), default=-1)
    for n, word in enumerate(words):
        before = words[n - 1] if n else None
        after = words[n + 1] if n + 1 < len(words) else None
        if before and measures(before.plain, word.plain):
            continue  # it went with the number before it
        if after and measures(word.plain, after.plain):
            both = word.plain + stem(after.plain, ENGLISH)
            options = ((both,), *bound(word.lexemes, after.lexemes))
            yield Term(f"{word.typed} {after.typed}", options, idf=idf([both], vocabulary), measure=True)
        elif before and is_short(word.plain):
            options = (*bound(before.lexemes, word.lexemes), *loosely(before.lexemes, word.lexemes))
            glued = tuple((lexeme + word.plain,) for lexeme in before.lexemes)
            others = (*bound(before.others, word.lexemes), *loosely(before.others, word.lexemes))
            weight = max(idf(word.lexemes, vocabulary), idf(before.lexemes, vocabulary))
            yield Term(word.typed, options + glued, near=others, idf=weight)
        else:
            yield replace(one_word(word, same[n], written[n], vocabulary), head=n == head)


def one_word(word: Word, same: Sequence[Phrase], written: Sequence[Phrase], vocabulary: Vocabulary) -> Term:
    options: tuple[Phrase, ...] = tuple((lexeme,) for lexeme in word.lexemes)
    others = tuple((lexeme,) for lexeme in word.others)
    weight, halves = idf(word.lexemes, vocabulary), [word.halves] if word.halves else []
    if halves and not count(word.lexemes, vocabulary):  # nothing has it as one
        options, halves, weight = tuple(halves), [], max(idf([half], vocabulary) for half in word.halves)
    there = {*options}
    same = tuple(each for each in same if each not in there)
    written = tuple(each for each in (*written, *halves) if each not in there.union(same))
    return Term(word.typed, options, same, others, weight, measure=is_measure(word.plain), written=written)


def measures(number: str, unit: str) -> bool:
    return is_number(number) and unit in UNITS


def is_short(word: str) -> bool:
    """A number or a letter that is only of interest beside the word before it."""
    return len(word) == 1 or (is_number(word) and len(word) <= SHORT)


def bound(first: Iterable[str], second: Iterable[str]) -> Iterator[Phrase]:
    second = tuple(second)
    return ((one, other) for one in first for other in second)


def loosely(first: Iterable[str], second: Iterable[str]) -> Iterator[Phrase]:
    """With one word between: iphone SE 8."""
    second = tuple(second)
    return ((one, "", other) for one in first for other in second)


def idf(lexemes: Iterable[str], vocabulary: Vocabulary) -> float:
    """How rare a word is, as BM25 has it: between 0, where every document has it, and log(2 + 2 documents)."""
    n = count(lexemes, vocabulary)
    return math.log(1 + (max(vocabulary.documents - n, 0) + 0.5) / (n + 0.5))


def same_words(words: Sequence[Word], vocabulary: Vocabulary) -> list[list[Phrase]]:
    """For each word, what stands for it by the list of synonyms: alone, or with its neighbours."""
    found: list[list[Phrase]] = [[] for _ in words]
    for start in range(len(words)):
        for end in range(start + 1, min(start + 4, len(words)) + 1):
            for others in synonyms_of(words[start:end]):
                phrases = in_documents(others, vocabulary)
                for place in range(start, end):
                    found[place] += phrases
    return [list(dict.fromkeys(each)) for each in found]


def synonyms_of(words: Sequence[Word]) -> Iterator[tuple[str, ...]]:
    options = [word.lexemes for word in words]
    longest = max(len(each) for each in options)
    for n in range(longest):
        yield from synonyms().get(tuple(each[min(n, len(each) - 1)] for each in options), ())


def in_documents(words: Sequence[str], vocabulary: Vocabulary) -> list[Phrase]:
    """A synonym as it stands in documents, if all of its words are in some."""
    options = [known(Token(word, word, False), vocabulary).lexemes for word in words]
    if not all(options):
        return []
    longest = max(map(len, options))
    return list(dict.fromkeys(tuple(each[min(n, len(each) - 1)] for each in options) for n in range(longest)))
