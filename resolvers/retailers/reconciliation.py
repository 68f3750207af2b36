"""Whose word on an offer counts when sources disagree, as one rule in SQL.

An offer is one row, and shows the word of one source. A new word takes its place if it prevails:

1. Of one source the later word counts; the same moment is a correction.
2. Of two sources, one whose word is older by 48 hours or more has lost touch, whatever its rank.
3. Otherwise the lower `source_priority` counts (contract: rules.documented),
4. of equal ones the later word, and of the same moment the source whose name comes first: the order in which they
   arrive never matters.

The moment of a word is `inventory_synced_at`, or when the offer was last changed if it has none. What a word is silent
about stays as it was. People who change an offer by hand are not asked for their rank.
"""

from resolvers.retailers.confidence import STALE_AFTER

LOST = f"interval '{int(STALE_AFTER.total_seconds())} seconds'"


def prevails(new: tuple[str, str, str], old: tuple[str, str, str]) -> str:
    """Whether the new word takes the place of the old one: a boolean of SQL, made of expressions for source, priority
    and moment of each."""
    source, priority, at = new
    old_source, old_priority, old_at = old
    return f"""CASE
        WHEN {source} = {old_source} THEN {at} >= {old_at}
        WHEN {at} - {old_at} >= {LOST} THEN true
        WHEN {old_at} - {at} >= {LOST} THEN false
        WHEN {priority} <> {old_priority} THEN {priority} < {old_priority}
        WHEN {at} <> {old_at} THEN {at} > {old_at}
        ELSE {source} < {old_source}
    END"""
