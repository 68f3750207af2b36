"""What a text is made of, for searching: the one way from text to lexemes, of documents and of queries.

A lexeme is a word without case and accents, by its stem. Numbers are never stemmed. What is written in one or in two
ways is both: `TN-2110` is tn, 2110 and tn2110; `16 GB` and `16GB` are 16, gb and 16gb.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import Stemmer

LONGEST = 100  # characters of a lexeme
STEMMERS: Mapping[str, str] = {
    "de": "german", "fr": "french", "es": "spanish", "it": "italian", "nl": "dutch",
    "pt": "portuguese", "sv": "swedish", "da": "danish", "no": "norwegian", "fi": "finnish",
}  # fmt: skip
"""Snowball's, by language. In a language that is neither here nor English, words stay as they are."""
ENGLISH = "en"
"""The language of what does not say, too."""
UNITS = frozenset(
    ("gb", "mb", "tb", "kb", "g", "kg", "mg", "mcg", "ml", "cl", "dl", "l", "oz", "lb", "lbs", "ft", "in", "inch",
     "inches", "mm", "cm", "m", "km", "w", "kw", "v", "mv", "mah", "ah", "wh", "hz", "khz", "mhz", "ghz", "dpi", "mp",
     "pack", "ct", "count", "pc", "pcs", "st", "stk", "x")
)  # fmt: skip

_TOKEN = re.compile(r"\d+(?:[.,]\d+)+(?![^\W\d_])|[^\W_]+")
_JOINED = re.compile(r"[-/.+]")
_BLANK = re.compile(r"[\s'\u2019-]+")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019\u02bc]s\b", re.IGNORECASE)
_INCHES = re.compile(r"(?<![\w.,])(\d+(?:[.,]\d+)?)(?:[\"\u201d\u2033]|'')(?!\w)")
_MEASURE = re.compile(r"(\d+)([^\W\d_]+)")


class Lexeme(NamedTuple):
    """`shown`: as it was written, in lower case. `position`: which word of the text it is, from 1; lexemes that are
    another form of the same word have the position of its last part."""

    lexeme: str
    shown: str
    position: int


def plain(text: str) -> str:
    """Lower case, without accents and other marks, compatibility forms as what they stand for."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def lexemes(text: str, language: str) -> list[Lexeme]:
    """All lexemes of a text. `language`: a primary subtag; empty if nobody knows."""
    found: list[Lexeme] = []
    tokens = list(tokens_of(text))
    for place, token in enumerate(tokens, 1):
        word = token.plain
        found.append(Lexeme(stem(word, language)[:LONGEST], token.shown, place))
        if is_measure(word):
            found += [Lexeme(part, part, place) for part in _MEASURE.findall(word)[0]]
        if place > 1 and joins(tokens[place - 2], token):
            found.append(
                Lexeme(joined(tokens[place - 2], token)[:LONGEST], tokens[place - 2].shown + token.shown, place)
            )
    return found


class Token(NamedTuple):
    """`glued`: to the token before, by a hyphen or the like; `parted`: what stands between it and that one but blanks,
    hyphens and apostrophes."""

    shown: str
    plain: str
    glued: bool = False
    parted: str = ""


def tokens_of(text: str) -> Iterator[Token]:
    """Its words and numbers. Everything else parts them: blanks, punctuation, symbols, control characters."""
    text = inches(_POSSESSIVE.sub("", unicodedata.normalize("NFC", text)))
    end = -1
    for match in _TOKEN.finditer(text):
        word = plain(match[0])
        if is_number(word):
            word = word.replace(",", ".")
        elif not word.isalnum():  # a sign that stands for several: one half
            word = match[0].casefold()
        between = text[max(end, 0) : match.start()]
        glued = end >= 0 and bool(_JOINED.fullmatch(between))
        yield Token(match[0].casefold(), word, glued, _BLANK.sub("", between))
        end = match.end()


def joins(before: Token, token: Token) -> bool:
    """Whether the two are also written as one: TN-2110, 16 GB."""
    if is_number(before.plain) and token.plain in UNITS:
        return True
    return token.glued and "." not in before.plain + token.plain


def joined(number: Token, unit: Token) -> str:
    return number.plain + (stem(unit.plain, ENGLISH) if unit.plain in UNITS else unit.plain)


def inches(text: str) -> str:
    """With the sign for them in letters, so that 27" is 27 inch. Where a quotation mark is open, it closes that."""
    return _INCHES.sub(lambda m: m[0] if text.count('"', 0, m.start()) % 2 else f"{m[1]} inch ", text)


def is_number(word: str) -> bool:
    return word[:1].isdecimal() and all(c.isdecimal() or c in ".," for c in word)


def is_measure(word: str) -> bool:
    """Whether a word is a number and its unit."""
    measure = _MEASURE.fullmatch(word)
    return measure is not None and measure[2] in UNITS


def has_digit(word: str) -> bool:
    return any(c.isdecimal() for c in word)


@lru_cache(100_000)
def stem(word: str, language: str) -> str:
    """Singular and plural are one. What has a digit stays as it is."""
    if has_digit(word) or len(word) < 3:
        return word
    if language in ("", ENGLISH):
        return singular(word)
    name = STEMMERS.get(language)
    stemmed: str = _stemmer(name).stemWord(word) if name else word
    return stemmed


def singular(word: str) -> str:
    """English: Harman's S stemmer ("How effective is suffixing?", 1991), and -xes, -ches, -shes, -sses, -oes. Stemmers
    that take more away make games of gaming, and of words that are typed wrong nothing that could be put right."""
    if word.endswith("ie") and len(word) > 4:
        return f"{word[:-2]}y"  # cookie is one with cookies, though not cooky
    if len(word) < 4 or word[-1] != "s" or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and word[-4] not in "ae" and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("xes", "ches", "shes", "sses")) or (word.endswith("oes") and len(word) > 5):
        return word[:-2]
    return word[:-1]


@cache
def _stemmer(name: str) -> "Stemmer.Stemmer":
    return Stemmer.Stemmer(name, 0)


def stems(word: str) -> tuple[str, ...]:
    """What a word can be in documents of any language, English first."""
    return tuple(dict.fromkeys([stem(word, ENGLISH), word, *(stem(word, language) for language in STEMMERS)]))


# --- lists


def _lines(name: str) -> Iterator[tuple[str, str]]:
    """`language: what is said`, of each line that is no comment."""
    for line in (Path(__file__).parent / name).read_text("utf-8").splitlines():
        language, colon, said = line.partition("#")[0].partition(":")
        if colon:
            yield language.strip(), said


@cache
def things() -> frozenset[str]:
    """Lexemes of nouns that say what a thing is, whatever stands before them: a laptop bag is a bag."""
    return frozenset(stem(plain(word), language) for language, said in _lines("things.txt") for word in said.split())


@cache
def stop_words() -> frozenset[str]:
    """Words that say nothing of what is looked for, in any language."""
    return frozenset(plain(word) for _, said in _lines("stopwords.txt") for word in said.split())


@cache
def synonyms() -> Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Words that mean the same, several for a phrase: by the stems of the one, the others as they are written."""
    found: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
    for language, said in _lines("synonyms.txt"):
        group = [tuple(token.plain for token in tokens_of(each)) for each in said.split(",")]
        for each in group:
            stemmed = tuple(stem(word, language) for word in each)
            found.setdefault(stemmed, {}).update({other: None for other in group if other != each})
    return {words: tuple(others) for words, others in found.items()}
