"""What a request asks for, beyond what it names: which form of answer, and which of several links of one type.

Sources: GS1-Conformant Resolver 1.2; RFC 9110, 12.5.1 (Accept); RFC 9110, 12.5.4 and RFC 4647 (Accept-Language).
docs/decisions/0022 has the whole table.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

MOST = 32  # parts of one header that are looked at
LONGEST = 1_000
UNDETERMINED = "und"
DATA, JSON_LD, HTML, LINKSET = "application/json", "application/ld+json", "text/html", "application/linkset+json"


class Form(Enum):
    """What the first wish of an Accept header comes to."""

    ANY = "whatever the link leads to"
    HTML = HTML
    LINKSET = LINKSET
    DATA = DATA
    JSON_LD = JSON_LD


NAMED = {form.value: form for form in (Form.HTML, Form.LINKSET, Form.DATA, Form.JSON_LD)}
NAMED["application/xhtml+xml"] = Form.HTML
Weighted = tuple[tuple[str, float], ...]


def weighted(header: str) -> Weighted:
    """The parts of a header with their weights, heaviest first, in their order where equal. What is broken is left
    out; weight 0 stays: it says no."""
    found = []
    for part in header[:LONGEST].split(",")[:MOST]:
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        if name and 0.0 <= weight <= 1.0:
            found.append((name, weight))
    return tuple(sorted(found, key=lambda each: -each[1]))


class Accepted(NamedTuple):
    """An Accept header, read. `ranges` without those that are none; empty: everything will do."""

    form: Form
    ranges: Weighted


@lru_cache(1024)
def accepted(header: str) -> Accepted:
    """Read once for each header. The form is the heaviest that is named; a wildcard in front of it is none."""
    ranges = tuple(each for each in weighted(header) if each[0].count("/") == 1)
    heaviest = ranges[0][1] if ranges else 0.0
    named = (NAMED[name] for name, weight in ranges if weight == heaviest > 0 and name in NAMED)
    return Accepted(next(named, Form.ANY), ranges)


@lru_cache(1024)
def languages(header: str) -> Weighted:
    """An Accept-Language header, read; lower case, heaviest first."""
    return weighted(header.replace("_", "-"))


def first_language(wanted: Weighted) -> str:
    """The language wanted most; empty if none is named."""
    return next((tag for tag, weight in wanted if weight and tag != "*"), "")


# --- which of several

Fit = tuple[float, int]  # the weight of the wish that is fulfilled, and how exactly it is; wildcards wish for nothing
NONE: Fit = (0.0, 0)


class Wanted(NamedTuple):
    """What a request says that can tell links of one type apart."""

    ranges: Weighted = ()
    languages: Weighted = ()
    context: str | None = None


class Described(NamedTuple):
    """What a link says of itself: languages and media type in lower case. Empty: nothing."""

    languages: tuple[str, ...]
    media_type: str
    contexts: tuple[str, ...]


def language_fit(link: Described, wanted: Wanted) -> Fit:
    """A wider or narrower tag fulfils a wish, too: `en` that of `en-GB`, `en-US` that of `en`."""
    best = NONE
    for wish, weight in wanted.languages:
        for tag in link.languages:
            exact = 3 if wish == tag else 2 if tag.startswith(f"{wish}-") else 1 if wish.startswith(f"{tag}-") else 0
            if exact and (weight, exact) > best:
                best = (weight, exact)
    return best


def media_fit(link: Described, wanted: Wanted) -> Fit:
    """By the most exact range that its media type is in."""
    best = NONE
    for wish, weight in wanted.ranges:
        exact = 2 if wish == link.media_type else 1 if wish == f"{link.media_type.partition('/')[0]}/*" else 0
        if exact > best[1]:
            best = (weight, exact)
    return best


def context_fit(link: Described, wanted: Wanted) -> Fit:
    return (1.0, 1) if wanted.context in link.contexts else NONE


T = TypeVar("T")
STEPS: tuple[tuple[Callable[[Described, Wanted], Fit], int], ...] = (
    (context_fit, 2), (language_fit, 0), (media_fit, 1),
)  # fmt: skip
"""How links are told apart, in this order, and where each says so in Described."""


class Chosen(NamedTuple):
    """The links that fit best: one is the answer, several are a choice that the visitor has to make.

    `told`: something that was asked for is what they say of themselves. `by_context`: the context is.
    """

    links: list[Any]
    told: bool
    by_context: bool


def choose(links: Sequence[T], about: Callable[[T], Described], wanted: Wanted) -> Chosen:
    """Each step keeps the links that fit best; without one, those that do not say; without one, all: then it tells
    nothing apart."""
    kept = [(about(link), link) for link in links]
    told = by_context = False
    for fit, place in STEPS:
        fits = [fit(each, wanted) for each, _ in kept]
        best = max(fits, default=NONE)
        if best[0] > 0:
            kept = [pair for pair, each in zip(kept, fits, strict=True) if each == best]
            told, by_context = True, by_context or fit is context_fit
        else:
            kept = [pair for pair in kept if not pair[0][place]] or kept
    return Chosen([link for _, link in kept], told, by_context)
