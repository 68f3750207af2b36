"""Which AIs must, and must not, occur together (GS1 General Specifications, section 4.14)."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from closient_gql.core.gs1.dictionary import Dictionary
from closient_gql.core.gs1.errors import Gs1Error

_SERIALISED_BY_SIGNATURE = frozenset({"253", "255", "8003"})


def check_combinations(
    elements: Sequence[tuple[str, str]], dictionary: Dictionary, qualifiers: Collection[str] = ()
) -> None:
    """
    Args:
        qualifiers: see `combination_errors`.

    Raises:
        Gs1Error: the first of `combination_errors`.
    """
    present = {ai for ai, _ in elements}
    if len(present) == len(elements) and "8030" not in present and _allowed(present, dictionary):
        return
    for error in combination_errors(elements, dictionary, qualifiers):
        raise error


def _allowed(present: set[str], dictionary: Dictionary) -> bool:
    """Whether these AIs exclude none of each other and have all that they require; says it fast, not why not."""
    entries = dictionary.entries
    for ai in present:
        entry = entries.get(ai)
        if entry is not None:
            if not entry.excludes.isdisjoint(present):
                return False
            for requirement in entry.requires:
                if requirement.alone.isdisjoint(present) and not requirement.met(present):
                    return False
    return True


def combination_errors(
    elements: Sequence[tuple[str, str]], dictionary: Dictionary, qualifiers: Collection[str] = ()
) -> Iterator[Gs1Error]:
    """Everything that is wrong with AIs because of others: AI_EXCLUDED, AI_REQUIRES, AI_REPEATED, SERIAL_MISSING;
    each AI once for each.

    The rules hold for the data of all symbols on an item together, so an AI may occur again with the same value.

    Args:
        qualifiers: AIs that stand behind their key in the path of a Digital Link URI, and so have what they require:
            an ITIP (8006) may be followed by a variant (22), which elsewhere requires a GTIN.
    """
    present = {ai for ai, _ in elements}
    entries = [entry for ai in dict(elements) if (entry := dictionary.entries.get(ai))]  # each once
    for entry in entries:
        if not entry.excludes.isdisjoint(present):
            other = min(entry.excludes & present)
            yield Gs1Error("AI_EXCLUDED", f"It must not occur together with AI ({other}).", ai=entry.ai)
    for entry in entries:
        for requirement in entry.requires:
            if entry.ai not in qualifiers and not requirement.met(present):
                needs = _words(requirement.text)
                yield Gs1Error("AI_REQUIRES", f"It needs {needs}, which is not there.", ai=entry.ai)
    if len(present) < len(elements):
        yield from _repeats(elements)
    if "8030" in present:  # a signature signs one document, coupon or asset, not a type of them
        for ai, value in dict.fromkeys(elements):
            if ai in _SERIALISED_BY_SIGNATURE and len(value) == dictionary.entries[ai].shortest:
                yield Gs1Error("SERIAL_MISSING", ai=ai)


def _words(requirement: str) -> str:
    """`01+21,02` in words."""
    return " or ".join(" and ".join(f"({ai})" for ai in group.split("+")) for group in requirement.split(","))


def _repeats(elements: Sequence[tuple[str, str]]) -> Iterator[Gs1Error]:
    for ai, values in Counter(ai for ai, _ in dict.fromkeys(elements)).items():
        if values > 1:
            yield Gs1Error("AI_REPEATED", ai=ai)
