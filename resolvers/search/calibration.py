"""What the scores of a model are read by. Each model has its own cosines, so each has its own numbers, measured by
`scripts/bench search`; they are stored with the model when its vectors are made (docs/decisions/0019)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Calibration:
    """`nearest`: the cosine past which nearer says nothing. `coverage`, `density`: what words add; `head`: what being
    the thing that is looked for adds. `threshold`: the least fit of what answers a query; `partial`: the least score of
    what answers a part of it. `alone`: the cosine that answers without words. `wordless`: the cosine that stands for
    one that is not known: where nothing has vectors, and for brands and retailers, which are names."""

    nearest: float = 0.55
    coverage: float = 0.3
    density: float = 0.84
    head: float = 0.1
    threshold: float = 0.99
    partial: float = 0.83
    alone: float = 0.68
    wordless: float = 0.45

    @property
    def floor(self) -> float:
        """The least cosine that can pass without a word."""
        return self.alone

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> "Calibration":
        """What is stored; what is not there, or not known here, is the default."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: float(value) for name, value in (stored or {}).items() if name in known})


DEFAULT = Calibration()
MODELS: Mapping[str, Calibration] = {}
"""By the name of the model. Others are read by the numbers of the local one until somebody measures them."""


def calibration_of(name: str, version: str) -> dict[str, float]:
    return asdict(MODELS.get(name, DEFAULT))
