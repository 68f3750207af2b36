"""Public ids: nanoids of 12 characters (contract: ids)."""

import secrets
from typing import NewType

ALPHABET = "aceghjkpqrtwxy346789"
LENGTH = 12
PATTERN = rf"^[{ALPHABET}]{{{LENGTH}}}$"


PublicId = NewType("PublicId", str)
"""A text that is meant as an id: what arguments of the graph's type ID arrive as."""


_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def new_id() -> str:
    """A new id. 20 symbols and 12 places: 4 * 10^15 ids; a clash is caught by the primary key. Takes 3 us."""
    number, letters = secrets.randbelow(len(ALPHABET) ** LENGTH), ""
    for _ in range(LENGTH // 2):
        number, pair = divmod(number, len(_PAIRS))
        letters += _PAIRS[pair]
    return letters
