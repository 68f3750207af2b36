"""What a product's label says, as searches filter by it: made when the product is indexed. Pure rules, no I/O.

It is the part of the facts (`resolvers.certifications.facts`) that follows from the list of ingredients alone, so that
a filter is one condition in SQL. What claims and certifications add depends on the day, and is joined when somebody
asks. What is older than its product counts for nothing (`resolvers.search.filters`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from resolvers.certifications.facts import Allergen, Known, LabelLine, breaks_off, hidden, naming, reliable
from resolvers.products.allergens import imitates_dairy, plain
from resolvers.products.labels import DECLARED_ALLERGEN
from resolvers.search.words import singular

_WORD = re.compile(r"[a-z0-9]+")
HIDDEN = "?"  # before the slug of an allergen that a line may hide
END = "."  # between two lines, so that no name reaches over it


@dataclass(frozen=True)
class Label:
    """`named`, `traces`: slugs of what the list and the line of traces name of allergens and animals, `?mustard` where
    a line or the name may hide it. `whole`: what the list neither names nor hides is not in it (food, in a language
    that is known here). `complete`: it is there and does not break off.
    `listed`, `listed_traces`: the words of their lines, for `resolvers.search.substances`."""

    named: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    whole: bool = False
    complete: bool = False
    listed: str = ""
    listed_traces: str = ""


def label_of(known: Known) -> Label:
    """What the label of one product says; of none, that nothing is known."""
    ingredients = [line for line in known.lines if not line.may_contain and line.notes != DECLARED_ALLERGEN]
    named = {*naming(known.lines, may_contain=False)}
    if any(imitates_dairy(f"{line.name} {line.notes}") for line in known.lines):
        named.add(Allergen.MILK.value)  # who must not have milk reads that label: no filter promises what it holds
    return Label(
        named=(*sorted(named), *(HIDDEN + each for each in sorted(hidden(known) - named))),
        traces=tuple(sorted(naming(known.lines, may_contain=True))),
        whole=reliable(known),
        complete=bool(ingredients) and not any(breaks_off(line) for line in known.lines),
        listed=words_of(line for line in known.lines if not line.may_contain),
        listed_traces=words_of(line for line in known.lines if line.may_contain),
    )


def words_of(lines: Iterable[LabelLine]) -> str:
    """The words of lines as ` palm oil . cocoa butter . `: each stands between spaces."""
    texts = [normal(line.name) for line in lines]
    return f" {f' {END} '.join(text for text in texts if text)} " if any(texts) else ""


def normal(text: str) -> str:
    """Words in lower case, without accents, plurals and signs, as they are compared."""
    return " ".join(singular(word) for word in _WORD.findall(plain(text)))
