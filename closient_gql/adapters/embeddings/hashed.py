"""A stand-in for a model: texts are near each other if they share words. For tests, and machines without a runtime."""

import hashlib
import re
from collections.abc import Sequence

from closient_gql.adapters.embeddings import Model, Vector, unit
from closient_gql.core.models.search import DIMENSIONS

_WORD = re.compile(r"\w+")


class Hashed:
    """Each word is a place and a sign, by its hash: always the same, and at once."""

    model = Model("hashed-words", "1")

    async def embed(self, texts: Sequence[str], within: float) -> list[Vector]:
        return [self.vector(text) for text in texts]

    def vector(self, text: str) -> Vector:
        values = [0.0] * DIMENSIONS
        for word in _WORD.findall(text.casefold()) or [""]:
            number = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
            values[number % DIMENSIONS] += 1.0 if number >> 63 else -1.0
        return unit(values if any(values) else [1.0])  # two words may take each other away
